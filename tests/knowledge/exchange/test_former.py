"""A table that was exported before others went on: what was not touched in it changes nothing."""

import csv
import io
from collections.abc import Callable, Iterable

import pytest
from hypothesis import HealthCheck, given, settings

from knowledge.entries import Aspect, Certainty, Entry, Fact, Kind, Phase, Source
from knowledge.exchange import HEADINGS, Column, Finding, ImportPlan, Reason
from knowledge.exchange.plan import Difference
from knowledge.exchange.table_export import to_csv, to_xlsx
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot
from tests.knowledge.exchange.files import OCTOBER, SURVEY, a_snapshot, csv_file, planned
from tests.knowledge.exchange.test_round_trip import snapshots
from tests.support.builders import a_fact, an_entry

PAGE = Source(title="Seite der Stadt")
PAPER = Source(title="Vorlage", reference="DS 3/25")


def a_measure(
    *facts: Fact, key: str = "PLAN-1", title: str = "Kurs", parent: str = "PLAN"
) -> Entry:
    return an_entry(key, title=title, parent=parent, facts=facts)


def a_status(phase: Phase, as_of: str | None = None, source: Source = PAGE) -> Fact:
    return a_fact(
        "Ein Satz.",
        id="A-1",
        aspect=Aspect.STATUS,
        phase=phase,
        as_of=as_of,
        sources=(source,),
        certainty=Certainty.PUBLIC,
    )


def office(number: int, as_of: str) -> Fact:
    return a_fact(f"Amt {number}.", id="A-2", aspect=Aspect.RESPONSIBLE, as_of=as_of)


THEN = a_measure(a_status(Phase.PLANNED), office(50, "2024"))
NOW = a_measure(a_status(Phase.IN_PROGRESS, "2025-10-12", PAPER), office(51, "2025-10-15"))


def exported(*entries: Entry, **touched: str) -> bytes:
    """A table as it was exported, with some cells of its first row written over."""
    text = to_csv(a_snapshot(*entries), "PLAN").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    for name, cell in touched.items():
        rows[1][rows[0].index(HEADINGS[Column(name)])] = cell
    return csv_file(rows)


def imported(content: bytes, *states: Entry, **conditions: object) -> ImportPlan:
    """The plan of a table for one entry, whose states are given with the newest first."""
    return planned(
        content, a_snapshot(states[0]), former={states[0].key: states[1:]}, **conditions
    )


def noticed(plan: ImportPlan) -> list[tuple[Reason, str]]:
    return [(finding.reason, finding.text) for finding in plan.notices]


def facts_of(plan: ImportPlan) -> dict[str, Fact]:
    (change,) = plan.changed
    return {fact.id: fact for fact in change.after.facts}


def test_what_is_as_it_was_exported_changes_nothing_and_that_is_said() -> None:
    plan = imported(exported(THEN), NOW, THEN)
    assert plan.changes_nothing
    assert noticed(plan) == [(Reason.AS_EXPORTED, "geplant"), (Reason.AS_EXPORTED, "Amt 50.")]
    assert [finding.cell for finding in plan.notices] == ["J2", "G2"]


def test_only_the_cell_that_was_touched_is_taken_over_as_the_import_says() -> None:
    plan = imported(exported(THEN, cost="5 €"), NOW, THEN, certainty=Certainty.OFFICIAL)
    assert plan.changed[0].differences == (Difference(Column.COST, "", "5 €", None, OCTOBER),)
    facts = facts_of(plan)
    assert (facts["A-1"], facts["A-2"]) == NOW.facts
    assert facts["PLAN-1-COST"].sources == (SURVEY,)


def test_where_the_cell_and_what_is_known_were_changed_both_are_shown() -> None:
    plan = imported(exported(THEN, responsible="Amt 40"), NOW, THEN, as_of=PartialDate(2025, 11))
    assert [(d.part, d.old, d.new) for d in plan.changed[0].differences] == [
        (Column.RESPONSIBLE, "Amt 51.", "Amt 40")
    ]
    assert noticed(plan) == [(Reason.AS_EXPORTED, "geplant"), (Reason.CHANGED_SINCE, "Amt 50.")]


def test_a_status_that_was_touched_is_not_dated_by_the_source_that_was_not() -> None:
    plan = imported(exported(THEN, status="umgesetzt"), NOW, THEN, as_of=PartialDate(2025, 11))
    fact = facts_of(plan)["PLAN-1-STATUS"]
    assert (fact.phase, fact.sources, fact.as_of) == (
        Phase.DONE,
        (SURVEY,),
        PartialDate(2025, 11),
    )
    older = imported(exported(THEN, status="umgesetzt"), NOW, THEN, as_of=PartialDate(2025, 3))
    assert (Reason.OLDER_THAN_KNOWN, "umgesetzt") in noticed(older)
    assert older.changes_nothing


