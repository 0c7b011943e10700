"""The fields of action that a table names: known ones, and those to be made."""

from __future__ import annotations

import re
from collections import defaultdict

from knowledge.entries import Entry, Kind
from knowledge.exchange.cells import shown_field
from knowledge.exchange.columns import Column
from knowledge.exchange.conditions import NO_FORMER, Former
from knowledge.exchange.findings import Finding, Reason
from knowledge.exchange.former import Base
from knowledge.exchange.identification import Keys, Owner
from knowledge.exchange.plan import Change, Difference
from knowledge.exchange.texts import title
from knowledge.german import fold
from knowledge.snapshot import Snapshot

_NUMBERING = re.compile(
    r"(?:(?:handlungsfeld|handlungsbereich|themenfeld|aktionsfeld|feld|hf)\b ?)?"
    r"(?:(?P<number>\d+(?:\.\d+)*|[ivx]+)\b)? ?(?:\([^)]*\))? ?[.:)–-]* ?"
)

_ROMAN = {"i": 1, "v": 5, "x": 10}


class Fields:
    """Finds the field of action of a row, and plans those that do not exist.

    Attributes:
        created: The new ones.
        findings: Rows whose field can be neither found nor made.
    """

    def __init__(
        self, snapshot: Snapshot, target: Entry, keys: Keys, former: Former = NO_FORMER
    ) -> None:
        """Learn the fields below the target, by titles and aliases, with and without numbers.

        What they were called before comes after what others are called now.
        """
        self.created: list[Change] = []
        self.findings: list[Finding] = []
        self._entries = dict(snapshot.entries)
        self._target = target
        self._keys = keys
        self._known: dict[str, Entry] = {}
        self._numbered: dict[str, dict[str, Entry]] = defaultdict(dict)
        for entry in snapshot.below(target.key):
            if entry.kind is Kind.FIELD:
                self._learn(entry)
        for key in [entry.key for entry in self._known.values()]:
            for state in former.get(key, ()):
                if state.kind is Kind.FIELD:
                    self._known.setdefault(fold(title(state.title)), self._entries[key])

    def _learn(self, entry: Entry) -> None:
        for name in (entry.title, *entry.aliases):
            number, unnumbered = _parts(name)
            self._known.setdefault(fold(title(name)), entry)
            self._numbered[unnumbered].setdefault(number, entry)

    def parent(self, owner: Owner, base: Base | None = None) -> Entry | None:
        """What the row's measure belongs below; None where that cannot be had."""
        key = owner.entry.parent if owner.entry else None
        current = self._entries[key] if key else self._target
        name = title(owner.record.cells.get(Column.FIELD, ""))
        if not name or name == shown_field(current) or (base and name in base.fields):
            return current
        return self._known.get(fold(name)) or self._alike(name) or self._new(owner, name)

    def _alike(self, name: str) -> Entry | None:
        """The field of that name, where the numbers of both do not tell them apart."""
        number, unnumbered = _parts(name)
        known = self._numbered.get(unnumbered, {})
        if number:
            return known.get(number) or known.get("")
        return next(iter(known.values()), None)

    def _new(self, owner: Owner, name: str) -> Entry | None:
        row = owner.record.row
        if self._target.kind is not Kind.PLAN:
            self.findings.append(Finding(Reason.NO_SUCH_FIELD, row=row, text=name))
            return None
        key = self._keys.free("F")
        field = Entry(key=key, kind=Kind.FIELD, title=name, parent=self._target.key)
        self.created.append(Change(row, None, field, (Difference(Column.FIELD, "", name),)))
        self._learn(field)
        return field


def _parts(name: str) -> tuple[str, str]:
    """The number of a title, if it has one, and the rest, in the form in which both are compared.

    >>> _parts("Handlungsfeld 1: Sprache"), _parts("III. Sprache"), _parts("HF 2")
    (('1', 'sprache'), ('3', 'sprache'), ('', 'hf 2'))
    """
    folded = fold(title(name))
    match = _NUMBERING.match(folded)
    rest = folded[match.end() :] if match else ""
    if not match or not rest:
        return "", folded
    return _arabic(match["number"] or ""), rest


def _arabic(number: str) -> str:
    """A number in digits.

    >>> [_arabic(number) for number in ("iv", "xii", "02.1", "")]
    ['4', '12', '2.1', '']
    """
    if number[:1] not in _ROMAN:
        return ".".join(str(int(part)) for part in number.split(".") if part)
    values = [_ROMAN[letter] for letter in number]
    return str(sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True)))
