"""Editing in the chat, from a command to the published revision."""

from datetime import timedelta

import pytest

from handlers.services import Services
from knowledge.editing.drafts import VALID
from knowledge.entries import Aspect, Mention, Phase, Relation
from knowledge.people import Role
from tests.support.builders import a_fact
from tests.support.chat import ADMIN, EDITOR, OTHER, Chat, Shown
from tests.support.clock import FakeClock


def phase(services: Services) -> Phase | None:
    return services.snapshot.entries["EF-7"].phase


async def answered(chat: Chat, shown: Shown, *answers: str, user: int = EDITOR) -> Shown:
    """Answer questions, with a tap where the answer is a button's label."""
    for given in answers:
        if any(label.startswith(given) for label in shown.buttons):
            shown = await chat.press(shown, given, user=user)
        else:
            shown = await chat.say(given, user=user)
    return shown


SOURCE = ("DS 99/25", "Heute", "amtlich")


async def a_preview(
    chat: Chat, command: str = "/status EF-7 umgesetzt", *, user: int = EDITOR
) -> Shown:
    """The preview of a status command."""
    shown = await chat.say(command, user=user)
    return await answered(chat, shown, "Vorschlag", *SOURCE, user=user)


async def test_a_status_goes_from_one_command_over_the_preview_into_the_knowledge_base(
    chat: Chat, services: Services
) -> None:
    shown = await a_preview(chat, "/status ecar abgleich umgesezt")
    assert "bisher: in Umsetzung\nneu: umgesetzt" in shown.text
    assert "fehlt noch:\n– Erledigungsvermerk" in shown.text
    assert phase(services) is Phase.IN_PROGRESS

    shown = await answered(chat, shown, "+ Erledigungsvermerk", "Der Vergleich liegt vor.")
    assert "fehlt noch" not in shown.text
    assert "Der Vergleich liegt vor. (Stand 20.10.2025 · amtlich · DS 99/25)" in shown.text

    shown = await chat.press(shown, "Veröffentlichen")
    assert "Veröffentlicht als Fassung 2." in shown.text
    assert "ECCAR-Abgleich (EF-7) – umgesetzt" in shown.text
    assert phase(services) is Phase.DONE
    (newest,) = await services.store.log(limit=1)
    assert (newest.author, newest.reason) == ("Eva", "Stand: umgesetzt; Angabe ergänzt")
    assert newest.source is not None
    assert newest.source.title == "DS 99/25"

    shown = await answered(chat, shown, "Rückgängig", "Ja, zurücknehmen")
    assert "Fassung 2 ist zurückgenommen, als Fassung 3" in shown.text
    assert phase(services) is Phase.IN_PROGRESS


async def test_what_stays_in_its_words_is_not_shown_as_old_and_new(
    chat: Chat, services: Services
) -> None:
    entry = services.snapshot.entries["EF-7"]
    shared = entry.facts[0].model_copy(
        update={"also": (Mention(entry="EF-8", aspect=Aspect.STATUS),)}
    )
    await services.store.publish(
        [entry.model_copy(update={"facts": (shared,)})],
        author="Max",
        reason="auch dort",
        now=services.clock(),
    )
    shown = await a_preview(chat)
    assert shown.text.count("Der Abgleich läuft.") == 1
    assert "Diese Angabe bleibt, weil sie auch andere Einträge betrifft." in shown.text

    published = await chat.press(shown, "Veröffentlichen")
    undo = await chat.press(published, "Rückgängig")
    assert undo.text.count("Der Abgleich läuft.") == 1
    assert "Diese Angabe zählt wieder für Stand und Termin." in undo.text
    assert "zählt sie nicht mehr" not in undo.text


async def shared(services: Services, aspect: Aspect, **fields: object) -> None:
    """Have EF-7 tell something of EF-8, too."""
    entry = services.snapshot.entries["EF-7"]
    told = a_fact(
        "Zuständig ist das Büro.",
        id="F-SHARED",
        aspect=aspect,
        also=(Mention(entry="EF-8", aspect=aspect),),
        **fields,
    )
    await services.store.publish(
        [entry.model_copy(update={"facts": (*entry.facts, told)})],
        author="Max",
        reason="auch dort",
        now=services.clock(),
    )


@pytest.mark.parametrize(
    ("key", "also", "removable"), [("EF-7", "Sprachcafé", True), ("EF-8", "Sprachcafé", False)]
)
async def test_whoever_else_is_still_said_to_be_responsible_is_named(
    chat: Chat, services: Services, key: str, also: str, *, removable: bool
) -> None:
    await shared(services, Aspect.RESPONSIBLE)
    shown = await answered(chat, await chat.say(f"/zustaendig {key} Amt 50"), *SOURCE)
    assert "Daneben bleibt stehen und wird mit gelesen:" in shown.text
    assert f"– Zuständig ist das Büro. (EF-7, betrifft auch {also})" in shown.text
    assert ("Angabe entfernen" in shown.buttons) is removable
    if removable:
        shown = await answered(chat, shown, "Angabe entfernen", "Zuständigkeit: Zuständig ist")
        assert "bisher: Zuständig ist das Büro." in shown.text
        assert "Daneben bleibt" not in shown.text


async def test_what_others_tell_stays_without_what_is_withdrawn(
    chat: Chat, services: Services
) -> None:
    await shared(services, Aspect.CONTENT)
    shown = await chat.say("/zurueckziehen EF-8")
    assert "Diese Angabe bleibt, wie sie ist. Sie steht nicht mehr bei Sprachcafé." in shown.text
    assert "weil sie auch andere Einträge betrifft" not in shown.text


@pytest.mark.parametrize(
    "command",
    ["/zustaendig EF-7 Gartenamt", "/fakt EF-7 Kosten: Fünf Euro.", "/frist EF-7 30.06.2027"],
)
async def test_what_is_so_already_is_not_published_again(
    chat: Chat, services: Services, command: str
) -> None:
    for _ in range(2):
        shown = await chat.say(command)
        shown = await answered(chat, shown, *(["Vorschlag"] if "frist" in command else []))
        shown = await answered(chat, shown, *SOURCE)
        if "Veröffentlichen" in shown.buttons:
            await chat.press(shown, "Veröffentlichen")
    assert "Es ist schon so, wie es hier steht." in shown.text
    assert services.snapshot.revision == 2


async def test_a_moved_date_that_a_sentence_still_tells_is_named_in_the_preview(
    chat: Chat,
) -> None:
    told = await chat.say("/fakt EF-8 Inhalt: Es öffnet am 30.06.2027.")
    await chat.press(await answered(chat, told, *SOURCE), "Veröffentlichen")
    await chat.press(await a_preview(chat, "/frist EF-8 30.06.2027"), "Veröffentlichen")
    shown = await a_preview(chat, "/frist EF-8 31.07.2027")
    assert (
        "Den bisherigen Termin nennt noch:\n– Es öffnet am 30.06.2027. (EF-8)\n"
        "Stimmt das nicht mehr, ändern Sie es danach mit /bearbeiten."
    ) in shown.text


