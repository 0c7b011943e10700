"""What a chat last talked about."""

import asyncio
from datetime import timedelta

from knowledge.answering.ellipsis import Topic
from knowledge.inquiries.topics import MEMORY, Topics
from knowledge.storage.database import Database
from tests.support.clock import FakeClock

FAR = -1_002_000_000_000_123
"""Id of a supergroup: beyond 32 bits."""


async def test_a_chat_remembers_its_last_topic(database: Database, clock: FakeClock) -> None:
    topics = Topics(database)
    await topics.remember(1, Topic("EF-1"), clock())
    await topics.remember(1, Topic("EF-2"), clock())
    assert await topics.recall(1, clock()) == Topic("EF-2")


async def test_what_was_asked_is_remembered_without_contact_details(
    database: Database, clock: FakeClock
) -> None:
    topics = Topics(database)
    await topics.remember(1, Topic("EF-1", "Wer macht EF-1?"), clock())
    assert await topics.recall(1, clock()) == Topic("EF-1", "Wer macht EF-1?")
    await topics.remember(1, Topic(None, "Wer? Antwort an max@example.org"), clock())
    assert await topics.recall(1, clock()) == Topic(None, "Wer? Antwort an")


async def test_chats_do_not_know_each_others_topics(database: Database, clock: FakeClock) -> None:
    topics = Topics(database)
    await topics.remember(FAR, Topic("EF-1"), clock())
    await topics.remember(2, Topic("EF-2"), clock())
    assert await topics.recall(FAR, clock()) == Topic("EF-1")
    assert await topics.recall(2, clock()) == Topic("EF-2")
    assert await topics.recall(3, clock()) is None


async def test_a_topic_is_forgotten_after_ten_minutes(
    database: Database, clock: FakeClock
) -> None:
    topics = Topics(database)
    await topics.remember(1, Topic("EF-1"), clock())
    clock.advance(MEMORY - timedelta(microseconds=1))
    assert await topics.recall(1, clock()) == Topic("EF-1")
    clock.advance(timedelta(microseconds=1))
    assert await topics.recall(1, clock()) is None


async def test_talking_on_keeps_a_topic_alive(database: Database, clock: FakeClock) -> None:
    topics = Topics(database)
    for _ in range(3):
        await topics.remember(1, Topic("EF-1"), clock())
        clock.advance(MEMORY / 2)
    assert await topics.recall(1, clock()) == Topic("EF-1")


async def test_a_topic_survives_a_restart(database: Database, clock: FakeClock) -> None:
    await Topics(database).remember(1, Topic("EF-1"), clock())
    again = Database(database.url.render_as_string(hide_password=False))
    assert await Topics(again).recall(1, clock()) == Topic("EF-1")
    await again.close()


async def test_only_expired_topics_are_deleted(database: Database, clock: FakeClock) -> None:
    topics = Topics(database)
    await topics.remember(1, Topic("EF-1"), clock())
    await topics.remember(2, Topic("EF-2"), clock())
    clock.advance(MEMORY / 2)
    await topics.remember(3, Topic("EF-3"), clock())
    clock.advance(MEMORY / 2)
    assert await topics.forget_expired(clock()) == 2
    assert await topics.forget_expired(clock()) == 0
    assert await topics.recall(3, clock()) == Topic("EF-3")


async def test_many_chats_at_once_keep_their_topics(database: Database, clock: FakeClock) -> None:
    topics = Topics(database)
    await asyncio.gather(*(topics.remember(n, Topic(f"EF-{n}"), clock()) for n in range(20)))
    recalled = await asyncio.gather(*(topics.recall(n, clock()) for n in range(20)))
    assert recalled == [Topic(f"EF-{n}") for n in range(20)]


async def test_remembering_at_once_in_one_chat_is_no_conflict(
    database: Database, clock: FakeClock
) -> None:
    topics = Topics(database)
    await asyncio.gather(*(topics.remember(1, Topic(f"E-{n}"), clock()) for n in range(10)))
    assert await topics.recall(1, clock()) in {Topic(f"E-{n}") for n in range(10)}
