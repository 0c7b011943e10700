"""The entry that a command or a button names, or the sentence that there is none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from telegram import Message
from telegram.ext import BaseHandler

from handlers.buttons import Action, Press, button, label
from handlers.messages import Buttons, render, send
from handlers.presses import press_handler, say_gone
from handlers.services import Services
from knowledge.answering.lookup import LONGEST, Found, find_entry
from knowledge.entries import Entry

Handler = BaseHandler[Any, Any, Any]
EntryPressed = Callable[[Entry, Press, Message], Awaitable[None]]


async def named_entry(
    services: Services,
    message: Message,
    words: str,
    near: Action,
    detail: str = "",
    *,
    template: str = "not_found",
    **values: object,
) -> Entry | None:
    """The entry that words name; if none is found, that is said, and what is near is offered.

    Args:
        services: The knowledge base.
        message: The command.
        words: What stands behind it.
        near: What the buttons of near entries do.
        detail: A further word for them.
        template: How it is said that none is found, and what can be written instead.
        values: What the template needs for that beside `wanted`, `near` and `no_key`.
    """
    wanted = words[:LONGEST]
    found = find_entry(wanted, services.basis)
    if found.entry is None:
        await say_not_found(
            message, wanted, found, near, detail, template=template, further=(), **values
        )
    return found.entry


async def say_not_found(
    message: Message,
    wanted: str,
    found: Found,
    near: Action,
    detail: str = "",
    *,
    template: str = "not_found",
    further: Buttons = (),
    **values: object,
) -> None:
    """Say that words name no entry for sure, and offer what is near.

    Args:
        message: The command.
        wanted: The words.
        found: What was found.
        near: What the buttons of near entries do.
        detail: A further word for them.
        template: How it is said, and what can be written instead.
        further: Buttons below those of near entries.
        values: What the template needs beside `wanted`, `near` and `no_key`.
    """
    said = render(template, wanted=wanted, near=found.near, no_key=found.no_key, **values)
    offered = [[button(label(entry), near, entry.key, detail)] for entry in found.near]
    await send(message, said, [*offered, *further])


def entry_press(services: Services, action: Action, pressed: EntryPressed) -> Handler:
    """A handler for one action's buttons, each of which names an entry.

    Args:
        services: The knowledge base.
        action: Which buttons.
        pressed: Called with the entry, the press and the message below which the button is; where
            the entry is gone, that is said instead.
    """

    async def act(press: Press, message: Message) -> None:
        entry = services.snapshot.get(press.key)
        if entry is None:
            await say_gone(message)
        else:
            await pressed(entry, press, message)

    return press_handler(action, act)