async def test_the_last_used_source_is_one_tap_away(chat: Chat) -> None:
    await chat.press(await a_preview(chat), "Veröffentlichen")
    shown = await answered(chat, await chat.say("/frist EF-8 30.06.2027"), "Vorschlag")
    shown = await answered(chat, shown, "DS 99/25", "Stand unbekannt", "öffentlich")
    assert "Termin: 30.06.2027. (Stand nicht genannt · öffentlich belegt · DS 99/25)" in shown.text


@pytest.mark.parametrize(
    ("command", "answers", "says"),
    [
        ("/status EF-7", ["erledigt"], "Welcher Satz"),
        ("/status", ["EF-7", "umgesetzt"], "Welcher Satz"),
        ("/frist EF-7 31.02.2027", ["Ende 2026"], "„Termin: Ende 2026.“"),
        (
            "/frist EF-7 30.06.2027 laut DS 12/25",
            ["Vorschlag", "Heute", "amtlich"],
            "neu: Termin: 30.06.2027. (Stand 20.10.2025 · amtlich · DS 12/25)",
        ),
        ("/frist EF-7 31.02.2027", [], "„31.02.2027“ ist kein Datum, das ich lesen kann."),
        ("/frist EF-7 unbekannt", [], "„Ein Termin ist in den Quellen nicht genannt.“"),
        ("/frist EF-7", ["Unbekannt"], "„Ein Termin ist in den Quellen nicht genannt.“"),
        ("/zustaendig EF-7 Amt für Soziales", [*SOURCE], "neu: Zuständig: Amt für Soziales."),
        (
            "/zustaendig EF-7",
            ["unbekannt", *SOURCE],
            "Zur Zuständigkeit ist in den Quellen nichts",
        ),
        (
            "/zustaendig EF-7",
            ["Unbekannt", *SOURCE],
            "Zur Zuständigkeit ist in den Quellen nichts",
        ),
        (
            "/zustaendig EF-7 unbekannt",
            [*SOURCE],
            "Zur Zuständigkeit ist in den Quellen nichts",
        ),
        (
            "/fakt EF-7: Es kostet 5 Euro.",
            ["Kosten", *SOURCE],
            "Angabe: Kosten\nbisher: –\nneu: Es kostet 5 Euro.",
        ),
        ("/fakt EF-7 Es geht um die Kosten.", ["Inhalt", *SOURCE], "neu: Es geht um die Kosten."),
        ("/fakt EF-7 Kosten: Fünf Euro.", [*SOURCE], "Angabe: Kosten\nbisher: –\nneu: Fünf Euro."),
        ("/fakt EF-7 Kosten", ["Fünf Euro sind nötig.", *SOURCE], "neu: Fünf Euro sind nötig."),
        ("/alias EF-7 Elferrat", [], "Name\nbisher: –\nneu: Elferrat"),
        ("/alias EF-7", ["Elferrat"], "Name\nbisher: –\nneu: Elferrat"),
        ("/verknuepfen EF-8 hängt ab von EF-7", [], "neu: hängt ab von ECCAR-Abgleich"),
        ("/verknuepfen", ["EF-8", "verwandt mit", "EF-7"], "neu: verwandt mit ECCAR-Abgleich"),
        ("/meilenstein EF-7", [], "Was möchten Sie tun?"),
        ("/meilenstein", [], "Welcher Eintrag?"),
        ("/meilenstein EF-7 erledigt", ["Vorschlag", *SOURCE], "neu: umgesetzt"),
        ("/meilenstein EF-7 abgesagt", ["Vorschlag", *SOURCE], "neu: entfallen"),
        ("/meilenstein EF-7 verschoben Ende 2026", ["Vorschlag", *SOURCE], "neu: Ende 2026"),
        (
            "/meilenstein rhythmus EF-7",
            ["jährlich seit 2024"],
            "neu: alle 12 Monate seit 2024",
        ),
        ("/meilenstein rhythmus EF-7 jährlich seit 2024", [], "neu: alle 12 Monate seit 2024"),
        ("/meilenstein rhythmus EF-7 oft", [], "nicht als Rhythmus lesen"),
        (
            "/meilenstein neu EF-7 Bericht",
            ["Ende 2026", "Vorschlag", *SOURCE],
            "Neu: Termin „Bericht“, gehört zu ECCAR-Abgleich",
        ),
        (
            "/neu Meilenstein EF-7 Bericht bis Ende 2026 laut DS 12/25",
            ["Vorschlag", "Heute", "amtlich"],
            "Neu: Termin „Bericht“, gehört zu ECCAR-Abgleich\nTermin: Ende 2026\n"
            "Termin: Termin: Ende 2026. (Stand 20.10.2025 · amtlich · DS 12/25)",
        ),
        (
            "/neu Meilenstein EF-7 Bericht bis 31.02.2026",
            [],
            "„31.02.2026“ ist kein Datum, das ich lesen kann.\n\nBis wann?",
        ),
        (
            "/neu Sprachtreff bis 30.06.2026",
            ["Maßnahme", "Integrationskonzept", "Vorschlag", *SOURCE],
            "Neu: Maßnahme „Sprachtreff“, gehört zu Integrationskonzept\nTermin: 30.06.2026\n",
        ),
        (
            "/neu",
            ["Maßnahme", "Integrationskonzept", "Elterncafé"],
            "Elterncafé (EF-ELTERNCAFE)\n\nNeu: Maßnahme „Elterncafé“",
        ),
        ("/neu Stelle Hilfsamt", ["Oberste Ebene"], "Neu: Stelle „Hilfsamt“"),
        ("/zurueckziehen EF-8", [], "Wird zurückgezogen: Maßnahme „Sprachcafé“"),
        ("/zurueckziehen EF-PLAN", [], "Sollen sie mit zurückgezogen werden?"),
        ("/bearbeiten sprachcafé", ["Umbenennen", "Sprachtreff"], "neu: Sprachtreff"),
        ("/bearbeiten EF-8", ["Verschieben unter", "ERFURT"], "neu: Stadt Erfurt"),
        ("/bearbeiten EF-8", ["Nummer", "12/25"], "Nummer\nbisher: –\nneu: 12/25"),
        ("/bearbeiten EF-8", ["Rhythmus", "Kein Rhythmus"], "Was möchten Sie ändern?"),
        ("/bearbeiten EF-7", ["Name weg", "Kriterienvergleich"], "bisher: Kriterienvergleich"),
        ("/bearbeiten EF-7", ["Angabe entfernen", "Stand: Der"], "bisher: in Umsetzung\nneu: –"),
        (
            "/bearbeiten EF-7",
            ["Angabe berichtigen", "Stand: Der", "Er ist im Gang."],
            "neu: Er ist im Gang. (Stand 2024",
        ),
    ],
)
async def test_every_command_leads_to_what_was_meant(
    chat: Chat, command: str, answers: list[str], says: str
) -> None:
    shown = await answered(chat, await chat.say(command), *answers)
    assert says in shown.text


