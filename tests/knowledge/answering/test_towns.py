"""What tells a town, and which one: each sign by itself, since none of them alone would do."""

from dataclasses import replace
from datetime import date

import pytest

from knowledge.answering.basis import Basis
from knowledge.answering.towns import (
    is_foreign,
    is_independent,
    is_of_a_town,
    left_home,
    makes_plans,
    means_own,
    places_in,
    town_of,
    towns_named,
)
from knowledge.entries import Entry, Kind
from knowledge.german import words
from knowledge.snapshot import Snapshot
from tests.support.builders import an_entry

STATE = an_entry("TH", kind=Kind.BODY, title="Freistaat Thüringen", aliases=["Thüringen"])
JENA = an_entry("JENA", kind=Kind.BODY, title="Stadt Jena", parent="TH")
JENAS_PLAN = an_entry("JENA-IP", kind=Kind.PLAN, title="Integrationsplan", parent="JENA")
ERFURT = an_entry("ERFURT", kind=Kind.BODY, title="Landeshauptstadt Erfurt", aliases=["Erfurt"])
OFFICE = an_entry("EF-ABH", kind=Kind.BODY, title="Ausländerbehörde", parent="ERFURT")
ERFURTS_PLAN = an_entry("EF-IK", kind=Kind.PLAN, title="Integrationskonzept", parent="ERFURT")
STATES_PLAN = an_entry("TH-IK", kind=Kind.PLAN, title="Landeskonzept", parent="TH")
SNAPSHOT = Snapshot([STATE, STATES_PLAN, JENA, JENAS_PLAN, ERFURT, OFFICE, ERFURTS_PLAN])
OWN = Basis(SNAPSHOT, date(2026, 11, 23), "ERFURT")


def test_a_town_is_named_whether_anything_is_recorded_of_it_or_not() -> None:
    assert towns_named(words("Was tun Jena und Suhl für Lotsen?")) == {"jena", "suhl"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Konzept in Jena oder Suhl?", ["Jena", "Suhl"]),
        ("beim Freistaat Thüringen", ["Freistaat Thüringen"]),
        ("im Jenaer Integrationsplan", ["Jenaer"]),
        ("die Ausländerbehörde", []),
    ],
)
def test_the_places_are_found_that_words_name(text: str, named: list[str]) -> None:
    read = words(text)
    found = [" ".join(read[i].surface for i in span) for span in places_in(read, SNAPSHOT)]
    assert found == named


@pytest.mark.parametrize("form", ["Dresden", "Dresdens", "Dresdner", "Dresdener"])
def test_a_town_is_known_by_every_form_of_its_name(form: str) -> None:
    (word,) = words(form)
    assert town_of(word) == "dresden"


def test_a_town_that_belongs_to_its_state_is_not_independent() -> None:
    assert [is_independent(one) for one in (STATE, ERFURT, JENA, OFFICE)] == [
        True,
        True,
        False,
        False,
    ]


def test_bodies_with_plans_are_told_from_offices() -> None:
    assert [makes_plans(one, SNAPSHOT) for one in (ERFURT, JENA, OFFICE)] == [True, True, False]


@pytest.mark.parametrize(
    ("entry", "foreign"), [(JENAS_PLAN, True), (ERFURTS_PLAN, False), (STATE, False)]
)
def test_what_is_another_towns_is_foreign_and_what_is_the_states_is_not(
    entry: Entry, *, foreign: bool
) -> None:
    assert is_foreign(entry, OWN) is foreign


def test_an_entry_is_of_the_town_above_it() -> None:
    assert is_of_a_town(JENAS_PLAN, SNAPSHOT)
    assert not is_of_a_town(STATE, SNAPSHOT)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("Wie stimmte die AfD beim Integrationskonzept?", True),
        ("Wie stimmte die AfD beim Jenaer Integrationskonzept?", False),
        ("Wie stimmte die AfD beim Integrationsplan?", False),
        ("Wie viele Gegenstimmen gab es beim Konzept?", True),
        ("Wie viele Gegenstimmen gab es beim Konzept in Jena?", False),
        ("Welches Konzept hat Gegenstimmen?", False),
    ],
)
def test_a_thing_of_homes_means_ones_own_unless_a_town_elsewhere_is_named(
    text: str, *, own: bool
) -> None:
    assert means_own(words(text), OWN) is own


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Was sagt das Landeskonzept des Landes?", True),
        ("Konzept des Freistaats Thüringen", True),
        ("Hängt Erfurt vom Freistaat Thüringen ab?", False),
        ("Was sagt das Landeskonzept?", False),
        ("Was sagt das Konzept?", False),
    ],
)
def test_what_is_at_home_is_left_where_only_a_state_is_named(text: str, *, left: bool) -> None:
    own = {"ERFURT", "EF-ABH", "EF-IK"}
    asked = words(text)
    assert left_home(asked, OWN) == (own if left else set())
    assert left_home(asked, replace(OWN, home=None)) == set()
