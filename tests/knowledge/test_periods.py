"""Spans of time in words."""

from datetime import date

import pytest

from knowledge.partial_date import Period
from knowledge.periods import period

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
    ],
)
def test_a_span_is_read(text: str, first: date | None, last: date | None) -> None:
    assert period(text, TODAY) == Period(first, last)


@pytest.mark.parametrize("text", ["Stand Maßnahmenplan", "DS 2170/24", "Beschluss 161/2006", ""])
def test_numbers_of_papers_are_no_spans(text: str) -> None:
    assert period(text, TODAY) is None
