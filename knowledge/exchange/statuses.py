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


@dataclass(frozen=True, slots=True)
class StatusMeaning:
    """What a word of the file was taken for, for a person to check.

    Attributes:
        word: The word as it stands in the file where it is met first.
        phase: What it was taken for; None where a person said that it states no phase.
    """

    word: str
    phase: Phase | None


class Statuses:
    """The known words, and what a person answered about the others."""

    def __init__(self, answers: Mapping[str, Phase | None] | None = None) -> None:
        """Take over answers.

        Args:
            answers: Phases by the word that was asked for; None where it states no phase.
        """
        self._answers = {_normal(word): phase for word, phase in (answers or {}).items()}
        self._unknown: dict[str, tuple[str, list[int]]] = {}
        self._meanings: dict[str, StatusMeaning] = {}

    def read(self, cell: str, row: int) -> Phase | None:
        """The phase that a cell states; an unknown word is noted down.

        >>> Statuses().read("In Bearbeitung (seit 2023)", row=5)
        <Phase.IN_PROGRESS: 'in_progress'>
        """
        for word in (cell, _leading(cell).strip()):
            known = _normal(word)
            if known in self._answers:
                return self._taken(word, self._answers[known])
            if known in _MEANS:
                return self._taken(word, _MEANS[known])
        share = re.fullmatch(r"(\d{1,3}) ?%", cell)
        if share is not None and int(share[1]) <= 100:
            phase = {0: Phase.PLANNED, 100: Phase.DONE}.get(int(share[1]), Phase.IN_PROGRESS)
            return self._taken(cell, phase)
        self._unknown.setdefault(_normal(cell), (cell, []))[1].append(row)
        return None

    def _taken(self, word: str, phase: Phase | None) -> Phase | None:
        """Note down what a word was taken for, unless it is the phase's own name."""
        if phase is None or _normal(word) != _normal(PHASE_WORDS[phase]):
            self._meanings.setdefault(_normal(word), StatusMeaning(word, phase))
        return phase

    @property
    def meanings(self) -> tuple[StatusMeaning, ...]:
        """What was read and taken for a phase of another name, in the order of the rows."""
        return tuple(self._meanings.values())

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
