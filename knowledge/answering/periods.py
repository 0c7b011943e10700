"""Spans of time that a question names: "2025", "seit März 2024", "letztes Quartal"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.german import consecutive_years, fold, words
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
    r"|(?:anfang|mitte|ende) \d{4}"
    r"|(?<![\d./-])(?:19|20)\d{2}(?![\d./-])"
)
_RANGE = re.compile(
    r"(?:zwischen|von) ((?:19|20)\d{2}) (?:und|bis|auf|zu) ((?:19|20)\d{2})"
    r"|(?<![\d./-])((?:19|20)\d{2}) ?(?:-|–|bis) ?((?:19|20)\d{2})(?![\d./-])"
)
_MONTH_RANGE = re.compile(
    rf"(?:\b(?:zwischen|von) )?\b(?P<first>{_MONTH_OR_SHORT})(?: (?P<since>(?:19|20)\d\d))?"
    rf" (?:und|bis) (?P<last>{_MONTH_OR_SHORT})(?: (?P<until>(?:19|20)\d\d)|\b(?! \d))"
)
_SINCE = re.compile(r"\b(?:seit|ab)\W+(?:dem\W+|der\W+|den\W+|anfang\W+)*$")
_FAR_SINCE = re.compile(r"\bseit (?!wann)[^,.;:?!]*$")
_AFTER = re.compile(r"\bnach\W+(?:dem\W+|der\W+|ende\W+)*$")
_BEYOND = re.compile(r"\bueber\W+(?:den\W+|das\W+|ende\W+)*$")
_UNTIL = re.compile(r"\bbis\W+(?:zum\W+|zur\W+|ende\W+|einschliesslich\W+)*$")
_BEFORE = re.compile(r"\bvor\W+(?:dem\W+|der\W+|ende\W+)*$")

_ANY_DAY = date(2000, 1, 1)
"""Which words name a span of time is the same on every day."""

_YEARS = re.compile(r"(?<!\d)(?:19|20)\d\d(?:/\d\d)?(?!\d)")

_ROMAN = ("i", "ii", "iii", "iv")
_ORDINALS = ("erst", "zweit", "dritt", "viert")

_TO_COME = re.compile(
    r"\b(?:steh(?:t|en)\b.* an|ansteh(?:t|en)|geplant\w*|vorgesehen|termine?|frist(?:en)?|faellig"
    r"|kommt|kommen|ende[nt]|laeuf(?:t|en)\b.* aus|auslaeuft|auslaufen|findet|finden)\b"
)
_GONE = re.compile(
    r"\b(?:war(?:en)?|gab|geschah|passierten?|fand(?:en)?|wurden?|hatten?|kam(?:en)?|lief(?:en)?"
    r"|endeten?|stand(?:en)?|letzte[nmrs]?|vergangene[nmrs]?|ge(?!plant)\w+t)\b"
)
"""What shows that a month without a year is yet to come, and what shows that it has gone."""

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

    A month or season without a year is the last one that has begun; a month in which something is
    said to fall due, the next one.

    >>> named_period("Was passierte seit September 2024?", date(2025, 10, 20)).period
    Period(first=datetime.date(2024, 9, 1), last=None)
    >>> named_period("Termine im letzten Jahr", date(2025, 10, 20)).period
    Period(first=datetime.date(2024, 1, 1), last=datetime.date(2024, 12, 31))
    >>> named_period("Was steht im Mai an?", date(2025, 10, 20)).period
    Period(first=datetime.date(2026, 5, 1), last=datetime.date(2026, 5, 31))
    >>> named_period("Läuft es über 2026 hinaus?", date(2025, 10, 20)).period
    Period(first=datetime.date(2027, 1, 1), last=None)
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
        if _BEYOND.search(head) and folded[match.end() :].startswith(" hinaus"):
            return NamedPeriod(Period(_next_day(period.last), None), match[0])
        if _FAR_SINCE.search(head):
            return NamedPeriod(Period(period.first, None), match[0])
        return NamedPeriod(period, match[0])
    return None


def words_of_time(text: str) -> list[str]:
    """The folded words of the first span of time that a question names; empty if it names none.

    >>> words_of_time("Was steht im vierten Quartal 2026 an?")
    ['vierten', 'quartal', '2026']
    """
    named = named_period(text, _ANY_DAY)
    return [word.folded for word in words(named.wording)] if named else []


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
    for match in _MONTH_RANGE.finditer(folded):
        yield match, _months_between(match, today)
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
    return _STEPS.get(match[1], 0)


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


def _recess(match: re.Match[str], today: date) -> Period:
    year = int(match[1]) if match[1] else today.year - (today.month < _RECESS[0])
    return Period(date(year, _RECESS[0], 1), PartialDate(year, _RECESS[1]).last)


def _months_between(match: re.Match[str], today: date) -> Period:
    """From the first day of a month to the last of another: "von November 2023 bis März 2024"."""
    first, last = _month_number(match["first"]), _month_number(match["last"])
    until = int(match["until"]) if match["until"] else today.year - (last > today.month)
    since = int(match["since"]) if match["since"] else until - (first > last)
    begin, end = sorted((PartialDate(since, first), PartialDate(until, last)))
    return Period(begin.first, end.last)


def _month_beside(match: re.Match[str], today: date) -> Period:
    """The next or the last one of a month's name: "im kommenden Januar"."""
    month, step = _month_number(match[2]), _step(match)
    if step > 0:
        return Period.around(PartialDate(today.year + (month <= today.month), month))
    return Period.around(PartialDate(today.year - (step < 0 and month >= today.month), month))


