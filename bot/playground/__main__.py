"""`python -m bot.playground`: serve until SIGINT or SIGTERM."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from datetime import datetime

import httpx

from bot.playground import TOKEN, ClockListener, Limits, Playground
from bot.playground.webhook import is_loopback


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the playground and return the exit code."""
    parser = argparse.ArgumentParser(prog="bot.playground", description=__doc__)
    parser.add_argument("--port", type=int, default=8081, help="TCP port, 0 for any free one")
    parser.add_argument("--token", default=TOKEN, help="token of the bot (default: %(default)s)")
    parser.add_argument("--no-limits", action="store_true", help="take any number of messages")
    parser.add_argument(
        "--clock-url",
        metavar="URL",
        help='loopback address that gets {"now": "<ISO 8601>"} posted when the clock is set; '
        'shows the button "a day forward" on the page',
    )
    options = parser.parse_args(arguments)
    if options.clock_url and not is_loopback(options.clock_url):
        parser.error("--clock-url must be a loopback address")
    try:
        playground = Playground(
            token=options.token,
            limits=None if options.no_limits else Limits(),
            clock_listener=_poster(options.clock_url) if options.clock_url else None,
        )
        asyncio.run(_run(playground, options.port))
    except (OSError, ValueError) as error:
        print(f"bot.playground: {error}", file=sys.stderr)  # noqa: T201 (a command line speaks)
        return 1
    return 0


async def _run(playground: Playground, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with playground.serve(port) as base_url:
        print(f"Playground: {base_url}/", flush=True)  # noqa: T201 (others wait for this line)
        await stop.wait()


def _poster(url: str) -> ClockListener:
    async def post(now: datetime) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(url, json={"now": now.isoformat()})
            answer.raise_for_status()

    return post


if __name__ == "__main__":
    sys.exit(main())
