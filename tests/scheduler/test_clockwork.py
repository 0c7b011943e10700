"""Recurring jobs: none is skipped silently, none stops because it failed once."""

import asyncio
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

import pytest
import structlog
from apscheduler.events import (
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    EVENT_SCHEDULER_SHUTDOWN,
    JobExecutionEvent,
)
from apscheduler.schedulers import base
from apscheduler.triggers import interval
from structlog.testing import capture_logs

from scheduler import clockwork
from scheduler.clockwork import Clockwork, Job

OFTEN, SELDOM = timedelta(milliseconds=5), timedelta(days=1)
LONG_AGO = datetime(2024, 1, 1, 8, tzinfo=UTC)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """What is logged, whatever logging other tests have configured."""
    monkeypatch.setattr(clockwork, "log", structlog.get_logger())
    with capture_logs() as entries:
        yield entries


class Wall:
    """The clock on the wall, which may be wrong."""

    ahead = timedelta()


@pytest.fixture
def wall(monkeypatch: pytest.MonkeyPatch) -> Wall:
    """What clock the jobs go by."""
    wall = Wall()

    class Shown(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            return (datetime.now(UTC) + wall.ahead).astimezone(tz)

    for module in (base, interval, clockwork):
        monkeypatch.setattr(module, "datetime", Shown)
    return wall


class Runs:
    """A job that counts its runs, and fails at the first ones if it is told to."""

    def __init__(self, *, failing: int = 0, wanted: int = 1) -> None:
        self.count = 0
        self.done = asyncio.Event()
        self._failing = failing
        self._wanted = wanted

    async def run(self) -> None:
        self.count += 1
        if self.count >= self._wanted:
            self.done.set()
        if self.count <= self._failing:
            raise RuntimeError("kein Strom")


async def until(event: asyncio.Event) -> None:
    async with asyncio.timeout(10):
        await event.wait()


async def test_a_job_runs_again_and_again(written: list[Any]) -> None:
    runs = Runs(wanted=3)
    clocks = Clockwork([Job("tick", OFTEN, runs.run)])
    clocks.start()
    await until(runs.done)
    await clocks.stop()
    assert runs.count >= 3
    assert written == []


async def test_nothing_runs_before_the_start() -> None:
    clocks = Clockwork([Job("tick", OFTEN, Runs().run)])
    assert not clocks._scheduler.running
    assert [job.pending for job in clocks._scheduler.get_jobs()] == [True]


async def test_an_error_is_logged_and_the_next_run_still_happens(written: list[Any]) -> None:
    runs = Runs(failing=1, wanted=3)
    clocks = Clockwork([Job("tick", OFTEN, runs.run)])
    clocks.start()
    await until(runs.done)
    await clocks.stop()
    entry, recovered = written
    assert (entry["event"], entry["log_level"], entry["job"]) == ("job failed", "error", "tick")
    assert (recovered["event"], recovered["job"]) == ("job works again", "tick")
    assert isinstance(entry["exc_info"], RuntimeError)


async def test_a_failing_job_does_not_stop_another(written: list[Any]) -> None:
    failing, sound = Runs(failing=1_000_000), Runs(wanted=3)
    clocks = Clockwork([Job("bad", OFTEN, failing.run), Job("good", OFTEN, sound.run)])
    clocks.start()
    await until(sound.done)
    await until(failing.done)
    await clocks.stop()
    assert {entry["job"] for entry in written} == {"bad"}


async def test_jobs_are_never_dropped_for_being_late() -> None:
    clocks = Clockwork([Job("tick", SELDOM, Runs().run), Job("tidy", SELDOM, Runs().run)])
    clocks.start()
    jobs = clocks._scheduler.get_jobs()
    await clocks.stop()
    assert [job.id for job in jobs] == ["tick", "tidy"]
    for job in jobs:
        assert job.misfire_grace_time is None
        assert job.coalesce is True
        assert job.max_instances == 1
        assert job.trigger.interval == SELDOM


async def test_a_job_that_is_months_late_runs_once_and_then_on_time(written: list[Any]) -> None:
    runs = Runs()
    clocks = Clockwork([Job("tick", SELDOM, runs.run)])
    clocks.start()
    planned = clocks._scheduler.get_job("tick").next_run_time
    clocks._scheduler.modify_job("tick", next_run_time=LONG_AGO)
    await until(runs.done)
    following = clocks._scheduler.get_job("tick").next_run_time
    await clocks.stop()
    assert runs.count == 1
    assert abs(following - planned) <= SELDOM
    assert written == []


@pytest.mark.parametrize("while_waking_up", [False, True])
async def test_a_clock_that_is_set_back_stops_no_job(
    wall: Wall, written: list[Any], *, while_waking_up: bool
) -> None:
    before, again = asyncio.Event(), asyncio.Event()

    async def run() -> None:
        (again if before.is_set() and not wall.ahead else before).set()

    wall.ahead = timedelta(hours=5)
    clocks = Clockwork([Job("tick", OFTEN, run)])
    clocks.start()
    await until(before)
    if while_waking_up:  # what is due is looked for in the next turn of the loop
        clocks._scheduler.wakeup()
    wall.ahead = timedelta()
    await until(again)
    # From then on it runs as ever.
    again.clear()
    await until(again)
    await clocks.stop()
    assert [(entry["event"], entry["job"]) for entry in written] == [
        ("the clock was set back", "tick")
    ]


@pytest.mark.parametrize("back", [timedelta(minutes=1), timedelta(days=400)])
async def test_what_is_further_off_than_its_interval_is_run_at_once(
    wall: Wall, written: list[Any], back: timedelta
) -> None:
    runs = Runs()
    clocks = Clockwork([Job("tick", SELDOM, runs.run)])
    clocks.start()
    planned = clocks._scheduler.get_job("tick").next_run_time
    wall.ahead = -back
    clocks._scheduler.wakeup()
    await until(runs.done)
    following = clocks._scheduler.get_job("tick").next_run_time
    await clocks.stop()
    assert abs(planned - following - back) < timedelta(minutes=1)
    assert (runs.count, len(written)) == (1, 1)


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(milliseconds=-300), timedelta(hours=5)])
async def test_a_clock_that_is_put_right_or_forward_brings_nothing_forward(
    wall: Wall, written: list[Any], ahead: timedelta
) -> None:
    clocks = Clockwork([Job("tick", SELDOM, Runs().run)])
    clocks.start()
    planned = clocks._scheduler.get_job("tick").next_run_time
    wall.ahead = ahead
    clocks._scheduler.wakeup()
    assert clocks._scheduler.get_job("tick").next_run_time == planned
    await clocks.stop()
    assert written == []


