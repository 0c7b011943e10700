"""What was changed in an entry by whom, and the button that takes a revision back."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from telegram import InlineKeyboardButton

from handlers.buttons import Action, button
from handlers.messages import PHRASES, render
from handlers.pages import page_of, turning
from handlers.services import Services
from knowledge.differences import compare
from knowledge.revisions import Version

MOST_VERSIONS = 10
"""Versions of an entry that are shown at once."""


def history(
    versions: Sequence[Version],
    number: int,
    services: Services,
    turn: Callable[[str, str], InlineKeyboardButton],
    *,
    texts: bool = False,
) -> tuple[str, list[InlineKeyboardButton]]:
    """What was changed in an entry by whom: one page of its versions, and the buttons to others.

    Args:
        versions: All of them, newest first.
        number: The page.
        services: The knowledge base and its surroundings.
        turn: Makes a button of a label and the number of the page that it leads to.
        texts: Whether it is said what each of them changed, former texts included.
    """
    page = page_of(range(len(versions)), number, size=MOST_VERSIONS)
    shown = []
    for place in page.shown:
        before = versions[place + 1].standing if place + 1 < len(versions) else None
        told = compare(before, versions[place].standing) if texts and before else ()
        shown.append((versions[place], told))
    markup = render(
        "history",
        entry=versions[0].entry,
        versions=shown,
        entries=services.snapshot.entries,
        zone=services.zone,
    )
    return markup, turning(page, turn, back="newer", on="older")


def undo_button(number: int) -> InlineKeyboardButton:
    """The button that takes a revision back."""
    return button(PHRASES["button"]["undo"], Action.UNDO, str(number))
