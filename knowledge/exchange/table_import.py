"""Planning the import of a table: what its rows say that is not known yet."""

from __future__ import annotations

from knowledge.entries import Kind
from knowledge.exchange.columns import HEADINGS, Layout
from knowledge.exchange.comparison import Comparison
from knowledge.exchange.conditions import Conditions
from knowledge.exchange.fields import Fields
from knowledge.exchange.findings import Finding, Reason
from knowledge.exchange.former import Exports
from knowledge.exchange.identification import Identification, Keys
from knowledge.exchange.plan import ImportPlan, checked
from knowledge.exchange.records import read_records
from knowledge.exchange.sheets import Table
from knowledge.exchange.texts import title
from knowledge.snapshot import Snapshot


def plan_import(
    table: Table, layout: Layout, snapshot: Snapshot, conditions: Conditions
) -> ImportPlan:
    """Compare a table with what is known; nothing is changed.

    A row is the measure whose key its number gives, else the one with its title. Once the plan
    is published, the same table changes nothing.
    """
    missing = [Finding(Reason.COLUMN_MISSING, text=HEADINGS[c]) for c in layout.missing]
    if missing:
        return ImportPlan(errors=tuple(missing))
    target = snapshot.entries.get(conditions.target)
    if target is None or target.kind not in (Kind.PLAN, Kind.BODY):
        return ImportPlan(errors=(Finding(Reason.NO_SUCH_PLAN, key=conditions.target),))
    if conditions.as_of is not None and conditions.as_of.first > conditions.today:
        text = conditions.as_of.german()
        return ImportPlan(errors=(Finding(Reason.DATE_TO_COME, text=text),))
    former = conditions.former
    keys = Keys(target.key, {*snapshot.entries, *conditions.reserved})
    titles = {
        entry.key: title(entry.title)
        for entry in snapshot.below(target.key)
        if entry.kind is Kind.MEASURE
    }
    known = {*titles.items()}
    known |= {(key, title(state.title)) for key, states in former.items() for state in states}
    records, findings = read_records(
        table, layout, known, lambda number: titles.get(keys.of_number(number) or "")
    )
    rows = Identification(records, snapshot, target.key, keys, former)
    exports = Exports(snapshot, former, layout.positions)
    gone = [owner for owner in rows.owners if exports.is_gone(owner)]
    fields = Fields(snapshot, target, keys, former)
    comparison = Comparison(snapshot, conditions, layout)
    changes = []
    for owner in rows.owners:
        if owner.record.faulty or owner in gone:
            continue
        base = exports.base(owner)
        parent = fields.parent(owner, base)
        change = comparison.change(owner, parent, base) if parent else None
        if change is not None:
            changes.append(change)
    found = [
        *findings,
        *(Finding(Reason.WITHDRAWN_SINCE, row=o.record.row, key=o.key) for o in gone),
        *rows.findings,
        *fields.findings,
        *comparison.findings,
    ]
    plan = ImportPlan(
        new=(*fields.created, *(change for change in changes if change.before is None)),
        changed=tuple(change for change in changes if change.before and change.differences),
        unchanged=tuple(c.before for c in changes if c.before and not c.differences),
        missing=tuple(rows.missing),
        questions=tuple(comparison.statuses.questions),
        meanings=tuple(comparison.statuses.meanings),
    )
    found.sort(key=lambda finding: finding.row or 0)
    return checked(plan, snapshot, findings=found, withdraw=conditions.withdraw_missing)