@pytest.mark.parametrize(
    ("command", "answers"),
    [
        ("/status EF-7 umgesetzt", ["Vorschlag"]),
        ("/frist EF-7 Ende 2026", ["Vorschlag"]),
        ("/zustaendig EF-7 Amt für Soziales", []),
        ("/fakt EF-7 Kosten: Fünf Euro sind nötig.", []),
        ("/meilenstein erledigt EF-7", ["Vorschlag"]),
        ("/meilenstein EF-7 abgesagt", ["Vorschlag"]),
        ("/meilenstein verschoben EF-7 auf Ende 2026", ["Vorschlag"]),
        ("/meilenstein neu EF-7 Bericht", ["Ende 2026", "Vorschlag"]),
    ],
)
async def test_every_command_that_needs_a_source_takes_it(
    chat: Chat, command: str, answers: list[str]
) -> None:
    shown = await answered(chat, await chat.say(f"{command} laut DS 12/25"), *answers)
    assert "Von wann ist die Quelle?" in shown.text
    shown = await answered(chat, shown, "Heute", "amtlich")
    assert "(Stand 20.10.2025 · amtlich · DS 12/25)" in shown.text


@pytest.mark.parametrize(
    ("command", "typed", "says"),
    [
        ("/status EF-7", "umgesetzt laut DS 12/25", "„Stand: umgesetzt.“"),
        ("/frist EF-7", "Ende 2026 (laut DS 12/25)", "„Termin: Ende 2026.“"),
        ("/meilenstein neu EF-7 Bericht", "30.06.2026, Quelle: DS 12/25", "„Termin: 30.06.2026.“"),
    ],
)
async def test_the_source_may_stand_behind_an_answer_as_behind_a_command(
    chat: Chat, command: str, typed: str, says: str
) -> None:
    await chat.say(command)
    shown = await chat.say(typed)
    assert says in shown.text
    shown = await answered(chat, shown, "Vorschlag", "Heute", "amtlich")
    assert "(Stand 20.10.2025 · amtlich · DS 12/25)" in shown.text


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("/alias EF-7 Elferrat", "neu: Elferrat\n"),
        ("/verknuepfen EF-8 hängt ab von EF-7", "neu: hängt ab von ECCAR-Abgleich\n"),
        ("/zurueckziehen EF-8", "Wird zurückgezogen: Maßnahme „Sprachcafé“"),
        ("/neu Maßnahme EF-PLAN Elterncafé", "Neu: Maßnahme „Elterncafé“, gehört"),
        ("/meilenstein rhythmus EF-7 jährlich seit 2024", "neu: alle 12 Monate seit 2024"),
    ],
)
async def test_a_command_that_has_no_room_for_a_source_says_so(
    chat: Chat, command: str, says: str
) -> None:
    shown = await chat.say(f"{command} laut DS 12/25")
    assert "Die Quelle „DS 12/25“ wird hier nicht übernommen" in shown.text
    assert says in shown.text
    assert "Veröffentlichen" in shown.buttons


async def test_a_new_entry_is_not_called_by_a_key_that_does_not_exist(chat: Chat) -> None:
    shown = await chat.say("/neu Maßnahme in EF-99 Elterncafé")
    assert shown.text.startswith(
        "Neuer Eintrag: Elterncafé\n\nEinen Eintrag mit dem Kürzel „EF-99“"
    )
    shown = await chat.press(shown, "Integrationskonzept")
    assert "Neu: Maßnahme „Elterncafé“, gehört zu Integrationskonzept" in shown.text


@pytest.mark.parametrize(
    ("source", "offered"),
    [
        ("Schreiben vom 12.09.2025", ["Wie genannt: 12.09.2025"]),
        ("Niederschrift (3.2.2025, Punkt 4)", ["Wie genannt: 03.02.2025"]),
        ("Einladung zum 01.06.2099", []),
        ("Bericht 2024", []),
        ("„Schreiben vom 12.09.2025“", ["Wie genannt: 12.09.2025"]),
        ("Fassung 1.2.24", []),
    ],
)
async def test_the_day_that_a_source_is_named_by_is_offered_unless_it_is_to_come(
    chat: Chat, source: str, offered: list[str]
) -> None:
    shown = await chat.say(f"/frist EF-8 30.06.2027 laut {source}")
    shown = await answered(chat, shown, "Vorschlag")
    assert [label for label in shown.buttons if label.startswith("Wie genannt")] == offered
    for label in offered:
        shown = await answered(chat, shown, label, "amtlich")
        assert f"Stand {label.removeprefix('Wie genannt: ')} · amtlich" in shown.text


@pytest.mark.parametrize(
    ("typed", "shown_as"),
    [
        ("offiziell", "amtlich"),
        ("Öffentlich", "öffentlich belegt"),
        ("unsicher", "nicht gesichert"),
        ("nicht belegt", "nicht gesichert"),
    ],
)
async def test_certainty_may_be_typed_in_other_words(
    chat: Chat, typed: str, shown_as: str
) -> None:
    shown = await answered(chat, await chat.say("/frist EF-8 2027 laut DS 99/25"), "Vorschlag")
    shown = await answered(chat, shown, "Heute")
    for doubtful in ("sicher", "nicht amtlich"):
        assert "steht nicht zur Wahl" in (await chat.say(doubtful)).text
    assert f"(Stand 20.10.2025 · {shown_as} · DS 99/25)" in (await chat.say(typed)).text


async def test_what_is_not_done_yet_is_not_told_as_if_it_was(chat: Chat) -> None:
    shown = await chat.say("/zurueckziehen EF-PLAN")
    assert shown.text.startswith("Zurückziehen: Integrationskonzept (EF-PLAN)")
    number = chat.telegram.numbers + 1
    await chat.say("/status EF-8")
    assert "– Zurückziehen: Integrationskonzept (ang" in chat.telegram.shown[number].text


async def test_whoever_changes_his_mind_while_adding_comes_back_to_the_same_preview(
    chat: Chat, services: Services
) -> None:
    before = await a_preview(chat)
    asked = await chat.press(before, "+ Erledigungsvermerk")
    back = await chat.press(asked, "‹ Zurück")
    assert back.text == before.text
    await chat.press(back, "Veröffentlichen")
    assert phase(services) is Phase.DONE


async def test_whoever_changes_his_mind_while_correcting_loses_nothing_of_the_draft(
    chat: Chat,
) -> None:
    before = await answered(chat, await a_preview(chat), "+ Erledigungsvermerk", "Es liegt vor.")
    asked = await answered(chat, before, "Korrigieren", "Stand: umgesetzt", "geplant")
    assert "Welcher Satz" in asked.text
    assert (await chat.press(asked, "‹ Zurück")).text == before.text


async def test_there_is_no_way_back_where_nothing_came_before(chat: Chat) -> None:
    assert "‹ Zurück" not in (await chat.say("/status EF-7")).buttons


@pytest.mark.parametrize(
    ("command", "answers"),
    [
        ("/zurueckziehen EF-8", []),
        ("/bearbeiten EF-7", ["Angabe entfernen", "Stand: Der"]),
    ],
)
async def test_correcting_is_not_offered_where_there_is_nothing_to_give_anew(
    chat: Chat, command: str, answers: list[str]
) -> None:
    shown = await answered(chat, await chat.say(command), *answers)
    assert "Veröffentlichen" in shown.buttons
    assert "Korrigieren" not in shown.buttons


