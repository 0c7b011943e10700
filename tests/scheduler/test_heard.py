"""What a chat is told of a change, against what it last heard."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from handlers.planned_notices import planned_words
from knowledge.notification.chats import Chats
from knowledge.notification.contents import parts
from knowledge.notification.interests import ChatSettings, Interest, Pace
from knowledge.notification.notices import NoticeState, Obsolete
from knowledge.storage.tables import outbox
from scheduler.validity import still_true
from tests.scheduler.stage import Stage, a_milestone
from tests.support.builders import a_fact, stored

A, B, C = "2026-01-15", "2026-02-15", "2026-03-15"


async def finish(stage: Stage, state: NoticeState, **values: Any) -> None:
    """As if everything in the outbox had come to the same end."""
    async with stage.database.writing() as connection:
        await connection.execute(
            update(outbox)
            .where(outbox.c.due_at.is_not(None))
            .values(state=state, due_at=None, finished_at=stage.clock(), **values)
        )


async def look(stage: Stage) -> None:
    """As a dispatcher does that gets no further: what is not true any more is dropped."""
    await stage.store.refresh()
    for notice in await stage.notices():
        now = stage.clock()
        true = still_true(notice, stage.store.snapshot, now=now, rules=stage.rules)
        if isinstance(true, Obsolete):
            async with stage.database.writing() as connection:
                await stage.outbox.cancel(connection, notice.key, true.reason, now=now)


async def drop(stage: Stage) -> None:
    await finish(stage, NoticeState.DROPPED, reason="no longer the newest state")


async def lose_the_chat(stage: Stage) -> None:
    chats = Chats(stage.database)
    await chats.deactivate(1, "blocked", now=stage.clock())
    await chats.reactivate(1)


async def wait(stage: Stage) -> None:
    pass


async def told(stage: Stage) -> list[tuple[Any, Any]]:
    """The dates or phases of what is on its way: from which to which."""
    return [(stored(one)["old"], stored(one)["new"]) for one in await stage.told()]


Losing = Callable[[Stage], Awaitable[None]]


@pytest.mark.parametrize("lose", [wait, drop, lose_the_chat])
async def test_a_date_is_moved_from_where_the_chat_heard_that_it_is(
    stage: Stage, lose: Losing
) -> None:
    await stage.begin(a_milestone(due=A))
    await stage.subscribe()
    await stage.publish(a_milestone(due=B))
    await stage.plan()
    await lose(stage)
    await stage.publish(a_milestone(due=C))
    await stage.plan()
    await look(stage)
    assert await told(stage) == [(A, C)]


async def test_two_moves_between_two_runs_are_told_as_one(stage: Stage) -> None:
    await stage.begin(a_milestone(due=A))
    await stage.subscribe()
    await stage.publish(a_milestone(due=B))
    await stage.publish(a_milestone(due=C))
    await stage.plan()
    await look(stage)
    assert await told(stage) == [(A, C)]


async def test_what_arrived_is_what_the_next_move_is_told_against(stage: Stage) -> None:
    await stage.begin(a_milestone(due=A))
    await stage.subscribe()
    for date_ in (B, C):
        await stage.publish(a_milestone(due=date_))
        await stage.plan()
        await stage.send_all()
    assert await told(stage) == [(A, B), (B, C)]


@pytest.mark.parametrize("lose", [wait, drop, lose_the_chat])
async def test_a_move_that_was_not_heard_of_is_told_once_when_the_next_one_is_undone(
    stage: Stage, lose: Losing
) -> None:
    await stage.begin(a_milestone(due=A))
    await stage.subscribe()
    await stage.publish(a_milestone(due=B))
    await stage.plan()
    await lose(stage)
    mistake = await stage.publish(a_milestone(due=C))
    await stage.plan()
    await stage.undo(mistake)
    await stage.plan()
    await look(stage)
    assert await told(stage) == [(A, B)]


async def test_a_date_that_is_back_before_anybody_heard_of_its_move_is_no_news(
    stage: Stage,
) -> None:
    await stage.begin(a_milestone(due=A))
    await stage.subscribe()
    for date_ in (B, A):
        await stage.publish(a_milestone(due=date_))
        await stage.plan()
    await look(stage)
    assert await stage.keys() == []


async def test_a_date_that_another_source_confirms_is_told_though_its_move_was_not(
    stage: Stage,
) -> None:
    await stage.begin(a_milestone(due=A))
    await stage.subscribe()
    for date_, text in ((B, ""), (A, " So der Rat.")):
        milestone = a_milestone(due=date_, text=text)
        facts = tuple(one.model_copy(update={"id": f"EF-M-{date_}"}) for one in milestone.facts)
        await stage.publish(milestone.model_copy(update={"facts": facts}))
        await stage.plan()
    await look(stage)
    assert await told(stage) == [(None, A)]


async def test_a_reminder_that_arrived_tells_the_date_too(stage: Stage) -> None:
    await stage.begin(a_milestone(due="2025-11-12"))
    await stage.subscribe()
    await stage.publish(a_milestone(due="2025-11-20"))
    await stage.plan()
    await drop(stage)
    await stage.pass_days(1)
    await stage.send_all()
    assert await stage.keys() == ["milestone_coming:EF-M:2025-11-20:-30"]
    await stage.publish(a_milestone(due=C))
    await stage.plan()
    assert stored((await stage.notices())[-1])["old"] == "2025-11-20"


async def test_a_phase_is_told_against_the_one_that_the_chat_heard_of(stage: Stage) -> None:
    await stage.begin(a_milestone(phase="planned"))
    await stage.subscribe()
    for phase in ("in_progress", "postponed"):
        await stage.publish(a_milestone(phase=phase))
        await stage.plan()
    await look(stage)
    assert await told(stage) == [("planned", "postponed")]


async def test_of_date_and_phase_each_is_told_against_what_was_heard_of_it(stage: Stage) -> None:
    await stage.begin(a_milestone(due=A, phase="planned"))
    await stage.subscribe()
    await stage.publish(a_milestone(due=B, phase="planned"))
    await stage.plan()
    await stage.send_all()
    await stage.publish(a_milestone(due=B, phase="in_progress"))
    await stage.plan()
    await stage.publish(a_milestone(due=C, phase="postponed"))
    await stage.plan()
    await look(stage)
    assert await told(stage) == [(A, B), (B, C), ("planned", "postponed")]


async def test_what_was_lost_before_a_chat_subscribed_again_is_known_to_it(stage: Stage) -> None:
    await stage.begin(a_milestone(due=A))
    await stage.subscribe()
    await stage.publish(a_milestone(due=B))
    await stage.plan()
    await stage.subscriptions.end_all(1, now=stage.clock())
    await stage.subscribe()  # sees B
    await stage.publish(a_milestone(due=C))
    await stage.plan()
    assert await told(stage) == [(B, C)]


async def test_moves_that_wait_for_a_digest_are_told_in_it_as_one(stage: Stage) -> None:
    await stage.begin(a_milestone(due=A))
    await stage.subscribe()
    await stage.subscriptions.set_up(1, ChatSettings(pace=Pace.DAILY), now=stage.clock())
    for date_ in (B, C):
        await stage.publish(a_milestone(due=date_))
        await stage.plan()
    stage.clock.advance(timedelta(days=1))
    await stage.planner.gather(stage.clock())
    (digest,) = await stage.notices()
    (moved,) = parts(digest)
    assert (stored(moved)["old"], stored(moved)["new"]) == (A, C)


async def test_facts_that_are_back_before_their_loss_was_told_are_no_news(stage: Stage) -> None:
    fact = a_fact("Der Rat berät.", id="EF-M-F", aspect="content")
    milestone = a_milestone(due=A)
    whole = milestone.model_copy(update={"facts": (*milestone.facts, fact)})
    await stage.begin(whole)
    await stage.subscribe()
    mistake = await stage.publish(a_milestone(due=B))
    await stage.plan()
    await stage.undo(mistake)
    await stage.plan()
    await look(stage)
    assert await stage.keys() == []


async def test_what_is_undone_and_restored_between_two_runs_is_no_news(stage: Stage) -> None:
    await stage.begin(a_milestone(due=A))
    await stage.subscribe()
    change = await stage.publish(a_milestone(due=B))
    await stage.plan()
    await stage.send_all()
    await stage.undo(await stage.undo(change))
    await stage.plan()
    assert await told(stage) == [(A, B)]


@pytest.mark.parametrize("pace", [Pace.AT_ONCE, Pace.DAILY])
async def test_a_new_entry_is_told_as_it_stands_and_not_that_it_changed_before(
    stage: Stage, pace: Pace
) -> None:
    await stage.begin(a_milestone("EF-N"))
    await stage.subscribe()
    await stage.subscriptions.set_up(1, ChatSettings(pace=pace), now=stage.clock())
    await stage.publish(a_milestone(due=A, phase="planned"))
    await stage.plan()
    corrected = a_milestone(due=B, phase="in_progress")
    facts = tuple(one.model_copy(update={"id": f"{one.id}2"}) for one in corrected.facts)
    await stage.publish(corrected.model_copy(update={"facts": facts}))
    await stage.plan()
    stage.clock.advance(timedelta(days=1))
    await stage.planner.gather(stage.clock())
    await look(stage)
    (notice,) = await stage.notices()
    words = planned_words(notice, stage.store.snapshot, stage.clock().date())
    assert "Neuer Eintrag. Stand: in Umsetzung. Termin: 15.02.2026." in words
    assert "Fällig 2026-02-15." in words
    assert "bisher" not in words


async def test_a_date_of_an_entry_that_was_never_told_is_set_and_not_moved(stage: Stage) -> None:
    await stage.begin(a_milestone("EF-N"))
    await stage.subscribe()
    await stage.publish(a_milestone(due=A))
    await stage.plan()
    await drop(stage)
    await stage.publish(a_milestone(due=B))
    await stage.plan()
    assert await told(stage) == [(None, B)]


async def test_what_a_chat_did_not_want_to_hear_makes_former_notices_count_no_more(
    stage: Stage,
) -> None:
    await stage.begin(a_milestone(due=A, phase="done"))
    await stage.subscribe(interests=frozenset({Interest.CHANGED}))
    mistake = await stage.publish(a_milestone(due=A, phase="dropped"))
    await stage.plan()
    await stage.undo(mistake)
    await stage.plan()
    # Another phase beside another date is a matter of the status alone.
    moved = await stage.publish(a_milestone(due=B, phase="in_progress"))
    await stage.plan()
    done = await stage.publish(a_milestone(due=B, phase="done"))
    await stage.plan()
    assert await stage.keys() == [f"milestone_moved:EF-M:r{moved}", f"milestone_done:EF-M:r{done}"]
