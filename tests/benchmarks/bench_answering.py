"""What a question answered costs beside an echo, end to end over HTTP.

Run `python -m tests.benchmarks.bench_answering`, optionally with the number of questions. Our
bot and an echo bot of the same library run as processes, each with a playground of its own, and
are asked the same questions in turn. The time of an answer is the playground's own: from the
moment it has the question until it has the (last) message that answers. The program that asks
takes no part in it, and the pause after each answer lets a bot put away what it has answered
before the other one is measured.
"""

from __future__ import annotations

import csv
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import httpx
from rich.console import Console
from rich.table import Table

from tests.e2e.stage import COUNCILLOR, ROOT, Process, Stage, start

QUESTIONS, WARM_UP = 200, 20
"""Questions that are measured, and that come before: the first ones fill caches."""

REST = 0.05
"""Seconds after an answer in which nobody is asked."""

NETWORK = 0.04
"""Seconds that a message takes on its way to Telegram and back, in a second run: on one machine
it takes next to none, and what is left is the work of the two programs."""

GOAL = 1.3
"""Time of an answer as a multiple of the echo's."""


@dataclass(slots=True)
class Asked:
    """A bot on its stage, and what its answers took.

    Attributes:
        name: What the table calls it.
        stage: Where it is asked.
        process: The bot.
        times: Milliseconds per answer.
        used: Milliseconds of the processor that the bot had used before the first answer.
    """

    name: str
    stage: Stage
    process: Process
    times: list[float] = field(default_factory=list)
    used: float = 0.0

    def ask(self, question: str) -> None:
        """Put a question and note how long the answer took."""
        since = self.stage.last_event()
        self.stage.say(question)
        self.stage.wait(since=since, chat=COUNCILLOR)
        time.sleep(REST)
        path = f"events?since={since}&chat_id={COUNCILLOR}&type=message"
        events = self.stage.sim("GET", path)["events"]
        self.times.append((events[-1]["time"] - events[0]["time"]) * 1000)

    def begin(self) -> None:
        """Forget the answers so far."""
        self.times.clear()
        self.used = processor_time(self.process.popen.pid)

    @property
    def processor(self) -> float:
        """Milliseconds of the processor per answer, what follows the answer included."""
        return (processor_time(self.process.popen.pid) - self.used) / len(self.times)


def processor_time(pid: int) -> float:
    """Milliseconds that all threads of a process have used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    user, system = int(fields[11]), int(fields[12])
    return (user + system) * 1000 / os.sysconf("SC_CLK_TCK")


@contextmanager
def playground_stage(folder: Path) -> Iterator[Stage]:
    """A playground without limits and an empty database."""
    folder.mkdir()
    playground = start("bot.playground", "--port", "0", "--no-limits", cwd=folder)
    try:
        address = playground.wait_for(r"http://\S+")[0]
        with httpx.Client(base_url=address, trust_env=False) as http:
            yield Stage(http, folder, f"sqlite+aiosqlite:///{folder / 'bot.db'}")
    finally:
        playground.stop()


@contextmanager
def _echo(stage: Stage) -> Iterator[Process]:
    process = start("tests.benchmarks.echo", cwd=stage.folder, **stage.bot_environment)
    try:
        yield process
    finally:
        process.stop()


def questions(size: int) -> list[str]:
    """A seeded choice of the questions that the answers are evaluated with."""
    with (ROOT / "tests/data/questions.tsv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return random.Random(1).choices([row["question"] for row in rows], k=size)


def measure(size: int, delay: float) -> list[Asked]:
    """Ask both bots in turn, our bot first, of a Telegram that takes some seconds per message."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="answering-")))
        ours, theirs = (
            stack.enter_context(playground_stage(folder / name))
            for name in ("massnahmenbot", "echo")
        )
        for stage in (ours, theirs):
            if delay:
                fault = {"kind": "delay", "method": "sendMessage", "seconds": delay}
                stage.sim("POST", "faults", times=None, **fault)
        asked = [
            Asked("massnahmenbot", ours, stack.enter_context(ours.bot())),
            Asked("echo", theirs, stack.enter_context(_echo(theirs))),
        ]
        for number, question in enumerate(questions(WARM_UP + size)):
            for bot in asked:
                if number == WARM_UP:
                    bot.begin()
                bot.ask(question)
        for bot in asked:
            bot.used = bot.processor  # the process ends with this block
    return asked


def main(arguments: Sequence[str]) -> int:
    """Print the tables; 1 if the goal is missed where nothing is waited for but the bots."""
    size = int(arguments[0]) if arguments else QUESTIONS
    reached = [show(*measure(size, delay), delay=delay) for delay in (0.0, NETWORK)]
    return 0 if reached[0] else 1


def show(ours: Asked, echo: Asked, *, delay: float) -> bool:
    """Print a table; returns whether the goal is reached."""
    console = Console(width=120)
    title = f"{len(ours.times)} questions over HTTP, milliseconds per question"
    table = Table(title=f"{title}; Telegram takes {delay * 1000:.0f} ms" if delay else title)
    for column in ("", "median", "to echo", "p95", "processor", "to echo"):
        table.add_column(column, justify="right" if column else "left")
    for bot in (echo, ours):
        table.add_row(
            bot.name,
            f"{median(bot.times):.1f}",
            f"{median(bot.times) / median(echo.times):.2f}",
            f"{quantiles(bot.times, n=20)[-1]:.1f}",
            f"{bot.used:.1f}",
            f"{bot.used / echo.used:.2f}",
        )
    console.print(table)
    ratio = median(ours.times) / median(echo.times)
    reached = ratio <= GOAL
    console.print(
        f"{'[green]reached' if reached else '[red]missed'}[/]: {ratio:.2f} times the echo, "
        f"goal {GOAL}"
    )
    return reached


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
