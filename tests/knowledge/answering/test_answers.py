"""Answers are made of facts, say what is missing, and depend on nothing but their input."""

from datetime import date
from typing import Any

import pytest

from knowledge.answering.answers import about, answer
from knowledge.answering.caveats import Doubt, Stale
from knowledge.answering.choice import MOST_FACTS
from knowledge.answering.confidence import Band
from knowledge.answering.ellipsis import Topic
from knowledge.entries import Aspect, Certainty, Entry, Kind, Link, Phase, Relation
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

TODAY = date(2025, 10, 20)


def fact(number: int, aspect: Aspect, text: str, **fields: Any) -> Any:
    return a_fact(text, id=f"F-{number}", aspect=aspect, **fields)


LAND = an_entry(
    "TH-IK",
    kind=Kind.PLAN,
    title="Landeskonzept",
    facts=[
        fact(1, Aspect.STATUS, "Die Fortschreibung des Landeskonzepts ist beschlossen."),
        fact(2, Aspect.SUMMARY, "Das Landeskonzept ist das Konzept des Landes."),
    ],
)
TOWN = an_entry(
    "ERFURT", kind=Kind.BODY, title="Erfurt", facts=[fact(20, Aspect.SUMMARY, "Stadt.")]
)
PLAN = an_entry(
    "EF-MP",
    kind=Kind.PLAN,
    title="Maßnahmenplan",
    parent="ERFURT",
    rhythm={"months": 24, "since": "2023-11-21"},
    links=[{"relation": "depends_on", "target": "TH-IK", "note": "wartet auf Mittel"}],
    facts=[
        fact(3, Aspect.STATUS, "Der Maßnahmenplan wurde 2024 nicht fortgeschrieben."),
        fact(4, Aspect.SUMMARY, "Der Maßnahmenplan setzt das Konzept um."),
        fact(5, Aspect.COST, "Die Kosten des Plans sind öffentlich nicht belegt.", known=False),
        fact(6, Aspect.RESPONSIBLE, "Zuständig ist das Büro für Integration."),
    ],
)
MEASURES = [
    an_entry(
        f"EF-{n}",
        title=f"Maßnahme Nummer {n}",
        parent="EF-MP",
        facts=[
            fact(30 + n, Aspect.STATUS, f"Stand der Sache {n}.", phase=phase),
            fact(40 + n, Aspect.DUE, f"Frist der Sache {n}.", due="2025-09"),
        ],
    )
    for n, phase in ((1, Phase.DONE), (2, Phase.IN_PROGRESS), (10, Phase.PLANNED))
]


def snapshot(*entries: Entry) -> Snapshot:
    return Snapshot(entries or (TOWN, LAND, PLAN, *MEASURES))


def test_the_facts_of_the_asked_aspect_come_first() -> None:
    found = answer("Wie weit ist der Maßnahmenplan?", snapshot(), TODAY)
    assert found.band is Band.ANSWER
    assert [s.entry.key for s in found.sections] == ["EF-MP"]
    assert found.statements[0].fact.id == "F-3"


def test_an_aspect_that_no_source_speaks_to_is_said_to_be_missing() -> None:
    found = answer("Wer war am Landeskonzept beteiligt?", snapshot(), TODAY)
    assert found.sections[0].admitted.missing == (Aspect.PARTICIPANTS,)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        # "Wer" asks for an office, but as well for those who took part.
        ("Wer stimmte im Kreistag gegen den Bauplan?", ()),
        # The word that shows the aspect stands in a fact.
        ("Welche Wirkung hat der Bauplan?", ()),
        ("Welches Ergebnis hat der Bauplan?", (Aspect.RESULT,)),
        # The number of a paper is where to read it, whatever the fact is about.
        ("Unter welcher Nummer läuft der Bauplan?", ()),
        # Words do not make a sum.
        ("Was kostete die Kreistagssitzung zum Bauplan?", (Aspect.COST,)),
    ],
)
def test_a_fact_that_says_what_is_asked_is_an_answer_whatever_aspect_it_is_filed_under(
    text: str, missing: tuple[Aspect, ...]
) -> None:
    told = fact(1, Aspect.SUMMARY, "Im Kreistag waren sieben Mitglieder gegen den Bauplan.")
    held = fact(2, Aspect.SUMMARY, "Die Wirkung des Bauplans misst DS 12/24; Geld war da.")
    base = snapshot(an_entry("EF-1", kind=Kind.PLAN, title="Bauplan", facts=[told, held]))
    assert answer(text, base, TODAY).sections[0].admitted.missing == missing


def test_a_number_of_something_else_is_no_answer_to_how_many() -> None:
    text = "Die Kampagne verteilt Postkarten auf dem Markt; sie hat drei Motive."
    told = fact(1, Aspect.SUMMARY, text)
    base = snapshot(an_entry("EF-1", title="Kampagne", facts=[told]))
    asked = answer("Wie viele Postkarten gab es bei der Kampagne?", base, TODAY).sections[0]
    assert (asked.admitted.uncounted, asked.admitted.missing) == ("Postkarten", ())
    assert (
        answer("Wie viele Motive hat die Kampagne?", base, TODAY).sections[0].admitted.uncounted
        is None
    )
    assert answer("Wer macht die Kampagne?", base, TODAY).sections[0].admitted.uncounted is None


@pytest.mark.parametrize(
    ("text", "uncounted", "elsewhen"),
    [
        ("Wie viele Anträge stellte der Beirat 2025?", "Anträge", True),
        ("Wie viele Anträge stellte der Beirat 2023?", None, False),
        ("Wie viele Reisen gab es 2025 beim Beirat?", "Reisen", False),
    ],
)
def test_a_number_of_another_year_is_said_to_be_of_another_time(
    text: str, uncounted: str | None, *, elsewhen: bool
) -> None:
    told = fact(1, Aspect.COUNT, "Der Beirat stellte 677 Anträge 2023.")
    planned = fact(2, Aspect.SUMMARY, "Der Beirat plant Reisen im Jahr 2025.")
    base = snapshot(an_entry("EF-1", title="Beirat", facts=[told, planned]))
    asked = answer(text, base, TODAY).sections[0]
    assert (asked.admitted.uncounted, asked.admitted.counted_elsewhen) == (uncounted, elsewhen)
    assert Doubt.OTHER_TIME not in asked.caveats.doubts


