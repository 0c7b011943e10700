"""What was changed by whom, and taking it back."""

import pytest

from handlers.services import Services
from knowledge.entries import Certainty, Phase
from tests.handlers.editing.test_drafts import SOURCE, a_preview, answered
from tests.support.chat import ADMIN, EDITOR, OTHER, Chat


async def changed(chat: Chat, times: int = 1, *, user: int = 2) -> None:
    """Publish so many revisions about EF-7."""
    for number in range(times):
        phase = "umgesetzt" if (number + (user != EDITOR)) % 2 == 0 else "geplant"
        shown = await a_preview(chat, f"/status EF-7 {phase}", user=user)
        await chat.press(shown, "Veröffentlichen", user=user)


async def test_the_log_names_who_changed_what_and_can_be_paged(chat: Chat) -> None:
    await changed(chat, 9)
    shown = await chat.say("/protokoll")
    assert "Fassung 10 · Eva" in shown.text
    assert "Fassung 2 ·" not in shown.text
    shown = await chat.press(shown, "Frühere")
    assert "Fassung 2 · Eva\nStand: umgesetzt\nEF-7" in shown.text
    assert "Fassung 1 · Auslieferung" in shown.text
    assert "Fassung 10 ·" in (await chat.press(shown, "‹ Neueste")).text


async def test_the_log_of_an_entry_is_its_history(chat: Chat) -> None:
    await changed(chat)
    assert (await chat.say("/protokoll EF-7")).text == (await chat.say("/verlauf EF-7")).text


async def test_the_log_says_once_what_a_revision_takes_back(chat: Chat) -> None:
    await changed(chat)
    await chat.press(await chat.say("/rueckgaengig"), "Ja")
    assert "Fassung 3 · Eva\nFassung 2 zurückgenommen\n" in (await chat.say("/protokoll")).text


async def test_the_history_of_an_entry_is_shown_also_when_it_is_withdrawn(chat: Chat) -> None:
    await chat.press(await chat.say("/zurueckziehen EF-8"), "Veröffentlichen")
    shown = await chat.say("/verlauf EF-8")
    assert "Fassung 2 · Eva" in shown.text
    assert "(zurückgezogen)" in shown.text
    shown = await chat.press(await chat.press(shown, "Rückgängig"), "Ja")
    assert "als Fassung 3" in shown.text
    assert "Fassung 3" in (await chat.say("/verlauf sprachcafé")).text
    assert "finde ich keinen Eintrag" in (await chat.say("/verlauf Quatschwort")).text
    assert "Zu welchem Eintrag?" in (await chat.say("/verlauf")).text


async def test_without_a_number_ones_own_last_change_is_meant(chat: Chat) -> None:
    await changed(chat)
    assert (
        "Ich finde keine Änderung von Ihnen" in (await chat.say("/rueckgaengig", user=OTHER)).text
    )
    shown = await chat.say("/rueckgaengig")
    assert "Fassung 2 zurücknehmen?" in shown.text
    assert "bisher: umgesetzt\nneu: in Umsetzung" in shown.text
    await chat.press(shown, "Ja")
    assert "Ich finde keine Änderung von Ihnen" in (await chat.say("/rueckgaengig")).text


async def test_a_chosen_revision_of_somebody_else_can_be_taken_back(
    chat: Chat, services: Services
) -> None:
    await changed(chat)
    shown = await chat.press(await chat.say("/rueckgaengig 2", user=OTHER), "Ja", user=OTHER)
    assert "Fassung 2 ist zurückgenommen, als Fassung 3" in shown.text
    (newest,) = await services.store.log(limit=1)
    assert (newest.author, newest.undoes) == ("Otto", 2)
    assert services.snapshot.entries["EF-7"].phase is Phase.IN_PROGRESS


@pytest.mark.parametrize("number", ["1", "77", "0", "99999999999", "x", "-1", "²"])
async def test_what_cannot_be_taken_back_is_said(chat: Chat, number: str) -> None:
    shown = await chat.say(f"/rueckgaengig {number}")
    assert "/protokoll" in shown.text
    assert shown.buttons == {}


async def test_what_was_changed_later_is_not_overwritten_by_taking_back(
    chat: Chat, services: Services
) -> None:
    await changed(chat)
    confirm = await chat.say("/rueckgaengig 2")
    await changed(chat, user=OTHER, times=2)
    shown = await chat.press(confirm, "Ja")
    assert "lässt sich nicht mehr zurücknehmen" in shown.text
    assert "Otto: ECCAR-Abgleich" in shown.text
    assert services.snapshot.revision == 4


