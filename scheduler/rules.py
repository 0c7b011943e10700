"""What an operator can set about reminders and nudges."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Rules:
    """When reminders and nudges are due.

    Attributes:
        zone: The zone in which days begin.
        subdivision: The federal state whose holidays count.
        home: Key of the body whose entries editors look after; None means all.
        before: Days before a date on which it is announced, 0 is the day itself.
        after: Days after a date on which it is said to be missed.
        every: Days after which that is repeated, again and again.
        stale_months: Months without a statement after which editors are nudged.
    """

    zone: ZoneInfo
    subdivision: str
    home: str | None
    before: tuple[int, ...]
    after: tuple[int, ...]
    every: int
    stale_months: tuple[int, ...]

    def today(self, now: datetime) -> date:
        """The day of a moment."""
        return now.astimezone(self.zone).date()
