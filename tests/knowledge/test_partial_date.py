"""Dates exactly as precise as their source: forms, order, precision, periods."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from knowledge.partial_date import MONTHS, PartialDate, Period, Precision, YearPart

FORM = TypeAdapter(PartialDate)


@st.composite
def partial_dates(draw: st.DrawFn, *, since: int = 1000) -> PartialDate:
    year = draw(st.integers(since, 9999))
    match draw(st.sampled_from(Precision)):
        case Precision.DAY:
            day = draw(st.dates(date(since, 1, 1), date(9999, 12, 31)))
            return PartialDate.of(day)
        case Precision.MONTH:
            return PartialDate(year, draw(st.integers(1, 12)))
        case Precision.QUARTER:
            return PartialDate(year, quarter=draw(st.integers(1, 4)))
        case Precision.PART:
            return PartialDate(year, part=draw(st.sampled_from(YearPart)))
        case _:
            return PartialDate(year)


@st.composite
def neighbours(draw: st.DrawFn) -> PartialDate:
    """Dates within two years, so that pairs of them often touch or coincide."""
    moment = draw(partial_dates())
    return PartialDate(
        draw(st.integers(2023, 2024)),
        moment.month,
        min(moment.day, 28) if moment.day else None,
        moment.quarter,
        moment.part,
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024", PartialDate(2024)),
        ("2024-09", PartialDate(2024, 9)),
        ("2024-9", PartialDate(2024, 9)),
        ("09/2024", PartialDate(2024, 9)),
        ("9/2024", PartialDate(2024, 9)),
        ("09.2024", PartialDate(2024, 9)),
        ("September 2024", PartialDate(2024, 9)),
        ("september 2024", PartialDate(2024, 9)),
        ("Sept. 2024", PartialDate(2024, 9)),
        ("Sep 2024", PartialDate(2024, 9)),
        ("März 2024", PartialDate(2024, 3)),
        ("Maerz 2024", PartialDate(2024, 3)),
        ("Mrz. 2024", PartialDate(2024, 3)),
        ("Mai 2024", PartialDate(2024, 5)),
        ("Jun 2024", PartialDate(2024, 6)),
        ("Jul 2024", PartialDate(2024, 7)),
        ("21.11.2023", PartialDate(2023, 11, 21)),
        ("21. 11. 2023", PartialDate(2023, 11, 21)),
        ("9.6.21", PartialDate(2021, 6, 9)),
        ("2023-11-21", PartialDate(2023, 11, 21)),
        ("21. November 2023", PartialDate(2023, 11, 21)),
        ("21.November 2023", PartialDate(2023, 11, 21)),
        ("1. Dez. 2023", PartialDate(2023, 12, 1)),
        ("29.02.2024", PartialDate(2024, 2, 29)),
        ("Anfang 2023", PartialDate(2023, part=YearPart.EARLY)),
        ("Mitte 2023", PartialDate(2023, part=YearPart.MID)),
        ("Ende 2023", PartialDate(2023, part=YearPart.LATE)),
        ("ende 2023", PartialDate(2023, part=YearPart.LATE)),
        ("2023-early", PartialDate(2023, part=YearPart.EARLY)),
        ("2023-mid", PartialDate(2023, part=YearPart.MID)),
        ("2023-late", PartialDate(2023, part=YearPart.LATE)),
        ("2024-Q3", PartialDate(2024, quarter=3)),
        ("Q3 2024", PartialDate(2024, quarter=3)),
        ("Q3/2024", PartialDate(2024, quarter=3)),
        ("3. Quartal 2024", PartialDate(2024, quarter=3)),
        ("III. Quartal 2024", PartialDate(2024, quarter=3)),
        ("IV. Quartal 2024", PartialDate(2024, quarter=4)),
        ("2027-H1", PartialDate(2027, part=YearPart.FIRST_HALF)),
        ("H2 2027", PartialDate(2027, part=YearPart.SECOND_HALF)),
        ("1. Halbjahr 2027", PartialDate(2027, part=YearPart.FIRST_HALF)),
        ("II. Halbjahr 2027", PartialDate(2027, part=YearPart.SECOND_HALF)),
        ("  21.11.2023\n", PartialDate(2023, 11, 21)),
        ("September\u00a02024", PartialDate(2024, 9)),
    ],
)
def test_a_date_is_read_as_offices_and_iso_write_it(text: str, expected: PartialDate) -> None:
    assert PartialDate.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bald",
        "24",
        "20245",
        "0000",
        "31.6.2024",
        "30.02.2024",
        "29.02.2023",
        "32.01.2024",
        "13/2024",
        "2024-13",
        "2024-02-30",
        "Ju 2024",
        "Foo 2024",
        "Ende September 2024",
        "5. Quartal 2024",
        "Q5 2024",
        "2024-Q0",
        "V. Quartal 2024",
        "3. Halbjahr 2024",
        "2024-H0",
        "21.11.",
        "November",
        "2023 bis 2024",
        "21.11.2023 14 Uhr",
    ],
)
def test_what_is_no_real_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        PartialDate.parse(text)


@pytest.mark.parametrize(
    "fields",
    [
        {"year": 0},
        {"year": 10_000},
        {"year": 2024, "day": 3},
        {"year": 2024, "month": 13},
        {"year": 2024, "month": 4, "day": 31},
        {"year": 2024, "quarter": 0},
        {"year": 2024, "quarter": 5},
        {"year": 2024, "month": 4, "quarter": 2},
        {"year": 2024, "month": 4, "part": YearPart.EARLY},
        {"year": 2024, "quarter": 2, "part": YearPart.EARLY},
    ],
)
def test_contradicting_fields_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        PartialDate(**fields)


@given(partial_dates(since=1))
def test_the_iso_form_loses_nothing(moment: PartialDate) -> None:
    assert PartialDate.parse(moment.iso()) == moment
    assert str(moment) == moment.iso()


@given(partial_dates())
def test_the_german_form_loses_nothing(moment: PartialDate) -> None:
    assert PartialDate.parse(moment.german()) == moment


@pytest.mark.parametrize(
    ("iso", "german"),
    [
        ("2024", "2024"),
        ("2024-Q3", "3. Quartal 2024"),
        ("2024-09", "September 2024"),
        ("2024-03", "März 2024"),
        ("2024-09-03", "03.09.2024"),
        ("2023-early", "Anfang 2023"),
        ("2023-mid", "Mitte 2023"),
        ("2023-late", "Ende 2023"),
        ("2027-H2", "2. Halbjahr 2027"),
    ],
)
def test_people_read_the_german_form(iso: str, german: str) -> None:
    assert PartialDate.parse(iso).german() == german


@given(partial_dates())
def test_neither_form_is_more_precise_than_the_date(moment: PartialDate) -> None:
    assert PartialDate.parse(moment.iso()).precision is moment.precision
    assert PartialDate.parse(moment.german()).precision is moment.precision
    if moment.precision < Precision.DAY:
        assert moment.first < moment.last
    if moment.precision < Precision.MONTH:
        assert not any(month in moment.german() for month in MONTHS)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("Anfang 2024", date(2024, 1, 1), date(2024, 4, 30)),
        ("Mitte 2024", date(2024, 5, 1), date(2024, 8, 31)),
        ("Ende 2024", date(2024, 9, 1), date(2024, 12, 31)),
        ("Q1 2024", date(2024, 1, 1), date(2024, 3, 31)),
        ("Q4 2024", date(2024, 10, 1), date(2024, 12, 31)),
        ("Februar 2024", date(2024, 2, 1), date(2024, 2, 29)),
        ("Februar 2023", date(2023, 2, 1), date(2023, 2, 28)),
        ("21.11.2023", date(2023, 11, 21), date(2023, 11, 21)),
    ],
)
def test_a_date_spans_all_days_it_can_mean(text: str, first: date, last: date) -> None:
    moment = PartialDate.parse(text)
    assert (moment.first, moment.last) == (first, last)


@given(neighbours(), neighbours())
def test_exactly_one_of_smaller_equal_and_greater_holds(a: PartialDate, b: PartialDate) -> None:
    assert [a < b, a == b, a > b].count(True) == 1
    assert (a == b) == ((a.first, a.last) == (b.first, b.last))
    assert (a <= b) == (not b < a)
    if a == b:
        assert hash(a) == hash(b)


@given(st.lists(neighbours(), max_size=8))
def test_sorting_goes_by_first_and_then_by_last_day(listed: list[PartialDate]) -> None:
    in_order = sorted(listed)
    assert all((a.first, a.last) <= (b.first, b.last) for a, b in pairwise(in_order))
    backwards = listed[::-1]
    assert sorted(backwards) == in_order


def test_a_date_is_not_compared_with_something_else() -> None:
    with pytest.raises(TypeError):
        assert PartialDate(2024) < date(2024, 1, 1)
    assert PartialDate.of(date(2024, 1, 1)) != date(2024, 1, 1)


@given(st.dates(date(1000, 1, 1)))
def test_a_calendar_day_stays_that_day(day: date) -> None:
    moment = PartialDate.of(day)
    assert moment.first == moment.last == day
    assert moment.iso() == day.isoformat()


@pytest.mark.parametrize(
    ("given_value", "iso"),
    [
        (2024, "2024"),
        (date(2023, 11, 21), "2023-11-21"),
        ("Ende 2023", "2023-late"),
        (PartialDate(2024, 9), "2024-09"),
    ],
)
def test_a_model_takes_what_yaml_makes_of_a_date(given_value: object, iso: str) -> None:
    moment = FORM.validate_python(given_value)
    assert moment.iso() == iso
    assert FORM.dump_json(moment) == f'"{iso}"'.encode()


@pytest.mark.parametrize("value", [None, 20.24, [2024], "übermorgen", 0])
def test_a_model_refuses_what_is_no_date(value: object) -> None:
    with pytest.raises(ValidationError):
        FORM.validate_python(value)


@given(neighbours(), neighbours())
def test_a_period_overlaps_what_shares_a_day_with_it(a: PartialDate, b: PartialDate) -> None:
    shared = a.first <= b.last and b.first <= a.last
    assert Period.around(a).overlaps(b) == shared
    assert Period.around(b).overlaps(a) == shared


@given(neighbours(), st.dates(date(2022, 12, 1), date(2025, 1, 31)))
def test_until_and_since_a_day_cover_all_time(moment: PartialDate, day: date) -> None:
    until, since = Period(None, day), Period(day)
    assert until.overlaps(moment) == (moment.first <= day)
    assert since.overlaps(moment) == (moment.last >= day)
    assert until.overlaps(moment) or since.overlaps(moment)


@given(neighbours())
def test_an_open_period_overlaps_everything(moment: PartialDate) -> None:
    assert Period().overlaps(moment)


@given(neighbours(), st.integers(1, 40))
def test_a_period_that_ends_before_does_not_overlap(moment: PartialDate, days: int) -> None:
    assume(moment.first.toordinal() > days)
    assert not Period(None, moment.first - timedelta(days=days)).overlaps(moment)
    assert not Period(moment.last + timedelta(days=days)).overlaps(moment)


def test_a_moment_with_a_time_of_day_counts_as_its_day() -> None:
    moment = datetime.fromisoformat("2023-11-21T10:00:00+00:00")
    assert FORM.validate_python(moment) == PartialDate(2023, 11, 21)


@pytest.mark.parametrize(
    "text", ["00.09.2024", "2024-09-00", "00/2024", "2024-00", "Mıtte 2024", "MİTTE 2024"]
)
def test_day_and_month_zero_and_odd_letters_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        PartialDate.parse(text)
