"""Reading entries from YAML files: the shipped knowledge base and anything in its format.

A file holds `sources` (by a short id, shared by all files of a folder) and `entries`, whose
facts name sources by id. Everything is validated before anything is returned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from knowledge.consistency import problems
from knowledge.entries import Entry, Source

SHIPPED = Path(__file__).parent / "data"
"""Folder of the knowledge base that comes with the bot, one file per body."""

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""The safe loader, in C where PyYAML was built with it."""

_SOURCE = TypeAdapter(Source)
_ENTRY = TypeAdapter(Entry)


class DataError(Exception):
    """The files cannot be used.

    Attributes:
        complaints: One line per fault, each naming file, entry and field.
    """

    def __init__(self, complaints: list[str]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = complaints


def load(folder: Path = SHIPPED) -> tuple[Entry, ...]:
    """Read and validate all `*.yaml` files of a folder, in the order of their names.

    Raises:
        DataError: with every fault found, not only the first.
    """
    complaints: list[str] = []
    documents = {path.name: _parse(path, complaints) for path in sorted(folder.glob("*.yaml"))}
    sources = dict(_sources(documents, complaints))
    found: list[tuple[str, Entry]] = []
    for name, document in documents.items():
        for number, raw in enumerate(document.get("entries") or [], start=1):
            entry = _entry(name, number, raw, sources, complaints)
            if entry is not None:
                found.append((name, entry))
    files = {entry.key: name for name, entry in found}
    if not complaints:
        complaints += [
            f"{files[key]}: {key}: {text}" for key, text in problems(e for _, e in found)
        ]
    if complaints:
        raise DataError(complaints)
    return tuple(entry for _, entry in found)


def _parse(path: Path, complaints: list[str]) -> Mapping[str, Any]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), _LOADER) or {}  # noqa: S506
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        complaints.append(f"{path.name}: not readable as YAML: {' '.join(str(exc).split())}")
        return {}
    if not isinstance(document, dict) or not set(document) <= {"sources", "entries"}:
        complaints.append(f"{path.name}: expected the two keys 'sources' and 'entries'")
        return {}
    return document


def _sources(
    documents: Mapping[str, Mapping[str, Any]], complaints: list[str]
) -> Iterator[tuple[str, Source]]:
    seen: set[str] = set()
    for name, document in documents.items():
        for key, raw in (document.get("sources") or {}).items():
            if key in seen:
                complaints.append(f"{name}: source {key}: given twice")
            seen.add(key)
            try:
                yield key, _SOURCE.validate_python(raw)
            except ValidationError as exc:
                complaints += [f"{name}: source {key}: {line}" for line in _lines(exc)]


def _entry(
    name: str,
    number: int,
    raw: object,
    sources: Mapping[str, Source],
    complaints: list[str],
) -> Entry | None:
    if not isinstance(raw, dict):
        complaints.append(f"{name}: entry {number}: expected a mapping")
        return None
    where = f"{name}: {raw.get('key') or f'entry {number}'}"
    facts = []
    for fact in raw.get("facts") or []:
        if not isinstance(fact, dict):
            complaints.append(f"{where}: facts: expected a list of mappings")
            return None
        named = fact.get("sources") or []
        unknown = [str(key) for key in named if key not in sources]
        if unknown:
            complaints.append(f"{where}: fact {fact.get('id')}: no source {', '.join(unknown)}")
        facts.append(fact | {"sources": [sources[key] for key in named if key in sources]})
    if complaints and any(line.startswith(where) for line in complaints):
        return None
    try:
        return _ENTRY.validate_python(raw | {"facts": facts})
    except ValidationError as exc:
        complaints += [f"{where}: {line}" for line in _lines(exc)]
        return None


def _lines(error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False):
        field = ".".join(str(part) for part in detail["loc"])
        yield f"{field or 'entry'}: {detail['msg']}"
