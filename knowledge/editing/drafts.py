"""Changes that editors are preparing, kept in the database: a restart loses none.

An editor has one open draft per chat: what is typed next belongs to it without asking. Buttons
name a draft and its version, so that a press on an outdated message, or two at once, do nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import Row, Update, delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.editing.edits import Edit, Form
from knowledge.storage.database import Database
from knowledge.storage.row_ids import new_id
from knowledge.storage.store import Guard
from knowledge.storage.tables import draft

VALID = timedelta(days=1)
"""How long a draft can be used after it was last touched."""

MISSED = timedelta(days=7)
"""How long after that an open one is kept, to tell whoever goes on writing that it is over."""


class Content(BaseModel):
    """What an editor wants to do.

    Attributes:
        edits: Edits that are complete, in the order in which they are to be done.
        form: The edit that is being asked for, if one is.
        then: What was said with the form about the entry that it makes, and is asked for next.
        former: The edits to go back to, if the form is given up; none where it is all there is.
        answers: Numbers of the questions handed over that publication answers.
        begun: Number of the message with which it was begun, or below which that was tapped.
        taken: Number of the newest message that was put into it.
        refused_at: When a text was refused that Telegram may have cut, in seconds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    edits: tuple[Edit, ...] = ()
    form: Form | None = None
    then: Form | None = None
    former: tuple[Edit, ...] = ()
    answers: tuple[int, ...] = ()
    # A message whose reply did not arrive comes again, also after newer ones.
    begun: int = 0
    taken: int = 0
    # Telegram cuts long texts: what follows at once upon one that was refused is its rest.
    refused_at: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """An open draft.

    Attributes:
        id: Its number.
        user_id: Whose it is.
        chat_id: Where it is written.
        version: Counts how often it was saved.
        base: Number of the revision whose state the editor was shown.
        content: What it holds.
        expires_at: When it is given up.
    """

    id: int
    user_id: int
    chat_id: int
    version: int
    base: int
    content: Content
    expires_at: datetime


