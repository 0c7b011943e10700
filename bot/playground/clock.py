"""The one source of the present moment."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Tells the time and lets it be set. Unix seconds, UTC."""

    def now(self) -> float:
        """The present moment."""
        ...

    def set(self, moment: float) -> None:
        """Make `moment` the present."""
        ...


class SystemClock:
    """Runs with the machine's clock, from wherever it was last set to."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        """The machine's time plus the shift made by `set`."""
        return time.time() + self._ahead

    def set(self, moment: float) -> None:
        """Go on from `moment`."""
        self._ahead = moment - time.time()


class ManualClock:
    """Stands still until it is set: for tests that must not depend on speed."""

    def __init__(self, moment: float = 1_790_000_000.0) -> None:
        self._moment = moment

    def now(self) -> float:
        """The moment last set."""
        return self._moment

    def set(self, moment: float) -> None:
        """Make `moment` the present."""
        self._moment = moment

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass."""
        self._moment += seconds
