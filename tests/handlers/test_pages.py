"""Long lists a page at a time."""

from __future__ import annotations

import pytest

from handlers.buttons import Action, button
from handlers.pages import PAGE, page_of, turning


@pytest.mark.parametrize(
    ("length", "asked", "number", "pages", "shown"),
    [
        (0, 0, 0, 1, range(0)),
        (0, 3, 0, 1, range(0)),
        (PAGE, 0, 0, 1, range(PAGE)),
        (PAGE + 1, 1, 1, 2, range(PAGE, PAGE + 1)),
        (3 * PAGE, 10**30, 2, 3, range(2 * PAGE, 3 * PAGE)),
    ],
)
def test_a_page_is_part_of_a_list_and_there_is_always_one(
    length: int, asked: int, number: int, pages: int, shown: range
) -> None:
    page = page_of(range(length), asked)
    assert (page.shown, page.number, page.pages) == (shown, number, pages)


@pytest.mark.parametrize(
    ("number", "labels", "leads"),
    [
        (0, ["Weitere ›"], ["1"]),
        (1, ["‹ Vorige", "Weitere ›"], ["0", "2"]),
        (2, ["‹ Vorige"], ["1"]),
    ],
)
def test_buttons_lead_to_the_pages_beside_it(
    number: int, labels: list[str], leads: list[str]
) -> None:
    page = page_of(range(5), number, size=2)
    row = turning(page, lambda text, to: button(text, Action.BROWSE, detail=to))
    assert [shown.text for shown in row] == labels
    assert [str(shown.callback_data).rpartition(":")[2] for shown in row] == leads


def test_a_short_list_has_nothing_to_turn() -> None:
    assert turning(page_of("ab", 0), lambda text, to: button(text, Action.BROWSE, detail=to)) == []
