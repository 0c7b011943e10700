"""Lists: of a kind, below a scope, narrowed by phase, lateness or time."""

from datetime import date

import pytest

from knowledge.answering.basis import Basis
from knowledge.answering.listings import MOST_LISTED, Listing, list_entries
from knowledge.answering.questions import understand
from knowledge.answering.ranking import candidates
from knowledge.entries import Aspect, Kind, Phase
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

TODAY = date(2025, 10, 20)

TOWN = an_entry("ERFURT", kind=Kind.BODY, title="Erfurt", aliases=["Stadt Erfurt"])
PLAN = an_entry("EF-MP", kind=Kind.PLAN, title="Maßnahmenplan", parent="ERFURT")
MILESTONES = [
    an_entry(
        f"M-{n}",
        kind=Kind.MILESTONE,
        title=f"Ereignis {n}",
        parent="EF-MP",
        facts=[a_fact("Datum.", id=f"M{n}", aspect=Aspect.DUE, due=due)],
    )
    for n, due in ((1, "2026-04"), (2, "2024-11-21"), (3, "2026-01-15"))
]
MEASURES = [
    an_entry(
        f"EF-{n}",
        title=f"Vorhaben {n}",
        parent="EF-MP",
        facts=[a_fact("Stand.", id=f"S{n}", aspect=Aspect.STATUS, phase=Phase.PLANNED)],
    )
    for n in range(1, MOST_LISTED + 5)
]
SNAPSHOT = Snapshot([TOWN, PLAN, *MILESTONES, *MEASURES])


def listed(
    text: str, snapshot: Snapshot = SNAPSHOT, today: date = TODAY, home: str | None = "ERFURT"
) -> Listing | None:
    basis = Basis(snapshot, today, home)
    question = understand(text, snapshot)
    return list_entries(question, candidates(question, basis), basis)


def keys(text: str) -> list[str]:
    found = listed(text)
    assert found is not None
    return [entry.key for entry in found.entries]


def test_dates_of_a_year_come_in_order_of_time() -> None:
    assert keys("Welche Termine stehen 2026 an?") == ["M-3", "M-1"]
    assert keys("was passierte 2024") == ["M-2"]


@pytest.mark.parametrize(
    "text",
    [
        "termine januar 2026",
        "was steht im Januar an",
        "was läuft im Januar 2026 aus",
        "was ist im ersten Quartal 2026 geplant",
        "Welche Termine gibt es noch bis Februar 2026?",
    ],
)
def test_dates_of_a_span_are_listed_however_it_is_asked(text: str) -> None:
    assert keys(text) == ["M-3"]


def test_what_is_left_of_a_year_begins_today() -> None:
    assert keys("welche Termine gab es 2024") == ["M-2"]
    later = date(2026, 3, 1)
    found = listed("welche Termine gibt es 2026 noch", SNAPSHOT, later)
    assert found is not None
    assert [entry.key for entry in found.entries] == ["M-1"]


def test_a_date_that_has_passed_without_evidence_is_marked() -> None:
    found = listed("welche Termine gab es 2024")
    assert found is not None
    assert found.late == {"M-2"}
    ahead = listed("welche Termine stehen 2026 an")
    assert ahead is not None
    assert ahead.late == set()


def test_dates_too_vague_for_a_span_are_listed_apart() -> None:
    vague = an_entry(
        "M-9",
        kind=Kind.MILESTONE,
        title="Umbau",
        parent="EF-MP",
        facts=[a_fact("Im Jahr 2026.", id="M9", aspect=Aspect.DUE, due="2026")],
    )
    snapshot = Snapshot([TOWN, PLAN, *MILESTONES, vague])
    for text, listed_apart in (("Termine April 2026", (vague,)), ("Termine 2026", ())):
        found = listed(text, snapshot)
        assert found is not None
        assert found.vague == listed_apart
        assert (vague in found.entries) is not bool(listed_apart)


def test_what_a_rhythm_would_have_fall_due_is_listed_apart() -> None:
    plan = an_entry(
        "EF-MP",
        kind=Kind.PLAN,
        title="Maßnahmenplan",
        parent="ERFURT",
        rhythm={"months": 24, "since": "2023-11-21"},
    )
    snapshot = Snapshot([TOWN, plan, *MILESTONES])
    found = listed("Termine November 2025", snapshot, home=None)
    assert found is not None
    assert [(m.entry.key, m.due.iso()) for m in found.derived] == [("EF-MP", "2025-11")]
    assert (found.total, found.is_empty) == (0, False)


def test_without_a_span_dates_from_today_on_are_meant() -> None:
    assert keys("welche termine gibt es") == ["M-3", "M-1"]


def test_where_no_dates_are_recorded_there_is_no_list_of_them() -> None:
    office = an_entry("AMT", kind=Kind.BODY, title="Amt")
    snapshot = Snapshot([office, *SNAPSHOT.entries.values()])
    assert listed("Termine beim Amt 2026", snapshot, home=None) is None


def test_dates_can_be_asked_for_below_a_plan() -> None:
    assert keys("termine maßnahmenplan 2024") == ["M-2"]


def test_long_lists_are_cut_and_say_how_many_there_are() -> None:
    found = listed("welche Maßnahmen sind geplant")
    assert found is not None
    assert (len(found.entries), found.total) == (MOST_LISTED, MOST_LISTED + 4)
    assert found.scope == TOWN


def test_an_empty_list_is_an_answer_only_if_it_was_narrowed() -> None:
    found = listed("welche Maßnahmen sind umgesetzt")
    assert found is not None
    assert found.total == 0
    assert listed("welche handlungsfelder gibt es") is None


