"""What notices tell: what is stored of each sort, and what can be read of it."""

import json
from typing import Any

import pytest

from knowledge.entries import Phase
from knowledge.notification.contents import (
    SORTS,
    Announcement,
    AnswerChanged,
    Correction,
    DateGivenUp,
    DateMoved,
    Digest,
    EntriesAdded,
    FactsAdded,
    Gathered,
    Gone,
    Nudge,
    OfEntry,
    PhaseChanged,
    QuestionAnswered,
    Reminder,
    Standing,
    Unreadable,
    Withdrawn,
    entry_of,
    expected,
    facts_of,
    gathered,
    parts,
    read,
    told_in,
)
from knowledge.notification.interests import Scope, Target
from knowledge.notification.notices import Content, NoticeKind
from knowledge.partial_date import PartialDate
from tests.support.builders import a_notice, stored

NOVEMBER = PartialDate.parse("2025-11")
DAY = PartialDate.parse("2025-12-12")

STORED: list[tuple[NoticeKind, Content, dict[str, Any]]] = [
    (
        NoticeKind.MILESTONE_COMING,
        Reminder(entry="EF-M", due=NOVEMBER, derived=True, step=-30),
        {"entry": "EF-M", "due": "2025-11", "derived": True, "step": -30},
    ),
    (
        NoticeKind.MILESTONE_MISSED,
        Reminder(entry="EF-M", due=DAY, derived=False, step=7),
        {"entry": "EF-M", "due": "2025-12-12", "derived": False, "step": 7},
    ),
    (
        NoticeKind.MILESTONE_MOVED,
        DateMoved(
            entry="EF-M", title="Bericht", old=NOVEMBER, new=DAY, facts=("F-1",), revision=2
        ),
        {
            "entry": "EF-M",
            "title": "Bericht",
            "old": "2025-11",
            "new": "2025-12-12",
            "facts": ["F-1"],
            "revision": 2,
        },
    ),
    (
        NoticeKind.MILESTONE_DONE,
        PhaseChanged(
            entry="EF-M", title="Bericht", new=Phase.DONE, facts=("F-1", "F-2"), revision=2
        ),
        {
            "entry": "EF-M",
            "title": "Bericht",
            "old": None,
            "new": "done",
            "facts": ["F-1", "F-2"],
            "revision": 2,
        },
    ),
    (
        NoticeKind.MILESTONE_CANCELLED,
        PhaseChanged(
            entry="EF-M", title="Bericht", old=Phase.PLANNED, new=Phase.DROPPED, revision=2
        ),
        {
            "entry": "EF-M",
            "title": "Bericht",
            "old": "planned",
            "new": "dropped",
            "facts": [],
            "revision": 2,
        },
    ),
    (
        NoticeKind.MILESTONE_CANCELLED,
        DateGivenUp(entry="EF-M", title="Bericht", old=DAY, new=None, facts=("F-9",), revision=2),
        {
            "entry": "EF-M",
            "title": "Bericht",
            "old": "2025-12-12",
            "new": None,
            "facts": ["F-9"],
            "revision": 2,
        },
    ),
    (
        NoticeKind.MILESTONE_CANCELLED,
        Withdrawn(entry="EF-M", title="Bericht", parent="EF-P", withdrawn=True, revision=2),
        {"entry": "EF-M", "title": "Bericht", "parent": "EF-P", "withdrawn": True, "revision": 2},
    ),
    (
        NoticeKind.STATUS_CHANGED,
        PhaseChanged(entry="EF-P", title="Plan", old=Phase.PLANNED, new=None, revision=2),
        {
            "entry": "EF-P",
            "title": "Plan",
            "old": "planned",
            "new": None,
            "facts": [],
            "revision": 2,
        },
    ),
    (
        NoticeKind.STATUS_CHANGED,
        Withdrawn(entry="EF-P", title="Plan", parent=None, withdrawn=True, revision=2),
        {"entry": "EF-P", "title": "Plan", "parent": None, "withdrawn": True, "revision": 2},
    ),
    (
        NoticeKind.FACT_ADDED,
        FactsAdded(entry="EF-P", title="Plan", new=True, facts=("F-1",), revision=2),
        {"entry": "EF-P", "title": "Plan", "new": True, "facts": ["F-1"], "revision": 2},
    ),
    (
        NoticeKind.ENTRIES_ADDED,
        EntriesAdded(entry="EF-1", entries=("EF-1", "EF-2"), count=2, revision=2),
        {"entry": "EF-1", "entries": ["EF-1", "EF-2"], "count": 2, "revision": 2},
    ),
    (
        NoticeKind.ANSWER_CHANGED,
        AnswerChanged(
            subscription=3,
            question="stand konzept",
            entry=None,
            home="ERFURT",
            before={"F-1": "0a"},
            about={"EF-P": "Konzept"},
            owners={"F-1": "EF-P"},
        ),
        {
            "subscription": 3,
            "question": "stand konzept",
            "entry": None,
            "home": "ERFURT",
            "before": {"F-1": "0a"},
            "about": {"EF-P": "Konzept"},
            "owners": {"F-1": "EF-P"},
        },
    ),
    (
        NoticeKind.CORRECTION,
        Correction(
            entry="EF-M",
            undone=2,
            revision=3,
            told=Standing(phase=Phase.DONE, due=DAY, said={"F-1": "0a"}),
            fell={"F-1": "Er ist fertig."},
            gone=1,
        ),
        {
            "entry": "EF-M",
            "undone": 2,
            "revision": 3,
            "told": {
                "withdrawn": False,
                "phase": "done",
                "due": "2025-12-12",
                "said": {"F-1": "0a"},
            },
            "fell": {"F-1": "Er ist fertig."},
            "gone": 1,
        },
    ),
    (
        NoticeKind.CORRECTION,
        Correction(entry="EF-M", undone=2, revision=3, told=Gone(withdrawn=True)),
        {
            "entry": "EF-M",
            "undone": 2,
            "revision": 3,
            "told": {"withdrawn": True},
            "fell": {},
            "gone": 0,
        },
    ),
    (
        NoticeKind.NUDGE,
        Nudge(entry="EF-P", said=PartialDate.parse("2024"), months=12),
        {"entry": "EF-P", "said": "2024", "months": 12},
    ),
    (
        NoticeKind.QUESTION_ANSWERED,
        QuestionAnswered(question="Was kostet der Kurs?", entry="EF-P"),
        {"question": "Was kostet der Kurs?", "entry": "EF-P"},
    ),
    (NoticeKind.ANNOUNCEMENT, Announcement(text="Wartung."), {"text": "Wartung."}),
]
"""What is stored of every sort, in the order in which it is written: databases are full of it."""

