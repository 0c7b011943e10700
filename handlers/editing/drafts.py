"""Drafts in the chat: asking for what is missing, previewing, publishing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import structlog
from telegram import Message
from telegram.error import TelegramError
from telegram.ext import BaseHandler

from handlers.buttons import Action, Press, button, label
from handlers.editing import filling
from handlers.editing.forms import Desk, advanced, asked_again, given_up, pending
from handlers.editing.preview import (
    GO_ON,
    additions,
    corrections,
    discarding,
    is_correctable,
    menu,
    referred,
    reopened,
    screen,
    state,
)
from handlers.editing.tasks import Task
from handlers.history import undo_button
from handlers.messages import Reply, edit, plain, render, send, split
from handlers.rights import command_for, press_for, refused_press
from handlers.services import Services
from handlers.typed.unfit import Problem, UnfitError
from handlers.typed.words import AGREEING, cancels, normal
from knowledge.consistency import InconsistentError
from knowledge.editing.drafts import Closed, Content, Draft, DraftError
from knowledge.editing.edits import EditError, Form, Sourced
from knowledge.editing.proposals import propose
from knowledge.people import Member, PeopleError, Role
from knowledge.storage.store import ConflictError, UnchangedError

log = structlog.get_logger(__name__)

MOST_SOURCES = 4
"""Recently used sources that are offered."""

SHORTEST_CUT = 3_500
"""Characters from which a text may be the first part of a longer one, which Telegram cuts."""

SENT_TOGETHER = 3
"""Seconds in which the next part follows, and nobody writes a shorter text."""

_Act = Callable[[Services, Member, Draft, Press, Message], Awaitable[str | None]]


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The buttons of drafts, and /abbrechen."""
    acts: dict[Action, _Act] = {
        Action.DRAFT_CHOOSE: _choose,
        Action.DRAFT_PUBLISH: _publish,
        Action.DRAFT_CORRECT: _correct,
        Action.DRAFT_ADD: _add,
        Action.DRAFT_DISCARD: _discard,
    }
    return [
        command_for(Role.EDITOR, services, "abbrechen", partial(_cancel, services)),
        press_for(Role.EDITOR, services, Action.EDIT, partial(_begin_task, services)),
        *(
            press_for(Role.EDITOR, services, action, partial(_with_draft, services, act))
            for action, act in acts.items()
        ),
    ]


async def begin(
    services: Services,
    member: Member,
    message: Message,
    form: Form,
    *,
    then: Form | None = None,
    unfit: UnfitError | None = None,
    answers: Sequence[int] = (),
) -> None:
    """Open a draft with a form and ask for what is missing, or show what it comes to.

    Args:
        services: The knowledge base and its surroundings.
        member: Whose draft it is.
        message: A message of the chat in which it is written.
        form: The form, as far as it is filled in.
        then: What is asked for next about the entry that the form makes.
        unfit: What of the command was of no use.
        answers: Numbers of the questions handed over that its publication answers.
    """
    now, snapshot = services.clock(), services.snapshot
    former = await services.drafts.open(member.user_id, message.chat_id, now=now)
    number = message.message_id
    new = Content(form=form, then=then, answers=tuple(answers), begun=number, taken=number)
    content = advanced(new, snapshot)
    typed = message.from_user is not None and message.from_user.id == member.user_id
    if former is not None and former.content != content:
        again = number <= former.content.taken if typed else _began_as(former.content, new)
        if again:
            # A command or press that comes again must not undo what was answered since.
            await _show(services, member, former, message)
            return
        # Said before it is done: what comes again after that finds no other draft any more.
        await send(message, render("given_up", content=former.content, snapshot=snapshot))
    draft = await services.drafts.begin(
        member.user_id, message.chat_id, content, base=snapshot.revision, now=now
    )
    await _show(services, member, draft, message, unfit=unfit)


def _began_as(content: Content, new: Content) -> bool:
    """Whether a draft was begun below the same message, and with the same, as a new one."""
    first = next(iter((*content.former, *content.edits)), content.form)
    form = new.form
    if first is None or form is None or first.do != form.do:
        return False
    given = first.given if isinstance(first, Form) else first.model_dump(mode="json")
    is_same = all(given.get(name) == value for name, value in form.given.items())
    return is_same and (content.begun, content.answers) == (new.begun, new.answers)


async def take_text(
    services: Services, member: Member, draft: Draft, message: Message, text: str
) -> None:
    """Put what was typed into the form of an open draft, once: if it comes again, only show it."""
    if message.message_id <= draft.content.taken:
        await _show(services, member, draft, message)
        return
    content = reopened(draft.content, services.snapshot)
    desk = await _desk(services, member, content)
    form = content.form
    name = pending(form, desk.snapshot) if form else None
    if form is None or name is None:
        await _show(services, member, draft, message)
        return
    if cancels(text):
        await send(message, discarding(draft))
        return
    unfit = None
    written = int(message.date.timestamp())
    try:
        _refuse_rest(content, written)
        filled = filling.answer(form, name, text, desk)
        content = content.model_copy(update={"form": filled, "taken": message.message_id})
    except UnfitError as exc:
        unfit = exc
        if len(text) >= SHORTEST_CUT:
            content = content.model_copy(update={"refused_at": written})
    try:
        if content is not draft.content:
            draft = await _save(services, draft, content)
    except DraftError as exc:
        await send(message, _closed(exc))
        return
    await _show(services, member, draft, message, unfit=unfit)


