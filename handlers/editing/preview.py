"""What an editor sees of a draft: the next question, or old and new side by side."""

from __future__ import annotations

import re
from collections.abc import Sequence

from telegram import InlineKeyboardButton

from handlers.buttons import Action, button, label, rows
from handlers.editing.forms import (
    Choice,
    Desk,
    asked_again,
    choices,
    pending,
    reference,
    suggestion,
)
from handlers.editing.tasks import Task, filling, tasks_for
from handlers.messages import PHRASES, Reply, render
from handlers.typed.unfit import UnfitError
from handlers.typed.words import normal
from knowledge.consistency import InconsistentError, Problem
from knowledge.differences import Part
from knowledge.editing.drafts import Content, Draft
from knowledge.editing.edits import Edit, EditError, Form, Obstacle
from knowledge.editing.proposals import Proposal, propose
from knowledge.entries import Aspect, Certainty, Entry, Phase, Rhythm, Source
from knowledge.notification.audience import chats_told, concerns_subscriptions
from knowledge.partial_date import PartialDate
from knowledge.reporting.gaps import gaps
from knowledge.snapshot import Snapshot

NARROW = 20
"""Characters of the longest label with which two buttons fit beside each other on a phone."""

_DRAFT = re.compile(r"([0-9a-f]{1,12})-([0-9a-f]{1,6})")

GO_ON = "on"
"""What a button asks for that shows a draft as it is."""

MOST_STILL_TOLD = 3
"""Statements with a date that is moved, of which a preview warns."""

MOST_NAMESAKES = 3
"""Entries of the same title that a preview names."""

MOST_CHOICES = 90
"""Buttons of a question or a list; Telegram takes 100 below a message."""


def reference_to(draft: Draft) -> str:
    """How buttons name a draft in its present version."""
    return f"{draft.id:x}-{draft.version:x}"


def referred(key: str) -> tuple[int, int] | None:
    """Number and version of the draft that a button names; None if it names none."""
    match = _DRAFT.fullmatch(key)
    return (int(match[1], 16), int(match[2], 16)) if match else None


def state(edits: Sequence[Edit], snapshot: Snapshot) -> Snapshot:
    """The knowledge base as edits would have it; as it is where they cannot be carried out."""
    if not edits:
        return snapshot
    try:
        return propose(edits, snapshot).after
    except (EditError, InconsistentError):
        return snapshot


def screen(
    draft: Draft, snapshot: Snapshot, desk: Desk, *, unfit: UnfitError | None = None
) -> Reply:
    """What is shown of a draft next.

    Args:
        draft: The draft.
        snapshot: The knowledge base as it is.
        desk: In view of what questions are asked.
        unfit: What of the last answer or command was of no use.
    """
    form = draft.content.form
    if form is not None and form.do != "create" and "entry" in form.given:
        key = str(form.given["entry"])
        if desk.snapshot.get(key) is None:  # withdrawn meanwhile: further answers lead nowhere
            return _impossible(draft, EditError(Obstacle.NO_ENTRY, key), snapshot)
    if form is not None:
        return _question(draft, form, desk, unfit)
    try:
        proposal = propose(draft.content.edits, snapshot, seen=draft.base)
    except EditError as exc:
        if _changes_nothing(exc) and draft.content.edits:
            return corrections(draft, unchanged=True)
        return _impossible(draft, exc, snapshot)
    except InconsistentError as exc:
        return _impossible(draft, None, snapshot, problems=exc.problems)
    return _preview(draft, proposal, desk, unfit)


def reopened(content: Content, snapshot: Snapshot) -> Content:
    """A draft with the part open that is at fault, if it cannot be done and that is clear."""
    name = _at_fault(content)
    try:
        if name is not None:
            propose(content.edits, snapshot)
    except (EditError, InconsistentError) as exc:
        if not _changes_nothing(exc):
            return asked_again(content, len(content.edits) - 1, str(name))
    return content


def _at_fault(content: Content) -> str | None:
    """The part that is at fault if a draft cannot be done; None where a button has to say it."""
    if content.form is not None or not content.edits:
        return None
    return _AT_FAULT.get(content.edits[-1].do)


_AT_FAULT = {"move": "parent", "add_alias": "alias", "add_link": "target"}
"""What was answered last to edits in which nothing else can stand in the way."""


