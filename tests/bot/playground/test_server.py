"""The playground on the web: kept to this machine, waited for, stopped."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from bot.playground import ManualClock, Playground, SystemClock, serve
from bot.playground.__main__ import main
from tests.bot.playground.helpers import COUNCILLOR, Json, World

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "rebound.example:8081"},
        {"Host": "[broken"},
        {"Origin": "https://example.org"},
        {"Origin": "http://127.0.0.1:9"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "navigate"},
    ],
)
@pytest.mark.parametrize("path", ["/sim/state", "/bot1:playground/getMe"])
async def test_other_sites_are_kept_out(world: World, path: str, headers: dict[str, str]) -> None:
    assert (await world.http.get(path, headers=headers)).status_code == 403


async def test_our_own_page_and_links_to_it_are_let_in(world: World) -> None:
    own = {"Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}
    assert (await world.http.post("/sim/clock", headers=own, json={})).status_code == 200
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert (await world.http.get("/", headers=link)).status_code == 200


async def test_the_page_is_bound_to_its_own_scripts(world: World) -> None:
    page = await world.http.get("/")
    assert "default-src 'none'; script-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-content-type-options"] == "nosniff"
    for name in ("chat.js", "chat.css", "api.js", "render.js", "icon.svg"):
        assert (await world.http.get(f"/static/{name}")).status_code == 200
    scripts = (ROOT / "bot/playground/static").glob("*.js")
    assert not [script for script in scripts if "innerHTML" in script.read_text("utf-8")]


async def test_events_can_be_waited_for_and_filtered(world: World) -> None:
    waiting = asyncio.create_task(
        world.sim("GET", f"events?chat_id={COUNCILLOR}&type=message&from_bot=true&timeout=10")
    )
    await world.say("/start")
    await world.ok("sendMessage", chat_id=COUNCILLOR, text="Guten Tag")
    answer = await waiting
    assert [event["message"]["text"] for event in answer["events"]] == ["Guten Tag"]
    nothing = await world.sim("GET", f"events?since={answer['last_id']}&timeout=0.01")
    assert nothing["events"] == []


async def test_messages_can_be_read_from_a_point_on(world: World) -> None:
    first = await world.say("eins")
    await world.say("zwei")
    path = f"chats/{COUNCILLOR}/messages?after={first['message_id']}"
    (message,) = (await world.sim("GET", path))["messages"]
    assert message["text"] == "zwei"
    assert message["buttons"] == []


async def test_a_stream_goes_on_where_it_broke_off(served: World) -> None:
    await served.say("eins")
    async with served.http.stream("GET", "/sim/stream?since=0") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        event = await _first_event(stream)
    await served.say("zwei")
    resumed = {"Last-Event-ID": str(event["id"])}
    async with served.http.stream("GET", "/sim/stream", headers=resumed) as stream:
        event = await _first_event(stream)
    assert event["message"]["text"] == "zwei"


async def _first_event(stream: httpx.Response) -> Json:
    async for line in stream.aiter_lines():
        if line.startswith("data: "):
            event: Json = json.loads(line.removeprefix("data: "))
            return event
    raise AssertionError("the stream ended without an event")


async def test_an_open_stream_and_poll_do_not_hold_up_the_end() -> None:
    playground = Playground()
    async with serve(playground) as url, httpx.AsyncClient(base_url=url) as http:
        poll = asyncio.create_task(http.get("/bot1:playground/getUpdates?timeout=50"))
        assert await playground.core.signal.until(lambda: playground.core.poll[0] or None, 10)
    assert poll.done()


async def test_the_clock_can_be_set_and_its_listener_follows() -> None:
    heard: list[datetime] = []

    async def listen(now: datetime) -> None:
        heard.append(now)

    clock = ManualClock(1000.0)
    playground = Playground(clock=clock, clock_listener=listen)
    transport = httpx.ASGITransport(playground.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
        answer = await http.post("/sim/clock", json={"advance_seconds": 86400})
        assert answer.json() == {"now": 87400.0, "button": True}
        await http.post("/sim/clock", json={"now": 5.0})
        assert (await http.get("/sim/clock")).json()["now"] == 5.0
    assert heard == [datetime.fromtimestamp(moment, UTC) for moment in (87400, 5)]


def test_the_machine_clock_goes_on_from_where_it_was_set() -> None:
    clock = SystemClock()
    before = clock.now()
    clock.set(before + 86400)
    assert clock.now() >= before + 86400


def test_a_token_needs_a_number() -> None:
    with pytest.raises(ValueError, match="token"):
        Playground(token="playground")


@pytest.fixture
def running() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bot.playground", "--port", "0", "--token", "7:x"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_where_it_is_and_stops_cleanly(
    running: subprocess.Popen[str], number: signal.Signals
) -> None:
    assert running.stdout
    line = running.stdout.readline()
    assert line.startswith("Playground: http://127.0.0.1:")
    url = line.removeprefix("Playground: ").strip()
    with httpx.Client() as http:
        assert http.get(f"{url}bot7:x/getMe").json()["result"]["id"] == 7
    running.send_signal(number)
    rest, errors = running.communicate(timeout=10)
    assert (running.returncode, rest, errors) == (0, "", "")


def test_a_taken_port_or_a_foreign_clock_address_ends_the_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["--port", str(taken.getsockname()[1])]) == 1
    assert "bot.playground:" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--clock-url", "https://example.org/"])
