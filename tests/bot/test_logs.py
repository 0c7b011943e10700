"""Logs: structured, and without secrets whatever way they get there."""

import io
import json
import logging
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from structlog.testing import capture_logs
from telegram import Bot

from bot import logs
from bot.logs import CHATTY, HIDDEN, redact
from knowledge.inquiries.handed_over import HandedOverQuestions
from knowledge.notification.outbox import Outbox
from knowledge.storage.database import Database
from tests.support.clock import MOMENT
from tests.support.telegram import NotingRequest

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"
PASSWORD = "correct-horse-battery"
ADDRESS = f"https://api.telegram.org/bot{TOKEN}/getUpdates"
DATABASE = f"postgresql+psycopg://editor:{PASSWORD}@host/db"

FORMS = pytest.mark.parametrize("form", ["text", "json"])


def configured(form: str, *, level: str = "INFO", secrets: tuple[str, ...] = ()) -> io.StringIO:
    logs.configure(level=level, form=form, secrets=secrets)
    (handler,) = logging.getLogger().handlers
    assert isinstance(handler, logging.StreamHandler)
    stream = io.StringIO()
    handler.setStream(stream)
    return stream


def fail(message: str) -> None:
    raise RuntimeError(message)


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        (f"token {TOKEN}.", f"token {HIDDEN}."),
        (f"({TOKEN})", f"({HIDDEN})"),
        (f"BOT_TOKEN={TOKEN}", f"BOT_TOKEN={HIDDEN}"),
        (f"POST {ADDRESS}", f"POST https://api.telegram.org/bot{HIDDEN}/getUpdates"),
        ("http://localhost/file/bot1:x/photo.jpg", f"http://localhost/file/bot{HIDDEN}/photo.jpg"),
        (DATABASE, f"postgresql+psycopg://editor:{HIDDEN}@host/db"),
        ("redis://u:p%40ss@host", f"redis://u:{HIDDEN}@host"),
        ("https://erfurt.de/a:b@c", "https://erfurt.de/a:b@c"),
        ("am 21.11.2023 um 12:30:45", "am 21.11.2023 um 12:30:45"),
        ("sqlite+aiosqlite:///data/test.db", "sqlite+aiosqlite:///data/test.db"),
        ("nichts geheim", "nichts geheim"),
        ("", ""),
    ],
)
def test_secrets_are_removed_and_nothing_else(text: str, redacted: str) -> None:
    assert redact(text) == redacted


def test_a_given_secret_is_removed_whatever_it_looks_like() -> None:
    assert redact("a geheim b geheim", "geheim") == f"a {HIDDEN} b {HIDDEN}"
    assert redact("unverändert", "") == "unverändert"


def test_redacting_twice_changes_nothing_more() -> None:
    once = redact(f"{ADDRESS} {DATABASE} {TOKEN}")
    assert redact(once) == once


@FORMS
@pytest.mark.parametrize("known", [True, False])
def test_neither_token_nor_password_reaches_the_log(form: str, known: bool) -> None:
    stream = configured(form, secrets=(TOKEN,) if known else ())
    ours, foreign = structlog.get_logger("ours"), logging.getLogger("foreign")
    ours.info(f"starting with {TOKEN}")
    ours.info("value", token=TOKEN, nested={"urls": [ADDRESS]}, database=DATABASE)
    foreign.warning("asking %s for %s", ADDRESS, DATABASE)
    foreign.error("extra", extra={"url": ADDRESS})
    structlog.contextvars.bind_contextvars(address=ADDRESS)
    ours.warning("bound")
    structlog.contextvars.clear_contextvars()
    written = stream.getvalue()
    assert written.count("\n") >= 5
    assert HIDDEN in written
    assert TOKEN not in written
    assert TOKEN.partition(":")[2] not in written
    assert PASSWORD not in written


@FORMS
@pytest.mark.parametrize("message", [TOKEN, ADDRESS, DATABASE])
def test_an_exception_and_its_traceback_show_no_secret(form: str, message: str) -> None:
    stream = configured(form, secrets=(TOKEN,))
    for log in (structlog.get_logger("ours"), logging.getLogger("foreign")):
        try:
            fail(message)
        except RuntimeError:
            log.exception("failed")
    written = stream.getvalue()
    assert written.count("RuntimeError") >= 2
    assert TOKEN not in written
    assert PASSWORD not in written


@FORMS
def test_no_part_of_a_secret_is_shown_wherever_it_stands_in_a_long_line(form: str) -> None:
    stream = configured(form, secrets=(TOKEN,))
    for offset in range(0, 200, 3):
        try:
            fail("e" * offset + f" {ADDRESS} {DATABASE}")
        except RuntimeError:
            structlog.get_logger("ours").exception("failed")
    written = stream.getvalue()
    for secret in (TOKEN.partition(":")[2], PASSWORD):
        assert [
            secret[i : i + 6] for i in range(len(secret) - 5) if secret[i : i + 6] in written
        ] == []


