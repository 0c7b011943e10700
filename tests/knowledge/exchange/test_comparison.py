"""What a row says that is not known yet, and as of when."""

from datetime import date
from typing import Any

import pytest

from knowledge.editing.edits import Revising, SetDue, SetResponsible, SetStatus
from knowledge.entries import Aspect, Certainty, Entry, Fact, Phase, Source
from knowledge.exchange import HEADINGS, Column, ImportPlan, Reason
from knowledge.exchange.plan import Difference, Part
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot
from tests.knowledge.exchange.files import (
    OCTOBER,
    SURVEY,
    a_snapshot,
    csv_file,
    planned,
    published,
    reasons,
)
from tests.support.builders import A_SOURCE, a_fact, an_entry

AS_IMPORTED: dict[str, Any] = {
    "entry": "PLAN-1",
    "sources": (SURVEY,),
    "as_of": OCTOBER,
    "certainty": Certainty.PUBLIC,
}
LETTER = "Antwort des Oberbürgermeisters (DS 2170/24)"


def a_measure(*facts: Fact) -> Entry:
    return an_entry("PLAN-1", title="Kurs", parent="PLAN", facts=facts)


def imported(snapshot: Snapshot, *, terms: Any = None, **cells: str) -> ImportPlan:
    """The plan for one row about the measure PLAN-1 with cells by column."""
    row = {"number": "1", "measure": "Kurs"} | cells
    content = csv_file([[HEADINGS[Column(name)] for name in row], list(row.values())])
    return planned(content, snapshot, **(terms or {}))


def after(plan: ImportPlan) -> dict[str, Fact]:
    """The facts of the only entry that changes."""
    (change,) = (*plan.new, *plan.changed)
    return {fact.id: fact for fact in change.after.facts}


def a_status(phase: Phase, as_of: str | None = "2024", **fields: Any) -> Fact:
    given = {"id": "A-1", "aspect": Aspect.STATUS, "phase": phase, "as_of": as_of}
    return a_fact("Ein Satz.", **(given | fields))


KNOWN = a_snapshot(a_measure(a_status(Phase.PLANNED)))


def test_a_new_measure_has_a_fact_for_every_cell() -> None:
    plan = imported(
        a_snapshot(),
        description="Ein Kurs.",
        status="in Bearbeitung",
        deadline="III. Quartal 2026",
        responsible="Amt 50",
        partners="Verein",
        remark="läuft gut",
        goal="Teilhabe",
        target_group="Mütter",
        indicator="Zahl",
        cost="1234,5 €",
        funding="Land",
        decision="09.06.2021",
        paper="2170/24",
    )
    facts = after(plan)
    assert [(fact.aspect, fact.text) for fact in facts.values()] == [
        (Aspect.SUMMARY, "Beschreibung: Ein Kurs."),
        (Aspect.STATUS, "Status: in Bearbeitung"),
        (Aspect.STATUS, "Bemerkung: läuft gut"),
        (Aspect.DUE, "Frist: III. Quartal 2026"),
        (Aspect.RESPONSIBLE, "Verantwortlich: Amt 50"),
        (Aspect.PARTICIPANTS, "Beteiligte: Verein"),
        (Aspect.CONTENT, "Ziel: Teilhabe"),
        (Aspect.CONTENT, "Zielgruppe: Mütter"),
        (Aspect.CONTENT, "Indikator: Zahl"),
        (Aspect.COST, "Kosten: 1.234,50 €"),
        (Aspect.COST, "Fördermittel: Land"),
        (Aspect.HISTORY, "Letzter Beschluss: 09.06.2021"),
        (Aspect.SOURCE, "Drucksache: 2170/24"),
    ]
    assert facts["PLAN-1-STATUS"].phase is Phase.IN_PROGRESS
    assert facts["PLAN-1-DUE"].due == PartialDate(2026, quarter=3)
    assert {(fact.sources, fact.as_of) for fact in facts.values()} == {((SURVEY,), OCTOBER)}
    assert len(plan.new[0].differences) == len(facts) + 1


def test_what_changes_is_shown_with_both_dates() -> None:
    plan = imported(KNOWN, status="umgesetzt")
    assert plan.changed[0].differences == (
        Difference(Column.STATUS, "geplant", "umgesetzt", PartialDate(2024), OCTOBER),
    )
    assert plan.changed[0].after.phase is Phase.DONE


def test_facts_of_others_that_still_hold_are_kept() -> None:
    worded = a_fact("Es geht voran.", id="A-2", aspect=Aspect.STATUS)
    snapshot = a_snapshot(a_measure(worded, a_fact("Er kostet etwas.", id="A-3", aspect="cost")))
    first = imported(snapshot, status="läuft", cost="5 €")
    assert list(after(first)) == ["PLAN-1-STATUS", "A-2", "PLAN-1-COST", "A-3"]
    second = imported(
        published(first, snapshot), status="umgesetzt", terms={"as_of": PartialDate(2026)}
    )
    assert [(f.id, f.text) for f in after(second).values()] == [
        ("PLAN-1-STATUS", "Status: umgesetzt"),
        ("A-2", "Es geht voran."),
        ("PLAN-1-COST", "Kosten: 5 €"),
        ("A-3", "Er kostet etwas."),
    ]


