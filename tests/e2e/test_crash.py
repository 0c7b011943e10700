"""kill -9 while questions are being asked, and a restart."""

import asyncio
import signal

import pytest
from sqlalchemy import func, select, text

from knowledge.storage.database import Database
from knowledge.storage.tables import received_update
from tests.e2e.stage import Json, Stage

pytestmark = pytest.mark.e2e

PEOPLE, QUESTIONS = 12, 5


async def unfinished(database_url: str) -> int:
    """How many received updates wait in the database, which must be intact."""
    database = Database(database_url)
    async with database.reading() as connection:
        if database.is_sqlite:
            assert await connection.scalar(text("PRAGMA integrity_check")) == "ok"
            assert (await connection.execute(text("PRAGMA foreign_key_check"))).all() == []
        waiting = await connection.scalar(
            select(func.count()).where(received_update.c.content.is_not(None))
        )
    await database.close()
    return int(waiting or 0)


def answers(stage: Stage, people: list[Json]) -> list[str]:
    """Which question each message of the bot answers, as "person question"."""
    found = []
    for person in people:
        listed = stage.messages(person["id"])
        asked = {m["message_id"]: m["text"] for m in listed if not m["from_bot"]}
        found += [f"{person['id']} {asked[m['reply_to']]}" for m in listed if m["from_bot"]]
    return found


def test_after_kill_9_every_question_is_answered_and_only_those_in_flight_twice(
    stage: Stage,
) -> None:
    people = [stage.sim("POST", "users", first_name=f"Person {n}") for n in range(PEOPLE)]
    # Every answer takes a while, so that the kill hits some of them.
    stage.sim("POST", "faults", kind="delay", method="sendMessage", times=None, seconds=0.3)
    since = stage.last_event()
    for number in range(QUESTIONS):
        for person in people:
            # Without an answer the reply quotes the question: that tells which it was.
            stage.say(f"quatsch {number} xyzzy", user=person["id"])
    with stage.bot() as bot:
        for person in people[:3]:
            stage.wait(since=since, chat=person["id"])
        bot.stop(signal.SIGKILL)
    before = answers(stage, people)
    assert len(before) < PEOPLE * QUESTIONS, "the kill came too late to show anything"
    in_flight = asyncio.run(unfinished(stage.database_url))
    with stage.bot():
        for person in people:
            since = 0
            while len(set(answers(stage, [person]))) < QUESTIONS:
                since = stage.sim(
                    "GET", f"events?since={since}&chat_id={person['id']}&timeout=20"
                )["last_id"]
    after = answers(stage, people)
    expected = {f"{p['id']} quatsch {n} xyzzy" for p in people for n in range(QUESTIONS)}
    assert set(after) == expected
    twice = len(after) - len(expected)
    assert twice <= in_flight
    assert max(after.count(answer) for answer in expected) <= 2
    assert asyncio.run(unfinished(stage.database_url)) == 0
