"""Numbered things are told from numbers that none of them has."""

import pytest

from knowledge.answering.numbering import numbered_things, without_such
from knowledge.entries import Kind
from knowledge.german import words
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

SNAPSHOT = Snapshot(
    [
        an_entry(
            "PLAN",
            kind=Kind.PLAN,
            title="Zwei-Punkte-Plan",
            aliases=["2 Punkte"],
            facts=[a_fact("Die Maßnahme 12 ruht; es gibt 6 Handlungsfelder, 15 Ziele, Ziel 37.")],
        ),
        an_entry("PLAN-P1", kind=Kind.FIELD, title="Punkt 1: Wohnen"),
        an_entry("PLAN-P2", kind=Kind.FIELD, title="Punkt 2: Arbeit"),
        an_entry("EF-1", title="Schule"),
        an_entry("EF-2", title="Raum", aliases=["Vorhaben Nr. 2"]),
    ]
)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Was ist mit Punkt 11?", ("Punkt 11",)),
        ("Stand EF-11", ("EF-11",)),
        ("ef 11 und EF-1 und ef12", ("ef 11", "ef12")),
        ("PLAN-P3", ("P3",)),
        ("Stand Maßnahme Nr. 99", ("Maßnahme 99",)),
        ("Handlungsfeld 15", ("Handlungsfeld 15",)),
    ],
)
def test_a_number_that_nothing_of_its_sort_has_is_named(text: str, missing: tuple[str]) -> None:
    assert without_such(numbered_things(words(text), SNAPSHOT), text, SNAPSHOT) == missing


@pytest.mark.parametrize(
    "text",
    [
        "Was ist mit Punkt 2?",
        "EF-1, ef2 und PLAN-P1",
        "Stand Maßnahme 12",  # a fact tells of it
        "Ziel 38",  # not known to be numbered one by one
        "Plan 24 und Zwei-Punkte-Plan",
        "Maßnahmen 2024, 30 Maßnahmen",
        "am 11. Mai um Punkt 11.30",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert without_such(numbered_things(words(text), SNAPSHOT), text, SNAPSHOT) == ()
