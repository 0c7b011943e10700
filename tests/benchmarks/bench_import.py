"""How long a large table takes to be read, planned, published, and written again.

Run `python -m tests.benchmarks.bench_import`, optionally with the number of rows. Times are
those of the processor (nothing here waits), so that other work on the machine does not count.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from rich.console import Console
from rich.table import Table

from knowledge.entries import Certainty, Entry, Kind, Source
from knowledge.exchange import HEADINGS, Column, ImportPlan
from knowledge.exchange.columns import find_layout
from knowledge.exchange.conditions import Conditions
from knowledge.exchange.entry_import import plan_entries, read_entries
from knowledge.exchange.sheets import read_table
from knowledge.exchange.table_export import to_csv, to_xlsx
from knowledge.exchange.table_import import plan_import
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot
from knowledge.storage.database import Database
from knowledge.storage.store import Store
from knowledge.yaml_files import dump

ROWS = 5_000

GOAL = 30.0
"""Seconds for each step, and for all that a person waits for from the file to its publication."""

CONDITIONS = Conditions(
    target="PLAN",
    source=Source(title="Umsetzungsbericht"),
    as_of=PartialDate(2025, 10),
    certainty=Certainty.PUBLIC,
    today=date(2025, 10, 20),
)

Result = TypeVar("Result")


def table(rows: int) -> bytes:
    """A CSV file in which every cell of every row is filled."""
    lines = [";".join(HEADINGS.values())]
    for row in range(rows):
        given = {
            Column.NUMBER: f"{row // 100}.{row % 100}",
            Column.FIELD: f"HF {row % 9}: Feld {row % 9}",
            Column.MEASURE: f"Maßnahme {row} für ein gutes Miteinander in der Stadt",
            Column.DEADLINE: f"{row % 12 + 1}/2026",
            Column.STATUS: ("geplant", "läuft", "erledigt", "Daueraufgabe")[row % 4],
            Column.COST: f"{row}.000,50 €",
            Column.AS_OF: "2025",
        }
        cells = (given.get(c, f"{HEADINGS[c]} {row % 50}, mit einigen Worten") for c in Column)
        lines.append(";".join(cells))
    return "\r\n".join(lines).encode("cp1252")


def _planned(content: bytes, snapshot: Snapshot) -> ImportPlan:
    read = read_table(content, "plan")
    return plan_import(read, find_layout(read), snapshot, CONDITIONS)


async def _publish(plan: ImportPlan, before: Snapshot, url: str) -> None:
    """Write a plan into a database and load the snapshot that follows, search index included."""
    database = Database(url)
    try:
        await database.migrate()
        store = Store(database)
        now = datetime.now(UTC)
        await store.publish(before.entries.values(), author="Amt", reason="Plan", now=now)
        await store.publish(plan.entries, author="Amt", reason="Datei", now=now)
    finally:
        await database.close()


def main(arguments: Sequence[str]) -> int:
    """Print the table; 1 if the goal is missed."""
    rows = int(arguments[0]) if arguments else ROWS
    report = Table(title=f"{rows:,} rows of {len(Column)} columns")
    for column in ("step", "seconds", "kilobytes"):
        report.add_column(column, justify="right")
    seconds: list[float] = []

    def timed(step: str, action: Callable[[], Result], size: int = 0) -> Result:
        start = time.process_time()
        result = action()
        seconds.append(time.process_time() - start)
        written = len(result) if isinstance(result, bytes) else size
        report.add_row(step, f"{seconds[-1]:.2f}", f"{written / 1000:,.0f}")
        return result

    before = Snapshot([Entry(key="PLAN", kind=Kind.PLAN, title="Plan")])
    csv = table(rows)
    plan = timed("CSV planned, all new", lambda: _planned(csv, before), len(csv))
    assert len(plan.new) == rows + 9, plan.errors[:3]
    with TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'bench.db'}"
        timed("published (SQLite)", lambda: asyncio.run(_publish(plan, before, url)))
    # A plan is made for the preview and once more when it is published.
    seconds.append(2 * seconds[0] + seconds[1])
    report.add_row("from the file to its publication", f"{seconds[-1]:.2f}", "")
    after = Snapshot([*before.entries.values(), *plan.entries])
    again = timed("CSV planned, all known", lambda: _planned(csv, after), len(csv))
    exported = timed("CSV written", lambda: to_csv(after, "PLAN"))
    xlsx = timed("XLSX written", lambda: to_xlsx(after, "PLAN"))
    fresh = timed("XLSX planned, all new", lambda: _planned(xlsx, before), len(xlsx))
    known = timed("XLSX planned, all known", lambda: _planned(xlsx, after), len(xlsx))
    yaml = timed("YAML written", lambda: dump(after.entries.values()))
    entries = timed("YAML read", lambda: read_entries(yaml, "plan.yaml"), len(yaml))
    same = timed(
        "YAML planned, all known",
        lambda: plan_entries(entries, after, today=CONDITIONS.today),
        len(yaml),
    )
    assert len(fresh.new) == rows + 9
    assert all(p.changes_nothing for p in (again, known, same, _planned(exported, after)))
    Console().print(report)
    return 0 if max(seconds) <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