@pytest.mark.parametrize(
    ("text", "uncounted"),
    [
        ("Wie viele Leute waren bei der Konferenz?", None),
        ("Wie viele Leute waren bei der Konferenz in Suhl?", "Leute"),
        ("Wie viele Leute waren bei der Konferenz in Gera?", None),
    ],
)
def test_a_number_for_the_whole_is_no_answer_for_a_part(text: str, uncounted: str | None) -> None:
    whole = fact(1, Aspect.SUMMARY, "Zu den Konferenzen kamen 200 Personen; Orte: Suhl, Gera.")
    part = fact(2, Aspect.SUMMARY, "Nach Gera kamen 45 Personen.")
    place = fact(3, Aspect.SUMMARY, "In Suhl war die Konferenz in der Stadthalle.")
    split = a_fact("Zu den Konferenzen kamen 200 Personen.", id="F-1", aspect=Aspect.SUMMARY)
    conference = an_entry("EF-1", title="Konferenz", facts=[split, part, place])
    assert answer(text, snapshot(conference), TODAY).sections[0].admitted.uncounted == uncounted
    named = conference.model_copy(update={"facts": (whole, part, place)})
    assert answer(text, snapshot(named), TODAY).sections[0].admitted.uncounted is None


def test_what_is_only_counted_is_said_not_to_be_named() -> None:
    counted = fact(1, Aspect.SUMMARY, "Die Plakataktion hat drei Motive gegen Rassismus.")
    action = an_entry("EF-1", title="Plakataktion", facts=[counted])
    section = answer("Welche Motive hat die Plakataktion?", snapshot(action), TODAY).sections[0]
    assert (section.admitted.unnamed, section.admitted.unsaid) == ("Motive", ())
    told = fact(2, Aspect.CONTENT, "Die Motive der Plakataktion: Herz, Hand und Kopf.")
    action = an_entry("EF-1", title="Plakataktion", facts=[counted, told])
    section = answer("Welche Motive hat die Plakataktion?", snapshot(action), TODAY).sections[0]
    assert section.admitted.unnamed is None


def test_a_past_day_is_no_answer_to_when_something_comes() -> None:
    held = fact(1, Aspect.DUE, "Der Beirat traf sich am 21.01.2020.")
    base = snapshot(an_entry("EF-1", title="Beirat", facts=[held]))
    for text, is_missed in (
        ("Wann trifft sich der Beirat?", True),
        ("Wann traf sich der Beirat?", False),
    ):
        caveats = answer(text, base, TODAY).sections[0].caveats
        assert (Doubt.NOTHING_UPCOMING in caveats.doubts) is is_missed


def test_what_is_said_of_one_of_two_entries_is_not_called_unsaid() -> None:
    base = snapshot(
        an_entry("EF-1", title="Bauplan", facts=[fact(1, Aspect.DUE, "Bauplan: 2026.")]),
        an_entry("EF-2", title="Lehrplan", facts=[fact(2, Aspect.DUE, "Lehrplan: 2027.")]),
    )
    both = answer("Wann kommt der Bauplan und wann der Lehrplan?", base, TODAY)
    assert [section.entry.key for section in both.sections] == ["EF-1", "EF-2"]
    assert [section.admitted.unsaid for section in both.sections] == [(), ()]


def test_why_another_entry_is_late_is_no_reason_for_what_it_waits_for() -> None:
    late = fact(
        8,
        Aspect.REASON,
        "Grund der Verzögerung: Die Stadt wartet auf das Landeskonzept.",
        also=[{"entry": "TH-IK", "aspect": "history"}],
    )
    base = snapshot(LAND, PLAN.model_copy(update={"parent": None, "facts": (*PLAN.facts, late)}))
    land = answer("Warum verzögert sich das Landeskonzept?", base, TODAY).sections[0]
    assert (land.entry.key, land.admitted.missing) == ("TH-IK", (Aspect.REASON,))
    plan = answer("Warum verzögert sich der Maßnahmenplan?", base, TODAY).sections[0]
    assert (plan.entry.key, plan.admitted.missing) == ("EF-MP", ())


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Der Kurs begann am 22.11.2023 im Rathaus.", True),
        ("Der Kurs lief von 2022 bis 2024, seit dem 7. Februar.", True),
        ("Der Kurs hatte rund 1.200 Gäste.", False),
        ("Zum Kurs kamen 26.", False),
        ("Der Kurs hatte drei Gruppen.", False),
    ],
)
def test_a_date_is_no_answer_to_how_many(text: str, *, missing: bool) -> None:
    course = an_entry("EF-9", title="Kurs", facts=[a_fact(text, id="F-9")])
    section = answer("Wie viele kamen zum Kurs?", snapshot(course), TODAY).sections[0]
    assert (Aspect.COUNT in section.admitted.missing) is missing


COURSE = an_entry(
    "EF-9",
    title="Kurs",
    facts=[
        fact(90, Aspect.COUNT, "Am Kurs nahmen 26 Menschen teil."),
        fact(91, Aspect.CONTENT, "Der Kurs zog ins Rathaus um."),
        fact(92, Aspect.STATUS, "Der Kurs hat kaum eigene Mittel."),
    ],
)


def test_a_date_that_no_longer_counts_does_not_come_first() -> None:
    facts = [
        fact(93, Aspect.DUE, "Termin: 01.01.2020.", due="2020-01-01", as_of="2019"),
        fact(94, Aspect.DUE, "Frist: 30.06.2027.", due="2027-06-30", as_of="2025-10"),
    ]
    found = answer(
        "bis wann kochtreff", snapshot(an_entry("EF-9", title="Kochtreff", facts=facts)), TODAY
    )
    assert found.statements[0].fact.id == "F-94"


def test_each_question_of_a_sentence_gets_its_best_fact() -> None:
    asked = "Wohin ist der Kurs umgezogen und wie viele Menschen nahmen teil?"
    told = {s.fact.id for s in answer(asked, snapshot(COURSE), TODAY).statements}
    assert {"F-90", "F-91"} <= told
    alone = answer("Wie viele Menschen nahmen am Kurs teil?", snapshot(COURSE), TODAY)
    assert "F-91" not in {s.fact.id for s in alone.statements}


