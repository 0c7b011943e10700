"""What is kept about a chat is told, shown and deleted, by whoever it belongs to."""

from datetime import timedelta

import pytest

from handlers.buttons import VERSION, Action
from handlers.messages import PHRASES
from handlers.services import Services
from knowledge.editing import drafts, uploads
from knowledge.inquiries.handed_over import UNDECIDED
from knowledge.notification.outbox import REMEMBERED
from knowledge.people import Role
from knowledge.storage.tables import METADATA
from tests.support.chat import ADMIN, EDITOR, OTHER, READER, Chat


def test_every_table_that_belongs_to_a_chat_has_a_german_name() -> None:
    owned = {
        table.name
        for table in METADATA.sorted_tables
        if {"chat_id", "user_id", "invited_by"} & set(table.columns.keys())
    }
    assert owned == PHRASES["table"].keys()


async def test_what_is_kept_is_explained_with_the_days_of_the_log(chat: Chat) -> None:
    shown = await chat.say("/datenschutz", user=READER)
    assert "Der Wortlaut Ihrer Fragen wird nicht aufbewahrt." in shown.text
    assert "/loeschmich löscht es sofort" in shown.text


async def test_the_chat_of_a_question_is_said_to_be_kept_a_day_where_nobody_decides(
    chat: Chat,
) -> None:
    shown = await chat.say("/datenschutz", user=READER)
    assert timedelta(days=1) == UNDECIDED
    assert (
        "Ihr Chat nur, wenn Sie Bescheid wissen möchten, und einen Tag lang, solange Sie sich "
        "nicht entscheiden."
    ) in shown.text


async def test_how_long_notices_drafts_and_files_are_kept_is_explained(chat: Chat) -> None:
    shown = (await chat.say("/datenschutz", user=READER)).text
    assert f"gemeldet hat, bleibt {REMEMBERED.days} Tage lang gespeichert" in shown
    assert timedelta(days=8) == drafts.VALID + drafts.MISSED
    assert "Ein Entwurf bleibt, bis er veröffentlicht oder verworfen ist, längstens acht" in shown
    assert timedelta(days=1) == uploads.VALID
    assert "längstens einen Tag nach der letzten Entscheidung" in shown


async def test_a_chat_of_which_nothing_is_kept_is_told_so(chat: Chat) -> None:
    shown = await chat.say("/meinedaten", user=READER)
    assert shown.text == "Über diesen Chat ist nichts gespeichert."
    assert chat.telegram.sent == []


async def test_what_is_kept_comes_as_a_file_and_goes_after_a_second_tap(
    chat: Chat, services: Services
) -> None:
    await chat.say("/abo EF-7", user=READER)
    (shown,) = await chat.tell("/meinedaten", user=READER)
    assert "gespeichert ist: Abos." in shown.text
    assert [name for name, _ in chat.telegram.sent] == ["meine-daten.json"]
    asked = await chat.say("/loeschmich", user=READER)
    assert "Das lässt sich nicht rückgängig machen." in asked.text
    assert len(await services.subscriptions.of_chat(READER)) == 1
    done = await chat.press(asked, "Ja, alles löschen", user=READER)
    assert done.text == "Gelöscht: Über diesen Chat ist nichts mehr gespeichert."
    assert await services.personal_data.export(READER) == {}


@pytest.mark.parametrize("words", ["/loeschmich", "/meinedaten"])
async def test_in_a_group_its_admins_decide(chat: Chat, words: str) -> None:
    assert (await chat.say(words, user=READER, chat=-5)).text.startswith("Das entscheidet")


async def test_a_role_stays_and_that_is_said(chat: Chat, services: Services) -> None:
    asked = await chat.say("/loeschmich")
    assert "Offene Entwürfe und Importe werden verworfen" in asked.text
    done = await chat.press(asked, "Ja, alles löschen")
    assert "nichts mehr gespeichert" not in done.text
    assert "Ihre Rolle (Redaktion) bleibt. Mit /rolle geben Sie sie ab." in done.text
    assert await services.people.member(EDITOR) is not None


async def test_what_is_shown_and_deleted_is_only_ones_own(chat: Chat, services: Services) -> None:
    await chat.say("/abo EF-7", user=READER)
    # Whatever stands behind the commands and in the button, it is about the chat it comes from.
    for words in (f"/meinedaten {READER}", f"/meinedaten@massnahmenbot {READER}"):
        assert "Abos" not in (await chat.tell(words, user=OTHER))[-2:][0].text
    await chat.tap(f"{VERSION}:{Action.FORGET}:{READER}:{READER}", user=OTHER)
    assert len(await services.subscriptions.of_chat(READER)) == 1


async def test_the_last_admin_can_delete_and_stays_admin(chat: Chat, services: Services) -> None:
    await services.people.invite(Role.EDITOR, "neu", by=ADMIN, now=services.clock())
    asked = await chat.say("/loeschmich", user=ADMIN)
    done = await chat.press(asked, "Ja, alles löschen", user=ADMIN)
    assert "Ihre Rolle" in done.text
    assert await services.people.role(ADMIN) is Role.ADMIN
    assert await services.people.invitations(services.clock()) == []
