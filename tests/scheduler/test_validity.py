"""Whether a notice is still true when it is sent."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import JsonValue

from knowledge.entries import Entry, Rhythm
from knowledge.notification.contents import gathered, parts
from knowledge.notification.interests import fingerprints
from knowledge.notification.notices import AT_ANY_HOUR, Notice, NoticeKind, Obsolete
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot
from scheduler.planning import standing
from scheduler.validity import reason_to_drop, still_true
from tests.scheduler.stage import RULES, a_milestone, a_plan
from tests.support.builders import a_content, a_fact, a_notice

NOW = datetime(2025, 12, 8, 9, tzinfo=UTC)  # four days before
SEVEN: dict[str, JsonValue] = {"entry": "EF-M", "due": "2025-12-12", "derived": False, "step": -7}
RHYTHM = Rhythm(months=24, since=PartialDate.parse("21.11.2023"))


def reason(kind: NoticeKind, content: dict[str, Any], *entries: Entry) -> str | None:
    notice = a_notice(kind=kind, content=a_content(kind, content))
    return reason_to_drop(notice, Snapshot(entries), now=NOW, rules=RULES)


@pytest.mark.parametrize("kind", sorted(set(NoticeKind) - AT_ANY_HOUR - {NoticeKind.DIGEST}))
def test_every_kind_that_is_planned_is_looked_at_once_more(kind: NoticeKind) -> None:
    gone: dict[str, Any] = {"entry": "EF-X", "due": "2025-11", "entries": ["EF-X"]}
    gone |= {"question": "stand xyz", "home": None, "told": {"withdrawn": True}}
    assert reason(kind, gone) is not None


@pytest.mark.parametrize("kind", NoticeKind)
def test_what_cannot_be_read_is_neither_true_nor_dropped(kind: NoticeKind) -> None:
    with pytest.raises(KeyError):
        reason_to_drop(a_notice(kind=kind, content={}), Snapshot(), now=NOW, rules=RULES)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (a_milestone(), None),
        (a_milestone(due="2026-01-31"), "date was moved"),
        (a_milestone(due=None), "date was moved"),
        (a_milestone(phase="done"), "date is settled"),
        (a_milestone(phase="dropped"), "date is settled"),
        (a_milestone(phase="postponed"), None),
        (a_milestone("EF-X"), "entry is gone"),
    ],
)
def test_a_reminder_is_dropped_when_its_date_counts_no_more(
    entry: Entry, expected: str | None
) -> None:
    assert reason(NoticeKind.MILESTONE_COMING, SEVEN, entry) == expected


def test_of_several_reminders_only_the_latest_is_sent() -> None:
    late = "a later reminder is due"
    assert reason(NoticeKind.MILESTONE_COMING, SEVEN | {"step": -30}, a_milestone()) == late


def test_a_derived_date_is_dropped_when_an_editor_has_set_one() -> None:
    content = {"entry": "EF-P", "due": "2025-11", "derived": True, "step": 7}
    plan = a_plan(rhythm=RHYTHM)
    assert reason(NoticeKind.MILESTONE_MISSED, content, plan) is None
    stated = a_milestone(due="2025-11-20", parent="EF-P")
    assert reason(NoticeKind.MILESTONE_MISSED, content, plan, stated) == "date was moved"


CHANGED = "no longer the newest state"


@pytest.mark.parametrize(
    ("kind", "content", "entry", "expected"),
    [
        (NoticeKind.MILESTONE_MOVED, {"new": "2025-12-12"}, a_milestone(), None),
        (NoticeKind.MILESTONE_MOVED, {"new": "2025-12-01"}, a_milestone(), CHANGED),
        (NoticeKind.MILESTONE_DONE, {"new": "done"}, a_milestone(phase="done"), None),
        (NoticeKind.MILESTONE_DONE, {"new": "done"}, a_milestone(), CHANGED),
        (NoticeKind.MILESTONE_CANCELLED, {"new": "dropped"}, a_milestone(phase="dropped"), None),
        (NoticeKind.MILESTONE_CANCELLED, {"new": None}, a_milestone(due=None), None),
        (NoticeKind.MILESTONE_CANCELLED, {"new": None}, a_milestone(), CHANGED),
        (NoticeKind.MILESTONE_CANCELLED, {"withdrawn": True}, a_milestone(), CHANGED),
        (NoticeKind.STATUS_CHANGED, {"new": "planned"}, a_milestone(phase="planned"), None),
        (NoticeKind.STATUS_CHANGED, {"new": "planned"}, a_milestone("EF-X"), "entry is gone"),
        (NoticeKind.FACT_ADDED, {"facts": ["EF-M-D"]}, a_milestone(), None),
        (NoticeKind.FACT_ADDED, {"facts": ["EF-M-S"]}, a_milestone(), CHANGED),
        (NoticeKind.FACT_ADDED, {"facts": [], "new": True}, a_milestone(), None),
        (NoticeKind.NUDGE, {"said": "2024"}, a_milestone(), None),
        (NoticeKind.NUDGE, {"said": "2023"}, a_milestone(), "there is a newer statement"),
        (NoticeKind.NUDGE, {"said": "2024"}, a_milestone(phase="done"), "date is settled"),
        (NoticeKind.NUDGE, {"said": "2024"}, a_milestone("EF-X"), "entry is gone"),
    ],
)
def test_news_are_dropped_when_newer_ones_have_overtaken_them(
    kind: NoticeKind, content: dict[str, Any], entry: Entry, expected: str | None
) -> None:
    assert reason(kind, {"entry": "EF-M", **content}, entry) == expected


@pytest.mark.parametrize(
    ("stands", "expected"),
    [
        ((a_milestone(),), None),
        # Something else was published since: what was told does not hold all the same.
        ((a_milestone(due="2026-03-31"),), None),
        ((), None),
        ((a_milestone(phase="done"),), "what was undone holds again"),
    ],
)
def test_a_correction_is_dropped_only_when_what_was_told_holds_again(
    stands: tuple[Entry, ...], expected: str | None
) -> None:
    content = {"entry": "EF-M", "told": standing(a_milestone(phase="done"))}
    assert reason(NoticeKind.CORRECTION, content, *stands) == expected


def test_what_was_withdrawn_is_told_as_long_as_it_is_gone() -> None:
    content = {"entry": "EF-M", "withdrawn": True}
    assert reason(NoticeKind.MILESTONE_CANCELLED, content) is None


def test_an_answer_that_is_again_as_it_was_is_not_told() -> None:
    fact = a_fact("Das Konzept wird geprüft.", id="F-1", aspect="status")
    plan = a_plan(title="Willkommenskonzept", facts=(fact,))
    content = {"question": "stand willkommenskonzept", "entry": None, "home": None}
    same = content | {"before": fingerprints([fact])}
    assert reason(NoticeKind.ANSWER_CHANGED, same, plan) == "answer is as it was"
    assert reason(NoticeKind.ANSWER_CHANGED, content | {"before": {}}, plan) is None


def test_a_digest_is_dropped_only_when_nothing_of_it_is_true() -> None:
    good = {"key": "a", "kind": "milestone_coming", "content": SEVEN}
    bad = {"key": "b", "kind": "milestone_coming", "content": SEVEN | {"due": "2025-12-11"}}
    assert reason(NoticeKind.DIGEST, {"items": [bad, good]}, a_milestone()) is None
    assert reason(NoticeKind.DIGEST, {"items": [bad, bad]}, a_milestone()) == "date was moved"


def test_a_digest_is_sent_without_the_parts_that_are_not_true_any_more() -> None:
    good = a_notice(key="a", kind=NoticeKind.MILESTONE_COMING, content=SEVEN)
    bad = a_notice(key="b", kind=good.kind, content=SEVEN | {"due": "2025-12-11"})
    snapshot = Snapshot([a_milestone()])

    def sent(*items: Notice) -> Notice | Obsolete:
        digest = a_notice(kind=NoticeKind.DIGEST, content=gathered(items))
        return still_true(digest, snapshot, now=NOW, rules=RULES)

    told = sent(bad, good)
    assert isinstance(told, Notice)
    assert [one.key for one in parts(told)] == ["a"]
    assert told.kind is NoticeKind.DIGEST
    assert sent(bad) == Obsolete("date was moved")


def test_what_editors_wrote_is_always_sent() -> None:
    assert reason(NoticeKind.ANNOUNCEMENT, {"text": "Guten Tag."}) is None
