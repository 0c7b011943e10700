"""How the index grows from a thousand to a hundred thousand entries, beside its peers.

Run `python -m tests.benchmarks.bench_growth`, optionally with the largest number of entries.
Each size is measured in a process of its own, so that memory can be compared. Times are those
of the processor (nothing here waits), so that other work on the machine does not count.
"""

from __future__ import annotations

import gc
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from statistics import median, quantiles

from rapidfuzz import fuzz, process
from rich.console import Console
from rich.table import Table

from knowledge.german import exists
from knowledge.measuring.typos import mistyped
from knowledge.search import Document, Index
from tests.benchmarks.corpus import entries, entry, questions
from tests.benchmarks.peers import PEERS, Text

SIZES = (1_000, 10_000, 100_000)
QUERIES, SCANNED, UPDATES = 200, 20, 20
"""Queries put to the index, to the much slower scan, and entries changed."""

P95_GOAL, SCAN_GOAL, GROWTH_GOAL = 20.0, 0.1, 10.0
"""Milliseconds at the largest size; share of the scan's p95; median against the smallest size."""

UPDATE_GOAL, MEMORY_GOAL, ODD_GOAL = 50.0, 1024.0, 50.0
"""Milliseconds until a changed entry is found; mebibytes; milliseconds for the oddest input."""

ODD = {
    "4096 letters": "a" * 4096,
    "ue, 2048 times": "ue" * 2048,
    "one compound": "integrationskonzept" * 215,
    "many words": " ".join(f"{a}{b}{c}" for a in "bdfghjkl" for b in "aeiou" for c in "mnrst" * 5),
    "a page of questions": " ".join(questions(200))[:4096],
    "mistyped questions": " ".join(mistyped(questions(200), 3))[:4096],
    "emoji": "👩\u200d👩\u200d👧" * 800,
    "right to left": "\u202eمرحبا بالعالم " * 290,
    "zero width": "\u200b".join("Integrationskonzept" * 107)[:4096],
    "markup": "<b>&amp;</b>'; DROP TABLE x; -- " * 128,
}


@dataclass(frozen=True, slots=True)
class PeerGrowth:
    """A peer at one size: seconds to build, MiB added, milliseconds per query."""

    name: str
    size: int
    build: float
    memory: float
    median: float
    p95: float


@dataclass(frozen=True, slots=True)
class Growth:
    """Measurements at one size: milliseconds, except seconds for building and MiB."""

    size: int
    build: float
    median: float
    p95: float
    scan_p95: float
    update: float
    memory: float
    odd: float
    oddest: str


def _milliseconds(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return (time.process_time() - start) * 1000


def _p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20, method="inclusive")[-1]


def _update(index: Index, number: int) -> float:
    """Milliseconds until a changed entry is found by its new name."""
    old = entry(number)
    new = Document(old.key, f"Sonderfall{chr(97 + number % 26)}quartz", old.text, old.aliases)

    def change() -> None:
        found = index.updated(changed=[new]).search(new.title, 1)
        assert found[0].key == new.key

    return _milliseconds(change)


