"""Typed edits of one entry, and forms that are filled in step by step."""

from collections.abc import Sequence
from typing import Any, get_args

import pytest
from pydantic import ValidationError

from knowledge.editing.edits import (
    AddAlias,
    AddFact,
    AddLink,
    CorrectFact,
    Edit,
    EditError,
    Form,
    Move,
    Obstacle,
    RemoveAlias,
    RemoveFact,
    RemoveLink,
    Rename,
    Revising,
    SetDue,
    SetNumber,
    SetResponsible,
    SetRhythm,
    SetStatus,
)
from knowledge.entries import Aspect, Certainty, Entry, Fact, Phase, Relation, Rhythm, Source
from knowledge.partial_date import PartialDate
from tests.support.builders import A_SOURCE, a_fact, an_entry

NEWER = Source(title="Vorlage", reference="DS 0815/25")
SAID: dict[str, Any] = {
    "entry": "EF-7",
    "text": "So ist es.",
    "sources": [NEWER],
    "as_of": "2025-03",
    "certainty": "official",
}


def after(edit: Revising, *facts: Fact, **fields: Any) -> Entry:
    entry = an_entry("EF-7", facts=facts, **fields)
    return edit.revise(entry, {fact.id for fact in facts})


def ids(facts: Sequence[Fact]) -> list[str]:
    return [fact.id for fact in facts]


STATUS = a_fact("Läuft.", id="F-OLD", aspect="status", phase="in_progress", as_of="2024")


def test_a_status_takes_the_place_of_the_former_one() -> None:
    summary = a_fact(id="F-SUM")
    remark = a_fact("Es hakt.", id="F-REM", aspect="status")
    entry = after(SetStatus(**SAID, phase="done"), summary, STATUS, remark)
    new = entry.facts[1]
    assert ids(entry.facts) == ["F-SUM", new.id, "F-REM"]
    assert (new.aspect, new.phase, new.known) == (Aspect.STATUS, Phase.DONE, True)
    assert (new.text, new.sources, new.certainty) == ("So ist es.", (NEWER,), Certainty.OFFICIAL)
    assert new.as_of == PartialDate(2025, 3)
    assert (entry.phase, entry.phase_fact) == (Phase.DONE, new)


def test_a_status_from_a_later_time_stays_and_counts() -> None:
    later = STATUS.model_copy(update={"as_of": PartialDate(2025, 4)})
    entry = after(SetStatus(**SAID, phase="done"), later)
    assert ids(entry.facts)[1:] == ["F-OLD"]
    assert entry.phase is Phase.IN_PROGRESS


def test_which_facts_no_longer_hold_can_be_said() -> None:
    later = STATUS.model_copy(update={"as_of": PartialDate(2025, 4)})
    edit = SetStatus(**SAID, phase="done", replaces=["F-OLD"])
    assert after(edit, later).phase is Phase.DONE
    with pytest.raises(EditError) as caught:
        after(edit)
    assert caught.value.why is Obstacle.NO_FACT
    kept = after(SetStatus(**SAID, phase="done", replaces=[]), STATUS)
    assert ids(kept.facts)[1:] == ["F-OLD"]


def test_what_is_about_other_entries_too_stays_without_its_phase() -> None:
    shared = a_fact(
        id="F-OLD", aspect="status", phase="planned", also=[{"entry": "B", "aspect": "status"}]
    )
    entry = after(SetStatus(**SAID, phase="done"), shared)
    assert entry.facts[1] == shared.model_copy(update={"phase": None})


def test_that_something_is_not_known_goes_with_what_it_said_of_others() -> None:
    unknown = a_fact(
        id="F-OLD", aspect="status", known=False, also=[{"entry": "B", "aspect": "status"}]
    )
    entry = after(SetStatus(**SAID, phase="done"), unknown)
    assert "F-OLD" not in ids(entry.facts)


@pytest.mark.parametrize(
    ("phase", "aspect"),
    [("done", Aspect.RESULT), ("postponed", Aspect.REASON), ("in_progress", Aspect.REASON)],
)
def test_a_note_says_what_was_done_or_why_not(phase: str, aspect: Aspect) -> None:
    edit = SetStatus(**SAID, phase=phase, note="Das Amt hat es erklärt.", occurred="2025-02-01")
    unknown = a_fact("Nicht bekannt.", id="F-X", aspect=aspect, known=False)
    other = a_fact("Auch das.", id="F-Y", aspect=aspect)
    entry = after(edit, unknown, other)
    (note,) = (fact for fact in entry.facts if fact.text == "Das Amt hat es erklärt.")
    assert (note.aspect, note.sources, note.as_of) == (aspect, (NEWER,), PartialDate(2025, 3))
    assert note.occurred == PartialDate(2025, 2, 1)
    assert {"F-X", "F-Y"} & set(ids(entry.facts)) == {"F-Y"}


