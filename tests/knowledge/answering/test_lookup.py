"""Entries that commands name."""

from datetime import date

import pytest

from knowledge.answering.basis import Basis
from knowledge.answering.lookup import LONGEST, Found, find_entry, no_such_key
from knowledge.snapshot import Snapshot
from knowledge.yaml_files import SHIPPED, load
from tests.support.builders import a_fact, an_entry

TODAY = date(2026, 11, 23)
SNAPSHOT = Snapshot(load(SHIPPED))
BASIS = Basis(SNAPSHOT, TODAY, "ERFURT")


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("EF-7", "EF-7"),
        ("ef-7", "EF-7"),
        (" EF-7 ", "EF-7"),
        ("DS 2170/24", "DS-2170-24"),
        ("eccar abgleich", "EF-7"),
        ("ecar abgleich", "EF-7"),
        ("ef7", "EF-7"),
        ("EF 8", "EF-8"),
        ("ds2170/24", "DS-2170-24"),
        ("eccar", "ECCAR"),
        ("integrationskonzept erfurt", "EF-IK"),
        ("treffen eccar 2026", "ECCAR-DE-2026"),
        ("dolmetschprogramm hotline", "TH-DOLM"),
    ],
)
def test_an_entry_is_found_by_key_number_or_words(words: str, key: str) -> None:
    found = find_entry(words, BASIS).entry
    assert found is not None
    assert found.key == key


@pytest.mark.parametrize("words", ["", "   ", "Schwimmbadsanierung", "\x00", "🙂" * 4000])
def test_nothing_is_found_where_nothing_is_named(words: str) -> None:
    found = find_entry(words, BASIS)
    assert (found.entry, found.near) == (None, ())


def test_near_entries_are_offered_where_several_may_be_meant() -> None:
    found = find_entry("Migrantenbeirat Stuttgart", Basis(SNAPSHOT, TODAY))
    assert found.entry is None
    assert found.near


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("eccar treffen", ["ECCAR-DE-2026", "ECCAR"]),
        ("konzept erfurt 2006", ["EF-IK-2006"]),
    ],
)
def test_a_broader_entry_is_not_taken_where_another_explains_more_of_the_words(
    words: str, near: list[str]
) -> None:
    found = find_entry(words, BASIS)
    assert found.entry is None
    assert [entry.key for entry in found.near][: len(near)] == near


def test_an_entry_is_offered_only_where_it_has_nothing_of_a_word() -> None:
    entries = [
        an_entry("EF-8", title="Sprachcafé", facts=[a_fact("Dort gibt es Kaffee.", id="F-1")]),
        an_entry("EF-9", title="Sprachkurs", facts=[a_fact("Dort gibt es Hefte.", id="F-2")]),
    ]
    snapshot = Snapshot(entries)
    assert find_entry("Sprachcafé Kaffee", Basis(snapshot, TODAY)).entry == entries[0]
    assert find_entry("Sprachcafé Hefte", Basis(snapshot, TODAY)) == Found(near=tuple(entries))


@pytest.mark.parametrize(
    ("words", "near"), [("EF-MP-77", "EF-MP"), ("JENA-7", "JENA"), ("handlungsfeld 7", "ERFURT")]
)
def test_a_number_that_an_entry_does_not_have_lets_it_only_be_offered(
    words: str, near: str
) -> None:
    found = find_entry(words, BASIS)
    assert found.entry is None
    assert near in [entry.key for entry in found.near]


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("ef-mp-99: bald", "ef-mp-99"),
        ("EF-Ä-7", "EF-Ä-7"),
        ("EF-ELTERNTREFF", "EF-ELTERNTREFF"),
        ("ef-mp umgesetzt", ""),
        ("ECCAR-Abgleich", ""),
        ("Antwort vom 30-jährigen", ""),
        ("DS 2170/24", ""),
        ("", ""),
    ],
)
def test_a_word_that_looks_like_a_key_and_is_none_is_noticed(words: str, key: str) -> None:
    assert no_such_key(words, SNAPSHOT) == key


def test_keys_that_differ_by_hyphens_only_are_offered_both() -> None:
    entries = (an_entry("EF-1-1"), an_entry("EF-11"))
    assert find_entry("ef11", Basis(Snapshot(entries), TODAY)) == Found(near=entries)
    assert find_entry("ef-11", Basis(Snapshot(entries), TODAY)) == Found(entries[1])


def test_every_title_names_its_entry() -> None:
    for entry in SNAPSHOT.entries.values():
        if len(entry.title) <= LONGEST:
            assert find_entry(entry.title, BASIS).entry == entry


@pytest.mark.parametrize("wanted", ["Bürgeramt", "Fristen", "meine Zuständigkeit"])
def test_what_stands_in_no_name_is_only_offered(wanted: str) -> None:
    moved = a_fact("Die Ausländerbehörde zog aus dem Bürgeramt. Fristen gelten.", id="F-1")
    office = an_entry("EF-8", kind="body", title="Ausländerbehörde", facts=[moved])
    found = find_entry(wanted, Basis(Snapshot([office]), TODAY))
    assert found.entry is None
