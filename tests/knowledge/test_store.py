"""The knowledge base in a database: revisions, snapshot, delivery of the shipped files."""

import asyncio

from knowledge.database import Database
from knowledge.store import SHIPPED_AUTHOR, Store
from tests.support.builders import a_fact, an_entry
from tests.support.clock import FakeClock


async def test_what_is_published_is_in_the_next_snapshot(
    database: Database, clock: FakeClock
) -> None:
    store = Store(database)
    entry = an_entry("EF-7", title="Abgleich", facts=[a_fact(as_of="2024-09")])
    number = await store.publish([entry], author="Redaktion", reason="neu", now=clock())
    assert number == 1
    assert store.snapshot.revision == 1
    assert store.snapshot.entries == {"EF-7": entry}


async def test_another_process_sees_a_change_after_refreshing(
    database: Database, clock: FakeClock
) -> None:
    writer, reader = Store(database), Store(database)
    await writer.publish([an_entry()], author="Redaktion", reason="neu", now=clock())
    before = reader.snapshot
    assert await reader.refresh()
    assert reader.snapshot.revision == 1
    assert before.entries == {}
    assert not await reader.refresh()


async def test_a_withdrawn_entry_leaves_the_snapshot_but_keeps_its_history(
    database: Database, clock: FakeClock
) -> None:
    store = Store(database)
    entry = an_entry()
    await store.publish([entry], author="Redaktion", reason="neu", now=clock())
    await store.publish([], withdrawn=[entry], author="Redaktion", reason="doppelt", now=clock())
    assert store.snapshot.entries == {}
    history = await store.history("EF-7")
    assert [(v.revision, v.withdrawn, v.reason) for v in history] == [
        (2, True, "doppelt"),
        (1, False, "neu"),
    ]


async def test_shipping_fills_an_empty_database_once(database: Database, clock: FakeClock) -> None:
    store = Store(database)
    shipped = [an_entry("EF-1"), an_entry("EF-2")]
    assert await store.ship(shipped, now=clock()) == 2
    assert await store.ship(shipped, now=clock()) == 0
    assert store.snapshot.revision == 1
    assert (await store.history("EF-1"))[0].author == SHIPPED_AUTHOR


async def test_shipping_never_overwrites_what_an_editor_changed_or_withdrew(
    database: Database, clock: FakeClock
) -> None:
    store = Store(database)
    await store.ship([an_entry("EF-1"), an_entry("EF-2"), an_entry("EF-3")], now=clock())
    edited = an_entry("EF-1", title="Vom Amt berichtigt")
    await store.publish(
        [edited], withdrawn=[an_entry("EF-2")], author="Amt", reason="Stand", now=clock()
    )
    newer = [an_entry(key, title="Neue Auslieferung") for key in ("EF-1", "EF-2", "EF-3", "EF-4")]
    assert await store.ship(newer, now=clock()) == 2
    titles = {entry.key: entry.title for entry in store.snapshot.entries.values()}
    assert titles == {
        "EF-1": "Vom Amt berichtigt",
        "EF-3": "Neue Auslieferung",
        "EF-4": "Neue Auslieferung",
    }


async def test_twenty_publications_at_once_get_twenty_contiguous_numbers(
    database: Database, clock: FakeClock
) -> None:
    store = Store(database)
    numbers = await asyncio.gather(
        *(
            store.publish([an_entry(f"EF-{n}")], author="Amt", reason="neu", now=clock())
            for n in range(20)
        )
    )
    assert sorted(numbers) == list(range(1, 21))
    await store.refresh()
    assert len(store.snapshot.entries) == 20
