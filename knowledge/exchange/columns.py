"""Which heading of a table means which column: tolerant, and open about its doubts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import fuzz, process

from knowledge.exchange.sheets import Row, Table
from knowledge.exchange.texts import one_line
from knowledge.german import fold

HEADER_WITHIN = 30
"""Rows with content at the top of a sheet among which the headings are looked for."""

SIMILAR = 84.0
"""Per cent of equal letters from which a misspelt heading is offered: "Zustaendgkeit" has 96."""

SHORTEST = 5
"""Letters below which nothing is taken for a misspelling: "Ziel" is not "Teil"."""

LONGEST = 80
"""Letters beyond which a cell is a text and no heading."""


class Column(StrEnum):
    """The columns of a table of measures, in the order of an export."""

    NUMBER = "number"
    FIELD = "field"
    GOAL = "goal"
    MEASURE = "measure"
    DESCRIPTION = "description"
    TARGET_GROUP = "target_group"
    RESPONSIBLE = "responsible"
    PARTNERS = "partners"
    DEADLINE = "deadline"
    STATUS = "status"
    REMARK = "remark"
    INDICATOR = "indicator"
    COST = "cost"
    FUNDING = "funding"
    DECISION = "decision"
    PAPER = "paper"
    AS_OF = "as_of"
    SOURCE = "source"


REQUIRED = (Column.MEASURE,)
"""Without these a table is none of measures."""


class Match(IntEnum):
    """How well a heading was understood; a larger value is better."""

    NOT_UNDERSTOOD = 0
    DOUBTFUL = 1
    SURE = 2
    CONFIRMED = 3


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, and what it was read as.

    Attributes:
        position: Its column in the sheet, from 1.
        text: The heading; of two header rows both, joined by a blank.
        column: What it means; None if it is not understood, or another heading means the same
            and says it better.
        match: How sure that is.
    """

    position: int
    text: str
    column: Column | None
    match: Match


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a table has its headings, and what they mean.

    Attributes:
        header: Numbers of the rows that hold the headings; empty where none was found.
        headings: The headings, from left to right.
    """

    header: tuple[int, ...]
    headings: tuple[Heading, ...]

    @property
    def positions(self) -> Mapping[Column, int]:
        """Where each understood column stands in the sheet."""
        return {heading.column: heading.position for heading in self.headings if heading.column}

    @property
    def doubtful(self) -> tuple[Heading, ...]:
        """What a person should look at before relying on it."""
        return tuple(h for h in self.headings if h.match is Match.DOUBTFUL)

    @property
    def not_understood(self) -> tuple[Heading, ...]:
        """Columns that are not imported."""
        return tuple(h for h in self.headings if h.column is None)

    @property
    def missing(self) -> tuple[Column, ...]:
        """Required columns that no heading means.

        Numbers name measures as well, as far as they are known; but while some column is not
        understood, it may be the one with the names.
        """
        if self.has_numbers and all(
            heading.match is not Match.NOT_UNDERSTOOD for heading in self.headings
        ):
            return ()
        return self.unnamed

    @property
    def has_numbers(self) -> bool:
        """Whether a column holds the numbers of measures."""
        return Column.NUMBER in self.positions

    @property
    def unnamed(self) -> tuple[Column, ...]:
        """Required columns that a table with names of its own has, and this one does not."""
        return tuple(column for column in REQUIRED if column not in self.positions)

    def confirmed(self, choices: Mapping[int, Column | None]) -> Layout:
        """The layout after a person chose what columns mean, or that they mean nothing.

        Args:
            choices: Meanings by the heading's position, each column at most once. One that is
                chosen for a heading is taken from any other.
        """
        chosen = set(choices.values()) - {None}
        return replace(
            self,
            headings=tuple(
                replace(heading, column=choices[heading.position], match=Match.CONFIRMED)
                if heading.position in choices
                else replace(heading, column=None, match=Match.NOT_UNDERSTOOD)
                if heading.column in chosen
                else heading
                for heading in self.headings
            ),
        )


def find_layout(table: Table) -> Layout:
    """Find the row, or the two rows, of headings near the top of a table, and read them."""
    top = table.rows[:HEADER_WITHIN]
    single = _best([(row,) for row in top])
    pair = _best([two for two in pairwise(top) if _may_be_a_pair(*two)])
    return pair if len(pair.positions) > len(single.positions) else single


def _best(candidates: Iterable[tuple[Row, ...]]) -> Layout:
    """The layout that is a table of measures, then the best understood; the first of equals."""
    best, best_score = Layout((), ()), (False, 0, 0, 0.0)
    for rows in candidates:
        read = [_read(text) for text in _headings(rows)]
        layout = _layout(rows, read)
        score = (
            bool(layout.positions) and not layout.unnamed,
            sum(heading.match is Match.SURE for heading in layout.headings),
            len(layout.positions),
            sum(guess.score for guess in read),
        )
        if score > best_score:
            best, best_score = layout, score
    return best


def _may_be_a_pair(upper: Row, lower: Row) -> bool:
    """Whether the lower row only divides some headings of the upper one, and is no row of data."""
    own = [
        position
        for position, text in enumerate(lower.cells, start=1)
        if text and text != upper.cell(position)
    ]
    divides = any(not upper.cell(position) for position in own)
    width = max(len(upper.cells), len(lower.cells))
    return upper.number + 1 == lower.number and divides and len(own) <= width * 2 / 3


_Meaning = tuple[Column, Match]


@dataclass(frozen=True, slots=True)
class _Guess:
    """How one heading by itself was understood; of two that mean the same the score decides."""

    text: str
    column: Column | None = None
    match: Match = Match.NOT_UNDERSTOOD
    score: float = 0.0


def _layout(rows: Sequence[Row], read: Sequence[_Guess]) -> Layout:
    taken: set[Column] = set()
    headings: dict[int, Heading] = {}
    by_score = sorted(enumerate(read, start=1), key=lambda item: -item[1].score)
    for position, guess in by_score:
        if not guess.text:
            continue
        if guess.column is None or guess.column in taken:
            headings[position] = Heading(position, guess.text, None, Match.NOT_UNDERSTOOD)
            continue
        taken.add(guess.column)
        headings[position] = Heading(position, guess.text, guess.column, guess.match)
    return Layout(tuple(row.number for row in rows), tuple(headings[p] for p in sorted(headings)))


def _headings(rows: Sequence[Row]) -> Iterator[str]:
    """The headings that one row or two rows give, column by column.

    A heading above several columns, merged or not, belongs to all that have one of their own
    below it and none above.
    """
    upper, lower = rows[0], rows[-1]
    width = max(len(row.cells) for row in rows)
    above = ""
    for position in range(1, width + 1):
        high, low = one_line(upper.cell(position)), one_line(lower.cell(position))
        if len(rows) == 1:
            yield high
            continue
        above = high or (above if low else "")
        yield above if above == low or not low else f"{above} {low}".strip()


def _read(heading: str) -> _Guess:
    """What a heading means: exactly, abbreviated, in parts, somewhere inside, or misspelt."""
    if not heading or len(heading) > LONGEST:
        return _Guess(heading)
    text = _normal(heading)
    parts = [_KNOWN.get(part) for part in _parts(heading)]
    if known := _KNOWN.get(text):
        return _Guess(heading, *known, 100.0)
    if known := _abbreviated(heading):
        return _Guess(heading, *known, 95.0)
    if known := _agreed([meaning for meaning in parts if meaning]):
        return _Guess(heading, known[0], known[1] if all(parts) else Match.DOUBTFUL, 90.0)
    guess = _inside(text) or _similar(text)
    return _Guess(heading, guess[0], Match.DOUBTFUL, guess[1]) if guess else _Guess(heading)


def _agreed(meanings: Sequence[_Meaning]) -> _Meaning | None:
    """The least sure of several meanings, if they mean the same column."""
    if len({column for column, _ in meanings}) != 1:
        return None
    return min(meanings, key=lambda meaning: meaning[1])


def _normal(heading: str) -> str:
    """A heading without case, brackets, punctuation and the hyphens of narrow columns."""
    joined = re.sub(r"(?<=[a-zäöüß])- (?=[a-zäöüß])", "", heading)  # "Zuständig- keit"
    outside = re.sub(r"\([^)]*\)|\[[^\]]*\]", " ", joined)
    folded = fold(outside if re.search(r"\w", outside) else joined)
    folded = re.sub(r"[*:/_]-?(?:r|n|in|innen)\b", "", folded)  # "Verantwortliche*r"
    return " ".join(re.sub(r"[^\w#]+", " ", folded).split())


def _parts(heading: str) -> list[str]:
    pieces = re.split(r"[/,;+&]| und | bzw\. | oder ", re.sub(r"\([^)]*\)", " ", heading))
    return [part for part in map(_normal, pieces) if part]


def _abbreviated(heading: str) -> _Meaning | None:
    """The meaning of a heading such as "verantw. Amt", whose words end at a full stop."""
    words = re.findall(r"[^\W\d_]+\.?", re.sub(r"\([^)]*\)", " ", heading))
    if not any(len(word) > 3 and word.endswith(".") for word in words):
        return None
    pattern = re.compile(
        " ".join(
            rf"{re.escape(fold(word[:-1]))}\w*" if word.endswith(".") else re.escape(fold(word))
            for word in words
        )
    )
    found = [meaning for text, meaning in _KNOWN.items() if pattern.fullmatch(text)]
    return max(found, key=lambda meaning: meaning[1]) if _agreed(found) else None


def _similar(text: str) -> tuple[Column, float] | None:
    if len(text) < SHORTEST:
        return None
    found = process.extractOne(text, _LONG_ENOUGH, scorer=fuzz.ratio, score_cutoff=SIMILAR)
    return (_KNOWN[found[0]][0], found[1] * 0.9) if found else None


def _inside(text: str) -> tuple[Column, float] | None:
    """The meaning of the first words that are a known heading, as in "Status der Planung"."""
    words = text.split()
    for start in range(len(words)):
        for end in range(len(words), start, -1):
            known = " ".join(words[start:end])
            if known in _KNOWN and len(known) > 3:
                return _KNOWN[known][0], 60.0 - start
    return None


_LISTED: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("columns.yaml").read_text(encoding="utf-8")
)

HEADINGS: Mapping[Column, str] = {Column(name): g["heading"] for name, g in _LISTED.items()}
"""The headings that an export writes."""


def known_headings() -> Iterator[tuple[str, Column, Match]]:
    """All headings that are known, in the form in which they are compared."""
    for name, given in _LISTED.items():
        for text in (given["heading"], *given["sure"]):
            yield _normal(text), Column(name), Match.SURE
        for text in given["doubtful"]:
            yield _normal(text), Column(name), Match.DOUBTFUL


_KNOWN = {text: (column, match) for text, column, match in known_headings()}
_LONG_ENOUGH = [text for text in _KNOWN if len(text) >= SHORTEST]
