"""What is taken for a question: texts, and what stands below pictures and files."""

import pytest

from handlers.services import Services
from tests.support.chat import EDITOR, READER, Chat, Person

QUESTION = "Wie weit ist der ECCAR-Abgleich?"
GROUP = -5


async def test_what_stands_below_a_picture_is_a_question(chat: Chat) -> None:
    (shown,) = await chat.show_picture(QUESTION, user=READER)
    assert "Der Abgleich läuft." in shown.text


async def test_what_stands_below_a_file_is_a_question_of_whoever_imports_nothing(
    chat: Chat,
) -> None:
    reader = Person(chat, READER)
    assert "Der Abgleich läuft." in await reader.send_file("brief.pdf", b"%PDF", QUESTION)


async def test_the_command_is_read_below_a_file_too(chat: Chat) -> None:
    reader = Person(chat, READER)
    answer = await reader.send_file("brief.pdf", b"%PDF", f"/frage {QUESTION}")
    assert "Der Abgleich läuft." in answer


async def test_the_command_below_a_picture_asks_while_a_draft_waits(chat: Chat) -> None:
    await chat.say("/fakt EF-8 Kosten")
    shown = (await chat.show_picture(f"/frage {QUESTION}"))[-1]
    assert "Der Abgleich läuft." in shown.text


async def test_below_the_file_of_an_editor_it_is_none(chat: Chat) -> None:
    editor = Person(chat, EDITOR)
    assert "Der Abgleich läuft." not in await editor.send_file("brief.pdf", b"%PDF", QUESTION)


async def test_below_the_file_of_an_editor_the_command_is_read(
    chat: Chat, services: Services
) -> None:
    editor = Person(chat, EDITOR)
    shown = await editor.send_file("plan.csv", b"Titel\nKurse\n", f"/frage {QUESTION}")
    assert "Der Abgleich läuft." in shown
    shown = await editor.send_file("plan.csv", b"Titel\nKurse\n", "/status EF-8 umgesetzt")
    assert shown.startswith("Ich lese nur Text.")
    assert await services.uploads.open(EDITOR, now=services.clock()) is None


@pytest.mark.parametrize("caption", ["", "/abo EF-7"])
async def test_a_picture_without_a_question_is_not_read(chat: Chat, caption: str) -> None:
    (shown,) = await chat.show_picture(caption, user=READER)
    assert shown.text.startswith("Ich lese nur Text.")


@pytest.mark.parametrize("command", ["/frage", "/frage@massnahmenbot", "/Frage@MassnahmenBot"])
@pytest.mark.parametrize("place", [0, GROUP])
async def test_the_command_is_read_below_a_picture_too(
    chat: Chat, command: str, place: int
) -> None:
    (shown,) = await chat.show_picture(f"{command} {QUESTION}", user=READER, chat=place)
    assert "Der Abgleich läuft." in shown.text


@pytest.mark.parametrize(
    "caption", [QUESTION, f"/frage@anderer {QUESTION}", f"/fragen {QUESTION}"]
)
async def test_in_a_group_a_picture_for_others_gets_no_answer(chat: Chat, caption: str) -> None:
    assert await chat.show_picture(caption, user=READER, chat=GROUP) == []


async def test_in_a_group_a_mention_below_a_picture_counts(chat: Chat) -> None:
    caption = f"@massnahmenbot {QUESTION}"
    (shown,) = await chat.show_picture(caption, user=READER, chat=GROUP, mentions="@massnahmenbot")
    assert "Der Abgleich läuft." in shown.text


async def test_a_question_below_a_picture_is_handed_over_as_it_stands(
    chat: Chat, services: Services
) -> None:
    (shown,) = await chat.show_picture("Gibt es Reitkurse im Zoo?", user=READER)
    await chat.press(shown, "An die Redaktion", user=READER)
    assert [q.text for q in await services.handed_over.open()] == ["Gibt es Reitkurse im Zoo?"]


async def test_what_an_open_draft_waits_for_may_stand_below_a_picture(chat: Chat) -> None:
    await chat.say("/fakt EF-8 Kosten")
    shown = (await chat.show_picture("Es kostet 5 Euro."))[-1]
    assert "In welcher Quelle steht das?" in shown.text


@pytest.mark.parametrize("role", [READER, EDITOR])
async def test_a_command_with_umlauts_is_spelt_as_telegram_can_have_it(
    chat: Chat, role: int
) -> None:
    shown = await chat.say("/zurückziehen EF-8", user=role)
    assert "/zurueckziehen EF-8" in shown.text


async def test_a_command_with_umlauts_does_not_become_an_answer_in_a_draft(chat: Chat) -> None:
    await chat.say("/fakt EF-8 Kosten")
    shown = await chat.say("/zuständig EF-7 Amt 50")
    assert "/zustaendig EF-7 Amt 50" in shown.text
    preview = await chat.say("Das kostet 5 Euro.")
    assert "Amt 50" not in preview.text


async def test_what_only_begins_like_a_command_is_none(chat: Chat) -> None:
    shown = await chat.say("/ Stand")
    assert shown.text.startswith("Diesen Befehl kenne ich nicht.")


@pytest.mark.parametrize(
    ("typed", "role", "says"),
    [
        ("/stauts EF-7 umgesetzt", EDITOR, "Meinten Sie /status (Stand ändern"),
        ("/löschen EF-8", EDITOR, "Diesen Befehl kenne ich nicht."),
        ("/zurükziehen EF-8", EDITOR, "Meinten Sie /zurueckziehen (Einen Eintrag zurückziehen)"),
        ("/termin", READER, "Meinten Sie /termine ("),
        ("/xyz", READER, "Diesen Befehl kenne ich nicht. /hilfe zeigt"),
    ],
)
async def test_an_unknown_command_is_said_to_be_and_one_like_it_offered(
    chat: Chat, typed: str, role: int, says: str
) -> None:
    shown = await chat.say(typed, user=role)
    assert says in shown.text
    assert "Bitte senden Sie ihn so" not in shown.text


async def test_readers_are_offered_no_commands_of_editors(chat: Chat) -> None:
    assert "/zurueckziehen" not in (await chat.say("/zurueckzihen", user=READER)).text
