"""What the webhook carries beside an echo bot of the same library, under the same load.

Run `python -m tests.benchmarks.bench_webhook`, optionally with the number of updates per round.
Both bots run as processes, each with a playground of its own, and get the same updates by HTTP
from the same load generator, in turn, several rounds. A round begins with the first post and ends
when the playground has taken the last answer; posts come as fast as they are acknowledged, over
as many connections as we ask Telegram for. Three loads are measured: /hilfe, where our bot answers
with a fixed text as the echo does, and so shows what storing every update costs; questions, which
have to be understood, too; and questions at a steady rate, far more than a town asks.

The echo loses what it has acknowledged when it is killed; ours does not.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic

from rich.console import Console
from rich.table import Table

from bot.web import PATH, derived_secret
from tests.benchmarks.bench_answering import playground_stage, processor_time, questions
from tests.e2e.load import message_update, post
from tests.e2e.stage import TOKEN, Process, Stage, free_address, start

UPDATES, ROUNDS, WARM_UP = 300, 5, 50
"""Updates per round, rounds per bot and load, and updates before the first round."""

PEOPLE = 100

GOAL = 0.8
"""Throughput as a share of the echo's."""

HELP, QUESTIONS, STEADY = "/hilfe", "questions", "questions at a steady rate"

RATE = 40.0
"""Questions per second of the steady load; the others come as fast as they are taken."""


@dataclass(slots=True)
class Loaded:
    """A bot on its stage, and what it carried.

    Attributes:
        name: What the table calls it.
        stage: Its playground.
        url: Where updates are posted.
        process: The bot.
        people: Who writes to it.
        per_second: Updates per second of each round, by load.
        processor: Milliseconds of the processor per update of each round, by load.
    """

    name: str
    stage: Stage
    url: str
    process: Process
    people: list[int]
    per_second: dict[str, list[float]] = field(default_factory=dict)
    processor: dict[str, list[float]] = field(default_factory=dict)
    _number: int = 0

    def carry(self, load: str, texts: Sequence[str], rate: float | None = None) -> None:
        """Post updates, wait for the last answer, and note how long that took."""
        updates = []
        for text in texts:
            self._number += 1
            person = self.people[self._number % len(self.people)]
            updates.append(message_update(self._number, text, person=person))
        since = self.stage.sim("GET", "state")["last_call_id"]
        used, began = processor_time(self.process.popen.pid), monotonic()
        asyncio.run(post(self.url, derived_secret(TOKEN), updates, rate=rate))
        answered = 0
        while answered < len(texts):
            listed = self.stage.sim("GET", f"calls?method=sendMessage&since={since}&timeout=20")
            assert listed["calls"], f"{self.name}: only {answered} of {len(texts)} are answered"
            since = listed["calls"][-1]["id"]
            answered += len(listed["calls"])
        seconds = monotonic() - began
        used = processor_time(self.process.popen.pid) - used
        self.per_second.setdefault(load, []).append(len(texts) / seconds)
        self.processor.setdefault(load, []).append(used / len(texts))


@contextmanager
def _process(stage: Stage, *arguments: str, until: str, **settings: str) -> Iterator[Process]:
    given = stage.bot_environment | settings
    process = start(*arguments, cwd=stage.folder, **given)
    try:
        process.wait_for(until)
        yield process
    finally:
        process.stop()


def measure(size: int) -> list[Loaded]:
    """Give all bots the same loads in turn."""
    commands = [
        ("echo", ("tests.benchmarks.echo_webhook",), "running on"),
        ("massnahmenbot", ("bot", "run", "--webhook"), "webhook set"),
    ]
    asked = questions(size)
    loads = {HELP: ([HELP] * size, None), QUESTIONS: (asked, None), STEADY: (asked, RATE)}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="webhook-")))
        bots = []
        for name, command, until in commands:
            stage = stack.enter_context(playground_stage(folder / name))
            listen = free_address()
            url = f"http://{listen}{PATH}"
            settings = {"LISTEN": listen, "WEBHOOK_URL": url}
            process = stack.enter_context(_process(stage, *command, until=until, **settings))
            people = [
                stage.sim("POST", "users", first_name="A", started=True)["id"]
                for _ in range(PEOPLE)
            ]
            bots.append(Loaded(name, stage, url, process, people))
        for load, (texts, rate) in loads.items():
            for bot in bots:
                bot.carry("warm-up", texts[:WARM_UP])
            for _ in range(ROUNDS):
                for bot in bots:
                    bot.carry(load, texts, rate)
        return bots


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 if the goal is missed."""
    size = int(arguments[0]) if arguments else UPDATES
    bots = measure(size)
    echo, ours = bots[0], bots[-1]
    console = Console(width=120)
    table = Table(title=f"{ROUNDS} rounds of {size} updates by webhook; medians")
    for column in ("load", "bot", "per second", "to echo", "processor ms"):
        table.add_column(column, justify="left" if column in {"load", "bot"} else "right")
    for load in (HELP, QUESTIONS, STEADY):
        for bot in bots:
            carried = median(bot.per_second[load])
            table.add_row(
                load,
                bot.name,
                f"{carried:.0f}",
                f"{carried / median(echo.per_second[load]):.2f}",
                f"{median(bot.processor[load]):.1f}",
            )
    console.print(table)
    missed = False
    for load in (HELP, QUESTIONS, STEADY):
        ratio = median(ours.per_second[load]) / median(echo.per_second[load])
        word = "[green]reached" if ratio >= GOAL else "[red]missed"
        console.print(f"{word}[/] with {load}: {ratio:.2f} of the echo's throughput, goal {GOAL}")
        missed |= ratio < GOAL
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
