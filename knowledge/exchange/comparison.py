"""Comparing a row with what is known about its entry, cell by cell."""

from __future__ import annotations

import re

from knowledge.entries import LONGEST_LINE, Aspect, Entry, Fact, Kind, Phase, Source
from knowledge.exchange.cells import (
    FACT_COLUMNS,
    Dating,
    longest_cell,
    moment,
    named,
    own_fact,
    own_text,
    says_same,
    shown,
    shown_fact,
    shown_field,
    with_imported,
    written,
)
from knowledge.exchange.columns import Column, Layout
from knowledge.exchange.conditions import Conditions
from knowledge.exchange.findings import Finding, Reason
from knowledge.exchange.former import Base
from knowledge.exchange.identification import Owner
from knowledge.exchange.plan import Change, Difference, Part
from knowledge.exchange.statuses import Statuses
from knowledge.exchange.texts import deadline, one_line, title
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot


class Comparison:
    """Compares the rows of one table.

    Attributes:
        conditions: The conditions of the import.
        findings: What is wrong with cells, and what was left alone.
        statuses: The status words met, known and unknown.
        positions: Where the columns stand in the sheet.
        entries: The entries as they are.
        sources: All known sources by the name that a cell gives them.
    """

    def __init__(self, snapshot: Snapshot, conditions: Conditions, layout: Layout) -> None:
        """Prepare for the rows of a table."""
        self.conditions = conditions
        self.findings: list[Finding] = []
        self.statuses = Statuses(conditions.phases)
        self.positions = layout.positions
        self.entries = snapshot.entries
        facts = (fact for fact, _ in snapshot.facts.values())
        self.sources = {named((source,)): source for fact in facts for source in fact.sources}

    def change(self, owner: Owner, parent: Entry, base: Base | None = None) -> Change | None:
        """What a row changes about its entry; without differences where it says nothing new.

        Args:
            owner: The row, and its entry.
            parent: What it says the entry belongs below.
            base: The former state that the row was exported from, if it is one.

        Returns:
            None where a cell is faulty: a row is imported as a whole.
        """
        return _Row(self, owner, base).change(parent)


