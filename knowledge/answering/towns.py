"""Which town a question or an entry is of: one's own, another, or none.

No single sign tells a town, so each is asked for by its own name:

- `towns_named`: words that are the name of one, whether anything is recorded of it or not.
- `town_of`: a word that names one in any form, "Jenaer", "Dresdens".
- `is_place`: a title that says so, "Stadt Jena", whichever body the town belongs to.
- `is_independent`: a body that belongs to no other, as a state does, or an association, too.
- `makes_plans`: a body that has plans, as offices and associations have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise

from knowledge.answering.basis import Basis
from knowledge.entries import Entry, Kind
from knowledge.german import Word, words
from knowledge.lexicon import LEXICON
from knowledge.snapshot import Snapshot

_DEFINITE = LEXICON.articles | LEXICON.contracted


def towns_named(read: Iterable[Word]) -> frozenset[str]:
    """The words that are names of towns or districts, folded."""
    return LEXICON.towns.intersection(word.folded for word in read)


def town_of(word: Word) -> str | None:
    """The town that a word names, in any of its forms, folded; None if it names none.

    >>> [town_of(word) for word in words("Jenas Jenaer Göttinger Dresdner Konzept")]
    ['jena', 'jena', 'goettingen', 'dresden', None]
    """
    return _forms().get(word.folded)


@cache
def _forms() -> Mapping[str, str]:
    towns = {town for town in LEXICON.towns if town[:-1] not in LEXICON.towns}
    forms: dict[str, str] = {}
    for town in towns:
        stems = (town, town[:-2])
        forms |= {f"{begin}{end}": town for begin in stems for end in ("er", "ner")}
        forms[f"{town}aner"] = town  # "Hannoveraner"
    return forms | {f"{town}s": town for town in towns} | {town: town for town in towns}


@lru_cache(maxsize=10_000)
def is_place(title: str) -> bool:
    """Whether a title has a word that stands before the name of a place: "Landkreis Lindau"."""
    return any(word.stem in LEXICON.places for word in words(title))


def is_independent(entry: Entry) -> bool:
    """Whether an entry is a body that belongs to no other."""
    return entry.kind is Kind.BODY and entry.parent is None


def makes_plans(entry: Entry, snapshot: Snapshot) -> bool:
    """Whether an entry is a body that has plans: a town, a state, a coalition of towns."""
    children = snapshot.children(entry.key)
    return entry.kind is Kind.BODY and any(child.kind is Kind.PLAN for child in children)


def places_in(read: Sequence[Word], snapshot: Snapshot) -> list[range]:
    """Where the words stand that name each town, district or state: "Jena", "das Land"."""
    bodies = [
        span
        for span, keys in snapshot.index.named(read)
        if any(_is_territory(snapshot.entries[key], snapshot) for key in keys)
    ]
    taken = {place for span in bodies for place in span}
    towns = (
        i
        for i, word in enumerate(read)
        if i not in taken and town_of(word) and word.stem not in LEXICON.function
    )
    return sorted((*bodies, *(range(i, i + 1) for i in towns)), key=lambda span: span.start)


def left_home(asked: Sequence[Word], basis: Basis) -> set[str]:
    """The entries of home where a state is named and home is not.

    "Der Bericht des Landes" is not the one that home has.
    """
    snapshot, home = basis.snapshot, basis.home
    named = {key for _, keys in snapshot.index.named(asked) for key in keys}
    bodies = {
        body.key
        for key in named
        for body in (snapshot.entries[key], *snapshot.ancestors(key))
        if is_independent(body) and _is_state(body)
    }
    said = bodies & named or any(word.stem in LEXICON.states for word in asked)
    if home is None or not bodies or not said or home in named | bodies:
        return set()
    return {entry.key for entry in snapshot.within(home)}


def _is_state(entry: Entry) -> bool:
    return any(word.folded in LEXICON.states for word in words(entry.title))


def _is_territory(entry: Entry, snapshot: Snapshot) -> bool:
    return makes_plans(entry, snapshot) and (_is_state(entry) or is_place(entry.title))


def towns_above(entry: Entry, snapshot: Snapshot) -> set[str]:
    """The towns, folded, that stand in the titles of an entry and of what it belongs to."""
    chain = (entry, *snapshot.ancestors(entry.key))
    named = (town_of(word) for one in chain for word in words(one.title))
    return {town for town in named if town}


def is_of_a_town(entry: Entry, snapshot: Snapshot) -> bool:
    """Whether a town stands in its title or above it, as in that of a conference held there."""
    chain = (entry, *snapshot.ancestors(entry.key))
    return any(towns_named(words(one.title)) for one in chain)


def is_of_a_state(entry: Entry, snapshot: Snapshot) -> bool:
    """Whether an entry is a state, or belongs to one and to no town."""
    return any(_is_state(one) for one in (entry, *snapshot.ancestors(entry.key)))


def is_foreign(entry: Entry, basis: Basis) -> bool:
    """Whether an entry belongs to a town or district that is not home."""
    return any(
        body.kind is Kind.BODY and body.key != basis.home and is_place(body.title)
        for body in (entry, *basis.snapshot.ancestors(entry.key))
    )


def owned(asked: Sequence[Word], basis: Basis) -> set[str]:
    """The entries of the independent bodies that are named, otherwise those of home."""
    snapshot = basis.snapshot
    named = {
        key
        for _, keys in snapshot.index.named(asked)
        for key in keys
        if is_independent(snapshot.entries[key])
    }
    bodies = named or ({basis.home} if basis.home else set())
    return {entry.key for body in bodies for entry in snapshot.within(body)}


def own_town(asked: Sequence[Word], basis: Basis) -> set[Word]:
    """The words that stand for home without its name: "die Stadt", where no other is named."""
    said = {word for word in asked if word.stem in LEXICON.places}
    snapshot, place = basis.snapshot, basis.place
    if not said or place is None or towns_named(asked):
        return set()
    # "Stadt gegen Rassismus" may stand in a title elsewhere, and names no town.
    named = [snapshot.entries[key] for _, keys in snapshot.index.named(asked) for key in keys]
    if any(one.kind is Kind.BODY and is_foreign(one, basis) for one in named):
        return set()
    names = {word.stem for name in (place.title, *place.aliases) for word in words(name)}
    return {word for word in said if word.stem in names}


def _says_the_plan(asked: Sequence[Word]) -> bool:
    """Whether "das Konzept" is said, as if there were only one."""
    return any(
        before.folded in _DEFINITE
        and LEXICON.kinds.get(word.stem) is Kind.PLAN
        and word.folded not in LEXICON.plurals
        for before, word in pairwise(asked)
    )


def means_own(asked: Sequence[Word], basis: Basis) -> bool:
    """Whether a question names something of home's, and neither a thing nor a town elsewhere.

    "Das Konzept" is one's own, where one has some.
    "Wie stimmte die AfD beim Integrationskonzept" asks for one's own, although only of another
    town's it is known.
    """
    snapshot, place = basis.snapshot, basis.place
    if place is None:
        return False
    own = {town_of(word) for word in words(place.title)}
    if any(town_of(word) not in {None, *own} for word in asked):
        return False
    named = {key for _, keys in snapshot.index.named(asked) for key in keys}
    if any(is_foreign(snapshot.entries[key], basis) for key in named):
        return False
    if _says_the_plan(asked) and makes_plans(place, snapshot):
        return True
    return any(entry.key in named for entry in snapshot.below(place.key))
