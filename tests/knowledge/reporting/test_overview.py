"""Measures and decisions in numbers."""

from datetime import date

from knowledge.entries import Aspect, Entry, Kind, Phase
from knowledge.reporting.overview import overview
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

TODAY = date(2026, 5, 15)


def a_measure(
    key: str, phase: Phase | None, parent: str, *, as_of: str | None, due: str | None = None
) -> Entry:
    facts = [a_fact("Es gibt sie.", id=f"{key}-S", as_of=as_of)]
    if phase is not None:
        facts.append(a_fact("So.", id=f"{key}-P", aspect=Aspect.STATUS, phase=phase, as_of=as_of))
    if due is not None:
        facts.append(a_fact("Bis.", id=f"{key}-D", aspect=Aspect.DUE, due=due, as_of=as_of))
    return an_entry(key, parent=parent, facts=facts)


def test_numbers_by_phase_and_field_and_what_is_late_or_silent() -> None:
    snapshot = Snapshot(
        [
            an_entry("TOWN", kind=Kind.BODY),
            an_entry("A", kind=Kind.FIELD, parent="TOWN"),
            an_entry("B", kind=Kind.FIELD, parent="TOWN"),
            a_measure("M-1", Phase.DONE, "A", as_of="2020", due="2021"),
            a_measure("M-2", Phase.IN_PROGRESS, "B", as_of="2025-11-15", due="2026-04"),
            a_measure("M-3", Phase.PLANNED, "B", as_of="2025-11-16", due="2026-05"),
            a_measure("M-4", None, "TOWN", as_of="2025-05-15", due="2025"),
            a_measure("M-5", Phase.PLANNED, "B", as_of=None),
            an_entry("ELSEWHERE"),
        ]
    )
    counted = overview(snapshot, "TOWN", TODAY)
    assert (counted.total, counted.living) == (5, 4)
    assert dict(counted.phases) == {
        Phase.PLANNED: 2,
        Phase.IN_PROGRESS: 1,
        Phase.DONE: 1,
        Phase.UNKNOWN: 1,
    }
    assert [(field.key, count) for field, count in counted.fields] == [("B", 3), ("A", 1)]
    assert counted.without_field == 1
    assert [entry.key for entry in counted.overdue] == ["M-4", "M-2"]
    assert dict(counted.silent) == {6: 3, 12: 2}


def test_what_was_put_off_is_not_late() -> None:
    measure = a_measure("M-1", Phase.POSTPONED, "TOWN", as_of="2025", due="2025-03-31")
    assert overview(Snapshot([measure]), None, TODAY).overdue == ()


def test_of_nothing_there_are_no_numbers() -> None:
    counted = overview(Snapshot(), None, TODAY)
    assert (counted.total, counted.living, counted.without_field) == (0, 0, 0)
    assert (dict(counted.phases), counted.fields, counted.overdue) == ({}, (), ())
    assert dict(counted.silent) == {6: 0, 12: 0}
