"""Commands and buttons for members only: the right is looked up anew each time they are used."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog
from telegram import CallbackQuery, Message, Update
from telegram.constants import ChatType
from telegram.ext import BaseHandler, CallbackQueryHandler, CommandHandler, filters

from handlers.buttons import Action, Press, pattern
from handlers.commands import carry_out
from handlers.messages import plain, render, send
from handlers.presses import Context, acknowledge, dispatch, show_toast
from handlers.services import Services
from knowledge.people import Member, Role

log = structlog.get_logger(__name__)

Commanded = Callable[[Member, Message, str], Awaitable[None]]
MemberPressed = Callable[[Member, Press, Message], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Restricted:
    """A handler's callback that only members with a role get through to.

    Attributes:
        services: Where roles are looked up.
        role: The role that is needed.
        name: The command or button, for the log.
        callback: What a member does with it.
        settled: Whether who has no role (any more) got what they wanted before, and was told so.
    """

    services: Services
    role: Role
    name: str
    callback: Callable[[Member, Update, Context], Awaitable[None]]
    settled: Callable[[Update], Awaitable[bool]] | None = None

    async def __call__(self, update: Update, context: Context) -> None:
        """Look up who it is and let them through, or say that they may not."""
        user, chat = update.effective_user, update.effective_chat
        member = await self.services.people.member(user.id if user else None)
        if member is None and self.settled is not None and await self.settled(update):
            return
        if member is None or not member.role.includes(self.role):
            problem = "not_allowed"
        elif chat is None or chat.type != ChatType.PRIVATE:
            # Drafts and their previews are nobody else's business.
            problem = "private_only"
        else:
            await self.callback(member, update, context)
            return
        await refuse(update, self.name, problem, role=self.role)


async def refuse(update: Update, what: str, problem: str, *, role: Role = Role.EDITOR) -> None:
    """Say that a command or button is refused, where it was used, and log it.

    Args:
        update: The command or press.
        what: The command or button.
        problem: Why, by name of the sentence.
        role: The role that is needed, if that is why.
    """
    sentence = refusal(what, problem, role=role)
    if update.callback_query is not None:
        await acknowledge(update.callback_query, plain(sentence))
    elif update.effective_message is not None:
        await send(update.effective_message, sentence)


def refused_press(press: Press, problem: str, *, role: Role = Role.EDITOR) -> str:
    """Log that a press is refused; returns the words about it that are shown for a moment.

    Args:
        press: What was tapped.
        problem: Why, by name of the sentence.
        role: The role that is needed, if that is why.
    """
    return plain(refusal(f"button {press.action.name}", problem, role=role))


def refusal(what: str, problem: str, *, role: Role = Role.EDITOR) -> str:
    """Log that something is refused; returns the sentence about it.

    Args:
        what: The command or button.
        problem: Why, by name of the sentence.
        role: The role that is needed, if that is why.
    """
    log.warning("refused", what=what, reason=problem)
    return render("problem", problem=problem, role=role)


def command_for(
    role: Role, services: Services, name: str, commanded: Commanded
) -> BaseHandler[Any, Any, Any]:
    """A command for members, in private chats.

    Args:
        role: The role that is needed.
        services: Where roles are looked up.
        name: The command's name.
        commanded: Called with who it is, their message and what stands behind the command.
    """

    async def act(member: Member, update: Update, context: Context) -> None:
        await carry_out(partial(commanded, member), update, context)

    restricted = Restricted(services, role, f"/{name}", act)
    return CommandHandler(name, restricted, filters=filters.UpdateType.MESSAGE)


def press_for(
    role: Role,
    services: Services,
    action: Action,
    pressed: MemberPressed,
    *,
    takes_long: bool = False,
    settled: Callable[[Update], Awaitable[bool]] | None = None,
) -> BaseHandler[Any, Any, Any]:
    """A button for members, in private chats.

    Args:
        role: The role that is needed.
        services: Where roles are looked up.
        action: Which buttons.
        pressed: Called with who it is, the press and the message below which the button is;
            may return a few words that are shown for a moment.
        takes_long: Whether the button's spinner stops before the work is done; what is returned
            comes as a message then, and may be Telegram HTML.
        settled: See `Restricted`.
    """

    async def act(member: Member, update: Update, context: Context) -> None:
        async def press_of_member(press: Press, message: Message, query: CallbackQuery) -> None:
            if not takes_long:
                await show_toast(query, pressed(member, press, message))
                return
            await acknowledge(query)
            words = await pressed(member, press, message)
            if words is not None:
                await send(message, words)

        await dispatch(press_of_member, update, context)

    restricted = Restricted(services, role, f"button {action.name}", act, settled)
    return CallbackQueryHandler(restricted, pattern=pattern(action))
