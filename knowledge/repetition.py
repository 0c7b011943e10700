"""Saying each thing once, in an answer of several facts and about several entries.

The same is often told of more than one entry, once in passing and once at length. Whoever reads
on a phone should not have to find that out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from knowledge.entries import Fact
from knowledge.german import words
from knowledge.lexicon import LEXICON
from knowledge.sections import Section
from knowledge.snapshot import Statement


def without_repetition(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Say each fact, each step of a chain and each date once, where it comes first."""
    told: set[str] = {s.entry.key for s in sections}
    said: set[str] = set()
    kept: list[Section] = []
    for section in sections:
        fresh = tuple(s for s in section.statements if s.fact.id not in said)
        said |= {s.fact.id for s in fresh}
        kept.append(replace(section, statements=_once(fresh or section.statements[:1])))
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


def _once(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Statements without those that another one says as well; that one takes their place."""
    once: list[Statement] = []
    for statement in statements:
        if any(repeats(statement.fact, told.fact) for told in once):
            continue
        shorter = [place for place, told in enumerate(once) if repeats(told.fact, statement.fact)]
        if not shorter:
            once.append(statement)
            continue
        once[shorter[0]] = statement
        for place in reversed(shorter[1:]):
            del once[place]
    return tuple(once)


def repeats(fact: Fact, other: Fact) -> bool:
    """Whether another fact of the same time and sources says all that a fact says.

    It has all of its words. Nothing that is called not known repeats anything: what is not known
    of one thing says nothing of another.
    """
    if not (fact.known and other.known):
        return False
    if (fact.dated, fact.certainty, fact.disputed) != (
        other.dated,
        other.certainty,
        other.disputed,
    ) or not set(fact.sources) <= set(other.sources):
        return False
    said, elsewhere = _told(fact.text), _told(other.text)
    return said <= elsewhere and said & LEXICON.denying == elsewhere & LEXICON.denying


@lru_cache(maxsize=10_000)
def _told(text: str) -> frozenset[str]:
    """The stems of a text but for those that tell nothing."""
    return frozenset(word.stem for word in words(text)) - LEXICON.empty
