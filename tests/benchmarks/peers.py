"""Other ways to search a list of texts, behind one interface."""

from __future__ import annotations

import importlib
import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process, utils
from Stemmer import Stemmer

Search = Callable[[str, int], list[str]]
"""Keys of the best documents for a query, best first, at most so many."""

_STEMMER = Stemmer("german")


@dataclass(frozen=True, slots=True)
class Text:
    """What a peer indexes."""

    key: str
    title: str
    body: str

    @property
    def joined(self) -> str:
        """Title and body as one text."""
        return f"{self.title} {self.body}".strip()


def wratio(texts: Sequence[Text], *, with_body: bool) -> Search:
    """RapidFuzz `process.extract` with WRatio."""
    return _rapidfuzz(texts, fuzz.WRatio, with_body=with_body)


def token_set(texts: Sequence[Text], *, with_body: bool) -> Search:
    """RapidFuzz `process.extract` with token_set_ratio."""
    return _rapidfuzz(texts, fuzz.token_set_ratio, with_body=with_body)


def _rapidfuzz(texts: Sequence[Text], scorer: Any, *, with_body: bool) -> Search:
    choices = {text.key: (text.joined if with_body else text.title) for text in texts}

    def search(query: str, limit: int) -> list[str]:
        found = process.extract(
            query, choices, scorer=scorer, processor=utils.default_process, limit=limit
        )
        return [key for _, _, key in found]

    return search


def bm25(texts: Sequence[Text], *, with_body: bool) -> Search:
    """The package rank_bm25 (Okapi) over Snowball stems."""
    okapi: Any = importlib.import_module("rank_bm25").BM25Okapi
    corpus = [_stems(text.joined if with_body else text.title) for text in texts]
    index = okapi(corpus)
    keys = [text.key for text in texts]

    def search(query: str, limit: int) -> list[str]:
        scores = index.get_scores(_stems(query))
        order = sorted(range(len(keys)), key=lambda i: (-scores[i], keys[i]))
        return [keys[i] for i in order[:limit] if scores[i] > 0]

    return search


def _stems(text: str) -> list[str]:
    words: list[str] = re.findall(r"\w+", text.casefold())
    return [str(_STEMMER.stemWord(word)) for word in words]


def fts5(texts: Sequence[Text], *, with_body: bool) -> Search:
    """SQLite FTS5 with trigrams: bm25, the title weighing three times the body."""
    database = sqlite3.connect(":memory:")
    database.execute(
        "create virtual table t using fts5(key unindexed, title, body, tokenize='trigram')"
    )
    database.executemany(
        "insert into t values (?, ?, ?)",
        [(text.key, text.title, text.body if with_body else "") for text in texts],
    )

    def search(query: str, limit: int) -> list[str]:
        grams = sorted(
            {
                word[i : i + 3]
                for word in re.findall(r"\w+", query.casefold())
                for i in range(len(word) - 2)
            }
        )
        if not grams:
            return []
        rows = database.execute(
            "select key from t where t match ? order by bm25(t, 0, 3, 1), key limit ?",
            (" OR ".join(f'"{gram}"' for gram in grams), limit),
        )
        return [key for (key,) in rows]

    return search


def tantivy(texts: Sequence[Text], *, with_body: bool) -> Search:
    """Tantivy with its German stemmer over title and body."""
    library: Any = importlib.import_module("tantivy")
    schema = library.SchemaBuilder()
    schema.add_text_field("key", stored=True, tokenizer_name="raw")
    for field in ("title", "body"):
        schema.add_text_field(field, tokenizer_name="german")
    index = library.Index(schema.build())
    analyzer = (
        library.TextAnalyzerBuilder(library.Tokenizer.simple())
        .filter(library.Filter.lowercase())
        .filter(library.Filter.stemmer("german"))
        .build()
    )
    index.register_tokenizer("german", analyzer)
    writer = index.writer(heap_size=50_000_000, num_threads=1)
    for text in texts:
        body = text.body if with_body else ""
        writer.add_document(library.Document(key=text.key, title=text.title, body=body))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def search(query: str, limit: int) -> list[str]:
        plain = " ".join(re.findall(r"\w+", query))
        parsed = index.parse_query(plain.lower(), ["title", "body"])
        found = searcher.search(parsed, limit).hits
        return [searcher.doc(address)["key"][0] for _, address in found]

    return search


PEERS: dict[str, Callable[..., Search]] = {
    "RapidFuzz WRatio": wratio,
    "RapidFuzz token_set_ratio": token_set,
    "rank_bm25 + Snowball": bm25,
    "SQLite FTS5 trigram": fts5,
    "tantivy, German stems": tantivy,
}
"""What is compared; each is tried with titles alone and with titles and bodies."""
