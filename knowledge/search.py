"""Finding documents by German words: an immutable index with inverted lists.

Independent of entries and questions. Four things count, the stronger first: names (title or
alias standing in the query), words by their stems, parts of compound words, and character
3-grams inside words. Fields are weighted as in BM25F, ties are broken by key.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from knowledge.german import Word, exists, fold, stem, trigrams, words

TITLE, TEXT = 3.0, 1.0
"""Field weights: for questions, titles and aliases are the strongest signal."""

K1, B = 1.2, 0.5
"""BM25 saturation and length normalisation; short texts of uneven length want a low `B`."""

PART, GRAM = 0.6, 0.12
"""Weight of a compound part, and of all 3-grams of a word together, against the whole word."""

EVERYDAY = 0.4
"""Rarity of an everyday word that no document has, against that of an unknown name."""

NAME_BONUS = 1.5
"""How much more the words of a name count when the whole name stands in the query."""

SHORTEST_PART, LONGEST_STRICT, LONGEST_COMPOUND = 4, 6, 60
LONGEST_NAME = 8
_LINKING = ("", "s", "es", "n", "en", "e")


@dataclass(frozen=True, slots=True)
class Document:
    """Something to be found.

    Attributes:
        key: Unique name, returned in hits.
        title: Short name; outweighs the text.
        text: Everything else that should lead here.
        aliases: Further names, as strong as the title.
    """

    key: str
    title: str
    text: str = ""
    aliases: tuple[str, ...] = ()


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


Weight = Callable[[Word], float]


def _one(word: Word) -> float:
    return 1.0


class Index:
    """Inverted lists over documents. Never changes after it was built."""

    def __init__(
        self,
        documents: Sequence[Document],
        *,
        canonical: Mapping[str, str],
        lexicon: Iterable[str],
    ) -> None:
        """Use `Index.build`."""
        self._documents = tuple(sorted(documents, key=lambda document: document.key))
        self._canonical = dict(canonical)
        self._vocabulary = self._count_words()
        self._lexicon = frozenset(lexicon)
        self._by_initial = self._group_by_initial()
        self._known_stems = {stem(word) for word in (*self._vocabulary, *self._lexicon)}
        self._parts: dict[str, tuple[str, ...]] = {}
        self._names: dict[tuple[str, ...], list[int]] = defaultdict(list)
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        self._grams: dict[str, list[int]] = defaultdict(list)
        self._index_documents()

    @classmethod
    def build(
        cls,
        documents: Iterable[Document],
        *,
        synonyms: Iterable[Iterable[str]] = (),
        lexicon: Iterable[str] = (),
    ) -> Index:
        """Build an index.

        Args:
            documents: What can be found; keys must be unique.
            synonyms: Groups of words that mean the same here.
            lexicon: Further words that exist, so that they are not "corrected" to others.
        """
        canonical: dict[str, str] = {}
        for group in synonyms:
            stems = [stem(fold(word)) for word in group]
            canonical |= dict.fromkeys(stems, stems[0])
        return cls(list(documents), canonical=canonical, lexicon={fold(word) for word in lexicon})

    def __len__(self) -> int:
        return len(self._documents)

    def search(self, query: str, limit: int = 10) -> list[Hit]:
        """The best documents for a query, best first; words unknown here are corrected."""
        asked = words(query)
        as_written = self.rank(asked, limit=limit)
        corrected, corrections = self.correct(asked)
        if not corrections:
            return as_written
        as_read = self.rank(corrected, limit=limit)
        best = [hits[0].score if hits else 0.0 for hits in (as_written, as_read)]
        return as_written if best[0] > best[1] else as_read

    def rank(self, asked: Sequence[Word], *, weight: Weight = _one, limit: int = 10) -> list[Hit]:
        """Score all documents that share anything with the words.

        Args:
            asked: The query's words, in order.
            weight: How much each word counts, 0 to ignore it.
            limit: How many hits at the most.
        """
        counted = [(word, weight(word)) for word in asked]
        total = sum(w * self.rarity(word) for word, w in counted)
        if total <= 0:
            return []
        scores: dict[int, float] = defaultdict(float)
        covered: dict[int, float] = defaultdict(float)
        for word, w in counted:
            if w > 0:
                share = w * self.rarity(word) / total
                for number, (score, found) in self._match(word).items():
                    scores[number] += w * score
                    covered[number] += share * found
        named: dict[int, float] = defaultdict(float)
        for span, numbers in self.names_in(asked):
            mass = sum(w * self.rarity(word) for word, w in counted[span.start : span.stop])
            for number in numbers:
                named[number] += mass / total
                scores[number] += NAME_BONUS * mass
        hits = [
            Hit(self._documents[number].key, score, min(1.0, covered[number]), named[number])
            for number, score in scores.items()
        ]
        hits.sort(key=lambda hit: (-round(hit.score, 9), hit.key))
        return hits[:limit]

    def names_in(self, asked: Sequence[Word]) -> list[tuple[range, list[int]]]:
        """The longest titles and aliases that stand in the query, left to right."""
        stems = [self._stem(word) for word in asked]
        spans = []
        start = 0
        while start < len(stems):
            for stop in range(min(len(stems), start + LONGEST_NAME), start, -1):
                numbers = self._names.get(tuple(stems[start:stop]))
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
            (span, tuple(self._documents[number].key for number in numbers))
            for span, numbers in self.names_in(asked)
        ]

    def rarity(self, word: Word) -> float:
        """Inverse document frequency of a word.

        The highest for a word found nowhere, unless it is an everyday word: that "angesiedelt"
        is not in a text says little, that "Willkommenslotse" is not says much.
        """
        frequency = len(self._postings.get(self._stem(word), ()))
        if frequency == 0 and exists(word.folded):
            return EVERYDAY * self._rarity(0)
        return self._rarity(frequency)

    def knows(self, word: Word) -> bool:
        """Whether any document, or the lexicon, has the word in some form."""
        return (
            self._stem(word) in self._postings
            or word.stem in self._known_stems
            or not word.folded.isalpha()
        )

    def is_strange(self, word: Word) -> bool:
        """Whether a word is neither known here, nor made of known parts, nor everyday German.

        The first part of a compound that was written in two words is known, too: "handlungs".
        """
        return not (
            self.knows(word)
            or exists(word.folded)
            or self._split(word.folded)
            or any(
                known.startswith(word.folded)
                for known in self._by_initial.get(word.folded[0], ())
                if len(word.folded) > SHORTEST_PART
            )
        )

    def correct(self, asked: Sequence[Word]) -> tuple[list[Word], list[Correction]]:
        """Replace unknown words by the nearest known one, where one is near enough.

        One edit is allowed, two from eight letters on; the first letter must agree. In words
        of up to six letters no letter may be replaced by another. Words of the general
        dictionary are never corrected: "Wetter" is not "weiter".
        """
        result: list[Word] = []
        corrections: list[Correction] = []
        for word in asked:
            better = self._nearest(word) if self.is_strange(word) else None
            if better is None:
                result.append(word)
            else:
                corrections.append(Correction(word.surface, better.surface))
                result.append(better)
        return result, corrections

    def _nearest(self, word: Word) -> Word | None:
        length = len(word.folded)
        if length < SHORTEST_PART:
            return None
        allowed = 1 if length < 8 else 2
        best: tuple[int, int, str] | None = None
        for candidate in self._by_initial.get(word.folded[0], ()):
            if abs(len(candidate) - length) > allowed:
                continue
            distance = OSA.distance(word.folded, candidate, score_cutoff=allowed)
            replaced = len(candidate) == length and sorted(candidate) != sorted(word.folded)
            if distance <= allowed and not (replaced and length <= LONGEST_STRICT):
                frequency, _ = self._vocabulary.get(candidate, (1, candidate))
                rank = (distance, -frequency, candidate)
                best = rank if best is None or rank < best else best
        if best is None:
            return None
        folded = best[2]
        return Word(self._vocabulary.get(folded, (0, folded))[1], folded, stem(folded))

    def _match(self, word: Word) -> dict[int, tuple[float, float]]:
        """Documents with the word: score, and how well it is found there (0 to 1)."""
        found: dict[int, tuple[float, float]] = {}
        own = self._stem(word)
        rarity = self.rarity(word)
        for number, impact in self._postings.get(own, ()):
            found[number] = (rarity * impact, 1.0)
        pieces = self._parts.get(own) or self._split(word.folded)
        for piece in pieces:
            postings = self._postings.get(piece, ())
            rarity_of_piece = self._rarity(len(postings))
            for number, impact in postings:
                score, seen = found.get(number, (0.0, 0.0))
                if seen < 1.0:
                    score += PART * rarity_of_piece * impact
                    found[number] = (score, min(0.8, seen + 0.8 / len(pieces)))
        if word.folded.isalpha() and len(word.folded) >= SHORTEST_PART:
            self._match_grams(word, rarity, found)
        return found

    def _match_grams(
        self, word: Word, rarity: float, found: dict[int, tuple[float, float]]
    ) -> None:
        grams = trigrams(word.folded)
        shared: Counter[int] = Counter()
        for gram in grams:
            shared.update(self._grams.get(gram, ()))
        for number, count in shared.items():
            likeness = count / len(grams)
            if likeness >= 0.5:
                score, seen = found.get(number, (0.0, 0.0))
                found[number] = (
                    score + GRAM * rarity * likeness,
                    max(seen, 0.4 * likeness),
                )

    def _stem(self, word: Word) -> str:
        return self._canonical.get(word.stem, word.stem)

    def _rarity(self, frequency: int) -> float:
        return math.log(1 + (len(self._documents) - frequency + 0.5) / (frequency + 0.5))

    def _count_words(self) -> dict[str, tuple[int, str]]:
        counts: Counter[str] = Counter()
        surfaces: dict[str, str] = {}
        for document in self._documents:
            for word in words(" ".join((document.title, *document.aliases, document.text))):
                if word.folded.isalpha():
                    counts[word.folded] += 1
                    surfaces.setdefault(word.folded, word.surface)
        return {folded: (count, surfaces[folded]) for folded, count in counts.items()}

    def _group_by_initial(self) -> dict[str, list[str]]:
        groups: dict[str, list[str]] = defaultdict(list)
        for folded in sorted({*self._vocabulary, *self._lexicon}):
            if len(folded) >= SHORTEST_PART - 1:
                groups[folded[0]].append(folded)
        return groups

    def _index_documents(self) -> None:
        for folded in self._vocabulary:
            pieces = self._split(folded)
            if pieces:
                own = stem(folded)
                self._parts[self._canonical.get(own, own)] = pieces
        frequencies: list[dict[str, float]] = []
        for number, document in enumerate(self._documents):
            names = [words(name) for name in (document.title, *document.aliases)]
            for name in names:
                key = tuple(self._stem(word) for word in name)
                if 0 < len(key) <= LONGEST_NAME and number not in self._names[key]:
                    self._names[key].append(number)
            body = words(document.text)
            frequencies.append(self._frequencies(names, body))
            seen = {word.folded for word in (*(w for name in names for w in name), *body)}
            for gram in sorted({gram for folded in seen for gram in trigrams(folded)}):
                self._grams[gram].append(number)
        lengths = [sum(f.values()) for f in frequencies]
        average = sum(lengths) / len(lengths) if lengths else 1.0
        for number, (terms, length) in enumerate(zip(frequencies, lengths, strict=True)):
            norm = K1 * (1 - B + B * length / average)
            for term, frequency in terms.items():
                impact = frequency * (K1 + 1) / (frequency + norm)
                self._postings[term].append((number, impact))

    def _frequencies(
        self, names: Sequence[Sequence[Word]], body: Sequence[Word]
    ) -> dict[str, float]:
        """Weighted term frequencies; many aliases do not make a document longer or stronger."""
        terms: dict[str, float] = defaultdict(float)
        for term in self._terms(word for name in names for word in name):
            terms[term] = TITLE
        for term in self._terms(body):
            terms[term] += TEXT
        return terms

    def _terms(self, listed: Iterable[Word]) -> Iterator[str]:
        for word in listed:
            own = self._stem(word)
            yield own
            yield from self._parts.get(own, ())

    def _split(self, folded: str) -> tuple[str, ...]:
        """Stems of the known words that a compound consists of; empty if it is none.

        The fewest parts win, then the alphabet. Looked for from the end, each rest once.
        """
        if not 2 * SHORTEST_PART <= len(folded) <= LONGEST_COMPOUND or not folded.isalpha():
            return ()
        chains: dict[int, tuple[str, ...]] = {}
        for start in range(len(folded) - SHORTEST_PART, -1, -1):
            found = [
                (base, *chains[cut])
                for cut in range(start + SHORTEST_PART, len(folded) - SHORTEST_PART + 1)
                if cut in chains
                for base in [self._base(folded[start:cut])]
                if base
            ]
            if start > 0 and self._is_word(folded[start:]):
                found.append((folded[start:],))
            if found:
                chains[start] = min(found, key=lambda chain: (len(chain), chain))
        stems = (stem(piece) for piece in chains.get(0, ()))
        return tuple(dict.fromkeys(self._canonical.get(s, s) for s in stems))

    def _base(self, head: str) -> str | None:
        """The known word in the first part of a compound, without its linking letters."""
        for link in _LINKING:
            base = head[: len(head) - len(link)]
            if head.endswith(link) and self._is_word(base):
                return base
        return None

    def _is_word(self, folded: str) -> bool:
        return len(folded) >= SHORTEST_PART and folded in self._vocabulary
