"""What edits would make of the knowledge base."""

from typing import Any

import pytest

from knowledge.consistency import Flaw, InconsistentError
from knowledge.differences import Part
from knowledge.editing.edits import (
    AddAlias,
    AddLink,
    Create,
    Edit,
    EditError,
    Move,
    Obstacle,
    RemoveAlias,
    Rename,
    SetDue,
    SetStatus,
    Withdraw,
)
from knowledge.editing.proposals import propose
from knowledge.entries import Kind, Phase
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot
from tests.support.builders import A_SOURCE, a_fact, an_entry

SAID: dict[str, Any] = {
    "text": "So ist es.",
    "sources": [A_SOURCE],
    "as_of": "2025-03",
    "certainty": "official",
}


@pytest.fixture
def snapshot() -> Snapshot:
    shared = a_fact(id="F-2", aspect="status", also=[{"entry": "EF-8", "aspect": "reason"}])
    link = {"relation": "depends_on", "target": "EF-8"}
    return Snapshot(
        [
            an_entry("EF", kind=Kind.BODY),
            an_entry("EF-7", parent="EF", aliases=["Abgleich"], facts=[a_fact(id="F-1")]),
            an_entry("EF-8", parent="EF"),
            an_entry("EF-8-M", kind=Kind.MILESTONE, parent="EF-8"),
            an_entry("EF-9", parent="EF", links=[link], facts=[shared]),
        ],
        revision=5,
        withdrawn=["EF-OLD"],
    )


def create(key: str, **fields: Any) -> Create:
    given = {"kind": "measure", "parent": "EF", "title": "Sprachcafé"}
    return Create.model_validate({"entry": key} | given | fields)


def refusal(edits: list[Edit], snapshot: Snapshot) -> EditError:
    with pytest.raises(EditError) as caught:
        propose(edits, snapshot)
    return caught.value


def test_edits_follow_one_another(snapshot: Snapshot) -> None:
    proposal = propose(
        [
            create("EF-10"),
            create("EF-10-M", kind="milestone", parent="EF-10", title="Eröffnung"),
            SetDue(entry="EF-10-M", due="Mai 2026", **SAID),
            SetStatus(entry="EF-10", phase="in_preparation", **SAID),
        ],
        snapshot,
    )
    new, milestone = proposal.changed
    assert (new.key, new.phase) == ("EF-10", Phase.IN_PREPARATION)
    assert (milestone.parent, milestone.due) == ("EF-10", PartialDate(2026, 5))
    assert (proposal.withdrawn, proposal.source, proposal.overruled) == ((), A_SOURCE, ())
    assert proposal.before is snapshot
    assert proposal.after.get("EF-10") == new
    assert snapshot.get("EF-10") is None


def test_what_was_seen_counts_and_not_what_is_known_now(snapshot: Snapshot) -> None:
    edit = Rename(entry="EF-7", title="Neu")
    assert propose([edit], snapshot).base == 5
    assert propose([edit], snapshot, seen=3).base == 3
    assert propose([edit], snapshot, seen=8).base == 5


def test_differences_show_old_and_new(snapshot: Snapshot) -> None:
    proposal = propose([create("EF-10"), Rename(entry="EF-7", title="Neu")], snapshot)
    assert [(d.entry, d.part, d.old) for d in proposal.differences] == [
        ("EF-7", Part.TITLE, "Eintrag EF-7"),
        ("EF-10", Part.ENTRY, None),
    ]


def test_a_phase_that_does_not_count_is_told(snapshot: Snapshot) -> None:
    first = SetStatus(entry="EF-7", phase="done", **SAID)
    known = propose([first], snapshot).after
    older = propose([SetStatus(entry="EF-7", phase="planned", **{**SAID, "as_of": "2024"})], known)
    assert [fact.phase for fact in older.overruled] == [Phase.PLANNED]
    entry = older.after.get("EF-7")
    assert entry is not None
    assert entry.phase is Phase.DONE


def test_what_still_tells_the_former_date_is_named() -> None:
    due = a_fact("Ende: 31.12.2026.", id="F-D", aspect="due", due="2026-12-31")
    told = a_fact("Der Vertrag läuft bis 31.12.2026.", id="F-T")
    other = a_fact("Am 31.12.2026 endet das Jahr.", id="F-O")
    open_ = a_fact("Was nach dem 31.12.2026 wird, ist unbekannt.", id="F-U", known=False)
    base = Snapshot(
        [
            an_entry("EF-7", facts=[told, open_]),
            an_entry("EF-7-M", kind=Kind.MILESTONE, parent="EF-7", facts=[due]),
            an_entry("EF-8", facts=[other]),
        ]
    )
    moved = propose([SetDue(entry="EF-7-M", due=PartialDate(2027, 1, 15), **SAID)], base)
    assert [(s.entry, s.fact.id) for s in moved.still_told] == [("EF-7", "F-T")]
    told_anew = {**SAID, "text": "Statt am 31.12.2026 endet er am 15.01.2027."}
    worded = propose([SetDue(entry="EF-7-M", due=PartialDate(2027, 1, 15), **told_anew)], base)
    assert worded.still_told == moved.still_told
    kept = propose([Rename(entry="EF-7-M", title="Vertragsende")], base)
    assert kept.still_told == ()


