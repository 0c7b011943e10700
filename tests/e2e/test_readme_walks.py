"""README's quick start and live set-up, walked in a fresh clone with an environment of its own.

The commands are taken from README.md; added is only what a machine with others on it demands: any
free port for the demo, and the playground in the place of Telegram.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.e2e.stage import ROOT, TOKEN, Process, Stage, start

pytestmark = [pytest.mark.e2e, pytest.mark.long]

INSTALLING = 900.0
"""Seconds in which everything that is locked must have been installed."""

QUESTION = "Wie weit ist die Fortschreibung des Maßnahmenplans?"


def commands(heading: str) -> list[str]:
    """The commands in the first block below a heading of the README, without their comments."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split(f"\n## {heading}\n")[1]
    block = re.search(r"^```sh\n(.*?)^```", section.split("\n## ")[0], re.MULTILINE | re.DOTALL)
    assert block is not None
    return [line.partition(" #")[0].strip() for line in block[1].splitlines()]


def environment(**settings: str) -> dict[str, str]:
    """What a person has who has set nothing: no settings, no other environment of Python."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG") if name in os.environ}
    python = Path(sys.executable).resolve().parent
    return kept | {"PATH": f"{python}:/usr/local/bin:/usr/bin:/bin"} | settings


def execute(command: str, folder: Path, **settings: str) -> str:
    """Run a line of the README to its end; returns what it says."""
    done = subprocess.run(
        ["bash", "-ec", command],
        cwd=folder,
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=INSTALLING,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


@contextmanager
def running(command: str, folder: Path, **settings: str) -> Iterator[Process]:
    """Run a line of the README until the end of the block."""
    process = Process(
        subprocess.Popen(
            ["bash", "-ec", command],
            cwd=folder,
            env=environment(PYTHONUNBUFFERED="1", **settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
    )
    try:
        yield process
    finally:
        os.killpg(process.popen.pid, signal.SIGTERM)
        process.wait()


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is committed, in a folder of its own, with everything installed."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git repository: there is nothing to clone")
    folder = tmp_path_factory.mktemp("clone") / "massnahmenbot"
    execute(f"git clone --quiet '{ROOT}' '{folder}'", ROOT)
    assert not (folder / ".venv").exists()
    execute("make .venv/.installed", folder)
    return folder


def test_the_quick_start_leads_to_an_answer(clone: Path) -> None:
    demo, test = commands("Try it")
    assert "pytest" in execute(f"{test} --dry-run", clone)
    with running(f"{demo} PORT=0", clone) as process:
        page = process.wait_for(r"Chat page: (http://127\.0\.0\.1:\d+)/")[1]
        with httpx.Client(base_url=page, trust_env=False) as http:
            assert "<title>" in http.get("/").text
            stage = Stage(http, clone, "")
            assert QUESTION in " ".join((ROOT / "README.md").read_text("utf-8").split())
            assert "Fortschreibung" in stage.ask(QUESTION)["text"]


def test_without_any_chat_a_question_is_answered_too(clone: Path) -> None:
    blocks = (ROOT / "README.md").read_text(encoding="utf-8").split("without any chat:\n")[1]
    lines = blocks.split("```")[1].splitlines()[1:]
    assert len(lines) == 2
    for line in lines:
        assert "Quelle" in execute(line, clone) or "sources" in execute(line, clone)


def test_the_live_set_up_leads_to_an_answer(clone: Path) -> None:
    *preparing, check, run = commands("Go live")
    playground = start("bot.playground", "--port", "0", "--no-limits", cwd=clone)
    address = playground.wait_for(r"(http://\S+)/")[1]
    given = {"BOT_API_URL": f"{address}/bot", "OPERATIONS": "off"}
    for line in preparing:
        execute(line.replace("123456:ABC", TOKEN), clone)
    assert (clone / ".env").stat().st_mode & 0o777 == 0o600
    assert "it belongs to @" in execute(check, clone, **given)
    with running(run, clone, **given) as process, httpx.Client(base_url=address) as http:
        process.wait_for(r"\brunning\b")
        stage = Stage(http, clone, "")
        assert "Fortschreibung" in stage.ask(QUESTION)["text"]
        # Whoever is named as the first admin is one.
        assert "/einladen" in stage.ask("/hilfe", user=1003)["text"]
        assert (clone / "massnahmenbot.db").stat().st_mode & 0o777 == 0o600
    assert playground.stop() == 0
