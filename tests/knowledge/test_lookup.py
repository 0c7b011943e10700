"""Entries that commands name."""

import pytest

from knowledge.lookup import find_entry
from knowledge.snapshot import Snapshot
from knowledge.yaml_files import SHIPPED, load

SNAPSHOT = Snapshot(load(SHIPPED))


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("EF-7", "EF-7"),
        ("ef-7", "EF-7"),
        (" EF-7 ", "EF-7"),
        ("DS 2170/24", "DS-2170-24"),
        ("eccar abgleich", "EF-7"),
        ("ecar abgleich", "EF-7"),
    ],
)
def test_an_entry_is_found_by_key_number_or_words(words: str, key: str) -> None:
    found = find_entry(words, SNAPSHOT, home="ERFURT").entry
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize("words", ["", "   ", "Schwimmbadsanierung", "\x00", "🙂" * 4000])
def test_nothing_is_found_where_nothing_is_named(words: str) -> None:
    found = find_entry(words, SNAPSHOT, home="ERFURT")
    assert (found.entry, found.near) == (None, ())


def test_near_entries_are_offered_where_several_may_be_meant() -> None:
    found = find_entry("Migrantenbeirat Stuttgart", SNAPSHOT)
    assert found.entry is None
    assert found.near
