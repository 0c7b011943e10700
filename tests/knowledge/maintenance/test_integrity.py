"""Checking a database: each kind of damage is found where it is, and nothing in a healthy one."""

from datetime import timedelta
from itertools import chain

import pytest
from sqlalchemy import Connection, text

from knowledge.answering.ellipsis import Topic
from knowledge.editing.drafts import Content, Drafts
from knowledge.editing.edits import Rename
from knowledge.editing.proposals import propose
from knowledge.inquiries.handed_over import HandedOverQuestions
from knowledge.inquiries.topics import Topics
from knowledge.maintenance.integrity import examine
from knowledge.maintenance.integrity.findings import Area, Circumstances, Fault, Finding
from knowledge.notification.outbox import Outbox
from knowledge.people import People, Role
from knowledge.revisions import Origin
from knowledge.snapshot import Snapshot
from knowledge.storage.database import Database, upgrade
from knowledge.storage.store import Store
from tests.support.builders import A_SOURCE, a_fact, an_entry
from tests.support.clock import MOMENT
from tests.support.full_database import fill

COUNTED = ("outbox", "subscription")
"""Tables whose numbers the database draws."""

NOW = MOMENT + timedelta(minutes=30)
SOURCE = '{"title": "Antwort", "url": "javascript:alert(1)"}'


def seen(snapshot: Snapshot | None) -> Circumstances:
    return Circumstances(now=NOW, question_days=90, rating_days=90, snapshot=snapshot)


async def load(database: Database) -> Snapshot | None:
    store = Store(database)
    try:
        await store.refresh()
    except Exception:
        return None
    return store.snapshot


async def areas(database: Database, circumstances: Circumstances) -> dict[Area, list[Finding]]:
    async with database.reading() as connection:
        return await connection.run_sync(lambda c: dict(examine(c, circumstances)))


async def findings(database: Database) -> list[Finding]:
    found = await areas(database, seen(await load(database)))
    return list(chain.from_iterable(found.values()))


def fill_and_count(connection: Connection) -> None:
    fill(connection)
    if connection.dialect.name == "postgresql":
        for table in COUNTED:
            counter = f"pg_get_serial_sequence('{table}', 'id')"
            connection.execute(text(f"SELECT setval({counter}, (SELECT max(id) FROM {table}))"))


@pytest.fixture
async def full(database: Database) -> Database:
    """A database with rows in every table."""
    async with database.writing() as connection:
        await connection.run_sync(fill_and_count)
    return database


async def damage(database: Database, *statements: str) -> None:
    """Do what no part of the program does, whatever the constraints say."""
    async with database.changing_schema() as connection:
        if not database.is_sqlite:
            await connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            await connection.execute(text(statement.replace(":", r"\:")))


async def test_every_area_is_checked_and_in_order_where_all_tables_have_rows(
    full: Database,
) -> None:
    found = await areas(full, seen(await load(full)))
    assert found == {area: [] for area in Area}


async def test_nothing_is_found_after_everything_that_editors_and_readers_do(
    database: Database,
) -> None:
    store, drafts, people = Store(database), Drafts(database), People(database, [1])
    body = an_entry("ERFURT", kind="body")
    await store.ship([body, an_entry("EF-7", parent="ERFURT", facts=[a_fact()])], now=MOMENT)
    invited = await people.invite(Role.EDITOR, "Amt 50", by=1, now=MOMENT)
    await people.redeem(invited.token, 2, now=MOMENT)
    await people.invite(Role.ADMIN, "Vertretung", by=1, now=MOMENT)
    content = Content(edits=(Rename(entry="EF-7", title="Neu"),))
    draft = await drafts.begin(2, 2, content, base=1, now=MOMENT)
    proposal = propose(draft.content.edits, store.snapshot, seen=draft.base)
    await store.publish(
        proposal.changed,
        base=proposal.base,
        source=A_SOURCE,
        author="Amt 50",
        reason="neuer Name",
        now=MOMENT,
        guards=[people.requires(2, Role.EDITOR), drafts.publishing(draft, now=MOMENT)],
    )
    await store.undo(2, author="admin", reason="doch nicht", now=MOMENT)
    await drafts.begin(2, 2, content, base=3, now=MOMENT)
    imported = an_entry("EF-8", parent="ERFURT")
    for gone in ([], [imported], []):
        await store.publish(
            [] if gone else [imported],
            withdrawn=gone,
            author="Amt 50",
            reason="Import",
            origin=Origin.IMPORTED,
            now=MOMENT,
        )
    await Topics(database).remember(5, Topic("EF-7"), MOMENT)
    await HandedOverQuestions(database, Outbox(database)).add(5, 1, "Wann?", MOMENT)
    assert await findings(database) == []


