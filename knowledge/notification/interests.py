"""What a chat wants to be told of, and how: targets, interests, settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from hashlib import blake2b
from zoneinfo import ZoneInfo

from knowledge.answering.answers import Answer, about, answer
from knowledge.answering.ellipsis import Topic
from knowledge.entries import Aspect, Entry, Fact
from knowledge.notification.notices import NoticeKind
from knowledge.notification.working_time import BERLIN, Hours, moment_of, next_moment
from knowledge.redaction import redacted
from knowledge.snapshot import Snapshot

_TAPPED = "="
"""Stands before an aspect in place of a question, or alone for all that is said of an entry: a
button asked, and there are no words. No question that is kept begins so."""


_STANDS = "."
"""In a fingerprint, what divides the text from phase and date. Those of former versions have no
such part: they tell of the text alone."""


class Scope(StrEnum):
    """What a subscription is to.

    `ENTRY`: an entry and the dates directly below it. `BELOW`: an entry and everything below
    it, such as a plan, a field or a body. `EVERYTHING`: all entries. `ANSWER`: what the bot
    answers to a question that was typed, or that a button asked.
    """

    ENTRY = "entry"
    BELOW = "below"
    EVERYTHING = "everything"
    ANSWER = "answer"


class Interest(StrEnum):
    """What a chat wants to be told of.

    `COMING`: dates that come up. `CHANGED`: dates that are moved, missed, kept, put off or given
    up, or count again.
    `STATUS`: other phases. `FACTS`: new facts and documents.
    """

    COMING = "coming"
    CHANGED = "changed"
    STATUS = "status"
    FACTS = "facts"


ALL_INTERESTS = frozenset(Interest)


class Pace(StrEnum):
    """How often a chat is written to."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True, slots=True)
class Target:
    """What can be subscribed.

    Attributes:
        scope: What it is.
        entry: Key of the entry; of the last topic, for an answer to a follow-up question.
        question: What was asked, for an answer; where a button asked, see `tapped`.
        home: Key of the body for which it was answered.

    Raises:
        ValueError: if scope, entry and question do not fit together.
    """

    scope: Scope
    entry: str | None = None
    question: str | None = None
    home: str | None = None

    def __post_init__(self) -> None:
        if (self.scope in {Scope.ENTRY, Scope.BELOW}) and not self.entry:
            raise ValueError(f"{self.scope} needs an entry")
        if (self.scope is Scope.ANSWER) != bool(self.question):
            raise ValueError("a question belongs to an answer, and to nothing else")

    @classmethod
    def of_answer(cls, text: str, *, topic: str | None, home: str | None) -> Target:
        """The answer to a question, which is kept without contact details.

        Raises:
            ValueError: if nothing of the question can be kept.
        """
        return cls(Scope.ANSWER, topic, redacted(text).lstrip(f"{_TAPPED} "), home)

    @classmethod
    def of_button(cls, entry: Entry, aspect: Aspect | None) -> Target:
        """What a button answers about an entry.

        Args:
            entry: The entry.
            aspect: What of it; None for all that is said first.
        """
        return cls(Scope.ANSWER, entry.key, f"{_TAPPED}{aspect or ''}")

    @property
    def tapped(self) -> tuple[Aspect, ...] | None:
        """The aspects that a button asked for; None where somebody typed what is asked."""
        if self.question is None or not self.question.startswith(_TAPPED):
            return None
        name = self.question.removeprefix(_TAPPED)
        if name and name not in set(Aspect):
            return None  # somebody typed it, before there were such buttons
        return (Aspect(name),) if name else ()


