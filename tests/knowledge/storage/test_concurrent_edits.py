"""Several editors at once, each with a process of their own as far as the store can tell."""

import asyncio
from collections import Counter

from sqlalchemy import select

from knowledge.editing.drafts import Content, Drafts
from knowledge.editing.edits import AddAlias
from knowledge.editing.proposals import propose
from knowledge.people import People, Role
from knowledge.storage.database import Database
from knowledge.storage.store import ConflictError, Store
from knowledge.storage.tables import entry_version, revision
from tests.support.builders import an_entry
from tests.support.clock import MOMENT

EDITORS, EDITS = 5, 10
KEYS = ["A", "B", "C"]


class Editor:
    """Somebody who edits, and looks again when others were quicker."""

    def __init__(self, database: Database, user_id: int) -> None:
        self.store = Store(database)
        self.people, self.drafts = People(database, [1]), Drafts(database)
        self.user_id, self.label = user_id, f"Amt {user_id}"
        self.conflicts = 0
        self.overtaken_by: list[str] = []

    async def edit(self, number: int) -> None:
        edit = AddAlias(entry=KEYS[number % len(KEYS)], alias=f"{self.label}, Änderung {number}")
        seen = self.store.snapshot.revision
        draft = await self.drafts.begin(
            self.user_id, self.user_id, Content(edits=(edit,)), base=seen, now=MOMENT
        )
        while True:
            proposal = propose(draft.content.edits, self.store.snapshot, seen=draft.base)
            try:
                await self.store.publish(
                    proposal.changed,
                    author=self.label,
                    reason="Stand",
                    now=MOMENT,
                    base=proposal.base,
                    guards=[
                        self.people.requires(self.user_id, Role.EDITOR),
                        self.drafts.publishing(draft, now=MOMENT),
                    ],
                )
            except ConflictError as conflict:
                self.overtaken_by += [version.author for version in conflict.versions]
                self.conflicts += 1
                await self.store.refresh()
                draft = await self.drafts.save(
                    draft, draft.content, now=MOMENT, base=self.store.snapshot.revision
                )
            else:
                return


async def test_fifty_edits_by_five_editors_lose_nothing(database: Database) -> None:
    first, people = Store(database), People(database, [1])
    await first.publish([an_entry(key) for key in KEYS], author="Amt", reason="neu", now=MOMENT)
    editors = [Editor(database, user_id) for user_id in range(10, 10 + EDITORS)]
    for editor in editors:
        invited = await people.invite(Role.EDITOR, editor.label, by=1, now=MOMENT)
        await people.redeem(invited.token, editor.user_id, now=MOMENT)
        await editor.store.refresh()

    async def work(editor: Editor) -> None:
        for number in range(EDITS):
            await editor.edit(number)

    await asyncio.gather(*(work(editor) for editor in editors))

    # All began with the same entry in the same state, so only one can have come first.
    assert sum(editor.conflicts for editor in editors) >= EDITORS - 1
    assert not any(editor.label in editor.overtaken_by for editor in editors)
    total = EDITORS * EDITS
    async with database.reading() as connection:
        numbers = list(await connection.scalars(select(revision.c.number)))
        versions = (
            await connection.execute(select(entry_version.c.key, entry_version.c.revision))
        ).all()
    assert sorted(numbers) == list(range(1, total + 2))
    assert len(versions) == len(set(versions)) == len(KEYS) + total
    assert Counter(r.author for r in await first.log(limit=99)) == Counter(
        {"Amt": 1} | {editor.label: EDITS for editor in editors}
    )
    await first.refresh()
    found = {alias for entry in first.snapshot.entries.values() for alias in entry.aliases}
    assert found == {f"{e.label}, Änderung {n}" for e in editors for n in range(EDITS)}
    for key in KEYS:
        history = [len(version.entry.aliases) for version in await first.history(key)]
        assert history == list(range(len(history) - 1, -1, -1))  # each adds to the one before
    for editor in editors:
        await editor.store.refresh()
        assert editor.store.snapshot.entries == first.snapshot.entries
        assert await editor.drafts.open(editor.user_id, editor.user_id, now=MOMENT) is None
