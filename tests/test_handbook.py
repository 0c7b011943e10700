"""The handbook says what is true, and shows it."""

import re
from pathlib import Path

from handlers.menu import member_commands
from knowledge.people import Role

DOCS = Path(__file__).parents[1] / "docs"
HANDBOOK = (DOCS / "handbuch.md").read_text(encoding="utf-8")
PICTURES = re.findall(r"!\[(.*?)\]\((.*?)\)", HANDBOOK)

MOST_BYTES, MOST_BYTES_IN_ALL = 60_000, 1_500_000
"""So that the page also opens where the line is slow."""


def registered() -> set[str]:
    """Every command, as the menu of an admin shows it, with its slash."""
    return {f"/{listed.command}" for listed in member_commands(Role.ADMIN)}


def test_every_command_of_the_bot_is_explained_and_no_other() -> None:
    explained = set(re.findall(r"(?<=`)/[a-z]+", HANDBOOK))
    assert explained == registered()


def test_every_picture_is_there_described_and_shown_once() -> None:
    shown = [target for _, target in PICTURES]
    taken = {f"images/{path.name}" for path in (DOCS / "images").glob("handbuch-*.png")}
    assert len(shown) == len(set(shown))
    assert set(shown) == taken
    assert all(words for words, _ in PICTURES)


def test_the_pictures_are_small() -> None:
    sizes = [(DOCS / target).stat().st_size for _, target in PICTURES]
    assert max(sizes) <= MOST_BYTES
    assert sum(sizes) <= MOST_BYTES_IN_ALL
