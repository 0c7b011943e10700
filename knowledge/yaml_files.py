"""Entries in YAML files: the shipped knowledge base and anything in its format.

A file holds `sources` (by a short id, shared by all files of a folder) and `entries`, whose
facts name sources by id. Everything is validated before anything is returned. What `dump` writes
`read` gives back, equal in every respect.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from knowledge.consistency import find_problems
from knowledge.entries import Entry, Source
from knowledge.german import fold

try:  # libyaml's parser is ten times as fast; every wheel of PyYAML has it
    from yaml import CSafeDumper as SafeDumper
    from yaml import CSafeLoader as SafeLoader
except ImportError:
    from yaml import SafeDumper, SafeLoader  # type: ignore[assignment]  # same methods

SHIPPED = Path(__file__).parent / "data"
"""Folder of the knowledge base that comes with the bot, one file per body."""

MAX_BYTES = 20 * 1024 * 1024
"""What is read of a file at most: the shipped knowledge base has 0.3 MiB."""

MAX_DEPTH = 12
"""Levels of nesting; the format has 7."""

MAX_EVENTS = 1_500_000
"""Values, lists and mappings with their ends; an entry has about a hundred."""

MAX_SCALAR = 10_000
"""Characters of one value; a longer number would be computed for hours."""

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
    found = _entries(_contents(paths, complaints), complaints)
    files = {entry.key: name for name, entry in found}
    if not complaints:
        complaints += [
            f"{files[p.entry]}: {p.entry}: {p.text}" for p in find_problems(e for _, e in found)
        ]
    if complaints:
        raise DataError(complaints)
    return tuple(entry for _, entry in found)


def read(content: bytes, name: str) -> tuple[Entry, ...]:
    """Read and validate one file that somebody sent.

    Entries it refers to may stand elsewhere: `knowledge.consistency` is not asked.

    Args:
        content: The file.
        name: What complaints call it.

    Raises:
        DataError: with every fault found, not only the first.
    """
    complaints: list[str] = []
    found = _entries({name: content}, complaints)
    if complaints:
        raise DataError(complaints)
    return tuple(entry for _, entry in found)


def dump(entries: Iterable[Entry]) -> bytes:
    """Write entries as one file, in their order; equal entries give equal bytes."""
    listed = list(entries)
    ids = _source_ids(listed)
    document = {
        "sources": {ids[source]: source.model_dump(exclude_defaults=True) for source in ids},
        "entries": [_plain(entry, ids) for entry in listed],
    }
    written: bytes = yaml.dump(
        document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=99, encoding="utf-8"
    )
    return written


def _source_ids(entries: Iterable[Entry]) -> dict[Source, str]:
    """An id for every source, after its reference or title, in the order of their appearance."""
    ids: dict[Source, str] = {}
    taken: set[str] = set()
    for source in (s for entry in entries for fact in entry.facts for s in fact.sources):
        if source in ids:
            continue
        name = re.sub(r"[^a-z0-9]+", "-", fold(source.reference or source.title))[:40].strip("-")
        number = 1
        while (free := (name or "quelle") + (f"-{number}" if number > 1 else "")) in taken:
            number += 1
        taken.add(free)
        ids[source] = free
    return ids


def _plain(entry: Entry, ids: Mapping[Source, str]) -> dict[str, Any]:
    plain = entry.model_dump(mode="json", exclude_defaults=True)
    for fact, dumped in zip(entry.facts, plain.get("facts", ()), strict=True):
        dumped["sources"] = [ids[source] for source in fact.sources]
    return plain


class _Dumper(SafeDumper):
    """PyYAML's safe dumper without aliases, and with texts in a form that every reader takes."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = None
    if "\n" in text:
        style = "|"
    if not all(char.isprintable() or char == "\n" for char in text):
        style = '"'  # with escapes; some readers take a raw U+0085 for the end of a line
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


class _Loader(SafeLoader):
    """PyYAML's safe loader, which does not pass over a name that is given twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: ANN401 (PyYAML's types)
        names = Counter(key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode))
        twice = sorted(name for name, count in names.items() if count > 1)
        if twice:
            raise yaml.YAMLError(
                f"{', '.join(twice)} given twice at line {node.start_mark.line + 1}"
            )
        return super().construct_mapping(node, deep)


def _contents(paths: Iterable[Path], complaints: list[str]) -> dict[str, bytes]:
    """Files by name; of a file that is too long no more than it takes to tell that it is."""
    contents: dict[str, bytes] = {}
    for path in paths:
        try:
            with path.open("rb") as file:
                contents[path.name] = file.read(MAX_BYTES + 1)
        except OSError as exc:
            complaints.append(f"{path.name}: {exc.strerror or exc}")
    return contents


def _check(text: str) -> None:
    """Refuse what turns a few bytes into gigabytes or hours, before anything is built of it."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, _Loader)):
        if number > MAX_EVENTS:
            raise yaml.YAMLError(f"more than {MAX_EVENTS} values")
        match event:
            case yaml.AliasEvent():
                raise yaml.YAMLError("aliases are not supported")
            case yaml.CollectionStartEvent():
                depth += 1
                if depth > MAX_DEPTH:
                    raise yaml.YAMLError(f"nested deeper than {MAX_DEPTH} levels")
            case yaml.CollectionEndEvent():
                depth -= 1
            case yaml.ScalarEvent() if len(event.value) > MAX_SCALAR:
                raise yaml.YAMLError(f"more than {MAX_SCALAR} characters in one value")


def _parse(name: str, content: bytes, complaints: list[str]) -> Mapping[str, Any]:
    if len(content) > MAX_BYTES:
        complaints.append(f"{name}: larger than {MAX_BYTES} bytes")
        return {}
    try:
        text = content.decode("utf-8-sig")
        _check(text)
        document = yaml.load(text, _Loader) or {}  # noqa: S506 (it is safe)
    except Exception as exc:  # a value that is not of its tag makes PyYAML stumble in many ways
        complaints.append(f"{name}: not readable as YAML: {' '.join(str(exc).split())[:300]}")
        return {}
    if not isinstance(document, dict) or not set(document) <= {"sources", "entries"}:
        complaints.append(f"{name}: expected the two keys 'sources' and 'entries'")
        return {}
    return document


def _entries(contents: Mapping[str, bytes], complaints: list[str]) -> list[tuple[str, Entry]]:
    """All entries of files that share their sources, with the name of the file of each."""
    documents = {name: _parse(name, content, complaints) for name, content in contents.items()}
    sources = dict(_sources(documents, complaints))
    found: list[tuple[str, Entry]] = []
    for name, document in documents.items():
        for number, raw in enumerate(_listed(document, "entries", name, complaints), start=1):
            entry = _entry(name, number, raw, sources, complaints)
            if entry is not None:
                found.append((name, entry))
    return found


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