async def test_a_draft_that_is_kept_to_tell_of_its_end_is_no_fault(full: Database) -> None:
    await damage(full, "UPDATE draft SET expires_at = '2025-10-15 00:00:00+00:00'")
    assert await findings(full) == []


@pytest.mark.parametrize(
    ("statement", "fault", "where", "others"),
    [
        (
            "UPDATE revision SET undoes = 5 WHERE number = 4",
            Fault.UNDOES_LATER,
            "revision 4",
            set(),
        ),
        (
            "UPDATE revision SET origin = 'guessed' WHERE number = 2",
            Fault.UNKNOWN_ORIGIN,
            "revision 2",
            {Fault.NOT_LOADED},
        ),
        (
            f"UPDATE revision SET source = '{SOURCE}' WHERE number = 3",
            Fault.UNREADABLE_SOURCE,
            "revision 3",
            set(),
        ),
        ("DELETE FROM revision WHERE number = 2", Fault.MISSING_REVISIONS, "revision 2", None),
        (
            "UPDATE revision SET number = 9 WHERE number = 5",
            Fault.MISSING_REVISIONS,
            "revisions 5 to 8",
            None,
        ),
        (
            "DELETE FROM revision WHERE number = 5",
            Fault.DANGLING_REFERENCE,
            "table entry_version, column revision",
            {Fault.PLANNER_AHEAD},
        ),
        (
            "DELETE FROM entry_version WHERE revision = 5",
            Fault.EMPTY_REVISION,
            "revision 5",
            set(),
        ),
        (
            'UPDATE entry_version SET content = \'{"key": "EF-2"}\' WHERE revision = 3',
            Fault.UNREADABLE_ENTRY,
            "entry EF-2 in revision 3",
            set(),
        ),
        (
            "UPDATE entry_version SET key = 'EF-9' WHERE key = 'EF-1' AND revision = 2",
            Fault.OTHER_KEY,
            "entry EF-9 in revision 2",
            None,
        ),
        (
            "UPDATE entry_version SET withdrawn = true WHERE revision = 4",
            Fault.WITHDRAWN_UNKNOWN,
            "entry EF-2 in revision 5",
            set(),
        ),
        (
            'UPDATE entry_version SET content = \'{"key": "EF-1", "kind": "measure", '
            '"title": "Kurse", "parent": "GOTHA"}\' WHERE revision = 2',
            Fault.INCONSISTENT,
            "entry EF-1",
            set(),
        ),
        (
            "UPDATE received_update SET received_at = '2025-10-20 08:00:00+00:00' "
            "WHERE update_id = 2",
            Fault.STUCK_UPDATES,
            "table received_update",
            set(),
        ),
        (
            "UPDATE draft SET content = '{\"edits\": 5}' WHERE state = 'open'",
            Fault.UNREADABLE_DRAFT,
            "draft 281474976710655",
            set(),
        ),
        (
            "UPDATE draft SET content = '{\"edits\": []}' WHERE state = 'published'",
            Fault.NOT_ERASED,
            "draft 4",
            set(),
        ),
        ("UPDATE draft SET state = 'half' WHERE id = 4", Fault.UNKNOWN_STATE, "draft 4", set()),
        (
            "UPDATE member SET role = 'king'",
            Fault.UNKNOWN_ROLE,
            "member 4503599627370497",
            set(),
        ),
        (
            "UPDATE invitation SET role = 'king'",
            Fault.UNKNOWN_ROLE,
            f"invitation {'a' * 32}",
            set(),
        ),
        *(
            (
                f"UPDATE {table} SET {column} = '2025-01-01 00:00:00+00:00'",
                Fault.NOT_REMOVED,
                f"table {table}",
                set(),
            )
            for table, column in (
                ("topic", "expires_at"),
                ("invitation", "expires_at"),
                ("draft", "expires_at"),
                ("asked_question", "asked_at"),
                ("handed_over_question", "asked_at"),
                ("chat", "deactivated_at"),
            )
        ),
        (
            "UPDATE feedback SET given_on = '2025-01-01'",
            Fault.NOT_REMOVED,
            "table feedback",
            set(),
        ),
        (
            "UPDATE planned_notice SET planned_at = '2024-01-01 00:00:00+00:00'",
            Fault.NOT_REMOVED,
            "table planned_notice",
            set(),
        ),
        (
            "UPDATE outbox SET finished_at = '2024-01-01 00:00:00+00:00' WHERE id = 4",
            Fault.NOT_REMOVED,
            "table outbox",
            set(),
        ),
        ("UPDATE outbox SET kind = 'joke' WHERE id = 4", Fault.UNKNOWN_KIND, "notice 4", set()),
        ("UPDATE outbox SET state = 'lost' WHERE id = 4", Fault.UNKNOWN_STATE, "notice 4", set()),
        *(
            (f"UPDATE outbox SET {assignment}", fault, "table outbox", set())
            for assignment, fault in (
                ("due_at = finished_at WHERE id = 4", Fault.NEITHER_OPEN_NOR_DONE),
                ("due_at = NULL WHERE id = 1", Fault.NEITHER_OPEN_NOR_DONE),
                ("message_id = NULL", Fault.SENT_UNSEEN),
                (
                    "state = 'claimed', due_at = '2025-10-20 08:00:00+00:00' WHERE id = 1",
                    Fault.NOT_SENT,
                ),
                ("due_at = '2025-10-16 08:00:00+00:00' WHERE id = 1", Fault.NOT_SENT),
            )
        ),
        *(
            (f"UPDATE subscription SET {assignment} WHERE id = 3", fault, "subscription 3", set())
            for assignment, fault in (
                ("scope = 'all'", Fault.UNREADABLE_SUBSCRIPTION),
                ("interests = '[\"gossip\"]'", Fault.UNREADABLE_SUBSCRIPTION),
                ("entry = 'EF-99'", Fault.SUBSCRIBED_UNKNOWN),
            )
        ),
        *(
            (
                f"UPDATE chat_settings SET {assignment}",
                Fault.UNREADABLE_SETTINGS,
                "chat 4503599627370497",
                set(),
            )
            for assignment in ("zone = 'Mond'", "pace = 'hourly'", "hour = 24")
        ),
        ("UPDATE planner SET revision = 6", Fault.PLANNER_AHEAD, "the planner", set()),
        ("UPDATE planner SET id = 2", Fault.OTHER_PLANNER, "the planner", set()),
        ("INSERT INTO planner VALUES (2, 5)", Fault.OTHER_PLANNER, "the planner", set()),
        ("DELETE FROM planner", Fault.OTHER_PLANNER, "the planner", set()),
        (
            "INSERT INTO member VALUES (7, 'editor', 'JÖRG (Amt 50)', '2026-01-01 00:00:00')",
            Fault.SAME_LABEL,
            "member 7",
            set(),
        ),
        ("DROP INDEX ix_topic_expires_at", Fault.OTHER_SCHEMA, "the database", set()),
        ("ALTER TABLE topic ADD COLUMN more TEXT", Fault.OTHER_TABLES, "the database", set()),
        ("ALTER TABLE chat DROP COLUMN reason", Fault.OTHER_TABLES, "the database", None),
        ("DROP TABLE upload", Fault.OTHER_TABLES, "the database", None),
        ("DROP TABLE alembic_version", Fault.UNKNOWN_SCHEMA, "the database", set()),
        ("DELETE FROM alembic_version", Fault.UNKNOWN_SCHEMA, "the database", set()),
        (
            "INSERT INTO alembic_version VALUES ('0001')",
            Fault.UNKNOWN_SCHEMA,
            "the database",
            set(),
        ),
        (
            "UPDATE alembic_version SET version_num = '9999'",
            Fault.NEWER_SCHEMA,
            "schema 9999",
            set(),
        ),
    ],
)
async def test_damage_is_found_where_it_is(
    full: Database, statement: str, fault: Fault, where: str, others: set[Fault] | None
) -> None:
    await damage(full, statement)
    found = await findings(full)
    assert (fault, where) in {(finding.fault, finding.where) for finding in found}
    if others is not None:
        assert {finding.fault for finding in found} - {fault} == others


async def test_what_waits_for_a_digest_through_a_long_pause_is_no_fault(full: Database) -> None:
    await damage(
        full,
        "UPDATE planned_notice SET planned_at = '2024-01-01 00:00:00+00:00', sent_as = NULL, "
        "content = '{}'",
    )
    assert await findings(full) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("assignment", "place"),
    [
        ("entry_version SET content = '{'", "table entry_version, column content"),
        ("revision SET created_at = 'gestern'", "table revision, column created_at"),
        ("feedback SET given_on = 5", "table feedback, column given_on"),
        ("entry_version SET withdrawn = 7", "table entry_version, column withdrawn"),
        ("chat_settings SET quiet_from = 'früh'", "table chat_settings, column quiet_from"),
        ("draft SET base = 'fünf'", "table draft, column base"),
        ("member SET label = x'00'", "table member, column label"),
        ("asked_question SET text = hex(zeroblob(300))", "table asked_question, column text"),
        ("member SET label = cast(x'ff41' AS TEXT)", "table member, column label"),
        ("chat_settings SET quiet_from = 8", "table chat_settings, column quiet_from"),
        ("chat_settings SET paused_until = 20261128", "table chat_settings, column paused_until"),
        ("feedback SET given_on = '2026-11-28 10:00'", "table feedback, column given_on"),
        *(
            (f"revision SET created_at = {moment!r}", "table revision, column created_at")
            for moment in (
                *("0000-01-01 00:00:00", "2026-02-30 10:00:00", "now", "12:00", "2460000.5"),
                "0001-01-01 00:00:00+05:00",
            )
        ),
    ],
)
async def test_values_that_sqlite_should_not_have_taken_are_found(
    full: Database, assignment: str, place: str
) -> None:
    await damage(full, f"UPDATE {assignment}")
    found = await findings(full)
    assert (Fault.UNREADABLE_VALUES, place) in {(f.fault, f.where) for f in found}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_first_rows_with_values_that_cannot_be_read_are_named(full: Database) -> None:
    await damage(full, "UPDATE revision SET created_at = 'now' WHERE number > 1")
    found = next(f for f in await findings(full) if f.fault is Fault.UNREADABLE_VALUES)
    assert found.detail == "4 rows: rowid 2, 3, 4, …"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_the_last_moment_that_the_program_can_read_is_no_fault(full: Database) -> None:
    await damage(full, "UPDATE revision SET created_at = '9999-12-31 23:59:59.999999'")
    assert await findings(full) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_number_instead_of_a_time_keeps_no_other_check_from_running(
    full: Database,
) -> None:
    await damage(
        full, "UPDATE chat_settings SET quiet_from = 8", "UPDATE member SET role = 'king'"
    )
    found = await areas(full, seen(await load(full)))
    assert found.keys() == set(Area)
    assert [f.fault for f in found[Area.PEOPLE]] == [Fault.UNKNOWN_ROLE]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_counter_that_stayed_behind_is_found(database: Database) -> None:
    async with database.writing() as connection:
        await connection.run_sync(fill)
    found = {(finding.fault, finding.where) for finding in await findings(database)}
    assert found == {(Fault.COUNTER_BEHIND, f"table {table}") for table in COUNTED}


