"""Telegram's sending limits, as it publishes them."""

from __future__ import annotations

import pytest

from bot.playground.limits import Limiter, Limits
from bot.playground.wire import ApiError
from tests.bot.playground.helpers import COUNCILLOR, GROUP, World


def taken(limiter: Limiter, chat_id: int, *, group: bool, times: int, now: float = 0.0) -> int:
    count = 0
    for _ in range(times):
        try:
            limiter.take(chat_id, group=group, now=now)
        except ApiError:
            continue
        count += 1
    return count


def test_a_private_chat_takes_a_burst_and_then_one_a_second() -> None:
    limiter = Limiter(Limits())
    assert taken(limiter, 1, group=False, times=10) == 5
    assert taken(limiter, 1, group=False, times=10, now=1.0) == 1
    assert taken(limiter, 1, group=False, times=10, now=100.0) == 5


def test_a_group_takes_twenty_in_any_minute() -> None:
    limiter = Limiter(Limits())
    assert taken(limiter, -1, group=True, times=30) == 20
    assert taken(limiter, -1, group=True, times=30, now=59.9) == 0
    assert taken(limiter, -1, group=True, times=30, now=60.0) == 20


def test_all_chats_together_take_thirty_a_second() -> None:
    limiter = Limiter(Limits())
    assert sum(taken(limiter, chat, group=False, times=1) for chat in range(40)) == 30
    assert sum(taken(limiter, chat, group=False, times=1, now=1.0) for chat in range(40)) == 30


def test_the_wait_is_told_in_whole_seconds_and_suffices() -> None:
    limiter = Limiter(Limits())
    taken(limiter, -1, group=True, times=20, now=10.5)
    with pytest.raises(ApiError) as caught:
        limiter.take(-1, group=True, now=20.0)
    assert caught.value.parameters == {"retry_after": 51}
    limiter.take(-1, group=True, now=20.0 + 51)


def test_limits_that_let_nothing_through_are_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        Limits(private_per_second=0)
    with pytest.raises(ValueError, match="at least 1"):
        Limits(group_per_minute=0)


async def test_too_many_messages_are_refused_until_time_has_passed(
    world: World, limits: Limits
) -> None:
    await world.say("/start")
    for number in range(limits.private_burst):
        await world.ok("sendMessage", chat_id=COUNCILLOR, text=str(number))
    refused = await world.call("sendMessage", chat_id=COUNCILLOR, text="zu viel")
    assert refused == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }
    world.clock.advance(1)
    await world.ok("sendMessage", chat_id=COUNCILLOR, text="jetzt")


async def test_edits_count_but_answers_to_buttons_and_polling_do_not(
    world: World, limits: Limits
) -> None:
    sent = [
        await world.ok("sendMessage", chat_id=GROUP, text=str(n))
        for n in range(limits.group_per_minute)
    ]
    edit = {"chat_id": GROUP, "message_id": sent[0]["message_id"], "text": "neu"}
    assert (await world.call("editMessageText", **edit))["error_code"] == 429
    await world.ok("getUpdates")
    await world.ok("sendChatAction", chat_id=GROUP, action="typing")


async def test_limits_can_be_read_switched_and_changed(world: World) -> None:
    assert (await world.sim("GET", "limits"))["enabled"] is False
    changed = await world.sim("PUT", "limits", group_per_minute=1)
    assert changed["enabled"] is True
    await world.ok("sendMessage", chat_id=GROUP, text="eins")
    assert (await world.call("sendMessage", chat_id=GROUP, text="zwei"))["error_code"] == 429
    await world.sim("PUT", "limits", enabled=False)
    await world.ok("sendMessage", chat_id=GROUP, text="zwei")
    refused = await world.http.put("/sim/limits", json={"per_fortnight": 1})
    assert refused.status_code == 400
