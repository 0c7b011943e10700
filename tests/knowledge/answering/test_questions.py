"""What is asked, as far as words show it."""

import pytest

from knowledge.answering.asides import Aside
from knowledge.answering.questions import LONGEST, WORD_WEIGHT, understand
from knowledge.answering.spelling import joined
from knowledge.entries import Aspect, Kind, Phase
from knowledge.german import words
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

SNAPSHOT = Snapshot(
    [
        an_entry("ERFURT", kind=Kind.BODY, title="Landeshauptstadt Erfurt", aliases=["Erfurt"]),
        an_entry(
            "EF-IK",
            kind=Kind.PLAN,
            title="Integrationskonzept Erfurt",
            aliases=["Integrationskonzept"],
            parent="ERFURT",
            facts=[a_fact("Die Fortschreibung begann nicht.", aspect=Aspect.STATUS)],
        ),
        an_entry(
            "EF-MP",
            kind=Kind.PLAN,
            title="Maßnahmenplan",
            parent="ERFURT",
            aliases=["Konzeptstand", "Konzeptmitglieder"],
        ),
    ]
)


@pytest.mark.parametrize(
    ("text", "aspect"),
    [
        ("Wie weit ist das Integrationskonzept?", Aspect.STATUS),
        ("Ist die Beteiligung am Integrationskonzept erfolgt?", Aspect.STATUS),
        ("Wann wird das Integrationskonzept fortgeschrieben?", Aspect.DUE),
        ("bis wann integrationskonzept", Aspect.DUE),
        ("wer kümmert sich ums integrationskonzept", Aspect.RESPONSIBLE),
        ("Weshalb dauert das Integrationskonzept?", Aspect.REASON),
        ("was kostet das integrationskonzept", Aspect.COST),
        ("Wie viele Seiten hat das Integrationskonzept?", Aspect.COUNT),
        ("was ist ein Integrationskonzept", Aspect.SUMMARY),
        ("Wer war am Integrationskonzept beteiligt und dabei?", Aspect.PARTICIPANTS),
        ("Welches Ergebnis brachte das Integrationskonzept?", Aspect.RESULT),
        ("Drucksachennummer Integrationskonzept", Aspect.SOURCE),
        ("Wie hieß der Vorgänger des Integrationskonzepts früher?", Aspect.HISTORY),
    ],
)
def test_cue_words_show_the_aspect(text: str, aspect: Aspect) -> None:
    assert aspect in understand(text, SNAPSHOT).aspects


def test_what_stood_in_a_plan_asks_for_its_content_and_not_for_how_far_it_is() -> None:
    assert understand("Was stand im Integrationskonzept?", SNAPSHOT).aspects == (Aspect.CONTENT,)
    assert understand("Stand Integrationskonzept", SNAPSHOT).aspects == (Aspect.STATUS,)


def test_where_an_office_sits_asks_for_nobody() -> None:
    assert understand("Wo sitzt das Integrationskonzept?", SNAPSHOT).aspects == ()
    sitting = understand("Wer sitzt im Integrationskonzept?", SNAPSHOT).aspects
    assert sitting == (Aspect.PARTICIPANTS,)


@pytest.mark.parametrize("word", ["eventuell", "jemals", "vielleicht", "isn", "nix", "ey"])
def test_adverbs_and_particles_name_nothing(word: str) -> None:
    question = understand(f"integrationskonzept {word} erfurt", SNAPSHOT)
    assert [w.folded for w in question.subject] == ["integrationskonzept", "erfurt"]
    assert question.corrections == ()
    assert question.unknown == ()


def test_a_mere_name_asks_for_no_aspect() -> None:
    assert understand("integrationskonzept erfurt", SNAPSHOT).aspects == ()


def test_two_aspects_in_one_question_are_both_seen() -> None:
    asked = understand("Wer macht das Integrationskonzept und bis wann?", SNAPSHOT).aspects
    assert {Aspect.RESPONSIBLE, Aspect.DUE} <= set(asked)


