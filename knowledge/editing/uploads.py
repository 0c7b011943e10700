"""Files that editors are importing, kept in the database: a restart loses none.

An editor imports one file at a time. Buttons name an upload and its version, so that a press on
an outdated message, or two at once, do nothing. A file is erased as soon as it is published or
given up; of a published one it is known for the rest of its day as which revision.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import ColumnElement, Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from knowledge.exchange.files import Choices
from knowledge.storage.database import Database, storable, take_turns
from knowledge.storage.row_ids import new_id
from knowledge.storage.store import Guard
from knowledge.storage.tables import upload

VALID = timedelta(days=1)
"""How long a file is kept after something was last decided about it."""

MISSED = timedelta(days=1)
"""How long after that the name of one that was not published is kept."""

_PUBLISHED_AS = "published_as"
"""What is left of the choices when a file is published: the number of the revision."""

LONGEST_NAME = 120
"""Letters of a file's name that are kept, from its end, where the suffix is."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way into the knowledge base.

    Attributes:
        id: Its number.
        user_id: Whose import it is.
        version: Counts how often something was decided about it.
        base: Number of the revision whose state the editor was shown.
        name: The file's name.
        content: The file.
        choices: What was decided about it.
        expires_at: When it is given up: `VALID` after something was last decided or asked.
    """

    id: int
    user_id: int
    version: int
    base: int
    name: str
    content: bytes
    choices: Choices
    expires_at: datetime


class UploadError(Exception):
    """An upload cannot be used: it is published, given up, expired, or was changed since.

    Attributes:
        revision: Number of the revision as which it was published, if it was.
    """

    def __init__(self, revision: int | None = None) -> None:
        super().__init__(revision)
        self.revision = revision


class Uploads:
    """The uploads of all editors."""

    def __init__(self, database: Database) -> None:
        """Use a database."""
        self._database = database

    async def begin(
        self,
        user_id: int,
        name: str,
        content: bytes,
        choices: Choices,
        *,
        base: int,
        now: datetime,
    ) -> Upload:
        """Keep a file; one that the editor was importing already is given up for it.

        Args:
            user_id: Whose import it is.
            name: The file's name.
            content: The file.
            choices: What was decided about it so far.
            base: Number of the revision whose state the editor is shown.
            now: The present moment.
        """
        kept = storable(name)[-LONGEST_NAME:]
        new = Upload(new_id(), user_id, 1, base, kept, content, choices, now + VALID)
        async with self._database.writing() as connection:
            await take_turns(connection, upload)
            await connection.execute(delete(upload).where(upload.c.user_id == user_id))
            await connection.execute(
                insert(upload).values(
                    id=new.id,
                    user_id=user_id,
                    version=new.version,
                    base=base,
                    name=kept,
                    content=content,
                    choices=choices.model_dump(mode="json"),
                    expires_at=new.expires_at,
                )
            )
        return new

    async def open(self, user_id: int, *, now: datetime) -> Upload | None:
        """The upload that an editor is importing."""
        row = await self._row(upload.c.user_id == user_id, now)
        return None if row is None else _upload(row)

    async def lapsed(self, user_id: int, *, now: datetime) -> str | None:
        """The name of the file that an editor was importing until it expired."""
        left = (upload.c.user_id == user_id) & (upload.c.expires_at <= now)
        async with self._database.reading() as connection:
            return await connection.scalar(select(upload.c.name).where(left, upload.c.name != ""))

    async def load(self, upload_id: int, user_id: int, *, version: int, now: datetime) -> Upload:
        """The upload that a button names.

        Raises:
            UploadError: if there is none like that.
        """
        row = await self._row((upload.c.id == upload_id) & (upload.c.user_id == user_id), now)
        found = None if row is None else _upload(row)
        if found is None or found.version != version:
            raise UploadError(None if row is None else row.choices.get(_PUBLISHED_AS))
        return found

    async def save(self, former: Upload, choices: Choices, *, base: int, now: datetime) -> Upload:
        """Keep what was decided, for another day.

        Args:
            former: The upload as it was loaded.
            choices: What was decided about it.
            base: Number of the revision whose state the editor is shown now.
            now: The present moment.

        Raises:
            UploadError: if it is gone, or was changed since it was loaded.
        """
        saved = replace(
            former,
            version=former.version + 1,
            base=base,
            choices=choices,
            expires_at=now + VALID,
        )
        async with self._database.writing() as connection:
            result = await connection.execute(
                update(upload)
                .where(_as_loaded(former), upload.c.expires_at > now)
                .values(
                    version=saved.version,
                    base=base,
                    choices=choices.model_dump(mode="json"),
                    expires_at=saved.expires_at,
                )
            )
        if not result.rowcount:
            raise UploadError
        return saved

    async def discard(self, former: Upload) -> None:
        """Erase an upload.

        Raises:
            UploadError: if it is gone, or was changed since it was loaded.
        """
        async with self._database.writing() as connection:
            result = await connection.execute(delete(upload).where(_as_loaded(former)))
        if not result.rowcount:
            raise UploadError

    def publishing(self, former: Upload, *, now: datetime) -> Guard:
        """Erase an upload together with its publication: it is published once or not at all.

        The guard raises UploadError if it is gone, or was changed since it was loaded.
        """

        async def guard(connection: AsyncConnection, number: int) -> None:
            # As which revision is kept for whom the confirmation does not reach.
            result = await connection.execute(
                update(upload)
                .where(_as_loaded(former), upload.c.expires_at > now)
                .values(
                    version=former.version + 1,
                    name="",
                    content=b"",
                    choices={_PUBLISHED_AS: number},
                )
            )
            if not result.rowcount:
                raise UploadError

        return guard

    async def forget_expired(self, now: datetime) -> int:
        """Erase uploads about which nothing was decided for long; returns how many.

        The name of a file is known for `MISSED`, to tell whoever goes on with it that it is over.
        """
        has_expired = upload.c.expires_at <= now
        is_known = (upload.c.name == "") | (upload.c.expires_at <= now - MISSED)
        async with self._database.writing() as connection:
            gone = await connection.execute(delete(upload).where(has_expired & is_known))
            erased = await connection.execute(
                update(upload)
                .where(has_expired, upload.c.content != b"")
                .values(content=b"", choices={})
            )
        return gone.rowcount + erased.rowcount

    async def _row(
        self, wanted: ColumnElement[bool], now: datetime
    ) -> Row[*tuple[Any, ...]] | None:
        async with self._database.reading() as connection:
            rows = await connection.execute(
                select(upload).where(wanted, upload.c.expires_at > now)
            )
            return rows.one_or_none()


def _upload(row: Row[*tuple[Any, ...]]) -> Upload | None:
    """The upload in a row; None if it is published, or another version of the program wrote it."""
    try:
        choices = Choices.model_validate(row.choices)
    except ValidationError:
        return None
    return Upload(
        row.id,
        row.user_id,
        row.version,
        row.base,
        row.name,
        row.content,
        choices,
        row.expires_at,
    )


def _as_loaded(former: Upload) -> ColumnElement[bool]:
    return (upload.c.id == former.id) & (upload.c.version == former.version)