FORMER = {
    "responsible": a_fact("Amt 40 ist zuständig.", id="A-1", aspect=Aspect.RESPONSIBLE),
    "status": a_status(Phase.PLANNED),
    "deadline": a_fact("Bis Ende 2025.", id="A-1", aspect=Aspect.DUE, due="2025-12"),
    "remark": a_fact("Gründe nicht bekannt.", id="A-1", aspect=Aspect.REASON, known=False),
}


@pytest.mark.parametrize(
    ("cells", "former", "edit"),
    [
        (
            {"responsible": "Amt 50"},
            FORMER["responsible"],
            SetResponsible(text="Amt 50", **AS_IMPORTED),
        ),
        (
            {"status": "umgesetzt"},
            FORMER["status"],
            SetStatus(phase=Phase.DONE, text="Fertig.", **AS_IMPORTED),
        ),
        (
            {"deadline": "2027"},
            FORMER["deadline"],
            SetDue(due=PartialDate(2027), text="2027", **AS_IMPORTED),
        ),
        (
            {"status": "verschoben", "remark": "Geld fehlt."},
            FORMER["remark"],
            SetStatus(phase=Phase.POSTPONED, text="Später.", note="Geld fehlt.", **AS_IMPORTED),
        ),
    ],
)
@pytest.mark.parametrize("as_of", ["2024", None, "2026"])
def test_an_import_replaces_what_the_same_statement_of_an_editor_would_replace(
    cells: dict[str, str], former: Fact, edit: Revising, as_of: str | None
) -> None:
    entry = a_measure(former.model_copy(update={"as_of": as_of and PartialDate.parse(as_of)}))
    snapshot = a_snapshot(entry)
    imports = published(imported(snapshot, **cells), snapshot).entries["PLAN-1"]
    for result in (imports, edit.revise(entry, taken=())):
        assert ("A-1" in {fact.id for fact in result.facts}) == (as_of == "2026")


def test_of_two_statements_on_responsibility_both_are_replaced_and_shown() -> None:
    others = [
        a_fact(f"Amt {n} ist zuständig.", id=f"A-{n}", aspect=Aspect.RESPONSIBLE) for n in (1, 2)
    ]
    plan = imported(a_snapshot(a_measure(*others)), responsible="Amt 50")
    assert list(after(plan)) == ["PLAN-1-RESP"]
    assert plan.changed[0].differences == (
        Difference(
            Column.RESPONSIBLE, "Amt 1 ist zuständig.", "Amt 50", PartialDate(2024), OCTOBER
        ),
        Difference(Part.FACT, "Amt 2 ist zuständig.", "", PartialDate(2024), fact="A-2"),
    )
    assert plan.changed[0].differences[1].aspect is Aspect.RESPONSIBLE


@pytest.mark.parametrize(
    ("former", "cells"),
    [
        (FORMER["status"], {"remark": "Es geht voran."}),
        (FORMER["status"], {"status": "grün", "terms": {"phases": {"grün": None}}}),
        (FORMER["deadline"], {"deadline": "fortlaufend"}),
    ],
)
def test_what_states_no_phase_and_no_date_replaces_none(former: Fact, cells: Any) -> None:
    assert former in after(imported(a_snapshot(a_measure(former)), **cells)).values()


def test_a_replaced_fact_stays_for_another_entry_and_states_nothing_more() -> None:
    shared = a_status(Phase.PLANNED, also=[{"entry": "PLAN", "aspect": "status"}])
    facts = after(imported(a_snapshot(a_measure(shared)), status="umgesetzt"))
    assert [(f.id, f.phase) for f in facts.values()] == [
        ("PLAN-1-STATUS", Phase.DONE),
        ("A-1", None),
    ]


@pytest.mark.parametrize("cells", [{"status": "geplant"}, {"status": ""}, {"status": "-"}, {}])
def test_what_is_known_or_blank_changes_nothing(cells: dict[str, str]) -> None:
    plan = imported(KNOWN, **cells)
    assert plan.changes_nothing
    assert [entry.key for entry in plan.unchanged] == ["PLAN-1"]


@pytest.mark.parametrize("cell", ["12/2025", "Dezember 2025", "Dez. 2025", "bis 12/2025"])
def test_a_date_that_is_written_otherwise_is_no_change(cell: str) -> None:
    fact = a_fact("Bis Dezember.", id="A-1", aspect=Aspect.DUE, due="2025-12")
    assert imported(a_snapshot(a_measure(fact)), deadline=cell).changes_nothing


