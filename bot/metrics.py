"""What is counted and timed while the bot runs; nothing of it says who asked or what.

This is the port between the bot's edge and Prometheus: others tell what happened, and no other
module knows the library. To count more, add a metric and a method here, and call it at the edge.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from telegram import Update

from handlers.registry import ALLOWED_UPDATES
from knowledge.answering.confidence import Band
from knowledge.notification.notices import NoticeState, Obsolete
from knowledge.snapshot import Snapshot
from scheduler.notifier import Outcome as DeliveryOutcome

BUCKETS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0)
"""Seconds: from an answer out of memory to one that waited until Telegram was back."""

UNREACHABLE: Final = "unreachable"
"""Status of calls to Telegram that came to no answer."""


class Outcome(StrEnum):
    """What came of an update."""

    DONE = "done"
    FAILED = "failed"  # a fault of ours; the person got a reference
    POSTPONED = "postponed"  # Telegram did not take the reply; tried again later
    UNDELIVERED = "undelivered"  # the reply was given up
    KNOWN = "known"  # offered before
    IGNORED = "ignored"  # people in a group among themselves
    REFUSED = "refused"  # too many, too long, or not invited


@dataclass(slots=True)
class _Open:
    """An update that has arrived and is not dealt with."""

    arrived: float
    outcome: Outcome = Outcome.DONE


class Metrics:
    """The bot's metrics in a registry of their own."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Start at zero.

        Args:
            monotonic: Seconds that never go back, whatever happens to the system's clock.
        """
        self._monotonic = monotonic
        self._open: dict[int, _Open] = {}
        self._last_refresh: float | None = None
        self._last_call: float | None = None
        self._last_refusal: float | None = None
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._updates = Counter(
            "massnahmenbot_updates",
            "Updates by kind and what came of them",
            ["kind", "outcome"],
            registry=self._registry,
        )
        for kind in ALLOWED_UPDATES:
            # Prometheus sees no increase where the first value that it gets is not 0.
            self._updates.labels(kind, Outcome.FAILED)
        self._answers = Counter(
            "massnahmenbot_answers",
            "Answers to questions by how sure it was what was meant",
            ["band"],
            registry=self._registry,
        )
        for band in Band:
            self._answers.labels(band)
        self._handling = Histogram(
            "massnahmenbot_handling_seconds",
            "Time that the handlers of an update took, replies included",
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._reply = Histogram(
            "massnahmenbot_reply_seconds",
            "Time from the arrival of an update until its handlers were done",
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._calls = Counter(
            "massnahmenbot_telegram_calls",
            "Calls of the Bot API by method and HTTP status",
            ["method", "status"],
            registry=self._registry,
        )
        self._gauge(
            "inbox_waiting", "Updates that have arrived and are not dealt with"
        ).set_function(lambda: len(self._open))
        self._failures = Counter(
            "massnahmenbot_inbox_failures",
            "Times that the database did not take what arrived, or that it was dealt with",
            registry=self._registry,
        )
        self._ready = Gauge(
            "massnahmenbot_ready",
            "Whether each condition of being ready is fulfilled",
            ["check"],
            registry=self._registry,
        )
        self._leading = self._gauge("leading", "Whether notices are sent from here")
        self._revision = self._gauge("snapshot_revision", "Revision that answers come from")
        self._entries = self._gauge("snapshot_entries", "Entries that answers come from")
        self._build = self._gauge(
            "snapshot_build_seconds", "Time that loading and indexing the last new revision took"
        )
        self._deliveries = Counter(
            "massnahmenbot_deliveries",
            "Attempts to deliver a notice by what came of them",
            ["result"],
            registry=self._registry,
        )
        self._outbox = Gauge(
            "massnahmenbot_outbox_notices",
            "Notices in the outbox by state; only where they are sent",
            ["state"],
            registry=self._registry,
        )
        self._overdue = self._gauge(
            "outbox_overdue_seconds",
            "How long the oldest notice that is due has been waiting; only where they are sent",
        )

    def arrived(self, update: Update) -> None:
        """Note that an update waits for its handlers."""
        self._open.setdefault(update.update_id, _Open(self._monotonic()))

    def noted(self, update: Update, outcome: Outcome) -> None:
        """Note what comes of an update whose handlers are running."""
        if (waiting := self._open.get(update.update_id)) is not None:
            waiting.outcome = outcome

    def ended(self, update: Update, handling: float) -> None:
        """Count an update whose handlers are done; one that is postponed waits on.

        Args:
            update: The update.
            handling: Seconds that the handlers took.
        """
        waiting = self._open.get(update.update_id)
        if waiting is None:
            return
        self._updates.labels(kind_of(update), waiting.outcome).inc()
        self._handling.observe(handling)
        if waiting.outcome is Outcome.POSTPONED:
            waiting.outcome = Outcome.DONE
            return
        del self._open[update.update_id]
        self._reply.observe(self._monotonic() - waiting.arrived)

    def dropped(self, update: Update, outcome: Outcome) -> None:
        """Count an update that no handler sees."""
        self._updates.labels(kind_of(update), outcome).inc()

    def written(self, *, done: bool) -> None:
        """Note whether what arrived and what was dealt with could be written down."""
        self._last_refusal = None if done else self._monotonic()
        if not done:
            self._failures.inc()

    def looked_at(self, checks: Mapping[str, bool], *, leading: bool) -> None:
        """Note how health is.

        Args:
            checks: Each condition of being ready, and whether it is fulfilled.
            leading: Whether notices are sent from here.
        """
        for name, is_good in checks.items():
            self._ready.labels(name).set(is_good)
        self._leading.set(leading)

    def answered(self, band: Band) -> None:
        """Count the answer to a question."""
        self._answers.labels(band).inc()

    def delivered(self, outcome: DeliveryOutcome | Obsolete) -> None:
        """Count an attempt to deliver a notice, or one that was dropped instead."""
        self._deliveries.labels(type(outcome).__name__.lower()).inc()

    def backlog(self, counts: Mapping[NoticeState, int], overdue: timedelta) -> None:
        """Note what is in the outbox.

        Args:
            counts: How many notices are in each state.
            overdue: How long the oldest one that is due has been waiting.
        """
        for state, count in counts.items():
            self._outbox.labels(state).set(count)
        self._overdue.set(overdue.total_seconds())

    def called(self, method: str, status: int | None) -> None:
        """Count a call of the Bot API; None where no answer came."""
        self._calls.labels(method, UNREACHABLE if status is None else status).inc()
        if status is not None and 200 <= status < 300:
            self._last_call = self._monotonic()

    def refreshed(self, snapshot: Snapshot, *, seconds: float | None) -> None:
        """Note that the snapshot is up to date.

        Args:
            snapshot: The newest state.
            seconds: How long it took to make, if it is a new one.
        """
        self._last_refresh = self._monotonic()
        self._revision.set(snapshot.revision)
        self._entries.set(len(snapshot.entries))
        if seconds is not None:
            self._build.set(seconds)

    @property
    def since_refresh(self) -> float | None:
        """Seconds since the snapshot was last known to be up to date; None if never."""
        return self._since(self._last_refresh)

    @property
    def since_call(self) -> float | None:
        """Seconds since Telegram last answered a call with success; None if never."""
        return self._since(self._last_call)

    @property
    def since_refusal(self) -> float | None:
        """Seconds since updates could not be written down; None if they could be since."""
        return self._since(self._last_refusal)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def _since(self, moment: float | None) -> float | None:
        return None if moment is None else self._monotonic() - moment

    def _gauge(self, name: str, meaning: str) -> Gauge:
        return Gauge(f"massnahmenbot_{name}", meaning, registry=self._registry)


def kind_of(update: Update) -> str:
    """The kind of an update in Telegram's words, e.g. `callback_query`."""
    return next((kind for kind in Update.ALL_TYPES if getattr(update, kind) is not None), "other")
