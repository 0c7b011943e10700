"""Rows that an earlier export wrote: which state they show, and so what was touched in them.

A table may come back long after it was exported. What stands in it as it was exported says
nothing: somebody may have published something newer since. No table needs to say when it was
written for that: all states of an entry are kept, and a row shows the one that it agrees with.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from knowledge.entries import Entry
from knowledge.exchange.cells import cells_of, says_same, shown_field
from knowledge.exchange.columns import Column
from knowledge.exchange.conditions import Former
from knowledge.exchange.identification import Owner
from knowledge.exchange.records import Record
from knowledge.exchange.texts import one_line, says_nothing
from knowledge.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Base:
    """The former state of an entry that a row was exported from.

    Attributes:
        entry: The entry as it stood.
        cells: What the export wrote.
        fields: The names, now and formerly, of the field of action that it was below.
        later: The states that came after it, without the present one.
    """

    entry: Entry
    cells: Mapping[Column, str]
    fields: frozenset[str]
    later: tuple[Entry, ...]


class Exports:
    """Finds the states from which the rows of one table were exported."""

    def __init__(self, snapshot: Snapshot, former: Former, columns: Iterable[Column]) -> None:
        """Know all states.

        Args:
            snapshot: The entries as they are.
            former: How they stood before.
            columns: The columns that the table has.
        """
        self._entries = snapshot.entries
        self._withdrawn = snapshot.withdrawn
        self._former = former
        self._columns = [column for column in columns if column is not Column.NUMBER]

    def base(self, owner: Owner) -> Base | None:
        """The former state that a row shows; None if it shows the present one, or is no export's.

        Only an export writes keys as they are. Of states that a row agrees with equally well it
        shows the newest.
        """
        if owner.entry is None or not _is_exported(owner) or not self._former.get(owner.key):
            return None
        states = [owner.entry, *self._former[owner.key]]
        bases = [self._state(states, place) for place in range(len(states))]
        found = max(bases, key=lambda base: self._agreement(owner.record, base))
        return None if found is bases[0] else found

    def is_gone(self, owner: Owner) -> bool:
        """Whether a row is as it was exported, and its measure was withdrawn since."""
        if owner.entry is not None or owner.key not in self._withdrawn or not _is_exported(owner):
            return False
        states = self._former.get(owner.key, ())
        return any(
            self._agreement(owner.record, self._state(states, place)) == len(self._columns)
            for place in range(len(states))
        )

    def _state(self, states: Sequence[Entry], place: int) -> Base:
        entry = states[place]
        parent = self._entries.get(entry.parent or "")
        named = [*([parent] if parent else []), *self._former.get(entry.parent or "", ())]
        fields = frozenset(map(shown_field, named)) or frozenset({""})
        return Base(entry, cells_of(entry, parent), fields, tuple(states[1:place]))

    def _agreement(self, record: Record, base: Base) -> int:
        """In how many columns a row is as it would have been exported."""
        return sum(_agrees(record, base, column) for column in self._columns)


def _is_exported(owner: Owner) -> bool:
    return owner.record.cells.get(Column.NUMBER, "").upper() == owner.key


def _agrees(record: Record, base: Base, column: Column) -> bool:
    cell, said = record.cells.get(column, ""), base.cells[column]
    if column is Column.FIELD:
        return cell in base.fields or (says_nothing(cell) and any(map(says_nothing, base.fields)))
    if column is Column.SOURCE:
        cell = one_line(cell)
    return says_same(column, cell, said) or (says_nothing(cell) and says_nothing(said))
