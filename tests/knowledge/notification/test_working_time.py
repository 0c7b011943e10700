"""When a chat may be written to."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.notification.working_time import (
    SUBDIVISIONS,
    Hours,
    is_working_day,
    moment_of,
    next_moment,
    working_day_until,
)

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = Hours()


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def test_holidays_are_known_of_the_sixteen_federal_states() -> None:
    assert len(SUBDIVISIONS) == 16
    assert {"BE", "TH"} < set(SUBDIVISIONS)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2025-10-20T09:30", "2025-10-20T09:30"),  # a Monday, in office hours
        ("2025-10-20T08:00", "2025-10-20T08:00"),
        ("2025-10-20T18:00", "2025-10-21T08:00"),  # quiet hours begin on the minute
        ("2025-10-20T03:00", "2025-10-20T08:00"),
        ("2025-10-17T18:01", "2025-10-20T08:00"),  # Friday evening
        ("2025-10-30T19:00", "2025-11-03T08:00"),  # Reformation Day is a Friday
        ("2025-12-23T20:00", "2025-12-29T08:00"),
        ("2025-12-24T20:00", "2025-12-29T08:00"),  # Christmas, and a weekend behind it
        ("2025-12-31T10:00", "2026-01-02T08:00"),
        ("2025-09-19T18:30", "2025-09-22T08:00"),
        ("2026-03-27T19:00", "2026-03-30T08:00"),  # across both clock changes
        ("2026-10-23T19:00", "2026-10-26T08:00"),
    ],
)
def test_notices_wait_for_the_next_office_hours(moment: str, expected: str) -> None:
    assert next_moment(berlin(moment), OFFICE) == berlin(expected)


def test_a_holiday_of_one_state_is_a_working_day_in_another() -> None:
    day = date(2027, 9, 20)  # a Monday, Weltkindertag
    assert not is_working_day(day, "TH")
    assert is_working_day(day, "SN")


@pytest.mark.parametrize("subdivision", SUBDIVISIONS)
@pytest.mark.parametrize("day", [date(2025, 12, 24), date(2025, 12, 31)])
def test_public_offices_are_closed_on_christmas_eve_and_new_year_s_eve(
    day: date, subdivision: str
) -> None:
    assert not is_working_day(day, subdivision)


def test_what_falls_on_new_year_s_eve_is_announced_the_day_before() -> None:
    assert working_day_until(date(2025, 12, 31), "TH") == date(2025, 12, 30)


def test_the_last_working_day_before_easter_is_maundy_thursday() -> None:
    assert working_day_until(date(2026, 4, 6), "TH") == date(2026, 4, 2)


def test_quiet_hours_within_a_day_leave_morning_and_evening() -> None:
    lunch = Hours(quiet_from=time(12), quiet_until=time(14), working_days=False)
    assert next_moment(berlin("2025-10-19T12:30"), lunch) == berlin("2025-10-19T14:00")
    assert next_moment(berlin("2025-10-19T23:59"), lunch) == berlin("2025-10-19T23:59")


def test_equal_times_mean_no_quiet_hours() -> None:
    always = Hours(quiet_from=time(8), quiet_until=time(8), working_days=False)
    night = berlin("2025-10-19T03:00")
    assert next_moment(night, always) == night


def test_an_end_of_quiet_hours_that_the_clock_change_skips_is_an_hour_later() -> None:
    early = Hours(quiet_from=time(22), quiet_until=time(2, 30), working_days=False)
    assert next_moment(berlin("2026-03-29T00:00"), early) == datetime(
        2026, 3, 29, 1, 30, tzinfo=UTC
    )


def test_the_chat_s_own_zone_counts() -> None:
    canaries = Hours(zone=ZoneInfo("Atlantic/Canary"))
    assert next_moment(berlin("2025-10-20T08:00"), canaries) == berlin("2025-10-20T09:00")


@given(
    minute=st.integers(0, 3 * 366 * 24 * 60),
    quiet_from=st.times(),
    quiet_until=st.times(),
    working_days=st.booleans(),
)
def test_the_next_moment_is_allowed_never_early_and_never_moves_again(
    *, minute: int, quiet_from: time, quiet_until: time, working_days: bool
) -> None:
    hours = Hours(quiet_from, quiet_until, working_days=working_days)
    moment = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
    found = next_moment(moment, hours)
    assert found >= moment
    assert next_moment(found, hours) == found
    if working_days:
        assert is_working_day(found.astimezone(BERLIN).date(), "TH")
    if found > moment:  # there was a reason to wait right until then
        assert next_moment(found - timedelta(microseconds=1), hours) == found


def test_moments_come_back_in_utc() -> None:
    assert moment_of(date(2025, 7, 1), time(8), BERLIN) == datetime(2025, 7, 1, 6, tzinfo=UTC)
    assert next_moment(berlin("2025-07-01T09:00"), OFFICE).tzinfo is UTC
