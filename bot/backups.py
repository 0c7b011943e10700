"""What `massnahmenbot backup` and `restore` do: files, locks and transactions around a backup."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from bot.instance import only_instance
from bot.settings import Settings
from knowledge.maintenance.backup import BackupError, restore, verify, write
from knowledge.storage.database import Database

Announce = Callable[[str], None]
"""Takes a sentence for the operator."""


async def back_up(settings: Settings, file: Path, *, now: datetime, announce: Announce) -> None:
    """Write everything in the database to a new file, which only its owner can read.

    The bot may go on meanwhile: the backup is of one moment.

    Args:
        settings: Which database.
        file: Where to; never an existing file.
        now: The present moment.
        announce: Is told what was written.

    Raises:
        BackupError: if there is nothing to back up, or there is such a file already.
        OSError: if the file cannot be written.
    """
    database = Database(settings.database_url, only_reading=True)
    if not database.exists():
        raise BackupError(f"there is no database {database.url.database}")
    try:
        with new_file(file) as target:
            async with database.reading() as connection:
                manifest = await connection.run_sync(
                    write, target, program=version("massnahmenbot"), now=now
                )
    finally:
        await database.close()
    announce(
        f"{file}: {manifest.rows} rows of {len(manifest.tables)} tables, "
        f"schema {manifest.schema_revision}"
    )


async def bring_back(settings: Settings, file: Path, *, now: datetime, announce: Announce) -> None:
    """Fill an empty database, or one that does not exist yet, from a backup.

    Args:
        settings: Which database.
        file: The backup.
        now: The present moment.
        announce: Is told what was restored.

    Raises:
        BackupError: if the backup cannot be used, or the database is not empty.
        AlreadyRunningError: if a bot runs on the database.
        OSError: if the file cannot be read.
    """
    database = Database(settings.database_url)
    with file.open("rb") as source:
        verify(source)  # before a database comes into being
        try:
            async with only_instance(database), database.changing_schema() as connection:
                manifest = await connection.run_sync(restore, source, now=now)
        finally:
            await database.close()
    announce(
        f"{manifest.rows} rows of {len(manifest.tables)} tables are as they were on "
        f"{manifest.created_at:%Y-%m-%d at %H:%M %Z}. `massnahmenbot doctor` checks them."
    )


@contextmanager
def new_file(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears when it is complete and on the disk, or not at all.

    Raises:
        BackupError: if there is a file of that name already, or when this one is complete.
    """
    if path.exists():
        raise _taken(path)
    with _beside(path) as file:
        partial = Path(file.name)
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            _name(partial, path)
        except BaseException:
            partial.unlink()
            raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _beside(path: Path) -> IO[bytes]:
    """A new file beside a place, because only there naming is one step; its owner's alone."""
    try:
        return NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False)
    except OSError as exc:
        # Of which file is asked, not of this one.
        raise OSError(exc.errno, exc.strerror, str(path)) from exc


def _name(partial: Path, path: Path) -> None:
    """Give a file its name, unless another one has got it meanwhile."""
    try:
        os.link(partial, path)  # renaming would put it in the place of the other
    except FileExistsError as exc:
        raise _taken(path) from exc
    except OSError:
        # On a disk without links, such as FAT, the name is taken first.
        try:
            path.touch(0o600, exist_ok=False)
        except FileExistsError as exc:
            raise _taken(path) from exc
        partial.rename(path)
    else:
        partial.unlink()


def _taken(path: Path) -> BackupError:
    return BackupError(f"there is a file {path} already: name a new one")
