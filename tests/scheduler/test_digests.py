"""When digests come, and what they gather."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.notification.contents import PhaseChanged, Withdrawn, parts
from knowledge.notification.interests import ChatSettings, Pace
from knowledge.notification.notices import Notice, NoticeKind
from knowledge.notification.working_time import BERLIN
from knowledge.snapshot import Snapshot
from scheduler.digests import MOST_GATHERED, Digest, Waiting, digest_time, digests
from tests.scheduler.stage import RULES, a_milestone
from tests.support.builders import a_notice

DAILY = ChatSettings(pace=Pace.DAILY, hour=9)
WEEKLY = ChatSettings(pace=Pace.WEEKLY, weekday=4, hour=9)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("settings", "planned", "expected"),
    [
        (DAILY, "2025-10-20T08:59", "2025-10-20T09:00"),
        (DAILY, "2025-10-20T09:00", "2025-10-20T09:00"),
        (DAILY, "2025-10-20T09:01", "2025-10-21T09:00"),
        (DAILY, "2025-10-24T12:00", "2025-10-27T08:00"),  # Saturday's digest, put off to Monday
        (WEEKLY, "2025-10-20T12:00", "2025-10-24T09:00"),
        (WEEKLY, "2025-10-24T09:01", "2025-11-03T08:00"),  # the 31st is a holiday
        (ChatSettings(pace=Pace.DAILY, hour=20), "2025-10-20T12:00", "2025-10-21T08:00"),
        (ChatSettings(), "2025-10-20T12:00", "2025-10-21T08:00"),
        (ChatSettings(paused_until=date(2025, 11, 5)), "2025-10-20T12:00", "2025-11-05T08:00"),
    ],
)
def test_a_digest_comes_at_the_chat_s_next_hour(
    settings: ChatSettings, planned: str, expected: str
) -> None:
    assert digest_time(settings, berlin(planned), "TH") == berlin(expected)


@given(minutes=st.integers(0, 60 * 24 * 366), hour=st.integers(0, 23), weekly=st.booleans())
def test_a_digest_is_never_in_the_past_and_within_two_weeks(
    *, minutes: int, hour: int, weekly: bool
) -> None:
    settings = ChatSettings(pace=Pace.WEEKLY if weekly else Pace.DAILY, hour=hour)
    planned = berlin("2025-01-01T00:00") + timedelta(minutes=minutes)
    assert timedelta(0) <= digest_time(settings, planned, "TH") - planned < timedelta(days=14)


PLANNED = berlin("2025-10-20T08:00")


def waiting(
    key: str, *, chat_id: int = 1, kind: NoticeKind = NoticeKind.STATUS_CHANGED
) -> Waiting:
    content = {"entry": "EF-M", "new": "planned", "said": "2024", "months": 6}
    notice = a_notice(chat_id=chat_id, key=key, kind=kind, content=content)
    return Waiting(notice, PLANNED)


def everything(notice: Notice) -> Notice:
    return notice


def gathered(
    *listed: Waiting, now: str = "2025-10-20T10:00", phase: str = "planned"
) -> list[Digest]:
    return digests(
        listed,
        {1: DAILY, 2: WEEKLY},
        Snapshot([a_milestone(phase=phase)]),
        everything,
        now=berlin(now),
        rules=RULES,
    )


def test_each_chat_gets_its_own_at_its_own_time() -> None:
    found = [d for d in gathered(waiting("a"), waiting("b", chat_id=2), waiting("c")) if d.notice]
    assert [(d.chat_id, d.keys) for d in found] == [(1, ("a", "c"))]
    later = gathered(waiting("b", chat_id=2), now="2025-10-24T10:00")
    assert [d.keys for d in later if d.notice] == [("b",)]


def test_a_digest_whose_hour_was_missed_is_gathered_when_the_chat_may_be_written_to() -> None:
    assert gathered(waiting("a"), now="2025-10-20T19:00") == []
    (found,) = (d for d in gathered(waiting("a"), now="2025-10-21T08:00") if d.notice)
    assert found.notice is not None
    assert found.notice.not_before == berlin("2025-10-21T08:00")


def test_nudges_come_by_themselves() -> None:
    found = [
        d.notice for d in gathered(waiting("a"), waiting("n", kind=NoticeKind.NUDGE)) if d.notice
    ]
    assert [notice.kind for notice in found] == [NoticeKind.DIGEST, NoticeKind.NUDGE]


def test_many_notices_come_in_several_digests_and_none_is_left_out() -> None:
    keys = [f"k{n:02}" for n in range(2 * MOST_GATHERED + 1)]
    found = [d for d in gathered(*map(waiting, keys)) if d.notice]
    assert [len(d.keys) for d in found] == [MOST_GATHERED, MOST_GATHERED, 1]
    told = [part.key for d in found if d.notice for part in parts(d.notice)]
    assert told == keys
    assert len({d.notice.key for d in found if d.notice}) == 3


def test_what_is_not_true_any_more_is_settled_without_being_sent() -> None:
    assert [(d.notice, d.keys) for d in gathered(waiting("a"), phase="done")] == [(None, ("a",))]


def test_in_a_digest_the_earliest_date_comes_first_and_what_has_none_last() -> None:
    dates = {"V10": "2026-01-20", "V2": "2026-01-20", "V1": "2025-11-10", "V3": None}
    listed = [
        replace(one, notice=replace(one.notice, content=PhaseChanged(entry=key, new="planned")))
        for key in dates
        for one in [waiting(key)]
    ]
    snapshot = Snapshot([a_milestone(key, due, "planned") for key, due in dates.items()])
    now = berlin("2025-10-20T10:00")
    found = digests(listed, {1: DAILY}, snapshot, everything, now=now, rules=RULES)
    assert [d.keys for d in found if d.notice] == [("V1", "V2", "V10", "V3")]


def withdrawn(key: str, parent: str | None = None) -> Waiting:
    content = Withdrawn(entry=key, title=key, parent=parent, withdrawn=True)
    return Waiting(replace(waiting(key).notice, content=content), PLANNED)


def test_what_is_withdrawn_with_its_plan_takes_no_room_beside_others() -> None:
    others = [withdrawn(f"A{n}") for n in range(MOST_GATHERED - 1)]
    below = [withdrawn(f"P{n}", "P") for n in range(20)]
    last = withdrawn("Z")
    found = [d.keys for d in gathered(*others, *below, withdrawn("P"), last) if d.notice]
    assert [len(keys) for keys in found] == [MOST_GATHERED + len(below), 1]
    assert found[0][MOST_GATHERED - 1] == "P"
    assert found[1] == ("Z",)