WORKSHOP = an_entry(
    "EF-9",
    title="Nähstube",
    facts=[
        fact(95, Aspect.SUMMARY, "Die Nähstube bekam 2024 einmalig 500 Euro."),
        fact(96, Aspect.COST, "Im Jahr sind es 9.000 Euro."),
        fact(97, Aspect.RESPONSIBLE, "Zuständig ist das Büro."),
    ],
)


def test_what_comes_less_near_is_told_behind_what_answers() -> None:
    (section,) = answer("Was kostet die Nähstube?", snapshot(WORKSHOP), TODAY).sections
    assert [statement.fact.id for statement in section.nearest] == ["F-96"]
    assert [statement.fact.id for statement in section.others] == ["F-95"]
    assert section.statements == (*section.nearest, *section.others)


def test_what_is_known_comes_near_where_it_is_said_to_stand_for_what_is_not() -> None:
    facts = [
        fact(95, Aspect.RESULT, "Welche Ideen die Runde im Winter hatte, ist offen.", known=False),
        fact(96, Aspect.CONTENT, "Im Winter kamen viele."),
    ]
    net = an_entry("EF-9", title="Nähnetz", facts=facts)
    asked = "Welche Ideen hatte die Runde im Winter zum Bus beim Nähnetz?"
    (section,) = answer(asked, snapshot(net), TODAY).sections
    assert section.admitted.unsaid == ("Bus",)
    assert [statement.fact.id for statement in section.nearest] == ["F-95", "F-96"]


def test_what_answers_each_aspect_that_is_asked_comes_near() -> None:
    asked = "Was kostet die Nähstube und wer ist zuständig?"
    (section,) = answer(asked, snapshot(WORKSHOP), TODAY).sections
    assert {statement.fact.id for statement in section.nearest} == {"F-96", "F-97"}


def test_each_question_of_a_sentence_is_told_what_no_source_speaks_to() -> None:
    found = answer("Wie viele waren beim Kurs und was kostet er?", snapshot(COURSE), TODAY)
    assert found.sections[0].admitted.missing == (Aspect.COST,)


def test_a_fact_that_something_is_not_known_is_told() -> None:
    found = answer("Was kostet der Maßnahmenplan?", snapshot(), TODAY)
    assert found.statements[0].fact.id == "F-5"
    assert found.sections[0].admitted.missing == ()


def test_the_chain_of_dependencies_is_followed_and_says_where_it_stands() -> None:
    chain = answer("Wie weit ist der Maßnahmenplan?", snapshot(), TODAY).sections[0].chain
    assert [(step.dependency.entry.key, step.dependency.note) for step in chain] == [
        ("TH-IK", "wartet auf Mittel")
    ]
    assert chain[0].state is not None
    assert chain[0].state.fact.id == "F-1"


OLD = fact(
    50,
    Aspect.STATUS,
    "Das Sprachcafé hat noch nicht geöffnet.",
    as_of="2024",
    also=[{"entry": "TH-IK", "aspect": "status"}],
)
NEW = fact(51, Aspect.STATUS, "Es läuft.", as_of="2025-09", phase=Phase.IN_PROGRESS)
CAFE = an_entry("EF-20", title="Sprachcafé", facts=[NEW, OLD])


@pytest.mark.parametrize(
    "text",
    [
        "Hat das Sprachcafé schon geöffnet?",
        "Stand Sprachcafé",
        "Hat beim Landeskonzept das Sprachcafé geöffnet?",
    ],
)
def test_what_holds_now_is_told_before_what_held_whatever_words_it_has(text: str) -> None:
    found = answer(text, snapshot(LAND, CAFE), TODAY)
    ids = [statement.fact.id for statement in found.statements]
    assert ids.index("F-51") < ids.index("F-50")
    assert all(section.caveats.stale is None for section in found.sections)


def test_a_date_that_was_moved_is_told_before_the_former_one() -> None:
    former = fact(52, Aspect.DUE, "Das Sprachcafé öffnet bis Mai 2025.", as_of="2024")
    moved = fact(53, Aspect.DUE, "Neue Frist.", as_of="2025-09", due="2025-12-01")
    cafe = an_entry("EF-20", title="Sprachcafé", facts=[former, moved, OLD, NEW])
    found = answer("Bis wann öffnet das Sprachcafé?", snapshot(cafe), TODAY)
    assert [statement.fact.id for statement in found.statements[:2]] == ["F-53", "F-52"]


def test_that_something_is_not_known_is_not_put_after_an_older_state() -> None:
    open_ = fact(
        54, Aspect.STATUS, "Ob das Sprachcafé geöffnet hat, ist nicht belegt.", known=False
    )
    planned = fact(55, Aspect.STATUS, "Geplant.", as_of="2024", phase=Phase.PLANNED)
    cafe = an_entry("EF-20", title="Sprachcafé", facts=[planned, open_])
    found = answer("Hat das Sprachcafé geöffnet?", snapshot(cafe), TODAY)
    assert [statement.fact.id for statement in found.statements][:1] == ["F-54"]


@pytest.mark.parametrize(
    ("text", "overdue"),
    [
        ("Läuft das Programm noch?", "EF-30-ENDE"),
        ("Bis wann läuft das Programm?", "EF-30-ENDE"),
        ("Wer macht das Programm?", None),
    ],
)
def test_where_the_state_is_asked_for_a_milestone_below_that_has_passed_is_named(
    text: str, overdue: str | None
) -> None:
    program = an_entry(
        "EF-30",
        title="Programm",
        facts=[fact(60, Aspect.STATUS, "Das Programm läuft.", phase=Phase.IN_PROGRESS)],
    )
    first, end = (
        an_entry(
            f"EF-30-{name}",
            kind=Kind.MILESTONE,
            title=title,
            parent="EF-30",
            facts=[fact(number, Aspect.DUE, f"{title}.", due=due)],
        )
        for number, name, title, due in (
            (61, "AUFTAKT", "Auftakt", "2025-01-31"),
            (62, "ENDE", "Vertragsende", "2025-09-30"),
        )
    )
    (section,) = answer(text, snapshot(program, first, end), TODAY).sections
    late = section.caveats.overdue
    assert (late and late.key) == overdue


