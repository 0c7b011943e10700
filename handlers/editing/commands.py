"""The commands with which editors begin: what they say, and the form that follows from it."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from itertools import dropwhile
from typing import Any

from telegram import Message
from telegram.ext import BaseHandler

from handlers.buttons import Action, Press, button
from handlers.editing import command_lines
from handlers.editing.command_lines import Step, Typed
from handlers.editing.drafts import begin
from handlers.editing.filling import answer, fill, find
from handlers.editing.forms import Desk, pending
from handlers.editing.preview import menu
from handlers.editing.tasks import Task
from handlers.history import undo_button
from handlers.lookups import say_not_found
from handlers.messages import PHRASES, Reply, edit, render, send
from handlers.pages import entry_rows, page_of
from handlers.rights import command_for, press_for, refused_press
from handlers.services import Services
from handlers.typed.entries import beside, mentioned
from handlers.typed.sources import sourced
from handlers.typed.unfit import Problem, UnfitError
from handlers.typed.words import BESIDE_A_DATE, BESIDE_A_STATE, normal
from knowledge.editing.edits import Form
from knowledge.entries import Entry, Kind
from knowledge.partial_date import PartialDate, Precision
from knowledge.people import Member, Role
from knowledge.snapshot import Snapshot


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """All commands that begin a draft, and the buttons that lead to an entry."""
    commanded = {
        "neu": _create,
        "status": _status,
        "frist": _due,
        "zustaendig": _responsible,
        "fakt": _fact,
        "meilenstein": _milestone,
        "alias": _alias,
        "verknuepfen": _link,
        "bearbeiten": _edit,
        "zurueckziehen": _withdraw,
    }
    return [
        *(
            command_for(Role.EDITOR, services, name, partial(act, services))
            for name, act in commanded.items()
        ),
        press_for(Role.EDITOR, services, Action.PICK, partial(_pick, services)),
    ]


async def _create(services: Services, member: Member, message: Message, text: str) -> None:
    typed = command_lines.creation(text, services.snapshot)
    await _begin(services, member, message, Form(do="create"), typed)


async def _status(services: Services, member: Member, message: Message, text: str) -> None:
    typed = command_lines.status(text)
    further = _further(typed, _desk(services), BESIDE_A_STATE)
    if "phase" in typed.given and further:
        # "Fast fertig" is not "fertig", nor is "wird 2027 umgesetzt": what it means is asked.
        given = {name: value for name, value in typed.given.items() if name != "phase"}
        typed = Typed(sourced(text)[0], given)
    await _begin(services, member, message, Form(do="set_status"), typed)


def _further(typed: Typed, desk: Desk, saying_nothing: Collection[str]) -> list[str]:
    """The words of a command beside the key of its entry that may change what it says."""
    try:
        said = beside(typed.entry, find(typed.entry, desk))
    except UnfitError:
        return []
    return [word for word in said.split() if normal(word) not in saying_nothing]


async def _due(services: Services, member: Member, message: Message, text: str) -> None:
    typed = _unnarrowed(command_lines.due(text), text, _desk(services))
    await _begin(services, member, message, Form(do="set_due"), typed)


def _unnarrowed(typed: Typed, text: str, desk: Desk) -> Typed:
    """What a command says, without a month or year that further words make shorter.

    "Sommer 2026" and "1. Trimester 2026" are no year; it would be published as if it was said.
    """
    moment = typed.given.get("due")
    if not isinstance(moment, PartialDate) or moment.precision is Precision.DAY:
        return typed
    if not _further(typed, desk, BESIDE_A_DATE):
        return typed
    given = {name: value for name, value in typed.given.items() if name != "due"}
    said = beside(sourced(text)[0], find(typed.entry, desk)).split()
    quoted = dropwhile(lambda word: normal(word) in BESIDE_A_DATE, said)
    return Typed(typed.entry, given, no_date=" ".join(quoted))


async def _responsible(services: Services, member: Member, message: Message, text: str) -> None:
    typed = command_lines.responsible(text, services.snapshot)
    await _begin(services, member, message, Form(do="set_responsible"), typed)


async def _fact(services: Services, member: Member, message: Message, text: str) -> None:
    typed = command_lines.fact(text, services.snapshot)
    await _begin(services, member, message, Form(do="add_fact"), typed)


async def _alias(services: Services, member: Member, message: Message, text: str) -> None:
    typed = command_lines.alias(text, services.snapshot)
    await _begin(services, member, message, Form(do="add_alias"), typed)


async def _link(services: Services, member: Member, message: Message, text: str) -> None:
    typed, target = command_lines.link(text)
    await _begin(services, member, message, Form(do="add_link"), typed, target=target)


async def _withdraw(services: Services, member: Member, message: Message, text: str) -> None:
    await _begin(services, member, message, Form(do="withdraw"), command_lines.entry_alone(text))


async def _milestone(services: Services, member: Member, message: Message, text: str) -> None:
    step, rest = command_lines.milestone(text)
    snapshot = services.snapshot
    if step is None:
        await _offer(services, message, rest, tuple(Task[step.name] for step in Step))
    elif step is Step.MILESTONE:
        typed = command_lines.creation(rest, snapshot)
        given = {**typed.given, "kind": Kind.MILESTONE}
        milestone = Typed("", given, no_date=typed.no_date)
        await _begin(services, member, message, Task.MILESTONE.form, milestone)
    elif step is Step.DUE:
        await _due(services, member, message, rest)
    elif step is Step.RHYTHM:
        typed = command_lines.recurring(rest, snapshot)
        await _begin(services, member, message, Task.RHYTHM.form, typed)
    else:
        typed = command_lines.entry_alone(rest)
        await _begin(services, member, message, Task[step.name].form, typed)


async def _edit(services: Services, member: Member, message: Message, text: str) -> None:
    await _offer(services, message, text, None)


async def _offer(
    services: Services, message: Message, words: str, tasks: tuple[Task, ...] | None
) -> None:
    """Show what can be done to the entry that words name, or let it be picked."""
    snapshot = services.snapshot
    if not words.strip():
        page = picking(snapshot, "", 0, home=services.home)
        await send(message, page)
        return
    found = mentioned(words, services.basis)
    if found.entry is None:
        if await _said_withdrawn(services, message, words.strip().upper()):
            return
        browse = button(PHRASES["button"]["pick"], Action.PICK)
        await say_not_found(message, words, found, Action.EDIT, further=[[browse]])
        return
    offered = menu(found.entry, tasks)
    await send(message, offered)


async def _said_withdrawn(services: Services, message: Message, key: str) -> bool:
    """Say of an entry that is withdrawn by whom, and offer to take that back."""
    if key not in services.snapshot.withdrawn:
        return False
    versions = await services.store.history(key)
    said = render("withdrawn", version=versions[0], zone=services.zone)
    await send(message, said, [[undo_button(versions[0].revision)]])
    return True


async def _begin(
    services: Services,
    member: Member,
    message: Message,
    form: Form,
    typed: Typed,
    *,
    target: str = "",
) -> None:
    """Begin a draft with what a command says; what is of no use in it is asked for."""
    desk = _desk(services)
    unfit = UnfitError(Problem.NO_DATE, said=typed.no_date) if typed.no_date else None
    for name, words in (("entry", typed.entry), ("target", target)):
        if words.strip():
            try:
                form = fill(form, **{name: find(words, desk).key})
            except UnfitError as exc:
                unfit = exc
                break  # the entry is asked for first
    then = _following(form, typed)
    for name, value in typed.given.items():
        try:
            if form.takes(name):
                form = _put(form, name, value, desk)
            elif then is not None:
                then = _put(then, name, value, desk)
            else:
                unfit = unfit or UnfitError(Problem.UNSOURCED, said=str(value))
        except UnfitError as exc:
            unfit = unfit or exc
    unfit = unfit or _misread(form, typed, desk)
    await begin(services, member, message, form, then=then, unfit=unfit)


def _following(form: Form, typed: Typed) -> Form | None:
    """The form for the date of a new entry, where a command speaks of it or it is a milestone."""
    is_dated = "due" in typed.given or typed.no_date or typed.given.get("kind") is Kind.MILESTONE
    return Form(do="set_due") if form.do == "create" and is_dated else None


def _put(form: Form, name: str, value: object, desk: Desk) -> Form:
    """Fill in what a command says."""
    if name in _IN_WORDS:
        return answer(form, name, str(value), desk)
    return fill(form, **{name: value})


def _misread(form: Form, typed: Typed, desk: Desk) -> UnfitError | None:
    """What a command has beside its entry where it should have what is missing."""
    problem = _MISREAD.get(pending(form, desk.snapshot) or "")
    entry = desk.entry_of(form)
    said = beside(typed.entry, entry) if entry else ""
    return UnfitError(problem, said=said) if problem and said else None


_MISREAD = {"phase": Problem.NO_CHOICE, "due": Problem.NO_DATE}
"""Parts that stand right beside an entry, and what is wrong where something else stands there."""


_IN_WORDS = frozenset({"text", "alias", "title", "sources", "rhythm", "parent"})
"""Parts that are taken from a command as if they were typed when asked for."""


def _desk(services: Services) -> Desk:
    return Desk(snapshot=services.snapshot, today=services.today, home=services.home)


async def _pick(services: Services, _: Member, press: Press, message: Message) -> str | None:
    if press.key and services.snapshot.get(press.key) is None:
        return refused_press(press, "gone")
    if press.detail and not press.detail.isdecimal():
        return refused_press(press, "outdated")
    page = picking(services.snapshot, press.key, press.page, home=services.home)
    await edit(message, page)
    return None


def picking(snapshot: Snapshot, key: str, number: int, *, home: str | None = None) -> Reply:
    """One page of entries below an entry, to get to the one that is to be edited."""
    entry = snapshot.get(key) if key else None
    key = entry.key if entry else ""
    listed = _below(snapshot, entry, home)
    page = page_of(listed, number)
    labels = PHRASES["button"]
    rows = entry_rows(page, Action.PICK, key)
    if entry is not None:
        rows.insert(0, [button(labels["edit_this"], Action.EDIT, entry.key)])
        rows.append([button(f"‹ {labels['back']}", Action.PICK, entry.parent or "")])
    return Reply(render("picking", entry=entry), rows)


def _below(snapshot: Snapshot, entry: Entry | None, home: str | None) -> list[Entry]:
    if entry is not None:
        return list(snapshot.children(entry.key))
    tops = [e for e in snapshot.entries.values() if e.parent is None]
    return sorted(tops, key=lambda e: (e.key != home, e.kind is not Kind.BODY))
