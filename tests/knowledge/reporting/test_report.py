"""The table of the control of decisions."""

from datetime import date

import pytest

from knowledge.entries import Aspect, Entry, Fact, Kind, Phase
from knowledge.milestones import Timeliness
from knowledge.reporting.report import controlled, quarter_before, report
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

DAY = date(2026, 5, 15)


def status(
    phase: Phase, name: str = "F", as_of: str | None = "2026-01-10", **more: object
) -> Fact:
    text = f"Stand: {phase}."
    return a_fact(text, id=name, aspect=Aspect.STATUS, phase=phase, as_of=as_of, **more)


def a_town(*entries: Entry) -> Snapshot:
    return Snapshot(
        [
            an_entry("TOWN", kind=Kind.BODY),
            an_entry("PLAN", kind=Kind.PLAN, parent="TOWN"),
            an_entry("FIELD", kind=Kind.FIELD, parent="PLAN"),
            *entries,
        ]
    )


def test_measures_are_controlled_and_other_things_if_a_phase_is_stated() -> None:
    snapshot = a_town(
        an_entry("M-2", parent="FIELD"),
        an_entry("M-10", parent="FIELD"),
        an_entry("D-1", kind=Kind.DOCUMENT, parent="TOWN", facts=[status(Phase.PLANNED)]),
        an_entry("D-2", kind=Kind.DOCUMENT, parent="TOWN"),
        an_entry("T-1", kind=Kind.MILESTONE, parent="PLAN", facts=[status(Phase.PLANNED, "G")]),
        an_entry("ELSEWHERE"),
    )
    assert [e.key for e in controlled(snapshot, "TOWN")] == ["D-1", "M-2", "M-10"]
    assert [e.key for e in controlled(snapshot, "PLAN")] == ["M-2", "M-10"]
    assert [e.key for e in controlled(snapshot, "M-2")] == ["M-2"]
    assert [e.key for e in controlled(snapshot, "GONE")] == []
    assert [e.key for e in controlled(snapshot, None)] == ["D-1", "ELSEWHERE", "M-2", "M-10"]


@pytest.mark.parametrize("phase", [Phase.DONE, Phase.DROPPED])
@pytest.mark.parametrize(
    ("done", "listed"),
    [
        ("2025-12-31", False),  # DAY is in the second quarter: the first one is the last told
        ("2026-01-01", True),
        ("2026-05-15", True),
        ("2025", False),
        ("2026", True),
        (None, True),
    ],
)
def test_what_is_over_is_listed_until_the_next_quarter_ends(
    phase: Phase, done: str | None, listed: bool
) -> None:
    snapshot = a_town(an_entry("M-1", parent="FIELD", facts=[status(phase, as_of=done)]))
    assert bool(report(snapshot, "TOWN", DAY)) is listed


def test_when_it_was_done_counts_more_than_when_that_was_written() -> None:
    fact = status(Phase.DONE, as_of="2026-05-01", occurred="2025-03-01")
    assert report(a_town(an_entry("M-1", parent="FIELD", facts=[fact])), None, DAY) == []


def test_a_row_has_office_remark_date_and_newest_statement() -> None:
    facts = [
        status(Phase.IN_PROGRESS, "F-1"),
        a_fact("bis März", id="F-2", aspect=Aspect.DUE, due="2026-03-31", as_of="2025"),
        a_fact("Amt 50", id="F-3", aspect=Aspect.RESPONSIBLE, as_of="2024"),
        a_fact("Amt 33", id="F-4", aspect=Aspect.RESPONSIBLE, as_of="2025"),
        a_fact("Es fehlt Geld.", id="F-5", aspect=Aspect.REASON, as_of="2026-02"),
        a_fact("Angefangen.", id="F-6", aspect=Aspect.RESULT, as_of="2025-06"),
    ]
    (row,) = report(a_town(an_entry("M-1", parent="FIELD", facts=facts)), "PLAN", DAY)
    assert row.above is not None
    assert (row.entry.key, row.above.key) == ("M-1", "FIELD")
    assert row.timeliness is Timeliness.OVERDUE
    assert row.responsible is not None
    assert row.remark is not None
    assert row.newest is not None
    assert (row.responsible.id, row.remark.id, row.newest.id) == ("F-4", "F-5", "F-5")


def test_the_remark_on_what_is_done_is_its_result() -> None:
    facts = [
        status(Phase.DONE, "F-1", as_of="2026-04"),
        a_fact("Es fehlte Geld.", id="F-2", aspect=Aspect.REASON),
        a_fact("Abgenommen am 3. April.", id="F-3", aspect=Aspect.RESULT),
    ]
    (row,) = report(a_town(an_entry("M-1", parent="FIELD", facts=facts)), None, DAY)
    assert row.remark is not None
    assert row.remark.id == "F-3"


def test_where_nothing_is_known_the_row_is_empty() -> None:
    (row,) = report(Snapshot([an_entry("M-1", parent="GONE")]), None, DAY)
    assert (row.above, row.responsible, row.remark, row.newest) == (None, None, None, None)
    assert row.timeliness is Timeliness.NO_DATE


@pytest.mark.parametrize(
    ("day", "first"),
    [
        (date(2026, 1, 1), date(2025, 10, 1)),
        (date(2026, 3, 31), date(2025, 10, 1)),
        (date(2026, 4, 1), date(2026, 1, 1)),
        (date(2026, 12, 31), date(2026, 7, 1)),
    ],
)
def test_the_quarter_before_begins_on_its_first_day(day: date, first: date) -> None:
    assert quarter_before(day) == first
