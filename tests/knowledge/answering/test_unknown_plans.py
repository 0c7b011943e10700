"""A plan is known by a name, or by a fact of the town that has it."""

import pytest

from knowledge.answering.unknown_plans import unknown_plans
from knowledge.entries import Kind
from knowledge.german import words
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

SNAPSHOT = Snapshot(
    [
        an_entry("TH", kind=Kind.BODY, title="Freistaat Thüringen"),
        an_entry(
            "TH-IK",
            kind=Kind.PLAN,
            title="Integrationskonzept des Landes",
            parent="TH",
            facts=[a_fact("Zum Konzept gab es in Gera und Leipzig eine Konferenz.", id="F-1")],
        ),
        an_entry("LEIPZIG", kind=Kind.BODY, title="Stadt Leipzig", aliases=["Leipzig"]),
        an_entry(
            "LEIPZIG-IK",
            kind=Kind.PLAN,
            title="Papier von 2020",
            parent="LEIPZIG",
            facts=[a_fact("Das Integrationskonzept wurde beschlossen.", id="F-2")],
        ),
        an_entry("JENA", kind=Kind.BODY, title="Stadt Jena", aliases=["Jena"]),
        an_entry("JENA-AP", kind=Kind.PLAN, title="Aktionsplan", parent="JENA"),
    ]
)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Gera Integrationskonzept", ["Integrationskonzept Gera"]),
        ("Geraer Integrationskonzept", ["Geraer Integrationskonzept"]),
        ("Gera Leipzig Konzept", ["Konzept Gera"]),
        ("Jena Integrationskonzept", ["Integrationskonzept Jena"]),
        ("Jena Plan", []),
        ("Leipzig Integrationskonzept Erfolge", []),
        ("Was sagte man in Gera zum Integrationskonzept", []),
        ("Gera Konferenz Integrationskonzept", []),
    ],
)
def test_a_plan_is_unknown_where_neither_name_nor_fact_of_the_town_has_it(
    text: str, unknown: list[str]
) -> None:
    read = words(text)
    things = [word for word in read if word.surface[0].isupper() and word.folded != "was"]
    assert list(unknown_plans(read, things, SNAPSHOT).values()) == unknown
