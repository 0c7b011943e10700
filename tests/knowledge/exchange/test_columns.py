"""Headings of towns, understood as columns."""

from collections import Counter
from collections.abc import Sequence

import pytest

from knowledge.exchange import HEADINGS, Column, Layout
from knowledge.exchange.columns import Match, find_layout, known_headings
from knowledge.exchange.sheets import read_table
from tests.knowledge.exchange.files import csv_file, xlsx_file


def layout(*rows: Sequence[str]) -> Layout:
    return find_layout(read_table(csv_file(rows), "x.csv"))


def read_as(heading: str) -> tuple[Column | None, Match]:
    """How a heading is understood beside the one that every table needs."""
    found = layout([HEADINGS[Column.MEASURE], heading])
    other = next((h for h in found.headings if h.position == 2), None)
    return (other.column, other.match) if other else (None, Match.NOT_UNDERSTOOD)


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Nr.", Column.NUMBER),
        ("lfd. Nr.", Column.NUMBER),
        ("Maßn.-Nr.", Column.NUMBER),
        ("HF", Column.FIELD),
        ("Handlungsf.", Column.FIELD),
        ("Zielsetzung", Column.GOAL),
        ("Zielgruppe(n)", Column.TARGET_GROUP),
        ("Zuständigk.", Column.RESPONSIBLE),
        ("verantw. Amt", Column.RESPONSIBLE),
        ("Zuständig-\nkeit", Column.RESPONSIBLE),
        ("ZUSTAENDIGKEIT", Column.RESPONSIBLE),
        ("Verantwortliche*r", Column.RESPONSIBLE),
        ("Federführung", Column.RESPONSIBLE),
        ("Kooperationspartner*innen", Column.PARTNERS),
        ("Beteiligte/Partner", Column.PARTNERS),
        ("Termin/Frist", Column.DEADLINE),
        ("Zeitplan/Meilensteine", Column.DEADLINE),
        ("Umsetzungsstand", Column.STATUS),
        ("Stand der Umsetzung", Column.STATUS),
        ("Bemerkung/Begründung", Column.REMARK),
        ("Bem.", Column.REMARK),
        ("Erfolgsindikatoren", Column.INDICATOR),
        ("Kosten (in T€)", Column.COST),
        ("Förder-\nmittel", Column.FUNDING),
        ("Letzter politischer Beschluss", Column.DECISION),
        ("Drs.-Nr.", Column.PAPER),
        ("Stand vom", Column.AS_OF),
        ("Quelle", Column.SOURCE),
        ("Vorhabenbeschreibung", Column.DESCRIPTION),
    ],
)
def test_headings_that_towns_use_are_understood(heading: str, column: Column) -> None:
    assert read_as(heading) == (column, Match.SURE)


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("Zustaendgkeit", Column.RESPONSIBLE),
        ("Bemrkung", Column.REMARK),
        ("Stand", Column.STATUS),
        ("Status der Maßnahme", Column.STATUS),
        ("Ziel der Maßnahme", Column.GOAL),
        ("Kosten 2024", Column.COST),
        ("Akteure", Column.PARTNERS),
        ("Kosten/Personal", Column.COST),
        ("Frist/Sonstiges und mehr", Column.DEADLINE),
        ("Verantwortlich für die Umsetzung", Column.RESPONSIBLE),
    ],
)
def test_what_is_misspelt_or_ambiguous_is_put_to_a_person(heading: str, column: Column) -> None:
    assert read_as(heading) == (column, Match.DOUBTFUL)


@pytest.mark.parametrize("heading", ["Priorität", "Teil", "x", "Maßnahme " * 20, "Stadtbezirk"])
def test_other_headings_are_not_understood(heading: str) -> None:
    assert read_as(heading) == (None, Match.NOT_UNDERSTOOD)


