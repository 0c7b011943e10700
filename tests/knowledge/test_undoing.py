"""What taking a revision back comes to once its entries were changed again."""

from typing import Any

from knowledge.entries import Aspect, Entry, Link, Mention, Phase, Relation
from knowledge.revisions import Change, Origin, Version
from knowledge.snapshot import Snapshot
from knowledge.undoing import Undoing, rewound, undoing
from tests.support.builders import a_fact, an_entry
from tests.support.clock import MOMENT


def version(number: int, entry: Entry, *, withdrawn: bool = False) -> Version:
    return Version(number, MOMENT, "Amt", Origin.EDITED, "so", entry, withdrawn)


def undone(*states: Entry, made: bool = False) -> Undoing:
    """Undo the step to the second of some states of an entry, or to the first if it was made."""
    versions = [version(number, entry) for number, entry in enumerate(states, 1)]
    before, after, *later = [None, *versions] if made else versions
    assert after is not None
    since = [one for one in reversed(later) if one is not None]
    return undoing([Change(before, after)], since, since)


def status(phase: Phase, **fields: Any) -> Any:
    return a_fact(
        f"Stand: {phase}.", id=f"F-{phase.upper()}", aspect=Aspect.STATUS, phase=phase, **fields
    )


def test_what_a_later_version_added_stays() -> None:
    old = an_entry(aliases=["A"], facts=[status(Phase.PLANNED)])
    new = an_entry(aliases=["A"], facts=[status(Phase.DONE)], title="Anders")
    named = new.model_copy(update={"aliases": ("A", "B"), "number": "7"})
    (result,) = undone(old, new, named).entries
    assert result == old.model_copy(update={"aliases": ("A", "B"), "number": "7"})


def test_of_facts_that_state_the_same_all_go_or_none() -> None:
    old = an_entry(facts=[status(Phase.PLANNED)])
    new = an_entry(facts=[status(Phase.DONE)])
    corrected = an_entry(facts=[status(Phase.DONE, keywords=["fertig"])])
    what = undone(old, new, corrected)
    assert not what.is_possible
    assert [one.revision for one in what.in_the_way] == [3]


def test_what_is_by_chance_again_as_it_was_stays() -> None:
    old, new = an_entry(title="Alt"), an_entry(title="Neu")
    what = undone(old, new, an_entry(title="Anders"), new)
    assert not what.is_possible
    assert [one.revision for one in what.in_the_way] == [4, 3]


def test_what_was_taken_away_comes_back_in_its_place() -> None:
    facts = [a_fact(id=f"F-{number}") for number in range(4)]
    old, new = an_entry(facts=facts), an_entry(facts=[facts[0], facts[3]])
    later = an_entry(facts=[facts[0], facts[3], a_fact(id="F-9")])
    (result,) = undone(old, new, later).entries
    assert [fact.id for fact in result.facts] == ["F-0", "F-1", "F-2", "F-3", "F-9"]


def test_what_was_made_and_changed_since_stays_with_what_it_needs() -> None:
    parent, alone = an_entry("P"), an_entry("X")
    child = an_entry("C", parent="P", links=[Link(relation=Relation.RELATED, target="L")])
    child = child.model_copy(
        update={"facts": (a_fact(also=[Mention(entry="M", aspect=Aspect.COST)]),)}
    )
    made = [parent, alone, child, an_entry("L"), an_entry("M")]
    named = version(3, child.model_copy(update={"aliases": ("Name",)}))
    what = undoing([Change(None, version(2, entry)) for entry in made], [named], [named])
    assert [entry.key for entry in what.withdrawn] == ["X"]
    assert what.in_the_way == (named,)
    assert undone(alone, made=True).withdrawn == (alone,)


def test_the_knowledge_base_as_it_stood_has_what_was_withdrawn_since_and_not_what_came() -> None:
    kept, old, new = an_entry("A"), an_entry("B", title="Alt"), an_entry("B", title="Neu")
    gone, came, back = an_entry("C"), an_entry("D"), an_entry("E")
    changes = [
        Change(version(1, old), version(3, new)),
        Change(version(1, gone), version(3, gone, withdrawn=True)),
        Change(None, version(3, came)),
        Change(version(2, back, withdrawn=True), version(3, back)),
    ]
    present = Snapshot([kept, new, came, back], revision=3, withdrawn=["C", "F"])
    before = rewound(present, changes, 2)
    assert before.entries == {"A": kept, "B": old, "C": gone}
    assert (set(before.withdrawn), before.revision) == ({"E", "F"}, 2)
