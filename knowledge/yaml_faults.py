"""What can be wrong with a YAML file of entries: typed, with its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What sort of thing is wrong, for those who word it in another language.

    What a `Fault` carries as its text is said with each value.
    """

    UNREADABLE = "unreadable"
    """The file cannot be opened, or is no YAML."""
    TOO_MUCH = "too_much"
    """It would cost too much: aliases, nesting, values without end."""
    SHAPE = "shape"
    """A list, a mapping, a text or a number was expected."""
    TOP = "top"
    """At the top stands something else than sources and entries."""
    TWICE = "twice"
    """Text: the name that is given twice."""
    NO_SOURCE = "no_source"
    """Text: the id of the source that is not there."""
    MISSING = "missing"
    """A field that has to be there is not."""
    UNKNOWN_FIELD = "unknown_field"
    """There is no such field."""
    NO_CHOICE = "no_choice"
    """Text: what there is to choose from."""
    TOO_LONG = "too_long"
    """Text: how many characters there may be."""
    EMPTY = "empty"
    """There has to be something."""
    NO_DATE = "no_date"
    """Text: what is no date."""
    UNFIT = "unfit"
    """Anything else; text: what the reader says."""


Route = tuple[str | int, ...]
"""The way to a value through the names and numbers of a document."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a file.

    Attributes:
        complaint: A line that names file, entry and field.
        kind: What sort of thing it is.
        text: What it is about, see `FaultKind`.
        entry: Key of the entry, if it has one.
        field: Name of the field, if it is about one.
        path: Where it is in the document.
        line: The place in the file, from 1.
    """

    complaint: str
    kind: FaultKind
    text: str = ""
    entry: str = ""
    field: str = ""
    path: Route = ()
    line: int | None = None
