"""What was changed in an entry by whom, and the button that takes a revision back."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from telegram import InlineKeyboardButton

from handlers.buttons import Action, button
from handlers.messages import PHRASES, render
from knowledge.entries import Entry
from knowledge.revisions import Version

MOST_VERSIONS = 10
"""Versions of an entry that are shown."""


def history(entry: Entry, versions: Sequence[Version], zone: ZoneInfo) -> str:
    """What was changed in an entry by whom: its newest versions."""
    return render("history", entry=entry, versions=versions[:MOST_VERSIONS], zone=zone)


def undo_button(number: int) -> InlineKeyboardButton:
    """The button that takes a revision back."""
    return button(PHRASES["button"]["undo"], Action.UNDO, str(number))
