"""Telling everybody something."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers.announcing import VALID
from handlers.notices import LONGEST_TEXT
from knowledge.storage.database import Database
from knowledge.storage.tables import outbox
from tests.support.chat import ADMIN, EDITOR, OTHER, Chat
from tests.support.clock import FakeClock

TEXT = "Am 3. März <b>Wartung</b> & mehr.\n\nGruß"


async def queued(database: Database) -> dict[int, tuple[str, object]]:
    async with database.reading() as connection:
        rows = await connection.execute(select(outbox))
        return {row.chat_id: (row.state, row.content) for row in rows}


async def test_what_was_looked_at_goes_to_everybody_and_can_be_held_back(
    chat: Chat, small_database: Database
) -> None:
    count, preview = await chat.tell(f"/rundruf {TEXT}", user=ADMIN)
    assert count.text.startswith("So kommt der Rundruf in 3 Chats an.")
    assert preview.text == f"Mitteilung der Redaktion\n\n{TEXT}"
    assert await queued(small_database) == {}

    published = await chat.press(preview, "Veröffentlichen", user=ADMIN)
    assert published.text.startswith("Der Rundruf ist auf dem Weg zu 3 Chats.")
    waiting = {user: ("waiting", {"text": TEXT}) for user in (ADMIN, EDITOR, OTHER)}
    assert await queued(small_database) == waiting

    await chat.tap(preview.buttons["Veröffentlichen"], user=ADMIN, below=preview)
    assert chat.toast == "Das ist schon so. Es gibt nichts zu ändern."
    assert await queued(small_database) == waiting

    await chat.press(published, "Anhalten", user=ADMIN)
    assert chat.toast == "Angehalten: In 3 Chats kommt er nicht mehr an."
    assert {state for state, _ in (await queued(small_database)).values()} == {"dropped"}
    await chat.press(published, "Anhalten", user=ADMIN)
    assert chat.toast == "Es gibt nichts mehr anzuhalten."


async def test_a_preview_ages(chat: Chat, small_database: Database, clock: FakeClock) -> None:
    preview = await chat.say(f"/rundruf {TEXT}", user=ADMIN)
    clock.advance(VALID + timedelta(seconds=1))
    await chat.press(preview, "Veröffentlichen", user=ADMIN)
    assert "veraltet" in (chat.toast or "")
    assert await queued(small_database) == {}


async def test_only_a_preview_is_published(chat: Chat, small_database: Database) -> None:
    preview = await chat.say(f"/rundruf {TEXT}", user=ADMIN)
    other = await chat.say("Wie ist das Wetter?", user=ADMIN)
    await chat.tap(preview.buttons["Veröffentlichen"], user=ADMIN, below=other)
    assert "veraltet" in (chat.toast or "")
    assert await queued(small_database) == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Schreiben Sie den Text hinter den Befehl"),
        ("x" * (LONGEST_TEXT + 1), "Das ist zu lang: höchstens 3900 Zeichen"),
        ("<" + "x" * LONGEST_TEXT + ">", "Das ist zu lang: höchstens 3900 Zeichen"),
    ],
)
async def test_nothing_and_too_much_are_explained(chat: Chat, text: str, sentence: str) -> None:
    assert (await chat.say(f"/rundruf {text}", user=ADMIN)).text.startswith(sentence)
