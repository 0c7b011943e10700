"""What must hold between entries, beyond what each one guarantees by itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

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


def may_be_below(kind: Kind) -> frozenset[Kind]:
    """The kinds of entry that one of some kind can belong to."""
    return _MAY_BE_BELOW[kind]


class Flaw(StrEnum):
    """A way in which entries do not fit together."""

    KEY_TWICE = "key_twice"
    FACT_TWICE = "fact_twice"
    NO_PARENT = "no_parent"
    WRONG_PARENT = "wrong_parent"
    NO_TARGET = "no_target"
    NO_MENTIONED = "no_mentioned"
    MENTIONS_OWNER = "mentions_owner"
    CIRCLE_OF_PARENTS = "circle_of_parents"
    CIRCLE_OF_DEPENDENCIES = "circle_of_dependencies"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong between entries.

    Attributes:
        entry: Key of the entry where it shows.
        flaw: What is wrong.
        text: The same as an English sentence.
        other: Key of the other entry that is concerned, if there is one.
    """

    entry: str
    flaw: Flaw
    text: str
    other: str | None = None


class InconsistentError(Exception):
    """A change would leave entries that do not fit together.

    Attributes:
        problems: What would be wrong that was not wrong before.
    """

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{problem.entry}: {problem.text}" for problem in problems))
        self.problems = tuple(problems)


def check_change(before: Iterable[Entry], after: Iterable[Entry]) -> None:
    """Refuse a change after which more is wrong than before.

    Raises:
        InconsistentError: naming what would be wrong.
    """
    news = new_problems(before, after)
    if news:
        raise InconsistentError(news)


def new_problems(before: Iterable[Entry], after: Iterable[Entry]) -> list[Problem]:
    """What is wrong between entries after a change and was not before."""
    found = list(find_problems(after))
    known = set(find_problems(before)) if found else set()
    return [problem for problem in found if problem not in known]


def find_problems(entries: Iterable[Entry]) -> Iterator[Problem]:
    """Find what is wrong between entries.

    Checked: keys and fact ids are unique, references lead somewhere, the hierarchy has the
    right kinds and, like the chain of dependencies, no circle.
    """
    listed = list(entries)
    by_key = {entry.key: entry for entry in listed}
    if len(by_key) < len(listed):
        for key, count in sorted(Counter(entry.key for entry in listed).items()):
            if count > 1:
                yield Problem(key, Flaw.KEY_TWICE, "the key is used by more than one entry")
    owners: dict[str, str] = {}
    for entry in listed:
        for fact in entry.facts:
            owner = owners.setdefault(fact.id, entry.key)
            if owner != entry.key:
                text = f"fact {fact.id} is also a fact of {owner}"
                yield Problem(entry.key, Flaw.FACT_TWICE, text, owner)
    for entry in listed:
        yield from _dangling(entry, by_key)
    inner = {entry.parent for entry in listed}  # only what has something below it can be in one
    parents = {e.key: [e.parent] for e in listed if e.parent and e.key in inner}
    for key in _circular(parents):
        text = "the chain of parents leads back to the entry"
        yield Problem(key, Flaw.CIRCLE_OF_PARENTS, text)
    dependencies = {entry.key: _dependencies(entry) for entry in listed if entry.links}
    for key in _circular(dependencies):
        text = "the chain of depends_on leads back to the entry"
        yield Problem(key, Flaw.CIRCLE_OF_DEPENDENCIES, text)


def _dependencies(entry: Entry) -> list[str]:
    return [link.target for link in entry.links if link.relation is Relation.DEPENDS_ON]


def _dangling(entry: Entry, by_key: Mapping[str, Entry]) -> Iterator[Problem]:
    key = entry.key
    if entry.parent is not None:
        parent = by_key.get(entry.parent)
        if parent is None:
            yield Problem(
                key, Flaw.NO_PARENT, f"parent {entry.parent} does not exist", entry.parent
            )
        elif parent.kind not in _MAY_BE_BELOW[entry.kind]:
            text = f"a {entry.kind} cannot be below the {parent.kind} {parent.key}"
            yield Problem(key, Flaw.WRONG_PARENT, text, parent.key)
    for link in entry.links:
        if link.target not in by_key:
            text = f"{link.relation} leads to {link.target}, which does not exist"
            yield Problem(key, Flaw.NO_TARGET, text, link.target)
    for fact in entry.facts:
        for mention in fact.also:
            if mention.entry not in by_key:
                text = f"fact {fact.id} mentions {mention.entry}, which does not exist"
                yield Problem(key, Flaw.NO_MENTIONED, text, mention.entry)
            elif mention.entry == key:
                text = f"fact {fact.id} mentions the entry that it belongs to"
                yield Problem(key, Flaw.MENTIONS_OWNER, text, key)


def _circular(edges: Mapping[str, Sequence[str]]) -> list[str]:
    """All keys from which a walk along the edges comes back, however many there are.

    Those are the keys that others reach and are reached from (Kosaraju's strong components). Each
    edge is walked twice; a walk from each key would take the square of that.
    """
    circular: set[str] = set()
    back: dict[str, list[str]] = defaultdict(list)
    for key, targets in edges.items():
        for target in targets:
            back[target].append(key)
    seen: set[str] = set()
    for start in reversed(_left_last(edges)):
        if start not in seen:
            component = _reached(start, back, seen)
            if len(component) > 1:  # no entry refers to itself
                circular.update(component)
    return [key for key in edges if key in circular]


def _left_last(edges: Mapping[str, Sequence[str]]) -> list[str]:
    """The keys in the order in which a walk from each leaves them, all that it leads to before."""
    order: list[str] = []
    seen: set[str] = set()
    for start in edges:
        ahead = [] if start in seen else [(start, iter(edges[start]))]
        seen.add(start)
        while ahead:
            key, targets = ahead[-1]
            target = next((t for t in targets if t not in seen), None)
            if target is None:
                order.append(key)
                ahead.pop()
            else:
                seen.add(target)
                ahead.append((target, iter(edges.get(target, ()))))
    return order


def _reached(start: str, edges: Mapping[str, Sequence[str]], seen: set[str]) -> list[str]:
    """What a walk from a key comes to beside what was seen before; it counts as seen then."""
    seen.add(start)
    reached = [start]
    for key in reached:  # grows
        for target in edges.get(key, ()):
            if target not in seen:
                seen.add(target)
                reached.append(target)
    return reached
