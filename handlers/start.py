"""Greeting, help, and taking up an invitation."""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog
from telegram import Message
from telegram.constants import ChatType
from telegram.ext import BaseHandler

from handlers.buttons import Action, button
from handlers.commands import command
from handlers.menu import added_commands, show_menu
from handlers.messages import PHRASES, render, send
from handlers.questions import respond
from handlers.roles import refused
from handlers.services import Services
from knowledge.people import Member, PeopleError, Refusal, Role

log = structlog.get_logger(__name__)


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """/start, also with an entry's key or an invitation as a deep link, and /hilfe."""
    return [
        command("start", partial(_start, services)),
        command("hilfe", partial(_help, services), also="help"),
    ]


async def _start(services: Services, message: Message, words: str) -> None:
    await services.chats.reactivate(message.chat_id)
    word = next(iter(words.split()), "")
    if services.snapshot.get(word):
        await respond(services, message, word)
        return
    if word:
        await _redeem(services, message, word)
        return
    examples = [
        [button(text, Action.EXAMPLE, detail=str(number))]
        for number, text in enumerate(PHRASES["examples"])
    ]
    await send(message, render("start"), examples)


async def _redeem(services: Services, message: Message, token: str) -> None:
    user = message.from_user
    if user is None or message.chat.type != ChatType.PRIVATE:
        await send(message, render("problem", problem="private_only"))
        return
    again = False
    try:
        member = await services.people.redeem(token, user.id, now=services.clock())
        log.info("invitation redeemed", whose=member.label, role=member.role)
    except PeopleError as exc:
        sentence = refused("/start", exc.why)
        known = await services.people.member(user.id)
        # Used ones are deleted: it may be by this one that they have their role, but no greeting.
        again = exc.why is Refusal.NO_INVITATION and known is not None and _is_invited(known)
        if known is None or not again:
            await send(message, sentence)
            return
        member = known
    await show_menu(message.get_bot(), user.id, member.role)
    await send(message, render("welcome", member=member, again=again))


def _is_invited(member: Member) -> bool:
    """Whether somebody has their role by an invitation."""
    return member.role is not Role.READER and not member.by_settings


async def _help(services: Services, message: Message, _: str) -> None:
    # Which commands somebody has is told to them alone.
    user = message.from_user if message.chat.type == ChatType.PRIVATE else None
    role = await services.people.role(user.id if user else None)
    await send(message, render("help", added=added_commands(role)))
