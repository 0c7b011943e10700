"""Sending what is in the outbox, one notice after the other, for as long as the bot runs.

There is never more than one push under way: what the process was doing when it was killed is the
only thing that can arrive twice. That costs speed where an answer of Telegram takes longer than
the gap between two pushes, and is worth it.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Generic, TypeVar, assert_never

import structlog
from sqlalchemy.exc import SQLAlchemyError

from knowledge.notification.chats import Chats
from knowledge.notification.notices import Later, Notice, Obsolete
from knowledge.notification.outbox import Claim, Outbox
from knowledge.storage.outages import Backoff, report
from scheduler.notifier import (
    ChatGone,
    Delivered,
    Migrated,
    Notifier,
    Outcome,
    Refused,
    TooFast,
    TryAgain,
    Unanswered,
)
from scheduler.pacing import Pacing

log = structlog.get_logger(__name__)

SEND_WITHIN = 15.0
"""Seconds that an attempt may take."""

LEASE = timedelta(seconds=30)
"""How long a notice is ours: twice the longest attempt."""

IDLE = 1.0
"""Seconds between two looks into an empty outbox."""

FIRST_PAUSE, LONGEST_PAUSE = 2.0, 900.0
"""Seconds between two attempts of a notice: doubled each time, and shortened by up to a half."""

PAUSE_IN_DOUBT = LONGEST_PAUSE
"""Seconds, shortened likewise, until what may have arrived is sent once more: there is no third
time, so what kept the answer away should be over by then."""

MOST_ATTEMPTS = 300
"""Of a notice; with these pauses about three days of trouble. Each was a fault of something."""

PATIENCE, LONGEST_REST = 3, 30.0
"""After so many notices in a row that met trouble, sending itself rests, up to so many seconds."""

Message = TypeVar("Message")

Words = Callable[[Notice], Awaitable[Message | Later | Obsolete]]
"""Words a notice as things are now, or says why it is not to be sent now, or not any more."""


class Dispatcher(Generic[Message]):
    """Claims notices, words them, sends them, and notes what came of it."""

    def __init__(
        self,
        outbox: Outbox,
        chats: Chats,
        notifier: Notifier[Message],
        words: Words[Message],
        pacing: Pacing,
        *,
        clock: Callable[[], datetime],
        elapsed: Callable[[], float] = time.monotonic,
        dice: random.Random | None = None,
    ) -> None:
        """Put together; nothing is sent before `run`.

        Args:
            outbox: What is to be sent.
            chats: Where it goes to.
            notifier: Who sends it.
            words: What it says.
            pacing: How fast; shared with whoever sends replies.
            clock: The present moment: when notices are due.
            elapsed: Seconds that only go forward: how fast they are sent.
            dice: Spreads attempts that failed together.
        """
        self._outbox = outbox
        self._chats = chats
        self._notifier = notifier
        self._words = words
        self._pacing = pacing
        self._clock = clock
        self._elapsed = elapsed
        self._dice = dice or random.Random()  # noqa: S311 (spreads attempts, guards nothing)
        self._arrived: tuple[Claim, int] | None = None
        self._troubles = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Send until stopped; what is being sent then is finished and noted, the rest stays."""
        backoff = Backoff()
        while not stop.is_set():
            try:
                wait = await self.step()
                backoff.reset()
            except Exception as exc:
                # The database, most likely; a notice that was claimed is taken up again.
                wait = backoff.take()
                report(log, "dispatch failed, trying again", exc, seconds=wait)
            if wait > 0:
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait):
                        await stop.wait()
        while self._arrived is not None:
            # Another process would take it for undelivered, and send it again.
            await asyncio.sleep(FIRST_PAUSE)
            try:
                await self._note_arrival()
            except Exception as exc:
                report(log, "arrival not noted, trying again", exc, seconds=FIRST_PAUSE)

    async def step(self) -> float:
        """Deal with one notice at most; returns the seconds until the next step makes sense."""
        await self._note_arrival()
        wait = self._pacing.wait(self._elapsed())
        if wait > 0:
            return wait
        claim = await self._outbox.claim(self._clock(), lease=LEASE)
        if claim is None:
            return IDLE
        wait = self._pacing.wait_for_chat(claim.notice.chat_id, self._elapsed())
        if wait > 0:
            await self._outbox.release(claim, self._later(wait))
            return 0.0
        if claim.attempt > MOST_ATTEMPTS:
            await self._fail(claim, f"gave up after {MOST_ATTEMPTS} attempts")
            return 0.0
        try:
            message = await self._words(claim.notice)
        except SQLAlchemyError as exc:
            # Wording reads what the chat has set; the database will answer again.
            await self._postpone(claim, f"no words: {type(exc).__name__}")
            return self._rest()
        except Exception as exc:
            log.exception("a notice has no words", **_about(claim))
            await self._fail(claim, f"no words: {type(exc).__name__}")
            return 0.0
        if isinstance(message, Obsolete):
            log.info("notice dropped", **_about(claim), reason=message.reason)
            await self._outbox.mark_dropped(claim, message.reason, now=self._clock())
            return 0.0
        if isinstance(message, Later):
            log.info("notice put off", **_about(claim), until=message.until.isoformat())
            await self._outbox.put_off(claim, message.until)
            return 0.0
        return await self._conclude(claim, await self._send(claim, message))

    async def _send(self, claim: Claim, message: Message) -> Outcome:
        chat_id = claim.notice.chat_id
        self._pacing.begin(chat_id, self._elapsed())
        try:
            async with asyncio.timeout(SEND_WITHIN):
                return await self._notifier.send(chat_id, message)
        except TimeoutError:
            return Unanswered(f"no answer within {SEND_WITHIN:.0f} seconds")
        except Exception as exc:
            log.exception("sending failed in an unexpected way", **_about(claim))
            return Unanswered(type(exc).__name__)
        finally:
            self._pacing.end(chat_id, self._elapsed())

    async def _conclude(self, claim: Claim, outcome: Outcome) -> float:
        """Note what came of an attempt; returns the seconds until the next step makes sense."""
        match outcome:
            case Delivered(message_id):
                self._troubles = 0
                self._arrived = claim, message_id
                await self._note_arrival()
            case TooFast(pause):
                seconds = pause.total_seconds() + self._dice.uniform(0.0, 1.0)
                log.warning("Telegram wants us to wait", seconds=round(seconds, 1))
                self._pacing.pause(self._elapsed() + seconds)
                await self._outbox.release(claim, self._later(seconds))
            case Migrated(chat_id):
                log.info("chat has another number now", chat_id=claim.notice.chat_id, new=chat_id)
                await self._chats.move(claim.notice.chat_id, chat_id)
                await self._outbox.postpone(claim, self._clock())
            case ChatGone(reason):
                # Not the chat's number, which is a person's in a private chat.
                log.info("chat deactivated", **_about(claim), reason=reason)
                await self._chats.deactivate(claim.notice.chat_id, reason, now=self._clock())
            case Refused(reason):
                await self._fail(claim, reason)
            case TryAgain(reason):
                await self._postpone(claim, reason)
                return self._rest()
            case Unanswered(reason):
                if claim.unanswered:
                    # Once more could be the third time that it arrives.
                    await self._fail(claim, f"twice without an answer: {reason}")
                else:
                    await self._postpone(claim, reason, unanswered=True)
                return self._rest()
            case _:
                assert_never(outcome)
        return 0.0

    async def _note_arrival(self) -> None:
        """Write down that a notice arrived; nothing else is sent until that is done."""
        if self._arrived is not None:
            claim, message_id = self._arrived
            await self._outbox.mark_sent(claim, message_id, now=self._clock())
            self._arrived = None

    async def _postpone(self, claim: Claim, reason: str, *, unanswered: bool = False) -> None:
        if unanswered:
            seconds = _shortened(PAUSE_IN_DOUBT, self._dice)
        else:
            seconds = back_off(claim.attempt, self._dice)
        log.warning(
            "notice not delivered, trying again",
            **_about(claim),
            reason=reason,
            seconds=round(seconds, 1),
        )
        await self._outbox.postpone(claim, self._later(seconds), unanswered=unanswered)

    async def _fail(self, claim: Claim, reason: str) -> None:
        log.error("notice cannot be delivered", **_about(claim), reason=reason)
        await self._outbox.mark_failed(claim, reason, now=self._clock())

    def _rest(self) -> float:
        """Seconds to rest: the more, the longer nothing but trouble has been met."""
        self._troubles += 1
        surplus = self._troubles - PATIENCE
        return 0.0 if surplus < 0 else min(LONGEST_REST, 2.0 ** min(surplus, 10))

    def _later(self, seconds: float) -> datetime:
        return self._clock() + timedelta(seconds=seconds)


def back_off(attempt: int, dice: random.Random) -> float:
    """Seconds to wait after an attempt in vain, numbered from 1."""
    return _shortened(min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(attempt - 1, 20)), dice)


def _shortened(seconds: float, dice: random.Random) -> float:
    return seconds * dice.uniform(0.5, 1.0)


def _about(claim: Claim) -> dict[str, object]:
    """What the log says of a notice: which, never what it says."""
    return {"notice": claim.id, "kind": str(claim.notice.kind), "attempt": claim.attempt}
