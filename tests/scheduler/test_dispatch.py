"""Sending what is in the outbox: what becomes of a notice after each outcome."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from knowledge.notification.chats import Chats
from knowledge.notification.notices import Later, Notice, NoticeState, Obsolete
from knowledge.notification.outbox import Outbox
from knowledge.storage.database import Database
from knowledge.storage.outages import Backoff
from knowledge.storage.tables import outbox as table
from scheduler import dispatch
from scheduler.dispatch import (
    FIRST_PAUSE,
    IDLE,
    LEASE,
    LONGEST_PAUSE,
    LONGEST_REST,
    MOST_ATTEMPTS,
    PAUSE_IN_DOUBT,
    SEND_WITHIN,
    Dispatcher,
    back_off,
)
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
from scheduler.pacing import MINUTE, Pacing
from tests.support.builders import a_notice
from tests.support.clock import FakeClock
from tests.support.reachability import deactivated

GROUP, SUPERGROUP = -5_000, -1_002_000_000_000_123
FAST = 1_000.0
"""Notices per second: pacing has tests of its own."""


@dataclass
class Chat:
    """Takes messages at the port; what comes of each attempt can be said beforehand."""

    outcomes: list[Outcome | Exception] = field(default_factory=list)
    sent: list[tuple[int, str]] = field(default_factory=list)

    async def send(self, chat_id: int, message: str) -> Outcome:
        outcome = self.outcomes.pop(0) if self.outcomes else Delivered(len(self.sent) + 70)
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, Delivered):
            self.sent.append((chat_id, message))
        return outcome


async def by_key(notice: Notice) -> str | Obsolete:
    return notice.key


class Stage:
    """An outbox, somebody who sends it, and time that passes as fast as it is waited for."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.clock = clock
        self.outbox = Outbox(database)
        self.chats = Chats(database)
        self.chat = Chat()
        self.words: Callable[[Notice], Awaitable[str | Later | Obsolete]] = by_key
        self.passed = 0.0
        self.dispatcher = self.another()

    def another(self, rate: float = FAST) -> Dispatcher[str]:
        """A sender as it is after a restart: it remembers nothing."""
        return Dispatcher(
            self.outbox,
            self.chats,
            self.chat,
            self.say,
            Pacing(rate),
            clock=self.clock,
            elapsed=lambda: self.passed,
            dice=random.Random(1),
        )

    async def say(self, notice: Notice) -> str | Later | Obsolete:
        """Word a notice as the test wants it now."""
        return await self.words(notice)

    def wait(self, seconds: float) -> None:
        self.passed += seconds
        self.clock.advance(timedelta(seconds=seconds))

    async def run(
        self, dispatcher: Dispatcher[str] | None = None, *, patience: float = 1.0
    ) -> None:
        """Send until nothing is open, with so many times the pauses between two steps."""
        for _ in range(500):
            counts = await self.outbox.counts()
            if not counts[NoticeState.WAITING] + counts[NoticeState.CLAIMED]:
                return
            self.wait(patience * await (dispatcher or self.dispatcher).step())

    async def steps(self, times: int) -> list[float]:
        """What so many steps want to wait, with a moment of other work between them."""
        waits = []
        for _ in range(times):
            waits.append(await self.dispatcher.step())
            self.wait(2 / FAST)
        return waits

    async def rows(self) -> list[Row[Any]]:
        async with self.database.reading() as connection:
            return list((await connection.execute(select(table).order_by(table.c.id))).all())

    async def row(self) -> Row[Any]:
        (row,) = await self.rows()
        return row


@pytest.fixture
def stage(database: Database, clock: FakeClock) -> Stage:
    return Stage(database, clock)


async def test_a_notice_is_sent_once_and_noted_with_its_message(stage: Stage) -> None:
    await stage.outbox.add([a_notice(), a_notice(chat_id=2)])
    await stage.run()
    assert stage.chat.sent == [(1, "k"), (2, "k")]
    rows = await stage.rows()
    assert [(row.state, row.message_id) for row in rows] == [("sent", 70), ("sent", 71)]
    stage.wait(1)
    assert await stage.steps(2) == [IDLE, IDLE]
    assert len(stage.chat.sent) == 2


