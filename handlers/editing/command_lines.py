"""Reading what stands behind an editing command, in whatever order: pure functions of text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from handlers.typed.dates import LIKE_A_DATE, LIKE_A_DAY, date_of, happened
from handlers.typed.sources import sourced
from handlers.typed.words import (
    ASPECTS,
    BEFORE_A_DEADLINE,
    BEFORE_A_PARENT,
    BEHIND_A_TARGET,
    DEADLINE,
    HEDGES,
    KINDS,
    LONGEST_PHRASE,
    PHASES,
    RELATIONS,
    UNKNOWN,
    VOCABULARY,
    is_doubtful,
    normal,
    recognise,
    split_off,
    windows,
)
from knowledge.answering.lookup import no_such_key
from knowledge.entries import Kind
from knowledge.exchange.texts import one_line
from knowledge.partial_date import PartialDate, Precision
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
_BORDER = re.compile(r":\s|\s[|–-]\s|\n")
_WITHOUT_QUOTES = str.maketrans("", "", '"„“”»«')


def status(text: str) -> Typed:
    """An entry and a phase, perhaps with the source.

    >>> status("EF-7 umgesetzt").given
    {'phase': <Phase.DONE: 'done'>}
    >>> status("in umsezung eccar abgleich").given
    {'phase': <Phase.IN_PROGRESS: 'in_progress'>}
    """
    said, where = sourced(text)
    said, occurred = happened(said)
    rest, phase = split_off(said, PHASES, hedges=HEDGES)
    when = {} if occurred is None else {"occurred": occurred}
    return Typed(rest, where if phase is None else {"phase": phase, **when, **where})


def due(text: str) -> Typed:
    """An entry and a date, or that it is not known, perhaps with the source.

    >>> due("EF-7 bis Ende 2026").given["due"].german()
    'Ende 2026'
    >>> due("unbekannt EF-7").given
    {'due': None}
    """
    said, where = sourced(text)
    said = said.translate(_WITHOUT_QUOTES)
    for rest, phrase in windows(said):
        moment = date_of(phrase)
        if moment is None:
            continue
        other = LIKE_A_DAY.search(rest)
        if other is None:
            return Typed(rest, {"due": moment, **where})
        # Of two days only who typed them knows which is meant.
        entry = " ".join(LIKE_A_DAY.sub(" ", rest).split())
        return Typed(entry, where, no_date=said[said.index(other[0]) :])
    rest, unknown = split_off(said, UNKNOWN)
    if unknown:
        return Typed(rest, {"due": None, **where})
    odd = LIKE_A_DATE.search(said)
    no_date = "" if odd is None else odd[0] if date_of(odd[0]) is None else said[odd.start() :]
    return Typed(" ".join(LIKE_A_DATE.sub(" ", said).split()), where, no_date=no_date)


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


def responsible(text: str, snapshot: Snapshot) -> Typed:
    """An entry and an office or a sentence, perhaps with the source."""
    typed = _named_and_sourced(text, "text", snapshot, in_words=True)
    if "sources" in typed.given or text.rstrip()[-1:] in {".", "!", "?"}:
        return typed
    return _named_and_sourced(text, "text", snapshot, in_words=False)


def alias(text: str, snapshot: Snapshot) -> Typed:
    """An entry and a further name, and a source that it has no room for."""
    return _named_and_sourced(text, "alias", snapshot, in_words=True)


def recurring(text: str, snapshot: Snapshot) -> Typed:
    """An entry and a rhythm, and a source that it has no room for."""
    return _named_and_sourced(text, "rhythm", snapshot, in_words=False)


def entry_alone(text: str) -> Typed:
    """An entry, perhaps with the source."""
    said, where = sourced(text)
    return Typed(said, where)


def _named_and_sourced(text: str, name: str, snapshot: Snapshot, *, in_words: bool) -> Typed:
    said, where = sourced(text, in_words=in_words)
    typed = named(_key_first(said, snapshot), name, snapshot)
    return Typed(typed.entry, {**typed.given, **where})


def _key_first(text: str, snapshot: Snapshot) -> str:
    """A text with the key at its end moved to its beginning: "Amt für Soziales EF-7"."""
    rest, _, last = text.rstrip().rpartition(" ")
    # Words such as "Erfurt" are keys, too, but may be the last one of an office.
    if _leading_key(text, snapshot)[0] or not any(map(str.isdigit, last)):
        return text
    is_alone = rest and not _BORDER.search(text)
    return f"{last}: {rest.rstrip(' ,;')}" if is_alone and snapshot.get(last.upper()) else text


def fact(text: str, snapshot: Snapshot) -> Typed:
    """An entry, an aspect and a text, or one of the two, perhaps with the source.

    >>> fact("abgleich: Kosten: Er kostet 5 Euro.", Snapshot()).given
    {'aspect': <Aspect.COST: 'cost'>, 'text': 'Er kostet 5 Euro.'}
    """
    first, *rest = text.split(maxsplit=1) or [""]
    key, more = _leading_key("".join(rest), snapshot)
    if key and normal(first) in ASPECTS:  # "Kosten EF-7 …"
        text = f"{key} {first.rstrip(':')}: {more}"
    said, where = sourced(text, in_words=True)
    typed = named(said, "text", snapshot)
    head, _, tail = str(typed.given.get("text", "")).partition(":")
    aspect = recognise(head, ASPECTS)
    given = typed.given if aspect is None else {"aspect": aspect, "text": tail.strip()}
    return Typed(typed.entry, {name: value for name, value in {**given, **where}.items() if value})


def creation(text: str, snapshot: Snapshot) -> Typed:
    """A kind, a parent, a title, and a date with its source.

    The parent is named by its key, or behind a preposition by the name of a plan.

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
    if normal(preposition) in BEFORE_A_PARENT and _leading_parent("".join(after), snapshot)[0]:
        text = "".join(after)
    key, more = _leading_parent(text, snapshot)
    if not key and normal(preposition) in BEFORE_A_PARENT:
        key, more = _leading_plan("".join(after), snapshot)
    if key:
        given["parent"], text = key, more
    title, no_date = one_line(text.strip(" :|–-")), ""
    if kind in _DATED:
        said, where = sourced(title)
        name, moment, no_date = _until(said)
        if moment is None and not no_date:
            name, where = sourced(title, in_words=True)
        given |= where if moment is None else {"due": moment, **where}
        title = name
    return Typed("", given | ({"title": title} if title else {}), no_date=no_date)


