"""Starting, stopping, and what an operator sees when something is wrong."""

import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.e2e.stage import PATIENCE, ROOT, STAFF, TOKEN, Stage, start

pytestmark = pytest.mark.e2e


def test_sigterm_ends_the_bot_within_five_seconds_and_loses_nothing(stage: Stage) -> None:
    stage.sim("POST", "faults", kind="delay", method="sendMessage", times=1, seconds=1.5)
    with stage.bot() as bot:
        since = stage.last_event()
        stage.say("drucksache 2170/24")
        while stage.sim("GET", "updates")["pending"]:
            pass
        began = time.monotonic()
        assert bot.stop() == 0, bot.output
        assert time.monotonic() - began < 5.0
        assert "stopped" in bot.output
    with stage.bot():
        assert "2170/24" in stage.wait(since=since, chat=1001)[-1]["text"]
    assert len([m for m in stage.messages(1001) if m["from_bot"]]) == 1


def test_a_second_bot_on_the_same_database_is_refused(stage: Stage) -> None:
    with stage.bot():
        second = start("bot", "run", cwd=stage.folder, **stage.bot_environment)
        assert second.wait() == 3
        assert "Another massnahmenbot is running on this database" in second.output


def test_the_token_is_in_no_log_line(stage: Stage) -> None:
    secret = "42:AAHsecretsecretsecretsecretsecret0123"
    with stage.bot(LOG_LEVEL="DEBUG") as bot:
        stage.ask("drucksache 2170/24")
        bot.stop()
        assert TOKEN not in bot.output.replace("bot1:playground", "")
        assert "bot1:playground" not in bot.output
    unknown = stage.bot_environment | {"BOT_TOKEN": secret}
    refused = start("bot", "run", cwd=stage.folder, **unknown)
    assert refused.wait() == 2
    assert "does not know this BOT_TOKEN" in refused.output
    assert "AAHsecret" not in refused.output


def test_without_a_token_run_says_what_to_do(tmp_path: Path) -> None:
    process = start("bot", "run", cwd=tmp_path)
    assert process.wait() == 2
    assert "BOT_TOKEN is not set" in process.output


def test_the_bot_waits_for_a_telegram_that_is_away_at_start(stage: Stage) -> None:
    stage.sim("POST", "faults", kind="close_before", method="getMe", times=2)
    with stage.bot() as bot:
        assert "cannot be reached" in bot.output
        assert "2170/24" in stage.ask("drucksache 2170/24")["text"]


def test_telegram_failing_while_polling_is_survived(stage: Stage) -> None:
    with stage.bot():
        stage.sim("POST", "faults", kind="error", method="getUpdates", times=2, error_code=502)
        assert "2170/24" in stage.ask("drucksache 2170/24")["text"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "error_code": 502},
        {"kind": "error", "error_code": 429, "retry_after": 1},
        {"kind": "close_before"},
        {"kind": "malformed"},
        {"kind": "error", "error_code": 400, "description": "Bad Request: can't parse entities"},
    ],
)
def test_an_answer_that_telegram_did_not_take_is_given_again(
    running: Stage, fault: dict[str, object]
) -> None:
    running.sim("POST", "faults", method="sendMessage", times=1, **fault)
    assert "2170/24" in running.ask("drucksache 2170/24")["text"]


def test_a_revoked_token_ends_the_bot_with_a_sentence(stage: Stage) -> None:
    process = start("bot", "run", cwd=stage.folder, **stage.bot_environment)
    process.wait_for(r"\brunning\b")
    stage.sim("POST", "faults", kind="error", method="getUpdates", times=None, error_code=401)
    stage.say("drucksache 2170/24")  # ends the long poll that is under way
    assert process.wait() == 2
    assert "does not know this BOT_TOKEN" in process.output