def _changes_nothing(exc: Exception) -> bool:
    return isinstance(exc, EditError) and exc.why is Obstacle.NOTHING_CHANGES


def _question(draft: Draft, form: Form, desk: Desk, unfit: UnfitError | None) -> Reply:
    name = pending(form, desk.snapshot) or ""
    near = [Choice(label(entry), entry.key) for entry in (unfit.near if unfit else ())]
    offered = [
        button(choice.label, Action.DRAFT_CHOOSE, reference_to(draft), choice.value)
        for choice in (*near, *choices(form, name, desk))[:MOST_CHOICES]
    ]
    short = all(len(b.text) <= NARROW for b in offered)
    markup = render(
        "question",
        name=name,
        do=form.do,
        given=form.given,
        entry=desk.entry_of(form),
        unfit=unfit,
        suggestion=suggestion(form),
    )
    last = [_discard(draft)]
    if draft.content.former:
        back = f"‹ {PHRASES['button']['back']}"
        last.insert(0, _shown_again(draft, back))
    return Reply(markup, [*rows(offered, 2 if short else 1), last])


def _preview(draft: Draft, proposal: Proposal, desk: Desk, unfit: UnfitError | None) -> Reply:
    # Where something is withdrawn, others that are rid of it are none of the editor's business.
    edited = {edit.entry for edit in draft.content.edits}
    changed = [entry for entry in proposal.changed if entry.key in edited]
    missing = {entry.key: gaps(entry.key, proposal.after, desk.today) for entry in changed}
    gone = sorted(proposal.withdrawn, key=lambda entry: entry.key not in edited)
    as_list = len(gone) > 1
    markup = render(
        "preview",
        unfit=unfit,
        differences=[
            difference
            for difference in proposal.differences
            if not (as_list and difference.part is Part.ENTRY and difference.new is None)
        ],
        gone=gone if as_list else [],
        uncounted=_uncounted(proposal),
        entries={**proposal.before.entries, **proposal.after.entries},
        overruled=proposal.overruled,
        namesakes=_namesakes(proposal),
        missing=missing,
        beside=[(fact, proposal.after.owner(fact)) for fact in proposal.told_beside],
        still_told=proposal.still_told[:MOST_STILL_TOLD],
        told=len(chats_told(proposal, desk.subscriptions)),
        askers=desk.askers,
        concerns=concerns_subscriptions(proposal, desk.subscriptions),
    )
    several = len([key for key, found in missing.items() if found]) > 1
    filled_by = [
        button(
            f"+ {PHRASES['gap'][gap]}" + (f" ({key})" if several else ""),
            Action.DRAFT_ADD,
            reference_to(draft),
            f"{filling(gap)}-{key}",
        )
        for key, found in missing.items()
        for gap in found
    ]
    remove = Task.REMOVE
    owners = {proposal.after.owner(fact).key for fact in proposal.told_beside}
    filled_by += [
        button(PHRASES["task"][remove], Action.DRAFT_ADD, reference_to(draft), f"{remove}-{key}")
        for key in missing
        if key in owners
    ]
    publish = button(PHRASES["button"]["publish"], Action.DRAFT_PUBLISH, reference_to(draft))
    more = [
        button(PHRASES["button"]["add"], Action.DRAFT_ADD, reference_to(draft), f"-{entry.key}")
        for entry in changed[:1]
    ]
    return Reply(markup, [*rows(filled_by[:MOST_CHOICES], 1), [publish], more, _lower_row(draft)])


def _uncounted(proposal: Proposal) -> list[tuple[Aspect, Entry]]:
    """Of what new facts speak without stating it in a form that counts: phase and date."""
    return [
        (aspect, entry)
        for entry in proposal.changed
        for aspect in (Aspect.STATUS, Aspect.DUE)
        if any(
            fact.aspect is aspect
            and fact.known
            and fact.phase is None
            and fact.due is None
            and fact.id not in proposal.before.facts
            for fact in entry.facts
        )
    ]


def _namesakes(proposal: Proposal) -> list[tuple[str, Entry]]:
    """Other entries with a name that is given now: most likely the same is made twice.

    A further name that another entry goes by is no better: whoever uses it may mean either.
    """
    given: set[str] = set()
    for entry in proposal.changed:
        former = proposal.before.get(entry.key)
        given |= _names(entry) - (_names(former) if former else set())
    if not given:
        return []
    changed = {entry.key for entry in proposal.changed}
    return [
        (name, entry)
        for key, entry in proposal.after.entries.items()
        if key not in changed
        for name in (entry.title, *entry.aliases)
        if normal(name) in given
    ][:MOST_NAMESAKES]


