"""Roles and invitations."""

import asyncio
from collections.abc import Awaitable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select

from knowledge.editing.drafts import Content, Drafts
from knowledge.people import (
    ADMIN_LABEL,
    VALID,
    Member,
    People,
    PeopleError,
    Refusal,
    Role,
)
from knowledge.storage.database import Database
from knowledge.storage.store import Store
from knowledge.storage.tables import draft, invitation, member
from tests.support.builders import an_entry
from tests.support.clock import MOMENT, FakeClock
from tests.support.postgresql import until_it_waits

BOSS = 6_000_000_000
"""An admin by settings, with an id beyond 32 bits."""

EVA, IDA = 11, 12


@pytest.fixture
def people(database: Database) -> People:
    return People(database, [BOSS])


async def joined(people: People, user_id: int, role: Role, label: str) -> Member:
    invited = await people.invite(role, label, by=BOSS, now=MOMENT)
    return await people.redeem(invited.token, user_id, now=MOMENT)


def refused(why: Refusal) -> AbstractContextManager[object]:
    return pytest.raises(PeopleError, match=f"^{why}$")


async def outcomes(*attempts: Awaitable[object]) -> list[Refusal | None]:
    """What became of attempts at once: None for success."""
    results = await asyncio.gather(*attempts, return_exceptions=True)
    unexpected = [r for r in results if isinstance(r, Exception) and type(r) is not PeopleError]
    assert unexpected == []
    return [result.why if isinstance(result, PeopleError) else None for result in results]


@pytest.mark.parametrize("user_id", [None, 0, EVA, -1_002_000_000_000])
async def test_everybody_reads(people: People, user_id: int | None) -> None:
    assert await people.role(user_id) is Role.READER
    assert await people.member(user_id) is None


def test_roles_include_those_below() -> None:
    included = {role: [other for other in Role if role.includes(other)] for role in Role}
    assert included == {
        Role.READER: [Role.READER],
        Role.EDITOR: [Role.READER, Role.EDITOR],
        Role.ADMIN: [Role.READER, Role.EDITOR, Role.ADMIN],
    }


async def test_settings_name_the_first_admins(people: People) -> None:
    assert await people.role(BOSS) is Role.ADMIN
    assert await people.members() == [Member(BOSS, Role.ADMIN, ADMIN_LABEL, None, True)]


async def test_an_invitation_gives_role_and_label(people: People) -> None:
    member = await joined(people, EVA, Role.EDITOR, "  Amt\u00a0 50 ")
    assert member == Member(EVA, Role.EDITOR, "Amt 50", MOMENT, False)
    assert await people.member(EVA) == member
    assert await people.role(EVA) is Role.EDITOR
    await joined(people, IDA, Role.ADMIN, "Leitung")
    assert [m.label for m in await people.members()] == ["admin", "Leitung", "Amt 50"]


async def test_an_invitation_is_redeemed_once(people: People) -> None:
    invited = await people.invite(Role.EDITOR, "Amt", by=BOSS, now=MOMENT)
    attempts = [people.redeem(invited.token, 100 + n, now=MOMENT) for n in range(8)]
    found = await outcomes(*attempts)
    assert sorted(map(str, found)) == sorted(["None", *["no_invitation"] * 7])
    assert len(await people.members()) == 2


async def test_an_invitation_ends(people: People, clock: FakeClock) -> None:
    invited = await people.invite(Role.EDITOR, "Amt", by=BOSS, now=clock())
    assert invited.invitation.expires_at == clock() + VALID
    clock.advance(VALID)
    with refused(Refusal.NO_INVITATION):
        await people.redeem(invited.token, EVA, now=clock())
    assert await people.invitations(clock()) == []
    assert await people.forget_expired(clock()) == 1
    assert await people.forget_expired(clock()) == 0


async def test_an_invitation_can_be_made_void(people: People) -> None:
    invited = await people.invite(Role.EDITOR, "Amt", by=BOSS, now=MOMENT)
    assert await people.invitations(MOMENT) == [invited.invitation]
    assert await people.revoke(invited.invitation.id, by=BOSS)
    assert not await people.revoke(invited.invitation.id, by=BOSS)
    with refused(Refusal.NO_INVITATION):
        await people.redeem(invited.token, EVA, now=MOMENT)


