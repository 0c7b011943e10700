"""Looks up known weaknesses of the locked packages, or says that it could not.

Run `python -m tests.audit`. Exit code 0: none known, or nothing could be looked up, which is said;
1: there are some. pip-audit has many dependencies, so it gets an environment of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
NOT_AUDITED = "NOT AUDITED"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it.

    Attributes:
        code: The exit code.
        text: What is said.
    """

    code: int
    text: str


def judge(output: str, complaint: str) -> Verdict:
    """Tell what pip-audit found from what it wrote.

    Args:
        output: Its standard output: JSON if it could look everything up.
        complaint: Its standard error.
    """
    try:
        packages = json.loads(output)["dependencies"]
    except (ValueError, KeyError, TypeError):
        last = (complaint.strip().splitlines() or ["no answer"])[-1]
        return Verdict(0, f"{NOT_AUDITED}: weaknesses could not be looked up: {last[:200]}")
    weak = [
        f"{package['name']} {package['version']}: {weakness['id']}"
        for package in packages
        for weakness in package.get("vulns", ())
    ]
    skipped = [package for package in packages if "skip_reason" in package]
    if weak:
        return Verdict(1, "\n".join(["Known weaknesses:", *weak]))
    if skipped or not packages:
        why = f" ({skipped[0]['skip_reason']})" if skipped else ""
        return Verdict(0, f"{NOT_AUDITED}: {len(skipped)} of {len(packages)} packages{why}")
    return Verdict(0, f"No known weaknesses in {len(packages)} packages.")


def _audit() -> Verdict:
    with TemporaryDirectory() as folder:
        tools = Path(folder) / "bin"
        for command in (
            [sys.executable, "-m", "venv", folder],
            [str(tools / "pip"), "install", "--quiet", "pip-audit~=2.10"],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                return judge("", done.stderr)
        lock = ROOT / "requirements.lock"
        done = subprocess.run(
            [
                *(str(tools / "pip-audit"), "--format", "json", "--progress-spinner", "off"),
                *("--disable-pip", "--require-hashes", "--requirement", str(lock)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
    return judge(done.stdout, done.stderr)


if __name__ == "__main__":
    verdict = _audit()
    print(verdict.text)  # noqa: T201 (a command)
    sys.exit(verdict.code)
