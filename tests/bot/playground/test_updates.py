"""Updates wait until they are confirmed, and one poller gets them."""

from __future__ import annotations

import asyncio

import pytest

from bot.playground.updates import Updates
from tests.bot.playground.helpers import ADMIN, COUNCILLOR, World


def queue(count: int) -> Updates:
    updates = Updates()
    for number in range(count):
        updates.add("message", {"n": number}, lane=number % 2)
    return updates


def ids(updates: Updates) -> list[int]:
    return [update["update_id"] - updates.first_id for update in updates.peek()]


def test_a_positive_offset_confirms_and_a_negative_one_keeps_the_newest() -> None:
    updates = queue(5)
    updates.confirm(updates.first_id + 2)
    assert ids(updates) == [2, 3, 4]
    updates.confirm(-1)
    assert ids(updates) == [4]


def test_rare_kinds_come_only_on_request() -> None:
    updates = Updates()
    assert updates.wants("message")
    assert not updates.wants("chat_member")
    updates.remember(["chat_member", "no such kind"])
    assert updates.wants("chat_member")
    assert not updates.wants("message")
    updates.remember([])
    assert updates.wants("message")


def test_updates_of_one_lane_are_claimed_one_after_the_other() -> None:
    updates = queue(4)
    first, second = updates.claim(), updates.claim()
    assert first is not None
    assert second is not None
    assert [first["message"]["n"], second["message"]["n"]] == [0, 1]
    assert updates.claim() is None
    updates.settle(first, delivered=True)
    third = updates.claim()
    assert third is not None
    assert third["message"]["n"] == 2
    updates.settle(second, delivered=False)
    assert updates.claim() == second


async def test_updates_stay_until_they_are_confirmed(world: World) -> None:
    await world.say("eins")
    await world.say("zwei")
    first = await world.ok("getUpdates", limit=1)
    assert [update["message"]["text"] for update in first] == ["eins"]
    assert await world.ok("getUpdates", limit=1) == first
    second = await world.ok("getUpdates", offset=first[0]["update_id"] + 1)
    assert [update["message"]["text"] for update in second] == ["zwei"]
    assert (await world.sim("GET", "updates"))["pending"] == 1


async def test_a_long_poll_returns_as_soon_as_something_happens(world: World) -> None:
    poll = asyncio.create_task(world.ok("getUpdates", timeout=10))
    await started_polls(world, 1)
    await world.say("hallo")
    assert [update["message"]["text"] for update in await poll] == ["hallo"]


async def test_a_second_poll_ends_the_first_with_a_conflict(world: World) -> None:
    first = asyncio.create_task(world.refused("getUpdates", timeout=10))
    await started_polls(world, 1)
    second = asyncio.create_task(world.ok("getUpdates", timeout=10))
    assert await first == (
        "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running"
    )
    await world.say("hallo")
    assert len(await second) == 1


async def test_setting_a_webhook_ends_a_poll_and_forbids_the_next(world: World) -> None:
    poll = asyncio.create_task(world.refused("getUpdates", timeout=10))
    await started_polls(world, 1)
    await world.ok("setWebhook", url="http://127.0.0.1:9/hook")
    assert await poll == "Conflict: terminated by setWebhook request"
    assert "while webhook is active" in await world.refused("getUpdates")
    await world.ok("deleteWebhook")
    assert await world.ok("getUpdates") == []


async def test_wanted_kinds_are_remembered_between_polls(world: World) -> None:
    await world.ok("getUpdates", allowed_updates=["my_chat_member"])
    await world.say("/start")
    await world.ok("getUpdates")
    await world.sim("POST", f"users/{COUNCILLOR}/block")
    assert [set(update) for update in await world.updates()] == [{"update_id", "my_chat_member"}]


@pytest.mark.parametrize("given", ["message", {"a": 1}])
async def test_wanted_kinds_must_be_a_list(world: World, given: object) -> None:
    assert "allowed_updates" in await world.refused("getUpdates", allowed_updates=given)


async def test_the_timeout_of_a_poll_without_news_gives_an_empty_list(world: World) -> None:
    await world.say("hallo", user=ADMIN)
    await world.updates()
    assert await world.ok("getUpdates", timeout=0) == []


async def started_polls(world: World, count: int) -> None:
    """Wait until that many polls have begun."""
    core = world.playground.core
    assert await core.signal.until(lambda: core.poll[0] >= count or None, 10)
