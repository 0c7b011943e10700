"""The composition root: from settings to a Telegram application with everything attached."""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.exc import SQLAlchemyError

# Before the first import of telegram: RetryAfter then carries a timedelta without a warning.
os.environ.setdefault("PTB_TIMEDELTA", "1")

from telegram import (
    Bot,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
)
from telegram.error import TelegramError
from telegram.ext import Application

from bot.alarms import Alarms
from bot.delivery import Delivery, Precedence
from bot.errors import report
from bot.inbox import Inbox, forget_finished
from bot.lanes import Lanes
from bot.metrics import Metrics
from bot.requests import CountedRequest
from bot.settings import Settings
from handlers.menu import group_commands, private_commands, show_menu
from handlers.messages import PHRASES, Reply
from handlers.notices import word
from handlers.registry import all_handlers
from handlers.services import Services
from knowledge.editing.drafts import Drafts
from knowledge.editing.uploads import Uploads
from knowledge.exchange import Former
from knowledge.inquiries.feedback import Feedback
from knowledge.inquiries.handed_over import HandedOverQuestions
from knowledge.inquiries.question_log import QuestionLog
from knowledge.inquiries.topics import Topics
from knowledge.notification.announcements import Announcements
from knowledge.notification.chats import Chats
from knowledge.notification.notices import AT_ANY_HOUR, Later, Notice, Obsolete
from knowledge.notification.outbox import Outbox
from knowledge.notification.subscriptions import Subscriptions
from knowledge.people import People
from knowledge.personal_data import PersonalData
from knowledge.snapshot import Snapshot
from knowledge.storage.database import Database
from knowledge.storage.store import Store
from knowledge.yaml_files import SHIPPED, load
from scheduler.clockwork import Job
from scheduler.dispatch import Dispatcher
from scheduler.pacing import Pacing
from scheduler.planner import Planner
from scheduler.rules import Rules
from scheduler.validity import still_true

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
TelegramApplication = Application[Any, Any, Any, Any, Any, Any]

COUNTING = timedelta(seconds=15)
"""How old the figures about the outbox may be; Prometheus asks about as often."""

PLANNING = timedelta(minutes=1)
"""How soon a change or a new day is turned into notices."""

HOUSEKEEPING = timedelta(hours=1)


def rating_days(question_log_days: int) -> int:
    """How many days ratings of answers are kept: as long as questions, or 90 without a log."""
    return question_log_days or 90


def system_clock() -> datetime:
    """The present moment: the one place where the wall clock is read."""
    return datetime.now(UTC)


async def open_services(
    database: Database,
    *,
    zone: ZoneInfo,
    home: str | None,
    question_log_days: int,
    token: str,
    admin_ids: Iterable[int],
    subdivision: str,
    clock: Clock,
    shipped: Path | None,
    metrics: Metrics,
) -> Services:
    """Bring schema and shipped knowledge of a database up to date, load the snapshot.

    Raises:
        DatabaseError: if the database cannot be used.
        SQLAlchemyError: if it can only be read.
        DataError: if the shipped files are faulty.
    """
    entries = load(shipped or SHIPPED)
    await database.migrate()
    await database.try_writing()
    store = _MeasuredStore(database, metrics)
    written = await store.ship(entries, now=clock())
    await store.refresh()
    log.info(
        "knowledge base ready",
        entries=len(store.snapshot.entries),
        revision=store.snapshot.revision,
        shipped=written,
    )
    outbox, chats, people = Outbox(database), Chats(database), People(database, admin_ids)
    subscriptions = Subscriptions(database, zone=zone, subdivision=subdivision)
    return Services(
        store=store,
        chats=chats,
        subscriptions=subscriptions,
        topics=Topics(database),
        handed_over=HandedOverQuestions(database, outbox),
        question_log=QuestionLog(database, days=question_log_days),
        feedback=Feedback(
            database,
            # Not the token itself: what does not call Telegram must not be able to.
            key=hmac.digest(token.encode(), b"feedback", "sha256"),
            days=rating_days(question_log_days),
        ),
        people=people,
        drafts=Drafts(database),
        uploads=Uploads(database),
        personal_data=PersonalData(database),
        outbox=outbox,
        announcements=Announcements(
            database, people=people, chats=chats, subscriptions=subscriptions, outbox=outbox
        ),
        clock=clock,
        zone=zone,
        home=home,
        answered=metrics.answered,
    )


