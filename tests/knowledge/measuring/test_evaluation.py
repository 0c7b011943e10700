"""Measuring answers against a file of questions."""

from datetime import date
from pathlib import Path

import pytest

from knowledge.answering.answers import Answer, answer
from knowledge.answering.asides import Aside
from knowledge.answering.confidence import Band
from knowledge.answering.ellipsis import Topic
from knowledge.answering.questions import understand
from knowledge.entries import Aspect, Entry, Phase
from knowledge.measuring.evaluation import (
    FOLLOW_UP,
    Figures,
    Outcome,
    Part,
    QuestionFileError,
    aspect_of,
    claims_to_know,
    confusion,
    count,
    count_by_kind,
    evaluate,
    mistype,
    read,
    understood_as,
)
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
        self.topics: list[Topic | None] = []

    def ask(self, text: str, topic: Topic | None) -> Answer:
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
    assert outcomes[0].answer.sections[0].entry.key == "EF-1"
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
    outcomes = evaluate(read(path), conversation.ask, wording)
    asked_of = [topic and topic.entry for topic in conversation.topics]
    assert asked_of == [None, None, "EF-1", "EF-1", None, "EF-2", None]
    assert [outcome.topic for outcome in outcomes] == conversation.topics


def test_no_questions_give_no_outcomes() -> None:
    assert evaluate([], Conversation().ask, wording) == []


def test_an_outcome_names_its_expectation(tmp_path: Path) -> None:
    expectations = read(a_file(tmp_path, "Was sind die Sprachkurse?\tdefinition\t\tx\tyes"))
    (outcome,) = evaluate(expectations, Conversation().ask, wording)
    assert outcome.expectation is expectations[0]
    assert not outcome.right


def test_a_question_belongs_to_a_half_by_the_checksum_of_its_text(tmp_path: Path) -> None:
    # The rule is a promise: whoever changes it has tuned on questions that are then reported.
    path = a_file(
        tmp_path, *(f"{text}\tstatus\t\t\tyes" for text in ("Wie weit?", "Wann?", "Müssen?"))
    )
    parts = [expectation.part for expectation in read(path)]
    assert parts == [Part.REPORT, Part.TUNE, Part.REPORT]


def test_a_follow_up_stays_with_the_row_that_it_follows(tmp_path: Path) -> None:
    rows = [
        f"{question}\t{kind}\t\t\tyes"
        for question, kind in (
            ("Wann?", FOLLOW_UP),
            ("Wie weit?", "status"),
            ("Wann?", FOLLOW_UP),
            ("Wie?", FOLLOW_UP),
            ("Wann?", "deadline"),
        )
    ]
    parts = [expectation.part for expectation in read(a_file(tmp_path, *rows))]
    assert parts == [Part.TUNE, Part.REPORT, Part.REPORT, Part.REPORT, Part.TUNE]


def test_typing_mistakes_change_the_questions_and_nothing_else(tmp_path: Path) -> None:
    path = a_file(
        tmp_path,
        "Was sind die Sprachkurse?\tdefinition\tF-1\tzwölf\tyes",
        "Müssen wir?\tstatus\t\t\tno",
        "Hallo zusammen\tofftopic\t\t\tno",
    )
    rows = read(path)
    typed = mistype(rows, 3)
    assert typed == mistype(rows, 3)
    assert typed != mistype(rows, 4)
    assert all(old.question != new.question for old, new in zip(rows, typed, strict=True))
    assert typed[1].question.startswith("Mu")
    for old, new in zip(rows, typed, strict=True):
        assert (new.kind, new.must, new.answerable, new.part) == (
            *(old.kind, old.must, old.answerable),
            old.part,
        )


KNOWN = a_fact("Es gibt Kurse.", id="F-1")
NOT_KNOWN = a_fact("Kosten sind nicht belegt.", id="F-2", aspect=Aspect.COST, known=False)
DONE = a_fact("Fertig.", id="F-3", aspect=Aspect.STATUS, phase=Phase.DONE)


