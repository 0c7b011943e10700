"""Things with a number of their own, and numbers that none of them has: "Punkt 11" of ten."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise

from knowledge.entries import Kind
from knowledge.german import Word, words
from knowledge.lexicon import LEXICON
from knowledge.snapshot import Snapshot

MOST_LOOKED_UP = 5
"""How many numbered things of a question are looked up, the first first."""

MOST_DOCUMENTS = 30
"""Among how many entries and facts, those that have most of it, a numbered thing is looked for."""

_DIGITS = 3
_FIRST = ("1", "2")
"""What has been numbered has these: "Zehn-Punkte-Plan" and "Bündnis 90" are no such things."""

_JOINED = re.compile(rf"([a-z]+)(\d{{1,{_DIGITS}}})")


Numbered = tuple[Word, str, str]
"""What is told by its number: the sort of thing, the number, and how both were written."""


def numbered_things(read: Sequence[Word], snapshot: Snapshot) -> list[Numbered]:
    """The things of a question that are told by a number, as far as such things have one."""
    return [
        thing
        for thing in islice(_numbered(read), MOST_LOOKED_UP)
        if _is_numbered(thing[0], snapshot)
    ]


def without_such(things: Sequence[Numbered], text: str, snapshot: Snapshot) -> tuple[str, ...]:
    """The numbered things of a question that do not exist, as they were written.

    Args:
        things: From `numbered_things`.
        text: The question.
        snapshot: Where such things may be.
    """
    return tuple(
        hyphenated if (hyphenated := f"{sort.surface}-{number}") in text else written
        for sort, number, written in things
        if not _exists(sort, number, snapshot)
    )


def says_number(read: Sequence[Word]) -> bool:
    """Whether a number is said to be one, of whatever: "Nummer 6"."""
    return any(
        before.folded in LEXICON.number_words and after.folded.isdigit()
        for before, after in pairwise(read)
    )


def _numbered(read: Sequence[Word]) -> Iterator[Numbered]:
    """Words with the number behind them, and how both are written: "Maßnahme Nr. 7", "P7"."""
    before = None
    for word in read:
        if word.folded in LEXICON.number_words:
            continue
        if joined := _JOINED.fullmatch(word.folded):
            yield _word(joined[1]), joined[2].lstrip("0"), word.surface
        elif before and word.folded.isdigit() and len(word.folded) <= _DIGITS:
            yield before, word.folded.lstrip("0"), f"{before.surface} {word.surface}"
        before = word


def _is_numbered(sort: Word, snapshot: Snapshot) -> bool:
    """Whether things of a sort have numbers: measures and fields mostly, others by their names."""
    if LEXICON.kinds.get(sort.stem) in {Kind.MEASURE, Kind.FIELD}:
        return sort.folded not in LEXICON.plurals
    return all(_is_named(sort, number, snapshot) for number in _FIRST)


def _exists(sort: Word, number: str, snapshot: Snapshot) -> bool:
    """Whether an entry has this name, or a fact tells of such a thing."""
    if _is_named(sort, number, snapshot):
        return True
    hits = snapshot.fact_index.rank([sort, _word(number)], limit=MOST_DOCUMENTS)
    return any(_has(snapshot.facts[hit.key][0].text, sort, number) for hit in hits)


def _is_named(sort: Word, number: str, snapshot: Snapshot) -> bool:
    hits = snapshot.index.rank([sort, _word(number)], limit=MOST_DOCUMENTS)
    entries = (snapshot.entries[hit.key] for hit in hits)
    return any(
        _has(name, sort, number)
        for entry in entries
        for name in (entry.key, entry.number or "", entry.title, *entry.aliases)
    )


def _has(text: str, sort: Word, number: str) -> bool:
    """Whether a thing stands in a text: "Feld 15" does not in "6 Felder, 15 Ziele"."""
    named = ((own.folded, its) for own, its, _ in _numbered(words(text)))
    return (sort.folded, number) in named


def _word(text: str) -> Word:
    """A number, or what is written before one in a key, as a word that has no other forms."""
    return Word(text, text, text)
