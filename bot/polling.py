"""Receiving updates by long polling.

PTB's own updater ends silently on some errors and holds up a stop while Telegram hangs. What
is needed is small: ask, store, confirm by asking for the next, wait after trouble.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from telegram import Bot, Update
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.backoff import Backoff
from handlers.registry import ALLOWED_UPDATES

log = structlog.get_logger(__name__)

LONG_POLL = 20
"""Seconds that Telegram holds a request for updates open."""


class TokenError(Exception):
    """Telegram does not know the token."""


Put = Callable[[Update], Awaitable[None]]
"""Stores and queues an update; raises NotStoredError where it cannot."""


async def receive(bot: Bot, put: Put) -> None:
    """Ask for updates and pass them on until cancelled.

    A batch is confirmed to Telegram by asking for the one after it, and that happens only when
    all of it is stored.

    Raises:
        TokenError: if Telegram refuses the token; asking again would not help.
    """
    offset: int | None = None
    webhook_gone = False
    backoff = Backoff()
    while True:
        try:
            if not webhook_gone:
                webhook_gone = await bot.delete_webhook(drop_pending_updates=False)
            updates = await bot.get_updates(
                offset=offset, timeout=LONG_POLL, allowed_updates=ALLOWED_UPDATES
            )
            for update in updates:
                await pass_on(update, put)
                offset = update.update_id + 1
        except InvalidToken as exc:
            raise TokenError from exc
        except Conflict as exc:
            # It may have set a webhook since ours was deleted, and would be heard alone for ever.
            webhook_gone = False
            log.warning("another program receives this bot's updates", reason=str(exc))
        except TelegramError as exc:
            backoff.heed(exc)
            log.warning(
                "receiving updates failed, trying again", reason=str(exc), seconds=backoff.seconds
            )
        except Exception:
            # Telegram sent something that PTB cannot read; the next version may.
            log.exception("an update cannot be read", seconds=backoff.seconds)
        else:
            backoff.reset()
            continue
        await backoff.wait()


async def pass_on(update: Update, put: Put) -> None:
    """Pass an update on, unless our own code fails on it: it must not keep out all after it.

    Raises:
        NotStoredError: if it cannot be stored.
    """
    try:
        await put(update)
    except TelegramError:
        raise
    except Exception as exc:
        kind = type(exc).__name__  # its message may hold what somebody wrote
        log.error("update passed over", update_id=update.update_id, reason=kind)  # noqa: TRY400 (without that message)


async def connect(bot: Bot) -> None:
    """Make contact with Telegram, however long that takes.

    Raises:
        TokenError: if Telegram refuses the token.
    """
    backoff = Backoff()
    while True:
        try:
            await bot.initialize()
        except InvalidToken as exc:
            await bot.shutdown()
            raise TokenError from exc
        except TelegramError as exc:
            # A failed start leaves PTB's HTTP clients open.
            await bot.shutdown()
            backoff.heed(exc)
            log.warning(
                "Telegram cannot be reached, trying again",
                reason=str(exc),
                seconds=backoff.seconds,
            )
        else:
            return
        await backoff.wait()
