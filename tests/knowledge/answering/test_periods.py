"""Spans of time in words."""

from datetime import date

import pytest

from knowledge.answering.periods import named_period, period, words_of_time
from knowledge.partial_date import Period

TODAY = date(2025, 10, 20)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("Termine 2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("im 2. Quartal 2025", date(2025, 4, 1), date(2025, 6, 30)),
        ("im März 2024", date(2024, 3, 1), date(2024, 3, 31)),
        ("seit dem 7.2.2024", date(2024, 2, 7), None),
        ("seit September 2024", date(2024, 9, 1), None),
        ("ab 2026", date(2026, 1, 1), None),
        ("bis Ende 2025", None, date(2025, 12, 31)),
        ("am 09.06.2021", date(2021, 6, 9), date(2021, 6, 9)),
        ("letztes Jahr", date(2024, 1, 1), date(2024, 12, 31)),
        ("im nächsten Jahr", date(2026, 1, 1), date(2026, 12, 31)),
        ("dieses Jahr", date(2025, 1, 1), date(2025, 12, 31)),
        ("gegenüber dem Vorjahr", date(2024, 1, 1), date(2024, 12, 31)),
        ("seit Jahresbeginn", date(2025, 1, 1), None),
        ("vor 2010", None, date(2009, 12, 31)),
        ("nach 2020", date(2021, 1, 1), None),
        ("zwischen 2016 und 2018", date(2016, 1, 1), date(2018, 12, 31)),
        ("von 2016 auf 2018 gestiegen", date(2016, 1, 1), date(2018, 12, 31)),
        ("2016-2020", date(2016, 1, 1), date(2020, 12, 31)),
        ("im 2. Quartal", date(2025, 4, 1), date(2025, 6, 30)),
        ("letztes Quartal", date(2025, 7, 1), date(2025, 9, 30)),
        ("letzten Monat", date(2025, 9, 1), date(2025, 9, 30)),
        ("letzte Woche", date(2025, 10, 13), date(2025, 10, 19)),
        ("nächste Woche", date(2025, 10, 27), date(2025, 11, 2)),
        ("in den letzten drei Monaten", date(2025, 7, 20), date(2025, 10, 20)),
        ("in den letzten 10 Tagen", date(2025, 10, 10), date(2025, 10, 20)),
        ("in den letzten zwölf Monaten", date(2024, 10, 20), date(2025, 10, 20)),
        ("in den letzten 2 Jahren", date(2023, 10, 20), date(2025, 10, 20)),
        ("seit März", date(2025, 3, 1), None),
        ("seit Dezember", date(2024, 12, 1), None),
        ("seit Nov. 2023", date(2023, 11, 1), None),
        ("gestern", date(2025, 10, 19), date(2025, 10, 19)),
        ("im Sommer 2024", date(2024, 6, 1), date(2024, 8, 31)),
        ("im Winter 2024", date(2024, 12, 1), date(2025, 2, 28)),
        ("seit der Sommerpause", date(2025, 7, 1), None),
        ("nach der Sommerpause", date(2025, 9, 1), None),
        ("vor der Sommerpause", None, date(2025, 6, 30)),
        ("seit dem Beitritt im Sommer 2022", date(2022, 6, 1), None),
        ("seit der Sommerpause 2023", date(2023, 7, 1), None),
        ("im laufenden Jahr", date(2025, 1, 1), date(2025, 12, 31)),
        ("im laufenden Quartal", date(2025, 10, 1), date(2025, 12, 31)),
        ("diesen Monat", date(2025, 10, 1), date(2025, 10, 31)),
        ("vorigen Monat", date(2025, 9, 1), date(2025, 9, 30)),
        ("vergangene Woche", date(2025, 10, 13), date(2025, 10, 19)),
        ("kommendes Quartal", date(2026, 1, 1), date(2026, 3, 31)),
        ("Termine Q4 2023", date(2023, 10, 1), date(2023, 12, 31)),
        ("q4/2023", date(2023, 10, 1), date(2023, 12, 31)),
        ("im vierten Quartal 2026", date(2026, 10, 1), date(2026, 12, 31)),
        ("im II. Quartal 2016", date(2016, 4, 1), date(2016, 6, 30)),
        ("seit dem 3. Quartal 2024", date(2024, 7, 1), None),
        ("im ersten Halbjahr 2024", date(2024, 1, 1), date(2024, 6, 30)),
        ("2. Halbjahr", date(2025, 7, 1), date(2025, 12, 31)),
        ("zweite Jahreshälfte des Jahres 2024", date(2024, 7, 1), date(2024, 12, 31)),
        ("von März bis Mai 2025", date(2025, 3, 1), date(2025, 5, 31)),
        ("zwischen März und Mai 2025", date(2025, 3, 1), date(2025, 5, 31)),
        ("von November bis Februar 2024", date(2023, 11, 1), date(2024, 2, 29)),
        ("von Nov. 2022 bis Feb. 2024", date(2022, 11, 1), date(2024, 2, 29)),
        ("von März bis Mai", date(2025, 3, 1), date(2025, 5, 31)),
        ("von Mai 2025 bis April 2024", date(2024, 4, 1), date(2025, 5, 31)),
        ("im kommenden Oktober", date(2026, 10, 1), date(2026, 10, 31)),
        ("im kommenden Januar", date(2026, 1, 1), date(2026, 1, 31)),
        ("im letzten Oktober", date(2024, 10, 1), date(2024, 10, 31)),
        ("was steht im Dezember an", date(2025, 12, 1), date(2025, 12, 31)),
        ("Termine im Dezember", date(2025, 12, 1), date(2025, 12, 31)),
        ("was ist im Mai geplant", date(2026, 5, 1), date(2026, 5, 31)),
        ("welche Termine gab es im Dezember", date(2024, 12, 1), date(2024, 12, 31)),
        ("was war im Dezember", date(2024, 12, 1), date(2024, 12, 31)),
        ("welche Termine sind seit Dezember geplant", date(2024, 12, 1), None),
    ],
)
def test_a_span_is_read(text: str, first: date | None, last: date | None) -> None:
    assert period(text, TODAY) == Period(first, last)