@dataclass(frozen=True, slots=True)
class Subscription:
    """Something that a chat wants to be told of.

    Attributes:
        id: Its number.
        chat_id: Whose it is.
        target: What it is to.
        interests: What of that; an answer has none.
        since: When it began.
        revision: The newest revision at that moment: later ones are news.
        answer: Fingerprints of the facts that the answer is built on, by fact id; None before the
            first look.
    """

    id: int
    chat_id: int
    target: Target
    interests: frozenset[Interest]
    since: datetime
    revision: int
    answer: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """How a chat wants to be told.

    Attributes:
        pace: At once, or gathered once a day or a week.
        hour: The hour of digests, 0 to 23.
        weekday: The day of weekly digests, 0 is Monday.
        quiet_from: When quiet hours begin.
        quiet_until: When they end; equal times mean none.
        working_days: Whether non-working days are quiet, too.
        paused_until: The day on which a pause ends; nothing is sent before it.
        zone: The time zone of all this.
    """

    pace: Pace = Pace.AT_ONCE
    hour: int = 8
    weekday: int = 0
    quiet_from: time = time(18)
    quiet_until: time = time(8)
    working_days: bool = True
    paused_until: date | None = None
    zone: ZoneInfo = BERLIN

    def hours(self, subdivision: str) -> Hours:
        """When the chat may be written to, by the holidays of a federal state."""
        return Hours(
            self.quiet_from,
            self.quiet_until,
            working_days=self.working_days,
            zone=self.zone,
            subdivision=subdivision,
        )

    def day(self, moment: datetime) -> date:
        """The day that a moment belongs to where the chat is: pauses begin and end with it."""
        return moment.astimezone(self.zone).date()

    def is_paused(self, today: date) -> bool:
        """Whether nothing is sent on a day because of a pause."""
        return self.paused_until is not None and self.paused_until > today

    def after_pause(self, moment: datetime) -> datetime:
        """The first moment, not before another one, that is in no pause."""
        if self.paused_until is None:
            return moment
        return max(moment, moment_of(self.paused_until, time(0), self.zone))

    def next_moment(self, moment: datetime, subdivision: str) -> datetime:
        """The first moment, not before another one, at which the chat may be written to."""
        return next_moment(self.after_pause(moment), self.hours(subdivision))


DEFAULT_SETTINGS = ChatSettings()


def answer_to(target: Target, snapshot: Snapshot, today: date) -> Answer:
    """What is answered now to a question that is subscribed, typed or tapped."""
    if target.tapped is not None:
        entry = snapshot.get(target.entry or "")
        if entry is None:  # withdrawn; the button's aspect is no question that others answer
            return answer("", snapshot, today)
        return about(entry, target.tapped, snapshot, today)
    topic = Topic(target.entry) if target.entry else None
    return answer(target.question or "", snapshot, today, topic=topic, home=target.home)


def fingerprints(facts: Iterable[Fact]) -> dict[str, str]:
    """What facts say, short enough to be kept: the same text, phase and date have the same one."""
    return {fact.id: f"{_mark(fact.text)}{_STANDS}{_mark(_standing(fact))}" for fact in facts}


def same_words(one: str | None, other: str | None) -> bool:
    """Whether two facts with these fingerprints have the same text, whatever they say by it."""
    if one is None or other is None:
        return False
    return one.partition(_STANDS)[0] == other.partition(_STANDS)[0]


def _mark(text: str) -> str:
    return blake2b(text.encode(), digest_size=6).hexdigest() if text else ""


def _standing(fact: Fact) -> str:
    """The phase and the date that a fact states, empty if neither."""
    stated = (fact.phase, fact.due.iso() if fact.due else None)
    return "/".join(part or "" for part in stated) if any(stated) else ""


def answer_keys(number: int) -> str:
    """What the keys of all notices about a subscribed answer begin with."""
    return f"{NoticeKind.ANSWER_CHANGED}:{number}:"


def differing(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[str, ...]:
    """Ids of facts that are new or say something else, then of those that are gone."""
    news = [fact for fact, said in after.items() if not _says_the_same(before.get(fact), said)]
    return (*news, *(fact for fact in before if fact not in after))


def _says_the_same(one: str | None, other: str) -> bool:
    if one is None or _STANDS not in one or _STANDS not in other:
        return same_words(one, other)
    return one == other
