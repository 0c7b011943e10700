"""The command line: what the subcommands of `massnahmenbot` take and say."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Coroutine
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from pydantic import ValidationError
from rich.console import Console

from bot import exchange, failures, logs
from bot.application import read_former, read_snapshot, system_clock
from bot.backups import back_up, bring_back
from bot.checks import check_start, missing_home_body
from bot.demo import demo as run_demo
from bot.doctor import examine_database
from bot.evaluation import WIDTH, measure, show
from bot.evaluation import as_json as report_as_json
from bot.failures import FAILED, USAGE
from bot.instance import ProcessRole
from bot.lifecycle import run as run_bot
from bot.settings import Settings, SettingsError, load
from handlers.messages import plain
from handlers.replies import reply
from knowledge.answering.answers import Answer, answer
from knowledge.entries import LONGEST_LINE, Certainty, Source
from knowledge.exchange import Choices, FileRefusedError, ImportPlan, about, holds_entries
from knowledge.measuring.evaluation import Part, QuestionFileError, read
from knowledge.partial_date import PartialDate
from knowledge.people import ADMIN_LABEL, LONGEST_LABEL
from knowledge.snapshot import Snapshot
from knowledge.storage.database import Database, DatabaseError, parse_url
from knowledge.storage.store import SHIPPED_AUTHOR
from knowledge.yaml_files import SHIPPED
from knowledge.yaml_files import load as load_entries

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Answers German questions about integration measures in Telegram.",
)
out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)

Result = TypeVar("Result")

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


def _show_version(*, wanted: bool) -> None:
    if wanted:
        _say(f"massnahmenbot {version('massnahmenbot')}")
        raise typer.Exit


@app.callback()
def options(
    *,
    _: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Say which version this is."
        ),
    ] = False,
) -> None:
    """Take what may stand before every command."""


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
    for doubt in missing_home_body(settings, snapshot):
        _warn(f"{doubt.what}: {doubt.text}")
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
        _stop(FAILED, failures.sentence(exc))
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
    if not author.strip() or len(author) > LONGEST_LABEL:
        _stop(USAGE, f"--author must be a label of at most {LONGEST_LABEL} letters.")
    if author.strip() == SHIPPED_AUTHOR:
        _stop(USAGE, f"--author must not be {SHIPPED_AUTHOR}: the program itself is called so.")
    snapshot = _snapshot(settings)
    is_table = not holds_entries(file.name)
    if is_table and scope is not None and snapshot.get(scope) is None:
        _stop(USAGE, f"There is no entry {scope}.")
    if withdraw_missing and scope is None:
        _stop(USAGE, "--withdraw-missing needs --scope: say below which entry.")
    try:
        target = scope.upper() if scope else settings.home_body if is_table else None
        choices = Choices(
            target=target,
            source=Source(title=file.name if source is None else source),
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
        former = _finish(read_former(settings, about(incoming.choices, snapshot), snapshot))
        plan = incoming.plan(snapshot, former)
    except exchange.ArgumentError as exc:
        _stop(USAGE, str(exc))
    except ValidationError:
        _stop(USAGE, f"--source must be a title of 1 to {LONGEST_LINE} letters.")
    except FileRefusedError as exc:
        _stop(FAILED, exchange.refused(file.name, exc))
    except OSError as exc:
        _stop(FAILED, failures.sentence(exc))
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
        return _finish(publish())
    except exchange.ChangedMeanwhileError:
        _stop(FAILED, "Nothing was changed: others changed the same meanwhile. Run it again.")


@app.command()
def check(database_url: DatabaseUrl = None) -> None:
    """Check settings, knowledge base, database and token, and say what is wrong."""
    settings = _settings(database_url=database_url)
    token = settings.bot_token.get_secret_value()
    logs.configure(level="ERROR", form="text", secrets=(token,))
    can_start = asyncio.run(check_start(settings, announce=_say))
    raise typer.Exit(0 if can_start else FAILED)


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
    return _finish(read_snapshot(settings))


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


def _finish(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end and turn known failures into a sentence and an exit code."""
    try:
        return asyncio.run(work)
    except failures.KNOWN as exc:
        _stop(failures.exit_code(exc), failures.sentence(exc))


def _stop(code: int, *sentences: str) -> NoReturn:
    for sentence in sentences:
        _warn(sentence)
    raise typer.Exit(code)


def _warn(sentence: str) -> None:
    err.print(sentence, markup=False, highlight=False)


def _wide() -> Console:
    """Where tables go: a file takes lines of any length."""
    return Console(soft_wrap=True, width=None if out.is_terminal else WIDTH)


def _say(sentence: str) -> None:
    out.print(sentence, markup=False, highlight=False)
