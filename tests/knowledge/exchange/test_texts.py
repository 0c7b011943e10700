"""Cells as text: cleaned, neutralised, and their dates and amounts read."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from knowledge.entries import LONGEST_LINE
from knowledge.exchange.limits import MAX_CELL, MAX_MARKS
from knowledge.exchange.texts import (
    clean,
    deadline,
    is_number,
    money,
    neutral,
    original,
    says_nothing,
    title,
    unit,
)


@example("\u0890")
@example("52\u061c1")
# Without code points that no Unicode version has assigned yet.
@given(st.text(st.characters(exclude_categories=["Cn"])))
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert all(char.isprintable() or char in "\n\u200d" for char in once if ord(char) < 0x2000)


@pytest.mark.parametrize(
    ("raw", "cleaned"),
    [
        ("  Amt 50  ", "Amt 50"),
        ("Amt\u00a050", "Amt 50"),
        ("a\r\nb\rc\x0bd\u2028e", "a\nb\nc\nd\ne"),
        ("a \n\n \n\n b", "a\n\nb"),
        ("Ju\u0308lich", "Jülich"),
        ("\ufeffx\u00ad\u200by", "xy"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\x00\x07b", "ab"),
        ("👩\u200d👧", "👩\u200d👧"),
    ],
)
def test_a_cell_is_cleaned(raw: str, cleaned: str) -> None:
    assert clean(raw) == cleaned


def test_marks_that_no_language_heaps_on_one_character_are_dropped() -> None:
    # Composing what is not cut takes a time that grows with its square: 0.7 s here.
    heaped = "e" + "\u0301\u0316" * (MAX_CELL // 2)
    assert clean(heaped) == "é" + "\u0316" * (MAX_MARKS // 2) + "\u0301" * (MAX_MARKS // 2 - 1)
    assert clean("…" * 100) == "…" * 100


@given(st.text().map(clean))
def test_a_neutral_text_is_computed_by_no_program_and_gives_back_the_original(text: str) -> None:
    written = neutral(text)
    assert written[:1] not in tuple("=+-@\t\r\n＝＋－＠﹢﹣")
    assert original(written) == text


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "＝1", "＋1", "－1", "＠a", "'=1"])
def test_what_begins_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert neutral(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Amt 50", "'s Haus", "1 + 1", "", "'"])
def test_other_texts_are_written_as_they_are(text: str) -> None:
    assert neutral(text) == text
    assert original(text) == text


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("31.12.2025", "2025-12-31"),
        ("31.12.25", "2025-12-31"),
        ("2025-12-31 00:00:00", "2025-12-31"),
        ("12/2025", "2025-12"),
        ("Dezember 2025", "2025-12"),
        ("Dez. 25", "2025-12"),
        ("III. Quartal 2025", "2025-Q3"),
        ("3. Quartal 2025", "2025-Q3"),
        ("Q3/2025", "2025-Q3"),
        ("III/2025", "2025-Q3"),
        ("Q3/25", "2025-Q3"),
        ("3. Quartal 25", "2025-Q3"),
        ("1. Halbjahr 2025", "2025-H1"),
        ("2. Hj. 25", "2025-H2"),
        ("H1/2025", "2025-H1"),
        ("Ende 2025", "2025-late"),
        ("bis Ende 2025", "2025-late"),
        ("spätestens bis zum 30.06.2026", "2026-06-30"),
        ("2025", "2025"),
        ("2021-2023", "2023"),
        ("2021 – 2023", "2023"),
        ("von 2021 bis 2023", "2023"),
        ("2024/25", "2025"),
        ("2024, 2025 und 2026", "2026"),
        ("06/2024-12/2025", "2025-12"),
        ("01.01.2024 - 31.12.2025", "2025-12-31"),
        ("1. Halbjahr 2026 – 2027", "2027"),
        ("2. Halbjahr 2025/1. Halbjahr 2026", "2026-H1"),
        ("Mitte 2025-2027", "2027"),
    ],
)
def test_a_deadline_is_read_as_precisely_as_it_is_written(cell: str, iso: str) -> None:
    assert str(deadline(cell)) == iso


@pytest.mark.parametrize(
    "cell", ["fortlaufend", "jährlich", "ab 2025", "Schuljahr 2025", "2023 ff.", "2025 " * 1000]
)
def test_a_deadline_in_other_words_has_no_date(cell: str) -> None:
    assert deadline(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "1. Halbjahr 2026/2027",
        "2. Hj. 2026 / 2027",
        "1. Halbjahr 2026-2027",
        "1. Halbjahr 2026/27",
        "3. Quartal 2026/2027",
        "Q3/2026/2027",
    ],
)
def test_a_part_of_a_school_year_is_no_date_of_ours(cell: str) -> None:
    assert deadline(cell) is None


@pytest.mark.parametrize("cell", ["31.02.2025", "13/2025", "45000", "1.2", "2025-13-01", "- 2025"])
def test_digits_that_are_no_date_are_refused(cell: str) -> None:
    with pytest.raises(ValueError, match="not a date"):
        deadline(cell)


@given(st.text(max_size=40) | st.from_regex(r"[0-9./ -]{1,25}", fullmatch=True))
def test_any_text_is_a_deadline_or_none_or_refused(text: str) -> None:
    with suppress(ValueError):
        deadline(clean(text))


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1.234,50 €", "1.234,50 €"),
        ("1234,5€", "1.234,50 €"),
        ("EUR 60000", "60.000 €"),
        ("60.000,00 Euro", "60.000 €"),
        ("5.000,- €", "5.000 €"),
        ("5.000,-- EUR", "5.000 €"),
        ("-20 €", "-20 €"),
        ("rund 75 Mio. Euro", "rund 75 Mio. Euro"),
        ("60.000 + 20.000 €", "60.000 + 20.000 €"),
        ("1,234 €", "1,234 €"),
        ("im Rahmen des Budgets", "im Rahmen des Budgets"),
        ("12", "12"),
    ],
)
def test_amounts_of_euros_get_one_form_and_other_texts_stay(cell: str, amount: str) -> None:
    assert money(cell) == amount
    assert money(amount) == amount


def test_a_heading_may_name_the_unit_of_bare_numbers() -> None:
    assert [unit(h) for h in ("Kosten in €", "Budget (TEUR)", "Kosten (Tsd. Euro)", "Kosten")] == [
        "€",
        "TEUR",
        "Tsd. Euro",
        "",
    ]
    assert [is_number(c) for c in ("1.234,5", "12", "12 €", "zwölf", "")] == [
        True,
        True,
        False,
        False,
        False,
    ]


@pytest.mark.parametrize(
    "text",
    ["", "-", "–", "−", "/", "./.", "…", "__", "k.A.", "k. A.", "keine Angabe", "N.N.", "n. a."],
)
def test_signs_for_nothing_say_nothing(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["entfällt", "0", "nein", "Ka", "?"])
def test_words_say_something(text: str) -> None:
    assert not says_nothing(text)


@given(st.text(min_size=1, max_size=500))
def test_a_title_fits_and_is_its_own_title(text: str) -> None:
    short = title(text)
    assert len(short) <= LONGEST_LINE
    assert title(short) == short
    assert "\n" not in short


def test_a_long_title_ends_at_a_word() -> None:
    short = title("Sprachkurse für alle, " * 20)
    assert short.endswith(("alle…", "für…", "Sprachkurse…"))
    assert title("x" * 300) == "x" * (LONGEST_LINE - 1) + "…"