STORED += [
    (
        carrier,
        Digest(items=(Gathered(key="k", kind=kind, content=content),)),
        {"items": [{"key": "k", "kind": str(kind), "content": json_}]},
    )
    for kind, content, json_ in STORED
    for carrier in (NoticeKind.DIGEST, NoticeKind.NUDGE)
]


@pytest.mark.parametrize(("kind", "content", "json_"), STORED)
def test_what_is_stored_of_each_sort_stays_as_it_is(
    kind: NoticeKind, content: Content, json_: dict[str, Any]
) -> None:
    assert json.dumps(content.model_dump(mode="json")) == json.dumps(json_)
    assert read(kind, json_) == content
    assert type(read(kind, json_)) is type(content)


def test_every_sort_that_a_kind_may_tell_is_among_them() -> None:
    told = {(kind, type(content)) for kind, content, _ in STORED}
    assert told >= {(kind, sort) for kind in NoticeKind for sort in SORTS[kind]}


@pytest.mark.parametrize(
    ("kind", "json_", "expected_"),
    [
        (
            NoticeKind.MILESTONE_MOVED,
            {"entry": "EF-M", "old": None, "new": "2025-12-12"},
            DateMoved(entry="EF-M", new=DAY),
        ),
        (
            NoticeKind.STATUS_CHANGED,
            {"entry": "EF-M", "withdrawn": True},
            Withdrawn(entry="EF-M", withdrawn=True),
        ),
        (
            NoticeKind.FACT_ADDED,
            {"entry": "EF-M", "facts": ["F-1"]},
            FactsAdded(entry="EF-M", facts=("F-1",)),
        ),
        (
            NoticeKind.ENTRIES_ADDED,
            {"entry": "EF-M", "entries": ["EF-M"]},
            EntriesAdded(entry="EF-M", entries=("EF-M",)),
        ),
        (
            NoticeKind.ANSWER_CHANGED,
            {"subscription": 3, "question": "stand", "entry": "EF-P", "home": None, "before": {}},
            AnswerChanged(subscription=3, question="stand", entry="EF-P", home=None, before={}),
        ),
        (
            NoticeKind.CORRECTION,
            {"entry": "EF-M", "told": {"withdrawn": False, "phase": None, "due": "2025-11"}},
            Correction(entry="EF-M", told=Standing(due=NOVEMBER)),
        ),
    ],
)
def test_what_a_former_version_stored_is_read_without_what_came_later(
    kind: NoticeKind, json_: dict[str, Any], expected_: Content
) -> None:
    assert read(kind, json_) == expected_


