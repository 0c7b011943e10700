"""The report that an editor reads before publishing: how well a file of questions is answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from handlers.messages import plain
from handlers.replies import reply
from knowledge.answering.answers import Answer, answer
from knowledge.answering.basis import CALIBRATED
from knowledge.answering.confidence import Band
from knowledge.answering.ellipsis import Topic
from knowledge.answering.questions import Question
from knowledge.answering.ranking import Candidate
from knowledge.measuring.calibration import Setting, Surest, calibrate, risk_curve
from knowledge.measuring.evaluation import (
    Expectation,
    Figures,
    Outcome,
    Part,
    aspect_of,
    confusion,
    count,
    count_by_kind,
    evaluate,
    mistype,
)
from knowledge.snapshot import Snapshot

WIDTH = 100
"""Columns of the report where it goes into a file or another program."""

NAME_WIDTH = 42
"""Columns that key and title of a candidate may take, so that its best fact stands beside it."""

_BANDS = {Band.ANSWER: "answered", Band.SUGGEST: "asked back", Band.NONE: "said nothing"}


@dataclass(frozen=True, slots=True)
class Calibration:
    """What moving each threshold does, and how far the signal behind them can be trusted."""

    thresholds: dict[str, list[Setting]]
    surest: list[Surest]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is reported.

    Attributes:
        outcomes: What came of the questions as they were asked.
        part: The half of the file that was asked, or None for all of it.
        seed: Of the typing mistakes, if there were to be any.
        clean: What comes of the same questions without mistakes; the same if there are none.
        calibration: Where it was wanted.
        snapshot: What was answered from.
    """

    outcomes: list[Outcome]
    part: Part | None
    seed: int | None
    clean: list[Outcome]
    calibration: Calibration | None
    snapshot: Snapshot

    @property
    def figures(self) -> Figures:
        """Of all questions together."""
        return count(self.outcomes)

    @property
    def lost(self) -> float:
        """Percentage points fewer right replies than without typing mistakes."""
        return 100 * ((count(self.clean).right_rate or 0.0) - (self.figures.right_rate or 0.0))

    @property
    def lost_answerable(self) -> float:
        """Percentage points fewer of the answerable questions that are answered as expected.

        The figure to look at: of what is not known, "nothing" stays right however it is typed.
        """
        return 100 * (_answered(count(self.clean)) - _answered(self.figures))

    def reached(self, percent: float) -> bool:
        """Whether at least so many percent of the replies are right."""
        return 100 * self.figures.right >= percent * self.figures.total


def _answered(figures: Figures) -> float:
    """Share of the answerable questions that are answered as expected, 0 without any."""
    return figures.answered_right / figures.answerable if figures.answerable else 0.0


def measure(
    expectations: Sequence[Expectation],
    snapshot: Snapshot,
    today: date,
    *,
    home: str | None,
    part: Part | None = None,
    seed: int | None = None,
    calibrated: bool = False,
) -> Report:
    """Ask the questions and put the report together.

    Args:
        expectations: All rows of the file.
        snapshot: The knowledge to answer from.
        today: The day for which answers hold.
        home: Key of the body that the bot serves.
        part: The half of the file to ask, or None for all of it.
        seed: Of typing mistakes to make; they are the same whichever part is asked.
        calibrated: Whether to try other thresholds, too.
    """

    def ask(text: str, topic: Topic | None) -> Answer:
        return answer(text, snapshot, today, topic=topic, home=home)

    def word(found: Answer) -> str:
        return plain(reply(found, snapshot).markup)

    def chosen(rows: Sequence[Expectation]) -> list[Expectation]:
        return [row for row in rows if part in {None, row.part}]

    clean = evaluate(chosen(expectations), ask, word)
    if seed is None:
        asked, outcomes = chosen(expectations), clean
    else:
        asked = chosen(mistype(expectations, seed))
        outcomes = evaluate(asked, ask, word)
    calibration = None
    if calibrated:
        moved = calibrate(asked, snapshot, today, home=home, word=word)
        calibration = Calibration(moved, risk_curve(outcomes))
    return Report(outcomes, part, seed, clean, calibration, snapshot)


def as_json(report: Report) -> dict[str, Any]:
    """The report for programs: rates from 0 to 1, null where there is nothing to divide by."""
    pairs = list(zip(report.outcomes, report.clean, strict=True))
    described = [(outcome, _described(outcome, clean, report)) for outcome, clean in pairs]
    typos = {
        "seed": report.seed,
        "lost_points": round(report.lost, 2),
        "lost_points_answerable": round(report.lost_answerable, 2),
        "without": _figures(count(report.clean)),
    }
    return {
        **_figures(report.figures),
        "part": report.part,
        "kinds": {kind: _figures(f) for kind, f in count_by_kind(report.outcomes).items()},
        "confusion": [
            {"kind": kind, "expected": aspect_of(kind), "understood": understood, "count": times}
            for kind, cells in confusion(report.outcomes).items()
            for understood, times in cells.most_common()
        ],
        "typos": None if report.seed is None else typos,
        "failures": [row for outcome, row in described if not outcome.right],
        "false_answers": [row for outcome, row in described if outcome.falsely_answered],
        "needless_denials": [row for outcome, row in described if outcome.needlessly_denied],
        "calibration": _calibration(report.calibration) if report.calibration else None,
    }