_DATED = frozenset({Kind.MEASURE, Kind.MILESTONE, None})
"""Kinds of which a date at the end of the title is a deadline; what is not said yet may be one."""


def _until(title: str) -> tuple[str, PartialDate | None, str]:
    """A title without the date at its end, that date, and what is none and looks like one.

    Other dates belong to the title: "Haushalt 2026", "Bericht vom 12.03.2025", "2024 bis 2026".
    At the beginning only a day is one that says what it is: "am 12.03.2027 Bericht".
    """
    words = title.split()
    for size in range(min(LONGEST_PHRASE, len(words) - 1), 1, -1):
        moment = date_of(" ".join(words[:size]).rstrip(",;:"))
        if moment is not None and moment.precision is Precision.DAY:
            is_announced = normal(words[0]) in DEADLINE
            return (" ".join(words[size:]), moment, "") if is_announced else (title, None, "")
    for place in range(max(0, len(words) - LONGEST_PHRASE), len(words)):
        rest = " ".join(words[:place])
        phrase = " ".join(words[place:]).strip("(),;")
        moment = date_of(phrase)
        is_announced = normal(words[place]) in DEADLINE
        if moment is not None:
            if place and normal(words[place - 1]) in BEFORE_A_DEADLINE:
                rest, is_announced = " ".join(words[: place - 1]), True
            is_bare_day = moment.precision is Precision.DAY and phrase[0].isdigit()
            found = is_announced or is_bare_day
            return (rest.rstrip(_BETWEEN), moment, "") if found else (title, None, "")
    last = lead = max(0, len(words) - 1)
    while lead and normal(words[lead - 1]) in DEADLINE:
        lead -= 1
    day = "".join(words[last:]).strip("(),;")
    if lead < last and LIKE_A_DATE.fullmatch(day):
        return " ".join(words[:lead]).rstrip(_BETWEEN), None, day
    return title, None, ""


_BETWEEN = " ,;:|–-("
"""What may stand between a title and what follows."""


def link(text: str) -> tuple[Typed, str]:
    """An entry and a relation, and the words that name the entry at its other end.

    A source that it has no room for is told, too.
    """
    said, where = sourced(text)
    words = said.split()
    for size in range(3, 0, -1):
        for place in range(1, len(words) - size + 1):
            relation = recognise(" ".join(words[place : place + size]), RELATIONS)
            if relation is not None:
                target = " ".join(words[place + size :])
                if normal(target.split(" ")[-1]) in BEHIND_A_TARGET:  # "hängt von … ab"
                    target = target.rpartition(" ")[0]
                given = {"relation": relation, **where}
                return Typed(" ".join(words[:place]), given), target
    if len(words) == 2:
        return Typed(words[0], where), words[1]
    return Typed(said, where), ""


def milestone(text: str) -> tuple[Step | None, str]:
    """What is to become of a milestone, and what else was typed.

    >>> milestone("verschoben EF-7 auf 2027")
    (<Step.DUE: 'due'>, 'EF-7 auf 2027')
    """
    said, _ = sourced(text)
    rest, step = split_off(said, _STEPS, hedges=HEDGES)
    words = said.split()
    for place, word in enumerate(words):
        is_sure = "?" not in word and not is_doubtful(words[:place], HEDGES)
        if step is None and normal(word) in _STEPS and is_sure:
            step, rest = _STEPS[normal(word)], " ".join((*words[:place], *words[place + 1 :]))
    return step, rest + text[len(said) :]


def _leading_parent(text: str, snapshot: Snapshot) -> tuple[str, str]:
    """A key at the beginning, also one that is none but could only be meant as one: "EF-99"."""
    key, more = _leading_key(text, snapshot)
    first, *rest = text.split(maxsplit=1) or [""]
    wrong = no_such_key(first, snapshot)
    sort = wrong.partition("-")[0].upper()
    if not wrong[-1:].isdigit() or all(key.partition("-")[0] != sort for key in snapshot.entries):
        return key, more
    return wrong, "".join(rest).strip(" :|\n")


def _leading_plan(text: str, snapshot: Snapshot) -> tuple[str, str]:
    """The whole name of a plan at the beginning, the longest that there is."""
    names = {
        normal(name)
        for plan in snapshot.of_kind(Kind.PLAN)
        for name in (plan.title, *plan.aliases)
    }
    words = text.split()
    for size in range(len(words), 0, -1):
        name = " ".join(words[:size])
        if normal(name) in names:
            return name.strip(" :,|"), " ".join(words[size:]).strip(" :|\n")
    return "", text


def _leading_key(text: str, snapshot: Snapshot) -> tuple[str, str]:
    first, *more = text.split(maxsplit=1) or [""]
    key = first.strip(":,|").upper()
    return (key, "".join(more).strip(" :|\n")) if snapshot.get(key) else ("", text)