@pytest.mark.parametrize("text", ["die erste Quartalsliste", "IV/2024", "Q5", "Halbjahresbericht"])
def test_what_only_resembles_a_span_is_none(text: str) -> None:
    assert period(text, TODAY) is None


def test_the_words_of_a_span_are_told_whatever_day_it_is() -> None:
    assert words_of_time("Was steht im vierten Quartal an?") == ["vierten", "quartal"]
    assert words_of_time("Was steht an?") == []


def test_the_wording_of_a_span_is_told() -> None:
    named = named_period("Was hat sich seit dem 1. März 2025 getan?", TODAY)
    assert named is not None
    assert named.wording == "seit dem 1. maerz 2025"
    assert named.is_since


def test_the_summer_break_before_july_is_that_of_last_year() -> None:
    assert period("seit der Sommerpause", date(2026, 3, 1)) == Period(date(2025, 7, 1), None)


@pytest.mark.parametrize("day", [date(2024, 2, 29), date(2025, 1, 1), date(2025, 12, 31)])
def test_every_day_can_be_asked_on(day: date) -> None:
    for text in ("letzten 12 Monaten", "letztes Quartal", "letzten Monat", "im Winter", "im Mai"):
        span = period(text, day)
        assert span is not None
        assert span.first is not None
        assert span.first <= day


@pytest.mark.parametrize(
    "text",
    [
        "Stand Maßnahmenplan",
        "DS 2170/24",
        "Beschluss 161/2006",
        "seit wann",
        "",
        "Sommer 0000",
        "seit dem Winter 9999",
    ],
)
def test_numbers_of_papers_are_no_spans(text: str) -> None:
    assert period(text, TODAY) is None
