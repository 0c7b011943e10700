"""Measures and decisions in numbers: by phase and field, late ones, and silent ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from knowledge.entries import Entry, Kind, Phase
from knowledge.facts import newest_statement
from knowledge.milestones import Timeliness, months_between, timeliness
from knowledge.reporting.report import controlled
from knowledge.snapshot import Snapshot

SILENT_MONTHS = (6, 12)
"""From how many months without a statement on an entry is counted as silent."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Numbers at a glance.

    Attributes:
        total: How many measures and decisions there are.
        phases: How many are in each phase, in the order of phases; `Phase.UNKNOWN` also where
            none is stated.
        fields: How many belong to each field of action, the fullest first.
        without_field: How many belong to none.
        overdue: Those whose date has passed, the longest ago first.
        silent: For each of `SILENT_MONTHS`, how many that are not over have no statement of
            that time.
        living: How many are not over.
    """

    total: int
    phases: Mapping[Phase, int]
    fields: tuple[tuple[Entry, int], ...]
    without_field: int
    overdue: tuple[Entry, ...]
    silent: Mapping[int, int]
    living: int


def overview(snapshot: Snapshot, scope: str | None, today: date) -> Overview:
    """Count the measures and decisions of a body or plan.

    Args:
        snapshot: The knowledge base.
        scope: Key of the body or plan; None for everything.
        today: The present day.
    """
    entries = list(controlled(snapshot, scope))
    phases = Counter(entry.phase or Phase.UNKNOWN for entry in entries)
    fields = Counter(_field(entry, snapshot) for entry in entries)
    without_field = fields.pop(None, 0)
    living = [entry for entry in entries if not entry.is_over]
    ages = [_age(entry, today) for entry in living]
    late = [entry for entry in living if timeliness(entry, today) is Timeliness.OVERDUE]
    return Overview(
        total=len(entries),
        phases={phase: phases[phase] for phase in Phase if phases[phase]},
        fields=tuple((snapshot.entries[key], count) for key, count in fields.most_common() if key),
        without_field=without_field,
        overdue=tuple(sorted(late, key=lambda entry: entry.due.last if entry.due else today)),
        silent={
            months: sum(age is None or age >= months for age in ages) for months in SILENT_MONTHS
        },
        living=len(living),
    )


def _field(entry: Entry, snapshot: Snapshot) -> str | None:
    return next((a.key for a in snapshot.ancestors(entry.key) if a.kind is Kind.FIELD), None)


def _age(entry: Entry, today: date) -> int | None:
    """Months since the newest statement; None if there is no dated one."""
    newest = newest_statement(entry)
    return months_between(newest.last, today) if newest else None