def test_the_same_status_with_a_date_of_its_own_is_news() -> None:
    plan = imported(exported(THEN, as_of="11/2025"), NOW, THEN)
    fact = facts_of(plan)["PLAN-1-STATUS"]
    assert (fact.phase, fact.as_of, fact.sources) == (
        Phase.PLANNED,
        PartialDate(2025, 11),
        (PAGE,),
    )


def test_a_source_that_was_corrected_since_is_not_taken_back() -> None:
    then = a_measure(a_status(Phase.PLANNED, "2025", PAGE))
    now = a_measure(a_status(Phase.PLANNED, "2025", PAPER))
    assert imported(exported(then), now, then).changes_nothing


def test_a_table_that_was_imported_and_overtaken_is_not_taken_over_again() -> None:
    content = exported(THEN, status="läuft")
    second = imported(content, THEN).changed[0].after
    assert second.phase is Phase.IN_PROGRESS
    third = a_measure(a_status(Phase.DROPPED, "2025-10-20", PAPER), office(50, "2024"))
    plan = imported(content, third, second, THEN)
    assert plan.changes_nothing
    assert noticed(plan) == [(Reason.AS_EXPORTED, "läuft")]


def test_a_list_that_no_export_wrote_counts_as_before() -> None:
    rows = [["Nr.", "Maßnahme", "Status"], ["1", "Kurs", "geplant"]]
    plan = imported(csv_file(rows), NOW, THEN, as_of=PartialDate(2026))
    assert plan.changed[0].after.phase is Phase.PLANNED


def test_a_new_name_or_place_is_not_taken_back_either() -> None:
    fields = [
        an_entry(f"PLAN-F{n}", kind=Kind.FIELD, title=f"Feld {name}", parent="PLAN")
        for n, name in ((1, "Arbeit"), (2, "Sprache"))
    ]
    then = a_measure(parent="PLAN-F1")
    content = exported(then, *fields)
    now = a_measure(title="Kurse", parent="PLAN-F2")
    renamed = fields[0].model_copy(update={"title": "Feld Ausbildung"})
    snapshot = a_snapshot(now, renamed, fields[1])
    plan = planned(content, snapshot, former={"PLAN-1": [then], "PLAN-F1": fields[:1]})
    assert plan.changes_nothing
    assert noticed(plan) == [(Reason.AS_EXPORTED, "Kurs"), (Reason.AS_EXPORTED, "Feld Arbeit")]
    still = a_snapshot(then, renamed, fields[1])
    assert planned(content, still, former={"PLAN-F1": fields[:1]}).changes_nothing


def test_a_field_that_has_no_real_name_is_known_again() -> None:
    field = an_entry("PLAN-F1", kind=Kind.FIELD, title="-", parent="PLAN")
    then = a_measure(parent="PLAN-F1")
    former = {"PLAN-1": [then], "PLAN-F1": [field]}
    plan = planned(exported(then, field), a_snapshot(a_measure(title="Kurse")), former=former)
    assert plan.changes_nothing


def test_a_measure_that_was_withdrawn_since_does_not_come_back() -> None:
    snapshot = Snapshot([*a_snapshot().entries.values()], withdrawn=["PLAN-1"])
    former = {"PLAN-1": [THEN]}
    plan = planned(exported(THEN), snapshot, former=former, reserved=snapshot.withdrawn)
    assert plan.changes_nothing
    assert plan.notices == (Finding(Reason.WITHDRAWN_SINCE, row=2, key="PLAN-1"),)
    again = planned(exported(THEN, status="läuft"), snapshot, former=former)
    assert [change.after.key for change in again.new] == ["PLAN-1"]


def _apart(entries: Iterable[Entry]) -> list[Entry]:
    """Measures and fields with titles that none of them had before."""
    return [
        entry.model_copy(update={"title": f"{entry.key} heute"})
        for entry in entries
        if entry.key not in ("PLAN", "STADT")
    ]


@pytest.mark.parametrize("export", [to_csv, to_xlsx])
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(then=snapshots(), now=snapshots())
def test_an_exported_table_changes_nothing_whatever_was_published_since(
    export: Callable[[Snapshot, str], bytes], then: Snapshot, now: Snapshot
) -> None:
    after = a_snapshot(*_apart(now.entries.values()))
    snapshot = Snapshot(after.entries.values(), withdrawn=then.entries.keys() - after.entries)
    former = {key: [entry] for key, entry in then.entries.items()}
    plan = planned(export(then, "PLAN"), snapshot, former=former, reserved=snapshot.withdrawn)
    assert [change.differences for change in (*plan.new, *plan.changed)] == []
    assert not plan.errors
    assert not plan.questions
