"""Complete entries as YAML: nothing is lost, and the plan says what changes."""

from datetime import date

import pytest

from knowledge.entries import Entry, Kind
from knowledge.exchange import FileRefusedError, Finding, ImportPlan, Reason
from knowledge.exchange.entry_import import plan_entries, read_entries
from knowledge.exchange.plan import Part
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot
from knowledge.yaml_files import dump, load
from tests.knowledge.exchange.files import a_snapshot
from tests.support.builders import a_fact, an_entry

MEASURE = an_entry(
    "PLAN-1",
    title="Kurs",
    parent="PLAN",
    aliases=("Sprachkurs",),
    facts=(a_fact(id="A"), a_fact("Zwei.", id="B")),
)
BASE = a_snapshot(MEASURE)
TODAY = date(2025, 10, 20)


def planned(*changed: Entry, snapshot: Snapshot = BASE, withdraw: bool = False) -> ImportPlan:
    """The plan for a file of all entries, some of them changed."""
    entries = dict(snapshot.entries) | {entry.key: entry for entry in changed}
    content = dump(entries.values())
    return plan_entries(
        read_entries(content, "plan.yaml"), snapshot, today=TODAY, withdraw_missing=withdraw
    )


def test_the_shipped_knowledge_base_exported_and_imported_changes_nothing() -> None:
    snapshot = Snapshot(load())
    plan = planned(snapshot=snapshot, withdraw=True)
    assert plan.changes_nothing
    assert plan.is_ready
    assert len(plan.unchanged) == len(snapshot.entries)
    assert dump(read_entries(dump(load()), "x.yaml")) == dump(load())


@pytest.mark.parametrize(
    ("update", "part", "old", "new"),
    [
        ({"title": "Kurse"}, Part.TITLE, "Kurs", "Kurse"),
        ({"number": "1"}, Part.NUMBER, "", "1"),
        ({"aliases": ("a; b",)}, Part.ALIASES, "Sprachkurs", "a; b"),
        ({"parent": "STADT"}, Part.PARENT, "PLAN", "STADT"),
        ({"rhythm": {"months": 6, "since": "2024"}}, Part.RHYTHM, "", "6 / 2024"),
        (
            {"links": [{"relation": "related", "target": "STADT", "note": "Amt"}]},
            Part.LINKS,
            "",
            "related STADT Amt",
        ),
    ],
)
def test_a_changed_part_is_named(
    update: dict[str, object], part: Part, old: str, new: str
) -> None:
    plan = planned(Entry.model_validate(MEASURE.model_dump() | update))
    (change,) = plan.changed
    assert [(d.part, d.old, d.new) for d in change.differences] == [(part, old, new)]


def test_changed_facts_are_named_by_their_ids() -> None:
    facts = (a_fact("Neu.", id="C"), a_fact("Das ist so.", id="A", as_of="2025"))
    (change,) = planned(MEASURE.model_copy(update={"facts": facts})).changed
    assert [(d.part, d.fact, d.old, d.new) for d in change.differences] == [
        (Part.FACT, "C", "", "Neu."),
        (Part.FACT, "A", "Das ist so.", "Das ist so."),
        (Part.FACT, "B", "Zwei.", ""),
    ]
    assert change.differences[1].new_as_of == PartialDate(2025)


def test_a_new_order_of_facts_is_a_change() -> None:
    (change,) = planned(MEASURE.model_copy(update={"facts": MEASURE.facts[::-1]})).changed
    assert [(d.part, d.old, d.new) for d in change.differences] == [(Part.ORDER, "A, B", "B, A")]


def test_a_new_entry_is_named_with_all_that_is_said_of_it() -> None:
    plan = planned(an_entry("PLAN-2", title="Neu", parent="PLAN", facts=(a_fact(id="C"),)))
    (change,) = plan.new
    assert [d.part for d in change.differences] == [Part.KIND, Part.TITLE, Part.PARENT, Part.FACT]


def test_what_is_missing_is_withdrawn_only_if_that_is_wanted_and_only_in_scope() -> None:
    term = an_entry("BEGRIFF", kind=Kind.TERM)
    snapshot = a_snapshot(MEASURE, term)
    plan = plan_entries([snapshot.entries["PLAN"]], snapshot, today=TODAY, scope="PLAN")
    assert [entry.key for entry in plan.missing] == ["PLAN-1"]
    assert plan.changes_nothing
    plan = plan_entries(
        [snapshot.entries["PLAN"]], snapshot, today=TODAY, scope="PLAN", withdraw_missing=True
    )
    assert plan.withdrawn == (MEASURE,)
    assert {e.key for e in plan_entries([], snapshot, today=TODAY).missing} == set(
        snapshot.entries
    )
    assert plan_entries([], snapshot, today=TODAY, scope="FEHLT").missing == ()


def test_a_key_that_is_used_twice_is_a_fault() -> None:
    plan = plan_entries([MEASURE, MEASURE], BASE, today=TODAY)
    assert [(error.reason, error.key) for error in plan.errors] == [(Reason.KEY_TWICE, "PLAN-1")]


def test_a_text_with_control_characters_is_a_fault() -> None:
    file = b'entries: [{key: PLAN-2, kind: plan, title: "a\0b"}]'
    with pytest.raises(FileRefusedError) as refused:
        read_entries(file, "plan.yaml")
    assert [finding.reason for finding in refused.value.findings] == [Reason.NOT_YAML]


def test_a_reference_that_leads_nowhere_is_a_fault() -> None:
    plan = planned(an_entry("PLAN-2", parent="FEHLT"))
    assert [(error.reason, error.key) for error in plan.errors] == [
        (Reason.INCONSISTENT, "PLAN-2")
    ]


def test_a_faulty_file_is_refused_with_every_fault_up_to_a_hundred() -> None:
    with pytest.raises(FileRefusedError) as refused:
        read_entries(b"entries:\n" + b"  - {key: a, kind: measure}\n" * 400, "x.yaml")
    assert len(refused.value.findings) == 100
    assert {finding.reason for finding in refused.value.findings} == {Reason.NOT_YAML}
    assert refused.value.findings[0].text.startswith("x.yaml: a: key: ")


@pytest.mark.parametrize(
    ("as_of", "is_to_come"),
    [("2025-10-20", False), ("2025", False), ("2025-10-21", True), ("2035", True)],
)
def test_a_fact_that_the_file_brings_cannot_be_from_a_day_to_come(
    as_of: str, is_to_come: bool
) -> None:
    fact = a_fact("Drei.", id="C", as_of=PartialDate.parse(as_of))
    plan = planned(MEASURE.model_copy(update={"facts": (*MEASURE.facts, fact)}))
    text = PartialDate.parse(as_of).german()
    assert list(plan.errors) == [Finding(Reason.DATE_TO_COME, key="C", text=text)] * is_to_come


def test_a_fact_from_a_day_to_come_that_is_known_already_stays_and_hinders_nothing() -> None:
    fact = a_fact("Drei.", id="C", as_of=PartialDate(2035))
    known = MEASURE.model_copy(update={"facts": (fact,)})
    plan = planned(known.model_copy(update={"title": "Kurse"}), snapshot=a_snapshot(known))
    assert plan.is_ready
    assert not plan.changes_nothing
