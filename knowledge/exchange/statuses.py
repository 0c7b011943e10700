"""What the status words of other towns mean here, and which must be asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from rapidfuzz import fuzz, process

from knowledge.entries import Phase
from knowledge.german import fold

SIMILAR = 85.0
"""Per cent of equal letters from which a known word is suggested for an unknown one."""


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


def _load(path: Path) -> tuple[Mapping[Phase, str], Mapping[str, Phase], Mapping[str, Phase]]:
    listed: dict[str, dict[str, list[str]]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    words = {Phase(name): given["means"][0] for name, given in listed.items()}

    def by_word(group: str) -> Mapping[str, Phase]:
        pairs: Iterable[tuple[str, Phase]] = (
            (_normal(word), Phase(name)) for name, given in listed.items() for word in given[group]
        )
        return dict(pairs)

    return words, by_word("means"), by_word("ask")


PHASE_WORDS, _MEANS, _ASK = _load(Path(__file__).with_name("statuses.yaml"))
"""The word that an export writes for each phase; the known words and the doubtful ones."""
