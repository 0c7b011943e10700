"""How facts of an entry follow one another."""

import re
from typing import Any

import pytest

from knowledge.entries import Aspect
from knowledge.facts import fact_id, newest_statement, superseded
from knowledge.partial_date import PartialDate
from tests.support.builders import a_fact, an_entry


@pytest.mark.parametrize(
    ("former", "new", "gone"),
    [
        ("2024", "2025", True),
        ("2025", "2025-03", True),  # the year may have been the months before
        ("2025-03", "2025", True),
        ("2025-04", "2025-03", False),
        ("2026", "2025", False),
        (None, "2025", True),
        (None, None, True),
        ("2024", None, False),  # an undated source does not outdo a dated one
    ],
)
def test_what_is_surely_from_a_later_time_is_not_superseded(
    former: str | None, new: str | None, *, gone: bool
) -> None:
    old = a_fact(id="F-OLD", aspect="status", phase="planned", as_of=former)
    entry = an_entry(facts=[old])
    fact = a_fact(id="F-NEW", aspect="status", phase="done", as_of=new)
    assert superseded(entry, fact) == (("F-OLD",) if gone else ())


@pytest.mark.parametrize(
    ("fields", "gone"),
    [
        ({"phase": "planned"}, True),
        ({}, False),
        ({"known": False}, True),
        ({"aspect": "due", "due": "2025"}, False),
        ({"aspect": "reason"}, False),
    ],
)
def test_only_what_excludes_the_new_fact_is_superseded(
    fields: dict[str, Any], *, gone: bool
) -> None:
    entry = an_entry(facts=[a_fact(id="F-OLD", **{"aspect": "status", **fields})])
    new = a_fact(id="F-NEW", aspect="status", phase="done", as_of="2025")
    assert bool(superseded(entry, new)) is gone


def test_an_id_says_nothing_and_is_always_the_same() -> None:
    def name(text: str = "Es läuft.", entry: str = "EF-7", taken: tuple[str, ...] = ()) -> str:
        return fact_id(entry, Aspect.STATUS, text, PartialDate(2024), taken)

    assert name() == name()
    assert re.fullmatch("F-[A-Z2-7]{10}", name())
    others = [name("Es ruht."), name(entry="EF-8"), name(taken=(name(),))]
    assert len({name(), *others}) == 4


def test_that_something_is_not_known_is_no_statement_on_an_entry() -> None:
    entry = an_entry(
        facts=[
            a_fact(id="F-1", as_of="2024-01"),
            a_fact(id="F-2", as_of="2026-02", known=False),
            a_fact(id="F-3", as_of=None),
        ]
    )
    assert newest_statement(entry) == PartialDate(2024, 1)
    assert newest_statement(an_entry()) is None
