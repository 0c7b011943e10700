"""What handlers work with; put together once, in `bot`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from knowledge.confidence import Band
from knowledge.drafts import Drafts
from knowledge.feedback import Feedback
from knowledge.handed_over import HandedOverQuestions
from knowledge.people import People
from knowledge.question_log import QuestionLog
from knowledge.snapshot import Snapshot
from knowledge.store import Store
from knowledge.topics import Topics


@dataclass(frozen=True, slots=True)
class Services:
    """The knowledge base and its surroundings.

    Attributes:
        store: The knowledge base.
        topics: What each chat last talked about.
        handed_over: Questions passed on to the editors.
        question_log: What was asked, without who asked.
        feedback: Whether answers helped.
        people: Who may change the knowledge base.
        drafts: Changes under way.
        clock: The present moment, aware.
        zone: The zone in which days begin.
        home: Key of the body that the bot serves, or None.
        answered: Told how sure each answer was; for whoever counts them.
    """

    store: Store
    topics: Topics
    handed_over: HandedOverQuestions
    question_log: QuestionLog
    feedback: Feedback
    people: People
    drafts: Drafts
    clock: Callable[[], datetime]
    zone: ZoneInfo
    home: str | None
    answered: Callable[[Band], None]

    @property
    def snapshot(self) -> Snapshot:
        """The newest state of the knowledge base: take it once per update."""
        return self.store.snapshot

    @property
    def today(self) -> date:
        """The present day."""
        return self.clock().astimezone(self.zone).date()
