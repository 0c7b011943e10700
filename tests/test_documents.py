"""Documents name tests, files and sections that exist."""

import re
from pathlib import Path

import pytest

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


def test_the_security_review_names_a_test_for_every_defence() -> None:
    lines = text_of(ROOT / "docs" / "security.md").splitlines()
    rows = [line for line in lines if line.startswith("| ") and "`test_" in line]
    assert len(rows) > 40


def test_the_house_names_every_module_and_no_other() -> None:
    document = text_of(ROOT / "docs" / "architecture.md")
    house = document.split("```")[1]
    named = set(re.findall(r"\w+\.py", house))
    files = [file for top in ("bot", "handlers", "knowledge", "scheduler") for file in python(top)]
    rooms = {file.name for file in files if not set(file.parts) & _ROOMS_OF_THEIR_OWN}
    assert rooms - named == set()
    assert named - {file.name for file in files} == set()


def python(folder: str) -> list[Path]:
    return [file for file in (ROOT / folder).rglob("*.py") if not file.name.startswith("__")]