async def test_notices_of_a_chat_come_in_order_and_a_second_apart(stage: Stage) -> None:
    await stage.outbox.add(a_notice(key=f"{number}") for number in range(5))
    await stage.run()
    assert [key for _, key in stage.chat.sent] == ["0", "1", "2", "3", "4"]
    assert stage.passed >= 4
    assert {row.attempts for row in await stage.rows()} == {1}


async def test_a_busy_group_does_not_hold_up_the_others(stage: Stage) -> None:
    await stage.outbox.add(a_notice(chat_id=GROUP, key=f"{number}") for number in range(25))
    await stage.outbox.add(a_notice(chat_id=chat) for chat in range(1, 11))
    await stage.run()
    assert [chat for chat, _ in stage.chat.sent[:11]] == [GROUP, *range(1, 11)]
    assert [key for chat, key in stage.chat.sent if chat == GROUP] == [
        f"{number}" for number in range(25)
    ]
    assert stage.passed >= MINUTE


async def test_the_overall_rate_is_kept(stage: Stage) -> None:
    await stage.outbox.add(a_notice(chat_id=chat) for chat in range(1, 51))
    await stage.run(stage.another(rate=10.0))
    assert 4 <= stage.passed <= 5


async def test_what_is_not_true_any_more_is_dropped_with_the_reason(stage: Stage) -> None:
    async def words(notice: Notice) -> str | Obsolete:
        return Obsolete("milestone done") if notice.chat_id == 1 else "!"

    stage.words = words
    await stage.outbox.add([a_notice(), a_notice(chat_id=2)])
    await stage.run()
    assert stage.chat.sent == [(2, "!")]
    first, _ = await stage.rows()
    assert (first.state, first.reason) == ("dropped", "milestone done")


async def test_what_may_not_be_sent_now_waits_without_an_attempt(stage: Stage) -> None:
    morning = stage.clock() + timedelta(hours=12)

    async def words(notice: Notice) -> str | Later:
        is_late = notice.key == "planned" and stage.clock() < morning
        return Later(morning) if is_late else notice.key

    stage.words = words
    await stage.outbox.add([a_notice(key="planned"), a_notice(key="answered")])
    await stage.dispatcher.step()
    await stage.dispatcher.step()
    assert stage.chat.sent == [(1, "answered")]
    stage.wait(timedelta(hours=12).total_seconds())
    await stage.run()
    assert stage.chat.sent == [(1, "answered"), (1, "planned")]
    assert {row.attempts for row in await stage.rows()} == {1}


async def test_whether_it_is_true_is_asked_before_every_attempt(stage: Stage) -> None:
    answers: list[str | Obsolete] = ["!", Obsolete("milestone done")]

    async def words(_: Notice) -> str | Obsolete:
        return answers.pop(0)

    stage.words, stage.chat.outcomes = words, [TryAgain("502")]
    await stage.outbox.add([a_notice()])
    await stage.run()
    assert stage.chat.sent == []
    assert (await stage.row()).state == "dropped"


async def test_a_notice_without_words_fails_and_holds_nothing_up(stage: Stage) -> None:
    async def words(notice: Notice) -> str | Obsolete:
        return {"good": "!"}[notice.key]

    stage.words = words
    await stage.outbox.add([a_notice(key="bad"), a_notice(key="good")])
    await stage.run()
    assert [(row.state, row.reason) for row in await stage.rows()] == [
        ("failed", "no words: KeyError"),
        ("sent", None),
    ]


async def test_a_notice_that_the_database_keeps_from_being_worded_is_tried_again(
    stage: Stage,
) -> None:
    troubles = [OperationalError("", {}, Exception("connection lost"))] * 3

    async def words(notice: Notice) -> str | Obsolete:
        if troubles:
            raise troubles.pop()
        return notice.key

    stage.words = words
    await stage.outbox.add([a_notice()])
    await stage.run(patience=60)
    row = await stage.row()
    assert (row.state, row.attempts, stage.chat.sent) == ("sent", 4, [(1, "k")])


