"""What columns show of an entry, and the facts that cells become."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.entries import (
    LONGEST_KEY,
    LONGEST_TEXT,
    Aspect,
    Certainty,
    Entry,
    Fact,
    Kind,
    Phase,
    Source,
)
from knowledge.exchange import Column
from knowledge.exchange.cells import (
    FACT_COLUMNS,
    Dating,
    cells_of,
    imported_id,
    longest_cell,
    named,
    shown,
    with_imported,
    written,
)
from knowledge.partial_date import PartialDate
from tests.knowledge.exchange.files import OCTOBER, SURVEY
from tests.support.builders import a_fact, an_entry

DATING = Dating((SURVEY,), OCTOBER, Certainty.PUBLIC)


def a_status(name: str, phase: Phase | None, as_of: str | None = "2024") -> Fact:
    return a_fact("Satz.", id=name, aspect=Aspect.STATUS, phase=phase, as_of=as_of)


def imported(entry: Entry, column: Column, cell: str, *, phase: Phase | None = None) -> Entry:
    return with_imported(entry, written(entry, column, cell, DATING, phase=phase))


def test_a_cell_becomes_a_fact_word_for_word() -> None:
    fact = written(an_entry("P-1"), Column.STATUS, "in Arbeit", DATING, phase=Phase.IN_PROGRESS)
    assert (fact.id, fact.text, fact.aspect) == ("P-1-STATUS", "Status: in Arbeit", Aspect.STATUS)
    assert (fact.sources, fact.as_of, fact.certainty) == ((SURVEY,), OCTOBER, Certainty.PUBLIC)


@pytest.mark.parametrize("column", FACT_COLUMNS)
def test_what_was_written_is_shown_again(column: Column) -> None:
    assert shown(imported(an_entry(), column, "Text: mit\nZeile"), column) == "Text: mit\nZeile"


@pytest.mark.parametrize("column", FACT_COLUMNS)
def test_the_longest_cell_fits_into_a_fact(column: Column) -> None:
    fact = written(an_entry(), column, "x" * longest_cell(column), DATING)
    assert len(fact.text) == LONGEST_TEXT


def test_an_unknown_phase_is_a_fact_that_nothing_is_known() -> None:
    fact = written(an_entry(), Column.STATUS, "unbekannt", DATING, phase=Phase.UNKNOWN)
    assert not fact.known


@given(st.from_regex(r"[A-Z0-9]{1,8}(-[A-Z0-9]{1,7}){0,2}", fullmatch=True))
def test_ids_are_valid_and_differ_between_columns(key: str) -> None:
    ids = {imported_id(key, column) for column in FACT_COLUMNS}
    assert len(ids) == len(FACT_COLUMNS)
    assert all(len(name) <= LONGEST_KEY for name in ids)
    assert all(a_fact(id=name).id == name for name in ids)


def test_facts_of_others_are_shown_where_the_column_has_their_aspect() -> None:
    entry = an_entry(
        facts=(
            a_status("A-1", Phase.PLANNED),
            a_fact("Bis Jahresende.", id="A-2", aspect=Aspect.DUE, due="2025-12"),
            a_fact("Das Büro leitet es.", id="A-3", aspect=Aspect.RESPONSIBLE),
            a_fact("Nicht genannt.", id="A-4", aspect=Aspect.PARTICIPANTS, known=False),
            a_fact("Steht da.", id="A-5", aspect=Aspect.SOURCE),
        )
    )
    cells = cells_of(entry, an_entry("F", kind=Kind.FIELD, title="Sprache"))
    assert {column: text for column, text in cells.items() if text} == {
        Column.NUMBER: "EF-7",
        Column.FIELD: "Sprache",
        Column.MEASURE: "Eintrag EF-7",
        Column.RESPONSIBLE: "Das Büro leitet es.",
        Column.DEADLINE: "Dezember 2025",
        Column.STATUS: "geplant",
        Column.AS_OF: "2024",
        Column.SOURCE: "Antwort des Oberbürgermeisters (DS 2170/24)",
    }
    assert list(cells) == list(Column)


def test_a_plan_above_a_measure_is_no_field() -> None:
    assert cells_of(an_entry(), an_entry("P", kind=Kind.PLAN))[Column.FIELD] == ""


@pytest.mark.parametrize(
    ("as_of", "text"), [("2026", "umgesetzt"), ("2025-10", "in Arbeit"), (None, "in Arbeit")]
)
def test_the_newest_is_shown_and_the_own_one_of_equals(as_of: str | None, text: str) -> None:
    entry = an_entry(facts=(a_status("A-1", Phase.DONE, as_of),))
    entry = imported(entry, Column.STATUS, "in Arbeit", phase=Phase.IN_PROGRESS)
    assert shown(entry, Column.STATUS) == text
    assert entry.phase is (Phase.DONE if text == "umgesetzt" else Phase.IN_PROGRESS)


def test_a_fact_goes_before_those_of_others_with_its_aspect() -> None:
    entry = an_entry(
        facts=(a_fact(id="A-1"), a_status("A-2", None), a_fact(id="A-3", aspect=Aspect.COST))
    )
    entry = imported(entry, Column.STATUS, "geplant")
    assert [f.id for f in entry.facts] == ["A-1", "EF-7-STATUS", "A-2", "A-3"]
    entry = imported(entry, Column.FUNDING, "Land")
    entry = imported(entry, Column.COST, "5 €")
    assert [f.id for f in entry.facts][-3:] == ["EF-7-FUND", "EF-7-COST", "A-3"]
    entry = imported(entry, Column.GOAL, "Teilhabe")
    assert entry.facts[-1].id == "EF-7-GOAL"


def test_entries_that_a_fact_was_also_about_stay() -> None:
    fact = a_fact(
        "Status: geplant",
        id="EF-7-STATUS",
        aspect=Aspect.STATUS,
        also=[{"entry": "EF-8", "aspect": "status"}],
    )
    renewed = written(an_entry(facts=(fact,)), Column.STATUS, "läuft", DATING)
    assert renewed.also == fact.also


def test_sources_are_named_with_their_references() -> None:
    sources = (Source(title="Bericht"), Source(title="Antwort", reference="DS 1/25"))
    assert named(sources) == "Bericht; Antwort (DS 1/25)"


def test_a_text_that_somebody_edited_is_shown_whole() -> None:
    fact = a_fact("Neuer Satz.", id="EF-7-GOAL", aspect=Aspect.CONTENT, as_of=PartialDate(2025))
    assert shown(an_entry(facts=(fact,)), Column.GOAL) == "Neuer Satz."
