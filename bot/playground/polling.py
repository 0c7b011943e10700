"""getUpdates: long polling with Telegram's rule that there is only one poller."""

from __future__ import annotations

from typing import Final

from bot.playground.core import Core
from bot.playground.parameters import Parameters
from bot.playground.updates import MOST
from bot.playground.wire import Json, conflict

MAX_TIMEOUT: Final = 50

WEBHOOK_ACTIVE: Final = (
    "can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


async def get_updates(core: Core, parameters: Parameters) -> list[Json]:
    """The waiting updates, or the first one that comes within `timeout` seconds.

    Raises:
        ApiError: 409 if a webhook is set, or if another getUpdates or setWebhook comes in between.
    """
    if core.webhook is not None:
        raise conflict(WEBHOOK_ACTIVE)
    if (allowed := parameters.decoded("allowed_updates")) is not None:
        core.updates.remember(allowed)
    core.updates.confirm(parameters.number("offset") or 0)
    limit = parameters.number("limit") or MOST
    timeout = max(0, min(parameters.number("timeout") or 0, MAX_TIMEOUT))
    mine = core.interrupt_polling("other getUpdates")

    def ready() -> list[Json] | None:
        if core.poll[0] != mine:
            return []
        return core.updates.peek(limit) or None

    updates = await core.signal.until(ready, timeout)
    if core.poll[0] != mine:
        hint = "; make sure that only one bot instance is running"
        by = core.poll[1]
        raise conflict(f"terminated by {by} request{hint if by != 'setWebhook' else ''}")
    return updates or []
