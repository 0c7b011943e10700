"""Who did something: whether what is told says that it was done at all.

Who is in charge is asked for in many ways, and all that is told of it answers. Who did one
particular thing is told only where a text tells of that thing: "Wer moderierte die Konferenz?" is
not answered by who invited to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, takewhile

from knowledge.answering.questions import WORD_WEIGHT, Question
from knowledge.german import Word, words
from knowledge.lexicon import LEXICON
from knowledge.search import Index

MOST_DEEDS = 3
"""Verbs of a question that are looked for; nobody asks who did more, and attackers may."""

ALIKE = 6
"""Letters at the beginning that two words for one deed share: "moderierte", "Moderation"."""

_VERB = re.compile(r"(?:t|te|ten|en)$")


def asks_for_a_deed(question: Question) -> bool:
    """Whether `untold_deeds` tells if a question is answered: "wer warb", "wer moderierte"."""
    return any(_verbs(_asking_who(question), question))


def untold_deeds(question: Question, texts: Iterable[str], index: Index) -> tuple[str, ...]:
    """Verbs that go with "wer" and are for what none of some texts tells, as they were written.

    Args:
        question: What is asked.
        texts: What is told, and the names of what it is told about.
        index: Tells which words mean the same.
    """
    verbs = list(islice(_verbs(_asking_who(question), question), MOST_DEEDS))
    told = [word for text in texts for word in words(text)] if verbs else []
    return tuple(
        verb.surface for verb in verbs if not any(_is_alike(verb, word, index) for word in told)
    )


def _asking_who(question: Question) -> Sequence[Word]:
    """The words of the question for somebody, without a subordinate clause behind it."""
    parts = [tuple(word for word, _ in clause.words) for clause in question.clauses]
    for part in parts or [question.read]:
        if any(word.folded in LEXICON.who for word in part):
            return list(takewhile(lambda word: word.folded not in LEXICON.subordinating, part))
    return ()


def _verbs(asked: Sequence[Word], question: Question) -> Iterator[Word]:
    """The verbs for particular deeds; for others signs, or all that is told, are an answer."""
    for place, word in enumerate(asked):
        follows_who = place > 0 and asked[place - 1].folded in LEXICON.who
        goes_with_noun = any(after in question.nouns for after in asked[place + 1 : place + 2])
        if (
            (follows_who or (_VERB.search(word.folded) and not goes_with_noun))
            and word not in question.nouns
            and question.weight(word) >= WORD_WEIGHT
            and not _is_common(word)
        ):
            yield word


def _is_common(verb: Word) -> bool:
    """Whether all that is told answers who does it, or a sign tells what does."""
    return verb.folded in LEXICON.acting or any(
        (verb.folded,) in sign.phrases for sign in LEXICON.signs
    )


def _is_alike(verb: Word, word: Word, index: Index) -> bool:
    return (
        index.is_kind_of(word, verb)
        or index.is_kind_of(verb, word)
        or (len(word.folded) >= ALIKE and word.folded[:ALIKE] == verb.folded[:ALIKE])
    )
