"""Put together: what is kept about people is cut in time."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Row, select, text
from sqlalchemy.exc import SQLAlchemyError
from structlog.testing import capture_logs
from telegram import Bot, BotCommandScopeAllPrivateChats

from bot.application import (
    build_dispatcher,
    build_planner,
    build_pusher,
    introduce,
    scheduling_jobs,
)
from bot.metrics import Metrics
from bot.playground import TOKEN, Playground
from bot.settings import load
from handlers.messages import Reply
from handlers.services import Services
from knowledge.answering.answers import answer
from knowledge.inquiries.feedback import Rating
from knowledge.inquiries.handed_over import KEPT, UNDECIDED
from knowledge.notification.contents import Announcement, FactsAdded, Nudge, gathered
from knowledge.notification.interests import DEFAULT_SETTINGS, Scope, Target
from knowledge.notification.notices import Later, Notice, NoticeKind, NoticeState, Obsolete
from knowledge.notification.outbox import notice_of
from knowledge.partial_date import PartialDate
from knowledge.storage.database import Database
from knowledge.storage.tables import asked_question, feedback, handed_over_question
from knowledge.storage.tables import outbox as outbox_table
from scheduler.pacing import Pacing
from tests.scheduler.stage import a_milestone
from tests.support.builders import a_fact, an_entry
from tests.support.clock import FakeClock
from tests.support.in_process import InProcess
from tests.support.read_only import make_read_only
from tests.support.services import services_of

BERLIN = ZoneInfo("Europe/Berlin")
PLACE = {"chat_id": 7, "message_id": 3, "user_id": 7}


async def ask_and_rate(services: Services) -> None:
    log, text = services.question_log, "Wie weit ist der Maßnahmenplan?"
    number = log.draw_id()
    told = answer(text, services.snapshot, services.today)
    await log.write(number, text, told, services.clock())
    rating = Rating(helpful=True, question_id=number)
    await services.feedback.tap(rating, **PLACE, today=services.today)


async def tidy(services: Services, database: Database, clock: FakeClock) -> tuple[int, int]:
    """Run the housekeeping; returns how many questions and ratings are left."""
    settings = load(bot_token="1:a")
    planner = build_planner(settings, database, services)
    listed = scheduling_jobs(settings, services, database, planner, Metrics())
    jobs = {job.name: job.run for job in listed}
    await jobs["housekeeping"]()
    return len(await rows(database, asked_question)), len(await rows(database, feedback))


async def test_jobs_turn_a_change_into_a_notice_that_is_looked_at_once_more(
    database: Database, clock: FakeClock
) -> None:
    settings = load(bot_token="1:a")
    services = await services_of(database, clock, days=1)
    outbox = services.outbox
    planner = build_planner(settings, database, services)
    listed = scheduling_jobs(settings, services, database, planner, Metrics())
    jobs = {job.name: job.run for job in listed}
    await jobs["plan"]()  # takes what is known as the beginning
    everything = Target(Scope.EVERYTHING)
    await services.subscriptions.begin(7, everything, snapshot=services.snapshot, now=clock())
    await services.store.publish(
        [a_milestone("TEST-1")], author="anna", reason="Test", now=clock()
    )
    await jobs["plan"]()
    assert (await outbox.counts())[NoticeState.WAITING] == 1
    pacing = Pacing(25)
    dispatcher = build_dispatcher(
        services, build_pusher(settings, Metrics()), pacing, settings.rules, Metrics()
    )
    (notice,) = await waiting_notices(database)
    assert isinstance(await dispatcher._words(notice), Reply)
    await services.store.publish(
        [],
        withdrawn=[services.snapshot.entries["TEST-1"]],
        author="anna",
        reason="Test",
        now=clock(),
    )
    assert isinstance(await dispatcher._words(notice), Obsolete)


async def test_a_notice_of_a_process_that_was_ahead_is_not_taken_for_untrue(
    database: Database, clock: FakeClock
) -> None:
    settings = load(bot_token="1:a")
    behind = await services_of(database, clock)
    ahead = await services_of(database, clock)
    dispatcher = build_dispatcher(
        behind, build_pusher(settings, Metrics()), Pacing(25), settings.rules, Metrics()
    )
    await ahead.store.publish([a_milestone("TEST-1")], author="anna", reason="Test", now=clock())
    news = FactsAdded(entry="TEST-1", facts=(), new=True)
    notice = Notice(7, "k", NoticeKind.FACT_ADDED, news, clock())
    assert isinstance(await dispatcher._words(notice), Reply)


async def test_what_is_late_waits_until_the_chat_may_be_written_to(
    database: Database, clock: FakeClock
) -> None:
    settings = load(bot_token="1:a")
    services = await services_of(database, clock)
    dispatcher = build_dispatcher(
        services, build_pusher(settings, Metrics()), Pacing(25), settings.rules, Metrics()
    )
    news = FactsAdded(entry="TEST-1", facts=(), new=True)
    await services.store.publish(
        [a_milestone("TEST-1")], author="anna", reason="Test", now=clock()
    )
    planned = Notice(7, "k", NoticeKind.FACT_ADDED, news, clock())
    answered = Notice(7, "a", NoticeKind.ANNOUNCEMENT, Announcement(text="Guten Abend."), clock())
    assert isinstance(await dispatcher._words(planned), Reply)
    clock.moment = datetime(2025, 12, 12, 22, 0, tzinfo=BERLIN)  # a Friday evening
    monday = datetime(2025, 12, 15, 8, 0, tzinfo=BERLIN)
    assert await dispatcher._words(planned) == Later(monday)
    assert isinstance(await dispatcher._words(answered), Reply)
    clock.moment = monday
    assert isinstance(await dispatcher._words(planned), Reply)
    pause = replace(DEFAULT_SETTINGS, paused_until=date(2025, 12, 22))
    await services.subscriptions.set_up(7, pause, now=clock())
    assert await dispatcher._words(planned) == Later(datetime(2025, 12, 22, 8, tzinfo=BERLIN))


async def test_an_admin_whom_the_settings_drop_is_not_nudged_any_more(
    database: Database, clock: FakeClock
) -> None:
    settings = load(bot_token="1:a")
    silence = Nudge(entry="TEST-1", said=PartialDate.parse("2024"), months=12)
    waiting = Notice(7, "k", NoticeKind.NUDGE, silence, clock())
    nudge = Notice(7, "n", NoticeKind.NUDGE, gathered([waiting]), clock())
    for admins, said in (((7,), Reply), ((8,), Obsolete)):
        services = await services_of(database, clock, admins=admins)
        if not services.snapshot.get("TEST-1"):
            entry = an_entry("TEST-1", facts=(a_fact(as_of="2024"),))
            await services.store.publish([entry], author="anna", reason="Test", now=clock())
        dispatcher = build_dispatcher(
            services, build_pusher(settings, Metrics()), Pacing(25), settings.rules, Metrics()
        )
        assert type(await dispatcher._words(nudge)) is said


async def waiting_notices(database: Database) -> list[Notice]:
    return [notice_of(row, row.not_before) for row in await rows(database, outbox_table)]


async def rows(database: Database, table: Any) -> list[Row[Any]]:
    async with database.reading() as connection:
        return list(await connection.execute(select(table)))


@pytest.mark.parametrize("days", [1, 90])
async def test_questions_and_ratings_are_cut_after_the_days_set(
    database: Database, clock: FakeClock, days: int
) -> None:
    services = await services_of(database, clock, days=days)
    await ask_and_rate(services)
    clock.advance(timedelta(days=days, hours=-12))
    assert await tidy(services, database, clock) == (1, 1)
    clock.advance(timedelta(hours=12))
    assert await tidy(services, database, clock) == (0, 0)


async def test_what_cannot_be_deleted_keeps_nothing_else(
    database: Database, clock: FakeClock
) -> None:
    services = await services_of(database, clock, days=1)
    await ask_and_rate(services)
    clock.advance(timedelta(days=90))
    async with database.writing() as connection:
        await connection.execute(text("ALTER TABLE topic RENAME TO elsewhere"))
    with pytest.raises(ExceptionGroup) as failed:
        await tidy(services, database, clock)
    assert len(failed.value.exceptions) == 1
    assert await rows(database, asked_question) == []
    assert await rows(database, feedback) == []


async def test_switching_the_log_off_empties_it_and_leaves_ratings_for_90_days(
    database: Database, clock: FakeClock
) -> None:
    await ask_and_rate(await services_of(database, clock, days=30))
    off = await services_of(database, clock, days=0)
    assert await tidy(off, database, clock) == (0, 1)
    clock.advance(timedelta(days=89))
    assert await tidy(off, database, clock) == (0, 1)
    clock.advance(timedelta(days=1))
    assert await tidy(off, database, clock) == (0, 0)


async def test_housekeeping_forgets_who_handed_a_question_over_and_later_the_question(
    database: Database, clock: FakeClock
) -> None:
    services = await services_of(database, clock, days=0)
    await services.handed_over.add(7, 3, "Wann?", clock())
    clock.advance(UNDECIDED)
    await tidy(services, database, clock)
    assert [row.chat_id for row in await rows(database, handed_over_question)] == [None]
    clock.advance(KEPT)
    await tidy(services, database, clock)
    assert await rows(database, handed_over_question) == []


async def test_ratings_work_without_the_log(database: Database, clock: FakeClock) -> None:
    await ask_and_rate(await services_of(database, clock, days=0))
    assert await rows(database, asked_question) == []
    ((question_id, given_on),) = [
        (row.question_id, row.given_on) for row in await rows(database, feedback)
    ]
    assert (question_id, given_on) == (None, date(2025, 10, 20))


async def test_a_rating_is_read_back_only_with_the_token(
    database: Database, clock: FakeClock
) -> None:
    for token in ("1:a", "1:b", "1:a"):
        services = await services_of(database, clock, days=90, token=token)
        await services.feedback.tap(Rating(helpful=True), **PLACE, today=services.today)
    assert len(await rows(database, feedback)) == 1


async def test_what_was_deleted_is_gone_from_all_files_after_housekeeping(
    tmp_path: Path, clock: FakeClock
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    services = await services_of(database, clock, days=1)
    await ask_and_rate(services)
    file, log = tmp_path / "test.db", tmp_path / "test.db-wal"
    asked = b"wie weit ist der ma"
    assert asked in log.read_bytes()
    clock.advance(timedelta(days=2))
    assert await tidy(services, database, clock) == (0, 0)
    assert log.read_bytes() == b""
    assert asked not in file.read_bytes()
    await database.close()


async def test_menus_are_set_as_far_as_members_are_known(
    database: Database, clock: FakeClock
) -> None:
    services = await services_of(database, clock)
    playground = Playground(limits=None)
    connection = InProcess(playground)
    async with database.writing() as db:
        await db.execute(text("ALTER TABLE member RENAME TO elsewhere"))
    async with Bot(TOKEN, request=connection, get_updates_request=connection) as bot:
        with capture_logs() as logs:
            await introduce(bot, services.people)
        assert await bot.get_my_commands(scope=BotCommandScopeAllPrivateChats())
    assert [line["event"] for line in logs] == ["menus of members not updated"]


async def test_a_database_that_can_only_be_read_is_no_place_to_start(
    database: Database, clock: FakeClock
) -> None:
    await services_of(database, clock)
    await make_read_only(database)
    with pytest.raises(SQLAlchemyError, match=r"read-?only"):
        await services_of(database, clock)
