"""What was published when: revisions, the versions of entries that they made, and changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from knowledge.differences import Difference, compare
from knowledge.entries import Entry, Source


class Origin(StrEnum):
    """How a revision came about."""

    SHIPPED = "shipped"
    EDITED = "edited"
    IMPORTED = "imported"


@dataclass(frozen=True, slots=True)
class Revision:
    """One publication.

    Attributes:
        number: Its number; numbers are contiguous from 1.
        created_at: When it was published.
        author: Label of who published it.
        origin: How it came about.
        reason: Why, in the author's words.
        source: The source it rests on, if it rests on one.
        undoes: Number of the revision that it takes back, if it does.
        keys: The entries that it touched, in natural order.
    """

    number: int
    created_at: datetime
    author: str
    origin: Origin
    reason: str
    source: Source | None = None
    undoes: int | None = None
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Version:
    """An entry as one revision left it.

    Attributes:
        revision: Number of the revision.
        created_at: When it was published.
        author: Who published it.
        origin: How the revision came about.
        reason: Why, in the author's words.
        entry: The entry from then on; its last state where it was withdrawn.
        withdrawn: True where this revision took the entry away.
        undoes: Number of the revision that this one takes back, if it does.
    """

    revision: int
    created_at: datetime
    author: str
    origin: Origin
    reason: str
    entry: Entry
    withdrawn: bool
    undoes: int | None = None

    @property
    def standing(self) -> Entry | None:
        """The entry, unless it was taken away."""
        return None if self.withdrawn else self.entry


@dataclass(frozen=True, slots=True)
class Change:
    """What became of an entry between two revisions.

    Attributes:
        before: Its version at the earlier one, None if it did not exist yet.
        after: Its version at the later one.
    """

    before: Version | None
    after: Version

    @property
    def old(self) -> Entry | None:
        """The entry as it stood; None if it did not exist, or was withdrawn."""
        return self.before.standing if self.before else None

    @property
    def new(self) -> Entry | None:
        """The entry as it stands; None if it is withdrawn."""
        return self.after.standing

    @property
    def differences(self) -> tuple[Difference, ...]:
        """What differs."""
        return compare(self.old, self.new)
