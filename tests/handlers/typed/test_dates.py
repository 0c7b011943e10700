"""Dates and rhythms as people write them."""

from datetime import date

import pytest

from handlers.typed.dates import rhythm, written_on
from handlers.typed.unfit import Problem, UnfitError

TODAY = date(2025, 10, 20)


@pytest.mark.parametrize(
    ("text", "as_of"),
    [
        ("heute", "2025-10-20"),
        ("Gestern", "2025-10-19"),
        ("September 2025", "2025-09"),
        ("Unbekannt", "None"),
    ],
)
def test_the_day_of_a_source_may_be_today_or_unknown(text: str, as_of: str) -> None:
    assert str(written_on(text, TODAY)) == as_of


@pytest.mark.parametrize("text", ["gestern irgendwann", "31.02.2025", "", "x" * 4096])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(UnfitError) as refused:
        written_on(text, TODAY)
    assert refused.value.problem is Problem.NO_DATE


@pytest.mark.parametrize(
    ("text", "months", "since"),
    [
        ("alle 2 Jahre seit 2024", 24, "2024"),
        ("alle zwei Jahre ab Ende 2024", 24, "2024-late"),
        ("jährlich seit März 2025", 12, "2025-03"),
        ("jaehrlich seit 21.11.2023", 12, "2023-11-21"),
        ("alle 18 Monate seit 2024", 18, "2024"),
        ("halbjährlich seit 2024", 6, "2024"),
    ],
)
def test_a_rhythm_is_read(text: str, months: int, since: str) -> None:
    found = rhythm(text)
    assert found is not None
    assert (found.months, str(found.since)) == (months, since)


@pytest.mark.parametrize(
    "text", ["jährlich", "seit 2024", "alle 0 Jahre seit 2024", "alle 999 Jahre seit 2024", ""]
)
def test_what_is_no_rhythm_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rhythm|beginning|months"):
        rhythm(text)
