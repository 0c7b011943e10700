"""/massnahmen: browsing from bodies down to measures, in one message edited in place."""

from __future__ import annotations

from functools import partial
from typing import Any

from telegram import Message
from telegram.ext import BaseHandler

from handlers.buttons import Action, Press, button, rows
from handlers.commands import command
from handlers.lookups import named_entry
from handlers.messages import PHRASES, Reply, edit, render, send
from handlers.pages import entry_rows, page_of
from handlers.presses import press_handler
from handlers.replies import aspects_of
from handlers.services import Services
from knowledge.entries import Aspect, Entry, Kind
from knowledge.snapshot import Snapshot

_ORDER = (Kind.PLAN, Kind.FIELD, Kind.MEASURE, Kind.MILESTONE, Kind.DOCUMENT, Kind.BODY, Kind.TERM)


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The command and the buttons of its message."""
    return [
        command("massnahmen", partial(_command, services)),
        press_handler(Action.BROWSE, partial(_press, services)),
    ]


async def _command(services: Services, message: Message, words: str) -> None:
    key = ""
    if words:
        found = await named_entry(services, message, words, Action.BROWSE)
        if found is None:
            return
        key = found.key
    page = browse(services.snapshot, key, 0, home=services.home)
    await send(message, page)


async def _press(services: Services, press: Press, message: Message) -> None:
    page = browse(services.snapshot, press.key, press.page, home=services.home)
    await edit(message, page)


def browse(snapshot: Snapshot, key: str, number: int, *, home: str | None = None) -> Reply:
    """One page of what is below an entry; the top for an empty or unknown key."""
    entry = snapshot.get(key) if key else None
    key = entry.key if entry else ""
    listed = _below(snapshot, entry, home)
    page = page_of(listed, number)
    buttons = entry_rows(page, Action.BROWSE, key)
    if entry is not None:
        asks = [
            button(PHRASES["aspect"][aspect], Action.ABOUT, entry.key, aspect)
            for aspect in aspects_of(entry, snapshot)
            if aspect is not Aspect.SUMMARY
        ]
        buttons += rows(asks[:4], 2)
        up = entry.parent if entry.parent and snapshot.get(entry.parent) else ""
        buttons.append([button(f"‹ {PHRASES['button']['back']}", Action.BROWSE, up)])
    summaries = (
        [s for s in snapshot.statements(entry.key) if s.aspect is Aspect.SUMMARY] if entry else []
    )
    markup = render(
        "browse",
        entry=entry,
        path=list(reversed(list(snapshot.ancestors(entry.key)))) if entry else [],
        summary=summaries[0] if summaries else None,
        page=page,
        total=len(listed),
    )
    return Reply(markup, buttons)


def _below(snapshot: Snapshot, entry: Entry | None, home: str | None) -> list[Entry]:
    if entry is None:
        # Bodies that have something below them; the home body first.
        tops = [e for e in snapshot.of_kind(Kind.BODY) if e.parent is None]
        filled = [e for e in tops if any(True for _ in snapshot.children(e.key))]
        return sorted(filled, key=lambda e: e.key != home)
    children = snapshot.children(entry.key)
    return sorted(children, key=lambda child: _ORDER.index(child.kind))
