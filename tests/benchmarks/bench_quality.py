"""How well the index finds the right document, beside other ways to search.

Run `python -m tests.benchmarks.bench_quality`. The question set is looked for in
`../shared/retrieval` beside the repository, or where RETRIEVAL_DATA points to.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from rich.console import Console
from rich.table import Table

from knowledge.search import Document, Index
from knowledge.typos import mistyped
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
class Result:
    """Mean reciprocal rank on clean and on mistyped queries, 0 to 1."""

    name: str
    clean: float
    typos: float


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


def reciprocal_ranks(
    search: Search, queries: Sequence[str], right: Sequence[frozenset[str]]
) -> list[float]:
    """One over the rank of the first right document, 0 if it is not among the first ten."""
    return [
        next((1 / rank for rank, key in enumerate(search(query, CUTOFF), 1) if key in keys), 0.0)
        for query, keys in zip(queries, right, strict=True)
    ]


def measure(name: str, search: Search, task: Task) -> Result:
    """Mean reciprocal rank of one way to search."""
    clean = fmean(reciprocal_ranks(search, task.queries, task.right))
    typos = fmean(
        fmean(reciprocal_ranks(search, mistyped(list(task.queries), seed), task.right))
        for seed in SEEDS
    )
    return Result(name, clean, typos)


def ours(texts: Sequence[Text]) -> Search:
    """The index under test: the title as title, the body as text."""
    index = Index.build(Document(text.key, text.title, text.body) for text in texts)
    return lambda query, limit: [hit.key for hit in index.search(query, limit)]


def measure_peers(task: Task, console: Console) -> list[Result]:
    """Every peer with the better of titles alone and titles with bodies."""
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
        best = Result(name, max(r.clean for r in both), max(r.typos for r in both))
        results.append(best)
    return results


def main() -> int:
    """Print the table; 1 if a goal is missed; missing data are said and skipped."""
    console = Console()
    folder = data_folder()
    if not (folder / "queries.tsv").exists():
        console.print(f"[yellow]skipped: no question set in {folder}; set RETRIEVAL_DATA[/]")
        return 0
    task = read_task(folder)
    peers = measure_peers(task, console)
    result = measure("knowledge.search", ours(task.texts), task)
    clean, typos = max(p.clean for p in peers), max(p.typos for p in peers)
    table = Table(title=f"MRR@{CUTOFF}, {len(task.texts)} documents, {len(task.queries)} queries")
    for column in ("", "clean", "to best peer", "typos", "to best peer"):
        table.add_column(column, justify="right" if column else "left")
    for row in (*peers, result):
        table.add_row(
            row.name,
            f"{row.clean:.3f}",
            f"{row.clean / clean:.2f}",
            f"{row.typos:.3f}",
            f"{row.typos / typos:.2f}",
        )
    console.print(table)
    reached = result.clean >= CLEAN_GOAL * clean and result.typos >= TYPO_GOAL * typos
    console.print(
        f"Goals: {CLEAN_GOAL:.2f} clean, {TYPO_GOAL:.2f} with typos: "
        f"{'reached' if reached else 'missed'}"
    )
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
