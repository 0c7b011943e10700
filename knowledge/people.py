"""Who may change the knowledge base: roles, and invitations to them.

Everybody reads. Editors and admins are known by their user id and a short label; the log of
revisions has the label only. A role is looked up where it counts, never remembered: rights that
were withdrawn are gone at once, also for whoever is in the middle of something.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.notification.notices import NoticeKind
from knowledge.storage.database import Database, take_turns
from knowledge.storage.store import SHIPPED_AUTHOR, Guard
from knowledge.storage.tables import (
    draft,
    invitation,
    member,
    outbox,
    planned_notice,
    planner,
    upload,
)

VALID = timedelta(days=7)
"""How long an invitation can be redeemed."""

TOKEN_BYTES, TOKEN_LETTERS, HASH_LETTERS = 24, 32, 32
"""Length of the secret in an invitation (192 bits, 32 letters of the 64 that a link takes), and
of what is kept of its hash (128 bits, so that it fits into a button)."""

LONGEST_LABEL = 40

ADMIN_LABEL = "admin"
"""Label of admins by settings who have not been given one."""

_RESERVED = frozenset({ADMIN_LABEL, SHIPPED_AUTHOR})


class Role(StrEnum):
    """What somebody may do; each role includes those before it."""

    READER = "reader"
    EDITOR = "editor"
    ADMIN = "admin"

    def includes(self, other: Role) -> bool:
        """Whether this role allows all that the other one does."""
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody with a role.

    Attributes:
        user_id: Telegram's number of the person.
        role: What they may do.
        label: The short name that the log shows.
        since: Since when; None for admins by settings who have no label of their own.
        by_settings: Whether they are admin because the settings say so.
    """

    user_id: int
    role: Role
    label: str
    since: datetime | None
    by_settings: bool


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation that nobody has redeemed yet.

    Attributes:
        id: Its name in buttons; it does not tell the token.
        role: The role that it gives.
        label: The label that it gives.
        expires_at: From when on it is void.
    """

    id: str
    role: Role
    label: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Invited:
    """A new invitation.

    Attributes:
        invitation: What it gives to whom.
        token: Its secret, which is shown once and kept nowhere.
        renewed: Whether it takes the place of another one.
    """

    invitation: Invitation
    token: str = field(repr=False)
    renewed: bool = False


class Refusal(StrEnum):
    """Why something about people is refused."""

    NOT_ALLOWED = "not_allowed"
    LAST_ADMIN = "last_admin"
    ADMIN_BY_SETTINGS = "admin_by_settings"
    NO_MEMBER = "no_member"
    NO_INVITATION = "no_invitation"
    HAS_ROLE = "has_role"
    BAD_LABEL = "bad_label"
    LABEL_TAKEN = "label_taken"


class PeopleError(Exception):
    """Something about people is refused.

    Attributes:
        why: The reason.
    """

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


class People:
    """Members and invitations, in the database; first admins, from the settings."""

    def __init__(self, database: Database, admin_ids: Iterable[int] = ()) -> None:
        """Use a database.

        Args:
            database: Where members and invitations are kept.
            admin_ids: User ids that are admins whatever the database says.
        """
        self._database = database
        self._admin_ids = frozenset(admin_ids)

    async def role(self, user_id: int | None) -> Role:
        """What somebody may do at this moment; who is nobody may read."""
        async with self._database.reading() as connection:
            return await self._role(connection, user_id)

    async def member(self, user_id: int | None) -> Member | None:
        """Somebody's role and label at this moment; None for readers without a label."""
        return next((m for m in await self.members() if m.user_id == user_id), None)

    async def members(self) -> list[Member]:
        """Everybody with a role, admins first, then by label."""
        async with self._database.reading() as connection:
            return await self.all(connection)

    async def admins(self) -> set[int]:
        """User ids of all admins, also where a role of somebody else cannot be read."""
        async with self._database.reading() as connection:
            invited = select(member.c.user_id).where(member.c.role == Role.ADMIN)
            return {*self._admin_ids, *await connection.scalars(invited)}

    async def all(self, connection: AsyncConnection) -> list[Member]:
        """Everybody with a role, as a transaction of the caller sees it; in the same order."""
        rows = {row.user_id: row for row in await connection.execute(select(member))}
        found = [
            Member(
                user_id=user_id,
                role=Role.ADMIN if user_id in self._admin_ids else Role(rows[user_id].role),
                label=rows[user_id].label if user_id in rows else ADMIN_LABEL,
                since=rows[user_id].since if user_id in rows else None,
                by_settings=user_id in self._admin_ids,
            )
            for user_id in self._admin_ids | rows.keys()
        ]
        order = list(reversed(Role))
        return sorted(found, key=lambda m: (order.index(m.role), m.label.casefold(), m.user_id))

    def requires(self, user_id: int | None, role: Role) -> Guard:
        """Let a publication happen only if somebody has a role, and keeps it until it is there.

        The guard raises PeopleError.
        """

        async def guard(connection: AsyncConnection, _number: int) -> None:
            await self.require(connection, user_id, role)

        return guard

    async def require(self, connection: AsyncConnection, user_id: int | None, role: Role) -> None:
        """Refuse to go on unless somebody has a role, and keeps it until the transaction ends.

        Raises:
            PeopleError: if they have not.
        """
        if not (await self._role(connection, user_id, keep=True)).includes(role):
            raise PeopleError(Refusal.NOT_ALLOWED)

    async def invite(self, role: Role, label: str, *, by: int, now: datetime) -> Invited:
        """Make an invitation that one person can redeem once.

        It takes the place of an open one by the same admin to the same role and label: the token
        is shown once, and who asks for it again has not got it.

        Args:
            role: What the person will be allowed to do.
            label: The short name by which the log will show the person.
            by: The admin who invites.
            now: The present moment.

        Raises:
            PeopleError: if `by` is no admin, or the label is unusable or taken.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        async with self._database.writing() as connection:
            await take_turns(connection, member)
            await self.require(connection, by, Role.ADMIN)
            label = _usable(label)
            columns = invitation.c
            former = await connection.execute(
                delete(invitation).where(
                    columns.invited_by == by, columns.role == role, columns.label == label
                )
            )
            new = Invitation(
                id=_hash(token),
                role=role,
                label=await self._free_label(connection, label, now=now),
                expires_at=now + VALID,
            )
            await connection.execute(
                insert(invitation).values(
                    id=new.id,
                    role=new.role,
                    label=new.label,
                    invited_by=by,
                    expires_at=new.expires_at,
                )
            )
        return Invited(new, token, renewed=former.rowcount > 0)

    async def invitations(self, now: datetime) -> list[Invitation]:
        """The invitations that can still be redeemed, those that end first at the front."""
        columns = invitation.c
        wanted = select(columns.id, columns.role, columns.label, columns.expires_at)
        async with self._database.reading() as connection:
            rows = await connection.execute(
                wanted.where(columns.expires_at > now).order_by(columns.expires_at, columns.id)
            )
            return [Invitation(r.id, Role(r.role), r.label, r.expires_at) for r in rows]

    async def revoke(self, invitation_id: str, *, by: int) -> bool:
        """Make an invitation void; returns False if there is none any more.

        Raises:
            PeopleError: if `by` is no admin.
        """
        async with self._database.writing() as connection:
            await self.require(connection, by, Role.ADMIN)
            result = await connection.execute(
                delete(invitation).where(invitation.c.id == invitation_id)
            )
        return result.rowcount > 0

    async def redeem(self, token: str, user_id: int, *, now: datetime) -> Member:
        """Take up an invitation, which is void from then on.

        Invitations of somebody who is no admin any more are void, too.

        Raises:
            PeopleError: if there is no such invitation, for whatever reason; or the person may
                do as much already, in which case the invitation stays.
        """
        async with self._database.writing() as connection:
            await take_turns(connection, member)
            row = (
                await connection.execute(
                    delete(invitation)
                    .where(invitation.c.id == _hash(token), invitation.c.expires_at > now)
                    .returning(invitation.c.role, invitation.c.label, invitation.c.invited_by)
                )
            ).one_or_none()
            if row is None or await self._role(connection, row.invited_by) is not Role.ADMIN:
                raise PeopleError(Refusal.NO_INVITATION)
            role = Role(row.role)
            if (await self._role(connection, user_id)).includes(role):
                raise PeopleError(Refusal.HAS_ROLE)
            await connection.execute(delete(member).where(member.c.user_id == user_id))
            await connection.execute(
                insert(member).values(user_id=user_id, role=role, label=row.label, since=now)
            )
        return Member(user_id, role, row.label, now, by_settings=False)

    async def set_role(self, user_id: int, role: Role, *, by: int, now: datetime) -> None:
        """Give a member another role.

        Admins may do that to everybody, everybody may give up rights of their own. Who is made a
        reader is forgotten: id, drafts, invitations and nudges are deleted, the log keeps the
        label.

        Raises:
            PeopleError: if `by` may not, there is no such member, they are admin by settings, or
                no admin would be left.
        """
        async with self._database.writing() as connection:
            if role is Role.READER:
                # Planning under way would still write down nudges. Its lock comes before others.
                await take_turns(connection, planner)
            await take_turns(connection, member)
            former = await self._role(connection, user_id)
            if by != user_id or not former.includes(role):
                await self.require(connection, by, Role.ADMIN)
            if user_id in self._admin_ids:
                raise PeopleError(Refusal.ADMIN_BY_SETTINGS)
            if former is Role.ADMIN and role is not Role.ADMIN:
                admins = select(member.c.user_id).where(member.c.role == Role.ADMIN)
                if not {*await connection.scalars(admins), *self._admin_ids} - {user_id}:
                    raise PeopleError(Refusal.LAST_ADMIN)
            own = member.c.user_id == user_id
            if role is Role.READER:
                result = await connection.execute(delete(member).where(own))
                await _forget_work(connection, user_id)
            else:
                values = {"role": role, "since": now}
                result = await connection.execute(update(member).where(own).values(values))
            if not result.rowcount:
                raise PeopleError(Refusal.NO_MEMBER)

    async def set_label(self, user_id: int, label: str, *, by: int, now: datetime) -> None:
        """Give a member, or an admin by settings, another label; the log keeps the former one.

        Raises:
            PeopleError: if `by` is no admin, there is no such member, or the label is unusable
                or taken.
        """
        async with self._database.writing() as connection:
            await take_turns(connection, member)
            await self.require(connection, by, Role.ADMIN)
            new = await self._free_label(connection, label, now=now, user_id=user_id)
            result = await connection.execute(
                update(member).where(member.c.user_id == user_id).values(label=new)
            )
            if result.rowcount:
                return
            if user_id not in self._admin_ids:
                raise PeopleError(Refusal.NO_MEMBER)
            # A label gives no right: who leaves the settings is a reader.
            await connection.execute(
                insert(member).values(user_id=user_id, role=Role.READER, label=new, since=now)
            )

    async def forget_expired(self, now: datetime) -> int:
        """Delete invitations that nobody redeemed in time; returns how many."""
        async with self._database.writing() as connection:
            result = await connection.execute(
                delete(invitation).where(invitation.c.expires_at <= now)
            )
        return result.rowcount

    async def _role(
        self, connection: AsyncConnection, user_id: int | None, *, keep: bool = False
    ) -> Role:
        """Somebody's role, which with `keep` stays the same until the transaction ends."""
        if user_id in self._admin_ids:
            return Role.ADMIN
        row = select(member.c.role).where(member.c.user_id == user_id)
        # PostgreSQL locks the row; on SQLite nobody else writes during a writing transaction.
        role = await connection.scalar(row.with_for_update(read=True) if keep else row)
        return Role.READER if role is None else Role(role)

    async def _free_label(
        self, connection: AsyncConnection, label: str, *, now: datetime, user_id: int | None = None
    ) -> str:
        """A label in its normal form, if nobody but one person has it."""
        label = _usable(label)
        others = select(member.c.label).where(member.c.user_id != (user_id or 0))
        invited = select(invitation.c.label).where(invitation.c.expires_at > now)
        taken = {
            *_RESERVED,
            *await connection.scalars(others),
            *await connection.scalars(invited),
        }
        if label.casefold() in {name.casefold() for name in taken}:
            raise PeopleError(Refusal.LABEL_TAKEN)
        return label


async def _forget_work(connection: AsyncConnection, user_id: int) -> None:
    """Delete what somebody has only because of a role; what they subscribed stays."""
    for own_work in (draft, upload):
        await connection.execute(delete(own_work).where(own_work.c.user_id == user_id))
    await connection.execute(delete(invitation).where(invitation.c.invited_by == user_id))
    for told in (outbox, planned_notice):
        await connection.execute(
            delete(told).where(told.c.chat_id == user_id, told.c.kind == NoticeKind.NUDGE)
        )


def _usable(label: str) -> str:
    """A label in its normal form, if it can be one."""
    label = " ".join(label.split())
    if not label or len(label) > LONGEST_LABEL or not label.isprintable():
        raise PeopleError(Refusal.BAD_LABEL)
    return label


def _hash(token: str) -> str:
    # The token is random, so a plain hash cannot be reversed by trying.
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()[:HASH_LETTERS]