def test_an_amount_that_is_written_otherwise_is_no_change() -> None:
    snapshot = published(imported(a_snapshot(), cost="5.000 €"), a_snapshot())
    assert imported(snapshot, cost="EUR 5000,00").changes_nothing


def test_a_changed_title_is_a_change_of_the_entry_that_the_number_names() -> None:
    plan = imported(KNOWN, measure="Kurse")
    assert plan.changed[0].after.title == "Kurse"
    assert plan.changed[0].differences == (Difference(Column.MEASURE, "Kurs", "Kurse"),)


def test_a_measure_moves_to_the_field_that_its_row_names() -> None:
    plan = imported(KNOWN, field="Sprache")
    assert plan.new[0].after.key == "PLAN-F1"
    assert plan.changed[0].after.parent == "PLAN-F1"
    assert plan.changed[0].differences == (Difference(Column.FIELD, "", "Sprache"),)


def test_a_blank_cell_takes_nothing_away() -> None:
    snapshot = published(imported(KNOWN, goal="Teilhabe", cost="5 €"), KNOWN)
    assert imported(snapshot, goal="", cost="5 €").changes_nothing


def test_what_is_newer_is_not_replaced_by_an_older_table() -> None:
    newer = a_snapshot(a_measure(a_status(Phase.DONE, "2025-11-03")))
    plan = imported(newer, status="geplant")
    assert plan.changes_nothing
    assert reasons(plan.notices) == [(Reason.OLDER_THAN_KNOWN, "C2")]


def test_what_would_not_count_without_a_date_is_said_and_not_taken_over() -> None:
    plan = imported(KNOWN, status="umgesetzt", deadline="2027", cost="5 €", terms={"as_of": None})
    assert reasons(plan.notices) == [(Reason.UNDATED, "C2")]
    (change,) = plan.changed
    assert {difference.part for difference in change.differences} == {
        Column.DEADLINE,
        Column.COST,
    }
    assert change.after.phase is Phase.PLANNED
    undated = a_snapshot(a_measure(a_status(Phase.PLANNED, as_of=None)))
    assert imported(undated, status="umgesetzt", terms={"as_of": None}).changed


def test_what_was_said_before_and_is_overtaken_is_said_again_only_as_of_a_newer_date() -> None:
    first = published(imported(a_snapshot(), status="geplant"), a_snapshot())
    entry = first.entries["PLAN-1"]
    done = a_status(Phase.DONE, "2025-12")
    second = a_snapshot(entry.model_copy(update={"facts": (*entry.facts, done)}))
    assert imported(second, status="geplant").changes_nothing
    plan = imported(second, status="geplant", terms={"as_of": PartialDate(2026, 2)})
    assert plan.changed[0].after.phase is Phase.PLANNED


def test_unchanged_cells_are_not_said_again_as_of_a_newer_date() -> None:
    assert imported(KNOWN, status="geplant").changes_nothing


def test_a_row_may_have_its_own_date_and_source() -> None:
    facts = after(imported(a_snapshot(), status="läuft", as_of="03/2025", source="Bericht"))
    assert facts["PLAN-1-STATUS"].as_of == PartialDate(2025, 3)
    assert facts["PLAN-1-STATUS"].sources == (Source(title="Bericht"),)
    address = "https://example.org/bericht"
    (fact,) = after(imported(a_snapshot(), status="läuft", source=address)).values()
    assert fact.sources == (Source(title=address, url=address),)


def test_a_known_source_is_named_with_all_that_is_known_of_it() -> None:
    facts = after(imported(KNOWN, status="läuft", as_of="03/2025", source=LETTER))
    assert facts["PLAN-1-STATUS"].sources == (A_SOURCE,)


@pytest.mark.parametrize(
    ("cells", "as_of", "source"),
    [
        ({"as_of": "03/2025", "source": LETTER}, PartialDate(2025, 3), A_SOURCE),
        ({"as_of": "2024", "source": "Neu"}, PartialDate(2024), Source(title="Neu")),
        ({"as_of": "03/2025"}, PartialDate(2025, 3), SURVEY),
    ],
)
def test_a_new_date_or_source_states_an_unchanged_status_anew(
    cells: dict[str, str], as_of: PartialDate, source: Source
) -> None:
    plan = imported(KNOWN, status="geplant", **cells)
    fact = after(plan)["PLAN-1-STATUS"]
    assert (fact.phase, fact.as_of, fact.sources) == (Phase.PLANNED, as_of, (source,))
    assert imported(published(plan, KNOWN), status="geplant", **cells).changes_nothing


@pytest.mark.parametrize("as_of", ["2023", "2024", ""])
def test_an_old_date_states_nothing_anew(as_of: str) -> None:
    assert imported(KNOWN, status="geplant", as_of=as_of).changes_nothing


