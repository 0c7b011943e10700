"""Measuring answers against a file of questions with what a right answer needs.

The file is tab-separated with the columns question, kind, facts, must, answerable.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from zlib import crc32

from knowledge.answering.answers import Answer
from knowledge.answering.asides import Aside
from knowledge.answering.confidence import Band
from knowledge.answering.ellipsis import Topic
from knowledge.answering.questions import Question
from knowledge.entries import Aspect
from knowledge.measuring.typos import mistyped

FOLLOW_UP = "followup"
"""Kind of a row that continues the conversation of the row above it."""

_COLUMNS = {"question", "kind", "facts", "must", "answerable"}

_ASPECTS = {aspect.value: aspect for aspect in Aspect} | {
    "deadline": Aspect.DUE,
    "definition": Aspect.SUMMARY,
    "change": Aspect.HISTORY,
}
"""Aspect that a kind of question asks about; the others ("list", "offtopic") have none."""


class QuestionFileError(Exception):
    """A file of questions cannot be used; the message names file and line."""


class Part(StrEnum):
    """The two halves of a file of questions.

    Whoever changes lexicon, weights or thresholds looks at the questions to `TUNE` on only;
    figures to `REPORT` come from the other half and so are honest. A row belongs to the first
    half if the CRC-32 of its question in UTF-8 is even, to the second if it is odd; a follow-up
    stays with the row that it follows. Adding and moving rows moves no others.
    """

    TUNE = "tune"
    REPORT = "report"


@dataclass(frozen=True, slots=True)
class Expectation:
    """One row of a file of questions.

    Attributes:
        question: What is asked.
        kind: Type of question, for the table.
        must: What the text of a right answer matches, or None where any reply will do.
        answerable: Whether the knowledge base knows the answer.
        part: The half of the file that the row belongs to.
    """

    question: str
    kind: str
    must: re.Pattern[str] | None
    answerable: bool
    part: Part


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one question.

    Attributes:
        expectation: The row.
        topic: What the conversation was about before.
        answer: The reply.
        text: Its wording.
        right: Whether it is what the row expects.
    """

    expectation: Expectation
    topic: Topic | None
    answer: Answer
    text: str
    right: bool

    @property
    def band(self) -> Band:
        """How sure the bot was."""
        return self.answer.band

    @property
    def falsely_answered(self) -> bool:
        """Whether an answer is claimed although there is none; wording plays no part in it."""
        return not self.expectation.answerable and claims_to_know(self.answer)

    @property
    def needlessly_denied(self) -> bool:
        """Whether a right answer says that a part of what was asked is not known.

        Facts that say so themselves are left out: what they tell is part of a right answer.
        """
        known = all(statement.fact.known for statement in self.answer.statements)
        return self.expectation.answerable and self.right and known and self.answer.lacks_something


@dataclass(frozen=True, slots=True)
class Figures:
    """How many questions there were, and what came of them.

    Rates are between 0 and 1, and None where there is nothing to divide by.

    Attributes:
        total: Questions.
        right: Those with the reply that the file expects.
        answered_right: Answerable ones answered as expected.
        answered_wrong: Answerable ones answered with something else.
        asked_back: Answerable ones for which entries were offered.
        said_nothing: Answerable ones of which nothing was said to be known.
        unanswerable: Questions whose answer is not known here.
        falsely_answered: Those of them for which an answer was claimed (`claims_to_know`).
        needlessly_denied: Right answers that call a part of what was asked not known.
    """

    total: int
    right: int
    answered_right: int
    answered_wrong: int
    asked_back: int
    said_nothing: int
    unanswerable: int
    falsely_answered: int
    needlessly_denied: int

    @property
    def answerable(self) -> int:
        """Questions whose answer is known here."""
        return self.total - self.unanswerable

    @property
    def right_rate(self) -> float | None:
        """Share of all questions with the reply that the file expects."""
        return _share(self.right, self.total)

    @property
    def coverage(self) -> float | None:
        """Share of the answerable questions that were answered, rightly or not."""
        return _share(self.answered_right + self.answered_wrong, self.answerable)

    @property
    def precision(self) -> float | None:
        """Share of right ones among the answers given; false ones count as given."""
        given = self.answered_right + self.answered_wrong + self.falsely_answered
        return _share(self.answered_right, given)

    @property
    def false_answer_rate(self) -> float | None:
        """Share of the unanswerable questions for which an answer was claimed."""
        return _share(self.falsely_answered, self.unanswerable)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


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
            rows: list[Expectation] = []
            for row in reader:
                rows.append(_expectation(row, f"{path.name}:{reader.line_num}", rows))
            return rows
    except (OSError, UnicodeDecodeError, csv.Error) as exc:
        raise QuestionFileError(f"{path.name}: not readable: {exc}") from exc


def _expectation(
    row: dict[str, str | None], where: str, above: Sequence[Expectation]
) -> Expectation:
    question, kind = row["question"] or "", row["kind"] or ""
    must = (row["must"] or "").strip()
    answerable = (row["answerable"] or "").strip()
    if answerable not in {"yes", "no"}:
        raise QuestionFileError(f"{where}: answerable must be yes or no, not {answerable!r}")
    try:
        pattern = re.compile(must, re.IGNORECASE) if must else None
    except re.error as exc:
        raise QuestionFileError(f"{where}: not a regular expression: {exc}") from exc
    part = above[-1].part if kind == FOLLOW_UP and above else _part(question)
    return Expectation(question, kind, pattern, answerable == "yes", part)


