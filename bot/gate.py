"""Who gets through to the bot, and how often: decided before an update is stored.

A flood costs a little arithmetic and no database. Where somebody is refused, that is said once;
afterwards the bot is silent.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import Message, Update
from telegram.constants import ChatType, InlineKeyboardButtonLimit, MessageLimit
from telegram.error import TelegramError
from telegram.ext import filters

from bot.inbox import Inbox, NotStoredError
from bot.metrics import Outcome
from bot.rates import Buckets, Seldom, Verdict
from handlers.buttons import Action, pattern
from handlers.conversation import Addressed
from handlers.messages import plain, render, send
from handlers.presses import acknowledge
from handlers.privacy import COMMANDS
from knowledge.people import TOKEN_LETTERS, People

log = structlog.get_logger(__name__)

GROUP_PER_MINUTE: Final = 20
"""Questions from one group: Telegram takes no more messages to a group in a minute."""

TOLD_AGAIN_AFTER: Final = timedelta(days=1)
"""When a chat that is not allowed is told so once more."""

MOST_TOLD_AT_ONCE: Final = 20
"""Refusals on their way; in a flood from many accounts further ones are not said."""

LONGEST_FILE_NAME: Final = 255

FIRST_IMPOSSIBLE_ID: Final = 2**52
"""Ids of Telegram have at most 52 significant bits; from 64 on no database takes them."""

_INVITED: Final = re.compile(rf"/start(?:@\w+)? [A-Za-z0-9_-]{{{TOKEN_LETTERS}}}")
"""A message that may redeem an invitation; whether it does is decided where tokens are known. No
key of an entry, which `/start` takes as well, is as long."""

_PERSONAL: Final = re.compile(rf"/(?:{'|'.join(COMMANDS)})(?:@\w+)?\s*")
_FORGET: Final = re.compile(pattern(Action.FORGET))
"""What nobody is shut out of: to learn what is kept about the chat, and to have it deleted. It may
have subscribed before the bot was closed to it."""

_FOR_A_BOT: Final = re.compile(r"/\w+@(\w+)")
"""A command in a group with several bots."""

_ADDRESSED: Final = Addressed()


class Gate:
    """Passes updates on to the inbox, or refuses them."""

    def __init__(
        self,
        inbox: Inbox,
        people: People,
        clock: Callable[[], datetime],
        *,
        per_minute: int,
        allowed_chats: Collection[int] = (),
    ) -> None:
        """Stand before an inbox.

        Args:
            inbox: Where updates go that are let through.
            people: Members get through wherever they write.
            clock: The present moment.
            per_minute: Messages and taps of one person, in the long run and at once.
            allowed_chats: Chats that the bot is for; empty for all.
        """
        self._inbox = inbox
        self._people = people
        self._clock = clock
        self._allowed = frozenset(allowed_chats)
        self._persons = Buckets(per_minute)
        self._groups = Buckets(GROUP_PER_MINUTE)
        self._strangers = Seldom(TOLD_AGAIN_AFTER)
        self._telling: set[asyncio.Task[None]] = set()

    async def put(self, update: Update) -> None:
        """Store and queue an update, unless it is refused.

        Raises:
            NotStoredError: if the update could not be stored, or nobody can tell now whether it
                may pass.
        """
        if _is_forged(update):
            log.warning("update refused: no Telegram app sends this", update_id=update.update_id)
            self._inbox.metrics.dropped(update, Outcome.REFUSED)
            return
        if not _is_for_us(update):
            if _is_chatter(update):
                self._inbox.metrics.dropped(update, Outcome.IGNORED)
            elif await self._is_admitted(update):
                await self._inbox.put(update)
            else:
                self._inbox.metrics.dropped(update, Outcome.REFUSED)
            return
        why, verdict = "too_many", self._rated(update)
        try:
            if verdict is Verdict.PASS and not await self._is_admitted(update):
                why, verdict = "not_invited", self._told_to_strangers(update)
            if verdict is Verdict.PASS:
                await self._inbox.put(update)
                return
        except NotStoredError:
            # Telegram offers it again, and that must not use up what the person may write.
            for buckets, key in self._payers(update):
                buckets.put_back(key)
            raise
        self._inbox.metrics.dropped(update, Outcome.REFUSED)
        if verdict is Verdict.TELL:
            log.info("update refused", reason=why)
            self._tell(update, why)

    def _rated(self, update: Update) -> Verdict:
        """Whether the person, and the group, have written too much."""
        now = self._clock()
        # The moment of writing counts: after hours of downtime much arrives at once.
        written = _written(update)
        moment = min(written.edit_date or written.date, now) if written else now
        for buckets, key in self._payers(update):
            verdict = buckets.take(key, moment)
            if verdict is not Verdict.PASS:
                return verdict
        return Verdict.PASS

    def _payers(self, update: Update) -> Iterator[tuple[Buckets, int]]:
        """Whose buckets an update takes a token from."""
        user, chat, written = update.effective_user, update.effective_chat, _written(update)
        # Who writes as a group or channel comes under a number that all such share.
        if user is not None and (written is None or written.sender_chat is None):
            yield self._persons, user.id
        if chat is not None and chat.type != ChatType.PRIVATE:
            yield self._groups, chat.id

    async def _is_admitted(self, update: Update) -> bool:
        """Whether the bot is for its chat or its person, or what it is about open to all."""
        user, chat = update.effective_user, update.effective_chat
        is_for_chat = not self._allowed or (chat is not None and chat.id in self._allowed)
        if is_for_chat or _is_open_to_all(update):
            return True
        try:
            return await self._people.member(user.id if user else None) is not None
        except SQLAlchemyError as exc:
            self._inbox.metrics.written(done=False)
            raise NotStoredError(f"nobody can tell who is a member: {exc}") from exc

    def _told_to_strangers(self, update: Update) -> Verdict:
        """Whether a chat that the bot is not for is told so."""
        chat = update.effective_chat
        told = self._strangers.allows(chat.id if chat else 0, self._clock())
        return Verdict.TELL if told else Verdict.SILENCE

    def _tell(self, update: Update, why: str) -> None:
        """Say why, without anybody waiting for it."""
        if len(self._telling) < MOST_TOLD_AT_ONCE:
            task = asyncio.create_task(_say(update, why))
            self._telling.add(task)
            task.add_done_callback(self._telling.discard)

    async def close(self) -> None:
        """Say nothing more."""
        telling = list(self._telling)
        for task in telling:
            task.cancel()
        await asyncio.gather(*telling, return_exceptions=True)


async def _say(update: Update, why: str) -> None:
    sentence = render("refused", why=why)
    try:
        if update.callback_query is not None:
            await acknowledge(update.callback_query, plain(sentence))
        elif (written := _written(update)) is not None:
            await send(written, sentence)
    except TelegramError as exc:
        log.info("refusal not delivered", reason=str(exc))


def _is_open_to_all(update: Update) -> bool:
    """Whether an update may redeem an invitation, or is about what is kept about its chat."""
    query, written = update.callback_query, _written(update)
    text = (written.text if written else None) or ""
    if query is not None:
        return _FORGET.match(query.data or "") is not None
    is_invited = update.message is not None and _INVITED.fullmatch(text) is not None
    return is_invited or _PERSONAL.fullmatch(text) is not None


def _is_for_us(update: Update) -> bool:
    """Whether somebody wants something of the bot."""
    message = _written(update)
    if message is None:
        return update.callback_query is not None or update.inline_query is not None
    if update.edited_message is not None:
        return message.chat.type == ChatType.PRIVATE  # of others nothing is made
    return _is_command(message) or (update.message is not None and _ADDRESSED.filter(message))


def _is_command(message: Message) -> bool:
    """Whether a message begins with a command that does not name another bot."""
    text = message.text or message.caption or ""
    named = _FOR_A_BOT.match(text)
    ours = message.get_bot().username.lower()
    return text.startswith("/") and (named is None or named[1].lower() == ours)


def _written(update: Update) -> Message | None:
    """What somebody wrote, in a chat or as a channel."""
    return update.message or update.channel_post or update.edited_message


def _is_chatter(update: Update) -> bool:
    """Whether people in a group talk among themselves: that is not even stored.

    Nor is what Telegram says about the group, but for its new number.
    """
    return _written(update) is not None and not filters.StatusUpdate.MIGRATE.check_update(update)


def _is_forged(update: Update) -> bool:
    """Whether something is longer or larger than Telegram allows: no app of it sent that."""
    message = update.effective_message
    numbers = [who.id for who in (update.effective_user, update.effective_chat) if who]
    numbers += [message.message_id] if message else []
    if any(abs(number) >= FIRST_IMPOSSIBLE_ID for number in numbers):
        return True
    query = update.callback_query
    if query is not None:
        size = len((query.data or "").encode("utf-8", "replace"))
        return size > InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
    return message is not None and _is_too_long(message)


def _is_too_long(message: Message) -> bool:
    document = message.document
    return (
        len(message.text or "") > MessageLimit.MAX_TEXT_LENGTH
        or len(message.caption or "") > MessageLimit.MAX_TEXT_LENGTH
        or (document is not None and len(document.file_name or "") > LONGEST_FILE_NAME)
    )