def test_what_is_over_hangs_on_nothing_any_more_unless_the_reason_is_asked() -> None:
    done = fact(7, Aspect.STATUS, "Der Maßnahmenplan ist fertig.", phase=Phase.DONE)
    base = snapshot(TOWN, LAND, PLAN.model_copy(update={"facts": (*PLAN.facts, done)}))
    assert answer("Wie weit ist der Maßnahmenplan?", base, TODAY).sections[0].chain == ()
    (step,) = answer("Warum dauerte der Maßnahmenplan?", base, TODAY).sections[0].chain
    assert step.dependency.entry.key == "TH-IK"


@pytest.mark.parametrize(
    ("today", "upcoming", "missed"),
    [
        (date(2025, 11, 30), "2025-11", None),
        (date(2025, 12, 1), "2027-11", "2025-11"),
    ],
)
def test_a_rhythm_without_evidence_is_noticed_once_its_month_is_over(
    today: date, upcoming: str, missed: str | None
) -> None:
    plan = PLAN.model_copy(update={"parent": None})
    section = answer("Stand Maßnahmenplan", snapshot(plan, LAND), today).sections[0]
    assert [(m.due.iso(), m.derived) for m in section.upcoming] == [(upcoming, True)]
    assert (section.caveats.missed and section.caveats.missed.iso()) == missed


@pytest.mark.parametrize(("today", "stale"), [("2025-12-30", False), ("2025-12-31", True)])
def test_a_newest_statement_of_a_year_ago_is_called_old_on_the_exact_day(
    today: str, stale: bool
) -> None:
    found = answer("Stand Maßnahmenplan", snapshot(), date.fromisoformat(today))
    assert (found.sections[0].caveats.stale is not None) is stale


def test_contradicting_sources_are_noticed() -> None:
    entry = an_entry(facts=[a_fact("Quellen widersprechen sich.", disputed=True)])
    assert answer("EF-7", snapshot(entry), TODAY).sections[0].caveats.is_disputed


def test_an_unknown_thing_gets_no_answer_and_names_no_source() -> None:
    found = answer("Was macht der Willkommenslotse?", snapshot(), TODAY)
    assert found.band is Band.NONE
    assert found.statements == ()


def test_function_words_alone_get_no_answer() -> None:
    for text in ("und für in der", "", "   ", "?!", "ist es so"):
        assert answer(text, snapshot(), TODAY).band is Band.NONE


def test_a_follow_up_takes_the_last_topic_and_asks_back_without_one() -> None:
    found = answer("und wer ist zuständig?", snapshot(), TODAY, topic=Topic("EF-MP"))
    assert found.statements[0].fact.id == "F-6"
    assert answer("und wer ist zuständig?", snapshot(), TODAY).band is Band.NONE
    gone = answer("und wer ist zuständig?", snapshot(), TODAY, topic=Topic("WEG"))
    assert gone.band is Band.NONE


def test_another_time_is_asked_for_of_the_last_topic_if_there_is_one() -> None:
    counted = [
        fact(70, Aspect.COUNT, "2023 waren es 677 Anträge."),
        fact(71, Aspect.COUNT, "2024 waren es 1.112 Anträge."),
    ]
    base = snapshot(an_entry("EF-9", title="Amt", facts=counted), TOWN, PLAN, LAND)
    found = answer("und 2023?", base, TODAY, topic=Topic("EF-9"))
    assert [statement.fact.id for statement in found.statements] == ["F-70"]
    plan = answer("und 2023?", base, TODAY, topic=Topic("EF-MP")).sections[0]
    assert (plan.entry, plan.caveats.doubts) == (PLAN, (Doubt.OTHER_TIME,))


def test_who_did_something_with_it_is_asked_of_the_last_topic_if_there_is_one() -> None:
    text = "Wer hat ihn beschlossen?"
    assert answer(text, snapshot(), TODAY, topic=Topic("EF-MP")).topic == PLAN
    assert answer(text, snapshot(), TODAY).topic != PLAN


def test_where_nothing_is_named_what_was_talked_about_is_meant_if_it_tells_as_much() -> None:
    offices = [
        an_entry(key, title=title, facts=[fact(n, Aspect.SUMMARY, text)])
        for key, title, n, text in (
            ("EF-20", "Lotsen", 80, "Die Geschäftsstelle liegt am Anger."),
            ("EF-21", "Paten", 81, "Die Geschäftsstelle liegt am Domplatz."),
            ("EF-22", "Chor", 82, "Der Chor singt donnerstags."),
        )
    ]
    base = snapshot(*offices, TOWN, PLAN, LAND)
    for key in ("EF-20", "EF-21"):
        found = answer("Geschäftsstelle wo?", base, TODAY, topic=Topic(key))
        assert found.topic == base.entries[key]
    other = answer("Geschäftsstelle wo?", base, TODAY, topic=Topic("EF-22"))
    assert other == answer("Geschäftsstelle wo?", base, TODAY)
    named = answer("Geschäftsstelle der Lotsen wo?", base, TODAY, topic=Topic("EF-21"))
    assert named.topic == base.entries["EF-20"]


@pytest.mark.parametrize("text", ["Wann findet er statt?", "wo fand sie statt"])
def test_when_and_where_it_takes_place_is_asked_of_the_last_topic(text: str) -> None:
    assert answer(text, snapshot(), TODAY, topic=Topic("EF-MP")).topic == PLAN
    asked_back = answer(text, snapshot(), TODAY)
    assert (asked_back.band, asked_back.question.follow_up) == (Band.NONE, True)


@pytest.mark.parametrize(
    ("text", "listed"),
    [
        ("Was ist noch nicht umgesetzt?", ["EF-2", "EF-10"]),
        ("was ist noch offen", ["EF-2", "EF-10"]),
        ("Was steht als Nächstes an?", ["EF-STELLE"]),
        ("Und was ist das nächste?", ["EF-STELLE"]),
        ("Was ist noch nicht umgesetzt und wer macht das?", ["EF-2", "EF-10"]),
        ("was ist noch offen und bis wann muss das fertig sein", ["EF-2", "EF-10"]),
        ("Was steht als Nächstes an und wo findet das statt?", ["EF-STELLE"]),
    ],
)
def test_a_list_of_all_there_is_needs_no_topic(text: str, listed: list[str]) -> None:
    stage = an_entry(
        "EF-STELLE",
        kind=Kind.MILESTONE,
        title="Sitzung",
        parent="EF-MP",
        facts=[fact(80, Aspect.DUE, "Die Sitzung ist am 01.12.2025.", due="2025-12-01")],
    )
    base = snapshot(TOWN, PLAN, LAND, *MEASURES, stage)
    found = answer(text, base, TODAY, home="ERFURT")
    assert found.listing is not None
    assert [entry.key for entry in found.listing.entries] == listed
    assert answer("und bis wann?", base, TODAY, home="ERFURT").band is Band.NONE


