"""A real store with subscriptions and a planner, on a clock that tests move."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from knowledge.entries import Entry, Kind
from knowledge.notification.contents import told_in
from knowledge.notification.interests import ALL_INTERESTS, Interest, Scope, Subscription, Target
from knowledge.notification.notices import Notice, NoticeState
from knowledge.notification.outbox import Outbox, notice_of
from knowledge.notification.subscriptions import Subscriptions
from knowledge.notification.working_time import BERLIN
from knowledge.people import People
from knowledge.revisions import Origin
from knowledge.storage.database import Database
from knowledge.storage.store import Store
from knowledge.storage.tables import outbox
from scheduler import planner, planning
from scheduler.planner import Planner
from scheduler.rules import Rules
from tests.support.builders import a_fact, an_entry
from tests.support.clock import FakeClock
from tests.support.postgresql import until_it_waits

RULES = Rules(
    zone=BERLIN,
    subdivision="TH",
    home=None,
    before=(30, 7, 1, 0),
    after=(1, 7),
    every=30,
    stale_months=(6, 12),
)
"""As the settings have them by default, but for all bodies."""


def a_plan(key: str = "EF-P", **fields: Any) -> Entry:
    return an_entry(key, kind=Kind.PLAN, **fields)


def a_milestone(
    key: str = "EF-M",
    due: str | None = "2025-12-12",
    phase: str | None = None,
    *,
    parent: str | None = None,
    text: str = "",
    **fields: Any,
) -> Entry:
    facts = []
    if due is not None:
        facts.append(a_fact(f"Fällig {due}.{text}", id=f"{key}-D", aspect="due", due=due))
    if phase is not None:
        facts.append(a_fact(f"Stand {phase}.", id=f"{key}-S", aspect="status", phase=phase))
    return an_entry(key, kind=Kind.MILESTONE, parent=parent, facts=tuple(facts), **fields)


class Stage:
    """Everything around a planner."""

    def __init__(self, database: Database, clock: FakeClock, rules: Rules | None = None) -> None:
        self.database = database
        self.clock = clock
        self.rules = rules or RULES
        self.store = Store(database)
        self.people = People(database, admin_ids=())
        self.outbox = Outbox(database)
        self.subscriptions = Subscriptions(
            database, zone=self.rules.zone, subdivision=self.rules.subdivision
        )
        self.planner = self.another_planner()

    def another_planner(self) -> Planner:
        return Planner(
            self.database,
            store=Store(self.database),
            subscriptions=self.subscriptions,
            outbox=self.outbox,
            people=self.people,
            rules=self.rules,
        )

    async def publish(
        self,
        *entries: Entry,
        withdrawn: Sequence[Entry] = (),
        origin: Origin = Origin.EDITED,
    ) -> int:
        return await self.store.publish(
            entries,
            withdrawn=withdrawn,
            author="anna",
            reason="Test",
            now=self.clock(),
            origin=origin,
        )

    async def undo(self, number: int) -> int:
        return await self.store.undo(number, author="anna", reason="Irrtum", now=self.clock())

    async def begin(self, *entries: Entry) -> None:
        """What is known before anybody subscribes."""
        await self.publish(*entries)
        await self.plan()

    async def subscribe(
        self,
        chat_id: int = 1,
        target: Target | str | None = None,
        interests: frozenset[Interest] = ALL_INTERESTS,
    ) -> Subscription:
        chosen = Target(Scope.ENTRY, target) if isinstance(target, str) else target
        return await self.subscriptions.begin(
            chat_id,
            chosen or Target(Scope.EVERYTHING),
            snapshot=self.store.snapshot,
            now=self.clock(),
            interests=interests,
        )

    async def end(self, one: Subscription) -> bool:
        return await self.subscriptions.end(
            one.chat_id, one.id, snapshot=self.store.snapshot, now=self.clock()
        )

    async def plan(self) -> int:
        """As the job does: what is due already is on its way then. How much was planned."""
        planned = await self.planner.plan(self.clock())
        await self.planner.gather(self.clock())
        return planned

    async def plan_while(self, other: Callable[[], Awaitable[object]]) -> None:
        """Plan on PostgreSQL, and do something else when what to tell is decided, not yet written.

        The other thing gets as far as it can before planning goes on, and is done before what is
        due is gathered.
        """
        loop, decide = asyncio.get_running_loop(), planning.plan
        begun: list[asyncio.Future[object]] = []

        async def begin() -> None:
            begun.append(asyncio.ensure_future(other()))
            await until_it_waits(begun[0], self.database)

        def decide_and_begin(*args: Any, **kwargs: Any) -> Any:
            decided = decide(*args, **kwargs)
            asyncio.run_coroutine_threadsafe(begin(), loop).result()  # planning runs in a thread
            return decided

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(planner, "plan", decide_and_begin)
            await self.planner.plan(self.clock())
        await begun[0]
        await self.planner.gather(self.clock())

    async def pass_days(self, days: int, *, plan: bool = True) -> None:
        for _ in range(days):
            self.clock.advance(timedelta(days=1))
            if plan:
                await self.plan()

    async def notices(self, chat_id: int | None = None) -> list[Notice]:
        """All messages that were ever put into the outbox and not dropped, in order."""
        query = select(outbox).where(outbox.c.state != NoticeState.DROPPED).order_by(outbox.c.id)
        if chat_id is not None:
            query = query.where(outbox.c.chat_id == chat_id)
        async with self.database.reading() as connection:
            return [notice_of(row, row.not_before) for row in await connection.execute(query)]

    async def told(self, chat_id: int | None = None) -> list[Notice]:
        """What these messages tell, one thing after the other."""
        return [one for notice in await self.notices(chat_id) for one in told_in(notice)]

    async def keys(self, chat_id: int | None = None) -> list[str]:
        return [notice.key for notice in await self.told(chat_id)]

    async def send_all(self) -> None:
        """As if everything in the outbox had been sent."""
        async with self.database.writing() as connection:
            await connection.execute(
                update(outbox)
                .where(outbox.c.due_at.is_not(None))
                .values(state=NoticeState.SENT, due_at=None, finished_at=self.clock())
            )

    def at(self, moment: str) -> datetime:
        """Move the clock to a local moment."""
        self.clock.moment = datetime.fromisoformat(moment).replace(tzinfo=self.rules.zone)
        return self.clock.moment
