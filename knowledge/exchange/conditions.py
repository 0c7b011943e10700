"""What the person who imports a table says about it, and how its entries stood before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from knowledge.entries import Certainty, Entry, Phase, Source
from knowledge.partial_date import PartialDate

Former = Mapping[str, Sequence[Entry]]
"""How entries stood before, by key, the newest state first; also those that are withdrawn."""

NO_FORMER: Former = MappingProxyType({})
"""Where nothing was exported before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Conditions of an import.

    Attributes:
        target: Key of the plan (or body) whose measures the table lists.
        source: Where the statements stand. A column of the table may say it for the status, and
            for all that is said about a new measure.
        as_of: As of when they hold; likewise.
        certainty: How far they can be relied on.
        today: The present day; no statement can be from later.
        phases: What unknown status words mean, by word; None where one states no phase.
        withdraw_missing: Whether measures that are not in the table are withdrawn.
        reserved: Keys of withdrawn entries, which no new entry may be given.
        former: How the entries stood before: what is as it was exported then changes nothing.
    """

    target: str
    source: Source
    as_of: PartialDate | None
    certainty: Certainty
    today: date
    phases: Mapping[str, Phase | None] = field(default_factory=dict)
    withdraw_missing: bool = False
    reserved: frozenset[str] = frozenset()
    former: Former = field(default_factory=dict)
