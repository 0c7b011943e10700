"""What is in deploy/ fits together, and is as closed as it is meant to be."""

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.test_readme import ROOT

DEPLOY = ROOT / "deploy"
PROGRAM = "/opt/massnahmenbot/.venv/bin/massnahmenbot"
MOST_EXPOSED = 15
"""Tenths of systemd's exposure level, from 0 to 100; below 20 it says OK."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="no systemd on this machine"
)


def analyse(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60, check=False
    )


@needs_systemd
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    units = sorted(path for path in DEPLOY.iterdir() if path.suffix in {".service", ".timer"})
    assert len(units) == 3
    for unit in units:
        # Only the program itself may be missing on the machine of the test.
        text = unit.read_text(encoding="utf-8").replace(PROGRAM, "/bin/true")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    verified = analyse("verify", *(str(tmp_path / unit.name) for unit in units))
    assert (verified.returncode, verified.stderr) == (0, "")


@needs_systemd
@pytest.mark.parametrize("unit", ["massnahmenbot.service", "massnahmenbot-backup.service"])
def test_the_services_can_do_little_else_than_their_work(unit: str) -> None:
    rated = analyse(
        *("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(DEPLOY / unit))
    )
    assert rated.returncode == 0, rated.stdout


def test_bot_and_backup_are_closed_in_alike() -> None:
    def closed(unit: str) -> set[str]:
        lines = (DEPLOY / unit).read_text(encoding="utf-8").splitlines()
        return set(
            lines[lines.index("NoNewPrivileges=yes") : lines.index("SystemCallErrorNumber=EPERM")]
        )

    bot, backup = closed("massnahmenbot.service"), closed("massnahmenbot-backup.service")
    assert {line for line in bot ^ backup if line and line[0] != "#"} == {
        "ReadWritePaths=/var/backups/massnahmenbot"
    }


def test_an_image_holds_the_program_and_no_settings() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").split("\n")
    assert "*" in ignored  # a token in .env would be in a layer for ever
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["setuptools"]["packages"]["find"]["include"]
    needed = {"pyproject.toml", "requirements.lock", project["project"]["readme"]}
    needed |= {*project["project"]["license-files"], *(name.rstrip("*") for name in packages)}
    assert {line[1:] for line in ignored if line.startswith("!")} == needed


def test_containers_get_all_settings_and_come_back_after_a_reboot() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for name in ("worker", "scheduler"):
        # Whoever closes the bot with ALLOWED_CHATS must not find it open.
        assert services[name]["env_file"] == ".env"
    assert {service["restart"] for service in services.values()} == {"unless-stopped"}
