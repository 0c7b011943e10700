"""Which entries editors are asked to look after, and which are history."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from knowledge.entries import Aspect, Entry, Kind, Link, Phase, Relation
from knowledge.snapshot import Snapshot
from knowledge.yaml_files import load
from scheduler.tracking import Why, is_history, track
from tests.scheduler.stage import RULES, a_plan
from tests.support.builders import a_fact, an_entry

TODAY = date(2026, 11, 23)
BODY = an_entry("STADT", kind=Kind.BODY)


def said(as_of: str, number: int = 1, phase: Phase | None = None) -> Any:
    aspect = Aspect.STATUS if phase else Aspect.SUMMARY
    return a_fact(id=f"F-{number}", as_of=as_of, aspect=aspect, phase=phase)


def a_former(as_of: str = "2018", phase: Phase | None = None, **fields: Any) -> Entry:
    link = Link(relation=Relation.RELATED, target="EF-NEW")
    given = {"kind": Kind.PLAN, "facts": (said(as_of, 1, phase),), "parent": "STADT"}
    return an_entry("EF-OLD", **given | {"links": (link,)} | fields)


def a_later(first: str = "2022", **fields: Any) -> Entry:
    facts = (said(first, 2), said("2025", 3))
    return an_entry("EF-NEW", **{"kind": Kind.PLAN, "facts": facts, "parent": "STADT"} | fields)


@pytest.mark.parametrize(
    ("old", "new", "history"),
    [
        (a_former(), a_later(), True),
        (a_former(), a_later("2017"), False),
        (a_former(), a_later("2018-06"), False),
        (a_former(phase=Phase.IN_PROGRESS), a_later(), False),
        (a_former(phase=Phase.DONE), a_later(), True),
        (a_former(links=()), a_later(), False),
        (a_former(kind=Kind.MEASURE), a_later(), False),
        (a_former(), a_later(kind=Kind.MEASURE), False),
        (a_former(), a_later(parent=None), False),
        (a_former(facts=()), a_later(), False),
    ],
    ids=[
        "followed by a later plan",
        "beside one that is older",
        "beside one of the same year",
        "said to be under way",
        "said to be done",
        "related to nothing",
        "no plan",
        "followed by no plan",
        "followed elsewhere",
        "nothing said",
    ],
)
def test_a_plan_is_history_when_a_later_one_has_taken_its_place(
    old: Entry, new: Entry, *, history: bool
) -> None:
    assert is_history(old, Snapshot([BODY, old, new]), TODAY) is history


@pytest.mark.parametrize(
    ("as_of", "phase", "history"),
    [
        ("2016-10", None, True),
        ("2016-12", None, False),
        ("2006", Phase.UNKNOWN, True),
        ("2006", Phase.PLANNED, False),
        ("9999-12-31", None, False),
    ],
)
def test_what_nobody_said_to_be_under_way_is_of_the_past_after_ten_years(
    as_of: str, phase: Phase | None, *, history: bool
) -> None:
    entry = a_plan(facts=(said(as_of, 1, phase),))
    assert is_history(entry, Snapshot([entry]), TODAY) is history


def test_nobody_is_asked_for_news_of_the_first_concept_of_erfurt() -> None:
    snapshot = Snapshot(load())
    rules = replace(RULES, home="ERFURT")
    dates, _ = track(snapshot, {}, {}, date(2025, 1, 1), rules)
    due = track(snapshot, dates, {}, TODAY, rules)[1]
    silent = {one.milestone.entry.key for one in due if one.why is Why.SILENCE}
    assert "EF-IK" in silent
    assert "EF-IK-2006" not in silent
