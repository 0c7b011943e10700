"""Rating answers with a tap; what the database then holds, and what it does not."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Table, select, text

from knowledge.storage.database import Database
from knowledge.storage.tables import asked_question, feedback
from tests.e2e.stage import COUNCILLOR, GROUP, STAFF, Json, Stage

pytestmark = pytest.mark.e2e

ASKED = "Wie weit ist der ECCAR-Abgleich?"
NOTED = "Danke, notiert. Noch einmal tippen nimmt es zurück."


def stored(stage: Stage, table: Table) -> list[dict[str, Any]]:
    """All rows of a table. The bot has written them when it reacts to the next update."""

    async def read() -> list[dict[str, Any]]:
        database = Database(stage.database_url)
        async with database.reading() as connection:
            found = [dict(row) for row in (await connection.execute(select(table))).mappings()]
        await database.close()
        return found

    return asyncio.run(read())


def execute(stage: Stage, statement: str) -> None:
    async def run() -> None:
        database = Database(stage.database_url)
        async with database.writing() as connection:
            await connection.execute(text(statement))
        await database.close()

    asyncio.run(run())


def tap(stage: Stage, message: Json, label: str, *, user: int = COUNCILLOR) -> str:
    """Tap a button of a message as it is now and return the toast."""
    toast: str = stage.press(shown(stage, message), label, user=user)["answer"]["text"]
    return toast


def shown(stage: Stage, message: Json) -> Json:
    return next(
        m for m in stage.messages(message["chat_id"]) if m["message_id"] == message["message_id"]
    )


def labels(stage: Stage, message: Json) -> list[str]:
    """The last row of buttons below a message."""
    return [button["text"] for button in shown(stage, message)["buttons"][-1]]


def test_an_answer_is_rated_and_the_rating_taken_back_or_changed(stage: Stage) -> None:
    with stage.bot():
        reply = stage.ask(ASKED)
        before = shown(stage, reply)
        assert labels(stage, reply) == ["Hilfreich", "Nicht hilfreich"]
        assert tap(stage, reply, "Hilfreich") == NOTED
        assert labels(stage, reply) == ["✓ Hilfreich", "Nicht hilfreich"]
        (question,) = stored(stage, asked_question)
        (rating,) = stored(stage, feedback)
        assert (question["text"], question["outcome"]) == (ASKED.lower(), "answer")
        assert question["asked_at"].minute == question["asked_at"].second == 0
        assert rating["helpful"]
        assert rating["entry"] == question["entry"]
        assert rating["question_id"] == question["id"]

        # Neither table leads back to the person.
        kept = {str(value) for row in (question, rating) for value in row.values()}
        ids = {COUNCILLOR, reply["chat_id"], reply["message_id"], reply["message_id"] - 1}
        assert not kept & {str(number) for number in ids}

        assert tap(stage, reply, "Hilfreich") == "Zurückgenommen."
        assert stored(stage, feedback) == []
        assert shown(stage, reply)["buttons"] == before["buttons"]
        assert tap(stage, reply, "Nicht hilfreich") == NOTED
        assert labels(stage, reply) == ["Hilfreich", "✓ Nicht hilfreich"]
        assert tap(stage, reply, "Hilfreich") == (
            "Geändert: Hilfreich. Noch einmal tippen nimmt es zurück."
        )
        assert labels(stage, reply) == ["✓ Hilfreich", "Nicht hilfreich"]
        assert [row["helpful"] for row in stored(stage, feedback)] == [True]
        after = shown(stage, reply)
        assert (after["text"], after["buttons"][:-1]) == (before["text"], before["buttons"][:-1])


def test_in_a_group_each_person_rates_and_nobody_sees_it(stage: Stage) -> None:
    with stage.bot():
        reply = stage.ask(f"/frage@massnahmenbot {ASKED}", chat=GROUP)
        assert tap(stage, reply, "Hilfreich") == NOTED
        assert tap(stage, reply, "Nicht hilfreich", user=STAFF) == NOTED
        assert labels(stage, reply) == ["Hilfreich", "Nicht hilfreich"]
        assert sorted(row["helpful"] for row in stored(stage, feedback)) == [False, True]
        assert tap(stage, reply, "Nicht hilfreich", user=STAFF) == "Zurückgenommen."
        assert [row["helpful"] for row in stored(stage, feedback)] == [True]
        assert not any(call["method"].startswith("edit") for call in stage.calls())


def test_typed_questions_and_examples_are_logged_and_nothing_else(stage: Stage) -> None:
    with stage.bot():
        greeting = stage.ask("/start")
        stage.press_for(greeting, "Maßnahmenplan")
        about = stage.press_for(stage.ask("eccar abgleich schon gemacht?"), "Hängt ab von")
        stage.ask("Welche Maßnahmen sind überfällig?")
        stage.ask("Gibt es Freibier auf dem Marktplatz? max@example.org, 0361 655-1234")
        stage.ask("Wird mein Asylantrag abgelehnt?")
        stage.ask("Vielen Dank")
        assert tap(stage, about, "Nicht hilfreich") == NOTED
        logged = {row["text"]: row["outcome"] for row in stored(stage, asked_question)}
        assert logged == {
            "wie weit ist der massnahmenplan?": "answer",
            "eccar abgleich schon gemacht?": "answer",
            "welche massnahmen sind überfällig?": "listing",
            "gibt es freibier auf dem marktplatz?": "none",
        }
        (rating,) = stored(stage, feedback)
        assert (rating["question_id"], rating["helpful"]) == (None, False)


def test_without_the_log_nothing_is_logged_and_answers_can_be_rated(stage: Stage) -> None:
    with stage.bot(QUESTION_LOG_DAYS="0"):
        reply = stage.ask(ASKED)
        assert tap(stage, reply, "Hilfreich") == NOTED
        assert stored(stage, asked_question) == []
        assert [row["question_id"] for row in stored(stage, feedback)] == [None]


def test_a_rating_can_be_taken_back_after_a_restart(stage: Stage) -> None:
    with stage.bot():
        reply = stage.ask(ASKED)
        tap(stage, reply, "Hilfreich")
    with stage.bot():
        assert tap(stage, reply, "Hilfreich") == "Zurückgenommen."
    assert stored(stage, feedback) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_forged_ratings_are_refused_with_a_sentence(stage: Stage) -> None:
    with stage.bot():
        reply = stage.ask(ASKED)
        path = f"chats/{reply['chat_id']}/messages/{reply['message_id']}/press"
        for data in ("1:f:GIBTS-NICHT:1+", "1:f:EF-7:x", f"1:f:EF-7:{2**63}+", "1:f:EF-7"):
            pressed = stage.sim(
                "POST", path, user_id=COUNCILLOR, callback_data=data, timeout=10, forged=True
            )
            assert "veraltet" in pressed["answer"]["text"]
        assert stored(stage, feedback) == []


def test_a_rating_outlives_a_check_mark_that_telegram_does_not_take(stage: Stage) -> None:
    with stage.bot():
        reply = stage.ask(ASKED)
        stage.sim("POST", "faults", method="editMessageReplyMarkup", error_code=429, retry_after=1)
        assert tap(stage, reply, "Hilfreich") == NOTED
        assert labels(stage, reply) == ["Hilfreich", "Nicht hilfreich"]
        assert [row["helpful"] for row in stored(stage, feedback)] == [True]
        assert tap(stage, reply, "Nicht hilfreich").startswith("Geändert: Nicht hilfreich.")
        assert labels(stage, reply) == ["Hilfreich", "✓ Nicht hilfreich"]


def test_where_nothing_can_be_stored_questions_are_answered_and_taps_get_a_sentence(
    stage: Stage,
) -> None:
    with stage.bot() as bot:
        for table in (asked_question, feedback):
            execute(stage, f"DROP TABLE {table.name}")
        reply = stage.ask(ASKED)
        assert "noch nicht durchgeführt" in reply["text"]
        since = stage.last_event()
        assert tap(stage, reply, "Hilfreich") == ""
        (sentence,) = stage.wait(since=since, chat=COUNCILLOR)
        assert "schiefgegangen" in sentence["text"]
        bot.stop()
        assert "handler failed" in bot.output
        assert "ECCAR-Abgleich" not in bot.output
