"""The knowledge base in a database: revisions, snapshot, delivery of the shipped files."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.consistency import InconsistentError
from knowledge.differences import Part
from knowledge.entries import Kind, Source
from knowledge.revisions import Change, Origin, Revision, Version
from knowledge.storage.database import Database
from knowledge.storage.store import (
    SHIPPED_AUTHOR,
    ConflictError,
    IrreversibleError,
    Store,
    UnchangedError,
)
from tests.support.builders import A_SOURCE, a_fact, an_entry
from tests.support.clock import MOMENT, FakeClock

BY: dict[str, Any] = {"author": "Amt", "reason": "Stand", "now": MOMENT}


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


async def test_shipping_leaves_out_what_does_not_fit_to_what_editors_made(
    database: Database, clock: FakeClock
) -> None:
    moved = a_fact("Es begann.", id="F-1")
    store = Store(database)
    first = an_entry("EF-1", facts=[moved])
    await store.ship([first, an_entry("EF-2"), an_entry("EF-3", kind=Kind.PLAN)], now=clock())
    await store.publish(
        [first.model_copy(update={"title": "Vom Amt berichtigt"})],
        withdrawn=[an_entry("EF-3", kind=Kind.PLAN)],
        author="Amt",
        reason="Stand",
        now=clock(),
    )
    newer = [
        an_entry("EF-1"),
        an_entry("EF-2", facts=[moved]),
        an_entry("EF-3", kind=Kind.PLAN),
        an_entry("EF-3-1", kind=Kind.FIELD, parent="EF-3"),
        an_entry("EF-3-2", parent="EF-3-1"),
        an_entry("EF-4"),
    ]
    assert await store.ship(newer, now=clock()) == 1
    assert set(store.snapshot.entries) == {"EF-1", "EF-2", "EF-4"}
    assert store.snapshot.entries["EF-2"].facts == ()
    assert await store.ship(newer, now=clock()) == 0


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


@pytest.mark.parametrize("editors_did", ["an edit", "a withdrawal"])
async def test_what_editors_undid_is_brought_up_to_date_by_deliveries_again(
    database: Database, clock: FakeClock, editors_did: str
) -> None:
    store = Store(database)
    delivered = an_entry("EF-1")
    await store.ship([delivered], now=clock())
    edited = [an_entry("EF-1", title="Vertippt")] if editors_did == "an edit" else []
    withdrawn = [] if edited else [delivered]
    number = await store.publish(
        edited, withdrawn=withdrawn, author="Amt", reason="-", now=clock()
    )
    newer = an_entry("EF-1", title="Neue Auslieferung")
    assert await store.ship([newer], now=clock()) == 0
    await store.undo(number, author="Amt", reason="Irrtum", now=clock())
    assert await store.ship([newer], now=clock()) == 1
    assert store.snapshot.entries == {"EF-1": newer}


async def test_who_goes_back_behind_a_delivery_is_left_alone(
    database: Database, clock: FakeClock
) -> None:
    store = Store(database)
    former, newer = an_entry("EF-1"), an_entry("EF-1", title="Neue Auslieferung")
    await store.ship([former], now=clock())
    await store.ship([newer], now=clock())
    await store.publish([former], author="Amt", reason="So nicht", now=clock())
    assert await store.ship([newer], now=clock()) == 0
    assert store.snapshot.entries == {"EF-1": former}


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


async def titled(store: Store, **titles: str) -> int:
    """Publish entries with titles, whatever happened meanwhile."""
    return await store.publish([an_entry(key, title=title) for key, title in titles.items()], **BY)


async def titles(store: Store) -> dict[str, str]:
    await store.refresh()
    return {entry.key: entry.title for entry in store.snapshot.entries.values()}


async def test_a_change_decided_on_an_outdated_state_is_refused_with_what_came_between(
    database: Database,
) -> None:
    store, other = Store(database), Store(database)
    await titled(store, A="eins", B="eins")
    await titled(other, A="zwei")
    await titled(other, A="drei")
    with pytest.raises(ConflictError) as caught:
        await store.publish([an_entry("A", title="vier")], base=1, **BY)
    assert [(v.revision, v.entry.title) for v in caught.value.versions] == [
        (3, "drei"),
        (2, "zwei"),
    ]
    with pytest.raises(ConflictError):
        await store.publish([], withdrawn=[an_entry("A")], base=2, **BY)
    assert await store.publish([an_entry("B", title="zwei")], base=1, **BY) == 4
    assert await store.publish([an_entry("A", title="vier")], base=4, **BY) == 5
    assert await titles(store) == {"A": "vier", "B": "zwei"}


async def test_a_key_that_two_editors_thought_of_is_taken_once(database: Database) -> None:
    store = Store(database)
    await store.publish([an_entry("NEU", title="eins")], base=0, **BY)
    with pytest.raises(ConflictError):
        await store.publish([an_entry("NEU", title="zwei")], base=0, **BY)


async def test_a_withdrawal_by_others_is_a_conflict_too(database: Database) -> None:
    store = Store(database)
    await titled(store, A="eins")
    await store.publish([], withdrawn=[an_entry("A", title="eins")], **BY)
    with pytest.raises(ConflictError) as caught:
        await store.publish([an_entry("A", title="zwei")], base=1, **BY)
    assert caught.value.versions[0].withdrawn
    assert store.snapshot.withdrawn == {"A"}


async def test_entries_fit_together_also_with_what_others_did_meanwhile(
    database: Database,
) -> None:
    store, other = Store(database), Store(database)
    await store.publish([an_entry("EF", kind="body"), an_entry("B")], **BY)
    await other.publish([], withdrawn=[an_entry("EF", kind="body")], base=1, **BY)
    assert "EF" in store.snapshot.entries
    with pytest.raises(InconsistentError, match="A: parent EF does not exist"):
        await store.publish([an_entry("A", parent="EF")], base=1, **BY)
    assert [revision.number for revision in await store.log(limit=9)] == [2, 1]


async def test_nothing_new_makes_no_revision(database: Database) -> None:
    store = Store(database)
    await titled(store, A="eins", B="eins")
    for changed, withdrawn in (([], []), ([an_entry("A", title="eins")], [an_entry("C")])):
        with pytest.raises(UnchangedError):
            await store.publish(changed, withdrawn=withdrawn, **BY)
    await titled(store, A="eins", B="zwei")
    assert [revision.keys for revision in await store.log(limit=9)] == [("B",), ("A", "B")]


async def test_a_guard_that_refuses_leaves_nothing_behind(database: Database) -> None:
    store = Store(database)
    seen: list[int] = []

    async def refuse(connection: AsyncConnection, number: int) -> None:
        seen.append(number)
        raise PermissionError

    with pytest.raises(PermissionError):
        await store.publish([an_entry("A")], guards=[refuse], **BY)
    assert (seen, await store.log(limit=9)) == ([1], [])
    await titled(store, A="eins")
    with pytest.raises(PermissionError):
        await store.undo(1, guards=[refuse], **BY)
    assert (seen, await titles(store)) == ([1, 2], {"A": "eins"})


async def test_undoing_brings_back_what_was(database: Database) -> None:
    store = Store(database)
    await titled(store, A="eins", B="eins", C="eins")
    await store.publish(
        [an_entry("A", title="zwei"), an_entry("D")],
        withdrawn=[an_entry("B", title="eins")],
        **BY,
    )
    assert await store.undo(2, author="Büro", reason="Irrtum", now=MOMENT) == 3
    assert await titles(store) == {"A": "eins", "B": "eins", "C": "eins"}
    assert store.snapshot.withdrawn == {"D"}
    (undoing, *_) = await store.log(limit=1)
    assert undoing == Revision(
        3, MOMENT, "Büro", Origin.EDITED, "Irrtum", None, 2, ("A", "B", "D")
    )
    assert await store.undo(3, **BY) == 4
    assert await titles(store) == {"A": "zwei", "C": "eins", "D": "Eintrag D"}


async def test_former_states_are_told_newest_first_and_without_the_present_one(
    database: Database,
) -> None:
    store = Store(database)
    await titled(store, A="eins", B="eins", C="eins")
    await titled(store, A="zwei")
    await titled(store, A="drei")
    await store.publish([], withdrawn=[an_entry("B", title="eins")], **BY)
    former = await store.former(["A", "B", "C"], until=4)
    assert {key: [e.title for e in states] for key, states in former.items()} == {
        "A": ["zwei", "eins"],
        "B": ["eins"],
    }
    assert [e.title for e in (await store.former(["A"], until=2))["A"]] == ["eins"]
    assert await store.former(["C"], until=4) == {}


async def test_what_was_changed_later_is_not_undone(database: Database) -> None:
    store = Store(database)
    await titled(store, A="eins", B="eins")
    await titled(store, A="zwei", B="zwei")
    await titled(store, A="drei")
    with pytest.raises(ConflictError) as caught:
        await store.undo(2, **BY)
    assert [version.revision for version in caught.value.versions] == [3]
    await store.undo(3, **BY)
    with pytest.raises(ConflictError):  # undone is changed, too
        await store.undo(3, **BY)
    assert await titles(store) == {"A": "zwei", "B": "zwei"}


async def test_what_was_changed_later_is_undone_once_the_later_change_is(
    database: Database,
) -> None:
    store = Store(database)
    await titled(store, A="eins", B="eins")
    await titled(store, A="zwei", B="zwei")
    await titled(store, A="drei")
    assert [version.revision for version in await store.later(2)] == [3]
    await store.undo(3, **BY)
    assert await store.later(2) == []
    await store.undo(2, **BY)
    assert await titles(store) == {"A": "eins", "B": "eins"}
    with pytest.raises(ConflictError):
        await store.undo(2, **BY)


async def test_what_was_undone_is_not_undone_again_when_the_same_is_done_anew(
    database: Database,
) -> None:
    store = Store(database)
    await titled(store, A="eins")
    await store.publish([], withdrawn=[an_entry("A", title="eins")], **BY)
    await store.undo(2, **BY)
    await titled(store, A="zwei")
    await store.publish([], withdrawn=[an_entry("A", title="zwei")], **BY)
    with pytest.raises(ConflictError) as caught:
        await store.undo(2, **BY)
    assert [(v.revision, v.undoes) for v in caught.value.versions] == [
        (5, None),
        (4, None),
        (3, 2),
    ]
    await store.undo(5, **BY)
    assert await titles(store) == {"A": "zwei"}


async def test_what_is_by_chance_as_a_revision_left_it_was_changed_since(
    database: Database,
) -> None:
    store = Store(database)
    await store.publish([an_entry("A", title="eins"), an_entry("B")], **BY)
    await store.publish(
        [an_entry("A", title="zwei")], withdrawn=[an_entry("B")], origin=Origin.IMPORTED, **BY
    )
    await titled(store, A="drei")
    await titled(store, A="zwei")
    with pytest.raises(ConflictError) as caught:
        await store.undo(2, **BY)
    assert [version.revision for version in caught.value.versions] == [4, 3]


async def test_an_undo_that_is_undone_leaves_what_it_took_back_to_be_undone(
    database: Database,
) -> None:
    store = Store(database)
    await titled(store, A="eins")
    await titled(store, A="zwei")
    await store.undo(2, **BY)
    await store.undo(3, **BY)
    with pytest.raises(ConflictError):
        await store.undo(3, **BY)
    with pytest.raises(ConflictError):
        await store.undo(1, **BY)
    await store.undo(2, **BY)
    assert await titles(store) == {"A": "eins"}
    for number in (2, 3, 4):
        with pytest.raises(ConflictError):
            await store.undo(number, **BY)
    await store.undo(1, **BY)
    assert await titles(store) == {}


async def test_a_withdrawn_entry_is_not_as_it_was_left(database: Database) -> None:
    store = Store(database)
    await titled(store, A="eins")
    await titled(store, A="zwei")
    await store.publish([], withdrawn=[an_entry("A", title="zwei")], **BY)
    with pytest.raises(ConflictError):
        await store.undo(2, **BY)


async def test_what_others_refer_to_is_not_undone(database: Database) -> None:
    store = Store(database)
    await store.publish([an_entry("EF", kind="body")], **BY)
    await store.publish([an_entry("A", parent="EF")], **BY)
    with pytest.raises(InconsistentError):
        await store.undo(1, **BY)


async def test_deliveries_and_what_does_not_exist_are_not_undone(database: Database) -> None:
    store = Store(database)
    await store.ship([an_entry("A")], now=MOMENT)
    for number in (-1, 0, 1, 2):
        with pytest.raises(IrreversibleError, match=f"{number} cannot"):
            await store.undo(number, **BY)


async def test_what_is_undone_once_is_undone_once_when_pressed_at_once(database: Database) -> None:
    store = Store(database)
    await titled(store, A="eins")
    await titled(store, A="zwei")
    results = await asyncio.gather(
        *(store.undo(2, **BY) for _ in range(5)), return_exceptions=True
    )
    assert [result for result in results if not isinstance(result, Exception)] == [3]
    assert sum(isinstance(result, ConflictError) for result in results) == 4


async def test_the_log_tells_who_did_what_why_and_by_which_source(
    database: Database, clock: FakeClock
) -> None:
    store = Store(database)
    await store.ship([an_entry("A")], now=clock())
    for number in range(2, 6):
        clock.advance(timedelta(hours=1))
        entries = [an_entry(key, title=f"{number}") for key in ("C", "B")]
        await store.publish(
            entries,
            author="Amt",
            reason="Liste",
            now=clock(),
            origin=Origin.IMPORTED,
            source=A_SOURCE,
        )
    newest, before = await store.log(limit=2)
    assert newest == Revision(
        5, clock(), "Amt", Origin.IMPORTED, "Liste", A_SOURCE, None, ("B", "C")
    )
    assert before.number == 4
    assert [r.number for r in await store.log(limit=2, before=4)] == [3, 2]
    (shipped,) = await store.log(limit=9, before=2)
    assert (shipped.author, shipped.origin) == (SHIPPED_AUTHOR, Origin.SHIPPED)


async def test_the_changes_of_a_revision_are_told_by_their_differences(
    database: Database,
) -> None:
    store = Store(database)
    await titled(store, A="eins", B="eins")
    await store.publish(
        [an_entry("A", title="zwei"), an_entry("C")],
        withdrawn=[an_entry("B", title="eins")],
        **BY,
    )
    found = [(d.entry, d.part) for c in await store.changes(2) for d in c.differences]
    assert found == [("A", Part.TITLE), ("B", Part.ENTRY), ("C", Part.ENTRY)]
    assert await store.changes(3) == []


async def test_the_histories_of_a_revision_are_those_of_its_entries_until_then(
    database: Database,
) -> None:
    store = Store(database)
    await titled(store, A="eins", B="eins")
    await titled(store, A="zwei")
    await store.undo(2, **BY)
    await titled(store, A="drei")
    found = await store.histories(3)
    assert [(v.revision, v.entry.title, v.undoes) for v in found.pop("A")] == [
        (1, "eins", None),
        (2, "zwei", None),
        (3, "eins", 2),
    ]
    assert found == {}


async def test_what_changed_between_two_revisions_leaves_out_what_is_as_it_was(
    database: Database, clock: FakeClock
) -> None:
    store = Store(database)

    async def publish(*, withdrawn: str = "", **changed: str) -> None:
        clock.advance(timedelta(days=1))
        entries = [an_entry(key, title=title) for key, title in changed.items()]
        gone = [store.snapshot.entries[withdrawn]] if withdrawn else []
        await store.publish(entries, withdrawn=gone, author="Amt", reason="-", now=clock())

    await publish(A="eins", B="eins", C="eins", D="eins")
    await publish(A="zwei", B="zwei", E="eins")
    await publish(A="drei", B="eins", withdrawn="C")
    await publish(withdrawn="E")

    def told(changes: list[Change]) -> list[tuple[str, str | None, str | None]]:
        def title(version: Version | None) -> str | None:
            return None if version is None or version.withdrawn else version.entry.title

        return [(c.after.entry.key, title(c.before), title(c.after)) for c in changes]

    assert told(await store.changes_between(1, 4)) == [
        ("A", "eins", "drei"),
        ("C", "eins", None),
    ]
    assert told(await store.changes_between(1, 2)) == [
        ("A", "eins", "zwei"),
        ("B", "eins", "zwei"),
        ("E", None, "eins"),
    ]
    assert await store.changes_between(4, 4) == []
    since_ever = told(await store.changes_between(0, 4))
    assert since_ever == [("A", None, "drei"), ("B", None, "eins"), ("D", None, "eins")]


async def test_the_last_used_sources_of_an_author_come_first(database: Database) -> None:
    store = Store(database)
    letter, list_ = Source(title="Brief"), Source(title="Liste", url="https://erfurt.de/x")
    for number, (author, source) in enumerate(
        [("Amt", letter), ("Amt", list_), ("Amt", None), ("Büro", A_SOURCE), ("Amt", letter)]
    ):
        await store.publish(
            [an_entry("A", title=f"{number}")],
            author=author,
            reason="-",
            now=MOMENT,
            source=source,
        )
    assert await store.recent_sources("Amt", limit=3) == [letter, list_]
    assert await store.recent_sources("Amt", limit=1) == [letter]
    assert await store.recent_sources("Niemand", limit=3) == []


async def test_an_editor_with_the_name_of_the_delivery_is_not_overwritten_by_it(
    database: Database,
) -> None:
    store = Store(database)
    await store.ship([an_entry("A")], now=MOMENT)
    mine = an_entry("A", title="Meins")
    await store.publish([mine], author=SHIPPED_AUTHOR, reason="-", now=MOMENT)
    assert await store.ship([an_entry("A", title="Neu")], now=MOMENT) == 0
    assert await titles(store) == {"A": "Meins"}


async def test_a_reason_that_no_database_takes_is_kept_as_far_as_possible(
    database: Database,
) -> None:
    reason = "a\0b\ud800" + "x" * 600
    await Store(database).publish([an_entry()], author="Amt", reason=reason, now=MOMENT)
    (kept,) = await Store(database).log(limit=1)
    assert kept.reason == "ab?" + "x" * 497


async def test_the_knowledge_base_of_a_moment_is_what_was_published_until_then(
    database: Database, clock: FakeClock
) -> None:
    store = Store(database)
    before = clock() - timedelta(microseconds=1)
    first = await store.publish([an_entry("A"), an_entry("B")], author="A", reason="", now=clock())
    then = clock()
    clock.advance(timedelta(hours=1))
    changed = an_entry("A", title="anders")
    await store.publish([changed], withdrawn=[an_entry("B")], author="A", reason="", now=clock())
    assert await store.at(before) is None
    earlier, later = await store.at(then), await store.at(clock())
    assert earlier is not None
    assert later is not None
    assert (list(earlier.entries), earlier.revision) == (["A", "B"], first)
    assert list(later.entries.values()) == [changed]
