"""Replies that did not arrive: their updates come again, change nothing twice, and get the reply.

Telegram loses the first message of each; `Chat.update` then takes the update up again, as the
inbox does.
"""

from handlers.services import Services
from knowledge.drafts import Draft
from tests.support.chat import EDITOR, Chat, Shown


async def interrupted(chat: Chat, text: str, *, user: int = EDITOR) -> list[Shown]:
    """Write something whose first reply is lost."""
    chat.telegram.failing = 1
    return await chat.tell(text, user=user)


async def the_draft(services: Services) -> Draft:
    draft = await services.drafts.open(EDITOR, EDITOR, now=services.clock())
    assert draft is not None
    return draft


async def test_a_text_goes_into_one_part_of_a_draft(chat: Chat, services: Services) -> None:
    await chat.press(await chat.say("/fakt EF-8"), "Kosten")
    [shown] = await interrupted(chat, "Das Café kostet 5.000 Euro.")
    assert "In welcher Quelle" in shown.text
    form = (await the_draft(services)).content.form
    assert form is not None
    assert form.given["text"] == "Das Café kostet 5.000 Euro."
    assert "sources" not in form.given


async def test_the_last_text_of_a_draft_shows_its_preview_and_is_no_question(chat: Chat) -> None:
    await chat.say("/alias EF-8")
    [shown] = await interrupted(chat, "Plaudercafé")
    assert "neu: Plaudercafé" in shown.text
    assert "Veröffentlichen" in shown.buttons


async def test_a_text_that_comes_again_after_a_newer_one_changes_nothing(
    chat: Chat, services: Services
) -> None:
    await chat.say("/fakt EF-8")
    await chat.say("Kosten")
    earlier = chat.newest
    await chat.say("Das Café kostet 5.000 Euro.")
    before = await the_draft(services)
    [shown] = await chat.update(**earlier)
    assert "In welcher Quelle" in shown.text
    assert await the_draft(services) == before


async def test_a_command_that_comes_again_after_a_newer_text_does_not_begin_anew(
    chat: Chat, services: Services
) -> None:
    await chat.say("/fakt EF-8")
    command = chat.newest
    await chat.say("Kosten")
    before = await the_draft(services)
    [shown] = await chat.update(**command)
    assert "Wie lautet die Angabe?" in shown.text
    assert await the_draft(services) == before


async def test_a_question_from_before_a_draft_is_answered_and_not_put_into_it(
    chat: Chat, services: Services
) -> None:
    await chat.say("Wie weit ist der ECCAR-Abgleich?")
    question = chat.newest
    await chat.press(await chat.say("/fakt EF-8"), "Kosten")
    before = await the_draft(services)
    [shown] = await chat.update(**question)
    assert "Der Abgleich läuft." in shown.text
    assert await the_draft(services) == before


async def test_a_command_does_not_take_its_own_draft_for_another_one(chat: Chat) -> None:
    [shown] = await interrupted(chat, "/status EF-8 umgesetzt")
    assert "Welcher Satz" in shown.text


async def test_that_another_draft_is_given_up_for_it_is_said(
    chat: Chat, services: Services
) -> None:
    await chat.say("/fakt EF-7 Kosten")
    said, shown = await interrupted(chat, "/status EF-8 umgesetzt")
    assert said.text.startswith("Ihr offener Entwurf wurde dafür verworfen:")
    assert "ECCAR-Abgleich" in said.text
    assert "Welcher Satz" in shown.text
    form = (await the_draft(services)).content.form
    assert form is not None
    assert form.do == "set_status"
