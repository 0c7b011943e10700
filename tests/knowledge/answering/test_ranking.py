"""Which entries may be meant: exact before fuzzy, the named before the mentioned, home first."""

from datetime import date

import pytest

from knowledge.answering.basis import Basis
from knowledge.answering.questions import understand
from knowledge.answering.ranking import candidates, closeness
from knowledge.entries import Aspect, Entry, Kind
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry


def best(text: str, *entries: Entry, home: str | None = None) -> str:
    snapshot = Snapshot(entries)
    return candidates(understand(text, snapshot), Basis(snapshot, date(2026, 11, 23), home))[0].key


def a_paper(number: str) -> Entry:
    key = f"DS-{number.replace('/', '-')}"
    facts = [a_fact(f"DS {number} fragt nach dem Plan.", id=key)]
    return an_entry(
        key, kind=Kind.DOCUMENT, title=f"Drucksache {number}", number=number, facts=facts
    )


PAPERS = [a_paper("2170/24"), a_paper("1235/24"), a_paper("2170/23")]


@pytest.mark.parametrize("text", ["2170/24", "DS 2170-24", "was steht in drs. 2170/2024?"])
def test_a_paper_number_decides_in_any_spelling(text: str) -> None:
    assert best(text, *PAPERS) == "DS-2170-24"


@pytest.mark.parametrize(
    ("text", "home", "key"),
    [
        ("DS 2170/24", "ERFURT", "DS-2170-24"),
        ("DS 2170/24", "JENA", "J-DS-1"),
        ("DS 2170/24 in Erfurt", "JENA", "DS-2170-24"),
        ("die Jenaer DS 2170/24", "ERFURT", "J-DS-1"),
    ],
)
def test_of_papers_with_one_number_the_one_of_the_town_that_is_named_or_home_decides(
    text: str, home: str, key: str
) -> None:
    towns = [
        an_entry(name.upper(), kind=Kind.BODY, title=f"Stadt {name}")
        for name in ("Erfurt", "Jena")
    ]
    ours = a_paper("2170/24").model_copy(update={"parent": "ERFURT"})
    theirs = an_entry(
        "J-DS-1",
        kind=Kind.DOCUMENT,
        title="Vorlage zum Freibad",
        number="2170/24",
        parent="JENA",
        facts=[a_fact("Es geht um das Freibad.", id="J-1")],
    )
    assert best(text, *towns, ours, theirs, home=home) == key


def test_a_name_in_full_beats_a_longer_name_that_contains_it() -> None:
    entries = [
        an_entry("A", kind=Kind.PLAN, title="Konzept", aliases=["Integrationskonzept"]),
        an_entry("B", kind=Kind.PLAN, title="Integrationskonzept des Landes"),
    ]
    assert best("integrationskonzept", *entries) == "A"
    assert best("integrationskonzept des landes", *entries) == "B"


def test_a_single_fact_can_decide_which_entry_is_meant() -> None:
    entries = [
        an_entry(f"EF-{n}", title=f"Kampagne {n}", facts=[a_fact(text, id=f"F-{n}")])
        for n, text in ((1, "Plakate in Bussen."), (2, "Postkarten mit drei Motiven."))
    ]
    assert best("kampagne mit den postkarten", *entries) == "EF-2"


def test_what_belongs_to_the_state_that_is_named_wins_over_what_is_at_home() -> None:
    text = "Das Konzept des Landes wurde fortgeschrieben."
    entries = [
        an_entry("A", kind=Kind.BODY, title="Freistaat", aliases=["Land"]),
        an_entry("A-K", title="Miteinander", parent="A", facts=[a_fact(text, id="A1")]),
        an_entry("B", kind=Kind.BODY, title="Bedorf"),
        an_entry("B-K", title="Zueinander", parent="B", facts=[a_fact(text, id="B1")]),
    ]
    assert best("konzept fortgeschrieben", *entries, home="B") == "B-K"
    assert best("konzept land fortgeschrieben", *entries, home="B") == "A-K"


def test_between_equals_the_home_body_wins() -> None:
    entries = [
        an_entry("A", kind=Kind.BODY, title="Adorf"),
        an_entry("A-K", kind=Kind.PLAN, title="Integrationskonzept", parent="A"),
        an_entry("B", kind=Kind.BODY, title="Bedorf"),
        an_entry("B-K", kind=Kind.PLAN, title="Integrationskonzept", parent="B"),
    ]
    assert best("integrationskonzept", *entries, home="B") == "B-K"
    assert best("integrationskonzept adorf", *entries, home="B") == "A-K"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Was tut die Stadt gegen Rassismus?", "B-K"),
        ("Was macht die Stadt, um gegen Rassismus etwas zu tun?", "B-K"),
        ("Was tut die Stadt Adorf gegen Rassismus?", "A"),
        ("Was tut die Stadt Jena gegen Rassismus?", "A-K"),  # of which nothing is recorded
    ],
)
def test_the_town_without_a_name_is_home(text: str, key: str) -> None:
    entries = (
        an_entry("A", kind=Kind.BODY, title="Stadt Adorf"),
        an_entry("B", kind=Kind.BODY, title="Landeshauptstadt Beburg", aliases=["Stadt Beburg"]),
        an_entry(
            "A-K",
            title="Plan der Stadt gegen Rassismus",
            aliases=["Die Stadt gegen Rassismus"],
            parent="A",
        ),
        an_entry("B-K", title="Initiative gegen Rassismus und Vorurteile", parent="B"),
    )
    assert best(text, *entries, home="B") == key


def test_closeness_ignores_the_words_that_name_the_entry() -> None:
    entry = an_entry(
        "EF-MP",
        kind=Kind.PLAN,
        title="Maßnahmenplan",
        facts=[
            a_fact("Der Maßnahmenplan des Maßnahmenplans.", id="F-1", aspect=Aspect.SUMMARY),
            a_fact("Er wurde im Ausschuss vorgestellt.", id="F-2", aspect=Aspect.HISTORY),
        ],
    )
    snapshot = Snapshot([entry])
    near = closeness(understand("maßnahmenplan im ausschuss", snapshot), entry, snapshot)
    assert near["F-2"] > near.get("F-1", 0.0)
