"""Sources as people name them, alone or behind what they say."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from handlers.typed.dates import date_of
from handlers.typed.words import ACCORDING, normal
from knowledge.entries import Source
from knowledge.exchange.texts import one_line
from knowledge.german import paper_numbers
from knowledge.snapshot import Snapshot

_URL = re.compile(r"https?://\S+")
_WORD = re.compile(r"\S+")
_QUOTED = re.compile(r"[\"„“»]([^\"„“”»«]+)[\"“”«]")


def sourced(text: str, *, in_words: bool = False) -> tuple[str, dict[str, object]]:
    """What is said, and the source behind it; the day of a source is no date of an entry.

    Args:
        text: What was typed.
        in_words: Whether the text is a name or a sentence, which may have the same words itself.

    >>> sourced("EF-7 Ende 2026 (laut Schreiben vom 12.03.2025)")
    ('EF-7 Ende 2026', {'sources': 'Schreiben vom 12.03.2025'})
    >>> sourced("Er kostet laut Plan 5 Euro.", in_words=True)
    ('Er kostet laut Plan 5 Euro.', {})
    """
    words = list(_WORD.finditer(text))
    for word in words[1:-1]:
        said, source = text[: word.start()].rstrip(" ,;"), one_line(text[word.end() :])
        if normal(word[0]) in ACCORDING and (not in_words or _stands_apart(said, word[0], source)):
            source = source.removesuffix(")") if word[0].startswith("(") else source
            return said, {"sources": source}
    return text, {}


def _stands_apart(said: str, word: str, source: str) -> bool:
    """Whether a source is no part of the sentence or name before it."""
    return said[-1:] in ".!?" or word[0] == "(" or word[-1] == ":" or _is_a_number(source)


def source(text: str, snapshot: Snapshot) -> Source:
    """A source as people name it: a paper's number, a title, an address, or all of them.

    Raises:
        ValidationError: if a part is too long or has control characters.

    >>> source("Antwort der Verwaltung, DS 99/25 https://example.org/99", Snapshot())
    ... # doctest: +NORMALIZE_WHITESPACE
    Source(title='Antwort der Verwaltung, DS 99/25', reference='DS 99/25',
        url='https://example.org/99', note=None)
    """
    address = _URL.search(text)
    url = address[0].rstrip(".,;)") if address else None
    words = one_line(_URL.sub(" ", text)).strip(" ,;")
    quoted = _QUOTED.fullmatch(words)
    words = quoted[1] if quoted else words
    first, _, rest = words.partition(" ")
    if rest and normal(first) in ACCORDING:  # as it would stand behind a command
        words = rest
    numbers = paper_numbers(words)
    number = numbers[0] if numbers and len(numbers) == 1 else None
    papers = snapshot.numbers.get(number, ()) if number else ()
    document = snapshot.entries[papers[0]] if len(papers) == 1 else None
    bare = _is_a_number(words)
    title = document.title if document and bare else words
    if url and (not title or date_of(title) is not None):
        title = f"{_host(url) or url} {title}".rstrip()  # "vom 1.12.2026" alone names nothing
    reference = words if bare else f"DS {number}" if number else None
    return Source(title=title, reference=reference, url=url)


def _is_a_number(words: str) -> bool:
    """Whether a text is nothing but the number of a paper."""
    return len(words.split()) <= 2 and len(paper_numbers(words)) == 1


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:  # "https://[foo"
        return None
