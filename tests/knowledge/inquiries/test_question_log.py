"""What was asked and what came of it, without who asked."""

import asyncio
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Row, String, select, text

from knowledge.answering.answers import Answer, answer
from knowledge.answering.asides import Aside
from knowledge.answering.confidence import Band
from knowledge.answering.listings import Listing
from knowledge.answering.questions import LONGEST, understand
from knowledge.answering.sections import Section
from knowledge.entries import Aspect, Kind
from knowledge.inquiries.question_log import LACKING, LISTING, UNNAMED, QuestionLog
from knowledge.redaction import redacted
from knowledge.snapshot import Snapshot
from knowledge.storage.database import Database
from knowledge.storage.row_ids import ID_BITS
from knowledge.storage.tables import asked_question
from tests.support.builders import a_fact, an_entry
from tests.support.clock import MOMENT, FakeClock

TODAY = date(2025, 10, 20)
ENTRY = an_entry("EF-7", title="ECCAR-Abgleich", facts=[a_fact()])
SNAPSHOT = Snapshot([ENTRY])


def found(band: Band = Band.NONE, **fields: Any) -> Answer:
    return Answer(band, understand("eccar", SNAPSHOT), TODAY, **fields)


async def rows(database: Database) -> list[Row[Any]]:
    async with database.reading() as connection:
        return list(await connection.execute(select(asked_question)))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Wie weit ist\n der  MASSNAHMENPLAN? ", "wie weit ist der massnahmenplan?"),
        ("Maßnahme", "massnahme"),
        ("ﬁnanziert", "finanziert"),
        ("Maß\u00adnah\u200bme \u202egedreht", "massnahme gedreht"),
        ("a\0b \ud800 c \x1b[31m", "ab c [31m"),
        ("", ""),
        (" \n\t ", ""),
    ],
)
def test_a_question_is_kept_in_one_spelling(typed: str, kept: str) -> None:
    assert redacted(typed) == kept


@pytest.mark.parametrize(
    "contact",
    [
        "max.mustermann@example.org",
        "Max <max@example.org>;",
        "@anna_muster",
        "max＠example.org",
        "ma\u200bx@exam\u00adple.org",
        "mailto:max@example.org?subject=x",
        "https://t.me/anna",
        "(www.example.org)",
        "t.me/anna",
        "facebook.com/max.mustermann",
        "tg://user?id=4711",
        "0361 6551234",
        "0361/6551234",
        "0361-65 51 234",
        "0361 – 655 12 34",
        "(0361) 655-1234",
        "+49 (0)361 655-0",
        "+49361655123",
        "0049 361 655 123",
        "0171.1234567",
        "015112345678",
        "6551234",
        "1234567-123",
    ],
)
def test_no_contact_is_kept(contact: str) -> None:
    kept = redacted(f"Wann kommt {contact} bitte der Plan?")
    assert kept.replace("max ", "") == "wann kommt bitte der plan?"


@pytest.mark.parametrize(
    "words",
    [
        "ds 2170/24",
        "drs. 0161/2006?",
        "ds 0170-24",
        "am 01.02.2024",
        "am 1. 3. 24",
        "2024-01-02",
        "bis 09/2024",
        "im jahr 2024/2025",
        "2023, 2024 und 2025",
        "1.000.000 euro",
        "12 000 000 euro",
        "99084 erfurt 2024",
        "01067 dresden",
        "ef-7 und 10-punkte-plan",
        "z.b./usw. und/oder",
        "stand 31.12.2024: 38 %",
    ],
)
def test_what_names_a_thing_is_kept(words: str) -> None:
    assert redacted(words) == words


