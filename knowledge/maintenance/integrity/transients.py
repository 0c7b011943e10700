"""Whether what is under way or expires is in order: updates, drafts, people, notices."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import RootModel
from sqlalchemy import (
    Column,
    Connection,
    Row,
    Text,
    and_,
    exists,
    func,
    or_,
    select,
)
from sqlalchemy import cast as sql_cast

from knowledge.editing import uploads
from knowledge.editing.drafts import MISSED, Content, DraftState
from knowledge.inquiries.handed_over import KEPT
from knowledge.maintenance.integrity.findings import (
    Circumstances,
    Fault,
    Finding,
    Findings,
    counted,
    read,
)
from knowledge.notification.interests import Interest, Pace, Scope
from knowledge.notification.notices import NoticeKind, NoticeState
from knowledge.notification.outbox import REMEMBERED
from knowledge.people import Role
from knowledge.personal_data import DESERTED
from knowledge.storage.tables import (
    asked_question,
    chat,
    chat_settings,
    draft,
    entry_version,
    feedback,
    handed_over_question,
    invitation,
    member,
    outbox,
    planned_notice,
    planner,
    received_update,
    revision,
    subscription,
    topic,
    tracked_date,
    upload,
)

STUCK = timedelta(hours=1)
"""What was taken up that long ago and is not done will not be: attempts take minutes."""

OVERDUE = timedelta(days=3)
"""A notice that could have been sent for so long has outlived a weekend without the bot."""

LONG_AGO = timedelta(days=1)
"""What expired before that should be gone: housekeeping comes every hour."""


def check_updates(connection: Connection, circumstances: Circumstances) -> Findings:
    """Whether messages wait that nobody will answer."""
    yield from counted(
        connection,
        Fault.STUCK_UPDATES,
        received_update,
        and_(
            received_update.c.content.is_not(None),
            received_update.c.received_at < circumstances.now - STUCK,
        ),
    )


def check_drafts(connection: Connection, _: Circumstances) -> Findings:
    """Whether drafts can be read, and closed ones are erased."""
    content = sql_cast(draft.c.content, Text).label("content")
    for row in connection.execute(select(draft.c.id, draft.c.state, content).order_by(draft.c.id)):
        place = f"draft {row.id}"
        if row.state not in set(DraftState):
            yield Finding(Fault.UNKNOWN_STATE, place, f"{row.state!r}")
        elif row.state != DraftState.OPEN:
            if row.content is not None:
                yield Finding(Fault.NOT_ERASED, place)
        elif row.content is None or read(Content, row.content) is None:
            yield Finding(Fault.UNREADABLE_DRAFT, place)


def check_people(connection: Connection, _: Circumstances) -> Findings:
    """Whether all roles are known, and nobody can pass for somebody else."""
    for table, name in (member, member.c.user_id), (invitation, invitation.c.id):
        for row in connection.execute(select(name.label("name"), table.c.role).order_by(name)):
            if row.role not in set(Role):
                place = f"{table.name} {row.name}"
                yield Finding(Fault.UNKNOWN_ROLE, place, f"{row.role!r}")
    first: dict[str, int] = {}
    columns = member.c
    for row in connection.execute(select(columns.user_id, columns.label).order_by(columns.since)):
        other = first.setdefault(str(row.label).casefold(), row.user_id)
        if other != row.user_id:
            yield Finding(Fault.SAME_LABEL, f"member {row.user_id}", f"as member {other}")


def check_expiry(connection: Connection, circumstances: Circumstances) -> Findings:
    """Whether housekeeping removes what expired."""
    moment = circumstances.now - LONG_AGO
    oldest_question = moment - timedelta(days=circumstances.question_days)
    oldest_rating = (moment - timedelta(days=circumstances.rating_days)).date()
    limits: dict[Column[Any], datetime | date] = {
        topic.c.expires_at: moment,
        invitation.c.expires_at: moment,
        draft.c.expires_at: moment - MISSED,
        upload.c.expires_at: moment - uploads.MISSED,
        asked_question.c.asked_at: oldest_question,
        feedback.c.given_on: oldest_rating,
        handed_over_question.c.asked_at: moment - KEPT,
        outbox.c.finished_at: moment - REMEMBERED,
        chat.c.deactivated_at: moment - DESERTED,
    }
    for column, limit in limits.items():
        yield from counted(connection, Fault.NOT_REMOVED, column.table, column < limit)
    # What waits for a digest may wait as long as a chat pauses.
    decided = or_(planned_notice.c.sent_as.is_not(None), planned_notice.c.content.is_(None))
    long_ago = planned_notice.c.planned_at < moment - REMEMBERED
    yield from counted(connection, Fault.NOT_REMOVED, planned_notice, and_(decided, long_ago))


def check_notices(connection: Connection, circumstances: Circumstances) -> Findings:
    """Whether notices are known, and are sent when they may be."""
    columns = outbox.c
    rows = connection.execute(
        select(columns.id, columns.kind, columns.state).where(
            columns.kind.not_in(list(NoticeKind)) | columns.state.not_in(list(NoticeState))
        )
    )
    for row in rows:
        known = row.state in set(NoticeState)
        fault = Fault.UNKNOWN_KIND if known else Fault.UNKNOWN_STATE
        yield Finding(fault, f"notice {row.id}", f"{row.kind if known else row.state!r}")
    done = columns.state.in_([NoticeState.SENT, NoticeState.DROPPED, NoticeState.FAILED])
    waiting, claimed = columns.state == NoticeState.WAITING, columns.state == NoticeState.CLAIMED
    wrong = {
        Fault.NEITHER_OPEN_NOR_DONE: or_(
            done & columns.due_at.is_not(None), (waiting | claimed) & columns.due_at.is_(None)
        ),
        Fault.SENT_UNSEEN: (columns.state == NoticeState.SENT) & columns.message_id.is_(None),
        Fault.NOT_SENT: or_(
            claimed & (columns.due_at < circumstances.now - STUCK),
            waiting & (columns.due_at < circumstances.now - OVERDUE),
        ),
    }
    for fault, condition in wrong.items():
        yield from counted(connection, fault, outbox, condition)


def check_subscriptions(connection: Connection, _: Circumstances) -> Findings:
    """Whether subscriptions, settings and the planner can do their work."""
    columns = subscription.c
    known = exists().where(entry_version.c.key == columns.entry)
    interests = sql_cast(columns.interests, Text).label("interests")
    rows = connection.execute(
        select(columns.id, columns.scope, columns.entry, interests, known.label("known"))
    )
    for row in rows:
        place = f"subscription {row.id}"
        if row.scope not in set(Scope) or read(_Interests, row.interests) is None:
            yield Finding(Fault.UNREADABLE_SUBSCRIPTION, place)
        # What was withdrawn may come back; what there never was will not.
        if row.entry and not row.known:
            yield Finding(Fault.SUBSCRIBED_UNKNOWN, place, row.entry)
    for settings in connection.execute(select(chat_settings)):
        if not _usable(settings):
            yield Finding(Fault.UNREADABLE_SETTINGS, f"chat {settings.chat_id}")
    yield from _check_planner(connection)


def _check_planner(connection: Connection) -> Findings:
    newest = connection.scalar(select(func.max(revision.c.number))) or 0
    rows = connection.execute(select(planner).order_by(planner.c.id)).all()
    for row in rows:
        if row.revision > newest:
            detail = f"it is at {row.revision}, the newest revision is {newest}"
            yield Finding(Fault.PLANNER_AHEAD, "the planner", detail)
    has_planned = connection.scalar(
        select(exists(select(tracked_date)) | exists(select(planned_notice)))
    )
    numbers = [row.id for row in rows]
    if numbers != [1] and (rows or has_planned):
        detail = f"its rows are {', '.join(map(str, numbers))}" if rows else "it has no row"
        yield Finding(Fault.OTHER_PLANNER, "the planner", detail)


class _Interests(RootModel[list[Interest]]):
    """What a subscription is interested in."""


def _usable(row: Row[*tuple[Any, ...]]) -> bool:
    try:
        ZoneInfo(row.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return row.pace in set(Pace) and row.hour in range(24) and row.weekday in range(7)
