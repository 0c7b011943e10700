"""The documents of the search, ready to be searched: built once, exchanged in part."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from knowledge.german import Word, stem
from knowledge.search.layered import Layered
from knowledge.search.postings import Postings
from knowledge.search.terms import Change, Document, Terms, Text
from knowledge.search.vocabulary import SHORTEST_PART, Vocabulary


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents and what they are found by. Never changes; what an update leaves is shared.

    Attributes:
        canonical: For each of several stems that mean the same, the one that stands for all.
        documents: By number; None where one was taken away.
        numbers: Of documents, by key.
        vocabulary: Their words.
        parts: Words that compounds consist of.
        names: Numbers of the documents that have a title or alias, by its stems.
        words: In which documents stems and parts of compounds stand.
        grams: In which documents 4-grams stand.
    """

    canonical: Mapping[str, str]
    documents: list[Document | None]
    numbers: Layered[str, int]
    vocabulary: Vocabulary
    parts: Layered[str, tuple[str, ...]]
    names: Layered[tuple[str, ...], tuple[int, ...]]
    words: Postings
    grams: Postings

    @classmethod
    def build(
        cls, documents: Iterable[Document], canonical: Mapping[str, str], further: frozenset[str]
    ) -> Corpus:
        """Read documents.

        Args:
            documents: All of them; keys must be unique.
            canonical: For each of several stems that mean the same, the one that stands for all.
            further: Folded words that exist although no document has them.
        """
        listed = sorted(documents, key=lambda document: document.key)
        read = [Text.read(document) for document in listed]
        vocabulary = Vocabulary.build((word for text in read for word in text.words()), further)
        splits = ((folded, vocabulary.split(folded)) for folded in vocabulary)
        parts = Layered({folded: split for folded, split in splits if split})
        terms = Terms(canonical, parts)
        names: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for number, text in enumerate(read):
            for name in terms.names(text):
                names[name].append(number)
        return cls(
            canonical=canonical,
            documents=list(listed),
            numbers=Layered({document.key: number for number, document in enumerate(listed)}),
            vocabulary=vocabulary,
            parts=parts,
            names=Layered({name: tuple(found) for name, found in names.items()}),
            words=Postings.build(terms.of_words(text) for text in read),
            grams=Postings.build(terms.of_grams(text) for text in read),
        )

    def updated(self, changed: Iterable[Document], removed: Iterable[str]) -> Corpus:
        """The corpus with some documents exchanged, added or taken away; itself if none is.

        Args:
            changed: New documents, and new versions of documents with the same key.
            removed: Keys of documents that go; unknown ones are ignored.
        """
        new: dict[str, Document | None] = dict.fromkeys(sorted(removed))
        new |= {document.key: document for document in changed}
        documents = list(self.documents)
        numbers: dict[str, int | None] = {}
        changes: dict[int, Change] = {}
        for key, document in new.items():
            number = self.numbers.get(key)
            if number is None and document is None:
                continue
            if number is None:
                number = len(documents)
                documents.append(None)
            former = documents[number]
            changes[number] = Change(
                None if former is None else Text.read(former),
                None if document is None else Text.read(document),
            )
            documents[number] = document
            numbers[key] = None if document is None else number
        return self._with(documents, numbers, changes) if changes else self

    def stem(self, word: Word) -> str:
        """The stem that a word is looked up by."""
        return self.canonical.get(word.stem, word.stem)

    def _with(
        self,
        documents: list[Document | None],
        numbers: Mapping[str, int | None],
        changes: Mapping[int, Change],
    ) -> Corpus:
        counts: Counter[Word] = Counter()
        for change in changes.values():
            counts.subtract(change.former.words() if change.former else ())
            counts.update(change.new.words() if change.new else ())
        vocabulary = self.vocabulary.updated(counts)
        parts, resplit = self._parts_with(vocabulary, {word.folded for word in counts})
        former, new = Terms(self.canonical, self.parts), Terms(self.canonical, parts)
        reread = dict(changes)
        for number in self._documents_with(resplit):
            document = documents[number]
            if number not in changes and document is not None:
                text = Text.read(document)
                reread[number] = Change(text, text)
        return Corpus(
            self.canonical,
            documents,
            self.numbers.changed(numbers),
            vocabulary,
            parts,
            self.names.changed(self._names_with(changes, new)),
            self.words.updated(
                {n: c.map(former.of_words, new.of_words) for n, c in reread.items()}
            ),
            self.grams.updated(
                {n: c.map(former.of_grams, new.of_grams) for n, c in changes.items()}
            ),
        )

    def _parts_with(
        self, vocabulary: Vocabulary, touched: Iterable[str]
    ) -> tuple[Layered[str, tuple[str, ...]], set[str]]:
        """How compounds are split by another vocabulary, and which words are split differently.

        Words that are new, or known no longer, also change how others with them inside are split.

        Args:
            vocabulary: The new vocabulary.
            touched: All words in which it may differ from the former one.
        """
        resplit: dict[str, tuple[str, ...] | None] = {}
        for folded in touched:
            if (folded in vocabulary) == (folded in self.vocabulary):
                continue
            inside = vocabulary.containing(folded) if len(folded) >= SHORTEST_PART else ()
            for word in (folded, *inside):
                split = vocabulary.split(word) if word in vocabulary else ()
                if split != (self.parts.get(word) or ()):
                    resplit[word] = split or None
        return self.parts.changed(resplit), set(resplit)

    def _documents_with(self, folded: Iterable[str]) -> set[int]:
        """Numbers of the documents that have any of some words, and perhaps some more."""
        stems = {self.canonical.get(own, own) for own in map(stem, folded)}
        return {n for own in stems for n in self.words.documents(own).tolist()}

    def _names_with(
        self, changes: Mapping[int, Change], terms: Terms
    ) -> dict[tuple[str, ...], tuple[int, ...] | None]:
        """The names that documents get or lose, and who has them then."""
        named: dict[tuple[str, ...], tuple[int, ...]] = {}
        for number, change in changes.items():
            for name in terms.names(change.former) if change.former else ():
                owners = named.get(name) or self.names.get(name) or ()
                named[name] = tuple(n for n in owners if n != number)
            for name in terms.names(change.new) if change.new else ():
                named[name] = (*named.get(name, self.names.get(name) or ()), number)
        return {name: owners or None for name, owners in named.items()}