def test_every_heading_is_known_once() -> None:
    counts = Counter(text for text, _, _ in known_headings())
    assert [text for text, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("column", Column)
def test_the_headings_of_an_export_are_understood(column: Column) -> None:
    found = layout(list(HEADINGS.values()))
    assert found.positions[column] == list(Column).index(column) + 1
    assert {heading.match for heading in found.headings} == {Match.SURE}


def test_of_two_headings_that_mean_the_same_the_better_one_counts() -> None:
    found = layout(["Nr.", "Maßnahme", "Kosten 2024", "Kosten", "Kosten 2025"])
    assert found.positions[Column.COST] == 4
    assert [heading.text for heading in found.not_understood] == ["Kosten 2024", "Kosten 2025"]


def test_titles_above_the_headings_are_passed_over() -> None:
    found = layout(
        ["Maßnahmenplan Integration der Stadt"],
        [],
        ["Stand: 31.12.2024", "", "Amt 50"],
        ["Nr.", "Maßnahme", "Status"],
        ["1", "Kurs", "läuft"],
    )
    assert found.header == (4,)


def test_two_rows_of_headings_are_read_together() -> None:
    found = layout(
        ["Nr.", "Maßnahme", "Zuständigkeit", "", "Status"],
        ["", "", "Federführung", "Beteiligte", ""],
        ["1", "Kurs", "Amt 50", "Verein", "läuft"],
    )
    assert found.header == (1, 2)
    assert found.positions == {
        Column.NUMBER: 1,
        Column.MEASURE: 2,
        Column.RESPONSIBLE: 3,
        Column.PARTNERS: 4,
        Column.STATUS: 5,
    }
    assert found.headings[3].text == "Zuständigkeit Beteiligte"


def test_merged_headings_are_read_like_others() -> None:
    content = xlsx_file(
        [
            ["Maßnahmenplan"],
            ["Nr.", "Maßnahme", "Zuständigkeit", None, "Status"],
            [None, None, "Federführung", "Beteiligte", None],
            ["1", "Kurs", "Amt 50", "Verein", "läuft"],
        ],
        merged=["A1:E1", "A2:A3", "B2:B3", "C2:D2", "E2:E3"],
    )
    found = find_layout(read_table(content, "x.xlsx"))
    assert set(found.positions) == {
        Column.NUMBER,
        Column.MEASURE,
        Column.RESPONSIBLE,
        Column.PARTNERS,
        Column.STATUS,
    }
    assert max(found.header) == 3


def test_a_row_of_data_is_never_taken_for_headings() -> None:
    found = layout(
        ["Nr.", "Maßnahme", "", "Priorität"],
        ["1", "Beteiligung der Vereine", "Status", "Beteiligung"],
        ["2", "Kosten der Unterkunft", "Frist", "hoch"],
    )
    assert found.header == (1,)


def test_a_table_without_known_headings_has_no_layout() -> None:
    found = layout(["a", "b"], ["c", "d"])
    assert (found.header, found.missing) == ((), (Column.MEASURE,))


def test_a_person_may_correct_what_was_understood() -> None:
    found = layout(["Nr.", "Maßnahme", "Stand", "Priorität", "Ressourcen"])
    assert [heading.text for heading in found.doubtful] == ["Stand", "Ressourcen"]
    corrected = found.confirmed({3: Column.AS_OF, 4: Column.STATUS, 5: None})
    assert corrected.positions == {
        Column.NUMBER: 1,
        Column.MEASURE: 2,
        Column.AS_OF: 3,
        Column.STATUS: 4,
    }
    assert not corrected.doubtful
    assert [heading.text for heading in corrected.not_understood] == ["Ressourcen"]


def test_a_column_that_is_chosen_for_one_heading_is_taken_from_the_other() -> None:
    found = layout(["Maßnahme", "Titel des Vorhabens"]).confirmed({2: Column.MEASURE})
    assert found.positions == {Column.MEASURE: 2}
    assert found.missing == ()
    assert layout(["Maßnahme", "Amt"]).confirmed({1: None}).missing == (Column.MEASURE,)
