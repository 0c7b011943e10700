"""What people ask, through Telegram's protocol, against the shipped knowledge base."""

import re

import pytest

from handlers.menu import added_commands
from handlers.messages import PHRASES
from knowledge.people import Role
from tests.e2e.stage import GROUP, STAFF, Json, Stage

pytestmark = pytest.mark.e2e


def assert_says(message: Json, *patterns: str) -> None:
    for pattern in patterns:
        assert re.search(pattern, message["text"], re.IGNORECASE), f"{pattern}\n{message['text']}"


def test_the_questions_of_the_inquiry_are_answered_as_completely_as_by_the_letter(
    stage: Stage,
) -> None:
    with stage.bot():
        first = stage.ask(
            "Wie ist der aktuelle Umsetzungsstand des Integrationskonzeptes und der "
            "Fortschreibung des Maßnahmenplans?"
        )
        assert_says(
            first,
            r"21\.11\.2023",
            r"alle (zwei|2) Jahre|Zweijahrestakt",
            r"2024 war weder eine Evaluierung noch eine Fortschreibung",
            r"sollte 2024 beginnen, konnte .* nicht",
            r"Leitlinien",
            r"Haushalt",
            r"September 2024",
            r"endgültige Fassung war aber nicht veröffentlicht",
            r"Dezembertreffen mit den Migrationsberatungsstellen",
            r"Sicherheit, Umwelt und Sport",
            r"Soziales, Bildung, Jugend und Gesundheit",
            r"MigraNetz",
            r"DS 2170/24",
            r"Stand 2024",
        )
        second = stage.ask(
            "Inwieweit wurde der Abgleich der Maßnahmen entsprechend der ECCAR-Kriterien "
            "durchgeführt?"
        )
        assert_says(
            second,
            r"noch nicht durchgeführt",
            r"sobald die Fortschreibung des kommunalen Integrationskonzepts beginnt",
            r"DS 2170/24",
            r"Stand 2024 · amtlich",
        )


@pytest.mark.parametrize(
    ("question", "patterns"),
    [
        (
            "Wie weit ist die Fortschreibung des Maßnahmenplans?",
            [r"Für 2024 war weder", r"Hängt ab von", r"DS 2170/24", r"Stand 2024 · amtlich"],
        ),
        ("eccar abgleich schon gemacht?", [r"noch nicht durchgeführt", r"DS 2170/24"]),
        ("drucksache 2170/24", [r"Fortschreibung des Maßnahmenplans", r"Anfrage"]),
        (
            "wann wurde das thueringer integrationskonzept beschlosen",
            [r"November 2017", r"September 2024", r"Gelesen als: .*beschlossen"],
        ),
        ("was kostet das integrationskonzept", [r"Kosten", r"nicht bekannt|nicht belegt"]),
        ("wie wird das wetter", [r"^Dazu liegt mir nichts vor\."]),
    ],
)
def test_a_question_gets_its_answer(running: Stage, question: str, patterns: list[str]) -> None:
    assert_says(running.ask(question), *patterns)


def test_a_bare_follow_up_refers_to_the_last_answer(running: Stage) -> None:
    running.ask("Wie weit ist die Fortschreibung des Integrationskonzepts?")
    reply = running.ask("wer ist zuständig")
    assert_says(reply, r"Büro für Migration und Integration", r"DS 2170/24")


def test_a_follow_up_that_names_a_kind_only_refers_to_the_last_answer(running: Stage) -> None:
    running.ask("eccar abgleich schon gemacht?")
    reply = running.ask("warum dauert das mit dem konzept so lange")
    assert_says(reply, r"Landeskonzept", r"Leitlinien", r"Haushalt", r"DS 2170/24")


def test_another_time_is_asked_for_of_the_last_answer(running: Stage) -> None:
    running.ask("wie viele einbürgerungsanträge 2024")
    assert_says(running.ask("und 2023?"), r"677 Einbürgerungsanträge 2023")


def test_only_what_is_new_has_to_be_said(running: Stage) -> None:
    running.ask("Was kostet das Integrationskonzept in Jena?")
    reply = running.ask("und in Leipzig?")
    assert_says(reply, r"Gelesen als: Was kostet das Integrationskonzept in Leipzig\?", r"90\.000")


def test_a_question_that_names_nothing_is_about_what_was_talked_about(running: Stage) -> None:
    running.ask("Wann ist ECCAR entstanden?")
    assert_says(running.ask("geschäftsstelle wo?"), r"Heidelberg")


def test_a_follow_up_without_a_topic_asks_back(running: Stage) -> None:
    assert_says(running.ask("und bis wann?", user=STAFF), r"Worauf bezieht sich")


def test_start_greets_and_an_example_can_be_tapped(running: Stage) -> None:
    greeting = running.ask("/start")
    assert len(greeting["buttons"]) == 3
    assert_says(running.press_for(greeting, "Maßnahmenplan"), r"Für 2024 war weder")


def test_buttons_below_an_answer_lead_on(running: Stage) -> None:
    reply = running.ask("Wie weit ist der ECCAR-Abgleich?")
    assert_says(running.press_for(reply, "Quelle"), r"Quellen: .*ECCAR", r"DS 2170/24")
    assert_says(running.press_for(reply, "Verlauf"), r"Fassung 1", r"Auslieferung")
    assert_says(running.press_for(reply, "Hängt ab von"), r"Hängt ab von:")


