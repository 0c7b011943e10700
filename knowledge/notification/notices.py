"""What chats are told of their own accord: notices, their kinds and their states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

LONGEST_KEY = 200
"""Characters of a notice's key."""


class NoticeKind(StrEnum):
    """What a notice is about; each kind has words of its own."""

    MILESTONE_COMING = "milestone_coming"
    MILESTONE_MISSED = "milestone_missed"
    MILESTONE_MOVED = "milestone_moved"
    MILESTONE_DONE = "milestone_done"
    MILESTONE_CANCELLED = "milestone_cancelled"
    STATUS_CHANGED = "status_changed"
    FACT_ADDED = "fact_added"
    ENTRIES_ADDED = "entries_added"
    ANSWER_CHANGED = "answer_changed"
    DIGEST = "digest"
    CORRECTION = "correction"
    NUDGE = "nudge"
    QUESTION_ANSWERED = "question_answered"
    ANNOUNCEMENT = "announcement"


WRITTEN_BY_PEOPLE = frozenset(
    {
        NoticeKind.QUESTION_ANSWERED,
        NoticeKind.ANNOUNCEMENT,
        NoticeKind.ANSWER_CHANGED,
        NoticeKind.CORRECTION,
        NoticeKind.DIGEST,
    }
)
"""Kinds whose content has, or may have, words of people in it, such as a subscribed question: it
is erased when they are finished."""


@dataclass(frozen=True, slots=True)
class Obsolete:
    """Why a notice is not to be sent any more, said instead of its words.

    Attributes:
        reason: For the record, not for people.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """That a notice is not to be sent before a moment, said instead of its words."""

    until: datetime


AT_ANY_HOUR = frozenset({NoticeKind.QUESTION_ANSWERED, NoticeKind.ANNOUNCEMENT})
"""Kinds that people send off; all others are planned, and keep to a chat's hours and pauses."""


class NoticeState(StrEnum):
    """How far a notice is."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    DROPPED = "dropped"
    FAILED = "failed"


class Content(BaseModel):
    """What a notice tells; `knowledge.notification.contents` has a class for each sort of it."""

    model_config = ConfigDict(
        frozen=True,
        hide_input_in_errors=True,  # what people write stays out of the log
    )


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that a chat is to be told.

    Attributes:
        chat_id: Who is told.
        key: What makes two notices the same one within a chat: kind, entry, due date or revision,
            offset. At most 200 characters.
        kind: What it is about.
        content: What it tells: keys, numbers and dates that its words are made of when it is
            sent; only what somebody wrote himself (an announcement, an answer) is text already.
        not_before: From when it may be sent.

    Raises:
        ValueError: for an unusable key.
    """

    chat_id: int
    key: str
    kind: NoticeKind
    content: Content
    not_before: datetime

    def __post_init__(self) -> None:
        if not 0 < len(self.key) <= LONGEST_KEY:
            raise ValueError(f"a notice's key has 1 to {LONGEST_KEY} characters: {self.key!r}")
