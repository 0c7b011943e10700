"""The bot as a web server: Telegram delivers, operators look."""

import httpx
import pytest

from bot.web import PATH, SECRET_HEADER
from tests.e2e.stage import PATIENCE, Json, Process, Stage, free_address, start

pytestmark = pytest.mark.e2e

QUESTION = "drucksache 2170/24"


@pytest.fixture
def addresses() -> dict[str, str]:
    """Settings of a bot behind a webhook, with addresses of its own."""
    listen = free_address()
    return {
        "LISTEN": listen,
        "OPERATIONS": free_address(),
        "WEBHOOK_URL": f"http://{listen}{PATH}",
    }


def wait_until_set(process: Process) -> None:
    process.wait_for("webhook set")


def ready(addresses: dict[str, str]) -> tuple[int, Json]:
    address = f"http://{addresses['OPERATIONS']}/health/ready"
    answer = httpx.get(address, trust_env=False, timeout=PATIENCE)
    return answer.status_code, answer.json()


def test_questions_are_answered_and_operators_see_it(
    stage: Stage, addresses: dict[str, str]
) -> None:
    with stage.bot("--webhook", **addresses) as bot:
        wait_until_set(bot)
        assert "2170/24" in stage.ask(QUESTION)["text"]
        assert ready(addresses) == (
            200,
            {
                "ready": True,
                "role": "all",
                "leader": "here",
                "checks": {"database": "ok", "snapshot": "ok", "telegram": "ok"},
            },
        )
        figures = httpx.get(f"http://{addresses['OPERATIONS']}/metrics", trust_env=False).text
        assert 'massnahmenbot_answers_total{band="answer"} 1.0' in figures
        assert 'massnahmenbot_updates_total{kind="message",outcome="done"} 1.0' in figures
        for path in ("/metrics", "/health/ready"):
            public = httpx.get(f"http://{addresses['LISTEN']}{path}", trust_env=False)
            assert public.status_code == 404
        assert bot.stop() == 0, bot.output
        assert "Traceback" not in bot.output
    assert {call["method"] for call in stage.calls()} & {"getUpdates", "deleteWebhook"} == set()


def test_a_bot_changes_between_webhook_and_polling_without_losing_a_question(
    stage: Stage, addresses: dict[str, str]
) -> None:
    since = stage.last_event()
    stage.say(QUESTION)
    for number in (1, 2):
        with stage.bot("--webhook", **addresses) as bot:
            stage.wait(since=since, chat=1001)
            since = stage.last_event()
            assert bot.stop() == 0, bot.output
        stage.say(QUESTION)
        with stage.bot() as bot:
            stage.wait(since=since, chat=1001)
            since = stage.last_event()
            assert bot.stop() == 0, bot.output
        stage.say(QUESTION)
        answers = [message for message in stage.messages(1001) if message["from_bot"]]
        assert len(answers) == 2 * number


def test_sigterm_lets_the_answer_under_way_be_given(
    stage: Stage, addresses: dict[str, str]
) -> None:
    stage.sim("POST", "faults", kind="delay", method="sendMessage", times=1, seconds=1.5)
    with stage.bot("--webhook", **addresses) as bot:
        wait_until_set(bot)
        since = stage.last_event()
        stage.say(QUESTION)
        while stage.sim("GET", "updates")["pending"]:
            pass
        assert bot.stop() == 0, bot.output
        assert "stopped" in bot.output
    assert "2170/24" in stage.wait(since=since, chat=1001)[-1]["text"]


def test_only_telegram_gets_in(stage: Stage, addresses: dict[str, str]) -> None:
    with stage.bot("--webhook", **addresses, WEBHOOK_SECRET="sixteen-letters-"):
        update = {"update_id": 1}
        for headers in ({}, {SECRET_HEADER: "geraten"}):
            answer = httpx.post(
                addresses["WEBHOOK_URL"], json=update, headers=headers, trust_env=False
            )
            assert answer.status_code == 403
        headers = {SECRET_HEADER: "sixteen-letters-"}
        answer = httpx.post(
            addresses["WEBHOOK_URL"], json=update, headers=headers, trust_env=False
        )
        assert answer.status_code == 200


def test_a_telegram_that_is_away_at_start_is_waited_for_and_readiness_says_so(
    stage: Stage, addresses: dict[str, str]
) -> None:
    stage.sim("POST", "faults", kind="close_before", method="getMe", times=1)
    stage.sim("POST", "faults", kind="error", method="setWebhook", times=1, error_code=502)
    process = start(
        "bot", "run", "--webhook", cwd=stage.folder, **stage.bot_environment | addresses
    )
    try:
        process.wait_for("cannot be reached")
        status, body = ready(addresses)
        assert (status, body["checks"]["telegram"]) == (
            503,
            "Telegram was not reached since the start",
        )
        process.wait_for("webhook set")
        assert "2170/24" in stage.ask(QUESTION)["text"]
    finally:
        assert process.stop() == 0, process.output


def test_polling_has_health_and_metrics_too(stage: Stage) -> None:
    address = free_address()
    with stage.bot(OPERATIONS=address):
        stage.ask(QUESTION)
        assert ready({"OPERATIONS": address})[0] == 200


def test_an_address_that_is_taken_ends_the_start_with_a_sentence(
    stage: Stage, addresses: dict[str, str]
) -> None:
    taken = str(stage.http.base_url.netloc.decode())
    for name in ("LISTEN", "OPERATIONS"):
        settings = stage.bot_environment | addresses | {name: taken}
        process = start("bot", "run", "--webhook", cwd=stage.folder, **settings)
        assert process.wait() == 1
        assert f"{taken} cannot be listened on: Address already in use" in process.output
        assert "Traceback" not in process.output


def test_without_an_address_to_deliver_to_the_webhook_is_refused(stage: Stage) -> None:
    process = start("bot", "run", "--webhook", cwd=stage.folder, **stage.bot_environment)
    assert process.wait() == 2
    assert "WEBHOOK_URL is not set" in process.output
