"""Documents of the search: their words, and the terms by which they are found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain

from knowledge.german import Word, date_words, stem, words
from knowledge.search.layered import Layered
from knowledge.search.vocabulary import LONGEST_WORD

TITLE, TEXT = 3.0, 1.0
"""Field weights: for questions, titles and aliases are the strongest signal."""

GRAM_LENGTH = 4
"""Letters of a gram, the borders of the word included: three match too much by chance, five
find too few mistyped words."""

LONGEST_NAME = 8
"""Words of the longest name that is looked for as a whole."""


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


def grams(folded: str) -> list[str]:
    """Character 4-grams of a word, with its borders marked; none for numbers.

    >>> grams("plan"), grams("2170/24")
    (['^pla', 'plan', 'lan$'], [])
    """
    if not folded.isalpha():
        return []
    padded = f"^{folded[:LONGEST_WORD]}$"
    last = max(1, len(padded) - GRAM_LENGTH + 1)
    return [padded[i : i + GRAM_LENGTH] for i in range(last)]


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a document: those of its title and of each alias, and those of its text."""

    names: tuple[tuple[Word, ...], ...]
    body: tuple[Word, ...]

    @classmethod
    def read(cls, document: Document) -> Text:
        """Split all fields of a document into words."""
        names = (tuple(words(name)) for name in (document.title, *document.aliases))
        return cls(tuple(names), tuple(words(document.text)))

    def words(self) -> Iterator[Word]:
        """All words in order."""
        yield from chain.from_iterable(self.names)
        yield from self.body

    def frequencies(self, terms: Callable[[Word], Sequence[str]]) -> dict[str, float]:
        """Weighted frequencies; many aliases do not make a document longer or stronger."""
        found = {term: TITLE for word in chain.from_iterable(self.names) for term in terms(word)}
        for word in self.body:
            for term in terms(word):
                found[term] = found.get(term, 0.0) + TEXT
        return found


@dataclass(frozen=True, slots=True)
class Change:
    """What a document was and what it becomes; None where it did or does not exist."""

    former: Text | None
    new: Text | None

    def map(
        self,
        former: Callable[[Text], dict[str, float]],
        new: Callable[[Text], dict[str, float]],
    ) -> tuple[dict[str, float] | None, dict[str, float] | None]:
        """The weighted frequencies before and after, each read in its own way."""
        return (
            None if self.former is None else former(self.former),
            None if self.new is None else new(self.new),
        )


def piece_stems(split: tuple[str, ...], canonical: Mapping[str, str]) -> tuple[str, ...]:
    """Stems of the parts of a compound, each once."""
    stems = (stem(piece) for piece in split)
    return tuple(dict.fromkeys(canonical.get(s, s) for s in stems))


class Terms:
    """What a document is found by, given how compound words are split."""

    def __init__(self, canonical: Mapping[str, str], parts: Layered[str, tuple[str, ...]]) -> None:
        self._canonical = canonical
        self._parts = parts
        self._grams = cache(grams)
        self._stems = cache(self._find_stems)

    def names(self, text: Text) -> set[tuple[str, ...]]:
        """Stems of the title and of each alias, if they are not too long."""
        keys = {tuple(self._canonical.get(w.stem, w.stem) for w in name) for name in text.names}
        return {key for key in keys if 0 < len(key) <= LONGEST_NAME}

    def of_words(self, text: Text) -> dict[str, float]:
        """Weighted frequencies of stems and of parts of compounds."""
        return text.frequencies(self._stems)

    def of_grams(self, text: Text) -> dict[str, float]:
        """Weighted frequencies of 4-grams."""
        return text.frequencies(lambda word: self._grams(word.folded))

    def _find_stems(self, word: Word) -> tuple[str, ...]:
        own = self._canonical.get(word.stem, word.stem)
        pieces = self._parts.get(word.folded) or date_words(word.folded)
        return (own, *piece_stems(pieces, self._canonical))
