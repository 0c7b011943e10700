"""The entry that is named behind a command, or the sentence that there is none."""

import pytest

from tests.support.chat import Chat

NO_KEY = "Einen Eintrag mit dem Kürzel „EF-99“ gibt es nicht."


@pytest.mark.parametrize(
    "command",
    [
        "massnahmen",
        "termine",
        "quellen",
        "bericht",
        "ueberblick",
        "abo",
        "export",
        "verlauf",
        "bearbeiten",
        "meilenstein",
    ],
)
async def test_every_command_says_that_no_entry_has_a_key(chat: Chat, command: str) -> None:
    shown = await chat.say(f"/{command} EF-99 Abgleich")
    assert NO_KEY in shown.text


@pytest.mark.parametrize(
    ("command", "example"),
    [("quellen", "/quellen EF-7"), ("bericht", "30.06.2026"), ("ueberblick", "/ueberblick Int")],
)
async def test_what_can_be_written_instead_is_said(chat: Chat, command: str, example: str) -> None:
    for words in ("EF-99 Abgleich", "Schwimmbadsanierung"):
        assert example in (await chat.say(f"/{command} {words}")).text
