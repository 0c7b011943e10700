"""Which aspects words ask for, and how surely they must."""

import pytest

from knowledge.answering.aspects import asks_something, aspects_in
from knowledge.entries import Aspect
from knowledge.german import words


def asked(text: str) -> tuple[Aspect, ...]:
    aspects, _ = aspects_in([word.stem for word in words(text)])
    return aspects


@pytest.mark.parametrize(
    ("text", "aspects"),
    [
        ("Was kostet das?", (Aspect.COST,)),
        ("Warum dauert das?", (Aspect.REASON,)),
        ("bis wann", (Aspect.DUE,)),
        ("wieso hat das noch nicht angefangen", (Aspect.REASON,)),
        ("Wie viel Geld gibt es?", (Aspect.COST, Aspect.COUNT)),
        ("Was wird gefordert?", ()),
        ("Wird das gefördert?", (Aspect.COST,)),
        ("ist", ()),
    ],
)
def test_words_show_what_is_asked(text: str, aspects: tuple[Aspect, ...]) -> None:
    assert asked(text) == aspects
    assert asks_something(words(text)) is bool(aspects)


def test_the_words_that_show_it_are_told() -> None:
    _, positions = aspects_in([word.stem for word in words("Das Fest: bis wann?")])
    assert positions == {2, 3}
