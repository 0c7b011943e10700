"""What a question names, and what nothing known about an entry speaks of."""

from datetime import date

import pytest

from knowledge.answering.answers import answer
from knowledge.answering.caveats import Doubt
from knowledge.answering.confidence import Band
from knowledge.answering.questions import understand
from knowledge.answering.subjects import narrowing, nouns, unsaid, untold
from knowledge.snapshot import Snapshot
from knowledge.yaml_files import load

SNAPSHOT = Snapshot(load(), revision=1)
TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Gibt es in der Ausländerbehörde einen Spielplatz?", ["Ausländerbehörde", "Spielplatz"]),
        ("öffnungs zeiten ausländerbehörde", ["öffnungs zeiten", "ausländerbehörde"]),
        ("wohin ist die ausländerbehörde umgezogen", ["ausländerbehörde"]),
        ("ist gera auch bei eccar", ["gera", "eccar"]),
        ("gibt es eine interkulturelle woche", ["woche"]),
        ("was war letzte woche", []),
        ("Wie viele Mitarbeitende hat ECCAR?", ["Mitarbeitende", "ECCAR"]),
        ("Welchen Namen hat das Kürzel?", []),
        ("", []),
    ],
)
def test_nouns_are_told_from_other_words(question: str, named: list[str]) -> None:
    understood = understand(question, SNAPSHOT)
    assert [word.surface for word in nouns(understood)] == named


@pytest.mark.parametrize(
    ("question", "key", "missing"),
    [
        ("Gibt es in der Ausländerbehörde einen Spielplatz?", "EF-ABH", ("Spielplatz",)),
        ("Wohin ist die Ausländerbehörde umgezogen?", "EF-ABH", ()),
        ("Ist Gera im Lenkungsausschuss von ECCAR?", "JENA-LENKUNG", ("Gera",)),
        ("Ist Jena im Lenkungsausschuss von ECCAR?", "JENA-LENKUNG", ()),
        ("Seit wann besteht Jenas Mitgliedschaft bei ECCAR?", "JENA-LENKUNG", ()),
        ("Aus welchem Quartal stammten die Einbürgerungsanträge?", "EF-EINBUERG", ()),
        ("Wann wurde die Ausländerbehörde ins Leben gerufen?", "EF-ABH", ()),
        # Its part "Haus" is found, but that is no number.
        ("Welche Hausnummer hat das ZIM?", "EF-ZIM", ("Hausnummer",)),
        ("Welches Gebäude hat das ZIM?", "EF-ZIM", ()),
    ],
)
def test_what_no_text_on_an_entry_has_is_found(
    question: str, key: str, missing: tuple[str, ...]
) -> None:
    assert unsaid(understand(question, SNAPSHOT), [key], SNAPSHOT) == missing


@pytest.mark.parametrize(
    ("question", "text", "missing"),
    [
        (
            "Wer hat dagegen gestimmt?",
            "Der Rat beschloss den Plan, wie es bestimmt war.",
            ("gestimmt",),
        ),
        ("Wer hat dagegen gestimmt?", "Beschlossen mit 31 Ja gegen 7 Nein.", ()),
        (
            "Wie viele Enthaltungen gab es?",
            "Beschlossen mit 31 Ja gegen 7 Nein.",
            ("Enthaltungen",),
        ),
        (
            "Wann endete das Projekt?",
            "Das Projekt förderte der Europäische Sozialfonds.",
            ("endete",),
        ),
        ("Wann endete das Projekt?", "Das Projekt lief bis 2020.", ()),
        ("Telefonnummer vom Büro?", "Das Büro saß am Benediktsplatz 1.", ("Telefonnummer",)),
        ("Telefonnummer vom Büro?", "Das Büro ist unter 0361 655 erreichbar.", ()),
        ("Welcher Paragraf regelt das Büro?", "Das Büro ist geregelt.", ("Paragraf",)),
        ("Welcher Paragraf regelt das Büro?", "Das Büro ist nach § 9 da.", ()),
        ("Wer leitet das Büro?", "Das Büro ist zuständig.", ("leitet",)),
        ("Wer leitet das Büro?", "Die Leitung wurde neu besetzt.", ()),
        (
            "Wer leitet das Büro?",
            "Das Büro ist in Erfurt und ist die Stelle der Stadt.",
            ("leitet",),
        ),
        ("Wer leitet das Büro?", "Beauftragt ist Erika Muster.", ()),
        ("Wer ist Chefin vom Ministerium?", "Ministerin war 2025 Erika Muster.", ()),
        ("Wie lange wartet man im Büro?", "Das Büro ist in Erfurt.", ("lange",)),
        ("Wie lange wartet man im Büro?", "Im Büro wartet man bis zu fünf Jahre.", ()),
        ("Wo sitzt das Büro?", "Das Büro hat 30 Stellen.", ()),
        ("Wie oft tagt das Büro?", "Das Büro berichtet dem Rat.", ("Wie oft",)),
        ("Wie oft tagt das Büro?", "Das Büro tagt alle zwei Jahre.", ()),
        ("Wer war oft im Büro?", "Das Büro berichtet dem Rat.", ()),
        ("Wo tagte das Büro?", "Das Büro tagte 2023.", ("tagte",)),
        ("Wo tagte das Büro?", "Das Büro tagte 2023 im Rathaus.", ()),
        ("Wann tagte das Büro?", "Das Büro tagte 2023.", ()),
        ("Wer stimmte dagegen?", "Das Büro tagte 2023.", ("stimmte",)),
    ],
)
def test_what_no_fact_shows_a_sign_of_is_found(
    question: str, text: str, missing: tuple[str, ...]
) -> None:
    assert untold(understand(question, SNAPSHOT), [text]) == missing


