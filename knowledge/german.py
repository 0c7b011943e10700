"""German words for searching: folding, stems, dates and paper numbers in running text."""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from string import ascii_lowercase

from spellchecker import SpellChecker
from Stemmer import Stemmer

from knowledge.partial_date import MONTHS, PartialDate

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_DAY = re.compile(
    r"(?<![\d.])\d{1,2}\. ?(?:\d{1,2}\. ?|[a-zä]{3,9}\.? )(?:\d{4}|\d{2})(?!\d)", re.IGNORECASE
)
_YEARS = r"(?:19|20)\d\d(?= ?[/-] ?(?:19|20)\d\d(?!\d))"  # the first of "2006/2008"
_TOKEN = re.compile(rf"(?<![\d/.-]){_YEARS}|\d+(?:[/.-]\d+)+|\w+")
_SHORT_YEARS = re.compile(r"(20\d\d|[2-4]\d)/(\d\d)")  # "26/27", from 2020 on, and "2019/20"
_PAPER = re.compile(
    r"(?<!\d)(?<!\d[./-])(\d{1,5}) ?[/-] ?(?:(?:19|20)(\d\d)|(\d\d))(?![\d/-])(?!\.\d)"
)
_CITING = re.compile(r"(?i)\b(?:DS|Drs|Drucksache|Vorlage|Beschluss|Anfrage|Antrag|Nr)\W*$")
_OF_A_YEAR = re.compile(r"^((?:19|20)\d\d)er[ns]?$")
_ISO_DAY = re.compile(r"(\d{4})-(0[1-9]|1[0-2])-\d{2}")
_ISO_QUARTER = re.compile(r"(\d{4})-q[1-4]")
_NUMBER = re.compile(r"(?<!\d)(?<!\d[./-])\d{1,2}/\d{4}(?:-[A-Z]{2})?(?![\d/])")

_OWN_STEMS = {
    **dict.fromkeys(("naechste", "naechsten", "naechster", "naechstes", "naechstem"), "naechst"),
    **dict.fromkeys(("seite", "seiten"), "seite"),
    "kuerzen": "kurzung",  # as in "Kürzung"
    **dict.fromkeys(("zustand", "zustands", "zustaende", "zustaenden"), "zustaende"),
    "zustande": "zustande",
    **dict.fromkeys(
        ("forderung", "forderungen", "fordert", "fordern", "forderte", "forderten", "gefordert"),
        "forderung",
    ),
    **dict.fromkeys(
        ("gruender", "gruenderin", "gruendet", "gruendete", "gegruendet"), "grundung"
    ),  # as in "Gründung"; "aus welchen Gründen" is no form of it
    **{f"{town}s": town for town in ("apolda", "gera", "gotha", "jena")},
}
"""Stems of words that Snowball takes for forms of others ("nach", "seit", "kurz", "zuständig",
"Förderung", "Gründe"), or for names as they are: "Jenas"."""

_LONGEST_CITING = 20
"""Letters before a number among which the word that cites it ends: a glance, however long the
text, and however many numbers are in it."""

SHORTEST_IN_COMPOUND, LONGEST_COMPOUND = 4, 40
"""Letters of the shortest part of a compound, and of the longest word that is looked at."""

SHORTEST_RESEMBLING, LONGEST_RESEMBLING = 6, 9
"""Letters between which a word is compared with those of the dictionary. A longer one is a
compound, and a new one is only a letter away from another: "Elternlotsen", "elternlosen"."""


class _Stemmer(threading.local):
    """Snowball stemmers keep state: each thread has its own."""

    def __init__(self) -> None:
        self.stem = Stemmer("german", 0).stemWord


_stemmer = _Stemmer()


@dataclass(frozen=True, slots=True)
class Word:
    """One word, number or date of a text.

    Attributes:
        surface: As it was written.
        folded: Lower case, umlauts spelt out; a day in ISO form.
        stem: Snowball stem of the folded form; the folded form itself for anything with digits.
    """

    surface: str
    folded: str
    stem: str


def fold(text: str) -> str:
    """Bring both spellings of umlauts, and all case and width variants, to one form.

    >>> fold("Größe"), fold("GROESSE")
    ('groesse', 'groesse')
    """
    composed = unicodedata.normalize("NFKC", text).casefold()
    spelt_out = composed.translate(_UMLAUTS)
    plain = unicodedata.normalize("NFKD", spelt_out)
    return "".join(c for c in plain if not unicodedata.combining(c))


@lru_cache(maxsize=100_000)
def stem(folded: str) -> str:
    """Snowball stem of a folded word; words with digits stay as they are.

    >>> stem("gespraechen"), stem("naechste"), stem("nach")
    ('gesprach', 'naechst', 'nach')
    """
    if not folded.isalpha():
        return folded
    return _OWN_STEMS.get(folded) or str(_stemmer.stem(folded))


@cache
def _dictionary() -> frozenset[str]:
    """The general German dictionary, folded."""
    return frozenset(word.translate(_UMLAUTS) for word in SpellChecker(language="de"))


def exists(folded: str) -> bool:
    """Whether a folded word is in the general German dictionary.

    Used to leave real words alone when typos are corrected. Reading the dictionary takes about
    half a second, once.

    >>> exists("gestritten"), exists("masnahmenplan")
    (True, False)
    """
    return folded in _dictionary()


@lru_cache(maxsize=10_000)
def resembles_a_word(folded: str) -> bool:
    """Whether one typing mistake behind the first letter leads from a real word to a longer one.

    Short words are left out, too: among so many, a real one is always near.

    >>> resembles_a_word("gestriten"), resembles_a_word("willkommenslotse")
    (True, False)
    """
    if not SHORTEST_RESEMBLING <= len(folded) <= LONGEST_RESEMBLING or not folded.isalpha():
        return False
    known = _dictionary()
    return exists(folded) or any(edited in known for edited in _edits(folded))


def is_compound(folded: str, links: tuple[str, ...] = ("", "s", "es", "n", "en")) -> bool:
    """Whether a word consists of two words of the general dictionary, linked by some letters.

    Then it is no typing mistake, but the name of something.

    >>> is_compound("elternlotsen"), is_compound("elternlotsne")
    (True, False)
    """
    return compound_head(folded, links) is not None


def compound_head(folded: str, links: tuple[str, ...] = ("", "s", "es", "n", "en")) -> str | None:
    """The last word of a compound, which tells what sort of thing it names; None if it is none.

    >>> compound_head("hausnummer"), compound_head("nummer")
    ('nummer', None)
    """
    if len(folded) > LONGEST_COMPOUND:
        return None
    for cut in range(SHORTEST_IN_COMPOUND, len(folded) - SHORTEST_IN_COMPOUND + 1):
        if exists(folded[cut:]) and any(
            folded[:cut].endswith(link) and exists(folded[: cut - len(link)])
            for link in links
            if cut - len(link) >= SHORTEST_IN_COMPOUND
        ):
            return folded[cut:]
    return None


def _edits(word: str) -> Iterator[str]:
    """Everything one insertion, deletion, replacement or swap behind the first letter away."""
    for place in range(1, len(word) + 1):
        head, tail = word[:place], word[place:]
        if tail:
            yield head + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in ascii_lowercase:
            yield head + letter + tail
            yield head + letter + tail[1:]


def words(text: str) -> list[Word]:
    """Split a text into words, keeping days and numbers whole.

    >>> [word.folded for word in words("Am 9.6.21 im Stadtrat: DS 2170/24")]
    ['am', '2021-06-09', 'im', 'stadtrat', 'ds', '2170/24']
    >>> [word.folded for word in words("das 2006er Papier")]
    ['das', '2006', 'papier']
    >>> [word.folded for word in words("Förderung 26/27 nach DS 26/27")]
    ['foerderung', '2026', '2027', 'nach', 'ds', '26/27']
    >>> [word.folded for word in words("2019/20 und DS 2019/20")]
    ['2019', '2020', 'und', 'ds', '2019/20']
    """
    found: list[Word] = []
    position = 0
    for match in _DAY.finditer(text):
        try:
            day = PartialDate.parse(match[0])
        except ValueError:
            continue
        found += _plain_words(text[position : match.start()])
        iso = day.iso().lower()
        found.append(Word(match[0], iso, iso))
        position = match.end()
    found += _plain_words(text[position:])
    return found


def _plain_words(text: str) -> Iterator[Word]:
    for match in _TOKEN.finditer(text):
        years = consecutive_years(match[0])
        if years and not _is_cited(text, match.start()):
            for written, year in zip(match[0].split("/"), map(str, years), strict=True):
                yield Word(written, year, year)
            continue
        word = _word(match[0])
        if word.folded:
            yield word


def consecutive_years(token: str) -> tuple[int, ...]:
    """The two years that a token stands for; none unless one follows the other.

    >>> consecutive_years("26/27"), consecutive_years("2019/20"), consecutive_years("2170/24")
    ((2026, 2027), (2019, 2020), ())
    """
    match = _SHORT_YEARS.fullmatch(token)
    if match is None or int(match[1][-2:]) + 1 != int(match[2]):
        return ()
    last = 2000 + int(match[2])
    return last - 1, last


def _is_cited(text: str, place: int) -> bool:
    """Whether a number is called that of a paper: "DS 26/27"."""
    return _CITING.search(text[max(0, place - _LONGEST_CITING) : place]) is not None


@lru_cache(maxsize=100_000)
def _word(surface: str) -> Word:
    folded = _OF_A_YEAR.sub(r"\1", fold(surface).strip("_"))
    return Word(surface, folded, stem(folded))


def is_day(folded: str) -> bool:
    """Whether a folded word is a day in ISO form."""
    return _ISO_DAY.fullmatch(folded) is not None


def date_words(folded: str) -> tuple[str, ...]:
    """The words in which people name a day or quarter in ISO form; nothing for other words.

    >>> date_words("2018-06-27"), date_words("2022-q4"), date_words("2170/24")
    (('juni', '2018'), ('quartal', '2022'), ())
    """
    if (day := _ISO_DAY.fullmatch(folded)) is not None:
        return fold(MONTHS[int(day[2]) - 1]), day[1]
    quarter = _ISO_QUARTER.fullmatch(folded)
    return ("quartal", quarter[1]) if quarter else ()


def paper_numbers(text: str) -> list[str]:
    """Numbers of papers in a text, in the short form that Erfurt uses.

    A number whose second part is no year (`6/6660`: term and number) stays as it is. Two years
    are one only if it is called so, however short.

    >>> paper_numbers("DS 2170-24"), paper_numbers("Drs. 2170/2024"), paper_numbers("161/2006")
    (['2170/24'], ['2170/24'], ['161/06'])
    >>> paper_numbers("im Konzept 2006/2008"), paper_numbers("Drs. 2006/2008")
    ([], ['2006/08'])
    >>> paper_numbers("Förderung 26/27"), paper_numbers("DS 26/27")
    ([], ['26/27'])
    """
    running = [
        f"{int(match[1])}/{match[2] or match[3]}"
        for match in _PAPER.finditer(text)
        if not (re.match(_YEARS, match[0]) or consecutive_years(match[0]))
        or _is_cited(text, match.start())
    ]
    return running + [n for n in _NUMBER.findall(text) if not _PAPER.fullmatch(n)]
