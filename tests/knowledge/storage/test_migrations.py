"""Migrations: from nothing to the schema of the program, back, and up again."""

from collections.abc import Callable
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, delete, insert, inspect, text

from knowledge.revisions import Origin
from knowledge.storage.database import Database, alembic_config, schema_revisions, upgrade
from knowledge.storage.store import Store
from knowledge.storage.tables import METADATA, entry_version, outbox, revision, subscription
from tests.support.clock import MOMENT
from tests.support.full_database import ROWS, content

TABLES = set(METADATA.tables)

FIRST_EDIT = {
    "number": 1,
    "created_at": MOMENT,
    "author": "Amt",
    "origin": "edited",
    "reason": "neu",
}

FIRST_REVISIONS = """
INSERT INTO revision (number, created_at, author, reason) VALUES
(1, '2025-10-20 09:30:00', 'shipped', 'shipped'), (2, '2025-10-21 09:30:00', 'Amt', 'neu')
"""
FIRST_VERSIONS = """
INSERT INTO entry_version (key, revision, withdrawn, content) VALUES
('A', 1, false, '{"key": "A", "kind": "term", "title": "alt"}'),
('A', 2, false, '{"key": "A", "kind": "term", "title": "neu"}')
"""


async def in_own_transaction(database: Database, work: Callable[[Connection], Any]) -> Any:
    async with database.engine.begin() as connection:
        return await connection.run_sync(work)


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def differences(connection: Connection) -> list[Any]:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, METADATA))


def stepping(step: Callable[[Config, str], None], to: str) -> Callable[[Connection], None]:
    return lambda connection: step(alembic_config(connection), to)


async def test_an_empty_database_gets_all_tables(database_url: str) -> None:
    database = Database(database_url)
    assert await in_own_transaction(database, tables) == set()
    await database.migrate()
    assert await in_own_transaction(database, tables) == TABLES
    await database.close()


async def test_migrating_again_changes_nothing(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(revision), FIRST_EDIT)
    await database.migrate()
    async with database.reading() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM revision")) == 1


async def test_the_schema_does_not_differ_from_the_tables_of_the_program(
    database: Database,
) -> None:
    assert await in_own_transaction(database, differences) == []


async def test_the_comparison_would_notice_a_difference(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("DROP INDEX ix_topic_expires_at"))
    ((what, index),) = await in_own_transaction(database, differences)
    assert (what, index.name) == ("add_index", "ix_topic_expires_at")


async def test_every_step_goes_down_and_up_again(database: Database) -> None:
    scripts = list(ScriptDirectory.from_config(alembic_config()).walk_revisions())
    for _ in scripts:
        await in_own_transaction(database, stepping(command.downgrade, "-1"))
    assert await in_own_transaction(database, tables) == set()
    for _ in scripts:
        await in_own_transaction(database, stepping(command.upgrade, "+1"))
    assert await in_own_transaction(database, differences) == []


@pytest.mark.parametrize("schema", schema_revisions())
async def test_a_database_of_any_schema_is_brought_up_to_date_with_all_it_holds(
    database_url: str, schema: str
) -> None:
    database = Database(database_url)
    async with database.changing_schema() as connection:
        await connection.run_sync(upgrade, schema)
        held = await connection.run_sync(fill_what_there_is)
    assert held["revision"]
    assert held["entry_version"]
    await database.migrate()
    assert await in_own_transaction(database, differences) == []
    async with database.reading() as connection:
        now = await connection.run_sync(content)
    for name, rows in held.items():
        kept = [{column: row[column] for column in rows[0]} for row in now[name]]
        assert sorted(kept, key=str) == sorted(rows, key=str)
    await database.close()


