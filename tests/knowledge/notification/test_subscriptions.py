"""What chats want to be told of, and how."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from knowledge.entries import Aspect, Kind
from knowledge.notification.audience import Audience
from knowledge.notification.contents import parts
from knowledge.notification.interests import (
    ChatSettings,
    Interest,
    Pace,
    Scope,
    Target,
    answer_to,
    differing,
    fingerprints,
)
from knowledge.notification.notices import NoticeKind
from knowledge.notification.subscriptions import MOST, OutdatedError, Subscriptions, TooManyError
from knowledge.notification.working_time import BERLIN
from knowledge.snapshot import Snapshot
from knowledge.storage.database import Database
from knowledge.storage.tables import outbox
from tests.scheduler.stage import Stage, a_milestone, a_plan
from tests.support.builders import a_fact, a_notice, an_entry, stored
from tests.support.clock import FakeClock
from tests.support.postgresql import only_postgresql

SNAPSHOT = Snapshot(
    [
        an_entry("EF", kind=Kind.BODY),
        a_plan("EF-P", parent="EF"),
        an_entry("EF-1", parent="EF-P"),
        a_milestone("EF-M", parent="EF-1"),
        a_plan("EF-Q", parent="EF"),
    ],
    revision=3,
)

EVERYTHING = Target(Scope.EVERYTHING)


@pytest.fixture
def subscriptions(database: Database) -> Subscriptions:
    return Subscriptions(database, zone=BERLIN, subdivision="TH")


async def test_the_same_thing_is_subscribed_once_and_keeps_what_was_chosen_of_it(
    subscriptions: Subscriptions, clock: FakeClock
) -> None:
    target = Target(Scope.BELOW, "EF-P")
    first = await subscriptions.begin(
        1, target, snapshot=SNAPSHOT, now=clock(), interests=[Interest.STATUS]
    )
    again = await subscriptions.begin(1, target, snapshot=SNAPSHOT, now=clock())
    assert again == first
    (listed,) = await subscriptions.of_chat(1)
    assert listed.interests == {Interest.STATUS}
    assert (listed.revision, listed.since, listed.target) == (3, clock(), target)
    assert await subscriptions.of_chat(2) == []


async def test_only_the_own_subscription_can_be_changed_or_ended(
    subscriptions: Subscriptions, clock: FakeClock
) -> None:
    one = await subscriptions.begin(1, Target(Scope.EVERYTHING), snapshot=SNAPSHOT, now=clock())
    assert await subscriptions.switch(2, one.id, Interest.FACTS, on=False) is None
    assert not await subscriptions.end(2, one.id, snapshot=SNAPSHOT, now=clock())
    assert await subscriptions.switch(1, one.id, Interest.FACTS, on=False)
    assert await subscriptions.end(1, one.id, snapshot=SNAPSHOT, now=clock())
    assert not await subscriptions.end(1, one.id, snapshot=SNAPSHOT, now=clock())


async def test_an_ended_subscription_does_not_pass_its_number_on(
    subscriptions: Subscriptions, clock: FakeClock
) -> None:
    ended = await subscriptions.begin(1, Target(Scope.EVERYTHING), snapshot=SNAPSHOT, now=clock())
    await subscriptions.end(1, ended.id, snapshot=SNAPSHOT, now=clock())
    later = await subscriptions.begin(
        1, Target(Scope.ENTRY, "EF-1"), snapshot=SNAPSHOT, now=clock()
    )
    assert not await subscriptions.end(1, ended.id, snapshot=SNAPSHOT, now=clock())
    assert await subscriptions.of_chat(1) == [later]


async def test_interests_that_are_switched_at_the_same_moment_are_all_switched_but_the_last(
    subscriptions: Subscriptions, clock: FakeClock
) -> None:
    one = await subscriptions.begin(1, Target(Scope.EVERYTHING), snapshot=SNAPSHOT, now=clock())
    switching = (subscriptions.switch(1, one.id, interest, on=False) for interest in Interest)
    await asyncio.gather(*switching)
    (left,) = await subscriptions.of_chat(1)
    assert len(left.interests) == 1


async def test_a_chat_has_a_limit(subscriptions: Subscriptions, clock: FakeClock) -> None:
    for number in range(MOST):
        target = Target(Scope.ENTRY, f"EF-{number}")
        await subscriptions.begin(1, target, snapshot=SNAPSHOT, now=clock())
    with pytest.raises(TooManyError):
        await subscriptions.begin(1, Target(Scope.EVERYTHING), snapshot=SNAPSHOT, now=clock())
    await subscriptions.begin(1, Target(Scope.ENTRY, "EF-0"), snapshot=SNAPSHOT, now=clock())
    await subscriptions.begin(2, Target(Scope.EVERYTHING), snapshot=SNAPSHOT, now=clock())


def test_a_question_is_kept_without_contact_details() -> None:
    target = Target.of_answer("Wann ist Termin? max@example.org", topic="EF-1", home=None)
    assert target.question == "wann ist termin?"


@pytest.mark.parametrize(
    ("scope", "entry", "question"),
    [
        (Scope.ENTRY, None, None),
        (Scope.BELOW, "", None),
        (Scope.ANSWER, "EF-1", None),
        (Scope.EVERYTHING, None, "warum?"),
    ],
)
def test_a_target_must_fit_together(scope: Scope, entry: str | None, question: str | None) -> None:
    with pytest.raises(ValueError, match=r"needs an entry|a question belongs"):
        Target(scope, entry, question)


async def test_settings_come_back_as_they_were_given(
    subscriptions: Subscriptions, clock: FakeClock
) -> None:
    assert await subscriptions.settings(1) == ChatSettings()
    chosen = ChatSettings(
        pace=Pace.WEEKLY,
        hour=17,
        weekday=4,
        quiet_from=time(22, 30),
        quiet_until=time(6, 15),
        working_days=False,
        paused_until=date(2026, 1, 5),
        zone=ZoneInfo("Atlantic/Canary"),
    )
    await subscriptions.set_up(1, ChatSettings(pace=Pace.DAILY), now=clock())
    await subscriptions.set_up(1, chosen, now=clock())
    assert await subscriptions.settings(1) == chosen


async def test_settings_that_are_not_chosen_stay_as_they_are(
    subscriptions: Subscriptions, clock: FakeClock
) -> None:
    read = await subscriptions.settings(1)  # by two processes, before either writes
    first = replace(read, pace=Pace.DAILY)
    second = replace(read, quiet_from=time(22), quiet_until=time(6))
    await subscriptions.set_up(1, first, chosen=["pace"], now=clock())
    both = await subscriptions.set_up(1, second, chosen=["quiet_from", "quiet_until"], now=clock())
    assert both == replace(second, pace=Pace.DAILY)
    assert await subscriptions.settings(1) == both


def test_a_pause_ends_at_the_first_office_hour_of_its_day() -> None:
    paused = ChatSettings(paused_until=date(2025, 11, 1))  # a Saturday
    moment = paused.next_moment(datetime(2025, 10, 20, 9, tzinfo=UTC), "TH")
    assert moment == datetime(2025, 11, 3, 7, tzinfo=UTC)


async def test_with_the_last_subscription_waiting_notices_are_dropped_but_not_announcements(
    database: Database, clock: FakeClock
) -> None:
    stage = Stage(database, clock)
    await stage.begin(a_milestone())
    one, two = await stage.subscribe(), await stage.subscribe(1, "EF-M")
    await stage.publish(a_milestone(phase="done"))
    await stage.plan()
    await stage.outbox.add([a_notice(chat_id=1)])
    await stage.end(one)
    assert len(await stage.keys()) == 2
    await stage.end(two)
    assert [notice.kind for notice in await stage.notices()] == [NoticeKind.ANNOUNCEMENT]


@pytest.mark.parametrize("waiting", ["by itself", "for a digest", "in a digest"])
async def test_with_a_subscription_ends_what_waits_because_of_it_alone(
    database: Database, clock: FakeClock, waiting: str
) -> None:
    stage = Stage(database, clock)
    await stage.begin(a_plan(), a_milestone(parent="EF-P"), a_milestone("EF-N"), an_entry("EF-9"))
    ended = await stage.subscribe(1, Target(Scope.EVERYTHING))
    await stage.subscribe(1, Target(Scope.BELOW, "EF-P"), frozenset({Interest.CHANGED}))
    if waiting != "by itself":
        await stage.subscriptions.set_up(1, ChatSettings(pace=Pace.DAILY), now=clock())
    await stage.publish(
        a_milestone(due="2026-05-05", phase="in_progress", parent="EF-P"),
        a_milestone("EF-N", due="2026-05-05"),
        an_entry("EF-9", facts=(a_fact(),)),
    )
    await stage.plan()
    clock.advance(timedelta(days=1))
    if waiting == "in a digest":
        assert await stage.planner.gather(clock()) == 1
    await stage.end(ended)
    if waiting == "for a digest":
        assert await stage.planner.gather(clock()) == 1
    told = [one for notice in await stage.notices() for one in parts(notice) or [notice]]
    # That EF-M is under way may concern who watches changes of its date; EF-N concerns nobody.
    assert {(one.kind, stored(one)["entry"]) for one in told} == {
        (NoticeKind.MILESTONE_MOVED, "EF-M"),
        (NoticeKind.STATUS_CHANGED, "EF-M"),
    }


@pytest.mark.parametrize("waiting", ["by itself", "for a digest", "in a digest"])
async def test_a_correction_does_not_end_with_a_subscription_while_there_are_others(
    database: Database, clock: FakeClock, waiting: str
) -> None:
    stage = Stage(database, clock)
    await stage.begin(a_milestone(), an_entry("EF-9"))
    ended = await stage.subscribe(1, "EF-M")
    await stage.subscribe(1, "EF-9")
    mistake = await stage.publish(a_milestone(phase="done"))
    await stage.plan()
    await stage.send_all()
    if waiting != "by itself":
        await stage.subscriptions.set_up(1, ChatSettings(pace=Pace.DAILY), now=clock())
    undo = await stage.undo(mistake)
    await stage.plan()
    clock.advance(timedelta(days=1))
    if waiting == "in a digest":
        assert await stage.planner.gather(clock()) == 1
    await stage.end(ended)
    await stage.planner.gather(clock())
    assert (await stage.keys())[1:] == [f"correction:EF-M:r{undo}"]


@pytest.mark.parametrize("reminded", [False, True])
async def test_what_waits_for_who_watches_coming_dates_ends_unless_they_were_reminded_of_it(
    database: Database, clock: FakeClock, *, reminded: bool
) -> None:
    stage = Stage(database, clock)
    await stage.begin(a_plan(), a_milestone(parent="EF-P", due="2025-11-14"))
    ended = await stage.subscribe(1, "EF-M")
    await stage.subscribe(1, Target(Scope.BELOW, "EF-P"), frozenset({Interest.COMING}))
    if reminded:
        stage.at("2025-11-07T09:00")
        await stage.plan()
    stage.at("2025-11-07T19:00")
    await stage.publish(a_milestone(due="2026-05-05", parent="EF-P"))
    await stage.plan()
    await stage.end(ended)
    stage.at("2025-11-10T09:00")
    await stage.plan()
    assert ("milestone_moved:EF-M:r2" in await stage.keys()) == reminded


@pytest.mark.parametrize("on_again", [False, True])
async def test_what_waits_is_told_as_the_switches_are_when_it_may_be_sent(
    database: Database, clock: FakeClock, *, on_again: bool
) -> None:
    stage = Stage(database, clock)
    await stage.begin(a_milestone())
    one = await stage.subscribe(1, "EF-M")
    stage.at("2025-10-20T19:00")
    await stage.publish(a_milestone(due="2026-05-05"))
    await stage.plan()
    await stage.subscriptions.switch(1, one.id, Interest.CHANGED, on=False)
    if on_again:
        await stage.subscriptions.switch(1, one.id, Interest.CHANGED, on=True)
    stage.at("2025-10-21T08:00")
    await stage.plan()
    assert await stage.keys() == ["milestone_moved:EF-M:r2"] * on_again


async def test_what_a_withdrawn_entry_was_below_is_not_known_and_so_it_is_told(
    database: Database, clock: FakeClock
) -> None:
    stage = Stage(database, clock)
    await stage.begin(a_plan(), a_milestone(parent="EF-P"), an_entry("EF-9"))
    ended = await stage.subscribe(1, "EF-9")
    await stage.subscribe(1, Target(Scope.BELOW, "EF-P"))
    await stage.publish(withdrawn=[a_milestone(parent="EF-P")])
    await stage.plan()
    await stage.end(ended)
    assert await stage.keys() == ["milestone_cancelled:EF-M:r2"]


async def test_a_notice_that_cannot_be_read_does_not_keep_a_subscription_from_ending(
    database: Database, clock: FakeClock
) -> None:
    stage = Stage(database, clock)
    await stage.begin(a_milestone(), an_entry("EF-9"))
    ended = await stage.subscribe(1, "EF-9")
    await stage.subscribe(1, "EF-M")
    await stage.publish(a_milestone(phase="done"), an_entry("EF-9", facts=(a_fact(),)))
    await stage.plan()
    async with database.writing() as connection:
        broken = outbox.c.kind == NoticeKind.MILESTONE_DONE
        await connection.execute(update(outbox).where(broken).values(content={"entry": "EF-M"}))
    await stage.end(ended)
    assert await stage.keys() == ["milestone_done:EF-M:r2"]


async def one_revision_behind(database: Database, clock: FakeClock) -> tuple[Stage, Snapshot]:
    """A stage with a revision that is not planned yet, and the snapshot before it."""
    stage = Stage(database, clock)
    await stage.begin(a_milestone())
    known = stage.store.snapshot
    await stage.publish(a_milestone(phase="done"))
    return stage, known


async def test_a_subscription_does_not_begin_behind_what_is_planned(
    database: Database, clock: FakeClock
) -> None:
    stage, known = await one_revision_behind(database, clock)
    await stage.plan()
    with pytest.raises(OutdatedError):
        await stage.subscriptions.begin(1, EVERYTHING, snapshot=known, now=clock())
    assert await stage.subscriptions.of_chat(1) == []
    assert (await stage.subscribe()).revision == 2


async def test_who_subscribes_before_a_revision_is_planned_is_told_of_it(
    database: Database, clock: FakeClock
) -> None:
    stage, known = await one_revision_behind(database, clock)
    await stage.subscriptions.begin(1, EVERYTHING, snapshot=known, now=clock())
    await stage.plan()
    assert len(await stage.keys()) == 1


@only_postgresql
async def test_planning_under_way_does_not_overtake_the_beginning_of_a_subscription(
    database: Database, clock: FakeClock
) -> None:
    stage, known = await one_revision_behind(database, clock)
    with pytest.raises(OutdatedError):
        await stage.plan_while(
            lambda: stage.subscriptions.begin(1, EVERYTHING, snapshot=known, now=clock())
        )


@only_postgresql
@pytest.mark.parametrize("ended", ["the last one", "all"])
async def test_planning_under_way_does_not_overtake_the_end_of_a_subscription(
    database: Database, clock: FakeClock, ended: str
) -> None:
    stage = Stage(database, clock)
    await stage.begin(a_milestone())
    subscribed = await stage.subscribe()
    await stage.publish(a_milestone(phase="done"))

    async def end() -> None:
        if ended == "all":
            await stage.subscriptions.end_all(1, now=clock())
        else:
            await stage.end(subscribed)

    await stage.plan_while(end)
    assert await stage.keys() == []


@only_postgresql
async def test_ending_all_and_planning_do_not_wait_for_each_other_for_ever(
    database: Database, clock: FakeClock
) -> None:
    stage = Stage(database, clock)
    await stage.begin(an_entry("EF-7", title="Sprachkurse", facts=(a_fact("Es gibt 3."),)))
    await stage.subscribe(1, "EF-7")
    target = Target.of_answer("Was sind Sprachkurse?", topic="EF-7", home=None)
    await stage.subscribe(1, target)
    newer = an_entry("EF-7", title="Sprachkurse", facts=(a_fact("Es gibt 4."),))
    change = await stage.publish(newer)
    await stage.plan()
    # Planning takes back a notice and then notes the answer of a subscription; ending has it the
    # other way round.
    await stage.undo(change)
    await stage.plan_while(lambda: stage.subscriptions.end_all(1, now=clock()))
    assert await stage.keys() == []
    assert await stage.subscriptions.of_chat(1) == []


@only_postgresql
async def test_the_end_of_a_pause_holds_for_what_is_being_planned(
    database: Database, clock: FakeClock
) -> None:
    stage = Stage(database, clock)
    await stage.begin(a_milestone())
    await stage.subscribe()
    paused = ChatSettings(paused_until=date(2026, 1, 5))
    await stage.subscriptions.set_up(1, paused, now=clock())
    await stage.publish(a_milestone(phase="done"))
    await stage.plan_while(lambda: stage.subscriptions.set_up(1, ChatSettings(), now=clock()))
    assert [notice.not_before for notice in await stage.notices()] == [clock()]


async def test_a_pause_does_not_hold_back_what_people_send_off(
    database: Database, clock: FakeClock
) -> None:
    stage = Stage(database, clock)
    kinds = (NoticeKind.ANNOUNCEMENT, NoticeKind.QUESTION_ANSWERED, NoticeKind.FACT_ADDED)
    await stage.outbox.add(a_notice(kind=kind, key=kind, content={}) for kind in kinds)
    paused = ChatSettings(paused_until=date(2026, 1, 5))
    await stage.subscriptions.set_up(1, paused, now=clock())
    moments = {notice.kind: notice.not_before for notice in await stage.notices()}
    later = paused.next_moment(clock(), "TH")
    assert moments == {kind: clock() for kind in kinds[:2]} | {kinds[2]: later}


async def test_an_ended_answer_is_not_told_any_more(database: Database, clock: FakeClock) -> None:
    stage = Stage(database, clock)
    fact = a_fact("Das Konzept wird geprüft.", id="F-1", aspect="status")
    await stage.begin(a_plan(title="Willkommenskonzept", facts=(fact,)), an_entry("EF-9"))
    target = Target.of_answer("Stand Willkommenskonzept?", topic=None, home=None)
    answered = await stage.subscribe(1, target)
    await stage.subscribe(1, "EF-9")
    newer = a_fact("Das Konzept ist beschlossen.", id="F-2", aspect="status")
    await stage.publish(a_plan(title="Willkommenskonzept", facts=(newer,)))
    await stage.plan()
    assert len(await stage.keys()) == 1
    await stage.end(answered)
    assert await stage.keys() == []


@pytest.mark.parametrize(
    ("target", "told_of"),
    [
        (Target(Scope.EVERYTHING), {"EF", "EF-P", "EF-1", "EF-M", "EF-Q"}),
        (Target(Scope.BELOW, "EF"), {"EF", "EF-P", "EF-1", "EF-M", "EF-Q"}),
        (Target(Scope.BELOW, "EF-P"), {"EF-P", "EF-1", "EF-M"}),
        (Target(Scope.ENTRY, "EF-1"), {"EF-1", "EF-M"}),  # with the date below it
        (Target(Scope.ENTRY, "EF-P"), {"EF-P"}),  # a measure is no date
        (Target(Scope.ENTRY, "EF-M"), {"EF-M"}),
        (Target(Scope.ANSWER, None, "warum?"), set()),
    ],
)
async def test_what_a_subscription_covers(
    subscriptions: Subscriptions, clock: FakeClock, target: Target, told_of: set[str]
) -> None:
    one = await subscriptions.begin(1, target, snapshot=SNAPSHOT, now=clock())
    audience = Audience([one], SNAPSHOT)
    covered = {
        key for key, entry in SNAPSHOT.entries.items() if any(audience.of([entry], set(Interest)))
    }
    assert covered == told_of


async def test_only_those_who_are_interested_are_told(
    subscriptions: Subscriptions, clock: FakeClock
) -> None:
    one = await subscriptions.begin(
        1, Target(Scope.EVERYTHING), snapshot=SNAPSHOT, now=clock(), interests=[Interest.STATUS]
    )
    entry, audience = SNAPSHOT.entries["EF-1"], Audience([one], SNAPSHOT)
    assert list(audience.of([entry], {Interest.FACTS})) == []
    assert list(audience.of([entry], {Interest.FACTS, Interest.STATUS})) == [one]


def test_what_a_button_asked_of_a_withdrawn_entry_is_answered_by_no_other_entry() -> None:
    told = a_fact("Die Geschichte des Konzepts, history genannt.", aspect=Aspect.HISTORY)
    entry, other = an_entry("EF-7"), an_entry("EF-8", title="History", facts=[told])
    target = Target.of_button(entry, Aspect.HISTORY)
    today = date(2025, 10, 20)
    assert answer_to(target, Snapshot([entry, other]), today).topic == entry
    assert answer_to(target, Snapshot([other]), today).facts == ()


def test_facts_differ_by_what_they_say() -> None:
    before = fingerprints([a_fact("Alt.", id="F-1"), a_fact("Gleich.", id="F-2")])
    after = fingerprints([a_fact("Neu.", id="F-1"), a_fact("Gleich.", id="F-2"), a_fact(id="F-3")])
    assert differing(before, after) == ("F-1", "F-3")
    assert differing(after, before) == ("F-1", "F-3")
    assert differing(before, before) == ()