@pytest.mark.parametrize("former", ["2026", "2026-Q4", None])
def test_a_former_date_that_is_no_day_or_month_names_nothing(former: str | None) -> None:
    facts = [a_fact("Das war 2026, im 4. Quartal 2026.", id="F-T")]
    if former:
        facts.append(a_fact("Termin.", id="F-D", aspect="due", due=former))
    base = Snapshot([an_entry("EF-7", facts=facts)])
    moved = propose([SetDue(entry="EF-7", due=PartialDate(2027), **SAID)], base)
    assert moved.still_told == ()


@pytest.mark.parametrize(
    ("text", "told"),
    [("Beginn im März 2026.", True), ("Sitzung am 15. März 2026.", False)],
)
def test_a_former_month_is_not_named_by_a_day_in_it(text: str, *, told: bool) -> None:
    due = a_fact("Termin.", id="F-D", aspect="due", due="2026-03")
    base = Snapshot([an_entry("EF-7", facts=[due, a_fact(text, id="F-T")])])
    moved = propose([SetDue(entry="EF-7", due=PartialDate(2027, 1), **SAID)], base)
    assert bool(moved.still_told) is told


def test_a_withdrawn_entry_is_referred_to_no_longer(snapshot: Snapshot) -> None:
    proposal = propose([Withdraw(entry="EF-8", below=True)], snapshot)
    assert [entry.key for entry in proposal.withdrawn] == ["EF-8", "EF-8-M"]
    (freed,) = proposal.changed
    assert (freed.key, freed.links, freed.facts[0].also) == ("EF-9", (), ())
    assert proposal.after.withdrawn == {"EF-OLD", "EF-8", "EF-8-M"}


def test_what_is_below_is_not_withdrawn_unasked(snapshot: Snapshot) -> None:
    error = refusal([Withdraw(entry="EF-8")], snapshot)
    assert (error.why, error.entry, error.others) == (Obstacle.HAS_BELOW, "EF-8", ("EF-8-M",))


@pytest.mark.parametrize(
    ("edits", "why"),
    [
        ([Rename(entry="EF-99", title="Neu")], Obstacle.NO_ENTRY),
        ([Rename(entry="EF-OLD", title="Neu")], Obstacle.NO_ENTRY),
        ([Withdraw(entry="EF-99")], Obstacle.NO_ENTRY),
        ([create("EF-7")], Obstacle.KEY_TAKEN),
        ([create("EF-OLD")], Obstacle.KEY_TAKEN),
        ([create("EF-10", parent="EF-10")], Obstacle.TO_ITSELF),
        ([Rename(entry="EF-7", title="Eintrag EF-7")], Obstacle.NOTHING_CHANGES),
        (
            [AddAlias(entry="EF-7", alias="A"), RemoveAlias(entry="EF-7", alias="A")],
            Obstacle.NOTHING_CHANGES,
        ),
        ([], Obstacle.NOTHING_CHANGES),
    ],
)
def test_what_cannot_be_done_is_refused(
    edits: list[Edit], why: Obstacle, snapshot: Snapshot
) -> None:
    assert refusal(edits, snapshot).why is why


@pytest.mark.parametrize(
    ("edit", "flaw", "other"),
    [
        (create("EF-10", parent="EF-99"), Flaw.NO_PARENT, "EF-99"),
        (create("EF-10", kind="plan", parent="EF-7"), Flaw.WRONG_PARENT, "EF-7"),
        (AddLink(entry="EF-7", relation="related", target="X"), Flaw.NO_TARGET, "X"),
        (
            AddLink(entry="EF-8", relation="depends_on", target="EF-9"),
            Flaw.CIRCLE_OF_DEPENDENCIES,
            None,
        ),
        (Move(entry="EF", parent="EF-8"), Flaw.WRONG_PARENT, "EF-8"),
    ],
)
def test_entries_must_go_on_fitting_together(
    edit: Edit, flaw: Flaw, other: str | None, snapshot: Snapshot
) -> None:
    with pytest.raises(InconsistentError) as caught:
        propose([edit], snapshot)
    assert (flaw, other) in [(p.flaw, p.other) for p in caught.value.problems]


def test_what_was_out_of_order_before_does_not_stand_in_the_way() -> None:
    orphan = Snapshot([an_entry("A", parent="GONE")])
    proposal = propose([Rename(entry="A", title="Neu")], orphan)
    assert proposal.changed[0].title == "Neu"