@pytest.mark.parametrize(
    "before", [datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 10, 24, 12, tzinfo=UTC)]
)
async def test_a_change_of_summer_time_moves_no_run(
    wall: Wall, written: list[Any], before: datetime
) -> None:
    wall.ahead = before - datetime.now(UTC)
    clocks = Clockwork([Job("tick", SELDOM, Runs().run)])
    clocks.start()
    planned = clocks._scheduler.get_job("tick").next_run_time
    clocks._scheduler.wakeup()
    await clocks.stop()
    assert abs(planned - before - SELDOM) < timedelta(minutes=1)
    assert written == []


async def test_a_run_that_takes_long_is_not_joined_by_a_second_one(written: list[Any]) -> None:
    at_once = most = 0
    release, skipped = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await release.wait()
        at_once -= 1

    clocks = Clockwork([Job("slow", OFTEN, slow)])
    clocks._scheduler.add_listener(lambda _: skipped.set(), EVENT_JOB_MAX_INSTANCES)
    clocks.start()
    await until(skipped)
    release.set()
    await clocks.stop()
    assert most == 1
    assert {entry["event"] for entry in written} == {"job was not run"}
    assert {entry["log_level"] for entry in written} == {"warning"}


def test_a_job_that_was_not_run_is_named(written: list[Any]) -> None:
    clockwork._report(JobExecutionEvent(EVENT_JOB_MISSED, "tick", "default", LONG_AGO))
    (entry,) = written
    assert (entry["job"], entry["log_level"]) == ("tick", "warning")


async def test_a_failure_is_written_once_and_not_by_apscheduler_too(
    written: list[Any], caplog: pytest.LogCaptureFixture
) -> None:
    runs = Runs(failing=1, wanted=2)
    clocks = Clockwork([Job("tick", OFTEN, runs.run)])
    clocks.start()
    await until(runs.done)
    await clocks.stop()
    assert len([entry for entry in written if entry["event"] == "job failed"]) == 1
    assert [line for line in caplog.records if line.levelno >= logging.WARNING] == []


async def test_a_job_that_fails_again_and_again_is_told_of_ever_more_seldom(
    written: list[Any],
) -> None:
    runs = Runs(failing=20)
    clocks = Clockwork([Job("tick", SELDOM, runs.run)])
    for _ in range(22):
        await clocks.catch_up()
    failures = [entry["times"] for entry in written if entry["event"] == "job failed"]
    assert failures == [1, 2, 4, 8, 16]
    assert [entry["event"] for entry in written][-1] == "job works again"


async def test_another_failure_of_a_job_is_told_at_once(written: list[Any]) -> None:
    errors: list[Exception] = [*([RuntimeError("x")] * 3), KeyError("y")]

    async def fail() -> None:
        raise errors.pop(0)

    clocks = Clockwork([Job("tick", SELDOM, fail)])
    for _ in range(4):
        await clocks.catch_up()
    assert [type(entry["exc_info"]) for entry in written] == [RuntimeError, RuntimeError, KeyError]


async def test_catching_up_runs_every_job_in_order_whatever_fails(written: list[Any]) -> None:
    order: list[str] = []

    async def plan() -> None:
        order.append("plan")
        raise RuntimeError("kein Strom")

    async def gather() -> None:
        order.append("gather")

    clocks = Clockwork([Job("plan", SELDOM, plan), Job("gather", SELDOM, gather)])
    await clocks.catch_up()
    assert order == ["plan", "gather"]
    (entry,) = written
    assert (entry["event"], entry["log_level"], entry["job"]) == ("job failed", "error", "plan")


async def test_stopping_cuts_off_a_run_under_way_and_waits_for_its_end() -> None:
    begun, never = asyncio.Event(), asyncio.Event()
    ended: list[str] = []

    async def slow() -> None:
        begun.set()
        try:
            await never.wait()
        finally:
            await asyncio.sleep(0)  # what closes a connection takes its time
            ended.append("put away")

    clocks = Clockwork([Job("slow", OFTEN, slow)])
    clocks.start()
    await until(begun)
    await clocks.stop()
    assert ended == ["put away"]


async def test_a_stopped_clockwork_plans_nothing_more() -> None:
    runs = Runs()
    clocks = Clockwork([Job("tick", OFTEN, runs.run)])
    clocks.start()
    await until(runs.done)
    await clocks.stop()
    await at_rest(clocks)
    assert clocks._scheduler._timeout is None


async def at_rest(clocks: Clockwork) -> None:
    """Until the scheduler has stopped, which it does at the next turn of the loop."""
    stopped = asyncio.Event()
    clocks._scheduler.add_listener(lambda _: stopped.set(), EVENT_SCHEDULER_SHUTDOWN)
    if clocks._scheduler.running:
        await until(stopped)
    assert not clocks._scheduler.running
