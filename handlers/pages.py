"""Lists that are longer than a screen: one page of them, and the buttons to those beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from telegram import InlineKeyboardButton

from handlers.buttons import Action, button, label
from handlers.messages import PHRASES
from knowledge.entries import Entry

Item = TypeVar("Item")

PAGE = 8
"""Entries per page: what a phone shows without scrolling."""


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Part of a list.

    Attributes:
        shown: What stands on the page.
        number: Which page it is, from 0 on.
        pages: How many there are, at least 1.
    """

    shown: Sequence[Item]
    number: int
    pages: int

    @property
    def is_last(self) -> bool:
        """Whether nothing follows."""
        return self.number + 1 == self.pages


def page_of(listed: Sequence[Item], number: int, *, size: int = PAGE) -> Page[Item]:
    """The page with a number, or the last one if there are not so many.

    >>> page_of("abcde", 1, size=2)
    Page(shown='cd', number=1, pages=3)
    >>> page_of("abcde", 7, size=2)
    Page(shown='e', number=2, pages=3)
    """
    pages = max(1, -(-len(listed) // size))
    number = min(number, pages - 1)
    return Page(listed[number * size : (number + 1) * size], number, pages)


def turning(
    page: Page[Item],
    leading: Callable[[str, str], InlineKeyboardButton],
    *,
    back: str = "previous",
    on: str = "more",
) -> list[InlineKeyboardButton]:
    """The buttons to the pages before and after.

    Args:
        page: The one that is shown.
        leading: Makes one of a label and the number of the page that it leads to.
        back: What the one to the page before is called, among the labels of buttons.
        on: The same for the one after.
    """
    labels = PHRASES["button"]
    row = []
    if page.number > 0:
        row.append(leading(f"‹ {labels[back]}", str(page.number - 1)))
    if not page.is_last:
        row.append(leading(f"{labels[on]} ›", str(page.number + 1)))
    return row


def entry_rows(page: Page[Entry], action: Action, key: str) -> list[list[InlineKeyboardButton]]:
    """A button for each entry of a page, and those to the pages beside it.

    Args:
        page: The page.
        action: What the buttons do.
        key: What those to other pages name: the entry below which the listed ones are.
    """
    rows = [[button(label(entry), action, entry.key)] for entry in page.shown]
    return [*rows, turning(page, lambda text, to: button(text, action, key, to))]
