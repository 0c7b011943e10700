"""Any history of edits, imports, withdrawals and undos is told completely by its revisions."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from knowledge.consistency import InconsistentError
from knowledge.editing.edits import AddAlias, AddLink, Edit, EditError, Rename, SetStatus, Withdraw
from knowledge.editing.proposals import propose
from knowledge.entries import Certainty, Entry
from knowledge.exchange import Choices, ImportPlan, read_file
from knowledge.partial_date import PartialDate
from knowledge.revisions import Origin
from knowledge.snapshot import Snapshot
from knowledge.storage.database import Database
from knowledge.storage.store import ConflictError, IrreversibleError, Store, UnchangedError
from knowledge.storage.tables import entry_version, revision
from knowledge.yaml_files import dump
from tests.knowledge.exchange.files import csv_file
from tests.support.builders import A_SOURCE, an_entry
from tests.support.clock import MOMENT

KEYS = ["A", "B", "C", "D"]
TITLES = ["Sprachkurs", "Sprach", "Kurs", "Lotse", "Sprachlotse"]
QUERIES = [*TITLES, "Sprachkurse der Lotsen", "Kursus"]

State = dict[str, Entry]


@dataclass(frozen=True, slots=True)
class Editing:
    edits: tuple[Edit, ...]
    behind: int = 0


@dataclass(frozen=True, slots=True)
class Importing:
    changed: tuple[Entry, ...]
    withdrawn: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportingFile:
    """A table or a YAML file as somebody sent it, planned on what is there."""

    name: str
    content: bytes
    withdraw: bool


@dataclass(frozen=True, slots=True)
class Undoing:
    back: int


Operation = Editing | Importing | ImportingFile | Undoing

keys, titles = st.sampled_from(KEYS), st.sampled_from(TITLES)
edits: st.SearchStrategy[Edit] = st.one_of(
    st.builds(Rename, entry=keys, title=titles),
    st.builds(AddAlias, entry=keys, alias=titles),
    st.builds(AddLink, entry=keys, relation=st.just("depends_on"), target=keys),
    st.builds(Withdraw, entry=keys, below=st.booleans()),
    st.builds(
        SetStatus,
        entry=keys,
        phase=st.sampled_from(["planned", "done"]),
        text=titles,
        sources=st.just((A_SOURCE,)),
        as_of=st.sampled_from(["2023", "2024", None]),
        certainty=st.just("official"),
    ),
)
imported = st.builds(
    lambda key, title, below: an_entry(
        key, kind="body", title=title, parent="A" if below and key != "A" else None
    ),
    keys,
    titles,
    st.booleans(),
)
words = st.sampled_from(["geplant", "läuft", "erledigt", ""])
dates = st.sampled_from(["2023", "10/2024", "31.12.2025", "bald", ""])
table_rows = st.tuples(st.sampled_from(["", "1", "2", "3", "A"]), titles, words, dates, titles)
tables = st.lists(table_rows, min_size=1, max_size=4).map(
    lambda rows: csv_file([["Nr.", "Maßnahme", "Status", "Frist", "Bemerkung"], *rows])
)
files = st.one_of(
    st.builds(ImportingFile, st.just("plan.csv"), tables, st.booleans()),
    st.builds(
        lambda entries, withdraw: ImportingFile("alles.yaml", dump(entries), withdraw),
        st.lists(imported, min_size=1, unique_by=lambda entry: entry.key),
        st.booleans(),
    ),
)
operations = st.one_of(
    files,
    st.builds(Editing, st.lists(edits, min_size=1, max_size=2).map(tuple), st.integers(0, 2)),
    st.builds(
        Importing,
        st.lists(imported, min_size=1, unique_by=lambda entry: entry.key).map(tuple),
        st.lists(keys, max_size=1).map(tuple),
    ),
    st.builds(Undoing, st.integers(0, 4)),
)


def planned(operation: ImportingFile, snapshot: Snapshot) -> ImportPlan:
    """What a file would do, everything decided; below A, which is a body."""
    choices = Choices(
        target="A",
        source=A_SOURCE,
        as_of=PartialDate(2025),
        is_dated=True,
        certainty=Certainty.PUBLIC,
        columns_confirmed=True,
        withdraw_missing=operation.withdraw,
    )
    file = read_file(operation.content, operation.name, choices, today=MOMENT.date())
    return file.plan(choices, snapshot)


async def carry_out(store: Store, operation: Operation) -> None:
    snapshot = store.snapshot
    match operation:
        case Editing():
            seen = max(0, snapshot.revision - operation.behind)
            proposal = propose(operation.edits, snapshot, seen=seen)
            await store.publish(
                proposal.changed,
                withdrawn=proposal.withdrawn,
                base=proposal.base,
                author="Amt",
                reason="Stand",
                now=MOMENT,
            )
        case Importing():
            gone = {*operation.withdrawn} - {entry.key for entry in operation.changed}
            await store.publish(
                operation.changed,
                withdrawn=[snapshot.entries[key] for key in gone if key in snapshot.entries],
                origin=Origin.IMPORTED,
                author="Amt",
                reason="Liste",
                now=MOMENT,
            )
        case ImportingFile():
            plan = planned(operation, snapshot)
            if not plan.is_ready or plan.changes_nothing:
                raise UnchangedError
            await store.publish(
                plan.entries,
                withdrawn=plan.withdrawn,
                base=snapshot.revision,
                origin=Origin.IMPORTED,
                author="Amt",
                reason="Datei",
                now=MOMENT,
            )
            assert planned(operation, store.snapshot).changes_nothing
        case Undoing():
            await store.undo(
                snapshot.revision - operation.back, author="Amt", reason="zurück", now=MOMENT
            )


@dataclass(slots=True)
class Lines:
    """What led each entry to where it is: the numbers of the revisions that were not taken back.

    Attributes:
        after: After each revision, by key.
        undone: The revisions that were ever taken back.
    """

    after: list[dict[str, tuple[int, ...]]]
    undone: set[int]

    def follow(self, states: Sequence[State], undoing: int | None) -> None:
        """Note the newest revision, which may take one back."""
        number, line = len(states) - 1, dict(self.after[-1])
        for key in touched(states, number):
            former = line.get(key, ()) if undoing is None else self.after[undoing - 1].get(key, ())
            line[key] = former if undoing is not None else (*former, number)
        self.after.append(line)
        if undoing is not None:
            self.undone.add(undoing)


def touched(states: Sequence[State], number: int) -> set[str]:
    before, after = states[number - 1], states[number]
    return {key for key in {*before, *after} if before.get(key) != after.get(key)}


def undone(states: Sequence[State], number: int, lines: Lines) -> State | None:
    """What undoing a revision should lead to; None where something came after it."""
    before, now = states[number - 1], states[-1]
    keys = touched(states, number)
    if any(lines.after[-1].get(key) != lines.after[number].get(key) for key in keys):
        return None
    kept = {key: entry for key, entry in now.items() if key not in keys}
    return kept | {key: before[key] for key in keys if key in before}


async def replayed(database: Database) -> list[State]:
    """The state after each revision, read from nothing but the rows of the log."""
    async with database.reading() as connection:
        numbers = await connection.scalars(select(revision.c.number).order_by(revision.c.number))
        rows = (await connection.execute(select(entry_version))).all()
        states: list[State] = [{}]
        for number in numbers:
            assert number == len(states)
            state = dict(states[-1])
            for row in rows:
                if row.revision == number:
                    state.pop(row.key, None)
                    if not row.withdrawn:
                        state[row.key] = Entry.model_validate(row.content)
            states.append(state)
    return states


def hits(snapshot: Snapshot) -> list[object]:
    return [
        index.search(query) for index in (snapshot.index, snapshot.fact_index) for query in QUERIES
    ]


async def live(url: str, history: Sequence[Operation]) -> None:
    database = Database(url)
    try:
        async with database.writing() as connection:
            await connection.execute(delete(entry_version))
            await connection.execute(delete(revision).where(revision.c.undoes.is_not(None)))
            await connection.execute(delete(revision))
        store, follower = Store(database), Store(database)
        states: list[State] = [{}]
        lines = Lines([{}], set())
        first = Importing(tuple(an_entry(key, kind="body") for key in KEYS), ())
        for operation in (first, *history):
            undoing, expected = None, None
            if isinstance(operation, Undoing) and operation.back < len(states) - 1:
                undoing = len(states) - 1 - operation.back
                expected = undone(states, undoing, lines)
            try:
                await carry_out(store, operation)
            except (
                ConflictError,
                EditError,
                InconsistentError,
                IrreversibleError,
                UnchangedError,
            ) as refusal:
                assert dict(store.snapshot.entries) == states[-1]
                if isinstance(refusal, ConflictError) and isinstance(operation, Undoing):
                    # What brings it back may have been taken back by another way since.
                    assert expected is None or undoing in lines.undone
            else:
                states.append(dict(store.snapshot.entries))
                lines.follow(states, undoing)
                if isinstance(operation, Undoing):
                    assert states[-1] == expected
            if len(states) % 2:
                await follower.refresh()
        await check(database, store, follower, states)
    finally:
        await database.close()


async def check(
    database: Database, store: Store, follower: Store, states: Sequence[State]
) -> None:
    """All ways to read the history agree."""
    assert await replayed(database) == states
    newest = len(states) - 1
    anew = Store(database)
    await anew.refresh()
    await follower.refresh()
    for other in (anew, follower):
        assert other.snapshot.revision == store.snapshot.revision == newest
        assert other.snapshot.entries == store.snapshot.entries
        assert other.snapshot.withdrawn == store.snapshot.withdrawn
        assert hits(other.snapshot) == hits(store.snapshot)
    for earlier in range(newest + 1):
        state = dict(states[earlier])
        for change in await store.changes_between(earlier, newest):
            state.pop(change.after.entry.key, None)
            if not change.after.withdrawn:
                state[change.after.entry.key] = change.after.entry
        assert state == states[-1]


@pytest.fixture
def migrated_url(database_url: str) -> str:
    async def migrate() -> None:
        database = Database(database_url)
        await database.migrate()
        await database.close()

    asyncio.run(migrate())
    return database_url


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(operations, min_size=3, max_size=12))
def test_any_history_leads_where_replaying_its_revisions_leads(
    migrated_url: str, history: list[Operation]
) -> None:
    asyncio.run(live(migrated_url, history))