async def test_an_admin_who_invites_again_gets_a_token_that_replaces_the_former(
    people: People,
) -> None:
    await joined(people, EVA, Role.ADMIN, "Leitung")
    first = await people.invite(Role.EDITOR, "Amt", by=BOSS, now=MOMENT)
    with refused(Refusal.LABEL_TAKEN):
        await people.invite(Role.EDITOR, "Amt", by=EVA, now=MOMENT)
    with refused(Refusal.LABEL_TAKEN):
        await people.invite(Role.ADMIN, "Amt", by=BOSS, now=MOMENT)
    second = await people.invite(Role.EDITOR, " Amt ", by=BOSS, now=MOMENT)
    assert (first.renewed, second.renewed) == (False, True)
    assert await people.invitations(MOMENT) == [second.invitation]
    with refused(Refusal.NO_INVITATION):
        await people.redeem(first.token, IDA, now=MOMENT)
    assert (await people.redeem(second.token, IDA, now=MOMENT)).label == "Amt"


@pytest.mark.parametrize("token", ["", "x", "' OR 1=1 --", "\0", "\ud800", "🤷" * 1000])
async def test_a_made_up_token_opens_nothing(people: People, token: str) -> None:
    await people.invite(Role.ADMIN, "Amt", by=BOSS, now=MOMENT)
    with refused(Refusal.NO_INVITATION):
        await people.redeem(token, EVA, now=MOMENT)


async def test_the_database_does_not_tell_a_token(people: People, database: Database) -> None:
    invited = await people.invite(Role.EDITOR, "Amt", by=BOSS, now=MOMENT)
    another = await people.invite(Role.EDITOR, "Büro", by=BOSS, now=MOMENT)
    assert len(invited.token) >= 22  # 128 bits in base64
    assert invited.token != another.token
    async with database.reading() as connection:
        rows = (await connection.execute(select(invitation))).all()
    assert invited.token not in str(rows) + repr(invited)
    with refused(Refusal.NO_INVITATION):
        await people.redeem(invited.invitation.id, EVA, now=MOMENT)


async def test_who_may_do_as_much_already_leaves_the_invitation_to_others(people: People) -> None:
    await joined(people, EVA, Role.EDITOR, "Amt")
    invited = await people.invite(Role.EDITOR, "Büro", by=BOSS, now=MOMENT)
    for user_id in (EVA, BOSS):
        with refused(Refusal.HAS_ROLE):
            await people.redeem(invited.token, user_id, now=MOMENT)
    assert (await people.redeem(invited.token, IDA, now=MOMENT)).label == "Büro"


async def test_an_editor_can_become_admin_by_invitation(people: People) -> None:
    await joined(people, EVA, Role.EDITOR, "Amt")
    await joined(people, EVA, Role.ADMIN, "Leitung")
    assert await people.role(EVA) is Role.ADMIN
    assert [m.label for m in await people.members()] == ["admin", "Leitung"]


async def test_invitations_of_who_is_no_admin_any_more_are_void(
    database: Database, people: People
) -> None:
    await joined(people, EVA, Role.ADMIN, "Leitung")
    invited = await people.invite(Role.EDITOR, "Amt", by=EVA, now=MOMENT)
    await people.set_role(EVA, Role.EDITOR, by=BOSS, now=MOMENT)
    with refused(Refusal.NO_INVITATION):
        await people.redeem(invited.token, IDA, now=MOMENT)
    by_settings = await people.invite(Role.EDITOR, "Büro", by=BOSS, now=MOMENT)
    with refused(Refusal.NO_INVITATION):
        await People(database, [99]).redeem(by_settings.token, IDA, now=MOMENT)


