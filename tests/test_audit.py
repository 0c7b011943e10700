"""What is known of weaknesses is told apart from what nobody could look up."""

import json

import pytest

from tests.audit import NOT_AUDITED, judge

SOUND = {"name": "numpy", "version": "2.4.0", "vulns": []}
WEAK = {"name": "pyyaml", "version": "5.3", "vulns": [{"id": "PYSEC-2021-142"}]}
SKIPPED = {"name": "unsinn", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("packages", "code", "text"),
    [
        ([SOUND], 0, "No known weaknesses in 1 packages."),
        ([SOUND, WEAK], 1, "Known weaknesses:\npyyaml 5.3: PYSEC-2021-142"),
        ([SOUND, SKIPPED], 0, f"{NOT_AUDITED}: 1 of 2 packages (not found)"),
        ([], 0, f"{NOT_AUDITED}: 0 of 0 packages"),
    ],
)
def test_what_was_found_is_told(packages: list[object], code: int, text: str) -> None:
    verdict = judge(json.dumps({"dependencies": packages}), "")
    assert (verdict.code, verdict.text) == (code, text)


@pytest.mark.parametrize("output", ["", "[]", "null", "{}", "<html>"])
def test_what_could_not_be_looked_up_is_no_success(output: str) -> None:
    verdict = judge(output, "Traceback\nConnectionError: no way out\n")
    assert verdict.text == (
        f"{NOT_AUDITED}: weaknesses could not be looked up: ConnectionError: no way out"
    )
