"""A snapshot that follows another equals one that is built anew, whatever was changed."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge import snapshot as module
from knowledge.entries import Entry
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

KEYS = [f"E-{number}" for number in range(6)]
# Compounds whose parts come and go as words of their own, and words that many entries share.
WORDS = [
    "Sprachkurs",
    "Sprach",
    "Kurs",
    "Kurslotse",
    "Lotse",
    "Lotsen",
    "Integrationskonzept",
    "Integration",
    "Konzept",
    "Konzeptlotsen",
    "2170/24",
    "Stadt",
]
QUERIES = [*WORDS, "Sprachkurslotse", "Integrationslotse", "Kurs der Stadt", "Konzpet Integratoin"]

texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)


@pytest.fixture(autouse=True, scope="module")
def always_updated() -> Iterator[None]:
    """However small the knowledge base: otherwise building anew would be the quicker way."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_UPDATED", float("inf"))
        yield


@st.composite
def entries(draw: st.DrawFn, key: str) -> Entry:
    others = [other for other in KEYS if other != key]
    mentions = st.lists(st.sampled_from(others), max_size=2, unique=True)
    shared = draw(st.sampled_from([False, False, False, True]))  # as in a base that is at fault
    return an_entry(
        key,
        title=draw(texts),
        number=draw(st.sampled_from([None, None, "2170/24"])),
        aliases=draw(st.lists(st.sampled_from(WORDS[:4]), max_size=2, unique=True)),
        parent=draw(st.none() | st.sampled_from(others)),
        facts=[
            a_fact(
                draw(texts),
                id=f"F-{number}" if shared else f"F-{key}-{number}",
                also=[{"entry": other, "aspect": "status"} for other in draw(mentions)],
            )
            for number in range(draw(st.integers(0, 2)))
        ],
    )


@st.composite
def steps(draw: st.DrawFn) -> tuple[list[Entry], list[str]]:
    keys = draw(st.lists(st.sampled_from(KEYS), unique=True, min_size=1))
    withdrawn = draw(st.lists(st.sampled_from(keys), unique=True, max_size=2))
    return [draw(entries(key)) for key in keys if key not in withdrawn], withdrawn


def facets(snapshot: Snapshot) -> dict[str, object]:
    return {
        "revision": snapshot.revision,
        "withdrawn": snapshot.withdrawn,
        "entries": list(snapshot.entries.items()),
        "facts": snapshot.facts,
        "numbers": snapshot.numbers,
        "statements": {key: snapshot.statements(key) for key in KEYS},
        "children": {key: snapshot.children(key) for key in KEYS},
        "below": {key: list(snapshot.below(key)) for key in KEYS},
        "hits": {query: snapshot.index.search(query) for query in QUERIES},
        "fact hits": {query: snapshot.fact_index.search(query) for query in QUERIES},
    }


@settings(max_examples=60, deadline=None)
@given(st.lists(steps(), min_size=2, max_size=5))
def test_following_snapshots_equal_those_that_are_built_anew(
    history: list[tuple[list[Entry], list[str]]],
) -> None:
    snapshot = Snapshot()
    withdrawn: set[str] = set()
    for number, (changed, gone) in enumerate(history, start=1):
        before = snapshot
        known = facets(before)
        snapshot = before.updated(changed, gone, revision=number)
        withdrawn = withdrawn - {entry.key for entry in changed} | set(gone)
        anew = Snapshot(snapshot.entries.values(), revision=number, withdrawn=withdrawn)
        assert facets(snapshot) == facets(anew)
        assert facets(before) == known


@pytest.mark.parametrize("number", range(20))
def test_of_entries_that_share_a_fact_id_the_last_one_has_it(number: int) -> None:
    # Strings have other hashes in each process: of so many pairs some would come out otherwise.
    targets = [f"T{number}-{place}" for place in (1, 2)]
    owners = [
        an_entry(key, facts=[a_fact(id="F-1", also=[{"entry": target, "aspect": "status"}])])
        for key, target in zip(("E-1", "E-2"), targets, strict=True)
    ]
    anew = Snapshot([*map(an_entry, targets), *owners])
    assert anew.facts["F-1"][1] == ("E-2", targets[1])
    assert anew.updated([an_entry(targets[0], title="Anders")]).facts == anew.facts


def test_a_name_above_leads_to_what_is_below() -> None:
    before = Snapshot([an_entry("A"), an_entry("B", parent="A"), an_entry("C", parent="B")])
    before.prepare()
    after = before.updated([an_entry("A", title="Sprachcafé")])
    assert {hit.key for hit in after.index.search("Sprachcafé")} == {"A", "B", "C"}
    assert not before.index.search("Sprachcafé")


def test_a_fact_is_found_by_the_new_name_of_an_entry_that_it_mentions() -> None:
    fact = a_fact("Das gilt.", id="F-1", also=[{"entry": "B", "aspect": "status"}])
    before = Snapshot([an_entry("A", facts=[fact]), an_entry("B")])
    before.prepare()
    after = before.updated([an_entry("B", title="Sprachcafé")])
    assert [hit.key for hit in after.fact_index.search("Sprachcafé")] == ["F-1"]
    assert not before.updated(withdrawn=["A"]).fact_index.search("gilt")


def test_a_key_counts_as_withdrawn_until_it_comes_back() -> None:
    before = Snapshot([an_entry("A"), an_entry("B")], revision=3)
    after = before.updated(withdrawn=["A"])
    assert (after.withdrawn, after.revision) == (frozenset("A"), 3)
    assert after.updated([an_entry("A")], revision=5).withdrawn == frozenset()


def test_a_prepared_snapshot_holds_no_other() -> None:
    following = Snapshot([an_entry("A")]).updated([an_entry("B")])
    following.prepare()
    assert following._origin is None