async def read_snapshot(settings: Settings) -> Snapshot:
    """The database's state, without changing it; the shipped files where there is none yet.

    Raises:
        OlderSchemaError: if the database belongs to an earlier version of the program.
        DatabaseError: if it belongs to a later one, or cannot be used.
        OSError: if nobody may look whether there is one.
        DataError: if the shipped files are faulty.
    """
    async with _set_up(settings) as database:
        if database is None:
            return Snapshot(load(settings.knowledge_folder or SHIPPED))
        store = Store(database)
        await store.refresh()
        return store.snapshot


async def read_former(settings: Settings, keys: Iterable[str], snapshot: Snapshot) -> Former:
    """How entries stood before a state of the database, without changing it.

    Raises:
        As `read_snapshot`.
    """
    async with _set_up(settings) as database:
        if database is None:
            return {}
        return await Store(database).former(keys, until=snapshot.revision)


async def read_admins(settings: Settings) -> set[int]:
    """User ids of all admins, by the settings and in the database, without changing it.

    Raises:
        As `read_snapshot`.
    """
    async with _set_up(settings) as database:
        if database is None:
            return set(settings.admin_ids)
        return await People(database, settings.admin_ids).admins()


@asynccontextmanager
async def _set_up(settings: Settings) -> AsyncIterator[Database | None]:
    """The database, None if nothing has been set up yet; closed at the end of the block."""
    database = Database(settings.database_url, only_reading=True)
    try:
        yield database if database.exists() and await database.is_set_up() else None
    finally:
        await database.close()


