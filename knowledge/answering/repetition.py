"""Saying each thing once, in an answer of several facts and about several entries.

The same is often told of more than one entry, once in passing and once at length. Whoever reads
on a phone should not have to find that out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from knowledge.answering.sections import Section
from knowledge.answering.towns import town_of
from knowledge.entries import Fact
from knowledge.german import words
from knowledge.lexicon import LEXICON
from knowledge.snapshot import Statement

_TURNING = LEXICON.denying | LEXICON.intending
"""Stems of words that make of a sentence one that says something else: "soll", "nicht"."""


def without_repetition(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Say each fact, each step of a chain and each date once, where it comes first."""
    told: set[str] = {s.entry.key for s in sections}
    said: set[str] = set()
    kept: list[Section] = []
    for section in sections:
        nearest = tuple(s for s in section.nearest if s.fact.id not in said)
        others = tuple(s for s in section.others if s.fact.id not in said)
        said |= {s.fact.id for s in (*nearest, *others)}
        if not nearest:  # what is folded needs something to stand below
            nearest, others = (others or section.statements)[:1], others[1:]
        kept.append(_once(section, nearest, others))
    result: list[Section] = []
    for section in kept:
        chain = tuple(step for step in section.chain if step.dependency.entry.key not in told)
        told |= {step.dependency.entry.key for step in chain}
        states = [
            replace(step, state=None) if step.state and step.state.fact.id in said else step
            for step in chain
        ]
        result.append(replace(section, chain=tuple(states)))
    return tuple(result)


def _once(section: Section, nearest: Sequence[Statement], others: Sequence[Statement]) -> Section:
    """A section with these statements, but for those that another one says as well.

    The one that says more takes the place of the first that says less.
    """
    own = section.entry.facts
    title = section.entry.title

    def says_less(one: Statement, other: Statement) -> bool:
        about = title if one.fact in own and other.fact in own else ""
        return repeats(one.fact, other.fact, about=about)

    once: list[tuple[Statement, bool]] = []
    for statement, near in (*((s, True) for s in nearest), *((s, False) for s in others)):
        if any(says_less(statement, told) for told, _ in once):
            continue
        shorter = [one for one in once if says_less(one[0], statement)]
        if not shorter:
            once.append((statement, near))
            continue
        once[once.index(shorter[0])] = (statement, shorter[0][1])
        for one in shorter[1:]:
            once.remove(one)
    return replace(
        section,
        nearest=tuple(statement for statement, near in once if near),
        others=tuple(statement for statement, near in once if not near),
    )


def repeats(fact: Fact, other: Fact, *, about: str = "") -> bool:
    """Whether another fact of the same time and sources says all that a fact says.

    It has all of its words, but for those that name what both are about, and those that only say
    that it happened: the other one tells of it, too. Nothing that is called not known repeats
    anything: what is not known of one thing says nothing of another.

    Args:
        fact: What may be left out.
        other: What is told.
        about: The name of what both are about.
    """
    if not (fact.known and other.known):
        return False
    if (fact.dated, fact.certainty, fact.disputed) != (
        other.dated,
        other.certainty,
        other.disputed,
    ) or not set(fact.sources) <= set(other.sources):
        return False
    if fact.dating not in {None, other.dating}:  # a doubt about the date would be lost
        return False
    if _differ(fact.phase, other.phase) or _differ(fact.due, other.due):
        return False
    said, elsewhere = _told(fact.text), _told(other.text)
    if not (elsewhere - said).isdisjoint(_TURNING):
        return False
    naming = (_told(about) - _TURNING) | LEXICON.happened if about else frozenset()
    return said <= elsewhere | naming


def _differ(one: object | None, other: object | None) -> bool:
    """Whether two facts state something that cannot be true of one thing at once."""
    return None not in {one, other} and one != other


@lru_cache(maxsize=10_000)
def _told(text: str) -> frozenset[str]:
    """The stems of a text but for those that tell nothing; of a town, its name."""
    told = (town_of(word) or word.stem for word in words(text))
    return frozenset(told) - LEXICON.empty - LEXICON.places
