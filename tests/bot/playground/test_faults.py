"""Faults on order strike as ordered, and only then."""

from __future__ import annotations

import httpx
import pytest

from bot.playground import TOKEN
from bot.playground.faults import Fault, Faults, fault_from_json
from tests.bot.playground.helpers import COUNCILLOR, GROUP, World


def test_a_fault_strikes_as_often_as_ordered() -> None:
    faults = Faults()
    faults.schedule(Fault(method="sendMessage", times=2))
    hits = [faults.strike("sendmessage", None) is not None for _ in range(4)]
    assert hits == [True, True, False, False]


def test_any_method_means_all_but_polling() -> None:
    faults = Faults()
    faults.schedule(Fault(times=None))
    assert faults.strike("getUpdates", None) is None
    assert faults.strike("getMe", None) is not None


def test_a_ratio_strikes_the_same_calls_again_with_the_same_seed() -> None:
    def hits(seed: int) -> list[bool]:
        faults = Faults()
        faults.schedule(Fault(times=None, ratio=0.3, seed=seed))
        return [faults.strike("sendMessage", None) is not None for _ in range(200)]

    assert hits(1) == hits(1)
    assert hits(1) != hits(2)
    assert 40 < sum(hits(1)) < 80


def test_a_fault_may_be_meant_for_one_chat() -> None:
    faults = Faults()
    faults.schedule(Fault(chat_id=7))
    assert faults.strike("sendMessage", 8) is None
    assert faults.strike("sendMessage", 7) is not None


@pytest.mark.parametrize(
    "order",
    [
        {"kind": "earthquake"},
        {"ratio": 2},
        {"times": 0},
        {"times": "often"},
        {"error_code": 200},
        {"colour": "red"},
    ],
)
def test_nonsense_is_not_taken_as_an_order(order: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        fault_from_json(order)


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        (
            {"error_code": 429, "retry_after": 7},
            {
                "error_code": 429,
                "description": "Too Many Requests: retry after 7",
                "parameters": {"retry_after": 7},
            },
        ),
        (
            {"error_code": 400, "migrate_to_chat_id": -100, "description": "Bad Request: moved"},
            {
                "error_code": 400,
                "description": "Bad Request: moved",
                "parameters": {"migrate_to_chat_id": -100},
            },
        ),
        ({"error_code": 502}, {"error_code": 502, "description": "Bad Gateway"}),
    ],
)
async def test_an_error_on_order_has_no_effect(
    world: World, order: dict[str, object], answer: dict[str, object]
) -> None:
    await world.sim("POST", "faults", method="sendMessage", **order)
    struck = await world.call("sendMessage", chat_id=GROUP, text="x")
    assert struck == {"ok": False, **answer}
    assert (await world.sim("GET", f"chats/{GROUP}/messages"))["messages"] == []
    await world.ok("sendMessage", chat_id=GROUP, text="x")


async def test_a_slow_answer_is_a_proper_one(world: World) -> None:
    await world.sim("POST", "faults", kind="delay", seconds=0.01)
    await world.ok("sendMessage", chat_id=GROUP, text="x")
    calls = (await world.sim("GET", "calls"))["calls"]
    assert calls[0]["fault"] == "delay"


async def test_half_an_answer_comes_after_the_effect(world: World) -> None:
    await world.sim("POST", "faults", kind="malformed")
    answer = await world.http.get(
        f"/bot{TOKEN}/sendMessage", params={"chat_id": GROUP, "text": "x"}
    )
    with pytest.raises(ValueError, match=r"."):
        answer.json()
    assert len((await world.sim("GET", f"chats/{GROUP}/messages"))["messages"]) == 1


@pytest.mark.parametrize(("kind", "messages"), [("close_before", 0), ("close_after", 1)])
async def test_a_connection_is_dropped_before_or_after_the_effect(
    served: World, kind: str, messages: int
) -> None:
    await served.sim("POST", "faults", kind=kind, method="sendMessage")
    with pytest.raises(httpx.RemoteProtocolError):
        await served.call("sendMessage", chat_id=GROUP, text="x")
    found = (await served.sim("GET", f"chats/{GROUP}/messages"))["messages"]
    assert len(found) == messages


async def test_faults_are_listed_and_cleared(world: World) -> None:
    await world.sim("POST", "faults", kind="error", times=None, error_code=403)
    assert (await world.call("getMe"))["error_code"] == 403
    (fault,) = (await world.sim("GET", "faults"))["faults"]
    assert (fault["kind"], fault["method"], fault["struck"]) == ("error", "*", 1)
    await world.sim("DELETE", "faults")
    await world.ok("getMe")


async def test_calls_are_recorded_as_received_with_their_answers(world: World) -> None:
    await world.say("/start")
    markup = '{"inline_keyboard": [[{"text": "Ja", "callback_data": "ja"}]]}'
    await world.ok("sendMessage", chat_id=str(COUNCILLOR), text="{a", reply_markup=markup)
    await world.call("sendMessage", chat_id=COUNCILLOR)
    answer = await world.sim("GET", "calls?method=SENDMESSAGE&timeout=5")
    first, second = answer["calls"]
    assert first["method"] == "sendMessage"
    assert first["parameters"]["text"] == "{a"
    assert first["parameters"]["reply_markup"]["inline_keyboard"][0][0]["text"] == "Ja"
    assert first["response"]["result"]["text"] == "{a"
    assert second["ok"] is False
    later = await world.sim("GET", f"calls?since={first['id']}")
    assert later["calls"] == [second]
    assert later["last_id"] == second["id"]