@FORMS
def test_local_variables_do_not_reach_the_log(form: str) -> None:
    stream = configured(form)
    question = " ".join(("meine", "private", "Frage"))
    try:
        fail(f"{len(question)} letters")
    except RuntimeError:
        structlog.get_logger("ours").exception("failed")
    assert f"{len(question)} letters" in stream.getvalue()
    assert question not in stream.getvalue()


@FORMS
def test_the_cause_of_an_exception_shows_no_secret(form: str) -> None:
    stream = configured(form, secrets=(TOKEN,))
    try:
        try:
            fail(ADDRESS)
        except RuntimeError as exc:
            raise ValueError(TOKEN) from exc
    except ValueError:
        structlog.get_logger("ours").exception("failed")
    written = stream.getvalue()
    assert "ValueError" in written
    assert "RuntimeError" in written
    assert TOKEN not in written


@FORMS
async def test_the_address_of_a_request_shows_no_token(form: str) -> None:
    stream = configured(form, level="DEBUG")
    logging.getLogger("httpx").setLevel(logging.INFO)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(404, request=request)

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        response = await client.get(ADDRESS)
        try:
            response.raise_for_status()
        except httpx.HTTPStatusError:
            structlog.get_logger("ours").exception("refused")
    written = stream.getvalue()
    assert "HTTP Request: GET" in written
    assert "HTTPStatusError" in written
    assert TOKEN not in written


@pytest.mark.parametrize("name", CHATTY)
def test_chatty_libraries_only_warn(name: str) -> None:
    stream = configured("text", level="DEBUG")
    logging.getLogger(name).info("plaudern")
    logging.getLogger(f"{name}.inner").info("plaudern")
    logging.getLogger(name).warning("ernst")
    assert "plaudern" not in stream.getvalue()
    assert "ernst" in stream.getvalue()


def test_json_has_one_object_per_line() -> None:
    stream = configured("json")
    structlog.get_logger("ours").info("running", entries=3, title="Maßnahme")
    logging.getLogger("foreign").warning("zwei\nZeilen")
    try:
        fail("kaputt")
    except RuntimeError:
        structlog.get_logger("ours").exception("failed")
    lines: list[dict[str, Any]] = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["event"], line["level"], line["logger"]) for line in lines] == [
        ("running", "info", "ours"),
        ("zwei\nZeilen", "warning", "foreign"),
        ("failed", "error", "ours"),
    ]
    assert (lines[0]["entries"], lines[0]["title"]) == (3, "Maßnahme")
    assert lines[2]["exception"][0]["exc_value"] == "kaputt"
    assert all(line["timestamp"].endswith("Z") for line in lines)


def test_text_is_readable_and_without_colours() -> None:
    stream = configured("text")
    structlog.get_logger("ours").info("running", entries=3)
    line = stream.getvalue()
    assert "running" in line
    assert "entries=3" in line
    assert "\x1b" not in line


def test_less_severe_lines_are_left_out() -> None:
    stream = configured("text", level="WARNING")
    structlog.get_logger("ours").info("leise")
    structlog.get_logger("ours").warning("laut")
    assert "leise" not in stream.getvalue()
    assert "laut" in stream.getvalue()


def test_configuring_twice_writes_every_line_once() -> None:
    configured("json")
    stream = configured("json")
    structlog.get_logger("ours").warning("einmal")
    assert stream.getvalue().count("einmal") == 1


def test_logs_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(level="INFO", form="text")
    structlog.get_logger("ours").info("hier")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "hier" in captured.err


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://h/d?user=u&password=geheim",
        "postgresql://:geheim@h/d",
        "postgresql://u:p@geheim@h/d",
    ],
)
def test_passwords_in_odd_places_are_removed(text: str) -> None:
    assert "geheim" not in redact(text)


def test_a_long_line_full_of_beginnings_takes_no_longer_than_others() -> None:
    line = "://a:" * 100_000  # took a minute and more
    assert redact(line) == line


def test_a_folder_called_bot_is_no_token() -> None:
    assert redact("sqlite:////var/botdata/x.db") == "sqlite:////var/botdata/x.db"


@FORMS
async def test_even_when_debugging_no_text_of_anybody_reaches_the_log(
    form: str, tmp_path: Path
) -> None:
    stream = configured(form, level="DEBUG")
    database = Database(f"sqlite:///{tmp_path / 'test.db'}")
    await database.migrate()
    questions = HandedOverQuestions(database, Outbox(database))
    await questions.add(1, 2, "Was ist mit Frau Vertraulich?", MOMENT)
    await database.close()
    async with Bot("1:x", request=NotingRequest(), get_updates_request=NotingRequest()) as bot:
        await bot.send_message(5, "Frau Vertraulich")
        await bot.set_webhook("https://bot.example.org/x", secret_token="Vertraulich")
    assert "Vertraulich" not in stream.getvalue()


def test_a_logger_that_was_used_follows_a_later_configuration() -> None:
    log = structlog.get_logger("bot.polling")
    configured("text")
    log.info("running")
    configured("json")
    with capture_logs() as entries:
        log.info("stopped")
    assert [entry["event"] for entry in entries] == ["stopped"]