@pytest.mark.parametrize(("kind", "content", "json_"), STORED)
def test_keys_that_nobody_knows_are_ignored(
    kind: NoticeKind, content: Content, json_: dict[str, Any]
) -> None:
    assert read(kind, json_ | {"later": [1]}) == content


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("json_", [{}, {"entry": 7}, {"items": []}, [], None, "Vertraulich"])
def test_what_cannot_be_read_stays_as_it_is_and_tells_nothing(
    kind: NoticeKind, json_: object
) -> None:
    notice = a_notice(kind=kind, content=json_)
    assert isinstance(notice.content, Unreadable)
    assert notice.content.model_dump(mode="json") == json_
    assert told_in(notice) == [notice]
    with pytest.raises(KeyError):
        entry_of(notice)
    for sort in SORTS[kind]:
        with pytest.raises(KeyError):
            expected(notice, sort)


@pytest.mark.parametrize(
    ("kind", "json_", "wrong"),
    [
        (NoticeKind.MILESTONE_MOVED, {"entry": "EF-M"}, "DateMoved: new"),
        (
            NoticeKind.MILESTONE_COMING,
            {"entry": "EF-M", "due": "bald", "derived": False},
            "Reminder: due, step",
        ),
        (NoticeKind.ANNOUNCEMENT, {"text": ["Vertraulich"]}, "Announcement: text"),
    ],
)
def test_the_error_says_what_is_missing_or_wrong_and_nothing_of_what_is_there(
    kind: NoticeKind, json_: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(KeyError) as caught:
        expected(a_notice(kind=kind, content=json_), OfEntry)
    assert caught.value.args == (wrong,)
    assert caught.value.__context__ is None


def test_another_sort_than_the_expected_one_is_an_error() -> None:
    notice = a_notice(content=Announcement(text="Wartung."))
    assert expected(notice, Announcement).text == "Wartung."
    with pytest.raises(KeyError):
        expected(notice, Reminder)
    with pytest.raises(KeyError):
        entry_of(notice)


def test_of_a_digest_those_parts_are_read_that_can_be() -> None:
    moved = {"key": "a", "kind": "milestone_moved", "content": {"entry": "EF-M", "new": "2025-11"}}
    broken = {"key": "b", "kind": "milestone_moved", "content": {"entry": "EF-M"}}
    notice = a_notice(kind=NoticeKind.DIGEST, content={"items": [moved, broken]})
    first, second = parts(notice)
    assert (first.key, expected(first, DateMoved).new) == ("a", NOVEMBER)
    assert (second.key, type(second.content)) == ("b", Unreadable)
    assert stored(notice)["items"][1] == broken


def test_what_a_digest_gathers_comes_out_of_it_again() -> None:
    notices = [
        a_notice(key=str(number), kind=kind, content=content)
        for number, (kind, content, _) in enumerate(STORED)
    ]
    assert parts(a_notice(kind=NoticeKind.DIGEST, content=gathered(notices))) == notices


def test_a_subscribed_answer_is_what_was_subscribed() -> None:
    content = AnswerChanged(
        subscription=1, question="stand", entry="EF-P", home="ERFURT", before={}
    )
    assert content.target == Target(Scope.ANSWER, "EF-P", "stand", "ERFURT")


def test_an_answer_that_hangs_on_no_entry_has_a_place_among_entries() -> None:
    content = AnswerChanged(subscription=1, question="stand", entry=None, home=None, before={})
    assert entry_of(a_notice(kind=NoticeKind.ANSWER_CHANGED, content=content)) == "None"


def test_a_former_version_listed_some_of_the_new_entries_and_counted_all() -> None:
    assert EntriesAdded(entry="EF-1", entries=("EF-1", "EF-2"), count=20).unlisted == 18
    assert EntriesAdded(entry="EF-1", entries=("EF-1", "EF-2"), count=2).unlisted == 0
    assert EntriesAdded(entry="EF-1", entries=("EF-1", "EF-2")).unlisted == 0


def test_facts_are_told_of_by_what_became_of_an_entry_only() -> None:
    news = FactsAdded(entry="EF-P", facts=("F-1", "F-2"))
    assert facts_of(a_notice(kind=NoticeKind.FACT_ADDED, content=news)) == ("F-1", "F-2")
    assert facts_of(a_notice()) == ()
