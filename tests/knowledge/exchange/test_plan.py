"""Plans as a whole: what is withdrawn, and what would be wrong afterwards."""

from knowledge.consistency import Flaw
from knowledge.entries import Kind
from knowledge.exchange import ImportPlan, Reason
from knowledge.exchange.plan import Change, checked
from knowledge.snapshot import Snapshot
from tests.knowledge.exchange.files import a_snapshot
from tests.support.builders import a_fact, an_entry

FIRST = an_entry("PLAN-1", parent="PLAN")
SECOND = an_entry("PLAN-2", parent="PLAN")


def plan(snapshot: Snapshot, *, withdraw: bool = True, new: tuple[Change, ...] = ()) -> ImportPlan:
    """A plan in which the two measures are missing."""
    missing = tuple(snapshot.entries[key] for key in ("PLAN-1", "PLAN-2"))
    return checked(ImportPlan(new=new, missing=missing), snapshot, findings=(), withdraw=withdraw)


def test_nothing_is_withdrawn_unless_that_is_asked_for() -> None:
    found = plan(a_snapshot(FIRST, SECOND), withdraw=False)
    assert (found.missing, found.withdrawn) == ((FIRST, SECOND), ())
    assert found.changes_nothing
    assert plan(a_snapshot(FIRST, SECOND)).withdrawn == (FIRST, SECOND)


def test_what_something_refers_to_is_not_withdrawn_and_named() -> None:
    for other in (
        an_entry("M", kind=Kind.MILESTONE, parent="PLAN-1"),
        an_entry("M", kind=Kind.TERM, links=[{"relation": "related", "target": "PLAN-1"}]),
        an_entry(
            "M",
            kind=Kind.TERM,
            facts=[a_fact(also=[{"entry": "PLAN-1", "aspect": "status"}])],
        ),
    ):
        found = plan(a_snapshot(FIRST, SECOND, other))
        assert found.withdrawn == (SECOND,)
        (error,) = found.errors
        assert (error.reason, error.key, error.other_key) == (
            Reason.STILL_REFERRED_TO,
            "PLAN-1",
            "M",
        )


def test_entries_that_refer_to_each_other_are_withdrawn_together() -> None:
    linked = an_entry(
        "PLAN-1", parent="PLAN", links=[{"relation": "depends_on", "target": "PLAN-2"}]
    )
    assert plan(a_snapshot(linked, SECOND)).withdrawn == (linked, SECOND)


def test_what_refers_to_something_and_cannot_be_withdrawn_keeps_that_too() -> None:
    linked = an_entry(
        "PLAN-1", parent="PLAN", links=[{"relation": "depends_on", "target": "PLAN-2"}]
    )
    milestone = an_entry("M", kind=Kind.MILESTONE, parent="PLAN-1")
    found = plan(a_snapshot(linked, SECOND, milestone))
    assert found.withdrawn == ()
    assert [(e.reason, e.key, e.other_key) for e in found.errors] == [
        (Reason.STILL_REFERRED_TO, "PLAN-1", "M"),
        (Reason.STILL_REFERRED_TO, "PLAN-2", "PLAN-1"),
    ]
    assert found.is_only_not_withdrawn


def test_what_would_be_wrong_between_entries_is_an_error_of_its_row() -> None:
    child = an_entry("NEU", parent="FEHLT")
    found = plan(a_snapshot(FIRST, SECOND), withdraw=False, new=(Change(7, None, child, ()),))
    assert [(e.reason, e.row, e.key, e.flaw, e.other_key) for e in found.errors] == [
        (Reason.INCONSISTENT, 7, "NEU", Flaw.NO_PARENT, "FEHLT")
    ]
    assert not found.is_ready


def test_what_was_wrong_before_is_no_fault_of_the_import() -> None:
    orphan = an_entry("ALT", parent="FEHLT")
    assert plan(a_snapshot(FIRST, SECOND, orphan), withdraw=False).errors == ()


def test_what_is_published_are_new_and_changed_entries() -> None:
    change = Change(None, FIRST, FIRST.model_copy(update={"title": "Neu"}), ())
    new = Change(None, None, SECOND, ())
    assert ImportPlan(new=(new,), changed=(change,)).entries == (SECOND, change.after)
