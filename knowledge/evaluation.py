"""Measuring answers against a file of questions with what a right answer needs.

The file is tab-separated with the columns question, kind, facts, must, answerable.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from knowledge.answers import Answer
from knowledge.confidence import Band

FOLLOW_UP = "followup"
"""Kind of a row that continues the conversation of the row above it."""

_COLUMNS = {"question", "kind", "facts", "must", "answerable"}


class QuestionFileError(Exception):
    """A file of questions cannot be used; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """One row of a file of questions.

    Attributes:
        question: What is asked.
        kind: Type of question, for the table.
        must: What the text of a right answer matches, or None where any reply will do.
        answerable: Whether the knowledge base knows the answer.
    """

    question: str
    kind: str
    must: re.Pattern[str] | None
    answerable: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question."""

    expectation: Expectation
    band: Band
    text: str
    right: bool


def read(path: Path) -> list[Expectation]:
    """Read a file of questions.

    Raises:
        QuestionFileError: if columns are missing or a regular expression is none.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            missing = _COLUMNS - set(reader.fieldnames or ())
            if missing:
                raise QuestionFileError(f"{path.name}: no column {', '.join(sorted(missing))}")
            return [_expectation(row, f"{path.name}:{reader.line_num}") for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise QuestionFileError(f"{path.name}: not readable: {exc}") from exc


def _expectation(row: dict[str, str | None], where: str) -> Expectation:
    must = (row["must"] or "").strip()
    answerable = (row["answerable"] or "").strip()
    if answerable not in {"yes", "no"}:
        raise QuestionFileError(f"{where}: answerable must be yes or no, not {answerable!r}")
    try:
        pattern = re.compile(must, re.IGNORECASE) if must else None
    except re.error as exc:
        raise QuestionFileError(f"{where}: not a regular expression: {exc}") from exc
    return Expectation(row["question"] or "", row["kind"] or "", pattern, answerable == "yes")


def evaluate(
    expectations: Iterable[Expectation],
    ask: Callable[[str, str | None], Answer],
    word: Callable[[Answer], str],
) -> list[Outcome]:
    """Ask every question and judge the replies.

    Args:
        expectations: The rows, in the order of the file.
        ask: Answers a question, given the key of the conversation's last topic.
        word: Turns an answer into plain text.
    """
    outcomes = []
    topic: str | None = None
    for expectation in expectations:
        if expectation.kind != FOLLOW_UP:
            topic = None
        answer = ask(expectation.question, topic)
        if answer.sections:
            topic = answer.sections[0].entry.key
        text = word(answer)
        right = _is_right(expectation, answer.band, text)
        outcomes.append(Outcome(expectation, answer.band, text, right))
    return outcomes


def _is_right(expectation: Expectation, band: Band, text: str) -> bool:
    """Judge one reply: a right text, or for what is not known also an honest "nothing"."""
    if not expectation.answerable and band is Band.NONE:
        return True
    return expectation.must is None or expectation.must.search(text) is not None
