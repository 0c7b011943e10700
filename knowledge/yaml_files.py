"""Entries in YAML files: the shipped knowledge base and anything in its format.

A file holds `sources` (by a short id, shared by all files of a folder) and `entries`, whose
facts name sources by id. Everything is validated before anything is returned. What `dump` writes
`read` gives back, equal in every respect.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from knowledge.consistency import find_problems
from knowledge.entries import Entry, Source
from knowledge.german import fold
from knowledge.yaml_faults import Fault, FaultKind, Route

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
        faults: What is wrong.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = faults
        super().__init__("\n".join(self.complaints))

    @property
    def complaints(self) -> list[str]:
        """One line per fault, each naming file, entry and field."""
        return [fault.complaint for fault in self.faults]


class _RefusedError(yaml.YAMLError):
    """Something is refused that YAML allows."""

    def __init__(
        self, said: str, mark: object, kind: FaultKind = FaultKind.TOO_MUCH, text: str = ""
    ) -> None:
        super().__init__(said)
        self.kind, self.text, self.problem_mark = kind, text, mark


def load(folder: Path = SHIPPED) -> tuple[Entry, ...]:
    """Read and validate all `*.yaml` files of a folder, in the order of their names.

    Raises:
        DataError: with every fault found, not only the first.
    """
    faults: list[Fault] = []
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        what = "no *.yaml files in this folder" if folder.is_dir() else "there is no such folder"
        nothing = f"{folder.name}: {what}"
        raise DataError([Fault(nothing, FaultKind.UNREADABLE)])
    found = _entries(_contents(paths, faults), faults)
    files = {entry.key: name for name, entry in found}
    if not faults:
        faults += [
            Fault(f"{files[p.entry]}: {p.entry}: {p.text}", FaultKind.UNFIT, p.text, p.entry)
            for p in find_problems(e for _, e in found)
        ]
    if faults:
        raise DataError(faults)
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
    faults: list[Fault] = []
    found = _entries({name: content}, faults)
    if faults:
        raise DataError(faults)
    return tuple(entry for _, entry in found)


def located(content: bytes, faults: Iterable[Fault]) -> list[Fault]:
    """Faults of a file with the lines in which they are, as far as these can be told."""
    try:
        text = content.decode("utf-8-sig")
        _check(text)
        root = yaml.compose(text, _Loader)
    except (UnicodeDecodeError, yaml.YAMLError):
        return list(faults)
    return [
        replace(fault, line=_line(root, fault.path)) if fault.path else fault for fault in faults
    ]


def _line(node: yaml.Node | None, place: Route) -> int | None:
    """The line of a place, or of the last one on the way to it that there is."""
    line = None
    for part in (None, *place):
        if isinstance(node, yaml.MappingNode) and part is not None:
            node = next((value for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
        if node is None:
            break
        line = node.start_mark.line + 1
    return line


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
            listed, mark = ", ".join(twice), node.start_mark
            said = f"{listed} given twice at line {mark.line + 1}"
            raise _RefusedError(said, mark, FaultKind.TWICE, listed)
        return super().construct_mapping(node, deep)


def _contents(paths: Iterable[Path], faults: list[Fault]) -> dict[str, bytes]:
    """Files by name; of a file that is too long no more than it takes to tell that it is."""
    contents: dict[str, bytes] = {}
    for path in paths:
        try:
            with path.open("rb") as file:
                contents[path.name] = file.read(MAX_BYTES + 1)
        except OSError as exc:
            faults.append(Fault(f"{path.name}: {exc.strerror or exc}", FaultKind.UNREADABLE))
    return contents


def _check(text: str) -> None:
    """Refuse what turns a few bytes into gigabytes or hours, before anything is built of it."""
    depth = 0
    for number, event in enumerate(yaml.parse(text, _Loader)):
        if number > MAX_EVENTS:
            raise _RefusedError(f"more than {MAX_EVENTS} values", event.start_mark)
        match event:
            case yaml.AliasEvent():
                raise _RefusedError("aliases are not supported", event.start_mark)
            case yaml.CollectionStartEvent():
                depth += 1
                if depth > MAX_DEPTH:
                    raise _RefusedError(f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
            case yaml.CollectionEndEvent():
                depth -= 1
            case yaml.ScalarEvent() if len(event.value) > MAX_SCALAR:
                raise _RefusedError(
                    f"more than {MAX_SCALAR} characters in one value", event.start_mark
                )


def _parse(name: str, content: bytes, faults: list[Fault]) -> Mapping[str, Any]:
    if len(content) > MAX_BYTES:
        faults.append(Fault(f"{name}: larger than {MAX_BYTES} bytes", FaultKind.TOO_MUCH))
        return {}
    try:
        text = content.decode("utf-8-sig")
        _check(text)
        document = yaml.load(text, _Loader) or {}  # noqa: S506 (it is safe)
    except Exception as exc:  # a value that is not of its tag makes PyYAML stumble in many ways
        said = f"{name}: not readable as YAML: {' '.join(str(exc).split())[:300]}"
        mark = getattr(exc, "problem_mark", None)
        line = mark.line + 1 if mark else None
        kind, about = FaultKind.UNREADABLE, ""
        if isinstance(exc, _RefusedError):
            kind, about = exc.kind, exc.text
        faults.append(Fault(said, kind, about, line=line))
        return {}
    if not isinstance(document, dict) or not set(document) <= {"sources", "entries"}:
        faults.append(
            Fault(f"{name}: expected the two keys 'sources' and 'entries'", FaultKind.TOP)
        )
        return {}
    return document


def _entries(contents: Mapping[str, bytes], faults: list[Fault]) -> list[tuple[str, Entry]]:
    """All entries of files that share their sources, with the name of the file of each."""
    documents = {name: _parse(name, content, faults) for name, content in contents.items()}
    sources = dict(_sources(documents, faults))
    found: list[tuple[str, Entry]] = []
    for name, document in documents.items():
        top = _Place(name)
        for number, raw in enumerate(_listed(document, "entries", top, faults), start=1):
            entry = _entry(name, number, raw, sources, faults)
            if entry is not None:
                found.append((name, entry))
    return found


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something stands.

    Attributes:
        named: How complaints name it: file, entry, fact.
        entry: Key of the entry.
        path: Where that is in the document.
    """

    named: str
    entry: str = ""
    path: Route = ()

    def fault(self, said: str, kind: FaultKind, text: str = "", path: Route = ()) -> Fault:
        """A fault there, or further down."""
        field = str(path[-1]) if path and isinstance(path[-1], str) else ""
        return Fault(f"{self.named}: {said}", kind, text, self.entry, field, self.path + path)


