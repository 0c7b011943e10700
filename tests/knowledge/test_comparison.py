"""Two things in one question."""

from knowledge.comparison import conjoined
from knowledge.entries import Kind
from knowledge.questions import understand
from knowledge.snapshot import Snapshot
from tests.support.builders import an_entry

SNAPSHOT = Snapshot(
    [
        an_entry("ERFURT", kind=Kind.BODY, title="Landeshauptstadt Erfurt", aliases=["Erfurt"]),
        an_entry(
            "EF-IK",
            kind=Kind.PLAN,
            title="Integrationskonzept Erfurt",
            aliases=["Integrationskonzept"],
            parent="ERFURT",
        ),
        an_entry("EF-MP", kind=Kind.PLAN, title="Maßnahmenplan", parent="ERFURT"),
    ]
)


def test_names_joined_by_und_are_asked_together() -> None:
    question = understand("Stand von Integrationskonzept und Maßnahmenplan", SNAPSHOT)
    assert conjoined(question, SNAPSHOT.index) == [("EF-IK",), ("EF-MP",)]
