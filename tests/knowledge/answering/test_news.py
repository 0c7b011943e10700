"""What changed: the facts of the days asked for, newest first, of the scope that is meant."""

from datetime import date
from typing import Any

import pytest

from handlers.messages import plain
from handlers.replies import reply
from knowledge.answering.answers import Answer, answer
from knowledge.answering.confidence import Band
from knowledge.answering.ellipsis import Topic
from knowledge.answering.news import MOST_TOLD, News
from knowledge.entries import Aspect, Kind
from knowledge.measuring.evaluation import claims_to_know
from knowledge.partial_date import Period
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

TODAY = date(2025, 10, 20)


def dated(number: int, text: str, when: str, aspect: Aspect = Aspect.STATUS, **more: Any) -> Any:
    return a_fact(text, id=f"N-{number}", aspect=aspect, as_of=when, **more)


TOWN = an_entry("ERFURT", kind=Kind.BODY, title="Erfurt")
PLAN = an_entry(
    "EF-MP",
    kind=Kind.PLAN,
    title="Maßnahmenplan",
    parent="ERFURT",
    links=[{"relation": "depends_on", "target": "TH-IK"}],
    facts=[
        dated(1, "Der Maßnahmenplan wird überarbeitet.", "2025-05-02"),
        dated(2, "Der Maßnahmenplan hängt vom Land ab.", "2024"),
        dated(3, "Der Maßnahmenplan ist ein Papier.", "2025-06-01", Aspect.SUMMARY),
        dated(4, "Das Ende des Maßnahmenplans ist nicht belegt.", "2025-07-01", known=False),
    ],
)
MEASURE = an_entry(
    "EF-1",
    title="Sprachcafé",
    parent="EF-MP",
    facts=[dated(5, "Das Sprachcafé wurde eröffnet.", "2025-08-15")],
)
SESSION = an_entry(
    "EF-SR",
    kind=Kind.MILESTONE,
    title="Stadtratssitzung im Februar",
    parent="ERFURT",
    facts=[dated(6, "Der Rat tagte.", "2025-02-07", Aspect.DUE, due="2025-02-07")],
)
STATE = an_entry(
    "TH-IK",
    kind=Kind.PLAN,
    title="Landeskonzept",
    facts=[dated(7, "Das Land hat neu entschieden.", "2025-09-01")],
)
SNAPSHOT = Snapshot([TOWN, PLAN, MEASURE, SESSION, STATE])


def asked(text: str) -> Answer:
    return answer(text, SNAPSHOT, TODAY, home="ERFURT")


def news(text: str) -> News:
    found = asked(text).news
    assert found is not None
    return found


def told(text: str) -> list[str]:
    return [statement.fact.id for statement in news(text).told]


def test_changes_since_a_day_are_told_newest_first() -> None:
    assert told("Was hat sich beim Maßnahmenplan seit April 2025 geändert?") == [
        "N-5",
        "N-1",
        "N-3",
    ]


def test_what_happened_in_a_span_comes_before_how_things_stood() -> None:
    plan = an_entry(
        "EF-MP",
        kind=Kind.PLAN,
        title="Maßnahmenplan",
        facts=[
            dated(1, "Der Plan wird noch beraten.", "2025-06"),
            dated(2, "Der Plan wurde beschlossen.", "2025-06", occurred="2025-02-03"),
        ],
    )

    def order(text: str) -> list[str]:
        found = answer(text, Snapshot([TOWN, plan]), TODAY, home="ERFURT").news
        assert found is not None
        return [statement.fact.id for statement in found.told]

    assert order("Was hat sich 2025 am Maßnahmenplan geändert?") == ["N-2", "N-1"]
    assert order("Neues zum Maßnahmenplan") == ["N-1", "N-2"]


def test_the_words_of_the_span_do_not_name_the_entry() -> None:
    found = news("Was ist beim Sprachcafé seit Februar passiert?")
    assert found.scope == MEASURE
    assert found.span == Period(date(2025, 2, 1), None)


def test_without_a_subject_the_news_are_those_of_the_town_and_of_what_its_plans_hang_on() -> None:
    found = news("Was gibt es Neues?")
    assert found.scope == TOWN
    assert [s.fact.id for s in found.told] == ["N-7", "N-5", "N-1", "N-6", "N-2"]


def test_what_describes_a_thing_is_no_news_of_a_town() -> None:
    assert "N-3" not in told("Was hat sich seit Januar 2025 getan?")


def test_what_is_not_known_is_no_news() -> None:
    assert "N-4" not in told("Neues zum Maßnahmenplan")


def test_a_date_too_vague_for_the_span_is_told_apart() -> None:
    found = news("Was hat sich beim Maßnahmenplan im September 2024 geändert?")
    assert found.told == ()
    assert [s.fact.id for s in found.vague] == ["N-2"]


def test_where_nothing_happened_the_newest_fact_is_named() -> None:
    found = news("Was hat sich beim Sprachcafé seit Oktober 2025 geändert?")
    assert (found.told, found.total) == ((), 0)
    assert found.newest is not None
    assert found.newest.fact.id == "N-5"


