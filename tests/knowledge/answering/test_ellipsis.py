"""Questions that say only what is new, completed from the one before."""

from datetime import date

import pytest

from knowledge.answering.answers import about, answer
from knowledge.answering.confidence import Band
from knowledge.answering.ellipsis import Topic, completed
from knowledge.answering.questions import understand
from knowledge.entries import Aspect, Kind
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

TODAY = date(2025, 10, 20)
STATE = an_entry("TH", kind=Kind.BODY, title="Freistaat Thüringen")
STATES = an_entry("TH-IK", kind=Kind.PLAN, title="Landeskonzept", parent="TH")
JENA = an_entry("JENA", kind=Kind.BODY, title="Stadt Jena", parent="TH")
JENAS = an_entry(
    "JENA-IK",
    kind=Kind.PLAN,
    title="Integrationskonzept der Stadt Jena",
    parent="JENA",
    facts=[
        a_fact("Das Jenaer Konzept kostet 500 Euro.", id="J-COST", aspect=Aspect.COST),
        a_fact("In Jena ist das Amt für Soziales zuständig.", aspect=Aspect.RESPONSIBLE),
    ],
)
ERFURT = an_entry("ERFURT", kind=Kind.BODY, title="Landeshauptstadt Erfurt", parent="TH")
ERFURTS = an_entry(
    "EF-IK",
    kind=Kind.PLAN,
    title="Integrationskonzept der Landeshauptstadt Erfurt",
    parent="ERFURT",
    facts=[a_fact("Das Erfurter Konzept kostet 900 Euro.", id="E-COST", aspect=Aspect.COST)],
)
POOL = an_entry(
    "EF-1",
    title="Dolmetscherpool",
    parent="EF-IK",
    facts=[
        a_fact("Den Dolmetscherpool betreut das Büro.", aspect=Aspect.RESPONSIBLE),
        a_fact("2024 gab es 12 Einsätze, 2023 waren es 7.", id="N", aspect=Aspect.COUNT),
    ],
)
MONITORING = an_entry(
    "EF-2",
    title="Monitoring",
    parent="EF-IK",
    facts=[a_fact("Das Monitoring betreut das Sozialamt.", id="M", aspect=Aspect.RESPONSIBLE)],
)
SNAPSHOT = Snapshot([STATE, STATES, JENA, JENAS, ERFURT, ERFURTS, POOL, MONITORING])


def whole(text: str, asked: str, entry: str | None = None) -> str | None:
    question = understand(text, SNAPSHOT)
    assert question.goes_on
    return completed(question, Topic(entry, asked), SNAPSHOT)


@pytest.mark.parametrize(
    "text",
    [
        "und in Jena?",
        "und Jena",
        "auch in Jena",
        "und wie sieht es in Jena aus?",
        "in Jena?",
        "Jena?",
    ],
)
def test_another_town_takes_the_place_of_the_one_before(text: str) -> None:
    asked = "was kostet das konzept in erfurt?"
    assert whole(text, asked, "EF-IK") == "was kostet das konzept in Jena?"
    assert whole(text, asked) == "was kostet das konzept in Jena?"


def test_a_plan_whose_town_was_not_said_is_asked_for_in_another_one() -> None:
    asked = "wann kommt das integrationskonzept?"
    assert whole("und in Jena?", asked, "EF-IK") == "wann kommt das Integrationskonzept Jena?"
    assert whole("und in Jena?", "wer ist zuständig?", "EF-IK") == (
        "wer ist zuständig Integrationskonzept Jena"
    )


def test_a_state_is_asked_about_like_a_town() -> None:
    asked = "was kostet das konzept in erfurt?"
    assert whole("und beim Freistaat Thüringen?", asked, "EF-IK") == (
        "was kostet das konzept beim Freistaat Thüringen?"
    )
    there = "was kostet das konzept beim freistaat thüringen?"
    assert whole("und in Erfurt?", there, "TH-IK") == "was kostet das konzept in Erfurt?"