def test_an_answer_says_that_it_shows_no_sign_of_what_is_asked() -> None:
    told = answer("Welche Telefonnummer hat das Integrationsbüro?", SNAPSHOT, TODAY)
    assert told.sections[0].admitted.unsaid == ("Telefonnummer",)
    assert told.statements


@pytest.mark.parametrize(
    ("question", "key", "nouns"),
    [
        (
            "Wie viele Leute waren in Suhl bei der Regionalkonferenz?",
            "TH-REGIO-2023",
            ["Suhl"],
        ),
        ("Wie viele Leute waren dort und wer kam aus Suhl?", "TH-REGIO-2023", []),
        ("Wie viele Punkte hat der Plan von ECCAR?", "ECCAR-10P", []),
        ("Wie viele Maßnahmen hat das Potsdamer Konzept?", "POTSDAM-IK-2024", ["Maßnahmen"]),
    ],
)
def test_nouns_that_name_an_entry_do_not_narrow_it_down(
    question: str, key: str, nouns: list[str]
) -> None:
    asked = understand(question, SNAPSHOT)
    assert [w.surface for w in narrowing(asked, SNAPSHOT.entries[key], SNAPSHOT)] == nouns


def test_what_an_entry_hangs_on_speaks_for_it_too() -> None:
    question = understand("Wartet das Erfurter Integrationskonzept auf den Freistaat?", SNAPSHOT)
    assert unsaid(question, ["EF-IK"], SNAPSHOT) == ()


@pytest.mark.parametrize(
    "question",
    [
        "Wie viele Parkplätze hat die Ausländerbehörde?",
        "Seit wann ist Berlin im ECCAR-Lenkungsausschuss?",
        "Wer hat das Logo der Kampagne Alltagsmut entworfen?",
    ],
)
def test_an_answer_says_first_what_its_facts_do_not_speak_of(question: str) -> None:
    found = answer(question, SNAPSHOT, TODAY, home="ERFURT")
    assert found.sections[0].admitted.unsaid


def test_a_thing_that_is_written_nowhere_needs_an_entry_that_is_named() -> None:
    found = answer(
        "Wann eröffnet das neue Willkommenszentrum in Erfurt?", SNAPSHOT, TODAY, home="ERFURT"
    )
    assert found.band is Band.SUGGEST


def test_a_month_is_no_answer_where_a_day_is_asked_for() -> None:
    asked = answer("An welchem Tag begann Start Deutsch?", SNAPSHOT, TODAY, home="ERFURT")
    assert Doubt.NO_DAY in asked.sections[0].caveats.doubts
    admitted = answer("An welchem Tag wurde 2170/24 beantwortet?", SNAPSHOT, TODAY, home="ERFURT")
    assert "der Tag ist nicht bekannt" in admitted.statements[0].fact.text
    assert Doubt.NO_DAY not in admitted.sections[0].caveats.doubts
    told = answer("An welchem Tag war die Sitzung zu 0907/16?", SNAPSHOT, TODAY, home="ERFURT")
    assert Doubt.NO_DAY not in told.sections[0].caveats.doubts
