"""Files as offices make them, and short ways to plan their import."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from knowledge.entries import Certainty, Entry, Kind, Source
from knowledge.exchange import FileRefusedError, Finding, ImportPlan, Reason
from knowledge.exchange.columns import find_layout
from knowledge.exchange.conditions import Conditions
from knowledge.exchange.sheets import read_table
from knowledge.exchange.table_import import plan_import
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot
from tests.support.builders import an_entry

SURVEY = Source(title="Abfrage bei den Ämtern", reference="DS 100/25")
OCTOBER = PartialDate(2025, 10)
NEW_YEARS_EVE = date(2027, 12, 31)
"""A day by which all that tables in tests say has been said."""


def csv_file(
    rows: Iterable[Sequence[str]], *, delimiter: str = ";", encoding: str = "utf-8-sig"
) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


def xlsx_file(rows: Iterable[Sequence[Any]], *, merged: Iterable[str] = ()) -> bytes:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    for reference in merged:
        sheet.merge_cells(reference)
    return saved(workbook)


def saved(workbook: Workbook) -> bytes:
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def repacked(content: bytes, **parts: bytes | None) -> bytes:
    """A workbook with parts replaced, added or (None) left out; `__` stands for a slash."""
    wanted = {name.replace("__", "/"): part for name, part in parts.items()}
    packed = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(packed, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in wanted:
                new.writestr(name, old.read(name))
        for name, part in wanted.items():
            if part is not None:
                new.writestr(name, part)
    return packed.getvalue()


def a_snapshot(*entries: Entry) -> Snapshot:
    """A town with a plan and what is given."""
    town = an_entry("STADT", kind=Kind.BODY, title="Stadt")
    plan = an_entry("PLAN", kind=Kind.PLAN, title="Maßnahmenplan", parent="STADT")
    return Snapshot([town, plan, *entries])


def planned(
    content: bytes,
    snapshot: Snapshot | None = None,
    **conditions: Any,
) -> ImportPlan:
    """The plan of importing a table, with the headings taken as they were understood."""
    table = read_table(content, "plan.csv")
    given: dict[str, Any] = {
        "target": "PLAN",
        "source": SURVEY,
        "as_of": OCTOBER,
        "certainty": Certainty.PUBLIC,
        "today": NEW_YEARS_EVE,
    }
    return plan_import(
        table,
        find_layout(table),
        snapshot or a_snapshot(),
        Conditions(**(given | conditions)),
    )


def published(plan: ImportPlan, snapshot: Snapshot) -> Snapshot:
    """The entries after the plan was published."""
    assert not plan.errors, plan.errors
    after = dict(snapshot.entries) | {entry.key: entry for entry in plan.entries}
    for entry in plan.withdrawn:
        del after[entry.key]
    return Snapshot(after.values())


def refusal(content: bytes, name: str = "plan.xlsx", **how: Any) -> Finding:
    """Why a file is refused."""
    with pytest.raises(FileRefusedError) as refused:
        read_table(content, name, **how)
    (finding,) = refused.value.findings
    return finding


def reasons(findings: Iterable[Finding]) -> list[tuple[Reason, str | int | None]]:
    """Findings in short: why, and in which cell or row."""
    return [(finding.reason, finding.cell or finding.row) for finding in findings]
