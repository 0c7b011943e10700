"""Inviting people, taking up invitations, changing and ending roles."""

import re

import pytest

from tests.e2e.stage import ADMIN, COUNCILLOR, GROUP, STAFF, Json, Stage

pytestmark = pytest.mark.e2e

INVALID = "Dieser Link gilt nicht oder nicht mehr."


def token_in(message: Json) -> str:
    """The token of the link that an invitation shows."""
    found = re.search(r"https://t\.me/massnahmenbot\?start=([\w-]{32})$", message["text"])
    assert found, message["text"]
    return found[1]


def invite(stage: Stage, words: str) -> str:
    return token_in(stage.ask(f"/einladen {words}", user=ADMIN))


def menu_of(stage: Stage, user: int) -> list[str] | None:
    """The last menu that was set for somebody's chat; None if it was taken away."""
    calls = [
        call
        for call in stage.calls()
        if call["method"].lower() in {"setmycommands", "deletemycommands"}
        and call["parameters"]["scope"].get("chat_id") == user
    ]
    commands = calls[-1]["parameters"].get("commands")
    return None if commands is None else [command["command"] for command in commands]


def toast(stage: Stage, message: Json, label: str, *, user: int, **more: object) -> str:
    text: str = stage.press(message, label, user=user, **more)["answer"]["text"]
    return text


def test_an_invited_person_becomes_editor_and_gives_the_role_up(stage: Stage) -> None:
    with stage.bot() as bot:
        invitation = stage.ask("/einladen Redaktion Amt 50", user=ADMIN)
        assert invitation["text"].startswith("Einladung für Amt 50 – Redaktion")
        assert re.search(
            r"gilt einmal und bis \d\d\.\d\d\.\d{4}, \d\d:\d\d Uhr", invitation["text"]
        )
        token = token_in(invitation)
        assert "Das dürfen hier nur" in stage.ask("/rolle", user=STAFF)["text"]

        welcome = stage.ask(f"/start {token}", user=STAFF)
        assert welcome["text"].startswith("Willkommen, Amt 50! Ihre Rolle ist jetzt: Redaktion.")
        assert "/einladen" not in welcome["text"]
        menu = menu_of(stage, STAFF)
        assert menu is not None
        assert {"frage", "rolle"} <= set(menu)
        assert "einladen" not in menu
        # A link works once, for whoever has it.
        for user in (STAFF, COUNCILLOR):
            assert stage.ask(f"/start {token}", user=user)["text"].startswith(INVALID)

        assert (
            "Das darf hier nur die Verwaltung"
            in stage.ask("/einladen editor X", user=STAFF)["text"]
        )
        own = stage.ask("/rolle", user=STAFF)
        assert own["text"].startswith("Amt 50 – Redaktion (das sind Sie)")
        asked = stage.press_for(own, "Rolle beenden", kind="edited", user=STAFF)
        assert "Möchten Sie Ihre Rolle abgeben?" in asked["text"]
        gone = stage.press_for(asked, "Ja", kind="edited", user=STAFF)
        assert gone["text"].startswith("Sie haben Ihre Rolle abgegeben.")
        assert menu_of(stage, STAFF) is None
        assert "Das dürfen hier nur" in stage.ask("/rolle", user=STAFF)["text"]
        bot.stop()
        assert "role changed" in bot.output
        assert token not in bot.output


def test_an_admin_changes_roles_and_labels_by_buttons(stage: Stage) -> None:
    with stage.bot():
        for words, user in (("editor Amt 50", STAFF), ("editor Beirat", COUNCILLOR)):
            stage.ask(f"/start {invite(stage, words)}", user=user)
        listed = stage.ask("/rolle", user=ADMIN)
        assert re.search(r"– admin: Verwaltung, durch die Einstellungen", listed["text"])
        assert re.search(r"– Amt 50: Redaktion, seit \d\d\.\d\d\.\d{4}", listed["text"])

        page = stage.press_for(listed, "Amt 50", kind="edited", user=ADMIN)
        assert f"/rolle {STAFF} Kürzel" in page["text"]
        renamed = stage.ask(f"/rolle {STAFF} Amt für  Soziales", user=ADMIN)
        assert renamed["text"].startswith("Amt für Soziales – Redaktion")
        assert (
            "Dieses Kürzel ist vergeben"
            in (stage.ask(f"/rolle {STAFF} beirat", user=ADMIN)["text"])
        )

        asked = stage.press_for(renamed, "Zur Verwaltung machen", kind="edited", user=ADMIN)
        assert "Neue Rolle: Verwaltung" in asked["text"]
        assert toast(stage, asked, "Ja", user=ADMIN) == (
            "Amt für Soziales hat jetzt die Rolle: Verwaltung."
        )
        assert "einladen" in (menu_of(stage, STAFF) or [])

        # The new admin ends the role of an editor, who is in the middle of something.
        open_page = stage.ask("/rolle", user=COUNCILLOR)
        named = stage.ask("/rolle BEIRAT", user=STAFF)
        asked = stage.press_for(named, "Rolle beenden", kind="edited", user=STAFF)
        assert toast(stage, asked, "Ja", user=STAFF) == "Beirat hat keine Rolle mehr."
        assert "Das dürfen hier nur" in toast(stage, open_page, "Rolle beenden", user=COUNCILLOR)
        # Once more from the same message: there is nobody any more.
        assert toast(stage, asked, "Ja", user=STAFF, forged=True) == (
            "Diese Person hat keine Rolle (mehr)."
        )
        assert "„Beirat“ hat hier keine Rolle." in stage.ask("/rolle Beirat", user=STAFF)["text"]