def _refuse_rest(content: Content, written: int) -> None:
    """Refuse what was written together with a text that was too long, and cut by Telegram."""
    if written - content.refused_at <= SENT_TOGETHER:
        raise UnfitError(Problem.REST)


async def say_to_tap(services: Services, member: Member, draft: Draft, message: Message) -> None:
    """Point to the buttons of a preview, which do what was typed."""
    desk = await _desk(services, member, draft.content)
    shown = screen(draft, services.snapshot, desk)
    await send(message, Reply(render("to_tap"), shown.buttons))


def is_for_buttons(text: str) -> bool:
    """Whether a text is what somebody would say to a preview rather than a question."""
    return normal(text) in AGREEING or cancels(text)


async def repeat(
    services: Services, member: Member, draft: Draft, message: Message, said: str
) -> None:
    """Say something that was not understood, and show the draft as it is."""
    await send(message, said)
    await _show(services, member, draft, message)


async def say_lapsed(services: Services, draft: Draft, message: Message) -> None:
    """Say, once, that the draft for which a text may be meant has expired, and how to go on."""
    snapshot, content = services.snapshot, draft.content
    keys = [edit.entry for edit in content.edits]
    if content.form is not None:
        keys.append(str(content.form.given.get("entry", "")))
    entry = next((found for key in keys if (found := snapshot.get(key)) is not None), None)
    again = [] if entry is None else [button(label(entry), Action.EDIT, entry.key)]
    said = render("lapsed", content=content, snapshot=snapshot, entry=entry)
    await send(message, said, [again])
    await services.drafts.forget(draft)


async def _cancel(services: Services, member: Member, message: Message, _: str) -> None:
    now = services.clock()
    draft = await services.drafts.open(member.user_id, message.chat_id, now=now)
    try:
        if draft is not None:
            await services.drafts.discard(draft, now=now)
    except DraftError as exc:
        await send(message, _closed(exc))
        return
    upload = None if draft else await services.uploads.open(member.user_id, now=now)
    waiting = upload.name if upload else ""
    await send(message, render("discarded", found=draft is not None, waiting=waiting))


async def _begin_task(
    services: Services, member: Member, press: Press, message: Message
) -> str | None:
    entry = services.snapshot.get(press.key)
    if entry is None:
        return refused_press(press, "gone")
    if press.detail in set(Task):
        await begin(services, member, message, Task(press.detail).form_for(entry.key))
    elif press.detail:
        return _old(press)
    else:
        await _put(message, menu(entry), in_place=True)
    return None


async def _with_draft(
    services: Services, act: _Act, member: Member, press: Press, message: Message
) -> str | None:
    """Do something with the draft that a button names, or say why that is impossible."""
    named = referred(press.key)
    if named is None:
        return _old(press)
    try:
        draft = await services.drafts.load(
            named[0], member.user_id, version=named[1], now=services.clock()
        )
        return await act(services, member, draft, press, message)
    except DraftError as exc:
        log.warning("refused", what=f"button {press.action.name}", reason=exc.why)
        if exc.why is Closed.CHANGED:
            # Also after a crash between saving and showing: the editor gets on from here.
            current = await services.drafts.open(
                member.user_id, message.chat_id, now=services.clock()
            )
            if current is not None:
                await _show(services, member, current, message)
        if exc.why is Closed.PUBLISHED and exc.revision is not None:
            # Also where it was published, but the confirmation could not be delivered.
            said = render("published_above", number=exc.revision)
            await edit(message, said, [[undo_button(exc.revision)]])
        return plain(_closed(exc))


async def _choose(
    services: Services, member: Member, draft: Draft, press: Press, message: Message
) -> str | None:
    desk = await _desk(services, member, draft.content)
    form = draft.content.form
    name = pending(form, desk.snapshot) if form else None
    if form is None or name is None:
        return _old(press)
    try:
        filled = filling.choose(form, name, press.detail, desk)
    except UnfitError:
        return _old(press)
    draft = await _save(services, draft, draft.content.model_copy(update={"form": filled}))
    await _show(services, member, draft, message, in_place=True)
    return None


async def _correct(
    services: Services, member: Member, draft: Draft, press: Press, message: Message
) -> str | None:
    if press.detail == GO_ON:
        await _show(services, member, draft, message, in_place=True)
        return None
    if press.detail in {"", "preview"}:
        if press.detail:
            if draft.content.former:
                draft = await _save(services, draft, given_up(draft.content))
            await _show(services, member, draft, message, in_place=True)
        else:
            await _put(message, corrections(draft), in_place=True)
        return None
    number, _, name = press.detail.partition("-")
    edits = draft.content.edits
    if not number.isdecimal() or int(number) >= len(edits):
        return _old(press)
    if not is_correctable(edits[int(number)], name):
        return _old(press)
    draft = await _save(services, draft, asked_again(draft.content, int(number), name))
    await _show(services, member, draft, message, in_place=True)
    return None


