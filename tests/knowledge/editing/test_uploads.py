"""Uploads: one per editor, published once, erased when done, gone after a day."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from knowledge.editing.uploads import LONGEST_NAME, MISSED, VALID, Upload, UploadError, Uploads
from knowledge.entries import Certainty, Phase, Source
from knowledge.exchange import Choices, Column
from knowledge.partial_date import PartialDate
from knowledge.people import People, Role
from knowledge.storage.database import Database
from knowledge.storage.store import Store, UnchangedError
from knowledge.storage.tables import upload
from tests.support.builders import an_entry
from tests.support.clock import FakeClock

EVA, ADMIN = 6_000_000_000, 1
CONTENT = b"Nr.;Ma\xdfnahme\x00"
DECIDED = Choices(
    target="EF-MP",
    source=Source(title="Liste", reference="DS 1/25"),
    as_of=PartialDate(2025, 10),
    is_dated=True,
    certainty=Certainty.OFFICIAL,
    sheet="Blatt 1",
    columns={2: Column.STATUS, 3: None},
    columns_confirmed=True,
    phases={"grün": Phase.DONE, "siehe oben": None},
    withdraw_missing=True,
)


@pytest.fixture
def uploads(database: Database) -> Uploads:
    return Uploads(database)


async def began(uploads: Uploads, clock: FakeClock, *, user_id: int = EVA) -> Upload:
    return await uploads.begin(user_id, "plan.csv", CONTENT, Choices(), base=3, now=clock())


async def kept(database: Database) -> int:
    async with database.reading() as connection:
        return int(await connection.scalar(select(func.count()).select_from(upload)) or 0)


async def test_file_and_decisions_come_back_as_they_were(
    uploads: Uploads, clock: FakeClock
) -> None:
    first = await began(uploads, clock)
    saved = await uploads.save(first, DECIDED, base=4, now=clock())
    assert (saved.version, saved.base, saved.content) == (2, 4, CONTENT)
    assert saved.choices == DECIDED
    assert await uploads.load(first.id, EVA, version=2, now=clock()) == saved
    assert await uploads.open(EVA, now=clock()) == saved


async def test_an_editor_imports_one_file_at_a_time(
    uploads: Uploads, database: Database, clock: FakeClock
) -> None:
    first = await began(uploads, clock)
    second = await began(uploads, clock)
    other = await began(uploads, clock, user_id=ADMIN)
    assert await kept(database) == 2
    assert await uploads.open(EVA, now=clock()) == second
    assert await uploads.open(ADMIN, now=clock()) == other
    with pytest.raises(UploadError):
        await uploads.save(first, DECIDED, base=3, now=clock())


async def test_two_files_at_once_leave_one(
    uploads: Uploads, database: Database, clock: FakeClock
) -> None:
    await asyncio.gather(*(began(uploads, clock) for _ in range(5)))
    assert await kept(database) == 1


async def test_only_the_editor_and_only_the_newest_version_gets_it(
    uploads: Uploads, clock: FakeClock
) -> None:
    first = await began(uploads, clock)
    for user_id, version in ((ADMIN, 1), (EVA, 2)):
        with pytest.raises(UploadError):
            await uploads.load(first.id, user_id, version=version, now=clock())
    await uploads.save(first, DECIDED, base=3, now=clock())
    with pytest.raises(UploadError):
        await uploads.load(first.id, EVA, version=1, now=clock())
    with pytest.raises(UploadError):
        await uploads.save(first, DECIDED, base=3, now=clock())
    with pytest.raises(UploadError):
        await uploads.discard(first)


async def test_a_file_is_gone_a_day_after_the_last_decision(
    uploads: Uploads, database: Database, clock: FakeClock
) -> None:
    first = await began(uploads, clock)
    clock.advance(VALID - timedelta(seconds=1))
    saved = await uploads.save(first, DECIDED, base=3, now=clock())
    clock.advance(VALID)
    assert await uploads.open(EVA, now=clock()) is None
    with pytest.raises(UploadError):
        await uploads.save(saved, DECIDED, base=3, now=clock())
    assert await uploads.forget_expired(clock()) == 1
    async with database.reading() as connection:
        (left,) = await connection.execute(select(upload.c.content, upload.c.choices))
    assert tuple(left) == (b"", {})
    assert await uploads.open(EVA, now=clock()) is None
    assert await uploads.lapsed(EVA, now=clock()) == first.name
    clock.advance(MISSED)
    assert await uploads.forget_expired(clock()) == 1
    assert await uploads.lapsed(EVA, now=clock()) is None
    assert await kept(database) == 0


async def test_a_discarded_file_is_erased(
    uploads: Uploads, database: Database, clock: FakeClock
) -> None:
    await uploads.discard(await began(uploads, clock))
    assert await kept(database) == 0


async def test_a_file_is_published_once_and_erased_with_it(
    uploads: Uploads, database: Database, clock: FakeClock
) -> None:
    store = Store(database)
    first = await began(uploads, clock)

    async def publish() -> int:
        return await store.publish(
            [an_entry("A", kind="term")],
            author="Eva",
            reason="Liste",
            now=clock(),
            guards=[uploads.publishing(first, now=clock())],
        )

    outcomes = await asyncio.gather(*(publish() for _ in range(4)), return_exceptions=True)
    assert sorted(type(o).__name__ for o in outcomes) == ["UploadError"] * 3 + ["int"]
    async with database.reading() as connection:
        (left,) = await connection.execute(select(upload.c.name, upload.c.content))
    assert tuple(left) == ("", b"")
    assert await uploads.open(EVA, now=clock()) is None
    clock.advance(VALID)
    assert await uploads.forget_expired(clock()) == 1


async def test_of_a_published_file_it_is_known_as_which_revision_until_the_next_is_begun(
    uploads: Uploads, database: Database, clock: FakeClock
) -> None:
    first = await began(uploads, clock)
    number = await Store(database).publish(
        [an_entry("A", kind="term")],
        author="Eva",
        reason="Liste",
        now=clock(),
        guards=[uploads.publishing(first, now=clock())],
    )
    for user_id, known in ((EVA, number), (ADMIN, None)):
        with pytest.raises(UploadError) as refused:
            await uploads.load(first.id, user_id, version=1, now=clock())
        assert refused.value.revision == known
    await began(uploads, clock)
    with pytest.raises(UploadError) as refused:
        await uploads.load(first.id, EVA, version=1, now=clock())
    assert refused.value.revision is None


async def test_a_publication_that_fails_keeps_the_file(
    uploads: Uploads, database: Database, clock: FakeClock
) -> None:
    first = await began(uploads, clock)
    with pytest.raises(UnchangedError):
        await Store(database).publish(
            [],
            author="Eva",
            reason="Liste",
            now=clock(),
            guards=[uploads.publishing(first, now=clock())],
        )
    assert await uploads.open(EVA, now=clock()) == first


async def test_who_becomes_a_reader_leaves_no_file_behind(
    uploads: Uploads, database: Database, clock: FakeClock
) -> None:
    people = People(database, [ADMIN])
    invited = await people.invite(Role.EDITOR, "Eva", by=ADMIN, now=clock())
    await people.redeem(invited.token, EVA, now=clock())
    await began(uploads, clock)
    await people.set_role(EVA, Role.READER, by=ADMIN, now=clock())
    assert await kept(database) == 0


async def test_a_name_is_kept_so_that_databases_take_it(
    uploads: Uploads, clock: FakeClock
) -> None:
    name = f"{'n' * 500}\0\ud83d.csv"
    kept_as = await uploads.begin(EVA, name, b"", Choices(), base=0, now=clock())
    assert kept_as == await uploads.open(EVA, now=clock())
    assert kept_as.name.endswith("?.csv")
    assert len(kept_as.name) == LONGEST_NAME


async def test_what_another_version_of_the_program_wrote_counts_as_gone(
    uploads: Uploads, database: Database, clock: FakeClock
) -> None:
    await began(uploads, clock)
    async with database.writing() as connection:
        await connection.execute(update(upload).values(choices={"colour": "red"}))
    assert await uploads.open(EVA, now=clock()) is None