async def test_who_changes_nothing_is_told_so_and_not_led_to_a_preview(chat: Chat) -> None:
    shown = await answered(
        chat, await chat.say("/bearbeiten EF-7"), "Umbenennen", "ECCAR-Abgleich"
    )
    assert "Es ist schon so, wie es hier steht." in shown.text
    assert list(shown.buttons) == ["Titel: ECCAR-Abgleich", "Verwerfen"]


async def test_a_draft_on_an_entry_that_is_withdrawn_meanwhile_asks_nothing_more(
    chat: Chat,
) -> None:
    await chat.say("/status EF-8 geplant")
    withdrawal = await chat.say("/zurueckziehen EF-8", user=OTHER)
    await chat.press(withdrawal, "Veröffentlichen", user=OTHER)
    shown = await chat.say("Es ist geplant.")
    assert "Den Eintrag EF-8 gibt es nicht mehr." in shown.text
    assert list(shown.buttons) == ["Verwerfen"]
    assert "Otto" in (await chat.say("/verlauf EF-8")).text


@pytest.mark.parametrize(
    ("command", "answers"),
    [
        ("/neu Maßnahme in ERFURT sprachcafé", []),
        ("/bearbeiten EF-7", ["Umbenennen", "Sprachcafé"]),
    ],
)
async def test_a_title_that_another_entry_has_already_is_warned_of(
    chat: Chat, command: str, answers: list[str]
) -> None:
    shown = await answered(chat, await chat.say(command), *answers)
    warning = "„Sprachcafé“ heißt schon ein anderer Eintrag (EF-8, gehört zu Integrationskonzept)."
    assert warning in shown.text
    assert "Veröffentlichen" in shown.buttons
    assert "heißt schon" not in (await chat.say("/alias EF-8 Sprachtreff")).text


@pytest.mark.parametrize("name", ["Sprachcafé", "sprachcafe"])
async def test_a_further_name_that_another_entry_has_already_is_warned_of(
    chat: Chat, name: str
) -> None:
    shown = await chat.say(f"/alias EF-7 {name}")
    assert "„Sprachcafé“ heißt schon ein anderer Eintrag (EF-8, gehört zu" in shown.text
    shown = await chat.say("/alias EF-8 Kriterienvergleich")
    assert "„Kriterienvergleich“ heißt schon ein anderer Eintrag (EF-7" in shown.text


@pytest.mark.parametrize("name", ["der", "und in die"])
async def test_a_name_needs_a_word_by_which_something_can_be_found(chat: Chat, name: str) -> None:
    shown = await chat.say(f"/alias EF-7 {name}")
    assert f"„{name}“ ist kein Name, an dem sich der Eintrag erkennen lässt." in shown.text
    assert "Wie heißt es noch?" in shown.text
    assert "neu: Die Brücke" in (await chat.say("Die Brücke")).text


async def test_an_entry_is_picked_by_buttons_alone(chat: Chat) -> None:
    shown = await answered(
        chat,
        await chat.say("/bearbeiten"),
        "Stadt Erfurt",
        "Integrationskonzept",
        "ECCAR-Abgleich",
        "Diesen Eintrag",
        "Stand",
        "umgesetzt",
    )
    assert "Welcher Satz" in shown.text


async def test_near_entries_are_offered_and_can_be_tapped(chat: Chat, services: Services) -> None:
    shown = await chat.say("/status Quatschwort umgesetzt")
    assert "Dazu finde ich keinen Eintrag." in shown.text
    shown = await chat.say("EF-7 oder EF-8")
    assert "nicht eindeutig" in shown.text
    shown = await chat.press(shown, "Sprachcafé")
    assert "Stand: Sprachcafé (EF-8)\n\nWelcher Satz" in shown.text


@pytest.mark.parametrize(
    "command", ["/frist ef-99 30.06.2027", "/bearbeiten ef-99", "/verlauf ef-99", "/abo ef-99"]
)
async def test_a_key_that_does_not_exist_is_said_not_to_exist(chat: Chat, command: str) -> None:
    shown = await chat.say(command)
    assert (
        "Einen Eintrag mit dem Kürzel „ef-99“ gibt es nicht. Meinten Sie einen von diesen?"
        in shown.text
    )
    assert "ECCAR-Abgleich" in shown.buttons


@pytest.mark.parametrize(
    ("command", "wrong"),
    [
        ("/status EF-7-X umgesetzt", "EF-7-X"),
        ("/zurueckziehen ef-7-alt", "ef-7-alt"),
        ("/meilenstein EF-7-BERICHT-IM verschoben auf 30.06.2027", "EF-7-BERICHT-IM"),
        ("/frist EF-PLAN-NEU 2027", "EF-PLAN-NEU"),
    ],
)
async def test_a_key_that_only_begins_like_another_is_not_taken_for_it(
    chat: Chat, command: str, wrong: str
) -> None:
    shown = await chat.say(command)
    assert f"Einen Eintrag mit dem Kürzel „{wrong}“ gibt es nicht." in shown.text
    assert "ECCAR-Abgleich" in shown.buttons


async def test_of_two_of_a_sort_with_the_word_both_are_offered(chat: Chat) -> None:
    for title in ("Kampagne Mut", "Kampagne gegen Rassismus"):
        shown = await chat.say(f"/neu Maßnahme in EF-PLAN {title}")
        await chat.press(shown, "Veröffentlichen")
    shown = await chat.say("/status kampagne umgesetzt")
    assert "nicht eindeutig" in shown.text
    assert {"Kampagne Mut", "Kampagne gegen Rassismus"} <= set(shown.buttons)
    assert "Welcher Satz" in (await chat.say("/status kampagne mut umgesetzt")).text


