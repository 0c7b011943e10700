"""/rundruf: telling everybody something, after a look at it."""

from __future__ import annotations

import re
import secrets
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from html import escape
from typing import Any

import structlog
from telegram import Message
from telegram.error import TelegramError
from telegram.ext import BaseHandler

from handlers.buttons import Action, Press, button
from handlers.messages import PHRASES, length, plain, render, send
from handlers.notices import LONGEST_TEXT
from handlers.rights import command_for, press_for, refused_press
from handlers.services import Services
from knowledge.people import Member, PeopleError, Role

log = structlog.get_logger(__name__)

VALID = timedelta(days=1)
"""How long a preview can be published; it is a draft, and those live as long."""

_NAME_BYTES = 6

_SEND = re.compile(r"send-([0-9]{1,11})")
_HOLD = "hold"


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The command and its buttons."""
    return [
        command_for(Role.ADMIN, services, "rundruf", partial(_preview, services)),
        press_for(Role.ADMIN, services, Action.ANNOUNCE, partial(_press, services)),
    ]


async def _preview(services: Services, _: Member, message: Message, text: str) -> None:
    if not text or length(escape(text)) > LONGEST_TEXT:
        await send(message, render("announcing", step="how", text=text, limit=LONGEST_TEXT))
        return
    chats = len(await services.announcements.recipients())
    until = int((services.clock() + VALID).timestamp())
    publish = button(
        PHRASES["button"]["publish"],
        Action.ANNOUNCE,
        secrets.token_hex(_NAME_BYTES),
        f"send-{until}",
    )
    await send(message, render("announcing", step="preview", chats=chats))
    # What is published is read from this message: what was looked at, letter by letter.
    await send(message, _as_sent(text), [[publish]])


async def _press(services: Services, member: Member, press: Press, message: Message) -> str | None:
    sending = _SEND.fullmatch(press.detail)
    try:
        if sending and press.key:
            until = datetime.fromtimestamp(int(sending[1]), UTC)
            return await _publish(services, member, press, until, message)
        if press.detail == _HOLD and press.key:
            return await _hold(services, member, press.key)
    except PeopleError:
        return refused_press(press, "not_allowed", role=Role.ADMIN)
    return refused_press(press, "outdated")


async def _publish(
    services: Services, member: Member, press: Press, until: datetime, message: Message
) -> str | None:
    heading = plain(_as_sent(""))
    shown = message.text or ""
    if services.clock() > until or not shown.startswith(heading):
        return refused_press(press, "outdated")
    chats = await services.announcements.publish(
        press.key, shown.removeprefix(heading).strip(), by=member.user_id, now=services.clock()
    )
    toast = None
    if chats:
        log.info("announced", by=member.label, chats=chats)
    else:
        toast = refused_press(press, "unchanged")
        chats = await services.announcements.on_its_way(press.key)
        if not chats:
            return toast
    # Also where it was published already: the button to hold it back may not have arrived.
    hold = button(PHRASES["button"]["hold"], Action.ANNOUNCE, press.key, _HOLD)
    await send(message, render("announcing", step="published", chats=chats), [[hold]])
    with suppress(TelegramError):  # a second press finds it published
        await message.edit_reply_markup(None)
    return toast


async def _hold(services: Services, member: Member, name: str) -> str:
    chats = await services.announcements.cancel(name, by=member.user_id, now=services.clock())
    log.info("announcement held back", by=member.label, chats=chats)
    return plain(render("announcing", step="held", chats=chats))


def _as_sent(text: str) -> str:
    return render("announcement", text=text, shortened=False)
