"""What differs between two versions of an entry."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.differences import Difference, Part, by_entry, compare
from knowledge.entries import Aspect, Entry, Kind, Phase, Rhythm
from knowledge.partial_date import PartialDate
from tests.support.builders import a_fact, an_entry

LINKS = [{"relation": "related", "target": key} for key in ("A", "B")]
RHYTHM = Rhythm(months=24, since=PartialDate(2023))


@pytest.mark.parametrize(
    ("part", "old", "new", "told"),
    [
        (Part.KIND, {"kind": "plan"}, {}, (Kind.PLAN, Kind.MEASURE)),
        (Part.TITLE, {"title": "Alt"}, {"title": "Neu"}, ("Alt", "Neu")),
        (Part.NUMBER, {}, {"number": "2170/24"}, (None, "2170/24")),
        (Part.PARENT, {"parent": "A"}, {"parent": "B"}, ("A", "B")),
        (Part.RHYTHM, {"rhythm": RHYTHM}, {}, (RHYTHM, None)),
        (Part.ALIAS, {"aliases": ["A", "B"]}, {"aliases": ["B"]}, ("A", None)),
        (Part.ALIAS, {"aliases": ["B"]}, {"aliases": ["A", "B"]}, (None, "A")),
        (
            Part.ORDER,
            {"aliases": ["A", "B"]},
            {"aliases": ["B", "A"]},
            (("A", "B"), ("B", "A")),
        ),
        (
            Part.ORDER,
            {"facts": [a_fact(id="F-1"), a_fact(id="F-2")]},
            {"facts": [a_fact(id="F-2"), a_fact(id="F-1")]},
            (("F-1", "F-2"), ("F-2", "F-1")),
        ),
    ],
)
def test_a_difference_tells_old_and_new(
    part: Part, old: dict[str, Any], new: dict[str, Any], told: tuple[Any, Any]
) -> None:
    assert compare(an_entry(**old), an_entry(**new)) == (Difference("EF-7", part, *told),)


def test_links_come_and_go() -> None:
    (gone, new) = compare(an_entry(links=LINKS[:1]), an_entry(links=LINKS[1:]))
    assert (gone.part, gone.new, new.part, new.old) == (Part.LINK, None, Part.LINK, None)


def test_a_new_status_stands_beside_the_one_whose_place_it_takes() -> None:
    old = a_fact("Läuft.", id="F-1", aspect="status", phase="in_progress")
    new = a_fact("Fertig.", id="F-2", aspect="status", phase="done")
    summary = a_fact(id="F-3")
    found = compare(an_entry(facts=[summary, old]), an_entry(facts=[summary, new]))
    assert found == (
        Difference("EF-7", Part.PHASE, Phase.IN_PROGRESS, Phase.DONE),
        Difference("EF-7", Part.FACT, old, new),
    )
    assert [difference.aspect for difference in found] == [None, Aspect.STATUS]


def test_a_moved_date_is_told_before_its_fact() -> None:
    old = a_fact(id="F-1", aspect="due", due="2025")
    new = a_fact(id="F-1", aspect="due", due="2026")
    found = compare(an_entry(facts=[old]), an_entry(facts=[new]))
    assert found == (
        Difference("EF-7", Part.DUE, PartialDate(2025), PartialDate(2026)),
        Difference("EF-7", Part.FACT, old, new),
    )


def test_facts_of_different_aspects_do_not_take_each_others_place() -> None:
    old, new = a_fact(id="F-1", aspect="cost"), a_fact(id="F-2", aspect="count")
    found = compare(an_entry(facts=[old]), an_entry(facts=[new]))
    assert [(d.old, d.new) for d in found] == [(old, None), (None, new)]


def test_an_entry_that_comes_or_goes_is_one_difference() -> None:
    entry = an_entry(aliases=["A"], facts=[a_fact()])
    assert compare(None, entry) == (Difference("EF-7", Part.ENTRY, None, entry),)
    assert compare(entry, None) == (Difference("EF-7", Part.ENTRY, entry, None),)
    assert compare(None, None) == ()


facts = st.builds(
    lambda number, text, aspect: a_fact(text, id=f"F-{number}", aspect=aspect),
    st.integers(1, 3),
    st.sampled_from(["Ja.", "Nein."]),
    st.sampled_from(["cost", "status"]),
)
entries = st.builds(
    an_entry,
    aliases=st.lists(st.sampled_from("ABC"), unique=True),
    links=st.lists(st.sampled_from(LINKS)),
    facts=st.lists(facts, unique_by=lambda fact: fact.id),
    title=st.sampled_from("ab"),
)


@given(entries, entries)
def test_nothing_differs_exactly_where_versions_are_equal(old: Entry, new: Entry) -> None:
    assert (compare(old, new) == ()) is (old == new)
    assert compare(old, old) == ()


def test_differences_stand_together_by_entry_in_the_order_in_which_they_come() -> None:
    of_b, of_a, of_b_too = (
        Difference(key, part, None, "neu")
        for key, part in (("B", Part.TITLE), ("A", Part.TITLE), ("B", Part.NUMBER))
    )
    assert by_entry([of_b, of_a, of_b_too]) == [("B", [of_b, of_b_too]), ("A", [of_a])]
