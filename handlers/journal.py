"""/verlauf, /protokoll, /rueckgaengig: what was changed by whom, and taking it back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from telegram import Message
from telegram.ext import BaseHandler

from handlers.buttons import Action, Press, button, label
from handlers.history import history, undo_button
from handlers.lookups import say_not_found
from handlers.messages import PHRASES, Reply, edit, plain, render, send
from handlers.pages import PAGE
from handlers.rights import command_for, press_for, refused_press
from handlers.services import Services
from handlers.typed.entries import mentioned
from knowledge.consistency import InconsistentError
from knowledge.differences import Difference, compare
from knowledge.people import Member, PeopleError, Role
from knowledge.revisions import Origin, Revision, Version
from knowledge.snapshot import natural
from knowledge.storage.store import ConflictError, IrreversibleError, UnchangedError

LOOKED_THROUGH = 200
"""Newest revisions among which an editor's last one is looked for."""

LARGEST_NUMBER = 2**31 - 1
"""What a revision's number can be at most in the database."""

MOST_LATER = 5
"""Later changes that are told, and entries that are offered to be edited."""

_CONFIRMED = "yes"
"""Followed by the number of the newest later revision that the preview spoke of."""


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The three commands and their buttons."""
    return [
        command_for(Role.EDITOR, services, "verlauf", partial(_history, services)),
        command_for(Role.EDITOR, services, "protokoll", partial(_log, services)),
        command_for(Role.EDITOR, services, "rueckgaengig", partial(_undo, services)),
        press_for(Role.EDITOR, services, Action.LOG, partial(_page, services)),
        press_for(Role.EDITOR, services, Action.UNDO, partial(_press_undo, services)),
    ]


async def _history(services: Services, _: Member, message: Message, text: str) -> None:
    key = text.strip().upper()
    if key not in services.snapshot.withdrawn:
        found = mentioned(text, services.basis)
        if found.entry is None:
            await say_not_found(message, text, found, Action.HISTORY)
            return
        key = found.entry.key
    page = await _history_page(services, key, 0)
    await send(message, page)


async def _history_page(services: Services, key: str, number: int) -> Reply:
    """Versions of an entry with what each of them changed: only editors see former texts."""
    versions = await services.store.history(key)
    markup, turn = history(
        versions, number, services, lambda text, to: button(text, Action.LOG, key, to), texts=True
    )
    undo = [undo_button(v.revision) for v in versions[:1] if v.origin is not Origin.SHIPPED]
    return Reply(markup, (undo, turn))


async def _log(services: Services, member: Member, message: Message, text: str) -> None:
    if text.strip():  # who names an entry wants to know what became of that
        await _history(services, member, message, text)
        return
    page = await _log_page(services, None)
    await send(message, page)


async def _page(services: Services, _: Member, press: Press, message: Message) -> str | None:
    if press.key:
        if not press.detail.isdecimal():
            return refused_press(press, "outdated")
        if press.key not in {*services.snapshot.entries, *services.snapshot.withdrawn}:
            return refused_press(press, "gone")
        await edit(message, await _history_page(services, press.key, press.page))
        return None
    before = _number(press.detail)
    if press.detail and before is None:
        return refused_press(press, "outdated")
    page = await _log_page(services, before)
    await edit(message, page)
    return None


async def _log_page(services: Services, before: int | None) -> Reply:
    revisions = await services.store.log(limit=PAGE + 1, before=before)
    shown = revisions[:PAGE]
    turn = []
    if before is not None:
        turn.append(button(f"‹ {PHRASES['button']['newest']}", Action.LOG))
    if len(revisions) > PAGE:
        older = str(shown[-1].number)
        turn.append(button(f"{PHRASES['button']['earlier']} ›", Action.LOG, detail=older))
    markup = render("log", revisions=shown, zone=services.zone)
    return Reply(markup, (tuple(turn),))


async def _undo(services: Services, member: Member, message: Message, text: str) -> None:
    number = _number(text) if text else await _own(services, member)
    page = await _undo_preview(services, member, number, text)
    await send(message, page)


async def _own(services: Services, member: Member) -> int | None:
    """The newest revision under a member's label that is not taken back yet.

    If something came after it, that is said: an older one is not what is meant. Nothing tells
    whose a former label was: the log knows labels only, so that nobody can be found by it. Where
    none is found, that is said.
    """
    for revision in await services.store.log(limit=LOOKED_THROUGH):
        if revision.author == member.label and revision.undoes is None:
            later = await services.store.later(revision.number)
            if _undone(revision.number, later) is None:
                return revision.number
    return None


async def _undo_preview(
    services: Services, member: Member, number: int | None, wanted: str = ""
) -> Reply:
    """What would become of the knowledge base if a revision was taken back, or why it cannot be.

    Args:
        services: The knowledge base and its surroundings.
        member: Who asks.
        number: The revision; None if there is none.
        wanted: What was typed to name it.
    """
    revision = None if number is None else await _revision(services, number)
    changes = [] if revision is None else await services.store.changes(revision.number)
    if revision is None or not changes or revision.origin is Origin.SHIPPED:
        return Reply(
            render("undo", revision=None, number=number, wanted=wanted, label=member.label)
        )
    later = await services.store.later(revision.number)
    what = await services.store.undoing(revision.number)
    if _undone(revision.number, later) is not None or not what.is_possible:
        return await _conflict(services, revision, later)
    gone = {entry.key for entry in what.withdrawn}
    after = {entry.key: entry for entry in what.entries}
    differences = [
        difference
        for key in sorted({*after, *gone}, key=natural)
        for difference in compare(what.before.get(key), after.get(key))
    ]
    markup = render(
        "undo",
        revision=revision,
        number=number,
        differences=differences,
        entries={**services.snapshot.entries, **what.before, **after},
        stays=await _told(services, what.in_the_way),
        untouched=await _told(services, [v for v in later if v not in what.in_the_way]),
        zone=services.zone,
    )
    seen = str(later[0].revision) if later else ""
    confirmed = f"{_CONFIRMED}{seen}"
    confirm = button(PHRASES["button"]["undo_now"], Action.UNDO, str(revision.number), confirmed)
    return Reply(markup, ((confirm,),))


async def _told(
    services: Services, versions: Sequence[Version]
) -> list[tuple[Version, Sequence[Difference]]]:
    """Versions, each with what it changed."""
    told: list[tuple[Version, Sequence[Difference]]] = []
    for version in versions[:MOST_LATER]:
        changes = await services.store.changes(version.revision)
        own = (change for change in changes if change.after.entry.key == version.entry.key)
        told.append((version, next((change.differences for change in own), ())))
    return told


async def _revision(services: Services, number: int) -> Revision | None:
    found = await services.store.log(limit=1, before=number + 1)
    return found[0] if found and found[0].number == number else None


async def _press_undo(
    services: Services, member: Member, press: Press, message: Message
) -> str | None:
    number = _number(press.key)
    confirmed, _, seen = press.detail.partition(_CONFIRMED)
    if number is None or confirmed or (seen and _number(seen) is None):
        return refused_press(press, "outdated")
    if not press.detail:
        page = await _undo_preview(services, member, number)
        await send(message, page)
        return None
    try:
        new = await services.store.undo(
            number,
            author=member.label,
            reason=plain(render("undo_reason", number=number)),
            now=services.clock(),
            seen=_number(seen),
            guards=[services.people.requires(member.user_id, Role.EDITOR)],
        )
    except PeopleError:
        return refused_press(press, "not_allowed")
    except ConflictError as exc:
        undone = _undone(number, exc.versions)
        if undone is not None and undone.author == member.label:
            # It may not have been confirmed: the press comes again while replies are not taken.
            said = render("undone", number=number, new=undone.revision, again=True)
            await send(message, said, [[undo_button(undone.revision)]])
            return None
        await services.store.refresh()
        page = await _undo_preview(services, member, number)
        await send(message, page)
        return None
    except IrreversibleError:
        return refused_press(press, "irreversible")
    except UnchangedError:
        return refused_press(press, "unchanged")
    except InconsistentError as exc:
        entries = services.snapshot.entries
        await send(
            message,
            render("impossible", problems=exc.problems, why=None, entries=entries, again=False),
        )
        return None
    said = render("undone", number=number, new=new, again=False)
    await send(message, said, [[undo_button(new)]])
    return None


async def _conflict(services: Services, revision: Revision, later: Sequence[Version]) -> Reply:
    """Why a revision cannot be taken back: it was already, or this came after it."""
    undone = _undone(revision.number, later)
    entries = services.snapshot.entries
    markup = render(
        "undo_conflict",
        number=revision.number,
        revision=revision,
        undone=undone,
        told=[] if undone else await _told(services, later),
        more=len(later[MOST_LATER:]),
        entries=entries,
        zone=services.zone,
    )
    touched = [] if undone else [entries[key] for key in revision.keys if key in entries]
    return Reply(
        markup, [[button(label(entry), Action.EDIT, entry.key)] for entry in touched[:MOST_LATER]]
    )


def _undone(number: int, later: Sequence[Version]) -> Version | None:
    """The version by which a revision was taken back, if it was."""
    return next((version for version in later if version.undoes == number), None)


def _number(text: str) -> int | None:
    """A revision's number; None if it is none."""
    known = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_NUMBER))
    return min(int(text), LARGEST_NUMBER - 1) if known else None
