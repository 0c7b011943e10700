"""A year in which something is said to have happened may be wrong."""

import pytest

from knowledge.answering.happenings import happening, of_that_year, told_otherwise
from knowledge.entries import Aspect, Kind
from knowledge.german import words
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

OLD = an_entry(
    "TOWN-OLD",
    kind=Kind.PLAN,
    title="Plan von 2006",
    parent="TOWN",
    facts=[a_fact("Der Stadtrat beschloss ihn 2006.", id="F-1", aspect=Aspect.HISTORY)],
)
NEW = an_entry(
    "TOWN-NEW",
    kind=Kind.PLAN,
    title="Plan von 2020",
    parent="TOWN",
    facts=[
        a_fact("Die Regierung beschloss das Gesetz 2016.", id="F-2", aspect=Aspect.REASON),
        a_fact("Er wurde 2018 beschlossen.", id="F-3", aspect=Aspect.DUE),
        a_fact("Der Bericht ist von 2019.", id="F-4"),
    ],
)
SNAPSHOT = Snapshot([an_entry("TOWN", kind=Kind.BODY), OLD, NEW])


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        ("Was steht im 2019 beschlossenen Plan?", ("decided", "2019")),
        ("Der 2019 vom Erfurter Stadtrat beschlossene Plan", ("decided", "2019")),
        ("Der Beschluss vom 27.06.2019", ("decided", "2019")),
        ("Was macht der im Jahr 2010 gegründete Verein?", ("founded", "2010")),
        ("Verein, gegründet 2010", ("founded", "2010")),
        ("Stand Maßnahmenplan von 2019", ("decided", "2019")),
        ("Bericht, 2022 vorgestellt", ("presented", "2022")),
        ("Was wurde seit 2019 beschlossen?", None),
        ("Was war 2019?", None),
        ("Maßnahmenplan 2019", None),
        ("Der Bericht von 2019", None),
    ],
)
def test_what_is_said_to_have_happened_is_read(text: str, claimed: tuple[str, str] | None) -> None:
    found = happening(words(text))
    assert (found and (found.name, found.year.iso())) == claimed


@pytest.mark.parametrize(
    ("year", "fact"),
    [("2016", "F-3"), ("2017", "F-3"), ("2019", "F-3"), ("2018", None), ("2020", None)],
)
def test_another_year_than_claimed_is_told_by_the_date_of_what_happened(
    year: str, fact: str | None
) -> None:
    told = told_otherwise(happening(words(f"{year} beschlossen")), NEW, SNAPSHOT)
    assert (told and told.fact.id) == fact


def test_what_has_no_year_is_not_doubted() -> None:
    entry = an_entry("X", facts=[a_fact("Der Stadtrat beschloss ihn.")])
    claimed = happening(words("2019 beschlossen"))
    assert told_otherwise(claimed, entry, Snapshot([entry])) is None


def test_of_several_plans_the_one_of_that_year_is_meant() -> None:
    of_2006, of_2019 = (happening(words(f"{year} beschlossen")) for year in (2006, 2019))
    assert of_2006
    assert of_2019
    assert of_that_year(of_2006, NEW, SNAPSHOT) == OLD
    assert of_that_year(of_2019, NEW, SNAPSHOT) == NEW
