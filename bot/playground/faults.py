"""Faults on order: what can go wrong between a bot and Telegram."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from bot.playground.wire import ApiError, Json, present

ANY: Final = "*"
KINDS: Final = frozenset({"error", "delay", "close_before", "close_after", "malformed"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of trouble.

    Attributes:
        kind: `error` answers with the error and has no effect; `delay` answers properly after
            `seconds`; `close_before` drops the connection without effect; `close_after`
            drops it after the call took effect; `malformed` takes effect and answers with half
            a JSON body.
        method: Method name in any case, or `*` for all but getUpdates: a long poll would use
            up the fault at an unpredictable moment, so it must be named.
        chat_id: Only calls that name this chat, None for all.
        times: How often it strikes, None for ever.
        ratio: Share of the matching calls that are struck, 0 to 1.
        seed: Makes the choice behind `ratio` repeatable.
        error_code: Of an `error`.
        description: Of an `error`; Telegram's usual words if empty.
        retry_after: Seconds, sent along with a 429.
        migrate_to_chat_id: Sent along with a 400.
        seconds: Length of a `delay`.
    """

    kind: str = "error"
    method: str = ANY
    chat_id: int | None = None
    times: int | None = 1
    ratio: float = 1.0
    seed: int = 0
    error_code: int = 500
    description: str = ""
    retry_after: int | None = None
    migrate_to_chat_id: int | None = None
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(sorted(KINDS))}")
        if not 0 <= self.ratio <= 1 or (self.times is not None and self.times < 1):
            raise ValueError("ratio must be within 0 and 1, times at least 1")
        if not 400 <= self.error_code <= 599:
            raise ValueError("error_code must be within 400 and 599")

    def matches(self, method: str, chat_id: int | None) -> bool:
        """Whether a call is of the kind this fault waits for."""
        if self.chat_id is not None and self.chat_id != chat_id:
            return False
        if self.method == ANY:
            return method.lower() != "getupdates"
        return self.method.lower() == method.lower()

    def error(self) -> ApiError:
        """The error an `error` fault answers with."""
        return ApiError(
            self.error_code,
            self.description or _usual(self.error_code, self.retry_after),
            retry_after=self.retry_after,
            migrate_to_chat_id=self.migrate_to_chat_id,
        )


@dataclass(slots=True)
class _Scheduled:
    number: int
    fault: Fault
    dice: random.Random
    struck: int = 0


@dataclass(slots=True)
class Faults:
    """The faults on order, first come first served."""

    _scheduled: list[_Scheduled] = field(default_factory=list)
    _count: int = 0

    def schedule(self, fault: Fault) -> int:
        """Add a fault; its number tells it from others."""
        self._count += 1
        dice = random.Random(fault.seed)  # noqa: S311 (repeatable on purpose, guards nothing)
        self._scheduled.append(_Scheduled(self._count, fault, dice))
        return self._count

    def clear(self) -> None:
        """Let everything work again."""
        self._scheduled.clear()

    def strike(self, method: str, chat_id: int | None) -> Fault | None:
        """The fault that hits this call, None if it goes well."""
        for entry in self._scheduled:
            fault = entry.fault
            spent = fault.times is not None and entry.struck >= fault.times
            if spent or not fault.matches(method, chat_id):
                continue
            if entry.dice.random() < fault.ratio:
                entry.struck += 1
                return fault
        return None

    def as_json(self) -> list[Json]:
        """List what was ordered and how often it struck."""
        return [
            present(id=entry.number, struck=entry.struck, **_fields(entry.fault))
            for entry in self._scheduled
        ]


def fault_from_json(given: Mapping[str, object]) -> Fault:
    """Read an order.

    Raises:
        ValueError: An unknown field or kind, or a value out of range.
    """
    order: Json = dict(given)
    unknown = order.keys() - set(Fault.__dataclass_fields__)
    if unknown:
        raise ValueError(f"unknown field: {', '.join(sorted(unknown))}")
    try:
        return replace(Fault(), **order)
    except TypeError as error:
        raise ValueError("a field has the wrong type") from error


def _fields(fault: Fault) -> Json:
    return {name: getattr(fault, name) for name in Fault.__dataclass_fields__}


def _usual(code: int, retry_after: int | None) -> str:
    usual = {
        400: "Bad Request",
        401: "Unauthorized",
        403: "Forbidden: bot was blocked by the user",
        404: "Not Found",
        409: "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running",
        429: f"Too Many Requests: retry after {retry_after}",
        502: "Bad Gateway",
    }
    return usual.get(code, "Internal Server Error")
