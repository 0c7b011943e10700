"""Sources as people name them."""

import pytest
from pydantic import ValidationError

from handlers.typed.dates import days_in
from handlers.typed.sources import source
from knowledge.entries import Kind
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot
from tests.support.builders import an_entry

SNAPSHOT = Snapshot(
    [an_entry("DS-2170-24", kind=Kind.DOCUMENT, title="Anfrage zum Konzept", number="2170/24")]
)


def test_a_web_address_with_a_day_keeps_its_name_and_the_day() -> None:
    found = source("https://www.erfurt.de/ds12 vom 1.12.2026", SNAPSHOT)
    assert (found.title, found.url) == (
        "www.erfurt.de vom 1.12.2026",
        "https://www.erfurt.de/ds12",
    )
    assert days_in(found.title) == [PartialDate.parse("2026-12-01")]


@pytest.mark.parametrize(
    ("text", "title", "reference", "url"),
    [
        ("DS 2170/24", "Anfrage zum Konzept", "DS 2170/24", None),
        ("2170/24", "Anfrage zum Konzept", "2170/24", None),
        ("DS 99/25", "DS 99/25", "DS 99/25", None),
        ("Antwort der Verwaltung", "Antwort der Verwaltung", None, None),
        (
            "Protokoll, https://erfurt.example/p?x=1.",
            "Protokoll",
            None,
            "https://erfurt.example/p?x=1",
        ),
        ("laut DS 99/25", "DS 99/25", "DS 99/25", None),
        ("Quelle: Antwort der Verwaltung", "Antwort der Verwaltung", None, None),
        ("Quelle", "Quelle", None, None),
        ('"Schreiben vom 12.11.2026"', "Schreiben vom 12.11.2026", None, None),
        ("„Bericht“ und „Anhang“", "„Bericht“ und „Anhang“", None, None),
        ("https://erfurt.example/p", "erfurt.example", None, "https://erfurt.example/p"),
        ("https://[foo", "https://[foo", None, "https://[foo"),
    ],
)
def test_a_source_is_read_as_people_name_it(
    text: str, title: str, reference: str | None, url: str | None
) -> None:
    found = source(text, SNAPSHOT)
    assert (found.title, found.reference, found.url) == (title, reference, url)


def test_a_number_that_papers_of_two_towns_have_gives_a_source_no_title() -> None:
    papers = [
        an_entry(key, kind=Kind.DOCUMENT, title=key, number="7/24") for key in ("EF-1", "J-1")
    ]
    assert source("DS 7/24", Snapshot(papers)).title == "DS 7/24"
    assert source("DS 7/24", Snapshot(papers[:1])).title == "EF-1"


@pytest.mark.parametrize("text", ["", "x" * 201, "a\x01b", f"https://{'x' * 600}.de"])
def test_a_source_that_cannot_be_stored_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        source(text, SNAPSHOT)
