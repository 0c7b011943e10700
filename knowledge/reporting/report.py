"""The table of a council's control of decisions: what is to be done, how far it is, who does it.

After Erfurt's Beschlusskontrolle, which the main committee gets every quarter: what is done is
listed once more with its completion note and then dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.entries import Aspect, Entry, Fact, Kind, Phase, newest_fact
from knowledge.milestones import Timeliness, timeliness
from knowledge.snapshot import Snapshot

_DECIDED = frozenset({Kind.PLAN, Kind.DOCUMENT})
"""Kinds that are controlled as far as somebody stated a phase: other papers are mere reading."""


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A line of the table.

    Attributes:
        entry: The measure or decision.
        above: The entry it belongs to, if that exists.
        timeliness: How it stands against its date.
        responsible: Who does it; None where nothing is known.
        remark: What was done, if it is done; otherwise why it is as it is.
        newest: The newest dated statement about it.
    """

    entry: Entry
    above: Entry | None
    timeliness: Timeliness
    responsible: Fact | None
    remark: Fact | None
    newest: Fact | None


def controlled(snapshot: Snapshot, scope: str | None) -> Iterator[Entry]:
    """The measures and decisions of a body or plan, from the top of the hierarchy down.

    Args:
        snapshot: The knowledge base.
        scope: Key of the entry below which is looked, which can itself be one of them; None for
            everywhere, in natural order of keys.
    """
    for entry in snapshot.within(scope):
        if entry.kind is Kind.MEASURE or (entry.kind in _DECIDED and entry.phase is not None):
            yield entry


def report(snapshot: Snapshot, scope: str | None, day: date) -> list[ReportRow]:
    """The table as of a day.

    Args:
        snapshot: The knowledge base as it was on that day.
        scope: As in `controlled`.
        day: The day.
    """
    since = quarter_before(day)
    return [
        _row(entry, snapshot, day)
        for entry in controlled(snapshot, scope)
        if not _dropped_from_list(entry, since)
    ]


def quarter_before(day: date) -> date:
    """The first day of the quarter before that of a day.

    >>> quarter_before(date(2026, 2, 14)), quarter_before(date(2026, 12, 1))
    (datetime.date(2025, 10, 1), datetime.date(2026, 7, 1))
    """
    quarter = day.year * 4 + (day.month - 1) // 3 - 1
    return date(quarter // 4, quarter % 4 * 3 + 1, 1)


def _dropped_from_list(entry: Entry, since: date) -> bool:
    """Whether an entry was over before a day; one that is over without a date stays."""
    if not entry.is_over or entry.phase_fact is None:
        return False
    ended = entry.phase_fact.occurred or entry.phase_fact.as_of
    return ended is not None and ended.last < since


def _row(entry: Entry, snapshot: Snapshot, day: date) -> ReportRow:
    facts: dict[Aspect, list[Fact]] = {aspect: [] for aspect in Aspect}
    for statement in snapshot.statements(entry.key):
        facts[statement.aspect].append(statement.fact)
    remark = Aspect.RESULT if entry.phase is Phase.DONE else Aspect.REASON
    return ReportRow(
        entry=entry,
        above=snapshot.entries.get(entry.parent or ""),
        timeliness=timeliness(entry, day),
        responsible=newest_fact(facts[Aspect.RESPONSIBLE]),
        remark=newest_fact(facts[remark]),
        newest=newest_fact([fact for own in facts.values() for fact in own if fact.dated]),
    )
