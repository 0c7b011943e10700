"""What the control of decisions misses."""

from datetime import date
from typing import Any

import pytest

from knowledge.entries import Entry, Fact, Kind
from knowledge.reporting.gaps import Gap, gaps
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

TODAY = date(2025, 10, 20)

OFFICE = a_fact(id="F-OFFICE", aspect="responsible")
REASON = a_fact(id="F-REASON", aspect="reason", as_of="2025-09")


def status(phase: str) -> Fact:
    return a_fact(id="F-STATUS", aspect="status", phase=phase)


def due(day: str) -> Fact:
    return a_fact(id="F-DUE", aspect="due", due=day)


def unknown(aspect: str) -> Fact:
    return a_fact(id=f"F-NO-{aspect.upper()}", aspect=aspect, known=False)


def found(*facts: Fact, others: tuple[Entry, ...] = (), **fields: Any) -> set[Gap]:
    entry = an_entry("EF-7", facts=facts, **fields)
    return set(gaps("EF-7", Snapshot([entry, *others]), TODAY))


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        ([], set()),
        ([status("planned")], set()),
        ([status("unknown")], set()),
        # Done: a completion note with its date.
        ([status("done")], {Gap.COMPLETION_NOTE}),
        ([status("done"), a_fact(aspect="result")], set()),
        ([status("done"), a_fact(aspect="result", as_of=None)], {Gap.COMPLETION_NOTE}),
        ([status("done"), a_fact(aspect="result", as_of=None, occurred="2024")], set()),
        ([status("done"), unknown("result")], set()),
        ([status("done"), a_fact(aspect="result"), due("2024")], set()),
        # Being done: a date and the office.
        ([status("in_progress")], {Gap.DATE, Gap.OFFICE}),
        ([status("in_progress"), due("2026")], {Gap.OFFICE}),
        ([status("in_progress"), due("2026"), OFFICE], set()),
        ([status("in_progress"), unknown("due"), unknown("responsible")], set()),
        # For ever: the next step and the office.
        ([status("continuous")], {Gap.NEXT_STEP, Gap.OFFICE}),
        ([status("continuous"), due("2026"), OFFICE], set()),
        # With a date: the office, and a reason when it has passed.
        ([due("2026")], {Gap.OFFICE}),
        ([due("2025-09"), OFFICE], {Gap.REASON}),
        ([due("2025-09"), OFFICE, REASON], set()),
        ([due("2025-09"), OFFICE, unknown("reason")], {Gap.REASON}),  # as of 2024: before
        ([due("2024"), OFFICE, unknown("reason")], set()),
        ([status("continuous"), due("2025-09"), OFFICE], {Gap.REASON}),
        # Put off or given up: a reason.
        ([status("postponed")], {Gap.REASON}),
        ([status("dropped")], {Gap.REASON}),
        ([status("dropped"), a_fact(aspect="reason", as_of="2019")], set()),
        ([status("postponed"), due("2025-09"), OFFICE], {Gap.REASON}),
    ],
)
def test_the_rules_of_the_control_of_decisions(facts: list[Fact], missing: set[Gap]) -> None:
    assert found(*facts) == missing


@pytest.mark.parametrize(("day", "missing"), [("19.10.2025", True), ("20.10.2025", False)])
def test_what_is_due_today_is_not_late(day: str, *, missing: bool) -> None:
    assert (Gap.REASON in found(due(day), OFFICE)) is missing


def test_a_milestone_below_is_the_date_of_its_measure() -> None:
    milestone = an_entry("EF-7-M", kind=Kind.MILESTONE, parent="EF-7", facts=[due("2026")])
    assert found(status("continuous"), OFFICE, others=(milestone,)) == set()
    passed = an_entry("EF-7-M", kind=Kind.MILESTONE, parent="EF-7", facts=[due("2024")])
    assert found(status("continuous"), OFFICE, others=(passed,)) == {Gap.NEXT_STEP}


def test_a_rhythm_is_no_date_that_anybody_set() -> None:
    rhythm = {"months": 12, "since": "2024"}
    assert found(status("continuous"), OFFICE, rhythm=rhythm) == {Gap.NEXT_STEP}


def test_a_milestone_needs_no_office_of_its_own() -> None:
    assert found(due("2026"), kind=Kind.MILESTONE) == set()
    assert found(due("2025-09"), kind=Kind.MILESTONE) == {Gap.REASON}


def test_a_fact_of_another_entry_counts_too() -> None:
    fact = a_fact(id="F-X", also=[{"entry": "EF-7", "aspect": "responsible"}])
    assert found(due("2026"), others=(an_entry("EF-8", facts=[fact]),)) == set()


def test_what_does_not_exist_misses_nothing() -> None:
    assert gaps("EF-7", Snapshot(), TODAY) == ()


@pytest.mark.parametrize("gap", Gap)
def test_a_fact_that_it_is_not_known_answers_every_question(gap: Gap) -> None:
    facts = {
        Gap.COMPLETION_NOTE: [status("done")],
        Gap.DATE: [status("in_progress")],
        Gap.NEXT_STEP: [status("continuous")],
        Gap.OFFICE: [status("in_progress")],
        Gap.REASON: [due("2024")],
    }[gap]
    assert gap in found(*facts)
    assert gap not in found(*facts, unknown(gap.aspect))
