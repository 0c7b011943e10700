"""Dates that come up, have passed, or would follow from a rhythm."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.entries import Aspect, Entry, Kind, Phase, Rhythm
from knowledge.milestones import (
    SOON_DAYS,
    Milestone,
    State,
    Timeliness,
    coming,
    milestones,
    missed_occurrence,
    missed_rhythm,
    months_between,
    occurrence_after,
    past,
    state,
    timeliness,
)
from knowledge.partial_date import PartialDate, Precision
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

TODAY = date(2025, 10, 20)


def due(key: str, when: str | None, *, phase: Phase | None = None, **fields: Any) -> Entry:
    facts = []
    if when is not None:
        facts.append(a_fact(id=f"{key}-D", aspect=Aspect.DUE, due=when))
    if phase is not None:
        facts.append(a_fact(id=f"{key}-S", aspect=Aspect.STATUS, phase=phase))
    return an_entry(key, **({"kind": Kind.MILESTONE, "facts": facts} | fields))


def every(months: int, since: str) -> Rhythm:
    return Rhythm(months=months, since=PartialDate.parse(since))


def shown(listed: list[Milestone]) -> list[tuple[str, str, bool]]:
    return [(m.entry.key, m.due.iso(), m.derived) for m in listed]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (None, Timeliness.NO_DATE),
        ("2025-10-19", Timeliness.OVERDUE),
        ("2025-10-20", Timeliness.DUE_SOON),
        ("2025-11-19", Timeliness.DUE_SOON),
        ("2025-11-20", Timeliness.ON_TIME),
        ("2025-09", Timeliness.OVERDUE),
        ("2025-10", Timeliness.DUE_SOON),
        ("2025-11", Timeliness.ON_TIME),
        ("2024", Timeliness.OVERDUE),
        ("2025", Timeliness.ON_TIME),
        ("Ende 2025", Timeliness.ON_TIME),
        ("Q3 2025", Timeliness.OVERDUE),
    ],
)
def test_a_date_is_compared_by_its_last_day(when: str | None, expected: Timeliness) -> None:
    assert SOON_DAYS == 30
    assert timeliness(due("A", when), TODAY) is expected


@pytest.mark.parametrize("phase", [Phase.DONE, Phase.DROPPED])
def test_what_is_done_or_dropped_is_never_late(phase: Phase) -> None:
    assert timeliness(due("A", "2020", phase=phase), TODAY) is Timeliness.ON_TIME


@pytest.mark.parametrize("when", ["2020", "2025-11-19", "2026"])
def test_what_is_put_off_is_late_no_more_than_it_is_missed(when: str) -> None:
    set_by = a_fact(id="D", aspect=Aspect.DUE, due=when, as_of="2019")
    put_off = a_fact(id="S", aspect=Aspect.STATUS, phase=Phase.POSTPONED, as_of="2020")
    entry = an_entry(facts=[set_by, put_off])
    (milestone,) = milestones([entry])
    assert state(milestone, TODAY) is State.MOVED
    assert timeliness(entry, TODAY) is Timeliness.PUT_OFF


@pytest.mark.parametrize(
    "phase", sorted(set(Phase) - {Phase.DONE, Phase.DROPPED, Phase.POSTPONED})
)
def test_everything_else_is_late_after_its_date(phase: Phase) -> None:
    assert timeliness(due("A", "2020", phase=phase), TODAY) is Timeliness.OVERDUE


@pytest.mark.parametrize(
    ("months", "since", "day", "expected"),
    [
        (24, "21.11.2023", date(2024, 1, 1), "2025-11"),
        (24, "21.11.2023", date(2025, 11, 30), "2025-11"),
        (24, "21.11.2023", date(2025, 12, 1), "2027-11"),
        (24, "2023-11", date(2024, 1, 1), "2025-11"),
        (24, "2023", date(2024, 1, 1), "2025"),
        (24, "Ende 2023", date(2024, 1, 1), "2025"),
        (24, "Q4 2023", date(2026, 1, 1), "2027"),
        (1, "31.01.2024", date(2024, 2, 1), "2024-02"),
        (6, "2024-09", date(2024, 9, 1), "2025-03"),
        (12, "2024-12", date(2030, 6, 1), "2030-12"),
    ],
)
def test_the_next_occurrence_is_never_more_precise_than_a_month(
    months: int, since: str, day: date, expected: str
) -> None:
    assert occurrence_after(every(months, since), day).iso() == expected


@given(
    st.integers(1, 60),
    st.dates(date(2000, 1, 1), date(2020, 1, 1)),
    st.dates(date(2015, 1, 1), date(2030, 1, 1)),
)
def test_an_occurrence_is_not_past_and_the_one_before_it_is(
    months: int, since: date, day: date
) -> None:
    following = occurrence_after(Rhythm(months=months, since=PartialDate.of(since)), day)
    distance = months_between(since.replace(day=1), following.first)
    assert following.precision is Precision.MONTH
    assert following.last >= day
    assert distance % months == 0
    assert distance == months or months_between(following.first, day.replace(day=1)) > -months


@pytest.mark.parametrize(
    ("months", "since", "today", "expected"),
    [
        (24, "21.11.2023", date(2024, 1, 1), None),
        (24, "21.11.2023", date(2025, 11, 30), None),
        (24, "21.11.2023", date(2025, 12, 1), "2025-11"),
        (24, "21.11.2023", date(2030, 1, 1), "2029-11"),
        (24, "2023", date(2025, 12, 31), None),
        (24, "2023", date(2026, 1, 1), "2025"),
        (12, "2023-03", date(2024, 4, 1), "2024-03"),
    ],
)
def test_a_missed_occurrence_has_wholly_passed(
    months: int, since: str, today: date, expected: str | None
) -> None:
    missed = missed_occurrence(every(months, since), today)
    assert (missed.iso() if missed else None) == expected


def test_only_entries_with_a_date_have_milestones() -> None:
    listed = [due("A", "2025"), due("B", None), due("C", "2024-09")]
    assert [(m.entry.key, m.derived) for m in milestones(listed)] == [("A", False), ("C", False)]


def test_past_dates_come_newest_first() -> None:
    snapshot = Snapshot(
        [
            due("A", "2023"),
            due("B", "2024-09", kind=Kind.PLAN),
            due("C", "2025-10-19", kind=Kind.MEASURE),
            due("D", "2025-10-20"),
            due("E", "2025"),
            due("F", "2024-09"),
        ]
    )
    assert [m.entry.key for m in past(snapshot, TODAY)] == ["C", "F", "B", "A"]


def test_coming_dates_come_soonest_first() -> None:
    snapshot = Snapshot(
        [
            due("A", "2026"),
            due("B", "2025-10-20"),
            due("C", "2025-10-19"),
            due("D", "2025-11"),
            due("E", "2025"),
        ]
    )
    assert [m.entry.key for m in coming(snapshot, TODAY)] == ["E", "B", "D", "A"]


@pytest.mark.parametrize("phase", [Phase.DONE, Phase.DROPPED])
def test_what_is_over_is_not_coming(phase: Phase) -> None:
    assert coming(Snapshot([due("A", "2026", phase=phase)]), TODAY) == []


def test_a_rhythm_gives_a_derived_date() -> None:
    snapshot = Snapshot([an_entry("P", kind=Kind.PLAN, rhythm=every(24, "21.11.2023"))])
    assert shown(coming(snapshot, TODAY)) == [("P", "2025-11", True)]


@pytest.mark.parametrize(
    ("since", "fields"),
    [
        ("21.11.2023", {"facts": [a_fact(aspect=Aspect.STATUS, phase=Phase.DROPPED)]}),
        ("2027-05", {}),
        ("9990", {}),
    ],
)
def test_what_is_dropped_or_has_not_begun_has_no_derived_date(
    since: str, fields: dict[str, Any]
) -> None:
    plan = an_entry("P", kind=Kind.PLAN, rhythm=every(240, since), **fields)
    assert coming(Snapshot([plan]), TODAY) == []


def test_an_own_later_date_takes_the_place_of_the_derived_one() -> None:
    plan = due("P", "2026-03", kind=Kind.PLAN, rhythm=every(24, "21.11.2023"))
    assert shown(coming(Snapshot([plan]), TODAY)) == [("P", "2026-03", False)]


def test_an_occurrence_is_missed_unless_a_date_below_says_it_was_kept() -> None:
    plan = an_entry("P", kind=Kind.PLAN, rhythm=every(24, "21.11.2023"))
    later = date(2026, 3, 1)
    missed = missed_rhythm(plan, Snapshot([plan]), later)
    assert missed == PartialDate(2025, 11)
    kept = due("M", "2025-11", phase=Phase.DONE, parent="P")
    assert missed_rhythm(plan, Snapshot([plan, kept]), later) is None


def test_a_stated_date_below_takes_the_place_of_the_derived_one() -> None:
    plan = an_entry("P", kind=Kind.PLAN, rhythm=every(24, "21.11.2023"))
    below = due("M", "2025", parent="P")
    assert shown(coming(Snapshot([plan, below]), TODAY)) == [("M", "2025", False)]


def test_a_stated_date_elsewhere_or_at_another_time_leaves_the_derived_one() -> None:
    plan = an_entry("P", kind=Kind.PLAN, rhythm=every(24, "21.11.2023"))
    elsewhere = due("M", "2025")
    later = due("N", "2026", parent="P")
    assert shown(coming(Snapshot([plan, elsewhere, later]), TODAY)) == [
        ("M", "2025", False),
        ("P", "2025-11", True),
        ("N", "2026", False),
    ]


def test_only_what_is_below_an_entry_can_be_asked_for() -> None:
    snapshot = Snapshot(
        [
            due("P", "2026", kind=Kind.PLAN),
            due("F", None, kind=Kind.FIELD, parent="P"),
            due("M", "2025-12", parent="F"),
            due("X", "2025-11"),
        ]
    )
    assert [m.entry.key for m in coming(snapshot, TODAY, below="P")] == ["M", "P"]
    assert coming(snapshot, TODAY, below="GIBT-ES-NICHT") == []


@pytest.mark.parametrize(
    ("earlier", "later", "months"),
    [
        (date(2024, 1, 15), date(2024, 1, 15), 0),
        (date(2024, 1, 15), date(2024, 2, 14), 0),
        (date(2024, 1, 15), date(2024, 2, 15), 1),
        (date(2024, 1, 31), date(2024, 2, 28), 0),
        (date(2024, 1, 31), date(2024, 2, 29), 1),
        (date(2023, 12, 31), date(2024, 12, 31), 12),
        (date(2024, 12, 31), date(2023, 12, 31), -12),
        (date(2024, 3, 15), date(2024, 1, 15), -2),
    ],
)
def test_only_whole_months_count(earlier: date, later: date, months: int) -> None:
    assert months_between(earlier, later) == months


@pytest.mark.parametrize(
    ("months", "since", "today", "expected"),
    [
        (24, "2023-11-01", date(2024, 1, 1), None),
        (24, "Q1 2023", date(2024, 1, 1), None),
        (24, "Anfang 2023", date(2024, 1, 1), None),
        (18, "2020", date(2024, 6, 1), "2023"),
    ],
)
def test_the_first_occurrence_is_not_missed(
    months: int, since: str, today: date, expected: str | None
) -> None:
    missed = missed_occurrence(every(months, since), today)
    assert (missed and missed.iso()) == expected


def test_a_more_precise_or_own_date_replaces_the_derived_one() -> None:
    rhythm = every(24, "21.11.2023")
    plan = an_entry("P", kind=Kind.PLAN, rhythm=rhythm)
    below = due("M", "18.11.2025", parent="P")
    assert shown(coming(Snapshot([plan, below]), TODAY)) == [("M", "2025-11-18", False)]
    own = due("P", "2025-11", kind=Kind.PLAN, rhythm=rhythm)
    assert shown(coming(Snapshot([own]), TODAY)) == [("P", "2025-11", False)]


@pytest.mark.parametrize(
    ("set_on", "put_off_on", "comes"),
    [
        ("2025-03", "2025-09", False),
        # Put off to this very date, by one source; or nobody can tell which is newer.
        ("2025-09", "2025-09", True),
        ("2025-10", "2025-09", True),
        ("2025", "2025-09", True),
    ],
)
def test_a_date_comes_no_more_once_it_was_put_off(
    set_on: str, put_off_on: str, *, comes: bool
) -> None:
    facts = [
        a_fact(id="M-D", aspect=Aspect.DUE, due="2025-12-01", as_of=set_on),
        a_fact(id="M-S", aspect=Aspect.STATUS, phase=Phase.POSTPONED, as_of=put_off_on),
    ]
    milestone = an_entry("M", kind=Kind.MILESTONE, facts=facts)
    assert [m.entry.key for m in coming(Snapshot([milestone]), TODAY)] == ["M"] * comes
