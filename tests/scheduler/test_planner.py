"""From edits and days to notices in the outbox, each once."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from knowledge.editing.edits import Withdraw
from knowledge.editing.proposals import propose
from knowledge.entries import Aspect, Entry, Kind, Link, Mention, Relation
from knowledge.notification.audience import chats_told
from knowledge.notification.contents import parts, told_in
from knowledge.notification.interests import (
    ChatSettings,
    Interest,
    Pace,
    Scope,
    Subscription,
    Target,
    answer_to,
    fingerprints,
)
from knowledge.notification.notices import NoticeKind, NoticeState
from knowledge.people import People, Role
from knowledge.personal_data import PersonalData
from knowledge.revisions import Origin
from knowledge.storage.store import Store
from knowledge.storage.tables import outbox, planned_notice, subscription
from scheduler.digests import MOST_GATHERED
from scheduler.planner import Planner
from scheduler.planning import LONGEST_QUOTED
from tests.scheduler.stage import Stage, a_milestone, a_plan
from tests.support.builders import a_fact, an_entry, stored
from tests.support.postgresql import only_postgresql

COMING = frozenset({Interest.COMING})

ADMIN, EDITOR = 7, 9

TODAY = date(2025, 10, 20)


async def test_the_first_planning_is_a_beginning_and_tells_nothing(stage: Stage) -> None:
    await stage.publish(a_milestone(due="2025-10-21"), a_milestone("EF-M2", due="2025-01-01"))
    await stage.subscribe()
    assert await stage.plan() == 0
    await stage.pass_days(1)
    # Known since yesterday: the day itself comes, the record of January never does.
    assert await stage.keys() == ["milestone_coming:EF-M:2025-10-21:0"]


async def test_a_date_is_announced_and_said_to_be_missed_step_by_step(stage: Stage) -> None:
    await stage.begin(a_milestone(due="2025-12-12"))
    await stage.subscribe()
    await stage.pass_days(100)
    assert await stage.keys() == [
        f"milestone_{what}:EF-M:2025-12-12:{step}"
        for what, step in [
            ("coming", -30),
            ("coming", -7),
            ("coming", -1),
            ("coming", 0),
            ("missed", 1),
            ("missed", 7),
            ("missed", 30),
        ]
    ]


async def test_after_downtime_only_the_latest_reminder_is_planned(stage: Stage) -> None:
    await stage.begin(a_milestone(due="2025-12-12"))
    await stage.subscribe()
    await stage.pass_days(49, plan=False)  # until 8 December
    await stage.plan()
    assert await stage.keys() == ["milestone_coming:EF-M:2025-12-12:-7"]


async def test_planning_again_plans_nothing_twice(stage: Stage) -> None:
    await stage.begin(a_milestone(due="2025-10-27"))
    await stage.subscribe()
    await stage.pass_days(6)
    before = await stage.keys()
    assert await stage.plan() == 0
    assert await stage.another_planner().plan(stage.clock()) == 0
    assert await stage.keys() == before


async def test_two_schedulers_at_once_plan_each_notice_once(stage: Stage) -> None:
    await stage.begin(a_milestone(due="2025-10-27"), an_entry("EF-1"))
    await stage.subscribe(1)
    await stage.subscribe(2)
    stage.clock.advance(timedelta(days=7))
    await stage.publish(an_entry("EF-1", facts=(a_fact(),)))
    planners = [stage.another_planner() for _ in range(4)]
    await asyncio.gather(*(planner.plan(stage.clock()) for planner in planners))
    await stage.plan()
    for chat_id in (1, 2):
        assert sorted(await stage.keys(chat_id)) == [
            "fact_added:EF-1:r2",
            "milestone_coming:EF-M:2025-10-27:0",
        ]


async def test_who_gathers_by_an_older_state_than_is_planned_drops_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.begin(a_milestone(due="2026-03-01"))
    await stage.subscribe()
    behind, refresh = stage.planner, Store.refresh
    store = behind._store

    async def refresh_and_be_overtaken(refreshed: Store) -> bool:
        known = await refresh(refreshed)
        if refreshed is store:
            monkeypatch.setattr(Store, "refresh", refresh)
            await stage.publish(a_milestone(due="2026-04-01"), an_entry("EF-9", facts=(a_fact(),)))
            assert await stage.another_planner().plan(stage.clock()) == 2
        return known

    monkeypatch.setattr(Store, "refresh", refresh_and_be_overtaken)
    assert await behind.gather(stage.clock()) == 0
    await stage.plan()
    assert await stage.keys() == ["milestone_moved:EF-M:r2", "fact_added:EF-9:r2"]


async def test_a_clock_set_back_and_forward_neither_loses_nor_doubles(stage: Stage) -> None:
    await stage.begin(a_milestone(due="2025-12-12"))
    await stage.subscribe()
    stage.at("2025-12-15T09:00")  # by mistake
    await stage.plan()
    stage.at("2025-10-21T09:00")
    await stage.plan()
    await stage.pass_days(60)
    keys = await stage.keys()
    assert sorted(keys) == sorted(set(keys))
    assert [key.rpartition(":")[2] for key in keys] == ["1", "-30", "-7", "-1", "0", "7"]


async def test_a_moved_date_starts_afresh_and_tells_who_was_reminded(stage: Stage) -> None:
    await stage.begin(a_milestone(due="2025-11-18"))
    await stage.subscribe(1, interests=COMING)
    await stage.subscribe(2, interests=frozenset({Interest.CHANGED}))
    await stage.pass_days(1)
    await stage.subscribe(3, interests=COMING)
    stage.at("2025-11-11T09:00")
    await stage.plan()
    await stage.subscribe(4, interests=COMING)
    revision = await stage.publish(a_milestone(due="2026-01-30"))
    await stage.plan()
    moved = f"milestone_moved:EF-M:r{revision}"
    assert await stage.keys(1) == ["milestone_coming:EF-M:2025-11-18:-7", moved]
    assert await stage.keys(2) == [moved]
    assert await stage.keys(3) == ["milestone_coming:EF-M:2025-11-18:-7", moved]
    assert await stage.keys(4) == []
    stage.at("2026-01-05T09:00")
    await stage.plan()
    assert await stage.keys(4) == ["milestone_coming:EF-M:2026-01-30:-30"]


@pytest.mark.parametrize(
    ("phase", "kind"),
    [
        ("done", NoticeKind.MILESTONE_DONE),
        ("dropped", NoticeKind.MILESTONE_CANCELLED),
        ("in_progress", NoticeKind.STATUS_CHANGED),
    ],
)
async def test_a_new_phase_is_told_once_and_by_what_it_means_for_the_date(
    stage: Stage, phase: str, kind: NoticeKind
) -> None:
    await stage.begin(a_milestone())
    await stage.subscribe()
    revision = await stage.publish(a_milestone(phase=phase))
    await stage.plan()
    (notice,) = await stage.notices()
    assert (notice.kind, notice.key) == (kind, f"{kind}:EF-M:r{revision}")
    assert stored(notice)["new"] == phase
    assert stored(notice)["facts"] == ["EF-M-S"]


@pytest.mark.parametrize(
    ("before", "after"),
    [("planned", "postponed"), ("postponed", "planned"), ("done", "in_progress")],
)
async def test_that_a_date_counts_no_more_or_again_is_told_to_all_that_it_concerns(
    stage: Stage, before: str, after: str
) -> None:
    await stage.begin(a_milestone(due="2025-12-12"))
    await stage.subscribe(1, interests=COMING)
    await stage.subscribe(2, interests=frozenset({Interest.CHANGED}))
    await stage.subscribe(3, interests=frozenset({Interest.STATUS}))
    await stage.subscribe(4, interests=frozenset({Interest.FACTS}))
    stage.at("2025-12-05T09:00")
    await stage.plan()
    await stage.publish(a_milestone(due="2025-12-12", phase=before))
    await stage.plan()
    revision = await stage.publish(a_milestone(due="2025-12-12", phase=after))
    await stage.plan()
    key = f"status_changed:EF-M:r{revision}"
    assert sorted(one.chat_id for one in await stage.notices() if one.key == key) == [1, 2, 3]


async def test_what_is_done_is_not_reminded_of_any_more(stage: Stage) -> None:
    await stage.begin(a_milestone(due="2025-11-18"))
    await stage.subscribe()
    await stage.publish(a_milestone(due="2025-11-18", phase="done"))
    await stage.pass_days(60)
    assert [n.kind for n in await stage.notices()] == [NoticeKind.MILESTONE_DONE]


async def test_two_subscriptions_of_a_chat_bring_one_notice(stage: Stage) -> None:
    await stage.begin(a_plan(), a_milestone(parent="EF-P"))
    for target in (
        Target(Scope.EVERYTHING),
        Target(Scope.BELOW, "EF-P"),
        Target(Scope.ENTRY, "EF-P"),
        Target(Scope.ENTRY, "EF-M"),
    ):
        await stage.subscribe(1, target)
    revision = await stage.publish(a_milestone(parent="EF-P", phase="done"))
    await stage.plan()
    assert await stage.keys() == [f"milestone_done:EF-M:r{revision}"]


async def test_only_later_revisions_are_told_to_a_new_subscriber(stage: Stage) -> None:
    await stage.begin(an_entry())
    await stage.publish(an_entry(facts=(a_fact(),)))
    await stage.subscribe()  # has seen that, although it is not planned yet
    await stage.plan()
    assert await stage.keys() == []


async def test_a_fact_is_told_to_those_who_watch_what_it_mentions(stage: Stage) -> None:
    await stage.begin(an_entry("EF-1"), an_entry("EF-2"), an_entry("EF-3"))
    await stage.subscribe(2, "EF-2")
    await stage.subscribe(3, "EF-3")
    mention = Mention(entry="EF-2", aspect="status")
    revision = await stage.publish(an_entry("EF-1", facts=(a_fact(also=(mention,)),)))
    await stage.plan()
    assert await stage.keys(2) == [f"fact_added:EF-1:r{revision}"]
    assert await stage.keys(3) == []


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        (a_milestone("EF-V1", "2026-01-15"), NoticeKind.MILESTONE_MOVED),
        (a_milestone("EF-V1", phase="done"), NoticeKind.MILESTONE_DONE),
        (a_milestone("EF-V1", phase="dropped"), NoticeKind.MILESTONE_CANCELLED),
        (a_milestone("EF-V1", phase="postponed"), NoticeKind.STATUS_CHANGED),
        (a_milestone("EF-V1", phase="in_progress"), None),
    ],
)
async def test_what_becomes_of_an_entry_is_told_to_who_watches_changes_of_what_hangs_on_it(
    stage: Stage, changed: Entry, kind: NoticeKind | None
) -> None:
    link = Link(relation=Relation.DEPENDS_ON, target="EF-V1")
    await stage.begin(a_milestone("EF-V1"), a_milestone("EF-V2", links=(link,)))
    others = frozenset(Interest) - {Interest.CHANGED}
    await stage.subscribe(1, "EF-V2", frozenset({Interest.CHANGED}))
    await stage.subscribe(2, "EF-V2", others)
    await stage.publish(changed)
    await stage.plan()
    told = [(one.chat_id, one.kind) for one in await stage.told()]
    assert told == ([(1, kind)] if kind else [])


@pytest.mark.parametrize("due", [None, "2026-05-01"])
async def test_that_an_entry_is_withdrawn_is_told_to_who_watches_what_hung_on_it(
    stage: Stage, due: str | None
) -> None:
    link = Link(relation=Relation.DEPENDS_ON, target="EF-V1")
    await stage.begin(a_milestone("EF-V1", due), a_milestone("EF-V2", links=(link,)))
    await stage.subscribe(1, "EF-V2", frozenset({Interest.CHANGED}))
    proposal = propose([Withdraw(entry="EF-V1")], stage.store.snapshot)
    assert chats_told(proposal, await stage.subscriptions.listed()) == {1}
    await stage.publish(*proposal.changed, withdrawn=proposal.withdrawn)
    await stage.plan()
    (notice,) = await stage.notices()
    assert (stored(notice)["entry"], stored(notice)["withdrawn"]) == ("EF-V1", True)


async def test_what_hangs_on_an_entry_no_more_is_not_told_of_it(stage: Stage) -> None:
    link = Link(relation=Relation.DEPENDS_ON, target="EF-V1")
    await stage.begin(a_milestone("EF-V1"), a_milestone("EF-V2", links=(link,)))
    await stage.subscribe(1, "EF-V2", frozenset({Interest.CHANGED}))
    await stage.publish(a_milestone("EF-V2"))
    await stage.publish(a_milestone("EF-V1", due="2026-05-05"))
    await stage.plan()
    assert await stage.keys() == []


async def test_new_entries_of_a_delivery_are_a_beginning(stage: Stage) -> None:
    await stage.begin(an_entry("EF-1"))
    await stage.subscribe()
    await stage.publish(a_milestone(due="2025-10-10"), origin=Origin.SHIPPED)
    await stage.pass_days(90)
    assert await stage.keys() == []


async def test_new_entries_of_an_import_are_announced_in_one_notice_to_who_wants_news(
    stage: Stage,
) -> None:
    await stage.begin(a_plan("EF-P"), a_plan("EF-Q"))
    await stage.subscribe(1, Target(Scope.BELOW, "EF-P"))
    await stage.subscribe(2, Target(Scope.BELOW, "EF-P"), interests=COMING)
    await stage.subscribe(3, Target(Scope.BELOW, "EF-Q"))
    measures = [an_entry(f"EF-P-{n}", parent="EF-P") for n in range(1, 21)]
    await stage.publish(*measures, origin=Origin.IMPORTED)
    await stage.plan()
    (notice,) = await stage.notices()
    assert (notice.chat_id, notice.key) == (1, "entries_added:EF-P-1:r2")
    assert stored(notice)["entries"] == [f"EF-P-{n}" for n in range(1, 21)]
    assert stored(notice)["count"] == 20
    await stage.send_all()
    undo = await stage.undo(2)
    await stage.plan()
    assert [n.key for n in await stage.notices()][1:] == [f"correction:EF-P-1:r{undo}"]
    assert stored((await stage.notices())[1])["gone"] == 20


async def test_new_entries_of_an_import_are_announced_to_who_watches_what_they_mention(
    stage: Stage,
) -> None:
    await stage.begin(a_plan("EF-P"), an_entry("EF-9"))
    await stage.subscribe(1, "EF-9")
    also = [Mention(entry="EF-9", aspect=Aspect.HISTORY)]
    new = an_entry("EF-P-9", parent="EF-P", facts=(a_fact(also=also),))
    await stage.publish(an_entry("EF-P-1", parent="EF-P"), new, origin=Origin.IMPORTED)
    await stage.plan()
    (notice,) = await stage.notices()
    assert stored(notice)["entries"] == ["EF-P-9"]


async def test_of_new_entries_only_those_are_told_that_are_still_wanted(stage: Stage) -> None:
    await stage.begin(a_plan("EF-P"), a_plan("EF-Q"))
    ended = await stage.subscribe(1, Target(Scope.BELOW, "EF-P"))
    await stage.subscribe(1, Target(Scope.BELOW, "EF-Q"))
    stage.at("2025-10-20T20:00")
    measures = [an_entry(f"EF-{of}-{n}", parent=f"EF-{of}") for of in "PQ" for n in range(10)]
    await stage.publish(*measures, origin=Origin.IMPORTED)
    await stage.plan()
    await stage.end(ended)
    stage.at("2025-10-21T08:00")
    await stage.plan()
    (notice,) = await stage.notices()
    assert stored(notice)["entries"] == [f"EF-Q-{n}" for n in range(10)]
    assert stored(notice)["count"] == 10


async def test_of_new_entries_that_a_former_version_listed_in_part_none_is_lost(
    stage: Stage,
) -> None:
    await stage.begin(a_plan("EF-P"), a_plan("EF-Q"))
    await stage.subscribe(1, Target(Scope.BELOW, "EF-Q"))
    stage.at("2025-10-20T20:00")
    measures = [an_entry(f"EF-{of}-1", parent=f"EF-{of}") for of in "PQ"]
    await stage.publish(*measures, origin=Origin.IMPORTED)
    await stage.plan()
    former = {"entry": "EF-P-1", "entries": ["EF-P-1"], "count": 2, "revision": 2}
    async with stage.database.writing() as connection:
        await connection.execute(update(planned_notice).values(content=former))
    stage.at("2025-10-21T08:00")
    await stage.plan()
    assert [stored(notice) for notice in await stage.notices()] == [former]


async def test_what_an_import_changes_is_told(stage: Stage) -> None:
    await stage.begin(a_milestone())
    await stage.subscribe()
    await stage.publish(a_milestone(phase="done"), origin=Origin.IMPORTED)
    await stage.plan()
    assert await stage.keys() == ["milestone_done:EF-M:r2"]


async def test_wording_for_search_is_no_news(stage: Stage) -> None:
    await stage.begin(an_entry(facts=(a_fact(),)))
    await stage.subscribe()
    await stage.publish(an_entry(title="Neu benannt", facts=(a_fact(keywords=("Wort",)),)))
    await stage.plan()
    assert await stage.keys() == []


async def test_a_withdrawn_entry_is_told(stage: Stage) -> None:
    entry = a_milestone()
    await stage.begin(entry, an_entry("EF-1"))
    await stage.subscribe()
    await stage.publish(withdrawn=[entry])
    await stage.plan()
    (notice,) = await stage.notices()
    assert notice.kind is NoticeKind.MILESTONE_CANCELLED
    assert stored(notice)["withdrawn"] is True


async def test_an_undone_change_is_corrected_for_whoever_was_told(stage: Stage) -> None:
    await stage.begin(a_milestone())
    await stage.subscribe(1)
    revision = await stage.publish(a_milestone(phase="done"))
    await stage.plan()
    await stage.send_all()
    await stage.subscribe(2)  # has seen it as done, and was told nothing
    undo = await stage.undo(revision)
    await stage.plan()
    assert await stage.keys(1) == [f"milestone_done:EF-M:r{revision}", f"correction:EF-M:r{undo}"]
    assert await stage.keys(2) == [f"status_changed:EF-M:r{undo}"]


async def test_an_undone_change_that_was_not_told_yet_is_never_told(stage: Stage) -> None:
    await stage.begin(a_milestone())
    await stage.subscribe(1)
    await stage.subscribe(2)
    await stage.subscriptions.set_up(2, ChatSettings(pace=Pace.DAILY), now=stage.clock())
    revision = await stage.publish(a_milestone(phase="done"))
    await stage.plan()
    await stage.undo(revision)
    await stage.plan()
    assert await stage.keys() == []
    stage.clock.advance(timedelta(days=3))
    assert await stage.planner.gather(stage.clock()) == 0


async def test_an_undone_change_leaves_a_record_of_those_that_it_had_reached(stage: Stage) -> None:
    await stage.begin(a_milestone())
    for chat_id, pace in enumerate((Pace.AT_ONCE, Pace.AT_ONCE, Pace.DAILY, Pace.WEEKLY), start=1):
        await stage.subscribe(chat_id)
        chosen = ChatSettings(pace=pace, weekday=4)
        await stage.subscriptions.set_up(chat_id, chosen, now=stage.clock())
    revision = await stage.publish(a_milestone(phase="done"))
    await stage.plan()
    stage.at("2025-10-21T08:00")
    await stage.planner.gather(stage.clock())
    async with stage.database.writing() as connection:
        sent = update(outbox).where(outbox.c.chat_id.in_([1, 3]))
        await connection.execute(sent.values(state=NoticeState.SENT, due_at=None))
    undo = await stage.undo(revision)
    await stage.plan()
    async with stage.database.reading() as connection:
        rows = await connection.execute(
            select(planned_notice).where(planned_notice.c.revision == revision)
        )
        carriers = {row.chat_id: (row.sent_as or "").partition(":")[0] for row in rows}
        undone = select(planned_notice.c.chat_id).where(planned_notice.c.revision == undo)
        assert sorted(await connection.scalars(undone)) == [1, 3]
    assert carriers == {1: "milestone_done", 2: "", 3: "digest", 4: ""}


@pytest.mark.parametrize("parts_left", [0, 1])
async def test_what_is_undone_is_taken_out_of_a_digest_that_waits(
    stage: Stage, parts_left: int
) -> None:
    entry, fact = an_entry("EF-7"), a_fact("Neu ist dies.", id="F-9")
    status = a_fact("Läuft jetzt.", id="F-10", aspect="status", phase="in_progress")
    await stage.begin(entry)
    await stage.subscribe(1)
    if parts_left:
        entry = entry.model_copy(update={"facts": (fact,)})
        await stage.publish(entry)
    others = () if parts_left else (fact,)
    more = entry.model_copy(update={"facts": (*entry.facts, *others, status)})
    mistake = await stage.publish(more)
    await stage.plan()
    assert [notice.kind for notice in await stage.notices()] == [NoticeKind.DIGEST]
    await stage.undo(mistake)
    await stage.plan()
    assert await stage.keys() == ["fact_added:EF-7:r2"] * parts_left
    async with stage.database.reading() as connection:
        of_mistake = select(planned_notice).where(planned_notice.c.revision == mistake)
        for row in await connection.execute(of_mistake):
            assert (row.content, row.sent_as) == (None, None)


async def test_what_is_undone_after_a_digest_may_have_arrived_is_corrected(stage: Stage) -> None:
    await stage.begin(an_entry())
    await stage.subscribe(1)
    facts = (a_fact("Läuft.", id="F-10", aspect="status", phase="in_progress"), a_fact(id="F-9"))
    mistake = await stage.publish(an_entry(facts=facts))
    await stage.plan()
    async with stage.database.writing() as connection:
        await connection.execute(update(outbox).values(unanswered=1))
    undo = await stage.undo(mistake)
    await stage.plan()
    assert (await stage.keys())[-1] == f"correction:EF-7:r{undo}"


@pytest.mark.parametrize("pace", [Pace.AT_ONCE, Pace.DAILY])
async def test_undoing_takes_as_many_statements_for_many_chats_as_for_few(
    stage: Stage, pace: Pace
) -> None:
    """While it writes, nobody else can."""

    async def subscribe(chat_id: int) -> None:
        await stage.subscribe(chat_id)
        chosen = ChatSettings(pace=pace)
        await stage.subscriptions.set_up(chat_id, chosen, now=stage.clock())

    async def statements(entry: str) -> int:
        revision = await stage.publish(a_milestone(entry, phase="done"))
        if pace is Pace.DAILY:
            await stage.pass_days(1)
        await stage.plan()
        await stage.undo(revision)
        counted: list[str] = []
        engine = stage.database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", note := lambda *of: counted.append(of[2]))
        await stage.plan()
        event.remove(engine, "before_cursor_execute", note)
        return len(counted)

    await stage.begin(a_milestone("EF-1"), a_milestone("EF-2"))
    await subscribe(1)
    few = await statements("EF-1")
    for chat_id in range(2, 9):
        await subscribe(chat_id)
    assert await statements("EF-2") == few


async def test_a_change_made_and_undone_between_two_runs_is_not_told(stage: Stage) -> None:
    await stage.begin(a_milestone())
    await stage.subscribe()
    revision = await stage.publish(a_milestone(phase="done"))
    await stage.undo(revision)
    await stage.plan()
    assert await stage.keys() == []


async def test_a_date_that_was_moved_by_mistake_is_missed_all_the_same(stage: Stage) -> None:
    await stage.begin(a_milestone(due="2025-11-10"))
    await stage.subscribe()
    stage.at("2025-11-10T17:00")
    mistake = await stage.publish(a_milestone(due="2026-11-10"))
    await stage.plan()
    stage.at("2025-11-11T08:30")
    await stage.undo(mistake)
    await stage.plan()
    assert await stage.keys() == ["milestone_missed:EF-M:2025-11-10:1"]


async def test_a_reminder_is_not_lost_to_a_mistake_that_is_undone_on_its_day(stage: Stage) -> None:
    await stage.begin(a_milestone(due="2025-11-12"))
    await stage.subscribe()
    stage.at("2025-11-11T17:00")
    await stage.plan()
    mistake = await stage.publish(a_milestone(due="2026-11-12"))
    await stage.plan()
    stage.at("2025-11-12T08:30")
    await stage.undo(mistake)
    await stage.plan()
    assert await stage.keys() == [
        "milestone_coming:EF-M:2025-11-12:-1",
        "milestone_coming:EF-M:2025-11-12:0",
    ]


async def test_a_date_is_as_old_as_the_change_that_set_it_however_often_one_is_undone(
    stage: Stage,
) -> None:
    await stage.begin(a_milestone(due="2026-01-30"))
    await stage.subscribe()
    stage.at("2025-11-03T09:00")
    moved = await stage.publish(a_milestone(due="2025-11-12"))
    await stage.publish(a_milestone(due="2025-11-12", text=" Näheres später."))
    stage.at("2025-11-04T09:00")
    away = await stage.publish(a_milestone(due="2026-03-12"))
    back = await stage.undo(away)
    away = await stage.undo(back)
    stage.at("2025-11-12T08:30")
    await stage.undo(away)
    await stage.plan()
    assert await stage.keys() == [
        f"milestone_moved:EF-M:r{moved}",  # which says that it is today
        f"fact_added:EF-M:r{moved + 1}",
    ]


async def test_a_date_that_an_undone_change_set_is_no_older_than_that(stage: Stage) -> None:
    """What was known before and given up since, has become known anew."""
    await stage.begin(a_milestone(due="2025-11-12"))
    await stage.subscribe()
    stage.at("2025-10-22T09:00")
    await stage.publish(a_milestone(due="2026-03-12"))
    await stage.plan()
    stage.at("2025-11-06T09:00")  # a week before, it was not the date
    await stage.publish(a_milestone(due="2025-11-12"))
    mistake = await stage.publish(a_milestone(due="2026-11-12"))
    await stage.undo(mistake)
    await stage.plan()
    assert [key for key in await stage.keys() if "coming" in key] == []


async def test_a_correction_keeps_the_words_of_what_it_takes_back(stage: Stage) -> None:
    await stage.begin(a_plan())
    await stage.subscribe(1)
    long, short = a_fact("Er " + "ruht " * 99, id="F-1"), a_fact("Er läuft.", id="F-2")
    first = await stage.publish(a_plan(facts=(long,)))
    second = await stage.publish(a_plan(facts=(long, short)))
    await stage.plan()
    await stage.send_all()
    await stage.undo(second)
    await stage.undo(first)
    await stage.plan()
    one, other = (stored(notice)["fell"] for notice in (await stage.told())[-2:])
    assert one == {"F-2": "Er läuft."}
    assert isinstance(other, dict)
    assert len(str(other["F-1"])) <= LONGEST_QUOTED


async def test_who_has_ended_everything_gets_no_correction(stage: Stage) -> None:
    await stage.begin(a_milestone())
    await stage.subscribe()
    revision = await stage.publish(a_milestone(phase="done"))
    await stage.plan()
    await stage.send_all()
    assert await stage.subscriptions.end_all(1, now=stage.clock()) == 1
    await stage.undo(revision)
    await stage.plan()
    assert await stage.keys() == [f"milestone_done:EF-M:r{revision}"]


async def test_quiet_hours_put_a_notice_off_until_morning(stage: Stage) -> None:
    await stage.begin(a_milestone())
    await stage.subscribe()
    stage.at("2025-10-24T19:30")  # Friday evening
    await stage.publish(a_milestone(phase="done"))
    await stage.plan()
    stage.at("2025-10-27T07:59")  # after the clock change
    await stage.plan()
    assert await stage.keys() == []
    stage.at("2025-10-27T08:00")
    await stage.plan()
    assert await stage.keys() == ["milestone_done:EF-M:r2"]


async def test_what_is_undone_in_quiet_hours_is_never_told(stage: Stage) -> None:
    await stage.begin(a_milestone())
    await stage.subscribe()
    stage.at("2025-10-24T19:30")
    mistake = await stage.publish(a_milestone(phase="done"))
    await stage.plan()
    await stage.undo(mistake)
    stage.at("2025-10-27T08:00")
    await stage.plan()
    assert await stage.keys() == []


async def test_a_date_that_is_moved_to_the_next_day_in_the_evening_is_told_once(
    stage: Stage,
) -> None:
    await stage.begin(a_milestone())
    await stage.subscribe()
    stage.at("2025-10-20T19:00")
    await stage.publish(a_milestone(due="2025-10-21"), a_milestone("EF-N", "2025-10-21"))
    await stage.plan()
    stage.at("2025-10-21T00:01")
    await stage.plan()
    stage.at("2025-10-21T08:00")
    await stage.plan()
    assert await stage.keys() == ["milestone_moved:EF-M:r2", "fact_added:EF-N:r2"]


async def test_that_a_date_was_missed_is_told_after_that_it_was_moved(stage: Stage) -> None:
    await stage.begin(a_milestone(due="2025-12-12"))
    await stage.subscribe()
    stage.at("2025-10-23T19:00")  # a Thursday
    mistake = await stage.publish(a_milestone(due="2025-10-24"))
    await stage.undo(mistake)
    await stage.plan()
    stage.at("2025-10-25T09:00")
    await stage.undo(mistake + 1)
    await stage.plan()
    stage.at("2025-10-27T08:00")
    await stage.plan()
    assert await stage.keys() == [
        f"milestone_moved:EF-M:r{mistake + 2}",
        "milestone_missed:EF-M:2025-10-24:1",
    ]


async def test_what_one_revision_does_to_an_entry_is_told_in_one_message(stage: Stage) -> None:
    await stage.begin(a_milestone())
    await stage.subscribe()
    cost = a_fact("Es kostet 5 Euro.", aspect="cost")
    changed = a_milestone(due="2026-02-01", phase="in_progress")
    await stage.publish(changed.model_copy(update={"facts": (*changed.facts, cost)}))
    await stage.plan()
    (message,) = await stage.notices()
    assert [part.key for part in parts(message)] == [
        "milestone_moved:EF-M:r2",
        "status_changed:EF-M:r2",
        "fact_added:EF-M:r2",
    ]


async def test_what_is_withdrawn_with_its_plan_is_told_in_one_message(stage: Stage) -> None:
    plan, *dates = a_plan(), *(a_milestone(f"EF-{n}", parent="EF-P") for n in (1, 2))
    await stage.begin(plan, *dates, a_milestone("EF-9"))
    await stage.subscribe()
    await stage.publish(withdrawn=[plan, *dates, a_milestone("EF-9")])
    await stage.plan()
    told = [[stored(one)["entry"] for one in told_in(n)] for n in await stage.notices()]
    assert told == [["EF-P", "EF-1", "EF-2"], ["EF-9"]]


@pytest.mark.parametrize(
    ("moved", "messages"), [(4, [1, 1, 1, 1]), (5, [5]), (10, [MOST_GATHERED, 2])]
)
async def test_many_changes_at_one_moment_are_told_in_an_overview_by_date(
    stage: Stage, moved: int, messages: list[int]
) -> None:
    numbers = range(1, moved + 1)
    await stage.begin(*(a_milestone(f"EF-V{n}", f"2026-01-{n:02}") for n in numbers))
    await stage.subscribe()
    later = [a_milestone(f"EF-V{n}", f"2026-02-{n:02}") for n in numbers]
    await stage.publish(*later, origin=Origin.IMPORTED)
    await stage.plan()
    assert [len(told_in(notice)) for notice in await stage.notices()] == messages
    assert await stage.keys() == [f"milestone_moved:EF-V{n}:r2" for n in numbers]


async def test_many_changes_of_an_evening_are_told_in_an_overview(stage: Stage) -> None:
    await stage.begin(*(a_milestone(f"EF-V{n}", f"2026-01-{n:02}") for n in range(1, 6)))
    await stage.subscribe()
    stage.at("2025-10-20T19:00")
    for n in range(1, 6):
        await stage.publish(a_milestone(f"EF-V{n}", f"2026-02-{n:02}"))
        await stage.plan()
    stage.at("2025-10-21T08:00")
    await stage.plan()
    (overview,) = await stage.notices()
    assert overview.kind is NoticeKind.DIGEST


@pytest.mark.parametrize(
    ("origin", "expected"),
    [
        (Origin.EDITED, ["fact_added:EF-M:r1"]),
        (Origin.IMPORTED, ["entries_added:EF-M:r1"]),
        (Origin.SHIPPED, []),
    ],
)
async def test_a_new_entry_is_news_only_where_an_editor_brought_it(
    stage: Stage, origin: Origin, expected: list[str]
) -> None:
    await stage.plan()
    await stage.subscribe()
    await stage.publish(a_milestone(), origin=origin)
    await stage.plan()
    assert await stage.keys() == expected


async def test_an_entry_that_returns_is_told_as_a_new_one(stage: Stage) -> None:
    await stage.begin(an_entry("EF-1", facts=(a_fact(),)))
    await stage.publish(withdrawn=[an_entry("EF-1", facts=(a_fact(),))], origin=Origin.IMPORTED)
    await stage.plan()
    await stage.subscribe()
    await stage.undo(2)
    await stage.plan()
    (notice,) = await stage.notices()
    assert stored(notice)["new"] is True


async def test_an_import_that_is_taken_back_goes_as_silently_as_it_came(stage: Stage) -> None:
    await stage.begin(an_entry("EF-1"))
    await stage.subscribe()
    imported = await stage.publish(a_milestone(), origin=Origin.IMPORTED)
    await stage.plan()
    await stage.undo(imported)
    await stage.plan()
    assert await stage.keys() == []


async def test_who_was_reminded_by_an_import_is_told_that_it_was_taken_back(stage: Stage) -> None:
    await stage.begin(an_entry("EF-1"))
    imported = await stage.publish(a_milestone(due="2025-12-12"), origin=Origin.IMPORTED)
    await stage.plan()
    await stage.subscribe(1)
    stage.at("2025-12-05T09:00")
    await stage.plan()
    await stage.subscribe(2)
    undo = await stage.undo(imported)
    await stage.plan()
    assert await stage.keys(1) == [
        "milestone_coming:EF-M:2025-12-12:-7",
        f"milestone_cancelled:EF-M:r{undo}",
    ]
    assert await stage.keys(2) == []


async def test_what_is_taken_back_with_its_plan_is_told_to_who_watches_the_town(
    stage: Stage,
) -> None:
    await stage.begin(an_entry("EF", kind=Kind.BODY))
    await stage.subscribe(1, Target(Scope.BELOW, "EF"))
    imported = await stage.publish(
        a_plan(parent="EF"), a_milestone(parent="EF-P"), origin=Origin.IMPORTED
    )
    await stage.plan()
    stage.at("2025-12-05T09:00")
    await stage.plan()
    undo = await stage.undo(imported)
    await stage.plan()
    assert await stage.keys(1) == [
        "milestone_coming:EF-M:2025-12-12:-7",
        f"milestone_cancelled:EF-M:r{undo}",
    ]


async def test_a_pause_holds_for_what_waits_already(stage: Stage) -> None:
    await stage.begin(a_milestone())
    await stage.subscribe()
    await stage.publish(a_milestone(phase="done"))
    await stage.plan()
    paused = ChatSettings(paused_until=datetime(2025, 11, 3, tzinfo=UTC).date())
    await stage.subscriptions.set_up(1, paused, now=stage.clock())
    (notice,) = await stage.notices()
    assert notice.not_before == datetime(2025, 11, 3, 7, tzinfo=UTC)


async def test_a_daily_digest_gathers_what_is_still_true(stage: Stage) -> None:
    await stage.begin(a_milestone(), a_milestone("EF-M2"), an_entry("EF-1"))
    await stage.subscribe()
    await stage.subscriptions.set_up(1, ChatSettings(pace=Pace.DAILY), now=stage.clock())
    await stage.publish(a_milestone(due="2026-02-01"), a_milestone("EF-M2", phase="done"))
    await stage.publish(a_milestone(due="2026-03-01"))
    await stage.plan()
    assert await stage.planner.gather(stage.clock()) == 0
    assert await stage.keys() == []
    stage.at("2025-10-21T08:00")
    assert await stage.planner.gather(stage.clock()) == 1
    assert await stage.planner.gather(stage.clock()) == 0
    (digest,) = await stage.notices()
    assert digest.kind is NoticeKind.DIGEST
    items = stored(digest)["items"]
    assert isinstance(items, list)
    assert [item["key"] for item in items if isinstance(item, dict)] == [
        "milestone_done:EF-M2:r2",
        "milestone_moved:EF-M:r3",
    ]


async def published_for_a_digest(stage: Stage, moment: str, *, due: str) -> None:
    """A milestone and an answer change, of which chat 1 is told once a day."""
    await stage.begin(a_milestone(due=due), a_plan(facts=(a_fact(),)))
    await stage.subscribe(1, "EF-M")
    await stage.subscribe(1, Target.of_answer("Was ist EF-P?", topic=None, home=None))
    await stage.subscriptions.set_up(1, ChatSettings(pace=Pace.DAILY), now=stage.clock())
    stage.at(moment)
    await stage.publish(a_milestone(due=due, phase="in_progress"))
    await stage.publish(a_plan(facts=(a_fact("Etwas anderes."),)))


@pytest.mark.parametrize(
    ("planned", "gathered"),
    [("2025-10-21T07:50", False), ("2025-10-21T08:00", True), ("2025-10-21T10:00", True)],
)
async def test_what_planning_came_late_for_is_in_the_digest_that_it_would_have_been_in(
    stage: Stage, planned: str, *, gathered: bool
) -> None:
    await published_for_a_digest(stage, "2025-10-20T17:00", due="2025-10-28")
    stage.at(planned)  # the clock jumped, or nobody planned meanwhile
    await stage.plan()
    await stage.planner.gather(stage.clock())
    digests = await stage.notices(1)
    assert len(digests) == int(gathered)
    told = {one.kind for digest in digests for one in parts(digest)}
    expected = {
        NoticeKind.MILESTONE_COMING,
        NoticeKind.STATUS_CHANGED,
        NoticeKind.ANSWER_CHANGED,
    }
    assert told == (expected if gathered else set())


async def test_a_notice_that_cannot_be_looked_at_keeps_back_no_other(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    await stage.begin(a_milestone(), an_entry("EF-9"))
    await stage.subscribe(1)
    await stage.subscribe(2)
    stage.at("2025-10-20T19:00")
    await stage.publish(a_milestone(phase="done"), an_entry("EF-9", facts=(a_fact(),)))
    await stage.plan()
    broken = (planned_notice.c.chat_id == 1) & (planned_notice.c.entry == "EF-M")
    async with stage.database.writing() as connection:
        await connection.execute(
            update(planned_notice).where(broken).values(content={"entry": "EF-M"})
        )
    stage.at("2025-10-21T08:00")
    await stage.plan()
    assert "a notice cannot be looked at" in capsys.readouterr().out
    assert await stage.keys(1) == ["fact_added:EF-9:r2"]
    assert set(await stage.keys(2)) == {"fact_added:EF-9:r2", "milestone_done:EF-M:r2"}
    async with stage.database.reading() as connection:
        assert await connection.scalar(select(planned_notice.c.content).where(broken)) is not None


async def test_what_is_published_after_the_hour_waits_for_the_next_digest(stage: Stage) -> None:
    await published_for_a_digest(stage, "2025-10-21T08:01", due="2025-12-12")
    stage.at("2025-10-21T08:02")
    await stage.plan()
    await stage.planner.gather(stage.clock())
    assert await stage.keys() == []
    stage.at("2025-10-22T08:00")
    assert await stage.planner.gather(stage.clock()) == 1


async def test_what_is_undone_before_a_late_digest_could_be_sent_is_never_told(
    stage: Stage,
) -> None:
    await stage.begin(a_milestone())
    await stage.subscribe()
    await stage.subscriptions.set_up(1, ChatSettings(pace=Pace.DAILY), now=stage.clock())
    mistake = await stage.publish(a_milestone(phase="done"))
    stage.at("2025-10-21T19:00")  # nobody planned at eight
    await stage.plan()
    await stage.planner.gather(stage.clock())
    await stage.undo(mistake)
    await stage.plan()
    stage.at("2025-10-22T08:00")
    await stage.planner.gather(stage.clock())
    assert await stage.keys() == []


async def test_editors_are_nudged_in_one_notice_of_their_own(stage: Stage) -> None:
    old = a_fact(as_of="2025-05-02")
    stage.people = type(stage.people)(stage.database, admin_ids=(7,))
    stage.planner = stage.another_planner()
    await stage.begin(
        a_plan(facts=(old,)), a_plan("EF-P2", facts=(a_fact(id="F-2", as_of="2025-05-02"),))
    )
    await stage.pass_days(13)  # 2 November, a Sunday: six months have passed
    assert await stage.keys() == []
    await stage.pass_days(1)
    (notice,) = await stage.notices(7)
    assert notice.kind is NoticeKind.NUDGE
    items = stored(notice)["items"]
    assert isinstance(items, list)
    assert len(items) == 2


@pytest.fixture
async def nudged(stage: Stage) -> Stage:
    """On a Saturday: an admin and an editor have a nudge coming, which is sent on Monday."""
    stage.people = People(stage.database, admin_ids=(ADMIN,))
    stage.planner = stage.another_planner()
    invited = await stage.people.invite(Role.EDITOR, "eva", by=ADMIN, now=stage.clock())
    await stage.people.redeem(invited.token, EDITOR, now=stage.clock())
    await stage.begin(a_plan(facts=(a_fact(as_of="2025-05-02"),)))
    stage.at("2025-11-08T09:00")
    return stage


async def nudges_kept(stage: Stage) -> dict[int, set[str]]:
    """Where there is something about whom."""
    exported = {who: await PersonalData(stage.database).export(who) for who in (ADMIN, EDITOR)}
    return {who: set(rows) & {"outbox", "planned_notice"} for who, rows in exported.items()}


@pytest.mark.parametrize("gathered", [False, True])
async def test_a_former_editor_is_not_nudged_any_more(nudged: Stage, *, gathered: bool) -> None:
    await nudged.plan()
    if gathered:
        nudged.at("2025-11-10T08:30")
        await nudged.planner.gather(nudged.clock())
    await nudged.people.set_role(EDITOR, Role.READER, by=ADMIN, now=nudged.clock())
    nudged.at("2025-11-10T08:30")
    await nudged.plan()
    await nudged.planner.gather(nudged.clock())
    assert await nudges_kept(nudged) == {ADMIN: {"outbox", "planned_notice"}, EDITOR: set()}


async def test_what_a_former_editor_subscribed_is_told_all_the_same(nudged: Stage) -> None:
    await nudged.subscribe(EDITOR)
    await nudged.publish(a_plan(facts=(a_fact(as_of="2025-05-02"), a_fact(id="F-2"))))
    await nudged.plan()
    await nudged.people.set_role(EDITOR, Role.READER, by=ADMIN, now=nudged.clock())
    nudged.at("2025-11-10T08:30")
    await nudged.plan()
    assert await nudged.keys(EDITOR) == ["fact_added:EF-P:r2"]


@only_postgresql
async def test_planning_under_way_does_not_overtake_the_loss_of_a_role(nudged: Stage) -> None:
    await nudged.plan_while(
        lambda: nudged.people.set_role(EDITOR, Role.READER, by=ADMIN, now=nudged.clock())
    )
    assert await nudges_kept(nudged) == {ADMIN: {"planned_notice"}, EDITOR: set()}


async def test_who_loses_the_role_before_planning_has_its_turn_is_not_nudged(
    nudged: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = Planner._answers

    async def lose_the_role_meanwhile(self: Planner, *args: Any) -> Any:
        await nudged.people.set_role(EDITOR, Role.READER, by=ADMIN, now=nudged.clock())
        return await answers(self, *args)

    monkeypatch.setattr(Planner, "_answers", lose_the_role_meanwhile)
    await nudged.publish(an_entry("EF-1"))  # what is asked for before planning has its turn
    await nudged.plan()
    assert await nudges_kept(nudged) == {ADMIN: {"planned_notice"}, EDITOR: set()}


async def test_an_edit_that_states_nothing_does_not_make_an_entry_current(stage: Stage) -> None:
    old = a_fact(as_of="2025-05-02")
    stage.people = type(stage.people)(stage.database, admin_ids=(7,))
    stage.planner = stage.another_planner()
    await stage.begin(a_plan(facts=(old,)))
    await stage.publish(a_plan(title="Anderer Titel", facts=(old,)))
    await stage.pass_days(15)
    await stage.planner.gather(stage.clock())
    assert len(await stage.keys(7)) == 1


async def subscribed_to_an_answer(stage: Stage) -> Subscription:
    known = a_fact("Das Konzept wird geprüft.", id="F-1", aspect="status")
    await stage.begin(a_plan(title="Willkommenskonzept", facts=(known,)))
    target = Target.of_answer("Stand Willkommenskonzept?", topic=None, home=None)
    return await stage.subscribe(1, target)


async def publish_another_answer(stage: Stage) -> None:
    decided = a_fact("Das Konzept ist beschlossen.", id="F-2", aspect="status")
    await stage.publish(a_plan(title="Willkommenskonzept", facts=(decided,)))
    await stage.plan()


async def test_an_answer_that_changes_is_told_once(stage: Stage) -> None:
    one = await subscribed_to_an_answer(stage)
    assert one.answer == {"F-1": one.answer["F-1"]} if one.answer else False
    await stage.publish(an_entry("EF-9", title="Ganz etwas anderes"))
    await stage.plan()
    assert await stage.keys() == []
    await publish_another_answer(stage)
    await stage.plan()
    assert await stage.keys() == [f"answer_changed:{one.id}:r3"]


async def test_facts_that_an_answer_chooses_otherwise_are_no_news_before_they_are_revised(
    stage: Stage,
) -> None:
    one = await subscribed_to_an_answer(stage)
    former = dict(one.answer or {}) | fingerprints([a_fact("Es ist alt.", id="F-0")])
    async with stage.database.writing() as connection:  # what another version answered
        await connection.execute(update(subscription).values(answer=former))
    await stage.publish(an_entry("EF-9", title="Ganz etwas anderes", facts=(a_fact(id="F-9"),)))
    await stage.plan()
    async with stage.database.reading() as connection:
        (again,) = await stage.subscriptions.all(connection)
    assert (await stage.keys(), again.answer) == ([], one.answer)
    await publish_another_answer(stage)
    assert await stage.keys() == [f"answer_changed:{one.id}:r3"]


async def test_a_notice_of_an_answer_knows_what_that_was_about_after_it_is_withdrawn(
    stage: Stage,
) -> None:
    await subscribed_to_an_answer(stage)
    plan = next(
        e for e in stage.store.snapshot.entries.values() if e.title == "Willkommenskonzept"
    )
    await stage.publish(withdrawn=[plan])
    await stage.plan()
    (told,) = await stage.notices()
    assert told.kind is NoticeKind.ANSWER_CHANGED
    assert stored(told)["about"] == {plan.key: "Willkommenskonzept"}


V1, V2 = "2025-12-12", "2026-02-15"


async def subscribed_to_an_answer_with_dates(stage: Stage) -> Subscription:
    known = a_fact("Das Konzept wird geprüft.", id="F-1", aspect="status")
    await stage.begin(
        a_plan(title="Willkommenskonzept", facts=(known,)),
        a_milestone("EF-V1", V1, parent="EF-P"),
        a_milestone("EF-V2", V2, parent="EF-P"),
        a_milestone("EF-V3", "2026-05-15", parent="EF-P"),
    )
    target = Target.of_answer("Stand Willkommenskonzept?", topic=None, home=None)
    return await stage.subscribe(1, target)


@pytest.mark.parametrize(
    "changed",
    [
        a_milestone("EF-V1", "2026-01-15", parent="EF-P"),
        a_milestone("EF-V1", "2027-01-15", parent="EF-P"),
        a_milestone("EF-V1", V1, "done", parent="EF-P"),
        a_milestone("EF-V1", V1, "dropped", parent="EF-P"),
        a_milestone("EF-V1", None, parent="EF-P"),
    ],
)
async def test_an_answer_has_changed_where_a_date_that_it_names_comes_otherwise(
    stage: Stage, changed: Entry
) -> None:
    one = await subscribed_to_an_answer_with_dates(stage)
    await stage.publish(changed)
    await stage.plan()
    (told,) = await stage.notices()
    assert told.key == f"answer_changed:{one.id}:r2"
    assert stored(told)["owners"] == {"EF-V1-D": "EF-V1"}


async def test_an_answer_is_as_it_was_where_only_the_calendar_brings_other_dates_into_it(
    stage: Stage,
) -> None:
    plan = a_plan(facts=(a_fact("Es gilt.", id="P-1", aspect="status", phase="in_progress"),))
    dates = ["2025-11-03", "2025-12-01", "2026-01-15", "2026-02-15", "2026-03-15", "2026-04-15"]
    milestones = [a_milestone(f"EF-M{n}", due, parent="EF-P") for n, due in enumerate(dates)]
    await stage.begin(plan, *milestones)
    target = Target.of_button(plan, None)
    await stage.subscribe(1, target)
    named = {fact.id for fact in answer_to(target, stage.store.snapshot, TODAY).grounds}
    stage.at("2025-12-05T09:00")
    await stage.plan()
    later = answer_to(target, stage.store.snapshot, date(2025, 12, 5)).grounds
    assert {fact.id for fact in later} != named
    for n, one in enumerate(milestones):
        more = a_fact("Der Raum ist gebucht.", id=f"N-{n}")
        await stage.publish(one.model_copy(update={"facts": (*one.facts, more)}))
        await stage.plan()
    assert await stage.keys() == []


def told_on(due: str) -> Entry:
    due_fact = a_fact("Der Bericht kommt in den Rat.", id="M-D", aspect="due", due=due)
    return an_entry("EF-M", kind=Kind.MILESTONE, parent="EF-P", facts=(due_fact,))


async def test_an_answer_has_changed_where_the_same_words_name_another_date(stage: Stage) -> None:
    plan = a_plan(facts=(a_fact("Es gilt.", id="P-1", aspect="status", phase="in_progress"),))
    await stage.begin(plan, told_on("2025-11-30"))
    await stage.subscribe(1, Target.of_button(plan, None))
    await stage.publish(told_on("2026-03-31"))
    await stage.plan()
    assert await stage.keys() == ["answer_changed:1:r2"]


async def test_a_notice_of_an_answer_that_cannot_be_read_keeps_back_no_other(stage: Stage) -> None:
    plan = a_plan(facts=(a_fact("Es gilt.", id="P-1", aspect="status", phase="in_progress"),))
    await stage.begin(plan, told_on("2025-11-30"))
    await stage.subscribe(1, Target.of_button(plan, None))
    stage.at("2025-10-20T19:00")
    await stage.publish(told_on("2026-03-31"))
    await stage.plan()
    async with stage.database.writing() as connection:
        await connection.execute(update(planned_notice).values(content={"subscription": 1}))
    await stage.publish(told_on("2026-04-30"))
    await stage.plan()
    stage.at("2025-10-21T08:00")
    await stage.plan()
    assert await stage.keys() == ["answer_changed:1:r3"]


async def test_what_former_versions_kept_of_an_answer_does_not_make_it_another(
    stage: Stage,
) -> None:
    plan = a_plan(facts=(a_fact("Es gilt.", id="P-1", aspect="status", phase="in_progress"),))
    await stage.begin(plan, told_on("2025-11-30"))
    one = await stage.subscribe(1, Target.of_button(plan, None))
    former = {fact: said.partition(".")[0] for fact, said in (one.answer or {}).items()}
    assert former
    async with stage.database.writing() as connection:
        await connection.execute(update(subscription).values(answer=former))
    named = plan.model_copy(update={"title": "Konzept"})
    await stage.publish(named, told_on("2025-11-30").model_copy(update={"title": "Bericht"}))
    await stage.plan()
    assert await stage.keys() == []
    await stage.publish(told_on("2026-03-31"))
    await stage.plan()
    assert await stage.keys() == ["answer_changed:1:r3"]


async def test_an_answer_has_changed_where_a_date_that_it_names_is_settled(stage: Stage) -> None:
    plan = a_plan(facts=(a_fact("Es gilt.", id="P-1", aspect="status", phase="in_progress"),))
    one = a_milestone("EF-M", "2025-12-01", parent="EF-P")
    await stage.begin(plan, one)
    await stage.subscribe(1, Target.of_button(plan, None))
    done = a_fact("Erledigt.", id="N-1", aspect="status", phase="done")
    await stage.publish(one.model_copy(update={"facts": (*one.facts, done)}))
    await stage.plan()
    assert [notice.kind for notice in await stage.notices()] == [NoticeKind.ANSWER_CHANGED]


async def test_an_answer_is_as_it_was_where_a_date_that_it_does_not_name_is_moved(
    stage: Stage,
) -> None:
    await subscribed_to_an_answer_with_dates(stage)
    await stage.publish(a_milestone("EF-V3", "2026-06-15", parent="EF-P"))
    await stage.plan()
    assert await stage.keys() == []


async def test_an_answer_is_not_told_where_the_end_of_a_date_that_it_names_is_told_anyway(
    stage: Stage,
) -> None:
    await subscribed_to_an_answer_with_dates(stage)
    await stage.subscribe(1, "EF-V1")
    await stage.publish(a_milestone("EF-V1", V1, "done", parent="EF-P"))
    await stage.plan()
    assert await stage.keys() == ["milestone_done:EF-V1:r2"]


@pytest.mark.parametrize("before", [True, False])
async def test_an_answer_has_changed_where_its_entry_hangs_on_something_else(
    stage: Stage, *, before: bool
) -> None:
    known = a_fact("Das Konzept wird geprüft.", id="F-1", aspect="status", phase="in_progress")
    link = Link(relation=Relation.DEPENDS_ON, target="EF-1")
    budget = an_entry("EF-1", title="Haushalt", facts=(a_fact(id="F-2", aspect="status"),))
    plan = a_plan(title="Willkommenskonzept", facts=(known,), links=(link,) if before else ())
    await stage.begin(budget, plan)
    target = Target.of_answer("Stand Willkommenskonzept?", topic=None, home=None)
    one = await stage.subscribe(1, target)
    await stage.publish(plan.model_copy(update={"links": () if before else (link,)}))
    await stage.plan()
    assert await stage.keys() == [f"answer_changed:{one.id}:r2"]


async def test_an_answer_that_lists_what_is_below_a_renamed_plan_has_changed(
    stage: Stage,
) -> None:
    known = a_fact("Der Kurs läuft.", aspect="status", phase="in_progress")
    course = an_entry("EF-1", title="Kurs", parent="EF-P", facts=(known,))
    await stage.begin(a_plan(title="Willkommensplan"), course)
    target = Target.of_answer("Welche Maßnahmen hat der Willkommensplan?", topic=None, home=None)
    one = await stage.subscribe(1, target)
    assert one.answer
    await stage.publish(a_plan(title="Sommerprogramm"))
    await stage.plan()
    assert await stage.keys() == [f"answer_changed:{one.id}:r2"]


async def test_an_answer_that_changes_while_its_digest_waits_is_told_once(stage: Stage) -> None:
    def courses(count: int) -> Entry:
        return an_entry("EF-7", title="Sprachkurse", facts=(a_fact(f"Es gibt {count} Kurse."),))

    stage.at("2025-12-04T20:00")
    await stage.begin(courses(3))
    await stage.subscribe(1, Target.of_answer("Was sind Sprachkurse?", topic="EF-7", home=None))
    await stage.subscriptions.set_up(1, ChatSettings(pace=Pace.DAILY), now=stage.clock())
    await stage.publish(courses(4))
    await stage.plan()
    stage.at("2025-12-05T17:00")  # and Telegram does not answer until Monday
    assert await stage.planner.gather(stage.clock()) == 1
    await stage.publish(courses(5))
    await stage.plan()
    stage.at("2025-12-08T09:00")
    await stage.planner.gather(stage.clock())
    (digest,) = await stage.notices()
    assert [part.kind for part in parts(digest)] == [NoticeKind.ANSWER_CHANGED]


async def test_an_answer_is_not_told_where_its_news_is_told_anyway(stage: Stage) -> None:
    await subscribed_to_an_answer(stage)
    await stage.subscribe(1)
    await publish_another_answer(stage)
    assert await stage.keys() == ["fact_added:EF-P:r2"]


async def test_planning_is_forgotten_only_when_it_cannot_come_again(stage: Stage) -> None:
    await stage.begin(a_milestone(due="2025-10-27"))
    await stage.subscribe()
    await stage.pass_days(1)
    assert await stage.planner.forget_old(stage.clock() + timedelta(days=399)) == 0
    assert await stage.planner.forget_old(stage.clock() + timedelta(days=500)) == 0
    await stage.pass_days(6)
    assert await stage.planner.forget_old(stage.clock() + timedelta(days=500)) == 2
