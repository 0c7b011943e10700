"""Large mappings of which changed copies are cheap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

LEAST_SHARE = 8
"""Changes are merged into a base of their own when they reach one part in so many of it."""


class Layered(Generic[K, V]):
    """A few changes over a large base that copies share. Never changes.

    >>> old = Layered({"a": 1, "b": 2})
    >>> new = old.changed({"a": None, "c": 3})
    >>> new.get("a"), new.get("b"), new.get("c"), old.get("a")
    (None, 2, 3, 1)
    """

    __slots__ = ("_base", "_changes")

    def __init__(self, base: Mapping[K, V], changes: Mapping[K, V | None] | None = None) -> None:
        """Use a base, which must not change from now on, and what differs from it."""
        self._base = base
        self._changes = changes or {}

    def get(self, key: K) -> V | None:
        """The value of a key, None if there is none."""
        return self._changes[key] if key in self._changes else self._base.get(key)

    def __contains__(self, key: K) -> bool:
        return self.get(key) is not None

    def changed(self, changes: Mapping[K, V | None]) -> Layered[K, V]:
        """A copy with other values, None for keys that are taken out."""
        every = {**self._changes, **changes}
        if LEAST_SHARE * len(every) < len(self._base):
            return Layered(self._base, every)
        merged = {**self._base, **every}
        return Layered({key: value for key, value in merged.items() if value is not None})
