"""Decisions about a file that is imported: what buttons and words say about it."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import ValidationError
from telegram import InlineKeyboardButton

from handlers.buttons import Action, Press, button
from handlers.typed.dates import date_of
from handlers.typed.sources import source as source_of
from handlers.typed.words import CERTAINTIES, recognise
from knowledge.answering.basis import Basis
from knowledge.answering.lookup import find_entry
from knowledge.editing.uploads import Upload
from knowledge.entries import Certainty, Phase, Source
from knowledge.exchange import TARGETS, Choices, Column, EntryFile, Former, TableFile
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot

OWN, NOTHING = "own", "-"
"""Values of buttons: the file itself as the source; no date, no phase."""


class ForgedError(Exception):
    """A button decides something that was not offered, or is not on offer any more."""


class Decision(StrEnum):
    """What a button below an import decides; one letter, since button data are short."""

    TARGET = "t"
    SOURCE = "s"
    AS_OF = "d"
    CERTAINTY = "c"
    SHEET = "b"
    COLUMN = "k"
    MEANING = "m"
    CONFIRM = "o"
    BACK = "z"
    PHASE = "p"
    WITHDRAW = "w"
    KEEP = "l"
    PUBLISH = "v"
    DISCARD = "x"


def deciding(
    text: str, upload: Upload, decision: Decision, value: str = ""
) -> InlineKeyboardButton:
    """A button that decides something about an upload, as long as nothing else is decided."""
    detail = f"{upload.version}.{decision}.{value}"
    return button(text, Action.IMPORT, str(upload.id), detail)


def unpacked(press: Press) -> tuple[int, int, Decision, str]:
    """Number and version of the upload, and what is decided about it.

    Raises:
        ForgedError: if the data are of no button of ours.
    """
    match = re.fullmatch(r"(\d{1,9})\.([a-z])\.(.*)", press.detail, re.ASCII)
    if match is None or not re.fullmatch(r"\d{1,15}", press.key, re.ASCII):
        raise ForgedError
    if match[2] not in set(Decision):
        raise ForgedError
    return int(press.key), int(match[1]), Decision(match[2]), match[3]


def tag(text: str) -> str:
    """A short name for something that does not fit into a button.

    >>> tag("läuft")
    '2495455588'
    """
    return str(zlib.crc32(text.encode()))


def source_tag(source: Source) -> str:
    """A short name for a source."""
    return tag(source.model_dump_json())


def own_source(upload: Upload) -> Source:
    """The file itself as a source."""
    return Source(title=re.sub(r"[\x00-\x1f\x7f]", " ", upload.name))


@dataclass(frozen=True, slots=True)
class Caption:
    """What is written behind the command.

    Attributes:
        choices: What it decides.
        misread: Parts that were not understood, by what they were read as.
        to_come: The date, where it is one that no source can have yet; "" where it is none such.
    """

    choices: Choices
    misread: Mapping[str, str]
    to_come: str = ""


def caption(words: str, basis: Basis) -> Caption:
    """What is written behind the command decides what is asked otherwise; any part may be missing.

    Args:
        words: "EF-MP; DS 2170/24; 10/2025; amtlich".
        basis: Where target and source are looked up, and what is to come.
    """
    parts = [part.strip() for part in words.split(";", 3)]
    target, source, as_of, certainty = (parts + [""] * 4)[:4]
    entry = find_entry(target, basis).entry
    written = date_of(as_of)
    to_come = as_of if written is not None and written.first > basis.today else ""
    if to_come:
        written, as_of = None, ""
    choices = Choices(
        target=entry.key if entry is not None else None,
        source=source_named(source, basis.snapshot),
        as_of=written,
        is_dated=written is not None,
        certainty=recognise(certainty, CERTAINTIES) if certainty else None,
    )
    given = {"target": target, "source": source, "as_of": as_of, "certainty": certainty}
    misread = {part: said for part, said in given.items() if said and not getattr(choices, part)}
    return Caption(choices, misread, to_come)


def awaited(choices: Choices, snapshot: Snapshot) -> Decision | None:
    """What is to be decided about a table next, before its columns; None if all of it is."""
    target = snapshot.entries.get(choices.target or "")
    if target is None or target.kind not in TARGETS:
        return Decision.TARGET
    if choices.source is None:
        return Decision.SOURCE
    if not choices.is_dated:
        return Decision.AS_OF
    return Decision.CERTAINTY if choices.certainty is None else None


def source_named(words: str, snapshot: Snapshot) -> Source | None:
    """The source that words name: a known one by its number or title, else a new one."""
    if not words:
        return None
    name = words.casefold()
    for fact, _ in snapshot.facts.values():
        for known in fact.sources:
            if name in ((known.reference or "").casefold(), known.title.casefold()):
                return known
    try:
        return source_of(words, snapshot)
    except ValidationError:
        return None


def chosen(
    upload: Upload,
    file: TableFile | EntryFile,
    snapshot: Snapshot,
    decision: Decision,
    value: str,
    *,
    sources: Sequence[Source],
    former: Former,
) -> Choices:
    """The choices with what a button decides.

    Args:
        upload: What it decides about.
        file: What the upload holds.
        snapshot: What it is compared with.
        decision: What is decided.
        value: How.
        sources: The sources that were offered.
        former: How the entries stood before.

    Raises:
        ValueError: if the value is forged, or does not fit any more.
    """
    choices = upload.choices
    news: Mapping[str, object] | None = None
    match decision:
        case Decision.TARGET:
            entry = snapshot.entries.get(value)
            news = {"target": value} if entry and entry.kind in TARGETS else None
        case Decision.SOURCE:
            offered = {OWN: own_source(upload)} | {source_tag(s): s for s in sources}
            news = {"source": offered[value]} if value in offered else None
        case Decision.AS_OF:
            date = None if value == NOTHING else PartialDate.parse(value)
            news = {"as_of": date, "is_dated": True}
        case Decision.CERTAINTY:
            news = {"certainty": Certainty(value)}
        case Decision.SHEET if isinstance(file, TableFile):
            sheets = {tag(sheet): sheet for sheet in file.table.other_sheets}
            news = {"sheet": sheets[value], "columns": {}} if value in sheets else None
        case Decision.MEANING if isinstance(file, TableFile):
            news = {"columns": _columns(file, choices, value)}
        case Decision.CONFIRM if isinstance(file, TableFile) and not file.layout.missing:
            news = {"columns_confirmed": True}
        case Decision.PHASE:
            word, _, phase = value.partition("-")
            plan = file.plan(choices, snapshot, former)
            asked = {tag(q.word): q.word for q in plan.questions}
            meaning = None if phase == NOTHING else Phase(phase)
            news = {"phases": {**choices.phases, asked[word]: meaning}} if word in asked else None
        case Decision.WITHDRAW | Decision.KEEP:
            news = {"withdraw_missing": decision is Decision.WITHDRAW}
    if news is None:
        raise ValueError(f"{decision.name} cannot be {value!r}")
    return choices.model_copy(update=dict(news))


def _columns(file: TableFile, choices: Choices, value: str) -> Mapping[int, Column | None]:
    """What columns mean once another one is chosen: each meaning at most once."""
    position, _, meaning = value.partition("-")
    column = None if meaning == NOTHING else Column(meaning)
    if int(position) not in {heading.position for heading in file.layout.headings}:
        raise ValueError(f"no heading at {position}")
    kept = {
        place: other
        for place, other in choices.columns.items()
        if other is None or other is not column
    }
    return {**kept, int(position): column}
