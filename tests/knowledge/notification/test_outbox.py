"""Notices on their way: written down once, claimed by one sender, in order per chat."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import StatementError

from knowledge.notification.chats import Chats
from knowledge.notification.contents import Reminder, Unreadable
from knowledge.notification.notices import LONGEST_KEY, Notice, NoticeKind, NoticeState
from knowledge.notification.outbox import REMEMBERED, Claim, Outbox
from knowledge.partial_date import PartialDate
from knowledge.personal_data import PersonalData
from knowledge.storage.database import Database
from knowledge.storage.tables import outbox as table
from tests.support.builders import a_notice
from tests.support.clock import MOMENT, FakeClock

GROUP = -1_002_000_000_000_123
"""Id of a supergroup: beyond 32 bits."""

LEASE = timedelta(minutes=1)


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


@pytest.fixture
async def other(database: Database) -> AsyncIterator[Outbox]:
    """The outbox as another process sees it."""
    opened = Database(database.url.render_as_string(hide_password=False))
    yield Outbox(opened)
    await opened.close()


async def claimed(outbox: Outbox, clock: FakeClock, *, most: int = 100) -> list[Claim]:
    """All that can be claimed now, up to a number."""
    claims: list[Claim] = []
    while len(claims) < most and (claim := await outbox.claim(clock(), lease=LEASE)):
        claims.append(claim)
    return claims


async def claimed_keys(outbox: Outbox, clock: FakeClock, *, most: int = 100) -> list[str]:
    return [claim.notice.key for claim in await claimed(outbox, clock, most=most)]


async def column(database: Database, name: str) -> list[Any]:
    async with database.reading() as connection:
        return list(await connection.scalars(select(table.c[name]).order_by(table.c.id)))


async def test_a_notice_comes_back_as_it_was_written_down(
    outbox: Outbox, clock: FakeClock
) -> None:
    notice = Notice(
        chat_id=GROUP,
        key="milestone_coming:EF-7:2026-03:30",
        kind=NoticeKind.MILESTONE_COMING,
        content=Reminder(entry="EF-7", due=PartialDate.parse("2026-03"), derived=True, step=-30),
        not_before=MOMENT,
    )
    assert await outbox.add([notice]) == 1
    (claim,) = await claimed(outbox, clock)
    assert (claim.attempt, claim.unanswered, claim.notice) == (1, 0, notice)


async def test_what_no_notice_tells_comes_back_as_it_was_written_down_too(
    outbox: Outbox, clock: FakeClock
) -> None:
    notice = a_notice(content={"entry": "EF-7", "offset": 30, "items": [{"ä": None}]})
    assert await outbox.add([notice]) == 1
    (claim,) = await claimed(outbox, clock)
    assert claim.notice == notice
    assert isinstance(claim.notice.content, Unreadable)


async def test_the_same_notice_is_written_down_once_per_chat(
    outbox: Outbox, clock: FakeClock
) -> None:
    first = a_notice(key="k", content={"text": "zuerst"})
    assert await outbox.add([first, a_notice(key="k"), a_notice(chat_id=2, key="k")]) == 2
    assert await outbox.add([a_notice(key="k"), a_notice(key="new")]) == 1
    claims = await claimed(outbox, clock)
    assert [(claim.notice.chat_id, claim.notice.key) for claim in claims] == [(1, "k"), (2, "k")]
    assert claims[0].notice == first


async def test_a_notice_that_was_sent_is_not_written_down_again(
    outbox: Outbox, clock: FakeClock
) -> None:
    await outbox.add([a_notice()])
    (claim,) = await claimed(outbox, clock)
    await outbox.mark_sent(claim, 70, now=clock())
    assert await outbox.add([a_notice()]) == 0


async def test_nothing_is_nothing(outbox: Outbox, clock: FakeClock) -> None:
    assert await outbox.add([]) == 0
    assert await claimed(outbox, clock) == []


async def test_a_notice_is_written_down_with_its_cause_or_not_at_all(
    database: Database, outbox: Outbox, clock: FakeClock
) -> None:
    async def cause() -> None:
        async with database.writing() as connection:
            assert await outbox.enqueue(connection, [a_notice()]) == 1
            raise RuntimeError("mitten darin")

    with pytest.raises(RuntimeError, match="mitten darin"):
        await cause()
    assert await claimed(outbox, clock) == []


async def test_thousands_of_notices_are_written_down_at_once(
    outbox: Outbox, clock: FakeClock
) -> None:
    notices = [a_notice(chat_id=number) for number in range(5_000, 0, -1)]
    assert await outbox.add(notices) == 5_000
    claims = await claimed(outbox, clock, most=3)
    assert [claim.notice.chat_id for claim in claims] == [5_000, 4_999, 4_998]


@pytest.mark.parametrize("key", ["", "k" * (LONGEST_KEY + 1)])
def test_an_unusable_key_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="a notice's key has 1 to 200 characters"):
        a_notice(key=key)


async def test_a_moment_without_a_zone_is_refused(outbox: Outbox) -> None:
    with pytest.raises(StatementError, match="a moment needs its time zone"):
        await outbox.add([a_notice(not_before=MOMENT.replace(tzinfo=None))])


async def test_nothing_is_claimed_before_its_time(outbox: Outbox, clock: FakeClock) -> None:
    await outbox.add([a_notice(not_before=MOMENT + timedelta(microseconds=1))])
    assert await claimed_keys(outbox, clock) == []
    clock.advance(timedelta(microseconds=1))
    assert await claimed_keys(outbox, clock) == ["k"]


async def test_the_oldest_are_claimed_first(outbox: Outbox, clock: FakeClock) -> None:
    ages = {1: 5, 2: 9, 3: 7}
    await outbox.add(
        a_notice(chat_id=chat, key=str(age), not_before=MOMENT - timedelta(hours=age))
        for chat, age in ages.items()
    )
    assert await claimed_keys(outbox, clock, most=2) == ["9", "7"]
    assert await claimed_keys(outbox, clock, most=2) == ["5"]


async def test_a_chat_has_one_notice_under_way(outbox: Outbox, clock: FakeClock) -> None:
    await outbox.add([a_notice(key="a"), a_notice(key="b"), a_notice(chat_id=2, key="c")])
    first, elsewhere = await claimed(outbox, clock)
    assert [first.notice.key, elsewhere.notice.key] == ["a", "c"]
    assert await claimed_keys(outbox, clock) == []
    await outbox.mark_sent(first, 70, now=clock())
    assert await claimed_keys(outbox, clock) == ["b"]


@pytest.mark.parametrize("finish", ["mark_dropped", "mark_failed"])
async def test_what_cannot_or_need_not_be_sent_makes_room_for_the_next(
    outbox: Outbox, database: Database, clock: FakeClock, finish: str
) -> None:
    await outbox.add([a_notice(key="a"), a_notice(key="b")])
    (first,) = await claimed(outbox, clock)
    await getattr(outbox, finish)(first, "schon erledigt" * 50, now=clock())
    assert await claimed_keys(outbox, clock) == ["b"]
    reason, _ = await column(database, "reason")
    assert reason == ("schon erledigt" * 50)[:200]


async def test_a_chat_waits_while_its_oldest_notice_is_postponed(
    outbox: Outbox, clock: FakeClock
) -> None:
    await outbox.add([a_notice(key="a"), a_notice(key="b")])
    (first,) = await claimed(outbox, clock)
    await outbox.postpone(first, clock() + timedelta(seconds=30))
    assert await claimed_keys(outbox, clock) == []
    clock.advance(timedelta(seconds=30))
    (again,) = await claimed(outbox, clock)
    assert (again.notice.key, again.attempt) == ("a", 2)


async def test_a_notice_for_tomorrow_does_not_hold_up_what_is_due_today(
    outbox: Outbox, clock: FakeClock
) -> None:
    await outbox.add([a_notice(key="tomorrow", not_before=MOMENT + timedelta(days=1))])
    await outbox.add([a_notice(key="today")])
    assert await claimed_keys(outbox, clock) == ["today"]


async def test_it_is_remembered_that_nobody_knows_whether_a_notice_arrived(
    outbox: Outbox, clock: FakeClock
) -> None:
    await outbox.add([a_notice()])
    for unanswered, known in [(True, 0), (False, 1), (True, 1)]:
        (claim,) = await claimed(outbox, clock)
        assert claim.unanswered == known
        await outbox.postpone(claim, clock(), unanswered=unanswered)
    (claim,) = await claimed(outbox, clock)
    assert (claim.attempt, claim.unanswered) == (4, 2)


async def test_what_is_given_back_untried_does_not_count_as_an_attempt(
    outbox: Outbox, clock: FakeClock
) -> None:
    await outbox.add([a_notice()])
    (claim,) = await claimed(outbox, clock)
    await outbox.release(claim, clock() + timedelta(seconds=1))
    assert await claimed(outbox, clock) == []
    clock.advance(timedelta(seconds=1))
    (claim,) = await claimed(outbox, clock)
    assert claim.attempt == 1


async def test_what_is_put_off_keeps_back_nothing_that_may_be_sent_before(
    outbox: Outbox, clock: FakeClock
) -> None:
    await outbox.add([a_notice(key="planned"), a_notice(key="answered")])
    (planned,) = await claimed(outbox, clock)
    await outbox.put_off(planned, clock() + timedelta(hours=12))
    (answered,) = await claimed(outbox, clock)
    assert answered.notice.key == "answered"
    await outbox.mark_sent(answered, 70, now=clock())
    assert await claimed(outbox, clock) == []
    clock.advance(timedelta(hours=12))
    (again,) = await claimed(outbox, clock)
    assert (again.id, again.attempt) == (planned.id, 1)


async def test_a_lease_that_ran_out_is_taken_up_again(
    outbox: Outbox, other: Outbox, clock: FakeClock
) -> None:
    await outbox.add([a_notice(key="a"), a_notice(key="b")])
    await claimed(outbox, clock)
    clock.advance(LEASE - timedelta(microseconds=1))
    assert await claimed(other, clock) == []
    clock.advance(timedelta(microseconds=1))
    (claim,) = await claimed(other, clock)
    assert (claim.notice.key, claim.attempt) == ("a", 2)


async def test_who_lost_the_lease_can_only_say_that_the_notice_arrived(
    outbox: Outbox, other: Outbox, clock: FakeClock
) -> None:
    await outbox.add([a_notice()])
    (lost,) = await claimed(outbox, clock)
    clock.advance(LEASE)
    await claimed(other, clock)
    await outbox.postpone(lost, clock())
    await outbox.release(lost, clock())
    await outbox.mark_dropped(lost, "?", now=clock())
    await outbox.mark_failed(lost, "?", now=clock())
    assert (await outbox.counts())[NoticeState.CLAIMED] == 1
    await outbox.mark_sent(lost, 70, now=clock())
    assert (await outbox.counts())[NoticeState.SENT] == 1


async def test_what_arrived_stays_what_arrived(
    outbox: Outbox, database: Database, clock: FakeClock
) -> None:
    await outbox.add([a_notice()])
    (claim,) = await claimed(outbox, clock)
    await outbox.mark_sent(claim, 70, now=clock())
    await outbox.mark_sent(claim, 71, now=clock())
    await outbox.mark_failed(claim, "?", now=clock())
    await outbox.postpone(claim, clock())
    assert await column(database, "message_id") == [70]
    assert await column(database, "state") == [NoticeState.SENT]
    assert await column(database, "finished_at") == [clock()]


async def test_an_arrival_is_not_noted_on_a_notice_that_came_after_the_chat_was_forgotten(
    database: Database, outbox: Outbox, clock: FakeClock
) -> None:
    await outbox.add([a_notice()])
    (claim,) = await claimed(outbox, clock)
    await PersonalData(database).forget(1)
    await outbox.add([a_notice(chat_id=2)])
    await outbox.mark_sent(claim, 70, now=clock())
    (other_claim,) = await claimed(outbox, clock)
    assert other_claim.notice.chat_id == 2


@pytest.mark.parametrize("finish", ["mark_sent", "mark_failed", "deactivate"])
async def test_what_people_wrote_is_erased_when_it_is_dealt_with(
    outbox: Outbox, database: Database, clock: FakeClock, finish: str
) -> None:
    planned = {"entry": "EF-7", "due": "2026-03"}
    await outbox.add([a_notice(), a_notice(key="l", kind=NoticeKind.NUDGE, content=planned)])
    for _ in range(2):
        for claim in await claimed(outbox, clock):
            match finish:
                case "mark_sent":
                    await outbox.mark_sent(claim, 70, now=clock())
                case "mark_failed":
                    await outbox.mark_failed(claim, "?", now=clock())
                case _:
                    await Chats(database).deactivate(1, "blocked", now=clock())
    assert await column(database, "content") == [{}, planned]
    assert await column(database, "due_at") == [None, None]


@pytest.mark.parametrize("kind", [NoticeKind.ANSWER_CHANGED, NoticeKind.DIGEST])
async def test_the_words_of_a_subscribed_question_go_with_the_notice(
    outbox: Outbox, database: Database, clock: FakeClock, kind: NoticeKind
) -> None:
    await outbox.add([a_notice(kind=kind, content={"question": "Was kostet der Kurs?"})])
    for claim in await claimed(outbox, clock):
        await outbox.mark_sent(claim, 70, now=clock())
    assert await column(database, "content") == [{}]


async def test_senders_at_once_never_have_the_same_notice_nor_the_same_chat(
    outbox: Outbox, other: Outbox, clock: FakeClock
) -> None:
    await outbox.add(
        a_notice(chat_id=chat, key=f"{number}") for chat in range(1, 21) for number in range(3)
    )
    batches = await asyncio.gather(
        *(claimed(claimer, clock, most=7) for claimer in [outbox, other] * 3)
    )
    claims = [claim for batch in batches for claim in batch]
    assert {claim.notice.key for claim in claims} == {"0"}
    chats = [claim.notice.chat_id for claim in claims]
    assert len(chats) == len(set(chats))
    # One sender may pass by what another has locked; what is left is there for the next.
    chats += [claim.notice.chat_id for claim in await claimed(outbox, clock)]
    assert sorted(chats) == list(range(1, 21))


async def test_many_senders_keep_the_order_of_every_chat(
    outbox: Outbox, other: Outbox, clock: FakeClock
) -> None:
    await outbox.add(
        a_notice(chat_id=chat, key=f"{number}") for chat in range(1, 11) for number in range(5)
    )
    order: dict[int, list[str]] = {}

    async def send_all(mine: Outbox) -> None:
        while claim := await mine.claim(clock(), lease=LEASE):
            order.setdefault(claim.notice.chat_id, []).append(claim.notice.key)
            await mine.mark_sent(claim, 1, now=clock())

    for _ in range(5):  # a sender that finds nothing for a moment must not be the last word
        await asyncio.gather(*(send_all(mine) for mine in (outbox, other)))
    assert order == {chat: [f"{number}" for number in range(5)] for chat in range(1, 11)}


async def test_a_deactivated_chat_gets_nothing_new(
    database: Database, outbox: Outbox, clock: FakeClock
) -> None:
    await Chats(database).deactivate(1, "blocked", now=clock())
    assert await outbox.add([a_notice(), a_notice(chat_id=2)]) == 1
    await Chats(database).reactivate(1)
    assert await outbox.add([a_notice(), a_notice(chat_id=2)]) == 1


async def test_states_are_counted(outbox: Outbox, clock: FakeClock) -> None:
    assert set((await outbox.counts()).values()) == {0}
    await outbox.add(a_notice(chat_id=number) for number in range(1, 6))
    sent, dropped, failed, _ = await claimed(outbox, clock, most=4)
    await outbox.mark_sent(sent, 70, now=clock())
    await outbox.mark_dropped(dropped, "erledigt", now=clock())
    await outbox.mark_failed(failed, "zu lang", now=clock())
    assert await outbox.counts() == dict.fromkeys(NoticeState, 1)


async def test_how_late_notices_are_is_told_by_the_oldest_that_is_due(
    outbox: Outbox, clock: FakeClock
) -> None:
    assert await outbox.overdue(clock()) == timedelta()
    await outbox.add([a_notice(not_before=clock() + timedelta(hours=1))])
    assert await outbox.overdue(clock()) == timedelta()
    clock.advance(timedelta(hours=3))
    assert await outbox.overdue(clock()) == timedelta(hours=2)
    (tried,) = await claimed(outbox, clock, most=1)
    await outbox.postpone(tried, clock() + timedelta(minutes=15))
    # It is as late as before, although its next attempt is still to come.
    assert await outbox.overdue(clock()) == timedelta(hours=2)


async def test_only_what_was_finished_long_ago_is_forgotten(
    outbox: Outbox, clock: FakeClock
) -> None:
    await outbox.add([a_notice(), a_notice(chat_id=2)])
    (first,) = await claimed(outbox, clock, most=1)
    await outbox.mark_sent(first, 70, now=clock())
    clock.advance(REMEMBERED - timedelta(seconds=1))
    assert await outbox.forget_finished(clock()) == 0
    clock.advance(timedelta(seconds=1))
    assert await outbox.forget_finished(clock()) == 1
    assert (await outbox.counts())[NoticeState.WAITING] == 1
