"""Finding the entry that a command names: by its key, or by words as in a question."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.answering.answers import MOST_SUGGESTIONS
from knowledge.answering.basis import Basis
from knowledge.answering.confidence import Band, meant
from knowledge.answering.questions import Question, understand
from knowledge.answering.ranking import Candidate, candidates
from knowledge.entries import Entry
from knowledge.german import Word, words
from knowledge.snapshot import Snapshot

LONGEST = 80
"""Letters that are read: no entry is named with more."""

EQUAL = 0.75
"""Share of the score of the entry that is meant from which another one may be meant as well, if
more of the words stand in its name."""

SHORTEST_PART = 4
"""Letters of a word that is recognised in a compound."""

HALF_FOUND = 0.5
"""How well a word must be found in what is said of an entry, if it stands in none of its names."""


_LIKE_A_KEY = re.compile(r"[^\W_]+(?:-[^\W_]+)*-(?:\d+|[^\W_a-zß-ÿ]+)")
"""A word with hyphens that ends with a number or in capitals."""


@dataclass(frozen=True, slots=True)
class Found:
    """What words name.

    Attributes:
        entry: The entry that is surely meant, if one is.
        near: Entries that may be meant, best first, where none surely is.
        no_key: The first of the words that looks like a key and is none, where none surely is.
    """

    entry: Entry | None = None
    near: tuple[Entry, ...] = ()
    no_key: str = ""


def find_entry(wanted: str, basis: Basis) -> Found:
    """Find the entry that words name.

    Args:
        wanted: A key in any case, with or without its hyphens, a paper number, a title, an alias,
            or words of them.
        basis: Where to look, and whose entries are meant rather than others'.
    """
    found = _find(wanted.strip()[:LONGEST], basis)
    return found if found.entry else replace(found, no_key=no_such_key(wanted, basis.snapshot))


def _find(wanted: str, basis: Basis) -> Found:
    snapshot = basis.snapshot
    entry = snapshot.get(wanted.upper())
    if entry is not None or not wanted:
        return Found(entry)
    keyed = with_key(wanted, snapshot)
    if keyed:
        return Found(keyed[0]) if len(keyed) == 1 else Found(near=keyed)
    question = understand(wanted, snapshot)
    ranked = candidates(question, basis)
    called = _called(wanted, ranked, snapshot)
    if len(called) == 1:
        return Found(called[0])
    band, chosen = meant(question, ranked, basis)
    near = tuple(snapshot.entries[c.key] for c in ranked[:MOST_SUGGESTIONS])
    if band is Band.ANSWER and not (chosen[0].named or question.subject):
        return Found(near=near)  # "Termine" and "meine Zuständigkeit" name nothing
    if band is Band.ANSWER:
        others = _others(question, chosen[0], ranked, snapshot)
        if others:
            return Found(near=others)
        return Found(snapshot.entries[chosen[0].key])
    if band is Band.SUGGEST or question.no_such:
        return Found(near=near)
    return Found()


def no_such_key(wanted: str, snapshot: Snapshot) -> str:
    """The first word that looks like a key and is none; empty if there is no such word.

    >>> no_such_key("EF-99 umgesetzt", Snapshot()), no_such_key("ECCAR-Abgleich", Snapshot())
    ('EF-99', '')
    """
    typed = (word.strip(" .,:;()") for word in wanted.split())
    alike = (word for word in typed if _LIKE_A_KEY.fullmatch(word))
    return next((word for word in alike if snapshot.get(word.upper()) is None), "")


def _called(wanted: str, ranked: Sequence[Candidate], snapshot: Snapshot) -> list[Entry]:
    """The entries of which the whole of what was typed is a name."""
    entries = (snapshot.entries[candidate.key] for candidate in ranked)
    return [entry for entry in entries if is_called(entry, wanted)]


def is_called(entry: Entry, wanted: str) -> bool:
    """Whether the whole of what was typed is a name of an entry."""
    typed = [word.stem for word in words(wanted)]
    return any([word.stem for word in words(name)] == typed for name in _names(entry))


def _names(entry: Entry) -> tuple[str, ...]:
    return entry.key, entry.title, *entry.aliases


def with_key(wanted: str, snapshot: Snapshot) -> tuple[Entry, ...]:
    """The entries with a key that was typed without hyphens: "ef7", "EF 7"."""
    typed = bare(wanted)
    if not any(map(str.isdigit, typed)):
        return ()  # words, if keys have them, are found as words
    return tuple(entry for key, entry in snapshot.entries.items() if bare(key) == typed)


def bare(key: str) -> str:
    """A key without its hyphens, in any case the same."""
    return "".join(filter(str.isalnum, key)).upper()


def _others(
    question: Question, best: Candidate, ranked: Sequence[Candidate], snapshot: Snapshot
) -> tuple[Entry, ...]:
    """What else may be meant, with the best one, where its names leave a word unexplained.

    "ECCAR-Treffen" is about as well a meeting of ECCAR as ECCAR, which has meetings: an answer
    tells both, but a command does something with one of them. A number tells one thing from others
    of its sort: "EF-MP-77", which there is not, is not what the key without it names.
    """
    left = _unexplained(question, best.key, snapshot)
    if not left:
        return ()
    numbered = any(word.folded.isdecimal() for word in left)
    rivals = [
        candidate
        for candidate in ranked
        if candidate is not best
        and candidate.coverage >= best.coverage
        and candidate.score >= EQUAL * best.score
        and _unexplained(question, candidate.key, snapshot) < left
    ]
    subject = left.intersection(question.subject)
    strange = any(snapshot.index.found(word, [best.key]) < HALF_FOUND for word in subject)
    # A fact may mention the "Bürgeramt" from which an office moved away.
    unnamed = bool(subject) and subject == set(question.subject)
    if not (rivals or strange or unnamed or numbered):
        return ()
    named = [candidate for candidate in (*rivals, best, *ranked) if candidate.coverage > 0]
    keys = dict.fromkeys(candidate.key for candidate in named)
    return tuple(snapshot.entries[key] for key in list(keys)[:MOST_SUGGESTIONS])


def _unexplained(question: Question, key: str, snapshot: Snapshot) -> set[Word]:
    """The words of a question that stand in no name of an entry or of what it belongs to."""
    entries = (snapshot.entries[key], *snapshot.ancestors(key))
    names = {
        part
        for entry in entries
        for name in _names(entry)
        for word in words(name)
        for part in (word.folded, word.stem)
    }
    return {
        word
        for word, weight in question.words
        if weight > 0 and not any(_has(name, word) for name in names)
    }


def _has(name: str, word: Word) -> bool:
    """Whether a word of a name is a word, or a compound with it."""
    return word.stem == name or (len(word.stem) >= SHORTEST_PART and word.stem in name)
