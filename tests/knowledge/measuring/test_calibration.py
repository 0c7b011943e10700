"""What moving a threshold does, and how far the signal behind it can be trusted."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.answering.answers import Answer, answer
from knowledge.answering.basis import CALIBRATED, Thresholds
from knowledge.answering.confidence import Band
from knowledge.answering.ellipsis import Topic
from knowledge.answering.questions import understand
from knowledge.answering.ranking import Candidate
from knowledge.measuring.calibration import Surest, calibrate, grid, risk_curve
from knowledge.measuring.evaluation import (
    Expectation,
    Outcome,
    Part,
    count,
    evaluate,
    mistype,
    read,
)
from knowledge.snapshot import Snapshot
from knowledge.yaml_files import load

OWN = Path(__file__).parents[2] / "data" / "questions.tsv"
TODAY = date(2026, 11, 23)
EMPTY = Snapshot()


@pytest.mark.parametrize(
    ("threshold", "value", "values"),
    [
        ("answer", 0.5, [0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7]),
        ("suggest", 0.1, [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]),
        ("no_doubt", 1.0, [0.8, 0.85, 0.9, 0.95, 1.0]),
        ("margin", 1.06, [1.0, 1.02, 1.04, 1.06, 1.08, 1.1, 1.12, 1.14]),
    ],
)
def test_values_are_tried_around_a_threshold_as_far_as_they_make_sense(
    threshold: str, value: float, values: list[float]
) -> None:
    assert grid(threshold, value) == values


@pytest.mark.parametrize("threshold", [field.name for field in fields(Thresholds)])
def test_the_value_in_use_is_among_those_tried(threshold: str) -> None:
    value = getattr(CALIBRATED, threshold)
    assert value in grid(threshold, value)


def test_what_is_counted_is_what_a_plain_evaluation_counts() -> None:
    snapshot = Snapshot(load())
    rows = mistype(read(OWN)[60:90], 1)

    def word(found: Answer) -> str:
        return " ".join(statement.fact.text for statement in found.statements)

    def ask(thresholds: Thresholds) -> Callable[[str, Topic | None], Answer]:
        return lambda text, topic: answer(
            text, snapshot, TODAY, topic=topic, home="ERFURT", thresholds=thresholds
        )

    moved = calibrate(rows, snapshot, TODAY, home="ERFURT", word=word)
    assert list(moved) == [field.name for field in fields(Thresholds)]
    different = set()
    values = {"answer": 0.6, "named": 0.45, "suggest": 0.45, "margin": 1.06}
    for threshold, value in values.items():
        plain = evaluate(rows, ask(replace(CALIBRATED, **{threshold: value})), word)
        (setting,) = [s for s in moved[threshold] if s.value == value]
        assert setting.figures == count(plain)
        different.add(setting.figures)
    assert len(different) > 1


def an_outcome(
    coverage: float | None,
    *,
    right: bool = True,
    answerable: bool = True,
    band: Band = Band.ANSWER,
) -> Outcome:
    """A reply that was as sure as that, of an entry unless there is no coverage."""
    considered = () if coverage is None else (Candidate("EF-1", 1.0, coverage),)
    found = Answer(band, understand("", EMPTY), TODAY, candidates=considered)
    row = Expectation("", "status", None, answerable, Part.TUNE)
    return Outcome(row, None, found, "", right)


def test_the_surest_answers_come_first() -> None:
    outcomes = [
        an_outcome(0.4, right=False),
        an_outcome(1.0),
        an_outcome(0.6, right=False),
        an_outcome(0.8),
    ]
    assert risk_curve(outcomes) == [
        Surest(0.25, signal=1.0, answers=1, right=1),
        Surest(0.5, signal=0.8, answers=2, right=2),
        Surest(0.75, signal=0.6, answers=3, right=2),
        Surest(1.0, signal=0.4, answers=4, right=2),
    ]


def test_equally_sure_answers_are_not_told_apart() -> None:
    outcomes = [an_outcome(1.0), an_outcome(1.0, right=False), an_outcome(1.0), an_outcome(0.5)]
    assert [(point.answers, point.right) for point in risk_curve(outcomes)] == [
        (3, 2),
        (3, 2),
        (3, 2),
        (4, 3),
    ]


def test_a_false_answer_lowers_precision_even_if_its_text_was_let_pass() -> None:
    (*_, last) = risk_curve([an_outcome(1.0), an_outcome(0.9, answerable=False)])
    assert (last.answers, last.right) == (2, 1)


def test_only_answers_with_a_signal_are_on_the_curve() -> None:
    others = [
        an_outcome(None),
        an_outcome(0.9, band=Band.SUGGEST),
        an_outcome(0.9, band=Band.NONE),
    ]
    assert risk_curve(others) == []
    assert {point.answers for point in risk_curve([*others, an_outcome(0.3)])} == {1}


def test_without_questions_there_is_nothing_to_calibrate_on() -> None:
    moved = calibrate([], EMPTY, TODAY, home=None, word=str)
    assert all(setting.figures.total == 0 for tried in moved.values() for setting in tried)