@pytest.mark.parametrize(
    "text",
    [
        "Ist das schon abgeschlossen?",
        "ist das noch offen",
        "Was ist davon noch nicht umgesetzt?",
        "Was ist davon offen und wer macht das?",
        "Wann kommt das?",
        "Wann beginnt es?",
        "Wann kommt er?",
    ],
)
def test_what_refers_to_something_gets_no_list_of_everything_without_a_topic(text: str) -> None:
    base = snapshot(TOWN, PLAN, LAND, *MEASURES)
    assert answer(text, base, TODAY, home="ERFURT").band is Band.NONE
    assert answer(text, base, TODAY, topic=Topic("EF-MP"), home="ERFURT").topic == PLAN


def test_what_another_town_has_is_no_answer_for_the_town_that_is_named() -> None:
    told = fact(81, Aspect.COUNT, "Dort leben 120 Flüchtlinge, für die es Kurse gibt.")
    jena = an_entry("JENA", kind=Kind.BODY, title="Stadt Jena", facts=[told])
    base = snapshot(TOWN, jena)
    asked = "Wie viele Flüchtlinge leben in {} und haben Kurse?"
    assert answer(asked.format("Erfurt"), base, TODAY, home="ERFURT").band is not Band.ANSWER
    assert answer(asked.format("Jena"), base, TODAY, home="ERFURT").facts == (told,)


@pytest.mark.parametrize(
    ("told", "unsaid"),
    [("Der Rat stimmte mit 31 Ja gegen 7 Nein (AfD) zu.", ()), ("Der Rat tagte.", ("stimmte",))],
)
def test_who_voted_is_no_question_of_responsibility(told: str, unsaid: tuple[str, ...]) -> None:
    base = snapshot(
        an_entry("EF-1", title="Bauplan", facts=[fact(1, Aspect.RESULT, f"Zum Bauplan: {told}")])
    )
    section = answer("Wer stimmte beim Bauplan dagegen?", base, TODAY).sections[0]
    assert (section.admitted.missing, section.admitted.unsaid) == ((), unsaid)


def test_who_is_responsible_is_asked_also_beside_what_needs_a_sign() -> None:
    told = fact(1, Aspect.COUNT, "Der Bauplan dauert zwei Jahre.")
    base = snapshot(an_entry("EF-1", title="Bauplan", facts=[told]))
    section = answer("Wer ist für den Bauplan zuständig und wie lange?", base, TODAY).sections[0]
    assert Aspect.RESPONSIBLE in section.admitted.missing


def test_a_premise_in_doubt_is_doubted_once() -> None:
    told = fact(1, Aspect.REASON, "Grund für den Bauplan ist die Lage.")
    base = snapshot(an_entry("EF-1", title="Bauplan", facts=[told]))
    section = answer("Warum wurde der Bauplan abgelehnt?", base, TODAY).sections[0]
    assert (Doubt.PREMISE in section.caveats.doubts, section.admitted.unsaid) == (True, ())


def test_two_things_joined_by_und_get_a_section_each_and_nothing_is_said_twice() -> None:
    shared = fact(9, Aspect.STATUS, "Beide warten.", also=[{"entry": "TH-IK", "aspect": "status"}])
    plan = PLAN.model_copy(update={"facts": (*PLAN.facts, shared)})
    found = answer("Stand Maßnahmenplan und Landeskonzept", snapshot(TOWN, LAND, plan), TODAY)
    assert [s.entry.key for s in found.sections] == ["EF-MP", "TH-IK"]
    told = [s.fact.id for s in found.statements]
    assert len(told) == len(set(told))
    assert [step.dependency.entry.key for s in found.sections for step in s.chain] == []


def test_lists_are_filtered_by_phase_and_ordered_naturally() -> None:
    every = answer("Welche Maßnahmen hat der Maßnahmenplan?", snapshot(), TODAY)
    assert every.listing is not None
    assert [e.key for e in every.listing.entries] == ["EF-1", "EF-2", "EF-10"]
    undone = answer(
        "Welche Maßnahmen sind noch nicht umgesetzt?", snapshot(), TODAY, home="ERFURT"
    )
    assert undone.listing is not None
    assert [e.key for e in undone.listing.entries] == ["EF-2", "EF-10"]


def test_overdue_measures_are_those_past_their_date_and_not_done() -> None:
    found = answer("Welche Maßnahmen sind überfällig?", snapshot(), TODAY, home="ERFURT")
    assert found.listing is not None
    assert [e.key for e in found.listing.entries] == ["EF-2", "EF-10"]
    before = answer(
        "Welche Maßnahmen sind überfällig?", snapshot(), date(2025, 9, 30), home="ERFURT"
    )
    assert before.listing is not None
    assert before.listing.total == 0


def test_a_button_asks_for_one_aspect_of_a_known_entry() -> None:
    found = about(PLAN, [Aspect.RESPONSIBLE], snapshot(), TODAY)
    assert found.statements[0].fact.id == "F-6"


def test_an_answer_is_built_on_dates_and_dependencies_though_they_do_not_date_it() -> None:
    waits = fact(1, Aspect.STATUS, "Es ist geplant.", as_of="2024", phase=Phase.PLANNED)
    link = Link(relation=Relation.DEPENDS_ON, target="EF-2")
    given = fact(2, Aspect.STATUS, "Die Mittel sind beantragt.", as_of="2025-09", phase="planned")
    due = fact(3, Aspect.DUE, "Beschluss am 12.12.2025.", as_of="2025-09", due="2025-12-12")
    coming = fact(4, Aspect.DUE, "Eröffnung im Mai 2026.", as_of="2025-09", due="2026-05")
    late = fact(5, Aspect.DUE, "Bericht im Juni 2025.", as_of="2025-09", due="2025-06")
    snapshot = Snapshot(
        [
            an_entry("EF-1", title="Sprachcafé", facts=[waits], links=[link]),
            an_entry("EF-2", title="Haushalt", facts=[given, due]),
            an_entry("EF-3", kind=Kind.MILESTONE, parent="EF-1", title="Fest", facts=[coming]),
            an_entry("EF-4", kind=Kind.MILESTONE, parent="EF-1", title="Bericht", facts=[late]),
        ]
    )
    found = answer("Wie ist der Stand beim Sprachcafé?", snapshot, TODAY)
    assert [one.id for one in found.facts] == ["F-1"]
    assert {one.id for one in found.grounds} == {"F-1", "F-2", "F-3", "F-4", "F-5"}
    assert found.as_of == PartialDate.parse("2024")