def _names(entry: Entry) -> set[str]:
    return {normal(name) for name in (entry.title, *entry.aliases)}


def _impossible(
    draft: Draft,
    exc: EditError | None,
    snapshot: Snapshot,
    *,
    problems: Sequence[Problem] = (),
) -> Reply:
    markup = render(
        "impossible",
        problems=problems,
        why=exc,
        entries=snapshot.entries,
        again=_at_fault(draft.content) is not None,
    )
    return Reply(markup, (_lower_row(draft),))


def _lower_row(draft: Draft) -> tuple[InlineKeyboardButton, ...]:
    correct = button(PHRASES["button"]["correct"], Action.DRAFT_CORRECT, reference_to(draft))
    return (*([correct] if _correctable(draft) else []), _discard(draft))


def _discard(draft: Draft) -> InlineKeyboardButton:
    return button(PHRASES["button"]["discard"], Action.DRAFT_DISCARD, reference_to(draft))


def discarding(draft: Draft) -> Reply:
    """The question whether a draft is to be given up, where words said so."""
    go_on = _shown_again(draft, PHRASES["button"]["go_on"], GO_ON)
    return Reply(render("discarding"), ((_discard(draft), go_on),))


def _to_preview(draft: Draft) -> InlineKeyboardButton:
    return _shown_again(draft, PHRASES["button"]["to_preview"])


def _shown_again(draft: Draft, text: str, how: str = "preview") -> InlineKeyboardButton:
    return button(text, Action.DRAFT_CORRECT, reference_to(draft), how)


def corrections(draft: Draft, *, unchanged: bool = False) -> Reply:
    """The parts of a draft, each with a button to give it anew.

    Args:
        draft: The draft.
        unchanged: Whether all is as the draft would have it, so that there is no preview.
    """
    listed = [
        [
            button(
                f"{PHRASES['part'][name]}: {_worded(name, getattr(edit, name))}",
                Action.DRAFT_CORRECT,
                reference_to(draft),
                f"{number}-{name}",
            )
        ]
        for number, edit, name in _correctable(draft)
    ]
    markup = render("corrections", edits=draft.content.edits, unchanged=unchanged)
    last = [*([] if unchanged else [_to_preview(draft)]), _discard(draft)]
    return Reply(markup, [*listed[:MOST_CHOICES], last])


def _correctable(draft: Draft) -> list[tuple[int, Edit, str]]:
    """The parts of a draft that can be given anew, by number of the edit."""
    return [
        (number, edit, name)
        for number, edit in enumerate(draft.content.edits)
        for name in type(edit).model_fields
        if is_correctable(edit, name)
    ]


def is_correctable(edit: Edit, name: str) -> bool:
    """Whether a part of an edit can be given anew."""
    return name in type(edit).model_fields and name in PHRASES["part"]


def _worded(name: str, value: object) -> str:
    match value:
        case None:
            return str(PHRASES["choice"]["none"])
        case PartialDate():
            return value.german()
        case Phase():
            return str(PHRASES["phase"][value])
        case Certainty():
            return str(PHRASES["certainty"][value])
        case Rhythm():
            return str(PHRASES["choice"]["rhythm"]).format(
                months=value.months, since=value.since.german()
            )
        case (Source() as first, *_):
            return reference(first)
    return str(PHRASES.get(name, {}).get(str(value), value))


def additions(draft: Draft, entry: Entry) -> Reply:
    """What more can be done to an entry in the same draft."""
    listed = [
        button(PHRASES["task"][task], Action.DRAFT_ADD, reference_to(draft), f"{task}-{entry.key}")
        for task in tasks_for(entry)
        if task is not Task.WITHDRAW
    ]
    return Reply(render("menu", entry=entry), [*rows(listed, 2), [_to_preview(draft)]])


def menu(entry: Entry, tasks: Sequence[Task] | None = None) -> Reply:
    """What can be done to an entry; choosing begins a draft."""
    listed = [
        button(PHRASES["task"][task], Action.EDIT, entry.key, task)
        for task in (tasks_for(entry) if tasks is None else tasks)
    ]
    return Reply(render("menu", entry=entry), rows(listed, 2))
