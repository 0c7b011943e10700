"""What a revision gives occasion to tell."""

from typing import Any

import pytest

from knowledge.entries import Entry
from knowledge.facts import with_fact
from knowledge.notification.contents import DateGivenUp, FactsAdded, Withdrawn
from knowledge.notification.interests import Interest
from knowledge.notification.notices import NoticeKind
from knowledge.notification.occasions import INTERESTS, SETTLING, Occasion, occasions
from knowledge.partial_date import PartialDate
from tests.scheduler.stage import a_milestone
from tests.support.builders import a_fact, an_entry


def told(before: Entry | None, after: Entry | None) -> list[Occasion]:
    return list(occasions(before, after, {"EF-2": an_entry("EF-2")}))


def kinds(before: Entry | None, after: Entry | None) -> list[str]:
    return [str(one.kind) for one in told(before, after)]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"phase": "planned"}, {"phase": "in_progress"}, ["status_changed"]),
        ({}, {"phase": "done"}, ["milestone_done"]),
        ({}, {"phase": "dropped"}, ["milestone_cancelled"]),
        ({"phase": "done"}, {}, ["status_changed"]),
        ({}, {"due": "2026-03"}, ["milestone_moved"]),
        ({"due": None}, {"due": "2026-03"}, ["milestone_moved"]),
        ({}, {"due": None}, ["milestone_cancelled"]),
        # What is done or dropped settles its date, whatever becomes of that.
        ({}, {"phase": "done", "due": None}, ["milestone_done"]),
        ({}, {"phase": "dropped", "due": "2026-03"}, ["milestone_cancelled"]),
        ({}, {"phase": "postponed", "due": "2026-03"}, ["status_changed", "milestone_moved"]),
        ({"due": None}, {"due": None, "phase": "done"}, ["status_changed"]),
        ({}, {"text": " Mehr dazu."}, ["fact_added"]),
        ({}, {"title": "Anderer Name"}, []),
    ],
)
def test_an_edit_is_told_as_what_it_means(
    before: dict[str, Any], after: dict[str, Any], expected: list[str]
) -> None:
    assert kinds(a_milestone(**before), a_milestone(**after)) == expected


@pytest.mark.parametrize(
    ("before", "after", "concerned"),
    [
        ({}, {"phase": "postponed"}, True),
        ({"phase": "postponed"}, {"phase": "planned"}, True),
        ({"phase": "done"}, {"phase": "in_progress"}, True),
        ({"phase": "dropped"}, {}, True),
        ({"phase": "planned"}, {"phase": "in_progress"}, False),
        # Where the date is another one, that is told by itself.
        ({}, {"phase": "postponed", "due": "2026-03"}, False),
        ({"due": None}, {"due": None, "phase": "postponed"}, False),
    ],
)
def test_a_phase_that_stops_a_date_or_lets_it_count_again_is_a_change_of_the_date(
    before: dict[str, Any], after: dict[str, Any], *, concerned: bool
) -> None:
    status = told(a_milestone(**before), a_milestone(**after))[0]
    assert status.kind is NoticeKind.STATUS_CHANGED
    assert (Interest.CHANGED in status.interests) is concerned
    assert (status.due is not None) is concerned


def test_each_fact_is_told_in_one_notice_only() -> None:
    news = a_fact("Der Rat hat beraten.", id="F-9", aspect="history")
    after = a_milestone(due="2026-03", phase="postponed")
    after = after.model_copy(update={"facts": (*after.facts, news)})
    found = told(a_milestone(), after)
    assert [sorted(one.facts) for one in found] == [["EF-M-S"], ["EF-M-D"], ["F-9"]]


def test_that_a_date_is_not_known_any_more_is_told_once() -> None:
    unknown = a_fact("Ein Termin ist nicht bekannt.", id="F-9", aspect="due", known=False)
    (one,) = told(a_milestone(), a_milestone().model_copy(update={"facts": (unknown,)}))
    assert one.kind is NoticeKind.MILESTONE_CANCELLED
    assert isinstance(one.content, DateGivenUp)
    assert one.content.facts == ("F-9",)


def test_a_fact_with_another_id_that_says_the_same_is_no_news() -> None:
    former = an_entry(facts=(a_fact(id="F-1"),))
    latter = an_entry(facts=(a_fact(id="F-2"),))
    assert kinds(former, latter) == []


def test_a_fact_that_only_ceases_to_count_is_no_news() -> None:
    mentioned = [{"entry": "EF-2", "aspect": "status"}]
    planned = a_fact(id="F-1", aspect="status", phase="planned", as_of="2024", also=mentioned)
    done = a_fact(id="F-2", aspect="status", phase="done", as_of="2025")
    before = an_entry("EF-1", facts=[planned])
    after = an_entry("EF-1", facts=with_fact(before, done, ["F-1"]).facts)
    assert after.facts[1].phase is None
    assert [(one.kind, one.facts) for one in told(before, after)] == [
        (NoticeKind.STATUS_CHANGED, frozenset({"F-2"}))
    ]


def test_a_removed_fact_is_no_news() -> None:
    assert kinds(an_entry(facts=(a_fact(),)), an_entry()) == []


def test_new_facts_are_about_the_entries_that_they_mention() -> None:
    also = ({"entry": "EF-2", "aspect": "status"}, {"entry": "GONE", "aspect": "status"})
    (one,) = told(an_entry("EF-1"), an_entry("EF-1", facts=(a_fact(also=also),)))
    assert [entry.key for entry in one.about] == ["EF-1", "EF-2"]


def test_a_new_entry_is_told_as_one() -> None:
    (one,) = told(None, an_entry(facts=(a_fact(),)))
    assert isinstance(one.content, FactsAdded)
    assert one.content.new


def test_a_withdrawn_entry_settles_its_date() -> None:
    (one,) = told(a_milestone(due="2025-12-12"), None)
    assert one.due == PartialDate.parse("2025-12-12")
    assert isinstance(one.content, Withdrawn)


def test_whatever_settles_a_date_can_be_wanted() -> None:
    assert set(INTERESTS) >= SETTLING
