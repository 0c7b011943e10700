"""Years of push in fast motion, against an oracle: all that is demanded, once, in its window."""

import asyncio
import random
import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from knowledge.entries import Entry, Kind, Rhythm
from knowledge.notification.contents import parts
from knowledge.notification.interests import ChatSettings, Interest, Pace, Scope, Target
from knowledge.notification.notices import Notice, NoticeKind, NoticeState, Obsolete
from knowledge.notification.outbox import notice_of
from knowledge.notification.subscriptions import ENDED
from knowledge.partial_date import PartialDate
from knowledge.storage.database import Database
from knowledge.storage.store import UnchangedError
from knowledge.storage.tables import outbox, planned_notice
from scheduler.records import TAKEN_BACK
from scheduler.validity import still_true
from tests.scheduler.oracle import BERLIN, Clock, Facts, Oracle, Place, Step, Subscriber
from tests.scheduler.stage import Stage, a_milestone, a_plan
from tests.support.builders import a_fact, an_entry, stored
from tests.support.clock import FakeClock

START = datetime(2025, 1, 15, 9, tzinfo=UTC)

PHASES = [None, "in_progress", "done", "done", "dropped", "postponed", "unknown"]

RHYTHMS = {
    "EF-R1": (24, date(2023, 11, 21)),
    "EF-R2": (12, date(2022, 6, 1)),
    "EF-R3": (6, date(2024, 9, 30)),
}


@dataclass(frozen=True)
class Size:
    days: int
    milestones: int
    chats: int
    edits: float
    """A day."""

    ticks: int
    """Of the scheduler, a day, as long as it is up."""

    wide: int
    """Of so many chats, one watches everything, and one all that is below the town."""


LEFT_OUT = "not true any more, unlike what it was sent with"

SMALL = Size(days=75, milestones=8, chats=10, edits=0.7, ticks=2, wide=20)
LARGE = Size(days=3 * 365 + 1, milestones=200, chats=500, edits=1.2, ticks=1, wide=100)


