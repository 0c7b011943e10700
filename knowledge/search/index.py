"""Finding documents by German words: an immutable index with inverted lists.

Independent of entries and questions. Four things count: names (title or alias standing in the
query), words by their stems, parts of compound words, and character 4-grams inside words, which
find inflected, compound and mistyped forms. Titles outweigh texts, ties are broken by key.

The ranking is exact, every document that shares a term with the query is scored, as long as
the query stays within limits that only very many documents or very long queries reach (see
`MOST_POSTINGS`, `MOST_WORDS`, `MOST_CORRECTED` and `vocabulary.LONGEST_WORD`).
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import islice

import numpy as np
import numpy.typing as npt

from knowledge.german import (
    Word,
    date_words,
    exists,
    fold,
    is_compound,
    resembles_a_word,
    stem,
    words,
)
from knowledge.search.corpus import Corpus
from knowledge.search.postings import Numbers, Postings, Scores
from knowledge.search.terms import LONGEST_NAME, Document, grams, piece_stems
from knowledge.search.vocabulary import MOST_EDITS, SHORTEST_PART

PART, GRAM = 0.6, 0.4
"""Weight of a compound part, and of one 4-gram, against a whole word of the same rarity: grams
are the best single sign, and long words with their many grams are the telling ones."""

EVERYDAY = 0.9
"""Rarity of an everyday word that no document has, against that of an unknown name. Less would
let "Seitenzahl Schwimmbad" be answered by whatever has a number of pages."""

NAME_BONUS = 1.5
"""How much more the words of a name count when the whole name stands in the query."""

SCALE = 2.2
"""Brings the score of a word that says all about a document to its rarity times this."""

FOUND_IN_PARTS, ALIKE, LIKENESS = 0.8, 0.4, 0.5
"""How well a word is found whose parts all are there; one that only looks like another; and
the share of its grams that must be there for that."""

DIGITS = 9
ROUNDED = 10.0**-DIGITS
"""Scores that agree in so many digits are equal."""

MOST_POSTINGS, MOST_CANDIDATES = 100_000, 1_000
"""How many list entries are read in full for one query, those of rare terms first; then the
commonest terms count only for so many of the documents that are best until then."""

MOST_KEPT = 10_000
"""Of how many words an index remembers the terms."""

MOST_READINGS = 3
"""How many equally near words are tried for one that is mistyped."""

MOST_WORDS, MOST_CORRECTED = 40, 12
"""How many words of a query are looked up, the rarest first, and for how many a correction is
looked for, the first first. Questions have fewer; pasted texts are not meant to be slow."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A document that matches.

    Attributes:
        key: Which document.
        score: Sum over the query's words, comparable within one search only.
        coverage: Share of the query's weight found in the document, 0 to 1: comparable
            between searches, low where the query is about something else.
        name: Share of the query's weight inside a title or alias of this document.
    """

    key: str
    score: float
    coverage: float
    name: float


@dataclass(frozen=True, slots=True)
class Correction:
    """A word that the index does not know, read as one that it does."""

    written: str
    read: str


__all__ = ["Correction", "Document", "Hit", "Index", "Weight"]

Weight = Callable[[Word], float]


def _one(word: Word) -> float:
    return 1.0


@dataclass(frozen=True, slots=True)
class _Lookup:
    """The terms that a word is looked for by.

    Attributes:
        stem: The word itself.
        rarity: How rare it is.
        pieces: The parts of a compound.
        piece_rarities: How rare each of them is.
        grams: Its 4-grams.
        gram_rarities: How rare each of them is.
        postings: How many entries the lists of all these terms have.
    """

    stem: str
    rarity: float
    pieces: tuple[str, ...]
    piece_rarities: tuple[float, ...]
    grams: tuple[str, ...]
    gram_rarities: tuple[float, ...]
    postings: int


@dataclass(frozen=True, slots=True)
class _Sought:
    """A word of a query, and the terms it is looked for by.

    Attributes:
        word: The word.
        weight: How much it counts, apart from how rare it is.
        mass: How much it counts in all: weight times rarity.
        terms: What it is looked for by.
    """

    word: Word
    weight: float
    mass: float
    terms: _Lookup


class Index:
    """Inverted lists over documents. Never changes after it was built."""

    def __init__(
        self,
        corpus: Corpus,
        lexicon_stems: frozenset[str],
        function_stems: frozenset[str],
    ) -> None:
        """Use `Index.build`."""
        self._corpus = corpus
        self._lexicon_stems = lexicon_stems
        self._function_stems = function_stems
        # A question asks for those of each of its words many times over.
        self._look_up = lru_cache(maxsize=MOST_KEPT)(partial(_look_up, corpus))

    @classmethod
    def build(
        cls,
        documents: Iterable[Document],
        *,
        synonyms: Iterable[Iterable[str]] = (),
        lexicon: Iterable[str] = (),
        function: Iterable[str] = (),
    ) -> Index:
        """Build an index.

        Args:
            documents: What can be found; keys must be unique.
            synonyms: Groups of words that mean the same here.
            lexicon: Further words that exist, so that they are not "corrected" to others.
            function: Words or stems without a subject of their own: a query of nothing else
                is searched, too, but its hits have coverage 0.
        """
        canonical: dict[str, str] = {}
        for group in synonyms:
            stems = [stem(fold(word)) for word in group]
            canonical |= dict.fromkeys(stems, stems[0])
        further = frozenset(fold(word) for word in lexicon)
        return cls(
            Corpus.build(documents, canonical, further),
            frozenset(stem(folded) for folded in further),
            frozenset(form for word in function for form in (fold(word), stem(fold(word)))),
        )

    def updated(self, *, changed: Iterable[Document] = (), removed: Iterable[str] = ()) -> Index:
        """The index with some documents exchanged, added or taken away; this one stays valid.

        The result ranks like one that is built anew.

        Args:
            changed: New documents, and new versions of documents with the same key.
            removed: Keys of documents that are no longer found; unknown ones are ignored.
        """
        corpus = self._corpus.updated(changed, removed)
        if corpus is self._corpus:
            return self
        return Index(corpus, self._lexicon_stems, self._function_stems)

    def __len__(self) -> int:
        return self._corpus.words.size

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """The best documents for a query, best first; words unknown here are corrected."""
        asked = words(query)
        hits = self.rank(asked, limit=limit)
        if all(word.stem in self._function_stems for word in asked):
            return [replace(hit, coverage=0.0) for hit in hits]
        corrected, corrections = self.correct(asked)
        if not corrections:
            return hits
        as_read = self.rank(corrected, limit=limit)
        best = [found[0].score if found else 0.0 for found in (hits, as_read)]
        return hits if best[0] > best[1] else as_read

    def rank(self, asked: Sequence[Word], *, weight: Weight = _one, limit: int = 10) -> list[Hit]:
        """Score all documents that share anything with the words.

        A document whose whole name is asked for, and nothing else, comes before all others.

        Args:
            asked: The query's words, in order.
            weight: How much each word counts, 0 to ignore it.
            limit: How many hits at the most.
        """
        weights, masses = self._weigh(asked, weight)
        total = sum(masses)
        if total <= 0 or limit <= 0:
            return []
        sought = self._sought(asked, weights, masses)
        scores = self._scores(sought)
        named: dict[int, float] = defaultdict(float)
        whole: set[int] = set()
        for span, numbers in self.names_in(asked):
            mass = sum(masses[span.start : span.stop])
            for number in numbers:
                named[number] += mass / total
                scores[number] += NAME_BONUS * mass
            if len(span) == len(asked):
                whole.update(numbers)
        best = self._best(scores, whole, limit)
        coverage = np.minimum(1.0, self._coverage(sought, np.array(best, np.int32)) / total)
        return [
            Hit(self._key(number), score, covered, min(1.0, named.get(number, 0.0)))
            for number, score, covered in zip(
                best, scores[best].tolist(), coverage.tolist(), strict=True
            )
        ]

    def coverage(
        self, asked: Sequence[Word], keys: Iterable[str], *, weight: Weight = _one
    ) -> dict[str, float]:
        """How much of the words' weight is found in each of some documents, 0 to 1.

        Args:
            asked: The query's words.
            keys: Of documents; unknown ones are left out.
            weight: How much each word counts, 0 to ignore it.
        """
        weights, masses = self._weigh(asked, weight)
        if sum(masses) <= 0:
            return {}
        numbers = {
            number: key for key in keys if (number := self._corpus.numbers.get(key)) is not None
        }
        ordered = sorted(numbers)
        found = self._coverage(self._sought(asked, weights, masses), np.array(ordered, np.int32))
        shares = np.minimum(1.0, found / sum(masses)).tolist()
        return {numbers[number]: share for number, share in zip(ordered, shares, strict=True)}

    def _weigh(self, asked: Sequence[Word], weight: Weight) -> tuple[list[float], list[float]]:
        """How much each word counts, and how much with its rarity."""
        weights = [max(0.0, weight(word)) for word in asked]
        masses = [w and w * self.rarity(word) for w, word in zip(weights, asked, strict=True)]
        return weights, masses

    def _sought(
        self, asked: Sequence[Word], weights: Sequence[float], masses: Sequence[float]
    ) -> list[_Sought]:
        """Each word of a query once, if it has any weight: the weightiest of very many."""
        counted: dict[Word, tuple[float, float]] = {}
        for word, weight, mass in zip(asked, weights, masses, strict=True):
            if weight:
                before = counted.get(word, (0.0, 0.0))
                counted[word] = (before[0] + weight, before[1] + mass)
        if len(counted) > MOST_WORDS:
            heaviest = heapq.nlargest(MOST_WORDS, counted, key=lambda word: counted[word][1])
            counted = {word: counted[word] for word in heaviest}
        return [
            _Sought(word, weight, mass, self._look_up(word))
            for word, (weight, mass) in counted.items()
        ]

    def _scores(self, sought: Iterable[_Sought]) -> Scores:
        """Scores of all documents for a query, apart from names."""
        words, grams = self._corpus.words, self._corpus.grams
        of_words: dict[str, float] = defaultdict(float)
        of_grams: dict[str, float] = defaultdict(float)
        postings = 0
        for one in sought:
            terms = one.terms
            postings += terms.postings
            of_words[terms.stem] += SCALE * one.mass
            for piece, rarity in zip(terms.pieces, terms.piece_rarities, strict=True):
                of_words[piece] += SCALE * PART * one.weight * rarity
            for gram, rarity in zip(terms.grams, terms.gram_rarities, strict=True):
                of_grams[gram] += SCALE * GRAM * one.weight * rarity
        if postings <= MOST_POSTINGS:
            return words.scores(of_words) + grams.scores(of_grams)
        longest = _affordable([*map(words.frequency, of_words), *map(grams.frequency, of_grams)])
        (rare, common), (rare_grams, common_grams) = (
            _by_frequency(terms, postings, longest)
            for terms, postings in ((of_words, words), (of_grams, grams))
        )
        scores = words.scores(rare) + grams.scores(rare_grams)
        if common or common_grams:
            only = np.sort(_highest(scores, MOST_CANDIDATES)).astype(np.int32)
            scores += words.scores(common, only) + grams.scores(common_grams, only)
        return scores

    def _best(self, scores: Scores, first: set[int], limit: int) -> list[int]:
        """Numbers of the best documents, best first, ties by key."""
        numbers = [*{*_highest(scores, limit).tolist(), *first}]
        order = sorted(
            (number not in first, -score, self._key(number), number)
            for number, score in zip(numbers, scores[numbers].round(DIGITS).tolist(), strict=True)
        )
        return [number for *_, number in order[:limit]]

    def _coverage(self, sought: Iterable[_Sought], numbers: Numbers) -> Scores:
        """How much of the words' weight is found in some documents."""
        covered = np.zeros(len(numbers))
        for one in sought:
            covered += one.mass * self._found(one, numbers)
        return covered

    def _found(self, one: _Sought, numbers: Numbers) -> Scores:
        """How well a word is found in some documents, 0 to 1."""
        words, grams = self._corpus.words, self._corpus.grams
        terms = one.terms
        found = words.shared((terms.stem,), numbers).astype(np.float64)
        if found.min(initial=1.0) < 1:
            if terms.pieces:
                share = FOUND_IN_PARTS / len(terms.pieces)
                found = np.maximum(found, share * words.shared(terms.pieces, numbers))
            if terms.grams and len(one.word.folded) >= SHORTEST_PART:
                alike = grams.shared(terms.grams, numbers) / len(terms.grams)
                found = np.maximum(found, np.where(alike >= LIKENESS, ALIKE * alike, 0.0))
        return found

    def _key(self, number: int) -> str:
        document = self._corpus.documents[number]
        assert document is not None
        return document.key

    def names_in(self, asked: Sequence[Word]) -> list[tuple[range, tuple[int, ...]]]:
        """The longest titles and aliases that stand in the query, left to right."""
        stems = [self._corpus.stem(word) for word in asked]
        spans = []
        start = 0
        while start < len(stems):
            for stop in range(min(len(stems), start + LONGEST_NAME), start, -1):
                numbers = self._corpus.names.get(tuple(stems[start:stop]))
                if numbers:
                    spans.append((range(start, stop), numbers))
                    start = stop
                    break
            else:
                start += 1
        return spans

    def named(self, asked: Sequence[Word]) -> list[tuple[range, tuple[str, ...]]]:
        """Like `names_in`, with the documents' keys."""
        return [
            (span, tuple(sorted(self._key(number) for number in numbers)))
            for span, numbers in self.names_in(asked)
        ]

    def rarity(self, word: Word) -> float:
        """Inverse document frequency of a word.

        The highest for a word found nowhere, unless it is an everyday word: that "angesiedelt"
        is not in a text says little, that "Willkommenslotse" is not says much.
        """
        return self._look_up(word).rarity

    def knows(self, word: Word) -> bool:
        """Whether any document, or the lexicon, has the word in some form."""
        return (
            self._corpus.stem(word) in self._corpus.words
            or word.stem in self._lexicon_stems
            or not word.folded.isalpha()
        )

    def found(self, word: Word, keys: Iterable[str]) -> float:
        """How well a word is found in the best of some documents, 0 to 1; unknown keys: 0."""
        numbers = [number for key in keys if (number := self._corpus.numbers.get(key)) is not None]
        sought = _Sought(word, 1.0, 1.0, self._look_up(word))
        return float(self._found(sought, np.array(sorted(numbers), np.int32)).max(initial=0.0))

    def is_kind_of(self, word: Word, other: Word) -> bool:
        """Whether two words mean the same here, or one is a compound that ends with the other.

        The first may also be one that is not known to consist of parts.
        """
        own, its = self._corpus.stem(word), self._corpus.stem(other)
        ends = (self._pieces(word)[-1:], self._pieces(other)[-1:])
        known = own == its or ends[0] == (its,) or ends[1] == (own,)
        return known or word.folded.endswith(other.folded)

    def is_capitalised(self, folded: str) -> bool | None:
        """Whether documents write a word with a capital letter; None if none has it."""
        return self._corpus.vocabulary.is_capitalised(folded)

    def is_strange(self, word: Word) -> bool:
        """Whether a word is neither known here, nor made of known parts, nor everyday German.

        The first part of a compound that was written in two words is known, too: "handlungs".
        """
        return not (
            self._is_sure(word)
            or (
                len(word.folded) > SHORTEST_PART and self._corpus.vocabulary.continues(word.folded)
            )
            or self._corpus.vocabulary.derives(word.folded)
        )

    def _is_sure(self, word: Word) -> bool:
        """Whether a word is known here, everyday German, or all made of known words."""
        return self.knows(word) or exists(word.folded) or bool(self._pieces(word))

    def correct(
        self, asked: Sequence[Word], *, kept: Container[str] = ()
    ) -> tuple[list[Word], list[Correction]]:
        """Replace unknown words by the nearest known one, where one is near enough.

        How near depends on the length; the first letter must agree. In short words no letter may
        be replaced by another. Where several words are equally near, that one is read which
        stands together with the other words of the query in a document. Words of the general
        dictionary are never corrected: "Wetter" is not "weiter".

        Args:
            asked: The words of a query.
            kept: Folded words that are read as they are, too, although they are not known.
        """
        result = list(asked)
        corrections: list[Correction] = []
        readings: dict[Word, Word] = {}
        unknown = (
            place
            for place, word in enumerate(asked)
            if word.folded not in kept and not self._is_sure(word)
        )
        for place in islice(unknown, MOST_CORRECTED):
            word = asked[place]
            if word not in readings:
                readings[word] = self._reading(result, place)
            if readings[word] != word:
                corrections.append(Correction(word.surface, readings[word].surface))
                result[place] = readings[word]
        return result, corrections

    def _reading(self, asked: Sequence[Word], place: int) -> Word:
        """The known word that is read for an unknown one, itself if none is near enough."""
        word = asked[place]
        # A new compound, or what could be one, is another word only if that is very near.
        # A letter away from an everyday word, it is hardly one of ours that is further away.
        doubtful = (
            self.is_strange(word)
            and not is_compound(word.folded)
            and not resembles_a_word(word.folded)
        )
        near = self._corpus.vocabulary.nearest(word.folded, MOST_EDITS if doubtful else 1)
        return self._fitting(asked, place, near[:MOST_READINGS]) if near else word

    def _fitting(self, asked: Sequence[Word], place: int, readings: Sequence[Word]) -> Word:
        """The reading with which a document has most of a query, the likeliest among equals."""
        if len(readings) == 1 or self._corpus.vocabulary.is_further(readings[0].folded):
            return readings[0]

        def covered(reading: Word) -> float:
            best = self.rank([*asked[:place], reading, *asked[place + 1 :]], limit=1)
            return round(best[0].coverage, 2) if best else 0.0

        return max(readings, key=covered)

    def _pieces(self, word: Word) -> tuple[str, ...]:
        """Stems of the parts of a word, if it is a compound of known words, or a day."""
        return self._look_up(word).pieces