def test_an_unknown_phase_is_a_fact_that_it_is_not_known() -> None:
    entry = after(SetStatus(**SAID, phase="unknown"), STATUS)
    assert [(f.phase, f.known) for f in entry.facts] == [(Phase.UNKNOWN, False)]


def test_a_date_moves_with_its_reason() -> None:
    former = a_fact(id="F-D", aspect="due", due="2025-06")
    entry = after(SetDue(**SAID, due="Ende 2026", note="Mittel fehlen."), former)
    assert [(f.aspect, f.due) for f in entry.facts] == [
        (Aspect.DUE, PartialDate.parse("Ende 2026")),
        (Aspect.REASON, None),
    ]
    assert entry.due == PartialDate.parse("Ende 2026")


def test_a_date_that_sources_do_not_tell_replaces_the_one_they_told() -> None:
    entry = after(SetDue(**SAID, due=None), a_fact(id="F-D", aspect="due", due="2025-06"))
    assert [(f.aspect, f.due, f.known) for f in entry.facts] == [(Aspect.DUE, None, False)]
    known = after(SetDue(**SAID, due="2026"), *entry.facts)
    assert [(f.due, f.known) for f in known.facts] == [(PartialDate(2026), True)]


def test_who_is_responsible_replaces_who_was() -> None:
    former = a_fact(id="F-R", aspect="responsible")
    later = a_fact(id="F-L", aspect="responsible", as_of="2025-10")
    entry = after(SetResponsible(**SAID), former, later)
    assert ids(entry.facts)[1:] == ["F-L"]
    (unknown,) = after(SetResponsible(**SAID, known=False), former).facts
    assert not unknown.known


def test_a_fact_of_any_aspect_is_added_before_those_of_its_aspect() -> None:
    also = [{"entry": "EF-8", "aspect": "status"}]
    edit = AddFact(**SAID, aspect="cost", known=False, disputed=True, occurred="2024", also=also)
    entry = after(edit, a_fact(id="F-1"), a_fact(id="F-2", aspect="cost"))
    new = entry.facts[1]
    assert ids(entry.facts) == ["F-1", new.id, "F-2"]
    assert (new.aspect, new.known, new.disputed) == (Aspect.COST, False, True)
    assert (new.occurred, new.also[0].entry) == (PartialDate(2024), "EF-8")
    replaced = after(AddFact(**SAID, aspect="cost", replaces=["F-2"]), *entry.facts)
    assert "F-2" not in ids(replaced.facts)


def test_the_same_fact_twice_changes_nothing() -> None:
    edit = AddFact(**SAID, aspect="cost")
    once = after(edit)
    assert edit.revise(once, set(ids(once.facts))) == once


def test_a_corrected_fact_stays_the_same_fact() -> None:
    former = STATUS.model_copy(update={"dating": "Jahr abgeleitet"})
    edit = CorrectFact.of("EF-7", former)
    assert after(edit, former).facts == (former,)
    corrected = edit.model_copy(update={"text": "Läuft seit Mai.", "as_of": None})
    expected = former.model_copy(update={"text": "Läuft seit Mai.", "as_of": None})
    assert after(corrected, a_fact(id="F-1"), former).facts[1] == expected


def test_a_fact_is_removed() -> None:
    edit = RemoveFact(entry="EF-7", fact="F-1")
    assert ids(after(edit, a_fact(id="F-1"), a_fact(id="F-2")).facts) == ["F-2"]


def test_names_numbers_places_and_rhythms_are_exchanged() -> None:
    rhythm = Rhythm(months=24, since=PartialDate(2023))
    entry = after(Rename(entry="EF-7", title="Abgleich"))
    entry = SetNumber(entry="EF-7", number="2170/24").revise(entry, ())
    entry = Move(entry="EF-7", parent="EF-MP").revise(entry, ())
    entry = SetRhythm(entry="EF-7", rhythm=rhythm).revise(entry, ())
    assert entry == an_entry(
        "EF-7", title="Abgleich", number="2170/24", parent="EF-MP", rhythm=rhythm
    )
    entry = SetRhythm(entry="EF-7", rhythm=None).revise(entry, ())
    entry = SetNumber(entry="EF-7", number=None).revise(entry, ())
    assert Move(entry="EF-7", parent=None).revise(entry, ()) == an_entry("EF-7", title="Abgleich")


