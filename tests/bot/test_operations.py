"""Alive, ready, figures: true, and nothing in them about people or questions."""

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from telegram import Update

from bot.instance import ProcessRole
from bot.metrics import Metrics, Outcome, kind_of
from bot.operations import (
    LONGEST_WRITING,
    OLDEST_CALL,
    OLDEST_REFRESH,
    OLDEST_REFUSAL,
    Health,
    Leader,
    operations_app,
)
from handlers.registry import ALLOWED_UPDATES
from knowledge.answering.confidence import Band
from knowledge.notification.notices import NoticeState, Obsolete
from knowledge.snapshot import Snapshot
from knowledge.storage.database import Database
from scheduler.leadership import Leadership
from scheduler.notifier import Delivered, TooFast
from tests.support.builders import an_entry
from tests.support.read_only import make_read_only


class Ticks:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def metrics(ticks: Ticks) -> Metrics:
    return Metrics(ticks)


@pytest.fixture
async def http(database: Database, metrics: Metrics) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(operations_app(health_of(database, metrics), metrics))
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        yield client


def health_of(database: Database, metrics: Metrics) -> Health:
    return Health(database, metrics, ProcessRole.ALL, Leadership(database))


def a_message(update_id: int) -> Update:
    message = {
        "message_id": 1,
        "date": 1_760_000_000,
        "chat": {"id": 4711, "type": "private", "first_name": "Zoë"},
        "from": {"id": 4711, "is_bot": False, "first_name": "Zoë"},
        "text": "Geheime Frage",
    }
    update = Update.de_json({"update_id": update_id, "message": message}, None)
    assert update is not None
    return update


def a_press(update_id: int) -> Update:
    person = {"id": 4711, "is_bot": False, "first_name": "Zoë"}
    query = {"id": "9", "from": person, "chat_instance": "x", "data": "1:a:EF-7:"}
    update = Update.de_json({"update_id": update_id, "callback_query": query}, None)
    assert update is not None
    return update


def samples(metrics: Metrics) -> dict[tuple[str, ...], float]:
    """Values by name and labels, without those about the process and single buckets."""
    return {
        (sample.name.removeprefix("massnahmenbot_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metrics.text().decode())
        for sample in family.samples
        if sample.name.startswith("massnahmenbot_")
        and not sample.name.endswith(("_bucket", "_created"))
    }


async def test_alive_is_whoever_answers(http: httpx.AsyncClient) -> None:
    answer = await http.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"live": True})


async def test_ready_is_who_has_a_database_a_snapshot_and_telegram(
    http: httpx.AsyncClient, metrics: Metrics, ticks: Ticks
) -> None:
    metrics.refreshed(Snapshot(), seconds=0.5)
    metrics.called("getMe", 200)
    ticks.now += min(OLDEST_REFRESH, OLDEST_CALL)
    answer = await http.get("/health/ready")
    checks = {"database": "ok", "snapshot": "ok", "telegram": "ok"}
    told = {"ready": True, "role": "all", "leader": "nobody", "checks": checks}
    assert (answer.status_code, answer.json()) == (200, told)


async def test_before_the_first_contact_nothing_is_ready(http: httpx.AsyncClient) -> None:
    answer = await http.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {
        "database": "ok",
        "snapshot": "the knowledge base was not reached since the start",
        "telegram": "Telegram was not reached since the start",
    }


@pytest.mark.parametrize("status", [None, 401, 429, 502])
async def test_telegram_counts_as_reached_only_by_success(
    http: httpx.AsyncClient, metrics: Metrics, ticks: Ticks, status: int | None
) -> None:
    metrics.refreshed(Snapshot(), seconds=None)
    metrics.called("getMe", 200)
    ticks.now += OLDEST_CALL + 1
    metrics.refreshed(Snapshot(), seconds=None)
    metrics.called("getMe", status)
    answer = await http.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["telegram"] == "Telegram was last reached 181 seconds ago"


