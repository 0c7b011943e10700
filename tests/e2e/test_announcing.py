"""An announcement, from the preview to those who are told."""

import re

import pytest

from tests.e2e.stage import ADMIN, COUNCILLOR, STAFF, Stage

pytestmark = pytest.mark.e2e

TEXT = "Am 3. März ist Wartung.\n\nIhre Redaktion"


def test_an_announcement_reaches_everybody_with_a_role_once(stage: Stage) -> None:
    with stage.bot():
        link = re.search(r"start=([\w-]+)", stage.ask("/einladen editor Amt", user=ADMIN)["text"])
        assert link
        stage.ask(f"/start {link[1]}", user=STAFF)
        since = stage.last_event()
        stage.say(f"/rundruf {TEXT}", user=ADMIN)
        count, preview = stage.wait(since=since, chat=ADMIN, count=2)
        assert count["text"].startswith("So kommt der Rundruf in 2 Chats an.")
        since = stage.last_event()
        stage.press(preview, "Veröffentlichen", user=ADMIN)
        (told,) = stage.wait(since=since, chat=STAFF)
        assert told["text"] == preview["text"] == f"Mitteilung der Redaktion\n\n{TEXT}"
        again = stage.press(preview, "Veröffentlichen", user=ADMIN, forged=True)
        assert again["answer"]["text"] == "Das ist schon so. Es gibt nichts zu ändern."
    assert [m["text"] for m in stage.messages(STAFF)].count(told["text"]) == 1
    assert "/rundruf" not in str(stage.messages(COUNCILLOR))
