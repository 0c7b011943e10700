"""What is asked and offered: a sentence for every part, buttons that Telegram takes."""

from datetime import UTC, date, datetime
from typing import get_args

import pytest

from handlers.editing.filling import answer, choose
from handlers.editing.forms import Desk, Special, advanced, choices, pending, suggestion
from handlers.editing.preview import additions, corrections, menu, reference_to, referred, screen
from handlers.editing.tasks import Task, filling, tasks_for
from handlers.messages import plain, render
from handlers.typed.unfit import UnfitError
from knowledge.editing.drafts import Content, Draft
from knowledge.editing.edits import Edit, Form, Move, SetStatus
from knowledge.entries import LONGEST_KEY, Aspect, Kind, Link, Phase, Relation
from knowledge.reporting.gaps import Gap
from knowledge.snapshot import Snapshot
from knowledge.storage.row_ids import ID_BITS
from tests.support.builders import A_SOURCE, a_fact, an_entry

TODAY = date(2025, 10, 20)
KEY = "X" * LONGEST_KEY
ENTRY = an_entry(
    KEY,
    title="Ein Titel von einiger Länge, wie ihn Pläne von Städten haben",
    parent="ERFURT",
    aliases=["Alias " + "y" * 190],
    links=[Link(relation=Relation.RELATED, target="Z" * LONGEST_KEY)],
    facts=[a_fact("Lang. " * 100, id="F" * LONGEST_KEY, aspect=Aspect.STATUS, phase="planned")],
)
SNAPSHOT = Snapshot(
    [
        an_entry("ERFURT", kind=Kind.BODY, title="Stadt Erfurt"),
        ENTRY,
        an_entry("Z" * LONGEST_KEY, title="Zweiter", parent=KEY, kind=Kind.MILESTONE),
    ],
    revision=1,
)
DESK = Desk(SNAPSHOT, TODAY, "ERFURT", (A_SOURCE,))
NAMES = sorted(
    {
        (edit.model_fields["do"].default, name)
        for edit in get_args(get_args(Edit)[0])
        for name, field in edit.model_fields.items()
        if field.is_required()
    }
    | {("withdraw", "below"), ("remove_link", "link")}
)


def a_draft(content: Content) -> Draft:
    """A draft with the longest reference that a button has to carry."""
    moment = datetime(2025, 10, 20, tzinfo=UTC)
    return Draft(2**ID_BITS - 1, 1, 1, 0xFFFFFF, 1, content, moment)


@pytest.mark.parametrize(("do", "name"), NAMES)
def test_every_part_of_every_edit_has_its_question(do: str, name: str) -> None:
    words: dict[str, object] = {
        "do": do,
        "given": {},
        "entry": None,
        "unfit": None,
        "suggestion": "",
    }
    heading = plain(render("question", name="", **words))
    asked = plain(render("question", name=name, **words)).removeprefix(heading)
    assert asked.strip().endswith((".", "?"))


@pytest.mark.parametrize("task", Task)
def test_the_buttons_of_every_task_fit_the_longest_names(task: Task) -> None:
    draft = a_draft(Content(form=task.form_for(KEY)))
    for row in screen(draft, SNAPSHOT, DESK).buttons:
        assert all(button.text for button in row)


def test_previews_menus_and_corrections_fit_the_longest_names() -> None:
    edit = SetStatus(
        entry=KEY,
        phase=Phase.IN_PROGRESS,
        text="Es läuft.",
        sources=(A_SOURCE,),
        as_of="2025",
        certainty="official",
    )
    draft = a_draft(Content(edits=(edit, Move(entry=KEY, parent=None))))
    labels = [b.text for row in screen(draft, SNAPSHOT, DESK).buttons for b in row]
    assert labels[:3] == ["+ Termin", "+ Zuständigkeit", "Veröffentlichen"]
    assert "Stand: in Umsetzung" in [b.text for row in corrections(draft).buttons for b in row]
    assert "Gehört zu: keine Angabe" in [b.text for r in corrections(draft).buttons for b in r]
    assert additions(draft, ENTRY).buttons
    assert menu(ENTRY).buttons


def test_a_button_names_a_draft_and_its_version() -> None:
    draft = a_draft(Content())
    assert referred(reference_to(draft)) == (draft.id, draft.version)


@pytest.mark.parametrize("key", ["", "x", "12", "-1", "1-", "f" * 13 + "-1", "1-fffffff", "É-1"])
def test_what_names_no_draft_is_noticed(key: str) -> None:
    assert referred(key) is None


@pytest.mark.parametrize("gap", Gap)
def test_what_fills_a_gap_leads_to_a_fact_of_its_aspect(gap: Gap) -> None:
    form = filling(gap).form_for(KEY)
    aspects = {"set_due": "due", "set_responsible": "responsible"}
    assert aspects.get(form.do, form.given.get("aspect")) == gap.aspect


def test_only_what_can_be_done_is_in_the_menu() -> None:
    bare = an_entry("EF-1")
    assert not {Task.CORRECT, Task.REMOVE, Task.NO_ALIAS, Task.NO_LINK} & set(tasks_for(bare))
    assert {Task.CORRECT, Task.REMOVE, Task.NO_ALIAS, Task.NO_LINK} <= set(tasks_for(ENTRY))


@pytest.mark.parametrize("task", Task)
@pytest.mark.parametrize("value", ["", "nonsense", "unknown", "EF-7", "\u202e", "x" * 40])
def test_what_was_not_offered_cannot_be_chosen(task: Task, value: str) -> None:
    form = task.form_for(KEY)
    name = pending(form, SNAPSHOT)
    if name is None or value in {choice.value for choice in choices(form, name, DESK)}:
        return
    with pytest.raises(UnfitError):
        choose(form, name, value, DESK)


@pytest.mark.parametrize("task", Task)
@pytest.mark.parametrize("text", ["", "\x07", "\ud800", "x" * 4096, "🙂" * 900, "<b>&amp;</b>"])
def test_whatever_is_typed_is_taken_or_refused_with_a_reason(task: Task, text: str) -> None:
    form = task.form_for(KEY)
    name = pending(form, SNAPSHOT)
    if name is None:
        return
    problem = None
    try:
        assert answer(form, name, text, DESK) != form
    except UnfitError as exc:
        problem = exc
    if problem is not None:
        assert plain(render("unfit", problem=problem.problem, limit=problem.limit))


def test_a_form_becomes_an_edit_when_nothing_is_missing() -> None:
    form = Form(do="create").filled(kind=Kind.MILESTONE, parent=KEY, title="Bericht")
    content = advanced(Content(form=form), SNAPSHOT)
    assert [edit.do for edit in content.edits] == ["create"]
    assert content.form == Form(do="set_due", given={"entry": content.edits[0].entry})


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        (Form(do="set_status").filled(phase=Phase.DONE), "Stand: umgesetzt."),
        (
            Form(do="set_status").filled(phase=Phase.UNKNOWN),
            "Der Stand ist in den Quellen nicht genannt.",
        ),
        (Form(do="set_due").filled(due="Ende 2026"), "Termin: Ende 2026."),
        (Form(do="set_due").filled(due=None), "Ein Termin ist in den Quellen nicht genannt."),
        (Form(do="add_fact"), ""),
    ],
)
def test_a_sentence_is_suggested_that_says_no_more_than_was_given(
    form: Form, sentence: str
) -> None:
    assert suggestion(form) == sentence
    offered = {choice.value for choice in choices(form, "text", DESK)}
    assert (Special.SUGGESTED in offered) is bool(sentence)
