"""The entry that is named behind a command, or the sentence that there is none."""

from __future__ import annotations

from telegram import Message

from handlers.buttons import Action, button, label
from handlers.messages import render, send
from handlers.services import Services
from knowledge.answering.lookup import LONGEST, find_entry
from knowledge.entries import Entry


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
    found = find_entry(wanted, services.snapshot, home=services.home)
    if found.entry is None:
        offered = [[button(label(e), near, e.key, detail)] for e in found.near]
        said = render(template, wanted=wanted, near=found.near, no_key=found.no_key, **values)
        await send(message, said, offered)
    return found.entry
