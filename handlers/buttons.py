"""Data behind inline buttons: short, self-contained, valid after any restart.

The form is `1:<action>:<key>:<detail>`, the number being the version of the form. Telegram
allows 64 bytes; whatever does not fit fails when the button is built.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from telegram import InlineKeyboardButton
from telegram.constants import InlineKeyboardButtonLimit

from knowledge.entries import Entry

VERSION = "1"


class Action(StrEnum):
    """What pressing a button asks for."""

    ABOUT = "a"
    BROWSE = "b"
    DATES = "t"
    DEPENDS = "d"
    EXAMPLE = "e"
    EXPORT = "x"
    FEEDBACK = "f"
    HAND_OVER = "h"
    HISTORY = "v"
    IMPORT = "i"
    NEXT = "n"
    OVERVIEW = "o"
    REPORT = "r"
    SOURCES = "q"
    TELL = "s"

    # For whoever decides for a chat.
    SUBSCRIBE = "su"
    WATCH = "sw"
    SUBSCRIPTIONS = "sl"
    SUBSCRIPTION = "sc"
    NOTIFICATION = "sn"
    FORGET = "sf"

    # For editors.
    ANNOUNCE = "R"
    DRAFT_CHOOSE = "C"
    DRAFT_PUBLISH = "P"
    DRAFT_CORRECT = "K"
    DRAFT_ADD = "A"
    DRAFT_DISCARD = "X"
    EDIT = "E"
    PICK = "B"
    INBOX = "W"
    INVITATION = "I"
    LOG = "L"
    MEMBER = "M"
    UNDO = "U"


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button.

    Attributes:
        action: What it asks for.
        key: The entry it is about, or empty.
        detail: A further word: an aspect, a page number.
    """

    action: Action
    key: str = ""
    detail: str = ""

    @property
    def page(self) -> int:
        """The page that is asked for; the first where none is, or something else."""
        return int(self.detail) if self.detail.isdecimal() else 0

    def pack(self) -> str:
        """Encode for Telegram.

        Raises:
            ValueError: if a value contains the separator or the result exceeds 64 bytes.
        """
        if ":" in self.key + self.detail:
            raise ValueError(f"button values must not contain a colon: {self}")
        packed = f"{VERSION}:{self.action}:{self.key}:{self.detail}"
        size = len(packed.encode())
        if size > InlineKeyboardButtonLimit.MAX_CALLBACK_DATA:
            raise ValueError(f"button data of {size} bytes: {packed}")
        return packed

    @classmethod
    def unpack(cls, packed: str) -> Press:
        """Decode what Telegram sends back, which anybody can forge.

        Raises:
            ValueError: if it is not of the present form.
        """
        version, action, key, detail = packed.split(":")
        if version != VERSION:
            raise ValueError(f"unknown version of button data: {version!r}")
        return cls(Action(action), key, detail)


def pattern(action: Action) -> str:
    """The regular expression by which a handler knows its buttons."""
    return f"^{VERSION}:{action}:"


def button(text: str, action: Action, key: str = "", detail: str = "") -> InlineKeyboardButton:
    """An inline button with a label and what it asks for."""
    return InlineKeyboardButton(
        text=_shorten(text), callback_data=Press(action, key, detail).pack()
    )


LABEL_LENGTH = 48
"""Characters of a label; phones cut longer ones at a place of their own choosing."""

_ASIDE = re.compile(r" \([^)]*\)")
_AFTERTHOUGHT = re.compile(r" (?:–|und seine?) .*")


def label(entry: Entry) -> str:
    """A name for an entry's button: its title without afterthoughts, if it is long.

    What stands behind a colon stays: "Feld 2" alone would not tell where it leads.
    """
    title = entry.title
    for beside in (_ASIDE, _AFTERTHOUGHT):
        if len(title) > LABEL_LENGTH:
            title = beside.sub("", title)
    return _shorten(title)


def _shorten(text: str) -> str:
    return text if len(text) <= LABEL_LENGTH else text[: LABEL_LENGTH - 1].rstrip() + "…"


def rows(buttons: list[InlineKeyboardButton], width: int) -> list[list[InlineKeyboardButton]]:
    """Arrange buttons in rows of at most `width`."""
    return [buttons[i : i + width] for i in range(0, len(buttons), width)]
