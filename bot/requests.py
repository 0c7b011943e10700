"""Requests to Telegram by PTB's own means, with a word to whoever counts them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from telegram.request import HTTPXRequest

Called = Callable[[str, int | None], None]
"""Told the method of the Bot API and the HTTP status, None where no answer came."""


class CountedRequest(HTTPXRequest):
    """Tells of every request."""

    def __init__(self, called: Called, *, connections: int) -> None:
        """Prepare.

        Args:
            called: Told of every request.
            connections: How many there may be at once.
        """
        super().__init__(connection_pool_size=connections, http_version="1.1")
        self._called = called

    async def do_request(self, url: str, *given: Any, **named: Any) -> tuple[int, bytes]:  # noqa: ANN401 (passed on)
        """Make a request."""
        status = None
        try:
            status, payload = await super().do_request(url, *given, **named)
        finally:
            self._called(_method(url), status)
        return status, payload


def _method(url: str) -> str:
    """The method of the Bot API that an address calls; downloads have names of their own."""
    return "file" if "/file/bot" in url else url.rpartition("/")[2]
