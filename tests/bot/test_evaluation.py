"""The report on a file of questions, for people and for programs."""

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bot.evaluation import Report, as_json, measure, show
from knowledge.entries import Aspect
from knowledge.measuring.evaluation import Part, count, read
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

TODAY = date(2024, 11, 1)
SNAPSHOT = Snapshot(
    [
        an_entry(
            "EF-1",
            title="Sprachkurse für Mütter",
            facts=[
                a_fact("Es gibt zwölf Kurse.", id="F-1"),
                a_fact("Die Kosten sind nicht belegt.", id="F-2", aspect=Aspect.COST, known=False),
            ],
        ),
        an_entry(
            "EF-2",
            title="Sprachkurse für Väter",
            facts=[a_fact("Sie beginnen im Mai.", id="F-3", aspect=Aspect.DUE)],
        ),
    ]
)
ROWS = (
    "Was sind Sprachkurse für Mütter?\tdefinition\t\tzwölf\tyes",
    "und wer macht das?\tfollowup\t\tSozialamt\tyes",
    "Wann beginnen die Sprachkurse für Väter?\tdeadline\t\tJuni\tyes",
    "Was sind Sprachkurse für Mütter?\tcost\t\tKurse\tno",
    "Was kosten die Sprachkurse für Mütter?\tcost\t\tnicht belegt\tno",
    "Weltraum Xyzzyburg\tstatus\t\tMond\tyes",
)


def a_report(folder: Path, *rows: str, **options: Any) -> Report:
    path = folder / "questions.tsv"
    path.write_text(
        "question\tkind\tfacts\tmust\tanswerable\n" + "".join(f"{row}\n" for row in rows or ROWS),
        encoding="utf-8",
    )
    return measure(read(path), SNAPSHOT, TODAY, home=None, **options)


def printed(report: Report, width: int = 100) -> str:
    file = io.StringIO()
    show(report, Console(file=file, width=width, soft_wrap=True))
    return file.getvalue()


def test_programs_get_figures_failures_and_what_was_understood(tmp_path: Path) -> None:
    told = json.loads(json.dumps(as_json(a_report(tmp_path))))
    assert set(told) == {
        *("right", "total", "answered_right", "answered_wrong", "asked_back", "said_nothing"),
        *("answerable", "unanswerable", "falsely_answered", "needlessly_denied"),
        *("right_rate", "coverage", "precision", "false_answer_rate"),
        *("part", "kinds", "confusion", "typos", "failures", "false_answers", "needless_denials"),
        "calibration",
    }
    assert (told["right"], told["total"], told["falsely_answered"]) == (3, 6, 1)
    assert (told["part"], told["typos"], told["calibration"]) == (None, None, None)
    assert told["kinds"]["cost"]["false_answer_rate"] == 0.5
    assert told["kinds"]["cost"]["precision"] == 0.0
    assert told["kinds"]["cost"]["coverage"] is None
    assert {"kind": "deadline", "expected": "due", "understood": "due", "count": 1} in told[
        "confusion"
    ]
    assert [failure["question"] for failure in told["failures"]] == [
        "und wer macht das?",
        "Wann beginnen die Sprachkurse für Väter?",
        "Weltraum Xyzzyburg",
    ]
    (false,) = told["false_answers"]
    assert (false["kind"], false["band"], false["must"]) == ("cost", "answer", "Kurse")


def test_a_failure_tells_which_signals_fired(tmp_path: Path) -> None:
    rows = ("Wann beginnen die Sprachkrse für Väter?\tdeadline\t\tJuni\tyes", *ROWS[:2])
    failure, follow_up = as_json(a_report(tmp_path, *rows))["failures"]
    assert failure["aspects"] == ["due"]
    assert failure["corrections"] == [{"written": "Sprachkrse", "read": "Sprachkurse"}]
    assert "Sie beginnen im Mai." in failure["text"]
    best, second = failure["candidates"]
    assert (best["key"], best["title"], best["score"]) == ("EF-2", "Sprachkurse für Väter", 1.0)
    assert (best["named"], best["best_fact"], best["coverage"]) == (True, "F-3", 1.0)
    assert second["key"] == "EF-1"
    assert 0 < second["score"] < 1
    assert (follow_up["follow_up"], follow_up["topic"]) == (True, "EF-1")
    assert follow_up["candidates"] == []


def test_people_get_a_line_per_kind_and_a_block_per_failure(tmp_path: Path) -> None:
    text = printed(a_report(tmp_path))
    lines = text.splitlines()
    assert all(len(line) <= 100 for line in lines)
    cells = [line.split() for line in lines]
    assert ["all", "3/6", "50.0", "75.0", "25.0", "1", "2", "0", "1", "1/2"] in cells
    assert ["followup", "0/1", "0.0", "100.0", "0.0", "0", "1", "0", "0", "–"] in cells
    assert "Coverage: 75.0 % of 4 answerable questions are answered." in lines
    assert "Precision: 25.0 % of the answers given are right." in lines
    assert (
        "False answers: 50.0 % of 2 unanswerable questions are answered as if it were known."
        in lines
    )
    assert "Denials: 0 of 1 right answers call a part of what was asked not known." in lines
    first = lines.index("1. und wer macht das?")
    assert lines[first + 1 : first + 4] == [
        "   Verdict     followup · answered",
        "   Understood  responsible · follow-up to EF-1",
        "   Expected    Sozialamt",
    ]
    assert "   Candidates  1.00  covers 1.00  named  EF-2 Sprachkurse für Väter · F-3" in lines
    assert "   Best fact   Sie beginnen im Mai." in lines
    assert "   Verdict     cost · answered · falsely: this is not known" in lines
    assert "   Read        unknown: Xyzzyburg" in lines


