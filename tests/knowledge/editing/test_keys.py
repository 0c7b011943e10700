"""Keys for new entries, proposed from their titles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from knowledge.editing.keys import propose_key
from knowledge.entries import Key, Kind
from knowledge.snapshot import Snapshot
from tests.support.builders import an_entry

KEY = TypeAdapter[str](Key)

SNAPSHOT = Snapshot(
    [
        an_entry("ERFURT", kind=Kind.BODY),
        an_entry("EF-IK", kind=Kind.PLAN, parent="ERFURT"),
        an_entry("EF-7", parent="ERFURT"),
        an_entry("DS-2170-24", kind=Kind.DOCUMENT, parent="ERFURT"),
        an_entry("JENA", kind=Kind.BODY),
        an_entry("EF-SPRACHCAFE"),
    ],
    withdrawn=["EF-SPRACHCAFE-2"],
)


@pytest.mark.parametrize(
    ("title", "parent", "key"),
    [
        ("Kurse für Mütter", "ERFURT", "EF-KURSE-MUETTER"),
        ("Kurse für Mütter", "EF-IK", "EF-KURSE-MUETTER"),
        ("Kurse", "JENA", "JENA-KURSE"),
        ("Stadt Weimar", None, "STADT-WEIMAR"),
        ("Sprachcafé", "EF-IK", "EF-SPRACHCAFE-3"),  # the second was withdrawn
        ("Die und der", "EF-IK", "EF-DIE-UND-DER"),
        ("Fortschreibung des Integrationskonzepts", "EF-IK", "EF-FORTSCHREIBUNG"),
        ("Rahmenzielvereinbarungskonferenz", "EF-IK", "EF-RAHMENZIELVEREINB"),
        ("🤷", None, "E"),
        ("🤷", "EF-IK", "EF"),
    ],
)
def test_a_key_is_made_of_the_title_below_its_parent(
    title: str, parent: str | None, key: str
) -> None:
    assert propose_key(title, SNAPSHOT, parent=parent) == key


@given(
    st.text(),
    st.sampled_from([None, "ERFURT", "DS-2170-24", "JENA"]),
)
def test_whatever_the_title_is_the_key_is_one_and_new(title: str, parent: str | None) -> None:
    key = propose_key(title, SNAPSHOT, parent=parent)
    assert KEY.validate_python(key) == key
    assert key not in SNAPSHOT.entries