@pytest.mark.parametrize(
    ("command", "wrong", "sentence"),
    [
        ("/status EF-7", "dunkelblau", "Das steht nicht zur Wahl."),
        ("/status EF-7", "fertig?", "„fertig?“ steht nicht zur Wahl."),
        ("/frist EF-7", "31.02.2027", "Das ist kein Datum"),
        ("/frist EF-7", "bald", "zum Beispiel 30.06.2027"),
        ("/alias EF-7", "x" * 201, "zu lang: höchstens 200 Zeichen"),
        ("/alias EF-7", "a\x07b", "Zeichen, die ich nicht speichern kann"),
        ("/fakt EF-7 Kosten", "x" * 1501, "zu lang: höchstens 1500 Zeichen"),
        ("/neu Plan in ERFURT", "x" * 201, "zu lang: höchstens 200 Zeichen"),
        ("/meilenstein rhythmus EF-7", "oft", "nicht als Rhythmus lesen"),
        ("/meilenstein rhythmus EF-7", "alle 900 Jahre seit 2024", "nicht als Rhythmus lesen"),
        ("/zustaendig EF-7 Amt", "unbekannt", "Ohne Quelle geht es nicht."),
        ("/status", "Quatschwort", "Dazu finde ich keinen Eintrag."),
    ],
)
async def test_what_does_not_fit_is_said_and_the_draft_stays(
    chat: Chat, services: Services, clock: FakeClock, *, command: str, wrong: str, sentence: str
) -> None:
    asked = await chat.say(command)
    before = await services.drafts.open(EDITOR, EDITOR, now=clock())
    shown = await chat.say(wrong)
    assert sentence in shown.text
    assert asked.text.split("\n\n")[-1] in shown.text
    assert await services.drafts.open(EDITOR, EDITOR, now=clock()) == before


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        ("/status EF-7 blabla", "„blabla“ steht nicht zur Wahl.\n\nWie ist der Stand?"),
        *(
            (f"/status EF-7 {said}", f"„{said}“ steht nicht zur Wahl.\n\nWie ist der Stand?")
            for said in (
                "fast fertig",
                "halb fertig",
                "so gut wie erledigt",
                "zu 90 % umgesetzt",
                "fertig?",
                "evtl. entfallen",
                "teilweise schon umgesetzt",
            )
        ),
        ("/frist EF-7 gestern", "„gestern“ ist kein Datum, das ich lesen kann.\n\nBis wann?"),
        ("/meilenstein verschoben auf bald, EF-7", "„auf bald“ ist kein Datum"),
        ("/frist EF-7 Sommer 2026", "„Sommer 2026“ ist kein Datum"),
        ("/frist EF-7 bis 1. Trimester 2026", "„1. Trimester 2026“ ist kein Datum"),
        ("/frist EF-7 Mitte Juni 2026 laut DS 12/25", "„Mitte Juni 2026“ ist kein Datum"),
        ("/meilenstein EF-7 verschoben auf KW 12 2026", "„KW 12 2026“ ist kein Datum"),
        ("/frist EF-7 neu: Ende 2026", "„Termin: Ende 2026.“"),
        ("/frist EF-7 Mitte Q2 2027", "„Mitte Q2 2027“ ist kein Datum"),
        ("/frist EF7 1. Trimester 2027", "„1. Trimester 2027“ ist kein Datum"),
        ("/frist EF-7 30.06.2027 30.09.2027", "„30.06.2027 30.09.2027“ ist kein Datum"),
        ('/frist "EF-7" "30.06.2027"', "„Termin: 30.06.2027.“"),
        ("/frist ef-plan 1. Trimester 2027", "„1. Trimester 2027“ ist kein Datum"),
        ('/status "EF-7" "umgesetzt"', "„Stand: umgesetzt.“"),
        ("/frist EF-7 am Montag, 30.06.2026", "„Termin: 30.06.2026.“"),
        ("/frist eccar abgleich 2026", "„Termin: 2026.“"),
        ("/status EF-7 ECCAR-Abgleich", "(EF-7)\n\nWie ist der Stand?"),
        ("/status eccar abgleich", "(EF-7)\n\nWie ist der Stand?"),
        ("/meilenstein erledigt EF-7 endlich", "(EF-7)\n\nWelcher Satz"),
    ],
)
async def test_what_a_command_has_instead_of_a_state_or_a_date_is_said(
    chat: Chat, command: str, sentence: str
) -> None:
    assert sentence in (await chat.say(command)).text


@pytest.mark.parametrize("future", ["2050", "21.10.2025", "November 2025"])
async def test_no_source_was_written_in_the_future(chat: Chat, future: str) -> None:
    await answered(chat, await chat.say("/zustaendig EF-7 Amt"), "DS 99/25")
    shown = await chat.say(future)
    assert "Das liegt in der Zukunft" in shown.text
    assert "Wie sicher ist das?" in (await chat.say("Oktober 2025")).text


async def test_a_part_can_be_corrected_and_the_rest_stays(chat: Chat) -> None:
    shown = await answered(chat, await a_preview(chat), "Korrigieren", "Stand: umgesetzt")
    shown = await answered(chat, shown, "zurückgestellt", "Es fehlt das Geld.")
    assert "neu: zurückgestellt" in shown.text
    assert "neu: Es fehlt das Geld. (Stand 20.10.2025 · amtlich · DS 99/25)" in shown.text


async def test_a_corrected_source_is_from_the_day_that_is_named_with_it(chat: Chat) -> None:
    shown = await chat.say("/status EF-7 umgesetzt laut DS 99/25 vom 1.9.2025")
    shown = await answered(chat, shown, "Vorschlag", "Wie genannt", "amtlich", "Korrigieren")
    shown = await answered(chat, shown, "Quelle", "DS 9/25 vom 3.2.2025")
    assert "Von wann ist die Quelle?" in shown.text
    shown = await answered(chat, shown, "Wie genannt: 03.02.2025")
    assert "(Stand 03.02.2025 · amtlich · DS 9/25" in shown.text


@pytest.mark.parametrize("said", ["DS 9/25 vom 31.2.2025", "Brief (31.2.2025), Seite 3"])
async def test_a_source_of_a_day_that_there_is_not_is_refused(chat: Chat, said: str) -> None:
    shown = await chat.say(f"/frist EF-8 2027 laut {said}")
    assert "„31.2.2025“ ist kein Datum, das ich lesen kann." in shown.text
    shown = await answered(chat, shown, "Vorschlag", said)
    assert "„31.2.2025“ ist kein Datum, das ich lesen kann." in shown.text
    assert "In welcher Quelle steht das?" in shown.text


async def test_a_corrected_milestone_keeps_its_date(chat: Chat, services: Services) -> None:
    shown = await chat.say("/meilenstein neu EF-7 Bericht")
    shown = await answered(chat, shown, "Ende 2026", "Vorschlag", *SOURCE)
    shown = await answered(chat, shown, "Korrigieren", "Titel: Bericht", "Zwischenbericht")
    await chat.press(shown, "Veröffentlichen")
    milestone = services.snapshot.entries["EF-BERICHT"]
    assert (milestone.title, str(milestone.due)) == ("Zwischenbericht", "2026-late")


async def test_a_fact_is_corrected_with_its_words_before_ones_eyes(chat: Chat) -> None:
    shown = await chat.say("/bearbeiten EF-7")
    shown = await answered(chat, shown, "Angabe berichtigen", "Stand: Der")
    assert "Bisher: „Der Abgleich läuft.“" in shown.text


UNKNOWN_COST = "Zu den Kosten ist in den Quellen nichts genannt."


