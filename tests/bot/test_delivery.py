"""Sending notices with the library over HTTP: what each of Telegram's answers means."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
import pytest
from telegram import Bot
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.delivery import Delivery, Precedence, outcome_of
from bot.playground import TOKEN, Limits, Playground
from handlers.buttons import Action, button
from handlers.messages import Reply
from scheduler.notifier import (
    ChatGone,
    Delivered,
    Migrated,
    Outcome,
    Refused,
    TooFast,
    TryAgain,
    Unanswered,
)
from scheduler.pacing import Pacing

COUNCILLOR, STRANGER, GROUP = 1001, 555, -2001
IMPATIENT = 0.5
"""Seconds after which this library gives up on an answer."""


@dataclass
class Telegram:
    """A playground over HTTP, and the bot that sends pushes."""

    http: httpx.AsyncClient
    delivery: Delivery
    url: str

    async def sim(self, verb: str, path: str, **body: object) -> Any:
        answer = await self.http.request(verb, f"/sim/{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def texts(self, chat_id: int) -> list[str]:
        listed = await self.sim("GET", f"chats/{chat_id}/messages")
        return [message["text"] for message in listed["messages"] if message["from_bot"]]


def a_bot(url: str, *, read_timeout: float = IMPATIENT) -> Bot:
    return Bot(TOKEN, base_url=f"{url}/bot", request=HTTPXRequest(read_timeout=read_timeout))


@asynccontextmanager
async def on_stage(limits: Limits | None = None) -> AsyncIterator[Telegram]:
    async with (
        Playground(limits=limits).serve() as url,
        httpx.AsyncClient(base_url=url, trust_env=False) as http,
        a_bot(url) as bot,
    ):
        telegram = Telegram(http, Delivery(bot), url)
        await telegram.sim(
            "POST", f"chats/{COUNCILLOR}/messages", user_id=COUNCILLOR, text="/start"
        )
        yield telegram


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    async with on_stage() as stage:
        yield stage


async def test_a_message_arrives_with_markup_and_buttons(telegram: Telegram) -> None:
    wording = Reply("<b>Frist</b> &amp; mehr", [[button("Stand", Action.ABOUT, "EF-7")]])
    outcome = await telegram.delivery.send(COUNCILLOR, wording)
    (sent,) = [
        message
        for message in (await telegram.sim("GET", f"chats/{COUNCILLOR}/messages"))["messages"]
        if message["from_bot"]
    ]
    assert outcome == Delivered(sent["message_id"])
    assert (sent["text"], sent["buttons"][0][0]["text"]) == ("Frist & mehr", "Stand")


async def test_markup_that_telegram_cannot_read_arrives_as_plain_text(
    telegram: Telegram,
) -> None:
    outcome = await telegram.delivery.send(COUNCILLOR, Reply("<b>Frist &amp; mehr"))
    assert isinstance(outcome, Delivered)
    assert await telegram.texts(COUNCILLOR) == ["Frist & mehr"]


@pytest.mark.parametrize(
    ("fault", "outcome", "arrives"),
    [
        ({"error_code": 500}, TryAgain("Internal Server Error"), False),
        ({"error_code": 502}, TryAgain("Bad Gateway"), False),
        ({"error_code": 429, "retry_after": 7}, TooFast(timedelta(seconds=7)), False),
        ({"error_code": 400, "migrate_to_chat_id": -5}, Migrated(-5), False),
        ({"error_code": 401}, TryAgain("the token was refused"), False),
        ({"kind": "malformed"}, Unanswered("Invalid server response"), True),
        ({"kind": "delay", "seconds": 2 * IMPATIENT}, Unanswered("no answer in time"), None),
        ({"error_code": 403}, ChatGone("Forbidden: bot was blocked by the user"), False),
    ],
)
async def test_every_fault_has_its_outcome(
    telegram: Telegram, fault: dict[str, Any], outcome: Outcome, arrives: bool | None
) -> None:
    await telegram.sim("POST", "faults", method="sendMessage", **fault)
    assert await telegram.delivery.send(COUNCILLOR, Reply("Frist")) == outcome
    if arrives is not None:
        assert await telegram.texts(COUNCILLOR) == ["Frist"] * arrives
    assert isinstance(await telegram.delivery.send(COUNCILLOR, Reply("Neu")), Delivered)


@pytest.mark.parametrize("kind", ["close_before", "close_after"])
async def test_a_connection_that_breaks_is_trouble_that_passes(
    telegram: Telegram, kind: str
) -> None:
    await telegram.sim("POST", "faults", method="sendMessage", kind=kind)
    outcome = await telegram.delivery.send(COUNCILLOR, Reply("Frist"))
    assert isinstance(outcome, TryAgain)
    assert outcome.reason.startswith("httpx.")


async def test_what_telegram_does_not_take_is_refused(telegram: Telegram) -> None:
    outcome = await telegram.delivery.send(COUNCILLOR, Reply("x" * 5_000))
    assert outcome == Refused("Message is too long")


async def test_an_unknown_chat_is_gone_until_it_writes(telegram: Telegram) -> None:
    assert await telegram.delivery.send(STRANGER, Reply("!")) == ChatGone("Chat not found")


async def test_a_server_that_is_away_is_trouble_that_passes() -> None:
    async with on_stage() as stage:
        delivery = stage.delivery
    outcome = await delivery.send(COUNCILLOR, Reply("Frist"))
    assert isinstance(outcome, TryAgain | Unanswered)


async def test_above_telegrams_limits_we_are_told_to_wait() -> None:
    async with on_stage(Limits()) as stage:
        outcomes = [await stage.delivery.send(COUNCILLOR, Reply("!")) for _ in range(6)]
    assert [type(outcome) for outcome in outcomes] == [Delivered] * 5 + [TooFast]


def caused(error: TelegramError, cause: Exception) -> TelegramError:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (RetryAfter(3), TooFast(timedelta(seconds=3))),
        (RetryAfter(timedelta(seconds=3)), TooFast(timedelta(seconds=3))),
        (ChatMigrated(-7), Migrated(-7)),
        (Forbidden("bot was kicked"), ChatGone("bot was kicked")),
        (BadRequest("Chat not found"), ChatGone("Chat not found")),
        (
            BadRequest("not enough rights to send text messages to the chat"),
            ChatGone("not enough rights to send text messages to the chat"),
        ),
        (BadRequest("Button_data_invalid"), Refused("Button_data_invalid")),
        (TimedOut(), Unanswered("no answer in time")),
        (caused(TimedOut(), httpx.ReadTimeout("")), Unanswered("no answer in time")),
        (caused(TimedOut(), httpx.WriteTimeout("")), Unanswered("no answer in time")),
        (caused(TimedOut(), httpx.ConnectTimeout("")), TryAgain("no connection")),
        (caused(TimedOut(), httpx.PoolTimeout("")), TryAgain("no connection")),
        (NetworkError("Bad Gateway"), TryAgain("Bad Gateway")),
        (InvalidToken("The token `1:secret` was rejected"), TryAgain("the token was refused")),
        (Conflict("another one"), Unanswered("another one")),
        (EndPointNotFound("no such method"), Unanswered("no such method")),
        (TelegramError("Invalid server response"), Unanswered("Invalid server response")),
    ],
)  # fmt: skip
def test_every_error_of_the_library_has_its_outcome(
    error: TelegramError, outcome: Outcome
) -> None:
    assert outcome_of(error) == outcome


async def test_replies_pass_at_once_and_pushes_make_room_for_them(telegram: Telegram) -> None:
    pacing, now = Pacing(25), 100.0
    async with ExtBot(
        TOKEN, base_url=f"{telegram.url}/bot", rate_limiter=Precedence(pacing, lambda: now)
    ) as bot:
        for _ in range(30):
            await bot.send_message(chat_id=COUNCILLOR, text="Antwort")
    assert len(await telegram.texts(COUNCILLOR)) == 30
    assert pacing.wait(now) == 1
    assert pacing.wait_for_chat(COUNCILLOR, now) == 1
    assert pacing.wait_for_chat(GROUP, now) == 0


async def test_a_reply_that_telegram_finds_too_fast_holds_up_pushes(telegram: Telegram) -> None:
    await telegram.sim(
        "POST", "faults", method="sendMessage", kind="error", error_code=429, retry_after=9
    )
    pacing, now = Pacing(25), 100.0
    async with ExtBot(
        TOKEN, base_url=f"{telegram.url}/bot", rate_limiter=Precedence(pacing, lambda: now)
    ) as bot:
        with pytest.raises(RetryAfter):
            await bot.send_message(chat_id=COUNCILLOR, text="Antwort")
    assert pacing.wait(now) == 9
    assert pacing.wait_for_chat(COUNCILLOR, now + 1) == 0


async def test_what_is_no_message_is_not_counted(telegram: Telegram) -> None:
    pacing, now = Pacing(25), 100.0
    async with ExtBot(
        TOKEN, base_url=f"{telegram.url}/bot", rate_limiter=Precedence(pacing, lambda: now)
    ) as bot:
        for _ in range(30):
            await bot.get_chat(chat_id=COUNCILLOR)
    assert pacing.wait(now) == 0
