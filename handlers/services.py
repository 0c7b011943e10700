"""What handlers work with; put together once, in `bot`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from knowledge.answering.basis import Basis
from knowledge.answering.confidence import Band
from knowledge.editing.drafts import Drafts
from knowledge.editing.uploads import Uploads
from knowledge.inquiries.feedback import Feedback
from knowledge.inquiries.handed_over import HandedOverQuestions
from knowledge.inquiries.question_log import QuestionLog
from knowledge.inquiries.topics import Topics
from knowledge.notification.announcements import Announcements
from knowledge.notification.chats import Chats
from knowledge.notification.outbox import Outbox
from knowledge.notification.subscriptions import Subscriptions
from knowledge.people import People
from knowledge.personal_data import PersonalData
from knowledge.snapshot import Snapshot
from knowledge.storage.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """The knowledge base and its surroundings.

    Attributes:
        store: The knowledge base.
        chats: Which chats can be written to.
        subscriptions: What chats want to be told of, and how.
        topics: What each chat last talked about.
        handed_over: Questions passed on to the editors.
        question_log: What was asked, without who asked.
        feedback: Whether answers helped.
        people: Who may change the knowledge base.
        drafts: Changes under way.
        uploads: Files that are being imported.
        personal_data: Everything about a chat.
        outbox: Notices on their way to chats.
        announcements: What admins tell everybody.
        clock: The present moment, aware.
        zone: The zone in which days begin.
        home: Key of the body that the bot serves, or None.
        answered: Told how sure each answer was; for whoever counts them.
    """

    store: Store
    chats: Chats
    subscriptions: Subscriptions
    topics: Topics
    handed_over: HandedOverQuestions
    question_log: QuestionLog
    feedback: Feedback
    people: People
    drafts: Drafts
    uploads: Uploads
    personal_data: PersonalData
    outbox: Outbox
    announcements: Announcements
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

    @property
    def basis(self) -> Basis:
        """What questions are answered from now: take it once per update, too."""
        return Basis(self.snapshot, self.today, self.home)