@pytest.mark.parametrize(
    ("command", "answers", "text", "known"),
    [
        ("/fakt EF-8: unbekannt", ["Kosten", *SOURCE], UNKNOWN_COST, False),
        ("/fakt EF-8", ["Kosten", "Unbekannt", *SOURCE], UNKNOWN_COST, False),
        ("/fakt EF-8 Kosten: unbekannt", [*SOURCE], UNKNOWN_COST, False),
        (
            "/fakt EF-8: unbekannt",
            ["Inhalt", *SOURCE, "Korrigieren", "Thema: Inhalt", "Kosten"],
            UNKNOWN_COST,
            False,
        ),
        (
            "/fakt EF-8: unbekannt",
            ["Inhalt", *SOURCE, "Korrigieren", "Thema: Inhalt", "kosten"],
            UNKNOWN_COST,
            False,
        ),
        (
            "/fakt EF-8: unbekannt",
            ["Kosten", *SOURCE, "Korrigieren", "Text", "Es kostet 5 Euro."],
            "Es kostet 5 Euro.",
            True,
        ),
        (
            "/fakt EF-8: Es kostet 5 Euro.",
            ["Inhalt", *SOURCE, "Korrigieren", "Thema: Inhalt", "Kosten"],
            "Es kostet 5 Euro.",
            True,
        ),
        (
            "/fakt EF-8 Kosten: Es kostet 5 Euro.",
            [*SOURCE, "Korrigieren", "Text", "Unbekannt"],
            UNKNOWN_COST,
            False,
        ),
        (
            "/zustaendig EF-8: unbekannt",
            [*SOURCE, "Korrigieren", "Text", "Amt für Soziales"],
            "Zuständig: Amt für Soziales.",
            True,
        ),
    ],
)
async def test_a_fact_is_unknown_as_long_as_its_sentence_says_so(
    chat: Chat, services: Services, *, command: str, answers: list[str], text: str, known: bool
) -> None:
    await answered(chat, await chat.say(command), *answers, "Veröffentlichen")
    (fact,) = services.snapshot.entries["EF-8"].facts
    assert (fact.text, fact.known) == (text, known)


@pytest.mark.parametrize(
    ("before", "typed", "text", "known"),
    [
        ("unbekannt", "Es kostet 5 Euro.", "Es kostet 5 Euro.", True),
        ("Es kostet 5 Euro.", "Unbekannt", UNKNOWN_COST, False),
        ("Es kostet 5 Euro.", "nicht bekannt", UNKNOWN_COST, False),
    ],
)
async def test_a_published_fact_becomes_known_or_unknown_with_its_sentence(
    chat: Chat, services: Services, *, before: str, typed: str, text: str, known: bool
) -> None:
    shown = await chat.say(f"/fakt EF-8 Kosten: {before}")
    await answered(chat, shown, *SOURCE, "Veröffentlichen")
    shown = await chat.say("/bearbeiten EF-8")
    shown = await answered(chat, shown, "Angabe berichtigen", "Kosten", typed)
    await chat.press(shown, "Veröffentlichen")
    (fact,) = services.snapshot.entries["EF-8"].facts
    assert (fact.text, fact.known) == (text, known)


async def test_whether_a_phase_is_known_is_said_by_the_phase_alone(
    chat: Chat, services: Services
) -> None:
    await chat.press(await a_preview(chat, "/status EF-8 unbekannt"), "Veröffentlichen")
    shown = await chat.say("/bearbeiten EF-8")
    shown = await answered(chat, shown, "Angabe berichtigen", "Stand: Der")
    assert "Unbekannt" not in shown.buttons
    await answered(chat, shown, "Der Stand fehlt in den Quellen.", "Veröffentlichen")
    (fact,) = services.snapshot.entries["EF-8"].facts
    assert (fact.phase, fact.known) == (Phase.UNKNOWN, False)
    assert fact.text == "Der Stand fehlt in den Quellen."


async def test_more_can_be_added_to_the_same_revision(chat: Chat, services: Services) -> None:
    shown = await answered(chat, await chat.say("/neu Plan in ERFURT Aktionsplan"))
    shown = await answered(chat, shown, "Weiteres", "Rhythmus", "alle 2 Jahre seit 2024")
    shown = await answered(chat, shown, "Weiteres", "Stand", "geplant")
    shown = await answered(chat, shown, "Vorschlag", *SOURCE, "Veröffentlichen")
    assert "Fassung 2" in shown.text
    plan = services.snapshot.entries["EF-AKTIONSPLAN"]
    assert plan.rhythm is not None
    assert plan.phase is Phase.PLANNED


async def test_a_question_can_be_asked_in_between_by_command(chat: Chat) -> None:
    await chat.say("/status EF-7 umgesetzt")
    assert "Der Abgleich läuft." in (await chat.say("/frage Stand EF-7")).text
    assert "In welcher Quelle" in (await chat.say("Er ist abgeschlossen.")).text


async def test_without_an_open_question_text_is_a_question(chat: Chat) -> None:
    await a_preview(chat)
    assert "Der Abgleich läuft." in (await chat.say("Wie ist der Stand von EF-7?")).text


async def test_another_command_gives_the_open_draft_up_and_says_so(chat: Chat) -> None:
    old = await a_preview(chat)
    told, asked = await chat.tell("/frist EF-8")
    assert told.text == "Ihr offener Entwurf wurde dafür verworfen:\n– Stand: ECCAR-Abgleich"
    assert "Bis wann?" in asked.text
    told, _ = await chat.tell("/alias EF-7")
    assert "– Termin: Sprachcafé (angefangen)" in told.text
    assert "Wie heißt es noch?" in (await chat.press(old, "Veröffentlichen")).text
    assert "inzwischen geändert" in (chat.toast or "")


async def test_a_new_entry_that_is_given_up_is_named_by_its_title(chat: Chat) -> None:
    await chat.say("/neu Meilenstein EF-7 Bericht")
    number = chat.telegram.numbers + 1
    await chat.say("/alias EF-8 Treff")
    assert "– Neuer Eintrag: Bericht\n– Termin: Bericht (ang" in chat.telegram.shown[number].text


async def test_a_draft_can_be_discarded_by_command_or_button(chat: Chat) -> None:
    await a_preview(chat)
    assert (await chat.say("/abbrechen")).text == "Verworfen. Es wurde nichts geändert."
    assert (await chat.say("/abbrechen")).text == "Es ist kein Entwurf offen."
    shown = await chat.press(await a_preview(chat), "Verwerfen")
    assert shown.text == "Verworfen. Es wurde nichts geändert."


async def test_the_second_of_two_editors_sees_what_changed_and_by_whom(
    chat: Chat, services: Services
) -> None:
    second = await a_preview(chat, user=OTHER)
    first = await a_preview(chat, "/status EF-7 zurückgestellt")
    await chat.press(first, "Veröffentlichen")

    told = await chat.tap(second.buttons["Veröffentlichen"], user=OTHER, below=second)
    conflict, preview = told
    assert "Inzwischen hat sich etwas geändert." in conflict.text
    assert "Fassung 2 · Eva: ECCAR-Abgleich" in conflict.text
    assert "bisher: in Umsetzung\nneu: zurückgestellt" in conflict.text
    assert "bisher: zurückgestellt\nneu: umgesetzt" in preview.text
    assert phase(services) is Phase.POSTPONED

    await chat.press(preview, "Veröffentlichen", user=OTHER)
    assert phase(services) is Phase.DONE
    assert [r.author for r in await services.store.log(limit=2)] == ["Otto", "Eva"]


async def test_two_taps_publish_once(chat: Chat, services: Services) -> None:
    shown = await a_preview(chat)
    await chat.press(shown, "Veröffentlichen")
    [left] = await chat.tap(shown.buttons["Veröffentlichen"], below=shown)
    assert "schon veröffentlicht, als Fassung 2" in (chat.toast or "")
    assert "ist veröffentlicht, als Fassung 2" in left.text
    assert "Rückgängig" in left.buttons
    assert services.snapshot.revision == 2