async def test_a_database_that_does_not_answer_is_named_without_its_address(
    database: Database, metrics: Metrics
) -> None:
    metrics.refreshed(Snapshot(), seconds=None)
    metrics.called("getMe", 200)
    address = (
        database.url.set(database="/nowhere/bot.db")
        if database.is_sqlite
        else database.url.set(database="nowhere")
    )
    away = Database(address.render_as_string(hide_password=False))
    before = set(threading.enumerate())
    state = await health_of(away, metrics).state()
    for thread in set(threading.enumerate()) - before:
        if "_connection_worker" in thread.name:
            # aiosqlite's: it goes on for a moment, and complains of an event loop that is gone.
            await asyncio.to_thread(thread.join)
    problems = {check.name: check.problem for check in state.checks}
    assert state.leader is Leader.UNKNOWN
    assert problems == {
        "database": "it cannot be used; the log says why",
        "snapshot": None,
        "telegram": None,
    }
    await away.close()


async def test_a_database_that_can_only_be_read_is_not_ready(
    database: Database, metrics: Metrics
) -> None:
    health = health_of(database, metrics)
    assert (await health.state()).checks[0].problem is None
    await make_read_only(database)
    assert (await health.state()).checks[0].problem == "it cannot be used; the log says why"


@pytest.mark.parametrize("by_us", [True, False])
async def test_a_database_that_somebody_writes_to_for_long_is_ready_for_a_minute(
    tmp_path: Path, metrics: Metrics, ticks: Ticks, monkeypatch: pytest.MonkeyPatch, *, by_us: bool
) -> None:
    monkeypatch.setattr("bot.operations.DATABASE_WITHIN", 0.3)
    database, other = (Database(f"sqlite:///{tmp_path / 'bot.db'}") for _ in range(2))
    await database.migrate()
    health = Health(database, metrics, ProcessRole.ALL, Leadership(database), ticks)

    async def problem() -> str | None:
        async with asyncio.timeout(3):  # SQLite would wait for five seconds by itself
            return (await health.state()).checks[0].problem

    for _ in range(2):  # once it could be written to between, the minute begins anew
        async with (database if by_us else other).writing():
            assert await problem() is None
            ticks.now += LONGEST_WRITING
            assert await problem() is None
            ticks.now += 1
            assert await problem() == "no answer within 0.3 seconds"
        assert await problem() is None
    await other.close()
    await database.close()


async def test_who_cannot_store_updates_is_not_ready_until_it_can_or_is_offered_none(
    database: Database, metrics: Metrics, ticks: Ticks
) -> None:
    health = health_of(database, metrics)

    async def problem() -> str | None:
        state = await health.state()
        return next(check.problem for check in state.checks if check.name == "database")

    metrics.written(done=False)
    ticks.now += OLDEST_REFUSAL
    assert await problem() == "updates cannot be stored; the log says why"
    metrics.written(done=True)
    assert await problem() is None
    metrics.written(done=False)
    ticks.now += OLDEST_REFUSAL + 1
    assert await problem() is None


def test_updates_are_counted_by_kind_and_outcome_and_timed(metrics: Metrics, ticks: Ticks) -> None:
    message, press, again = a_message(1), a_press(2), a_message(3)
    for update in (message, press, again):
        metrics.arrived(update)
    assert samples(metrics)["inbox_waiting",] == 3
    ticks.now += 2
    metrics.ended(message, 0.5)
    metrics.noted(press, Outcome.FAILED)
    metrics.ended(press, 0.5)
    metrics.noted(again, Outcome.POSTPONED)
    metrics.ended(again, 0.5)
    metrics.dropped(message, Outcome.KNOWN)
    ticks.now += 5
    metrics.ended(again, 0.5)
    found = samples(metrics)
    counted = {key[1:]: n for key, n in found.items() if key[0] == "updates_total" and n}
    assert counted == {
        ("message", "done"): 2,
        ("callback_query", "failed"): 1,
        ("message", "postponed"): 1,
        ("message", "known"): 1,
    }
    assert (found["handling_seconds_count",], found["handling_seconds_sum",]) == (4, 2)
    assert (found["reply_seconds_count",], found["reply_seconds_sum",]) == (3, 2 + 2 + 7)
    assert found["inbox_waiting",] == 0


