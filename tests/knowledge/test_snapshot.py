"""The knowledge base at one revision: hierarchy, statements, dependencies, indexes."""

import pytest

from knowledge.entries import Aspect, Kind, Relation
from knowledge.snapshot import Dependency, Snapshot, natural
from tests.support.builders import a_fact, an_entry


def keys(entries: object) -> list[str]:
    return [entry.key for entry in entries]  # type: ignore[attr-defined]


@pytest.fixture
def snapshot() -> Snapshot:
    return Snapshot(
        [
            an_entry("EF-10", parent="EF-IK", aliases=["Lotsen"]),
            an_entry(
                "EF-2", parent="EF-IK", links=[{"relation": "depends_on", "target": "TH-IK"}]
            ),
            an_entry("EF-IK", kind=Kind.PLAN, parent="EF", title="Integrationskonzept"),
            an_entry("EF", kind=Kind.BODY, title="Stadt Erfurt"),
            an_entry(
                "TH-IK",
                kind=Kind.PLAN,
                title="Landeskonzept",
                links=[
                    {"relation": "depends_on", "target": "EF-10", "note": "wartet auf Mittel"},
                    {"relation": "document", "target": "DS-2170-24"},
                ],
                facts=[
                    a_fact(
                        "Das Land hat beschlossen.",
                        id="F-1",
                        aspect="status",
                        also=[{"entry": "EF-2", "aspect": "reason"}],
                    ),
                    a_fact("Es gilt.", id="F-2"),
                ],
            ),
            an_entry("DS-2170-24", kind=Kind.DOCUMENT, number="2170/24"),
        ],
        revision=3,
    )


def test_keys_are_sorted_as_people_count() -> None:
    assert sorted(["EF-10", "EF-2", "EF", "DS-1", "EF-2-B"], key=natural) == [
        "DS-1",
        "EF",
        "EF-2",
        "EF-2-B",
        "EF-10",
    ]


def test_keys_that_count_alike_have_an_order_of_their_own() -> None:
    one, other = an_entry("EF-07"), an_entry("EF-7")
    ways = (
        Snapshot([one, other]),
        Snapshot([other, one]),
        Snapshot([one]).updated([other]),
        Snapshot([other]).updated([one]),
    )
    assert [list(snapshot.entries) for snapshot in ways] == [["EF-07", "EF-7"]] * 4
    assert sorted(["EF-7-A", "EF-7", "EF-07-A", "EF-07"], key=natural) == [
        "EF-07",
        "EF-7",
        "EF-07-A",
        "EF-7-A",
    ]


def test_entries_come_in_natural_order(snapshot: Snapshot) -> None:
    assert list(snapshot.entries) == ["DS-2170-24", "EF", "EF-2", "EF-10", "EF-IK", "TH-IK"]
    assert keys(snapshot.children("EF-IK")) == ["EF-2", "EF-10"]
    assert keys(snapshot.of_kind(Kind.PLAN)) == ["EF-IK", "TH-IK"]


@pytest.mark.parametrize("typed", ["EF-IK", "ef-ik", " Ef-Ik "])
def test_a_key_is_found_however_it_was_typed(snapshot: Snapshot, typed: str) -> None:
    entry = snapshot.get(typed)
    assert entry is not None
    assert entry.key == "EF-IK"


@pytest.mark.parametrize("typed", ["", "EF-3", "EF IK", "'; DROP TABLE x", "🤷"])
def test_an_unknown_key_is_no_entry(snapshot: Snapshot, typed: str) -> None:
    assert snapshot.get(typed) is None
    assert snapshot.children(typed) == ()
    assert snapshot.statements(typed) == ()
    assert snapshot.dependencies(typed) == ()
    assert snapshot.linked(typed, Relation.DOCUMENT) == ()
    assert keys(snapshot.ancestors(typed)) == []
    assert keys(snapshot.below(typed)) == []


def test_the_hierarchy_can_be_walked_both_ways(snapshot: Snapshot) -> None:
    assert keys(snapshot.ancestors("EF-2")) == ["EF-IK", "EF"]
    assert keys(snapshot.below("EF")) == ["EF-IK", "EF-2", "EF-10"]


def test_walking_ends_although_parents_form_a_circle() -> None:
    circle = Snapshot([an_entry("A", parent="B"), an_entry("B", parent="A")])
    assert keys(circle.ancestors("A")) == ["B"]
    assert keys(circle.below("A")) == ["B"]


def test_walking_ends_where_a_parent_was_withdrawn() -> None:
    orphan = Snapshot([an_entry("A", parent="GONE"), an_entry("B", parent="A")])
    assert keys(orphan.ancestors("B")) == ["A"]
    assert keys(orphan.children("GONE")) == ["A"]


def test_a_fact_speaks_for_every_entry_it_mentions(snapshot: Snapshot) -> None:
    own = snapshot.statements("TH-IK")
    assert [(s.fact.id, s.aspect) for s in own] == [
        ("F-1", Aspect.STATUS),
        ("F-2", Aspect.SUMMARY),
    ]
    (mentioned,) = snapshot.statements("EF-2")
    assert (mentioned.entry, mentioned.aspect) == ("EF-2", Aspect.REASON)
    assert mentioned.fact is own[0].fact
    assert snapshot.facts["F-1"][1] == ("TH-IK", "EF-2")


