"""Recurring jobs on APScheduler, set up so that none is skipped silently."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from apscheduler.events import (
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    JobEvent,
)
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from knowledge.storage.outages import report

log = structlog.get_logger(__name__)

SLACK: Final = timedelta(seconds=1)
"""By how much a clock may be put right without its counting as set back."""


@dataclass(frozen=True, slots=True)
class Job:
    """Something done again and again; it must not matter how often or how late.

    Attributes:
        name: Unique, for the log.
        every: Time between two runs.
        run: What is done.
    """

    name: str
    every: timedelta
    run: Callable[[], Awaitable[object]]


class Clockwork:
    """Runs jobs on the event loop that starts it."""

    def __init__(self, jobs: list[Job]) -> None:
        """Plan the jobs; nothing runs before `start`."""
        self._jobs = jobs
        self._running: set[asyncio.Task[object]] = set()
        self._failures: dict[str, Counter[type]] = defaultdict(Counter)
        self._scheduler = _Scheduler(
            # Times of a zone with summer time are an hour off twice a year.
            timezone=UTC,
            # None: a late run is still run (the default drops it after one second).
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        self._scheduler.add_listener(_report, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        for job in jobs:
            self._scheduler.add_job(
                self._coroutine(job),
                "interval",
                seconds=job.every.total_seconds(),
                id=job.name,
                replace_existing=True,
            )

    def start(self) -> None:
        """Begin; needs a running event loop."""
        self._scheduler.start()

    async def catch_up(self) -> None:
        """Run every job once, in their order, without waiting for its time: the clock jumped."""
        for job in self._jobs:
            await self._run(job)

    async def stop(self) -> None:
        """Start no further runs, and cut off what is under way; returns when that is over."""
        self._scheduler.shutdown(wait=False)  # cancels the runs, but does not wait for them
        await asyncio.gather(*self._running, return_exceptions=True)

    def _coroutine(self, job: Job) -> Callable[[], Awaitable[None]]:
        """What APScheduler awaits: coroutine functions only, not all that gives an awaitable."""

        async def run() -> None:
            task = asyncio.current_task()
            assert task is not None
            self._running.add(task)
            try:
                await self._run(job)
            finally:
                self._running.discard(task)

        return run

    async def _run(self, job: Job) -> None:
        """Run a job once, and say if it failed: ever more seldom if it does so again and again.

        What APScheduler learned of it would log it, too.
        """
        try:
            await job.run()
        except Exception as exc:
            self._failures[job.name][type(exc)] += 1
            times = self._failures[job.name][type(exc)]
            if times.bit_count() == 1:  # 1, 2, 4, 8, ...
                report(log, "job failed", exc, job=job.name, times=times)
        else:
            if self._failures.pop(job.name, None):
                log.info("job works again", job=job.name)


class _Scheduler(AsyncIOScheduler):  # type: ignore[misc]  # APScheduler has no types
    """Does not wait until a wall clock that was set back shows again what it showed before.

    APScheduler waits by a clock that only goes forward, and so does wake up in time; but then it
    asks the wall clock what is due.
    """

    def wakeup(self) -> None:
        now = datetime.now(UTC)
        for job in self.get_jobs():
            if job.next_run_time > now + job.trigger.interval + SLACK:
                log.warning("the clock was set back", job=job.id, planned=str(job.next_run_time))
                self.modify_job(job.id, next_run_time=now)
        super().wakeup()

    def _start_timer(self, wait_seconds: float | None) -> None:
        # Between that look at the clock and the one that told how long to wait, it may have been
        # set back, too. No job waits for longer than its interval.
        intervals = [job.trigger.interval.total_seconds() for job in self.get_jobs()]
        super()._start_timer(None if wait_seconds is None else min([wait_seconds, *intervals]))


def _report(event: JobEvent) -> None:
    log.warning("job was not run", job=event.job_id, event_code=event.code)
