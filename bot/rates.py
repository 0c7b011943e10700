"""How often something may happen: pure arithmetic on moments, bounded in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

MOST_KEYS = 10_000
"""Keys that are remembered; of more, the one that was quiet for longest is forgotten."""


class Verdict(Enum):
    """What is done with one more."""

    PASS = auto()
    TELL = auto()  # refused, and that is said
    SILENCE = auto()  # refused, and that was said before


@dataclass(slots=True)
class _Bucket:
    tokens: float
    moment: datetime
    told: bool = False


class Buckets:
    """A token bucket for each key.

    A bucket holds a minute's worth. It is said once that it is empty, and not again before it has
    been full in between.
    """

    def __init__(self, per_minute: int) -> None:
        """Start with full buckets.

        Args:
            per_minute: What passes in the long run, and at once after a rest.
        """
        self._size = float(per_minute)
        self._buckets: OrderedDict[Hashable, _Bucket] = OrderedDict()

    def take(self, key: Hashable, moment: datetime) -> Verdict:
        """Take one token; moments that go back count as the latest one.

        Args:
            key: Whose bucket.
            moment: When it happened, aware.
        """
        bucket = self._buckets.setdefault(key, _Bucket(self._size, moment))
        self._buckets.move_to_end(key)
        if len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)
        passed = max(moment - bucket.moment, timedelta())
        bucket.moment += passed
        bucket.tokens += self._size * (passed / timedelta(minutes=1))
        if bucket.tokens >= self._size:
            bucket.tokens, bucket.told = self._size, False
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return Verdict.PASS
        if bucket.told:
            return Verdict.SILENCE
        bucket.told = True
        return Verdict.TELL

    def put_back(self, key: Hashable) -> None:
        """Give a token back that was taken for what did not happen after all."""
        if key in self._buckets:
            bucket = self._buckets[key]
            bucket.tokens = min(self._size, bucket.tokens + 1)


class Seldom:
    """Lets something happen once in a while for each key."""

    def __init__(self, every: timedelta) -> None:
        """Start with nothing having happened.

        Args:
            every: What has to pass before it may happen again.
        """
        self._every = every
        self._last: OrderedDict[Hashable, datetime] = OrderedDict()

    def allows(self, key: Hashable, moment: datetime) -> bool:
        """Whether it may happen now; if so, it counts as having happened."""
        last = self._last.get(key)
        # A clock that was set back must not forbid it until it has caught up.
        if last is not None and last <= moment < last + self._every:
            return False
        self._last[key] = moment
        self._last.move_to_end(key)
        if len(self._last) > MOST_KEYS:
            self._last.popitem(last=False)
        return True
