"""What narrows a list: words for phases, what is lacking, and what a list is of."""

import pytest

from knowledge.answering.filters import is_listed, lacking_in, phases_in
from knowledge.entries import Aspect, Phase
from knowledge.german import words


@pytest.mark.parametrize(
    ("text", "phases"),
    [
        ("geplant", {Phase.PLANNED}),
        ("begonnen", {Phase.IN_PROGRESS}),
        (
            "nicht begonnen",
            set(Phase) - {Phase.IN_PROGRESS, Phase.CONTINUOUS, Phase.DONE, Phase.DROPPED},
        ),
        ("noch offen", set(Phase) - {Phase.DONE, Phase.DROPPED}),
        ("geplant oder entfallen", {Phase.PLANNED, Phase.DROPPED}),
        ("schön", set()),
    ],
)
def test_words_name_phases(text: str, phases: set[Phase]) -> None:
    assert phases_in([word.stem for word in words(text)]) == phases


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("ohne Termin", Aspect.DUE),
        ("keine Verantwortlichen", Aspect.RESPONSIBLE),
        ("kein Budget", Aspect.COST),
        ("kein Fest", None),
        ("mit Termin", None),
    ],
)
def test_what_is_lacking_stands_behind_a_word_that_denies(
    text: str, lacking: Aspect | None
) -> None:
    assert lacking_in(words(text)) is lacking


@pytest.mark.parametrize(
    ("text", "place", "listed"),
    [
        ("welcher Plan", 1, True),
        ("offene Maßnahmen", 1, True),
        ("die offenen Maßnahmen", 2, True),
        ("bei einem laufenden Vorhaben", 3, False),
        ("Maßnahmen ohne Termin", 0, True),
        ("nenne Maßnahmen", 1, True),
        ("der Plan", 1, False),
    ],
)
def test_a_list_is_of_what_a_kind_word_names(text: str, place: int, *, listed: bool) -> None:
    assert is_listed(words(text), place) is listed
