"""What notices tell: one class for each sort of it, and the JSON that is stored of them.

The keys of that JSON are the names of the attributes. Rows outlive the version that wrote them:
keys that came later have a default, and those that nobody knows are ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Literal, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_serializer,
)

from knowledge.entries import Phase
from knowledge.notification.interests import Scope, Target
from knowledge.notification.notices import Content, Notice, NoticeKind
from knowledge.partial_date import PartialDate

Sort = TypeVar("Sort", bound=Content)


class Announcement(Content):
    """What an admin tells everybody.

    Attributes:
        text: What is said.
    """

    text: str


class QuestionAnswered(Content):
    """That a question that was handed over has an answer.

    Attributes:
        question: What was asked.
        entry: Key of the entry that answers it.
    """

    question: str
    entry: str


class OfEntry(Content):
    """Something about an entry.

    Attributes:
        entry: Its key; the first one's, where several came with an import.
    """

    entry: str


class Reminder(OfEntry):
    """That a date comes up, or has passed.

    Attributes:
        due: The date.
        derived: Whether it only follows from a rhythm.
        step: Which reminder: days from the date.
    """

    due: PartialDate
    derived: bool
    step: int


class Change(OfEntry):
    """What became of an entry.

    Attributes:
        title: Its name then; empty where a former version did not keep it.
    """

    title: str = ""


class Withdrawn(Change):
    """That an entry was withdrawn.

    Attributes:
        parent: Key of what it belonged to.
        withdrawn: Tells this from the other changes.
        revision: The revision that did it.
    """

    parent: str | None = None
    withdrawn: Literal[True]
    revision: int | None = None


class DateMoved(Change):
    """That an entry has a date, or another one.

    Attributes:
        old: The date that counted before, as far as the chat heard of it.
        new: The date.
        facts: Ids of the facts that say so.
        revision: The revision that brought it.
    """

    old: PartialDate | None = None
    new: PartialDate
    facts: tuple[str, ...] = ()
    revision: int | None = None


class DateGivenUp(Change):
    """That no date is stated any more.

    Attributes:
        old: The date that counted before, as far as the chat heard of it.
        new: None; tells this from another phase.
        facts: Ids of the facts that say so.
        revision: The revision that brought it.
    """

    old: PartialDate | None = None
    new: None
    facts: tuple[str, ...] = ()
    revision: int | None = None


class PhaseChanged(Change):
    """That an entry is in another phase, which may settle its date, too.

    Attributes:
        old: The phase before, as far as the chat heard of it.
        new: The phase.
        facts: Ids of the facts that say so.
        revision: The revision that brought it.
    """

    old: Phase | None = None
    new: Phase | None
    facts: tuple[str, ...] = ()
    revision: int | None = None


class FactsAdded(Change):
    """That something new is known of an entry.

    Attributes:
        new: Whether the entry itself is new.
        facts: Ids of the facts.
        revision: The revision that brought them.
    """

    new: bool = False
    facts: tuple[str, ...]
    revision: int | None = None


class EntriesAdded(OfEntry):
    """What an import brought.

    Attributes:
        entries: Their keys.
        count: How many there are: more than are listed where a former version kept the first
            ones only.
        revision: The revision that brought them.
    """

    entries: tuple[str, ...]
    count: int = 0
    revision: int | None = None

    @property
    def unlisted(self) -> int:
        """How many a former version did not list."""
        return max(0, self.count - len(self.entries))


class AnswerChanged(Content):
    """That a subscribed question is answered otherwise now.

    Attributes:
        subscription: Number of the subscription.
        question: What was asked, as `Target` has it.
        entry: Key of the entry of the last topic, or of the one below which a button asked.
        home: Key of the body for which it was answered.
        before: Fingerprints of the facts of the former answer, by fact id.
        about: Names of the entries that the former answer was about, by key.
        owners: Keys of the entries that those of its facts were from that may have changed, by
            fact id.
    """

    subscription: int
    question: str
    entry: str | None
    home: str | None
    before: Mapping[str, str]
    about: Mapping[str, str] = {}
    owners: Mapping[str, str] = {}

    @property
    def target(self) -> Target:
        """What is subscribed.

        Raises:
            ValueError: if there is no question.
        """
        return Target(Scope.ANSWER, self.entry, self.question, self.home)


class Standing(BaseModel):
    """How an entry stands.

    Attributes:
        withdrawn: That it is there.
        phase: Its phase.
        due: Its date.
        said: Fingerprints of its facts, by id; None where a former version did not keep them.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    withdrawn: Literal[False] = False
    phase: Phase | None = None
    due: PartialDate | None = None
    said: Mapping[str, str] | None = None


class Gone(BaseModel):
    """That an entry is not there.

    Attributes:
        withdrawn: That it is not.
    """

    model_config = ConfigDict(frozen=True)

    withdrawn: Literal[True]


class Correction(OfEntry):
    """That a change of which a chat was told was taken back.

    Attributes:
        undone: The revision that was undone.
        revision: The revision that did it.
        told: How the entry stood by what the chat was told.
        fell: What facts said that was taken away or worded anew, by id, as far as it is quoted.
        gone: How many entries the undoing took away.
    """

    undone: int | None = None
    revision: int | None = None
    told: Standing | Gone
    fell: Mapping[str, str] = {}
    gone: int = 0


