"""Which words of a question are nouns."""

import pytest

from knowledge.answering.nouns import noun_places
from knowledge.german import words
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

TEXT = "Die Behörde hat das Konzept gründlich beraten."
INDEX = Snapshot([an_entry("EF-1", title="Konzept", facts=[a_fact(TEXT)])]).index


@pytest.mark.parametrize(
    ("question", "nouns"),
    [
        ("Das Konzept wird gründlich beraten", ["Konzept"]),
        ("Konzept gründlich beraten?", ["Konzept"]),
        ("konzept gründlich beraten", ["konzept"]),
        ("welche ausländerbehörde", ["ausländerbehörde"]),
        ("nützt verständigung wirklich", ["verständigung"]),
        ("", []),
    ],
)
def test_capital_letters_sources_and_endings_tell_nouns(question: str, nouns: list[str]) -> None:
    read = words(question)
    assert [read[place].surface for place in sorted(noun_places(read, INDEX))] == nouns
