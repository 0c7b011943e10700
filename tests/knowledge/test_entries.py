"""What one entry and one fact guarantee by themselves."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from knowledge.entries import Aspect, Certainty, Entry, Link, Phase, Relation, Rhythm, Source
from knowledge.partial_date import PartialDate
from tests.support.builders import A_SOURCE, a_fact, an_entry


@pytest.mark.parametrize("key", ["EF-7", "A", "2170", "EF-IK-2018-BESCHL", "A" * 24])
def test_a_key_is_short_upper_case_ascii(key: str) -> None:
    assert an_entry(key).key == key


@pytest.mark.parametrize(
    "key", ["", "ef-7", "EF_7", "EF 7", "EF:7", "-EF", "EF-", "EF--7", "MAß-1", "Ä-1", "A" * 25]
)
def test_a_key_that_fits_no_button_is_refused(key: str) -> None:
    with pytest.raises(ValidationError, match="key"):
        an_entry(key)


def test_a_fact_needs_a_source() -> None:
    with pytest.raises(ValidationError, match="sources"):
        a_fact(sources=())


@pytest.mark.parametrize("text", ["", "   ", "x" * 1501])
def test_a_fact_needs_a_text_that_fits_into_an_answer(text: str) -> None:
    with pytest.raises(ValidationError, match="text"):
        a_fact(text)


@pytest.mark.parametrize(
    ("field", "value", "aspect"),
    [("phase", Phase.DONE, Aspect.DUE), ("due", "2024", Aspect.STATUS)],
)
def test_a_typed_value_belongs_to_its_aspect(field: str, value: Any, aspect: Aspect) -> None:
    with pytest.raises(ValidationError, match=field):
        a_fact(**{"aspect": aspect, field: value})


@pytest.mark.parametrize("url", ["javascript:alert(1)", "erfurt.de", "ftp://x", "https://a b"])
def test_a_source_links_only_to_the_web(url: str) -> None:
    with pytest.raises(ValidationError, match="url"):
        Source(title="Quelle", url=url)


@pytest.mark.parametrize(
    ("field", "value"),
    [("kind", "thing"), ("title", ""), ("title", "x" * 201), ("colour", "red"), ("aliases", [""])],
)
def test_an_entry_refuses_unknown_and_empty_values(field: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=field):
        an_entry(**{field: value})


def test_many_names_are_compared_in_one_pass() -> None:
    many = 100_000  # comparing each with each would take 10 billion steps
    assert len(an_entry(aliases=[f"Name {n}" for n in range(many)]).aliases) == many


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"aliases": ("Abgleich", "ABGLEICH")}, "alias given twice: abgleich"),
        ({"aliases": ("Abgleich", "Abgleich\u200b")}, "alias given twice: abgleich"),
        ({"facts": (a_fact(id="F-1"), a_fact(id="F-1"))}, "fact given twice: F-1"),
        ({"parent": "EF-7"}, "cannot refer to itself"),
        ({"links": (Link(relation=Relation.RELATED, target="EF-7"),)}, "cannot refer to itself"),
    ],
)
def test_an_entry_does_not_contradict_itself(fields: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        an_entry("EF-7", **fields)


@pytest.mark.parametrize("months", [0, -1, 241])
def test_a_rhythm_takes_one_month_to_twenty_years(months: int) -> None:
    with pytest.raises(ValidationError, match="months"):
        Rhythm(months=months, since=PartialDate(2024))


@pytest.mark.parametrize(
    ("value", "field"),
    [(an_entry(), "title"), (a_fact(), "text"), (A_SOURCE, "title"), (an_entry(), "facts")],
)
def test_nothing_about_an_entry_can_be_changed(value: BaseModel, field: str) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(value, field, getattr(value, field))


def test_surplus_blanks_are_removed() -> None:
    assert an_entry(title="  Abgleich \n").title == "Abgleich"


def test_an_entry_survives_json_unchanged() -> None:
    entry = an_entry(
        "EF-7",
        number="2170/24",
        aliases=["Abgleich"],
        parent="EF-MP",
        rhythm={"months": 24, "since": "21.11.2023"},
        links=[{"relation": "depends_on", "target": "TH-IK", "note": "wartet auf Leitlinien"}],
        facts=[
            a_fact(id="F-1", aspect=Aspect.STATUS, phase=Phase.PLANNED, as_of="Ende 2023"),
            a_fact(id="F-2", aspect=Aspect.DUE, due="2024-Q3", known=False, disputed=True),
            a_fact(id="F-3", also=[{"entry": "EF-1", "aspect": "result"}], dating="abgeleitet"),
        ],
    )
    assert Entry.model_validate(entry.model_dump(mode="json", exclude_defaults=True)) == entry
    assert Entry.model_validate_json(entry.model_dump_json()) == entry


def a_status(phase: Phase | None, **fields: Any) -> dict[str, Any]:
    certainty = Certainty.OFFICIAL
    return (
        {"text": "Stand.", "sources": [A_SOURCE], "certainty": certainty}
        | fields
        | {
            "aspect": Aspect.STATUS,
            "phase": phase,
        }
    )


def test_the_phase_is_that_of_the_newest_status() -> None:
    entry = an_entry(
        facts=[
            a_status(Phase.PLANNED, id="F-1", as_of="2023"),
            a_status(Phase.IN_PROGRESS, id="F-2", as_of="2024-09"),
            a_status(None, id="F-3", as_of="2025"),
        ]
    )
    assert entry.phase is Phase.IN_PROGRESS


def test_among_equally_old_statuses_the_first_listed_counts() -> None:
    entry = an_entry(
        facts=[
            a_status(Phase.PLANNED, id="F-1", as_of="2024"),
            a_status(Phase.DONE, id="F-2", as_of="2024"),
        ]
    )
    assert entry.phase is Phase.PLANNED


def test_a_date_counts_by_its_last_day() -> None:
    entry = an_entry(
        facts=[
            a_status(Phase.PLANNED, id="F-1", as_of="2024-09"),
            a_status(Phase.DONE, id="F-2", as_of="2024"),
        ]
    )
    assert entry.phase is Phase.DONE


def test_an_undated_status_counts_only_without_a_dated_one() -> None:
    undated = a_status(Phase.DONE, id="F-1")
    dated = a_status(Phase.PLANNED, id="F-2", occurred="1999")
    assert an_entry(facts=[undated]).phase is Phase.DONE
    assert an_entry(facts=[undated, dated]).phase is Phase.PLANNED


def test_the_due_date_is_that_of_the_newest_due_fact() -> None:
    entry = an_entry(
        facts=[
            a_fact(id="F-1", aspect=Aspect.DUE, due="2025", as_of="2024"),
            a_fact(id="F-2", aspect=Aspect.DUE, due="2024", as_of="2023"),
        ]
    )
    assert entry.due == PartialDate(2025)


def test_without_facts_there_is_neither_phase_nor_date() -> None:
    assert (an_entry().phase, an_entry().due) == (None, None)


def test_an_undated_source_is_dated_by_the_event() -> None:
    assert a_fact(as_of=None, occurred="2018").dated == PartialDate(2018)
    assert a_fact(as_of="2024", occurred="2018").dated == PartialDate(2024)
    assert a_fact(as_of=None).dated is None


@pytest.mark.parametrize("character", ["\0", "\x1b", "\x7f"])
def test_texts_take_no_control_characters(character: str) -> None:
    text = f"a{character}b"
    for build in (
        lambda: a_fact(text),
        lambda: an_entry(title=text),
        lambda: Source(title="Quelle", url=f"https://{text}"),
    ):
        with pytest.raises(ValidationError, match="string_pattern_mismatch"):
            build()


def test_a_text_may_have_several_lines_but_a_name_may_not() -> None:
    assert a_fact("Erstens\nZweitens").text == "Erstens\nZweitens"
    with pytest.raises(ValidationError, match="title"):
        an_entry(title="Erstens\nZweitens")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Beschluss am \u202e52.1", "Beschluss am 52.1"),
        ("Sprach\u200bcafé\ufeff", "Sprachcafé"),
        ("\u2066Kurs\u2069", "Kurs"),
        ("Kurs\u2028Abgeschlossen", "Kurs Abgeschlossen"),
        ("rot\x9b31m", "rot31m"),
        ("👩\u200d👧 مرحبا", "👩\u200d👧 مرحبا"),
    ],
)
def test_what_is_not_seen_in_a_text_is_not_kept(written: str, shown: str) -> None:
    fact = a_fact(written)
    entry = an_entry("EF-7", title=written, aliases=[f"{written} 2"], facts=[fact])
    assert (entry.title, entry.aliases, fact.text) == (shown, (f"{shown} 2",), shown)
