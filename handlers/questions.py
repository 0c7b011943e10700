"""Answering questions: /frage, the buttons below answers, and what `conversation` hands on."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine
from functools import partial
from typing import Any

from telegram import Message
from telegram.constants import ChatType
from telegram.ext import BaseHandler, filters

from handlers.buttons import Action, Press, button
from handlers.chat_rights import chat_press
from handlers.commands import BREAKS, command
from handlers.lookups import entry_press
from handlers.messages import PHRASES, edit, render, send
from handlers.presses import press_handler
from handlers.replies import QUOTED, example_asked, of_example, reply, tapped
from handlers.services import Services
from knowledge.answering.answers import Answer, about, answer_question
from knowledge.answering.confidence import Band
from knowledge.answering.ellipsis import Topic
from knowledge.answering.questions import understand
from knowledge.entries import Aspect, Entry
from knowledge.inquiries.handed_over import TooManyError
from knowledge.storage.row_ids import is_id

_TELL = "tell"
_CHOICES = (_TELL, "do_not_tell")
"""Whether somebody wants to be told the answer to a question that they handed over."""

_ADDRESSING = re.compile(r"^/\w+(?:@\w+)?|(?<!\w)@\w{5,32}\b")
"""The command and the mentions by which a question in a group is addressed."""

_COMMAND = re.compile(r"/frage(?:@(?P<bot>\w+))?(?!\w)", re.IGNORECASE)


class AskedBelow(filters.MessageFilter):
    """Pictures and files with the command below them, which PTB looks for in texts only."""

    def filter(self, message: Message) -> bool:
        """Whether the command is there, and meant for this bot."""
        command = _COMMAND.match(message.caption or "")
        if command is None:
            return False
        me = message.get_bot().username
        return (command["bot"] or me).lower() == me.lower()


ASKED_BELOW = AskedBelow()
WRITTEN_BELOW = filters.CAPTION & ~filters.CaptionRegex(r"^/")
"""What stands below a picture or file: a question by command, and what is no command."""


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """Everything that asks and answers."""
    return [
        command("frage", partial(respond_to, services)),
        entry_press(services, Action.ABOUT, partial(_about, services)),
        entry_press(services, Action.DEPENDS, partial(_depends, services)),
        press_handler(Action.EXAMPLE, partial(_example, services)),
        press_handler(Action.HAND_OVER, partial(_hand_over, services)),
        chat_press(Action.TELL, partial(_decide, services)),
    ]


async def respond_to(services: Services, message: Message, text: str) -> None:
    """Answer a text that is addressed to the bot; ask for the question if there is none in it."""
    asked = without_address(text)
    if asked:
        await respond(services, message, asked)
    else:
        await send(message, render("ask"))


async def respond(services: Services, message: Message, text: str, *, asked: str = QUOTED) -> None:
    """Answer a question in the chat of a message and remember what it was about.

    Args:
        services: What answers it.
        message: What is replied to.
        text: The question.
        asked: How buttons below the answer find it, see `replies.reply`.
    """
    now = services.clock()
    basis = services.basis
    snapshot = basis.snapshot
    question = understand(text, snapshot)
    topic = await services.topics.recall(message.chat_id, now) if question.points_back else None
    found = answer_question(question, basis, topic=topic)
    # Buttons below a reply that leaves something open refer to the question, so it shows which.
    in_group = message.chat.type != ChatType.PRIVATE
    leaves_open = found.band is not Band.ANSWER or found.lacks_something
    question_id = services.question_log.draw_id()
    # Without a log, what is subscribed below an answer is read from the message it replies to.
    quote = in_group or leaves_open or question_id is None
    await _together(
        _give(
            services,
            message,
            found,
            asked=asked,
            leads_to=_remembered(found, kept=question_id is not None),
            quote=quote,
            question_id=question_id,
        ),
        services.question_log.write(
            question_id, found.question.text if found.is_completed else text, found, now
        ),
    )
    services.answered(found.band)


def _remembered(found: Answer, *, kept: bool) -> Topic | None:
    """What the next question may refer to; no words where questions are not to be kept."""
    if kept or found.leads_to is None:
        return found.leads_to
    return Topic(found.leads_to.entry)


async def _give(
    services: Services,
    message: Message,
    found: Answer,
    *,
    asked: str,
    leads_to: Topic | None,
    quote: bool = False,
    question_id: int | None = None,
) -> None:
    worded = reply(found, services.snapshot, question_id=question_id, asked=asked)
    sending = send(message, worded, quote=quote)
    if leads_to is None:
        await sending
        return
    await _together(sending, services.topics.remember(message.chat_id, leads_to, services.clock()))


async def _together(*work: Coroutine[Any, Any, None]) -> None:
    """Note things while a reply is on its way, and raise what went wrong when all is done.

    Little is then left to do once the reply has arrived, and a crash repeats few replies.
    """
    for result in await asyncio.gather(*work, return_exceptions=True):
        if isinstance(result, BaseException):
            raise result


def asked_in(message: Message) -> str:
    """The question that one of our messages replies to; empty if it shows none.

    What the bot wrote itself, such as the greeting with its examples, asks nothing.
    """
    asked = message.reply_to_message
    if asked is None or (asked.from_user and asked.from_user.id == message.get_bot().id):
        return ""
    return without_address(written_in(asked))


def written_in(message: Message) -> str:
    """What somebody wrote: the text of a message, or what stands below a picture or file."""
    return (message.text or message.caption or "").translate(BREAKS)


def without_address(text: str) -> str:
    """A question without the command and the mentions by which it was addressed."""
    return _ADDRESSING.sub(" ", text).strip()


async def _about(services: Services, entry: Entry, press: Press, message: Message) -> None:
    aspects = [Aspect(press.detail)] if press.detail in set(Aspect) else []
    text = asked_in(message)
    found = about(entry, aspects, services.snapshot, services.today, text=text)
    await _give(services, message, found, asked=tapped(aspects), leads_to=Topic(entry.key))


async def _depends(services: Services, entry: Entry, _: Press, message: Message) -> None:
    await _about(services, entry, Press(Action.ABOUT, entry.key, Aspect.REASON), message)


async def _example(services: Services, press: Press, message: Message) -> None:
    asked = of_example(int(press.detail)) if press.detail.isdecimal() else ""
    if text := example_asked(asked):
        await respond(services, message, text, asked=asked)


async def _hand_over(services: Services, press: Press, message: Message) -> None:
    asked = message.reply_to_message
    if press.key.isdecimal():  # it was completed from the one before
        text = await services.question_log.text(int(press.key))
    elif text := example_asked(press.key):
        asked = message  # all examples stand below the same greeting
    else:
        text = asked_in(message)
    if asked is None or not text:
        await send(message, render("handed_over", outcome="lost"))
        return
    place = message.chat_id, asked.message_id
    # Where it was kept already, the question below may not have arrived.
    number, outcome = await services.handed_over.undecided(*place), "undecided"
    try:
        if number is None:
            number = await services.handed_over.add(*place, text, services.clock())
            outcome = "kept"
    except TooManyError:
        await send(message, render("handed_over", outcome="too_many"))
        return
    if number is None:
        await send(message, render("handed_over", outcome="already"))
        return
    choices = [
        [button(PHRASES["button"][name], Action.TELL, str(number), name)] for name in _CHOICES
    ]
    await send(message, render("handed_over", outcome=outcome), choices)


async def _decide(services: Services, press: Press, message: Message) -> None:
    """Note whether who handed a question over wants to be told the answer."""
    number = int(press.key) if press.key.isdecimal() else -1
    if press.detail not in _CHOICES or not is_id(number):
        await send(message, render("problem", problem="old_button"))
        return
    known = await services.handed_over.decide(
        number, message.chat_id, awaited=press.detail == _TELL
    )
    await edit(message, render("handed_over", outcome=press.detail if known else "settled"))
