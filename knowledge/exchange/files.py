"""Whole files: what one holds, what a person decided about it, and the plan that follows.

The chat and the command line both go this way, so that both do the same with the same file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import PurePath

from pydantic import BaseModel, ConfigDict, Field

from knowledge.entries import Certainty, Entry, Kind, Phase, Source
from knowledge.exchange.columns import Column, Layout, find_layout
from knowledge.exchange.conditions import NO_FORMER, Conditions, Former
from knowledge.exchange.entry_import import plan_entries, read_entries
from knowledge.exchange.findings import FileRefusedError, Finding, Reason
from knowledge.exchange.limits import MAX_BYTES
from knowledge.exchange.plan import ImportPlan
from knowledge.exchange.sheets import Table, read_table
from knowledge.exchange.table_export import to_csv, to_xlsx
from knowledge.exchange.table_import import plan_import
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot
from knowledge.yaml_files import dump

TARGETS = (Kind.PLAN, Kind.BODY)
"""What a table can be imported into."""

_YAML_NAMES = frozenset({".yaml", ".yml"})


class Format(StrEnum):
    """What an export is written as; the value is the suffix of the file's name."""

    CSV = "csv"
    XLSX = "xlsx"
    YAML = "yaml"


class Choices(BaseModel):
    """What a person decided about a file, so far.

    Attributes:
        target: Key of the plan or body that a table lists the measures of; of a YAML file, the
            entry that it is about with all below it, or None if it may be about any.
        source: Where the statements of a table stand.
        as_of: As of when they hold.
        is_dated: Whether `as_of` was decided upon; without a date is a decision, too.
        certainty: How far they can be relied on.
        sheet: The worksheet to read, instead of the first one with content.
        columns: What columns mean, by their position, where a person said so.
        columns_confirmed: Whether the columns are right as they are understood now.
        phases: What unknown status words mean.
        withdraw_missing: Whether what the file does not have is withdrawn.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    target: str | None = None
    source: Source | None = None
    as_of: PartialDate | None = None
    is_dated: bool = False
    certainty: Certainty | None = None
    sheet: str | None = None
    columns: Mapping[int, Column | None] = Field(default_factory=dict)
    columns_confirmed: bool = False
    phases: Mapping[str, Phase | None] = Field(default_factory=dict)
    withdraw_missing: bool = False


@dataclass(frozen=True, slots=True)
class TableFile:
    """A file that holds a table of measures.

    Attributes:
        table: Its rows.
        layout: What its columns mean, choices included.
        today: The day on which it is read.
    """

    table: Table
    layout: Layout
    today: date

    @property
    def is_no_list(self) -> bool:
        """Whether a required column is missing, and nothing is there that it might be."""
        unsure = self.layout.doubtful or self.layout.not_understood
        return bool(self.layout.missing) and not unsure and not self.table.other_sheets

    def plan(self, choices: Choices, snapshot: Snapshot, former: Former = NO_FORMER) -> ImportPlan:
        """What importing it would do.

        Args:
            choices: What was decided about it.
            snapshot: The entries as they are.
            former: How they stood before.

        Raises:
            ValueError: if target, source or certainty are not decided yet.
        """
        if choices.target is None or choices.source is None or choices.certainty is None:
            raise ValueError("a table needs target, source and certainty")
        conditions = Conditions(
            target=choices.target,
            source=choices.source,
            as_of=choices.as_of,
            certainty=choices.certainty,
            today=self.today,
            phases=choices.phases,
            withdraw_missing=choices.withdraw_missing,
            reserved=snapshot.withdrawn,
            former=former,
        )
        return plan_import(self.table, self.layout, snapshot, conditions)


@dataclass(frozen=True, slots=True)
class EntryFile:
    """A YAML file that holds complete entries.

    Attributes:
        entries: The entries.
        today: The day on which it is read.
    """

    entries: tuple[Entry, ...]
    today: date

    def plan(self, choices: Choices, snapshot: Snapshot, former: Former = NO_FORMER) -> ImportPlan:
        """What importing it would do; complete entries hold, however they stood before."""
        if choices.target is not None and snapshot.get(choices.target) is None:
            return ImportPlan(errors=(Finding(Reason.NO_SUCH_PLAN, key=choices.target),))
        return plan_entries(
            self.entries,
            snapshot,
            today=self.today,
            scope=choices.target,
            withdraw_missing=choices.withdraw_missing,
        )


def about(choices: Choices, snapshot: Snapshot) -> Iterator[str]:
    """Keys of the entries whose former states matter for a file: also of those withdrawn."""
    yield from (entry.key for entry in snapshot.within(choices.target))
    yield from snapshot.withdrawn


def holds_entries(name: str) -> bool:
    """Whether a file is read as YAML.

    >>> holds_entries("Erfurt.YML"), holds_entries("erfurt.csv")
    (True, False)
    """
    return PurePath(name).suffix.lower() in _YAML_NAMES


def read_file(
    content: bytes, name: str, choices: Choices, *, today: date
) -> TableFile | EntryFile:
    """Read a file that somebody sent.

    Args:
        content: What it holds.
        name: What it is called.
        choices: What was decided about it so far.
        today: The present day; a file can bring no statements from later.

    Raises:
        FileRefusedError: with the reasons.
    """
    if len(content) > MAX_BYTES:
        raise FileRefusedError(Finding(Reason.TOO_MANY_BYTES, limit=MAX_BYTES))
    if not holds_entries(name):
        table = read_table(content, name, sheet=choices.sheet)
        return TableFile(table, find_layout(table).confirmed(choices.columns), today)
    entries = read_entries(content, name)
    if not entries:
        raise FileRefusedError(Finding(Reason.EMPTY))
    return EntryFile(entries, today)


def write_file(snapshot: Snapshot, form: Format, key: str | None) -> bytes:
    """Write an entry with all below it; of a table its measures.

    Args:
        snapshot: What to write.
        form: As what.
        key: The entry; None for everything, which YAML alone can hold.

    Raises:
        ValueError: if a table is wanted of everything.
    """
    if form is Format.YAML:
        return dump(snapshot.within(key))
    if key is None:
        raise ValueError("a table holds the measures of one plan or body")
    return to_csv(snapshot, key) if form is Format.CSV else to_xlsx(snapshot, key)


def formats_of(snapshot: Snapshot, key: str | None) -> tuple[Format, ...]:
    """As what an entry can be written: tables hold measures below it."""
    has_table = key is not None and any(e.kind is Kind.MEASURE for e in snapshot.below(key))
    return tuple(Format) if has_table else (Format.YAML,)
