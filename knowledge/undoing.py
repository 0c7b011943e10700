"""Taking a revision back where its entries were changed since: what is still as it left it goes.

An entry is looked at in pieces: its fields, names, references and facts. A piece that a later
revision changed stays as it is, and the rest of the revision is taken back all the same. Facts
that state a phase, a date or who is responsible go together with the others of their aspect:
only one of them can hold.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from knowledge.differences import Part
from knowledge.entries import Aspect, Entry
from knowledge.facts import revised, states
from knowledge.revisions import Change, Version
from knowledge.snapshot import Snapshot

_FIELDS = ("kind", "title", "number", "parent", "rhythm")
_Piece = tuple[Part | str, str]
_STATING = "stating"


@dataclass(frozen=True, slots=True)
class Undoing:
    """What taking a revision back comes to.

    Attributes:
        before: Its entries as they are, by key; those that are withdrawn are missing.
        entries: Entries that become what is given here.
        withdrawn: Entries that go.
        in_the_way: Later versions because of which something of the revision stays, newest first.
    """

    before: Mapping[str, Entry]
    entries: tuple[Entry, ...]
    withdrawn: tuple[Entry, ...]
    in_the_way: tuple[Version, ...]

    @property
    def is_possible(self) -> bool:
        """Whether anything of the revision can be taken back."""
        return bool(self.entries or self.withdrawn)


@dataclass(slots=True)
class _Left:
    """What becomes of one entry: another state, None if it goes, itself if it stays."""

    present: Entry | None
    result: Entry | None
    in_the_way: list[Version] = field(default_factory=list)


def rewound(snapshot: Snapshot, changes: Iterable[Change], revision: int) -> Snapshot:
    """The knowledge base as it stood at an earlier revision.

    Args:
        snapshot: The present state.
        changes: What became of each entry since.
        revision: Number of the earlier revision.
    """
    entries, withdrawn = dict(snapshot.entries), set(snapshot.withdrawn)
    for change in changes:
        key = change.after.entry.key
        entries.pop(key, None)
        withdrawn.discard(key)
        if change.old is not None:
            entries[key] = change.old
        elif change.before is not None:
            withdrawn.add(key)
    return Snapshot(entries.values(), revision=revision, withdrawn=withdrawn)


def undoing(
    changes: Iterable[Change], later: Sequence[Version], standing: Sequence[Version]
) -> Undoing:
    """Work out what a revision's being taken back comes to.

    Args:
        changes: What the revision changed.
        later: All later versions of its entries, newest first.
        standing: Those of them that were not taken back.
    """
    counting = {version.revision for version in standing}
    left: dict[str, _Left] = {}
    for change in changes:
        key = change.after.entry.key
        since = [version for version in reversed(later) if version.entry.key == key]
        left[key] = _left(change, since, counting)
    _keep_what_is_needed(left)
    return Undoing(
        before={key: own.present for key, own in left.items() if own.present is not None},
        entries=tuple(
            own.result
            for own in left.values()
            if own.result is not None and own.result != own.present
        ),
        withdrawn=tuple(
            own.present for own in left.values() if own.result is None and own.present is not None
        ),
        in_the_way=tuple(
            version for version in later if any(version in own.in_the_way for own in left.values())
        ),
    )


def _left(change: Change, since: Sequence[Version], counting: Collection[int]) -> _Left:
    versions = [change.after, *since]
    present = versions[-1].standing
    old, new = change.old, change.new
    decided = [
        (before, after)
        for before, after in pairwise(versions)
        if after.revision in counting and after.standing != before.standing
    ]
    if present == new and not decided:
        return _Left(present, old)
    if old is None or new is None or present is None:
        # It was made, withdrawn or withdrawn since: that is taken back as a whole, or not at all.
        return _Left(present, present, [after for _, after in decided])
    was, became, is_now = _pieces(old), _pieces(new), _pieces(present)
    touched = {piece for piece in was.keys() | became.keys() if _differ(piece, was, became)}
    contested = {piece for piece in touched if _differ(piece, became, is_now)}
    in_the_way = []
    for before, after in decided:
        former, latter = _pieces_of(before), _pieces_of(after)
        changed = {piece for piece in touched if _differ(piece, former, latter)}
        contested |= changed
        if changed:
            in_the_way.append(after)
    contested |= {
        (Part.FACT, fact.id)
        for entry in (old, new)
        for fact in entry.facts
        if states(fact) and (_STATING, fact.aspect) in contested
    }
    return _Left(present, _merged(present, old, touched - contested), in_the_way)


def _keep_what_is_needed(left: Mapping[str, _Left]) -> None:
    """Entries that the revision made stay, too, where one that stays refers to them."""
    found = True
    while found:
        found = False
        for own in [own for own in left.values() if own.result is not None]:
            for key in _referred(own.result):
                other = left.get(key)
                if other is not None and other.result is None and other.present is not None:
                    other.result = other.present
                    other.in_the_way = own.in_the_way
                    found = True


def _referred(entry: Entry | None) -> set[str]:
    if entry is None:
        return set()
    referred = {mention.entry for fact in entry.facts for mention in fact.also}
    referred.update(link.target for link in entry.links)
    return referred if entry.parent is None else referred | {entry.parent}


def _pieces(entry: Entry) -> dict[_Piece, Hashable]:
    """What an entry consists of."""
    pieces: dict[_Piece, Hashable] = {(Part(name), ""): getattr(entry, name) for name in _FIELDS}
    pieces |= {(Part.ALIAS, alias.casefold()): alias for alias in entry.aliases}
    pieces |= {(Part.LINK, f"{own.relation} {own.target}"): own for own in entry.links}
    pieces |= {(Part.FACT, fact.id): fact for fact in entry.facts}
    for aspect in Aspect:
        stating = tuple(f for f in entry.facts if f.aspect is aspect and states(f))
        pieces[(_STATING, aspect)] = stating
    return pieces


def _pieces_of(version: Version) -> dict[_Piece, Hashable]:
    return _pieces(version.standing) if version.standing is not None else {}


def _differ(
    piece: _Piece, some: Mapping[_Piece, Hashable], others: Mapping[_Piece, Hashable]
) -> bool:
    return some.get(piece) != others.get(piece)


def _merged(present: Entry, old: Entry, back: Collection[_Piece]) -> Entry:
    """An entry with some pieces as they were in an older version of it."""
    values: dict[str, object] = {
        name: getattr(old, name) for name in _FIELDS if (Part(name), "") in back
    }
    was, is_now = _pieces(old), _pieces(present)
    for name, part in (("aliases", Part.ALIAS), ("links", Part.LINK), ("facts", Part.FACT)):
        order = [piece for piece in is_now if piece[0] is part]
        kept = {p: was[p] if p in back and p in was else is_now[p] for p in order}
        kept = {p: value for p, value in kept.items() if p not in back or p in was}
        values[name] = tuple(_with_former(kept, was, part, back).values())
    return revised(present, **values)


def _with_former(
    kept: Mapping[_Piece, Hashable],
    was: Mapping[_Piece, Hashable],
    part: Part,
    back: Collection[_Piece],
) -> dict[_Piece, Hashable]:
    """Pieces with those that were taken away, each before what once followed it."""
    result = list(kept.items())
    following: set[_Piece] = set()
    for piece in reversed([piece for piece in was if piece[0] is part]):
        if piece in back and piece not in kept:
            places = (n for n, (other, _) in enumerate(result) if other in following)
            result.insert(next(places, len(result)), (piece, was[piece]))
        following.add(piece)
    return dict(result)
