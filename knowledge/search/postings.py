"""Inverted lists: which document has a term, and how much that says about the document."""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt

from knowledge.search.layered import Layered

Numbers = npt.NDArray[np.int32]
"""Numbers of documents, ascending."""

Values = npt.NDArray[np.float32]

Scores = npt.NDArray[np.float64]
"""What a query has found in each document, by number."""

Changes = dict[int, tuple[Mapping[str, float] | None, Mapping[str, float] | None]]
"""For documents by number the former and the new weighted frequencies of terms, None for a
document that did not exist or does not any more."""

SATURATION = 5.0
"""How often a term must stand in a document of average length to say half of all it can say.

High, because fields are weighted by frequency: with the usual 1.2 a title would count hardly
more than a text. For the same reason length is counted by its root.
"""

MOST_COUNTED = 10_000
"""Of so many list entries and documents, all are counted faster than those asked for are found."""

_NOWHERE: tuple[Numbers, Values] = (np.empty(0, np.int32), np.empty(0, np.float32))


class Postings:
    """For every term the documents that have it, and how often. Never changes."""

    def __init__(
        self,
        lists: Layered[str, tuple[Numbers, Values]],
        lengths: npt.NDArray[np.float64],
        size: int,
    ) -> None:
        """Use `Postings.build`."""
        self._lists = lists
        self._lengths = lengths
        self.size = size
        """How many documents there are."""
        average = lengths.sum() / max(1, size) or 1.0
        self._slopes = (SATURATION * np.sqrt(lengths / average)).astype(np.float32)

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
        return cls(Layered(lists), np.array(lengths), len(lengths))

    def updated(self, changes: Changes) -> Postings:
        """A copy in which some documents have other terms."""
        lengths = np.zeros(max(len(self._lengths), *(number + 1 for number in changes)))
        lengths[: len(self._lengths)] = self._lengths
        size = self.size
        by_term: dict[str, dict[int, float]] = defaultdict(dict)
        for number, (former, new) in sorted(changes.items()):
            size += (new is not None) - (former is not None)
            lengths[number] = sum((new or {}).values())
            for term in {*(former or ()), *(new or ())}:
                value = (new or {}).get(term, 0.0)
                if value != (former or {}).get(term, 0.0):
                    by_term[term][number] = value
        lists = {term: _with(*self._list(term), found) for term, found in by_term.items()}
        kept = {term: found if len(found[0]) else None for term, found in lists.items()}
        return Postings(self._lists.changed(kept), lengths, size)

    def __contains__(self, term: str) -> bool:
        return term in self._lists

    def _list(self, term: str) -> tuple[Numbers, Values]:
        return self._lists.get(term) or _NOWHERE

    def frequency(self, term: str) -> int:
        """In how many documents a term stands."""
        return len(self.documents(term))

    def documents(self, term: str) -> Numbers:
        """Numbers of the documents in which a term stands."""
        return self._list(term)[0]

    def rarity(self, term: str) -> float:
        """Inverse document frequency of a term, the highest where no document has it."""
        frequency = self.frequency(term)
        return math.log(1 + (self.size - frequency + 0.5) / (frequency + 0.5))

    def scores(self, terms: Mapping[str, float], only: Numbers | None = None) -> Scores:
        """What some terms say about each document, 0 to 1 per term times its weight.

        Args:
            terms: The terms with their weights.
            only: If given, the documents to look at; all others score 0.
        """
        lists = [_among(*self._list(term), only) for term in terms]
        numbers = np.concatenate([_NOWHERE[0], *(found for found, _ in lists)])
        values = np.concatenate([_NOWHERE[1], *(values for _, values in lists)])
        weights = np.repeat(
            np.fromiter(terms.values(), np.float64, len(lists)), [len(found) for found, _ in lists]
        )
        impacts = weights * values / (values + self._slopes[numbers])
        return np.bincount(numbers, impacts, len(self._slopes)).astype(np.float64, copy=False)

    def shared(self, terms: Iterable[str], numbers: Numbers) -> npt.NDArray[np.int64]:
        """How many of some terms each of some documents has."""
        lists = [found for found in map(self.documents, terms) if len(found)]
        if len(lists) > 1 and sum(map(len, lists)) + len(self._lengths) <= MOST_COUNTED:
            return np.bincount(np.concatenate(lists), minlength=len(self._lengths))[numbers]
        shared = np.zeros(len(numbers), np.int64)
        for found in lists:
            shared += found.take(found.searchsorted(numbers), mode="clip") == numbers
        return shared


def _among(found: Numbers, values: Values, only: Numbers | None) -> tuple[Numbers, Values]:
    """The part of a list that is about some documents."""
    if only is None or not len(found):
        return found, values
    places = found.searchsorted(only)
    here = found.take(places, mode="clip") == only
    return only[here], values[places[here]]


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