def fill_what_there_is(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    """Insert what a schema has a place for, and return it by table."""
    held = {}
    for table in METADATA.sorted_tables:
        if inspect(connection).has_table(table.name):
            there = {column["name"] for column in inspect(connection).get_columns(table.name)}
            held[table.name] = [
                {name: value for name, value in row.items() if name in there}
                for row in ROWS[table.name]
            ]
            connection.execute(insert(table), held[table.name])
    return held


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("since", ["0005", schema_revisions()[0]])
async def test_numbers_that_leave_the_database_are_given_once_whatever_schema_it_began_with(
    database_url: str, since: str
) -> None:
    def next_after_the_last_is_deleted(connection: Connection) -> list[int]:
        drawn: list[int] = []
        for table in (outbox, subscription):
            connection.execute(delete(table))
            row = ROWS[table.name][0]
            row = {column: value for column, value in row.items() if column != "id"}
            drawn += connection.scalars(insert(table).returning(table.c.id), row)
        return drawn

    database = Database(database_url)
    async with database.changing_schema() as connection:
        await connection.run_sync(upgrade, since)
        await connection.run_sync(fill_what_there_is)
    await database.migrate()
    assert await in_own_transaction(database, next_after_the_last_is_deleted) == [5, 6]
    await database.close()


def test_there_is_one_way_to_the_newest_schema() -> None:
    scripts = ScriptDirectory.from_config(alembic_config())
    assert len(scripts.get_heads()) == len(scripts.get_bases()) == 1


async def test_constraints_have_names_that_a_migration_can_use(database: Database) -> None:
    def names(connection: Connection) -> list[str | None]:
        found: list[str | None] = []
        for table in sorted(TABLES):
            found.append(inspect(connection).get_pk_constraint(table)["name"])
            found += [key["name"] for key in inspect(connection).get_foreign_keys(table)]
        return found

    # SQLite has a number that is given once with its column, where SQLAlchemy names nothing.
    counted = None if database.is_sqlite else "pk_{}"
    assert await in_own_transaction(database, names) == [
        "pk_asked_question",
        "pk_chat",
        "pk_chat_settings",
        "pk_draft",
        "pk_entry_version",
        "fk_entry_version_revision_revision",
        "pk_feedback",
        "pk_handed_over_question",
        "pk_invitation",
        "pk_member",
        counted and counted.format("outbox"),
        "pk_planned_notice",
        "pk_planner",
        "pk_received_update",
        "pk_revision",
        "fk_revision_undoes_revision",
        counted and counted.format("subscription"),
        "pk_topic",
        "pk_tracked_date",
        "pk_upload",
    ]


async def test_revisions_of_the_first_schema_survive_and_get_their_origin(
    database: Database,
) -> None:
    scripts = len(list(ScriptDirectory.from_config(alembic_config()).walk_revisions()))
    await in_own_transaction(database, stepping(command.downgrade, f"-{scripts - 1}"))
    async with database.writing() as connection:
        await connection.execute(text(FIRST_REVISIONS))
        await connection.execute(text(FIRST_VERSIONS))
    await database.migrate()
    store = Store(database)
    (edited, shipped) = await store.log(limit=10)
    assert (shipped.origin, edited.origin) == (Origin.SHIPPED, Origin.EDITED)
    assert (edited.author, edited.source, edited.undoes) == ("Amt", None, None)
    assert [v.entry.title for v in await store.history("A")] == ["neu", "alt"]
    assert await store.undo(2, author="Amt", reason="zurück", now=MOMENT) == 3


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_migrating_leaves_no_dangling_reference_in_sqlite(database: Database) -> None:
    async with database.writing() as connection:
        await connection.execute(insert(revision), FIRST_EDIT)
        await connection.execute(
            insert(entry_version),
            {"key": "A", "revision": 1, "withdrawn": False, "content": {"key": "A"}},
        )
    await database.migrate()
    async with database.reading() as connection:
        assert (await connection.execute(text("PRAGMA foreign_key_check"))).all() == []
        assert await connection.scalar(text("SELECT count(*) FROM entry_version")) == 1