async def test_a_knowledge_base_that_differs_from_its_log_is_found(full: Database) -> None:
    loaded = await load(full)
    assert loaded is not None
    other = loaded.updated([an_entry("EF-3", parent="ERFURT")], ["EF-1"])
    found = await areas(full, seen(other))
    assert [f.where for f in found[Area.SNAPSHOT]] == ["entry EF-1", "entry EF-3"]
    (broken,) = (await areas(full, seen(None)))[Area.SNAPSHOT]
    assert broken.fault is Fault.NOT_LOADED


async def test_what_seems_not_to_fit_to_an_entry_that_cannot_be_read_is_not_told(
    full: Database,
) -> None:
    await damage(full, "UPDATE entry_version SET content = '{}' WHERE key = 'ERFURT'")
    assert {finding.fault for finding in await findings(full)} == {
        Fault.UNREADABLE_ENTRY,
        Fault.NOT_LOADED,
    }


@pytest.mark.parametrize(
    ("change", "details"),
    [
        ("DROP TABLE topic", {"missing table topic", "missing index ix_topic_expires_at"}),
        ("ALTER TABLE chat ADD COLUMN more TEXT", {"unknown column chat more"}),
        ("ALTER TABLE chat DROP COLUMN reason", {"missing column chat reason"}),
    ],
)
async def test_nothing_about_tables_of_which_no_backup_helps_is_to_be_mended_by_one(
    full: Database, change: str, details: set[str]
) -> None:
    await damage(full, change)
    found = (await areas(full, seen(None)))[Area.SCHEMA]
    assert {finding.fault for finding in found} == {Fault.OTHER_TABLES}
    assert {finding.detail for finding in found} == details


