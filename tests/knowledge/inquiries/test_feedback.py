"""Whether answers helped, without who said it."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select

from knowledge.inquiries.feedback import Effect, Feedback, Rating
from knowledge.storage.database import Database
from knowledge.storage.row_ids import ID_BITS
from knowledge.storage.tables import feedback

TODAY = date(2025, 10, 20)
KEY = b"geheim"
PLACE = {"chat_id": -1_002_000_000_000_123, "message_id": 77, "user_id": 9_007_199_254_740_991}
YES, NO = Rating(helpful=True), Rating(helpful=False)


async def rows(database: Database) -> list[Row[Any]]:
    async with database.reading() as connection:
        return list(await connection.execute(select(feedback)))


async def test_a_rating_is_kept_with_entry_question_and_day(database: Database) -> None:
    rating = Rating(helpful=False, entry="EF-7", question_id=2**ID_BITS - 1)
    effect = await Feedback(database, key=KEY, days=90).tap(rating, **PLACE, today=TODAY)
    assert effect is Effect.KEPT
    (row,) = await rows(database)
    assert row._asdict() == {
        "id": row.id,
        "entry": "EF-7",
        "helpful": False,
        "question_id": 2**ID_BITS - 1,
        "given_on": TODAY,
    }


@pytest.mark.parametrize("rating", [YES, NO])
async def test_the_same_tap_again_takes_it_back_and_a_third_keeps_it(
    database: Database, rating: Rating
) -> None:
    ratings = Feedback(database, key=KEY, days=90)
    effects = [await ratings.tap(rating, **PLACE, today=TODAY) for _ in range(3)]
    assert effects == [Effect.KEPT, Effect.TAKEN_BACK, Effect.KEPT]
    assert [row.helpful for row in await rows(database)] == [rating.helpful]


async def test_the_other_tap_changes_the_rating(database: Database) -> None:
    ratings = Feedback(database, key=KEY, days=90)
    await ratings.tap(YES, **PLACE, today=TODAY)
    later = TODAY + timedelta(days=1)
    assert await ratings.tap(NO, **PLACE, today=later) is Effect.CHANGED
    assert [(row.helpful, row.given_on) for row in await rows(database)] == [(False, later)]
    assert await ratings.tap(NO, **PLACE, today=later) is Effect.TAKEN_BACK
    assert await rows(database) == []


@pytest.mark.parametrize("other", ["chat_id", "message_id", "user_id"])
async def test_each_person_rates_each_answer(database: Database, other: str) -> None:
    ratings = Feedback(database, key=KEY, days=90)
    await ratings.tap(YES, **PLACE, today=TODAY)
    elsewhere = PLACE | {other: PLACE[other] + 1}
    assert await ratings.tap(YES, **elsewhere, today=TODAY) is Effect.KEPT
    assert len(await rows(database)) == 2


async def test_digits_that_move_between_the_ids_make_another_rating(database: Database) -> None:
    ratings = Feedback(database, key=KEY, days=90)
    await ratings.tap(YES, chat_id=1, message_id=23, user_id=4, today=TODAY)
    await ratings.tap(YES, chat_id=12, message_id=3, user_id=4, today=TODAY)
    assert len(await rows(database)) == 2


async def test_a_rating_outlives_a_restart_but_not_a_new_key(database: Database) -> None:
    await Feedback(database, key=KEY, days=90).tap(YES, **PLACE, today=TODAY)
    again = Feedback(database, key=KEY, days=90)
    assert await again.tap(YES, **PLACE, today=TODAY) is Effect.TAKEN_BACK
    await again.tap(YES, **PLACE, today=TODAY)
    other = Feedback(database, key=b"anders", days=90)
    assert await other.tap(YES, **PLACE, today=TODAY) is Effect.KEPT
    assert len({row.id for row in await rows(database)}) == 2


async def test_nothing_of_chat_message_or_person_is_stored(database: Database) -> None:
    await Feedback(database, key=KEY, days=90).tap(YES, **PLACE, today=TODAY)
    (row,) = await rows(database)
    assert set(row._asdict()) == {"id", "entry", "helpful", "question_id", "given_on"}
    assert not {str(value) for value in PLACE.values()} & {str(value) for value in row}
    assert len(row.id) == 32
    assert set(row.id) <= set("0123456789abcdef")


async def test_tapping_often_at_once_leaves_one_rating_at_most(database: Database) -> None:
    ratings = Feedback(database, key=KEY, days=90)
    taps = (ratings.tap(rating, **PLACE, today=TODAY) for rating in [YES, NO] * 5)
    await asyncio.gather(*taps)
    assert len(await rows(database)) <= 1


async def test_ratings_of_many_people_at_once_all_count(database: Database) -> None:
    ratings = Feedback(database, key=KEY, days=90)
    people = (PLACE | {"user_id": number} for number in range(20))
    await asyncio.gather(*(ratings.tap(YES, **person, today=TODAY) for person in people))
    assert len(await rows(database)) == 20


async def test_ratings_are_forgotten_after_the_days_set(database: Database) -> None:
    ratings = Feedback(database, key=KEY, days=90)
    await ratings.tap(YES, **PLACE, today=TODAY)
    await ratings.tap(YES, **PLACE | {"user_id": 1}, today=TODAY + timedelta(days=1))
    assert await ratings.forget_old(TODAY + timedelta(days=89)) == 0
    assert await ratings.forget_old(TODAY + timedelta(days=90)) == 1
    assert [row.given_on for row in await rows(database)] == [TODAY + timedelta(days=1)]