class Simulation:
    """A town, its edits, its subscribers, and a scheduler that is sometimes down."""

    def __init__(self, size: Size, seed: int, database: Database) -> None:
        self.size = size
        self.chance = random.Random(seed)
        self.start = START + timedelta(days=self.chance.randint(0, 365))
        self.clock = FakeClock(self.start)
        self.stage = Stage(database, self.clock)
        self.plans = [f"EF-P{n}" for n in range(1, 2 + size.milestones // 12)]
        self.facts = {
            f"EF-M{n}": Facts(self._a_due(-40, 400)) for n in range(1, size.milestones + 1)
        }
        self.oracle = Oracle(
            milestones=dict(self.facts),
            rhythms=RHYTHMS,
            first_day=self.start.astimezone(BERLIN).date(),
        )
        self.steps: list[Step] = []
        self.fresh: list[Step] = []
        self.clocks: dict[int, Clock] = {}
        self.sent: Counter[Place] = Counter()
        self.told: set[Place] = set()
        self.dropped: dict[Place, str] = {}
        self.heard: dict[Place, str | None] = {}
        """Which date of an entry a chat has heard that is told at once of all changes of dates."""

    def _a_due(self, least: int, most: int) -> str:
        days = self.chance.randint(least, most)
        if self.chance.random() < 0.25:
            days = self.chance.choice([0, 1, 7, 30])  # a reminder falls on this very day
        day = (self.clock() + timedelta(days=days)).date()
        return day.isoformat() if self.chance.random() < 0.8 else f"{day.year}-{day.month:02}"

    def _entry(self, key: str, facts: Facts) -> Entry:
        made = a_milestone(key, facts.due, facts.phase, parent=self._plan_of(key))
        further = tuple(
            a_fact(f"Nachricht {n}.", id=f"{key}-F{n}", aspect="content")
            for n in range(facts.further)
        )
        return made.model_copy(update={"facts": (*made.facts, *further)})

    def _plan_of(self, key: str) -> str:
        return self.plans[int(key[4:]) % len(self.plans)]

    async def run(self) -> None:
        town = an_entry("EF", kind=Kind.BODY)
        rhythms = [
            a_plan(key, parent="EF", rhythm=Rhythm(months=m, since=PartialDate.of(since)))
            for key, (m, since) in RHYTHMS.items()
        ]
        plans = [a_plan(key, parent="EF") for key in self.plans]
        entries = [self._entry(key, facts) for key, facts in self.facts.items()]
        await self.stage.begin(town, *rhythms, *plans, *entries)
        moments = self._moments()
        for chat in range(1, self.size.chats + 1):
            # Most come within the first quarter, some any time.
            day = self.chance.randint(0, self.size.days // (4 if chat % 3 else 1))
            moments.append(
                (self.start + timedelta(days=day, minutes=chat % 500), "subscribe", chat)
            )
        for moment, what, chat in sorted(moments):
            self.clock.moment = moment
            match what:
                case "edit":
                    await self._edit()
                case "subscribe":
                    await self._subscribe(chat)
                case "end":
                    await self._end()
                case "jump":
                    self.clock.advance(timedelta(hours=self.chance.randint(-30, 80)))
                    await self._plan()
                    self.clock.moment = moment
                    await self._plan()
                case "tick":
                    await self._plan()
                    await self._send()
        # Nothing is planned any more, until nothing waits: beyond all pauses and weekly digests.
        for _ in range(60):
            self.clock.advance(timedelta(hours=18, minutes=7))
            await self.stage.planner.gather(self.clock())
            await self._send()
        await self._check()

    def _moments(self) -> list[tuple[datetime, str, int]]:
        """When what happens: a scheduler that is up ticks at any hour."""
        found: list[tuple[datetime, str, int]] = []
        down_until = 0.0
        for day in range(self.size.days):
            begin = self.start + timedelta(days=day)
            if day > down_until and self.chance.random() < 0.03:
                down_until = day + self.chance.expovariate(1 / 6)
            if day >= down_until:
                found += [(self._within(begin), "tick", 0) for _ in range(self.size.ticks)]
            edits = int(self.size.edits + self.chance.random())
            found += [(self._within(begin), "edit", 0) for _ in range(edits)]
            if self.chance.random() < 0.02:
                found.append((self._within(begin), "jump", 0))
            if self.chance.random() < 0.01:
                found.append((self._within(begin), "end", 0))
            if begin.month in {3, 10} and begin.day >= 24 and begin.weekday() == 5:
                # The night in which clocks change: before, inside and behind the hour.
                night = (begin + timedelta(days=1)).replace(hour=0)
                for minutes in (15, 50, 75, 110, 150):
                    found.append((night + timedelta(minutes=minutes), "tick", 0))
        return found

    def _within(self, begin: datetime) -> datetime:
        return begin + timedelta(seconds=self.chance.randint(0, 86_399))

    async def _edit(self) -> None:
        key = self.chance.choice(sorted(self.facts))
        if self.steps and self.chance.random() < 0.15:
            await self._undo()
            return
        before = self.facts[key]
        match self.chance.randint(0, 5):
            case 0 | 1:
                after = Facts(self._a_due(5, 250), before.phase, before.further)
            case 2:
                after = Facts(before.due, before.phase, before.further + 1)
            case 3:
                after = Facts(self._a_due(20, 300), self.chance.choice(PHASES), before.further)
            case _:
                after = Facts(before.due, self.chance.choice(PHASES), before.further)
        try:
            number = await self.stage.publish(self._entry(key, after))
        except UnchangedError:
            return
        self._note(Step(number, self.clock(), key, before, after))

    async def _undo(self) -> None:
        """Take back one of the last revisions whose entry nobody has touched since."""
        step = self.chance.choice(self.steps[-4:])
        latest = [one for one in self.steps if one.entry == step.entry][-1]
        if latest is step:
            number = await self.stage.undo(step.number)
            self._note(
                Step(number, self.clock(), step.entry, step.after, step.before, step.number)
            )

    def _note(self, step: Step) -> None:
        self.facts[step.entry] = step.after
        self.steps.append(step)
        self.fresh.append(step)

    async def _subscribe(self, chat: int) -> None:
        interests = frozenset(self.chance.sample(list(Interest), self.chance.choice([1, 2, 4, 4])))
        targets = self._targets()
        for target in targets:
            one = await self.stage.subscribe(chat, target, interests)
            self.oracle.subscribe(
                Subscriber(
                    chat, one.since, one.revision, self._covered(target), frozenset(interests)
                )
            )
        chosen = self._settings()
        await self.stage.subscriptions.set_up(chat, chosen, now=self.clock())
        self.clocks[chat] = Clock(
            chosen.quiet_from,
            chosen.quiet_until,
            chosen.working_days,
            chosen.paused_until,
            chosen.zone,
        )
        if chosen.pace is Pace.AT_ONCE and Interest.CHANGED in interests:
            covered = set[str]().union(*map(self._covered, targets))
            self.heard |= {(chat, key): self.facts[key].due for key in covered & set(self.facts)}

    def _targets(self) -> set[Target]:
        keys = sorted(self.facts)
        some = {Target(Scope.ENTRY, self.chance.choice(keys)) for _ in range(2)}
        match self.chance.randint(0, self.size.wide - 1):
            case 0:
                some.add(Target(Scope.EVERYTHING))
            case 1:
                some.add(Target(Scope.BELOW, "EF"))
            case number if number < self.size.wide * 0.3:
                some.add(Target(Scope.BELOW, self.chance.choice([*self.plans, *RHYTHMS])))
            case number if number < self.size.wide * 0.4:
                some.add(Target(Scope.ENTRY, self.chance.choice([*self.plans, *RHYTHMS])))
        return some

    def _covered(self, target: Target) -> frozenset[str]:
        everything = frozenset((*self.facts, *RHYTHMS))
        if target.scope is Scope.EVERYTHING or target.entry == "EF":
            return everything
        return frozenset(
            key
            for key in everything
            if key == target.entry or (key in self.facts and self._plan_of(key) == target.entry)
        )

    def _settings(self) -> ChatSettings:
        return self.chance.choice(
            [
                ChatSettings(),
                ChatSettings(),
                ChatSettings(),
                ChatSettings(pace=Pace.DAILY, hour=self.chance.randint(0, 23)),
                ChatSettings(pace=Pace.WEEKLY, weekday=self.chance.randint(0, 6), hour=9),
                ChatSettings(quiet_from=time(0), quiet_until=time(0), working_days=False),
                ChatSettings(zone=ZoneInfo("Pacific/Auckland")),
                ChatSettings(
                    paused_until=(self.clock() + timedelta(days=self.chance.randint(1, 30))).date()
                ),
            ]
        )

    async def _end(self) -> None:
        if self.oracle.alive:
            chat = self.chance.choice(sorted(self.oracle.alive))
            await self.stage.subscriptions.end_all(chat, now=self.clock())
            self.oracle.alive.remove(chat)

    async def _plan(self) -> None:
        waiting = await self._waiting()
        await self.stage.plan()
        self.oracle.plan(self.clock(), self.fresh, self.told, waiting)
        self.fresh = []
        await self.stage.planner.gather(self.clock())

    async def _waiting(self) -> set[Place]:
        for_digest = select(planned_notice.c.chat_id, planned_notice.c.key).where(
            planned_notice.c.content.is_not(None)
        )
        in_outbox = select(outbox).where(outbox.c.state == NoticeState.WAITING)
        async with self.stage.database.reading() as connection:
            waiting = {(row.chat_id, row.key) for row in await connection.execute(for_digest)}
            for row in await connection.execute(in_outbox):
                notice = notice_of(row, row.not_before)
                waiting |= {(row.chat_id, one.key) for one in parts(notice) or [notice]}
        return waiting

    async def _send(self) -> None:
        """As a dispatcher does: what may be sent by now is checked once more, and sent."""
        now = self.clock()
        query = select(outbox).where(outbox.c.due_at <= now).order_by(outbox.c.id)
        store = self.stage.store
        await store.refresh()
        async with self.stage.database.writing() as connection:
            done, gone = [], {}
            for row in (await connection.execute(query)).all():
                notice = notice_of(row, row.not_before)
                true = still_true(notice, store.snapshot, now=now, rules=self.stage.rules)
                if isinstance(true, Obsolete):
                    gone[row.id] = true.reason
                    self._drop(notice, true.reason)
                else:
                    done.append(row.id)
                    told = {item.key for item in parts(true)}
                    for item in parts(notice):
                        if item.key not in told:
                            self._drop(item, LEFT_OUT)
                    self._deliver(true)
            for ids, state in ((done, NoticeState.SENT), (list(gone), NoticeState.DROPPED)):
                for begin in range(0, len(ids), 500):
                    await connection.execute(
                        update(outbox)
                        .where(outbox.c.id.in_(ids[begin : begin + 500]))
                        .values(state=state, due_at=None, finished_at=now)
                    )

    def _deliver(self, notice: Notice) -> None:
        allowed = self.clocks[notice.chat_id].allows(notice.not_before)
        assert allowed, f"{notice.key} was planned into quiet hours: {notice.not_before}"
        assert notice.not_before <= self.clock()
        for item in parts(notice) or [notice]:
            self.sent[item.chat_id, item.key] += 1
            self.told.add((item.chat_id, item.key))
            self._hear(item)

    def _hear(self, notice: Notice) -> None:
        """A date moves from where the chat has heard that it is."""
        place = (notice.chat_id, str(stored(notice)["entry"]))
        match notice.kind:
            case NoticeKind.MILESTONE_MOVED:
                if place in self.heard:
                    assert stored(notice)["old"] == self.heard[place], notice.key
                    self.heard[place] = str(stored(notice)["new"])
            case NoticeKind.MILESTONE_COMING | NoticeKind.MILESTONE_MISSED:
                if place in self.heard:
                    self.heard[place] = str(stored(notice)["due"])
            case NoticeKind.FACT_ADDED | NoticeKind.STATUS_CHANGED:
                pass
            case _:  # says which date counts by now, whatever is still to be told of it
                self.heard.pop(place, None)

    def _drop(self, notice: Notice, reason: str) -> None:
        today = self.clock().astimezone(BERLIN).date()
        for item in parts(notice) or [notice]:
            if item.kind in {NoticeKind.MILESTONE_COMING, NoticeKind.MILESTONE_MISSED}:
                assert not self.oracle.true_now(item.key, today), f"{item.key}: {reason}"
            self.dropped[item.chat_id, item.key] = reason
            self.told.discard((item.chat_id, item.key))  # of a digest that was dropped

    async def _check(self) -> None:
        planned: dict[Place, str | None] = {}
        async with self.stage.database.reading() as connection:
            for row in await connection.execute(select(planned_notice)):
                assert row.content is None, f"{row.key} of {row.chat_id} waits for ever"
                planned[row.chat_id, row.key] = row.sent_as
            states = {
                (row.chat_id, row.key): row for row in await connection.execute(select(outbox))
            }
        assert self.oracle.demanded - planned.keys() == set(), "demanded, but not planned"
        assert planned.keys() - self.oracle.demanded == set(), "planned, but not demanded"
        for place, sent_as in planned.items():
            if self.sent[place]:
                assert self.sent[place] == 1, place
                continue
            # Not sent: because it was not true any more, taken back, or nobody wanted it.
            outcome = states.get((place[0], sent_as or place[1]))
            if outcome is not None:
                left_out = self.dropped.get(place) == LEFT_OUT
                assert left_out or outcome.state == NoticeState.DROPPED, (place, outcome.state)
                assert (
                    outcome.reason in {ENDED, TAKEN_BACK}
                    or place in self.dropped
                    or parts(notice_of(row, row.not_before))
                ), place
        assert set(self.sent) <= set(planned)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("simulation") / "empty.db"

    async def migrate() -> None:
        database = Database(f"sqlite+aiosqlite:///{file}")
        await database.migrate()
        await database.close()

    asyncio.run(migrate())
    return file


async def simulate(size: Size, seed: int, file: Path) -> Simulation:
    database = Database(f"sqlite+aiosqlite:///{file}")
    try:
        simulation = Simulation(size, seed, database)
        await simulation.run()
    finally:
        await database.close()
    return simulation


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(seed=st.integers(0, 2**32))
def test_weeks_of_push(seed: int, empty_database: Path, tmp_path: Path) -> None:
    file = tmp_path / "simulation.db"
    for leftover in tmp_path.glob("simulation.db*"):
        leftover.unlink()
    shutil.copy(empty_database, file)
    asyncio.run(simulate(SMALL, seed, file))


@pytest.mark.long
def test_three_years_of_push(
    empty_database: Path, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    file = tmp_path / "simulation.db"
    shutil.copy(empty_database, file)
    simulation = asyncio.run(simulate(LARGE, 2170, file))
    assert len(simulation.sent) > 10_000
    record_property(
        "three years",
        f"{len(simulation.steps)} revisions, {len(simulation.oracle.demanded)} notices demanded, "
        f"{len(simulation.sent)} sent, each once, the others dropped for a reason",
    )