async def test_what_cannot_be_taken_back_any_more_is_said_at_once(chat: Chat) -> None:
    await changed(chat)
    await changed(chat, user=OTHER, times=2)
    shown = await chat.say("/rueckgaengig 2")
    assert "lässt sich nicht mehr zurücknehmen" in shown.text
    assert list(shown.buttons) == ["ECCAR-Abgleich"]


async def published(chat: Chat, text: str, *answers: str, user: int = EDITOR) -> None:
    shown = await answered(chat, await chat.say(text, user=user), *answers, user=user)
    await chat.press(shown, "Veröffentlichen", user=user)


async def test_without_a_number_the_newest_own_change_is_meant_also_if_others_came_later(
    chat: Chat, services: Services
) -> None:
    await published(chat, "/alias EF-8 Ein Name")
    await published(chat, "/status EF-7 umgesetzt", "Vorschlag", *SOURCE)
    await published(chat, "/alias EF-7 Noch ein Name", user=OTHER)
    shown = await chat.say("/rueckgaengig")
    assert "Fassung 3 zurücknehmen?" in shown.text
    assert "bisher: umgesetzt\nneu: in Umsetzung" in shown.text
    assert "Was danach dazukam, bleibt:" in shown.text
    assert "Fassung 4 · Otto: ECCAR-Abgleich\n– Name: – → Noch ein Name" in shown.text
    assert "als Fassung 5" in (await chat.press(shown, "Ja")).text
    entry = services.snapshot.entries["EF-7"]
    assert entry.phase is Phase.IN_PROGRESS
    assert entry.aliases == ("Kriterienvergleich", "Noch ein Name")


async def test_what_nobody_saw_in_the_preview_is_shown_before_anything_is_taken_back(
    chat: Chat, services: Services
) -> None:
    await changed(chat)
    confirm = await chat.say("/rueckgaengig")
    await published(chat, "/alias EF-7 Noch ein Name", user=OTHER)
    shown = await chat.press(confirm, "Ja")
    assert "Fassung 2 zurücknehmen?" in shown.text
    assert "Fassung 3 · Otto" in shown.text
    assert services.snapshot.revision == 3
    assert "als Fassung 4" in (await chat.press(shown, "Ja")).text


async def test_what_others_changed_of_an_entry_stays_when_the_rest_is_taken_back(
    chat: Chat, services: Services
) -> None:
    shown = await a_preview(chat)
    shown = await answered(chat, shown, "+ Erledigungsvermerk", "Der Vergleich liegt vor.")
    await chat.press(shown, "Veröffentlichen")
    await published(chat, "/status EF-7 geplant", "Vorschlag", *SOURCE, user=OTHER)
    shown = await chat.say("/rueckgaengig")
    assert "Der Vergleich liegt vor." in shown.text
    assert "Nicht zurückgenommen wird, was danach geändert wurde:" in shown.text
    assert "– Stand: umgesetzt → geplant" in shown.text
    await chat.press(shown, "Ja")
    entry = services.snapshot.entries["EF-7"]
    assert [fact.text for fact in entry.facts] == ["Stand: geplant."]


async def test_without_a_number_it_is_said_what_came_after_ones_last_change(chat: Chat) -> None:
    await published(chat, "/alias EF-8 Ein Name")
    await published(chat, "/status EF-7 umgesetzt", "Vorschlag", *SOURCE)
    await published(chat, "/status EF-7 geplant", "Vorschlag", *SOURCE, user=OTHER)
    shown = await chat.say("/rueckgaengig")
    assert "Fassung 3 (Stand: umgesetzt) lässt sich nicht mehr zurücknehmen" in shown.text
    assert "Fassung 4 · Otto: ECCAR-Abgleich\n– Stand: umgesetzt → geplant" in shown.text
    assert list(shown.buttons) == ["ECCAR-Abgleich"]
    assert "Was möchten Sie tun?" in (await chat.press(shown, "ECCAR")).text