def test_a_long_question_is_cut_after_contacts_are_removed() -> None:
    typed = "ß" * (LONGEST // 2 - 3) + " max.mustermann@example.org ende " + "x" * 4096
    kept = redacted(typed)
    assert kept == "ss" * (LONGEST // 2 - 3) + " ende"


@given(st.text(st.characters(), max_size=1000))
def test_any_text_is_made_storable(typed: str) -> None:
    kept = redacted(typed)
    assert len(kept) <= LONGEST
    assert kept.isprintable()
    assert kept == " ".join(kept.split())
    assert kept.encode().decode() == kept
    assert "@" not in kept


async def test_a_question_is_kept_with_its_outcome_and_its_hour(
    database: Database, clock: FakeClock
) -> None:
    log = QuestionLog(database, days=90)
    number = log.draw_id()
    told = found(Band.ANSWER, sections=(Section(ENTRY), Section(an_entry("EF-8"))))
    await log.write(number, "Wie weit ist ECCAR?", told, clock())
    (row,) = await rows(database)
    assert row._asdict() == {
        "id": number,
        "text": "wie weit ist eccar?",
        "outcome": "answer",
        "entry": "EF-7",
        "asked_at": MOMENT.replace(minute=0),
    }


def test_nothing_but_that_can_be_kept() -> None:
    assert set(asked_question.c.keys()) == {"id", "text", "outcome", "entry", "asked_at"}


@pytest.mark.parametrize(
    ("told", "outcome"),
    [
        (found(Band.NONE), "none"),
        (found(Band.SUGGEST, suggestions=(ENTRY,)), "suggest"),
        (found(Band.ANSWER, listing=Listing(None, Kind.MEASURE, (), 0, 0)), "listing"),
        (answer("Was gibt es Neues?", SNAPSHOT, TODAY), "news"),
        (answer("Und wann?", SNAPSHOT, TODAY), "unnamed"),
        (answer("What is the state of the plan", SNAPSHOT, TODAY), "english"),
        (answer("Was ist deine Meinung dazu", SNAPSHOT, TODAY), "opinion"),
        (answer("Ist das gut?", SNAPSHOT, TODAY), "opinion"),
    ],
    ids=[
        "nothing",
        "asked back",
        "list",
        "news",
        "pointing at nothing",
        "English",
        "opinion",
        "opinion on the topic",
    ],
)
async def test_every_outcome_is_told_apart(
    database: Database, clock: FakeClock, told: Answer, outcome: str
) -> None:
    log = QuestionLog(database, days=90)
    await log.write(log.draw_id(), "eccar", told, clock())
    assert [(row.outcome, row.entry) for row in await rows(database)] == [(outcome, None)]


def test_every_outcome_fits_its_column() -> None:
    column = asked_question.c.outcome.type
    assert isinstance(column, String)
    assert column.length is not None
    assert all(
        len(outcome) <= column.length for outcome in (*Band, *Aside, LISTING, LACKING, UNNAMED)
    )


@pytest.mark.parametrize(
    ("typed", "aside"),
    [
        ("Wird mein Asylantrag abgelehnt?", Aside.PERSONAL),
        ("Guten Tag", Aside.GREETING),
        ("Vielen Dank", Aside.THANKS),
    ],
)
async def test_personal_cases_greetings_and_thanks_are_not_kept(
    database: Database, clock: FakeClock, typed: str, aside: Aside
) -> None:
    told = answer(typed, SNAPSHOT, TODAY)
    assert told.question.aside is aside
    log = QuestionLog(database, days=90)
    await log.write(log.draw_id(), typed, told, clock())
    assert await rows(database) == []


async def test_a_question_of_which_nothing_is_left_is_not_kept(
    database: Database, clock: FakeClock
) -> None:
    log = QuestionLog(database, days=90)
    await log.write(log.draw_id(), "max@example.org", found(), clock())
    assert await rows(database) == []


async def test_the_hour_is_full_in_every_zone(database: Database) -> None:
    log = QuestionLog(database, days=90)
    moment = datetime(2025, 10, 26, 2, 59, 59, 999999, tzinfo=timezone(timedelta(hours=1)))
    await log.write(log.draw_id(), "eccar", found(), moment)
    (row,) = await rows(database)
    assert row.asked_at == datetime(2025, 10, 26, 1, tzinfo=UTC)


async def test_numbers_fit_behind_a_button_and_do_not_count_up(database: Database) -> None:
    log = QuestionLog(database, days=1)
    drawn = [number for _ in range(50) if (number := log.draw_id()) is not None]
    assert len(set(drawn)) == 50
    assert all(0 <= number < 2**ID_BITS for number in drawn)
    assert drawn != sorted(drawn)


@pytest.mark.parametrize("number", [0, 2**ID_BITS - 1])
async def test_the_smallest_and_the_greatest_number_are_stored(
    database: Database, clock: FakeClock, number: int
) -> None:
    await QuestionLog(database, days=1).write(number, "eccar", found(), clock())
    assert [row.id for row in await rows(database)] == [number]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_sqlite_keeps_no_order_of_questions(database: Database, clock: FakeClock) -> None:
    log = QuestionLog(database, days=1)
    for number in (7, 3, 5):
        await log.write(number, "eccar", found(), clock())
    async with database.reading() as connection:
        places = (await connection.execute(text("SELECT rowid FROM asked_question"))).scalars()
        assert list(places) == [3, 5, 7]


async def test_a_log_that_is_off_keeps_nothing(database: Database, clock: FakeClock) -> None:
    log = QuestionLog(database, days=0)
    assert log.draw_id() is None
    await log.write(log.draw_id(), "eccar", found(), clock())
    assert await rows(database) == []


async def test_what_cannot_be_written_costs_only_the_row(
    database: Database, clock: FakeClock
) -> None:
    log = QuestionLog(database, days=90)
    await log.write(1, "erste", found(), clock())
    await log.write(1, "zweite", found(), clock())
    assert [row.text for row in await rows(database)] == ["erste"]
    async with database.writing() as connection:
        await connection.execute(text("DROP TABLE asked_question"))
    await log.write(2, "dritte", found(), clock())


async def test_questions_are_forgotten_after_the_days_set(
    database: Database, clock: FakeClock
) -> None:
    log = QuestionLog(database, days=90)
    await log.write(1, "alt", found(), clock())
    clock.advance(timedelta(hours=1))
    await log.write(2, "jünger", found(), clock())
    clock.moment = MOMENT.replace(minute=0) + timedelta(days=90, microseconds=-1)
    assert await log.forget_old(clock()) == 0
    clock.advance(timedelta(microseconds=1))
    assert await log.forget_old(clock()) == 1
    assert [row.text for row in await rows(database)] == ["jünger"]


async def test_switching_the_log_off_empties_it(database: Database, clock: FakeClock) -> None:
    log = QuestionLog(database, days=90)
    for number in range(3):
        await log.write(number, "eccar", found(), clock())
    assert await QuestionLog(database, days=0).forget_old(clock()) == 3
    assert await rows(database) == []


async def test_many_questions_at_once_are_all_kept(database: Database, clock: FakeClock) -> None:
    log = QuestionLog(database, days=90)
    await asyncio.gather(*(log.write(n, f"frage {n}", found(), clock()) for n in range(20)))
    assert len(await rows(database)) == 20


async def test_questions_without_an_answer_are_counted_the_most_frequent_first(
    database: Database,
) -> None:
    log = QuestionLog(database, days=90)
    for text_, band in (
        ("Wer heizt?", Band.NONE),
        ("Gibt es Eis?", Band.NONE),
        ("gibt es  eis?", Band.NONE),
        ("Abgleich?", Band.SUGGEST),
        ("Stand?", Band.ANSWER),
        ("Aber?", Band.NONE),
    ):
        await log.write(log.draw_id(), text_, found(band), MOMENT)
    assert await log.unanswered(limit=9) == [("gibt es eis?", 2), ("aber?", 1), ("wer heizt?", 1)]
    assert await log.unanswered(limit=1) == [("gibt es eis?", 2)]


async def test_an_answer_that_lacks_what_was_asked_is_among_those_without(
    database: Database,
) -> None:
    log = QuestionLog(database, days=90)
    asked = "Was kostet der ECCAR-Abgleich?"
    told = answer(asked, SNAPSHOT, TODAY)
    assert told.sections[0].admitted.missing == (Aspect.COST,)
    await log.write(log.draw_id(), asked, told, MOMENT)
    assert [row.entry for row in await rows(database)] == ["EF-7"]
    assert await log.unanswered(limit=9) == [(redacted(asked), 1)]


async def test_what_is_no_question_is_not_listed_and_takes_no_place(database: Database) -> None:
    log = QuestionLog(database, days=90)
    for typed in ("x", "???", "👍", "x 1", "2026", "Lorem ipsum dolor " * 220):
        for _ in range(2):
            await log.write(log.draw_id(), typed, found(), MOMENT)
    await log.write(log.draw_id(), "Wer heizt?", found(), MOMENT)
    assert await log.unanswered(limit=1) == [("wer heizt?", 1)]
