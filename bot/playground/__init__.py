"""A local Telegram: Bot API server, chat page and simulation interface in one process.

The whole bot runs against it without a token::

    playground = Playground(limits=Limits())
    async with serve(playground) as base_url:
        ...  # telegram: base_url + "/bot" and base_url + "/file/bot"; people: base_url + "/"

Nothing leaves the machine and nothing is kept.
"""

from bot.playground.clock import Clock, ManualClock, SystemClock
from bot.playground.limits import Limits
from bot.playground.server import HOST, TOKEN, Playground
from bot.playground.simulation import ClockListener

serve = Playground.serve

__all__ = [
    "HOST",
    "TOKEN",
    "Clock",
    "ClockListener",
    "Limits",
    "ManualClock",
    "Playground",
    "SystemClock",
    "serve",
]
