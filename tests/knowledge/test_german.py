"""German words: one form for all spellings, days and numbers kept whole."""

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.german import exists, fold, paper_numbers, stem, words

GERMAN = st.text("abcdefghijklmnopqrstuvwxyzäöüßABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ", max_size=30)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Größe", "groesse"),
        ("GROESSE", "groesse"),
        ("Gro\u0308ße", "groesse"),
        ("STRAẞE", "strasse"),
        ("Ausländerbehörde", "auslaenderbehoerde"),
        ("Übersicht", "uebersicht"),
        ("Café", "cafe"),
        ("Ｅｒｆｕｒｔ", "erfurt"),  # full width
        ("ﬁnanziert", "finanziert"),
        ("", ""),
    ],
)
def test_all_spellings_of_a_word_fold_to_one(written: str, folded: str) -> None:
    assert fold(written) == folded


@given(GERMAN)
def test_both_spellings_of_umlauts_fold_alike(word: str) -> None:
    spelt_out = word
    for umlaut, letters in {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}.items():
        spelt_out = spelt_out.replace(umlaut, letters).replace(umlaut.upper(), letters)
    assert fold(word) == fold(spelt_out)
    assert fold(word) == fold(word.upper()) == fold(unicodedata.normalize("NFD", word))
    assert fold(fold(word)) == fold(word)


@given(GERMAN)
def test_a_folded_german_word_is_plain_ascii(word: str) -> None:
    assert fold(word).isascii()
    assert fold(word) == fold(word).lower()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("massnahme", "massnahmen"),
        ("evaluierung", "evaluierungen"),
        ("konzept", "konzepts"),
        ("beirat", "beirates"),
        ("naechste", "naechsten"),
        ("seite", "seiten"),
        ("gegruendet", "gruendung"),
        ("gruende", "gruenden"),
    ],
)
def test_inflected_forms_share_a_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("naechste", "nach"),
        ("seiten", "seit"),
        ("zustaende", "zustaendig"),
        ("zustande", "zustaendig"),
        ("gruender", "gruende"),
        ("forderungen", "foerderung"),
    ],
)
def test_words_of_different_meaning_share_no_stem(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize("word", ["2170/24", "2023-11-21", "ef7", ""])
def test_what_holds_digits_is_not_stemmed(word: str) -> None:
    assert stem(word) == word


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Am 9.6.21 im Stadtrat", ["am", "2021-06-09", "im", "stadtrat"]),
        ("am 21. November 2023.", ["am", "2023-11-21"]),
        ("21.11.2023, 22.11.2023", ["2023-11-21", "2023-11-22"]),
        ("am 31.02.2024", ["am", "31.02.2024"]),
        ("DS 2170/24", ["ds", "2170/24"]),
        ("EF-7", ["ef", "7"]),
        ("Maßnahmen-Plan", ["massnahmen", "plan"]),
        ("_kursiv_ __", ["kursiv"]),
        ("?!… 🤷 \u200b", []),
        ("", []),
    ],
)
def test_a_text_is_split_into_words_days_and_numbers(text: str, folded: list[str]) -> None:
    assert [word.folded for word in words(text)] == folded


def test_a_word_remembers_how_it_was_written() -> None:
    (day, word) = words("21. November 2023 MAẞNAHMEN")
    assert (day.surface, day.stem) == ("21. November 2023", "2023-11-21")
    assert (word.surface, word.folded, word.stem) == ("MAẞNAHMEN", "massnahmen", "massnahm")


@given(st.text(max_size=200))
def test_words_stand_in_the_text_in_this_order(text: str) -> None:
    position = 0
    for word in words(text):
        position = text.index(word.surface, position) + len(word.surface)
        assert word.folded


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("DS 2170/24", ["2170/24"]),
        ("DS 2170-24", ["2170/24"]),
        ("Drs. 2170/2024", ["2170/24"]),
        ("2170 / 24", ["2170/24"]),
        ("(2170/24)", ["2170/24"]),
        ("Was steht in 2170/24?", ["2170/24"]),
        ("0123/24", ["123/24"]),
        ("161/2006", ["161/06"]),
        ("1235/24 und 2170/24", ["1235/24", "2170/24"]),
        ("Drucksache 6/6660", ["6/6660"]),
        ("7/1234-NF", ["7/1234-NF"]),
        ("am 21.11.2023", []),
        ("2023-11-21", []),
        ("1/2/24", []),
        ("24/7/365", []),
        ("ohne Nummer", []),
        ("im Konzept 2006/2008", []),
        ("Haushalt 2023 - 2024", []),
        ("Drucksache 2006/2008", ["2006/08"]),
        ("DS 2023/24", ["2023/24"]),
    ],
)
def test_paper_numbers_come_in_one_form(text: str, numbers: list[str]) -> None:
    assert paper_numbers(text) == numbers


@given(st.integers(1, 99_999), st.integers(0, 99), st.sampled_from("/-"))
def test_long_and_short_years_name_the_same_paper(number: int, year: int, sign: str) -> None:
    short = f"{number}/{year:02}"
    assert paper_numbers(f"DS {number}{sign}20{year:02}") == [short]
    assert paper_numbers(f"DS {number}{sign}{year:02}") == [short]


@given(st.text(max_size=300))
def test_no_text_is_too_strange_to_be_read(text: str) -> None:
    words(text)
    paper_numbers(text)
    fold(text)


def test_many_umlauts_are_looked_up_at_once() -> None:
    assert not exists("ue" * 200)
    assert exists("ueberpruefung")


def test_two_threads_get_the_same_stems() -> None:
    listed = ["integrationskonzepte", "massnahmenplaene", "gefluechteten", "beratungsstellen"]
    uncached = stem.__wrapped__
    right = {word: uncached(word) for word in listed}

    def wrong(_: int) -> list[str]:
        return [word for word in listed * 2000 if uncached(word) != right[word]]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(wrong, range(2))) == [[], []]


@pytest.mark.parametrize("text", ["Es steht in DS 2170/24.", "DS-2170/24", "Drs.2170/24"])
def test_a_number_is_read_beside_punctuation(text: str) -> None:
    assert paper_numbers(text) == ["2170/24"]
