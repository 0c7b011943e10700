"""What a scheduler does: nothing while it stands by, and admins hear of what fails."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest

from bot.instance import ProcessRole
from bot.lifecycle import run
from bot.metrics import Metrics
from bot.playground import TOKEN, Playground
from bot.polling import TokenError
from bot.scheduling import Scheduling
from bot.settings import OFF, load
from knowledge.storage.database import Database
from scheduler.clockwork import Job
from scheduler.leadership import Leadership
from scheduler.pacing import Pacing
from tests.support.clock import FakeClock
from tests.support.in_process import InProcess
from tests.support.services import services_of

ADMIN = 1003

PATIENCE = 20.0
"""Seconds after which what should end counts as going on for ever."""


async def scheduling_with(
    job: Job, database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> tuple[Scheduling, Leadership, Playground]:
    playground = Playground(limits=None)
    playground.core.world.users[ADMIN].started = True
    connection = InProcess(playground)
    monkeypatch.setattr("bot.application.CountedRequest", lambda *_, **__: connection)
    monkeypatch.setattr("bot.scheduling.scheduling_jobs", lambda *_: [job])
    services = await services_of(database, clock, token=TOKEN, admins=(ADMIN,))
    settings = load(bot_token=TOKEN, admin_ids=str(ADMIN))
    leadership = Leadership(database)
    scheduling = Scheduling(
        settings, services, database, leadership, pacing=Pacing(25.0), metrics=Metrics()
    )
    return scheduling, leadership, playground


async def test_a_job_is_done_only_by_who_leads(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = []

    async def plan() -> None:
        runs.append("plan")

    job = Job("plan", timedelta(days=1), plan)
    scheduling, leadership, _ = await scheduling_with(job, database, clock, monkeypatch)
    (guarded,) = scheduling.jobs
    await guarded.run()
    assert runs == []
    leadership.is_held = True
    await guarded.run()
    assert runs == ["plan"]


async def test_admins_hear_once_of_a_job_that_fails(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def plan() -> None:
        raise RuntimeError("Geheimnis")

    job = Job("plan", timedelta(days=1), plan)
    scheduling, leadership, playground = await scheduling_with(job, database, clock, monkeypatch)
    leadership.is_held = True
    async with scheduling.bot:
        for _ in range(2):
            with pytest.raises(RuntimeError):
                await scheduling.jobs[0].run()
    (notice,) = playground.core.world.chats[ADMIN].messages.values()
    assert notice.body.text.startswith("Störung im Betrieb: Eine wiederkehrende Arbeit")
    assert "Arbeit: plan\nFehler: RuntimeError" in notice.body.text
    assert "Geheimnis" not in notice.body.text


class Revoked(InProcess):
    """A Telegram that knows the token once, and then no more."""

    known = True

    async def do_request(self, url: str, *given: Any, **named: Any) -> tuple[int, bytes]:
        if not self.known:
            refusal = {"ok": False, "error_code": 401, "description": "Unauthorized"}
            return 401, json.dumps(refusal).encode()
        self.known = False
        return await super().do_request(url, *given, **named)


async def test_a_scheduler_ends_when_telegram_refuses_the_token_as_others_do(
    database: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = Revoked(Playground(limits=None))
    monkeypatch.setattr("bot.application.CountedRequest", lambda *_, **__: connection)
    monkeypatch.setattr("bot.scheduling.KEEP_IN_TOUCH", timedelta())
    settings = load(
        bot_token=TOKEN,
        database_url=database.url.render_as_string(hide_password=False),
        operations=OFF,
    )
    stop = asyncio.Event()  # which nobody sets
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(TokenError):
            await run(settings, role=ProcessRole.SCHEDULER, clock=clock, stop=stop)
