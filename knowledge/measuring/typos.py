"""Typing mistakes as people make them on a telephone, seeded."""

from __future__ import annotations

import random
import re

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_WORD = re.compile(r"\w+")
_ASCII = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
)

PER_QUERY, LONGER_THAN = 2, 4
"""Mistakes per query, in words with more letters than that."""


def _mistype(word: str, chance: random.Random) -> str:
    """One deletion, swap of neighbours, replacement or insertion behind the first letter."""
    place = chance.randrange(1, len(word) - 1)
    letter = chance.choice(_LETTERS)
    return {
        "delete": word[:place] + word[place + 1 :],
        "swap": word[:place] + word[place + 1] + word[place] + word[place + 2 :],
        "replace": word[:place] + letter + word[place + 1 :],
        "insert": word[:place] + letter + word[place:],
    }[chance.choice(["delete", "swap", "replace", "insert"])]


def mistyped(queries: list[str], seed: int) -> list[str]:
    """The queries with two mistakes each, every other one with umlauts spelt out in ASCII."""
    chance = random.Random(seed)  # noqa: S311 (repeatable on purpose, nothing is secret)
    result = []
    for number, query in enumerate(queries):
        text = query.translate(_ASCII) if number % 2 else query
        for _ in range(PER_QUERY):
            long = [m for m in _WORD.finditer(text) if len(m[0]) > LONGER_THAN]
            if not long:
                break
            spot = chance.choice(long)
            text = text[: spot.start()] + _mistype(spot[0], chance) + text[spot.end() :]
        result.append(text)
    return result