def _look_up(corpus: Corpus, word: Word) -> _Lookup:
    own = corpus.stem(word)
    rarity = corpus.words.rarity(own)
    if own not in corpus.words and (exists(word.folded) or resembles_a_word(word.folded)):
        rarity *= EVERYDAY
    split = corpus.parts.get(word.folded) or date_words(word.folded)
    pieces = piece_stems(split or corpus.vocabulary.split(word.folded), corpus.canonical)
    its_grams = tuple(grams(word.folded))
    return _Lookup(
        own,
        rarity,
        pieces,
        tuple(map(corpus.words.rarity, pieces)),
        its_grams,
        tuple(map(corpus.grams.rarity, its_grams)),
        sum(map(corpus.words.frequency, (own, *pieces)))
        + sum(map(corpus.grams.frequency, its_grams)),
    )


def _affordable(frequencies: Iterable[int]) -> int:
    """The length up to which all lists of terms can be read in full."""
    total = 0
    for frequency in sorted(frequencies):
        if total and total + frequency > MOST_POSTINGS:
            return frequency - 1
        total += frequency
    return total


def _by_frequency(
    terms: Mapping[str, float], postings: Postings, longest: int
) -> tuple[dict[str, float], dict[str, float]]:
    """The terms up to a frequency, and those above it."""
    rare = {term: terms[term] for term in terms if postings.frequency(term) <= longest}
    return rare, {term: terms[term] for term in terms if term not in rare}


def _highest(scores: Scores, count: int) -> npt.NDArray[np.intp]:
    """Numbers of the documents with the highest scores above 0, more where these are equal."""
    least = scores.max(initial=0.0)
    found = np.empty(0, np.intp)
    # Halving is much faster than sorting out all the documents that share little with a query.
    while len(found) < count and least > ROUNDED:
        least /= 2
        found = np.flatnonzero(scores >= least)
    if len(found) > count:
        best = scores[found]
        found = found[best >= np.partition(best, -count)[-count] - ROUNDED]
    return found
