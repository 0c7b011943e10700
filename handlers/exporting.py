"""/export: an entry with all below it as a file, for editors."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from telegram import Message
from telegram.constants import FileSizeLimit
from telegram.ext import BaseHandler

from handlers.buttons import Action, Press, button, rows
from handlers.lookups import named_entry
from handlers.messages import PHRASES, Buttons, render, send, send_file
from handlers.rights import command_for, press_for, refusal
from handlers.services import Services
from knowledge.entries import Entry
from knowledge.exchange import Format, formats_of, write_file
from knowledge.people import Member, Role
from knowledge.snapshot import Snapshot

_CHOOSE = "choose"
"""Detail of a button that only says which entry is meant."""


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The command and its buttons."""
    return [
        command_for(Role.EDITOR, services, "export", partial(_command, services)),
        press_for(
            Role.EDITOR, services, Action.EXPORT, partial(_press, services), takes_long=True
        ),
    ]


async def _command(services: Services, _: Member, message: Message, wanted: str) -> None:
    snapshot = services.snapshot
    words = wanted or services.home or ""
    entry = await named_entry(
        services, message, words, Action.EXPORT, _CHOOSE, template="export", step="none"
    )
    if entry is not None:
        await _offer(message, snapshot, entry, everything=not wanted)


async def _press(services: Services, _: Member, press: Press, message: Message) -> str | None:
    snapshot = services.snapshot
    entry = snapshot.entries.get(press.key)
    if press.key and entry is None:
        return refusal("button EXPORT", "gone")
    if entry is not None and press.detail == _CHOOSE:
        await _offer(message, snapshot, entry, everything=False)
        return None
    forms = formats_of(snapshot, entry.key) if entry is not None else (Format.YAML,)
    if press.detail not in forms:
        return refusal("button EXPORT", "old_button")
    form = Format(press.detail)
    content = await asyncio.to_thread(write_file, snapshot, form, press.key or None)
    if len(content) > FileSizeLimit.FILESIZE_UPLOAD:
        return render("export", step="too_large")
    name = (press.key or PHRASES["file"]["everything"]).lower()
    await send_file(message, content, f"{name}-{services.today.isoformat()}.{form}")
    return None


async def _offer(message: Message, snapshot: Snapshot, entry: Entry, *, everything: bool) -> None:
    forms = formats_of(snapshot, entry.key)
    buttons: Buttons = rows(
        [button(form.upper(), Action.EXPORT, entry.key, form) for form in forms], 3
    )
    if everything:
        whole = button(PHRASES["exchange_button"]["everything"], Action.EXPORT, "", Format.YAML)
        buttons = [*buttons, [whole]]
    text = render("export", step="choose", entry=entry, has_table=len(forms) > 1)
    await send(message, text, buttons)
