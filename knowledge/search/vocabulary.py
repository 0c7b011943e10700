"""The words that an index knows: typing mistakes and compounds are read by them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.german import Word, exists, stem
from knowledge.search.layered import Layered

SHORTEST_PART, LONGEST_WORD = 4, 64
"""Letters of the shortest part of a compound, and of the longest text without a space that is
treated as a word: longer ones are noise, and would take long."""

SHORTEST_HEAD = 6
"""Letters of the shortest word that ends compounds of documents but never stands alone there."""

SHORTEST_CORRECTED, LONGEST_STRICT = 4, 4
"""Letters from which a word may be corrected, and up to which no letter may be replaced by
another."""

SHORTEST_DOUBLE, SHORTEST_LENIENT, SHORTEST_TRIPLE = 5, 7, 12
"""Letters from which two edits are allowed if only one word is so near, two edits in any case,
and three: the longer a word, the fewer others are like it."""

MOST_EDITS = 3
"""Edits in one word from which nobody could tell any more what was meant."""

_LINKING = ("", "s", "es", "n", "en", "e")

_LINK = "s"
"""What links most compounds whose first part nobody would write alone: "Handlungs-"."""


class Vocabulary:
    """Words with the spellings they occur in. Never changes."""

    def __init__(
        self,
        spellings: Layered[str, Mapping[str, int]],
        further: frozenset[str],
        ordered: list[str],
        buckets: Mapping[tuple[str, int], list[str]],
    ) -> None:
        """Use `Vocabulary.build`."""
        self._spellings = spellings
        self._further = further
        self._ordered = ordered
        self._buckets = buckets

    @classmethod
    def build(cls, listed: Iterable[Word], further: frozenset[str]) -> Vocabulary:
        """Collect words.

        Args:
            listed: The words of all documents.
            further: Folded words that exist, too.
        """
        spellings: dict[str, dict[str, int]] = {}
        for word in listed:
            if word.folded.isalpha():
                counts = spellings.setdefault(word.folded, {})
                counts[word.surface] = counts.get(word.surface, 0) + 1
        ordered = sorted({*spellings, *further})
        buckets: dict[tuple[str, int], list[str]] = defaultdict(list)
        for folded in ordered:
            buckets[folded[0], len(folded)].append(folded)
        return cls(Layered(spellings), further, ordered, dict(buckets))

    def updated(self, changes: Mapping[Word, int]) -> Vocabulary:
        """A copy with words added (positive number) or taken away (negative)."""
        spellings: dict[str, Mapping[str, int] | None] = {}
        ordered = list(self._ordered)
        buckets = dict(self._buckets)
        for word, change in changes.items():
            folded = word.folded
            if not change or not folded.isalpha():
                continue
            before = spellings.get(folded, self._spellings.get(folded)) or {}
            after = Counter(before)
            after[word.surface] += change
            spellings[folded] = dict(+after) or None
            place = (folded[0], len(folded))
            if folded in self._further or bool(before) == bool(spellings[folded]):
                continue
            bucket = buckets.get(place, [])
            if spellings[folded]:
                insort(ordered, folded)
                buckets[place] = sorted([*bucket, folded])
            else:
                del ordered[bisect_left(ordered, folded)]
                buckets[place] = [other for other in bucket if other != folded]
        return Vocabulary(self._spellings.changed(spellings), self._further, ordered, buckets)

    def __contains__(self, folded: str) -> bool:
        """Whether a document has the word in this form."""
        return folded in self._spellings

    def __iter__(self) -> Iterator[str]:
        return (folded for folded in self._ordered if folded in self._spellings)

    def is_further(self, folded: str) -> bool:
        """Whether a word exists apart from documents."""
        return folded in self._further

    def is_capitalised(self, folded: str) -> bool | None:
        """Whether documents mostly begin a word with a capital letter; None if none has it."""
        counts = self._spellings.get(folded)
        if not counts:
            return None
        capital = sum(count for spelling, count in counts.items() if spelling[0].isupper())
        return 2 * capital > sum(counts.values())

    def containing(self, part: str) -> Iterator[str]:
        """The longer words of documents that have a word inside them."""
        place = self._joined.find(part)
        while place >= 0:
            start = self._joined.rfind("\n", 0, place) + 1
            end = self._joined.find("\n", place)
            if (folded := self._joined[start:end]) in self._spellings and folded != part:
                yield folded
            place = self._joined.find(part, end)

    @cached_property
    def _joined(self) -> str:
        """All known words, one per line: searching one text is faster than many."""
        return "\n".join([*self._ordered, ""])

    def continues(self, beginning: str) -> bool:
        """Whether any known word begins like this."""
        place = bisect_left(self._ordered, beginning)
        return place < len(self._ordered) and self._ordered[place].startswith(beginning)

    def derives(self, folded: str) -> bool:
        """Whether a word is made of a known beginning: a participle or a compound.

        "gedolmetscht" and "Dolmetschgespräche" come from "Dolmetscher". The second part of a
        compound must be known as a word: it says what the thing is, and a "Willkommenslotse" is
        no "Willkommen".
        """
        if len(folded) > LONGEST_WORD or not folded.isalpha():
            return False
        participle = folded[2:-1] if folded.startswith("ge") and folded.endswith("t") else ""
        if len(participle) > SHORTEST_PART and self.continues(participle):
            return True
        return any(
            self._is_part(folded[cut:]) and self.continues(folded[:cut])
            for cut in range(SHORTEST_PART + 1, len(folded) - SHORTEST_PART + 1)
        )

    def nearest(self, folded: str, most: int = MOST_EDITS) -> list[Word]:
        """The known words that a mistyped one most likely means, the likeliest first.

        All are equally near, as far as they are near enough (`_allowed`); the first letter must
        agree. Letters in another order come first, then words that questions consist of, then
        the most frequent, then the first in the alphabet. The first part of a compound that was
        written in two words is read without the "s" that links it.

        Args:
            folded: The mistyped word.
            most: How many edits there may be at the most.
        """
        found = self._nearest(folded, most)
        if not found and folded.endswith(_LINK):
            parts = self._nearest(folded.removesuffix(_LINK), most)
            found = [part + _LINK for part in parts if self.continues(part + _LINK)]
        return [Word(self._surface(read), read, stem(read)) for read in found]

    def _nearest(self, folded: str, most: int) -> list[str]:
        length = len(folded)
        if not SHORTEST_CORRECTED <= length <= LONGEST_WORD:
            return []
        by_distance: dict[int, list[str]] = defaultdict(list)
        for candidate, distance in self._near(folded, min(most, _allowed(length))):
            replaced = len(candidate) == length and sorted(candidate) != sorted(folded)
            if not (replaced and length <= LONGEST_STRICT):
                by_distance[distance].append(candidate)
        if not by_distance:
            return []
        least = min(by_distance)
        nearest = by_distance[least]
        short = min(length, *map(len, nearest)) < SHORTEST_LENIENT
        if least > 1 and short and len(set(map(stem, nearest))) > 1:
            return []  # among short words, two edits lead from one to many others
        return sorted(nearest, key=lambda candidate: self._unlikelihood(candidate, folded))

    def _unlikelihood(self, candidate: str, folded: str) -> tuple[bool, bool, int, str]:
        frequency = sum((self._spellings.get(candidate) or {"": 1}).values())
        swapped = sorted(candidate) == sorted(folded)
        return not swapped, candidate not in self._further, -frequency, candidate

    def _near(self, folded: str, allowed: int) -> Iterator[tuple[str, int]]:
        for length in range(len(folded) - allowed, len(folded) + allowed + 1):
            bucket = self._buckets.get((folded[0], length), ())
            if length >= SHORTEST_CORRECTED - 1:
                for candidate, distance, _ in process.extract_iter(
                    folded, bucket, scorer=OSA.distance, score_cutoff=allowed
                ):
                    yield candidate, int(distance)

    def _surface(self, folded: str) -> str:
        counts = self._spellings.get(folded)
        return min(counts, key=lambda s: (-counts[s], s)) if counts else folded

    def split(self, folded: str) -> tuple[str, ...]:
        """The known words that a compound consists of; empty if it is none.

        Where there is no other way, the last one may be an everyday word: a "Maßnahmenkatalog"
        is a "Katalog", also where no document has that word by itself.
        """
        if not 2 * SHORTEST_PART <= len(folded) <= LONGEST_WORD or not folded.isalpha():
            return ()
        return self._split(folded, self._is_part) or self._split(folded, _is_everyday_head)

    def _split(self, folded: str, is_last: Callable[[str], bool]) -> tuple[str, ...]:
        best: dict[int, tuple[str, ...]] = {}
        for start in range(len(folded) - SHORTEST_PART, -1, -1):
            chains = list(self._chains(folded, start, best))
            if start and is_last(folded[start:]):
                chains.append((folded[start:],))
            if chains:
                best[start] = min(chains, key=lambda chain: (len(chain), chain))
        return best.get(0, ())

    def _chains(
        self, folded: str, start: int, best: Mapping[int, tuple[str, ...]]
    ) -> Iterator[tuple[str, ...]]:
        """Ways to read a compound from one letter on, given the best ways for what follows."""
        for cut in range(start + SHORTEST_PART, len(folded) - SHORTEST_PART + 1):
            if cut in best:
                base = self._without_link(folded[start:cut])
                if base is not None:
                    yield (base, *best[cut])

    def _without_link(self, head: str) -> str | None:
        """The known word in a part of a compound, without the letters that link it."""
        for link in _LINKING:
            if head.endswith(link) and self._is_part(head[: len(head) - len(link)]):
                return head[: len(head) - len(link)]
        return None

    def _is_part(self, folded: str) -> bool:
        return len(folded) >= SHORTEST_PART and folded in self._spellings


def _is_everyday_head(folded: str) -> bool:
    return len(folded) >= SHORTEST_HEAD and exists(folded)


def _allowed(length: int) -> int:
    """How many edits may lead from a mistyped word of some letters to a known one."""
    return 1 + sum(length >= shortest for shortest in (SHORTEST_DOUBLE, SHORTEST_TRIPLE))
