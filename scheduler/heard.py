"""What a chat last heard of an entry: a change is told against that.

Between planning and sending, notices are overtaken, taken back and lost. Who was told that a date
is A, and not that it became B, is told that it moves from A to C; or, where C is taken back before
anybody heard of it, that it moves from A to B.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.differences import Part
from knowledge.entries import Entry, Phase
from knowledge.notification.notices import NoticeKind
from knowledge.notification.occasions import Occasion
from knowledge.partial_date import PartialDate
from knowledge.revisions import Change

SAID: Mapping[NoticeKind, frozenset[Part]] = {
    NoticeKind.MILESTONE_COMING: frozenset({Part.DUE}),
    NoticeKind.MILESTONE_MISSED: frozenset({Part.DUE}),
    NoticeKind.MILESTONE_MOVED: frozenset({Part.DUE}),
    NoticeKind.STATUS_CHANGED: frozenset({Part.PHASE}),
    NoticeKind.MILESTONE_DONE: frozenset({Part.DUE, Part.PHASE}),
    NoticeKind.MILESTONE_CANCELLED: frozenset({Part.DUE, Part.PHASE}),
    NoticeKind.CORRECTION: frozenset({Part.DUE, Part.PHASE}),
    NoticeKind.FACT_ADDED: frozenset({Part.DUE, Part.PHASE}),
}
"""Of what a kind of notice says how it stands; new facts say it only where the entry is new."""


@dataclass(frozen=True, slots=True)
class Earlier:
    """A notice about an entry that was planned for a chat before.

    Attributes:
        kind: What it is about.
        told: Whether it arrived, or nobody can stop it any more.
        waits: Whether it will be sent if it is true by then.
        change: What it tells; None for a reminder.
    """

    kind: NoticeKind
    told: bool = False
    waits: bool = False
    change: Change | None = None

    def says(self, part: Part) -> bool:
        """Whether it says how a part stands."""
        is_said = self.kind is not NoticeKind.FACT_ADDED or self.is_of_new_entry
        return is_said and part in SAID.get(self.kind, ())

    @property
    def is_of_new_entry(self) -> bool:
        """Whether it tells, besides, that there is the entry at all."""
        return self.kind is NoticeKind.FACT_ADDED and self.change is not None and not self.old

    @property
    def revision(self) -> int | None:
        """The revision that it tells."""
        return self.change.after.revision if self.change else None

    @property
    def old(self) -> Entry | None:
        """The entry as it stood before."""
        return self.change.old if self.change else None

    @property
    def new(self) -> Entry | None:
        """The entry as it stood from then on; None if it was withdrawn."""
        return self.change.new if self.change else None


def as_heard(occasion: Occasion, earlier: Iterable[Earlier]) -> Occasion | None:
    """An occasion as a chat is told of it; None if that is what it heard, or will hear, anyway.

    Args:
        occasion: Something that happened to an entry.
        earlier: What was planned for the chat about that entry, oldest first.
    """
    listed = list(earlier)
    unheard = {part: _unheard(part, listed, occasion) for part in occasion.parts}
    if not any(unheard.values()):
        return occasion
    entry = occasion.about[0]
    if all(_is_heard(part, missed, occasion) for part, missed in unheard.items()):
        return None
    part = Part.PHASE if Part.PHASE in unheard else Part.DUE
    if not unheard[part]:
        return occasion
    old = _stated(unheard[part][0].old, part)
    if part is Part.DUE and old == _stated(entry, part):
        old = None  # another source, but no move
    return replace(occasion, content=occasion.content.model_copy(update={"old": old}))


def _unheard(part: Part, earlier: Iterable[Earlier], occasion: Occasion) -> list[Earlier]:
    """The notices of changes of a part since the last one that the chat heard.

    None, if the part came to stand as none of them says: that was not for the chat to hear, and
    so is no matter of what it missed.
    """
    found: list[Earlier] = []
    for one in earlier:
        if one.says(part):
            if one.told:
                found.clear()
            elif one.change is not None:
                found.append(one)
    is_main = part is Part.PHASE or Part.PHASE not in occasion.parts
    before = occasion.old if is_main else occasion.due
    spoken_of = {_stated(entry, part) for one in found for entry in (one.old, one.new)}
    return found if before in spoken_of else []


def _is_heard(part: Part, unheard: Sequence[Earlier], occasion: Occasion) -> bool:
    """Whether a chat knows how a part stands after all, or will be told by what waits."""
    if not unheard:
        return False
    entry, heard = occasion.about[0], unheard[0].old
    value = _stated(entry, part)
    if any(_will_say(one, part, value) for one in unheard):
        return True
    fact = entry.phase_fact if part is Part.PHASE else entry.due_fact
    known = {one.id for one in heard.facts} if heard else set[str]()
    return _stated(heard, part) == value and (fact is None or fact.id in known)


def _will_say(one: Earlier, part: Part, value: Phase | PartialDate | None) -> bool:
    """Whether a notice that waits tells what holds, with its source, which a correction lacks."""
    if not one.waits or one.kind is NoticeKind.CORRECTION:
        return False
    return one.is_of_new_entry or (one.new is not None and _stated(one.new, part) == value)


def _stated(entry: Entry | None, part: Part) -> Phase | PartialDate | None:
    """The date or the phase of an entry."""
    if entry is None:
        return None
    return entry.phase if part is Part.PHASE else entry.due
