"""/termine: coming and past dates."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from telegram import Message
from telegram.ext import BaseHandler

from handlers.buttons import Action, Press, button
from handlers.commands import command
from handlers.lookups import entry_press, named_entry
from handlers.messages import PHRASES, Reply, edit, render, send
from handlers.pages import PAGE, Page, page_of
from handlers.presses import press_handler, say_gone
from handlers.services import Services
from knowledge.entries import Entry, Kind
from knowledge.milestones import Milestone, coming, past
from knowledge.snapshot import Snapshot


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The command, its paging, and the button "Nächster Termin" below answers."""
    return [
        command("termine", partial(_command, services)),
        press_handler(Action.DATES, partial(_page, services)),
        entry_press(services, Action.NEXT, partial(_next, services)),
    ]


async def _command(services: Services, message: Message, words: str) -> None:
    scope = None
    if words:
        scope = await named_entry(services, message, words, Action.DATES, "coming-0")
        if scope is None:
            return
    page = dates(services.snapshot, services.today, "coming", 0, scope=scope)
    await send(message, page)


async def _page(services: Services, press: Press, message: Message) -> None:
    scope = services.snapshot.get(press.key)
    if press.key and scope is None:
        await say_gone(message)
        return
    view, _, number = press.detail.partition("-")
    page = dates(
        services.snapshot,
        services.today,
        "past" if view == "past" else "coming",
        int(number) if number.isdecimal() else 0,
        scope=scope,
    )
    await edit(message, page)


async def _next(services: Services, scope: Entry, _: Press, message: Message) -> None:
    page = page_of(coming(services.snapshot, services.today, below=scope.key)[:PAGE], 0)
    await send(
        message,
        render("dates", view="coming", scope=scope, items=page.shown, undated=[], page=page),
    )


def dates(
    snapshot: Snapshot, today: date, view: str, number: int, *, scope: Entry | None = None
) -> Reply:
    """One page of dates.

    Args:
        snapshot: Where to look.
        today: The present day.
        view: "coming", soonest first, or "past", newest first.
        number: Which page.
        scope: The entry that they are below, or all of them.
    """
    below = scope.key if scope else None
    within = {entry.key: entry for entry in snapshot.within(below)}
    if view == "coming":
        items = coming(snapshot, today, below=below)
    else:
        items = [m for m in past(snapshot, today) if m.entry.key in within]
    page = page_of(items, number)
    undated = []
    if view == "coming" and page.is_last:
        undated = [
            entry
            for entry in within.values()
            if entry.kind is Kind.MILESTONE and entry.due is None and not entry.is_over
        ]
    markup = render(
        "dates",
        view=view,
        scope=scope,
        items=page.shown,
        undated=undated,
        page=page,
    )
    return Reply(markup, (tuple(_turns(view, page, below or "")),))


def _turns(view: str, page: Page[Milestone], key: str) -> list[Any]:
    """Buttons along one line of time: earlier to the left, later to the right."""
    labels = PHRASES["button"]
    further = None if page.is_last else f"{view}-{page.number + 1}"
    nearer = f"{view}-{page.number - 1}" if page.number else None
    beyond = nearer or ("past-0" if view == "coming" else "coming-0")
    earlier, later = (beyond, further) if view == "coming" else (further, beyond)
    return [
        button(text, Action.DATES, key, detail)
        for text, detail in (
            (f"‹ {labels['earlier']}", earlier),
            (f"{labels['later']} ›", later),
        )
        if detail is not None
    ]
