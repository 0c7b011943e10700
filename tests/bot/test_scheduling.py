"""What a scheduler does: nothing while it stands by, and admins hear of what fails."""

from datetime import timedelta

import pytest

from bot.metrics import Metrics
from bot.playground import TOKEN, Playground
from bot.scheduling import Scheduling
from bot.settings import load
from knowledge.database import Database
from scheduler.clockwork import Job
from scheduler.leadership import Leadership
from scheduler.pacing import Pacing
from tests.support.clock import FakeClock
from tests.support.in_process import InProcess
from tests.support.services import services_of

ADMIN = 1003


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
    _, guarded = scheduling.jobs
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
                await scheduling.jobs[1].run()
    (notice,) = playground.core.world.chats[ADMIN].messages.values()
    assert notice.body.text.startswith("Störung im Betrieb: Eine wiederkehrende Arbeit")
    assert "Arbeit: plan\nFehler: RuntimeError" in notice.body.text
    assert "Geheimnis" not in notice.body.text