class _Row:
    """The comparison of one row with its entry."""

    def __init__(self, shared: Comparison, owner: Owner, base: Base | None) -> None:
        self._shared = shared
        self._base = base
        self._record = owner.record
        self._before = owner.entry
        self._entry = owner.entry or Entry(
            key=owner.key, kind=Kind.MEASURE, title=owner.record.cells[Column.MEASURE]
        )
        # The status to which the row's own date and source belonged when it was exported.
        self._status = shown_fact(base.entry if base else self._entry, Column.STATUS)
        self._is_faulty = False
        self._differences: list[Difference] = []
        self._as_of = self._stated_as_of()
        self._sources = self._named_sources()
        self._repeats_date = self._has_known_date()

    def change(self, parent: Entry) -> Change | None:
        self._place(parent)
        for column in FACT_COLUMNS:
            cell = self._record.cells.get(column)
            if cell is not None:
                self._compare(column, cell)
        if self._is_faulty:
            return None
        return Change(self._record.row, self._before, self._entry, tuple(self._differences))

    def _place(self, parent: Entry) -> None:
        """Take over the title, and what the row says the measure belongs below."""
        name, known = self._record.cells[Column.MEASURE], title(self._entry.title)
        updates: dict[str, object] = {}
        if self._before is None:
            self._differences.append(Difference(Column.MEASURE, "", name))
        elif name != known and not self._is_as_exported(Column.MEASURE, name, known):
            updates["title"] = name
            self._differences.append(Difference(Column.MEASURE, known, name))
        field = self._record.cells.get(Column.FIELD, "")
        if self._base and field in self._base.fields - {shown_field(parent), ""}:
            self._find(Reason.AS_EXPORTED, Column.FIELD, text=field)
        if self._entry.parent != parent.key:
            updates["parent"] = parent.key
            old = shown_field(self._shared.entries.get(self._entry.parent or ""))
            if old or shown_field(parent):
                self._differences.append(Difference(Column.FIELD, old, shown_field(parent)))
        self._entry = self._entry.model_copy(update=updates)

    def _compare(self, column: Column, cell: str) -> None:
        known, fact = shown(self._entry, column), shown_fact(self._entry, column)
        own, dating = own_fact(self._entry, column), self._dating(column)
        is_same = says_same(column, cell, known)
        if not is_same and self._is_as_exported(column, cell, known):
            return
        if is_same:
            if not self._restates(column, fact):
                return
        elif own is not None and says_same(column, cell, own_text(own, column)):
            if not _is_newer(dating.as_of, fact):
                return  # said before, and overtaken since
        elif _is_older(dating.as_of, fact):
            self._find(Reason.OLDER_THAN_KNOWN, column, text=cell)
            return
        elif column in _NEWEST_COUNTS and dating.as_of is None and fact and fact.as_of:
            self._find(Reason.UNDATED, column, text=cell)
            return
        new = self._fact(column, cell, dating, fact if is_same else None)
        if new is None:
            return
        if self._base and fact != shown_fact(self._base.entry, column):
            self._find(Reason.CHANGED_SINCE, column, text=self._base.cells[column])
        elif column is Column.STATUS and self._repeats_date and new.as_of == self._as_of:
            self._find(Reason.STILL_OF_THE_OLD_DATE, column, text=cell)
        before, self._entry = self._entry, with_imported(self._entry, new)
        old_as_of = fact.as_of if fact else None
        self._differences.append(Difference(column, known, cell, old_as_of, new.as_of))
        left = {own.id for own in self._entry.facts}
        self._differences += (
            Difference(Part.FACT, other.text, "", other.as_of, fact=other.id, aspect=other.aspect)
            for other in before.facts
            if other.id not in left and other is not fact
        )

    def _is_as_exported(self, column: Column, cell: str, known: str) -> bool:
        """Whether a cell that says something else than is known was not touched; that is noted.

        Nor is it news what was said since the export and was replaced in its turn: then the same
        table was imported before.
        """
        if self._base is None:
            return False
        if column is Column.STATUS and self._is_dated_anew():
            return False
        states = (self._base.entry, *self._base.later)
        said = (
            title(state.title) if column is Column.MEASURE else shown(state, column)
            for state in states
        )
        if not any(says_same(column, cell, text) for text in said):
            return False
        self._find(Reason.AS_EXPORTED, column, text=cell)
        return True

    def _is_dated_anew(self) -> bool:
        """Whether the row has a date or a source that are not those of the known status."""
        return (self._as_of, self._sources) != (None, None) and not self._repeats_date

    def _restates(self, column: Column, fact: Fact | None) -> bool:
        """Whether a status in the same words is news: of a newer date, or another source."""
        if column is not Column.STATUS or self._as_of is None or fact is None:
            return False
        if self._base and not self._is_dated_anew():
            return False  # it is as it was exported; somebody may have corrected it since
        has_other_source = self._sources is not None and self._sources != fact.sources
        return _is_newer(self._as_of, fact) or (self._as_of == fact.as_of and has_other_source)

    def _fact(self, column: Column, cell: str, dating: Dating, same: Fact | None) -> Fact | None:
        """The fact that a cell makes; None where it is faulty.

        Args:
            column: The cell's column.
            cell: Its text.
            dating: Where it stands and as of when.
            same: The fact that says the same, whose phase and date then hold on.
        """
        if len(cell) > longest_cell(column):
            self._find(Reason.TEXT_TOO_LONG, column, limit=longest_cell(column))
            return None
        aspect = None
        phase, due = (same.phase, same.due) if same else (None, None)
        if column is Column.STATUS and same is None:
            phase = self._shared.statuses.read(cell, self._record.row)
        elif column is Column.DEADLINE and same is None:
            due = self._date(column)
        elif column is Column.REMARK:
            aspect = _aspect_of_remark(self._entry, dating.as_of)
        return written(self._entry, column, cell, dating, aspect=aspect, phase=phase, due=due)

    def _has_known_date(self) -> bool:
        """Whether the row has a date or a source, and they are those of the known status."""
        status = self._status
        return (
            status is not None
            and (self._as_of, self._sources) != (None, None)
            and self._as_of in (None, status.as_of)
            and self._sources in (None, status.sources)
        )

    def _dating(self, column: Column) -> Dating:
        """Where and as of when a new statement holds: as the conditions say, or as the row does.

        A row's own date and source are those of its status, and of everything about a measure
        that is new. If they are still the known ones (somebody corrected an exported table and
        left them as they were), newer conditions win.
        """
        conditions = self._shared.conditions
        general = Dating((conditions.source,), conditions.as_of, conditions.certainty)
        own = Dating(
            self._sources or general.sources, self._as_of or general.as_of, conditions.certainty
        )
        if self._before is None:
            return own
        if column is not Column.STATUS:
            return general
        status = shown_fact(self._entry, Column.STATUS)
        if self._repeats_date and (self._base or _is_newer(conditions.as_of, status)):
            return general
        return own

    def _named_sources(self) -> tuple[Source, ...] | None:
        """The sources that the row names; known ones with all that is known of them."""
        name = one_line(self._record.cells.get(Column.SOURCE, ""))
        if not name:
            return None
        status, known = self._status, self._shared.sources
        if status is not None and name == named(status.sources):
            return status.sources
        if name in known:
            return (known[name],)
        if all(part in known for part in name.split("; ")):
            return tuple(known[part] for part in name.split("; "))
        if len(name) > LONGEST_LINE:
            self._find(Reason.TEXT_TOO_LONG, Column.SOURCE, limit=LONGEST_LINE)
            return None
        return (Source(title=name, url=name if re.fullmatch(r"https?://\S+", name) else None),)

    def _stated_as_of(self) -> PartialDate | None:
        """The row's own date, which no source can have that is there already if it is to come."""
        found = self._date(Column.AS_OF)
        if found is not None and found.first > self._shared.conditions.today:
            self._find(Reason.DATE_TO_COME, Column.AS_OF, text=self._record.cells[Column.AS_OF])
            return None
        return found

    def _date(self, column: Column) -> PartialDate | None:
        """The date in a cell; a deadline in words is noted, any other cell without one refused."""
        cell = self._record.cells.get(column, "")
        try:
            found = deadline(cell) if cell else None
        except ValueError:
            is_day = _DAY_NUMBER.fullmatch(cell) is not None
            self._find(Reason.DAY_NUMBER if is_day else Reason.NOT_A_DATE, column, text=cell)
            return None
        if cell and found is None:
            reason = Reason.DATE_AS_TEXT if column is Column.DEADLINE else Reason.NOT_A_DATE
            self._find(reason, column, text=cell)
        return found

    def _find(
        self,
        reason: Reason,
        column: Column | None = None,
        *,
        text: str = "",
        limit: int | None = None,
    ) -> None:
        position = self._shared.positions.get(column) if column else None
        finding = Finding(
            reason, self._record.row, position, text=text, limit=limit, key=self._entry.key
        )
        self._shared.findings.append(finding)
        self._is_faulty = self._is_faulty or not finding.is_notice


def _is_newer(as_of: PartialDate | None, fact: Fact | None) -> bool:
    return as_of is not None and (fact is None or moment(as_of) > moment(fact.dated))


_DAY_NUMBER = re.compile(r"[3-6]\d{4}")
"""As which spreadsheet programs keep the days of 1982 to 2091."""

_NEWEST_COUNTS = frozenset({Column.STATUS, Column.DEADLINE})
"""Columns of which an entry has one value, that of its newest statement."""


def _is_older(as_of: PartialDate | None, fact: Fact | None) -> bool:
    """Whether a date lies wholly before that of a fact."""
    known = fact.as_of if fact else None
    return as_of is not None and known is not None and as_of.last < known.first


def _aspect_of_remark(entry: Entry, as_of: PartialDate | None) -> Aspect:
    """What a remark is about: why something is late or not done, what came of it, how it goes."""
    match entry.phase:
        case Phase.DONE:
            return Aspect.RESULT
        case Phase.POSTPONED | Phase.DROPPED:
            return Aspect.REASON
    is_late = as_of is not None and entry.due is not None and entry.due.last < as_of.first
    return Aspect.REASON if is_late else Aspect.STATUS