@pytest.mark.parametrize(
    ("question", "entries", "claims"),
    [
        ("Was sind die Sprachkurse?", [an_entry(title="Sprachkurse", facts=[KNOWN])], True),
        ("Was kosten die Sprachkurse?", [an_entry(title="Sprachkurse", facts=[NOT_KNOWN])], False),
        ("Was kosten die Sprachkurse?", [an_entry(title="Sprachkurse", facts=[KNOWN])], False),
        ("Sprachkurse", [an_entry(title="Sprachkurse")], False),
        (
            "Welche Maßnahmen sind abgeschlossen?",
            [an_entry("EF-1", facts=[DONE]), an_entry("EF-2", facts=[NOT_KNOWN])],
            False,
        ),
        ("Welche Maßnahmen sind abgeschlossen?", [an_entry("EF-1", facts=[DONE])], True),
        ("Raumfahrtbahnhof Xyzzyburg", [an_entry(title="Sprachkurse", facts=[KNOWN])], False),
        ("danke", [an_entry(title="Sprachkurse", facts=[KNOWN])], False),
        (
            # Words that are not known are no admission: most of them are typing mistakes.
            "Was sind die Sprachkurse für Mütter mit Kindern? Xyzzyburg",
            [an_entry(title="Sprachkurse für Mütter mit Kindern", facts=[KNOWN])],
            True,
        ),
    ],
)
def test_an_answer_claims_to_know_unless_it_admits_a_gap(
    question: str, entries: list[Entry], claims: bool
) -> None:
    found = answer(question, Snapshot(entries), date(2024, 10, 20))
    assert claims_to_know(found) is claims


def test_a_warning_is_no_admission() -> None:
    snapshot = Snapshot([an_entry(title="Sprachkurse", facts=[KNOWN])])
    found = answer("Was sind die Sprachkurse?", snapshot, date(2030, 1, 1))
    assert found.sections[0].caveats.stale is not None
    assert claims_to_know(found)


def outcomes_of(tmp_path: Path, *rows: str) -> list[Outcome]:
    return evaluate(read(a_file(tmp_path, *rows)), Conversation().ask, wording)


def test_a_false_answer_is_counted_even_where_its_text_matches_by_accident(tmp_path: Path) -> None:
    accident, refused, known = outcomes_of(
        tmp_path,
        "Was sind die Sprachkurse?\tdefinition\t\tKurse\tno",
        "Raumfahrtbahnhof Xyzzyburg\tdefinition\t\tKurse\tno",
        "Was sind die Sprachkurse?\tdefinition\t\tKurse\tyes",
    )
    assert (accident.right, accident.falsely_answered) == (True, True)
    assert (refused.right, refused.falsely_answered) == (True, False)
    assert (known.right, known.falsely_answered) == (True, False)


def test_a_right_answer_that_calls_the_asked_not_known_is_counted(tmp_path: Path) -> None:
    denied, plain, wrong, honest = outcomes_of(
        tmp_path,
        "Was kosten die Sprachkurse?\tcost\t\tzwölf\tyes",
        "Was sind die Sprachkurse?\tdefinition\t\tzwölf\tyes",
        "Was kosten die Sprachkurse?\tcost\t\thundert\tyes",
        "Was kosten die Sprachkurse?\tcost\t\tzwölf\tno",
    )
    found = [outcome.needlessly_denied for outcome in (denied, plain, wrong, honest)]
    assert found == [True, False, False, False]


def test_a_fact_that_says_itself_what_is_not_known_is_no_needless_denial(tmp_path: Path) -> None:
    snapshot = Snapshot([an_entry(title="Sprachkurse", facts=[KNOWN, NOT_KNOWN])])
    told = answer("Was kosten die Sprachkurse?", snapshot, date(2030, 1, 1))
    (row,) = read(a_file(tmp_path, "Was kosten die Sprachkurse?\tcost\t\t\tyes"))
    assert not Outcome(row, None, told, "", right=True).needlessly_denied


