"""The fields of action that a table names: known ones, and those to be made."""

from __future__ import annotations

import re

from knowledge.entries import Entry, Kind
from knowledge.exchange.cells import shown_field
from knowledge.exchange.columns import Column
from knowledge.exchange.findings import Finding, Reason
from knowledge.exchange.identification import Keys, Owner
from knowledge.exchange.plan import Change, Difference
from knowledge.exchange.texts import title
from knowledge.german import fold
from knowledge.snapshot import Snapshot

_NUMBERING = re.compile(
    r"(?:(?:handlungsfeld|handlungsbereich|themenfeld|aktionsfeld|feld|hf)\b ?)?"
    r"(?:(?:\d+(?:\.\d+)*|[ivx]+)\b)? ?(?:\([^)]*\))? ?[.:)–-]* ?"
)


class Fields:
    """Finds the field of action of a row, and plans those that do not exist.

    Attributes:
        created: The new ones.
        findings: Rows whose field can be neither found nor made.
    """

    def __init__(self, snapshot: Snapshot, target: Entry, keys: Keys) -> None:
        """Learn the fields below the target, by titles and aliases, with and without numbers."""
        self.created: list[Change] = []
        self.findings: list[Finding] = []
        self._entries = dict(snapshot.entries)
        self._target = target
        self._keys = keys
        self._known: dict[str, Entry] = {}
        for entry in snapshot.below(target.key):
            if entry.kind is Kind.FIELD:
                self._learn(entry)

    def _learn(self, entry: Entry) -> None:
        for name in (entry.title, *entry.aliases):
            for form in (fold(title(name)), _unnumbered(name)):
                self._known.setdefault(form, entry)

    def parent(self, owner: Owner) -> Entry | None:
        """What the row's measure belongs below; None where that cannot be had."""
        key = owner.entry.parent if owner.entry else None
        current = self._entries[key] if key else self._target
        name = title(owner.record.cells.get(Column.FIELD, ""))
        if not name or name == shown_field(current):
            return current
        return (
            self._known.get(fold(name))
            or self._known.get(_unnumbered(name))
            or self._new(owner, name)
        )

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


def _unnumbered(name: str) -> str:
    """A title without its number, in the form in which fields are compared.

    >>> _unnumbered("Handlungsfeld 1: Sprache"), _unnumbered("III. Sprache"), _unnumbered("HF 2")
    ('sprache', 'sprache', 'hf 2')
    """
    folded = fold(title(name))
    return _NUMBERING.sub("", folded, count=1) or folded
