"""Handing a question over, its answer by an editor, and being told once."""

import pytest

from tests.e2e.stage import ADMIN, COUNCILLOR, STAFF, Json, Stage

pytestmark = pytest.mark.e2e

QUESTION = "Gibt es Freibier auf dem Marktplatz?"


def hand_over(stage: Stage, choice: str, *, user: int = COUNCILLOR) -> None:
    """Ask something that nobody knows, hand it over and say whether to be told."""
    reply = stage.ask(QUESTION, user=user)
    handed_over = stage.press_for(reply, "An die Redaktion geben", user=user)
    assert "Soll ich hier Bescheid sagen" in handed_over["text"]
    decided = stage.press_for(handed_over, choice, user=user, kind="edited")
    assert decided["text"].startswith("Gut")


def answer(stage: Stage) -> Json:
    """Answer the question as an editor; returns what is said on publication."""
    inbox = stage.ask("/fragen", user=ADMIN)
    assert "2 Fragen warten auf eine Antwort; gleiche sind zusammengefasst" in inbox["text"]
    page = stage.press_for(inbox, "2× Gibt es Freibier", user=ADMIN, kind="edited")
    assert "Eine Person möchte Bescheid wissen." in page["text"]
    shown = stage.press_for(page, "Beantworten", user=ADMIN)
    shown = stage.ask("EF-7", user=ADMIN)
    shown = stage.press_for(shown, "Ergebnis", user=ADMIN, kind="edited")
    for text in ("Freibier gibt es am 1. Mai.", "DS 1/26"):
        shown = stage.ask(text, user=ADMIN)
    for label in ("Heute", "amtlich"):
        shown = stage.press_for(shown, label, user=ADMIN, kind="edited")
    return stage.press_for(shown, "Veröffentlichen", user=ADMIN)


def test_who_wants_to_know_is_told_the_answer_once_and_nobody_else(stage: Stage) -> None:
    with stage.bot() as bot:
        hand_over(stage, "Ja, sagen Sie mir Bescheid")
        hand_over(stage, "Nein, danke", user=STAFF)
        since = stage.last_event()
        answer(stage)
        (told,) = stage.wait(since=since, chat=COUNCILLOR)
        assert told["text"].startswith(
            f"Antwort auf Ihre Frage\nSie hatten gefragt: „{QUESTION}“."
        )
        assert "Freibier gibt es am 1. Mai. [1]" in told["text"]
        assert "Keine Frage wartet" in stage.ask("/fragen", user=ADMIN)["text"]
    with stage.bot():  # nothing is told again
        stage.ask("/hilfe")
        stage.ask("/hilfe", user=STAFF)
    for user, times in ((COUNCILLOR, 1), (STAFF, 0)):
        texts = [message["text"] for message in stage.messages(user)]
        assert sum("Antwort auf Ihre Frage" in text for text in texts) == times
    assert "Freibier" not in bot.output


def test_readers_cannot_look_into_the_inbox(stage: Stage) -> None:
    with stage.bot():
        assert "Das dürfen hier nur" in stage.ask("/fragen")["text"]