def test_confusion_is_shown_beside_what_a_kind_asks_for(tmp_path: Path) -> None:
    lines = [" ".join(line.split()) for line in printed(a_report(tmp_path)).splitlines()]
    assert "cost cost summary 1 · cost 1" in lines
    assert "deadline due due 1" in lines
    assert "status status nothing 1" in lines


def test_typing_mistakes_are_set_against_the_same_questions_without(tmp_path: Path) -> None:
    report = a_report(tmp_path, *ROWS[:3], seed=1)
    clean = a_report(tmp_path, *ROWS[:3])
    assert report.clean == clean.outcomes
    assert [o.expectation.question for o in report.outcomes] != [
        row.split("\t")[0] for row in ROWS
    ]
    told = as_json(report)["typos"]
    assert told["seed"] == 1
    assert told["without"]["right"] == clean.figures.right
    assert "Typing mistakes (seed 1) cost " in printed(report)
    assert "Typing mistakes" not in printed(clean)


def test_what_is_not_known_does_not_hide_a_loss(tmp_path: Path) -> None:
    rows = (*ROWS[:1], "Raumfahrt Xyzzy\toff\t\tMond\tno", "Mondfahrt Quux\toff\t\tMond\tno")
    lost = next(
        report
        for seed in range(50)
        if (report := a_report(tmp_path, *rows, seed=seed)).figures.answered_right == 0
    )
    assert lost.lost_answerable == 100.0
    assert lost.lost < 50.0


def test_a_loss_is_counted_in_points_and_its_questions_are_marked(tmp_path: Path) -> None:
    rows = (*ROWS[:1], "Sprachkurse Väter\tdeadline\t\tMai\tyes")
    seed = next(s for s in range(50) if a_report(tmp_path, *rows, seed=s).figures.right == 1)
    report = a_report(tmp_path, *rows, seed=seed)
    assert (report.lost, report.lost_answerable) == (50.0, 50.0)
    told = as_json(report)
    assert told["typos"]["lost_points"] == 50.0
    assert told["typos"]["lost_points_answerable"] == 50.0
    (failure,) = told["failures"]
    assert failure["without_typos"]["right"]
    assert failure["without_typos"]["question"] != failure["question"]
    text = printed(report)
    assert "cost 50.0 points, 50.0 of the answerable questions: 100.0 % are right" in text
    assert f"   Right for   {failure['without_typos']['question']}\n" in text


def test_a_half_is_asked_with_the_same_mistakes_as_the_whole(tmp_path: Path) -> None:
    whole = a_report(tmp_path, seed=2)
    halves = [a_report(tmp_path, seed=2, part=part) for part in Part]
    assert sum(len(half.outcomes) for half in halves) == len(ROWS)
    assert all(half.outcomes for half in halves)
    for half in halves:
        kept = [o for o in whole.outcomes if o.expectation.part is half.part]
        assert half.outcomes == kept
        assert len(half.clean) == len(kept)
        assert f"Only the questions of the half to {half.part}." in printed(half)
        assert as_json(half)["part"] == half.part


def test_calibration_marks_the_value_in_use_and_shows_the_surest_answers(tmp_path: Path) -> None:
    report = a_report(tmp_path, calibrated=True)
    told = as_json(report)["calibration"]
    for name, tried in told["thresholds"].items():
        (used,) = [setting for setting in tried if setting["in_use"]]
        assert used["right"] == report.figures.right, name
    assert [point["share"] for point in told["surest"]] == [0.25, 0.5, 0.75, 1.0]
    assert told["surest"][-1]["precision"] == pytest.approx(1 / 3, abs=1e-4)
    text = printed(report)
    assert all(len(line) <= 100 for line in text.splitlines())
    assert text.count("in use") == len(told["thresholds"])
    assert "Surest answers" in text
    assert "Surest answers" not in printed(a_report(tmp_path))


def test_calibration_asks_the_questions_that_were_asked(tmp_path: Path) -> None:
    report = a_report(tmp_path, seed=7, part=Part.REPORT, calibrated=True)
    assert report.calibration is not None
    for tried in report.calibration.thresholds.values():
        assert count(report.outcomes) in [setting.figures for setting in tried]


def test_hostile_text_in_a_file_is_only_text(tmp_path: Path) -> None:
    report = a_report(tmp_path, "\x1b[2J[/]Wetter\t[red]\x1b[31m[/x]\t\tSonne\tyes")
    text = printed(report)
    assert "\x1b" not in text
    assert "[red] [31m[/x]" in text
    assert "[2J[/]Wetter" in text


@pytest.mark.parametrize(("percent", "reached"), [(0, True), (50, True), (50.1, False)])
def test_a_share_of_right_replies_is_reached_or_not(
    tmp_path: Path, percent: float, *, reached: bool
) -> None:
    assert a_report(tmp_path).reached(percent) is reached