def test_as_of_is_the_newest_date_and_certainty_the_least_certain() -> None:
    entry = an_entry(
        facts=[
            fact(1, Aspect.SUMMARY, "Alt.", as_of="2018"),
            fact(2, Aspect.STATUS, "Neu.", as_of="2024-09", certainty=Certainty.UNCERTAIN),
        ]
    )
    found = answer("EF-7", snapshot(entry), TODAY)
    assert found.as_of is not None
    assert found.as_of.iso() == "2024-09"
    assert found.certainty is Certainty.UNCERTAIN


def test_the_same_question_gets_the_same_answer_from_an_equal_snapshot() -> None:
    first, second = (answer("stand maßnahmenplan", snapshot(), TODAY) for _ in range(2))
    assert first == second


def test_an_answer_stays_short_enough_for_a_phone() -> None:
    facts = [fact(n, Aspect.STATUS, f"Satz Nummer {n}.") for n in range(1, 20)]
    found = answer("Wie ist der Stand von EF-7?", snapshot(an_entry(facts=facts)), TODAY)
    assert len(found.statements) == MOST_FACTS


def test_a_premise_that_no_fact_holds_is_contradicted_with_the_real_state_first() -> None:
    (section,) = answer("Warum wurde der Maßnahmenplan gestrichen?", snapshot(), TODAY).sections
    assert Doubt.PREMISE in section.caveats.doubts
    assert section.statements[0].fact.id == "F-3"


def test_a_premise_that_a_fact_holds_is_left_alone() -> None:
    dropped = an_entry(
        "EF-50",
        title="Sommerakademie",
        facts=[fact(50, Aspect.STATUS, "Sie entfällt.", phase=Phase.DROPPED)],
    )
    told = an_entry(
        "EF-51",
        title="Winterakademie",
        facts=[fact(51, Aspect.STATUS, "Die Winterakademie wurde 2024 eingestellt.")],
    )
    for text in ("Warum wurde die Sommerakademie gestrichen?", "Warum Winterakademie gestoppt?"):
        (section,) = answer(text, snapshot(dropped, told), TODAY).sections
        assert Doubt.PREMISE not in section.caveats.doubts


def test_where_no_date_comes_up_a_question_for_the_next_one_is_told_so() -> None:
    found = answer("Wann ist der nächste Termin beim Landeskonzept?", snapshot(), TODAY)
    assert Doubt.NOTHING_UPCOMING in found.sections[0].caveats.doubts
    found = answer("Wann ist der nächste Termin beim Maßnahmenplan?", snapshot(), TODAY)
    assert Doubt.NOTHING_UPCOMING not in found.sections[0].caveats.doubts
    assert found.sections[0].upcoming[0].derived


def test_answers_carry_the_candidates_that_were_considered() -> None:
    found = answer("Wie weit ist der Maßnahmenplan?", snapshot(), TODAY)
    assert found.candidates[0].key == "EF-MP"
    assert len(found.candidates) <= 3


def test_what_happens_in_a_time_to_come_is_told_by_the_dates_in_it() -> None:
    due = an_entry(
        "M-1",
        kind=Kind.MILESTONE,
        title="Vertragsende",
        facts=[fact(120, Aspect.DUE, "Der Vertrag endet.", due="2025-12-31", as_of="2025")],
    )
    found = answer("Was passiert im Dezember 2025?", snapshot(TOWN, due), TODAY, home="ERFURT")
    assert found.listing is not None
    assert found.listing.entries == (due,)


VOTE = an_entry(
    "SOEM",
    kind=Kind.PLAN,
    title="Kreiskonzept",
    facts=[
        fact(90, Aspect.SUMMARY, "Das Kreiskonzept hat sechs Felder."),
        fact(
            91, Aspect.RESULT, "Dem Kreiskonzept stimmte der Kreistag mit 31 Ja gegen 7 Nein zu."
        ),
        fact(92, Aspect.PARTICIPANTS, "Mitgewirkt haben 20 Vereine."),
        fact(93, Aspect.CONTENT, "Vorgesehen ist eine Prüfung der Wirksamkeit."),
    ],
)


def test_what_shows_how_somebody_voted_comes_first_after_a_question_about_the_plan() -> None:
    base = Snapshot([VOTE])
    found = answer("Und wer war dagegen?", base, TODAY, topic=Topic("SOEM")).sections[0]
    assert found.statements[0].fact.id == "F-91"
    assert not found.admitted.unsaid


def test_a_vote_is_not_told_where_something_else_is_asked_about() -> None:
    base = Snapshot([VOTE])
    found = answer("Was ergab die Prüfung beim Kreiskonzept?", base, TODAY).sections[0]
    assert found.admitted.unsaid == ("ergab",)


def test_a_vote_tells_who_decided() -> None:
    found = answer("Wer hat das Kreiskonzept beschlossen?", Snapshot([VOTE]), TODAY).sections[0]
    assert (found.admitted.missing, found.admitted.unsaid) == ((), ())


def test_what_came_of_an_inquiry_is_what_its_answer_says() -> None:
    paper = an_entry(
        "DS-1",
        kind=Kind.DOCUMENT,
        title="Anfrage zu Wartezeiten",
        number="0797/22",
        facts=[
            fact(94, Aspect.SUMMARY, "Gefragt wurde nach Wartezeiten."),
            fact(95, Aspect.CONTENT, "Im Schnitt sind es rund 14 Monate."),
        ],
    )
    found = answer("DS 0797/22 Ergebnis", Snapshot([paper]), TODAY).sections[0]
    assert found.statements[0].fact.id == "F-95"
    assert found.admitted.missing == ()


def test_whoever_asks_for_evidence_is_not_told_that_there_is_no_paper() -> None:
    base = Snapshot([VOTE])
    assert not answer("Welche Belege gibt es für das Kreiskonzept?", base, TODAY).lacks_something
    asked_for_number = answer("Welche Drucksache hat das Kreiskonzept?", base, TODAY)
    assert asked_for_number.sections[0].admitted.missing == (Aspect.SOURCE,)


