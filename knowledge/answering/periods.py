"""Spans of time that a question names: "2025", "seit März 2024", "letztes Quartal"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.german import consecutive_years, fold
from knowledge.partial_date import MONTHS, PartialDate, Period, months_after

_MONTH = "|".join(fold(month) for month in MONTHS)
_MONTH_OR_SHORT = rf"{_MONTH}|(?:jan|feb|mrz|apr|jun|jul|aug|sept?|okt|nov|dez)\.?"
_NUMBERS = (
    *("ein", "zwei", "drei", "vier", "fuenf", "sechs"),
    *("sieben", "acht", "neun", "zehn", "elf", "zwoelf"),
)
_NUMBER = rf"\d{{1,3}}|{'|'.join(_NUMBERS)}"

_STATED = re.compile(
    rf"\d{{1,2}}\. ?\d{{1,2}}\. ?(?:\d{{4}}|\d{{2}})(?!\d)"
    rf"|(?:\d{{1,2}}\. ?)?(?:{_MONTH_OR_SHORT}) \d{{4}}"
    r"|(?:[1-4]|i{1,3}|iv)\. ?quartal \d{4}"
    r"|(?:anfang|mitte|ende) \d{4}"
    r"|(?<![\d./-])(?:19|20)\d{2}(?![\d./-])"
)
_RANGE = re.compile(
    r"(?:zwischen|von) ((?:19|20)\d{2}) (?:und|bis|auf|zu) ((?:19|20)\d{2})"
    r"|(?<![\d./-])((?:19|20)\d{2}) ?(?:-|–|bis) ?((?:19|20)\d{2})(?![\d./-])"
)
_SINCE = re.compile(r"\b(?:seit|ab)\W+(?:dem\W+|der\W+|den\W+|anfang\W+)*$")
_FAR_SINCE = re.compile(r"\bseit (?!wann)[^,.;:?!]*$")
_AFTER = re.compile(r"\bnach\W+(?:dem\W+|der\W+|ende\W+)*$")
_UNTIL = re.compile(r"\bbis\W+(?:zum\W+|zur\W+|ende\W+|einschliesslich\W+)*$")
_BEFORE = re.compile(r"\bvor\W+(?:dem\W+|der\W+|ende\W+)*$")

_YEARS = re.compile(r"(?<!\d)(?:19|20)\d\d(?:/\d\d)?(?!\d)")

_SEASONS = {"fruehjahr": 3, "fruehling": 3, "sommer": 6, "herbst": 9, "winter": 12}
"""First months of the meteorological seasons."""

_RECESS = (7, 8)
"""July and August: German councils rest for the summer holidays, which differ by state and year.
Generous on purpose: "seit der Sommerpause" must not leave out what came just before it."""


@dataclass(frozen=True, slots=True)
class NamedPeriod:
    """A span of time and the words that name it.

    Attributes:
        period: The days.
        wording: The part of the folded text, with "seit" or "bis" if it is there.
    """

    period: Period
    wording: str

    @property
    def is_since(self) -> bool:
        """Whether it begins on a day and has no end."""
        return self.period.first is not None and self.period.last is None


def named_period(text: str, today: date) -> NamedPeriod | None:
    """The first span of time that a question names, or None.

    A month or season without a year is the last one that has begun.

    >>> named_period("Was passierte seit September 2024?", date(2025, 10, 20)).period
    Period(first=datetime.date(2024, 9, 1), last=None)
    >>> named_period("Termine im letzten Jahr", date(2025, 10, 20)).period
    Period(first=datetime.date(2024, 1, 1), last=datetime.date(2024, 12, 31))
    """
    folded = fold(text)
    for match, period in _spans(folded, today):
        head = folded[: match.start()]
        for bound, turned in (
            (_SINCE, Period(period.first, None)),
            (_AFTER, Period(_next_day(period.last), None)),
            (_UNTIL, Period(None, period.last)),
            (_BEFORE, Period(None, _day_before(period.first))),
        ):
            if found := bound.search(head):
                return NamedPeriod(turned, found[0] + match[0])
        if _FAR_SINCE.search(head):
            return NamedPeriod(Period(period.first, None), match[0])
        return NamedPeriod(period, match[0])
    return None


def years_named(text: str) -> list[PartialDate]:
    """The years that stand in a text, by themselves or in a date.

    >>> [year.iso() for year in years_named("677 Anträge 2023, 1.112 Anträge im Mai 2024")]
    ['2023', '2024']
    >>> [year.iso() for year in years_named("Förderung 2021/22, Beschluss vom 20.01.2016")]
    ['2021', '2022', '2016']
    """
    named = (consecutive_years(found) or (int(found[:4]),) for found in _YEARS.findall(text))
    return [PartialDate(year) for years in named for year in years]


def period(text: str, today: date) -> Period | None:
    """The days of the first span of time that a question names, or None."""
    named = named_period(text, today)
    return named.period if named else None


def _spans(folded: str, today: date) -> Iterator[tuple[re.Match[str], Period]]:
    """Candidates, the surest reading first."""
    for match in _RANGE.finditer(folded):
        first, last = sorted(int(year) for year in match.groups() if year)
        yield match, Period(date(first, 1, 1), date(last, 12, 31))
    for pattern, span in _RELATIVE:
        for match in pattern.finditer(folded):
            yield match, span(match, today)
    for match in _STATED.finditer(folded):
        try:
            moment = PartialDate.parse(match[0])
        except ValueError:
            continue
        yield match, Period.around(moment)
    for pattern, span in _YEARLESS:
        for match in pattern.finditer(folded):
            yield match, span(match, today)


def _step(match: re.Match[str]) -> int:
    return {"l": -1, "v": -1, "n": 1, "k": 1}.get(match[1][0], 0)


def _year(match: re.Match[str], today: date) -> Period:
    return Period.around(PartialDate(today.year + _step(match)))


def _quarter(match: re.Match[str], today: date) -> Period:
    number = today.year * 4 + (today.month - 1) // 3 + _step(match)
    return Period.around(PartialDate(number // 4, quarter=number % 4 + 1))


def _month(match: re.Match[str], today: date) -> Period:
    number = today.year * 12 + today.month - 1 + _step(match)
    return Period.around(PartialDate(number // 12, number % 12 + 1))


def _week(match: re.Match[str], today: date) -> Period:
    monday = today + timedelta(days=7 * _step(match) - today.weekday())
    return Period(monday, monday + timedelta(days=6))


def _last_few(match: re.Match[str], today: date) -> Period:
    """From the same day so many months ago until today: "in den letzten drei Monaten"."""
    count = int(match[1]) if match[1].isdigit() else _NUMBERS.index(match[1]) + 1
    if match[2].startswith(("tag", "woche")):
        days = count if match[2].startswith("tag") else 7 * count
        return Period(today - timedelta(days=days), today)
    months = count * (12 if "jahr" in match[2] else 1)
    return Period(months_after(today, -months), today)


def _season(match: re.Match[str], today: date) -> Period:
    begin = _SEASONS[match[1]]
    year = int(match[2]) if match[2] else today.year - (today.month < begin)
    first = date(year, begin, 1)
    last = PartialDate(year + (begin == 12), (begin + 1) % 12 + 1).last
    return Period(first, last)


def _recess(_: re.Match[str], today: date) -> Period:
    year = today.year - (today.month < _RECESS[0])
    return Period(date(year, _RECESS[0], 1), PartialDate(year, _RECESS[1]).last)


def _month_without_year(match: re.Match[str], today: date) -> Period:
    month = [fold(name) for name in MONTHS].index(match[1]) + 1
    return Period.around(PartialDate(today.year - (month > today.month), month))


def _quarter_without_year(match: re.Match[str], today: date) -> Period:
    return Period.around(PartialDate.parse(f"{match[1]}. Quartal {today.year}"))


def _next_day(day: date | None) -> date | None:
    return day + timedelta(days=1) if day and day < date.max else day


def _day_before(day: date | None) -> date | None:
    return day - timedelta(days=1) if day and day > date.min else day


_Span = Callable[[re.Match[str], date], Period]

_WHICH = r"(letzte|vorige|vergangene|diese|laufende|naechste|kommende)[nmrs]?"
_RELATIVE: tuple[tuple[re.Pattern[str], _Span], ...] = tuple(
    (re.compile(rf"\b{pattern}\b"), span)
    for pattern, span in (
        (rf"{_WHICH} jahre?s?", _year),
        (r"(vor)jahre?s?", _year),
        (r"(jahres(?:beginn|anfang))", _year),
        (rf"{_WHICH} quartals?", _quarter),
        (rf"{_WHICH} monate?s?", _month),
        (rf"{_WHICH} woche", _week),
        (rf"letzten ({_NUMBER}) (tagen?|wochen?|monaten?|jahren?)", _last_few),
        (r"sommerpause", _recess),
        (rf"({'|'.join(_SEASONS)})s?(?: ((?:19|20)\d\d)|(?! \d{{4}}))\b", _season),
    )
)
_YEARLESS: tuple[tuple[re.Pattern[str], _Span], ...] = tuple(
    (re.compile(rf"\b{pattern}\b"), span)
    for pattern, span in (
        (r"([1-4]|i{1,3}|iv)\. ?quartals?", _quarter_without_year),
        (rf"({_MONTH})s?", _month_without_year),
        (r"gestern", lambda _, today: Period(today - timedelta(1), today - timedelta(1))),
        (r"heute", lambda _, today: Period(today, today)),
    )
)
