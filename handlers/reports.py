"""/bericht and /ueberblick: the table of the control of decisions, and numbers at a glance."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any

from telegram import Message
from telegram.ext import BaseHandler

from handlers.buttons import Action, Press
from handlers.commands import command
from handlers.lookups import entry_press, named_entry
from handlers.messages import PHRASES, render, send, send_file
from handlers.services import Services
from handlers.typed.dates import no_such_day
from knowledge.entries import Entry
from knowledge.exchange import WIDTH, neutral, write_workbook
from knowledge.partial_date import PartialDate, Precision
from knowledge.reporting.overview import overview
from knowledge.reporting.report import ReportRow, report
from knowledge.snapshot import Snapshot

MOST_LINES = 20
"""Measures that the text names; the table has them all."""

_WIDE = frozenset({"title", "remark"})
_WIDTH_OF_WIDE = 45


@dataclass(frozen=True, slots=True)
class WantedReport:
    """What a report is wanted of.

    Attributes:
        words: The words that name a body or plan, if there are any.
        day: The day; None for the present one.
    """

    words: str
    day: date | None


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The two commands, for everybody, and the buttons where it is unclear which plan is meant."""
    return [
        command("bericht", partial(_report, services)),
        command("ueberblick", partial(_overview, services)),
        entry_press(services, Action.REPORT, partial(_press_report, services)),
        entry_press(services, Action.OVERVIEW, partial(_press_overview, services)),
    ]


async def _report(services: Services, message: Message, text: str) -> None:
    wanted = wanted_report(text)
    if no_day := no_such_day(wanted.words):
        await send(message, render("no_report", why="no_such_day", day=no_day))
        return
    if not wanted.words:
        await _send_report(services, message, _home(services), wanted.day)
        return
    found = await named_entry(
        services,
        message,
        wanted.words,
        Action.REPORT,
        wanted.day.isoformat() if wanted.day else "",
        template="which_scope",
        command="bericht",
    )
    if found is not None:
        await _send_report(services, message, found, wanted.day)


async def _press_report(services: Services, entry: Entry, press: Press, message: Message) -> None:
    day = None
    with suppress(ValueError):
        day = date.fromisoformat(press.detail)
    await _send_report(services, message, entry, day)


async def _send_report(
    services: Services, message: Message, scope: Entry | None, day: date | None
) -> None:
    """Send text and table, as of a day or of now."""
    today = services.today
    if day is not None and day > today:
        await send(message, render("no_report", why="future", day=day))
        return
    snapshot: Snapshot | None = services.snapshot
    if day is not None and day < today:
        end = datetime.combine(day + timedelta(days=1), time(), services.zone).astimezone(UTC)
        snapshot = await services.store.at(end - timedelta(microseconds=1))
    if snapshot is None:
        await send(message, render("no_report", why="too_early", day=day))
        return
    day = day or today
    rows = report(snapshot, scope.key if scope else None, day)
    markup = render("report", scope=scope, day=day, rows=rows[:MOST_LINES], total=len(rows))
    await send(message, markup)
    if not rows:
        return
    content = await asyncio.to_thread(table, rows)
    of = (*([scope.key] if scope else []), day.isoformat())
    await send_file(message, content, PHRASES["file"]["report"].format("-".join(of)))


def table(rows: Sequence[ReportRow]) -> bytes:
    """The rows as a workbook."""
    columns = PHRASES["report_column"]
    return write_workbook(
        PHRASES["report_sheet"],
        list(columns.values()),
        [[neutral(cell) for cell in cells(row)] for row in rows],
        widths=[_WIDTH_OF_WIDE if name in _WIDE else WIDTH for name in columns],
    )


def cells(row: ReportRow) -> list[str]:
    """What stands in the columns of a line, in the order of `report_column` in the phrases."""
    entry, newest = row.entry, row.newest
    timeliness = PHRASES["timeliness"][row.timeliness]
    return [
        entry.key,
        row.above.title if row.above else "",
        entry.title,
        PHRASES["phase"][entry.phase or "unknown"],
        entry.due.german() if entry.due else "",
        "" if entry.is_over else timeliness,
        row.responsible.text if row.responsible else "",
        row.remark.text if row.remark else "",
        newest.dated.german() if newest and newest.dated else "",
        "; ".join(s.reference or s.title for s in newest.sources) if newest else "",
    ]


async def _overview(services: Services, message: Message, words: str) -> None:
    if not words:
        await _send_overview(services, message, _home(services))
        return
    found = await named_entry(
        services, message, words, Action.OVERVIEW, template="which_scope", command="ueberblick"
    )
    if found is not None:
        await _send_overview(services, message, found)


async def _press_overview(services: Services, entry: Entry, _: Press, message: Message) -> None:
    await _send_overview(services, message, entry)


async def _send_overview(services: Services, message: Message, scope: Entry | None) -> None:
    counted = overview(services.snapshot, scope.key if scope else None, services.today)
    markup = render("overview", scope=scope, counted=counted, most=MOST_LINES)
    await send(message, markup)


def _home(services: Services) -> Entry | None:
    return services.snapshot.get(services.home) if services.home else None


def wanted_report(text: str) -> WantedReport:
    """Take apart what stands behind /bericht: the day comes last."""
    words = text.split()
    for length in (3, 2, 1):  # "30. Juni 2026", "30.06. 2026", "30.06.2026"
        if length > len(words):
            continue
        try:
            day = PartialDate.parse(" ".join(words[-length:]))
        except ValueError:
            continue
        if day.precision is Precision.DAY:
            named = words[:-length]
            if named and named[-1].casefold() in PHRASES["before_a_day"]:
                named.pop()
            return WantedReport(" ".join(named), day.first)
    return WantedReport(" ".join(words), None)