def test_what_an_alarm_looks_for_is_there_before_it_happens(metrics: Metrics) -> None:
    # Prometheus sees no increase where the first value is not 0.
    found = samples(metrics)
    assert found["inbox_failures_total",] == 0
    for kind in ALLOWED_UPDATES:
        assert found["updates_total", kind, "failed"] == 0


def test_that_updates_cannot_be_stored_is_counted(metrics: Metrics) -> None:
    for done in (False, True, False):
        metrics.written(done=done)
    assert samples(metrics)["inbox_failures_total",] == 2


async def test_health_is_among_the_figures(
    http: httpx.AsyncClient, metrics: Metrics, ticks: Ticks
) -> None:
    metrics.refreshed(Snapshot(), seconds=0.5)
    metrics.called("getMe", 200)
    ticks.now += OLDEST_CALL + 1
    await http.get("/metrics")
    found = samples(metrics)
    checks = {name[1]: value for name, value in found.items() if name[0] == "ready"}
    assert checks == {"database": 1, "snapshot": 0, "telegram": 0}
    assert found["leading",] == 0


def test_answers_calls_and_the_snapshot_are_counted(metrics: Metrics) -> None:
    metrics.answered(Band.ANSWER)
    metrics.called("sendMessage", 200)
    metrics.called("sendMessage", None)
    metrics.refreshed(Snapshot([an_entry()]), seconds=1.5)
    metrics.refreshed(Snapshot([an_entry()]), seconds=None)
    found = samples(metrics)
    assert {key[1]: value for key, value in found.items() if key[0] == "answers_total"} == {
        band: float(band is Band.ANSWER) for band in Band
    }
    assert found["telegram_calls_total", "sendMessage", "200"] == 1
    assert found["telegram_calls_total", "sendMessage", "unreachable"] == 1
    assert (found["snapshot_entries",], found["snapshot_build_seconds",]) == (1, 1.5)


def test_no_metric_leads_to_a_person_or_a_question(metrics: Metrics) -> None:
    for update in (a_message(1), a_press(2)):
        metrics.arrived(update)
        metrics.ended(update, 0.1)
    text = metrics.text().decode()
    for secret in ("4711", "Zoë", "Geheime", "EF-7"):
        assert secret not in re.sub(r" [\d.e+]+$", "", text, flags=re.MULTILINE)


def test_two_registries_do_not_share_counts(ticks: Ticks) -> None:
    one, other = Metrics(ticks), Metrics(ticks)
    one.dropped(a_message(1), Outcome.REFUSED)
    assert ("updates_total", "message", "refused") not in samples(other)


async def test_metrics_are_served_in_prometheus_format(http: httpx.AsyncClient) -> None:
    answer = await http.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    names = {family.name for family in text_string_to_metric_families(answer.text)}
    assert {"massnahmenbot_updates", "process_resident_memory_bytes"} <= names


def test_an_update_of_no_known_kind_is_another() -> None:
    assert kind_of(Update(1)) == "other"


def test_deliveries_are_counted_by_result_and_the_outbox_by_state(metrics: Metrics) -> None:
    for outcome in (Delivered(1), Delivered(2), TooFast(timedelta(seconds=3)), Obsolete("done")):
        metrics.delivered(outcome)
    metrics.backlog({NoticeState.WAITING: 4, NoticeState.SENT: 2}, timedelta(seconds=90))
    told = samples(metrics)
    results = {name[1]: count for name, count in told.items() if name[0] == "deliveries_total"}
    assert results == {"delivered": 2, "toofast": 1, "obsolete": 1}
    assert told["outbox_notices", "waiting"] == 4
    assert told["outbox_overdue_seconds",] == 90