@pytest.mark.parametrize(
    ("text", "corrected"),
    [
        ("integrationskonzpet", "Integrationskonzept"),
        ("wie weit ist der masnahmenplan", "wie weit ist der Maßnahmenplan"),
        (
            "integrationskonzepte im integrationskonzep",
            "integrationskonzepte im Integrationskonzept",
        ),
        ("wie wird das wetter", None),
        ("massnahmenplan", None),
    ],
)
def test_typos_are_read_as_known_words_and_real_words_are_left_alone(
    text: str, corrected: str | None
) -> None:
    assert understand(text, SNAPSHOT).corrected == corrected


@pytest.mark.parametrize("text", ["und wer ist zuständig?", "bis wann genau", "und davon?"])
def test_a_question_that_names_nothing_is_a_follow_up(text: str) -> None:
    assert understand(text, SNAPSHOT).follow_up


@pytest.mark.parametrize(
    "text", ["wer ist für den maßnahmenplan zuständig", "hallo", "DS 2170/24", "wetter"]
)
def test_a_question_that_names_something_is_no_follow_up(text: str) -> None:
    assert not understand(text, SNAPSHOT).follow_up


@pytest.mark.parametrize(
    ("text", "continues"),
    [
        ("und 2023?", True),
        ("und heute?", True),
        ("aber jetzt?", True),
        ("Und im August 2025?", True),
        ("wer hat ihn geschrieben", True),
        ("wer hats beantragt", True),
        ("Wer hat das beschlossen?", True),
        ("wie wird das wetter", False),
        ("2023?", False),
        ("was war 2023", False),
        ("und in Erfurt?", False),
        ("wer hat das integrationskonzept geschrieben", False),
        ("und EF-MP?", False),
        ("und was ist mit der DS 2170/24?", False),
        ("", False),
    ],
)
def test_a_question_without_a_thing_may_go_on_about_the_last_one(
    text: str, *, continues: bool
) -> None:
    assert understand(text, SNAPSHOT).continues is continues


def test_paper_numbers_are_recognised_in_any_spelling() -> None:
    for text in ("DS 2170/24", "drs. 2170-24", "Drucksache 2170/2024"):
        assert understand(text, SNAPSHOT).numbers == ("2170/24",)


def test_words_that_exist_nowhere_are_named() -> None:
    assert understand("Was macht der Willkommenslotse?", SNAPSHOT).unknown == ("Willkommenslotse",)
    assert understand("Wo ist das angesiedelt?", SNAPSHOT).unknown == ()


def test_a_town_that_is_written_nowhere_is_unknown_although_the_dictionary_has_it() -> None:
    assert understand("Plan der Stadt Gotha", SNAPSHOT).unknown == ("Gotha",)
    assert understand("Plan der Stadt Erfurt", SNAPSHOT).unknown == ()


def test_a_town_that_no_dictionary_has_is_not_read_as_another_word() -> None:
    question = understand("Hat Arnstadt ein Integrationskonzept?", SNAPSHOT)
    assert question.corrections == ()
    assert question.unknown == ("Arnstadt",)


@pytest.mark.parametrize(
    "text", ["Does Erfurt have a plan?", "when was the Maßnahmenplan adopted"]
)
def test_english_is_recognised_before_its_words_are_read_as_german_ones(text: str) -> None:
    assert understand(text, SNAPSHOT).aside is Aside.ENGLISH


def test_list_questions_show_kind_and_phases() -> None:
    question = understand("Welche Maßnahmen sind noch nicht umgesetzt?", SNAPSHOT)
    assert question.kind is Kind.MEASURE
    assert question.listing
    assert Phase.DONE not in question.phases
    assert Phase.PLANNED in question.phases