async def test_a_database_that_never_gives_words_ends_the_attempts(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def words(_: Notice) -> str | Obsolete:
        raise OperationalError("", {}, Exception("connection lost"))

    monkeypatch.setattr(dispatch, "MOST_ATTEMPTS", 5)
    stage.words = words
    await stage.outbox.add([a_notice()])
    await stage.run(patience=60)
    row = await stage.row()
    assert (row.state, row.reason) == ("failed", "gave up after 5 attempts")


async def test_trouble_that_passes_is_outlasted(stage: Stage) -> None:
    stage.chat.outcomes = [TryAgain("502")] * 12
    await stage.outbox.add([a_notice()])
    for _ in range(13):
        await stage.steps(1)
        stage.wait(LONGEST_PAUSE)
    row = await stage.row()
    assert (row.state, row.attempts, len(stage.chat.sent)) == ("sent", 13, 1)


async def test_trouble_that_does_not_pass_ends(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "MOST_ATTEMPTS", 5)
    stage.chat.outcomes = [TryAgain("502")] * 6
    await stage.outbox.add([a_notice()])
    for _ in range(7):
        await stage.steps(1)
        stage.wait(LONGEST_PAUSE)
    row = await stage.row()
    assert (row.state, row.reason) == ("failed", "gave up after 5 attempts")
    assert len(stage.chat.outcomes) == 1


async def test_a_chat_in_trouble_does_not_hold_up_the_others(stage: Stage) -> None:
    stage.chat.outcomes = [TryAgain("500")]
    await stage.outbox.add([a_notice(key="a"), a_notice(key="b"), a_notice(chat_id=2, key="c")])
    await stage.run()
    assert stage.chat.sent == [(2, "c"), (1, "a"), (1, "b")]


async def test_sending_rests_while_nothing_works_and_goes_on_when_it_does(stage: Stage) -> None:
    stage.chat.outcomes = [TryAgain("no connection")] * 9
    await stage.outbox.add(a_notice(chat_id=chat) for chat in range(1, 12))
    rests = await stage.steps(11)
    assert rests[:9] == [0, 0, 1, 2, 4, 8, 16, LONGEST_REST, LONGEST_REST]
    assert rests[9:] == [0, 0]
    await stage.run()
    assert len(stage.chat.sent) == 11


@pytest.mark.parametrize("outcome", [Unanswered("no answer in time"), RuntimeError("surprise")])
async def test_what_may_have_arrived_is_sent_once_more_and_not_again(
    stage: Stage, outcome: Outcome | Exception
) -> None:
    stage.chat.outcomes = [outcome, outcome]
    await stage.outbox.add([a_notice()])
    await stage.run(patience=60)
    row = await stage.row()
    assert (row.state, row.attempts) == ("failed", 2)
    assert row.reason.startswith("twice without an answer: ")


async def test_what_may_have_arrived_gets_its_second_chance_when_the_trouble_may_be_over(
    stage: Stage,
) -> None:
    stage.chat.outcomes = [Unanswered("no answer in time")]
    await stage.outbox.add([a_notice()])
    await stage.steps(1)
    stage.wait(PAUSE_IN_DOUBT / 2 - 1)
    await stage.steps(1)
    assert stage.chat.sent == []
    stage.wait(PAUSE_IN_DOUBT / 2 + 1)
    await stage.steps(1)
    assert stage.chat.sent == [(1, "k")]


async def test_trouble_in_between_does_not_use_up_the_second_chance(stage: Stage) -> None:
    stage.chat.outcomes = [TryAgain("502"), Unanswered("?"), TryAgain("502"), TryAgain("502")]
    await stage.outbox.add([a_notice()])
    await stage.run(patience=60)
    assert stage.chat.sent == [(1, "k")]


async def test_an_attempt_that_hangs_ends(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_: object) -> Outcome:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(dispatch, "SEND_WITHIN", 0.01)
    monkeypatch.setattr(stage.chat, "send", hang)
    await stage.outbox.add([a_notice()])
    await stage.steps(1)
    assert (await stage.row()).unanswered == 1


def test_a_lease_outlasts_the_longest_attempt() -> None:
    assert LEASE.total_seconds() >= 2 * SEND_WITHIN


async def test_a_pause_that_telegram_demands_holds_up_everything(stage: Stage) -> None:
    stage.chat.outcomes = [TooFast(timedelta(seconds=40))]
    await stage.outbox.add([a_notice(), a_notice(chat_id=2)])
    first, wait = await stage.steps(2)
    assert first == 0
    assert 39.9 <= wait <= 41
    await stage.run()
    assert sorted(stage.chat.sent) == [(1, "k"), (2, "k")]
    assert [row.attempts for row in await stage.rows()] == [1, 1]


async def test_a_chat_that_is_gone_keeps_nothing_under_way_and_gets_nothing_more(
    stage: Stage,
) -> None:
    stage.chat.outcomes = [ChatGone("bot was blocked by the user")]
    await stage.outbox.add([a_notice(key="a"), a_notice(key="b"), a_notice(chat_id=2)])
    await stage.run()
    assert stage.chat.sent == [(2, "k")]
    assert await deactivated(stage.database) == {1}
    rows = await stage.rows()
    assert [row.state for row in rows] == ["dropped", "dropped", "sent"]
    assert rows[1].reason == "bot was blocked by the user"
    await stage.chats.reactivate(1)
    await stage.outbox.add([a_notice(key="c")])
    await stage.run()
    assert stage.chat.sent[-1] == (1, "c")


async def test_the_log_says_which_notice_found_no_chat_and_not_whose_chat_it_was(
    stage: Stage,
) -> None:
    person = 5_270_411_886
    stage.chat.outcomes = [ChatGone("bot was blocked by the user")]
    await stage.outbox.add([a_notice(chat_id=person)])
    with capture_logs() as logs:
        await stage.run()
    gone = [entry for entry in logs if entry["event"] == "chat deactivated"]
    assert [(entry["notice"], entry["reason"]) for entry in gone] == [
        (1, "bot was blocked by the user")
    ]
    assert str(person) not in str(logs)


async def test_a_group_that_migrates_gets_everything_under_its_new_number(stage: Stage) -> None:
    stage.chat.outcomes = [Migrated(SUPERGROUP)]
    await stage.outbox.add(a_notice(chat_id=GROUP, key=f"{number}") for number in range(3))
    await stage.run()
    assert stage.chat.sent == [(SUPERGROUP, "0"), (SUPERGROUP, "1"), (SUPERGROUP, "2")]


async def test_what_telegram_refuses_is_final(stage: Stage) -> None:
    stage.chat.outcomes = [Refused("Bad Request: message is too long")]
    await stage.outbox.add([a_notice(key="a"), a_notice(key="b")])
    await stage.run()
    assert stage.chat.sent == [(1, "b")]
    first, _ = await stage.rows()
    assert (first.state, first.attempts) == ("failed", 1)
    assert first.reason == "Bad Request: message is too long"


async def test_an_arrival_that_could_not_be_noted_is_noted_before_anything_else_is_sent(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(*_: object, **__: object) -> None:
        raise OperationalError("", {}, Exception("database is locked"))

    await stage.outbox.add([a_notice(), a_notice(chat_id=2)])
    with monkeypatch.context() as patched:
        patched.setattr(stage.outbox, "mark_sent", busy)
        for _ in range(3):
            with pytest.raises(OperationalError):
                await stage.dispatcher.step()
            stage.wait(LEASE.total_seconds())
    assert stage.chat.sent == [(1, "k")]
    await stage.run()
    assert stage.chat.sent == [(1, "k"), (2, "k")]
    assert {row.message_id for row in await stage.rows()} == {70, 71}


async def test_what_was_being_sent_in_a_crash_is_sent_again_when_the_lease_is_over(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    await stage.outbox.add([a_notice(key="a"), a_notice(key="b"), a_notice(chat_id=2)])
    with monkeypatch.context() as patched:
        patched.setattr(stage.outbox, "mark_sent", die)
        with pytest.raises(KeyboardInterrupt):
            await stage.dispatcher.step()
    stage.wait(1)
    await stage.run(stage.another())
    assert stage.chat.sent == [(1, "a"), (2, "k"), (1, "a"), (1, "b")]
    assert stage.passed >= LEASE.total_seconds()


async def test_a_clock_that_is_set_forward_sends_nothing_twice(stage: Stage) -> None:
    await stage.outbox.add(a_notice(chat_id=chat) for chat in range(1, 4))

    async def words(notice: Notice) -> str | Obsolete:
        stage.clock.advance(timedelta(days=1))
        return notice.key

    stage.words = words
    await stage.run()
    assert stage.chat.sent == [(1, "k"), (2, "k"), (3, "k")]


async def test_a_clock_that_is_set_back_loses_nothing(stage: Stage) -> None:
    stage.chat.outcomes = [TryAgain("502")]
    await stage.outbox.add([a_notice()])
    await stage.steps(1)
    stage.clock.advance(-timedelta(hours=1))
    assert await stage.steps(1) == [IDLE]
    stage.clock.advance(timedelta(hours=1, seconds=2))
    await stage.run()
    assert stage.chat.sent == [(1, "k")]


async def test_it_runs_until_it_is_stopped_and_finishes_what_it_sends(stage: Stage) -> None:
    stop, sending, go_on = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def words(notice: Notice) -> str | Obsolete:
        sending.set()
        await go_on.wait()
        return notice.key

    stage.words = words
    await stage.outbox.add([a_notice(), a_notice(chat_id=2)])
    async with asyncio.timeout(10):
        running = asyncio.create_task(stage.dispatcher.run(stop))
        await sending.wait()
        stop.set()
        go_on.set()
        await running
    assert stage.chat.sent == [(1, "k")]
    assert [row.state for row in await stage.rows()] == ["sent", "waiting"]


async def test_a_stop_ends_the_wait_for_the_next_push(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop, waiting = asyncio.Event(), asyncio.Event()
    pacing = stage.dispatcher._pacing
    pacing.pause(3_600)
    seconds = pacing.wait

    def wait(now: float) -> float:
        waiting.set()
        return seconds(now)

    monkeypatch.setattr(pacing, "wait", wait)
    async with asyncio.timeout(10):
        running = asyncio.create_task(stage.dispatcher.run(stop))
        await waiting.wait()
        stop.set()
        await running


async def test_a_fault_of_the_database_does_not_end_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = asyncio.Event()
    claim, failures = stage.outbox.claim, [OperationalError("", {}, Exception("locked"))]

    async def claim_or_fail(*arguments: Any, **options: Any) -> Any:
        if failures:
            raise failures.pop()
        stop.set()
        return await claim(*arguments, **options)

    monkeypatch.setattr(stage.outbox, "claim", claim_or_fail)
    monkeypatch.setattr(dispatch, "Backoff", lambda: Backoff(first=0.001))
    await stage.outbox.add([a_notice()])
    async with asyncio.timeout(10):
        await stage.dispatcher.run(stop)
    assert stage.chat.sent == [(1, "k")]


def test_pauses_grow_to_a_limit_and_are_spread() -> None:
    dice = random.Random(7)
    pauses = [back_off(attempt, dice) for attempt in range(1, MOST_ATTEMPTS + 1)]
    for attempt, pause in enumerate(pauses, start=1):
        whole = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (attempt - 1))
        assert whole / 2 <= pause <= whole
    assert len(set(pauses)) == len(pauses)
    assert 2 < sum(pauses) / 86_400 < 4
