"""What editors can do to an entry: typed edits, pure functions of an entry."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Container, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, JsonValue, TypeAdapter, ValidationError

from knowledge.entries import (
    Aspect,
    Certainty,
    Entry,
    Fact,
    Key,
    Kind,
    Line,
    Link,
    Mention,
    Phase,
    Relation,
    Rhythm,
    Source,
    Text,
)
from knowledge.facts import fact_id, revised, revised_fact, superseded, with_fact
from knowledge.partial_date import PartialDate


class Obstacle(StrEnum):
    """Why an edit is impossible."""

    NO_ENTRY = "no_entry"
    KEY_TAKEN = "key_taken"
    NO_FACT = "no_fact"
    NO_ALIAS = "no_alias"
    ALIAS_TAKEN = "alias_taken"
    NO_LINK = "no_link"
    LINK_TAKEN = "link_taken"
    TO_ITSELF = "to_itself"
    HAS_BELOW = "has_below"
    NOTHING_CHANGES = "nothing_changes"


class EditError(Exception):
    """An edit is impossible.

    Attributes:
        why: The reason.
        entry: Key of the entry that was to be edited.
        others: Keys of the entries that stand in the way.
    """

    def __init__(self, why: Obstacle, entry: str, others: Sequence[str] = ()) -> None:
        super().__init__(f"{entry}: {why}")
        self.why = why
        self.entry = entry
        self.others = tuple(others)


class _Edit(BaseModel):
    """Something done to one entry.

    Attributes:
        entry: Key of the entry.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        hide_input_in_errors=True,  # what people write stays out of the log
    )

    entry: Key


class Revising(_Edit):
    """Something done to an entry that exists."""

    @abstractmethod
    def revise(self, entry: Entry, taken: Container[str]) -> Entry:
        """The entry afterwards.

        Args:
            entry: The entry before.
            taken: Ids of facts that are in use.

        Raises:
            EditError: if it cannot be done.
        """


class Sourced(Revising):
    """Something that a source says about an entry.

    Attributes:
        text: The fact's sentence.
        sources: Where it stands.
        as_of: When the source was written; None where it is undated, which has to be said.
        certainty: How far it can be relied on.
        dating: What the source leaves open about dates.
    """

    text: Text
    sources: tuple[Source, ...] = Field(min_length=1)
    as_of: PartialDate | None
    certainty: Certainty
    dating: Line | None = None

    def _fact(self, aspect: Aspect, text: str, taken: Container[str], **values: object) -> Fact:
        """A fact that rests on this edit's sources."""
        return Fact.model_validate(
            {
                "id": fact_id(self.entry, aspect, text, self.as_of, taken),
                "aspect": aspect,
                "text": text,
                "sources": self.sources,
                "as_of": self.as_of,
                "certainty": self.certainty,
                "dating": self.dating,
                **values,
            }
        )


class _Stating(Sourced):
    """Something that holds instead of what held before.

    Attributes:
        replaces: Ids of the facts that no longer hold; by default `superseded` tells.
    """

    replaces: tuple[Key, ...] | None = None

    def _state(self, entry: Entry, fact: Fact) -> Entry:
        former = superseded(entry, fact) if self.replaces is None else self.replaces
        return _with(entry, fact, former)


class Create(_Edit):
    """Make a new entry; `entry` is its key.

    Attributes:
        kind: What sort of thing it is.
        parent: The entry it belongs to; None for one at the top, which has to be said.
        title: Its name.
        number: Paper or decision number of a document.
    """

    do: Literal["create"] = "create"
    kind: Kind
    parent: Key | None
    title: Line
    number: Line | None = None


class SetStatus(_Stating):
    """State a phase; `Phase.UNKNOWN` states that sources do not tell it.

    Attributes:
        phase: How far the entry is.
        note: What was done, if the entry is done; otherwise why it is so.
        occurred: When that happened, for instance when the entry was completed.
    """

    do: Literal["set_status"] = "set_status"
    phase: Phase
    note: Text | None = None
    occurred: PartialDate | None = None

    def revise(self, entry: Entry, taken: Container[str]) -> Entry:
        """The entry with the new phase."""
        known = self.phase is not Phase.UNKNOWN
        status = self._fact(
            Aspect.STATUS, self.text, taken, phase=self.phase, known=known, occurred=self.occurred
        )
        entry = self._state(entry, status)
        if self.note is None:
            return entry
        aspect = Aspect.RESULT if self.phase is Phase.DONE else Aspect.REASON
        note = self._fact(aspect, self.note, taken, occurred=self.occurred)
        return with_fact(entry, note, superseded(entry, note))


class SetDue(_Stating):
    """State a date; also how a milestone is moved.

    Attributes:
        due: When the entry is due; None if sources do not tell, which has to be said.
        note: Why, for instance why it was moved.
    """

    do: Literal["set_due"] = "set_due"
    due: PartialDate | None
    note: Text | None = None

    def revise(self, entry: Entry, taken: Container[str]) -> Entry:
        """The entry with the new date."""
        known = self.due is not None
        entry = self._state(
            entry, self._fact(Aspect.DUE, self.text, taken, due=self.due, known=known)
        )
        if self.note is None:
            return entry
        note = self._fact(Aspect.REASON, self.note, taken)
        return with_fact(entry, note, superseded(entry, note))


