"""Updating, going back and moving, as README and operations.md tell it."""

import asyncio
import re
import shlex
import subprocess
import sys

import pytest
from sqlalchemy import text

from knowledge.storage.database import Database, upgrade
from tests.e2e.stage import PATIENCE, ROOT, Stage

pytestmark = pytest.mark.e2e

QUESTION = "Wann fährt der Eulenbus?"
FIRST_REVISIONS = """
INSERT INTO revision (number, created_at, author, reason) VALUES
(1, '2025-10-20 09:30:00', 'shipped', 'shipped'), (2, '2025-10-21 09:30:00', 'Amt', 'neu')
"""
FIRST_VERSIONS = """
INSERT INTO entry_version (key, revision, withdrawn, content) VALUES
('BUS', 2, false, '{"key": "BUS", "kind": "body", "title": "Eulenbus", "facts": [{"id": "B-1",
"aspect": "due", "text": "Der Eulenbus fährt ab Mai 2031.", "certainty": "official",
"as_of": "2025", "sources": [{"title": "Fahrplan"}]}]}'),
('BUS-ALT', 1, false, '{"key": "BUS-ALT", "kind": "body", "title": "Altbus"}')
"""


def readme_commands() -> list[list[str]]:
    """The commands of the section on updating, without the program's place."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("\n## Update\n")[1]
    lines = re.findall(r"^\.venv/bin/massnahmenbot (.+)$", section.split("\n## ")[0], re.MULTILINE)
    return [shlex.split(line) for line in lines]


def execute(stage: Stage, *arguments: str, **environment: str) -> tuple[int, str]:
    """Run a command to its end; returns its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=stage.folder,
        env={"PATH": "", "PYTHONPATH": str(ROOT)} | stage.bot_environment | environment,
        capture_output=True,
        text=True,
        timeout=3 * PATIENCE,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def make_old(url: str) -> None:
    """A database as the first version of the program left it."""

    async def make() -> None:
        database = Database(url)
        async with database.changing_schema() as connection:
            await connection.run_sync(upgrade, "0001")
            for statement in (FIRST_REVISIONS, FIRST_VERSIONS):
                await connection.execute(text(statement.replace(":", r"\:")))
        await database.close()

    asyncio.run(make())


def test_the_readmes_way_to_update_and_back_is_walked(stage: Stage) -> None:
    backup, run, doctor, restore = readme_commands()
    assert (run, doctor) == (["run"], ["doctor"])
    make_old(stage.database_url)

    code, output = execute(stage, *backup)
    assert (code, "schema 0001" in output) == (0, True), output
    with stage.bot():
        assert "Mai 2031" in stage.ask(QUESTION)["text"]
    code, output = execute(stage, *doctor)
    assert code == 0, output

    code, output = execute(stage, *restore)
    assert code == 0, output
    with stage.bot(DATABASE_URL="sqlite:///restored.db"):
        assert "Mai 2031" in stage.ask(QUESTION)["text"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("other_database_url", ["postgresql"], indirect=True)
def test_a_running_bot_is_backed_up_and_goes_on_in_another_database(
    stage: Stage, other_database_url: str
) -> None:
    with stage.bot():
        answer = stage.ask("drucksache 2170/24")["text"]
        code, output = execute(stage, "backup", "bot.zip")
        assert code == 0, output
        code, output = execute(stage, "restore", "bot.zip")
        assert code == 3, output
    code, output = execute(stage, "restore", "bot.zip", DATABASE_URL=other_database_url)
    assert code == 0, output
    with stage.bot(DATABASE_URL=other_database_url):
        assert stage.ask("drucksache 2170/24")["text"] == answer
        assert "eccar" in stage.ask("und der eccar abgleich?")["text"].casefold()
    code, output = execute(stage, "doctor", DATABASE_URL=other_database_url)
    assert code == 0, output


def test_a_database_of_a_newer_version_is_refused_with_a_sentence(stage: Stage) -> None:
    make_old(stage.database_url)

    async def renew() -> None:
        database = Database(stage.database_url)
        async with database.writing() as connection:
            await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        await database.close()

    asyncio.run(renew())
    for command in (["run"], ["backup", "bot.zip"]):
        code, output = execute(stage, *command)
        assert code == 1
        assert "was written by a newer version of this program" in output
    assert not (stage.folder / "bot.zip").exists()
