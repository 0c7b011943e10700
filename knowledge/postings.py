"""Inverted lists: which document has a term, and how much that says about the document."""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int32]
"""Numbers of documents, ascending."""

Values = npt.NDArray[np.float32]

Changes = dict[int, tuple[Mapping[str, float] | None, Mapping[str, float] | None]]
"""For documents by number the former and the new weighted frequencies of terms, None for a
document that did not exist or does not any more."""

SATURATION = 5.0
"""How often a term must stand in a document of average length to say half of all it can say.

High, because fields are weighted by frequency: with the usual 1.2 a title would count hardly
more than a text. For the same reason length is counted by its root.
"""

_NOWHERE: tuple[Numbers, Values] = (np.empty(0, np.int32), np.empty(0, np.float32))


class Postings:
    """For every term the documents that have it, and how often. Never changes."""

    def __init__(
        self,
        lists: Mapping[str, tuple[Numbers, Values]],
        lengths: npt.NDArray[np.float64],
        size: int,
    ) -> None:
        """Use `Postings.build`."""
        self._lists = lists
        self._lengths = lengths
        self._size = size
        average = lengths.sum() / max(1, size) or 1.0
        self._slopes = (SATURATION * np.sqrt(lengths / average)).astype(np.float32)
        self._known_impacts: dict[str, Values] = {}

    @classmethod
    def build(cls, documents: Iterable[Mapping[str, float]]) -> Postings:
        """Index documents, given as weighted frequencies; they are numbered from 0."""
        numbers: dict[str, array[int]] = defaultdict(lambda: array("i"))
        values: dict[str, array[float]] = defaultdict(lambda: array("f"))
        lengths = array("d")
        for number, frequencies in enumerate(documents):
            lengths.append(sum(frequencies.values()))
            for term, frequency in frequencies.items():
                numbers[term].append(number)
                values[term].append(frequency)
        lists = {
            term: (np.frombuffer(found, np.int32), np.frombuffer(values[term], np.float32))
            for term, found in numbers.items()
        }
        return cls(lists, np.array(lengths), len(lengths))

    def updated(self, changes: Changes) -> Postings:
        """A copy in which some documents have other terms."""
        lists = dict(self._lists)
        lengths = np.zeros(max(len(self._lengths), *(number + 1 for number in changes)))
        lengths[: len(self._lengths)] = self._lengths
        size = self._size
        by_term: dict[str, dict[int, float]] = defaultdict(dict)
        for number, (former, new) in sorted(changes.items()):
            size += (new is not None) - (former is not None)
            lengths[number] = sum((new or {}).values())
            for term in {*(former or ()), *(new or ())}:
                value = (new or {}).get(term, 0.0)
                if value != (former or {}).get(term, 0.0):
                    by_term[term][number] = value
        for term, frequencies in by_term.items():
            lists[term] = _with(*lists.get(term, _NOWHERE), frequencies)
            if not len(lists[term][0]):
                del lists[term]
        return Postings(lists, lengths, size)

    def __contains__(self, term: str) -> bool:
        return term in self._lists

    def frequency(self, term: str) -> int:
        """In how many documents a term stands."""
        return len(self.documents(term))

    def documents(self, term: str) -> Numbers:
        """Numbers of the documents in which a term stands."""
        return self._lists.get(term, _NOWHERE)[0]

    def rarity(self, term: str) -> float:
        """Inverse document frequency of a term, the highest where no document has it."""
        frequency = self.frequency(term)
        return math.log(1 + (self._size - frequency + 0.5) / (frequency + 0.5))

    def add_to(
        self,
        scores: npt.NDArray[np.float64],
        term: str,
        weight: float,
        only: Numbers | None = None,
    ) -> None:
        """Add what one term says about each document, 0 to 1 times a weight, to their scores.

        Args:
            scores: By number of document; changed in place.
            term: The term.
            weight: How much the term counts.
            only: If given, the documents to look at.
        """
        found, _ = self._lists.get(term, _NOWHERE)
        impacts = self._impacts(term)
        if only is not None:
            places = np.searchsorted(found, only).clip(max=max(0, len(found) - 1))
            places = places[found[places] == only] if len(found) else places[:0]
            found, impacts = found[places], impacts[places]
        scores[found] += weight * impacts

    def _impacts(self, term: str) -> Values:
        """What a term says about each of its documents; kept, as the common ones come often."""
        known = self._known_impacts.get(term)
        if known is None:
            found, values = self._lists.get(term, _NOWHERE)
            known = values / (values + self._slopes[found])
            self._known_impacts[term] = known
        return known

    def has(self, term: str, numbers: Numbers) -> npt.NDArray[np.bool_]:
        """Which of some documents have a term."""
        found, _ = self._lists.get(term, _NOWHERE)
        if not len(found):
            return np.zeros(len(numbers), np.bool_)
        places = np.searchsorted(found, numbers)
        return np.asarray(found.take(places, mode="clip") == numbers)


def _with(
    found: Numbers, values: Values, frequencies: Mapping[int, float]
) -> tuple[Numbers, Values]:
    """One list with other frequencies for some documents, 0 to take a document out."""
    numbers = np.fromiter(frequencies, np.int32, len(frequencies))
    new = np.fromiter(frequencies.values(), np.float32, len(frequencies))
    places = np.searchsorted(found, numbers)
    kept = np.ones(len(found) + 1, np.bool_)
    kept[places[np.append(found, -1)[places] == numbers]] = False
    there = new > 0
    merged = np.concatenate((found[kept[:-1]], numbers[there]))
    order = np.argsort(merged, kind="stable")
    return merged[order], np.concatenate((values[kept[:-1]], new[there]))[order]
