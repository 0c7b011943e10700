"""The entry that words name among others, and what they say beside it."""

from __future__ import annotations

from handlers.typed.words import normal
from knowledge.answering.basis import Basis
from knowledge.answering.lookup import Found, bare, find_entry, with_key
from knowledge.entries import Entry

_AROUND = ' .,:;()"„“”»«'
"""What may stand around a key in a text."""


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
        return find_entry(words, basis)
    return Found(named[0]) if len(named) == 1 else Found(near=named)


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
