"""Questions passed on to the editors."""

import asyncio

from sqlalchemy import Row, select

from knowledge.database import Database
from knowledge.handed_over import HandedOverQuestions
from knowledge.questions import LONGEST
from knowledge.tables import handed_over_question
from tests.support.clock import FakeClock


async def kept(database: Database) -> list[Row[str]]:
    async with database.reading() as connection:
        columns = handed_over_question.c
        return list(await connection.execute(select(columns.text).order_by(columns.id)))


async def test_a_question_is_kept_with_its_moment(database: Database, clock: FakeClock) -> None:
    assert await HandedOverQuestions(database).add(-1_002_000_000_000, 7, "Wann? 🤷", clock())
    async with database.reading() as connection:
        (row,) = await connection.execute(select(handed_over_question))
    assert (row.chat_id, row.message_id, row.text) == (-1_002_000_000_000, 7, "Wann? 🤷")
    assert row.asked_at == clock()
    assert row.asked_at.tzinfo is not None


async def test_pressing_twice_hands_over_once(database: Database, clock: FakeClock) -> None:
    questions = HandedOverQuestions(database)
    assert await questions.add(1, 7, "Wann?", clock())
    assert not await questions.add(1, 7, "Wann?", clock())
    assert len(await kept(database)) == 1


async def test_pressing_twice_at_once_hands_over_once(
    database: Database, clock: FakeClock
) -> None:
    questions = HandedOverQuestions(database)
    added = await asyncio.gather(*(questions.add(1, 7, "Wann?", clock()) for _ in range(10)))
    assert sorted(added) == [False] * 9 + [True]
    assert len(await kept(database)) == 1


async def test_the_same_question_of_another_message_or_chat_is_a_new_one(
    database: Database, clock: FakeClock
) -> None:
    questions = HandedOverQuestions(database)
    places = ((1, 7), (1, 8), (2, 7))
    assert [await questions.add(*place, "Wann?", clock()) for place in places] == [True] * 3
    assert len(await kept(database)) == 3


async def test_a_long_question_is_cut_to_what_is_read(
    database: Database, clock: FakeClock
) -> None:
    await HandedOverQuestions(database).add(1, 7, "ü🤷" * 4096, clock())
    ((text,),) = await kept(database)
    assert text == ("ü🤷" * 4096)[:LONGEST]


async def test_a_nul_character_is_no_obstacle(database: Database, clock: FakeClock) -> None:
    assert await HandedOverQuestions(database).add(1, 1, "a\0b", clock())