def test_sigterm_is_obeyed_while_telegram_hangs(stage: Stage) -> None:
    with stage.bot() as bot:
        for method in ("getUpdates", "sendMessage", "setMyCommands"):
            stage.sim("POST", "faults", kind="delay", method=method, times=None, seconds=30)
        stage.say("drucksache 2170/24")
        began = time.monotonic()
        assert bot.stop() == 0, bot.output
        assert time.monotonic() - began < 5.0
    stage.sim("DELETE", "faults")
    with stage.bot():
        assert "2170/24" in stage.wait(since=0, chat=1001)[-1]["text"]


def test_sigterm_is_obeyed_while_telegram_cannot_be_reached(stage: Stage) -> None:
    stage.sim(
        "POST", "faults", kind="error", method="getMe", times=None, error_code=429, retry_after=60
    )
    process = start("bot", "run", cwd=stage.folder, **stage.bot_environment)
    process.wait_for(r"cannot be reached")
    assert process.stop() == 0, process.output


def test_check_says_what_is_wrong_in_plain_words(stage: Stage) -> None:
    good = start("bot", "check", cwd=stage.folder, **stage.bot_environment)
    assert good.wait() == 0, good.output
    assert "it belongs to @massnahmenbot" in good.output
    bad = start("bot", "check", cwd=stage.folder, **stage.bot_environment | {"HOME_BODY": "GOTHA"})
    assert bad.wait() == 1
    assert "there is no entry GOTHA" in bad.output


def test_demo_serves_page_and_bot_in_one_command(tmp_path: Path) -> None:
    demo = start("bot", "demo", "--port", "0", "--today", "2025-10-20", cwd=tmp_path)
    address = demo.wait_for(r"^Chat page: (http://127\.0\.0\.1:\d+/)$")[1]
    with httpx.Client(base_url=address, trust_env=False) as http:
        stage = Stage(http, tmp_path, "")
        assert "Maßnahmenbot" in http.get("/").text
        reply = stage.ask("Wie weit ist die Fortschreibung des Maßnahmenplans?")
        assert "2025" in reply["text"]
    assert demo.stop() == 0, demo.output
    assert list(tmp_path.iterdir()) == []


def test_moving_the_clock_of_the_demo_brings_reminders(tmp_path: Path) -> None:
    demo = start("bot", "demo", "--port", "0", "--today", "2025-11-30", cwd=tmp_path)
    address = demo.wait_for(r"^Chat page: (\S+)$")[1]
    with httpx.Client(base_url=address, trust_env=False) as http:
        stage = Stage(http, tmp_path, "")
        assert stage.sim("GET", "clock")["button"]
        assert "Abonniert" in stage.ask("/abo EF-MP", user=STAFF)["text"]
        since = stage.last_event()
        stage.sim("POST", "clock", advance_seconds=86_400)
        reminder = stage.see("Termin: 2025", since=since, chat=STAFF)["text"]
        assert "in 30 Tagen" in reminder
        assert "rechnerisch aus dem Turnus" in reminder
        told = [message["text"] for message in stage.messages(STAFF) if message["from_bot"]]
        assert len(told) == 2, told
    assert demo.stop() == 0, demo.output


def test_a_later_demo_on_the_same_database_answers_too(tmp_path: Path) -> None:
    for _ in range(2):
        demo = start(
            *("bot", "demo", "--port", "0", "--database-url", "sqlite:///kept.db"), cwd=tmp_path
        )
        address = demo.wait_for(r"^Chat page: (\S+)$")[1]
        with httpx.Client(base_url=address, trust_env=False) as http:
            assert "2170/24" in Stage(http, tmp_path, "").ask("drucksache 2170/24")["text"]
        assert demo.stop() == 0, demo.output


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        (["ask", "drucksache 2170/24"], "Anfrage zum Stand der Fortschreibung"),
        (["ask", "wie wird das wetter", "--json"], '"band": "none"'),
    ],
)
def test_ask_answers_without_leaving_a_database_behind(
    tmp_path: Path, arguments: list[str], pattern: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    assert pattern in done.stdout
    assert list(tmp_path.iterdir()) == []
