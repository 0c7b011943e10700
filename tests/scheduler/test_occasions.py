"""What a revision gives occasion to tell."""

from datetime import UTC, datetime
from typing import Any

import pytest

from knowledge.entries import Entry
from knowledge.store import Change, Origin, Version
from scheduler.occasions import INTERESTS, SETTLING, Occasion, occasions
from tests.scheduler.stage import a_milestone
from tests.support.builders import a_fact, an_entry

NOW = datetime(2025, 10, 20, tzinfo=UTC)


def version(entry: Entry, origin: Origin = Origin.EDITED, *, withdrawn: bool = False) -> Version:
    return Version(2, NOW, "anna", origin, "Test", entry, withdrawn)


def told(before: Entry | None, after: Entry, **fields: Any) -> list[Occasion]:
    earlier = None if before is None else version(before)
    return list(occasions(Change(earlier, version(after, **fields)), {"EF-2": an_entry("EF-2")}))


def kinds(before: Entry | None, after: Entry, **fields: Any) -> list[str]:
    return [str(one.kind) for one in told(before, after, **fields)]


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


def test_each_fact_is_told_in_one_notice_only() -> None:
    news = a_fact("Der Rat hat beraten.", id="F-9", aspect="history")
    after = a_milestone(due="2026-03", phase="postponed")
    after = after.model_copy(update={"facts": (*after.facts, news)})
    found = told(a_milestone(), after)
    assert [sorted(one.facts) for one in found] == [["EF-M-S"], ["EF-M-D"], ["F-9"]]


def test_a_fact_with_another_id_that_says_the_same_is_no_news() -> None:
    former = an_entry(facts=(a_fact(id="F-1"),))
    latter = an_entry(facts=(a_fact(id="F-2"),))
    assert kinds(former, latter) == []


def test_a_removed_fact_is_no_news() -> None:
    assert kinds(an_entry(facts=(a_fact(),)), an_entry()) == []


def test_new_facts_are_about_the_entries_that_they_mention() -> None:
    also = ({"entry": "EF-2", "aspect": "status"}, {"entry": "GONE", "aspect": "status"})
    (one,) = told(an_entry("EF-1"), an_entry("EF-1", facts=(a_fact(also=also),)))
    assert [entry.key for entry in one.about] == ["EF-1", "EF-2"]


@pytest.mark.parametrize(
    ("origin", "expected"),
    [(Origin.EDITED, ["fact_added"]), (Origin.IMPORTED, []), (Origin.SHIPPED, [])],
)
def test_a_new_entry_is_news_only_where_an_editor_wrote_it(
    origin: Origin, expected: list[str]
) -> None:
    assert kinds(None, a_milestone(), origin=origin) == expected


def test_an_entry_that_returns_is_told_as_a_new_one() -> None:
    gone = version(an_entry(), withdrawn=True)
    back = Change(gone, version(an_entry(facts=(a_fact(),))))
    (one,) = occasions(back, {})
    assert one.content["new"] is True


def test_a_withdrawn_entry_settles_its_date() -> None:
    (one,) = told(a_milestone(due="2025-12-12"), a_milestone(), withdrawn=True)
    assert (one.due, one.content["withdrawn"]) == ("2025-12-12", True)


def test_whatever_settles_a_date_can_be_wanted() -> None:
    assert set(INTERESTS) >= SETTLING