@pytest.mark.parametrize("by", [EVA, IDA])
async def test_only_admins_decide_on_people(people: People, by: int) -> None:
    await joined(people, EVA, Role.EDITOR, "Amt")
    await joined(people, 13, Role.EDITOR, "Büro")
    invited = await people.invite(Role.EDITOR, "Referat", by=BOSS, now=MOMENT)
    for attempt in (
        people.invite(Role.ADMIN, "Neu", by=by, now=MOMENT),
        people.revoke(invited.invitation.id, by=by),
        people.set_role(by, Role.ADMIN, by=by, now=MOMENT),
        people.set_role(13, Role.READER, by=by, now=MOMENT),
        people.set_label(13, "Neu", by=by, now=MOMENT),
    ):
        with refused(Refusal.NOT_ALLOWED):
            await attempt
    assert len(await people.members()) == 3


@pytest.mark.parametrize("label", ["", "  ", "x" * 41, "a\0b", "a\u202eb", "a\u200bb"])
async def test_a_label_is_short_and_visible(people: People, label: str) -> None:
    with refused(Refusal.BAD_LABEL):
        await people.invite(Role.EDITOR, label, by=BOSS, now=MOMENT)


@pytest.mark.parametrize("label", ["AMT 50", "amt  50", "Büro", "Shipped", "admin"])
async def test_nobody_gets_the_label_of_somebody_else(people: People, label: str) -> None:
    await joined(people, EVA, Role.EDITOR, "Amt 50")
    await people.invite(Role.EDITOR, "büro", by=BOSS, now=MOMENT)
    with refused(Refusal.LABEL_TAKEN):
        await people.invite(Role.EDITOR, label, by=BOSS, now=MOMENT)
    with refused(Refusal.LABEL_TAKEN):
        await people.set_label(BOSS, label, by=BOSS, now=MOMENT)


async def test_labels_can_be_changed(people: People, database: Database) -> None:
    await joined(people, EVA, Role.EDITOR, "Amt 50")
    await people.set_label(EVA, "AMT 50", by=BOSS, now=MOMENT)
    await people.set_label(BOSS, "Leitung", by=BOSS, now=MOMENT)
    await people.set_label(BOSS, "Dezernat", by=BOSS, now=MOMENT)
    assert [(m.user_id, m.label) for m in await people.members()] == [
        (BOSS, "Dezernat"),
        (EVA, "AMT 50"),
    ]
    assert await People(database).role(BOSS) is Role.READER
    with refused(Refusal.NO_MEMBER):
        await people.set_label(IDA, "Amt 51", by=BOSS, now=MOMENT)


async def test_a_role_is_changed_and_taken(people: People, clock: FakeClock) -> None:
    await joined(people, EVA, Role.EDITOR, "Amt")
    clock.advance(timedelta(days=1))
    await people.set_role(EVA, Role.ADMIN, by=BOSS, now=clock())
    assert await people.member(EVA) == Member(EVA, Role.ADMIN, "Amt", clock(), False)
    await people.set_role(EVA, Role.READER, by=EVA, now=clock())
    assert await people.member(EVA) is None
    with refused(Refusal.NO_MEMBER):
        await people.set_role(EVA, Role.EDITOR, by=BOSS, now=clock())


async def test_admins_by_settings_are_changed_in_the_settings(people: People) -> None:
    for role in (Role.READER, Role.EDITOR):
        with refused(Refusal.ADMIN_BY_SETTINGS):
            await people.set_role(BOSS, role, by=BOSS, now=MOMENT)


async def test_an_editor_may_leave_although_there_is_no_admin(
    people: People, database: Database
) -> None:
    await joined(people, EVA, Role.EDITOR, "Amt")
    await People(database).set_role(EVA, Role.READER, by=EVA, now=MOMENT)
    assert await people.role(EVA) is Role.READER


@pytest.mark.parametrize("role", [Role.READER, Role.EDITOR])
async def test_the_last_admin_stays(people: People, database: Database, role: Role) -> None:
    await joined(people, EVA, Role.ADMIN, "Leitung")
    alone = People(database)
    with refused(Refusal.LAST_ADMIN):
        await alone.set_role(EVA, role, by=EVA, now=MOMENT)
    await alone.set_role(EVA, Role.ADMIN, by=EVA, now=MOMENT)
    await people.set_role(EVA, role, by=EVA, now=MOMENT)  # there is one by settings
    assert await people.role(EVA) is role