class SetResponsible(_Stating):
    """State who is responsible, or that sources do not tell.

    Attributes:
        known: False if sources do not tell.
    """

    do: Literal["set_responsible"] = "set_responsible"
    known: bool = True

    def revise(self, entry: Entry, taken: Container[str]) -> Entry:
        """The entry with the new responsibility."""
        return self._state(
            entry, self._fact(Aspect.RESPONSIBLE, self.text, taken, known=self.known)
        )


class AddFact(Sourced):
    """Add a fact of any aspect.

    Attributes:
        aspect: The side of the entry it is about.
        occurred: When the thing itself happened.
        known: False where the fact is that something is not stated in the sources.
        disputed: True where sources contradict each other.
        also: Further entries that it is about.
        replaces: Ids of the entry's facts that no longer hold.
    """

    do: Literal["add_fact"] = "add_fact"
    aspect: Aspect
    occurred: PartialDate | None = None
    known: bool = True
    disputed: bool = False
    also: tuple[Mention, ...] = ()
    replaces: tuple[Key, ...] = ()

    def revise(self, entry: Entry, taken: Container[str]) -> Entry:
        """The entry with one more fact."""
        fact = self._fact(
            self.aspect,
            self.text,
            taken,
            occurred=self.occurred,
            known=self.known,
            disputed=self.disputed,
            also=self.also,
        )
        return _with(entry, fact, self.replaces)


class CorrectFact(Sourced):
    """Write a fact anew that is the same fact: its id, aspect, phase, date and mentions stay.

    Attributes:
        fact: Id of the fact.
        occurred: When the thing itself happened.
        known: False where the fact is that something is not stated in the sources.
        disputed: True where sources contradict each other.
    """

    do: Literal["correct_fact"] = "correct_fact"
    fact: Key
    occurred: PartialDate | None = None
    known: bool = True
    disputed: bool = False

    @classmethod
    def of(cls, entry: str, fact: Fact) -> CorrectFact:
        """The correction that leaves a fact as it is: a form to begin with."""
        own = cls.model_fields.keys() & Fact.model_fields.keys()
        return cls(entry=entry, fact=fact.id, **{name: getattr(fact, name) for name in own})

    def revise(self, entry: Entry, taken: Container[str]) -> Entry:
        """The entry with the fact in its new words."""
        former = _fact_of(entry, self.fact)
        own = CorrectFact.model_fields.keys() & Fact.model_fields.keys()
        new = revised_fact(former, **{name: getattr(self, name) for name in own})
        return revised(entry, facts=tuple(new if f is former else f for f in entry.facts))


class RemoveFact(Revising):
    """Take a fact away.

    Attributes:
        fact: Its id.
    """

    do: Literal["remove_fact"] = "remove_fact"
    fact: Key

    def revise(self, entry: Entry, taken: Container[str]) -> Entry:
        """The entry without the fact."""
        former = _fact_of(entry, self.fact)
        return revised(entry, facts=tuple(fact for fact in entry.facts if fact is not former))


class _Setting(Revising):
    """Give that attribute of an entry another value which the edit has, too."""

    def revise(self, entry: Entry, taken: Container[str]) -> Entry:
        """The entry with the new value."""
        own = type(self).model_fields.keys() & Entry.model_fields.keys()
        return revised(entry, **{name: getattr(self, name) for name in own})


class SetRhythm(_Setting):
    """Say how often something recurs.

    Attributes:
        rhythm: Its recurrence; None if it does not recur.
    """

    do: Literal["set_rhythm"] = "set_rhythm"
    rhythm: Rhythm | None


class AddAlias(Revising):
    """Give an entry one more name.

    Attributes:
        alias: The name.
    """

    do: Literal["add_alias"] = "add_alias"
    alias: Line

    def revise(self, entry: Entry, taken: Container[str]) -> Entry:
        """The entry with the further name."""
        if self.alias.casefold() in map(str.casefold, entry.aliases):
            raise EditError(Obstacle.ALIAS_TAKEN, self.entry)
        return revised(entry, aliases=(*entry.aliases, self.alias))


class RemoveAlias(Revising):
    """Take a name away.

    Attributes:
        alias: The name, whatever its case.
    """

    do: Literal["remove_alias"] = "remove_alias"
    alias: Line

    def revise(self, entry: Entry, taken: Container[str]) -> Entry:
        """The entry without the name."""
        kept = tuple(a for a in entry.aliases if a.casefold() != self.alias.casefold())
        if kept == entry.aliases:
            raise EditError(Obstacle.NO_ALIAS, self.entry)
        return revised(entry, aliases=kept)


