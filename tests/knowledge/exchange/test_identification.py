"""Which row is which entry, and the keys of new ones."""

import pytest

from knowledge.entries import Kind
from knowledge.exchange import Column, Reason
from knowledge.exchange.identification import Identification, Keys
from knowledge.exchange.records import Record
from knowledge.snapshot import Snapshot
from tests.knowledge.exchange.files import a_snapshot
from tests.support.builders import an_entry

BASE = a_snapshot(
    an_entry("PLAN-F1", kind=Kind.FIELD, title="Sprache", parent="PLAN"),
    an_entry("PLAN-F2", kind=Kind.FIELD, title="Arbeit", parent="PLAN"),
    an_entry("PLAN-1", title="Sprachkurse", parent="PLAN-F1"),
    an_entry("PLAN-2", title="Öffentlichkeit", parent="PLAN-F1"),
    an_entry("PLAN-3", title="Öffentlichkeit", parent="PLAN-F2"),
    an_entry("ANDERER", kind=Kind.PLAN, title="Anderer Plan", parent="STADT"),
    an_entry("ANDERER-1", title="Fest", parent="ANDERER"),
)


def record(row: int, title: str, number: str = "", field: str = "") -> Record:
    cells = {Column.NUMBER: number, Column.MEASURE: title, Column.FIELD: field}
    return Record(row, {column: text for column, text in cells.items() if text})


def identified(
    *records: Record, snapshot: Snapshot = BASE, reserved: tuple[str, ...] = ()
) -> Identification:
    keys = Keys("PLAN", {*snapshot.entries, *reserved})
    return Identification(records, snapshot, "PLAN", keys)


def owners(found: Identification) -> dict[int, tuple[str, bool]]:
    """Key by row, and whether the entry exists."""
    return {o.record.row: (o.key, o.entry is not None) for o in found.owners}


@pytest.mark.parametrize("number", ["1", "PLAN-1", "plan 1", "1."])
def test_a_number_is_the_key_below_the_plan(number: str) -> None:
    found = identified(record(2, "Sprachkurse", number))
    assert owners(found) == {2: ("PLAN-1", True)}
    assert [entry.key for entry in found.missing] == ["PLAN-2", "PLAN-3"]


def test_without_a_number_the_title_counts_however_it_is_written() -> None:
    assert owners(identified(record(2, "SPRACHKURSE"))) == {2: ("PLAN-1", True)}


def test_a_renumbered_measure_keeps_its_key() -> None:
    assert owners(identified(record(2, "Sprachkurse", "7"))) == {2: ("PLAN-1", True)}


@pytest.mark.parametrize(
    ("number", "key"),
    [
        ("4", "PLAN-4"),
        ("1.3", "PLAN-1-3"),
        ("HF 2 / M 1", "PLAN-HF-2-M-1"),
        ("Ö1", "PLAN-OE1"),
        ("PLAN-9", "PLAN-9"),
        ("", "PLAN-4"),
        ("???", "PLAN-4"),
        ("eine viel zu lange Nummer", "PLAN-4"),
    ],
)
def test_a_new_measure_has_the_key_of_its_number_or_the_next_free_one(
    number: str, key: str
) -> None:
    assert owners(identified(record(2, "Neues", number))) == {2: (key, False)}


def test_free_keys_are_those_that_nothing_has_had_or_will_have() -> None:
    found = identified(
        record(2, "A"), record(3, "B", "5"), record(4, "C"), reserved=("PLAN-4", "PLAN-6")
    )
    assert owners(found) == {2: ("PLAN-7", False), 3: ("PLAN-5", False), 4: ("PLAN-8", False)}


def test_a_free_key_is_none_that_another_row_names() -> None:
    """Else the next import would take the one entry for the other."""
    found = identified(record(2, "Sprachkurse", "4"), record(3, "Neues"))
    assert owners(found) == {2: ("PLAN-1", True), 3: ("PLAN-5", False)}


def test_equal_titles_are_told_by_their_field() -> None:
    found = identified(
        record(2, "Öffentlichkeit", field="Arbeit"), record(3, "Öffentlichkeit", field="Sprache")
    )
    assert owners(found) == {2: ("PLAN-3", True), 3: ("PLAN-2", True)}