def test_a_why_is_answered_by_reasons_and_not_by_what_changed() -> None:
    because = fact(96, Aspect.REASON, "Ein Turnus von zwei Jahren ist der Grund.", as_of="2024")
    plan = PLAN.model_copy(update={"facts": (*PLAN.facts, because)})
    base = Snapshot([TOWN, plan, LAND])
    found = answer("Warum ist beim Maßnahmenplan 2024 nichts passiert?", base, TODAY)
    assert found.news is None
    assert because in found.facts


def test_a_list_of_everything_of_a_kind_does_not_begin_with_what_has_the_word_in_it() -> None:
    elsewhere = an_entry(
        "BERLIN",
        kind=Kind.BODY,
        title="Land Berlin",
        facts=[fact(97, Aspect.CONTENT, "Berlin hat ein Dokument mit allen Dokumenten.")],
    )
    paper = an_entry("DS-2", kind=Kind.DOCUMENT, title="Antwort", parent="ERFURT")
    base = Snapshot([TOWN, paper, elsewhere])
    found = answer("Liste aller Dokumente", base, TODAY, home="ERFURT")
    assert found.sections == ()
    assert found.listing is not None
    assert found.listing.entries == (paper,)


def test_how_far_it_was_when_last_known_stands_before_that_nobody_knows_more() -> None:
    measure = an_entry(
        "EF-70",
        title="Abgleich der Kriterien",
        facts=[
            fact(98, Aspect.STATUS, "Ob der Abgleich erfolgt ist, ist nicht belegt.", known=False),
            fact(99, Aspect.STATUS, "2024 war er noch nicht durchgeführt."),
        ],
    )
    found = answer("Ist der Abgleich der Kriterien schon erfolgt?", Snapshot([measure]), TODAY)
    assert [s.fact.id for s in found.sections[0].nearest] == ["F-99", "F-98"]


@pytest.mark.parametrize(
    ("further", "nothing_later"),
    [
        ({"as_of": "2019"}, True),
        ({"as_of": "2021"}, False),
        ({"as_of": None}, True),
    ],
)
def test_nothing_later_is_said_only_where_nothing_later_is_known(
    further: dict[str, Any], *, nothing_later: bool
) -> None:
    measure = an_entry(
        "EF-71",
        title="Kochkurs",
        facts=[
            fact(100, Aspect.RESPONSIBLE, "Zuständig ist das Amt für Ernährung.", as_of="2020"),
            fact(101, Aspect.COST, "Er kostet 5.000 Euro.", **further),
        ],
    )
    found = answer("Wer ist für den Kochkurs zuständig?", Snapshot([measure]), TODAY).sections[0]
    assert [s.fact.id for s in found.statements] == ["F-100"]
    assert found.caveats.stale == Stale(PartialDate(2020), is_last=nothing_later)


def test_of_a_fact_without_a_date_it_is_not_said_that_it_is_the_last_word() -> None:
    counts = [
        fact(102, Aspect.COUNT, "Der Verein hat 70 Mitglieder.", as_of=None),
        fact(103, Aspect.COUNT, "2015 hatte der Verein 30 Mitglieder.", as_of="2015"),
    ]
    club = an_entry("V", kind=Kind.BODY, title="Verein", facts=counts)
    found = answer("Wie viele Mitglieder hat der Verein?", Snapshot([club]), TODAY).sections[0]
    assert found.caveats.stale == Stale(PartialDate(2015), is_last=False)


def test_a_date_in_a_source_without_one_is_not_called_the_state_of_that_day() -> None:
    founded = fact(
        104, Aspect.HISTORY, "Den Verein gibt es seit 1999.", as_of=None, occurred="1999"
    )
    club = an_entry("V", kind=Kind.BODY, title="Verein", facts=[founded])
    found = answer("Seit wann gibt es den Verein?", Snapshot([club]), TODAY).sections[0]
    assert found.caveats.is_empty


@pytest.mark.parametrize(
    ("occurred", "stale"),
    [("2021-03", "2021-03"), ("2025-08", None), ("2026-05", "2020"), (None, "2020")],
)
def test_how_old_an_answer_is_is_told_by_its_newest_date_that_has_come(
    occurred: str | None, stale: str | None
) -> None:
    facts = [
        fact(107, Aspect.STATUS, "Der Verein ist Mitglied im Bund.", as_of="2020"),
        fact(108, Aspect.STATUS, "Der Verein trifft sich.", as_of=None, occurred=occurred),
    ]
    club = an_entry("V", kind=Kind.BODY, title="Verein", facts=facts)
    found = answer("Wie ist der Stand beim Verein?", Snapshot([club]), TODAY).sections[0]
    old = found.caveats.stale
    assert (old and old.since.iso()) == stale


@pytest.mark.parametrize(
    ("text", "stale"),
    [("Wann trat der Verein bei?", False), ("Wie ist der Stand beim Verein?", True)],
)
def test_when_something_was_does_not_grow_old(text: str, *, stale: bool) -> None:
    facts = [
        fact(109, Aspect.DUE, "Der Verein trat bei.", as_of=None, occurred="2019-05-01"),
        fact(110, Aspect.STATUS, "Der Verein ist Mitglied.", as_of="2018"),
    ]
    club = an_entry("V", kind=Kind.BODY, title="Verein", facts=facts)
    found = answer(text, Snapshot([club]), TODAY).sections[0]
    assert (found.caveats.stale is not None) is stale


def test_a_date_that_is_told_and_has_passed_is_said_to_whomever_it_belongs() -> None:
    meeting = an_entry(
        "TREFFEN",
        kind=Kind.MILESTONE,
        title="Treffen der Städte",
        facts=[
            fact(
                111,
                Aspect.DUE,
                "Das Treffen ist für April 2025 in Jena angekündigt.",
                due="2025-04",
                also=[{"entry": "JENA", "aspect": "due"}],
            )
        ],
    )
    town = an_entry("JENA", kind=Kind.BODY, title="Jena", facts=[])
    base = Snapshot([town, meeting])
    found = about(base.entries["JENA"], [Aspect.DUE], base, TODAY).sections[0]
    assert found.caveats.overdue == meeting


