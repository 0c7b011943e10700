"""What a worker does: it answers what it received, and what others received that are gone."""

from datetime import timedelta

import pytest
from telegram import Update

from bot.instance import NOBODY, Reception, an_instance
from bot.metrics import Metrics
from bot.settings import load
from bot.worker import Worker
from knowledge.storage.database import Database
from scheduler.pacing import Pacing
from tests.support.chat import READER, Telegram, a_message, a_person
from tests.support.clock import FakeClock
from tests.support.postgresql import only_postgresql
from tests.support.services import an_inbox, services_of

TOKEN, BOT_ID, GONE = "1:x", 1, 99
QUESTION = "drucksache 2170/24"


@pytest.fixture
def telegram(monkeypatch: pytest.MonkeyPatch) -> Telegram:
    recorder = Telegram()
    monkeypatch.setattr("bot.application.CountedRequest", lambda *_, **__: recorder)
    return recorder


async def a_worker(database: Database, clock: FakeClock, *, owner: int) -> Worker:
    services = await services_of(database, clock, token=TOKEN)
    worker = Worker(
        load(bot_token=TOKEN),
        services,
        database,
        owner=owner,
        webhook=True,
        pacing=Pacing(25.0),
        metrics=Metrics(),
    )
    await worker.bot.initialize()
    return worker


async def accept(database: Database, clock: FakeClock, worker: Worker, *, owner: int) -> None:
    """Store a question as a process does that is killed before it answers."""
    message = a_message(READER, 1, QUESTION) | {"from": a_person(READER)}
    update = Update.de_json({"update_id": 1, "message": message}, worker.bot)
    await an_inbox(database, clock, bot_id=BOT_ID, owner=owner).put(update)


def answers(telegram: Telegram) -> list[str]:
    return [shown.text for shown in telegram.shown.values() if "2170/24" in shown.text]


async def test_who_starts_answers_what_was_left(
    database: Database, clock: FakeClock, telegram: Telegram
) -> None:
    worker = await a_worker(database, clock, owner=NOBODY)
    await accept(database, clock, worker, owner=GONE)
    await worker.start()
    await worker.stop()
    assert len(answers(telegram)) == 1


@only_postgresql
async def test_who_runs_answers_what_another_left_that_is_gone_for_two_looks(
    database: Database, clock: FakeClock, telegram: Telegram
) -> None:
    async with an_instance(database, Reception.WEBHOOK) as instance:
        worker = await a_worker(database, clock, owner=instance.number)
        await worker.start()
        await accept(database, clock, worker, owner=GONE)
        (job,) = worker.jobs
        assert job.every * 2 <= timedelta(seconds=6), "as the documents promise"
        for _ in range(3):
            await job.run()
        await worker.stop()
    assert len(answers(telegram)) == 1


@only_postgresql
async def test_what_another_is_answering_is_left_to_it(
    database: Database, clock: FakeClock, telegram: Telegram
) -> None:
    async with (
        an_instance(database, Reception.WEBHOOK) as other,
        an_instance(database, Reception.WEBHOOK) as instance,
    ):
        worker = await a_worker(database, clock, owner=instance.number)
        await accept(database, clock, worker, owner=other.number)
        await worker.start()
        for _ in range(3):
            await worker.jobs[0].run()
        await worker.stop()
    assert answers(telegram) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_has_a_file_to_itself_looks_for_nobody(
    database: Database, clock: FakeClock, telegram: Telegram
) -> None:
    worker = await a_worker(database, clock, owner=NOBODY)
    assert worker.jobs == []
    await worker.bot.shutdown()