def _month_number(name: str) -> int:
    """The number of a month that is written out or cut short, folded: "dez.", "maerz", "mrz"."""
    if name.startswith("mrz"):
        return 3
    return [fold(month)[:3] for month in MONTHS].index(name[:3]) + 1


def _month_without_year(match: re.Match[str], today: date) -> Period:
    month = _month_number(match[1])
    since = _FAR_SINCE.search(match.string[: match.start()])
    if _TO_COME.search(match.string) and not (since or _GONE.search(match.string)):
        return Period.around(PartialDate(today.year + (month < today.month), month))
    return Period.around(PartialDate(today.year - (month > today.month), month))


def _numbered_quarter(match: re.Match[str], today: date) -> Period:
    return Period.around(PartialDate(_year_of(match, today), quarter=_ordinal(match)))


def _numbered_half(match: re.Match[str], today: date) -> Period:
    first = 6 * _ordinal(match) - 5
    year = _year_of(match, today)
    return Period(date(year, first, 1), PartialDate(year, first + 5).last)


def _year_of(match: re.Match[str], today: date) -> int:
    return int(match["year"]) if match["year"] else today.year


def _ordinal(match: re.Match[str]) -> int:
    """The number in "2. Quartal", "II. Quartal", "zweites Quartal" or "Q2"."""
    if match["word"]:
        return _ORDINALS.index(match["word"]) + 1
    number = match["number"] or match["short"]
    return int(number) if number.isdigit() else _ROMAN.index(number) + 1


def _next_day(day: date | None) -> date | None:
    return day + timedelta(days=1) if day and day < date.max else day


def _day_before(day: date | None) -> date | None:
    return day - timedelta(days=1) if day and day > date.min else day


_Span = Callable[[re.Match[str], date], Period]

_IN_YEAR = r"(?:(?: des jahres | ?/ ?| )(?P<year>(?:19|20)\d\d))?"
_NUMBERED_QUARTER = (
    rf"(?:(?P<number>[1-4]|i{{1,3}}|iv)\.? ?quartals?|(?P<word>{'|'.join(_ORDINALS)})e[nmrs]? "
    rf"quartals?|q ?(?P<short>[1-4])){_IN_YEAR}"
)
_HALF = r"(?:halbjahre?s?|jahreshaelfte)"
_NUMBERED_HALF = (
    rf"(?:(?P<number>[12]|ii?)\.? ?{_HALF}|(?P<word>{'|'.join(_ORDINALS[:2])})e[nmrs]? {_HALF}"
    rf"|h ?(?P<short>[12])){_IN_YEAR}"
)
_STEPS = {"letzte": -1, "vorige": -1, "vergangene": -1, "vor": -1, "diese": 0, "laufende": 0}
_STEPS |= {"naechste": 1, "kommende": 1}
_WHICH = rf"({'|'.join(_STEPS)})[nmrs]?"
_RELATIVE: tuple[tuple[re.Pattern[str], _Span], ...] = tuple(
    (re.compile(rf"\b{pattern}\b"), span)
    for pattern, span in (
        (rf"{_WHICH} jahre?s?", _year),
        (r"(vor)jahre?s?", _year),
        (r"(jahres(?:beginn|anfang))", _year),
        (rf"{_WHICH} quartals?", _quarter),
        (_NUMBERED_QUARTER, _numbered_quarter),
        (_NUMBERED_HALF, _numbered_half),
        (rf"{_WHICH} monate?s?", _month),
        (rf"{_WHICH} woche", _week),
        (rf"{_WHICH} ({_MONTH})", _month_beside),
        (rf"letzten ({_NUMBER}) (tagen?|wochen?|monaten?|jahren?)", _last_few),
        (r"sommerpause(?: ((?:19|20)\d\d))?", _recess),
        (rf"({'|'.join(_SEASONS)})s?(?: ((?:19|20)\d\d)|(?! \d{{4}}))\b", _season),
    )
)
_YEARLESS: tuple[tuple[re.Pattern[str], _Span], ...] = tuple(
    (re.compile(rf"\b{pattern}\b"), span)
    for pattern, span in (
        (rf"({_MONTH})s?", _month_without_year),
        (r"gestern", lambda _, today: Period(today - timedelta(1), today - timedelta(1))),
        (r"heute", lambda _, today: Period(today, today)),
    )
)
