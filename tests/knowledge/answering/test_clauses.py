"""Several questions in one sentence."""

import pytest

from knowledge.answering.clauses import clauses
from knowledge.german import words


@pytest.mark.parametrize(
    ("sentence", "single"),
    [
        ("Konzept 2018: wann beschlossen und wie viele Seiten?",
         ["konzept 2018 wann beschlossen und", "wie viele seiten"]),
        ("Wer macht was bis wann beim Abgleich?",
         ["wer macht", "was", "bis wann beim abgleich"]),
        ("für wen ist das und ab welchem niveau",
         ["fuer wen ist das und", "ab welchem niveau"]),
        ("Wie weit ist der Plan?", []),
        ("Plan", []),
        ("", []),
    ],
)  # fmt: skip
def test_each_begins_with_its_word_of_asking(sentence: str, single: list[str]) -> None:
    read = words(sentence)
    found = [" ".join(read[place].folded for place in span) for span in clauses(read)]
    assert found == single