def test_where_nothing_happened_an_older_event_is_not_called_the_newest_word() -> None:
    event = dated(9, "Der Kurs begann.", "2024-12", occurred="2024-12")
    later = dated(10, "Der Kurs läuft.", "2025-03-21")
    course = an_entry("EF-9", title="Sprachkurs", parent="EF-MP", facts=[event, later])
    base = Snapshot([TOWN, PLAN, course])
    found = answer("Was hat sich beim Sprachkurs seit Oktober 2025 geändert?", base, TODAY)
    assert found.news is not None
    assert found.news.newest is not None
    assert found.news.newest.fact.id == "N-10"
    said = plain(reply(found, base).markup)
    assert "nichts belegt. Die jüngste Angabe davor oder danach:" in said


def test_a_fact_that_names_the_time_answers_although_it_is_from_another() -> None:
    counted = dated(8, "2023 waren es 677 Anträge, 2024 waren es 1.112.", "2025-03-21")
    offices = an_entry("EF-AMT", kind=Kind.BODY, title="Einbürgerungsamt", facts=[counted])
    base = Snapshot([TOWN, offices])
    told = answer("Was hat sich im Einbürgerungsamt von 2023 auf 2024 geändert?", base, TODAY)
    assert (told.news, [s.fact.id for s in told.statements]) == (None, ["N-8"])
    none = answer("Was hat sich im Einbürgerungsamt von 2018 auf 2019 geändert?", base, TODAY)
    assert none.news is not None
    assert none.news.is_empty


def test_since_the_last_session_means_since_the_last_one_on_record() -> None:
    found = news("Was hat sich seit der letzten Ratssitzung geändert?")
    assert found.event == SESSION
    assert found.span == Period(date(2025, 2, 7), None)
    assert [s.fact.id for s in found.told] == ["N-7", "N-5", "N-1", "N-6"]


@pytest.mark.parametrize(
    ("today", "is_old"), [(date(2025, 5, 6), False), (date(2025, 5, 7), True)]
)
def test_a_session_of_three_months_ago_is_not_taken_for_the_last_one(
    today: date, is_old: bool
) -> None:
    question = "Was hat sich seit der letzten Ratssitzung geändert?"
    found = answer(question, SNAPSHOT, today, home="ERFURT")
    assert found.news is not None
    assert found.news.event_is_old is is_old
    assert claims_to_know(found) is not is_old
    assert ("Spätere Sitzungen" in plain(reply(found, SNAPSHOT).markup)) is is_old


def test_what_came_of_something_is_asked_for_itself_with_news_too() -> None:
    found = asked("Gibt es Neues vom Sprachcafé, was kam da raus?")
    assert found.news is None
    assert found.sections[0].admitted.missing == (Aspect.RESULT,)
    assert asked("Gibt es Neues vom Sprachcafé?").news is not None
    assert asked("Gibt es Neues zum Stand des Sprachcafés?").news is not None


def test_changes_are_those_of_the_last_topic_if_nothing_else_is_named() -> None:
    text = "Und was hat sich seit August 2025 geändert?"
    found = answer(text, SNAPSHOT, TODAY, topic=Topic("EF-1"), home="ERFURT").news
    assert found is not None
    assert (found.scope, [s.fact.id for s in found.told]) == (MEASURE, ["N-5"])
    without = answer(text, SNAPSHOT, TODAY, home="ERFURT").news
    assert without is not None
    assert without.scope == TOWN


def test_news_of_many_entries_do_not_repeat_one() -> None:
    facts = [
        dated(20 + n, f"Der Maßnahmenplan, Folge {n}.", f"2025-09-{n:02}") for n in range(1, 9)
    ]
    busy = PLAN.model_copy(update={"facts": tuple(facts)})
    found = answer(
        "Was ist seit Juli 2025 passiert?",
        Snapshot([TOWN, busy, MEASURE, STATE]),
        TODAY,
        home="ERFURT",
    ).news
    assert found is not None
    assert len(found.told) == MOST_TOLD
    assert found.total == 10
    assert [s.entry for s in found.told[:3]] == ["EF-MP", "TH-IK", "EF-1"]


def test_plans_for_the_future_are_no_news() -> None:
    later = an_entry(
        "EF-2", title="Festwoche", parent="EF-MP", facts=[dated(9, "Fest.", "2026-05")]
    )
    found = answer("Neues zur Festwoche", Snapshot([TOWN, PLAN, later]), TODAY, home="ERFURT").news
    assert found is not None
    assert found.told == ()


@pytest.mark.parametrize(
    "text",
    [
        "Wer ist seit 2021 für den Maßnahmenplan zuständig?",
        "Seit wann gibt es den Plan?",
        "Was war das für ein Maßnahmenplan 2025?",
    ],
)
def test_questions_for_other_things_are_no_questions_for_news(text: str) -> None:
    assert asked(text).news is None


def test_an_unknown_subject_has_no_news() -> None:
    found = asked("Was hat sich beim Willkommenslotsen seit März 2025 geändert?")
    assert found.band is Band.NONE
    assert found.news is None


def test_facts_of_news_count_as_those_of_the_answer() -> None:
    found = asked("Was hat sich beim Sprachcafé seit Juli 2025 geändert?")
    assert [fact.id for fact in found.facts] == ["N-5"]
    assert found.as_of is not None
    assert found.as_of.iso() == "2025-08-15"
