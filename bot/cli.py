"""The command line: `massnahmenbot run | demo | ask | evaluate | check`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from rich.console import Console
from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot
from telegram.error import InvalidToken, TelegramError

from bot import logs
from bot.demo import demo as run_demo
from bot.instance import AlreadyRunningError
from bot.lifecycle import run as run_bot
from bot.polling import TokenError
from bot.report import WIDTH, measure, show
from bot.report import as_json as report_as_json
from bot.settings import TELEGRAM, Settings, SettingsError, load
from handlers.messages import plain
from handlers.replies import reply
from knowledge.answers import Answer, answer
from knowledge.database import Database, DatabaseError
from knowledge.evaluation import Part, QuestionFileError, read
from knowledge.snapshot import Snapshot
from knowledge.store import Store
from knowledge.yaml_files import SHIPPED, DataError
from knowledge.yaml_files import load as load_entries

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Answers German questions about integration measures in Telegram.",
)
out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

USAGE, FAILED, BUSY = 2, 1, 3
"""Exit codes: unusable settings or arguments; failure; another process is running."""

Day = Annotated[
    datetime | None,
    typer.Option(
        "--today", formats=["%Y-%m-%d"], help="Answer as if it were this day.", metavar="DATE"
    ),
]
DatabaseUrl = Annotated[
    str | None, typer.Option("--database-url", help="Instead of DATABASE_URL.", metavar="URL")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def main() -> None:
    """Entry point of the console script."""
    app()


@app.command()
def run(
    webhook: Annotated[
        bool, typer.Option("--webhook", help="Let Telegram deliver to WEBHOOK_URL.")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Answer in Telegram, by long polling or by webhook, until SIGTERM."""
    settings = _settings(database_url=database_url)
    token = settings.bot_token.get_secret_value()
    if not token:
        _stop(
            USAGE,
            "BOT_TOKEN is not set. Get a token from @BotFather, or try `massnahmenbot demo`.",
        )
    if webhook and not settings.webhook_url:
        _stop(USAGE, "WEBHOOK_URL is not set: Telegram must know where to deliver.")
    secrets = (token, settings.webhook_secret.get_secret_value())
    logs.configure(level=settings.log_level, form=settings.log_format, secrets=secrets)
    _finish(run_bot(settings, webhook=webhook))


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Port of the chat page; 0 for any free one.")] = 8088,
    today: Day = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Try the bot in the browser, without Telegram."""
    settings = _settings()
    logs.configure(level="WARNING", form=settings.log_format)

    def announce(address: str) -> None:
        out.print(f"Chat page: {address}", highlight=False)

    _finish(
        run_demo(
            settings,
            port=port,
            today=today.date() if today else None,
            database_url=database_url,
            announce=announce,
        )
    )


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="A question in German.")],
    as_json: AsJson = False,
    today: Day = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Answer one question on the command line."""
    settings = _settings(database_url=database_url)
    snapshot = _snapshot(settings)
    found = answer(question, snapshot, _today(settings, today), home=settings.home_body)
    text = plain(reply(found, snapshot).markup)
    if as_json:
        print(json.dumps(_as_json(found, text), ensure_ascii=False))  # noqa: T201 (raw output)
    else:
        out.print(text, markup=False, highlight=False)


