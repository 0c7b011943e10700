"""The command line: what is printed, and with which exit code commands end."""

import asyncio
import json
from importlib.metadata import version
from pathlib import Path

import pytest
from sqlalchemy import text
from typer.testing import CliRunner, Result

from bot.cli import app
from knowledge.storage.database import Database
from knowledge.storage.store import Store
from knowledge.yaml_files import load
from tests.support.clock import MOMENT

KNOWLEDGE = """
sources:
  brief: {title: Antwort des Oberbürgermeisters, reference: DS 2170/24}
entries:
  - key: ERFURT
    kind: body
    title: Stadt Erfurt
  - key: EF-1
    kind: measure
    parent: ERFURT
    title: Sprachkurse für Mütter
    facts:
      - {id: F-1, aspect: summary, text: Es gibt zwölf Kurse., sources: [brief], as_of: 2024,
         certainty: official}
"""
RIGHT = "Was sind die Sprachkurse für Mütter?\tdefinition\t\tzwölf\tyes\n"
WRONG = "Was sind die Sprachkurse für Mütter?\tdefinition\t\thundert\tyes\n"
HEADER = "question\tkind\tfacts\tmust\tanswerable\n"


@pytest.fixture(autouse=True)
def folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to run in, with a small knowledge base and two questions."""
    (folder / "data").mkdir()
    (folder / "data" / "erfurt.yaml").write_text(KNOWLEDGE, encoding="utf-8")
    monkeypatch.setenv("KNOWLEDGE_FOLDER", "data")
    (folder / "questions.tsv").write_text(HEADER + RIGHT + WRONG, encoding="utf-8")
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["evaluate", *arguments, "--today", "2024-11-01"])


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ((), 0),
        (("--min-right", "0"), 0),
        (("--min-right", "50"), 0),
        (("--min-right", "50.1"), 1),
        (("--min-right", "101"), 2),
        (("--min-right", "viel"), 2),
        (("--part", "alles"), 2),
        (("--typos", "x"), 2),
        (("--typos", "1", "--calibrate"), 0),
    ],
)
def test_the_exit_code_says_whether_enough_is_right(options: tuple[str, ...], code: int) -> None:
    assert run("questions.tsv", *options).exit_code == code


def test_too_few_right_replies_are_said_beside_the_report() -> None:
    result = run("questions.tsv", "--min-right", "95", "--json")
    assert result.stderr == "Fewer than 95 % of the replies are right.\n"
    told = json.loads(result.stdout)
    assert (told["right"], told["total"], len(told["failures"])) == (1, 2, 1)


def test_the_report_is_a_hundred_columns_wide_where_no_terminal_reads_it() -> None:
    lines = run("questions.tsv", "--calibrate").stdout.splitlines()
    assert 90 < max(map(len, lines)) <= 100
    assert "1. Was sind die Sprachkurse für Mütter?" in lines


def test_only_the_part_wanted_is_asked() -> None:
    told = json.loads(run("questions.tsv", "--part", "report", "--json").stdout)
    assert (told["part"], told["total"]) == ("report", 2)
    nothing = run("questions.tsv", "--part", "tune")
    assert (nothing.exit_code, nothing.stderr) == (2, "questions.tsv: no questions to ask\n")


def test_an_unusable_file_is_named(folder: Path) -> None:
    (folder / "broken.tsv").write_text("question\tkind\n", encoding="utf-8")
    result = run("broken.tsv")
    assert result.exit_code == 2
    assert result.stderr == "broken.tsv: no column answerable, facts, must\n"


def test_a_file_without_questions_is_not_taken_for_success(folder: Path) -> None:
    (folder / "empty.tsv").write_text(HEADER, encoding="utf-8")
    assert run("empty.tsv").exit_code == 2


@pytest.mark.parametrize("command", [["run"], ["check"], ["ask", "Was ist das?"]])
@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE entry_version SET content = '{}'",
        "UPDATE entry_version SET content = '{'",
        "UPDATE revision SET created_at = 'now'",
        "UPDATE revision SET created_at = 2460000",
        "UPDATE revision SET created_at = '0001-01-01 00:00:00+05:00'",
        "UPDATE revision SET origin = 'guessed'",
    ],
)
def test_a_database_with_what_cannot_be_read_is_a_sentence(
    command: list[str], damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def spoil() -> None:
        database = Database("sqlite:///bot.db")
        await database.migrate()
        await Store(database).ship(load(Path("data")), now=MOMENT)
        async with database.writing() as connection:
            await connection.execute(text(damage.replace(":", r"\:")))
        await database.close()

    asyncio.run(spoil())
    for name, value in {"DATABASE_URL": "sqlite:///bot.db", "BOT_TOKEN": "1:x"}.items():
        monkeypatch.setenv(name, value)
    # Where nothing answers: the token is not what is tried here.
    monkeypatch.setenv("BOT_API_URL", "http://127.0.0.1:9/bot")
    monkeypatch.setenv("OPERATIONS", "off")
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 1
    assert "cannot be read: `massnahmenbot doctor` says where." in result.output
    assert "Traceback" not in result.output


def test_who_asks_for_a_home_body_that_there_is_not_is_told_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    question = "Was sind die Sprachkurse für Mütter?"
    monkeypatch.setenv("HOME_BODY", "nix")
    result = CliRunner().invoke(app, ["ask", question])
    assert "zwölf Kurse" in result.stdout
    assert result.stderr == "Home body: there is no entry NIX: set HOME_BODY\n"
    monkeypatch.setenv("HOME_BODY", "erfurt")
    assert CliRunner().invoke(app, ["ask", question]).stderr == ""


@pytest.mark.parametrize("command", [["run"], ["ask", "Was ist das?"], ["export", "alles.yaml"]])
@pytest.mark.parametrize("content", [None, "entries: [{key: EF-1}]"])
def test_a_folder_of_knowledge_that_cannot_be_used_is_a_wrong_setting(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: list[str], content: str | None
) -> None:
    (folder / "wissen").mkdir()
    if content is not None:
        (folder / "wissen" / "stadt.yaml").write_text(content, encoding="utf-8")
    for name, value in {"KNOWLEDGE_FOLDER": "wissen", "BOT_TOKEN": "1:x"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("OPERATIONS", "off")
    result = CliRunner().invoke(app, command)
    # A service manager starts nothing again that ends so.
    assert result.exit_code == 2
    assert "KNOWLEDGE_FOLDER" in result.output
    assert ("no *.yaml files in this folder" in result.output) is (content is None)


@pytest.mark.parametrize("name", ["nirgends", "questions.tsv"])
def test_a_folder_of_knowledge_that_is_none_is_said_to_be_so(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("KNOWLEDGE_FOLDER", name)
    result = CliRunner().invoke(app, ["ask", "Was ist das?"])
    assert result.exit_code == 2
    assert f"KNOWLEDGE_FOLDER cannot be used:\n{name}: there is no such folder\n" in result.output


@pytest.mark.parametrize(
    ("options", "url", "sentence"),
    [
        (["--role", "worker"], "sqlite:///bot.db", "Several processes need PostgreSQL"),
        (["--role", "scheduler", "--webhook"], "postgresql://h/d", "A scheduler receives nothing"),
        (["--role", "worker"], "mysql://h/d", "mysql is not supported"),
        (["--role", "worker"], "nonsense", "DATABASE_URL is not a database URL"),
    ],
)
def test_parts_of_the_bot_that_cannot_run_so_are_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, options: list[str], url: str, sentence: str
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "1:x")
    result = CliRunner().invoke(app, ["run", *options, "--database-url", url])
    assert result.exit_code == 2
    assert sentence in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)


@pytest.mark.parametrize(
    "command",
    [
        ["run"],
        ["demo", "--port", "0"],
        ["ask", "Was ist das?"],
        ["export", "alles.yaml"],
        ["check"],
        ["doctor"],
        ["backup", "bot.zip"],
        ["restore", "bot.zip"],
    ],
)
def test_an_address_of_no_database_is_a_wrong_setting_for_every_command(
    monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setenv("BOT_TOKEN", "1:x")
    result = CliRunner().invoke(app, [*command, "--database-url", "mysql://u:geheim@h/d"])
    # A service manager starts nothing again that ends so.
    assert result.exit_code == 2
    assert result.output == "mysql is not supported: use SQLite or PostgreSQL\n"


def test_the_version_is_said() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.stdout) == (0, f"massnahmenbot {version('massnahmenbot')}\n")
