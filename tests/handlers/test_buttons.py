"""Data behind inline buttons: small, readable again, harmless when forged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.buttons import LABEL_LENGTH, VERSION, Action, Press, button, label, rows
from knowledge.entries import Aspect
from tests.support.builders import an_entry

WORDS = st.text(st.characters(exclude_characters=":", exclude_categories=["Cs"]), max_size=12)
LONGEST_KEY = "A" * 24


@given(st.sampled_from(Action), WORDS, WORDS)
def test_what_was_packed_is_unpacked_unchanged(action: Action, key: str, detail: str) -> None:
    press = Press(action, key, detail)
    if len(f"1:{action}:{key}:{detail}".encode()) > 64:
        with pytest.raises(ValueError, match="button data of"):
            press.pack()
    else:
        assert Press.unpack(press.pack()) == press
        assert len(press.pack().encode()) <= 64


@pytest.mark.parametrize("action", Action)
def test_the_longest_key_fits_with_every_aspect(action: Action) -> None:
    for aspect in Aspect:
        assert len(Press(action, LONGEST_KEY, aspect).pack().encode()) <= 64


@pytest.mark.parametrize(
    ("key", "fits"),
    [("a" * 59, True), ("a" * 60, False), ("ä" * 29, True), ("ä" * 30, False), ("🤷" * 15, False)],
)
def test_telegram_counts_bytes_not_letters(key: str, fits: bool) -> None:
    press = Press(Action.ABOUT, key)
    if fits:
        assert Press.unpack(press.pack()).key == key
    else:
        with pytest.raises(ValueError, match="bytes"):
            press.pack()


@pytest.mark.parametrize(("key", "detail"), [("EF:7", ""), ("", "a:b"), (":", ":")])
def test_a_separator_inside_a_value_is_refused(key: str, detail: str) -> None:
    with pytest.raises(ValueError, match="colon"):
        Press(Action.ABOUT, key, detail).pack()


@pytest.mark.parametrize(
    "forged",
    [
        "",
        ":",
        ":::",
        "1",
        "1:a",
        "1:a:EF-7",
        "1:a:EF-7:x:y",
        "0:a:EF-7:",
        "2:a:EF-7:",
        "1::EF-7:",
        "1:zz:EF-7:",
        "1:1:EF-7:",
        " 1:a:EF-7:",
        "11:a:EF-7:",
        "{}",
        "\x00",
        "🤷" * 16,
    ],
)
def test_forged_data_is_refused(forged: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Press.unpack(forged)


@given(st.text(max_size=64))
def test_any_data_is_either_refused_or_of_the_present_form(forged: str) -> None:
    try:
        press = Press.unpack(forged)
    except ValueError:
        return
    assert f"{VERSION}:{press.action}:{press.key}:{press.detail}" == forged


@given(st.builds("1:a:{}".format, st.text(max_size=30)))
def test_well_begun_forgeries_are_taken_as_text(forged: str) -> None:
    if forged.count(":") == 3:
        assert Press.unpack(forged).action is Action.ABOUT
    else:
        with pytest.raises(ValueError, match="values to unpack"):
            Press.unpack(forged)


def test_actions_are_short_and_all_different() -> None:
    letters = [action.value for action in Action]
    assert len(set(letters)) == len(letters)
    assert all(len(letter) <= 2 and letter.isalpha() for letter in letters)


def test_a_button_carries_its_press() -> None:
    made = button("Quellen", Action.SOURCES, "EF-7", "2")
    assert made.text == "Quellen"
    assert made.callback_data == "1:q:EF-7:2"


def test_a_button_whose_data_is_too_long_fails_when_it_is_built() -> None:
    with pytest.raises(ValueError, match="button data of 66 bytes"):
        button("Mehr", Action.ABOUT, "ü" * 30, "x")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * LABEL_LENGTH, "x" * LABEL_LENGTH),
        ("x" * (LABEL_LENGTH + 1), "x" * (LABEL_LENGTH - 1) + "…"),
        ("x" * (LABEL_LENGTH - 2) + " yyyy", "x" * (LABEL_LENGTH - 2) + "…"),
        ("ß" * 200, "ß" * (LABEL_LENGTH - 1) + "…"),
    ],
    ids=["fits", "one too many", "cut after a word", "far too long"],
)
def test_a_long_label_ends_with_an_ellipsis(text: str, said: str) -> None:
    assert button(text, Action.ABOUT).text == said
    assert len(said) <= LABEL_LENGTH <= 64


@pytest.mark.parametrize(
    ("title", "said"),
    [
        (
            "Feld 1 (Erfurt 2006): Bildung und Spracherwerb",
            "Feld 1 (Erfurt 2006): Bildung und Spracherwerb",
        ),
        (
            "Feld 2 (Erfurt 2006): Ausbildung und berufliche Integration",
            "Feld 2: Ausbildung und berufliche Integration",
        ),
        (
            "ECCAR-Punkt 6: Stadt als chancengerechte Arbeitgeberin und Dienstleisterin",
            "ECCAR-Punkt 6: Stadt als chancengerechte Arbeit…",
        ),
        ("ECCAR – Europäische Städtekoalition gegen Rassismus", "ECCAR"),
        (
            "Integrationskonzept der Landeshauptstadt Erfurt (2018) und seine Fortschreibung",
            "Integrationskonzept der Landeshauptstadt Erfurt",
        ),
    ],
)
def test_the_label_of_an_entry_tells_what_it_leads_to(title: str, said: str) -> None:
    assert label(an_entry(title=title)) == said


@pytest.mark.parametrize(
    ("count", "width", "sizes"),
    [(0, 2, []), (1, 2, [1]), (4, 2, [2, 2]), (5, 3, [3, 2]), (3, 1, [1, 1, 1])],
)
def test_buttons_are_arranged_in_rows(count: int, width: int, sizes: list[int]) -> None:
    listed = [button(str(n), Action.NEXT, detail=str(n)) for n in range(count)]
    arranged = rows(listed, width)
    assert [len(row) for row in arranged] == sizes
    assert [b for row in arranged for b in row] == listed
