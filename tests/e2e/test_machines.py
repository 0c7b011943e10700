"""Several processes on one database: three answer, one of two sends notices; some are killed."""

from __future__ import annotations

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from bot.web import PATH, SECRET_HEADER, derived_secret
from knowledge.notification.outbox import Outbox
from knowledge.storage.database import Database
from scheduler.dispatch import LEASE
from tests.e2e.load import message_update
from tests.e2e.stage import ADMIN, COUNCILLOR, PATIENCE, STAFF, TOKEN, Process, Stage, free_address
from tests.e2e.test_editing import SOURCE, converse
from tests.support.builders import a_notice
from tests.support.postgresql import only_postgresql

pytestmark = [pytest.mark.e2e, only_postgresql]

CHATS, RATE = 150, 15
"""A broadcast that lasts ten seconds."""

QUESTIONS = "2170/24", "2865/15"
"""Printed papers that are asked for, one after the other; the answer to each names only itself."""

TAKEOVER, REFRESHED, ORPHANED = 30.0, 2.0, 15.0
"""Seconds within which a standby sends, an edit is answered by all workers, and what a worker had
accepted that is gone is answered."""


@dataclass
class Machine:
    """A process with addresses of its own."""

    process: Process
    listen: str
    operations: str
    running: ExitStack = field(default_factory=ExitStack)

    def kill(self) -> None:
        self.process.stop(signal.SIGKILL)
        self.running.close()

    @property
    def leads(self) -> bool:
        address = f"http://{self.operations}/health/ready"
        told = httpx.get(address, trust_env=False, timeout=PATIENCE).json()
        return bool(told["leader"] == "here")

    def deliver(self, number: int, text: str, *, person: int) -> None:
        """Deliver a message as Telegram's own servers would behind a load balancer."""
        answer = httpx.post(
            f"http://{self.listen}{PATH}",
            json=message_update(number, text, person=person),
            headers={SECRET_HEADER: derived_secret(TOKEN)},
            trust_env=False,
        )
        assert answer.is_success


@contextmanager
def machines(stage: Stage, role: str, count: int, url: str) -> Iterator[list[Machine]]:
    """Some processes of one role, until the end of the block."""
    started = []
    with ExitStack() as stack:
        for number in range(count):
            listen = url.removeprefix("http://").removesuffix(PATH) if not number else ""
            settings = {
                "LISTEN": listen or free_address(),
                "OPERATIONS": free_address(),
                "WEBHOOK_URL": url,
                "BROADCAST_RATE": str(RATE),
            }
            options = ["--role", role, *(["--webhook"] if role == "worker" else [])]
            running = stack.enter_context(ExitStack())
            process = running.enter_context(stage.bot(*options, **settings))
            started.append(Machine(process, settings["LISTEN"], settings["OPERATIONS"], running))
        yield started
        for machine in started:
            assert machine.process.popen.poll() == -signal.SIGKILL or machine.process.stop() == 0
            assert "Traceback" not in machine.process.output


def test_what_one_worker_publishes_the_others_answer(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    url = f"http://{free_address()}{PATH}"
    with machines(stage, "worker", 3, url) as workers:
        for person in (ADMIN, COUNCILLOR, STAFF):
            stage.ask("/start", user=person)  # through the first one
        converse(stage, "/neu Maßnahme in EF-MP Bienenweide", "Veröffentlichen")
        converse(
            stage,
            "/status bienenweide in umsetzung",
            "Die Wiese ist gesät.",
            *SOURCE,
            "Veröffentlichen",
        )
        published = time.monotonic()
        for number, (worker, person) in enumerate(
            zip(workers[1:], (COUNCILLOR, STAFF), strict=True), 1_000_000
        ):
            since = stage.last_event()
            worker.deliver(number, "Wie weit ist die Bienenweide?", person=person)
            (answer,) = stage.wait(since=since, chat=person)
            assert "Die Wiese ist gesät." in answer["text"]
        took = time.monotonic() - published
        assert took < REFRESHED
    record_property("an edit answered by two other workers", f"{took:.2f} s")


def added_people(stage: Stage, count: int) -> list[int]:
    return [
        stage.sim("POST", "users", first_name=f"Person {n}", started=True)["id"]
        for n in range(count)
    ]


async def enqueue(database_url: str, people: list[int]) -> None:
    database = Database(database_url)
    await Outbox(database).add(a_notice(chat_id=person) for person in people)
    await database.close()


def received(stage: Stage, people: list[int]) -> Counter[int]:
    """How many messages of the bot each of some people has."""
    sent = (call["parameters"] for call in stage.calls() if call["method"] == "sendMessage")
    to = (int(parameters["chat_id"]) for parameters in sent)
    return Counter(chat for chat in to if chat in people)


def wait_until(stage: Stage, is_so: Callable[[], bool], *, within: float = PATIENCE) -> float:
    """Look again at every message that comes; returns the seconds until it was so."""
    begin = time.monotonic()
    while not is_so():
        assert time.monotonic() - begin < within
        stage.sim("GET", f"events?since={stage.last_event()}&timeout=1")
    return time.monotonic() - begin


@pytest.mark.long
def test_a_standby_takes_over_from_a_killed_leader_and_sends_nothing_twice(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    people = added_people(stage, CHATS)
    url = f"http://{free_address()}{PATH}"
    with (
        machines(stage, "worker", 3, url) as workers,
        machines(stage, "scheduler", 2, url) as schedulers,
    ):
        leader, standby = sorted(schedulers, key=lambda machine: not machine.leads)
        assert (leader.leads, standby.leads) == (True, False)
        asyncio.run(enqueue(stage.database_url, people))
        wait_until(stage, lambda: received(stage, people).total() >= CHATS // 4)
        killed = time.monotonic()
        leader.kill()
        so_far = received(stage, people).total()
        assert so_far < CHATS * 3 // 4, "the kill came too late"
        # What the leader sent last may have been counted too late, but not two of them.
        wait_until(stage, lambda: received(stage, people).total() > so_far + 1, within=TAKEOVER)
        took = time.monotonic() - killed
        assert took < TAKEOVER
        assert standby.leads
        stage.ask("/start", user=COUNCILLOR)
        workers[1].deliver(2_000_000, "drucksache 2170/24", person=COUNCILLOR)
        # The notice that was on its way is claimed for a while.
        patience = LEASE.total_seconds() + PATIENCE
        wait_until(stage, lambda: len(received(stage, people)) == CHATS, within=patience)
        messages = received(stage, people)
        assert len(messages) == CHATS
        twice = messages.total() - CHATS
        # Only one that was under way in the moment of the kill may come again.
        assert twice <= 1
        assert "2170/24" in stage.messages(COUNCILLOR)[-1]["text"]
    record_property("leader killed", f"standby sends after {took:.1f} s, {twice} twice, 0 lost")


def answered(stage: Stage, people: list[int]) -> Counter[tuple[int, str]]:
    """How often each person has the answer to each question."""
    sent = (call["parameters"] for call in stage.calls() if call["method"] == "sendMessage")
    return Counter(
        (int(parameters["chat_id"]), question)
        for parameters in sent
        for question in QUESTIONS
        if int(parameters["chat_id"]) in people and question in parameters["text"]
    )


@pytest.mark.long
def test_what_a_killed_worker_had_accepted_the_others_answer(
    stage: Stage, record_property: Callable[[str, object], None]
) -> None:
    people = added_people(stage, 6)
    expected = {(person, question) for question in QUESTIONS for person in people}
    url = f"http://{free_address()}{PATH}"
    with machines(stage, "worker", 3, url) as workers:
        # Sending takes longer than accepting all questions: none is answered before the kill.
        stage.sim("POST", "faults", kind="delay", method="sendMessage", times=None, seconds=5)
        for number, question in enumerate(QUESTIONS):
            for person in people:
                words = f"drucksache {question}"
                workers[1].deliver(3_000_000 + 100 * number + person, words, person=person)
        killed = time.monotonic()
        workers[1].kill()
        stage.sim("DELETE", "faults")
        assert not answered(stage, people), "the kill came too late to show anything"
        wait_until(stage, lambda: set(answered(stage, people)) == expected)
        took = time.monotonic() - killed
        assert took < ORPHANED
    messages = answered(stage, people)
    twice = messages.total() - len(expected)
    # Of each person one was under way.
    assert twice <= len(people)
    assert max(messages.values()) <= 2
    record_property("worker killed", f"the others answered after {took:.1f} s, {twice} twice")
