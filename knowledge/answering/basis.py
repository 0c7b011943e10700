"""What questions are answered from: knowledge, day, home, and how sure the bot must be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from knowledge.entries import Entry
from knowledge.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where the bands begin.

    Attributes:
        answer: Coverage of the question from which an entry is taken as meant.
        named: The same for an entry whose name stands in the question.
        suggest: Coverage from which an entry is offered.
        margin: How many times the second entry's score the first must have to be answered
            without asking back.
        no_doubt: Coverage from which the margin does not matter.
        rest: Share of what is asked beside the name of a town or state that one of its facts
            must hold.
    """

    answer: float
    named: float
    suggest: float
    margin: float
    no_doubt: float
    rest: float


CALIBRATED = Thresholds(answer=0.4, named=0.25, suggest=0.25, margin=1.06, no_doubt=0.75, rest=0.3)
"""Chosen on the development questions, the tuning half of tests/data/questions.tsv and new rows to
tune on. With higher values (`answer` 0.5, `named` and `suggest` 0.3) fewer of these are answered
rightly and no false answer is saved, since nouns that nothing speaks of are looked at by
themselves (`knowledge.answering.subjects`)."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What questions are answered from.

    Attributes:
        snapshot: The knowledge.
        today: The day for which answers hold.
        home: Key of the body that the bot serves.
        thresholds: How sure the bot must be.
    """

    snapshot: Snapshot
    today: date
    home: str | None = None
    thresholds: Thresholds = CALIBRATED

    @property
    def place(self) -> Entry | None:
        """The body that the bot serves."""
        return self.snapshot.get(self.home) if self.home else None
