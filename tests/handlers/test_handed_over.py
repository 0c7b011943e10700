"""The inbox of questions: from handing over to being told."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers.handed_over import open_questions_page
from handlers.messages import plain
from handlers.pages import PAGE
from handlers.services import Services
from knowledge.answering.ellipsis import Topic
from knowledge.inquiries.handed_over import HandedOver
from knowledge.inquiries.question_groups import grouped
from knowledge.storage.database import Database
from knowledge.storage.tables import outbox
from tests.support.chat import EDITOR, OTHER, READER, Chat, Shown
from tests.support.clock import MOMENT

QUESTION = "Wann öffnet das\nWillkommenszentrum <&>?"


@pytest.fixture
async def asked(services: Services) -> list[int]:
    """Two questions that ask the same, the second one awaited, and another one."""
    numbers = []
    for place, text in enumerate((QUESTION, "willkommenszentrum: wann öffnet es", "Wer heizt?")):
        moment = services.clock() + timedelta(minutes=place)
        number = await services.handed_over.add(READER, place, text, moment)
        assert number is not None
        numbers.append(number)
    await services.handed_over.decide(numbers[1], READER, awaited=True)
    return numbers


async def notices(database: Database) -> list[tuple[int, object]]:
    async with database.reading() as connection:
        rows = await connection.execute(select(outbox.c.chat_id, outbox.c.content))
        return [(row.chat_id, row.content) for row in rows]


async def open_texts(services: Services) -> list[str]:
    return [question.text for question in await services.handed_over.open()]


async def group(chat: Chat) -> Shown:
    """The page of the two questions that ask the same."""
    inbox = await chat.say("/fragen")
    assert inbox.text == (
        "Offene Fragen\n3 Fragen warten auf eine Antwort; gleiche sind zusammengefasst, "
        "das sind 2. Tippen Sie auf eine."
    )
    return await chat.press(inbox, "2× Wann öffnet das Willkommenszentrum")


async def test_what_one_chat_asked_twice_is_not_said_to_be_awaited_by_two(
    chat: Chat, services: Services, asked: list[int]
) -> None:
    await services.handed_over.decide(asked[0], READER, awaited=True)
    page = await group(chat)
    assert page.text.endswith("\n\nZu 2 dieser Fragen möchte jemand Bescheid wissen.")
    await chat.press(page, "Beantworten")
    begun = chat.telegram.shown[page.number].text
    assert "bekommen alle einmal Bescheid, die darum gebeten haben." in begun


async def test_an_answer_becomes_a_fact_and_whoever_wants_to_know_is_told_once(
    chat: Chat, services: Services, small_database: Database, asked: list[int]
) -> None:
    page = await group(chat)
    assert page.text == (
        "2-mal gefragt\n– Wann öffnet das Willkommenszentrum <&>?\n"
        "– willkommenszentrum: wann öffnet es\n\nEine Person möchte Bescheid wissen."
    )
    shown = await chat.press(page, "Beantworten")
    assert "Um welchen Eintrag geht es?" in shown.text
    assert "bekommt eine Person einmal Bescheid" in chat.telegram.shown[page.number].text
    shown = await chat.say("EF-8")
    shown = await chat.press(shown, "Termin")
    for text in ("Es öffnet im Mai.", "DS 1/26"):
        shown = await chat.say(text)
    shown = await chat.press(shown, "Heute")
    shown = await chat.press(shown, "amtlich")
    # A correction, too, leaves it an answer.
    shown = await chat.press(shown, "Korrigieren")
    shown = await chat.press(shown, "Text")
    shown = await chat.say("Es öffnet im Juni.")
    assert await notices(small_database) == []
    await chat.press(shown, "Veröffentlichen")

    assert await open_texts(services) == ["Wer heizt?"]
    assert await notices(small_database) == [
        (READER, {"question": "willkommenszentrum: wann öffnet es", "entry": "EF-8"})
    ]


@pytest.mark.parametrize(
    "before",
    ["/frage ", "@massnahmenbot ", "/frage @massnahmenbot ", "/frage@massnahmenbot "],
)
async def test_a_question_is_kept_without_how_it_was_addressed(
    chat: Chat, services: Services, before: str
) -> None:
    shown = await chat.say(f"{before}Gibt es Reitkurse im Zoo?", user=READER)
    assert "Gelesen als" not in shown.text
    await chat.press(shown, "An die Redaktion", user=READER)
    assert await open_texts(services) == ["Gibt es Reitkurse im Zoo?"]


async def test_what_an_answer_lacks_is_handed_over_too(chat: Chat, services: Services) -> None:
    shown = await chat.say("Was kostet der ECCAR-Abgleich?", user=READER)
    assert "Zu den Kosten ist in den vorliegenden Quellen nichts belegt." in shown.text
    await chat.press(shown, "An die Redaktion", user=READER)
    assert await open_texts(services) == ["Was kostet der ECCAR-Abgleich?"]


@pytest.mark.parametrize("kept", [False, True])
async def test_an_example_is_handed_over_instead_of_the_greeting_below_which_it_stands(
    chat: Chat, logged: Chat, services: Services, *, kept: bool
) -> None:
    talking = logged if kept else chat
    greeting = await talking.say("/start", user=READER)
    for label in ("Wer ist für das Integrations", "Wann wurde das Landes"):
        shown = await talking.press(greeting, label, user=READER)
        await talking.press(shown, "An die Redaktion", user=READER)
    assert sorted(await open_texts(services)) == [
        "Wann wurde das Landeskonzept beschlossen?",
        "Wer ist für das Integrationskonzept zuständig?",
    ]


async def test_what_was_completed_is_handed_over_whole(logged: Chat, services: Services) -> None:
    await logged.say("Was kostet EF-8?", user=READER)
    shown = await logged.say("und der ECCAR-Abgleich?", user=READER)
    assert "Zu den Kosten ist in den vorliegenden Quellen nichts belegt." in shown.text
    await logged.press(shown, "An die Redaktion", user=READER)
    assert await open_texts(services) == ["was kostet eccar-abgleich?"]


async def test_what_was_completed_and_is_in_no_log_any_more_is_lost(
    logged: Chat, services: Services
) -> None:
    await logged.say("Was kostet EF-8?", user=READER)
    shown = await logged.say("und der ECCAR-Abgleich?", user=READER)
    await logged.services.question_log.forget_old(services.clock() + timedelta(days=3))
    shown = await logged.press(shown, "An die Redaktion", user=READER)
    assert "noch einmal" in shown.text
    assert await open_texts(services) == []


async def test_where_questions_are_not_kept_the_last_one_is_neither(
    chat: Chat, services: Services
) -> None:
    await chat.say("Was kostet EF-8?", user=READER)
    assert await services.topics.recall(READER, services.clock()) == Topic("EF-8")
    shown = await chat.say("und der ECCAR-Abgleich?", user=READER)
    assert "Gelesen als" not in shown.text


async def test_an_answer_that_lacks_nothing_is_not_handed_over(chat: Chat) -> None:
    shown = await chat.say("Wie weit ist der ECCAR-Abgleich?", user=READER)
    assert "An die Redaktion geben" not in shown.buttons


async def test_below_the_answer_of_a_button_there_is_no_question_to_hand_over(chat: Chat) -> None:
    (shown,) = await chat.tap("1:a:EF-7:cost", user=READER)
    assert "Zu den Kosten ist in den vorliegenden Quellen nichts belegt." in shown.text
    assert "An die Redaktion geben" not in shown.buttons


async def test_in_a_group_its_admins_decide_whether_it_is_told(
    chat: Chat, services: Services
) -> None:
    shown = await chat.say("/frage Gibt es Reitkurse im Zoo?", user=READER, chat=-5)
    shown = await chat.press(shown, "An die Redaktion", user=READER)
    await chat.press(shown, "Ja", user=READER)
    assert (chat.toast or "").startswith("Das entscheidet hier nur")
    assert [question.awaited for question in await services.handed_over.open()] == [False]
    chat.telegram.admins.add(READER)
    await chat.press(shown, "Ja", user=READER)
    assert [question.awaited for question in await services.handed_over.open()] == [True]


async def test_many_long_wordings_fit_into_one_message_and_none_is_kept_back_silently(
    chat: Chat, services: Services
) -> None:
    for place in range(12):
        text = " ".join(["Reitkurse"] * (30 + place) + ["Zoo?"])
        await services.handed_over.add(READER, place, text + "!" * place, services.clock())
    inbox = await chat.say("/fragen")
    page = await chat.press(inbox, "12× ")
    assert page.number == inbox.number
    assert page.text.count("Reitkurse…") == 10
    assert "– und noch 2 Wortlaute" in page.text


async def test_what_exists_already_gets_the_wording_as_an_alias(
    chat: Chat, services: Services, small_database: Database, asked: list[int]
) -> None:
    shown = await chat.press(await group(chat), "Steht schon da")
    assert "Um welchen Eintrag geht es?" in shown.text
    shown = await chat.say("sprachcafé")
    assert (
        "Die Antwort bekommt 1 Chat, der danach gefragt hat.\n"
        "Sonst erfährt davon niemand: Kein Abo umfasst das."
    ) in shown.text
    await chat.press(shown, "Veröffentlichen")
    (alias,) = services.snapshot.entries["EF-8"].aliases
    assert alias == "Wann öffnet das Willkommenszentrum <&>?"
    assert await open_texts(services) == ["Wer heizt?"]
    assert [chat_id for chat_id, _ in await notices(small_database)] == [READER]


async def test_near_entries_are_offered_by_buttons(chat: Chat, services: Services) -> None:
    await services.handed_over.add(READER, 1, "Wie läuft das Sprachcafe", services.clock())
    page = await chat.press(await chat.say("/fragen"), "Wie läuft")
    shown = await chat.press(page, "Steht schon da")
    shown = await chat.press(shown, "Sprachcafé")
    assert "Veröffentlichen" in shown.buttons


async def test_a_discarded_draft_leaves_the_question_open(
    chat: Chat, services: Services, small_database: Database, asked: list[int]
) -> None:
    shown = await chat.press(await group(chat), "Beantworten")
    await chat.press(shown, "Verwerfen")
    # Nor does another draft that takes its place settle it.
    await chat.press(await group(chat), "Beantworten")
    shown = await chat.say("/alias EF-8 Plauderstube")
    await chat.press(shown, "Veröffentlichen")
    assert len(await open_texts(services)) == 3
    assert await notices(small_database) == []


async def test_dismissing_is_asked_back_and_tells_nobody(
    chat: Chat, services: Services, small_database: Database, asked: list[int]
) -> None:
    page = await group(chat)
    asked_back = await chat.press(page, "Verwerfen")
    assert "wie sie 2-mal gestellt wurde? Sie wird gelöscht" in asked_back.text
    page = await chat.press(asked_back, "‹ Zurück")
    inbox = await chat.press(await chat.press(page, "Verwerfen"), "Ja")
    assert chat.toast == "2 Fragen sind verworfen."
    assert "Eine Frage wartet auf eine Antwort." in inbox.text
    assert await open_texts(services) == ["Wer heizt?"]
    assert await notices(small_database) == []


@pytest.mark.parametrize("label", ["Beantworten", "Steht schon da", "Verwerfen"])
async def test_what_another_editor_settled_is_said_to_be_settled(
    chat: Chat, services: Services, asked: list[int], label: str
) -> None:
    page = await group(chat)
    other = await chat.say("/fragen", user=OTHER)
    other = await chat.press(other, "2×", user=OTHER)
    await chat.press(await chat.press(other, "Verwerfen", user=OTHER), "Ja", user=OTHER)
    shown = await chat.press(page, label)
    assert chat.toast == "Diese Frage ist inzwischen erledigt."
    assert shown.text.startswith("Offene Fragen")
    assert await services.drafts.open(EDITOR, EDITOR, now=services.clock()) is None


async def test_an_empty_inbox_says_so(chat: Chat) -> None:
    inbox = await chat.say("/fragen")
    assert inbox.text == "Offene Fragen\nKeine Frage wartet auf eine Antwort."
    assert inbox.buttons == {}


def test_many_questions_have_pages_and_the_log_stands_on_the_last() -> None:
    questions = [
        HandedOver(number, f"Frage zu {chr(65 + number)}{number}?", MOMENT + timedelta(number))
        for number in range(PAGE + 1)
    ]
    unanswered = [("wo ist & <b>", 3), ("frage zu a0?", 2), ("wer?", 1)]
    first, second, beyond = (
        open_questions_page(grouped(questions), number, unanswered) for number in (0, 1, 7)
    )
    assert len(first.buttons) == PAGE + 1
    assert "ohne Antwort geblieben" not in first.markup
    assert second == beyond
    assert [b.text for row in second.buttons for b in row] == ["Frage zu I8?", "‹ Vorige"]
    assert "– 3× wo ist & <b>\n– wer?" in plain(second.markup)
