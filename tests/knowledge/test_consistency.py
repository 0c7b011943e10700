"""What must hold between entries."""

from collections.abc import Iterable

import pytest

from knowledge.consistency import (
    Flaw,
    InconsistentError,
    Problem,
    check_change,
    find_problems,
)
from knowledge.entries import Entry, Kind, Link, Relation
from tests.support.builders import a_fact, an_entry


def problems(entries: Iterable[Entry]) -> list[tuple[str, str]]:
    return [(problem.entry, problem.text) for problem in find_problems(entries)]


def waits_for(key: str, *targets: str) -> Entry:
    links = [Link(relation=Relation.DEPENDS_ON, target=target) for target in targets]
    return an_entry(key, links=links)


def test_sound_entries_have_no_problems() -> None:
    body = an_entry("EF", kind=Kind.BODY)
    plan = an_entry("EF-IK", kind=Kind.PLAN, parent="EF")
    field = an_entry("EF-HF", kind=Kind.FIELD, parent="EF-IK")
    measure = an_entry("EF-1", parent="EF-HF", facts=[a_fact(id="F-1")])
    mention = a_fact(id="F-2", also=[{"entry": "EF-1", "aspect": "status"}])
    other = an_entry("EF-2", parent="EF-HF", facts=[mention])
    waiting = an_entry("EF-3", links=[{"relation": "depends_on", "target": "EF-1"}])
    assert list(problems([body, plan, field, measure, other, waiting])) == []
    assert list(problems([])) == []


def test_a_key_belongs_to_one_entry() -> None:
    assert list(problems([an_entry("A"), an_entry("B"), an_entry("A")])) == [
        ("A", "the key is used by more than one entry")
    ]


def test_a_fact_id_belongs_to_one_fact() -> None:
    listed = [an_entry(key, facts=[a_fact(id="F-1")]) for key in ("A", "B")]
    assert list(problems(listed)) == [("B", "fact F-1 is also a fact of A")]


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        (an_entry("A", parent="X"), "parent X does not exist"),
        (waits_for("A", "X"), "depends_on leads to X, which does not exist"),
        (
            an_entry("A", facts=[a_fact(also=[{"entry": "X", "aspect": "cost"}])]),
            "fact F-1 mentions X, which does not exist",
        ),
        (
            an_entry("A", facts=[a_fact(also=[{"entry": "A", "aspect": "cost"}])]),
            "fact F-1 mentions the entry that it belongs to",
        ),
    ],
)
def test_a_reference_leads_to_another_entry(entry: Entry, problem: str) -> None:
    assert list(problems([entry])) == [("A", problem)]


@pytest.mark.parametrize(
    ("kind", "above", "allowed"),
    [
        (Kind.BODY, Kind.BODY, True),
        (Kind.BODY, Kind.PLAN, False),
        (Kind.PLAN, Kind.BODY, True),
        (Kind.PLAN, Kind.MEASURE, False),
        (Kind.FIELD, Kind.PLAN, True),
        (Kind.FIELD, Kind.BODY, False),
        (Kind.MEASURE, Kind.FIELD, True),
        (Kind.MEASURE, Kind.MEASURE, False),
        (Kind.MILESTONE, Kind.MEASURE, True),
        (Kind.MILESTONE, Kind.MILESTONE, False),
        (Kind.DOCUMENT, Kind.BODY, True),
        (Kind.DOCUMENT, Kind.DOCUMENT, False),
        (Kind.TERM, Kind.PLAN, True),
        (Kind.TERM, Kind.TERM, False),
    ],
)
def test_the_hierarchy_has_the_right_kinds(kind: Kind, above: Kind, allowed: bool) -> None:
    found = list(problems([an_entry("A", kind=above), an_entry("B", kind=kind, parent="A")]))
    assert found == ([] if allowed else [("B", f"a {kind} cannot be below the {above} A")])


def test_every_entry_of_a_circle_of_parents_is_named() -> None:
    circle = [
        an_entry(key, kind=Kind.BODY, parent=parent)
        for key, parent in (("A", "C"), ("B", "A"), ("C", "B"))
    ]
    outside = an_entry("D", kind=Kind.BODY, parent="A")
    assert list(problems([*circle, outside])) == [
        (key, "the chain of parents leads back to the entry") for key in ("A", "B", "C")
    ]


def test_every_entry_of_a_circle_of_dependencies_is_named() -> None:
    listed = [waits_for("A", "D", "B"), waits_for("B", "A"), waits_for("C", "A"), waits_for("D")]
    assert list(problems(listed)) == [
        (key, "the chain of depends_on leads back to the entry") for key in ("A", "B")
    ]


def test_all_circles_are_found_also_those_that_hang_together() -> None:
    shared = [waits_for("A", "B", "C"), waits_for("B", "A"), waits_for("C", "A", "F")]
    between = waits_for("F", "G")  # on the way from one circle to another, in none of them
    other = [waits_for("G", "H"), waits_for("H", "I"), waits_for("I", "G", "J"), an_entry("J")]
    assert [key for key, _ in problems([*other, between, *shared])] == list("GHIABC")


def test_two_ways_to_the_same_entry_are_no_circle() -> None:
    listed = [waits_for("A", "B", "C"), waits_for("B", "D"), waits_for("C", "D"), an_entry("D")]
    assert list(problems(listed)) == []


def test_entries_may_be_related_both_ways() -> None:
    listed = [
        an_entry(key, links=[{"relation": "related", "target": other}])
        for key, other in (("A", "B"), ("B", "A"))
    ]
    assert list(problems(listed)) == []


def test_all_problems_are_found_at_once() -> None:
    listed = [
        an_entry("A", parent="X", facts=[a_fact(id="F-1")]),
        an_entry("B", parent="B2", facts=[a_fact(id="F-1")]),
        waits_for("C", "Y", "Z"),
    ]
    assert {key for key, _ in problems(listed)} == {"A", "B", "C"}
    assert len(list(problems(listed))) == 5


def test_a_problem_says_what_is_wrong_and_with_what() -> None:
    (found,) = find_problems([an_entry("A", parent="X")])
    assert found == Problem("A", Flaw.NO_PARENT, "parent X does not exist", "X")


def test_a_change_may_leave_what_was_wrong_before_but_add_nothing() -> None:
    orphan, sound = an_entry("A", parent="X"), an_entry("B")
    check_change([orphan], [orphan, sound])
    check_change([orphan], [sound])
    with pytest.raises(InconsistentError, match="B: parent Y does not exist") as caught:
        check_change([orphan, sound], [orphan, an_entry("B", parent="Y")])
    assert [problem.entry for problem in caught.value.problems] == ["B"]


def test_long_chains_are_checked_in_one_pass() -> None:
    length = 20_000  # walking from each entry would take 200 million steps
    chain = [waits_for(f"A-{n}", f"A-{n + 1}") for n in range(length)]
    assert list(problems([*chain, an_entry(f"A-{length}")])) == []


def test_a_long_circle_is_found_in_one_pass() -> None:
    length = 20_000  # walking from each entry would take 400 million steps
    circle = [waits_for(f"A-{n}", f"A-{(n + 1) % length}") for n in range(length)]
    assert len(problems(circle)) == length