def test_a_bare_town_asks_by_itself_where_none_was_named_before() -> None:
    assert whole("Jena?", "wann kommt das integrationskonzept?", "EF-IK") is None


def test_what_is_asked_of_the_other_town_is_not_overruled() -> None:
    asked = "was kostet das konzept in erfurt?"
    assert whole("und wer in Jena?", asked, "EF-IK") == "Integrationskonzept Jena: wer in Jena"
    assert whole("und wer ist dafür in Jena zuständig?", asked, "EF-IK") == (
        "Integrationskonzept Jena: wer ist dafür in Jena zuständig"
    )
    about_a_state = understand("und was ist der Freistaat Thüringen?", SNAPSHOT)
    assert completed(about_a_state, Topic("EF-IK", asked), SNAPSHOT) is None


def test_after_something_that_only_one_town_has_another_one_is_asked_for_by_itself() -> None:
    assert whole("und in Jena?", "wer betreut den dolmetscherpool?", "EF-1") is None


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("und EF-2?", "wer betreut den EF-2?"),
        ("und das Monitoring?", "wer betreut den Monitoring?"),
        ("und was ist mit dem Monitoring?", "wer betreut den Monitoring?"),
        ("und wie sieht es beim Monitoring aus", "wer betreut den Monitoring?"),
    ],
)
def test_another_thing_takes_the_place_of_the_one_before(text: str, read: str) -> None:
    assert whole(text, "wer betreut den dolmetscherpool?", "EF-1") == read


def test_a_key_is_taken_over_as_it_was_written() -> None:
    assert whole("und EF-2", "wer betreut ef-1", "EF-1") == "wer betreut EF-2"


def test_a_thing_comes_behind_a_question_that_named_none() -> None:
    assert whole("und das Monitoring?", "wer ist zuständig?", "EF-1") == (
        "wer ist zuständig Monitoring"
    )


def test_what_named_several_things_apart_is_not_completed() -> None:
    asked = "welche rolle hat der dolmetscherpool neben dem monitoring?"
    assert whole("und das Konzept von Jenas Stadtrat?", asked) is None


@pytest.mark.parametrize(
    ("text", "asked", "read"),
    [
        ("und 2023?", "wie viele einsätze gab es 2024?", "wie viele einsätze gab es 2023?"),
        ("und im März 2023", "was geschah im mai 2024?", "was geschah im März 2023?"),
        ("und letztes Jahr?", "was geschah im mai 2023?", "was geschah letztes Jahr?"),
        ("und seit 2020?", "wie viele einsätze gab es?", "wie viele einsätze gab es seit 2020"),
        ("und 2023?", "was geschah am 3.4.2024?", "was geschah 2023?"),
    ],
)
def test_another_time_takes_the_place_of_the_one_before(text: str, asked: str, read: str) -> None:
    assert whole(text, asked, "EF-1") == read


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("und im Jahr davor?", "wie viele einsätze gab es 2023?"),
        ("und im Vorjahr?", "wie viele einsätze gab es 2023?"),
        ("und im Jahr darauf?", "wie viele einsätze gab es 2025?"),
        ("und davor?", "wie viele einsätze gab es vor 2024?"),
        ("und danach?", "wie viele einsätze gab es nach 2024?"),
    ],
)
def test_a_time_beside_the_one_before_is_reckoned_from_it(text: str, read: str) -> None:
    asked = Topic("EF-1", "wie viele einsätze gab es 2024?")
    assert completed(understand(text, SNAPSHOT), asked, SNAPSHOT) == read


def test_where_no_single_year_was_named_nothing_is_reckoned() -> None:
    for asked in ("wer betreut ef-1?", "was geschah 2023 bis 2024?", "was geschah am 1.5.2024?"):
        topic = Topic("EF-1", asked)
        assert completed(understand("und davor?", SNAPSHOT), topic, SNAPSHOT) is None


