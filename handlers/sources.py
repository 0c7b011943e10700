"""/quellen and the buttons "Quelle" and "Verlauf": where facts stand and who changed them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from telegram import Message, Update
from telegram.ext import BaseHandler, CommandHandler, filters

from handlers.buttons import Action, Press, button, label
from handlers.messages import render, send
from handlers.presses import Context, press_handler, say_gone
from handlers.services import Services
from knowledge.answering.lookup import LONGEST, find_entry
from knowledge.entries import Entry
from knowledge.revisions import Version
from knowledge.snapshot import Snapshot

MOST_VERSIONS = 10
"""Versions of an entry that are shown."""


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The command and the two buttons."""
    return [
        CommandHandler("quellen", partial(_command, services), filters=filters.UpdateType.MESSAGE),
        press_handler(Action.SOURCES, partial(_press, services)),
        press_handler(Action.HISTORY, partial(_history, services)),
    ]


async def _command(services: Services, update: Update, context: Context) -> None:
    message = update.effective_message
    if message is None:
        return
    wanted = " ".join(context.args or ())[:LONGEST]
    found = find_entry(wanted, services.snapshot, home=services.home)
    buttons = [[button(label(near), Action.SOURCES, near.key)] for near in found.near]
    await send(message, sources(found.entry, services.snapshot, wanted), buttons)


async def _press(services: Services, press: Press, message: Message) -> None:
    entry = services.snapshot.get(press.key)
    if entry is None:
        await say_gone(message)
        return
    await send(message, sources(entry, services.snapshot, entry.title))


async def _history(services: Services, press: Press, message: Message) -> None:
    entry = services.snapshot.get(press.key)
    if entry is None:
        await say_gone(message)
        return
    await send(message, history(entry, await services.store.history(press.key), services.zone))


def history(entry: Entry, versions: Sequence[Version], zone: ZoneInfo) -> str:
    """What was changed in an entry by whom: its newest versions."""
    return render("history", entry=entry, versions=versions[:MOST_VERSIONS], zone=zone)


def sources(entry: Entry | None, snapshot: Snapshot, wanted: str) -> str:
    """List every source of an entry once, in the order in which facts use them."""
    listed = []
    for statement in snapshot.statements(entry.key) if entry else ():
        listed += [s for s in statement.fact.sources if s not in listed]
    return render("sources", entry=entry, sources=listed, wanted=wanted)
