"""Answering questions: free text, /frage, and the buttons below answers."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from telegram import Message, Update
from telegram.constants import ChatType
from telegram.ext import BaseHandler, CommandHandler, MessageHandler, filters

from handlers.buttons import Action, Press
from handlers.messages import PHRASES, render, send
from handlers.presses import Context, press_handler, say_gone
from handlers.replies import reply
from handlers.services import Services
from knowledge.answers import Answer, about, answer
from knowledge.confidence import Band
from knowledge.entries import Aspect

_ADDRESS = re.compile(r"(?<!\w)@\w{5,32}\b")


class Addressed(filters.MessageFilter):
    """Private messages, and in groups those that mention or reply to the bot."""

    def filter(self, message: Message) -> bool:
        """Whether the message is meant for the bot."""
        if message.chat.type == ChatType.PRIVATE:
            return True
        me = message.get_bot()
        replied = message.reply_to_message
        if replied and replied.from_user and replied.from_user.id == me.id:
            return True
        mentions = message.parse_entities(["mention"]).values()
        return f"@{me.username}".lower() in {mention.lower() for mention in mentions}


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """Everything that asks and answers."""
    fresh = filters.UpdateType.MESSAGE
    return [
        CommandHandler("frage", partial(_command, services), filters=fresh),
        MessageHandler(
            fresh & filters.TEXT & ~filters.COMMAND & Addressed(), partial(_text, services)
        ),
        press_handler(Action.ABOUT, partial(_about, services)),
        press_handler(Action.DEPENDS, partial(_depends, services)),
        press_handler(Action.EXAMPLE, partial(_example, services)),
        press_handler(Action.HAND_OVER, partial(_hand_over, services)),
    ]


async def _command(services: Services, update: Update, context: Context) -> None:
    message = update.effective_message
    if message is None:
        return
    text = " ".join(context.args or ())
    if not text:
        await send(message, render("ask"))
        return
    await respond(services, message, text)


async def _text(services: Services, update: Update, _: Context) -> None:
    message = update.effective_message
    if message is None or not message.text:
        return
    text = _ADDRESS.sub(" ", message.text).strip()
    if text:
        await respond(services, message, text)
    else:  # a bare mention
        await send(message, render("ask"))


async def respond(services: Services, message: Message, text: str) -> None:
    """Answer a question in the chat of a message and remember what it was about."""
    now = services.clock()
    snapshot = services.snapshot
    found = answer(text, snapshot, services.today, home=services.home)
    if found.question.follow_up:
        topic = await services.topics.recall(message.chat_id, now)
        found = answer(text, snapshot, services.today, topic=topic, home=services.home)
    # Buttons below an uncertain reply refer to the question, so the reply shows which one.
    in_group = message.chat.type != ChatType.PRIVATE
    quote = in_group or found.band is not Band.ANSWER
    question_id = services.question_log.draw_id()
    await _give(services, message, found, quote=quote, question_id=question_id)
    services.answered(found.band)
    await services.question_log.write(question_id, text, found, now)


async def _give(
    services: Services,
    message: Message,
    found: Answer,
    *,
    quote: bool = False,
    question_id: int | None = None,
) -> None:
    worded = reply(found, services.snapshot, question_id=question_id)
    await send(message, worded.markup, worded.buttons, quote=quote)
    if found.topic is not None:
        await services.topics.remember(message.chat_id, found.topic.key, services.clock())


async def _about(services: Services, press: Press, message: Message) -> None:
    snapshot = services.snapshot
    entry = snapshot.get(press.key)
    if entry is None:
        await say_gone(message)
        return
    aspects = [Aspect(press.detail)] if press.detail in set(Aspect) else []
    asked = message.reply_to_message
    text = asked.text if asked and asked.text else ""
    await _give(services, message, about(entry, aspects, snapshot, services.today, text=text))


async def _depends(services: Services, press: Press, message: Message) -> None:
    await _about(services, Press(Action.ABOUT, press.key, Aspect.REASON), message)


async def _example(services: Services, press: Press, message: Message) -> None:
    examples = PHRASES["examples"]
    if press.detail.isdecimal() and int(press.detail) < len(examples):
        await respond(services, message, examples[int(press.detail)])


async def _hand_over(services: Services, _: Press, message: Message) -> None:
    asked = message.reply_to_message
    if asked is None or not asked.text:
        outcome = "lost"
    else:
        new = await services.handed_over.add(
            message.chat_id, asked.message_id, asked.text, services.clock()
        )
        outcome = "kept" if new else "already"
    await send(message, render("handed_over", outcome=outcome))