def test_browsing_edits_one_message_and_leads_back(running: Stage) -> None:
    top = running.ask("/massnahmen")
    before = len(running.messages(top["chat_id"]))
    town = running.press_for(top, "Erfurt", kind="edited")
    assert_says(town, r"Landeshauptstadt Erfurt")
    plan = running.press_for(town, "Maßnahmenplan", kind="edited")
    assert_says(plan, r"Landeshauptstadt Erfurt ›", r"EF-MP")
    again = running.press_for(plan, "Zurück", kind="edited")
    assert again["text"] == town["text"]
    assert {m["message_id"] for m in (top, town, plan, again)} == {top["message_id"]}
    assert len(running.messages(top["chat_id"])) == before


def test_dates_can_be_paged_into_the_past_and_back(running: Stage) -> None:
    coming = running.ask("/termine")
    assert_says(coming, r"Kommende Termine")
    past = running.press_for(coming, "Frühere", kind="edited")
    assert_says(past, r"Vergangene Termine")
    assert_says(running.press_for(past, "Spätere", kind="edited"), r"Kommende Termine")


def test_sources_of_an_entry_are_listed_by_key_number_or_name(running: Stage) -> None:
    assert_says(running.ask("/quellen ef-7"), r"DS 2170/24")
    assert_says(running.ask("/quellen 2170/24"), r"DS 2170/24")
    assert_says(running.ask("/quellen"), r"Zu welchem Eintrag")
    assert_says(running.ask("/quellen Quatschwort"), r"finde ich keinen Eintrag")


def test_a_question_without_answer_can_be_handed_over_once(running: Stage) -> None:
    reply = running.ask("Gibt es Freibier auf dem Marktplatz?")
    assert_says(reply, r"^Dazu liegt mir nichts vor")
    assert_says(running.press_for(reply, "An die Redaktion"), r"an die Redaktion gegeben")
    assert_says(running.press_for(reply, "An die Redaktion"), r"liegt der Redaktion vor")


def test_in_a_group_the_bot_answers_only_when_addressed(running: Stage) -> None:
    since = running.last_event()
    running.say("Wie weit ist der Maßnahmenplan?", chat=GROUP)
    running.say("/frage@massnahmenbot Wie weit ist der ECCAR-Abgleich?", chat=GROUP)
    running.say("@massnahmenbot drucksache 2170/24", chat=GROUP)
    replies = running.wait(since=since, chat=GROUP, count=2)
    assert_says(replies[0], r"noch nicht durchgeführt")
    assert_says(replies[1], r"DS 2170/24")
    assert len([m for m in running.messages(GROUP) if m["from_bot"]]) == 2
    assert all(reply["reply_to"] for reply in replies)


def test_an_edited_message_is_not_answered_again(running: Stage) -> None:
    since = running.last_event()
    asked = running.say("drucksache 2170/24", user=STAFF)
    running.wait(since=since, chat=STAFF)
    path = f"chats/{STAFF}/messages/{asked['message_id']}"
    running.sim("PATCH", path, text="drucksache 1235/24")
    reply = running.ask("/hilfe", user=STAFF)
    assert_says(reply, r"So fragen Sie")
    answers = [m["text"] for m in running.messages(STAFF) if m["from_bot"]]
    assert sum("1235/24 ist" in text for text in answers) == 0


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("/gibtsnicht", r"kenne ich nicht"),
        ("/frage", r"Was möchten Sie wissen"),
        ("/hilfe", r"So fragen Sie"),
        ("<b>&amp;</b> <script>", r"liegt mir nichts vor"),
        ("?" * 4000, r"Dazu liegt mir nichts vor|Worauf bezieht"),
    ],
)
def test_odd_input_gets_a_sentence(running: Stage, text: str, pattern: str) -> None:
    assert_says(running.ask(text), pattern)


def test_a_forged_button_is_refused_with_a_sentence(running: Stage) -> None:
    reply = running.ask("drucksache 2170/24")
    path = f"chats/{reply['chat_id']}/messages/{reply['message_id']}/press"
    for data in ("1:a:GIBTS-NICHT:", "9:a:EF-7:", "1:zzz:EF-7:", "quatsch"):
        since = running.last_event()
        pressed = running.sim(
            "POST", path, user_id=1001, callback_data=data, timeout=10, forged=True
        )
        if data.startswith("1:a:"):
            assert_says(
                running.wait(since=since, chat=reply["chat_id"])[-1], r"gibt es nicht mehr"
            )
        else:
            assert "veraltet" in pressed["answer"]["text"]


def test_the_menu_is_set_for_private_chats_and_groups(running: Stage) -> None:
    private = running.sim("GET", "chats/1001/commands?user_id=1001")["commands"]
    group = running.sim("GET", f"chats/{GROUP}/commands?user_id=1001")["commands"]
    assert [c["command"] for c in private] == list(PHRASES["command"])
    assert not {c["command"] for c in private} & added_commands(Role.ADMIN).keys()
    assert "start" not in {c["command"] for c in group}
