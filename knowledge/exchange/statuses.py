"""What the status words of other towns mean here, and which must be asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from rapidfuzz import fuzz, process

from knowledge.entries import Phase
from knowledge.german import fold

SIMILAR = 92.0
"""Per cent of equal letters from which a known word is suggested for an unknown one.

"abgeschlosen" has 96 with "abgeschlossen", and "beschlossen", which is no such thing, 91.7.
"""


@dataclass(frozen=True, slots=True)
class StatusQuestion:
    """A word that a person has to explain, once for the whole file.

    Attributes:
        word: The cell as it stands in the file; the key under which the answer is given.
        rows: The rows that have it.
        suggestion: What it may mean.
    """

    word: str
    rows: tuple[int, ...]
    suggestion: Phase | None


class Statuses:
    """The known words, and what a person answered about the others."""

    def __init__(self, answers: Mapping[str, Phase | None] | None = None) -> None:
        """Take over answers.

        Args:
            answers: Phases by the word that was asked for; None where it states no phase.
        """
        self._answers = {_normal(word): phase for word, phase in (answers or {}).items()}
        self._unknown: dict[str, tuple[str, list[int]]] = {}

    def read(self, cell: str, row: int) -> Phase | None:
        """The phase that a cell states; an unknown word is noted down.

        >>> Statuses().read("In Bearbeitung (seit 2023)", row=5)
        <Phase.IN_PROGRESS: 'in_progress'>
        """
        whole, leading = _normal(cell), _normal(_leading(cell))
        for word in (whole, leading):
            if word in self._answers:
                return self._answers[word]
            if word in _MEANS:
                return _MEANS[word]
        share = re.fullmatch(r"(\d{1,3}) ?%", cell)
        if share is not None and int(share[1]) <= 100:
            return {0: Phase.PLANNED, 100: Phase.DONE}.get(int(share[1]), Phase.IN_PROGRESS)
        self._unknown.setdefault(whole, (cell, []))[1].append(row)
        return None

    @property
    def questions(self) -> tuple[StatusQuestion, ...]:
        """What was read and not understood, in the order of the rows."""
        return tuple(
            StatusQuestion(cell, tuple(rows), _suggestion(cell))
            for cell, rows in self._unknown.values()
        )


def _leading(cell: str) -> str:
    """What stands before a bracket, a comma or a line break."""
    return re.split(r"[(,;:\n]| [-–—] ", cell, maxsplit=1)[0]


def _normal(word: str) -> str:
    return " ".join(re.sub(r"[^\w%]+", " ", fold(word)).split())


def _suggestion(cell: str) -> Phase | None:
    for word in (_normal(cell), _normal(_leading(cell))):
        if word in _ASK:
            return _ASK[word]
    found = process.extractOne(
        _normal(_leading(cell)), _MEANS.keys(), scorer=fuzz.ratio, score_cutoff=SIMILAR
    )
    return _MEANS[found[0]] if found else None


_LISTED: Mapping[str, Mapping[str, Sequence[str]]] = yaml.safe_load(
    Path(__file__).with_name("statuses.yaml").read_text(encoding="utf-8")
)

PHASE_WORDS: Mapping[Phase, str] = {Phase(name): g["means"][0] for name, g in _LISTED.items()}
"""The word that an export writes for each phase."""


def known_words(*groups: str) -> list[tuple[str, Phase]]:
    """The words of some groups (`means`, `ask`), in the form in which they are compared."""
    return [
        (_normal(word), Phase(name))
        for name, given in _LISTED.items()
        for group in groups
        for word in given[group]
    ]


_MEANS, _ASK = dict(known_words("means")), dict(known_words("ask"))
