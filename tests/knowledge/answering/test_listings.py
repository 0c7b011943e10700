"""Lists: of a kind, below a scope, narrowed by phase, lateness or time."""

from datetime import date

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


def listed(text: str) -> Listing | None:
    question = understand(text, SNAPSHOT)
    ranked = candidates(question, SNAPSHOT)
    return list_entries(question, ranked, SNAPSHOT, TODAY, home="ERFURT")


def keys(text: str) -> list[str]:
    found = listed(text)
    assert found is not None
    return [entry.key for entry in found.entries]


def test_dates_of_a_year_come_in_order_of_time() -> None:
    assert keys("Welche Termine stehen 2026 an?") == ["M-3", "M-1"]
    assert keys("was passierte 2024") == ["M-2"]


def test_without_a_span_dates_from_today_on_are_meant() -> None:
    assert keys("welche termine gibt es") == ["M-3", "M-1"]


def test_where_no_dates_are_recorded_there_is_no_list_of_them() -> None:
    office = an_entry("AMT", kind=Kind.BODY, title="Amt")
    snapshot = Snapshot([office, *SNAPSHOT.entries.values()])
    question = understand("Termine beim Amt 2026", snapshot)
    ranked = candidates(question, snapshot)
    assert list_entries(question, ranked, snapshot, TODAY, home=None) is None


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
    question = understand("welche Maßnahmen sind umgesetzt", snapshot)
    found = list_entries(question, candidates(question, snapshot), snapshot, TODAY, home="ERFURT")
    assert found is not None
    assert (found.total, found.unknown) == (0, 1)


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
        question = understand(text, snapshot)
        return list_entries(
            question, candidates(question, snapshot), snapshot, TODAY, home="ERFURT"
        )

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


def test_shares_are_counted_of_all_entries_of_the_kind() -> None:
    found = listed("Wie hoch ist der Anteil umgesetzter Maßnahmen?")
    assert found is not None
    assert (found.total, found.pool, found.unknown) == (0, len(MEASURES), 0)
