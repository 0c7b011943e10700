"""Planning the import of complete entries, as YAML files hold them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date

from knowledge.entries import Entry
from knowledge.exchange.findings import FileRefusedError, Finding, Reason
from knowledge.exchange.plan import Change, Difference, ImportPlan, Part, checked
from knowledge.snapshot import Snapshot
from knowledge.yaml_files import DataError, located, read

MOST_FINDINGS = 100
"""Faults that are listed of a file: nobody reads more, and there may be a million."""

_TEXTS: Mapping[Part, Callable[[Entry], str]] = {
    Part.KIND: lambda entry: entry.kind,
    Part.TITLE: lambda entry: entry.title,
    Part.NUMBER: lambda entry: entry.number or "",
    Part.ALIASES: lambda entry: "; ".join(entry.aliases),
    Part.PARENT: lambda entry: entry.parent or "",
    Part.RHYTHM: lambda entry: (
        f"{entry.rhythm.months} / {entry.rhythm.since.iso()}" if entry.rhythm else ""
    ),
    Part.LINKS: lambda entry: "; ".join(
        " ".join(filter(None, (link.relation, link.target, link.note))) for link in entry.links
    ),
}
"""The attributes of an entry beside its facts, and how each is shown."""


def read_entries(content: bytes, name: str) -> tuple[Entry, ...]:
    """Read the entries of a YAML file that somebody sent.

    Raises:
        FileRefusedError: with a finding for every fault.
    """
    try:
        return read(content, name)
    except DataError as exc:
        faults = located(content, exc.faults[:MOST_FINDINGS])
        findings = [
            Finding(Reason.NOT_YAML, row=fault.line, text=fault.complaint, fault=fault)
            for fault in faults
        ]
        raise FileRefusedError(*findings) from exc


def plan_entries(
    entries: Sequence[Entry],
    snapshot: Snapshot,
    *,
    today: date,
    scope: str | None = None,
    withdraw_missing: bool = False,
) -> ImportPlan:
    """Compare complete entries with those that are known; nothing is changed.

    Args:
        entries: The entries of the file.
        snapshot: The entries as they are.
        today: The present day; no new or changed fact can be from later.
        scope: Key of the entry that the file is about, with all below it; None for everything.
        withdraw_missing: Whether entries of the scope that are not in the file are withdrawn.
    """
    counts = Counter(entry.key for entry in entries)
    findings = [Finding(Reason.KEY_TWICE, key=key) for key, count in counts.items() if count > 1]
    changes: list[Change] = []
    unchanged: list[Entry] = []
    for entry in entries:
        known = snapshot.entries.get(entry.key)
        if known == entry:
            unchanged.append(known)
            continue
        changes.append(Change(None, known, entry, tuple(_differences(known, entry))))
        findings += _dates_to_come(known, entry, today)
    plan = ImportPlan(
        new=tuple(change for change in changes if change.before is None),
        changed=tuple(change for change in changes if change.before is not None),
        unchanged=tuple(unchanged),
        missing=tuple(entry for entry in snapshot.within(scope) if entry.key not in counts),
    )
    return checked(plan, snapshot, findings=findings, withdraw=withdraw_missing)


def _dates_to_come(old: Entry | None, new: Entry, today: date) -> Iterator[Finding]:
    """The facts that no source can state yet, as far as the file brings or changes them."""
    known = old.facts if old else ()
    for fact in new.facts:
        if fact.as_of is not None and fact.as_of.first > today and fact not in known:
            yield Finding(Reason.DATE_TO_COME, key=fact.id, text=fact.as_of.german())


def _differences(old: Entry | None, new: Entry) -> Iterator[Difference]:
    """What changes, part by part; facts by their ids."""
    for part, text in _TEXTS.items():
        if old is None or getattr(old, part) != getattr(new, part):
            before, after = text(old) if old else "", text(new)
            if before or after:
                yield Difference(part, before, after)
    known = {fact.id: fact for fact in old.facts} if old else {}
    given = {fact.id: fact for fact in new.facts}
    for name in [*given, *(name for name in known if name not in given)]:
        was, will = known.get(name), given.get(name)
        if was != will:
            yield Difference(
                Part.FACT,
                was.text if was else "",
                will.text if will else "",
                was.as_of if was else None,
                will.as_of if will else None,
                fact=name,
                aspect=next(fact.aspect for fact in (will, was) if fact),
            )
    if known.keys() == given.keys() and list(known) != list(given):
        yield Difference(Part.ORDER, ", ".join(known), ", ".join(given))