def test_what_a_thing_hangs_on_is_left_out_where_something_else_is_asked() -> None:
    base = snapshot(TOWN, LAND, PLAN)
    assert answer("Maßnahmenplan", base, TODAY).sections[0].chain
    assert answer("Hat der Maßnahmenplan ein Büro?", base, TODAY).sections[0].chain == ()


def test_what_a_thing_waits_for_is_no_reason_why_it_was_turned_down() -> None:
    plan = an_entry(
        "EF-AP",
        kind=Kind.PLAN,
        title="Aktionsplan",
        parent="ERFURT",
        links=[{"relation": "depends_on", "target": "TH-IK", "note": "wartet auf Mittel"}],
        facts=[
            fact(112, Aspect.HISTORY, "Ein Ausschuss hatte den Aktionsplan abgelehnt."),
            fact(113, Aspect.REASON, "Grund der Verzögerung ist das Landeskonzept."),
        ],
    )
    base = Snapshot([TOWN, LAND, plan])
    found = answer("Warum wurde der Aktionsplan abgelehnt?", base, TODAY).sections[0]
    assert (found.admitted.missing, found.chain) == ((Aspect.REASON,), ())
    late = answer("Warum verzögert sich der Aktionsplan?", base, TODAY).sections[0]
    assert (late.admitted.missing, len(late.chain)) == ((), 1)


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("Es entstehen keine Kosten.", ()),
        ("Es entstehen der Stadt keine weiteren Kosten.", ()),
        ("Kosten: 5000.", ()),
        ("Die Antwort nennt keine Kosten.", (Aspect.COST,)),
        ("Die Kosten trägt das Land.", (Aspect.COST,)),
    ],
)
def test_what_a_thing_costs_is_told_by_a_sum_or_by_that_there_is_none(
    text: str, missing: tuple[Aspect, ...]
) -> None:
    cafe = an_entry("EF-73", title="Sprachcafé", facts=[fact(114, Aspect.COST, text)])
    found = answer("Was kostet das Sprachcafé?", Snapshot([cafe]), TODAY).sections[0]
    assert found.admitted.missing == missing


def test_a_year_is_newer_than_a_day_in_it() -> None:
    facts = [
        fact(105, Aspect.CONTENT, "Der Kurs hat Teile.", as_of="2023-02-13"),
        fact(106, Aspect.STATUS, "Der Kurs ruht.", as_of="2023"),
    ]
    found = answer("Kurs", Snapshot([an_entry("EF-72", title="Kurs", facts=facts)]), TODAY)
    assert found.as_of == PartialDate(2023)
    old = found.sections[0].caveats.stale
    assert old is not None
    assert old.since == PartialDate(2023)


def test_what_happened_then_is_told_beside_the_dates_of_days_that_have_passed() -> None:
    event = an_entry(
        "M-1",
        kind=Kind.MILESTONE,
        title="Auftakt",
        parent="ERFURT",
        facts=[fact(104, Aspect.DUE, "Der Auftakt war am 3. Mai 2024.", due="2024-05-03")],
    )
    other = an_entry(
        "EF-72",
        title="Sportfest",
        parent="ERFURT",
        facts=[
            fact(105, Aspect.STATUS, "Es fand statt.", as_of=None, occurred="2024-05-20"),
            fact(109, Aspect.STATUS, "Der Auftakt war da.", as_of=None, occurred="2024-05-03"),
        ],
    )
    term = an_entry(
        "T-1",
        kind=Kind.TERM,
        title="Ziel",
        facts=[fact(106, Aspect.SUMMARY, "Ein Ziel ist klar.", as_of=None, occurred="2024-05-20")],
    )
    base = Snapshot([TOWN, event, other, term])
    for text in (
        "Was geschah im Mai 2024?",
        "was war im mai 2024",
        "Mai 2024",
        "Ereignisse Mai 2024",
    ):
        found = answer(text, base, TODAY, home="ERFURT")
        assert found.listing is not None
        assert found.listing.entries == (event,)
        assert found.news is not None
        assert [s.fact.id for s in found.news.told] == ["F-105"]
    assert answer("Termine Mai 2024", base, TODAY, home="ERFURT").news is None


def test_what_the_state_has_is_no_answer_for_the_town_that_is_named() -> None:
    state = an_entry("TH", kind=Kind.BODY, title="Freistaat Thüringen")
    funds = an_entry(
        "TH-F",
        title="Förderschwerpunkte Integration",
        parent="TH",
        facts=[fact(107, Aspect.SUMMARY, "Die Schwerpunkte der Integration gelten 2026.")],
    )
    base = Snapshot([TOWN, state, funds])
    found = answer("haushalt integration 2026 erfurt", base, TODAY, home="ERFURT")
    assert found.band is not Band.ANSWER


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("Wie viele Maßnahmen?", "JENA-IP"),
        ("Wie viele Maßnahmen sind noch offen?", None),
        ("Wie viele Maßnahmen hat der Maßnahmenplan?", "EF-MP"),
    ],
)
def test_measures_are_those_of_the_other_town_that_was_talked_about(
    text: str, entry: str | None
) -> None:
    jena = an_entry("JENA", kind=Kind.BODY, title="Stadt Jena")
    plan = an_entry(
        "JENA-IP",
        kind=Kind.PLAN,
        title="Jenaer Konzept",
        parent="JENA",
        facts=[fact(108, Aspect.COUNT, "Das Jenaer Konzept hat 50 Maßnahmen.")],
    )
    base = Snapshot([TOWN, PLAN, LAND, *MEASURES, jena, plan])
    found = answer(text, base, TODAY, topic=Topic("JENA-IP"), home="ERFURT")
    assert (found.topic.key if found.topic else None) == entry
    assert (found.listing is not None) is (entry is None)


def test_where_home_is_named_nothing_of_other_towns_is_suggested() -> None:
    town = an_entry("JENA", kind=Kind.BODY, title="Stadt Jena")
    there = an_entry("J-1", title="Unterkunft für Geflüchtete", parent="JENA")
    knowledge = snapshot(town, there)
    for text, keys in (
        ("Wie viele Geflüchtete tanzen gern Walzer?", ["J-1"]),
        ("Wie viele Geflüchtete in Erfurt tanzen gern Walzer?", []),
    ):
        near = answer(text, knowledge, TODAY, home="ERFURT").suggestions
        assert [entry.key for entry in near if entry.parent == "JENA"] == keys
