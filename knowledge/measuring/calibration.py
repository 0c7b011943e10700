"""What moving a threshold of confidence does to the answers to a file of questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date

from knowledge.answering.answers import Answer, answer_question
from knowledge.answering.basis import CALIBRATED, Basis, Thresholds
from knowledge.answering.confidence import Band, meant
from knowledge.answering.ellipsis import Topic
from knowledge.answering.questions import Question, understand
from knowledge.answering.ranking import Candidate, candidates
from knowledge.measuring.evaluation import Expectation, Figures, Outcome, converse, count, judge
from knowledge.snapshot import Snapshot

STEPS = 4
"""Values that are tried below a threshold's value, and above it."""

_STEP, _MARGIN_STEP = 0.05, 0.02
"""Distance of the values: of shares, and of the margin, which is a factor from 1 on."""

SHARES = (0.25, 0.5, 0.75, 1.0)
"""Points of the curve of risk against coverage."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What came of all questions with one threshold set to a value."""

    value: float
    figures: Figures


@dataclass(frozen=True, slots=True)
class Surest:
    """The answers that the bot was surest of, and how many of them are right.

    Attributes:
        share: Which share of all answers was asked for.
        signal: The coverage of the question that they have in common at least.
        answers: How many they are; more than the share where several have the same signal.
        right: How many are right.
    """

    share: float
    signal: float
    answers: int
    right: int


def grid(threshold: str, value: float) -> list[float]:
    """Values to try for a threshold, its own among them, rising."""
    factor = threshold == "margin"
    step = _MARGIN_STEP if factor else _STEP
    tried = (round(value + step * n, 4) for n in range(-STEPS, STEPS + 1))
    return [v for v in tried if (v >= 1.0 if factor else 0.0 <= v <= 1.0)]


def calibrate(
    expectations: Sequence[Expectation],
    snapshot: Snapshot,
    today: date,
    *,
    home: str | None,
    word: Callable[[Answer], str],
) -> dict[str, list[Setting]]:
    """Move each threshold over a grid, the others staying as they are.

    Args:
        expectations: The rows, in the order of the file.
        snapshot: The knowledge to answer from.
        today: The day for which answers hold.
        home: Key of the body that the bot serves.
        word: Turns an answer into plain text.

    Returns:
        For each threshold the values tried, rising, with what came of the questions.
    """
    attempts = _Attempts(Basis(snapshot, today, home), word)
    moved: dict[str, list[Setting]] = {}
    for threshold in (field.name for field in fields(Thresholds)):
        moved[threshold] = []
        for value in grid(threshold, getattr(CALIBRATED, threshold)):
            tried = replace(CALIBRATED, **{threshold: value})
            outcomes = attempts.with_thresholds(expectations, tried)
            moved[threshold].append(Setting(value, count(outcomes)))
    return moved


class _Attempts:
    """Outcomes under changing thresholds.

    Thresholds matter only where it is decided what is meant, which costs little: the rest is
    done anew only for decisions that are new.
    """

    def __init__(self, basis: Basis, word: Callable[[Answer], str]) -> None:
        self._basis = basis
        self._word = word
        self._considered: dict[str, tuple[Question, list[Candidate]]] = {}
        self._known: dict[tuple[Expectation, Topic | None, Band, tuple[str, ...]], Outcome] = {}

    def with_thresholds(
        self, expectations: Sequence[Expectation], thresholds: Thresholds
    ) -> list[Outcome]:
        """What comes of all questions."""
        basis = replace(self._basis, thresholds=thresholds)

        def reply(expectation: Expectation, topic: Topic | None) -> Outcome:
            question, band, chosen = self._decide(expectation.question, basis)
            decision = (expectation, topic, band, chosen)
            if decision not in self._known:
                found = answer_question(question, basis, topic=topic)
                self._known[decision] = judge(expectation, topic, found, self._word)
            return self._known[decision]

        return converse(expectations, reply)

    def _decide(self, text: str, basis: Basis) -> tuple[Question, Band, tuple[str, ...]]:
        if text not in self._considered:
            question = understand(text, basis.snapshot)
            self._considered[text] = question, candidates(question, basis)
        question, ranked = self._considered[text]
        band, chosen = meant(question, ranked, basis)
        return question, band, tuple(candidate.key for candidate in chosen)


def risk_curve(outcomes: Sequence[Outcome]) -> list[Surest]:
    """How precise the surest answers are: the surest quarter, half and so on.

    Only what claims to be an answer counts; what was answered without looking for an entry (a
    follow-up) has no signal and is left out.
    """
    given = sorted(
        (
            (outcome.answer.candidates[0].coverage, outcome)
            for outcome in outcomes
            if outcome.band is Band.ANSWER
            and outcome.answer.candidates
            and (outcome.expectation.answerable or outcome.falsely_answered)
        ),
        key=lambda pair: -pair[0],
    )
    points = []
    for share in SHARES if given else ():
        signal = given[max(round(share * len(given)), 1) - 1][0]
        # Equal signals cannot be told apart: all of them are in, or none.
        surest = [outcome for coverage, outcome in given if coverage >= signal]
        right = sum(o.right and o.expectation.answerable for o in surest)
        points.append(Surest(share, signal, len(surest), right))
    return points
