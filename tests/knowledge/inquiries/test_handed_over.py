"""Questions passed on to the editors: kept, settled, forgotten."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from knowledge.answering.questions import LONGEST
from knowledge.inquiries.handed_over import (
    KEPT,
    MOST_PER_DAY,
    UNDECIDED,
    HandedOverQuestions,
    TooManyError,
)
from knowledge.notification.notices import NoticeKind
from knowledge.notification.outbox import Outbox
from knowledge.storage.database import Database
from knowledge.storage.store import Store
from knowledge.storage.tables import handed_over_question, outbox
from tests.support.builders import an_entry
from tests.support.clock import MOMENT, FakeClock

SUPERGROUP = -1_002_000_000_000


@pytest.fixture
def questions(database: Database) -> HandedOverQuestions:
    return HandedOverQuestions(database, Outbox(database))


async def added(
    questions: HandedOverQuestions, chat_id: int, message_id: int, text: str = "Wann?"
) -> int:
    number = await questions.add(chat_id, message_id, text, MOMENT + timedelta(minutes=message_id))
    assert number is not None
    return number


async def chats(database: Database) -> list[tuple[int | None, int | None]]:
    columns = handed_over_question.c
    async with database.reading() as connection:
        rows = await connection.execute(select(columns.chat_id, columns.message_id))
        return [(row.chat_id, row.message_id) for row in rows]


async def told(database: Database) -> list[tuple[int, str, object]]:
    columns = outbox.c
    async with database.reading() as connection:
        rows = await connection.execute(
            select(columns.chat_id, columns.kind, columns.content).order_by(columns.id)
        )
        return [(row.chat_id, row.kind, row.content) for row in rows]


async def test_a_question_is_kept_with_its_moment(
    questions: HandedOverQuestions, database: Database, clock: FakeClock
) -> None:
    number = await questions.add(SUPERGROUP, 7, "Wann? 🤷", clock())
    (question,) = await questions.open()
    assert (question.id, question.text, question.awaited) == (number, "Wann? 🤷", False)
    assert question.asked_at == clock()
    assert await chats(database) == [(SUPERGROUP, 7)]


async def test_pressing_twice_at_once_hands_over_once(
    questions: HandedOverQuestions, clock: FakeClock
) -> None:
    numbers = await asyncio.gather(*(questions.add(1, 7, "Wann?", clock()) for _ in range(10)))
    assert len([number for number in numbers if number is not None]) == 1
    assert len(await questions.open()) == 1


async def test_a_question_is_undecided_until_somebody_says_whether_they_want_to_be_told(
    questions: HandedOverQuestions,
) -> None:
    wanted, unwanted = await added(questions, 1, 7), await added(questions, 1, 8)
    assert await questions.undecided(1, 7) == wanted
    assert await questions.undecided(2, 7) is None
    await questions.decide(wanted, 1, awaited=True)
    await questions.decide(unwanted, 1, awaited=False)
    assert [await questions.undecided(1, message) for message in (7, 8)] == [None, None]


async def test_the_same_question_of_another_message_or_chat_is_a_new_one(
    questions: HandedOverQuestions,
) -> None:
    numbers = [await added(questions, *place) for place in ((1, 7), (1, 8), (2, 7))]
    assert len(set(numbers)) == len(await questions.open()) == 3


async def test_a_long_question_is_cut_to_what_is_read(questions: HandedOverQuestions) -> None:
    await added(questions, 1, 7, "ü🤷" * 4096)
    (question,) = await questions.open()
    assert question.text == ("ü🤷" * 4096)[:LONGEST]


async def test_a_nul_character_is_no_obstacle(questions: HandedOverQuestions) -> None:
    await added(questions, 1, 7, "a\0b")
    assert [question.text for question in await questions.open()] == ["ab"]


async def test_who_does_not_want_to_be_told_is_forgotten_at_once(
    questions: HandedOverQuestions, database: Database
) -> None:
    number = await added(questions, 1, 7)
    assert await questions.decide(number, 1, awaited=False)
    assert await chats(database) == [(None, None)]
    # Nobody can decide otherwise from now on.
    assert not await questions.decide(number, 1, awaited=True)
    assert [question.awaited for question in await questions.open()] == [False]


async def test_a_decision_can_be_changed_as_long_as_the_chat_is_known(
    questions: HandedOverQuestions,
) -> None:
    number = await added(questions, 1, 7)
    for awaited in (True, True, False):
        assert await questions.decide(number, 1, awaited=awaited)
        assert [question.awaited for question in await questions.open()] == [awaited]


async def test_only_the_chat_that_asked_decides(questions: HandedOverQuestions) -> None:
    number = await added(questions, 1, 7)
    assert not await questions.decide(number, 2, awaited=True)
    assert not await questions.decide(number + 1, 1, awaited=True)
    assert [question.awaited for question in await questions.open()] == [False]


async def test_without_a_decision_the_chat_is_forgotten_after_a_day_and_the_question_stays(
    questions: HandedOverQuestions, database: Database, clock: FakeClock
) -> None:
    for chat_id in (1, 2):
        number = await questions.add(chat_id, 7, "Wann?", clock())
    assert number is not None
    await questions.decide(number, 2, awaited=True)
    clock.advance(UNDECIDED - timedelta(seconds=1))
    await questions.forget_old(clock())
    assert sorted(await chats(database), key=str) == [(1, 7), (2, 7)]
    clock.advance(timedelta(seconds=1))
    assert await questions.forget_old(clock()) == 0
    assert set(await chats(database)) == {(None, None), (2, 7)}


async def test_questions_that_nobody_answers_are_deleted_after_half_a_year(
    questions: HandedOverQuestions, clock: FakeClock
) -> None:
    number = await questions.add(1, 7, "Wann?", clock())
    assert number is not None
    await questions.decide(number, 1, awaited=True)
    clock.advance(KEPT - timedelta(seconds=1))
    assert await questions.forget_old(clock()) == 0
    clock.advance(timedelta(seconds=1))
    assert await questions.forget_old(clock()) == 1
    assert await questions.open() == []


async def test_publishing_an_answer_settles_the_questions_and_tells_each_chat_once(
    questions: HandedOverQuestions, database: Database
) -> None:
    numbers = [
        await added(questions, chat_id, message_id, f"Frage {message_id}?")
        for chat_id, message_id in ((1, 1), (1, 2), (2, 3), (3, 4))
    ]
    other = await added(questions, 4, 5, "Etwas anderes?")
    for number, chat_id in zip(numbers, (1, 1, 2, 3), strict=True):
        await questions.decide(number, chat_id, awaited=chat_id != 3)
    assert await questions.awaiting(numbers) == 2
    await Store(database).publish(
        [an_entry()],
        author="Amt",
        reason="",
        now=MOMENT,
        guards=[questions.answering(numbers, entry="EF-7", now=MOMENT)],
    )
    assert [question.id for question in await questions.open()] == [other]
    assert await questions.awaiting(numbers) == 0
    assert await told(database) == [
        (
            chat_id,
            NoticeKind.QUESTION_ANSWERED,
            {"question": f"Frage {asked}?", "entry": "EF-7"},
        )
        for chat_id, asked in ((1, 2), (2, 3))
    ]


async def test_a_publication_that_fails_settles_nothing_and_tells_nobody(
    questions: HandedOverQuestions, database: Database
) -> None:
    number = await added(questions, 1, 7)
    await questions.decide(number, 1, awaited=True)

    async def refuse(*_: object) -> None:
        raise PermissionError

    with pytest.raises(PermissionError):
        await Store(database).publish(
            [an_entry()],
            author="Amt",
            reason="",
            now=MOMENT,
            guards=[questions.answering([number], entry="EF-7", now=MOMENT), refuse],
        )
    assert [question.id for question in await questions.open()] == [number]
    assert await told(database) == []


async def test_two_editors_who_answer_at_once_tell_once(
    questions: HandedOverQuestions, database: Database
) -> None:
    number = await added(questions, 1, 7)
    await questions.decide(number, 1, awaited=True)
    store = Store(database)
    await asyncio.gather(
        *(
            store.publish(
                [an_entry(key)],
                author="Amt",
                reason="",
                now=MOMENT,
                guards=[questions.answering([number], entry=key, now=MOMENT)],
            )
            for key in ("EF-7", "EF-8")
        )
    )
    assert len(await told(database)) == 1


async def test_dismissing_tells_nobody(questions: HandedOverQuestions, database: Database) -> None:
    number = await added(questions, 1, 7)
    await questions.decide(number, 1, awaited=True)
    assert await questions.dismiss([number, number + 1]) == 1
    assert await questions.dismiss([number]) == 0
    assert await questions.open() == []
    assert await told(database) == []


async def test_one_chat_cannot_bury_the_questions_of_others(
    questions: HandedOverQuestions, clock: FakeClock
) -> None:
    for message_id in range(MOST_PER_DAY):
        number = await questions.add(1, message_id, "Wann?", clock())
        assert number is not None
        # That its chat is forgotten at once does not help.
        await questions.decide(number, 1, awaited=False)
    with pytest.raises(TooManyError):
        await questions.add(1, MOST_PER_DAY, "Wann?", clock())
    assert await questions.add(2, 1, "Wann?", clock()) is not None
    clock.advance(timedelta(days=1))
    assert await questions.add(1, MOST_PER_DAY, "Wann?", clock()) is not None
