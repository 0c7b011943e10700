"""The entry that words name among others, and what they say beside it."""

from __future__ import annotations

from dataclasses import replace

from handlers.typed.words import normal
from knowledge.answering.basis import Basis
from knowledge.answering.lookup import Found, bare, find_entry, no_such_key, with_key
from knowledge.entries import Entry
from knowledge.german import words as words_of
from knowledge.lexicon import LEXICON
from knowledge.snapshot import Snapshot

_AROUND = ' .,:;()"„“”»«'
"""What may stand around a key in a text."""

MOST_NEAR = 5
"""Entries that are offered where what was typed names none of them for sure."""


def mentioned(words: str, basis: Basis) -> Found:
    """The entry of which a key stands among words, or else the one that all of them name.

    Args:
        words: What was typed.
        basis: Where to look, and whose entries are meant rather than others'.
    """
    snapshot = basis.snapshot
    keys = dict.fromkeys(_as_key(word) for word in words.split())
    found_by = [(snapshot.get(key),) if "-" in key else with_key(key, snapshot) for key in keys]
    named = tuple({e.key: e for entries in found_by for e in entries if e is not None}.values())
    if not named:
        return _surely(find_entry(words, basis), words, snapshot)
    return Found(named[0]) if len(named) == 1 else Found(near=named)


def _surely(found: Found, words: str, snapshot: Snapshot) -> Found:
    """What words name where something is done to it: a wrong key, or one of several, is none."""
    wrong = no_such_key(words, snapshot) or _longer(words, snapshot)
    entry = found.entry
    if wrong and not (entry and any(normal(wrong) in normal(n) for n in _names(entry))):
        return replace(found, entry=None, near=_near(wrong, found, snapshot), no_key=wrong)
    others = _called_alike(entry, words, snapshot) if entry else []
    return Found(near=(entry, *others)[:MOST_NEAR]) if entry and others else found


def _longer(words: str, snapshot: Snapshot) -> str:
    """The first word that begins with a key and a hyphen, in whatever case, and is none."""
    for word in words.split():
        key = _as_key(word)
        is_longer = "-" in key and snapshot.get(key) is None
        if is_longer and any(map(str.isdigit, _beginning(key, snapshot))):
            return word.strip(_AROUND)
    return ""


def _beginning(key: str, snapshot: Snapshot) -> str:
    """The longest key with which another one begins; empty if it begins with none."""
    while "-" in key:
        key = key.rpartition("-")[0]
        if snapshot.get(key) is not None:
            return key
    return ""


def _near(wrong: str, found: Found, snapshot: Snapshot) -> tuple[Entry, ...]:
    """What may have been meant by a key that is none."""
    key = _as_key(wrong)
    begun = [entry for own, entry in snapshot.entries.items() if own.startswith(f"{key}-")]
    beginning = snapshot.get(_beginning(key, snapshot))
    below = snapshot.children(beginning.key) if beginning else ()
    meant = [*begun, *([beginning] if beginning else []), *below]
    meant += [found.entry] if found.entry else found.near
    return tuple({entry.key: entry for entry in meant}.values())[:MOST_NEAR]


def _called_alike(entry: Entry, words: str, snapshot: Snapshot) -> list[Entry]:
    """Others of its sort and town of which a name has all the words, if they are no whole name."""
    stems = {word.stem for word in words_of(words)} - LEXICON.function
    if not stems or any(normal(name) == normal(words) for name in _names(entry)):
        return []
    return [
        other
        for other in snapshot.of_kind(entry.kind)
        if other.key != entry.key
        and _top(other, snapshot) == _top(entry, snapshot)
        and any(stems <= {word.stem for word in words_of(name)} for name in _names(other))
    ]


def _top(entry: Entry, snapshot: Snapshot) -> str:
    return [entry.key, *(above.key for above in snapshot.ancestors(entry.key))][-1]


def _names(entry: Entry) -> tuple[str, ...]:
    return entry.key, entry.title, *entry.aliases


def beside(words: str, entry: Entry) -> str:
    """What words say beside an entry's key and its names; nothing if they do not have the key.

    >>> beside("EF-7, blabla", Entry(key="EF-7", kind="measure", title="Abgleich"))
    'blabla'
    """
    rest = [word for word in words.split() if bare(_as_key(word)) != bare(entry.key)]
    said = " ".join(rest).strip(_AROUND)
    names = (normal(name) for name in (entry.title, *entry.aliases))
    if len(rest) == len(words.split()) or any(normal(said) in name for name in names):
        return ""
    return said


def _as_key(word: str) -> str:
    return word.strip(_AROUND).upper()