def test_very_long_questions_are_cut() -> None:
    assert len(understand("Maßnahmenplan " * 500, SNAPSHOT).text) == LONGEST


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("maßnahmen plan", ["massnahmenplan"]),
        ("integration konzept erfurt", ["integrationskonzept", "erfurt"]),
        ("masnahmen plan", ["masnahmenplan"]),
        ("plan der maßnahmen", ["plan", "der", "massnahmen"]),
        # "Konzeptstand" is a name as well, but here the state is asked for.
        ("konzept stand", ["konzept", "stand"]),
        ("konzept mitglieder", ["konzeptmitglieder"]),
        # A part of "bezahlen" that is no word by itself, and a card that is known nowhere.
        ("bezahl karte", ["bezahlkarte"]),
        ("Welcher Parti gehört das", ["welcher", "parti", "gehoert", "das"]),
    ],
)
def test_compounds_in_two_words_are_read_as_one(written: str, read: list[str]) -> None:
    assert [word.folded for word in joined(words(written), SNAPSHOT.index)] == read


def test_a_compound_in_two_words_with_a_typo_is_shown_as_it_was_read() -> None:
    question = understand("stand masnahmen plan", SNAPSHOT)
    assert question.corrected == "stand Maßnahmenplan"


def test_what_a_why_question_takes_for_granted_is_noticed() -> None:
    asked = understand("Warum wurde der Maßnahmenplan gestrichen?", SNAPSHOT)
    assert asked.premise is Phase.DROPPED
    assert understand("Wurde der Maßnahmenplan gestrichen?", SNAPSHOT).premise is None


def test_the_word_der_does_not_point_back() -> None:
    assert not understand("Wie hoch ist der Anteil umgesetzter Maßnahmen?", SNAPSHOT).follow_up
    assert understand("Und wer ist dafür zuständig?", SNAPSHOT).follow_up


@pytest.mark.parametrize(
    ("word", "unknown"),
    [
        ("Konzeptmaßnahmenplan", False),
        ("gefortschreibt", False),
        ("Willkommenslotse", True),
    ],
)
def test_words_made_of_known_ones_are_not_unknown(word: str, unknown: bool) -> None:
    assert bool(understand(f"Stand {word}", SNAPSHOT).unknown) is unknown


def test_how_high_something_that_is_paid_is_asks_for_a_sum() -> None:
    question = understand("Wie hoch ist der Eigenanteil beim Maßnahmenplan?", SNAPSHOT)
    assert question.amount
    assert question.aspects[0] is Aspect.COST
    assert not understand("Wie hoch ist die Quote beim Maßnahmenplan?", SNAPSHOT).amount
    assert understand("mitgliedsbeitrag beim maßnahmenplan", SNAPSHOT).amount
    assert understand("Was zahlt Erfurt für den Maßnahmenplan?", SNAPSHOT).amount
    assert not understand("Wer zahlt den Maßnahmenplan?", SNAPSHOT).amount


def test_who_pays_is_answered_without_a_sum() -> None:
    assert not understand("Wer zahlt die Miete?", SNAPSHOT).amount
    assert understand("Wer zahlt die Miete und wie hoch ist sie?", SNAPSHOT).amount
    assert understand("Wie hoch ist die Miete?", SNAPSHOT).amount


def test_things_count_more_than_what_is_said_of_them() -> None:
    question = understand("Wurde der Maßnahmenplan 2024 gründlich beraten?", SNAPSHOT)
    weights = {word.folded: weight for word, weight in question.words}
    assert weights["massnahmenplan"] == weights["2024"] == 1.0
    assert weights["gruendlich"] == weights["beraten"] == WORD_WEIGHT


@pytest.mark.parametrize("text", ["Stand EF-7", "stand ef-7", "stand ef7", "stand EF 7", "EF-07"])
def test_a_key_is_read_with_and_without_its_hyphen(text: str) -> None:
    snapshot = Snapshot([an_entry("EF-7"), an_entry("EF-70")])
    assert understand(text, snapshot).keys == ("EF-7",)


def test_a_key_that_goes_on_names_nothing_shorter() -> None:
    snapshot = Snapshot([an_entry("EF-4"), an_entry("EF-4-START")])
    assert understand("EF-4-START", snapshot).keys == ("EF-4-START",)


def test_an_article_before_the_rest_of_a_verb_stands_for_what_was_named_before() -> None:
    assert understand("Wer stellt die vor?", SNAPSHOT).continues
    assert not understand("Wer stellt die Vorlage vor?", SNAPSHOT).continues