def test_a_status_corrected_in_an_exported_table_has_the_date_and_source_of_the_import() -> None:
    plan = imported(KNOWN, status="umgesetzt", as_of="2024", source=LETTER)
    fact = after(plan)["PLAN-1-STATUS"]
    assert (fact.as_of, fact.sources) == (OCTOBER, (SURVEY,))
    assert not plan.notices
    again = imported(published(plan, KNOWN), status="umgesetzt", as_of="2024", source=LETTER)
    assert again.changes_nothing


def test_a_new_status_with_the_old_date_is_noticed_where_the_import_has_none() -> None:
    plan = imported(KNOWN, status="umgesetzt", as_of="2024", terms={"as_of": None})
    assert reasons(plan.notices) == [(Reason.STILL_OF_THE_OLD_DATE, "C2")]


@pytest.mark.parametrize(
    ("cells", "reason", "cell"),
    [
        ({"deadline": "31.02.2025"}, Reason.NOT_A_DATE, "C2"),
        ({"deadline": "45000"}, Reason.DAY_NUMBER, "C2"),
        ({"deadline": "123"}, Reason.NOT_A_DATE, "C2"),
        ({"as_of": "neulich"}, Reason.NOT_A_DATE, "C2"),
        ({"goal": "x" * 1496}, Reason.TEXT_TOO_LONG, "C2"),
        ({"source": "x" * 201}, Reason.TEXT_TOO_LONG, "C2"),
    ],
)
def test_a_faulty_cell_is_named_and_its_row_left_out(
    cells: dict[str, str], reason: Reason, cell: str
) -> None:
    plan = imported(KNOWN, **cells)
    assert reasons(plan.errors) == [(reason, cell)]
    assert plan.changes_nothing
    assert not plan.missing
    assert not plan.is_ready


@pytest.mark.parametrize(
    ("as_of", "is_to_come"),
    [
        ("21.10.2025", True),
        ("11/2025", True),
        ("2026", True),
        ("20.10.2025", False),
        ("2025", False),
    ],
)
def test_a_row_as_of_a_day_to_come_is_refused_as_an_editor_is(
    as_of: str, is_to_come: bool
) -> None:
    plan = imported(KNOWN, status="umgesetzt", as_of=as_of, terms={"today": date(2025, 10, 20)})
    assert reasons(plan.errors) == [(Reason.DATE_TO_COME, "D2")] * is_to_come
    assert plan.changes_nothing == is_to_come


def test_a_table_as_of_a_day_to_come_is_refused_as_a_whole() -> None:
    plan = imported(KNOWN, status="umgesetzt", terms={"today": date(2025, 9, 30)})
    assert [(error.reason, error.text) for error in plan.errors] == [
        (Reason.DATE_TO_COME, "Oktober 2025")
    ]
    assert plan.changes_nothing


def test_a_deadline_in_words_is_kept_and_noticed() -> None:
    plan = imported(KNOWN, deadline="fortlaufend")
    fact = after(plan)["PLAN-1-DUE"]
    assert (fact.text, fact.due) == ("Frist: fortlaufend", None)
    assert reasons(plan.notices) == [(Reason.DATE_AS_TEXT, "C2")]
    assert plan.is_ready


@pytest.mark.parametrize(
    ("cells", "aspect"),
    [
        ({"status": "läuft"}, Aspect.STATUS),
        ({"status": "umgesetzt"}, Aspect.RESULT),
        ({"status": "verschoben"}, Aspect.REASON),
        ({"status": "entfällt"}, Aspect.REASON),
        ({"status": "läuft", "deadline": "30.09.2025"}, Aspect.REASON),
        ({"status": "läuft", "deadline": "31.10.2025"}, Aspect.STATUS),
        ({"status": "umgesetzt", "deadline": "2024"}, Aspect.RESULT),
        ({}, Aspect.STATUS),
    ],
)
def test_a_remark_is_a_reason_where_something_is_late_or_not_done(
    cells: dict[str, str], aspect: Aspect
) -> None:
    facts = after(imported(a_snapshot(), remark="Es fehlt Personal.", **cells))
    assert facts["PLAN-1-REMARK"].aspect is aspect


def test_an_unknown_status_word_is_asked_for_and_answered() -> None:
    plan = imported(KNOWN, status="grün")
    assert [question.word for question in plan.questions] == ["grün"]
    assert not plan.is_ready
    answered = imported(KNOWN, status="grün", terms={"phases": {"grün": Phase.IN_PROGRESS}})
    assert answered.is_ready
    assert answered.changed[0].after.phase is Phase.IN_PROGRESS
    without = imported(KNOWN, status="grün", terms={"phases": {"grün": None}})
    assert after(without)["PLAN-1-STATUS"].phase is None
