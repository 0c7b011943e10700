"""Which reminder of a date is due."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.milestones import State
from scheduler.reminders import Reminder, nudge, reminder
from tests.scheduler.stage import RULES

DUE = date(2025, 11, 28)  # a Friday


@pytest.mark.parametrize(
    ("today", "step"),
    [
        ("2025-10-28", None),
        ("2025-10-29", -30),
        ("2025-11-20", -30),  # whatever day it is, the latest one that was passed
        ("2025-11-21", -7),
        ("2025-11-26", -7),
        ("2025-11-27", -1),
        ("2025-11-28", 0),
    ],
)
def test_a_date_is_announced_by_the_latest_offset_that_was_passed(
    today: str, step: int | None
) -> None:
    found = reminder(State.OPEN, DUE, date.fromisoformat(today), RULES)
    assert (found.step if found else None) == step


@pytest.mark.parametrize(
    ("days", "step"),
    [(1, 1), (6, 1), (7, 7), (29, 7), (30, 30), (59, 30), (60, 60), (400, 390)],
)
def test_a_missed_date_is_told_after_a_day_a_week_and_every_thirty_days(
    days: int, step: int
) -> None:
    found = reminder(State.MISSED, DUE, DUE + timedelta(days=days), RULES)
    assert found == Reminder(step, DUE + timedelta(days=step))


@pytest.mark.parametrize("state", [State.DONE, State.CANCELLED, State.MOVED, State.UNKNOWN])
def test_what_is_settled_is_not_reminded_of(state: State) -> None:
    assert reminder(state, DUE, DUE + timedelta(days=7), RULES) is None


@pytest.mark.parametrize(
    ("due", "today", "expected"),
    [
        # Sunday 30.11.: a day before is Saturday, so both reminders are for Friday, as one.
        ("2025-11-30", "2025-11-28", Reminder(0, date(2025, 11, 28))),
        # Easter Monday: the last working day before it is Maundy Thursday.
        ("2026-04-06", "2026-04-02", Reminder(0, date(2026, 4, 2))),
        ("2026-04-06", "2026-04-01", Reminder(-7, date(2026, 3, 30))),
    ],
)
def test_announcements_are_brought_forward_to_a_working_day(
    due: str, today: str, expected: Reminder
) -> None:
    found = reminder(State.OPEN, date.fromisoformat(due), date.fromisoformat(today), RULES)
    assert found == expected


@pytest.mark.parametrize(
    ("today", "step"),
    [
        ("2024-11-20", None),
        ("2024-11-21", 6),
        ("2025-05-20", 6),
        ("2025-05-21", 12),
        ("2026-05-20", 12),
        ("2026-05-21", 24),
        ("2034-05-21", 120),
    ],
)
def test_silence_is_noticed_after_six_and_twelve_months_and_then_every_year(
    today: str, step: int | None
) -> None:
    found = nudge(date(2024, 5, 21), date.fromisoformat(today), RULES)
    assert (found.step if found else None) == step


@given(due=st.dates(date(2024, 1, 1), date(2030, 12, 31)), days=st.integers(-60, 800))
def test_reminders_follow_one_another_and_none_is_ahead_of_its_day(due: date, days: int) -> None:
    today = due + timedelta(days=days)
    state = State.OPEN if today <= due else State.MISSED
    found = reminder(state, due, today, RULES)
    if found is not None:
        assert found.on <= today
        assert found == reminder(state, due, today, RULES)
        later = reminder(state, due, today + timedelta(days=1), RULES)
        assert later is not None
        assert later.step >= found.step


@pytest.mark.parametrize("due", [date.min, date(1, 2, 10), date.max])
def test_dates_at_the_ends_of_the_calendar_do_no_harm(due: date) -> None:
    today = date(2025, 10, 20)
    reminder(State.OPEN, due, min(due, today), RULES)
    reminder(State.MISSED, min(due, today), today, RULES)
    nudge(due, today, RULES)
    assert nudge(date.max, today, RULES) is None
