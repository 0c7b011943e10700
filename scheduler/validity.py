"""Whether a notice is still true when it is sent: hours or days may lie in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from pydantic import JsonValue

from knowledge.entries import Entry
from knowledge.facts import newest_statement
from knowledge.milestones import State, dates_of, state
from knowledge.notification.interests import Target, answer_to, differing, fingerprints
from knowledge.notification.notices import Content, Notice, NoticeKind, Obsolete, gathered, told_in
from knowledge.snapshot import Snapshot
from scheduler.planning import standing
from scheduler.reminders import reminder
from scheduler.rules import Rules
from scheduler.tracking import is_history

GONE = "entry is gone"
CHANGED = "no longer the newest state"
SETTLED = "date is settled"
SUPERSEDED = "a later reminder is due"
MOVED = "date was moved"
AS_BEFORE = "answer is as it was"
STATED = "there is a newer statement"
STANDS_AGAIN = "what was undone holds again"


def reason_to_drop(
    notice: Notice, snapshot: Snapshot, *, now: datetime, rules: Rules
) -> str | None:
    """Why a notice is not to be sent any more, None if it is still true.

    Args:
        notice: What is about to be sent.
        snapshot: The newest state.
        now: The present moment.
        rules: Which reminders there are.
    """
    true = still_true(notice, snapshot, now=now, rules=rules)
    return true.reason if isinstance(true, Obsolete) else None


def still_true(
    notice: Notice, snapshot: Snapshot, *, now: datetime, rules: Rules
) -> Notice | Obsolete:
    """A notice without the parts that are not true any more, or why it is not to be sent."""
    told = told_in(notice)
    true, reasons = [], []
    for one in told:
        check = _CHECKS.get(one.kind)
        reason = check(one.content, snapshot, now, rules) if check else None
        if reason is None:
            true.append(one)
        else:
            reasons.append(reason)
    if not true:
        return Obsolete(reasons[0])
    return notice if len(true) == len(told) else replace(notice, content=gathered(true))


def _reminder(content: Content, snapshot: Snapshot, now: datetime, rules: Rules) -> str | None:
    entry = _entry(content, snapshot)
    if entry is None:
        return GONE
    today = rules.today(now)
    dates = [m for m in dates_of(entry, snapshot, today) if m.due.iso() == content["due"]]
    if not dates:
        return MOVED
    stands = state(dates[0], today)
    if stands not in {State.OPEN, State.MISSED}:
        return SETTLED
    latest = reminder(stands, dates[0].due.last, today, rules)
    return None if latest and latest.step == content["step"] else SUPERSEDED


def _moved(content: Content, snapshot: Snapshot, _now: datetime, _rules: Rules) -> str | None:
    entry = _entry(content, snapshot)
    if entry is None:
        return GONE
    return None if entry.due and entry.due.iso() == content["new"] else CHANGED


def _phase(content: Content, snapshot: Snapshot, _now: datetime, _rules: Rules) -> str | None:
    entry = _entry(content, snapshot)
    if content.get("withdrawn"):
        return None if entry is None else CHANGED
    if entry is None:
        return GONE
    return None if entry.phase == content["new"] else CHANGED


def _cancelled(content: Content, snapshot: Snapshot, now: datetime, rules: Rules) -> str | None:
    entry = _entry(content, snapshot)
    if entry is None or content.get("withdrawn") or content["new"] is not None:
        return _phase(content, snapshot, now, rules)
    return None if entry.due is None else CHANGED


def _facts(content: Content, snapshot: Snapshot, _now: datetime, _rules: Rules) -> str | None:
    entry = _entry(content, snapshot)
    if entry is None:
        return GONE
    if content.get("new"):
        return None  # it is told as it stands
    told = content["facts"]
    news = isinstance(told, list) and any(fact.id in told for fact in entry.facts)
    return None if news else CHANGED


def _entries(content: Content, snapshot: Snapshot, _now: datetime, _rules: Rules) -> str | None:
    added = content["entries"]
    left = isinstance(added, list) and any(key in snapshot.entries for key in added)
    return None if left else GONE


def _answer(content: Content, snapshot: Snapshot, now: datetime, rules: Rules) -> str | None:
    answered = answer_to(Target.of_content(content), snapshot, rules.today(now))
    return None if _differ(content["before"], fingerprints(answered.grounds)) else AS_BEFORE


def _correction(content: Content, snapshot: Snapshot, _now: datetime, _rules: Rules) -> str | None:
    # Whatever came after the undoing: who was told must learn that it does not hold.
    told, now = content["told"], standing(_entry(content, snapshot))
    if not isinstance(told, dict) or told | {"said": None} != now | {"said": None}:
        return None
    return None if _differ(told.get("said"), now.get("said")) else STANDS_AGAIN


def _nudge(content: Content, snapshot: Snapshot, now: datetime, rules: Rules) -> str | None:
    entry = _entry(content, snapshot)
    if entry is None:
        return GONE
    if is_history(entry, snapshot, rules.today(now)):
        return SETTLED
    said = newest_statement(entry)
    return None if said is None or said.iso() == content["said"] else STATED


def _differ(before: JsonValue, now: JsonValue | dict[str, str]) -> bool:
    """Whether facts with some fingerprints say something else than they did."""
    said, says = (
        {fact: str(mark) for fact, mark in one.items()} if isinstance(one, dict) else {}
        for one in (before, now)
    )
    return bool(differing(said, says))


def _entry(content: Content, snapshot: Snapshot) -> Entry | None:
    return snapshot.entries.get(str(content["entry"]))


_CHECKS: Mapping[NoticeKind, Callable[[Content, Snapshot, datetime, Rules], str | None]] = {
    NoticeKind.MILESTONE_COMING: _reminder,
    NoticeKind.MILESTONE_MISSED: _reminder,
    NoticeKind.MILESTONE_MOVED: _moved,
    NoticeKind.MILESTONE_DONE: _phase,
    NoticeKind.MILESTONE_CANCELLED: _cancelled,
    NoticeKind.STATUS_CHANGED: _phase,
    NoticeKind.FACT_ADDED: _facts,
    NoticeKind.ENTRIES_ADDED: _entries,
    NoticeKind.ANSWER_CHANGED: _answer,
    NoticeKind.CORRECTION: _correction,
    NoticeKind.NUDGE: _nudge,
}
