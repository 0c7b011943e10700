"""Plans of towns that a question asks for and nothing is known of: "Integrationskonzept Gera"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from knowledge.answering.towns import town_of
from knowledge.entries import Kind
from knowledge.german import Word, words
from knowledge.lexicon import LEXICON
from knowledge.snapshot import Snapshot

MOST_ENTRIES = 30
"""Among how many entries, those that have most of it, a town's plan is looked for."""


def unknown_plans(
    read: Sequence[Word], things: Sequence[Word], snapshot: Snapshot
) -> Mapping[Word, str]:
    """Towns of which a plan is asked that is not known, and how that plan would be named.

    What else is known of such a town, a conference there on the plan of the state, is no answer.

    Args:
        read: The words of a question.
        things: Those of them that name things.
        snapshot: Where the plans are.
    """
    if not any(map(town_of, read)):
        return {}
    plans = [word for word in read if snapshot.index.knows(word) and is_plan(word, snapshot)]
    before = {after: word.folded for word, after in pairwise(read)}
    if not plans or any(before.get(plan) in LEXICON.concerning for plan in plans):
        return {}
    if any(_is_something_else(thing) for thing in things if thing not in plans):
        return {}
    return {
        word: _named(plans[0], word, as_it_is=word.folded == town)
        for word in read
        if (town := town_of(word)) and not _has_one(town, plans[0], snapshot)
    }


def _is_something_else(thing: Word) -> bool:
    names_nothing = thing.stem in LEXICON.generic or thing.stem in LEXICON.kinds
    return not names_nothing and town_of(thing) is None


def _named(plan: Word, town: Word, *, as_it_is: bool) -> str:
    """A plan with its town: "Konzept Jena", but "Jenaer Konzept"."""
    return f"{plan.surface} {town.surface}" if as_it_is else f"{town.surface} {plan.surface}"


def is_plan(word: Word, snapshot: Snapshot) -> bool:
    """Whether a word is one for a plan: "Integrationskonzept"."""
    kinds = (stem for stem, kind in LEXICON.kinds.items() if kind is Kind.PLAN)
    return any(snapshot.index.is_kind_of(word, Word(kind, kind, kind)) for kind in kinds)


def _has_one(town: str, plan: Word, snapshot: Snapshot) -> bool:
    """Whether a plan is known that is a town's: by a name, or by a fact of the town."""
    name = words(town)
    bodies = {
        key
        for _, keys in snapshot.index.named(name)
        for key in keys
        if snapshot.entries[key].kind is Kind.BODY
    }
    hits = snapshot.index.rank([plan, *name], limit=MOST_ENTRIES) if bodies else ()
    own = (
        snapshot.entries[hit.key]
        for hit in hits
        if hit.key in bodies or any(e.key in bodies for e in snapshot.ancestors(hit.key))
    )
    texts = (text for e in own for text in (e.title, *e.aliases, *(fact.text for fact in e.facts)))
    return any(snapshot.index.is_kind_of(word, plan) for text in texts for word in words(text))
