"""A handler fails: the person gets a reference, the log the details, admins one notice an hour."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
import structlog
from jinja2 import TemplateNotFound
from sqlalchemy import text as sql
from telegram import Update
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TimedOut
from telegram.ext import Application, TypeHandler

from bot.alarms import QUIET, Alarms, place_of
from bot.errors import report
from bot.lanes import Lanes
from bot.metrics import Metrics
from handlers.messages import render
from knowledge.people import People, Role
from knowledge.storage.database import Database
from tests.support.clock import FakeClock
from tests.support.services import an_inbox
from tests.support.telegram import NotingRequest

PERSON, ADMIN, OTHER_ADMIN, EDITOR = 7, 901, 902, 903
SECRET = "Geheime Frage <b>nach</b> Zoë"


class Bench:
    """An application whose only handler fails."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.telegram = NotingRequest()
        self.people = People(database, [ADMIN])
        self.metrics = Metrics()
        self.inbox = an_inbox(database, clock, metrics=self.metrics)
        self.error: Exception = RuntimeError(SECRET)
        self.lanes = Lanes(self.inbox)
        self.count = 0
        self.application: Application[Any, Any, Any, Any, Any, Any] = (
            Application.builder()
            .token("1:x")
            .request(self.telegram)
            .get_updates_request(NotingRequest())
            .update_queue(self.inbox)
            .concurrent_updates(self.lanes)
            .updater(None)
            .job_queue(None)
            .build()
        )
        self.application.add_handler(TypeHandler(Update, self._fail))
        alarms = Alarms(self.people, [ADMIN], clock)
        self.application.add_error_handler(partial(report, self.inbox, alarms))

    async def _fail(self, _update: Update, _context: object) -> None:
        raise self.error

    async def ask(self, error: Exception | None = None) -> None:
        """Have an update handled, and everything said that comes of it."""
        self.error = error or self.error
        self.count += 1
        message = {
            "message_id": 1,
            "date": 1_760_000_000,
            "chat": {"id": PERSON, "type": "private"},
            "from": {"id": PERSON, "is_bot": False, "first_name": "A"},
            "text": SECRET,
        }
        given = {"update_id": self.count, "message": message}
        update = Update.de_json(given, self.application.bot)
        await self.inbox.put(update)
        await self.lanes.process_update(update, self.application.process_update(update))

    def said_to(self, chat: int) -> list[str]:
        return [given["text"] for _, given in self.telegram.calls if given.get("chat_id") == chat]


@pytest.fixture
async def bench(database: Database, clock: FakeClock) -> AsyncIterator[Bench]:
    bench = Bench(database, clock)
    async with bench.application:
        yield bench


async def test_person_log_and_admin_share_a_reference_and_nobody_sees_the_question(
    bench: Bench,
) -> None:
    with structlog.testing.capture_logs() as logged:
        await bench.ask()
    (reference,) = [entry["reference"] for entry in logged if "reference" in entry]
    (apology,) = bench.said_to(PERSON)
    (notice,) = bench.said_to(ADMIN)
    assert reference in apology
    assert reference in notice
    assert "RuntimeError" in notice
    assert "Geheime" not in apology + notice
    assert "Zoë" not in apology + notice
    assert b'outcome="failed"} 1.0' in bench.metrics.text()


async def test_admins_hear_of_one_kind_once_an_hour_and_of_another_at_once(
    bench: Bench, clock: FakeClock
) -> None:
    for _ in range(5):
        await bench.ask(RuntimeError("a"))
    assert len(bench.said_to(ADMIN)) == 1
    await bench.ask(KeyError("b"))
    assert len(bench.said_to(ADMIN)) == 2
    clock.advance(QUIET - timedelta(seconds=1))
    await bench.ask(RuntimeError("c"))
    assert len(bench.said_to(ADMIN)) == 2
    clock.advance(timedelta(seconds=1))
    await bench.ask(RuntimeError("d"))
    assert len(bench.said_to(ADMIN)) == 3
    assert len(bench.said_to(PERSON)) == 8


async def test_admins_of_settings_and_database_are_told_and_nobody_else(
    bench: Bench, clock: FakeClock
) -> None:
    for user, role in ((OTHER_ADMIN, Role.ADMIN), (EDITOR, Role.EDITOR)):
        invited = await bench.people.invite(role, f"m{user}", by=ADMIN, now=clock())
        await bench.people.redeem(invited.token, user, now=clock())
    await bench.ask()
    assert [len(bench.said_to(user)) for user in (ADMIN, OTHER_ADMIN, EDITOR)] == [1, 1, 0]


async def test_without_a_database_the_admins_of_the_settings_are_told(
    bench: Bench, database: Database
) -> None:
    async with database.writing() as connection:
        await connection.execute(sql("ALTER TABLE member RENAME TO gone"))
    await bench.ask()
    assert len(bench.said_to(ADMIN)) == 1


async def test_a_notice_that_fails_leads_to_no_other(bench: Bench) -> None:
    bench.telegram.is_away = True
    with structlog.testing.capture_logs() as logged:
        await bench.ask()
    events = [entry["event"] for entry in logged]
    assert events == ["handler failed", "apology not delivered", "admin not told"]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (RetryAfter(timedelta(seconds=1)), "postponed"),
        (NetworkError("away"), "postponed"),
        (TimedOut(), "postponed"),
        (Forbidden("blocked"), "undelivered"),
        # Whoever owns a group or channel can let the bot hear and not speak.
        (BadRequest("Not enough rights to send text messages to the chat"), "undelivered"),
        (BadRequest("Need administrator rights in the channel chat"), "undelivered"),
        (BadRequest("Chat not found"), "undelivered"),
        (BadRequest("Topic_closed"), "undelivered"),
    ],
)
async def test_trouble_on_telegrams_side_alarms_nobody(
    bench: Bench, error: Exception, outcome: str
) -> None:
    await bench.ask(error)
    assert bench.telegram.calls == []
    assert f'outcome="{outcome}"}} 1.0'.encode() in bench.metrics.text()


async def test_a_request_that_telegram_finds_bad_is_a_fault_of_ours(bench: Bench) -> None:
    await bench.ask(BadRequest("Button_data_invalid"))
    assert len(bench.said_to(ADMIN)) == 1


def test_the_place_of_an_error_is_in_this_program() -> None:
    with pytest.raises(TemplateNotFound) as caught:
        render("nowhere")
    assert place_of(caught.value) == "handlers/messages.py, render"
    assert place_of(ValueError("never raised")) == "?"


def test_the_place_of_an_error_is_known_where_the_program_is_installed_among_libraries() -> None:
    installed = compile("def respond(): library()", "/site-packages/handlers/start.py", "exec")
    library = compile("def library(): 1 / 0", "/site-packages/library.py", "exec")
    theirs: dict[str, Any] = {"__name__": "library"}
    exec(library, theirs)
    own = {"__name__": "handlers.start", "library": theirs["library"]}
    exec(installed, own)
    with pytest.raises(ZeroDivisionError) as caught:
        own["respond"]()
    assert place_of(caught.value) == "handlers/start.py, respond"
