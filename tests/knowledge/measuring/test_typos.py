"""Typing mistakes: seeded, in long words, never in the first letter."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.measuring.typos import LONGER_THAN, PER_QUERY, mistyped

QUERIES = [
    "Wie weit ist der Maßnahmenplan für Jugendliche?",
    "Müssen Städte für ECCAR Gebühren zahlen?",
    "Drucksache 2170/24",
]


@pytest.mark.parametrize(
    ("seed", "expected"),
    [
        (
            1,
            [
                "Wie weit ist der Maßnahmenpan für Jupgendliche?",
                "Muesasen Staedte fuer ECCAR Gebuehern zahlen?",
                "Dwruksache 2170/24",
            ],
        ),
        (
            2,
            [
                "Wie weit ist der Macnahmenpljn für Jugendliche?",
                "Muessen Staedte fuer ECCAR Gebuehren zalfen?",
                "Daucksrache 2170/24",
            ],
        ),
    ],
)
def test_a_seed_always_makes_the_same_mistakes(seed: int, expected: list[str]) -> None:
    assert mistyped(QUERIES, seed) == expected


def test_every_other_query_has_its_umlauts_spelt_out() -> None:
    assert mistyped(["Süd für Ämter"] * 2, 4)[0].startswith("Süd für Ä")
    assert mistyped(["Süd für Ämter"] * 2, 4)[1].startswith("Sued fuer Ae")
    assert mistyped(["Süd", "Öl, Maß"], 0) == ["Süd", "Oel, Mass"]


@pytest.mark.parametrize("query", ["", "?!", "und wer", "eins zwei drei", "161/2006"])
def test_a_query_without_long_words_is_left_alone(query: str) -> None:
    assert mistyped([query], 1) == [query]


def test_no_queries_give_none() -> None:
    assert mistyped([], 1) == []


@given(st.lists(st.text(max_size=60), max_size=4), st.integers(0, 2**32))
def test_any_text_is_taken_and_first_letters_and_short_words_are_kept(
    queries: list[str], seed: int
) -> None:
    for query, typed in zip(queries[::2], mistyped(queries, seed)[::2], strict=True):
        before, after = re.findall(r"\w+", query), re.findall(r"\w+", typed)
        assert abs(len(query) - len(typed)) <= PER_QUERY
        assert [word[0] for word in before] == [word[0] for word in after]
        changed = [old for old, new in zip(before, after, strict=True) if old != new]
        assert len(changed) <= PER_QUERY
        assert all(len(old) > LONGER_THAN for old in changed)
