"""Webhooks: the methods that set them and the task that delivers to them."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import httpx

from bot.playground.core import Core, Webhook
from bot.playground.parameters import Parameters
from bot.playground.wire import Json, bad_request, present

SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 (a header's name)
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
FIRST_PAUSE: Final = 0.1
LONGEST_PAUSE: Final = 5.0
TIMEOUT: Final = 30.0


def set_webhook(core: Core, parameters: Parameters) -> bool:
    """Deliver updates to a loopback address from now on; an empty one ends that.

    Plain http is taken, unlike Telegram: nothing leaves the machine.
    """
    url = parameters.text("url")
    if not url:
        return delete_webhook(core, parameters)
    if not is_loopback(url):
        raise bad_request("bad webhook: the playground delivers to loopback addresses only")
    secret = parameters.text("secret_token")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad_request("secret token contains unallowed characters")
    connections = parameters.number("max_connections") or 40
    if not 1 <= connections <= 100:
        raise bad_request("max_connections must be between 1 and 100")
    if (allowed := parameters.decoded("allowed_updates")) is not None:
        core.updates.remember(allowed)
    if parameters.flag("drop_pending_updates"):
        core.updates.clear()
    core.webhook = Webhook(url, secret, connections)
    core.interrupt_polling("setWebhook")
    return True


def delete_webhook(core: Core, parameters: Parameters) -> bool:
    """Go back to getUpdates."""
    if parameters.flag("drop_pending_updates"):
        core.updates.clear()
    core.webhook = None
    core.signal.notify()
    return True


def get_webhook_info(core: Core, _: Parameters) -> Json:
    """Tell where updates go and what went wrong last."""
    webhook = core.webhook or Webhook("")
    return {
        "url": webhook.url,
        "has_custom_certificate": False,
        "pending_update_count": len(core.updates),
        **present(
            max_connections=webhook.max_connections if webhook.url else None,
            ip_address="127.0.0.1" if webhook.url else None,
            last_error_date=webhook.last_error_date,
            last_error_message=webhook.last_error_message,
            allowed_updates=core.updates.allowed,
        ),
    }


def is_loopback(url: str) -> bool:
    """Whether a URL stays on this machine.

    >>> is_loopback("http://127.0.0.1:8080/hook"), is_loopback("https://example.org/")
    (True, False)
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and parts.hostname in LOOPBACK


@dataclass(slots=True)
class Delivery:
    """Carries updates to the webhook: in order within a chat, chats side by side."""

    core: Core
    _running: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """Deliver until the server goes down."""
        async with httpx.AsyncClient(trust_env=False, timeout=TIMEOUT) as client:
            try:
                while not self.core.signal.closed:
                    claim = await self.core.signal.until(self._claim, timeout=LONGEST_PAUSE)
                    if claim is not None:
                        task = asyncio.create_task(self._deliver(client, *claim))
                        self._running.add(task)
                        task.add_done_callback(self._done)
            finally:
                for task in self._running:
                    task.cancel()
                await asyncio.gather(*self._running, return_exceptions=True)

    def _claim(self) -> tuple[Webhook, Json] | None:
        webhook = self.core.webhook
        if webhook is None or len(self._running) >= webhook.max_connections:
            return None
        update = self.core.updates.claim()
        return None if update is None else (webhook, update)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        self.core.signal.notify()

    async def _deliver(self, client: httpx.AsyncClient, webhook: Webhook, update: Json) -> None:
        """Try until it is taken or the webhook is another one."""
        delivered = False
        pause = FIRST_PAUSE
        try:
            while self.core.webhook is webhook and not delivered:
                delivered = await self._attempt(client, webhook, update)
                if not delivered:
                    await asyncio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            self.core.updates.settle(update, delivered=delivered)

    async def _attempt(self, client: httpx.AsyncClient, webhook: Webhook, update: Json) -> bool:
        headers = {SECRET_HEADER: webhook.secret} if webhook.secret else {}
        try:
            answer = await client.post(webhook.url, json=update, headers=headers)
        except httpx.HTTPError as error:
            failure = f"{type(error).__name__}: {error}"
        else:
            if answer.is_success:
                return True
            failure = (
                f"Wrong response from the webhook: {answer.status_code} {answer.reason_phrase}"
            )
        webhook.last_error_date = self.core.seconds()
        webhook.last_error_message = failure
        return False