async def test_a_draft_survives_a_restart_and_ends_after_a_day(
    chat: Chat, services: Services, clock: FakeClock
) -> None:
    await chat.say("/status EF-7 umgesetzt")
    again = Chat.over(services)
    async with again.application:
        clock.advance(VALID - timedelta(seconds=1))
        assert "In welcher Quelle" in (await again.say("Er ist fertig.")).text
        clock.advance(VALID)
        assert "Dazu liegt mir nichts vor." in (await again.say("Wie ist das Wetter?")).text


async def test_a_text_for_a_draft_that_has_ended_is_answered_with_the_news_that_it_is_gone(
    chat: Chat, services: Services, clock: FakeClock
) -> None:
    await chat.say("/status EF-7 umgesetzt")
    clock.advance(VALID)
    await services.drafts.forget_expired(clock())
    gone, answer = await chat.tell("Stand vom Sprachcafé?")
    assert "Ihr Entwurf ist abgelaufen" in gone.text
    assert "– Stand: ECCAR-Abgleich (angefangen)\nIhren Text nehme ich deshalb als Fr" in gone.text
    assert "Sprachcafé" in answer.text
    assert (await chat.press(gone, "ECCAR-Abgleich")).text.endswith("Was möchten Sie tun?")
    assert len(await chat.tell("Stand vom Sprachcafé?")) == 1


@pytest.mark.parametrize(
    ("command", "again"),
    [
        ("/neu Maßnahme", "beginnen Sie bitte mit /neu von vorn."),
        ("/status", "beginnen Sie bitte neu, zum Beispiel mit /bearbeiten."),
        ("/meilenstein neu EF-7 Bericht", "beginnen Sie bitte mit /neu von vorn."),
    ],
)
async def test_who_had_no_entry_in_an_ended_draft_is_told_where_to_begin(
    chat: Chat, clock: FakeClock, command: str, again: str
) -> None:
    await chat.say(command)
    clock.advance(VALID)
    gone, _ = await chat.tell("Ende 2026")
    assert again in gone.text
    assert not gone.buttons


async def test_a_draft_that_ended_without_waiting_for_a_text_leaves_questions_alone(
    chat: Chat, clock: FakeClock
) -> None:
    await a_preview(chat)
    clock.advance(VALID)
    assert len(await chat.tell("Stand vom Sprachcafé?")) == 1


async def test_who_is_no_editor_any_more_is_answered_like_everybody(
    chat: Chat, services: Services, clock: FakeClock
) -> None:
    await chat.say("/status EF-7 umgesetzt")
    await services.people.set_role(EDITOR, Role.READER, by=ADMIN, now=clock())
    assert "Dazu liegt mir nichts vor." in (await chat.say("Wie ist das Wetter?")).text


async def test_an_older_source_does_not_count_and_the_preview_says_so(chat: Chat) -> None:
    shown = await chat.say("/status EF-7 geplant")
    shown = await answered(chat, shown, "Er ist geplant.", "DS 1/20", "2020", "amtlich")
    assert "„Er ist geplant.“ zählt nicht, weil eine neuere Angabe vorliegt" in shown.text


@pytest.mark.parametrize(
    ("command", "answers", "sentence"),
    [
        ("/verknuepfen EF-7 hängt ab von EF-7", [], "nicht auf sich selbst verweisen"),
        ("/alias EF-7 kriterienvergleich", [], "Diesen Namen hat der Eintrag schon."),
        ("/bearbeiten EF-PLAN", ["Verschieben unter", "EF-7"], "kann nicht zu „ECCAR-Abgleich“"),
    ],
)
async def test_what_cannot_be_done_is_explained_and_can_be_corrected(
    chat: Chat, command: str, answers: list[str], sentence: str
) -> None:
    shown = await answered(chat, await chat.say(command), *answers)
    assert sentence in shown.text
    assert "Korrigieren" in shown.buttons
    await chat.press(shown, "Korrigieren")


@pytest.mark.parametrize(
    ("command", "answers", "others", "says"),
    [
        (
            "/bearbeiten EF-8",
            ["Verschieben unter", "EF-8"],
            ["Quatschwort", "EF-PLAN2"],
            "neu: Plan B",
        ),
        ("/alias EF-7 kriterienvergleich", [], ["Elferrat"], "neu: Elferrat"),
        ("/verknuepfen EF-7 hängt ab von EF-7", [], ["EF-8"], "neu: hängt ab von Sprachcafé"),
    ],
)
async def test_what_is_typed_after_what_cannot_be_done_is_taken_instead(
    chat: Chat,
    services: Services,
    *,
    command: str,
    answers: list[str],
    others: list[str],
    says: str,
) -> None:
    plan = services.snapshot.entries["EF-PLAN"].model_copy(
        update={"key": "EF-PLAN2", "title": "Plan B", "facts": (), "aliases": ()}
    )
    await services.store.publish([plan], author="Max", reason="neu", now=services.clock())
    shown = await answered(chat, await chat.say(command), *answers)
    assert "Schreiben Sie etwas anderes, oder tippen Sie auf „Korrigieren“." in shown.text
    assert says in (await answered(chat, shown, *others)).text


async def test_links_are_made_and_removed(chat: Chat, services: Services) -> None:
    shown = await chat.say("/verknuepfen EF-8 hängt ab von EF-7")
    await chat.press(shown, "Veröffentlichen")
    (link,) = services.snapshot.entries["EF-8"].links
    assert link.relation is Relation.DEPENDS_ON
    shown = await answered(chat, await chat.say("/bearbeiten EF-8"), "Verknüpfung weg")
    await answered(chat, shown, "hängt ab von", "Veröffentlichen")
    assert services.snapshot.entries["EF-8"].links == ()


async def test_help_and_commands_for_editors_are_shown_to_them_alone(chat: Chat) -> None:
    assert "/status" in (await chat.say("/hilfe")).text
    assert "/status" not in (await chat.say("/hilfe", user=4)).text
    assert "/status" not in (await chat.say("/hilfe", chat=-5)).text


@pytest.mark.parametrize("said", ["abbrechen", "Stopp, falsch!", "Doch nicht", "verwerfen"])
@pytest.mark.parametrize("command", ["/fakt EF-8 Kosten", "/fakt EF-8 Kosten: Fünf Euro."])
async def test_who_wants_to_stop_is_asked_and_not_taken_at_their_word(
    chat: Chat, services: Services, clock: FakeClock, command: str, said: str
) -> None:
    asked = await chat.say(command)
    shown = await chat.say(said)
    assert shown.text.startswith("Möchten Sie den Entwurf verwerfen?")
    assert (await chat.press(shown, "Nein, weiter")).text == asked.text
    shown = await chat.press(await chat.say(said), "Verwerfen")
    assert "Es wurde nichts geändert." in shown.text
    assert await services.drafts.open(EDITOR, EDITOR, now=clock()) is None


