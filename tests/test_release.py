"""What is published says of itself which version it is, and what is new in it."""

import re
import tomllib

from tests.test_readme import ROOT

HEADING = re.compile(r"^## (\d+)\.(\d+)\.(\d+) – (unreleased|\d{4}-\d\d-\d\d)$", re.MULTILINE)


def version() -> str:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def test_the_changelog_begins_with_the_version_and_what_is_new_in_it() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    headings = list(HEADING.finditer(changelog))
    assert len(headings) == changelog.count("\n## ")
    numbers = [tuple(map(int, heading.groups()[:3])) for heading in headings]
    assert numbers == sorted(numbers, reverse=True)
    assert ".".join(map(str, numbers[0])) == version()
    for part in HEADING.split(changelog)[5::5]:
        assert part.strip().startswith("- ")
    assert "unreleased" not in {heading[4] for heading in headings[1:]}


def test_the_description_for_public_bodies_names_the_same_version() -> None:
    described = (ROOT / "publiccode.yml").read_text(encoding="utf-8")
    assert f"\nsoftwareVersion: {version()}\n" in described


def test_everything_that_is_needed_is_locked_with_its_hash() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([a-z0-9.-]+)==\S+ \\\n +(--hash=sha256:)", lock, re.MULTILINE))
    names = {re.split(r"[\[<>=~!]", name)[0] for name in needed}
    assert names <= locked.keys()