def _figures(figures: Figures) -> dict[str, Any]:
    rates = {
        "right_rate": figures.right_rate,
        "coverage": figures.coverage,
        "precision": figures.precision,
        "false_answer_rate": figures.false_answer_rate,
    }
    rounded = {name: None if r is None else round(r, 4) for name, r in rates.items()}
    return asdict(figures) | {"answerable": figures.answerable} | rounded


def _described(outcome: Outcome, clean: Outcome, report: Report) -> dict[str, Any]:
    expectation, question = outcome.expectation, outcome.answer.question
    candidates = outcome.answer.candidates
    return {
        "question": expectation.question,
        "kind": expectation.kind,
        "answerable": expectation.answerable,
        "must": expectation.must.pattern if expectation.must else None,
        "band": outcome.band,
        "text": outcome.text,
        "without_typos": None
        if report.seed is None
        else {"question": clean.expectation.question, "right": clean.right},
        "topic": outcome.topic.entry if outcome.topic else None,
        "aspects": list(question.aspects),
        "aside": question.aside,
        "listing": question.listing,
        "follow_up": question.follow_up,
        "corrections": [{"written": c.written, "read": c.read} for c in question.corrections],
        "unknown": list(question.unknown),
        "candidates": [
            {
                "key": candidate.key,
                "title": report.snapshot.entries[candidate.key].title,
                "score": round(_relative(candidate, candidates), 4),
                "coverage": round(candidate.coverage, 4),
                "named": candidate.named,
                "best_fact": candidate.best_fact or None,
            }
            for candidate in candidates
        ],
    }


def _relative(candidate: Candidate, candidates: Sequence[Candidate]) -> float:
    """The score as a share of the best one's."""
    best = candidates[0].score
    return candidate.score / best if best else 0.0


def _calibration(calibration: Calibration) -> dict[str, Any]:
    return {
        "thresholds": {
            name: [
                {"value": s.value, "in_use": _in_use(name, s), **_figures(s.figures)}
                for s in settings
            ]
            for name, settings in calibration.thresholds.items()
        },
        "surest": [
            {**asdict(point), "precision": round(point.right / point.answers, 4)}
            for point in calibration.surest
        ],
    }


def _in_use(threshold: str, setting: Setting) -> bool:
    in_use: float = getattr(CALIBRATED, threshold)
    return setting.value == in_use


def show(report: Report, console: Console) -> None:
    """Print the report for people."""
    console.print(_kinds_table(report))
    for line in _summary(report):
        console.print(line, markup=False, highlight=False)
    console.print(_confusion_table(report))
    if report.calibration:
        console.print(_thresholds_table(report.calibration))
        console.print(_surest_table(report.calibration))
    wrong = [pair for pair in zip(report.outcomes, report.clean, strict=True) if _bad(pair[0])]
    for number, (outcome, clean) in enumerate(wrong, 1):
        console.print()
        for line in _explained(number, outcome, clean, report):
            shown = _cut(_printable(line), console.width)
            console.print(shown, markup=False, highlight=False)


def _bad(outcome: Outcome) -> bool:
    return not outcome.right or outcome.falsely_answered


def _kinds_table(report: Report) -> Table:
    table = _table(
        "Kind", "Right", "%", "Cover-\nage %", "Preci-\nsion %", "Answ.\nright", "Answ.\nwrong"
    )
    for heading in ("Asked\nback", "Said\nnothing", "False\nanswers"):
        table.add_column(heading, justify="right")
    for kind, figures in count_by_kind(report.outcomes).items():
        table.add_row(Text(_printable(kind)), *_cells(figures))
    table.add_section()
    table.add_row("all", *_cells(report.figures))
    return table


def _cells(figures: Figures) -> Iterator[str]:
    yield f"{figures.right}/{figures.total}"
    yield from map(_percent, (figures.right_rate, figures.coverage, figures.precision))
    numbers = (
        figures.answered_right,
        figures.answered_wrong,
        figures.asked_back,
        figures.said_nothing,
    )
    yield from map(str, numbers)
    yield f"{figures.falsely_answered}/{figures.unanswerable}" if figures.unanswerable else "–"


def _summary(report: Report) -> Iterator[str]:
    figures = report.figures
    if report.part:
        yield f"Only the questions of the half to {report.part}."
    yield (
        f"Coverage: {_percent(figures.coverage)} % of {figures.answerable} answerable questions "
        "are answered."
    )
    yield f"Precision: {_percent(figures.precision)} % of the answers given are right."
    yield (
        f"False answers: {_percent(figures.false_answer_rate)} % of {figures.unanswerable} "
        "unanswerable questions are answered as if it were known."
    )
    yield (
        f"Denials: {figures.needlessly_denied} of {figures.answered_right} right answers call a "
        "part of what was asked not known."
    )
    if report.seed is not None:
        clean = count(report.clean)
        yield (
            f"Typing mistakes (seed {report.seed}) cost {report.lost:.1f} points, "
            f"{report.lost_answerable:.1f} of the answerable questions: "
            f"{_percent(clean.right_rate)} % are right without them, "
            f"{_percent(figures.right_rate)} % with them."
        )
        yield (
            f"Without them: coverage {_percent(clean.coverage)} %, precision "
            f"{_percent(clean.precision)} %, false answers {_percent(clean.false_answer_rate)} %."
        )


