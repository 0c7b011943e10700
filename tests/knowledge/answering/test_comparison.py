"""Two things in one question."""

from datetime import date

import pytest

from knowledge.answering.answers import answer
from knowledge.answering.caveats import Doubt
from knowledge.answering.comparison import conjoined, sides
from knowledge.answering.questions import understand
from knowledge.entries import Kind
from knowledge.snapshot import Snapshot
from knowledge.yaml_files import load
from tests.support.builders import a_fact, an_entry

TODAY = date(2025, 10, 20)

SNAPSHOT = Snapshot(
    [
        an_entry("ERFURT", kind=Kind.BODY, title="Landeshauptstadt Erfurt", aliases=["Erfurt"]),
        an_entry("JENA", kind=Kind.BODY, title="Stadt Jena", aliases=["Jena"]),
        an_entry(
            "EF-IK",
            kind=Kind.PLAN,
            title="Integrationskonzept Erfurt",
            aliases=["Integrationskonzept", "Konzept von 2018"],
            parent="ERFURT",
            facts=[a_fact("Das zweite Konzept ist von 2018.", id="K-2")],
        ),
        an_entry(
            "EF-ALT",
            kind=Kind.PLAN,
            title="Altes Integrationskonzept von 2006",
            aliases=["Konzept von 2006"],
            parent="ERFURT",
            facts=[a_fact("Das erste Konzept ist von 2006.", id="K-1")],
        ),
        an_entry(
            "EF-MP",
            kind=Kind.PLAN,
            title="Maßnahmenplan",
            aliases=["MP"],
            parent="ERFURT",
            facts=[a_fact("Der Maßnahmenplan ist eine Liste.", id="M-1")],
        ),
        an_entry(
            "EF-BEIRAT",
            kind=Kind.BODY,
            title="Ausländerbeirat Erfurt",
            parent="ERFURT",
            facts=[a_fact("Der Beirat in Erfurt hat zwölf Mitglieder.", id="B-1")],
        ),
        an_entry(
            "JE-BEIRAT",
            kind=Kind.BODY,
            title="Migrationsbeirat Jena",
            parent="JENA",
            facts=[a_fact("Der Beirat in Jena hat neun Mitglieder.", id="B-2")],
        ),
    ]
)


def compared(text: str) -> list[str]:
    found = answer(text, SNAPSHOT, TODAY, home="ERFURT")
    return [section.entry.key for section in found.sections]


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (
            "Was ist der Unterschied zwischen Maßnahmenplan und Integrationskonzept?",
            ["EF-MP", "EF-IK"],
        ),
        ("integrationskonzept oder maßnahmenplan, was war zuerst", ["EF-IK", "EF-MP"]),
        ("Unterschied zwischen dem Konzept von 2006 und dem von 2018", ["EF-ALT", "EF-IK"]),
        ("Vergleich Erfurt und Jena beim Beirat", ["EF-BEIRAT", "JE-BEIRAT"]),
        ("Maßnahmenplan im Vergleich mit dem Integrationskonzept", ["EF-MP", "EF-IK"]),
        ("Hat der Maßnahmenplan mehr Ziele als das Integrationskonzept?", ["EF-MP", "EF-IK"]),
    ],
)
def test_each_of_two_compared_things_is_told(text: str, keys: list[str]) -> None:
    assert compared(text) == keys


def test_of_two_times_that_are_compared_none_is_called_another_one() -> None:
    asked = "Unterschied zwischen dem Konzept von 2006 und dem von 2018"
    for section in answer(asked, SNAPSHOT, TODAY, home="ERFURT").sections:
        assert Doubt.OTHER_TIME not in section.caveats.doubts


def test_what_explains_the_one_and_is_the_other_is_told_once() -> None:
    text = "Unterschied MBE und Jugendmigrationsdienst"
    found = answer(text, Snapshot(load(), revision=1), TODAY, home="ERFURT")
    assert [section.entry.key for section in found.sections] == ["MBE", "T-JMD"]


def test_two_names_of_one_thing_are_said_to_mean_the_same() -> None:
    (section,) = answer("Unterschied MP und Maßnahmenplan", SNAPSHOT, TODAY).sections
    assert section.entry.key == "EF-MP"
    assert section.caveats.same


def test_one_name_alone_is_no_comparison() -> None:
    question = understand("Unterschied beim Maßnahmenplan", SNAPSHOT)
    assert question.comparing
    assert sides(question, SNAPSHOT) is None
    assert sides(understand("Wie weit ist der Maßnahmenplan?", SNAPSHOT), SNAPSHOT) is None


def test_a_comparison_with_something_unknown_is_not_made_up() -> None:
    assert "EF-MP" not in compared("Unterschied zwischen Maßnahmenplan und Raumfahrtbehörde")[1:]


def test_names_joined_by_und_are_asked_together() -> None:
    question = understand("Stand von Integrationskonzept und Maßnahmenplan", SNAPSHOT)
    assert conjoined(question, SNAPSHOT.index) == [("EF-IK",), ("EF-MP",)]


def test_the_word_for_a_comparison_names_nothing() -> None:
    vote = an_entry("EF-7", title="Abgleich", aliases=["Vergleich"], parent="ERFURT")
    snapshot = Snapshot([*SNAPSHOT.entries.values(), vote])
    question = understand("Wie steht Erfurt im Vergleich zu Jena da?", snapshot)
    found = sides(question, snapshot)
    assert found is not None
    assert all(
        side.weight(word) == 0 for side in found for word in side.read if word.stem == "vergleich"
    )
    told = answer("Wie steht Erfurt im Vergleich zu Jena da?", snapshot, TODAY, home="ERFURT")
    assert len(told.sections) == 2
    assert "EF-7" not in [section.entry.key for section in told.sections]
