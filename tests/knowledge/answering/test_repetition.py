"""Facts that say what others say, too."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from zlib import crc32

import pytest

from knowledge.answering.answers import about
from knowledge.answering.repetition import repeats, without_repetition
from knowledge.answering.sections import Section
from knowledge.entries import Aspect, Certainty, Source
from knowledge.snapshot import Snapshot, Statement
from tests.support.builders import a_fact, an_entry

FIELDS = "Der Plan hat acht Felder."
NAMES = "Der Plan hat acht Felder, darunter Bildung und Gesundheit."


@pytest.mark.parametrize(
    ("text", "other", "repeated"),
    [
        (FIELDS, NAMES, True),
        (NAMES, FIELDS, False),
        ("Die Konferenz war am 27.11.2023.", "Am 27.11.2023 fand die Konferenz statt.", True),
        ("Die Konferenz war am 27.11.2023.", "Die Konferenz war am 28.11.2023.", False),
        ("Der Plan ist beschlossen.", "Der Plan ist nicht beschlossen.", False),
        ("Der Plan ist beschlossen.", "Ohne Gegenstimmen ist der Plan beschlossen.", False),
        ("Der Vertrag läuft bis 2026.", "Der Vertrag läuft seit 2026.", False),
        ("Der Abgleich läuft.", "Der Abgleich soll beginnen.", False),
        ("Der Plan wird beschlossen.", "Der Plan ist beschlossen.", False),
        ("Der Plan ist beschlossen.", "Der Plan wird beschlossen.", False),
        ("Der Plan ist fortgeschrieben.", "Der Plan soll fortgeschrieben werden.", False),
        ("Der Plan soll alle Felder haben.", "Alle acht Felder soll der Plan haben.", True),
    ],
)
def test_a_fact_is_repeated_by_one_that_has_all_of_its_words_and_denies_nothing_else(
    text: str, other: str, *, repeated: bool
) -> None:
    assert repeats(a_fact(text), a_fact(other)) is repeated


@pytest.mark.parametrize(
    "fields",
    [
        {"as_of": "2025-02"},
        {"certainty": Certainty.UNCERTAIN},
        {"disputed": True},
        {"known": False},
        {"sources": [Source(title="Anderes Papier")]},
    ],
)
def test_a_fact_of_another_time_certainty_or_source_is_told_beside_the_longer_one(
    fields: dict[str, Any],
) -> None:
    assert not repeats(a_fact(FIELDS, **fields), a_fact(NAMES))


def test_a_doubt_about_a_date_is_not_lost() -> None:
    derived = {"dating": "Jahr abgeleitet"}
    assert not repeats(a_fact(FIELDS, **derived), a_fact(NAMES))
    assert repeats(a_fact(FIELDS), a_fact(NAMES, **derived))
    assert repeats(a_fact(FIELDS, **derived), a_fact(NAMES, **derived))


@pytest.mark.parametrize(
    ("aspect", "fields", "other", "repeated"),
    [
        ("status", {"phase": "done"}, {"phase": "in_progress"}, False),
        ("status", {"phase": "done"}, {"phase": "done"}, True),
        ("status", {"phase": "done"}, {}, True),
        ("due", {"due": "2026"}, {"due": "2027"}, False),
        ("due", {}, {"due": "2027"}, True),
    ],
)
def test_a_fact_of_another_state_or_date_is_told_however_like_the_words_are(
    aspect: str, fields: dict[str, Any], other: dict[str, Any], *, repeated: bool
) -> None:
    told = a_fact("Der Kurs ist umgesetzt.", aspect=aspect, **fields)
    partly = a_fact("Der Kurs ist teilweise umgesetzt.", aspect=aspect, **other)
    assert repeats(told, partly) is repeated


def test_a_further_source_does_not_keep_a_longer_fact_from_repeating_another() -> None:
    sources = [*a_fact(FIELDS).sources, Source(title="Anderes Papier")]
    assert repeats(a_fact(FIELDS), a_fact(NAMES, sources=sources))


@pytest.mark.parametrize(
    ("text", "other", "repeated"),
    [
        ("Die Gründung des Vereins ist erfolgt (2020).", "Er entstand 2020 in Weimar.", True),
        ("Die Gründung des Vereins fand in Jena statt.", "Er entstand 2020 in Weimar.", False),
        ("Die Gründung ist nicht erfolgt.", "Er entstand 2020 in Weimar.", False),
    ],
)
def test_what_names_the_thing_or_only_says_that_it_happened_is_no_news_of_it(
    text: str, other: str, *, repeated: bool
) -> None:
    about = "Gründung des Vereins (nicht im Register)"
    assert repeats(a_fact(text), a_fact(other), about=about) is repeated
    assert not repeats(a_fact(text), a_fact(other))


@pytest.mark.parametrize("texts", [(FIELDS, NAMES), (NAMES, FIELDS)])
def test_an_answer_says_the_longer_of_two_such_facts_in_the_place_of_the_first(
    texts: tuple[str, str],
) -> None:
    facts = [
        a_fact(text, id=f"F-{number}", aspect=Aspect.COUNT)
        for number, text in enumerate((*texts, "Der Plan hat drei Ziele."))
    ]
    plan = an_entry("EF-1", title="Plan", facts=facts)
    answered = about(plan, [Aspect.COUNT], Snapshot([plan]), date(2026, 11, 23)).statements
    assert [statement.fact.text for statement in answered] == [NAMES, "Der Plan hat drei Ziele."]


def test_of_several_shorter_facts_none_is_left_beside_the_longer_one() -> None:
    texts = ("Der Plan ist von 2023.", "Der Plan hat sechs Felder.", "Der Plan nennt Ziele.")
    longest = "Der Plan ist von 2023, hat sechs Felder und nennt Ziele."
    facts = [
        a_fact(text, id=f"F-{number}", aspect=Aspect.CONTENT)
        for number, text in enumerate((*texts, longest))
    ]
    plan = an_entry("EF-1", title="Plan", facts=facts)
    answered = about(plan, [Aspect.CONTENT], Snapshot([plan]), date(2026, 11, 23)).statements
    assert [statement.fact.text for statement in answered] == [longest]


def section(number: int, nearest: Sequence[str], others: Sequence[str] = ()) -> Section:
    key = f"EF-{number}"

    def said(texts: Sequence[str]) -> tuple[Statement, ...]:
        facts = (a_fact(text, id=f"F-{crc32(text.encode())}") for text in texts)
        return tuple(Statement(key, Aspect.SUMMARY, fact) for fact in facts)

    return Section(an_entry(key), said(nearest), said(others))


def told(sections: Sequence[Section]) -> list[tuple[list[str], list[str]]]:
    return [
        ([s.fact.text for s in one.nearest], [s.fact.text for s in one.others])
        for one in without_repetition(sections)
    ]


def test_a_longer_fact_in_the_place_of_one_that_answers_counts_as_answering() -> None:
    assert told([section(1, [FIELDS, "Ein Ziel."], ["Ein Wort.", NAMES])]) == [
        ([NAMES, "Ein Ziel."], ["Ein Wort."])
    ]


def test_what_an_entry_told_already_is_not_told_of_the_next_one_however_near_it_comes() -> None:
    first = section(1, ["Ein Ziel."], ["Ein Wort."])
    second = section(2, ["Ein Ziel.", "Ein Satz."], ["Ein Wort.", "Ein Bild."])
    assert told([first, second]) == [
        (["Ein Ziel."], ["Ein Wort."]),
        (["Ein Satz."], ["Ein Bild."]),
    ]
    assert told([first, section(2, ["Ein Wort."])])[1] == (["Ein Wort."], [])


def test_the_first_that_is_left_of_what_an_entry_tells_answers() -> None:
    first = section(1, ["Ein Ziel."])
    second = section(2, ["Ein Ziel."], ["Ein Wort.", "Ein Bild."])
    assert told([first, second])[1] == (["Ein Wort."], ["Ein Bild."])


def test_what_is_not_known_is_said_of_each_thing() -> None:
    cost = a_fact("Nicht belegt sind die Kosten.", known=False)
    both = a_fact("Nicht belegt sind die Kosten und die Zahl.", known=False)
    assert not repeats(cost, both)