class Closed(StrEnum):
    """Why a draft cannot be used any more."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    DISCARDED = "discarded"
    PUBLISHED = "published"
    CHANGED = "changed"


class DraftError(Exception):
    """A draft cannot be used any more.

    Attributes:
        why: The reason.
        revision: Number of the revision as which it was published.
    """

    def __init__(self, why: Closed, revision: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.revision = revision


class DraftState(StrEnum):
    """What became of a draft."""

    OPEN = "open"
    DISCARDED = "discarded"
    PUBLISHED = "published"


class Drafts:
    """The drafts of all editors."""

    def __init__(self, database: Database) -> None:
        """Use a database."""
        self._database = database

    async def begin(
        self, user_id: int, chat_id: int, content: Content, *, base: int, now: datetime
    ) -> Draft:
        """Open a draft; one that the editor has open in this chat already is given up for it.

        Args:
            user_id: Whose it is.
            chat_id: Where it is written.
            content: What it holds so far.
            base: Number of the revision whose state the editor was shown.
            now: The present moment.
        """
        values = {
            "base": base,
            "content": content.model_dump(mode="json"),
            "expires_at": now + VALID,
        }
        new = self._database.insert(draft).values(
            id=new_id(),
            user_id=user_id,
            chat_id=chat_id,
            state=DraftState.OPEN,
            version=1,
            **values,
        )
        async with self._database.writing() as connection:
            # One statement, so that two messages at once do not open two drafts.
            row = await connection.execute(
                new.on_conflict_do_update(
                    index_elements=[draft.c.user_id, draft.c.chat_id],
                    index_where=draft.c.state == DraftState.OPEN,
                    set_={**values, "version": draft.c.version + 1},
                ).returning(draft.c.id, draft.c.version)
            )
            number, version = row.one()
        return Draft(number, user_id, chat_id, version, base, content, now + VALID)

    async def open(self, user_id: int, chat_id: int, *, now: datetime) -> Draft | None:
        """The draft that an editor has open in a chat."""
        own = (draft.c.user_id == user_id) & (draft.c.chat_id == chat_id)
        async with self._database.reading() as connection:
            number = await connection.scalar(
                select(draft.c.id).where(own, draft.c.state == DraftState.OPEN)
            )
            if number is None:
                return None
            try:
                return await _load(connection, number, user_id, now)
            except DraftError:
                return None

    async def lapsed(self, user_id: int, chat_id: int, *, now: datetime) -> Draft | None:
        """The draft that an editor left open in a chat until it expired."""
        left = (
            (draft.c.user_id == user_id)
            & (draft.c.chat_id == chat_id)
            & (draft.c.state == DraftState.OPEN)
            & (draft.c.expires_at <= now)
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(select(draft).where(left))).one_or_none()
        return None if row is None else _draft(row)

    async def load(self, draft_id: int, user_id: int, *, version: int, now: datetime) -> Draft:
        """The draft that a button names.

        Raises:
            DraftError: if it is not open any more, was saved since, or is somebody else's.
        """
        async with self._database.reading() as connection:
            found = await _load(connection, draft_id, user_id, now)
        if found.version != version:
            raise DraftError(Closed.CHANGED)
        return found

    async def save(
        self, former: Draft, content: Content, *, now: datetime, base: int | None = None
    ) -> Draft:
        """Keep other content, for another day.

        Args:
            former: The draft as it was loaded.
            content: What it holds now.
            now: The present moment.
            base: Number of the revision whose state the editor is shown now, if it is another.

        Raises:
            DraftError: if it is not open any more, or was saved since it was loaded.
        """
        saved = replace(
            former,
            version=former.version + 1,
            base=former.base if base is None else base,
            content=content,
            expires_at=now + VALID,
        )
        changed = _touching(former).values(
            version=saved.version,
            base=saved.base,
            content=content.model_dump(mode="json"),
            expires_at=saved.expires_at,
        )
        async with self._database.writing() as connection:
            await _use(connection, former, changed, now)
        return saved

    async def discard(self, former: Draft, *, now: datetime) -> None:
        """Give a draft up.

        Raises:
            DraftError: if it is not open any more, or was saved since it was loaded.
        """
        async with self._database.writing() as connection:
            closed = _touching(former).values(state=DraftState.DISCARDED, content=None)
            await _use(connection, former, closed, now)

    async def forget(self, former: Draft) -> None:
        """Delete a draft that has expired, unless another one was begun in its place."""
        async with self._database.writing() as connection:
            await connection.execute(
                delete(draft).where(draft.c.id == former.id, draft.c.version == former.version)
            )

    def publishing(self, former: Draft, *, now: datetime) -> Guard:
        """Close a draft together with its publication: it is published once or not at all.

        The guard raises DraftError if it is not open any more, or was saved since.
        """

        async def guard(connection: AsyncConnection, number: int) -> None:
            closed = _touching(former).values(
                state=DraftState.PUBLISHED, content=None, published_as=number
            )
            await _use(connection, former, closed, now)

        return guard

    async def forget_expired(self, now: datetime) -> int:
        """Delete drafts that were not touched for long; returns how many."""
        is_closed = draft.c.state != DraftState.OPEN
        over = (draft.c.expires_at <= now) & is_closed | (draft.c.expires_at <= now - MISSED)
        async with self._database.writing() as connection:
            result = await connection.execute(delete(draft).where(over))
        return result.rowcount


def _touching(former: Draft) -> Update:
    return update(draft).where(
        draft.c.id == former.id,
        draft.c.state == DraftState.OPEN,
        draft.c.version == former.version,
    )


async def _use(connection: AsyncConnection, former: Draft, change: Update, now: datetime) -> None:
    """Change a draft that is as it was loaded, or say why that is impossible."""
    result = await connection.execute(change.where(draft.c.expires_at > now))
    if not result.rowcount:
        await _load(connection, former.id, former.user_id, now)
        raise DraftError(Closed.CHANGED)


async def _load(connection: AsyncConnection, draft_id: int, user_id: int, now: datetime) -> Draft:
    wanted = select(draft).where(draft.c.id == draft_id, draft.c.user_id == user_id)
    row = (await connection.execute(wanted)).one_or_none()
    if row is None:
        raise DraftError(Closed.UNKNOWN)
    if row.state != DraftState.OPEN:
        raise DraftError(Closed(row.state), row.published_as)
    found = _draft(row) if row.expires_at > now else None
    if found is None:
        raise DraftError(Closed.EXPIRED)
    return found


def _draft(row: Row[*tuple[Any, ...]]) -> Draft | None:
    """The draft in a row; None if another version of the program wrote it, whose edits differ."""
    try:
        content = Content.model_validate(row.content)
    except ValidationError:
        return None
    return Draft(row.id, row.user_id, row.chat_id, row.version, row.base, content, row.expires_at)