def measure(size: int) -> Growth:
    """Build an index of so many entries and put questions to it."""
    exists("warm")  # the dictionary is read once per process
    listed = list(entries(size))
    before = _memory()
    start = time.process_time()
    index = Index.build(listed)
    build = time.process_time() - start
    memory = _memory() - before
    gc.freeze()
    asked = questions(QUERIES)
    asked = [*asked[::2], *mistyped(asked[1::2], 2)]
    times = [_milliseconds(partial(index.search, query)) for query in asked]
    titles = {document.key: document.title for document in listed}
    scans = [
        _milliseconds(partial(process.extract, query, titles, scorer=fuzz.WRatio, limit=10))
        for query in asked[:SCANNED]
    ]
    updates = [_update(index, number * size // UPDATES) for number in range(UPDATES)]
    odd = {name: _milliseconds(lambda t=text: index.search(t)) for name, text in ODD.items()}  # type: ignore[misc]
    oddest = max(odd, key=lambda name: odd[name])
    return Growth(
        size,
        build,
        median(times),
        _p95(times),
        _p95(scans),
        _p95(updates),
        memory,
        odd[oddest],
        oddest,
    )


def measure_peer(name: str, size: int) -> PeerGrowth:
    """Let a peer index so many entries, titles and texts, and put questions to it."""
    texts = [Text(d.key, d.title, d.text) for d in entries(size)]
    before = _memory()
    start = time.process_time()
    search = PEERS[name](texts, with_body=True)
    build = time.process_time() - start
    memory = _memory() - before
    gc.freeze()
    asked = questions(SCANNED)
    times = [_milliseconds(partial(search, query, 10)) for query in asked]
    return PeerGrowth(name, size, build, memory, median(times), _p95(times))


def _memory() -> float:
    """Peak memory of this process in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _measure_apart(size: int) -> Growth:
    command = [sys.executable, "-m", "tests.benchmarks.bench_growth", "--one", str(size)]
    run = subprocess.run(command, check=True, capture_output=True, text=True)
    return Growth(**json.loads(run.stdout))


def _measure_peer_apart(name: str, size: int) -> PeerGrowth | None:
    """The same in a process of its own; None where the peer is not installed."""
    command = [sys.executable, "-m", "tests.benchmarks.bench_growth", "--peer", name, str(size)]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    if run.returncode:
        return None
    return PeerGrowth(**json.loads(run.stdout))


def _print_peers(console: Console, sizes: Sequence[int]) -> None:
    table = Table(title=f"Peers on the same entries, {SCANNED} queries each")
    for column in ("", "entries", "build s", "memory added MiB", "median ms", "p95 ms"):
        table.add_column(column, justify="right" if column else "left")
    for name in PEERS:
        for size in sizes:
            row = _measure_peer_apart(name, size)
            if row is None:
                console.print(f"[yellow]skipped: {name} with {size} entries[/]")
                continue
            table.add_row(
                name,
                f"{size:,}",
                f"{row.build:.1f}",
                f"{row.memory:.0f}",
                f"{row.median:.2f}",
                f"{row.p95:.2f}",
            )
    console.print(table)


def _print(console: Console, measured: Sequence[Growth]) -> bool:
    table = Table(title="Growth: milliseconds per query unless said otherwise")
    for column in (
        "entries",
        "build s",
        "median",
        "p95",
        "WRatio scan p95",
        "to scan",
        "update p95",
        "memory added MiB",
        "odd input",
    ):
        table.add_column(column, justify="right")
    for row in measured:
        table.add_row(
            f"{row.size:,}",
            f"{row.build:.1f}",
            f"{row.median:.2f}",
            f"{row.p95:.2f}",
            f"{row.scan_p95:.1f}",
            f"{row.p95 / row.scan_p95:.3f}",
            f"{row.update:.1f}",
            f"{row.memory:.0f}",
            f"{row.odd:.1f} ({row.oddest})",
        )
    console.print(table)
    small, large = measured[0], measured[-1]
    growth = large.median / small.median
    goals = {
        f"p95 {large.p95:.1f} ms": large.p95 <= P95_GOAL,
        f"{large.p95 / large.scan_p95:.3f} of the scan": large.p95 <= SCAN_GOAL * large.scan_p95,
        f"median grew {growth:.1f}-fold": growth <= GROWTH_GOAL,
        f"update {large.update:.0f} ms": large.update <= UPDATE_GOAL,
        f"memory {large.memory:.0f} MiB": large.memory <= MEMORY_GOAL,
        f"odd input {large.odd:.0f} ms": large.odd <= ODD_GOAL,
    }
    for goal, reached in goals.items():
        console.print(f"{'[green]reached' if reached else '[red]missed'}[/]: {goal}")
    return all(goals.values())


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 if a goal is missed."""
    if arguments[:1] == ["--one"]:
        sys.stdout.write(json.dumps(asdict(measure(int(arguments[1])))))
        return 0
    if arguments[:1] == ["--peer"]:
        sys.stdout.write(json.dumps(asdict(measure_peer(arguments[1], int(arguments[2])))))
        return 0
    largest = int(arguments[0]) if arguments else SIZES[-1]
    console = Console(width=120)
    sizes = [size for size in SIZES if size < largest] + [largest]
    reached = _print(console, [_measure_apart(size) for size in sizes])
    _print_peers(console, sizes)
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
