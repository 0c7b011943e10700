"""Reading what stands behind an editing command, in whatever order: pure functions of text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from handlers.vocabulary import (
    ACCORDING,
    ASPECTS,
    KINDS,
    PHASES,
    RELATIONS,
    RHYTHMS,
    TODAY,
    UNKNOWN,
    VOCABULARY,
    normal,
    recognise,
    split_off,
    windows,
)
from knowledge.entries import Rhythm, Source
from knowledge.exchange.texts import deadline, one_line
from knowledge.german import paper_numbers
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Typed:
    """What a command line says.

    Attributes:
        entry: The words that name an entry, in no certain form.
        given: What else it says, by name of the edit's attribute.
        no_date: What it has that looks like a date and cannot be read as one.
    """

    entry: str
    given: Mapping[str, object] = field(default_factory=dict)
    no_date: str = ""


class Step(StrEnum):
    """What is to become of a milestone."""

    MILESTONE = "milestone"
    FINISH = "finish"
    DUE = "due"
    CANCEL = "cancel"
    RHYTHM = "rhythm"


_STEPS: Mapping[str, Step] = {
    normal(word): Step(step) for step, words in VOCABULARY["milestone"].items() for word in words
}
_URL = re.compile(r"https?://\S+")
_BORDER = re.compile(r":\s|\s[|–-]\s|\n")
_LIKE_A_DATE = re.compile(r"(?<!\S)\d{1,2}\.\d{1,2}\.\d*(?!\S)")
_LIKE_A_DAY = re.compile(
    r"(?<!\S)(?:\d{1,2}\. ?\d{1,2}\. ?(?:\d{4}|\d{2})|\d{4}-\d{1,2}-\d{1,2})(?!\S)"
)
_SINCE = re.compile(r"\s(?:seit|ab|von)\s+(.+)$", re.IGNORECASE)
_EVERY = re.compile(r"(?P<every>\w+) (?P<count>\d{1,3}) (?P<unit>\w+)")
_UNITS = {**dict.fromkeys(VOCABULARY["years"], 12), **dict.fromkeys(VOCABULARY["months"], 1)}


def status(text: str) -> Typed:
    """An entry and a phase, perhaps with the source.

    >>> status("EF-7 umgesetzt").given
    {'phase': <Phase.DONE: 'done'>}
    >>> status("in umsezung eccar abgleich").given
    {'phase': <Phase.IN_PROGRESS: 'in_progress'>}
    """
    said, where = _sourced(text)
    rest, phase = split_off(said, PHASES)
    return Typed(rest, where if phase is None else {"phase": phase, **where})


def due(text: str) -> Typed:
    """An entry and a date, or that it is not known, perhaps with the source.

    >>> due("EF-7 bis Ende 2026").given["due"].german()
    'Ende 2026'
    >>> due("unbekannt EF-7").given
    {'due': None}
    """
    said, where = _sourced(text)
    for rest, phrase in windows(said):
        moment = date_of(phrase)
        if moment is not None:
            return Typed(rest, {"due": moment, **where})
    rest, unknown = split_off(said, UNKNOWN)
    if unknown:
        return Typed(rest, {"due": None, **where})
    odd = _LIKE_A_DATE.search(said)
    no_date = "" if odd is None else odd[0] if date_of(odd[0]) is None else said[odd.start() :]
    return Typed(" ".join(_LIKE_A_DATE.sub(" ", said).split()), where, no_date=no_date)


def _sourced(text: str) -> tuple[str, dict[str, object]]:
    """What is said, and the source behind it; the day of a source is no date of an entry.

    >>> _sourced("EF-7 Ende 2026 (laut Schreiben vom 12.03.2025)")
    ('EF-7 Ende 2026', {'sources': 'Schreiben vom 12.03.2025'})
    """
    words = text.split()
    for place, word in enumerate(words[1:-1], start=1):
        if normal(word) in ACCORDING:
            source = " ".join(words[place + 1 :])
            source = source.removesuffix(")") if word.startswith("(") else source
            return " ".join(words[:place]).rstrip(" ,;"), {"sources": source}
    return text, {}


def named(text: str, name: str, snapshot: Snapshot) -> Typed:
    """An entry, and what follows its key, or a colon, a stroke or a line break.

    Args:
        text: What stands behind the command.
        name: The edit's attribute that the second part is for.
        snapshot: Where keys are looked up.
    """
    key, more = _leading_key(text, snapshot)
    before, *behind = map(str.strip, _BORDER.split(text, maxsplit=1))
    # "eccar abgleich: …" names an entry in words, although "ECCAR" is the key of another.
    is_word = not any(map(str.isdigit, key)) and not text.startswith(key) and " " in before
    if not key or (behind and is_word):
        key, more = before, "".join(behind)
    return Typed(key, {name: more} if more else {})


def fact(text: str, snapshot: Snapshot) -> Typed:
    """An entry, an aspect and a text, or one of the two.

    >>> fact("abgleich: Kosten: Er kostet 5 Euro.", Snapshot()).given
    {'aspect': <Aspect.COST: 'cost'>, 'text': 'Er kostet 5 Euro.'}
    """
    typed = named(text, "text", snapshot)
    said = str(typed.given.get("text", ""))
    head, _, tail = said.partition(":")
    aspect = recognise(head, ASPECTS)
    if aspect is None:
        return typed
    tail = tail.strip()
    return Typed(typed.entry, {"aspect": aspect} | ({"text": tail} if tail else {}))


def creation(text: str, snapshot: Snapshot) -> Typed:
    """A kind, a parent and a title; the parent only by its key. No words name an entry.

    >>> creation("Maßnahme Sprachcafé", Snapshot()).given
    {'kind': <Kind.MEASURE: 'measure'>, 'title': 'Sprachcafé'}
    """
    first, *rest = text.split(maxsplit=1) or [""]
    given: dict[str, object] = {}
    kind = recognise(first, KINDS)
    if kind is not None:
        given["kind"] = kind
        text = "".join(rest)
    preposition, *after = text.split(maxsplit=1) or [""]
    if normal(preposition) in _PREPOSITIONS and _leading_key("".join(after), snapshot)[0]:
        text = "".join(after)
    key, more = _leading_key(text, snapshot)
    if key:
        given["parent"], text = key, more
    title = one_line(text.strip(" :|–-"))
    return Typed("", given | ({"title": title} if title else {}))


_PREPOSITIONS = frozenset({"in", "unter", "zu", "fuer", "bei"})


def link(text: str) -> tuple[Typed, str]:
    """An entry and a relation, and the words that name the entry at its other end."""
    words = text.split()
    for size in range(3, 0, -1):
        for place in range(1, len(words) - size + 1):
            relation = recognise(" ".join(words[place : place + size]), RELATIONS)
            if relation is not None:
                target = " ".join(words[place + size :])
                if normal(target.split(" ")[-1]) == "ab":  # "hängt von … ab"
                    target = target.rpartition(" ")[0]
                return Typed(" ".join(words[:place]), {"relation": relation}), target
    if len(words) == 2:
        return Typed(words[0]), words[1]
    return Typed(text), ""


def milestone(text: str) -> tuple[Step | None, str]:
    """What is to become of a milestone, and what else was typed.

    >>> milestone("verschoben EF-7 auf 2027")
    (<Step.DUE: 'due'>, 'EF-7 auf 2027')
    """
    rest, step = split_off(text, _STEPS)
    words = text.split()
    for place, word in enumerate(words):
        if step is None and normal(word) in _STEPS:
            step, rest = _STEPS[normal(word)], " ".join((*words[:place], *words[place + 1 :]))
    return step, rest


def date_of(text: str) -> PartialDate | None:
    """The date that a text is, as people write it.

    >>> str(date_of("bis 30.06.27")), date_of("2170/24"), date_of("31.02.2027")
    ('2027-06-30', None, None)
    """
    try:
        return deadline(text)
    except ValueError:
        return None


def no_such_day(text: str) -> str | None:
    """What looks like a day in a text, but is none that there is.

    >>> no_such_day("EF-MP zum 31.02.2026"), no_such_day("EF-MP zum 28.02.2026")
    ('31.02.2026', None)
    """
    days = (match[0] for match in _LIKE_A_DAY.finditer(text))
    return next((day for day in days if date_of(day) is None), None)


def as_of(text: str, today: PartialDate) -> PartialDate | None:
    """The day of a source; "heute" is a day, too.

    Raises:
        ValueError: if it is neither a date nor said to be unknown.
    """
    if recognise(text, UNKNOWN):
        return None
    moment = today if recognise(text, TODAY) else date_of(text)
    if moment is None:
        raise ValueError(f"not a date: {text!r}")
    return moment


def rhythm(text: str) -> Rhythm | None:
    """A recurrence; None where it is said that there is none.

    Raises:
        ValueError: if it is none.

    >>> rhythm("alle 2 Jahre seit 2024")
    Rhythm(months=24, since=PartialDate(year=2024, month=None, day=None, quarter=None, part=None))
    """
    if recognise(text, UNKNOWN):
        return None
    since = _SINCE.search(text)
    if since is None:
        raise ValueError(f"without a beginning: {text!r}")
    how_often, moment = normal(text[: since.start()]), date_of(since[1])
    counted = _EVERY.fullmatch(how_often)
    if counted and counted["every"] in VOCABULARY["every"] and counted["unit"] in _UNITS:
        months: int | None = int(counted["count"]) * _UNITS[counted["unit"]]
    else:
        months = recognise(how_often, RHYTHMS)
    if months is None or moment is None:
        raise ValueError(f"not a rhythm: {text!r}")
    return Rhythm(months=months, since=moment)


def source(text: str, snapshot: Snapshot) -> Source:
    """A source as people name it: a paper's number, a title, an address, or all of them.

    Raises:
        ValidationError: if a part is too long or has control characters.

    >>> source("Antwort der Verwaltung, DS 99/25 https://example.org/99", Snapshot())
    ... # doctest: +NORMALIZE_WHITESPACE
    Source(title='Antwort der Verwaltung, DS 99/25', reference='DS 99/25',
        url='https://example.org/99', note=None)
    """
    address = _URL.search(text)
    url = address[0].rstrip(".,;)") if address else None
    words = one_line(_URL.sub(" ", text)).strip(" ,;")
    numbers = paper_numbers(words)
    number = numbers[0] if numbers and len(numbers) == 1 else None
    document = snapshot.get(snapshot.numbers.get(number, "")) if number else None
    bare = number is not None and len(words.split()) <= 2
    title = document.title if document and bare else words
    if not title and url:
        title = _host(url) or url
    reference = words if bare else f"DS {number}" if number else None
    return Source(title=title, reference=reference, url=url)


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:  # "https://[foo"
        return None


def _leading_key(text: str, snapshot: Snapshot) -> tuple[str, str]:
    first, *more = text.split(maxsplit=1) or [""]
    key = first.strip(":,|").upper()
    return (key, "".join(more).strip(" :|\n")) if snapshot.get(key) else ("", text)
