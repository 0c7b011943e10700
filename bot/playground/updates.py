"""The queue of updates that wait for the bot."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final

from bot.playground.wire import Json, bad_request

FIRST_ID: Final = 100_000_000
RANGE: Final = 900_000_000
MOST: Final = 100

KINDS: Final = frozenset(
    {
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "chat_member",
        "message_reaction",
        "message_reaction_count",
    }
)
# Sent only to bots that ask for them by name (Bot API, getUpdates, allowed_updates).
_ON_REQUEST: Final = frozenset({"chat_member", "message_reaction", "message_reaction_count"})


@dataclass(slots=True)
class _Waiting:
    update: Json
    lane: int
    claimed: bool = False

    @property
    def number(self) -> int:
        return int(self.update["update_id"])


@dataclass(slots=True)
class Updates:
    """Waiting updates in order.

    Numbers begin anywhere, as Telegram's do after a week without updates: a bot that keeps its
    database from one playground to the next must not take new updates for known ones.

    Attributes:
        allowed: Kinds the bot asked for last, None for Telegram's default.
        first_id: Number of the first update.
    """

    allowed: list[str] | None = None
    first_id: int = field(default_factory=lambda: FIRST_ID + secrets.randbelow(RANGE))
    _waiting: list[_Waiting] = field(default_factory=list)
    _next_id: int = field(init=False)

    def __post_init__(self) -> None:
        self._next_id = self.first_id

    def wants(self, kind: str) -> bool:
        """Whether the bot asked for this kind."""
        return kind not in _ON_REQUEST if self.allowed is None else kind in self.allowed

    def add(self, kind: str, payload: Json, *, lane: int) -> int | None:
        """Queue an update.

        Args:
            kind: Telegram's field name, e.g. `callback_query`.
            payload: What stands in that field.
            lane: Chat or user: a webhook gets the updates of one lane one after the other.

        Returns:
            The update id, None if the bot does not want this kind.
        """
        if not self.wants(kind):
            return None
        number = self._next_id
        self._next_id += 1
        self._waiting.append(_Waiting({"update_id": number, kind: payload}, lane))
        return number

    def remember(self, allowed: object) -> None:
        """Take over `allowed_updates`: an empty list means the default, unknown names vanish."""
        if not isinstance(allowed, list):
            raise bad_request("can't parse allowed_updates: expected an Array of String")
        known = [kind for kind in allowed if kind in KINDS]
        self.allowed = known or None

    def confirm(self, offset: int) -> None:
        """Forget what the offset confirms; a negative one keeps that many of the newest."""
        if offset < 0:
            self._waiting = self._waiting[offset:]
        elif offset > 0:
            self._waiting = [entry for entry in self._waiting if entry.number >= offset]

    def peek(self, limit: int = MOST) -> list[Json]:
        """The oldest updates without forgetting them."""
        return [entry.update for entry in self._waiting[: max(1, min(limit, MOST))]]

    def clear(self) -> None:
        """Drop everything."""
        self._waiting.clear()

    def __len__(self) -> int:
        return len(self._waiting)

    def claim(self) -> Json | None:
        """Take the next update whose lane is free, for delivery to a webhook."""
        busy = {entry.lane for entry in self._waiting if entry.claimed}
        for entry in self._waiting:
            if not entry.claimed and entry.lane not in busy:
                entry.claimed = True
                return entry.update
            busy.add(entry.lane)
        return None

    def settle(self, update: Json, *, delivered: bool) -> None:
        """End a claim: forget the update if it was delivered, else let it be claimed again."""
        number = update["update_id"]
        if delivered:
            self._waiting = [entry for entry in self._waiting if entry.number != number]
        for entry in self._waiting:
            if entry.number == number:
                entry.claimed = False