def _part(question: str) -> Part:
    return Part.REPORT if crc32(question.encode()) % 2 else Part.TUNE


def mistype(expectations: Sequence[Expectation], seed: int) -> list[Expectation]:
    """The same rows, asked as somebody types on a phone. Each stays in its half of the file."""
    typed = mistyped([expectation.question for expectation in expectations], seed)
    return [
        replace(expectation, question=question)
        for expectation, question in zip(expectations, typed, strict=True)
    ]


def evaluate(
    expectations: Iterable[Expectation],
    ask: Callable[[str, Topic | None], Answer],
    word: Callable[[Answer], str],
) -> list[Outcome]:
    """Ask every question and judge the replies.

    Args:
        expectations: The rows, in the order of the file.
        ask: Answers a question, given what the conversation was about before.
        word: Turns an answer into plain text.
    """
    return converse(
        expectations,
        lambda expectation, topic: judge(
            expectation, topic, ask(expectation.question, topic), word
        ),
    )


def converse(
    expectations: Iterable[Expectation],
    reply: Callable[[Expectation, Topic | None], Outcome],
) -> list[Outcome]:
    """Get a reply to every row, given the topic of the conversation that it belongs to."""
    outcomes = []
    topic: Topic | None = None
    for expectation in expectations:
        if expectation.kind != FOLLOW_UP:
            topic = None
        outcome = reply(expectation, topic)
        topic = outcome.answer.leads_to or topic
        outcomes.append(outcome)
    return outcomes


def judge(
    expectation: Expectation, topic: Topic | None, answer: Answer, word: Callable[[Answer], str]
) -> Outcome:
    """Judge one reply."""
    text = word(answer)
    return Outcome(expectation, topic, answer, text, _is_right(expectation, answer.band, text))


def _is_right(expectation: Expectation, band: Band, text: str) -> bool:
    """Judge one reply: a right text, or for what is not known also an honest "nothing"."""
    if not expectation.answerable and band is Band.NONE:
        return True
    return expectation.must is None or expectation.must.search(text) is not None


def claims_to_know(answer: Answer) -> bool:
    """Whether a reply presents itself as the answer, without admitting that it is none.

    It is admitted where a fact told says that something is not stated in the sources, where the
    asked aspect is reported as missing or a noun of the question as not told of, counted or named,
    where a section has nothing to tell or says that no date comes up, that no day is known, that
    the question takes something wrong for granted or that it names another time, where a list
    counts entries that might belong to it or has none for a word of the question, where nothing
    is known from the days asked for, and where they begin with a session that cannot have been
    the last one. Warnings ("the newest statement is old") do not
    count, nor words called unknown, nor the state of what the topic depends on: they come along
    with right answers just as well.
    """
    if answer.band is not Band.ANSWER:
        return False
    admitted = (
        any(not statement.fact.known for statement in answer.statements)
        or answer.lacks_something
        or any(not section.statements for section in answer.sections)
        or any(section.caveats.doubts for section in answer.sections)
        or (answer.listing is not None and bool(answer.listing.unknown or answer.listing.beyond))
        or (answer.news is not None and (not answer.news.told or answer.news.event_is_old))
    )
    return not admitted


def count(outcomes: Iterable[Outcome]) -> Figures:
    """Count what came of questions."""
    listed = list(outcomes)
    answerable = [outcome for outcome in listed if outcome.expectation.answerable]
    answered = Counter(o.right for o in answerable if o.band is Band.ANSWER)
    bands = Counter(outcome.band for outcome in answerable)
    return Figures(
        total=len(listed),
        right=sum(outcome.right for outcome in listed),
        answered_right=answered[True],
        answered_wrong=answered[False],
        asked_back=bands[Band.SUGGEST],
        said_nothing=bands[Band.NONE],
        unanswerable=len(listed) - len(answerable),
        falsely_answered=sum(outcome.falsely_answered for outcome in listed),
        needlessly_denied=sum(outcome.needlessly_denied for outcome in listed),
    )


def count_by_kind(outcomes: Iterable[Outcome]) -> dict[str, Figures]:
    """Count for each kind of question, in alphabetical order."""
    kinds: dict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        kinds[outcome.expectation.kind].append(outcome)
    return {kind: count(kinds[kind]) for kind in sorted(kinds)}


def aspect_of(kind: str) -> Aspect | None:
    """The aspect that questions of a kind ask about, or None if it may be any."""
    return _ASPECTS.get(kind)


def understood_as(question: Question) -> Aspect | Aside | None:
    """What a question was taken to ask: its first aspect, or what it is instead."""
    if question.aside is not None:
        return question.aside
    return question.aspects[0] if question.aspects else None


def confusion(outcomes: Iterable[Outcome]) -> dict[str, Counter[Aspect | Aside | None]]:
    """For each kind of question, how often it was understood as what."""
    cells: dict[str, Counter[Aspect | Aside | None]] = defaultdict(Counter)
    for outcome in outcomes:
        cells[outcome.expectation.kind][understood_as(outcome.answer.question)] += 1
    return {kind: cells[kind] for kind in sorted(cells)}