def test_equal_titles_that_nothing_tells_apart_are_a_fault() -> None:
    found = identified(record(2, "Öffentlichkeit"))
    assert owners(found) == {}
    assert [(f.reason, f.text) for f in found.findings] == [
        (Reason.AMBIGUOUS_TITLE, "Öffentlichkeit")
    ]


@pytest.mark.parametrize(
    "second",
    [record(3, "Sprachkurse", "1"), record(3, "Neu", "PLAN-1"), record(3, "Neu", "1.")],
)
def test_two_rows_for_one_measure_are_a_fault(second: Record) -> None:
    found = identified(record(2, "Sprachkurse", "1"), second)
    assert owners(found) == {2: ("PLAN-1", True)}
    assert [(f.reason, f.row, f.other_row) for f in found.findings] == [(Reason.ROW_TWICE, 3, 2)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (record(2, "Neu"), record(3, "NEU")),
        (record(2, "A", "1.2"), record(3, "B", "1-2")),
        (record(2, "Neu", field="Sprache"), record(3, "Neu", field="Sprache")),
    ],
)
def test_two_rows_for_one_new_measure_are_a_fault(first: Record, second: Record) -> None:
    found = identified(first, second)
    assert [o.record.row for o in found.owners] == [2]
    assert [(f.reason, f.row, f.other_row) for f in found.findings] == [(Reason.ROW_TWICE, 3, 2)]


def test_a_twin_of_what_its_title_alone_has_told_is_a_fault() -> None:
    found = identified(record(2, "Sprachkurse"), record(3, "SPRACHKURSE"))
    assert owners(found) == {2: ("PLAN-1", True)}
    assert [(f.reason, f.row, f.other_row) for f in found.findings] == [(Reason.ROW_TWICE, 3, 2)]


def test_a_new_measure_with_the_number_of_what_its_title_has_told_is_a_fault() -> None:
    # It would get that number as its key, and the next import read both rows as this measure.
    found = identified(record(2, "Neu", "9"), record(3, "Sprachkurse", "9"))
    assert owners(found) == {3: ("PLAN-1", True)}
    assert [(f.reason, f.row, f.other_row) for f in found.findings] == [(Reason.ROW_TWICE, 2, 3)]


def test_equal_new_titles_in_different_fields_are_different_measures() -> None:
    found = identified(record(2, "Neu", field="Sprache"), record(3, "Neu", field="Arbeit"))
    assert owners(found) == {2: ("PLAN-4", False), 3: ("PLAN-5", False)}


@pytest.mark.parametrize("number", ["ANDERER-1", "STADT", "PLAN-F1", "F1"])
def test_a_key_of_something_else_is_a_fault(number: str) -> None:
    found = identified(record(2, "Fest", number))
    assert owners(found) == {}
    assert found.findings[0].reason is Reason.KEY_ELSEWHERE
    assert found.findings[0].key == (f"PLAN-{number}" if number == "F1" else number)


def test_measures_that_changed_numbers_with_each_other_are_a_fault() -> None:
    found = identified(record(2, "Öffentlichkeit", "1"), record(3, "Sprachkurse", "2"))
    assert owners(found) == {}
    assert [(f.reason, f.key, f.other_key) for f in found.findings] == [
        (Reason.KEY_AND_TITLE_DISAGREE, "PLAN-1", "PLAN-2"),
        (Reason.KEY_AND_TITLE_DISAGREE, "PLAN-2", "PLAN-1"),
    ]
    assert [entry.key for entry in found.missing] == ["PLAN-3"]


def test_keys_below_a_plan_with_a_long_key_are_valid() -> None:
    keys = Keys("INTEGRATIONSKONZEPT-2024", ())
    assert (keys.free(), keys.free("F")) == ("INTEGRATIONSKONZEP-1", "INTEGRATIONSKONZEP-F1")
    assert keys.of_number("12345") == "INTEGRATIONSKONZEP-12345"
    assert keys.of_number("123456") is None