def test_the_source_of_an_answer_is_shown_with_it_once_more() -> None:
    first = answer("Was kostet das Konzept in Erfurt?", SNAPSHOT, TODAY)
    then = answer("Quelle?", SNAPSHOT, TODAY, topic=first.leads_to)
    assert then.facts == first.facts
    assert then.read_as == "Was kostet das Konzept in Erfurt?"
    tapped = answer("Quelle?", SNAPSHOT, TODAY, topic=Topic("EF-IK"))
    assert tapped.read_as is None


@pytest.mark.parametrize(
    "text",
    [
        "Quelle?",
        "Ist das richtig?",
        "Ist das so richtig?",
        "und ist das denn auch wahr?",
        "Ist das amtlich?",
        "Ist das offiziell?",
        "Ist das belegt?",
        "Stimmt das wirklich so?",
        "Woher stammt das?",
    ],
)
def test_whether_it_is_true_is_asked_of_what_was_said(text: str) -> None:
    alone = answer(text, SNAPSHOT, TODAY, home="ERFURT")
    assert (alone.band, alone.question.follow_up, alone.suggestions) == (Band.NONE, True, ())
    asked = answer(text, SNAPSHOT, TODAY, topic=Topic("EF-IK", "wer betreut ef-1?"))
    assert asked.read_as == "wer betreut ef-1?"
    (told,) = answer(text, SNAPSHOT, TODAY, topic=Topic("EF-IK")).sections
    whole = about(SNAPSHOT.entries["EF-IK"], (), SNAPSHOT, TODAY)
    assert (told.entry.key, told.admitted.missing) == ("EF-IK", ())
    assert told.statements == whole.statements


@pytest.mark.parametrize(
    ("text", "aspect"),
    [
        ("Ist der Termin richtig?", Aspect.DUE),
        ("Ist die Zahl noch richtig?", Aspect.COUNT),
        ("Sind die Kosten so korrekt?", Aspect.COST),
        ("Ist die Zuständigkeit falsch?", Aspect.RESPONSIBLE),
    ],
)
def test_whether_a_date_or_number_is_right_asks_for_it(text: str, aspect: Aspect) -> None:
    alone = answer(text, SNAPSHOT, TODAY, home="ERFURT")
    assert (alone.question.aside, alone.band, alone.question.follow_up) == (None, Band.NONE, True)
    found = answer(text, SNAPSHOT, TODAY, topic=Topic("EF-IK"), home="ERFURT")
    assert [told.entry.key for told in found.sections] == ["EF-IK"]
    assert found.question.aspects[:1] == (aspect,)


def test_whether_what_is_told_of_a_thing_is_right_is_answered_by_it() -> None:
    found = answer("Sind die Kosten vom Konzept in Erfurt richtig?", SNAPSHOT, TODAY)
    assert [fact.id for fact in found.facts] == ["E-COST"]


def test_what_asks_only_for_the_source_is_not_gone_on_with() -> None:
    found = answer("Ist das richtig?", SNAPSHOT, TODAY, topic=Topic("EF-IK"))
    assert found.leads_to == Topic("EF-IK")


@pytest.mark.parametrize("text", ["und EF-2?", "und 2023?", "und das Monitoring?"])
def test_nothing_is_completed_from_nothing(text: str) -> None:
    assert whole(text, "", "EF-1") is None


@pytest.mark.parametrize(
    "text",
    [
        "EF-2",
        "und wer ist zuständig?",
        "und wer betreut EF-2?",
        "und?",
        "und danke",
        "was kostet das Konzept und was ist mit Jena?",
    ],
)
def test_what_asks_by_itself_or_nothing_does_not_go_on(text: str) -> None:
    assert not understand(text, SNAPSHOT).goes_on


