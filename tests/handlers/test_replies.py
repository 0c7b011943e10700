"""What stands below an answer."""

from collections.abc import Collection
from datetime import date

import pytest

from handlers.buttons import Action, Press
from handlers.replies import Footnotes, aspects_of, reply, tapped, target_tapped
from knowledge.answering.answers import about, answer
from knowledge.answering.confidence import Band
from knowledge.entries import Aspect, Source
from knowledge.notification.interests import Scope, Target, answer_to
from knowledge.snapshot import Snapshot
from knowledge.yaml_files import load
from tests.support.builders import a_fact, an_entry

TODAY = date(2026, 11, 23)
MOST_ROWS, MOST_IN_A_ROW = 4, 2
"""What leaves a phone's screen to the answer."""


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return Snapshot(load(), revision=1)


def test_below_an_answer_about_any_entry_a_phone_shows_four_short_rows(snapshot: Snapshot) -> None:
    answered = 0
    for entry in snapshot.entries.values():
        found = answer(entry.title, snapshot, TODAY, home="ERFURT")
        if found.band is not Band.ANSWER or not found.sections:
            continue
        answered += 1
        rows = [row for row in reply(found, snapshot, question_id=1).buttons if row]
        assert len(rows) <= MOST_ROWS, entry.key
        assert max(map(len, rows)) <= MOST_IN_A_ROW, entry.key
    assert answered > 100


@pytest.mark.parametrize(
    "question", ["was kostet der eccar abgleich", "Wie viele Parkplätze hat die Ausländerbehörde?"]
)
def test_where_what_is_asked_is_missing_the_editors_are_offered_in_the_same_four_rows(
    snapshot: Snapshot, question: str
) -> None:
    rows = reply(answer(question, snapshot, TODAY, home="ERFURT"), snapshot, question_id=1).buttons
    actions = [[Press.unpack(str(b.callback_data)).action for b in row] for row in rows]
    assert actions[1][-1] is Action.HAND_OVER
    assert len(actions) == MOST_ROWS
    assert max(map(len, actions)) <= MOST_IN_A_ROW


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("was kostet die alltagsmut kampagne", "Ein Betrag ist in den vorliegenden Quellen nicht"),
        ("was kostet der eccar abgleich", "Zu den Kosten ist in den vorliegenden Quellen nichts"),
    ],
)
def test_where_something_on_the_costs_is_known_only_a_sum_is_said_to_be_missing(
    snapshot: Snapshot, question: str, said: str
) -> None:
    found = answer(question, snapshot, TODAY, home="ERFURT")
    assert f"\n\n{said} belegt." in reply(found, snapshot).markup


def test_sources_stand_in_a_paragraph_of_their_own(snapshot: Snapshot) -> None:
    found = answer("Drucksache Wartezeit Einbürgerung 2022", snapshot, TODAY, home="ERFURT")
    markup = reply(found, snapshot).markup
    assert "Papiere dazu:" in markup
    assert "\n\nQuellen: " in markup


def test_with_news_too_it_is_said_which_word_is_not_known(snapshot: Snapshot) -> None:
    asked = "Neues zum Büro für Migration und Integration in Blorbo?"
    found = answer(asked, snapshot, TODAY, home="ERFURT")
    assert found.news is not None
    assert found.question.unknown == ("Blorbo",)
    assert "Zu „Blorbo“ liegt mir nichts vor." in reply(found, snapshot).markup


def test_sources_of_the_same_name_share_a_footnote() -> None:
    answered = Source(title="Antwort der Verwaltung", reference="DS 99/25")
    asked = Source(title="Anfrage zum Stand", reference="DS 99/25")
    other = Source(title="Antwort der Verwaltung")
    notes = Footnotes()
    marks = [notes.mark(a_fact(sources=sources)) for sources in ([answered], [asked, other])]
    assert (marks, notes.sources) == (["[1]", "[1, 2]"], [answered, other])


def test_what_comes_less_near_stands_folded_behind_what_answers() -> None:
    cost = a_fact("Der Plan kostet 9.000 Euro.", id="F-1", aspect=Aspect.COST)
    other = a_fact("Der Plan bekam 500 Euro.", id="F-2", aspect=Aspect.SUMMARY)
    plan = an_entry("EF-1", title="Plan", facts=[other, cost])
    known = Snapshot([plan])
    shown, _, folded = reply(about(plan, [Aspect.COST], known, TODAY), known).markup.partition(
        "<blockquote expandable>"
    )
    assert (cost.text in shown, other.text in shown) == (True, False)
    assert other.text in folded.partition("</blockquote>")[0]
    assert "blockquote" not in reply(about(plan, [Aspect.SUMMARY], known, TODAY), known).markup