def _listed(
    document: Mapping[str, Any], field: str, where: _Place, faults: list[Fault]
) -> Sequence[Any]:
    value = document.get(field)
    if value is None:
        return ()
    if not isinstance(value, list):
        faults.append(where.fault(f"{field}: expected a list", FaultKind.SHAPE, path=(field,)))
        return ()
    return value


def _sources(
    documents: Mapping[str, Mapping[str, Any]], faults: list[Fault]
) -> Iterator[tuple[str, Source]]:
    seen: set[str] = set()
    for name, document in documents.items():
        listed = document.get("sources") or {}
        if not isinstance(listed, dict):
            top = _Place(name, path=("sources",))
            faults.append(top.fault("sources: expected a mapping", FaultKind.SHAPE))
            continue
        for key, raw in listed.items():
            where = _Place(f"{name}: source {key}", path=("sources", key))
            if key in seen:
                faults.append(where.fault("given twice", FaultKind.TWICE, str(key)))
            seen.add(key)
            try:
                yield key, _SOURCE.validate_python(raw)
            except ValidationError as exc:
                faults += _invalid(exc, where)


def _entry(
    name: str,
    number: int,
    raw: object,
    sources: Mapping[str, Source],
    faults: list[Fault],
) -> Entry | None:
    path: Route = ("entries", number - 1)
    if not isinstance(raw, dict):
        where = _Place(f"{name}: entry {number}", path=path)
        faults.append(where.fault("expected a mapping", FaultKind.SHAPE))
        return None
    key = raw.get("key")
    named = key if isinstance(key, str) else ""
    where = _Place(f"{name}: {named or f'entry {number}'}", named, path)
    before = len(faults)
    facts = [
        _with_sources(fact, place, sources, where, faults)
        for place, fact in enumerate(_listed(raw, "facts", where, faults))
    ]
    try:
        entry = _ENTRY.validate_python(raw | {"facts": facts})
    except ValidationError as exc:
        faults += _invalid(exc, where)
        return None
    return entry if len(faults) == before else None


def _with_sources(
    fact: object,
    number: int,
    sources: Mapping[str, Source],
    where: _Place,
    faults: list[Fault],
) -> object:
    """Put sources in the place of their ids; whatever is no fact is left to the validation."""
    if not isinstance(fact, dict):
        return fact
    name = fact.get("id")
    complained_as = f"{where.named}: fact {name}" if isinstance(name, str) else where.named
    which = _Place(complained_as, where.entry, (*where.path, "facts", number))
    named = _listed(fact, "sources", which, faults)
    found = []
    for key in named:
        source = sources.get(key) if isinstance(key, str) else None
        if source is None:
            shown = key if isinstance(key, str) else "?"
            fault = which.fault(f"no source {shown}", FaultKind.NO_SOURCE, shown, ("sources",))
            faults.append(fault)
        found.append(source or _MISSING)
    return fact | {"sources": found}


_DATES = frozenset({"as_of", "occurred", "due", "since"})
_KINDS: Mapping[str, FaultKind] = {
    "missing": FaultKind.MISSING,
    "extra_forbidden": FaultKind.UNKNOWN_FIELD,
    "enum": FaultKind.NO_CHOICE,
    "string_too_long": FaultKind.TOO_LONG,
    "string_too_short": FaultKind.EMPTY,
    "too_short": FaultKind.EMPTY,
}
"""What pydantic's types of errors mean; any other is a value that does not fit."""


def _invalid(error: ValidationError, where: _Place) -> Iterator[Fault]:
    for detail in error.errors(include_url=False):
        place, context = detail["loc"], detail.get("ctx", {})
        field = ".".join(str(part) for part in place)
        is_shape = detail["type"].endswith("_type")
        kind = _KINDS.get(detail["type"], FaultKind.SHAPE if is_shape else FaultKind.UNFIT)
        text = detail["msg"].removeprefix("Value error, ")
        if kind is FaultKind.UNFIT and place and place[-1] in _DATES:
            kind, text = FaultKind.NO_DATE, str(detail["input"])
        elif kind is FaultKind.NO_CHOICE:
            text = context["expected"]
        elif kind is FaultKind.TOO_LONG:
            text = str(context["max_length"])
        yield where.fault(f"{field or 'entry'}: {detail['msg']}", kind, text, place)
