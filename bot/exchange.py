"""`massnahmenbot export` and `import`: files out of the knowledge base, and into it.

What is wrong with a file, and what it would change, is worded as in the chat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from openpyxl.utils import column_index_from_string, get_column_letter
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from handlers.importing.dialogue import reason
from handlers.importing.wording import full_list, sentence
from knowledge.consistency import InconsistentError
from knowledge.entries import Entry, Phase
from knowledge.exchange import (
    HEADINGS,
    PHASE_WORDS,
    Choices,
    Column,
    EntryFile,
    FileRefusedError,
    Format,
    Former,
    ImportPlan,
    Layout,
    TableFile,
    about,
    formats_of,
    read_file,
    write_file,
)
from knowledge.exchange.limits import MAX_BYTES
from knowledge.revisions import Origin
from knowledge.snapshot import Snapshot
from knowledge.storage.database import Database
from knowledge.storage.store import ConflictError, Store, UnchangedError

Value = TypeVar("Value", bound=str)

NOTHING = "-"
"""Stands for a column that is not imported, and for a word that states no phase."""


class ArgumentError(Exception):
    """An argument cannot be used; the message says why."""


class ChangedMeanwhileError(Exception):
    """The import would not do any more what was shown."""


def export(snapshot: Snapshot, path: Path, *, scope: str | None, home: str) -> int:
    """Write an entry with all below it; what is written follows from the file's suffix.

    Args:
        snapshot: What to write.
        path: The file; one that exists is replaced.
        scope: Key of the entry. Without it a YAML file holds everything, and a table the measures
            of the home body.
        home: Key of the home body.

    Returns:
        How many bytes were written.

    Raises:
        ArgumentError: if there is no such format or entry, or the entry has no measures.
        OSError: if the file cannot be written.
    """
    suffix = path.suffix.lower().lstrip(".")
    if suffix not in set(Format):
        raise ArgumentError(f"{path.name}: the name must end in .yaml, .csv or .xlsx")
    form = Format(suffix)
    key = scope if scope is not None or form is Format.YAML else home
    entry = snapshot.get(key) if key is not None else None
    if key is not None and entry is None:
        raise ArgumentError(f"There is no entry {key}.")
    if entry is not None and form not in formats_of(snapshot, entry.key):
        raise ArgumentError(f"{entry.key} has no measures: only YAML can hold it.")
    return path.write_bytes(write_file(snapshot, form, entry.key if entry else None))


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file to import, with what the arguments decide about it.

    Attributes:
        name: Its name.
        file: What it holds.
        choices: What is decided.
    """

    name: str
    file: TableFile | EntryFile
    choices: Choices

    def plan(self, snapshot: Snapshot, former: Former) -> ImportPlan:
        """What importing it would do to entries that stood otherwise before."""
        return self.file.plan(self.choices, snapshot, former)


def incoming(
    path: Path,
    choices: Choices,
    *,
    today: date,
    columns: Iterable[str] = (),
    statuses: Iterable[str] = (),
) -> Incoming:
    """Read a file and take over what the arguments say about columns and status words.

    Args:
        path: The file.
        choices: What else is decided.
        today: The present day.
        columns: "Stand=status" or "C=-".
        statuses: "läuft gut=in_progress" or "siehe oben=-".

    Raises:
        ArgumentError: if an argument names nothing that there is.
        FileRefusedError: if the file cannot be read.
        OSError: likewise.
    """
    with path.open("rb") as opened:
        content = opened.read(MAX_BYTES + 1)
    phases = {word: _phase(name) for word, name in map(_pair, statuses)}
    decided = choices.model_copy(update={"phases": phases})
    file = read_file(content, path.name, decided, today=today)
    if isinstance(file, TableFile):
        meanings = dict(_meaning(file.layout, *_pair(column)) for column in columns)
        if len({*meanings.values()} - {None}) < len([m for m in meanings.values() if m]):
            raise ArgumentError("--column gives two columns the same meaning.")
        decided = decided.model_copy(update={"columns": meanings})
        file = replace(file, layout=file.layout.confirmed(meanings))
    return Incoming(path.name, file, decided)