@pytest.mark.parametrize(
    ("command", "said", "sentence"),
    [
        ("/fakt EF-7 Kosten", "Was kostet das denn?", "Das ist eine Frage"),
        ("/fakt EF-7 Kosten: 5 Euro.", "wer ist zuständig für EF-7?", "Das ist eine Frage"),
        ("/fakt EF-7 Kosten", "30.06.2027", "„30.06.2027“ allein ist kein Satz"),
        ("/fakt EF-7 Kosten", "DS 2170/24", "„DS 2170/24“ allein ist kein Satz"),
        ("/frist EF-7 2027", "2027", "„2027“ allein ist kein Satz"),
        ("/fakt EF-7 Kosten", "x" * 1501, "höchstens 1500 Zeichen, geschrieben haben Sie 1501."),
    ],
)
async def test_what_is_no_statement_is_not_published_as_one(
    chat: Chat, command: str, said: str, sentence: str
) -> None:
    asked = await chat.say(command)
    shown = await chat.say(said)
    assert sentence in shown.text
    assert asked.text.split("\n\n")[-1] in shown.text
    if asked.buttons.keys() & {"Unbekannt"}:
        assert "In welcher Quelle" in (await chat.say("Das kostet fünf Euro.")).text


async def test_the_rest_of_a_text_that_telegram_cut_is_not_taken_for_the_whole(
    chat: Chat,
) -> None:
    await chat.say("/fakt EF-7 Kosten")
    assert "geschrieben haben Sie 4096." in (await chat.say("x" * 4096)).text
    shown = await chat.say("und so kostet es fünf Euro.")
    assert "Das ist wohl der Rest des Textes davor" in shown.text
    chat.later(60)
    assert "In welcher Quelle" in (await chat.say("Das kostet fünf Euro.")).text


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        ("Stand: Der Abgleich ist umgesetzt.", "Der Stand bleibt „in Umsetzung“; ändern Sie ihn"),
        ("Termin: Er kommt 2027.", "Achtung: Der Termin bleibt offen; ändern Sie ihn mit /frist"),
    ],
)
async def test_a_fact_that_sounds_like_a_state_or_date_is_said_to_be_none(
    chat: Chat, said: str, hint: str
) -> None:
    shown = await answered(chat, await chat.say(f"/fakt EF-7 {said}"), *SOURCE)
    assert hint in shown.text
    assert "Achtung" not in (await a_preview(chat)).text


async def test_what_goes_with_a_plan_is_counted_first_and_nothing_else_is_missed(
    chat: Chat,
) -> None:
    shown = await answered(chat, await chat.say("/neu Maßnahme in ERFURT Café"), "Veröffent")
    await chat.press(await chat.say("/verknuepfen café siehe EF-7"), "Veröffentlichen")
    shown = await chat.press(await chat.say("/zurueckziehen EF-PLAN"), "Ja, mit allem")
    assert shown.text.startswith(
        "Vorschau – noch nicht veröffentlicht\n\nZurückgezogen werden 3 Einträge. "
        "Der Verlauf bleibt erhalten.\n– Integrationskonzept (EF-PLAN)\n"
        "– ECCAR-Abgleich (EF-7)\n– Sprachcafé (EF-8)\n\nDadurch ändert sich bei anderen:"
    )
    assert "Wird zurückgezogen" not in shown.text
    assert "fehlt noch" not in shown.text
    assert "Weiteres ergänzen" not in shown.buttons


async def test_a_changed_message_is_said_not_to_be_read(chat: Chat) -> None:
    await chat.say("/fakt EF-7 Kosten")
    refused = await chat.say("2027")
    assert refused.text.count("kein Satz")
    first, again = await chat.change("Es kostet 2027 fünf Euro.")
    assert first.text.startswith("Geänderte Nachrichten lese ich nicht:")
    assert "Wie lautet die Angabe?" in again.text
    await answered(chat, await chat.say("Es kostet fünf Euro."), "DS 99/25", "Heute")
    shown = await chat.say("amtlich")
    first, again = await chat.change("unsicher")
    assert "„Korrigieren“" in first.text
    assert again.text == shown.text


async def test_a_change_of_what_is_of_no_draft_is_passed_over(chat: Chat) -> None:
    await chat.say("Was ist der ECCAR-Abgleich?")
    assert await chat.change("Was ist das Sprachcafé?") == []
    await chat.say("/fakt EF-7 Kosten: Fünf Euro.")
    await chat.say("https://example.org/1")
    assert await chat.change("https://example.org/1") == []  # Telegram shows where it leads
    await chat.say("/frage Was ist das Sprachcafé?")
    await chat.say("Heute")
    assert await chat.change("Heute", back=1) == []


@pytest.mark.parametrize("said", ["veröffentlichen", "Passt so!", "ja", "ok", "abbrechen"])
async def test_words_at_a_preview_lead_to_its_buttons_and_are_no_question(
    chat: Chat, services: Services, said: str
) -> None:
    preview = await a_preview(chat)
    shown = await chat.say(said)
    assert shown.text.startswith("Ihr Entwurf ist noch offen.")
    assert shown.buttons == preview.buttons
    await chat.press(shown, "Veröffentlichen")
    assert phase(services) is Phase.DONE


async def test_a_picture_while_something_is_asked_repeats_the_question(chat: Chat) -> None:
    asked = await chat.say("/fakt EF-7 Kosten")
    said, again = await chat.show_picture()
    assert said.text == "Ich lese nur Text. Der Entwurf wartet auf diese Antwort:"
    assert again.text == asked.text


async def test_breaks_that_word_makes_are_read_as_line_breaks(
    chat: Chat, services: Services
) -> None:
    shown = await chat.say("/fakt EF-7 Kosten: Fünf Euro.\vUnd mehr.")
    shown = await answered(chat, shown, "Antwort\fder Verwaltung", "Heute", "amtlich")
    assert "Fünf Euro.\nUnd mehr. (Stand 20.10.2025 · amtlich · Antwort der Verw" in shown.text


async def test_a_withdrawn_entry_is_said_to_be_and_can_be_restored(
    chat: Chat, services: Services
) -> None:
    await chat.press(await chat.say("/zurueckziehen EF-8"), "Veröffentlichen")
    shown = await chat.say("/bearbeiten ef-8")
    assert shown.text.startswith("„Sprachcafé“ (EF-8) ist zurückgezogen:")
    await chat.press(await chat.press(shown, "Rückgängig"), "Ja")
    assert "EF-8" in services.snapshot.entries


async def test_who_corrects_a_fact_is_asked_for_its_text_first(chat: Chat) -> None:
    shown = await answered(chat, await chat.say("/bearbeiten EF-7"), "Angabe berichtigen", "Stand")
    assert "Bisher: „Der Abgleich läuft.“\nWie lautet die Angabe?" in shown.text
    kept = await chat.press(shown, "Text bleibt")
    assert kept.text.startswith("Was möchten Sie ändern?")
    assert "Quelle: DS 2170/24" in "".join(kept.buttons)


@pytest.mark.parametrize(
    ("command", "answers"),
    [("/status EF-7 umgesetzt am 12.10.2025", []), ("/status EF-7", ["Umgesetzt am 12.10.2025"])],
)
async def test_a_state_may_be_typed_with_its_day(
    chat: Chat, services: Services, command: str, answers: list[str]
) -> None:
    shown = await answered(chat, await chat.say(command), *answers, "Vorschlag", *SOURCE)
    await chat.press(shown, "Veröffentlichen")
    assert phase(services) is Phase.DONE
