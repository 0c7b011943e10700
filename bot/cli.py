"""The command line: what the subcommands of `massnahmenbot` take and say."""

from __future__ import annotations

import asyncio
import json
import os
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

from bot import exchange, logs
from bot.application import system_clock
from bot.backups import back_up, bring_back
from bot.demo import demo as run_demo
from bot.doctor import examine_database
from bot.evaluation import WIDTH, measure, show
from bot.evaluation import as_json as report_as_json
from bot.instance import AlreadyRunningError, ProcessRole
from bot.lifecycle import run as run_bot
from bot.polling import TokenError
from bot.settings import TELEGRAM, Settings, SettingsError, load
from handlers.messages import plain
from handlers.replies import reply
from knowledge.answers import Answer, answer
from knowledge.backup import BackupError
from knowledge.database import Database, DatabaseError, parse_url
from knowledge.entries import LONGEST_LINE, Certainty, Source
from knowledge.evaluation import Part, QuestionFileError, read
from knowledge.exchange import Choices, FileRefusedError, ImportPlan, holds_entries
from knowledge.partial_date import PartialDate
from knowledge.people import ADMIN_LABEL, LONGEST_LABEL
from knowledge.snapshot import Snapshot
from knowledge.store import SHIPPED_AUTHOR, Store
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
Scope = Annotated[
    str | None,
    typer.Option(
        "--scope",
        help="The entry that the file is about, with all below it. By default HOME_BODY for "
        "tables, everything for YAML.",
        metavar="KEY",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
BackupFile = Annotated[Path, typer.Argument(help="The backup.", metavar="FILE")]


def main() -> None:
    """Entry point of the console script."""
    app()


@app.command()
def run(
    role: Annotated[
        ProcessRole,
        typer.Option("--role", help="On several machines: answer only, or send notices only."),
    ] = ProcessRole.ALL,
    webhook: Annotated[
        bool, typer.Option("--webhook", help="Let Telegram deliver to WEBHOOK_URL.")
    ] = False,
    database_url: DatabaseUrl = None,
) -> None:
    """Answer in Telegram and send notices, by long polling or by webhook, until SIGTERM."""
    settings = _settings(database_url=database_url)
    token = settings.bot_token.get_secret_value()
    if not token:
        _stop(
            USAGE,
            "BOT_TOKEN is not set. Get a token from @BotFather, or try `massnahmenbot demo`.",
        )
    if role is not ProcessRole.ALL and Database(settings.database_url).is_sqlite:
        _stop(USAGE, "Several processes need PostgreSQL: with SQLite, run without --role.")
    if webhook and not role.answers:
        _stop(USAGE, "A scheduler receives nothing: run it without --webhook.")
    if webhook and not settings.webhook_url:
        _stop(USAGE, "WEBHOOK_URL is not set: Telegram must know where to deliver.")
    secrets = (token, settings.webhook_secret.get_secret_value())
    logs.configure(level=settings.log_level, form=settings.log_format, secrets=secrets)
    _finish(run_bot(settings, role=role, webhook=webhook))


@app.command()
def demo(
    port: Annotated[int, typer.Option(help="Port of the chat page; 0 for any free one.")] = 8088,
    today: Day = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Try the bot in the browser, without Telegram."""
    settings = _settings(database_url=database_url)
    logs.configure(level="WARNING", form=settings.log_format)
    _finish(
        run_demo(
            settings,
            port=port,
            today=today.date() if today else None,
            database_url=database_url,
            announce=lambda address: _say(f"Chat page: {address}"),
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
        typer.echo(json.dumps(_as_json(found, text), ensure_ascii=False))
    else:
        _say(text)


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
        typer.echo(json.dumps(report_as_json(report), ensure_ascii=False))
    else:
        show(report, _wide())
    if min_right is not None and not report.reached(min_right):
        _stop(FAILED, f"Fewer than {min_right:g} % of the replies are right.")


@app.command(name="export")
def export_file(
    file: Annotated[
        Path, typer.Argument(help="Ends in .yaml, .csv or .xlsx.", metavar="FILE", dir_okay=False)
    ],
    scope: Scope = None,
    database_url: DatabaseUrl = None,
) -> None:
    """Write an entry with all below it, or everything, into a file."""
    settings = _settings(database_url=database_url)
    try:
        size = exchange.export(_snapshot(settings), file, scope=scope, home=settings.home_body)
    except exchange.ArgumentError as exc:
        _stop(USAGE, str(exc))
    except OSError as exc:
        _stop(FAILED, _reason(exc))
    _say(f"{file.name}: {size} bytes written")


@app.command(name="import")
def import_file(
    file: Annotated[
        Path,
        typer.Argument(
            help="A table of measures (CSV, XLSX), or entries (YAML).",
            metavar="FILE",
            exists=True,
            dir_okay=False,
        ),
    ],
    *,
    scope: Scope = None,
    source: Annotated[
        str | None,
        typer.Option(help="Where the statements stand; by default the file.", metavar="TITLE"),
    ] = None,
    as_of: Annotated[
        PartialDate | None,
        typer.Option(
            help="As of when they hold, as far as the table does not say so.",
            metavar="DATE",
            parser=PartialDate.parse,
        ),
    ] = None,
    certainty: Annotated[
        Certainty, typer.Option(help="How far they can be relied on.")
    ] = Certainty.PUBLIC,
    sheet: Annotated[
        str | None, typer.Option(help="The worksheet to read.", metavar="NAME")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(help='What a column means: "Stand=status", "C=-".', metavar="NAME=MEANING"),
    ] = None,
    status: Annotated[
        list[str] | None,
        typer.Option(
            help='What a status word means: "läuft gut=in_progress".', metavar="WORD=PHASE"
        ),
    ] = None,
    withdraw_missing: Annotated[
        bool, typer.Option("--withdraw-missing", help="Withdraw what the file does not have.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before publishing.")] = False,
    author: Annotated[str, typer.Option(help="The label that the history shows.")] = ADMIN_LABEL,
    database_url: DatabaseUrl = None,
) -> None:
    """Show what a file would change, ask, and publish all of it or nothing."""
    settings = _settings(database_url=database_url)
    if not author.strip() or len(author) > LONGEST_LABEL or author.strip() == SHIPPED_AUTHOR:
        _stop(USAGE, f"--author must be a label of at most {LONGEST_LABEL} letters.")
    snapshot = _snapshot(settings)
    is_table = not holds_entries(file.name)
    if withdraw_missing and scope is None:
        _stop(USAGE, "--withdraw-missing needs --scope: say below which entry.")
    try:
        target = scope.upper() if scope else settings.home_body if is_table else None
        choices = Choices(
            target=target,
            source=Source(title=source or file.name),
            as_of=as_of,
            is_dated=True,
            certainty=certainty,
            sheet=sheet,
            withdraw_missing=withdraw_missing,
        )
        incoming = exchange.incoming(
            file,
            choices,
            today=_today(settings, None),
            columns=column or (),
            statuses=status or (),
        )
        plan = incoming.plan(snapshot)
    except exchange.ArgumentError as exc:
        _stop(USAGE, str(exc))
    except ValidationError:
        _stop(USAGE, f"--source must be a title of at most {LONGEST_LINE} letters.")
    except FileRefusedError as exc:
        _stop(FAILED, exchange.refused(file.name, exc))
    except OSError as exc:
        _stop(FAILED, _reason(exc))
    exchange.show(incoming, plan, _wide())
    if not plan.is_ready:
        _stop(FAILED, "Nothing was changed: the file must be put right first.")
    if plan.changes_nothing:
        _say("Everything is like that already.")
        return
    if dry_run:
        _say("Nothing was changed: this was a dry run.")
        return
    if not yes and not typer.confirm("Publish?"):
        _stop(FAILED, "Nothing was changed.")
    number = _publish(settings, incoming, plan, author.strip())
    _say(f"Published as revision {number}.")


def _publish(
    settings: Settings, incoming: exchange.Incoming, plan: ImportPlan, author: str
) -> int:
    async def publish() -> int:
        database = Database(settings.database_url)
        try:
            return await exchange.publish(
                database,
                incoming,
                plan,
                shipped=load_entries(settings.knowledge_folder or SHIPPED),
                author=author,
                now=system_clock(),
            )
        finally:
            await database.close()

    try:
        return asyncio.run(publish())
    except exchange.ChangedMeanwhileError:
        _stop(FAILED, "Nothing was changed: others changed the same meanwhile. Run it again.")
    except (DatabaseError, DataError, SQLAlchemyError, OSError) as exc:
        _stop(FAILED, _reason(exc))


@app.command()
def check(database_url: DatabaseUrl = None) -> None:
    """Check settings, knowledge base, database and token, and say what is wrong."""
    settings = _settings(database_url=database_url)
    token = settings.bot_token.get_secret_value()
    logs.configure(level="ERROR", form="text", secrets=(token,))
    _good("Settings", f"home body {settings.home_body}, days begin in {settings.timezone}")
    problems = _check_env_file()
    problems += asyncio.run(_check_database(settings))
    problems += asyncio.run(_check_token(settings, token))
    raise typer.Exit(FAILED if problems else 0)


@app.command()
def backup(file: BackupFile, database_url: DatabaseUrl = None) -> None:
    """Write everything in the database to a new file, also while the bot runs."""
    settings = _settings(database_url=database_url)
    _finish(back_up(settings, file, now=system_clock(), announce=_say))


@app.command()
def restore(file: BackupFile, database_url: DatabaseUrl = None) -> None:
    """Fill an empty database from a backup; the bot must not run."""
    settings = _settings(database_url=database_url)
    logs.configure(level="WARNING", form=settings.log_format)
    _finish(bring_back(settings, file, now=system_clock(), announce=_say))


@app.command()
def doctor(database_url: DatabaseUrl = None) -> None:
    """Check that the database is in order, and say what to do where it is not."""
    settings = _settings(database_url=database_url)
    logs.configure(level="ERROR", form=settings.log_format)
    healthy = asyncio.run(examine_database(settings, now=system_clock(), announce=_say))
    raise typer.Exit(0 if healthy else FAILED)


def _check_env_file() -> int:
    file = Path(".env")
    if file.exists() and file.stat().st_mode & 0o077:
        return _bad(".env", "others on this machine can read the token in it: chmod 600 .env")
    return 0


async def _check_database(settings: Settings) -> int:
    closed = _closed_place(Database(settings.database_url))
    if closed is not None:
        return _bad("Database", f"{closed} is not there, or cannot be written to")
    try:
        snapshot = await _read_snapshot(settings)
    except (DatabaseError, DataError, SQLAlchemyError, ValidationError, OSError) as exc:
        return _bad("Database", _reason(exc))
    state = f"at revision {snapshot.revision}" if snapshot.revision else "for a new database"
    _good("Database", f"{len(snapshot.entries)} entries {state}")
    if snapshot.get(settings.home_body) is None:
        return _bad("Home body", f"there is no entry {settings.home_body}: set HOME_BODY")
    return 0


def _closed_place(database: Database) -> Path | None:
    """The SQLite file, or its folder, if the bot could not write there; reading tells nothing."""
    if not database.is_sqlite:
        return None
    file = Path(database.url.database or "")
    places = [file.parent.absolute(), *([file] if database.exists() else [])]
    return next((place for place in places if not os.access(place, os.W_OK)), None)


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
        settings = load(**overrides)
        parse_url(settings.database_url)
    except SettingsError as exc:
        _stop(USAGE, *exc.complaints)
    except DatabaseError as exc:
        _stop(USAGE, str(exc))
    return settings


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
    return given.date() if given else system_clock().astimezone(settings.zone).date()


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
    except (
        *(BackupError, DatabaseError, DataError),
        *(SQLAlchemyError, ValidationError, OSError),
    ) as exc:
        _stop(FAILED, _reason(exc))


def _reason(error: Exception) -> str:
    """The first lines of an error, without SQL, addresses or secrets."""
    if isinstance(error, SQLAlchemyError):
        original = getattr(error, "orig", None)
        return logs.redact(f"The database cannot be used: {original or error}")
    if isinstance(error, ValidationError):  # which quotes what it cannot read
        return "The database holds what cannot be read: `massnahmenbot doctor` says where."
    return logs.redact(str(error))


def _stop(code: int, *sentences: str) -> NoReturn:
    for sentence in sentences:
        err.print(sentence, markup=False, highlight=False)
    raise typer.Exit(code)


def _wide() -> Console:
    """Where tables go: a file takes lines of any length."""
    return Console(soft_wrap=True, width=None if out.is_terminal else WIDTH)


def _say(sentence: str) -> None:
    out.print(sentence, markup=False, highlight=False)


def _good(what: str, text: str) -> None:
    _say(f"ok       {what}: {text}")


def _bad(what: str, text: str) -> int:
    _say(f"problem  {what}: {text}")
    return 1