@app.command(name="evaluate")
def evaluate_file(
    file: Annotated[Path, typer.Argument(help="Questions, tab-separated.", metavar="FILE.tsv")],
    *,
    part: Annotated[
        Part | None,
        typer.Option(
            help="Ask only the half to tune on, or the half to report; the CRC-32 of a question "
            "decides."
        ),
    ] = None,
    typos: Annotated[
        int | None,
        typer.Option(help="Ask with typing mistakes, drawn by this number.", metavar="SEED"),
    ] = None,
    calibrate: Annotated[
        bool, typer.Option("--calibrate", help="Show what moving each threshold does.")
    ] = False,
    min_right: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=100,
            help="Exit with 1 if fewer than so many percent of all replies are right.",
            metavar="PERCENT",
        ),
    ] = None,
    as_json: AsJson = False,
    today: Day = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Measure the answers against a file of questions, and explain every failure."""
    settings = _settings(database_url=database_url)
    try:
        expectations = read(file)
    except QuestionFileError as exc:
        _stop(USAGE, str(exc))
    report = measure(
        expectations,
        _snapshot(settings),
        _today(settings, today),
        home=settings.home_body,
        part=part,
        seed=typos,
        calibrated=calibrate,
    )
    if not report.outcomes:
        _stop(USAGE, f"{file.name}: no questions to ask")
    if as_json:
        text = json.dumps(report_as_json(report), ensure_ascii=False)
        print(text)  # noqa: T201 (raw output)
    else:
        show(report, Console(soft_wrap=True, width=None if out.is_terminal else WIDTH))
    if min_right is not None and not report.reached(min_right):
        _stop(FAILED, f"Fewer than {min_right:g} % of the replies are right.")


@app.command()
def check(database_url: DatabaseUrl = None) -> None:
    """Check settings, knowledge base, database and token, and say what is wrong."""
    settings = _settings(database_url=database_url)
    token = settings.bot_token.get_secret_value()
    logs.configure(level="ERROR", form="text", secrets=(token,))
    _good("Settings", f"home body {settings.home_body}, days begin in {settings.timezone}")
    problems = asyncio.run(_check_database(settings))
    problems += asyncio.run(_check_token(settings, token))
    raise typer.Exit(FAILED if problems else 0)


async def _check_database(settings: Settings) -> int:
    try:
        snapshot = await _read_snapshot(settings)
    except (DatabaseError, DataError, SQLAlchemyError, ValidationError, OSError) as exc:
        return _bad("Database", _reason(exc))
    state = f"at revision {snapshot.revision}" if snapshot.revision else "for a new database"
    _good("Database", f"{len(snapshot.entries)} entries {state}")
    if snapshot.get(settings.home_body) is None:
        return _bad("Home body", f"there is no entry {settings.home_body}: set HOME_BODY")
    return 0


async def _check_token(settings: Settings, token: str) -> int:
    if not token:
        return _bad("Token", "BOT_TOKEN is not set: get one from @BotFather")
    try:
        async with Bot(token, base_url=settings.bot_api_url) as bot:
            _good("Token", f"it belongs to @{bot.username}")
    except InvalidToken:
        return _bad("Token", "Telegram does not know this token: copy it again from @BotFather")
    except TelegramError as exc:
        server = "Telegram" if settings.bot_api_url == TELEGRAM else settings.bot_api_url
        return _bad("Token", f"{server} cannot be reached: {logs.redact(str(exc), token)}")
    return 0


def _settings(**overrides: object) -> Settings:
    try:
        return load(**overrides)
    except SettingsError as exc:
        _stop(USAGE, *exc.complaints)


def _snapshot(settings: Settings) -> Snapshot:
    logs.configure(level="WARNING", form=settings.log_format)
    try:
        return asyncio.run(_read_snapshot(settings))
    except (DatabaseError, DataError, SQLAlchemyError, ValidationError, OSError) as exc:
        _stop(FAILED, _reason(exc))


async def _read_snapshot(settings: Settings) -> Snapshot:
    """The database's state, without changing it; the shipped files where there is none yet."""
    database = Database(settings.database_url)
    try:
        if not database.exists() or not await database.is_set_up():
            return Snapshot(load_entries(settings.knowledge_folder or SHIPPED))
        store = Store(database)
        await store.refresh()
        return store.snapshot
    finally:
        await database.close()


def _today(settings: Settings, given: datetime | None) -> date:
    return given.date() if given else datetime.now(settings.zone).date()


def _as_json(found: Answer, text: str) -> dict[str, Any]:
    sources = {
        (source.title, source.reference, source.url): None
        for fact in found.facts
        for source in fact.sources
    }
    listed = found.listing.entries if found.listing else ()
    return {
        "band": found.band,
        "aspect": found.question.aspects[0] if found.question.aspects else None,
        "entries": [*(section.entry.key for section in found.sections), *(e.key for e in listed)],
        "text": text,
        "sources": [{"title": t, "reference": r, "url": u} for t, r, u in sources],
        "as_of": found.as_of.iso() if found.as_of else None,
        "certainty": found.certainty,
        "suggestions": [{"key": entry.key, "title": entry.title} for entry in found.suggestions],
        "corrected": found.question.corrected,
    }


def _finish(work: Coroutine[Any, Any, None]) -> None:
    """Run to the end and turn known failures into a sentence and an exit code."""
    try:
        asyncio.run(work)
    except AlreadyRunningError:
        _stop(BUSY, "Another massnahmenbot is running on this database. Stop it first.")
    except TokenError:
        _stop(USAGE, "Telegram does not know this BOT_TOKEN. Copy it again from @BotFather.")
    except (DatabaseError, DataError, SQLAlchemyError, OSError) as exc:
        _stop(FAILED, _reason(exc))


def _reason(error: Exception) -> str:
    """The first lines of an error, without SQL, addresses or secrets."""
    if isinstance(error, SQLAlchemyError):
        original = getattr(error, "orig", None)
        return logs.redact(f"The database cannot be used: {original or error}")
    return logs.redact(str(error))


def _stop(code: int, *sentences: str) -> NoReturn:
    for sentence in sentences:
        err.print(sentence, markup=False, highlight=False)
    raise typer.Exit(code)


def _good(what: str, text: str) -> None:
    out.print(f"ok       {what}: {text}", markup=False, highlight=False)


def _bad(what: str, text: str) -> int:
    out.print(f"problem  {what}: {text}", markup=False, highlight=False)
    return 1
