"""Who would be told of a proposal."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from knowledge.editing.edits import AddAlias, Edit, Move, SetDue, SetRhythm, Withdraw
from knowledge.editing.proposals import propose
from knowledge.entries import Certainty, Kind, Rhythm
from knowledge.notification.audience import Audience, chats_told, concerns_subscriptions
from knowledge.notification.interests import ALL_INTERESTS, Interest, Scope, Subscription, Target
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot
from tests.support.builders import A_SOURCE, an_entry

SNAPSHOT = Snapshot([an_entry("EF-7"), an_entry("EF-8")], revision=1)
DATED = SetDue(
    entry="EF-7",
    due=PartialDate.parse("2027-09-30"),
    text="Frist im Herbst.",
    sources=(A_SOURCE,),
    as_of=None,
    certainty=Certainty.PUBLIC,
)


def subscribed(chat_id: int, key: str, *interests: Interest) -> Subscription:
    return Subscription(
        id=chat_id,
        chat_id=chat_id,
        target=Target(Scope.ENTRY, key),
        interests=frozenset(interests or ALL_INTERESTS),
        since=datetime(2025, 10, 20, tzinfo=UTC),
        revision=1,
    )


SUBSCRIPTIONS = (
    subscribed(1, "EF-7"),
    subscribed(2, "EF-7", Interest.FACTS),
    subscribed(3, "EF-8"),
)


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (DATED, {1}),
        (AddAlias(entry="EF-7", alias="Sternschnuppe"), set()),
        (Withdraw(entry="EF-8"), {3}),
    ],
)
def test_only_chats_that_want_to_know_just_this_are_told(edit: Edit, told: set[int]) -> None:
    assert chats_told(propose([edit], SNAPSHOT), SUBSCRIPTIONS) == told


def test_nobody_is_told_of_nothing() -> None:
    everything = replace(subscribed(1, "EF-7"), target=Target(Scope.EVERYTHING))
    assert list(Audience([everything], SNAPSHOT).of([], ALL_INTERESTS)) == []


def test_what_goes_with_its_plan_is_told_to_who_watches_what_the_plan_belongs_to() -> None:
    town = an_entry("EF", kind=Kind.BODY)
    plan = an_entry("EF-P", kind=Kind.PLAN, parent="EF")
    below = an_entry("EF-7", parent="EF-P")
    watcher = replace(subscribed(1, "EF"), target=Target(Scope.BELOW, "EF"))
    audience = Audience([watcher], Snapshot([town]), withdrawn=[below, plan])
    assert list(audience.of([below], ALL_INTERESTS)) == [watcher]


PLANS = Snapshot(
    [
        an_entry("ALT", kind=Kind.PLAN),
        an_entry("NEU", kind=Kind.PLAN),
        an_entry("EF-7", parent="ALT"),
    ],
    revision=1,
)


@pytest.mark.parametrize(
    ("target", "is_concerned"),
    [
        (Target(Scope.ENTRY, "EF-7"), True),
        (Target(Scope.BELOW, "ALT"), True),
        (Target(Scope.BELOW, "NEU"), True),
        (Target(Scope.EVERYTHING), True),
        (Target(Scope.ANSWER, question="Wie weit ist EF-7?"), True),
        (Target(Scope.ENTRY, "NEU"), False),
    ],
)
def test_what_is_no_news_concerns_who_subscribed_to_what_follows_from_it(
    target: Target, is_concerned: bool
) -> None:
    subscriptions = [replace(subscribed(1, "EF-7"), target=target)]
    proposal = propose([Move(entry="EF-7", parent="NEU")], PLANS)
    assert chats_told(proposal, subscriptions) == set()
    assert concerns_subscriptions(proposal, subscriptions) == is_concerned


def test_a_rhythm_is_no_news_and_leads_to_reminders() -> None:
    rhythm = Rhythm(months=6, since=PartialDate.parse("2026-01"))
    proposal = propose([SetRhythm(entry="EF-7", rhythm=rhythm)], SNAPSHOT)
    assert chats_told(proposal, SUBSCRIPTIONS) == set()
    assert concerns_subscriptions(proposal, SUBSCRIPTIONS)
    assert not concerns_subscriptions(proposal, SUBSCRIPTIONS[2:])
