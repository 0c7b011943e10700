"""What an import would do: computed, shown to a person, and only then published as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from knowledge.consistency import new_problems
from knowledge.entries import Aspect, Entry
from knowledge.exchange.columns import Column
from knowledge.exchange.findings import Finding, Reason
from knowledge.exchange.statuses import StatusMeaning, StatusQuestion
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot


class Part(StrEnum):
    """A part of an entry that is no column of a table."""

    KIND = "kind"
    TITLE = "title"
    NUMBER = "number"
    ALIASES = "aliases"
    PARENT = "parent"
    RHYTHM = "rhythm"
    LINKS = "links"
    FACT = "fact"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that changes about an entry.

    Attributes:
        part: Which.
        old: What is known, as text; "" for nothing.
        new: What would be known; "" for nothing. The same text where only date or source are new.
        old_as_of: The date of what is known.
        new_as_of: The date of what would be known.
        fact: Id of the fact, where the part is one.
        aspect: What that fact is about.
    """

    part: Column | Part
    old: str
    new: str
    old_as_of: PartialDate | None = None
    new_as_of: PartialDate | None = None
    fact: str | None = None
    aspect: Aspect | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Change:
    """A new or changed entry.

    Attributes:
        row: The row that says so; None where the file has no rows.
        before: The entry as it is; None if it is new.
        after: The entry as it would be.
        differences: What changes; for a new entry everything that the file says.
    """

    row: int | None
    before: Entry | None
    after: Entry
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What an import would do to the entries of one snapshot.

    Attributes:
        new: Entries that do not exist yet.
        changed: Entries that exist and would change.
        unchanged: Entries of the file of which everything is known already.
        missing: Entries that exist below the target and do not stand in the file.
        withdrawn: Those of them that would be withdrawn.
        errors: What must be put right first.
        notices: What a person may want to know.
        questions: Status words that a person has to explain first.
        meanings: What other status words were taken for.
    """

    new: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()
    unchanged: tuple[Entry, ...] = ()
    missing: tuple[Entry, ...] = ()
    withdrawn: tuple[Entry, ...] = ()
    errors: tuple[Finding, ...] = ()
    notices: tuple[Finding, ...] = ()
    questions: tuple[StatusQuestion, ...] = ()
    meanings: tuple[StatusMeaning, ...] = ()

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What to publish beside `withdrawn`."""
        return tuple(change.after for change in (*self.new, *self.changed))

    @property
    def effect(self) -> object:
        """What publishing does and what is noticed about that, to be compared with another's."""
        return self.new, self.changed, self.withdrawn, self.notices

    @property
    def leaves_out(self) -> bool:
        """Whether the file says something that is not known and is not taken over."""
        return any(notice.is_left_out for notice in self.notices)

    @property
    def is_ready(self) -> bool:
        """Whether it can be published: nothing is wrong and nothing is left to ask."""
        return not self.errors and not self.questions

    @property
    def is_only_not_withdrawn(self) -> bool:
        """Whether all that is wrong is that some of what is missing cannot be withdrawn."""
        return bool(self.errors) and all(
            error.reason is Reason.STILL_REFERRED_TO for error in self.errors
        )

    @property
    def changes_nothing(self) -> bool:
        """Whether there is nothing to publish."""
        return not (self.new or self.changed or self.withdrawn)


def checked(
    plan: ImportPlan, snapshot: Snapshot, *, findings: Iterable[Finding], withdraw: bool
) -> ImportPlan:
    """A plan, after a look at what all entries would be like.

    Args:
        plan: What is new, changed, unchanged and missing.
        snapshot: The entries as they are.
        findings: What was found so far, notices included.
        withdraw: Whether to withdraw what is missing, unless something refers to it.
    """
    after = dict(snapshot.entries)
    after |= {entry.key: entry for entry in plan.entries}
    gone = {entry.key for entry in plan.missing} if withdraw else set()
    needed = _referred_to(gone, after)
    withdrawn = tuple(e for e in plan.missing if e.key in gone and e.key not in needed)
    for entry in withdrawn:
        del after[entry.key]
    rows = {change.after.key: change.row for change in (*plan.new, *plan.changed)}
    found = [
        *findings,
        *(
            Finding(Reason.STILL_REFERRED_TO, key=key, other_key=other)
            for key, other in sorted(needed.items())
        ),
        *_inconsistencies(snapshot, after.values(), rows),
    ]
    return replace(
        plan,
        withdrawn=withdrawn,
        errors=tuple(finding for finding in found if not finding.is_notice),
        notices=tuple(finding for finding in found if finding.is_notice),
    )


def _referred_to(gone: set[str], entries: Mapping[str, Entry]) -> dict[str, str]:
    """Which of the entries to withdraw one that stays refers to, and which one that is.

    What cannot be withdrawn stays, and so does what it refers to in its turn.
    """
    needed: dict[str, str] = {}
    staying = [entry for key, entry in entries.items() if key not in gone]
    while staying:
        entry = staying.pop()
        for key in _references(entry):
            if key in gone and key not in needed:
                needed[key] = entry.key
                staying.append(entries[key])
    return needed


def _references(entry: Entry) -> Iterator[str]:
    if entry.parent is not None:
        yield entry.parent
    yield from (link.target for link in entry.links)
    yield from (mention.entry for fact in entry.facts for mention in fact.also)


def _inconsistencies(
    snapshot: Snapshot, after: Iterable[Entry], rows: dict[str, int | None]
) -> Iterator[Finding]:
    """What would be wrong between entries and is not so already."""
    for problem in new_problems(snapshot.entries.values(), after):
        yield Finding(
            Reason.INCONSISTENT,
            row=rows.get(problem.entry),
            key=problem.entry,
            other_key=problem.other,
            flaw=problem.flaw,
        )
