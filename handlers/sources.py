"""/quellen and the buttons "Quelle" and "Verlauf": where facts stand and who changed them."""

from __future__ import annotations

from functools import partial
from typing import Any

from telegram import Message
from telegram.ext import BaseHandler

from handlers.buttons import Action, Press, button
from handlers.commands import command
from handlers.history import history
from handlers.lookups import entry_press, named_entry
from handlers.messages import edit, render, send
from handlers.services import Services
from knowledge.entries import Entry
from knowledge.snapshot import Snapshot


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The command and the two buttons."""
    return [
        command("quellen", partial(_command, services)),
        entry_press(services, Action.SOURCES, partial(_press, services)),
        entry_press(services, Action.HISTORY, partial(_history, services)),
    ]


async def _command(services: Services, message: Message, words: str) -> None:
    found = await named_entry(services, message, words, Action.SOURCES, template="no_sources")
    if found is not None:
        await send(message, sources(found, services.snapshot))


async def _press(services: Services, entry: Entry, _: Press, message: Message) -> None:
    await send(message, sources(entry, services.snapshot))


async def _history(services: Services, entry: Entry, press: Press, message: Message) -> None:
    versions = await services.store.history(entry.key)
    markup, turn = history(
        versions, press.page, services, lambda text, to: button(text, press.action, entry.key, to)
    )
    show = edit if press.detail else send
    await show(message, markup, [turn])


def sources(entry: Entry, snapshot: Snapshot) -> str:
    """List every source of an entry once, in the order in which facts use them."""
    listed = []
    for statement in snapshot.statements(entry.key):
        listed += [s for s in statement.fact.sources if s not in listed]
    return render("sources", entry=entry, sources=listed)
