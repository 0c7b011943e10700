"""How well the index finds the right document, beside other ways to search.

Run `python -m tests.benchmarks.bench_quality`. The question set is looked for in
`../shared/retrieval` beside the repository, or where RETRIEVAL_DATA points to.
"""

from __future__ import annotations

import csv
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from statistics import fmean

from rich.console import Console
from rich.table import Table

from knowledge.german import exists
from knowledge.measuring.typos import mistyped
from knowledge.search import Document, Index
from tests.benchmarks.peers import PEERS, Search, Text

CUTOFF = 10
"""Ranks that count in the reciprocal rank."""

SEEDS = range(5)
"""Draws of typing mistakes; the mean over several is steadier than any one of them."""

CLEAN_GOAL, TYPO_GOAL = 1.12, 1.30
"""What the index should reach, as a multiple of the best peer."""


@dataclass(frozen=True, slots=True)
class Task:
    """Queries with the keys that are right for each."""

    texts: Sequence[Text]
    queries: Sequence[str]
    right: Sequence[frozenset[str]]


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of one way to search on one set of queries.

    Attributes:
        first: Share of queries whose first document is right.
        five: Share of the right documents that are among the first five.
        mrr: Mean reciprocal rank of the first right document.
        milliseconds: Of the processor, per query.
    """

    first: float
    five: float
    mrr: float
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """Quality on clean queries, and on mistyped ones as the mean over all draws."""

    name: str
    clean: Quality
    typos: Quality


def data_folder() -> Path:
    """Where the question set is expected."""
    beside = Path(__file__).resolve().parents[3] / "shared" / "retrieval"
    return Path(os.environ.get("RETRIEVAL_DATA", beside))


def read_task(folder: Path) -> Task:
    """Read documents and queries."""
    texts = [
        Text(row["id"], row["question"], row["answer"] or "") for row in _rows(folder, "faq_de")
    ]
    rows = _rows(folder, "queries")
    return Task(
        texts,
        [row["query"] for row in rows],
        [frozenset(row["id"].split("|")) for row in rows],
    )


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def judge(
    search: Search, queries: Sequence[str], right: Sequence[frozenset[str]]
) -> tuple[Quality, list[float]]:
    """Figures of one way to search, and the reciprocal rank of every query."""
    start = time.process_time()
    found = [search(query, CUTOFF) for query in queries]
    spent = (time.process_time() - start) * 1000 / len(queries)
    ranks = [
        next((1 / rank for rank, key in enumerate(hits, 1) if key in keys), 0.0)
        for hits, keys in zip(found, right, strict=True)
    ]
    quality = Quality(
        first=fmean(rank == 1 for rank in ranks),
        five=fmean(
            len(keys.intersection(hits[:5])) / len(keys)
            for hits, keys in zip(found, right, strict=True)
        ),
        mrr=fmean(ranks),
        milliseconds=spent,
    )
    return quality, ranks


def _mean(measured: Sequence[Quality]) -> Quality:
    return Quality(*map(fmean, zip(*(astuple(quality) for quality in measured), strict=True)))


def measure(name: str, search: Search, task: Task) -> tuple[Result, list[float]]:
    """Figures of one way to search, and its reciprocal ranks on the clean queries."""
    clean, ranks = judge(search, task.queries, task.right)
    typos = [judge(search, mistyped(list(task.queries), seed), task.right)[0] for seed in SEEDS]
    return Result(name, clean, _mean(typos)), ranks


def interval(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float, float]:
    """Bounds that hold 95 % of the mean differences in a paired bootstrap, seeded."""
    chance = random.Random(0)
    differences = [one - other for one, other in zip(ours, theirs, strict=True)]
    means = sorted(fmean(chance.choices(differences, k=len(differences))) for _ in range(2000))
    return means[49], means[1949]


def ours(texts: Sequence[Text]) -> Search:
    """The index under test: the title as title, the body as text."""
    exists("warm")  # the dictionary is read once per process
    index = Index.build(Document(text.key, text.title, text.body) for text in texts)
    return lambda query, limit: [hit.key for hit in index.search(query, limit)]


def measure_peers(task: Task, console: Console) -> list[tuple[Result, list[float]]]:
    """Every peer with titles alone or with titles and bodies, whichever ranks clean ones better.

    On mistyped queries it counts with the better of the two, too.
    """
    results = []
    for name, build in PEERS.items():
        try:
            both = [
                measure(name, build(task.texts, with_body=with_body), task)
                for with_body in (False, True)
            ]
        except ImportError as exc:
            console.print(f"[yellow]skipped: {name}: {exc}[/]")
            continue
        clean, ranks = max(both, key=lambda found: found[0].clean.mrr)
        typos = max((result.typos for result, _ in both), key=lambda quality: quality.mrr)
        results.append((Result(name, clean.clean, typos), ranks))
    return results


def _row(result: Result, clean: float, typos: float) -> Iterator[str]:
    yield result.name
    for quality, best in ((result.clean, clean), (result.typos, typos)):
        yield f"{quality.first:.3f}"
        yield f"{quality.five:.3f}"
        yield f"{quality.mrr:.3f}"
        yield f"{quality.mrr / best:.2f}"
        yield f"{quality.milliseconds:.2f}"


def main() -> int:
    """Print the table; 1 if a goal is missed; missing data are said and skipped."""
    console = Console(width=120)
    folder = data_folder()
    if not (folder / "queries.tsv").exists():
        console.print(f"[yellow]skipped: no question set in {folder}; set RETRIEVAL_DATA[/]")
        return 0
    task = read_task(folder)
    peers = measure_peers(task, console)
    result, ranks = measure("knowledge.search.index", ours(task.texts), task)
    clean = max(peer.clean.mrr for peer, _ in peers)
    typos = max(peer.typos.mrr for peer, _ in peers)
    table = Table(
        title=f"{len(task.texts)} documents, {len(task.queries)} queries; right: with two typos"
    )
    table.add_column("")
    for column in ("P@1", "R@5", f"MRR@{CUTOFF}", "to best", "ms") * 2:
        table.add_column(column, justify="right")
    for peer, _ in peers:
        table.add_row(*_row(peer, clean, typos))
    table.add_row(*_row(result, clean, typos))
    console.print(table)
    best_ranks = max(peers, key=lambda found: found[0].clean.mrr)[1]
    low, high = interval(ranks, best_ranks)
    console.print(f"MRR over the best peer, clean: 95 % between {low:+.3f} and {high:+.3f}")
    reached = result.clean.mrr >= CLEAN_GOAL * clean and result.typos.mrr >= TYPO_GOAL * typos
    console.print(
        f"Goals: {CLEAN_GOAL:.2f} clean, {TYPO_GOAL:.2f} with typos: "
        f"{'reached' if reached else 'missed'}"
    )
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
