"""The README says what is true."""

import re
from pathlib import Path

from typer.main import get_command

from bot.cli import app
from bot.settings import Settings
from handlers.messages import PHRASES

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, list[str]]:
    """Table rows below a heading: the first cell without backticks, and the others."""
    section = README.split(f"### {heading}\n")[1].split("\n#")[0]
    lines = [line.strip("| ").split(" | ") for line in section.splitlines() if line[:3] == "| `"]
    return {cells[0].strip("`"): cells[1:] for cells in lines}


def test_every_setting_is_documented_with_its_default_and_meaning() -> None:
    documented = rows("Settings")
    assert set(documented) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        default, meaning = documented[name.upper()]
        assert meaning == field.description
        shown = default.strip("`")
        assert shown == "–" or shown == str(field.default)


def test_every_chat_command_is_documented() -> None:
    documented = {name.strip("/"): text for name, (text,) in rows("Commands in the chat").items()}
    assert documented == PHRASES["command"]


def test_every_command_for_members_is_documented_with_its_role() -> None:
    listed = rows("Commands for members")
    documented = {name.strip("/"): (role, text) for name, (role, text) in listed.items()}
    assert documented == {
        name: (role, text)
        for role, commands in PHRASES["member_command"].items()
        for name, text in commands.items()
    }


def test_every_shell_command_is_documented() -> None:
    documented = {name.split()[-1] for name in rows("Commands in the shell")}
    assert documented == set(get_command(app).commands)  # type: ignore[attr-defined]


def test_files_that_the_readme_points_to_exist() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target