async def test_the_history_shows_what_stood_there_before_and_editors_only(chat: Chat) -> None:
    await published(chat, "/zustaendig EF-7 Amt 50", *SOURCE)
    await published(chat, "/zustaendig EF-7 Amt 51", *SOURCE)
    shown = await chat.say("/verlauf EF-7")
    assert "– Zuständigkeit: „Zuständig: Amt 50.“ → „Zuständig: Amt 51.“" in shown.text
    (public,) = await chat.tap("1:v:EF-7:", user=9)
    assert "Fassung 3 · Eva" in public.text
    assert "Amt 50" not in public.text
    await chat.tap("1:L:EF-7:0", user=9)
    assert "Das dürfen hier nur" in (chat.toast or "")


async def test_a_sentence_that_stays_is_not_shown_twice(chat: Chat, services: Services) -> None:
    entry = services.snapshot.entries["EF-7"]
    first, *others = entry.facts
    doubted = first.model_copy(update={"certainty": Certainty.UNCERTAIN})
    newer = entry.model_copy(update={"facts": (doubted, *others)})
    await services.store.publish([newer], author="Eva", reason="Zweifel", now=services.clock())
    shown = (await chat.say("/verlauf EF-7")).text
    assert f"– Stand: „{first.text}“ bleibt; Nachweis oder Geltung geändert\n" in shown


async def test_older_versions_are_one_tap_away(chat: Chat) -> None:
    for number in range(11):
        await published(chat, f"/alias EF-7 Name{number}")
    for shown in (await chat.say("/verlauf EF-7"), (await chat.tap("1:v:EF-7:"))[-1]):
        assert "Fassung 3 · Eva" in shown.text
        assert "Fassung 2 · Eva" not in shown.text
        older = await chat.press(shown, "Ältere")
        assert "Fassung 2 · Eva" in older.text
        assert "Fassung 1 · Auslieferung" in older.text
        assert "Fassung 12 · Eva" in (await chat.press(older, "‹ Neuere")).text


async def test_under_a_new_label_it_is_said_that_former_changes_are_not_looked_through(
    chat: Chat,
) -> None:
    await changed(chat)
    await chat.say(f"/rolle {EDITOR} Amt 51", user=ADMIN)
    assert "unter Ihrem jetzigen Kürzel „Amt 51“" in (await chat.say("/rueckgaengig")).text
    assert "Fassung 2 zurücknehmen?" in (await chat.say("/rueckgaengig 2")).text


async def test_what_was_taken_back_already_is_said_to_be(chat: Chat) -> None:
    await changed(chat)
    await chat.press(await chat.say("/rueckgaengig"), "Ja")
    shown = await chat.say("/rueckgaengig 2", user=OTHER)
    assert shown.text.startswith("Fassung 2 ist schon zurückgenommen, als Fassung 3, von ")
    assert shown.buttons == {}


async def test_a_second_tap_takes_nothing_back_again(chat: Chat, services: Services) -> None:
    await changed(chat)
    confirm = await chat.say("/rueckgaengig")
    await chat.press(confirm, "Ja")
    assert "nicht mehr zurücknehmen" in (await chat.press(confirm, "Ja")).text
    assert services.snapshot.revision == 3


async def test_what_was_taken_back_stays_so_when_the_same_was_done_anew(
    chat: Chat, services: Services
) -> None:
    withdrawn = await chat.press(await chat.say("/zurueckziehen EF-8"), "Veröffentlichen")
    await chat.press(await chat.press(withdrawn, "Rückgängig"), "Ja")
    named = await chat.say("/alias EF-8 Plaudercafé", user=OTHER)
    await chat.press(named, "Veröffentlichen", user=OTHER)
    await chat.press(await chat.say("/zurueckziehen EF-8"), "Veröffentlichen")
    shown = await chat.press(withdrawn, "Rückgängig")
    assert shown.text.startswith("Fassung 2 ist schon zurückgenommen, als Fassung 3, von Eva")
    assert shown.buttons == {}
    assert "schon zurückgenommen" in (await chat.say("/rueckgaengig 2", user=OTHER)).text
    await chat.press(await chat.say("/rueckgaengig"), "Ja")
    assert services.snapshot.entries["EF-8"].aliases == ("Plaudercafé",)


async def test_a_forged_confirmation_of_a_delivery_does_nothing(
    chat: Chat, services: Services
) -> None:
    assert await chat.tap("1:U:1:yes") == []
    assert "lässt sich nicht zurücknehmen" in (chat.toast or "")
    assert services.snapshot.revision == 1