def test_every_reply_is_counted_once(tmp_path: Path) -> None:
    outcomes = outcomes_of(
        tmp_path,
        "Was sind die Sprachkurse?\tdefinition\t\tzwölf\tyes",
        "Was ist der Dolmetscherpool?\tdefinition\t\toffen\tyes",
        "Was sind die Sprachkurse?\tdefinition\t\thundert\tyes",
        "Raumfahrtbahnhof Xyzzyburg\tdefinition\t\tMond\tyes",
        "Raumfahrtbahnhof Xyzzyburg\tofftopic\t\tMond\tno",
        "Was sind die Sprachkurse?\tcost\t\tnicht belegt\tno",
        "Was kosten die Sprachkurse?\tcost\t\tzwölf\tno",
    )
    figures = count(outcomes)
    assert figures == Figures(
        total=7,
        right=4,
        answered_right=2,
        answered_wrong=1,
        asked_back=0,
        said_nothing=1,
        unanswerable=3,
        falsely_answered=1,
        needlessly_denied=0,
    )
    assert figures.answerable == 4
    assert figures.right_rate == pytest.approx(4 / 7)
    assert figures.coverage == pytest.approx(3 / 4)
    assert figures.precision == pytest.approx(2 / 4)
    assert figures.false_answer_rate == pytest.approx(1 / 3)


def test_asking_back_is_neither_answer_nor_silence(tmp_path: Path) -> None:
    (row,) = read(a_file(tmp_path, "Was sind die Kurse?\tdefinition\t\tKurse\tyes"))
    asked = Answer(Band.SUGGEST, understand(row.question, SNAPSHOT), date(2025, 10, 20))
    figures = count([Outcome(row, None, asked, "Meinten Sie Kurse?", right=True)])
    assert (figures.right, figures.asked_back, figures.answered_right) == (1, 1, 0)
    assert (figures.coverage, figures.precision) == (0.0, None)


def test_without_questions_there_is_no_rate() -> None:
    figures = count([])
    assert figures == Figures(0, 0, 0, 0, 0, 0, 0, 0, 0)
    rates = (figures.right_rate, figures.coverage, figures.precision, figures.false_answer_rate)
    assert rates == (None, None, None, None)


def test_kinds_are_counted_apart_and_in_order(tmp_path: Path) -> None:
    kinds = count_by_kind(
        outcomes_of(
            tmp_path,
            "Was sind die Sprachkurse?\tstatus\t\tzwölf\tyes",
            "Was sind die Sprachkurse?\tdefinition\t\thundert\tyes",
            "Was sind die Sprachkurse?\tstatus\t\thundert\tyes",
        )
    )
    assert [(kind, f.right, f.total) for kind, f in kinds.items()] == [
        ("definition", 0, 1),
        ("status", 1, 2),
    ]


@pytest.mark.parametrize(
    ("kind", "aspect"),
    [
        ("deadline", Aspect.DUE),
        ("definition", Aspect.SUMMARY),
        ("change", Aspect.HISTORY),
        *((aspect.value, aspect) for aspect in Aspect),
        ("offtopic", None),
        ("followup", None),
        ("comparison", None),
        ("list", None),
        ("frei erfunden", None),
    ],
)
def test_a_kind_asks_for_an_aspect_or_for_anything(kind: str, aspect: Aspect | None) -> None:
    assert aspect_of(kind) is aspect


@pytest.mark.parametrize(
    ("question", "understood"),
    [
        ("Was kosten die Sprachkurse?", Aspect.COST),
        ("Sprachkurse", None),
        ("danke", Aside.THANKS),
        ("Wann bekomme ich meinen Aufenthaltstitel?", Aside.PERSONAL),
    ],
)
def test_a_question_is_understood_as_its_first_aspect_or_as_an_aside(
    question: str, understood: Aspect | Aside | None
) -> None:
    assert understood_as(understand(question, SNAPSHOT)) is understood


def test_confusion_holds_only_what_occurs(tmp_path: Path) -> None:
    cells = confusion(
        outcomes_of(
            tmp_path,
            "Was kosten die Sprachkurse?\tcost\t\t\tyes",
            "Wann sind die Sprachkurse?\tcost\t\t\tyes",
            "Was kosten Sprachkurse?\tcost\t\t\tyes",
            "danke\tofftopic\t\t\tno",
        )
    )
    assert cells == {"cost": {Aspect.COST: 2, Aspect.DUE: 1}, "offtopic": {Aside.THANKS: 1}}
    assert list(cells) == ["cost", "offtopic"]