class _MeasuredStore(Store):
    """Tells how long new states take, whoever asks for them."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        super().__init__(database)
        self._metrics = metrics

    async def refresh(self) -> bool:
        began = time.monotonic()
        is_new = await super().refresh()
        seconds = time.monotonic() - began
        self._metrics.refreshed(self.snapshot, seconds=seconds if is_new else None)
        return is_new


def build_application(
    settings: Settings,
    services: Services,
    inbox: Inbox,
    lanes: Lanes,
    *,
    pacing: Pacing,
    metrics: Metrics,
) -> TelegramApplication:
    """Attach handlers to a Telegram application that has not been started."""
    application: TelegramApplication = (
        Application.builder()
        .token(settings.bot_token.get_secret_value())
        .base_url(settings.bot_api_url)
        .base_file_url(_file_url(settings.bot_api_url))
        # Two requests: long polling must not take connections from replies.
        .request(CountedRequest(metrics.called, connections=64))
        .get_updates_request(CountedRequest(metrics.called, connections=1))
        .rate_limiter(Precedence(pacing))
        .update_queue(inbox)
        .concurrent_updates(lanes)
        .updater(None)
        .job_queue(None)
        .build()
    )
    application.add_handlers(all_handlers(services))
    alarms = Alarms(services.people, settings.admin_ids, services.clock)
    application.add_error_handler(partial(report, inbox, alarms))
    return application


def build_pusher(settings: Settings, metrics: Metrics) -> Bot:
    """The bot that sends notices, one at a time; it takes no connections from replies."""
    return Bot(
        settings.bot_token.get_secret_value(),
        base_url=settings.bot_api_url,
        base_file_url=_file_url(settings.bot_api_url),
        request=CountedRequest(metrics.called, connections=1),
        get_updates_request=CountedRequest(metrics.called, connections=1),
    )


def build_planner(settings: Settings, database: Database, services: Services) -> Planner:
    """What turns changes and dates into notices of the outbox."""
    return Planner(
        database,
        store=services.store,
        subscriptions=services.subscriptions,
        outbox=services.outbox,
        people=services.people,
        rules=settings.rules,
    )


def build_dispatcher(
    services: Services, pusher: Bot, pacing: Pacing, rules: Rules, metrics: Metrics
) -> Dispatcher[Reply]:
    """What sends notices of the outbox, as far as they are true and may be sent at this hour."""

    async def word_now(notice: Notice) -> Reply | Later | Obsolete:
        now = services.clock()
        true = still_true(notice, services.snapshot, now=now, rules=rules)
        if true is not notice and await services.store.refresh():
            # Who gathered it was ahead: this process may have led for a moment only.
            true = still_true(notice, services.snapshot, now=now, rules=rules)
        message = true if isinstance(true, Obsolete) else await word(services, true)
        if isinstance(message, Obsolete):
            metrics.delivered(message)
        elif notice.kind not in AT_ANY_HOUR:
            # Hours may lie between planning and sending: trouble, a stop, a new pause.
            moment = await services.subscriptions.next_moment(notice.chat_id, now)
            return Later(moment) if moment > now else message
        return message

    return Dispatcher(
        services.outbox,
        services.chats,
        Delivery(pusher, metrics.delivered),
        word_now,
        pacing,
        clock=services.clock,
    )


def scheduling_jobs(
    settings: Settings, services: Services, database: Database, planner: Planner, metrics: Metrics
) -> list[Job]:
    """What is done again and again by the process that leads."""

    async def plan() -> None:
        try:
            await planner.plan(services.clock())
        finally:  # what was planned before is due all the same
            await planner.gather(services.clock())

    async def tidy() -> None:
        now = services.clock()
        tasks: list[Callable[[], Awaitable[object]]] = [
            partial(services.topics.forget_expired, now),
            partial(services.drafts.forget_expired, now),
            partial(services.uploads.forget_expired, now),
            partial(services.people.forget_expired, now),
            partial(services.handed_over.forget_old, now),
            partial(services.question_log.forget_old, now),
            partial(services.feedback.forget_old, services.today),
            partial(forget_finished, database, now, bot_id=settings.bot_id),
            partial(services.outbox.forget_finished, now),
            partial(planner.forget_old, now),
            partial(services.personal_data.forget_deserted, now),
            database.empty_log,
        ]
        failed = []
        for task in tasks:
            try:
                await task()
            except SQLAlchemyError as exc:  # what else is to be deleted must go all the same
                failed.append(exc)
        if failed:
            raise ExceptionGroup("housekeeping", failed)

    async def count() -> None:
        metrics.backlog(
            await services.outbox.counts(), await services.outbox.overdue(services.clock())
        )

    return [
        Job("plan", PLANNING, plan),
        Job("housekeeping", HOUSEKEEPING, tidy),
        Job("backlog", COUNTING, count),
    ]


async def introduce(bot: Bot, people: People) -> None:
    """Tell Telegram the command menus and descriptions; the bot works without that, too."""
    try:
        await bot.set_my_commands(
            commands=private_commands(), scope=BotCommandScopeAllPrivateChats()
        )
        await bot.set_my_commands(commands=group_commands(), scope=BotCommandScopeAllGroupChats())
        await bot.set_my_description(description=PHRASES["description"])
        await bot.set_my_short_description(short_description=PHRASES["short_description"])
    except TelegramError as exc:
        log.warning("command menu not updated", reason=str(exc))
    try:
        members = await people.members()
    except SQLAlchemyError as exc:
        log.warning("menus of members not updated", reason=str(exc))
        return
    for member in members:
        await show_menu(bot, member.user_id, member.role)


def _file_url(base_url: str) -> str:
    return f"{base_url.removesuffix('/bot')}/file/bot"
