"""Questions that ask the same, so that an editor deals with them once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from knowledge.german import words
from knowledge.inquiries.handed_over import HandedOver
from knowledge.lexicon import LEXICON

MOST_MISTAKES = 2
"""Words of a question that may be typed otherwise in another that asks the same."""

SHORTEST_MISTYPED, SAME_WORD_AT = 6, 85
"""Letters from which a word can be another mistyped, and how alike the two then are in percent:
below that, different short words are alike, too ("Jena", "Gera")."""

_PASSED_OVER = LEXICON.function - LEXICON.telling
"""Words that are not looked at: another of them makes no other question."""


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions that ask the same.

    Attributes:
        questions: The questions, in the order given; the first one stands for all.
    """

    questions: tuple[HandedOver, ...]

    @property
    def first(self) -> HandedOver:
        """The question that stands for all."""
        return self.questions[0]

    @property
    def awaited(self) -> int:
        """How many of them somebody wants to be told the answer of."""
        return sum(question.awaited for question in self.questions)


def grouped(questions: Iterable[HandedOver]) -> list[QuestionGroup]:
    """Group questions by what they ask, the most frequent first, then in the order given.

    Two ask the same if all words with a meaning are the same but for endings, order and typing
    mistakes. An answer goes to everybody who asked, so that a group too few costs an editor a
    tap, and one too many tells people what they did not ask.
    """
    groups: list[tuple[frozenset[str], list[HandedOver]]] = []
    for question in questions:
        meaning = _meaning(question.text)
        for other, members in groups:
            if _same(meaning, other):
                members.append(question)
                break
        else:
            groups.append((meaning, [question]))
    found = [QuestionGroup(tuple(members)) for _, members in groups]
    return sorted(found, key=lambda group: -len(group.questions))


def group_of(number: int, groups: Sequence[QuestionGroup]) -> QuestionGroup | None:
    """The group that a question stands for; None if it is settled."""
    return next((group for group in groups if group.first.id == number), None)


def _meaning(text: str) -> frozenset[str]:
    stems = [word.stem for word in words(text)]
    return frozenset(stems) - _PASSED_OVER or frozenset(stems)


def _same(one: frozenset[str], other: frozenset[str]) -> bool:
    mine, theirs = sorted(one - other), other - one
    if len(mine) != len(theirs) or len(mine) > MOST_MISTAKES or (mine and not one & other):
        return False
    return all(any(_mistyped(word, counterpart) for counterpart in theirs) for word in mine)


def _mistyped(word: str, other: str) -> bool:
    if not (word.isalpha() and other.isalpha()):
        return False  # another number is another thing
    if min(len(word), len(other)) < SHORTEST_MISTYPED:
        return False
    return fuzz.ratio(word, other) >= SAME_WORD_AT
