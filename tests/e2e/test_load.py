"""Thousands of updates at a steady rate, and kill -9 in between."""

import asyncio
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest
from rich.console import Console

from bot.web import PATH, derived_secret
from tests.e2e.load import message_update, post
from tests.e2e.stage import TOKEN, Process, Stage, free_address
from tests.e2e.test_crash import unfinished

pytestmark = pytest.mark.e2e

PEOPLE = 200
FIRST = 1_000_000


@dataclass
class Attacked:
    """A bot that is killed and started again while updates come in.

    Attributes:
        in_flight: After each kill, how many updates were stored and not finished.
    """

    stage: Stage
    listen: str = field(default_factory=free_address)
    in_flight: list[int] = field(default_factory=list)
    _running: ExitStack = field(default_factory=ExitStack)

    @property
    def url(self) -> str:
        return f"http://{self.listen}{PATH}"

    def begin(self) -> None:
        settings = {"LISTEN": self.listen, "WEBHOOK_URL": self.url}
        bot = self.stage.bot("--webhook", **settings)
        self._process: Process = self._running.enter_context(bot)

    def kill(self) -> None:
        self._process.stop(signal.SIGKILL)
        self._running.close()
        self.in_flight.append(asyncio.run(unfinished(self.stage.database_url)))

    def end(self) -> None:
        assert self._process.stop() == 0, self._process.output
        self._running.close()


@contextmanager
def attacked(stage: Stage) -> Iterator[Attacked]:
    bot = Attacked(stage)
    bot.begin()
    try:
        yield bot
    finally:
        bot._running.close()


def wait_for_answers(stage: Stage, numbers: set[int]) -> Counter[int]:
    """How often each update was answered, when all of them are."""
    found: Counter[int] = Counter()
    since = 0
    while not numbers <= found.keys():
        listed = stage.sim("GET", f"calls?method=sendMessage&since={since}&timeout=20")
        assert listed["calls"], f"{len(numbers - found.keys())} updates are not answered"
        since = listed["calls"][-1]["id"]
        # An unanswerable question is quoted: that tells which update it was.
        found.update(
            call["parameters"]["reply_parameters"]["message_id"]
            for call in listed["calls"]
            if call["ok"]
        )
    return found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("size", "rate", "kills"),
    [(150, 25.0, 1), pytest.param(10_000, 40.0, 5, marks=pytest.mark.long)],
)
def test_each_acknowledged_update_is_answered_whatever_kills_come(
    stage: Stage, size: int, rate: float, kills: int
) -> None:
    people = [
        stage.sim("POST", "users", first_name=f"Person {n}", started=True)["id"]
        for n in range(min(PEOPLE, size))
    ]
    updates = [
        message_update(FIRST + n, f"quatsch {n} xyzzy", person=people[n % len(people)])
        for n in range(size)
    ]
    acknowledged: set[int] = set()

    async def attack(bot: Attacked) -> None:
        many = asyncio.Event()
        marks = [size * (kill + 1) // (kills + 1) for kill in range(kills)]

        def note(number: int) -> None:
            acknowledged.add(number)
            if len(acknowledged) in marks:
                many.set()

        posting = asyncio.create_task(
            post(bot.url, derived_secret(TOKEN), updates, rate=rate, acknowledged=note)
        )
        for _ in marks:
            await many.wait()
            many.clear()
            await asyncio.to_thread(bot.kill)
            await asyncio.to_thread(bot.begin)
        await posting

    with attacked(stage) as bot:
        asyncio.run(attack(bot))
        answered = wait_for_answers(stage, acknowledged)
        bot.end()
    assert acknowledged == {update["update_id"] for update in updates}
    assert asyncio.run(unfinished(stage.database_url)) == 0
    twice = {number: times - 1 for number, times in answered.items() if times > 1}
    Console().print(
        f"{size} updates, {kills} kills, in flight {bot.in_flight}, answered twice {len(twice)}"
    )
    # Only what was being answered at the moment of a kill is answered again, and once per kill.
    assert sum(twice.values()) <= sum(bot.in_flight)
    assert max(twice.values(), default=0) <= kills
