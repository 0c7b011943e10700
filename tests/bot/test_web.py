"""Posts to the webhook: stored before they are acknowledged, and nothing else gets in."""

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs
from telegram import Bot, Update

from bot import backoff, web
from bot.inbox import Inbox
from bot.playground import ManualClock, Playground, serve
from bot.playground.faults import Fault
from bot.playground.updates import KINDS
from bot.polling import Put, TokenError
from bot.web import (
    LARGEST,
    PATH,
    SECRET_HEADER,
    derived_secret,
    keep_webhook,
    webhook_app,
)
from handlers.registry import ALLOWED_UPDATES
from knowledge.storage.database import Database
from knowledge.storage.tables import received_update
from tests.support.clock import FakeClock
from tests.support.services import an_inbox

BOT = Bot("1:x")
SECRET = derived_secret("1:x")
PROPER = {SECRET_HEADER: SECRET, "content-type": "application/json"}


def an_update(number: object = 1, **fields: object) -> dict[str, object]:
    message = {
        "message_id": 1,
        "date": 1_760_000_000,
        "chat": {"id": 7, "type": "private"},
        "from": {"id": 7, "is_bot": False, "first_name": "A"},
        "text": "Was ist ECCAR?",
    }
    return {"update_id": number, "message": message | fields}


@pytest.fixture
def inbox(database: Database, clock: FakeClock) -> Inbox:
    return an_inbox(database, clock)


@pytest.fixture
def taken() -> list[Update]:
    """The updates that got in."""
    return []


@pytest.fixture
async def http(taken: list[Update]) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a webhook behind which nothing is stored."""

    async def put(update: Update) -> None:
        taken.append(update)

    async with client_of(put) as client:
        yield client


def client_of(put: Put) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(webhook_app(BOT, put, SECRET))
    return httpx.AsyncClient(transport=transport, base_url="http://bot")


async def stored(database: Database) -> list[int]:
    async with database.reading() as connection:
        return list(await connection.scalars(select(received_update.c.update_id)))


async def test_an_update_is_stored_and_queued_before_it_is_acknowledged(
    inbox: Inbox, database: Database
) -> None:
    async with client_of(inbox.put) as http:
        answer = await http.post(PATH, json=an_update(5), headers=PROPER)
    assert answer.status_code == 200
    assert await stored(database) == [5]
    queued = inbox.get_nowait()
    assert isinstance(queued, Update)
    assert queued.message is not None
    assert queued.message.text == "Was ist ECCAR?"
    assert queued.get_bot() is BOT


async def test_an_update_offered_twice_is_acknowledged_and_queued_once(inbox: Inbox) -> None:
    async with client_of(inbox.put) as http:
        for _ in range(2):
            assert (await http.post(PATH, json=an_update(), headers=PROPER)).status_code == 200
    assert inbox.qsize() == 1


async def test_an_update_on_which_our_own_code_fails_is_passed_over_as_when_polling() -> None:
    async def put(_: Update) -> None:
        raise ValueError("was jemand schrieb")

    with capture_logs() as logs:
        async with client_of(put) as http:
            answer = await http.post(PATH, json=an_update(), headers=PROPER)
    assert answer.status_code == 200
    assert [entry["event"] for entry in logs] == ["update passed over"]
    assert "was jemand schrieb" not in str(logs)


@pytest.mark.parametrize("secret", [None, "", "falsch", SECRET[:-1], SECRET + "0", "ä"])
async def test_without_the_secret_nothing_gets_in(
    http: httpx.AsyncClient, taken: list[Update], secret: str | None
) -> None:
    headers = [(b"content-type", b"application/json")]
    if secret is not None:
        headers.append((SECRET_HEADER.encode(), secret.encode()))
    answer = await http.post(PATH, content=json.dumps(an_update()), headers=headers)
    assert answer.status_code == 403
    assert taken == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b'{"message": {}}',
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps(an_update("1")).encode(),
        json.dumps(an_update(True)).encode(),
        json.dumps(an_update(-1)).encode(),
        json.dumps(an_update(2**63)).encode(),
        json.dumps({"update_id": 1, "message": {"text": "ohne Chat"}}).encode(),
    ],
)
async def test_what_is_no_update_is_refused(
    http: httpx.AsyncClient, taken: list[Update], body: bytes
) -> None:
    answer = await http.post(PATH, content=body, headers=PROPER)
    assert answer.status_code == 400
    assert taken == []


async def test_only_json_is_read(http: httpx.AsyncClient, taken: list[Update]) -> None:
    headers = PROPER | {"content-type": "text/plain"}
    assert (await http.post(PATH, json=an_update(), headers=headers)).status_code == 400
    proper = PROPER | {"content-type": "application/json; charset=utf-8"}
    assert (await http.post(PATH, json=an_update(), headers=proper)).status_code == 200
    assert len(taken) == 1


@pytest.mark.parametrize("announced", [True, False])
async def test_a_body_over_the_limit_is_refused_whether_announced_or_not(
    http: httpx.AsyncClient, taken: list[Update], announced: bool
) -> None:
    body = json.dumps(an_update(text="x" * LARGEST)).encode()

    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    answer = await http.post(PATH, content=body if announced else pieces(), headers=PROPER)
    assert answer.status_code == 413
    assert taken == []


async def test_what_cannot_be_stored_is_to_be_offered_again(
    inbox: Inbox, database: Database
) -> None:
    async with client_of(inbox.put) as http:
        async with database.writing() as connection:
            await connection.execute(text("ALTER TABLE received_update RENAME TO gone"))
        assert (await http.post(PATH, json=an_update(), headers=PROPER)).status_code == 503
        async with database.writing() as connection:
            await connection.execute(text("ALTER TABLE gone RENAME TO received_update"))
        assert (await http.post(PATH, json=an_update(), headers=PROPER)).status_code == 200
    assert inbox.qsize() == 1


@pytest.mark.parametrize(("method", "path", "status"), [("GET", PATH, 405), ("POST", "/", 404)])
async def test_there_is_nothing_else(
    http: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    assert (await http.request(method, path, headers=PROPER)).status_code == status


def test_the_secret_follows_from_the_token_without_giving_it_away() -> None:
    assert derived_secret("1:a") == derived_secret("1:a") != derived_secret("1:b")
    assert len(SECRET) == 64
    assert SECRET.isalnum()


async def test_the_webhook_is_set_whatever_happens_until_the_token_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(web, "WATCH_EVERY", 0.0)
    monkeypatch.setattr(backoff, "FIRST_PAUSE", 0.0)
    playground = Playground(clock=ManualClock())
    core, url = playground.core, "http://127.0.0.1:9/telegram"

    async def is_set() -> None:
        assert await core.signal.until(lambda: core.webhook, 10)
        assert core.webhook is not None
        assert (core.webhook.url, core.webhook.secret) == (url, SECRET)

    core.faults.schedule(Fault(kind="error", method="setWebhook", times=2, error_code=502))
    core.faults.schedule(Fault(kind="close_before", method="getWebhookInfo", times=1))
    async with serve(playground) as address, Bot("1:playground", f"{address}/bot") as bot:
        keeping = asyncio.create_task(keep_webhook(bot, url=url, secret=SECRET))
        await is_set()
        assert core.updates.allowed == [kind for kind in ALLOWED_UPDATES if kind in KINDS]
        core.webhook = None  # somebody else with this token polls
        await is_set()
        core.faults.schedule(Fault(kind="error", method="getWebhookInfo", error_code=401))
        with pytest.raises(TokenError):
            await asyncio.wait_for(keeping, 10)