async def test_two_admins_cannot_remove_each_other_at_once(
    people: People, database: Database
) -> None:
    await joined(people, EVA, Role.ADMIN, "Eva")
    await joined(people, IDA, Role.ADMIN, "Ida")
    alone = [People(database), People(database)]
    found = await outcomes(
        alone[0].set_role(IDA, Role.READER, by=EVA, now=MOMENT),
        alone[1].set_role(EVA, Role.READER, by=IDA, now=MOMENT),
    )
    assert sorted(map(str, found)) == ["None", "not_allowed"]
    admins = [m for m in await alone[0].members() if m.role is Role.ADMIN]
    assert len(admins) == 1


async def test_two_last_admins_cannot_leave_at_once(people: People, database: Database) -> None:
    await joined(people, EVA, Role.ADMIN, "Eva")
    await joined(people, IDA, Role.ADMIN, "Ida")
    alone = People(database)
    found = await outcomes(
        *(alone.set_role(who, Role.EDITOR, by=who, now=MOMENT) for who in (EVA, IDA))
    )
    assert sorted(map(str, found)) == ["None", "last_admin"]


async def test_who_is_removed_leaves_a_label_and_nothing_else(
    people: People, database: Database
) -> None:
    await joined(people, EVA, Role.ADMIN, "Amt")
    store, drafts = Store(database), Drafts(database)
    await store.publish([an_entry()], author="Amt", reason="neu", now=MOMENT)
    await drafts.begin(EVA, EVA, Content(), base=1, now=MOMENT)
    await people.invite(Role.EDITOR, "Büro", by=EVA, now=MOMENT)
    await people.set_role(EVA, Role.READER, by=BOSS, now=MOMENT)
    assert [revision.author for revision in await store.log(limit=5)] == ["Amt"]
    async with database.reading() as connection:
        for table in (draft, invitation):
            assert await connection.scalar(select(func.count()).select_from(table)) == 0


async def test_publishing_takes_a_role_at_that_moment(people: People, database: Database) -> None:
    store = Store(database)
    await joined(people, EVA, Role.EDITOR, "Amt")
    may = people.requires(EVA, Role.EDITOR)
    await store.publish([an_entry("A")], author="Amt", reason="neu", now=MOMENT, guards=[may])
    await people.set_role(EVA, Role.READER, by=BOSS, now=MOMENT)
    with refused(Refusal.NOT_ALLOWED):
        await store.publish([an_entry("B")], author="Amt", reason="neu", now=MOMENT, guards=[may])
    with refused(Refusal.NOT_ALLOWED):
        await store.undo(1, author="Amt", reason="zurück", now=MOMENT, guards=[may])
    assert [revision.keys for revision in await store.log(limit=5)] == [("A",)]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_role_is_not_withdrawn_in_the_midst_of_a_publication(
    people: People, database: Database
) -> None:
    await joined(people, EVA, Role.EDITOR, "Amt")
    order: list[str] = []

    async def withdraw() -> None:
        await people.set_role(EVA, Role.READER, by=BOSS, now=MOMENT)
        order.append("withdrawn")

    async with database.writing() as connection:
        await people.requires(EVA, Role.EDITOR)(connection, 1)
        withdrawing = asyncio.create_task(withdraw())
        await until_it_waits(withdrawing, database)
        order.append("published")
    await withdrawing
    assert order == ["published", "withdrawn"]


async def test_admins_are_known_also_where_another_role_is_not(database: Database) -> None:
    people = People(database, [BOSS])
    async with database.writing() as connection:
        rows = [
            {"user_id": BOSS + n, "role": role, "label": f"Amt {n}", "since": MOMENT}
            for n, role in enumerate(("admin", "editor", "king"), start=1)
        ]
        await connection.execute(insert(member), rows)
    assert await people.admins() == {BOSS, BOSS + 1}