@pytest.mark.parametrize(
    ("disputed", "warned"), [((), (0, 0)), ({1}, (1, 0)), ({2}, (0, 1)), ({1, 2}, (1, 1))]
)
def test_a_contradiction_is_warned_of_where_it_stands(
    disputed: Collection[int], warned: tuple[int, int]
) -> None:
    cost = a_fact("Der Plan kostet 9 Euro.", id="F-1", aspect="cost", disputed=1 in disputed)
    other = a_fact("Der Plan bekam 5 Euro.", id="F-2", disputed=2 in disputed)
    plan = an_entry("EF-1", title="Plan", facts=[other, cost])
    known = Snapshot([plan])
    markup = reply(about(plan, [Aspect.COST], known, TODAY), known).markup
    before, _, rest = markup.partition("<blockquote expandable>")
    folded, _, after = rest.partition("</blockquote>")
    warning = "Achtung: Die Quellen widersprechen sich."
    assert ((before + after).count(warning), folded.count(warning)) == warned
    assert folded.endswith(warning if warned[1] else "<i>Stand 2024 · amtlich</i>")


def test_no_button_asks_again_what_a_fact_told_that_is_filed_under_another_aspect() -> None:
    short = a_fact("Der Plan hat acht Felder.", id="F-1", aspect=Aspect.COUNT)
    long = a_fact("Der Plan hat acht Felder, darunter Bildung.", id="F-2", aspect=Aspect.CONTENT)
    plan = an_entry("EF-1", title="Plan", facts=[short, long])
    known = Snapshot([plan])
    found = about(plan, [Aspect.COUNT], known, TODAY)
    assert [statement.fact for statement in found.statements] == [long]
    presses = [Press.unpack(str(b.callback_data)) for r in reply(found, known).buttons for b in r]
    assert Action.ABOUT not in {press.action for press in presses}


def test_what_depends_and_what_comes_next_go_before_further_aspects(snapshot: Snapshot) -> None:
    found = answer("stand maßnahmenplan", snapshot, TODAY, home="ERFURT")
    rows = reply(found, snapshot, question_id=1).buttons
    actions = [[Press.unpack(str(b.callback_data)).action for b in row] for row in rows]
    assert actions == [
        [Action.SOURCES, Action.HISTORY],
        [Action.DEPENDS, Action.NEXT],
        [Action.WATCH, Action.SUBSCRIBE],
        [Action.FEEDBACK, Action.FEEDBACK],
    ]


def test_what_a_button_asked_is_answered_again_word_for_word(snapshot: Snapshot) -> None:
    compared = 0
    for entry in snapshot.entries.values():
        for aspect in (None, *aspects_of(entry, snapshot)):
            aspects = () if aspect is None else (aspect,)
            target = target_tapped(entry, tapped(aspects))
            assert target is not None
            shown = about(entry, aspects, snapshot, TODAY)
            assert answer_to(target, snapshot, TODAY) == shown, (entry.key, aspect)
            compared += 1
    assert compared > 500


def test_what_is_kept_of_a_question_is_never_taken_for_a_button() -> None:
    assert Target.of_answer("=cost", topic="EF-7", home=None).tapped is None
    assert Target(Scope.ANSWER, "EF-7", "=eccar", None).tapped is None


def test_where_no_number_stands_beside_what_is_counted_that_is_said(snapshot: Snapshot) -> None:
    found = answer("Wie viele Postkarten wurden verteilt?", snapshot, TODAY, home="ERFURT")
    said = "Eine Zahl zu „Postkarten“ ist in den vorliegenden Quellen nicht ausdrücklich"
    assert said in reply(found, snapshot).markup


def test_a_word_that_is_not_known_is_said_once(snapshot: Snapshot) -> None:
    asked = "Wie viele Jastimmen bekam der Aktionsplan Antidiskriminierung?"
    said = reply(answer(asked, snapshot, TODAY, home="ERFURT"), snapshot).markup
    assert said.count("„Jastimmen“") == 1
