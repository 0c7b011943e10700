"""Drafts: one open per editor and chat, published once, gone after a day."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from knowledge.editing.drafts import MISSED, VALID, Closed, Content, Draft, DraftError, Drafts
from knowledge.editing.edits import Form, Rename, SetStatus
from knowledge.editing.proposals import propose
from knowledge.entries import Entry, Fact
from knowledge.exchange import Choices
from knowledge.storage.database import Database
from knowledge.storage.store import ConflictError, Store
from knowledge.storage.tables import draft
from tests.support.builders import A_SOURCE, an_entry
from tests.support.clock import FakeClock

EVA, CHAT = 6_000_000_000, -1_002_000_000_000

ASKING = Content(
    edits=[
        SetStatus(
            entry="EF-7",
            phase="done",
            text="Fertig.",
            sources=[A_SOURCE],
            as_of="Ende 2025",
            certainty="official",
        )
    ],
    form=Form(do="set_due").filled(entry="EF-7", due="2026-03"),
)
RENAMING = Content(edits=[Rename(entry="EF-7", title="Neu")])


@pytest.fixture
def drafts(database: Database) -> Drafts:
    return Drafts(database)


async def began(drafts: Drafts, clock: FakeClock, **fields: Any) -> Draft:
    given: dict[str, Any] = {"user_id": EVA, "chat_id": CHAT, "content": RENAMING, "base": 1}
    return await drafts.begin(**(given | fields), now=clock())


async def closed(why: Closed, drafts: Drafts, former: Draft, clock: FakeClock) -> None:
    """Every use of a draft that is closed says why."""
    for attempt in (
        drafts.load(former.id, former.user_id, version=former.version, now=clock()),
        drafts.save(former, RENAMING, now=clock()),
        drafts.discard(former, now=clock()),
    ):
        with pytest.raises(DraftError, match=f"^{why}$"):
            await attempt


async def test_a_draft_survives_a_restart(database: Database, clock: FakeClock) -> None:
    begun = await began(Drafts(database), clock, content=ASKING, base=7)
    reopened = Database(database.url.render_as_string(hide_password=False))
    again = Drafts(reopened)
    loaded = await again.load(begun.id, EVA, version=1, now=clock())
    assert loaded == begun
    assert (loaded.content, loaded.base) == (ASKING, 7)
    assert loaded.content.form is not None
    assert loaded.content.form.missing == ("text", "sources", "as_of", "certainty")
    assert await again.open(EVA, CHAT, now=clock()) == begun
    await reopened.close()


async def test_there_is_one_open_draft_per_editor_and_chat(
    drafts: Drafts, clock: FakeClock
) -> None:
    first = await began(drafts, clock)
    others = [await began(drafts, clock, user_id=1), await began(drafts, clock, chat_id=1)]
    second = await began(drafts, clock, content=ASKING, base=9)
    await closed(Closed.CHANGED, drafts, first, clock)
    assert await drafts.open(EVA, CHAT, now=clock()) == second
    assert (second.content, second.base) == (ASKING, 9)
    for other in others:
        assert await drafts.open(other.user_id, other.chat_id, now=clock()) == other
    assert await drafts.open(EVA, 2, now=clock()) is None


async def test_drafts_begun_at_once_are_one(
    drafts: Drafts, database: Database, clock: FakeClock
) -> None:
    begun = await asyncio.gather(*(began(drafts, clock) for _ in range(8)))
    assert sorted(found.version for found in begun) == list(range(1, 9))
    async with database.reading() as connection:
        assert await connection.scalar(select(func.count()).select_from(draft)) == 1


async def test_what_is_saved_is_kept_for_another_day(drafts: Drafts, clock: FakeClock) -> None:
    begun = await began(drafts, clock)
    clock.advance(VALID - timedelta(seconds=1))
    saved = await drafts.save(begun, ASKING, now=clock(), base=4)
    clock.advance(VALID - timedelta(seconds=1))
    assert await drafts.load(begun.id, EVA, version=2, now=clock()) == saved
    assert (saved.content, saved.base, saved.version) == (ASKING, 4, 2)
    await closed(Closed.CHANGED, drafts, begun, clock)


async def test_of_two_presses_at_once_one_counts(drafts: Drafts, clock: FakeClock) -> None:
    begun = await began(drafts, clock)
    saved = await asyncio.gather(
        *(drafts.save(begun, ASKING, now=clock()) for _ in range(5)), return_exceptions=True
    )
    assert sum(isinstance(result, Draft) for result in saved) == 1
    assert {r.why for r in saved if isinstance(r, DraftError)} == {Closed.CHANGED}


async def test_a_draft_ends_after_a_day(drafts: Drafts, clock: FakeClock) -> None:
    begun = await began(drafts, clock)
    clock.advance(VALID)
    await closed(Closed.EXPIRED, drafts, begun, clock)
    assert await drafts.open(EVA, CHAT, now=clock()) is None
    assert await drafts.forget_expired(clock()) == 0
    clock.advance(MISSED)
    assert await drafts.forget_expired(clock()) == 1
    await closed(Closed.UNKNOWN, drafts, begun, clock)


async def test_a_draft_that_ended_is_known_for_a_week_unless_it_was_closed(
    drafts: Drafts, clock: FakeClock
) -> None:
    begun = await began(drafts, clock)
    await drafts.discard(await began(drafts, clock, chat_id=1), now=clock())
    assert await drafts.lapsed(EVA, CHAT, now=clock()) is None
    clock.advance(VALID)
    assert await drafts.forget_expired(clock()) == 1
    assert await drafts.lapsed(EVA, CHAT, now=clock()) == begun
    assert await drafts.lapsed(EVA + 1, CHAT, now=clock()) is None
    assert await drafts.lapsed(EVA, 1, now=clock()) is None


async def test_a_draft_that_ended_is_forgotten_but_not_the_one_in_its_place(
    drafts: Drafts, clock: FakeClock
) -> None:
    former = await began(drafts, clock)
    clock.advance(VALID)
    begun = await began(drafts, clock)
    await drafts.forget(former)
    assert await drafts.open(EVA, CHAT, now=clock()) == begun
    clock.advance(VALID)
    await drafts.forget(begun)
    assert await drafts.lapsed(EVA, CHAT, now=clock()) is None


async def test_after_one_that_ended_another_can_be_begun(drafts: Drafts, clock: FakeClock) -> None:
    former = await began(drafts, clock)
    clock.advance(VALID)
    begun = await began(drafts, clock)
    assert await drafts.open(EVA, CHAT, now=clock()) == begun
    await closed(Closed.CHANGED, drafts, former, clock)


async def test_a_discarded_draft_is_emptied_and_closed(
    drafts: Drafts, database: Database, clock: FakeClock
) -> None:
    begun = await began(drafts, clock)
    await drafts.discard(begun, now=clock())
    await closed(Closed.DISCARDED, drafts, begun, clock)
    async with database.reading() as connection:
        assert (await connection.execute(select(draft.c.content))).all() == [(None,)]
    assert (await began(drafts, clock)).id != begun.id


async def test_somebody_elses_draft_does_not_exist(drafts: Drafts, clock: FakeClock) -> None:
    begun = await began(drafts, clock)
    for attempt in (
        drafts.load(begun.id, EVA + 1, version=1, now=clock()),
        drafts.load(begun.id + 1, EVA, version=1, now=clock()),
    ):
        with pytest.raises(DraftError, match=r"^unknown$"):
            await attempt


@pytest.mark.parametrize(
    "content",
    [None, {"edits": [{"do": "drop_table"}]}, {"edits": [{"do": "rename"}]}, {"forms": 1}],
)
async def test_what_another_version_of_the_program_wrote_counts_as_ended(
    drafts: Drafts, database: Database, clock: FakeClock, content: object
) -> None:
    begun = await began(drafts, clock)
    async with database.writing() as connection:
        await connection.execute(update(draft).values(content=content))
    with pytest.raises(DraftError, match=r"^expired$"):
        await drafts.load(begun.id, EVA, version=1, now=clock())
    assert await drafts.open(EVA, CHAT, now=clock()) is None


async def test_a_draft_from_before_messages_were_noted_goes_on(
    drafts: Drafts, database: Database, clock: FakeClock
) -> None:
    begun = await began(drafts, clock)
    former = RENAMING.model_dump(mode="json", exclude={"begun", "taken"})
    async with database.writing() as connection:
        await connection.execute(update(draft).values(content=former))
    assert await drafts.open(EVA, CHAT, now=clock()) == begun


async def test_a_draft_is_published_once_however_often_it_is_pressed(
    drafts: Drafts, database: Database, clock: FakeClock
) -> None:
    store = Store(database)
    await store.publish([an_entry()], author="Amt", reason="neu", now=clock())
    begun = await began(drafts, clock)
    proposal = propose(begun.content.edits, store.snapshot, seen=begun.base)

    async def press() -> int:
        return await store.publish(
            proposal.changed,
            author="Amt",
            reason="Stand",
            now=clock(),
            base=proposal.base,
            guards=[drafts.publishing(begun, now=clock())],
        )

    results = await asyncio.gather(*(press() for _ in range(6)), return_exceptions=True)
    assert [result for result in results if not isinstance(result, BaseException)] == [2]
    refusals = [result for result in results if isinstance(result, DraftError)]
    assert {(error.why, error.revision) for error in refusals} == {(Closed.PUBLISHED, 2)}
    assert len(refusals) == 5
    assert [version.entry.title for version in await store.history("EF-7")] == [
        "Neu",
        "Eintrag EF-7",
    ]
    await closed(Closed.PUBLISHED, drafts, begun, clock)


async def test_a_draft_whose_publication_is_refused_stays_open(
    drafts: Drafts, database: Database, clock: FakeClock
) -> None:
    store = Store(database)
    await store.publish([an_entry()], author="Amt", reason="neu", now=clock())
    begun = await began(drafts, clock)
    proposal = propose(begun.content.edits, store.snapshot, seen=begun.base)
    other = an_entry(title="Anders")
    await store.publish([other], author="Büro", reason="schneller", now=clock())
    with pytest.raises(ConflictError):
        await store.publish(
            proposal.changed,
            author="Amt",
            reason="Stand",
            now=clock(),
            base=proposal.base,
            guards=[drafts.publishing(begun, now=clock())],
        )
    assert await drafts.open(EVA, CHAT, now=clock()) == begun


async def test_an_ended_draft_is_not_published(
    drafts: Drafts, database: Database, clock: FakeClock
) -> None:
    begun = await began(drafts, clock)
    clock.advance(VALID)
    guard = drafts.publishing(begun, now=clock())
    with pytest.raises(DraftError, match=r"^expired$"):
        await Store(database).publish(
            [an_entry()], author="Amt", reason="neu", now=clock(), guards=[guard]
        )


async def test_the_database_knows_one_open_draft_per_editor_and_chat(
    drafts: Drafts, database: Database, clock: FakeClock
) -> None:
    begun = await began(drafts, clock)
    await drafts.discard(begun, now=clock())
    await began(drafts, clock)
    row = {"user_id": EVA, "chat_id": CHAT, "version": 1, "base": 1, "expires_at": clock()}
    async with database.writing() as connection:
        await connection.execute(insert(draft).values(id=5, state="discarded", **row))
    with pytest.raises(IntegrityError):
        async with database.writing() as connection:
            await connection.execute(insert(draft).values(id=6, state="open", **row))


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Entry, {"key": "Frau Vertraulich", "kind": "Vertraulich", "title": "Vertraulich" * 99}),
        (Fact, {"text": "Vertraulich" * 999, "sources": "Vertraulich"}),
        (Rename, {"entry": "Frau Vertraulich", "title": "Vertraulich" * 99}),
        (Form, {"do": "Vertraulich", "given": "Vertraulich"}),
        (Content, {"edits": "Vertraulich", "form": "Vertraulich"}),
        (Choices, {"columns": "Vertraulich", "source": "Vertraulich"}),
    ],
)
def test_an_error_does_not_quote_what_somebody_wrote(
    model: type[BaseModel], values: dict[str, object]
) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate(values)
    assert "Vertraulich" not in str(refused.value)
