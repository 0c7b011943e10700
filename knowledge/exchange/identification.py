"""Which row of a table is about which entry, and which keys new entries get."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from knowledge.entries import LONGEST_KEY, Entry, Kind
from knowledge.exchange.cells import shown_field
from knowledge.exchange.columns import Column
from knowledge.exchange.conditions import NO_FORMER, Former
from knowledge.exchange.findings import Finding, Reason
from knowledge.exchange.records import Record
from knowledge.exchange.texts import title
from knowledge.german import fold
from knowledge.snapshot import Snapshot

LONGEST_PREFIX = 18
"""Characters of a plan's key that the keys of its entries begin with; a dash and digits follow."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Which entry a row is about.

    Attributes:
        record: The row.
        key: The entry's key.
        entry: The entry; None if it is new.
    """

    record: Record
    key: str
    entry: Entry | None


class Keys:
    """Keys below a plan: those that are in use, and free ones in a fixed order."""

    def __init__(self, plan: str, taken: Iterable[str]) -> None:
        """Begin with the keys that are in use, or were."""
        self.prefix = plan[:LONGEST_PREFIX].rstrip("-")
        self._taken = set(taken)
        self._last: dict[str, int] = defaultdict(int)

    def take(self, keys: Iterable[str]) -> None:
        """Note that keys are in use."""
        self._taken.update(keys)

    def free(self, letter: str = "") -> str:
        """The next key that nothing has: `EF-MP-1`, or with a letter `EF-MP-F1`."""
        while True:
            self._last[letter] += 1
            key = f"{self.prefix}-{letter}{self._last[letter]}"
            if key not in self._taken:
                self._taken.add(key)
                return key

    def of_number(self, number: str) -> str | None:
        """The key that a number in a table gives, or None where it gives none.

        >>> Keys("EF-MP", ()).of_number("HF 2 / M 1.3"), Keys("EF-MP", ()).of_number("EF-MP-7")
        ('EF-MP-HF-2-M-1-3', 'EF-MP-7')
        """
        plain = re.sub(r"[^A-Z0-9]+", "-", fold(number).upper()).strip("-")
        known = plain in self._taken or plain.startswith(f"{self.prefix}-")
        key = plain if known else f"{self.prefix}-{plain}"
        return key if plain and len(key) <= LONGEST_KEY else None


class Identification:
    """Finds out for the rows of a table which measures of a plan they are about.

    Attributes:
        owners: The rows of which that is clear.
        missing: Measures of the plan that no row is about.
        findings: Why it is not clear of the others.
    """

    def __init__(
        self,
        records: Sequence[Record],
        snapshot: Snapshot,
        target: str,
        keys: Keys,
        former: Former = NO_FORMER,
    ) -> None:
        """Identify all rows: by their keys first, then by their titles, the rest is new."""
        self.findings: list[Finding] = []
        self._former = former
        self._snapshot = snapshot
        self._measures = {
            entry.key: entry for entry in snapshot.below(target) if entry.kind is Kind.MEASURE
        }
        self._titled: dict[str, list[Entry]] = defaultdict(list)
        for entry in self._measures.values():
            self._titled[_folded(entry.title)].append(entry)
        self._claimed: dict[str, Record] = {}
        numbers = {r.row: keys.of_number(r.cells.get(Column.NUMBER, "")) for r in records}
        owners = self._by_key(records, numbers)
        others = [r for r in records if r.row not in owners]
        unknown = self._by_title(others, owners)
        keys.take(filter(None, numbers.values()))  # else the next import reads them as these
        self._new(unknown, numbers, owners, keys, told=[r for r in others if owners.get(r.row)])
        self.owners = [owner for record in records if (owner := owners[record.row])]
        self.missing = [e for key, e in self._measures.items() if key not in self._claimed]

    def _by_key(
        self, records: Sequence[Record], numbers: dict[int, str | None]
    ) -> dict[int, Owner | None]:
        owners: dict[int, Owner | None] = {}
        for record in records:
            key = numbers[record.row]
            if key in self._measures:
                owners[record.row] = self._claim(record, self._measures[key])
            elif key in self._snapshot.entries:
                owners[record.row] = None
                self.findings.append(Finding(Reason.KEY_ELSEWHERE, row=record.row, key=key))
        return owners

    def _by_title(
        self, records: Sequence[Record], owners: dict[int, Owner | None]
    ) -> list[Record]:
        """Identify what has a known title; returns the others."""
        unknown = []
        for record in records:
            found = self._with_title(record)
            if not found:
                unknown.append(record)
            elif len(found) == 1:
                owners[record.row] = self._claim(record, found[0])
            else:
                owners[record.row] = None
                text = record.cells[Column.MEASURE]
                self.findings.append(Finding(Reason.AMBIGUOUS_TITLE, row=record.row, text=text))
        return unknown

    def _with_title(self, record: Record) -> list[Entry]:
        """Measures with the row's title that no other row is about; if in doubt, of its field."""
        found = [
            entry
            for entry in self._titled.get(_folded(record.cells[Column.MEASURE]), ())
            if entry.key not in self._claimed
        ]
        field = _folded(record.cells.get(Column.FIELD, ""))
        within = [entry for entry in found if _folded(self._field(entry)) == field]
        return within if len(found) > 1 and within else found

    def _field(self, entry: Entry) -> str:
        return shown_field(self._snapshot.entries.get(entry.parent or ""))

    def _new(
        self,
        records: Sequence[Record],
        numbers: dict[int, str | None],
        owners: dict[int, Owner | None],
        keys: Keys,
        told: Sequence[Record],
    ) -> None:
        # A twin of what was told by its title alone, or a new entry under its number: the next
        # import could not tell the two apart.
        seen = {_named(record): record for record in told}
        seen |= {(key,): record for record in told if (key := numbers[record.row])}
        for record in records:
            key = numbers[record.row]
            name = (key,) if key else _named(record)
            if name in seen:
                owners[record.row] = None
                self._twice(record, seen[name])
            else:
                seen[name] = record
                owners[record.row] = Owner(record, key or keys.free(), None)

    def _claim(self, record: Record, entry: Entry) -> Owner | None:
        if entry.key in self._claimed:
            self._twice(record, self._claimed[entry.key])
            return None
        self._claimed[entry.key] = record
        name = _folded(record.cells[Column.MEASURE])
        named_so = self._titled.get(name, [entry])
        was_called_so = name in {_folded(e.title) for e in self._former.get(entry.key, ())}
        if entry not in named_so and not was_called_so:
            self.findings.append(
                Finding(
                    Reason.KEY_AND_TITLE_DISAGREE,
                    row=record.row,
                    key=entry.key,
                    other_key=named_so[0].key,
                )
            )
            return None
        return Owner(record, entry.key, entry)

    def _twice(self, record: Record, other: Record) -> None:
        self.findings.append(Finding(Reason.ROW_TWICE, row=record.row, other_row=other.row))


def _named(record: Record) -> tuple[str, ...]:
    """What tells a row without a number from others."""
    return _folded(record.cells[Column.MEASURE]), _folded(record.cells.get(Column.FIELD, ""))


def _folded(text: str) -> str:
    return fold(title(text))