class Nudge(OfEntry):
    """That nothing is stated about an entry.

    Attributes:
        said: Of when the newest statement is; the day since which it is known to have none.
        months: For how long.
    """

    said: PartialDate
    months: int


class Gathered(BaseModel):
    """A notice that waited, as a digest has it.

    Attributes:
        key: Its key.
        kind: What it is about.
        content: What it tells.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    key: str
    kind: NoticeKind
    content: SerializeAsAny[Content]

    @field_validator("content", mode="plain")
    @classmethod
    def _as_its_kind_has_it(cls, value: object, info: ValidationInfo) -> Content:
        if isinstance(value, Content):
            return value
        if "kind" not in info.data:
            raise ValueError("no kind")
        return read(info.data["kind"], value)


class Digest(Content):
    """Notices that are told together: of one entry, an overview of all, or nudges.

    Attributes:
        items: The notices.
    """

    items: tuple[Gathered, ...] = Field(min_length=1)


class Unreadable(Content):
    """What is stored, and is none of what its kind may tell: also where it was erased.

    Attributes:
        stored: What it is.
        wrong: Which parts are missing or are none of their kind.
    """

    stored: object
    wrong: str

    @model_serializer
    def _as_it_was(self) -> object:
        return self.stored


SORTS: Mapping[NoticeKind, tuple[type[Content], ...]] = {
    NoticeKind.MILESTONE_COMING: (Reminder,),
    NoticeKind.MILESTONE_MISSED: (Reminder,),
    NoticeKind.MILESTONE_MOVED: (DateMoved,),
    NoticeKind.MILESTONE_DONE: (PhaseChanged,),
    NoticeKind.MILESTONE_CANCELLED: (Withdrawn, DateGivenUp, PhaseChanged),
    NoticeKind.STATUS_CHANGED: (Withdrawn, PhaseChanged),
    NoticeKind.FACT_ADDED: (FactsAdded,),
    NoticeKind.ENTRIES_ADDED: (EntriesAdded,),
    NoticeKind.ANSWER_CHANGED: (AnswerChanged,),
    NoticeKind.DIGEST: (Digest,),
    NoticeKind.CORRECTION: (Correction,),
    NoticeKind.NUDGE: (Digest, Nudge),
    NoticeKind.QUESTION_ANSWERED: (QuestionAnswered,),
    NoticeKind.ANNOUNCEMENT: (Announcement,),
}
"""What each kind of notice may tell, in the order in which that is tried on what is stored."""


def read(kind: NoticeKind, stored: object) -> Content:
    """What a notice tells, from the JSON that is stored of it.

    What cannot be read is no reason to read no other notices either: whoever needs to know what
    it tells gets a `KeyError` from `expected`.
    """
    wrong: list[str] = []
    for sort in SORTS[kind]:
        try:
            return sort.model_validate(stored)
        except ValidationError as exc:
            faults = exc.errors(include_url=False, include_context=False, include_input=False)
            places = [".".join(map(str, fault["loc"])) for fault in faults]
            wrong.append(f"{sort.__name__}: {', '.join(places)}")
    return Unreadable(stored=stored, wrong="; ".join(wrong))


def expected(notice: Notice, sort: type[Sort]) -> Sort:
    """What a notice tells, as one sort of it.

    Raises:
        KeyError: if it is no such thing, or cannot be read.
    """
    content = notice.content
    if isinstance(content, sort):
        return content
    raise KeyError(content.wrong if isinstance(content, Unreadable) else sort.__name__)


def entry_of(notice: Notice) -> str:
    """Key of the entry that a planned notice is about.

    An answer that hangs on none has a place among entries, too: that of the word "None".

    Raises:
        KeyError: if it is about none, or cannot be read.
    """
    if isinstance(notice.content, AnswerChanged):
        return str(notice.content.entry)
    return expected(notice, OfEntry).entry


def facts_of(notice: Notice) -> tuple[str, ...]:
    """Ids of the facts that a notice tells of its entry."""
    content = notice.content
    if isinstance(content, DateMoved | DateGivenUp | PhaseChanged | FactsAdded):
        return content.facts
    return ()


def parts(notice: Notice) -> list[Notice]:
    """The notices that a digest gathers; none for any other notice."""
    if not isinstance(notice.content, Digest):
        return []
    return [
        replace(notice, key=item.key, kind=item.kind, content=item.content)
        for item in notice.content.items
    ]


def told_in(notice: Notice) -> list[Notice]:
    """What a notice tells: the notices that a digest gathers, otherwise itself."""
    return parts(notice) or [notice]


def gathered(notices: Iterable[Notice]) -> Digest:
    """The content of a digest, of which `parts` makes notices again."""
    return Digest(
        items=tuple(
            Gathered(key=notice.key, kind=notice.kind, content=notice.content)
            for notice in notices
        )
    )


def topmost_withdrawn(notices: Iterable[Notice]) -> Mapping[str, str]:
    """By entries that are told to be withdrawn, the topmost one that they belonged to and is, too.

    That is the entry itself where what it belonged to is there still.
    """
    contents = (notice.content for notice in notices)
    above = {one.entry: one.parent for one in contents if isinstance(one, Withdrawn)}
    found = {}
    for key in above:
        top = key
        for _ in above:  # no longer: a circle has no topmost one
            parent = above[top]
            top = parent if parent in above else top
        found[key] = top
    return found
