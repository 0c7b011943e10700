"""Reports and numbers, for everybody who asks."""

import re

import pytest

from tests.e2e.stage import Stage

pytestmark = pytest.mark.e2e


def test_the_report_comes_as_a_text_and_as_a_table(running: Stage) -> None:
    since = running.last_event()
    running.say("/bericht")
    text, table = running.wait(since=since, chat=1001, count=2)
    assert text["text"].startswith("Beschlusskontrolle: ")
    assert re.search(r"\n– .+ \([A-Z0-9-]+\): (geplant|in Umsetzung)", text["text"])
    assert re.fullmatch(r"Bericht-[A-Z0-9-]+-\d{4}-\d\d-\d\d\.xlsx", table["file"]["file_name"])


def test_a_report_of_a_day_without_a_state_is_refused_with_a_sentence(running: Stage) -> None:
    assert "in der Zukunft" in running.ask("/bericht 31.12.2199")["text"]
    assert "Da hatte ich noch keine Angaben" in running.ask("/bericht 01.02.2020")["text"]


def test_an_unclear_name_is_asked_back(running: Stage) -> None:
    asked = running.ask("/bericht Raumfahrt 30.06.2026")
    assert "Zu „Raumfahrt“ finde ich nicht sicher einen Eintrag." in asked["text"]
    assert "finde ich nicht sicher" in running.ask("/ueberblick Raumfahrt")["text"]


def test_the_overview_counts(running: Stage) -> None:
    text = running.ask("/ueberblick")["text"]
    assert re.search(r"\d+ Maßnahmen und Beschlüsse erfasst, davon \d+ nicht abgeschlossen", text)
    for heading in ("Nach Stand", "Überfällig: ", "Ohne aktuelle Angabe"):
        assert heading in text
    assert "seit mehr als 12 Monaten" in text
