"""Fields of action that a table names."""

import pytest

from knowledge.entries import Kind
from knowledge.exchange import Column, Reason
from knowledge.exchange.fields import Fields
from knowledge.exchange.identification import Keys, Owner
from knowledge.exchange.records import Record
from tests.knowledge.exchange.files import a_snapshot
from tests.support.builders import an_entry

BASE = a_snapshot(
    an_entry(
        "PLAN-F1",
        kind=Kind.FIELD,
        title="Feld 1 (2006): Bildung und Spracherwerb",
        aliases=("Spracherwerb",),
        parent="PLAN",
    ),
    an_entry("PLAN-F2", kind=Kind.FIELD, title="Arbeit", parent="PLAN"),
    an_entry("PLAN-1", parent="PLAN-F2"),
)


def fields(target: str = "PLAN") -> Fields:
    return Fields(BASE, BASE.entries[target], Keys(target, BASE.entries))


def row(field: str, *, of: str | None = None) -> Owner:
    cells = {Column.MEASURE: "Kurs"} | ({Column.FIELD: field} if field else {})
    return Owner(Record(2, cells), of or "PLAN-9", BASE.entries[of] if of else None)


@pytest.mark.parametrize(
    ("cell", "key"),
    [
        ("Arbeit", "PLAN-F2"),
        ("ARBEIT", "PLAN-F2"),
        ("HF 2: Arbeit", "PLAN-F2"),
        ("II. Arbeit", "PLAN-F2"),
        ("2.1 Arbeit", "PLAN-F2"),
        ("Handlungsfeld Arbeit", "PLAN-F2"),
        ("Spracherwerb", "PLAN-F1"),
        ("Bildung und Spracherwerb", "PLAN-F1"),
        ("1. Bildung und\nSpracherwerb", "PLAN-F1"),
    ],
)
def test_a_field_is_known_by_its_names_with_and_without_numbers(cell: str, key: str) -> None:
    found = fields()
    parent = found.parent(row(cell))
    assert parent is not None
    assert (parent.key, found.created) == (key, [])


def test_without_a_field_a_new_measure_is_below_the_plan_and_a_known_one_stays() -> None:
    found = fields()
    assert [e and e.key for e in (found.parent(row("")), found.parent(row("", of="PLAN-1")))] == [
        "PLAN",
        "PLAN-F2",
    ]


def test_a_field_that_does_not_exist_is_made_once() -> None:
    found = fields()
    parents = [found.parent(row(cell)) for cell in ("Wohnen", "HF 3: Wohnen", "Gesundheit")]
    assert [parent and parent.key for parent in parents] == ["PLAN-F3", "PLAN-F3", "PLAN-F4"]
    (first, second) = found.created
    assert (first.row, first.after.kind, first.after.parent) == (2, Kind.FIELD, "PLAN")
    assert [change.after.title for change in (first, second)] == ["Wohnen", "Gesundheit"]


@pytest.mark.parametrize(
    ("first", "again", "second"),
    [
        ("HF 1: Wohnen", "1. Wohnen", "HF 2: Wohnen"),
        ("I. Wohnen", "HF 1: Wohnen", "IV. Wohnen"),
        ("2.1 Wohnen", "Feld 2.1: Wohnen", "2.2 Wohnen"),
    ],
)
def test_fields_that_differ_in_their_numbers_alone_are_different_fields(
    first: str, again: str, second: str
) -> None:
    found = fields()
    parents = [found.parent(row(cell)) for cell in (first, second, again)]
    assert [parent and parent.key for parent in parents] == ["PLAN-F3", "PLAN-F4", "PLAN-F3"]
    assert [change.after.title for change in found.created] == [first, second]


def test_another_number_than_that_of_a_known_field_names_another_field() -> None:
    found = fields()
    parent = found.parent(row("Feld 2: Bildung und Spracherwerb"))
    assert parent is not None
    assert parent.key == "PLAN-F3"


def test_below_a_body_only_known_fields_can_be_named() -> None:
    found = fields("STADT")
    known, unknown = found.parent(row("Arbeit")), found.parent(row("Wohnen"))
    assert known is not None
    assert (known.key, unknown) == ("PLAN-F2", None)
    assert [(f.reason, f.text) for f in found.findings] == [(Reason.NO_SUCH_FIELD, "Wohnen")]
