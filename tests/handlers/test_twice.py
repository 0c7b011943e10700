"""Replies that are lost: their updates come again, change nothing twice, and get the reply."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from handlers.services import Services
from knowledge.editing.drafts import Draft
from knowledge.editing.edits import Form
from knowledge.notification.interests import ALL_INTERESTS, Interest
from knowledge.notification.notices import NoticeState
from knowledge.people import Role
from tests.support.chat import ADMIN, EDITOR, OTHER, READER, Chat, Shown


@dataclass(frozen=True)
class Case:
    """Something that is done while the first message of the reply is lost.

    Attributes:
        name: What it is, for the test's name.
        user: Who does it.
        before: What they write and tap before; a tap by the beginning of the button's label.
        act: What they write or tap then.
        says: What stands in the reply.
        offers: The beginnings of the labels below it.
        look: What to look at afterwards.
        state: How it is, as after a single attempt.
    """

    name: str
    user: int
    before: tuple[str, ...]
    act: str
    says: str
    offers: tuple[str, ...]
    look: Callable[[Services], Awaitable[object]]
    state: object


async def the_draft(services: Services) -> Draft:
    draft = await services.drafts.open(EDITOR, EDITOR, now=services.clock())
    assert draft is not None
    return draft


async def the_form(services: Services) -> Form | None:
    return (await the_draft(services)).content.form


async def the_edits(services: Services) -> list[str]:
    return [edit.do for edit in (await the_draft(services)).content.edits]


async def invitations(services: Services) -> list[str]:
    return [i.label for i in await services.people.invitations(services.clock())]


async def interests(services: Services) -> object:
    (one,) = await services.subscriptions.of_chat(READER)
    return one.interests


async def subscribed(services: Services) -> list[str | None]:
    return [one.target.entry for one in await services.subscriptions.of_chat(READER)]


async def told(services: Services) -> int:
    """How many chats an announcement is on its way to."""
    return (await services.outbox.counts())[NoticeState.WAITING]


async def handed_over(services: Services) -> list[str]:
    return [question.text for question in await services.handed_over.open()]


async def revisions(services: Services) -> list[int | None]:
    return [revision.undoes for revision in await services.store.log(limit=9)]


SOURCE = ("DS 1/25", "Heute", "amtlich")
QUESTION = "Wie hoch ist der Eiffelturm in Metern?"
CASES = [
    Case(
        "a text for a draft",
        EDITOR,
        ("/fakt EF-8", "Kosten"),
        "Es kostet 5 Euro.",
        "In welcher Quelle steht das?",
        ("Verwerfen",),
        the_form,
        Form(
            do="add_fact",
            given={
                "entry": "EF-8",
                "aspect": "cost",
                "text": "Es kostet 5 Euro.",
                "known": True,
            },
        ),
    ),
    Case(
        "the last text for a draft",
        EDITOR,
        ("/alias EF-8",),
        "Plaudercafé",
        "neu: Plaudercafé",
        ("Veröffentlichen",),
        the_edits,
        ["add_alias"],
    ),
    Case(
        "a command that begins a draft",
        EDITOR,
        (),
        "/status EF-8 umgesetzt",
        "Stand: Sprachcafé (EF-8)\n\nWelcher Satz",
        ("Vorschlag",),
        the_form,
        Form(do="set_status", given={"entry": "EF-8", "phase": "done"}),
    ),
    Case(
        "a tap that begins a draft",
        EDITOR,
        ("/bearbeiten EF-8",),
        "Stand",
        "Stand: Sprachcafé (EF-8)\n\nWie ist der Stand?",
        ("umgesetzt",),
        the_form,
        Form(do="set_status", given={"entry": "EF-8"}),
    ),
    Case(
        "a tap that answers a draft",
        EDITOR,
        ("/fakt EF-8",),
        "Kosten",
        "Wie lautet die Angabe?",
        ("Unbekannt",),
        the_form,
        Form(do="add_fact", given={"entry": "EF-8", "aspect": "cost"}),
    ),
    Case(
        "an invitation",
        ADMIN,
        (),
        "/einladen editor Amt 50",
        "https://t.me/massnahmenbot?start=",
        ("Zurückziehen",),
        invitations,
        ["Amt 50"],
    ),
    Case(
        "switching an interest off",
        READER,
        ("/abo EF-8", "Was ich melde"),
        "✓ Neuer Stand",
        "Was soll ich melden?",
        ("Neuer Stand",),
        interests,
        ALL_INTERESTS - {Interest.STATUS},
    ),
    Case(
        "switching an interest on",
        READER,
        ("/abo EF-8", "Was ich melde", "✓ Neuer Stand"),
        "Neuer Stand",
        "Was soll ich melden?",
        ("✓ Neuer Stand",),
        interests,
        ALL_INTERESTS,
    ),
    Case(
        "ending a subscription",
        READER,
        ("/abo EF-7", "/abo EF-8", "/abos"),
        "1 beenden",
        "1. Sprachcafé (EF-8)",
        ("1 ändern", "1 beenden"),
        subscribed,
        ["EF-8"],
    ),
    Case(
        "ending all subscriptions",
        READER,
        ("/abo EF-7", "/abo EF-8", "/abos", "Alle beenden"),
        "Ja, alle beenden",
        "Alle Abos sind beendet.",
        (),
        subscribed,
        [],
    ),
    Case(
        "handing a question over",
        READER,
        (QUESTION,),
        "An die Redaktion",
        "Soll ich hier Bescheid sagen, wenn es eine Antwort gibt?",
        ("Ja", "Nein"),
        handed_over,
        [QUESTION],
    ),
    Case(
        "an announcement",
        ADMIN,
        ("/rundruf Am 3. März ist Pause.",),
        "Veröffentlichen",
        "Der Rundruf ist auf dem Weg zu 3 Chats.",
        ("Anhalten",),
        told,
        3,
    ),
    Case(
        "taking a revision back",
        EDITOR,
        ("/alias EF-8: Plaudercafé", "Veröffentlichen", "Rückgängig"),
        "Ja, zurücknehmen",
        "Fassung 2 ist zurückgenommen, als Fassung 3.",
        ("Rückgängig",),
        revisions,
        [2, None, None],
    ),
]


async def done(chat: Chat, user: int, shown: Shown | None, what: str) -> list[Shown]:
    """Tap what is the beginning of a label that is shown, or else write it."""
    for label, data in shown.buttons.items() if shown else ():
        if label.startswith(what):
            return await chat.tap(data, user=user, below=shown)
    return await chat.tell(what, user=user)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_what_comes_again_changes_nothing_twice_and_gets_the_reply(
    chat: Chat, services: Services, case: Case
) -> None:
    shown = None
    for what in case.before:
        shown = (await done(chat, case.user, shown, what))[-1]
    chat.telegram.failing = 1
    [reply] = await done(chat, case.user, shown, case.act)
    assert case.says in reply.text
    assert "verworfen" not in reply.text
    for label in case.offers:
        assert any(text.startswith(label) for text in reply.buttons), label
    assert await case.look(services) == case.state


async def test_an_invitation_that_was_taken_up_without_a_reply_greets(
    chat: Chat, services: Services
) -> None:
    invited = await services.people.invite(Role.EDITOR, "Rita", by=ADMIN, now=services.clock())
    chat.telegram.failing = 1
    greeting = await chat.say(f"/start {invited.token}", user=READER)
    assert "Willkommen, Rita! Ihre Rolle ist jetzt: Redaktion." in greeting.text
    assert await services.people.role(READER) is Role.EDITOR
    # Others, and who is admin by the settings, cannot have taken it up.
    for user in (READER + 1, ADMIN):
        refused = await chat.say(f"/start {invited.token}", user=user)
        assert refused.text.startswith("Dieser Link gilt nicht oder nicht mehr.")
        assert "Willkommen" not in refused.text


async def test_of_an_invitation_that_is_made_again_only_the_newest_link_is_of_use(
    chat: Chat, services: Services
) -> None:
    first, second = [await chat.say("/einladen editor Amt 50", user=ADMIN) for _ in range(2)]
    assert "Ein früherer Link für dieses Kürzel gilt nicht mehr." in second.text
    for shown, sentence in ((first, "Dieser Link gilt nicht"), (second, "Willkommen, Amt 50!")):
        token = shown.text.rpartition("=")[2]
        assert (await chat.say(f"/start {token}", user=READER)).text.startswith(sentence)


@pytest.mark.parametrize("lost", ["the page", "what is told"])
async def test_whose_role_ended_is_told_also_where_a_reply_was_lost(
    chat: Chat, services: Services, lost: str
) -> None:
    page = await chat.say("/rolle Otto", user=ADMIN)
    asked = await chat.press(page, "Rolle beenden", user=ADMIN)

    async def lose_the_next(_: str) -> None:
        chat.telegram.failing, chat.telegram.meanwhile = 1, None

    if lost == "the page":
        chat.telegram.failing = 1
    else:
        chat.telegram.meanwhile = lose_the_next
    shown = await chat.tap(asked.buttons["Ja"], user=ADMIN, below=asked)
    assert [one.text.partition(" ")[0] for one in shown] == ["Wer", "Die"]
    assert "Otto" not in shown[0].text
    assert shown[1].chat == OTHER
    assert shown[1].text.startswith("Die Verwaltung hat Ihre Rolle beendet.")
    assert await services.people.role(OTHER) is Role.READER


async def test_that_ones_own_role_was_given_up_is_said_also_where_the_reply_was_lost(
    chat: Chat, services: Services
) -> None:
    asked = await chat.press(await chat.say("/rolle"), "Rolle beenden")
    chat.telegram.failing = 1
    shown = await chat.press(asked, "Ja")
    assert shown.text.startswith("Sie haben Ihre Rolle abgegeben.")
    assert chat.toast is None
    assert await services.people.role(EDITOR) is Role.READER
    await chat.tap(asked.buttons["Ja"], user=READER, below=asked)
    assert (chat.toast or "").startswith("Das dürfen hier nur die Redaktion")


async def test_a_question_that_is_decided_is_not_asked_about_again(chat: Chat) -> None:
    answer = await chat.say(QUESTION, user=READER)
    asked = await chat.press(answer, "An die Redaktion", user=READER)
    await chat.press(asked, "Ja", user=READER)
    again = await chat.press(answer, "An die Redaktion", user=READER)
    assert again.text == "Diese Frage liegt der Redaktion vor."
    assert again.buttons == {}


async def test_what_somebody_else_took_back_is_not_said_to_be_ones_own_doing(chat: Chat) -> None:
    published = await chat.press(await chat.say("/alias EF-8: Plaudercafé"), "Veröffentlichen")
    asked = await chat.press(published, "Rückgängig")
    of_other = await chat.say("/rueckgaengig 2", user=OTHER)
    await chat.press(of_other, "Ja", user=OTHER)
    shown = await chat.press(asked, "Ja")
    assert shown.text.startswith("Fassung 2 ist schon zurückgenommen, als Fassung 3, von Otto.")


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


@pytest.mark.parametrize("answers", [["umgesetzt"], ["umgesetzt", "Es ist offen.", *SOURCE]])
async def test_a_tap_that_comes_again_after_newer_texts_does_not_begin_anew(
    chat: Chat, services: Services, answers: list[str]
) -> None:
    await chat.press(await chat.say("/bearbeiten EF-8"), "Stand")
    tap = chat.newest
    shown = None
    for answer in answers:
        shown = (await done(chat, EDITOR, shown, answer))[-1]
    before = await the_draft(services)
    [again] = await chat.update(**tap)
    assert shown is not None
    assert (again.text, again.buttons) == (shown.text, shown.buttons)
    assert await the_draft(services) == before


async def test_a_tap_that_asks_for_something_else_below_the_same_message_begins_anew(
    chat: Chat, services: Services
) -> None:
    menu = await chat.say("/bearbeiten EF-8")
    await chat.press(menu, "Stand")
    await chat.say("umgesetzt")
    shown = await chat.press(menu, "Termin")
    assert "Termin: Sprachcafé (EF-8)" in shown.text
    assert await the_form(services) == Form(do="set_due", given={"entry": "EF-8"})


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


async def test_that_another_draft_is_given_up_for_a_command_is_said(
    chat: Chat, services: Services
) -> None:
    await chat.say("/fakt EF-7 Kosten")
    chat.telegram.failing = 1
    said, shown = await chat.tell("/status EF-8 umgesetzt")
    assert said.text.startswith("Ihr offener Entwurf wurde dafür verworfen:")
    assert "ECCAR-Abgleich" in said.text
    assert "Welcher Satz" in shown.text
    assert await the_form(services) == Form(
        do="set_status", given={"entry": "EF-8", "phase": "done"}
    )
