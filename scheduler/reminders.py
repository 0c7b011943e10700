"""Which reminder of a date is due: always the latest one, never an older one.

A rule that asks "are there exactly 7 days left?" loses the reminder if nothing runs on that day.
Here it is asked which reminder was passed last, and what is not planned yet is planned.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.milestones import State
from knowledge.notification.working_time import working_day_until
from knowledge.partial_date import months_after
from scheduler.rules import Rules

EARLIEST = date(1, 1, 31)
"""Before this, calendars end: an editor's slip of the pen must not stop planning for everybody."""

NUDGED_EVERY = 12
"""Months after which editors are nudged again and again, besides those that an operator sets."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that was passed.

    Attributes:
        step: Which one: days from the date (-7 is a week before it), or months of silence.
        on: The day from which it was due.
    """

    step: int
    on: date


def reminder(state: State, due: date, today: date, rules: Rules) -> Reminder | None:
    """The latest reminder of a date that was passed, None if there is none.

    What is announced is announced in time: a day before the date that is no working day is
    brought forward to the last working day. Only open dates come up, only missed ones are late.

    Args:
        state: What became of the milestone.
        due: The last day that its date can mean.
        today: The present day.
        rules: Which reminders there are.
    """
    match state:
        case State.OPEN:
            early = (before for before in rules.before if due - EARLIEST > timedelta(days=before))
            days = ((-before, due - timedelta(days=before)) for before in early)
            passed = (
                Reminder(step, working_day_until(on, rules.subdivision)) for step, on in days
            )
        case State.MISSED:
            late = (today - due).days
            repeated = range(rules.every, late + 1, rules.every)
            steps = (*rules.after, *repeated[-1:])
            passed = (Reminder(step, due + timedelta(days=step)) for step in steps)
        case _:
            return None
    return _latest(passed, today)


def nudge(said: date, today: date, rules: Rules) -> Reminder | None:
    """The latest nudge that was passed since something was last said about an entry.

    Args:
        said: The last day that the newest statement can be from.
        today: The present day.
        rules: After how many months there are nudges.
    """
    months = (today.year - said.year) * 12 + today.month - said.month
    if months < 0:
        return None  # dated ahead
    repeated = range(NUDGED_EVERY, months + 1, NUDGED_EVERY)
    steps = {*rules.stale_months, *repeated[-2:]}
    return _latest((Reminder(step, months_after(said, step)) for step in steps), today)


def _latest(reminders: Iterable[Reminder], today: date) -> Reminder | None:
    return max(
        (one for one in reminders if one.on <= today), key=lambda one: one.step, default=None
    )
