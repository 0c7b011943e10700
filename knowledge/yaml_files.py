"""Reading entries from YAML files: the shipped knowledge base and anything in its format.

A file holds `sources` (by a short id, shared by all files of a folder) and `entries`, whose
facts name sources by id. Everything is validated before anything is returned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from knowledge.consistency import problems
from knowledge.entries import Entry, Source

SHIPPED = Path(__file__).parent / "data"
"""Folder of the knowledge base that comes with the bot, one file per body."""

_SOURCE = TypeAdapter(Source)
_MISSING = Source(title="missing")
"""Stands for a source that is complained about already, so that it is complained about once."""

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
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise DataError([f"{folder.name}: no *.yaml files in this folder"])
    documents = {path.name: _parse(path, complaints) for path in paths}
    sources = dict(_sources(documents, complaints))
    found: list[tuple[str, Entry]] = []
    for name, document in documents.items():
        for number, raw in enumerate(_listed(document, "entries", name, complaints), start=1):
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


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader without what turns a few lines into millions, or hides a fault."""

    def compose_node(self, parent: Any, index: Any) -> Any:  # noqa: ANN401 (PyYAML's types)
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not supported")
        return super().compose_node(parent, index)

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: ANN401 (as above)
        names = [key.value for key, _ in node.value]
        twice = sorted({str(name) for name in names if names.count(name) > 1})
        if twice:
            raise yaml.YAMLError(f"{', '.join(twice)} given twice at line {node.start_mark.line}")
        return super().construct_mapping(node, deep)


def _parse(path: Path, complaints: list[str]) -> Mapping[str, Any]:
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), _Loader) or {}  # noqa: S506 (it is safe)
    except (yaml.YAMLError, ValueError, RecursionError, OSError) as exc:
        complaints.append(f"{path.name}: not readable as YAML: {' '.join(str(exc).split())[:300]}")
        return {}
    if not isinstance(document, dict) or not set(document) <= {"sources", "entries"}:
        complaints.append(f"{path.name}: expected the two keys 'sources' and 'entries'")
        return {}
    return document


def _listed(
    document: Mapping[str, Any], field: str, where: str, complaints: list[str]
) -> Sequence[Any]:
    value = document.get(field)
    if value is None:
        return ()
    if not isinstance(value, list):
        complaints.append(f"{where}: {field}: expected a list")
        return ()
    return value


def _sources(
    documents: Mapping[str, Mapping[str, Any]], complaints: list[str]
) -> Iterator[tuple[str, Source]]:
    seen: set[str] = set()
    for name, document in documents.items():
        listed = document.get("sources") or {}
        if not isinstance(listed, dict):
            complaints.append(f"{name}: sources: expected a mapping")
            continue
        for key, raw in listed.items():
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
    key = raw.get("key")
    where = f"{name}: {key if isinstance(key, str) else f'entry {number}'}"
    before = len(complaints)
    facts = [
        _with_sources(fact, sources, where, complaints)
        for fact in _listed(raw, "facts", where, complaints)
    ]
    try:
        entry = _ENTRY.validate_python(raw | {"facts": facts})
    except ValidationError as exc:
        complaints += [f"{where}: {line}" for line in _lines(exc)]
        return None
    return entry if len(complaints) == before else None


def _with_sources(
    fact: object, sources: Mapping[str, Source], where: str, complaints: list[str]
) -> object:
    """Put sources in the place of their ids; whatever is no fact is left to the validation."""
    if not isinstance(fact, dict):
        return fact
    which = f"{where}: fact {fact['id']}" if isinstance(fact.get("id"), str) else where
    named = _listed(fact, "sources", which, complaints)
    found = []
    for key in named:
        source = sources.get(key) if isinstance(key, str) else None
        if source is None:
            complaints.append(f"{which}: no source {key if isinstance(key, str) else '?'}")
        found.append(source or _MISSING)
    return fact | {"sources": found}


def _lines(error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False):
        field = ".".join(str(part) for part in detail["loc"])
        yield f"{field or 'entry'}: {detail['msg']}"
