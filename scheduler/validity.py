"""Whether a notice is still true when it is sent: hours or days may lie in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from knowledge.entries import Entry
from knowledge.facts import newest_statement
from knowledge.milestones import State, dates_of, state
from knowledge.notification.contents import (
    Announcement,
    AnswerChanged,
    Correction,
    DateGivenUp,
    DateMoved,
    EntriesAdded,
    FactsAdded,
    Gone,
    Nudge,
    PhaseChanged,
    QuestionAnswered,
    Reminder,
    Standing,
    Withdrawn,
    entry_of,
    gathered,
    told_in,
)
from knowledge.notification.interests import answer_to, differing, fingerprints
from knowledge.notification.notices import Notice, Obsolete
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
    """A notice without the parts that are not true any more, or why it is not to be sent.

    Raises:
        KeyError: if its content cannot be read, or is not what its kind wants.
    """
    told = told_in(notice)
    true, reasons = [], []
    for one in told:
        reason = _reason(one, snapshot, now, rules)
        if reason is None:
            true.append(one)
        else:
            reasons.append(reason)
    if not true:
        return Obsolete(reasons[0])
    return notice if len(true) == len(told) else replace(notice, content=gathered(true))


def _reason(notice: Notice, snapshot: Snapshot, now: datetime, rules: Rules) -> str | None:
    match notice.content:
        case Announcement() | QuestionAnswered():
            return None  # people send it off
        case EntriesAdded(entries=added):
            return None if any(key in snapshot.entries for key in added) else GONE
        case AnswerChanged(target=target, before=before):
            answered = answer_to(target, snapshot, rules.today(now))
            return None if differing(before, fingerprints(answered.grounds)) else AS_BEFORE
    entry = snapshot.entries.get(entry_of(notice))
    match notice.content:
        case Correction(told=told):
            # Whatever came after the undoing: who was told must learn that it does not hold.
            return STANDS_AGAIN if _is_the_same(told, standing(entry)) else None
        case Withdrawn():
            return None if entry is None else CHANGED
        case _ if entry is None:
            return GONE
        case Reminder() as content:
            return _reminder(content, entry, snapshot, now, rules)
        case DateMoved(new=due) | DateGivenUp(new=due):
            return None if entry.due == due else CHANGED
        case PhaseChanged(new=phase):
            return None if entry.phase == phase else CHANGED
        case FactsAdded() as content:
            return _facts(content, entry)
        case Nudge() as content:
            return _nudge(content, entry, snapshot, now, rules)
        case _:
            raise KeyError(notice.kind)


def _is_the_same(told: Standing | Gone, now: Standing | Gone) -> bool:
    """Whether an entry stands as a chat was told, also where a former version told it."""
    if isinstance(told, Gone) or isinstance(now, Gone):
        return told == now
    stands = (told.phase, told.due) == (now.phase, now.due)
    return stands and not differing(told.said or {}, now.said or {})


def _reminder(
    content: Reminder, entry: Entry, snapshot: Snapshot, now: datetime, rules: Rules
) -> str | None:
    today = rules.today(now)
    dates = [one for one in dates_of(entry, snapshot, today) if one.due == content.due]
    if not dates:
        return MOVED
    stands = state(dates[0], today)
    if stands not in {State.OPEN, State.MISSED}:
        return SETTLED
    latest = reminder(stands, dates[0].due.last, today, rules)
    return None if latest and latest.step == content.step else SUPERSEDED


def _facts(content: FactsAdded, entry: Entry) -> str | None:
    if content.new:
        return None  # it is told as it stands
    return None if any(fact.id in content.facts for fact in entry.facts) else CHANGED


def _nudge(
    content: Nudge, entry: Entry, snapshot: Snapshot, now: datetime, rules: Rules
) -> str | None:
    if is_history(entry, snapshot, rules.today(now)):
        return SETTLED
    said = newest_statement(entry)
    return None if said is None or said == content.said else STATED
