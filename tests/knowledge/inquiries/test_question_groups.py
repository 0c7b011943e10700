"""Questions that ask the same."""

import pytest

from knowledge.inquiries.handed_over import HandedOver
from knowledge.inquiries.question_groups import group_of, grouped
from tests.support.clock import MOMENT


def asked(*texts: str) -> list[HandedOver]:
    return [
        HandedOver(number, text, MOMENT, awaited=number % 2 == 0)
        for number, text in enumerate(texts, start=1)
    ]


def sizes(*texts: str) -> list[int]:
    return [len(group.questions) for group in grouped(asked(*texts))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Was kostet der Sprachkurs?", "was kostet denn die Sprachkurse"),
        ("Wann öffnet das Willkommenszentrum", "willkommenszentrum wann öffnet?"),
        ("Wann öffnet das Willkommenszentrum", "Wann öffnet das Wilkommenszentrum?"),
        ("Gibt es Sprachmittlung für Ärzte?", "gibt es sprachmittlung fuer aerzte"),
        ("???", "???"),
    ],
)
def test_case_order_endings_and_mistakes_make_no_other_question(one: str, other: str) -> None:
    assert sizes(one, other) == [2]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Was kostet der Sprachkurs in Jena?", "Was kostet der Sprachkurs in Gera?"),
        ("Was kostet der Sprachkurs 2024?", "Was kostet der Sprachkurs 2025?"),
        ("Wer öffnet das Willkommenszentrum?", "Wann öffnet das Willkommenszentrum?"),
        ("Ist das Zentrum geöffnet?", "Ist das Zentrum nicht geöffnet?"),
        ("Was kostet der Sprachkurs?", "Was kostet der Sprachkurs für Eltern?"),
        ("Willkommenszentrum", "Wilkommenszentren"),
        ("", "Sprachkurs"),
    ],
)
def test_one_thing_otherwise_makes_another_question(one: str, other: str) -> None:
    assert sizes(one, other) == [1, 1]


def test_the_most_frequent_come_first_and_the_oldest_stands_for_all() -> None:
    groups = grouped(asked("Eins?", "Zwei Häuser?", "zwei haeuser", "Drei?"))
    assert [(g.first.text, g.awaited) for g in groups] == [
        ("Zwei Häuser?", 1),
        ("Eins?", 0),
        ("Drei?", 1),
    ]
    assert group_of(2, groups) == groups[0]
    assert group_of(3, groups) is None
