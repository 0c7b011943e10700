"""What is counted, and numbers that stand beside it."""

import pytest

from knowledge.answering.counts import counted, enumerated, only_counts, tells_how_many
from knowledge.answering.questions import understand
from knowledge.german import words
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

SNAPSHOT = Snapshot(
    [
        an_entry(
            "EF-1",
            title="Ausländerbeirat",
            facts=[a_fact("Gründungsmitglieder, Anträge, Personen und Potsdamer Maßnahmen.")],
        )
    ]
)


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("Wie viele Anträge gab es?", "Anträge"),
        ("wieviele anträge gabs beim beirat", "anträge"),
        ("Wie viele der gestellten Anträge hat der Beirat?", "Anträge"),
        ("Wie viele Potsdamer Maßnahmen gibt es?", "Maßnahmen"),
        ("Wie viele Gründungsmitglieder Potsdam?", "Gründungsmitglieder"),
        ("Wie viele Wochen dauert es?", "Wochen"),
        ("wieviel anträge gabs", "anträge"),
        ("wieviele kamen zum beirat", "Personen"),
        ("Anträge Beirat 2025 wie viele?", "Anträge"),
        ("anträge beim beirat wieviele", "anträge"),
        ("Zahl der Anträge", "Anträge"),
        ("beirat anträge anzahl", "anträge"),
        ("Beirat, wie viele?", None),  # in the singular, and so what they belong to
        ("Wie viele sind das?", None),
        ("Wer stellt viele Anträge?", None),
        ("Wie viel kostet der Beirat?", None),
    ],
)
def test_the_thing_that_is_counted_follows_how_many(text: str, thing: str | None) -> None:
    question = understand(text, SNAPSHOT)
    word = counted(question)
    assert (None if word is None else word.surface) == thing


@pytest.mark.parametrize(
    ("thing", "text", "told"),
    [
        ("Anträge", "Im Jahr 2023 waren es 677 Anträge.", True),
        ("Anträge", "Anträge: 677.", True),
        (
            "Anträge",
            "Der Beirat stellt Anträge nach Paragraf des Gesetzes von Jena und hat 12.",
            False,
        ),
        ("Anträge", "Anträge von 2023.", False),
        ("Handlungslinien", "Genannt ist etwa die Handlungslinie 59.", False),
        ("Handlungslinien", "Die Zahl der Handlungslinien: 59.", True),
        ("Mitglieder", "Es hat zehn Gründungsmitglieder.", True),
        ("Einzelpersonen", "Es hat 30 Einzelmitglieder.", True),
        ("Einzelpersonen", "Es hat 30 Gründungsmitglieder.", False),
        ("Dolmetschgespräche", "Es gab 70 Gespräche.", True),
        ("Mitglieder", "Rund 200 Personen kamen.", True),
        ("Personal", "Rund 200 Personen kamen.", False),
        ("Projekte", "Es sind 50 Maßnahmen.", True),
        ("Stimmen", "Der Rat beschloss es mit 35 Ja, 5 Nein.", True),
        ("Neinstimmen", "Der Rat beschloss es mit 35 Ja, 5 Nein.", True),
        ("Stimmen", "Der Rat beschloss es.", False),
        ("Postkarten", "Eine Postkartenaktion mit drei Motiven.", False),
        ("Anträge", "Es gibt den Beirat.", False),
    ],
)
def test_a_number_counts_what_it_stands_beside(thing: str, text: str, *, told: bool) -> None:
    (word,) = words(thing)
    assert tells_how_many(a_fact(text), word, SNAPSHOT.fact_index) is told


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("Welche Anträge gab es?", "Anträge"),
        ("wie heißen die anträge des beirats", "anträge"),
        ("Welcher Antrag war das?", None),
        ("Wie viele Anträge gab es?", None),
    ],
)
def test_what_is_to_be_named_follows_which(text: str, thing: str | None) -> None:
    word = enumerated(understand(text, SNAPSHOT))
    assert (None if word is None else word.surface) == thing


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("Die Aktion hat drei Motive gegen Rassismus.", True),
        ("Es gab 3 verschiedene Motive.", True),
        ("Die Aktion hat drei Motive: Herz, Hand und Kopf.", False),
        ("Die Aktion hat drei Motive (Herz, Hand, Kopf).", False),
        ("Die drei Motive der Aktion: (1) Ein Herz; (2) Eine Hand; (3) Ein Kopf.", False),
        ("Die Aktion (Start 2020) hat drei Motive, alle in Farbe.", True),
        ("Motiv 2 zeigt eine Hand; drei Motive gibt es.", False),
        ("Die Motive zeigen Hände.", False),
        ("Die Aktion hat drei Plakate.", False),
    ],
)
def test_a_text_that_only_counts_does_not_name(text: str, *, only: bool) -> None:
    (word,) = words("Motive")
    assert only_counts(a_fact(text), word, SNAPSHOT.fact_index) is only