@pytest.mark.parametrize(
    "text",
    [
        "Was gibt es Neues in Jena?",
        "Gibt es in Jena etwas?",
        "Freistaat Thüringen",
        "und gibt es einen Dolmetscherpool?",
        "und hat Jena einen Dolmetscherpool?",
        "Aber der Dolmetscherpool hat doch zugestimmt!",
        "dann danke für den Dolmetscherpool",
        "und die Kosten?",
        "und wer kommt danach?",
        "was wurde darauf beschlossen?",
        "gibt es dazu ein Protokoll?",
        "und die Adresse?",
        "und das Monitoring 2023?",
    ],
)
def test_what_says_more_or_names_no_entry_is_not_completed(text: str) -> None:
    for asked in ("was kostet das konzept in erfurt?", "wie viele einsätze gab es 2024?"):
        topic = Topic("EF-IK", asked)
        assert completed(understand(text, SNAPSHOT), topic, SNAPSHOT) is None


def test_of_several_things_that_were_named_none_is_exchanged() -> None:
    for asked in ("was kosten EF-1, EF-2?", "wer betreut dolmetscherpool und monitoring?"):
        assert whole("und EF-1?", asked, "EF-1") is None


def test_a_key_is_exchanged_as_a_whole() -> None:
    assert whole("und EF-2?", "was kostet ef-1 neben ef-10?", "EF-1") == (
        "was kostet EF-2 neben ef-10?"
    )


def test_what_would_be_cut_is_not_completed() -> None:
    assert whole("und 2023?", f"wie viele{' einsätze' * 61}?", "EF-1") is None


def test_a_completed_question_is_answered_and_says_how_it_was_read() -> None:
    first = answer("Was kostet das Konzept in Erfurt?", SNAPSHOT, TODAY, home="ERFURT")
    assert first.facts[0].id == "E-COST"
    assert first.read_as is None
    then = answer("und in Jena?", SNAPSHOT, TODAY, topic=first.leads_to, home="ERFURT")
    assert then.facts[0].id == "J-COST"
    assert then.read_as == "Was kostet das Konzept in Jena?"
    assert then.leads_to == Topic("JENA-IK", "Was kostet das Konzept in Jena?")


@pytest.mark.parametrize("between", ["danke", "ah ok super"])
def test_small_talk_changes_no_topic(between: str) -> None:
    assert answer(between, SNAPSHOT, TODAY).leads_to is None


def test_further_ones_can_follow() -> None:
    topic = answer("Was kostet EF-1?", SNAPSHOT, TODAY).leads_to
    for text in ("und wer betreut das?", "und EF-2?"):
        found = answer(text, SNAPSHOT, TODAY, topic=topic)
        topic = found.leads_to
    assert found.facts[0].id == "M"


def test_a_question_that_found_nothing_can_be_gone_on_with() -> None:
    nothing = answer("Was kostet das Integrationskonzept in Gera?", SNAPSHOT, TODAY)
    assert nothing.band is Band.NONE
    then = answer("und in Jena?", SNAPSHOT, TODAY, topic=nothing.leads_to)
    assert then.facts[0].id == "J-COST"


def test_after_nothing_a_bare_question_refers_to_nothing() -> None:
    nothing = answer("Was kostet das Integrationskonzept in Gera?", SNAPSHOT, TODAY)
    then = answer("und wer ist zuständig?", SNAPSHOT, TODAY, topic=nothing.leads_to)
    assert then.band is Band.NONE
    assert then.question.follow_up


@pytest.mark.parametrize("text", ["Guten Tag!", "danke", "und wer ist zuständig?"])
def test_what_is_no_question_by_itself_leads_to_nothing(text: str) -> None:
    assert answer(text, SNAPSHOT, TODAY).leads_to is None


@pytest.mark.parametrize("asked", ["und in Jena?", "(?<!", "\\", "und und und", "2024 2024"])
@pytest.mark.parametrize(
    ("text", "new"), [("und in Jena?", "Jena"), ("und EF-2", "EF-2"), ("und \\1 EF-2", "1 EF-2")]
)
def test_whatever_was_asked_before_what_is_new_is_in_it(asked: str, text: str, new: str) -> None:
    read = whole(text, asked, "EF-IK")
    assert read is None or new in read
    found = answer(text, SNAPSHOT, TODAY, topic=Topic("EF-IK", asked))
    assert new.rsplit(maxsplit=1)[-1] in found.question.text