def _confusion_table(report: Report) -> Table:
    table = Table(box=SIMPLE)
    table.add_column("Kind")
    table.add_column("Asks for")
    table.add_column("Understood as")
    for kind, cells in confusion(report.outcomes).items():
        row = " · ".join(f"{what or 'nothing'} {times}" for what, times in cells.most_common())
        table.add_row(Text(_printable(kind)), aspect_of(kind) or "–", row)
    return table


def _thresholds_table(calibration: Calibration) -> Table:
    table = _table("Threshold", "Value", "Answ. %", "Right %", "Wrong %", "Asked\nback %")
    for heading in ("Said\nnothing %", "False\nanswers %"):
        table.add_column(heading, justify="right")
    for name, settings in calibration.thresholds.items():
        table.add_section()
        for setting in settings:
            used = _in_use(name, setting)
            f = setting.figures
            counted = (f.answered_right, f.answered_wrong, f.asked_back, f.said_nothing)
            table.add_row(
                name,
                f"in use {setting.value:.2f}" if used else f"{setting.value:.2f}",
                _percent(f.coverage),
                *(_percent(n / f.answerable if f.answerable else None) for n in counted),
                _percent(f.false_answer_rate),
                style="bold" if used else None,
            )
    return table


def _surest_table(calibration: Calibration) -> Table:
    table = _table("Surest answers", "Signal from", "Answers", "Right", "Precision %")
    for point in calibration.surest:
        table.add_row(
            f"{point.share:.0%}",
            f"{point.signal:.2f}",
            str(point.answers),
            str(point.right),
            _percent(point.right / point.answers),
        )
    return table


def _table(first: str, *numbers: str) -> Table:
    table = Table(box=SIMPLE)
    table.add_column(first)
    for heading in numbers:
        table.add_column(heading, justify="right")
    return table


def _explained(number: int, outcome: Outcome, clean: Outcome, report: Report) -> Iterator[str]:
    """One block on a reply that is not as it should be."""
    expectation, candidates = outcome.expectation, outcome.answer.candidates
    yield f"{number}. {expectation.question}"
    falsely = " · falsely: this is not known" if outcome.falsely_answered else ""
    yield _field("Verdict", f"{expectation.kind} · {_BANDS[outcome.band]}{falsely}")
    if report.seed is not None and not _bad(clean):
        yield _field("Right for", clean.expectation.question)
    yield _field("Understood", _understood(outcome.answer.question, outcome.topic))
    read = _read(outcome.answer.question)
    if read:
        yield _field("Read", read)
    for candidate in candidates:
        first = candidate is candidates[0]
        yield _field("Candidates" if first else "", _signals(candidate, candidates, report))
    if candidates and candidates[0].best_fact:
        fact, _ = report.snapshot.facts[candidates[0].best_fact]
        yield _field("Best fact", fact.text)
    yield _field("Expected", expectation.must.pattern if expectation.must else "any reply")
    yield _field("Reply", " ".join(outcome.text.split()))


def _understood(question: Question, topic: Topic | None) -> str:
    signs = [", ".join(question.aspects) or "no aspect"]
    if question.aside:
        signs.append(f"aside: {question.aside}")
    if question.listing:
        signs.append("a list")
    if question.follow_up:
        signs.append(
            f"follow-up to {topic.entry}" if topic and topic.entry else "follow-up to nothing"
        )
    return " · ".join(signs)


def _read(question: Question) -> str:
    """Words that were not read as written, and words that were not known."""
    signs = [f"{c.written} as {c.read}" for c in question.corrections]
    if question.unknown:
        signs.append(f"unknown: {', '.join(question.unknown)}")
    return " · ".join(signs)


def _signals(candidate: Candidate, candidates: Sequence[Candidate], report: Report) -> str:
    """What spoke for an entry: score beside the best one's, coverage, name, best fact."""
    named = "named" if candidate.named else ""
    title = report.snapshot.entries[candidate.key].title
    name = _cut(f"{candidate.key} {title}", NAME_WIDTH)
    fact = f" · {candidate.best_fact}" if candidate.best_fact else ""
    return (
        f"{_relative(candidate, candidates):.2f}  covers {candidate.coverage:.2f}  "
        f"{named:<5}  {name}{fact}"
    )


def _field(name: str, value: str) -> str:
    return f"   {name:<12}{value}"


def _percent(rate: float | None) -> str:
    return "–" if rate is None else f"{100 * rate:.1f}"


def _printable(text: str) -> str:
    """Without characters that would move a terminal's cursor or change its colours."""
    return "".join(c if c.isprintable() else " " for c in text)


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else f"{text[: width - 1]}…"
