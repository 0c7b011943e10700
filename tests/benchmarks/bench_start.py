"""From start to the first answer, and the memory that takes, at growing knowledge bases.

Run `python -m tests.benchmarks.bench_start`, optionally with the largest number of entries. A
database with so many made-up entries is prepared; then the real bot is started on it, with a
question waiting, and its answer is awaited over HTTP. Times are those of the clock: they hold
for an otherwise idle machine. Memory is what the process has resident once it has answered, and
at its peak.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from rich.console import Console
from rich.table import Table

from knowledge.entries import Aspect, Certainty, Entry, Fact, Kind, Source
from knowledge.storage.database import Database
from knowledge.storage.store import Store
from tests.benchmarks.corpus import entries as documents
from tests.e2e.stage import COUNCILLOR, Stage, start

SIZES = (200, 10_000, 100_000)
WAIT = 600.0
"""Seconds after which an answer counts as not coming."""


@dataclass(frozen=True, slots=True)
class Start:
    """Measurements at one size: seconds to the first answer, MiB resident then and at most."""

    size: int
    seconds: float
    resident: float
    peak: float


def made_up(size: int) -> Iterator[Entry]:
    """Measures with one fact each, in the sizes that real ones have."""
    source = Source(title="Erfundener Bericht")
    for document in documents(size):
        text = document.text
        fact = Fact(
            id=f"F-{document.key}",
            aspect=Aspect.SUMMARY,
            text=text,
            sources=(source,),
            as_of=None,
            certainty=Certainty.PUBLIC,
        )
        yield Entry(
            key=document.key,
            kind=Kind.MEASURE,
            title=document.title,
            facts=(fact,),
        )


async def _fill(url: str, size: int) -> None:
    database = Database(url)
    await database.migrate()
    await Store(database).publish(
        made_up(size), author="bench", reason="Made-up entries", now=datetime.now(UTC)
    )
    await database.close()


def measure(size: int) -> Start:
    """Start the bot on so many entries."""
    with TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        url = f"sqlite+aiosqlite:///{folder / 'bot.db'}"
        asyncio.run(_fill(url, size))
        playground = start("bot.playground", "--port", "0", "--no-limits", cwd=folder)
        address = playground.wait_for(r"http://\S+")[0]
        with httpx.Client(base_url=address, trust_env=False, timeout=WAIT) as http:
            stage = Stage(http, folder, url)
            stage.say("drucksache 2170/24")
            began = time.monotonic()
            bot = start("bot", "run", cwd=folder, **stage.bot_environment)
            path = f"/sim/events?since=0&chat_id={COUNCILLOR}&type=message&from_bot=true"
            while not http.get(f"{path}&timeout=25").json()["events"]:
                if time.monotonic() - began > WAIT:
                    raise TimeoutError(f"no answer with {size} entries")
            seconds = time.monotonic() - began
            status = Path(f"/proc/{bot.popen.pid}/status").read_text(encoding="ascii")
            bot.stop()
        playground.stop()
    return Start(size, seconds, _mebibytes("VmRSS", status), _mebibytes("VmHWM", status))


def _mebibytes(name: str, status: str) -> float:
    found = re.search(rf"{name}:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


def main() -> None:
    """Measure every size up to the given one and print a table."""
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else SIZES[-1]
    table = Table("Entries", "First answer (s)", "Resident (MiB)", "Peak (MiB)")
    for size in SIZES:
        if size <= largest:
            row = measure(size)
            table.add_row(
                f"{row.size:,}", f"{row.seconds:.1f}", f"{row.resident:.0f}", f"{row.peak:.0f}"
            )
    Console().print(table)


if __name__ == "__main__":
    main()
