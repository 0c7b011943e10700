"""Dates that are exactly as precise as their source, and never more.

A council letter says "im September", a web page says "2017", a protocol says "21.11.2023".
`PartialDate` keeps which of these it was, so that an answer cannot invent a day.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum
from functools import total_ordering

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

MONTHS = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)


class Precision(IntEnum):
    """How much of a date the source gives; a larger value is more precise."""

    YEAR = 1
    PART = 2
    QUARTER = 3
    MONTH = 4
    DAY = 5


class YearPart(StrEnum):
    """The halves of a year, and its vague thirds: "Anfang", "Mitte" and "Ende".

    ISO 8601 has no code for any of them, so the ISO form is ours: `2023-H1`, `2023-early`,
    `2023-mid`, `2023-late`.
    """

    EARLY = "early"
    MID = "mid"
    LATE = "late"
    FIRST_HALF = "H1"
    SECOND_HALF = "H2"


_PART_WORDS = {"anfang": YearPart.EARLY, "mitte": YearPart.MID, "ende": YearPart.LATE}
_HALVES = (YearPart.FIRST_HALF, YearPart.SECOND_HALF)
_PART_NAMES = {
    **{part: word.capitalize() for word, part in _PART_WORDS.items()},
    **{half: f"{number}. Halbjahr" for number, half in enumerate(_HALVES, start=1)},
}
_PART_MONTHS = {
    YearPart.EARLY: (1, 4),
    YearPart.MID: (5, 8),
    YearPart.LATE: (9, 12),
    YearPart.FIRST_HALF: (1, 6),
    YearPart.SECOND_HALF: (7, 12),
}
_ROMAN = {"I": 1, "II": 2, "III": 3, "IV": 4}


def _month_number(word: str) -> int | None:
    """The month that a German name or its abbreviation means: `Sept.` is 9."""
    stem = word.casefold().rstrip(".").replace("maerz", "märz").replace("mrz", "märz")
    if len(stem) < 3:
        return None
    matches = [i for i, name in enumerate(MONTHS, start=1) if name.casefold().startswith(stem)]
    return matches[0] if len(matches) == 1 else None


@total_ordering
@dataclass(frozen=True, slots=True)
class PartialDate:
    """A day, month, quarter, half, vague third or year of the Gregorian calendar.

    Exactly one of the finer fields is set, or none for a bare year (a day needs its month).
    Ordered by first, then by last day, which is consistent with equality.

    Raises:
        ValueError: if the fields contradict each other or name no real date.

    >>> PartialDate.parse("September 2024").iso()
    '2024-09'
    >>> PartialDate.parse("21.11.2023").german()
    '21.11.2023'
    >>> PartialDate.parse("Ende 2023").german()
    'Ende 2023'
    """

    year: int
    month: int | None = None
    day: int | None = None
    quarter: int | None = None
    part: YearPart | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.year <= 9999:
            raise ValueError(f"year {self.year} is outside 1..9999")
        if sum(x is not None for x in (self.month, self.quarter, self.part)) > 1:
            raise ValueError("month, quarter and part of the year exclude each other")
        if self.day is not None and self.month is None:
            raise ValueError("a day needs a month")
        if self.quarter is not None and not 1 <= self.quarter <= 4:
            raise ValueError(f"quarter {self.quarter} is outside 1..4")
        date(
            self.year,
            1 if self.month is None else self.month,
            1 if self.day is None else self.day,
        )

    @property
    def precision(self) -> Precision:
        """What the source gives of the date."""
        if self.day is not None:
            return Precision.DAY
        if self.month is not None:
            return Precision.MONTH
        if self.quarter is not None:
            return Precision.QUARTER
        return Precision.YEAR if self.part is None else Precision.PART

    @property
    def _months(self) -> tuple[int, int]:
        if self.month is not None:
            return self.month, self.month
        if self.quarter is not None:
            return 3 * self.quarter - 2, 3 * self.quarter
        return (1, 12) if self.part is None else _PART_MONTHS[self.part]

    @property
    def first(self) -> date:
        """The earliest day that this date can mean."""
        return date(self.year, self._months[0], self.day or 1)

    @property
    def last(self) -> date:
        """The latest day that this date can mean: when something due then is due."""
        month = self._months[1]
        return date(self.year, month, self.day or calendar.monthrange(self.year, month)[1])

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, PartialDate):
            return NotImplemented
        return (self.first, self.last) < (other.first, other.last)

    def iso(self) -> str:
        """The lossless machine form: `2024`, `2024-Q3`, `2024-09`, `2024-09-30`, `2023-late`."""
        if self.day is not None:
            return self.first.isoformat()
        if self.month is not None:
            return f"{self.year:04}-{self.month:02}"
        if self.quarter is not None:
            return f"{self.year:04}-Q{self.quarter}"
        return f"{self.year:04}" if self.part is None else f"{self.year:04}-{self.part}"

    def german(self) -> str:
        """The form for people: `2024`, `3. Quartal 2024`, `September 2024`, `30.09.2024`."""
        if self.day is not None:
            return f"{self.day:02}.{self.month:02}.{self.year:04}"
        if self.month is not None:
            return f"{MONTHS[self.month - 1]} {self.year:04}"
        if self.quarter is not None:
            return f"{self.quarter}. Quartal {self.year:04}"
        part = "" if self.part is None else f"{_PART_NAMES[self.part]} "
        return f"{part}{self.year:04}"

    def __str__(self) -> str:
        return self.iso()

    @classmethod
    def of(cls, day: date) -> PartialDate:
        """The day-precise form of a calendar day."""
        return cls(day.year, day.month, day.day)

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read a date as German offices and ISO 8601 write it.

        Two-digit years mean 2000 to 2099: the papers read here are younger than that.

        Raises:
            ValueError: if the text is no date of one of the known forms.
        """
        words = " ".join(text.split())
        for pattern, build in _FORMS:
            match = pattern.fullmatch(words)
            if match:
                return build(match)
        raise ValueError(f"not a date: {text!r}")

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Validate from text, year number or `datetime.date`; serialise to the ISO form."""
        return core_schema.no_info_plain_validator_function(
            _coerce, serialization=core_schema.to_string_ser_schema()
        )


def _coerce(value: object) -> PartialDate:
    match value:
        case PartialDate():
            return value
        case date():  # YAML reads 2023-11-21 as a date
            return PartialDate(value.year, value.month, value.day)
        case int() if not isinstance(value, bool):  # and 2024 as a number
            return PartialDate(value)
        case str():
            return PartialDate.parse(value)
    raise ValueError(f"not a date: {value!r}")


def _year(digits: str) -> int:
    return int(digits) if len(digits) > 2 else 2000 + int(digits)


def _with_month_name(match: re.Match[str]) -> PartialDate:
    month = _month_number(match["month"])
    if month is None:
        raise ValueError(f"not a month: {match['month']!r}")
    day = match["day"]
    return PartialDate(_year(match["year"]), month, int(day) if day else None)


def _with_quarter(match: re.Match[str]) -> PartialDate:
    number = match["quarter"].upper()
    return PartialDate(int(match["year"]), quarter=_ROMAN.get(number) or int(number))


def _with_half(match: re.Match[str]) -> PartialDate:
    number = match["half"].upper()
    return PartialDate(int(match["year"]), part=_HALVES[(_ROMAN.get(number) or int(number)) - 1])


def _with_part(match: re.Match[str]) -> PartialDate:
    part = _PART_WORDS.get(match[1].casefold())
    if part is None:
        raise ValueError(f"not a part of a year: {match[1]!r}")
    return PartialDate(int(match[2]), part=part)


_FORMS = tuple(
    (re.compile(pattern, re.IGNORECASE), build)
    for pattern, build in (
        (r"(\d{4})", lambda m: PartialDate(int(m[1]))),
        (r"(\d{4})-(\d{1,2})", lambda m: PartialDate(int(m[1]), int(m[2]))),
        (r"(\d{1,2})[/.](\d{4})", lambda m: PartialDate(int(m[2]), int(m[1]))),
        (r"(\d{4})-(\d{1,2})-(\d{1,2})", lambda m: PartialDate(int(m[1]), int(m[2]), int(m[3]))),
        (
            r"(\d{1,2})\. ?(\d{1,2})\. ?(\d{4}|\d{2})",
            lambda m: PartialDate(_year(m[3]), int(m[2]), int(m[1])),
        ),
        (
            r"(Anfang|Mitte|Ende) (\d{4})",
            _with_part,
        ),
        (r"(?P<year>\d{4})-Q(?P<quarter>[1-4])", _with_quarter),
        (r"Q(?P<quarter>[1-4])[ /](?P<year>\d{4})", _with_quarter),
        (r"(?P<quarter>[1-4]|I{1,3}|IV)\. ?Quartal (?P<year>\d{4})", _with_quarter),
        (r"(?P<year>\d{4})-H(?P<half>[12])", _with_half),
        (r"H(?P<half>[12])[ /](?P<year>\d{4})", _with_half),
        (r"(?P<half>[12]|II?)\. ?Halbjahr (?P<year>\d{4})", _with_half),
        (r"(\d{4})-(early|mid|late)", lambda m: PartialDate(int(m[1]), part=YearPart(m[2]))),
        (r"(?:(?P<day>\d{1,2})\. ?)?(?P<month>[a-zä]+\.?) (?P<year>\d{4})", _with_month_name),
    )
)


def months_after(day: date, months: int) -> date:
    """The same day some months later, or the last one of a month that is too short.

    >>> months_after(date(2025, 8, 31), 6)
    datetime.date(2026, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days that a question names: "2025", "seit März", "im 2. Quartal".

    Attributes:
        first: First day inside, or None for an open beginning.
        last: Last day inside, or None for an open end.
    """

    first: date | None = None
    last: date | None = None

    def overlaps(self, moment: PartialDate) -> bool:
        """Whether any day that `moment` can mean lies inside."""
        return (self.first is None or moment.last >= self.first) and (
            self.last is None or moment.first <= self.last
        )

    def covers(self, moment: PartialDate) -> bool:
        """Whether every day that `moment` can mean lies inside."""
        return (self.first is None or moment.first >= self.first) and (
            self.last is None or moment.last <= self.last
        )

    @classmethod
    def around(cls, moment: PartialDate) -> Period:
        """The period that a partial date spans."""
        return cls(moment.first, moment.last)
