"""Spans of time that a question names: "2025", "seit März 2024", "im 2. Quartal 2025"."""

from __future__ import annotations

import re
from datetime import date

from knowledge.german import fold
from knowledge.partial_date import MONTHS, PartialDate, Period

_MONTH = "|".join(fold(month) for month in MONTHS)
_MOMENT = re.compile(
    rf"\d{{1,2}}\. ?\d{{1,2}}\. ?(?:\d{{4}}|\d{{2}})(?!\d)"
    rf"|(?:\d{{1,2}}\. ?)?(?:{_MONTH}) \d{{4}}"
    r"|(?:[1-4]|i{1,3}|iv)\. ?quartal \d{4}"
    r"|(?:anfang|mitte|ende) \d{4}"
    r"|(?<![\d./-])(?:19|20)\d{2}(?![\d./-])"
)
_SINCE, _UNTIL = (
    re.compile(r"\b(?:seit|ab|nach)\W+(?:dem\W+)?$"),
    re.compile(r"\b(?:bis|vor)\W+(?:zum\W+|dem\W+|ende\W+)?$"),
)
_RELATIVE = {
    r"\b(?:dieses|diesem|laufenden) jahr": 0,
    r"\b(?:letztes|letzten|letztem|vorigen|voriges|vergangenen) jahr": -1,
    r"\b(?:naechstes|naechsten|kommenden|kommendes) jahr": 1,
}


def period(text: str, today: date) -> Period | None:
    """The first span of time that a question names, or None.

    >>> period("Was passierte seit September 2024?", date(2025, 10, 20))
    Period(first=datetime.date(2024, 9, 1), last=None)
    >>> period("Termine im letzten Jahr", date(2025, 10, 20))
    Period(first=datetime.date(2024, 1, 1), last=datetime.date(2024, 12, 31))
    """
    folded = fold(text)
    for pattern, years in _RELATIVE.items():
        if re.search(pattern, folded):
            return Period.around(PartialDate(today.year + years))
    for match in _MOMENT.finditer(folded):
        try:
            moment = PartialDate.parse(match[0].replace("maerz", "märz"))
        except ValueError:
            continue
        before = folded[: match.start()]
        if _SINCE.search(before):
            return Period(moment.first, None)
        if _UNTIL.search(before):
            return Period.until(moment.last)
        return Period.around(moment)
    return None
