"""Status words of other towns."""

from pathlib import Path

import pytest
import yaml

import handlers
from knowledge.entries import Phase
from knowledge.exchange.statuses import PHASE_WORDS, Statuses, known_words


@pytest.mark.parametrize(
    ("cell", "phase"),
    [
        ("geplant", Phase.PLANNED),
        ("nicht begonnen", Phase.PLANNED),
        ("nicht begonnen - in Vorbereitung", Phase.IN_PREPARATION),
        ("In Bearbeitung", Phase.IN_PROGRESS),
        ("läuft", Phase.IN_PROGRESS),
        ("begonnen", Phase.IN_PROGRESS),
        ("in Umsetzung (seit 2023)", Phase.IN_PROGRESS),
        ("begonnen - fortlaufend", Phase.CONTINUOUS),
        ("Daueraufgabe", Phase.CONTINUOUS),
        ("ins laufende Geschäft übergegangen", Phase.CONTINUOUS),
        ("erledigt", Phase.DONE),
        ("umgesetzt, Bericht liegt vor", Phase.DONE),
        ("ABGESCHLOSSEN", Phase.DONE),
        ("erfüllt", Phase.DONE),
        ("verschoben", Phase.POSTPONED),
        ("zurückgestellt", Phase.POSTPONED),
        ("entfällt", Phase.DROPPED),
        ("nicht weiter zu verfolgen", Phase.DROPPED),
        ("unbekannt", Phase.UNKNOWN),
        ("0 %", Phase.PLANNED),
        ("40%", Phase.IN_PROGRESS),
        ("100 %", Phase.DONE),
    ],
)
def test_words_that_towns_use_are_understood(cell: str, phase: Phase) -> None:
    statuses = Statuses()
    assert statuses.read(cell, row=2) is phase
    assert statuses.questions == ()


@pytest.mark.parametrize(
    ("cell", "suggestion"),
    [
        ("grün", Phase.DONE),
        ("gelb", Phase.IN_PROGRESS),
        ("nicht umgesetzt", Phase.DROPPED),
        ("verzögert", Phase.IN_PROGRESS),
        ("abgeschlosen", Phase.DONE),
        ("beschlossen", None),
        ("Quick-Win", None),
        ("120 %", None),
    ],
)
def test_words_that_mean_different_things_are_asked_for(
    cell: str, suggestion: Phase | None
) -> None:
    statuses = Statuses()
    assert statuses.read(cell, row=2) is None
    assert [question.suggestion for question in statuses.questions] == [suggestion]


def test_a_word_is_asked_for_once_however_it_is_written() -> None:
    statuses = Statuses()
    for row, cell in enumerate(["Grün", "rot", "grün", "GRÜN."], start=2):
        statuses.read(cell, row)
    assert [(q.word, q.rows) for q in statuses.questions] == [("Grün", (2, 4, 5)), ("rot", (3,))]


def test_an_answer_holds_for_the_word_and_wins_over_what_is_known() -> None:
    statuses = Statuses({"Grün": Phase.CONTINUOUS, "Quick-Win": None, "offen": Phase.POSTPONED})
    assert statuses.read("grün", row=2) is Phase.CONTINUOUS
    assert statuses.read("quick-win", row=3) is None
    assert statuses.read("offen", row=4) is Phase.POSTPONED
    assert statuses.questions == ()


def test_what_words_were_taken_for_is_kept_once_and_names_of_phases_are_not() -> None:
    statuses = Statuses({"siehe oben": None, "Grün": Phase.DONE})
    cells = ["läuft", "Läuft (seit 2023)", "In Umsetzung", "40 %", "siehe oben", "grün", "geplant"]
    for row, cell in enumerate(cells, start=2):
        statuses.read(cell, row)
    assert [(taken.word, taken.phase) for taken in statuses.meanings] == [
        ("läuft", Phase.IN_PROGRESS),
        ("40 %", Phase.IN_PROGRESS),
        ("siehe oben", None),
        ("grün", Phase.DONE),
    ]


def test_every_word_is_known_once() -> None:
    words = [word for word, _ in known_words("means", "ask")]
    assert len(words) == len(set(words))


def test_an_export_writes_the_words_that_the_chat_uses() -> None:
    templates = Path(handlers.__file__).parent / "templates"
    phrases = yaml.safe_load((templates / "phrases.yaml").read_text(encoding="utf-8"))
    assert {phase.value: word for phase, word in PHASE_WORDS.items()} == phrases["phase"]