class AddLink(Revising):
    """Refer to another entry.

    Attributes:
        relation: What the reference means.
        target: Key of the other entry.
        note: In what respect.
    """

    do: Literal["add_link"] = "add_link"
    relation: Relation
    target: Key
    note: Line | None = None

    def revise(self, entry: Entry, taken: Container[str]) -> Entry:
        """The entry with the further reference."""
        if self.target == self.entry:
            raise EditError(Obstacle.TO_ITSELF, self.entry)
        if any(
            link.relation is self.relation and link.target == self.target for link in entry.links
        ):
            raise EditError(Obstacle.LINK_TAKEN, self.entry, [self.target])
        link = Link(relation=self.relation, target=self.target, note=self.note)
        return revised(entry, links=(*entry.links, link))


class RemoveLink(Revising):
    """Refer to another entry no longer.

    Attributes:
        relation: What the reference means.
        target: Key of the other entry.
    """

    do: Literal["remove_link"] = "remove_link"
    relation: Relation
    target: Key

    def revise(self, entry: Entry, taken: Container[str]) -> Entry:
        """The entry without the reference."""
        kept = tuple(
            link
            for link in entry.links
            if link.relation is not self.relation or link.target != self.target
        )
        if kept == entry.links:
            raise EditError(Obstacle.NO_LINK, self.entry, [self.target])
        return revised(entry, links=kept)


class Rename(_Setting):
    """Give an entry another title.

    Attributes:
        title: The title.
    """

    do: Literal["rename"] = "rename"
    title: Line


class SetNumber(_Setting):
    """Say which number a paper or decision has.

    Attributes:
        number: The number; None if it has none.
    """

    do: Literal["set_number"] = "set_number"
    number: Line | None


class Move(_Setting):
    """Put an entry below another one.

    Attributes:
        parent: The entry it belongs to from now on; None for the top.
    """

    do: Literal["move"] = "move"
    parent: Key | None

    def revise(self, entry: Entry, taken: Container[str]) -> Entry:
        """The entry at its new place."""
        if self.parent == self.entry:
            raise EditError(Obstacle.TO_ITSELF, self.entry)
        return super().revise(entry, taken)


class Withdraw(_Edit):
    """Take an entry away; its history stays, and nothing refers to it any more.

    Attributes:
        below: Whether what is below it goes, too; without that it must stand alone.
    """

    do: Literal["withdraw"] = "withdraw"
    below: bool = False


Edit = Annotated[
    Create
    | SetStatus
    | SetDue
    | SetResponsible
    | AddFact
    | CorrectFact
    | RemoveFact
    | SetRhythm
    | AddAlias
    | RemoveAlias
    | AddLink
    | RemoveLink
    | Rename
    | SetNumber
    | Move
    | Withdraw,
    Field(discriminator="do"),
]
"""Everything that can be done.

A milestone needs nothing of its own: it is created below its measure and dated with `SetDue`,
moved with `SetDue`, done or cancelled with `SetStatus`.
"""

_EDIT = TypeAdapter[Edit](Edit)
_EDITS: Mapping[str, type[_Edit]] = {
    edit.model_fields["do"].default: edit for edit in get_args(get_args(Edit)[0])
}
_ASKED_LAST = Sourced.model_fields.keys() - _Edit.model_fields.keys()


class Form(BaseModel):
    """An edit that is being filled in.

    Attributes:
        do: Which edit.
        given: What has been given so far, by name of the edit's attribute.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    do: str
    given: Mapping[str, JsonValue] = {}

    def filled(self, **values: object) -> Form:
        """The form with further values.

        Raises:
            ValidationError: if a value is none of its kind.
            KeyError: if the edit has no such attribute.
        """
        given = dict(self.given)
        for name, value in values.items():
            kind = TypeAdapter[Any](_EDITS[self.do].model_fields[name].rebuild_annotation())
            given[name] = kind.dump_python(kind.validate_python(value), mode="json")
        return Form(do=self.do, given=given)

    def takes(self, name: str) -> bool:
        """Whether the edit has an attribute of that name."""
        return name in _EDITS[self.do].model_fields

    @property
    def missing(self) -> tuple[str, ...]:
        """What still has to be given, in the order of asking: the matter first, then sources."""
        try:
            self.edit()
        except ValidationError as exc:
            names = [str(e["loc"][-1]) for e in exc.errors() if e["type"] == "missing"]
            return tuple(sorted(names, key=_ASKED_LAST.__contains__))
        return ()

    def edit(self) -> Edit:
        """The edit, once nothing is missing.

        Raises:
            ValidationError: if something is missing.
        """
        return _EDIT.validate_python({"do": self.do, **self.given})


def _fact_of(entry: Entry, fact: str) -> Fact:
    for own in entry.facts:
        if own.id == fact:
            return own
    raise EditError(Obstacle.NO_FACT, entry.key)


def _with(entry: Entry, fact: Fact, replaced: Sequence[str]) -> Entry:
    return with_fact(entry, fact, [_fact_of(entry, name).id for name in replaced])