async def _add(
    services: Services, member: Member, draft: Draft, press: Press, message: Message
) -> str | None:
    task, _, key = press.detail.partition("-")
    entry = state(draft.content.edits, services.snapshot).get(key)
    if entry is None or draft.content.form is not None or task not in {"", *Task}:
        return _old(press)
    if not task:
        await _put(message, additions(draft, entry), in_place=True)
        return None
    form = Task(task).form_for(entry.key)
    sourced = [e for e in draft.content.edits if isinstance(e, Sourced)]
    if sourced and {"sources", "as_of", "certainty"} <= set(form.missing):
        # What belongs together usually stands in one paper; it can be corrected.
        last = sourced[-1]
        form = form.filled(sources=last.sources, as_of=last.as_of, certainty=last.certainty)
    content = draft.content.model_copy(update={"form": form, "former": draft.content.edits})
    draft = await _save(services, draft, content)
    await _show(services, member, draft, message, in_place=True)
    return None


async def _discard(
    services: Services, _: Member, draft: Draft, press: Press, message: Message
) -> str | None:
    await services.drafts.discard(draft, now=services.clock())
    await edit(message, render("discarded", found=True))
    return None


async def _publish(
    services: Services, member: Member, draft: Draft, press: Press, message: Message
) -> str | None:
    if draft.content.form is not None:
        return _old(press)
    edits, snapshot, now = draft.content.edits, services.snapshot, services.clock()
    try:
        proposal = propose(edits, snapshot, seen=draft.base)
        number = await services.store.publish(
            proposal.changed,
            withdrawn=proposal.withdrawn,
            base=proposal.base,
            source=proposal.source,
            author=member.label,
            reason=plain(render("reason", edits=edits)),
            now=now,
            guards=[
                services.people.requires(member.user_id, Role.EDITOR),
                services.drafts.publishing(draft, now=now),
                services.handed_over.answering(
                    draft.content.answers, entry=edits[0].entry, now=now
                ),
            ],
        )
    except PeopleError:
        return refused_press(press, "not_allowed")
    except ConflictError as exc:
        await _show_conflict(services, member, draft, message, exc)
        return None
    except (EditError, InconsistentError):
        await _show(services, member, draft, message, in_place=True)  # says why
        return None
    except UnchangedError:
        return refused_press(press, "unchanged")
    keys = [entry.key for entry in proposal.changed]
    shown = [button(label(e), Action.ABOUT, e.key) for e in proposal.changed[:1]]
    published = [e for key in keys if (e := services.snapshot.get(key)) is not None]
    markup = render("published", number=number, entries=published, withdrawn=proposal.withdrawn)
    await send(message, markup, [shown, [undo_button(number)]])
    with suppress(TelegramError):  # what is said above is of use, but not worth a failure
        await edit(message, render("published_above", number=number))
    return None


async def _show_conflict(
    services: Services, member: Member, draft: Draft, message: Message, exc: ConflictError
) -> None:
    """Say what others changed meanwhile, then show the draft on the new state."""
    await services.store.refresh()
    snapshot = services.snapshot
    keys = {version.entry.key for version in exc.versions}
    meanwhile = await services.store.changes_between(draft.base, snapshot.revision)
    draft = await services.drafts.save(
        draft, draft.content, base=snapshot.revision, now=services.clock()
    )
    markup = render(
        "conflict",
        versions=exc.versions,
        differences=[
            d for change in meanwhile if change.after.entry.key in keys for d in change.differences
        ],
        entries=snapshot.entries,
        zone=services.zone,
    )
    await send(message, markup)
    await _show(services, member, draft, message)


async def _save(services: Services, draft: Draft, content: Content) -> Draft:
    snapshot = services.snapshot
    content = advanced(content, state(content.edits, snapshot))
    return await services.drafts.save(draft, content, base=snapshot.revision, now=services.clock())


async def _desk(services: Services, member: Member, content: Content) -> Desk:
    return Desk(
        snapshot=state(content.edits, services.snapshot),
        today=services.today,
        home=services.home,
        sources=await services.store.recent_sources(member.label, limit=MOST_SOURCES),
        subscriptions=await services.subscriptions.listed(),
        askers=await services.handed_over.awaiting(content.answers) if content.answers else 0,
    )


async def _show(
    services: Services,
    member: Member,
    draft: Draft,
    message: Message,
    *,
    in_place: bool = False,
    unfit: UnfitError | None = None,
) -> None:
    desk = await _desk(services, member, draft.content)
    await _put(message, screen(draft, services.snapshot, desk, unfit=unfit), in_place=in_place)


async def _put(message: Message, reply: Reply, *, in_place: bool) -> None:
    """Show something instead of a message of ours, if it fits into one; otherwise below."""
    if in_place and len(split(reply.markup)) == 1:
        await edit(message, reply)
    else:
        await send(message, reply)


def _closed(exc: DraftError) -> str:
    return render("closed", why=exc.why, revision=exc.revision)


def _old(press: Press) -> str:
    return refused_press(press, "outdated")
