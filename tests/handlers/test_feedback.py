"""The buttons below answers that ask whether they helped."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import CallbackQueryLimit

from handlers.buttons import Action, Press, button
from handlers.feedback import rating_of, rating_row, with_row
from handlers.messages import plain, render
from handlers.replies import reply
from knowledge.answering.answers import Answer, answer
from knowledge.answering.confidence import Band
from knowledge.answering.listings import Listing
from knowledge.answering.questions import understand
from knowledge.entries import Kind
from knowledge.inquiries.feedback import Effect, Rating
from knowledge.snapshot import Snapshot
from knowledge.storage.row_ids import ID_BITS
from tests.support.builders import a_fact, an_entry

TODAY = date(2025, 10, 20)
ENTRY = an_entry("EF-7", title="ECCAR-Abgleich", facts=[a_fact()])
SNAPSHOT = Snapshot([ENTRY])
LARGEST = 2**ID_BITS - 1


def data(buttons: Sequence[InlineKeyboardButton]) -> list[str]:
    return [str(shown.callback_data) for shown in buttons]


def press(packed: str) -> Press:
    return Press.unpack(packed)


@pytest.mark.parametrize(
    ("key", "question_id", "packed"),
    [
        ("EF-7", 4711, ["1:f:EF-7:4711+", "1:f:EF-7:4711-"]),
        ("EF-7", 0, ["1:f:EF-7:0+", "1:f:EF-7:0-"]),
        ("EF-7", None, ["1:f:EF-7:+", "1:f:EF-7:-"]),
        ("", 4711, ["1:f::4711+", "1:f::4711-"]),
    ],
)
def test_the_buttons_carry_entry_and_question(
    key: str, question_id: int | None, packed: list[str]
) -> None:
    row = rating_row(key, question_id)
    assert [shown.text for shown in row] == ["Hilfreich", "Nicht hilfreich"]
    assert data(row) == packed


@pytest.mark.parametrize(
    ("chosen", "labels"),
    [
        (None, ["Hilfreich", "Nicht hilfreich"]),
        (True, ["✓ Hilfreich", "Nicht hilfreich"]),
        (False, ["Hilfreich", "✓ Nicht hilfreich"]),
    ],
)
def test_a_check_mark_shows_what_was_chosen(chosen: bool | None, labels: list[str]) -> None:
    assert [shown.text for shown in rating_row("EF-7", 1, chosen)] == labels


def test_the_longest_key_and_the_largest_number_fit() -> None:
    for packed in data(rating_row("A" * 24, LARGEST)):
        assert len(packed.encode()) <= 64


@given(st.sampled_from(["", "EF-7"]), st.none() | st.integers(0, LARGEST), st.booleans())
def test_a_press_is_read_as_it_was_meant(key: str, question_id: int | None, helpful: bool) -> None:
    packed = data(rating_row(key, question_id))[0 if helpful else 1]
    assert rating_of(press(packed), SNAPSHOT) == Rating(helpful, key or None, question_id)


@pytest.mark.parametrize(
    "forged",
    [
        "1:f:EF-7:",
        "1:f:EF-7:1",
        "1:f:EF-7:1*",
        "1:f:EF-7:1++",
        "1:f:EF-7:-1+",
        "1:f:EF-7: 1+",
        "1:f:EF-7:1+\n",
        "1:f:EF-7:٣+",
        "1:f:EF-7:1.5+",
        f"1:f:EF-7:{2**ID_BITS}+",
        f"1:f:EF-7:{2**63}+",
        "1:f:EF-8:1+",
        "1:f: :1+",
        "1:f:'; DROP TABLE feedback; --:1+",
    ],
)
def test_forged_and_outdated_presses_are_no_ratings(forged: str) -> None:
    assert rating_of(press(forged), SNAPSHOT) is None


def test_a_key_in_another_case_is_stored_as_the_entry_has_it() -> None:
    assert rating_of(press("1:f:ef-7:1+"), SNAPSHOT) == Rating(True, "EF-7", 1)


def test_only_the_row_of_the_press_changes() -> None:
    source = button("Quelle", Action.SOURCES, "EF-7")
    keyboard = InlineKeyboardMarkup([[source], rating_row("EF-7", 1)])
    chosen = rating_row("EF-7", 1, True)
    assert with_row(keyboard, chosen).inline_keyboard == ((source,), chosen)
    assert with_row(keyboard, rating_row("EF-7", 2, True)) == keyboard


def test_an_answer_can_be_rated_in_the_last_row() -> None:
    worded = reply(answer("ECCAR-Abgleich", SNAPSHOT, TODAY), SNAPSHOT, question_id=5)
    assert worded.buttons[-1] == rating_row("EF-7", 5)


def test_a_list_can_be_rated_without_an_entry() -> None:
    listing = Listing(None, Kind.MEASURE, (ENTRY,), 1, 1)
    told = Answer(Band.ANSWER, understand("welche", SNAPSHOT), TODAY, listing=listing)
    assert reply(told, SNAPSHOT, question_id=5).buttons[-1] == rating_row("", 5)


@pytest.mark.parametrize("band", [Band.SUGGEST, Band.NONE])
def test_only_answers_can_be_rated(band: Band) -> None:
    told = Answer(band, understand("eccar", SNAPSHOT), TODAY, suggestions=(ENTRY,))
    buttons = reply(told, SNAPSHOT, question_id=5).buttons
    assert not any(":f:" in packed for row in buttons for packed in data(row))


@pytest.mark.parametrize("helpful", [True, False])
@pytest.mark.parametrize("effect", Effect)
def test_every_tap_has_its_sentence(effect: Effect, helpful: bool) -> None:
    toast = plain(render("feedback", effect=effect, helpful=helpful))
    assert toast.endswith(".")
    assert len(toast) <= CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH
