"""What stands in a cell, as text: cleaned, and its dates and amounts read."""

from __future__ import annotations

import re
import unicodedata

from knowledge.entries import LONGEST_LINE
from knowledge.exchange.limits import MAX_MARKS
from knowledge.partial_date import PartialDate, Precision, YearPart

_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f"  # control characters
    "\u00ad\u200b\u2060\ufeff"  # soft hyphen and other nothings
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # turn the direction of reading
    "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u180e"  # change how the next signs are drawn
    "\ud800-\udfff\ufffe\uffff]"  # no characters at all
)
_MARKS = re.compile(rf"[^\w\s\x00-\x7f]{{{MAX_MARKS + 1},}}")
"""Where there may be more combining marks on one character than any language has."""

_BLANKS = re.compile(r"[^\S\n]+")
_EMPTY_LINES = re.compile(r"\n(?: ?\n)+")

_NOTHING = re.compile(r"[-–—−_./…]*|k\. ?a\.?|n\. ?[an]\.?|keine Angaben?|n/a", re.IGNORECASE)

_LEADS_TO_A_FORMULA = frozenset("=+-@\t\r\n")


def clean(text: str) -> str:
    r"""Bring a cell to the one form in which cells are compared and stored.

    Characters are composed, invisible ones dropped, runs of blanks are one blank, lines end
    with a line feed, there is at most one empty line, and nothing at the borders.

    >>> clean("  Amt\u00a0 50\r\n\r\n\r\nSoziales ")
    'Amt 50\n\nSoziales'
    """
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    text = _MARKS.sub(_thinned, _INVISIBLE.sub("", _BREAKS.sub("\n", text)))
    text = _BLANKS.sub(" ", unicodedata.normalize("NFC", text))
    text = "\n".join(line.strip(" ") for line in text.split("\n"))
    return _EMPTY_LINES.sub("\n\n", text).strip()


def _thinned(found: re.Match[str]) -> str:
    """Signs without the combining marks that are too many for one character."""
    kept, marks = [], 0
    for sign in found[0]:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks <= MAX_MARKS:
            kept.append(sign)
    return "".join(kept)


def one_line(text: str) -> str:
    """The same in a single line."""
    return " ".join(text.split())


def title(text: str) -> str:
    """The text in one line that is no longer than a title may be.

    A longer one ends at a word, with an ellipsis.
    """
    line = one_line(clean(text))
    if len(line) <= LONGEST_LINE:
        return line
    head = line[: LONGEST_LINE - 1]
    words = head.rpartition(" ")[0]
    return f"{(words if len(words) > LONGEST_LINE / 2 else head).rstrip(' ,;:')}…"


def says_nothing(text: str) -> bool:
    """Whether a clean cell is empty or holds one of the signs for "nothing here".

    >>> [says_nothing(text) for text in ("", "-", "k. A.", "keine Angabe", "entfällt")]
    [True, True, True, True, False]
    """
    return _NOTHING.fullmatch(text) is not None


def neutral(text: str) -> str:
    """Take from a cell what makes spreadsheet programs compute it: a leading apostrophe helps.

    Full-width and other variants of the four signs count as well. `original` undoes it.

    >>> neutral("=1+1"), neutral("Amt 50"), neutral("'＝1")
    ("'=1+1", 'Amt 50', "''＝1")
    """
    return f"'{text}" if _computes(text) else text


def original(text: str) -> str:
    """The text that `neutral` was given.

    >>> original("'=1+1"), original("'s Haus")
    ('=1+1', "'s Haus")
    """
    return text[1:] if text.startswith("'") and _computes(text) else text


def _computes(text: str) -> bool:
    first = text.lstrip("'")[:1]
    return bool(first) and unicodedata.normalize("NFKC", first)[:1] in _LEADS_TO_A_FORMULA


_AMOUNT = re.compile(
    r"(?P<before>€|EUR|Euro)? ?"
    r"(?P<minus>-)?(?P<whole>\d{1,3}(?:[. ']\d{3})+|\d+)"
    r"(?:,(?P<cents>\d{1,2}|--?|–|—))?"
    r" ?(?P<after>€|EUR|Euro)?",
    re.IGNORECASE,
)


def money(text: str) -> str:
    """An amount of euros in one form; anything else as it is.

    >>> money("EUR 1234,5"), money("60000 Euro"), money("5.000,-- €"), money("rund 5 Mio. €")
    ('1.234,50 €', '60.000 €', '5.000 €', 'rund 5 Mio. €')
    """
    match = _AMOUNT.fullmatch(text)
    if match is None or not (match["before"] or match["after"]):
        return text
    whole = int(re.sub(r"\D", "", match["whole"]))
    cents = (match["cents"] or "").strip("-–—").ljust(2, "0")
    euros = f"{whole:,}".replace(",", ".")
    return f"{match['minus'] or ''}{euros}{'' if cents == '00' else f',{cents}'} €"


_UNIT = re.compile(r"\b(?:in )?((?:T|Tsd\.? ?|Mio\.? ?)?(?:€|EUR\b|Euro\b))", re.IGNORECASE)


def unit(heading: str) -> str:
    """The unit that a heading gives to the bare numbers below it.

    >>> unit("Kosten (in T€)"), unit("Budget in Euro"), unit("Kosten")
    ('T€', 'Euro', '')
    """
    match = _UNIT.search(heading)
    return match[1] if match else ""


def is_number(text: str) -> bool:
    """Whether a cell is a bare number in German notation.

    >>> [is_number(text) for text in ("1.234,50", "60000", "2 Stellen")]
    [True, True, False]
    """
    match = _AMOUNT.fullmatch(text)
    return match is not None and not (match["before"] or match["after"])


_BEFORE_A_DATE = re.compile(
    r"(?:(?:spätestens|voraussichtlich|vsl\.|geplant|Stand|bis|zum|im|am|von|vom|per):? )+",
    re.IGNORECASE,
)
_MIDNIGHT = re.compile(r"(\d{4}-\d\d-\d\d)[ T]00:00(?::00(?:\.0+)?)?")
_SHORT_MONTH = re.compile(r"([A-Za-zä]{3,9}\.?)[ -](\d\d)")
_QUARTER = re.compile(
    r"(?:(?:Q|Quartal) ?(?P<a>[1-4]|I{1,3}|IV)|(?P<b>[1-4]|I{1,3}|IV)\.? ?(?:Quartal|Q\.?|Qu\.?))"
    r"[ /-]*(?P<year>\d{4}|\d\d)"
    r"|(?P<c>I{1,3}|IV)[./] ?(?P<year2>\d{4})",
    re.IGNORECASE,
)
_HALF = re.compile(
    r"(?:(?:H|Halbjahr) ?(?P<a>[12]|II?)|(?P<b>[12]|II?)\.? ?(?:Halbjahr|Hj\.?))"
    r"[ /-]*(?P<year>\d{4}|\d\d)",
    re.IGNORECASE,
)
_YEARS = re.compile(r"\d{4}(?: ?(?:[,;/+&]|und) ?\d{4})+")
_TWO_YEARS = re.compile(r"(\d\d)(\d\d)/(\d\d)")
_END_OF = re.compile(r"Ende (?=\D|[1-4]\.|\d{1,2}/)", re.IGNORECASE)
"""Before a month or quarter it says nothing more: what is due then is due on its last day."""

_BETWEEN = re.compile(r" ?(?:[-–—/]|\bbis\b) ?")
_HALVES = (YearPart.FIRST_HALF, YearPart.SECOND_HALF)
_DASHES = ("-", "–", "—")
_FOUR_DIGITS = re.compile(r"\d{4}")
_DIGITS_ONLY = re.compile(r"[\d.,/:\s-]+")


LONGEST_DATE = 60
"""Characters beyond which a cell is a text and no date."""


def deadline(text: str) -> PartialDate | None:
    """The date by which something is due, as far as a clean cell states one.

    Of several years and of a span of time that is the end. Words such as "bis" and "spätestens"
    are passed over.

    Raises:
        ValueError: if the cell consists of digits and is no date.

    >>> [str(deadline(text)) for text in ("bis Ende 2025", "III. Quartal 2025", "12/2025")]
    ['2025-late', '2025-Q3', '2025-12']
    >>> [str(deadline(text)) for text in ("1. Halbjahr 2027", "bis Ende II. Hj. 27", "H1/2027")]
    ['2027-H1', '2027-H2', '2027-H1']
    >>> str(deadline("2021 – 2023")), str(deadline("Dez 25")), deadline("fortlaufend")
    ('2023', '2025-12', None)
    """
    words = one_line(text)
    if len(words) > LONGEST_DATE:
        return None
    found = _date(words) or _last_year(words) or _end(words)
    if found is None and _DIGITS_ONLY.fullmatch(words):
        raise ValueError(f"not a date: {text!r}")
    return found


def _date(words: str) -> PartialDate | None:
    words = _BEFORE_A_DATE.sub("", words, count=1) if _BEFORE_A_DATE.match(words) else words
    words = _END_OF.sub("", words, count=1) if _END_OF.match(words) else words
    if match := _MIDNIGHT.fullmatch(words):
        words = match[1]
    elif match := _SHORT_MONTH.fullmatch(words):
        words = f"{match[1]} 20{match[2]}"
    elif match := _QUARTER.fullmatch(words):
        quarter, year = match["a"] or match["b"] or match["c"], match["year"] or match["year2"]
        words = f"{quarter}. Quartal {_whole(year)}"
    elif match := _HALF.fullmatch(words):
        words = f"{match['a'] or match['b']}. Halbjahr {_whole(match['year'])}"
    try:
        return PartialDate.parse(words)
    except ValueError:
        return None


def _whole(year: str) -> str:
    return year if len(year) > 2 else f"20{year}"


def _last_year(words: str) -> PartialDate | None:
    if _YEARS.fullmatch(words):
        return _date(words[-4:])
    match = _TWO_YEARS.fullmatch(words)
    if match is not None and int(match[3]) == (int(match[2]) + 1) % 100:
        return _date(str(int(match[1] + match[2]) + 1))
    return None


def _end(words: str) -> PartialDate | None:
    """The end of a span whose two sides are dates in order."""
    for between in _BETWEEN.finditer(words):
        first, last = _date(words[: between.start()]), _date(words[between.end() :])
        if first is not None and _is_of_a_school_year(first, between[0], words[between.end() :]):
            return None
        if first is not None and last is not None and first <= last:
            return last
    return None


def _is_of_a_school_year(first: PartialDate, between: str, last: str) -> bool:
    """Whether two years name one, of which a part is said: "1. Halbjahr 2026/2027"."""
    is_part = first.precision is Precision.QUARTER or first.part in _HALVES
    is_close = between.strip() == "/" or between in _DASHES
    return is_part and is_close and _FOUR_DIGITS.fullmatch(last) is not None
