"""An admin changes the knowledge base in the chat, and a councillor gets the new answer."""

import time

import pytest

from tests.e2e.stage import ADMIN, COUNCILLOR, Json, Stage

pytestmark = pytest.mark.e2e

WITHIN = 1.0
"""Seconds from the publication to the new answer, the question's own way included."""

SOURCE = ("DS 4711/26", "September 2026", "amtlich")


def converse(stage: Stage, first: str, *steps: str) -> Json:
    """Write a command as the admin, then tap buttons or write; returns what is shown last."""
    shown = stage.ask(first, user=ADMIN)
    for step in steps:
        shown = go_on(stage, shown, step)
    return shown


def go_on(stage: Stage, shown: Json, step: str) -> Json:
    labels = [button["text"] for row in shown["buttons"] for button in row]
    if not any(step in label for label in labels):
        return stage.ask(step, user=ADMIN)
    since = stage.last_event()
    stage.press(shown, step, user=ADMIN)
    kind = "message" if step in {"Veröffentlichen", "Rückgängig", "Ja, zurücknehmen"} else "edited"
    return stage.wait(since=since, chat=ADMIN, kind=kind)[-1]


def test_what_an_admin_publishes_is_answered_to_a_councillor_within_a_second(
    stage: Stage,
) -> None:
    with stage.bot() as bot:
        converse(
            stage,
            "/neu Plan in ERFURT Bienenschutzplan",
            "Weiteres ergänzen",
            "Rhythmus",
            "alle 2 Jahre seit 2024",
            "Veröffentlichen",
        )
        converse(stage, "/neu Handlungsfeld in EF-BIENENSCHUTZPLAN Blühflächen", "Veröffentlichen")
        for title in ("Wildblumenwiese", "Nisthilfenbau", "Imkerschulung"):
            made = converse(stage, f"/neu Maßnahme in EF-BLUEHFLAECHEN {title}", "Veröffentlichen")
            assert "Veröffentlicht als Fassung" in made["text"]
        before = stage.ask("Wie weit ist der Nisthilfenbau?")["text"]
        assert "September 2026" not in before

        preview = converse(
            stage,
            "/status nisthilfenbau umgesetzt",
            "Alle Nisthilfen hängen.",
            *SOURCE,
            "Erledigungsvermerk",
            "Es sind 40 Nisthilfen.",
        )
        assert "bisher: –\nneu: umgesetzt" in preview["text"]
        assert "fehlt noch" not in preview["text"]
        published = go_on(stage, preview, "Veröffentlichen")
        begun = time.monotonic()
        after = stage.ask("Wie weit ist der Nisthilfenbau?", user=COUNCILLOR)["text"]
        assert time.monotonic() - begun < WITHIN
        assert "Alle Nisthilfen hängen." in after
        assert "Stand September 2026" in after
        assert "DS 4711/26" in after

        undone = go_on(stage, go_on(stage, published, "Rückgängig"), "Ja, zurücknehmen")
        assert "zurückgenommen" in undone["text"]
        assert stage.ask("Wie weit ist der Nisthilfenbau?", user=COUNCILLOR)["text"] == before
        bot.stop()
        assert "handler failed" not in bot.output


def test_a_draft_outlives_a_restart_of_the_bot(stage: Stage) -> None:
    with stage.bot():
        preview = converse(stage, "/status EF-7 zurückgestellt", "Vorschlag", *SOURCE)
    with stage.bot():
        assert "Veröffentlicht" in go_on(stage, preview, "Veröffentlichen")["text"]
        assert "EF-7" in stage.ask("/protokoll", user=ADMIN)["text"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_menu_of_an_admin_has_the_commands_that_readers_do_not_see(stage: Stage) -> None:
    stage.say("/start", user=ADMIN)
    with stage.bot():
        for _ in range(20):  # the menus are set beside answering
            if any("chat_id" in str(call["parameters"].get("scope")) for call in stage.calls()):
                break
            stage.ask("/hilfe", user=ADMIN)
        path = "chats/{0}/commands?user_id={0}"
        own = stage.sim("GET", path.format(ADMIN))["commands"]
        others = stage.sim("GET", path.format(COUNCILLOR))["commands"]
    assert {"status", "neu", "protokoll"} <= {c["command"] for c in own}
    assert not {"status", "neu", "protokoll"} & {c["command"] for c in others}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_reader_is_refused_also_with_a_forged_press_on_an_open_draft(stage: Stage) -> None:
    with stage.bot() as bot:
        assert "nur die Redaktion" in stage.ask("/status EF-7 umgesetzt")["text"]
        preview = converse(stage, "/status EF-7 zurückgestellt", "Vorschlag", *SOURCE)
        data = preview["buttons"][-3][0]["callback_data"]
        own = stage.ask("Wie weit ist der ECCAR-Abgleich?")
        path = f"chats/{own['chat_id']}/messages/{own['message_id']}/press"
        pressed = stage.sim(
            "POST", path, user_id=COUNCILLOR, callback_data=data, timeout=10, forged=True
        )
        assert "nur die Redaktion" in pressed["answer"]["text"]
        assert "EF-7" not in stage.ask("/protokoll", user=ADMIN)["text"].split("Fassung 1")[0]
        bot.stop()
        assert "refused" in bot.output
