"""Who would be told of a proposal."""

from datetime import UTC, datetime

import pytest

from knowledge.audience import chats_told
from knowledge.changes import propose
from knowledge.edits import AddAlias, Edit, SetDue, Withdraw
from knowledge.entries import Certainty
from knowledge.interests import ALL_INTERESTS, Interest, Scope, Subscription, Target
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
