"""Greetings, thanks, personal cases, opinions, forecasts and English are told apart."""

import pytest

from knowledge.answering.asides import Aside, aside, to_subscribe
from knowledge.answering.questions import understand
from knowledge.german import words
from knowledge.snapshot import Snapshot
from knowledge.yaml_files import load


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hallo!", Aside.GREETING),
        ("wer bist du", Aside.GREETING),
        ("vielen Dank", Aside.THANKS),
        ("wann bekomme ich meinen aufenthaltstitel", Aside.PERSONAL),
        ("Mein Asylantrag wurde abgelehnt", Aside.PERSONAL),
        ("Findest du das gut?", Aside.OPINION),
        ("welche partei soll ich wählen", Aside.OPINION),
        ("Ist die Integrationspolitik der Stadt gut?", Aside.OPINION),
        ("ist der plan ausreichend", Aside.OPINION),
        ("kannst du mir ne rede für den stadtrat schreiben", Aside.WRITING),
        ("wie stimmt der rat beim nächsten mal ab", Aside.FORECAST),
        ("wie wird die fraktion abstimmen", Aside.FORECAST),
        ("what is the status of the plan", Aside.ENGLISH),
        ("abbestellen", Aside.ENDING),
        ("Stop!", Aside.ENDING),
        ("stopp", Aside.ENDING),
        ("bitte keine Nachrichten mehr", Aside.ENDING),
        ("ich möchte mich abmelden", Aside.ENDING),
        ("Abo kündigen", Aside.ENDING),
        ("Ich möchte keine Benachrichtigungen mehr", Aside.ENDING),
        ("bitte nicht mehr schreiben", Aside.ENDING),
        ("meine Abos", Aside.ENDING),
        ("Abo EF-7 beenden", Aside.ENDING),
        ("EF-7 abbestellen", Aside.ENDING),
        ("deabonnieren EF-7", Aside.ENDING),
        ("Abo zum Maßnahmenplan kündigen", Aside.ENDING),
        ("Abo ändern", Aside.ENDING),
        ("EF-7 nicht mehr abonnieren", Aside.ENDING),
        ("Ich möchte nichts mehr abonnieren", Aside.ENDING),
        ("Abo EF-7 bitte nicht mehr", Aside.ENDING),
        ("abo dolmetschprogramm", Aside.SUBSCRIBING),
        ("Abo nicht begonnene Maßnahmen", Aside.SUBSCRIBING),
        ("Abo nichts verpassen beim Konzept", Aside.SUBSCRIBING),
        ("abonnieren Dolmetschprogramm", Aside.SUBSCRIBING),
        ("das Dolmetschprogramm abonnieren", Aside.SUBSCRIBING),
        ("Abo", Aside.SUBSCRIBING),
        ("Was kostet das Abo?", None),
        ("Wie kann man sich vom Kurs abmelden?", None),
        ("Wurde das Programm gestoppt?", None),
        ("Gibt es einen Stopp der Abschiebungen?", None),
        ("", None),
        ("Wie weit ist der Maßnahmenplan?", None),
        ("Welche Anträge auf Einbürgerung gab es?", None),
        ("Wer wird beteiligt?", None),
        ("Wann findet sie statt?", None),
        ("Finden Sie noch statt?", None),
        ("Ist das richtig?", None),
        ("Ist das so richtig?", None),
        ("Ist das denn auch wirklich wahr?", None),
        ("Ist das sinnvoll?", Aside.OPINION),
        ("Ist der Plan so richtig?", Aside.OPINION),
        ("War die Konferenz gut besucht?", None),
    ],
)
def test_messages_that_are_no_questions_about_facts(text: str, expected: Aside | None) -> None:
    assert aside(words(text), names_something=False) is expected


def test_no_shipped_entry_has_a_name_that_ends_a_subscription() -> None:
    snapshot = Snapshot(load())
    for entry in snapshot.entries.values():
        for name in (entry.key, entry.title, *entry.aliases):
            asides = {understand(f"{before} {name}", snapshot).aside for before in ("/abo", "Abo")}
            assert asides == {Aside.SUBSCRIBING}, name


def test_a_greeting_before_a_question_does_not_hide_the_question() -> None:
    assert aside(words("Guten Tag, Stand Maßnahmenplan?"), names_something=True) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Sag Bescheid, wenn sich beim Konzept 2006 etwas ändert", "Konzept 2006"),
        ("Sag mir Bescheid, wenn sich bei Handlungsfeld 3 etwas ändert", "Handlungsfeld 3"),
        ("Informiere mich über DS 1 / 24", "DS 1/24"),
        ("Abonniere DS 1 /24", "DS 1/24"),
        ("Erinnere mich 14 Tage vorher an Maßnahme 7", "Maßnahme 7"),
        ("Erinnere mich bitte zwei Wochen vor der Frist von EF-8", "Frist EF-8"),
        ("Guten Tag, erinnere mich einen Tag vorher an EF-8", "EF-8"),
        ("Erinnere mich diese Woche an EF-8", "EF-8"),
        (
            "Sag Bescheid, wenn bei der Interkulturellen Woche etwas passiert",
            "Interkulturellen Woche",
        ),
        ("Sag mir Bescheid, wenn sich etwas ändert", ""),
    ],
)
def test_what_is_to_be_subscribed_is_what_was_typed_around_the_request(
    text: str, wanted: str
) -> None:
    assert to_subscribe(text) == wanted