def test_own_facts_come_before_those_of_others() -> None:
    mention = a_fact(id="F-1", also=[{"entry": "B", "aspect": "status"}])
    snapshot = Snapshot([an_entry("A", facts=[mention]), an_entry("B", facts=[a_fact(id="F-2")])])
    assert [s.fact.id for s in snapshot.statements("B")] == ["F-2", "F-1"]


def test_a_mention_of_a_withdrawn_entry_does_no_harm() -> None:
    mention = a_fact(id="F-1", also=[{"entry": "GONE", "aspect": "status"}])
    snapshot = Snapshot([an_entry("A", facts=[mention])])
    assert snapshot.facts["F-1"][1] == ("A",)
    assert len(snapshot.index) == len(snapshot.fact_index) == 1


def test_dependencies_are_followed_nearest_first(snapshot: Snapshot) -> None:
    assert snapshot.dependencies("EF-2") == (
        Dependency(snapshot.entries["TH-IK"], None),
        Dependency(snapshot.entries["EF-10"], "wartet auf Mittel"),
    )


def test_what_hangs_on_an_entry_is_found_from_there(snapshot: Snapshot) -> None:
    assert keys(snapshot.dependents("TH-IK")) == ["EF-2"]
    assert keys(snapshot.dependents("EF-10")) == ["TH-IK"]
    assert keys(snapshot.dependents("DS-2170-24")) == []


def test_what_is_waited_for_directly_comes_before_what_that_waits_for() -> None:
    waits = {"A": ("B", "C"), "B": ("D",), "C": ("E",), "D": (), "E": ()}
    snapshot = Snapshot(
        an_entry(key, links=[{"relation": "depends_on", "target": target} for target in targets])
        for key, targets in waits.items()
    )
    assert [d.entry.key for d in snapshot.dependencies("A")] == ["B", "C", "D", "E"]


def test_a_circle_of_dependencies_names_each_entry_once() -> None:
    circle = Snapshot(
        an_entry(key, links=[{"relation": "depends_on", "target": target}])
        for key, target in (("A", "B"), ("B", "C"), ("C", "A"))
    )
    assert [d.entry.key for d in circle.dependencies("A")] == ["B", "C"]


def test_links_are_found_by_their_meaning(snapshot: Snapshot) -> None:
    assert keys(snapshot.linked("TH-IK", Relation.DOCUMENT)) == ["DS-2170-24"]
    assert keys(snapshot.linked("TH-IK", Relation.DEPENDS_ON)) == ["EF-10"]
    assert keys(snapshot.linked("TH-IK", Relation.RELATED)) == []


def test_links_to_withdrawn_entries_are_left_out() -> None:
    links = [{"relation": relation, "target": "GONE"} for relation in ("document", "depends_on")]
    snapshot = Snapshot([an_entry("A", links=links)])
    assert snapshot.linked("A", Relation.DOCUMENT) == ()
    assert snapshot.dependencies("A") == ()


def test_a_paper_is_known_by_its_number_in_normal_form() -> None:
    snapshot = Snapshot(
        [
            an_entry("A", kind=Kind.DOCUMENT, number="DS 2170/2024"),
            an_entry("B", kind=Kind.DOCUMENT, number="Beschluss 7"),
            an_entry("C", kind=Kind.DOCUMENT),
        ]
    )
    assert snapshot.numbers == {"2170/24": ("A",), "Beschluss 7": ("B",)}


def test_papers_of_several_towns_may_have_one_number() -> None:
    papers = [an_entry(key, kind=Kind.DOCUMENT, number="2170/24") for key in ("J-1", "EF-1")]
    assert Snapshot(papers).numbers == {"2170/24": ("EF-1", "J-1")}


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("Integrationskonzept", "EF-IK"),
        ("lotsen", "EF-10"),
        ("ef-10", "EF-10"),
        ("2170/24", "DS-2170-24"),
        ("was hat das land beschlossen", "TH-IK"),
    ],
)
def test_an_entry_is_found_by_all_its_names_and_facts(
    snapshot: Snapshot, query: str, key: str
) -> None:
    assert snapshot.index.search(query)[0].key == key


def test_a_fact_is_found_by_its_text_and_its_entry(snapshot: Snapshot) -> None:
    assert snapshot.fact_index.search("beschlossen")[0].key == "F-1"
    assert {hit.key for hit in snapshot.fact_index.search("Landeskonzept")} == {"F-1", "F-2"}


def test_the_order_of_entries_does_not_matter(snapshot: Snapshot) -> None:
    turned = Snapshot(reversed(list(snapshot.entries.values())), revision=3)
    assert list(turned.entries.items()) == list(snapshot.entries.items())
    query = "Integrationskonzept Land"
    assert turned.index.search(query) == snapshot.index.search(query)


def test_an_empty_snapshot_answers_nothing_without_failing() -> None:
    empty = Snapshot()
    assert empty.revision == 0
    assert empty.index.search("Integrationskonzept") == []
    assert empty.fact_index.search("Integrationskonzept") == []
    assert empty.numbers == {}
