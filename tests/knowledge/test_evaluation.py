"""Measuring answers against a file of questions."""

from datetime import date
from pathlib import Path

import pytest

from knowledge.answers import Answer, answer
from knowledge.confidence import Band
from knowledge.evaluation import FOLLOW_UP, QuestionFileError, evaluate, read
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

HEADER = "question\tkind\tfacts\tmust\tanswerable\n"
SNAPSHOT = Snapshot(
    [
        an_entry("EF-1", title="Sprachkurse", facts=[a_fact("Es gibt zwölf Kurse.", id="F-1")]),
        an_entry("EF-2", title="Dolmetscherpool", facts=[a_fact("Er ist offen.", id="F-2")]),
    ]
)


def a_file(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "questions.tsv"
    path.write_text(header + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    return path


def test_rows_are_read_in_order(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        'Was ist "MBE"?\tdefinition\tE-35\tMigrations.*\tyes',
        "wie wird das Wetter\toff\t\t\tno",
    )
    (first, second) = read(path)
    assert (first.question, first.kind, first.answerable) == ('Was ist "MBE"?', "definition", True)
    assert first.must is not None
    assert first.must.search("eine migrationsberatung")
    assert (second.must, second.answerable) == (None, False)


def test_columns_may_come_in_any_order_and_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "questions.tsv"
    rows = "answerable\tmust\tfacts\tkind\tquestion\textra\nyes\tx\t\tk\tWas?\tnoch etwas\n"
    path.write_text(rows, encoding="utf-8-sig")
    assert [expectation.question for expectation in read(path)] == ["Was?"]


def test_a_file_without_rows_holds_no_questions(tmp_path: Path) -> None:
    assert read(a_file(tmp_path)) == []


@pytest.mark.parametrize(
    ("header", "row", "complaint"),
    [
        ("question\tkind\n", "", "questions.tsv: no column answerable, facts, must"),
        ("", "", "questions.tsv: no column answerable, facts, kind, must, question"),
        (HEADER, "q\tk\t\tx\tmaybe", "questions.tsv:2: answerable must be yes or no, not 'maybe'"),
        (HEADER, "q", "questions.tsv:2: answerable must be yes or no, not ''"),
        (HEADER, "q\tk\t\t(\tyes", "questions.tsv:2: not a regular expression: "),
    ],
)
def test_a_fault_is_named_with_file_and_line(
    tmp_path: Path, header: str, row: str, complaint: str
) -> None:
    with pytest.raises(QuestionFileError) as caught:
        read(a_file(tmp_path, *([row] if row else []), header=header))
    assert str(caught.value).startswith(complaint)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin.tsv").write_bytes(HEADER.encode() + "Grün".encode("latin-1"))
    for name in ("missing.tsv", "latin.tsv", "."):
        with pytest.raises(QuestionFileError, match="not readable"):
            read(tmp_path / name)


class Conversation:
    """Asks the real bot and remembers with which topic."""

    def __init__(self) -> None:
        self.topics: list[str | None] = []

    def ask(self, text: str, topic: str | None) -> Answer:
        self.topics.append(topic)
        return answer(text, SNAPSHOT, date(2025, 10, 20), topic=topic)


def wording(found: Answer) -> str:
    return " ".join(statement.fact.text for statement in found.statements)


def test_an_answer_is_right_if_its_text_matches(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        "Was sind die Sprachkurse?\tdefinition\tF-1\tZWÖLF\tyes",
        "Was sind die Sprachkurse?\tdefinition\tF-1\thundert\tyes",
        "Was sind die Sprachkurse?\tdefinition\tF-1\t\tyes",
    )
    outcomes = evaluate(read(path), Conversation().ask, wording)
    assert [outcome.right for outcome in outcomes] == [True, False, True]
    assert outcomes[0].band is Band.ANSWER
    assert outcomes[0].text == "Es gibt zwölf Kurse."


def test_saying_nothing_is_right_only_where_nothing_is_known(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        "Raumfahrtbahnhof Xyzzyburg\toff\t\tMond\tno",
        "Raumfahrtbahnhof Xyzzyburg\toff\t\tMond\tyes",
    )
    outcomes = evaluate(read(path), Conversation().ask, wording)
    assert [outcome.band for outcome in outcomes] == [Band.NONE, Band.NONE]
    assert [outcome.right for outcome in outcomes] == [True, False]


def test_an_answer_to_what_is_unknown_is_judged_by_its_text(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        "Was sind die Sprachkurse?\tdefinition\t\tnicht belegt\tno",
        "Was sind die Sprachkurse?\tdefinition\t\tKurse\tno",
    )
    outcomes = evaluate(read(path), Conversation().ask, wording)
    assert [outcome.right for outcome in outcomes] == [False, True]


def test_only_a_follow_up_knows_the_topic_before_it(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        f"und was kostet das\t{FOLLOW_UP}\t\t\tno",
        "Was sind die Sprachkurse?\tdefinition\t\t\tyes",
        f"und was kostet das\t{FOLLOW_UP}\t\t\tno",
        f"und wer macht das\t{FOLLOW_UP}\t\t\tno",
        "was ist der Dolmetscherpool\tdefinition\t\t\tyes",
        f"und wann\t{FOLLOW_UP}\t\t\tno",
        "und wann\tdeadline\t\t\tno",
    )
    conversation = Conversation()
    evaluate(read(path), conversation.ask, wording)
    assert conversation.topics == [None, None, "EF-1", "EF-1", None, "EF-2", None]


def test_no_questions_give_no_outcomes() -> None:
    assert evaluate([], Conversation().ask, wording) == []


def test_an_outcome_names_its_expectation(tmp_path: Path) -> None:
    expectations = read(a_file(tmp_path, "Was sind die Sprachkurse?\tdefinition\t\tx\tyes"))
    (outcome,) = evaluate(expectations, Conversation().ask, wording)
    assert outcome.expectation is expectations[0]
    assert not outcome.right