def show(incoming: Incoming, plan: ImportPlan, console: Console) -> None:
    """Print how the file is understood and what would change."""
    if isinstance(incoming.file, TableFile):
        _show_columns(incoming.file, console)
    counts = Table(box=SIMPLE)
    for name in ("new", "changed", "unchanged", "missing", "withdrawn", "errors", "notices"):
        counts.add_column(name, justify="right")
    counts.add_row(
        *(
            str(len(listed))
            for listed in (
                plan.new,
                plan.changed,
                plan.unchanged,
                plan.missing,
                plan.withdrawn,
                plan.errors,
                plan.notices,
            )
        )
    )
    console.print(counts)
    if listed := full_list(plan):
        console.print(listed, markup=False, highlight=False)
    for question in plan.questions:
        rows = ", ".join(map(str, question.rows[:5]))
        console.print(
            f"Unknown status “{question.word}” in row {rows}: "
            f'say what it means with --status "{question.word}=PHASE".',
            markup=False,
            highlight=False,
        )


def refused(name: str, error: FileRefusedError) -> str:
    """Why a file is refused, as plain text."""
    why = map(sentence, error.findings)
    return "\n".join((f"{name} cannot be imported, and nothing was changed:", *why))


async def publish(
    database: Database,
    incoming: Incoming,
    shown: ImportPlan,
    *,
    shipped: Iterable[Entry],
    author: str,
    now: datetime,
) -> int:
    """Publish what was shown, all of it or nothing; returns the number of the revision.

    Args:
        database: Where to; it is brought up to date first.
        incoming: The file.
        shown: What it would do as it was shown.
        shipped: The knowledge base that comes along.
        author: Label of who publishes.
        now: The present moment.

    Raises:
        ChangedMeanwhileError: if it would do anything else by now.
    """
    await database.migrate()
    store = Store(database)
    await store.ship(shipped, now=now)
    await store.refresh()
    snapshot = store.snapshot
    former = await store.former(about(incoming.choices, snapshot), until=snapshot.revision)
    plan = incoming.plan(snapshot, former)
    if plan != shown:
        raise ChangedMeanwhileError
    try:
        return await store.publish(
            plan.entries,
            withdrawn=plan.withdrawn,
            base=snapshot.revision,
            author=author,
            reason=reason(incoming.name),
            now=now,
            origin=Origin.IMPORTED,
            source=incoming.choices.source,
        )
    except (ConflictError, InconsistentError, UnchangedError) as exc:
        raise ChangedMeanwhileError from exc


def _show_columns(file: TableFile, console: Console) -> None:
    table = Table(box=SIMPLE)
    for name in ("column", "heading", "read as", "match"):
        table.add_column(name)
    for heading in file.layout.headings:
        table.add_row(
            get_column_letter(heading.position),
            heading.text,
            HEADINGS[heading.column] if heading.column else "–",
            heading.match.name.lower().replace("_", " "),
        )
    console.print(table)
    if file.table.other_sheets:
        others = ", ".join(file.table.other_sheets)
        console.print(
            f"Sheet {file.table.sheet} is read; others: {others} (--sheet).",
            markup=False,
            highlight=False,
        )


def _pair(argument: str) -> tuple[str, str]:
    """What stands before and behind the last equals sign."""
    left, equals, right = argument.rpartition("=")
    if not equals or not left.strip() or not right.strip():
        raise ArgumentError(f"“{argument}” is not of the form WORD=MEANING.")
    return left.strip(), right.strip()


def _meaning(layout: Layout, name: str, meaning: str) -> tuple[int, Column | None]:
    """A column, by its heading or its letter, and what it means."""
    position = next(
        (h.position for h in layout.headings if h.text.casefold() == name.casefold()), None
    )
    if position is None and name.isascii() and name.isalpha() and len(name) <= 3:
        letter = column_index_from_string(name)
        position = next((h.position for h in layout.headings if h.position == letter), None)
    if position is None:
        raise ArgumentError(f"The table has no column “{name}”.")
    return position, _one_of(meaning, HEADINGS)


def _phase(name: str) -> Phase | None:
    return _one_of(name, PHASE_WORDS)


def _one_of(name: str, words: Mapping[Value, str]) -> Value | None:
    """A value by its name or its German word; None for nothing."""
    if name == NOTHING:
        return None
    for value, word in words.items():
        if name.casefold() in (value.casefold(), word.casefold()):
            return value
    raise ArgumentError(f"“{name}” is none of: {', '.join(words)}, {NOTHING}")
