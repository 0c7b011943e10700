"""What must hold between entries, beyond what each one guarantees by itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from knowledge.entries import Entry, Kind, Relation

_MAY_BE_BELOW: Mapping[Kind, frozenset[Kind]] = {
    Kind.BODY: frozenset({Kind.BODY}),
    Kind.PLAN: frozenset({Kind.BODY, Kind.PLAN}),
    Kind.FIELD: frozenset({Kind.PLAN}),
    Kind.MEASURE: frozenset({Kind.BODY, Kind.PLAN, Kind.FIELD}),
    Kind.MILESTONE: frozenset({Kind.BODY, Kind.PLAN, Kind.FIELD, Kind.MEASURE}),
    Kind.DOCUMENT: frozenset({Kind.BODY, Kind.PLAN, Kind.MEASURE}),
    Kind.TERM: frozenset({Kind.BODY, Kind.PLAN}),
}
"""Which kinds of parent each kind of entry may have."""


def problems(entries: Iterable[Entry]) -> Iterator[tuple[str, str]]:
    """Find what is wrong between entries, as pairs of the entry's key and an English sentence.

    Checked: keys and fact ids are unique, references lead somewhere, the hierarchy has the
    right kinds and, like the chain of dependencies, no circle.
    """
    listed = list(entries)
    by_key = {entry.key: entry for entry in listed}
    for key, count in sorted(Counter(entry.key for entry in listed).items()):
        if count > 1:
            yield key, "the key is used by more than one entry"
    owners: dict[str, str] = {}
    for entry in listed:
        for fact in entry.facts:
            if fact.id in owners:
                yield entry.key, f"fact {fact.id} is also a fact of {owners[fact.id]}"
            owners.setdefault(fact.id, entry.key)
    for entry in listed:
        yield from ((entry.key, problem) for problem in _dangling(entry, by_key))
    parents = {entry.key: [entry.parent] if entry.parent else [] for entry in listed}
    dependencies = {entry.key: list(_dependencies(entry)) for entry in listed}
    for entry in listed:
        if _returns(entry.key, parents):
            yield entry.key, "the chain of parents leads back to the entry"
        if _returns(entry.key, dependencies):
            yield entry.key, "the chain of depends_on leads back to the entry"


def _dependencies(entry: Entry) -> Iterator[str]:
    return (link.target for link in entry.links if link.relation is Relation.DEPENDS_ON)


def _dangling(entry: Entry, by_key: Mapping[str, Entry]) -> Iterator[str]:
    if entry.parent is not None:
        parent = by_key.get(entry.parent)
        if parent is None:
            yield f"parent {entry.parent} does not exist"
        elif parent.kind not in _MAY_BE_BELOW[entry.kind]:
            yield f"a {entry.kind} cannot be below the {parent.kind} {parent.key}"
    for link in entry.links:
        if link.target not in by_key:
            yield f"{link.relation} leads to {link.target}, which does not exist"
    for fact in entry.facts:
        for mention in fact.also:
            if mention.entry not in by_key:
                yield f"fact {fact.id} mentions {mention.entry}, which does not exist"
            elif mention.entry == entry.key:
                yield f"fact {fact.id} mentions the entry that it belongs to"


def _returns(start: str, edges: Mapping[str, list[str]]) -> bool:
    """Whether a walk along `edges` from `start` comes back to it."""
    seen: set[str] = set()
    ahead = list(edges.get(start, ()))
    while ahead:
        key = ahead.pop()
        if key == start:
            return True
        if key not in seen:
            seen.add(key)
            ahead.extend(edges.get(key, ()))
    return False
