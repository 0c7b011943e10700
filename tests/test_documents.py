"""Documents name tests, files and sections that exist."""

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics
from tests.test_readme import ROOT

DOCUMENTS = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")],
    key=lambda path: path.name,
)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_ROOMS_OF_THEIR_OWN = {"playground", "migrations"}
"""Folders of which the house says as a whole what is in them."""

_PATH = re.compile(r"(?:bot|handlers|knowledge|scheduler|tests|deploy|docs)/[\w./-]+\.\w+")

documents = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)


def text_of(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def names_of_tests() -> set[str]:
    files = (ROOT / "tests").rglob("test_*.py")
    return {
        name
        for file in files
        for name in re.findall(r"^(?:async )?def (test_\w+)", text_of(file), re.MULTILINE)
    }


def anchors(document: Path) -> set[str]:
    """The names by which headings can be linked to, as GitHub and others make them."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", text_of(document)), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@documents
def test_every_test_that_is_named_exists(document: Path) -> None:
    named = {code for code in _CODE.findall(text_of(document)) if re.fullmatch(r"test_\w+", code)}
    assert named <= names_of_tests(), named - names_of_tests()


@documents
def test_every_file_that_is_named_exists(document: Path) -> None:
    named = {code for code in _CODE.findall(text_of(document)) if _PATH.fullmatch(code)}
    missing = {name for name in named if not (ROOT / name).exists()}
    assert not missing


@documents
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    for link in _LINK.findall(_FENCED.sub("", text_of(document))):
        if "://" in link:
            continue
        target, _, anchor = link.partition("#")
        file = document.parent / target if target else document
        assert file.exists(), link
        if anchor:
            assert anchor in anchors(file), link


@documents
def test_no_setting_is_shown_with_a_comment_that_systemd_would_read_as_its_value(
    document: Path,
) -> None:
    assert re.findall(r"^[A-Z_]+=.*[ \t]#.*$", text_of(document), re.MULTILINE) == []


def test_the_security_review_names_a_test_for_every_defence() -> None:
    lines = text_of(ROOT / "docs" / "security.md").splitlines()
    rows = [line for line in lines if line.startswith("| ") and "`test_" in line]
    assert len(rows) > 40


def _warnings(file: Path) -> set[str]:
    """What a module logs as a warning or worse."""
    calls = [node for node in ast.walk(ast.parse(text_of(file))) if isinstance(node, ast.Call)]
    found = set()
    for call in calls:
        match call:
            case ast.Call(
                func=ast.Attribute(
                    value=ast.Name(id="log"), attr="warning" | "error" | "exception" | "critical"
                ),
                args=[ast.Constant(value=str(line)), *_],
            ):
                found.add(line)
            case ast.Call(
                func=ast.Name(id="report"),
                args=[ast.Name(id="log"), ast.Constant(value=str(line)), *_],
            ):
                found.add(line)
    return found


def test_the_operators_guide_explains_every_warning_of_the_log() -> None:
    section = text_of(ROOT / "docs/operations.md").split("\n## What the log says\n")[1]
    rows = [line for line in section.split("\n## ")[0].splitlines() if line.startswith("| `")]
    explained = {line for row in rows for line in _CODE.findall(row.split(" | ")[0])}
    written = {
        line
        for package in ("bot", "handlers", "knowledge", "scheduler")
        for file in (ROOT / package).rglob("*.py")
        # The playground is for trying things out.
        if "playground" not in file.parts
        for line in _warnings(file)
    }
    assert explained == written


def test_the_operators_guide_names_every_metric_and_no_other() -> None:
    metrics = Metrics()
    metrics.backlog({}, timedelta())
    there = {
        family.name + ("_total" if family.type == "counter" else "")
        for family in text_string_to_metric_families(metrics.text().decode())
        if family.name.startswith("massnahmenbot_") and not family.name.endswith("_created")
    }
    named = set(re.findall(r"massnahmenbot_\w+", text_of(ROOT / "docs/operations.md")))
    assert named == there


def _named_by_the_house() -> set[str]:
    """The modules of the house, each in the folder under which it stands; not those of tests."""
    house = text_of(ROOT / "docs/architecture.md").split("```")[1].split("\ntests/")[0]
    folders: list[str] = []
    named = set()
    for line in house.splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        opened = re.match(r" *(\w+)/ ", line)
        folders = [*folders[:depth], opened[1]] if opened else folders[:depth]
        if _ROOMS_OF_THEIR_OWN.isdisjoint(folders):
            named |= {"/".join((*folders, name)) for name in re.findall(r"\w+\.py\b", line)}
    return named


def test_the_house_names_every_module_and_no_other() -> None:
    there = {
        file.relative_to(ROOT).as_posix()
        for package in ("bot", "handlers", "knowledge", "scheduler")
        for file in (ROOT / package).rglob("*.py")
        if not file.name.startswith("__") and _ROOMS_OF_THEIR_OWN.isdisjoint(file.parts)
    }
    assert _named_by_the_house() == there