def test_entries_of_unknown_phase_are_counted_beside_a_list_of_a_phase() -> None:
    vague = an_entry("EF-99", title="Vorhaben 99", parent="EF-MP")
    snapshot = Snapshot([TOWN, PLAN, *MEASURES, vague])
    found = listed("welche Maßnahmen sind umgesetzt", snapshot)
    assert found is not None
    assert (found.total, found.unknown) == (0, 1)


def test_where_no_entry_is_in_the_phase_asked_for_all_are_shown_with_theirs() -> None:
    found = listed("welche Maßnahmen sind umgesetzt")
    assert found is not None
    assert found.total == 0
    assert found.entries == tuple(MEASURES[:MOST_LISTED])


def test_entries_of_unknown_phase_are_listed_as_open_and_counted() -> None:
    vague = an_entry("EF-99", title="Vorhaben 99", parent="EF-MP")
    snapshot = Snapshot([TOWN, PLAN, MEASURES[0], vague])
    for text in ("welche Maßnahmen sind noch offen", "welche Maßnahmen sind nicht begonnen"):
        found = listed(text, snapshot)
        assert found is not None
        assert (found.total, found.unclear, found.unknown) == (2, 1, 0)


def test_what_a_plan_says_of_its_measures_not_being_known_stands_beside_a_list() -> None:
    said = {"aspect": Aspect.STATUS, "known": False, "phase": Phase.UNKNOWN}
    admitting = a_fact("Der Stand der Maßnahmen ist nicht bekannt.", id="P", **said)
    plan = an_entry(
        "EF-MP", kind=Kind.PLAN, title="Maßnahmenplan", parent="ERFURT", facts=[admitting]
    )
    snapshot = Snapshot([TOWN, plan, *MEASURES])
    for text, admitted in (
        ("welche Maßnahmen sind geplant", [admitting]),
        ("wie viel Prozent der Maßnahmen sind umgesetzt", [admitting]),
        ("welche Maßnahmen sind überfällig", [admitting]),
        ("welche Maßnahmen gibt es", []),
    ):
        found = listed(text, snapshot)
        assert found is not None
        assert [statement.fact for statement in found.admitted] == admitted


@pytest.mark.parametrize(
    ("text", "lacking"),
    [
        ("welche Maßnahmen haben keinen Verantwortlichen", ["EF-2"]),
        ("Maßnahmen ohne Termin", ["EF-1"]),
        ("welche Maßnahmen sind ohne Budget", ["EF-1", "EF-2"]),
    ],
)
def test_entries_can_be_asked_for_that_lack_something(text: str, lacking: list[str]) -> None:
    led = an_entry(
        "EF-1",
        title="Sportfest",
        parent="EF-MP",
        facts=[a_fact("Zuständig ist das Amt.", aspect=Aspect.RESPONSIBLE)],
    )
    dated = an_entry(
        "EF-2",
        title="Kochkurs",
        parent="EF-MP",
        facts=[
            a_fact("Fällig im Mai.", id="D", aspect=Aspect.DUE, due="2026-05"),
            a_fact("Wer, ist nicht bekannt.", id="W", aspect=Aspect.RESPONSIBLE, known=False),
        ],
    )
    snapshot = Snapshot([TOWN, PLAN, led, dated])
    found = listed(text, snapshot)
    assert found is not None
    assert [entry.key for entry in found.entries] == lacking
    assert (found.total, found.pool) == (len(lacking), 2)


def test_a_question_about_one_thing_is_no_list() -> None:
    assert listed("Wann ist das Sommerfest als Termin geplant?") is None
    assert listed("Wie weit ist der Maßnahmenplan?") is None


def test_a_list_is_narrowed_by_the_other_words_of_the_question() -> None:
    care = an_entry(
        "EF-98",
        title="Vorhaben Gesundheit",
        parent="EF-MP",
        facts=[a_fact("Ein Angebot für Mütter des Sozialamts.", id="S-98")],
    )
    snapshot = Snapshot([TOWN, PLAN, *MEASURES, care])

    def found(text: str) -> Listing | None:
        return listed(text, snapshot)

    for text in ("welche maßnahmen für mütter", "Alle Maßnahmen des Sozialamts"):
        narrowed = found(text)
        assert narrowed is not None
        assert [entry.key for entry in narrowed.entries] == ["EF-98"]
    none = found("Welche Maßnahmen gibt es zur Raumfahrt?")
    assert none is not None
    assert (none.total, none.beyond) == (0, ("Raumfahrt",))


def test_a_kind_in_the_singular_makes_no_list_unless_which_stands_before_it() -> None:
    assert listed("Welche Ziele hat der Plan der Stadt?") is None
    found = listed("Welcher Plan gilt in Erfurt?")
    assert found is not None
    assert found.kind is Kind.PLAN


def test_a_word_for_a_phase_before_the_kind_makes_a_list() -> None:
    assert keys("geplante Maßnahmen")[:2] == ["EF-1", "EF-2"]
    assert keys("die offenen Maßnahmen")[:2] == ["EF-1", "EF-2"]
    assert listed("Was gilt bei einem geplanten Vorhaben?") is None


def test_kinds_that_are_not_carried_out_are_not_counted_by_phase() -> None:
    assert listed("Wie viele Klagen hat die Stadt, und wie viele laufen noch?") is None


def test_shares_are_counted_of_all_entries_of_the_kind() -> None:
    found = listed("Wie hoch ist der Anteil umgesetzter Maßnahmen?")
    assert found is not None
    assert (found.total, found.pool, found.unknown) == (0, len(MEASURES), 0)
