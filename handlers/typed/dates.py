"""Dates, rhythms and spans of time as people write them."""

from __future__ import annotations

import re
from datetime import date, timedelta

from handlers.typed.unfit import Problem, UnfitError
from handlers.typed.words import (
    RHYTHMS,
    TODAY,
    UNKNOWN,
    VOCABULARY,
    YESTERDAY,
    normal,
    recognise,
)
from knowledge.entries import Rhythm
from knowledge.exchange.texts import deadline
from knowledge.german import is_day, words
from knowledge.partial_date import PartialDate, Precision, months_after

LIKE_A_DATE = re.compile(r"(?<!\S)\d{1,2}\.\d{1,2}\.\d*(?!\S)")
"""What is meant for a date as a word of its own, perhaps without a year."""

LIKE_A_DAY = re.compile(
    r"(?<![^\s(])(?:\d{1,2}\. ?\d{1,2}\. ?(?:\d{4}|\d{2})|\d{4}-\d{1,2}-\d{1,2})(?![^\s,;:)])"
)
"""What is meant for a day anywhere in a text, whether there is such a day or not."""

_HAPPENED = re.compile(
    rf"\s(?:{'|'.join(VOCABULARY['before_a_past_day'])})\s+(\S+?)[.,;]?$", re.IGNORECASE
)
_SINCE = re.compile(rf"\s(?:{'|'.join(VOCABULARY['since'])})\s+(.+)$", re.IGNORECASE)
_EVERY = re.compile(r"(?P<every>\w+) (?P<count>\d{1,3}) (?P<unit>\w+)")
_UNITS = {**dict.fromkeys(VOCABULARY["years"], 12), **dict.fromkeys(VOCABULARY["months"], 1)}

_AHEAD = {word: days for days, words in VOCABULARY["ahead"].items() for word in words}
_WEEKDAYS = {word: day for day, words in VOCABULARY["weekday"].items() for word in words}
_BEFORE_A_WORD = "".join(f"(?:(?:{'|'.join(words)}) )?" for words in VOCABULARY["before_a_word"])
_DAY_IN_A_WORD = re.compile(
    f"{_BEFORE_A_WORD}(?P<day>{'|'.join((*_WEEKDAYS, *_AHEAD))})", re.IGNORECASE
)

_SPANS = {word: unit for unit, word in VOCABULARY["span"]["unit"].items()}
_SPAN = re.compile(
    rf"(?:{VOCABULARY['span']['for']} )?(?P<count>\d{{1,3}}|{VOCABULARY['span']['one']}e?[nm]?) "
    rf"(?P<unit>{'|'.join(_SPANS)})e?n?",
    re.IGNORECASE,
)


def date_of(text: str) -> PartialDate | None:
    """The date that a text is, as people write it.

    >>> str(date_of("bis 30.06.27")), date_of("2170/24"), date_of("31.02.2027")
    ('2027-06-30', None, None)
    """
    try:
        return deadline(text)
    except ValueError:
        return None


def no_such_day(text: str) -> str | None:
    """What looks like a day in a text, but is none that there is.

    >>> no_such_day("EF-MP zum 31.02.2026"), no_such_day("EF-MP zum 28.02.2026")
    ('31.02.2026', None)
    """
    days = (match[0] for match in LIKE_A_DAY.finditer(text))
    return next((day for day in days if date_of(day) is None), None)


def days_in(text: str) -> list[PartialDate]:
    """The days that stand in a text with their whole year, each once.

    >>> [str(day) for day in days_in("Schreiben vom 12.11.2026 zum Stand 2025")]
    ['2026-11-12']
    """
    days = (word for word in words(text) if is_day(word.folded))
    whole = (day.folded for day in days if day.surface[-4:].isdigit())
    return [PartialDate.parse(day) for day in dict.fromkeys(whole)]


def happened(text: str) -> tuple[str, PartialDate | None]:
    """What is said, and the day at its end on which it happened.

    >>> happened("EF-7 umgesetzt am 12.11.2026")[0], happened("EF-7 umgesetzt 2026")[1]
    ('EF-7 umgesetzt', None)
    """
    found = _HAPPENED.search(text)
    moment = date_of(found[1]) if found else None
    if found is None or moment is None or moment.precision is not Precision.DAY:
        return text, None
    return text[: found.start()], moment


def written_on(text: str, today: date) -> PartialDate | None:
    """When a source is from; "heute" and "gestern" are days, too. None where that is unknown.

    Raises:
        UnfitError: if it is no date, or one that is still to come.
    """
    if recognise(text, UNKNOWN):
        return None
    if recognise(text, YESTERDAY):
        return PartialDate.of(today - timedelta(days=1))
    written = PartialDate.of(today) if recognise(text, TODAY) else date_of(text)
    if written is None:
        raise UnfitError(Problem.NO_DATE)
    if written.first > today:
        raise UnfitError(Problem.FUTURE)
    return written


def rhythm(text: str) -> Rhythm | None:
    """A recurrence; None where it is said that there is none.

    Raises:
        ValueError: if it is none.

    >>> rhythm("alle 2 Jahre seit 2024")
    Rhythm(months=24, since=PartialDate(year=2024, month=None, day=None, quarter=None, part=None))
    """
    if recognise(text, UNKNOWN):
        return None
    since = _SINCE.search(text)
    if since is None:
        raise ValueError(f"without a beginning: {text!r}")
    how_often, moment = normal(text[: since.start()]), date_of(since[1])
    counted = _EVERY.fullmatch(how_often)
    if counted and counted["every"] in VOCABULARY["every"] and counted["unit"] in _UNITS:
        months: int | None = int(counted["count"]) * _UNITS[counted["unit"]]
    else:
        months = recognise(how_often, RHYTHMS)
    if months is None or moment is None:
        raise ValueError(f"not a rhythm: {text!r}")
    return Rhythm(months=months, since=moment)


def day_called(text: str, today: date) -> date | None:
    """The day that somebody means by a word today; a weekday is the next one after today.

    >>> day_called("bis zum nächsten Freitag", date(2025, 10, 20))
    datetime.date(2025, 10, 24)
    """
    said = _DAY_IN_A_WORD.fullmatch(text)
    if said is None:
        return None
    name = said["day"].casefold()
    if name in _AHEAD:
        return today + timedelta(days=_AHEAD[name])
    return today + timedelta(days=(_WEEKDAYS[name] - today.weekday() - 1) % 7 + 1)


def after_span(text: str, today: date) -> date | None:
    """The day on which a span of time ends that begins today.

    >>> after_span("für 2 Wochen", date(2025, 10, 20)), after_span("Ende 2026", date(2025, 10, 20))
    (datetime.date(2025, 11, 3), None)
    """
    said = _SPAN.fullmatch(text)
    if said is None:
        return None
    count = int(said["count"]) if said["count"].isdecimal() else 1
    unit = _SPANS[said["unit"].casefold()]
    if unit == "months":
        return months_after(today, count)
    return today + timedelta(**{unit: count})
