"""A broadcast beside questions, end to end over HTTP, under limits like Telegram's.

Run `python -m tests.benchmarks.bench_broadcast`, optionally with the number of chats. The real bot
and the playground run as processes; all chats are announced something at once, and meanwhile some
people ask questions. Times are the playground's own: of a message when it has it, of an answer
from when it has the question.
"""

from __future__ import annotations

import asyncio
import csv
import os
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import httpx
from rich.console import Console

from knowledge.notification.contents import Announcement
from knowledge.notification.notices import Notice, NoticeKind, NoticeState
from knowledge.notification.outbox import Outbox
from knowledge.storage.database import Database
from tests.e2e.stage import ROOT, Json, Stage, start

CHATS = 5_000
RATE = 28.0
"""Messages per second that are aimed at; Telegram, and the playground, take 30."""

GOAL_RATE, GOAL_ANSWER = 0.95, 300.0
"""Share of the rate that must be reached, milliseconds in which 95 % of the answers must come."""

ASKING, PAUSE = 5, 2.0
"""People who ask, in turn, and seconds between an answer and the next question."""

FIRST_CHAT = 100_000


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of a broadcast.

    Attributes:
        sent: Messages of the broadcast that arrived.
        seconds: Between the first and the last of them.
        answers: Milliseconds per answer.
        too_fast: How often the playground said 429.
        memory: MiB of the bot before and after.
        failed: Notices that were not delivered.
    """

    sent: int
    seconds: float
    answers: list[float]
    too_fast: int
    memory: tuple[float, float]
    failed: int

    @property
    def rate(self) -> float:
        """Messages of the broadcast per second."""
        return (self.sent - 1) / self.seconds


def measure(chats: int) -> Measured:
    """Run a broadcast to so many chats."""
    with TemporaryDirectory(prefix="broadcast-") as name:
        folder = Path(name)
        playground = start("bot.playground", "--port", "0", cwd=folder)
        try:
            address = playground.wait_for(r"http://\S+")[0]
            with httpx.Client(base_url=address, trust_env=False, timeout=60) as http:
                stage = Stage(http, folder, f"sqlite+aiosqlite:///{folder / 'bot.db'}")
                for number in range(chats + ASKING):
                    stage.sim(
                        *("POST", "users"),
                        first_name=f"{number}",
                        id=FIRST_CHAT + number,
                        started=True,
                    )
                return _broadcast(stage, chats)
        finally:
            playground.stop()


def _broadcast(stage: Stage, chats: int) -> Measured:
    texts = _questions()
    with stage.bot(BROADCAST_RATE=str(RATE)) as bot:
        asking = [FIRST_CHAT + chats + number for number in range(ASKING)]
        for person in asking:  # the first answers fill caches
            stage.ask(texts[0], user=person)
        since = stage.last_event()
        before = _memory(bot.popen.pid)
        asyncio.run(_announce(stage.database_url, chats))
        answers: list[float] = []
        arrived: list[float] = []
        while len(arrived) < chats:
            person = asking[len(answers) % ASKING]
            answers.append(_answer(stage, texts[len(answers) % len(texts)], person))
            time.sleep(PAUSE)
            events = stage.sim("GET", f"events?since={since}&type=message&from_bot=true")
            since = events["last_id"]
            arrived += [e["time"] for e in events["events"] if _is_push(e, chats)]
        after = _memory(bot.popen.pid)
    refused = [call for call in stage.calls() if call["response"].get("error_code") == 429]
    counts = asyncio.run(_counts(stage.database_url))
    return Measured(
        sent=len(arrived),
        seconds=arrived[-1] - arrived[0],
        answers=answers,
        too_fast=len(refused),
        memory=(before, after),
        failed=counts[NoticeState.FAILED] + counts[NoticeState.DROPPED],
    )


def _answer(stage: Stage, text: str, person: int) -> float:
    """Ask; returns the milliseconds until the last message of the answer."""
    since = stage.last_event()
    stage.say(text, user=person)
    stage.wait(since=since, chat=person)
    events = stage.sim("GET", f"events?since={since}&chat_id={person}&type=message")["events"]
    return float(events[-1]["time"] - events[0]["time"]) * 1000


def _is_push(event: Json, chats: int) -> bool:
    chat_id: int = event["chat_id"]
    return FIRST_CHAT <= chat_id < FIRST_CHAT + chats


async def _announce(database_url: str, chats: int) -> None:
    database = Database(database_url)
    await Outbox(database).add(
        Notice(
            chat_id=FIRST_CHAT + number,
            key="announcement:1",
            kind=NoticeKind.ANNOUNCEMENT,
            content=Announcement(text="Der Sachstand zum Maßnahmenplan liegt vor."),
            not_before=datetime.now(UTC),
        )
        for number in range(chats)
    )
    await database.close()


async def _counts(database_url: str) -> dict[NoticeState, int]:
    database = Database(database_url)
    counted = await Outbox(database).counts()
    await database.close()
    return counted


def _questions() -> list[str]:
    with (ROOT / "tests/data/questions.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return random.Random(1).sample([row["question"] for row in rows], k=100)


def _memory(pid: int) -> float:
    """MiB that a process has in memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def main(arguments: Sequence[str]) -> int:
    """Print what was measured; 1 if a goal is missed."""
    found = measure(int(arguments[0]) if arguments else CHATS)
    p95 = quantiles(found.answers, n=20)[-1]
    goals = {
        f"{found.sent:,} messages in {found.seconds:.1f} s: {found.rate:.2f}/s, "
        f"{found.rate / RATE:.1%} of {RATE:.0f}/s (goal {GOAL_RATE:.0%})": found.rate
        >= GOAL_RATE * RATE,
        f"{found.too_fast} times 429, {found.failed} not delivered": not found.too_fast
        and not found.failed,
        f"{len(found.answers)} answers meanwhile: median {median(found.answers):.0f} ms, "
        f"p95 {p95:.0f} ms (goal {GOAL_ANSWER:.0f} ms)": p95 < GOAL_ANSWER,
    }
    console = Console(width=120)
    for line, reached in goals.items():
        console.print(f"{'[green]reached' if reached else '[red]missed'}[/]: {line}")
    before, after = found.memory
    console.print(f"memory of the bot: {before:.0f} MiB before, {after:.0f} MiB after")
    return 0 if all(goals.values()) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