def test_names_and_links_come_and_go() -> None:
    entry = after(AddAlias(entry="EF-7", alias=" Kriterien "))
    assert entry.aliases == ("Kriterien",)
    assert RemoveAlias(entry="EF-7", alias="KRITERIEN").revise(entry, ()).aliases == ()
    link = {"entry": "EF-7", "relation": "depends_on", "target": "TH-IK"}
    entry = AddLink(**link, note="wartet auf Mittel").revise(entry, ())
    assert [(found.relation, found.target, found.note) for found in entry.links] == [
        (Relation.DEPENDS_ON, "TH-IK", "wartet auf Mittel")
    ]
    assert RemoveLink(**link).revise(entry, ()).links == ()


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (AddAlias(entry="EF-7", alias="NAME"), Obstacle.ALIAS_TAKEN),
        (RemoveAlias(entry="EF-7", alias="Titel"), Obstacle.NO_ALIAS),
        (AddLink(entry="EF-7", relation="related", target="B"), Obstacle.LINK_TAKEN),
        (AddLink(entry="EF-7", relation="related", target="EF-7"), Obstacle.TO_ITSELF),
        (RemoveLink(entry="EF-7", relation="document", target="B"), Obstacle.NO_LINK),
        (Move(entry="EF-7", parent="EF-7"), Obstacle.TO_ITSELF),
        (RemoveFact(entry="EF-7", fact="F-9"), Obstacle.NO_FACT),
        (CorrectFact.of("EF-7", a_fact(id="F-9")), Obstacle.NO_FACT),
    ],
)
def test_what_cannot_be_done_is_refused(edit: Revising, why: Obstacle) -> None:
    entry = an_entry("EF-7", aliases=["Name"], links=[{"relation": "related", "target": "B"}])
    with pytest.raises(EditError) as caught:
        edit.revise(entry, ())
    assert (caught.value.why, caught.value.entry) == (why, "EF-7")


@pytest.mark.parametrize(
    "fields",
    [
        {"text": ""},
        {"text": "x" * 1501},
        {"text": "a\0b"},
        {"sources": []},
        {"as_of": "gestern"},
        {"certainty": "sure"},
        {"phase": "finished"},
        {"entry": "ef 7"},
        {"colour": "red"},
    ],
)
def test_an_edit_refuses_what_no_entry_could_hold(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SetStatus.model_validate({**SAID, "phase": "done", **fields})


def test_a_form_asks_for_the_matter_before_its_source() -> None:
    form = Form(do="set_status")
    assert form.missing == ("entry", "phase", "text", "sources", "as_of", "certainty")
    form = form.filled(entry="EF-7", phase=Phase.DONE, text="Fertig.")
    assert form.missing == ("sources", "as_of", "certainty")
    form = form.filled(sources=[A_SOURCE], as_of=None, certainty="public")
    assert form.missing == ()
    edit = form.edit()
    assert isinstance(edit, SetStatus)
    assert (edit.phase, edit.as_of, edit.sources) == (Phase.DONE, None, (A_SOURCE,))


def test_a_form_survives_being_written_down() -> None:
    form = Form(do="set_due").filled(due=PartialDate.parse("Ende 2026"), sources=[A_SOURCE])
    assert Form.model_validate_json(form.model_dump_json()) == form
    assert form.given["due"] == "2026-late"


@pytest.mark.parametrize(
    ("name", "value"), [("due", "irgendwann"), ("text", ""), ("sources", []), ("entry", "🤷")]
)
def test_a_form_refuses_a_value_at_once(name: str, value: object) -> None:
    with pytest.raises(ValidationError):
        Form(do="set_due").filled(**{name: value})


@pytest.mark.parametrize("do", ["", "drop_table"])
def test_a_form_of_an_unknown_kind_becomes_no_edit(do: str) -> None:
    with pytest.raises(ValidationError):
        Form(do=do).edit()


@pytest.mark.parametrize("kind", get_args(get_args(Edit)[0]))
def test_every_edit_can_be_asked_for(kind: type[Revising]) -> None:
    assert Form(do=kind.model_fields["do"].default).missing[0] == "entry"