async def test_a_part_of_a_table_that_an_index_should_be_of_is_missed(full: Database) -> None:
    await damage(
        full,
        "DELETE FROM draft WHERE state <> 'open'",
        "DROP INDEX uq_draft_user_id",
        "CREATE UNIQUE INDEX uq_draft_user_id ON draft (user_id, chat_id)",
    )
    (found,) = await findings(full)
    assert (found.fault, found.where) == (Fault.OTHER_SCHEMA, "table draft")
    assert found.detail == "index uq_draft_user_id is of all rows"


async def test_a_trigger_is_found_for_the_program_has_none(full: Database) -> None:
    if full.is_sqlite:
        await damage(full, "CREATE TRIGGER spy AFTER INSERT ON topic BEGIN DELETE FROM topic; END")
    else:
        await damage(
            full,
            "CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "CREATE TRIGGER spy AFTER INSERT ON topic EXECUTE FUNCTION spy()",
        )
    (found,) = await findings(full)
    assert found == Finding(Fault.TRIGGER, "table topic", "trigger spy")


async def test_a_planner_that_has_not_begun_is_no_fault(database: Database) -> None:
    assert await findings(database) == []


async def test_what_was_published_since_loading_is_no_difference(full: Database) -> None:
    loaded = await load(full)
    await Store(full).publish([an_entry("X")], author="Amt", reason="neu", now=NOW)
    assert (await areas(full, seen(loaded)))[Area.SNAPSHOT] == []


async def test_of_an_older_schema_only_that_is_said(database_url: str) -> None:
    database = Database(database_url)
    async with database.changing_schema() as connection:
        await connection.run_sync(upgrade, "0001")
    (found,) = await findings(database)
    assert (found.fault, found.where) == (Fault.OLDER_SCHEMA, "schema 0001")
    await database.close()


async def test_tables_of_others_in_the_same_database_are_none_of_our_business(
    full: Database,
) -> None:
    await damage(full, "CREATE TABLE spatial_ref_sys (id INTEGER PRIMARY KEY)")
    assert await findings(full) == []


async def test_a_check_that_fails_does_not_keep_the_others_from_running(full: Database) -> None:
    await damage(full, "DROP TABLE draft", "UPDATE member SET role = 'king'")
    found = await areas(full, seen(await load(full)))
    assert [f.fault for f in found[Area.DRAFTS]] == [Fault.CHECK_FAILED]
    assert [f.fault for f in found[Area.PEOPLE]] == [Fault.UNKNOWN_ROLE]