def test_invitations_are_listed_and_revoked(stage: Stage) -> None:
    with stage.bot():
        token = invite(stage, "admin Leitung")
        assert (
            "Dieses Kürzel ist vergeben"
            in (stage.ask("/einladen editor leitung", user=ADMIN)["text"])
        )
        listed = stage.ask("/einladen", user=ADMIN)
        assert "– Leitung: Verwaltung, gilt bis" in listed["text"]
        assert toast(stage, listed, "Zurückziehen: Leitung", user=ADMIN) == (
            "Die Einladung ist zurückgezogen."
        )
        again = toast(stage, listed, "Zurückziehen: Leitung", user=ADMIN, forged=True)
        assert again.startswith("Diese Einladung gab es nicht mehr")
        assert stage.ask(f"/start {token}", user=STAFF)["text"].startswith(INVALID)
        assert "Zurzeit ist keine Einladung offen." in stage.ask("/einladen", user=ADMIN)["text"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_missing_or_impossible_is_explained(stage: Stage) -> None:
    with stage.bot():
        for words, sentence in (
            ("chef Amt 50", "„chef“ ist keine Rolle."),
            ("editor", "Welches Kürzel soll im Verlauf stehen?"),
            ("editor " + "x" * 41, "1 bis 40 Zeichen"),
        ):
            assert sentence in stage.ask(f"/einladen {words}", user=ADMIN)["text"]
        assert stage.ask("/start gibts-nicht", user=STAFF)["text"].startswith(INVALID)
        assert "Quelle" in str(stage.ask("/start EF-7", user=STAFF)["buttons"])

        token = invite(stage, "editor Amt 50")
        in_group = stage.ask(f"/start@massnahmenbot {token}", user=STAFF, chat=GROUP)
        assert "nur im direkten Gespräch" in in_group["text"]
        assert (
            "schon. Die Einladung bleibt gültig."
            in (stage.ask(f"/start {token}", user=ADMIN)["text"])
        )
        assert stage.ask(f"/start {token}", user=STAFF)["text"].startswith("Willkommen")

        own = stage.ask(f"/rolle {ADMIN}", user=ADMIN)
        assert "lässt sich nur dort ändern" in own["text"]
        assert [b["text"] for row in own["buttons"] for b in row] == ["‹ Zurück"]
        path = f"chats/{own['chat_id']}/messages/{own['message_id']}/press"
        for data, sentence in (
            (f"1:M:{ADMIN}:reader-do", "lässt sich nur dort ändern"),
            (f"1:M:{COUNCILLOR}:admin-do", "Diese Person hat keine Rolle"),
            ("1:I:unbekannt:", "Diese Einladung gab es nicht mehr"),
        ):
            pressed = stage.sim(
                "POST", path, user_id=ADMIN, callback_data=data, timeout=10, forged=True
            )
            assert sentence in pressed["answer"]["text"]
        # An editor cannot touch others by forged data.
        page = stage.ask("/rolle", user=STAFF)
        path = f"chats/{page['chat_id']}/messages/{page['message_id']}/press"
        for data in (f"1:M:{ADMIN}:reader-do", "1:M::", f"1:M:{STAFF}:admin-do"):
            pressed = stage.sim(
                "POST", path, user_id=STAFF, callback_data=data, timeout=10, forged=True
            )
            assert "Das d" in pressed["answer"]["text"]
        assert stage.ask("/rolle", user=STAFF)["text"].startswith("Amt 50 – Redaktion")
