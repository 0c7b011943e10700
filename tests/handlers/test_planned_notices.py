"""The words of what the planner tells."""

from datetime import date
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.messages import length, plain, render
from handlers.notice_items import MOST_FACTS
from handlers.planned_notices import PLANNED, planned_words
from knowledge.answering.questions import LONGEST
from knowledge.entries import (
    LONGEST_KEY,
    LONGEST_LINE,
    LONGEST_TEXT,
    Fact,
    Kind,
    Link,
    Phase,
    Relation,
    Rhythm,
)
from knowledge.notification.interests import fingerprints
from knowledge.notification.notices import Notice, NoticeKind
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot
from scheduler.digests import MOST_GATHERED
from scheduler.planning import LONGEST_QUOTED, MOST_FALLEN
from tests.scheduler.stage import a_milestone, a_plan
from tests.support.builders import a_content, a_fact, a_notice, an_entry

TODAY = date(2025, 10, 20)
SNAPSHOT = Snapshot(
    [
        a_milestone("EF-M", "2025-11", title="Bericht an den Stadtrat"),
        a_milestone("EF-D", "2025-10-27", "done", title="Auswertung"),
        a_milestone("EF-O", None, "dropped", title="Ausstellung"),
        a_milestone("EF-U", None, "unknown"),
        a_milestone("EF-V", "2025-11", "postponed", title="Umzug"),
        a_plan(
            "EF-P",
            title="Maßnahmenplan <b>",
            rhythm=Rhythm(months=24, since=PartialDate.parse("21.11.2023")),
            facts=(a_fact("Der Plan liegt & wird geprüft.", id="F-7", aspect="status"),),
        ),
    ]
)


def words(
    kind: str, content: dict[str, Any], snapshot: Snapshot = SNAPSHOT, today: date = TODAY
) -> str:
    notice = a_notice(kind=NoticeKind(kind), content=a_content(NoticeKind(kind), content))
    return plain(planned_words(notice, snapshot, today))


def a_digest(items: list[dict[str, Any]]) -> Notice:
    return a_notice(kind=NoticeKind.DIGEST, content=a_content(NoticeKind.DIGEST, {"items": items}))


@pytest.mark.parametrize("kind", sorted(set(PLANNED) - {NoticeKind.DIGEST}))
def test_every_kind_that_is_planned_has_words(kind: NoticeKind) -> None:
    content: dict[str, Any] = {"entry": "EF-M", "title": "Bericht", "due": "2025-11", "months": 6}
    content |= {"question": "stand bericht", "home": None, "entries": ["EF-M"]}
    assert "bericht" in words(kind, content).lower()


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        (
            "milestone_coming",
            {"entry": "EF-M", "due": "2025-11", "derived": False, "step": -30},
            "Bericht an den Stadtrat (EF-M)\n"
            "Termin: November 2025 (ein Tag ist nicht genannt, spätestens 30.11.2025), "
            "spätestens in 41 Tagen.\nFällig 2025-11.\nStand 2024, amtlich. Quelle: DS 2170/24",
        ),
        (
            "milestone_coming",
            {"entry": "EF-P", "due": "2025-11", "derived": True, "step": -30},
            "Der Termin ergibt sich rechnerisch aus dem Turnus. Beschlossen ist er nicht.",
        ),
        (
            "milestone_missed",
            {"entry": "EF-D", "due": "2025-10-13", "derived": False, "step": 7},
            "Termin verstrichen: 13.10.2025, seit 7 Tagen. Dass er eingehalten wurde, ist nicht "
            "belegt.",
        ),
        (
            "milestone_moved",
            {"entry": "EF-M", "title": "Bericht", "old": "2025-06-30", "new": "2025-11"},
            "Termin verschoben: November 2025 (ein Tag ist nicht genannt, spätestens "
            "30.11.2025), bisher 30.06.2025.",
        ),
        (
            "milestone_done",
            {"entry": "EF-D", "title": "x", "old": None, "new": "done", "facts": ["EF-D-S"]},
            "Erledigt (Termin: 27.10.2025).\nStand done.",
        ),
        (
            "milestone_cancelled",
            {"entry": "WEG", "title": "Altes Vorhaben", "withdrawn": True},
            "Altes Vorhaben (WEG)\nDieser Eintrag wurde zurückgezogen und gilt nicht mehr.",
        ),
        (
            "milestone_cancelled",
            {"entry": "EF-O", "title": "Ausstellung", "old": "2025-11", "new": None, "facts": []},
            "Ausstellung (EF-O)\nEin Termin ist nicht mehr genannt (bisher November 2025).",
        ),
        (
            "milestone_cancelled",
            {
                "entry": "EF-O",
                "title": "Ausstellung",
                "old": "planned",
                "new": "dropped",
                "facts": ["EF-O-S"],
            },
            "Ausstellung (EF-O)\nEntfallen.\nStand dropped.",
        ),
        (
            "status_changed",
            {"entry": "EF-D", "title": "x", "old": "planned", "new": "done", "facts": []},
            "Stand: umgesetzt, bisher geplant.",
        ),
        (  # nothing was said of it before, and now that nothing is known
            "status_changed",
            {"entry": "EF-U", "title": "x", "old": None, "new": "unknown", "facts": ["EF-U-S"]},
            "Stand: unbekannt.\nStand unknown.",
        ),
        (
            "status_changed",
            {"entry": "EF-V", "title": "x", "old": "planned", "new": "postponed", "facts": []},
            "Stand: zurückgestellt, bisher geplant. Genannter Termin: November 2025 (ein Tag ist "
            "nicht genannt, spätestens 30.11.2025).\n\n",
        ),
        (
            "fact_added",
            {"entry": "EF-P", "title": "Maßnahmenplan <b>", "new": False, "facts": ["F-7"]},
            "Maßnahmenplan <b> (EF-P)\nNeue Angabe:\nDer Plan liegt & wird geprüft.\n"
            "Stand 2024, amtlich. Quelle: DS 2170/24",
        ),
        (
            "fact_added",
            {"entry": "EF-D", "title": "Auswertung", "new": True, "facts": ["EF-D-D"]},
            "Auswertung (EF-D)\nNeuer Eintrag. Stand: umgesetzt. Termin: 27.10.2025.\nFällig",
        ),
        (
            "fact_added",
            {"entry": "EF-P", "title": "Maßnahmenplan <b>", "new": True, "facts": ["F-7"]},
            "Maßnahmenplan <b> (EF-P)\nNeuer Eintrag.\nDer Plan liegt & wird geprüft.",
        ),
        (
            "entries_added",
            {"entry": "EF-M", "entries": ["EF-M", "EF-D", "WEG"], "count": 20, "revision": 2},
            "19 neue Einträge\n"
            "– Bericht an den Stadtrat (EF-M), Termin: November 2025\n"
            "– Auswertung (EF-D), Stand: umgesetzt, Termin: 27.10.2025\n"
            "– und 17 weitere\nNachlesen mit /massnahmen",
        ),
        (
            "entries_added",
            {"entry": "EF-M", "entries": ["EF-M"] * 20, "count": 20, "revision": 2},
            "– und 12 weitere\n",
        ),
        (
            "entries_added",
            {"entry": "EF-M", "entries": ["EF-M"], "count": 1, "revision": 2},
            "Ein neuer Eintrag\n– Bericht an den Stadtrat (EF-M), Termin: November 2025\nNach",
        ),
        (
            "correction",
            {"entry": "WEG", "undone": 3, "revision": 4, "gone": 20},
            "Den Eintrag gibt es nicht mehr, ebenso 19 weitere, die mit ihm kamen.",
        ),
        (
            "answer_changed",
            {
                "subscription": 1,
                "question": "stand maßnahmenplan",
                "entry": None,
                "home": None,
                "before": {"F-1": "0"},
            },
            "„stand maßnahmenplan“\nMaßnahmenplan <b> (EF-P)\nDer Plan liegt & wird geprüft.",
        ),
        (
            "answer_changed",
            {
                "subscription": 1,
                "question": "=status",
                "entry": "EF-P",
                "home": None,
                "before": {"F-1": "0"},
            },
            "„Stand: Maßnahmenplan <b>“\nMaßnahmenplan <b> (EF-P)\nDer Plan liegt & wird geprüft.",
        ),
        (
            "correction",
            {"entry": "EF-D", "undone": 3, "revision": 4},
            "Berichtigung: Eine Änderung, die ich Ihnen gemeldet habe, wurde zurückgenommen.\n"
            "Es gilt: Stand umgesetzt, Termin 27.10.2025.",
        ),
        (
            "correction",
            {"entry": "EF-D", "undone": 3, "revision": 4, "told": {"withdrawn": True}},
            "Den Eintrag gibt es wieder. Es gilt: Stand umgesetzt, Termin 27.10.2025.",
        ),
        (
            "nudge",
            {"items": [{"kind": "nudge", "key": "k", "content": {"entry": "EF-P", "months": 6}}]},
            "– Maßnahmenplan <b> (EF-P), seit 6 Monaten",
        ),
        (
            "nudge",
            {"items": [{"kind": "nudge", "key": "k", "content": {"entry": "EF-P", "months": 1}}]},
            "– Maßnahmenplan <b> (EF-P), seit einem Monat\n",
        ),
        (
            "nudge",
            {"items": [{"kind": "nudge", "key": "k", "content": {"entry": "EF-P", "months": 36}}]},
            "– Maßnahmenplan <b> (EF-P), seit 3 Jahren",
        ),
        (
            "nudge",
            {"items": [{"kind": "nudge", "key": "k", "content": {"entry": "EF-P", "months": 30}}]},
            "– Maßnahmenplan <b> (EF-P), seit mehr als 2 Jahren",
        ),
    ],
)
def test_each_kind_says_what_when_and_how_certain(
    kind: str, content: dict[str, Any], said: str
) -> None:
    told = words(kind, content)
    assert said in told
    assert told.endswith("/abos")


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("fact_added", {"entry": "EF-P", "new": False, "facts": ["F-1"]}),
        ("answer_changed", {"question": "=due", "entry": "EF-P", "home": None, "before": {}}),
    ],
)
def test_an_older_source_does_not_pass_for_the_newest_date(
    kind: str, content: dict[str, Any]
) -> None:
    older = a_fact("Termin: 01.02.2027", id="F-1", aspect="due", due="2027-02-01", as_of="2026-10")
    newer = a_fact("Termin: 21.03.2027", id="F-2", aspect="due", due="2027-03-21", as_of="2026-12")
    told = words(kind, content, Snapshot([a_plan("EF-P", facts=(older, newer))]))
    assert (
        "Termin: 01.02.2027\nStand Oktober 2026, amtlich. Quelle: DS 2170/24\n"
        "Ältere Angabe; es gilt weiter: Termin 21.03.2027.\n"
    ) in told
    assert told.count("Ältere Angabe") == 1
    alone = words(kind, content, Snapshot([a_plan("EF-P", facts=(older,))]))
    assert "Ältere Angabe" not in alone


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (Kind.PLAN, "Bericht (EF-M) zu „Eintrag EF-P“\nTermin: "),
        (Kind.FIELD, "Bericht (EF-M) zu „Eintrag EF-P“\nTermin: "),
        (Kind.MEASURE, "Bericht (EF-M) zu „Eintrag EF-P“\nTermin: "),
        (Kind.BODY, "Bericht (EF-M)\nTermin: "),
    ],
)
def test_a_milestone_is_told_with_what_it_belongs_to(kind: Kind, said: str) -> None:
    date_ = a_milestone("EF-M", "2025-10-27", title="Bericht", parent="EF-P")
    content = {"entry": "EF-M", "due": "2025-10-27", "derived": False}
    snapshot = Snapshot([an_entry("EF-P", kind=kind), date_])
    assert said in words("milestone_coming", content, snapshot)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("milestone_moved", {"old": "2026-01-15", "new": "2025-10-19"}),
        ("fact_added", {"new": True, "facts": ["EF-M-D"]}),
    ],
)
def test_a_date_that_has_passed_when_it_becomes_known_is_told_as_one(
    kind: str, content: dict[str, Any]
) -> None:
    def told(due: str, phase: str | None = None) -> str:
        snapshot = Snapshot([a_milestone("EF-M", due, phase)])
        return words(kind, {"entry": "EF-M"} | content, snapshot)

    assert ". Dieser Termin ist schon verstrichen.\n" in told("2025-10-19")
    assert "verstrichen" not in told("2025-10-20")
    assert "verstrichen" not in told("2025-10")
    assert "verstrichen" not in told("2025-10-19", "done")
    assert "verstrichen" not in told("2025-10-19", "dropped")


@pytest.mark.parametrize(
    ("due", "today", "said"),
    [
        ("2025-10", "2025-10-31", "spätestens 31.10.2025), spätestens heute."),
        ("2025-10", "2025-10-30", "spätestens 31.10.2025), spätestens morgen."),
        ("2025-10-31", "2025-10-31", "Termin: 31.10.2025, heute."),
    ],
)
def test_the_last_day_of_a_vague_date_does_not_pass_for_its_day(
    due: str, today: str, said: str
) -> None:
    content = {"entry": "EF-M", "due": due, "derived": False}
    snapshot = Snapshot([a_milestone("EF-M", due)])
    day = date.fromisoformat(today)
    assert said in words("milestone_coming", content, snapshot, day)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2026-06", "2026-06-30", "Termin genauer angegeben: 30.06.2026, bisher Juni 2026."),
        ("2026", "2026-Q2", "Termin genauer angegeben: 2. Quartal 2026 ("),
        ("2026-06-30", "2026-06", "Termin weniger genau angegeben: Juni 2026 ("),
        ("2026-06", "2026-07-01", "Termin verschoben: 01.07.2026, bisher Juni 2026."),
        ("2026-Q2", "2026-mid", "Termin verschoben: Mitte 2026 ("),
    ],
)
def test_a_date_that_only_becomes_more_or_less_precise_is_not_called_moved(
    old: str, new: str, said: str
) -> None:
    snapshot = Snapshot([a_milestone("EF-M", new)])
    assert said in words("milestone_moved", {"entry": "EF-M", "old": old, "new": new}, snapshot)


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("fact_added", {"entry": "EF-P", "new": False, "facts": ["F-1"]}),
        ("status_changed", {"entry": "EF-P", "old": None, "new": "done", "facts": ["F-1"]}),
        ("answer_changed", {"question": "=status", "entry": "EF-P", "home": None, "before": {}}),
    ],
)
def test_that_sources_contradict_each_other_is_said_with_what_is_quoted(
    kind: str, content: dict[str, Any]
) -> None:
    def told(*, disputed: bool) -> str:
        text = "Er ist umgesetzt."
        fact = a_fact(text, id="F-1", aspect="status", phase="done", disputed=disputed)
        return words(kind, content, Snapshot([a_plan(facts=(fact,))]))

    assert "Quelle: DS 2170/24\nAchtung: Die Quellen widersprechen sich.\n" in told(disputed=True)
    assert "widersprechen" not in told(disputed=False)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, None),
        (1, "Davon hängt ab: Eintrag EF-0 (EF-0).\n"),
        (2, "Davon hängen ab: Eintrag EF-0 (EF-0), Eintrag EF-1 (EF-1).\n"),
        (5, "Eintrag EF-2 (EF-2) und 2 weitere.\n"),
    ],
)
def test_what_hangs_on_an_entry_is_told_with_what_becomes_of_it(
    count: int, said: str | None
) -> None:
    link = {"relation": "depends_on", "target": "EF-M"}
    waiting = [an_entry(f"EF-{n}", links=(link,)) for n in range(count)]
    content = {"entry": "EF-M", "old": "2025-11-01", "new": "2026-01-15"}
    snapshot = Snapshot([a_milestone("EF-M", "2026-01-15"), *waiting])
    told = words("milestone_moved", content, snapshot)
    assert said in told if said else "Davon" not in told


def test_an_older_source_does_not_pass_for_the_newest_phase() -> None:
    older = a_fact("Er ist umgesetzt.", id="F-1", aspect="status", phase="done", as_of="2024")
    newer = a_fact("Er läuft.", id="F-2", aspect="status", phase="in_progress", as_of="2025")
    content = {"entry": "EF-P", "new": False, "facts": ["F-1", "F-2"]}
    told = words("fact_added", content, Snapshot([a_plan("EF-P", facts=(older, newer))]))
    assert told.count("Ältere Angabe; es gilt weiter: Stand in Umsetzung.") == 1


def test_an_answer_whose_entry_is_withdrawn_says_that_and_quotes_nothing_unrelated() -> None:
    content: dict[str, Any] = {"question": "stand maßnahmenplan", "entry": None, "home": None}
    content |= {"before": {"F-1": "0"}, "about": {"EF-WEG": "Elterncafé", "EF-M": "Bericht"}}
    told = words("answer_changed", content)
    assert (
        "„stand maßnahmenplan“\nElterncafé (EF-WEG) wurde zurückgezogen und gilt nicht mehr.\n"
    ) in told
    assert "geprüft" not in told
    assert "Die ganze Antwort" not in told


def test_an_answer_of_which_one_entry_is_withdrawn_quotes_what_is_new_of_the_others() -> None:
    content: dict[str, Any] = {"question": "stand maßnahmenplan", "entry": None, "home": None}
    content |= {"before": {"F-7": "0", "F-1": "0"}, "about": {"EF-WEG": "Elterncafé"}}
    told = words("answer_changed", content)
    assert "Elterncafé (EF-WEG) wurde zurückgezogen" in told
    assert "Der Plan liegt & wird geprüft." in told


def test_an_answer_says_how_that_stands_of_which_it_does_not_say_any_more_what_it_said() -> None:
    content: dict[str, Any] = {"question": "stand maßnahmenplan", "entry": None, "home": None}
    content |= {"before": {"F-7": "0", "EF-D-D": "0", "EF-O-D": "0"}, "about": {}}
    content["owners"] = {"EF-D-D": "EF-D", "EF-O-D": "EF-O"}
    told = words("answer_changed", content)
    assert "Auswertung (EF-D)\nEs gilt: Stand umgesetzt, Termin 27.10.2025.\n" in told
    assert "Ausstellung (EF-O)\nEs gilt: Stand entfallen.\n" in told
    assert "Frühere Angaben" not in told


def test_an_answer_names_the_entry_of_what_it_quotes_once() -> None:
    facts = [a_fact(f"Angabe {n}.", id=f"F-{n}", aspect="status") for n in (1, 2)]
    plan = a_plan("EF-P", title="Sprachkonzept", facts=facts)
    date_ = a_milestone("EF-M", "2026-04-20", title="Bericht", parent="EF-P")
    content: dict[str, Any] = {"question": "=status", "entry": "EF-P", "home": None}
    content["before"] = {}
    told = words("answer_changed", content, Snapshot([plan, date_]))
    assert told.count("Sprachkonzept (EF-P)") == 1
    assert "Bericht (EF-M)\nFällig 2026-04-20.\n" in told


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("fact_added", {"entry": "EF-P", "new": False, "facts": ["F-1"]}),
        ("answer_changed", {"question": "=due", "entry": "EF-P", "home": None, "before": {}}),
    ],
)
def test_what_an_editor_left_to_be_worded_is_said_where_it_is_all_that_is_told(
    kind: str, content: dict[str, Any]
) -> None:
    fact = a_fact("Termin: 20.04.2026.", id="F-1", aspect="due", due="2026-04-20")
    assert "\nTermin: 20.04.2026.\n" in words(kind, content, Snapshot([a_plan(facts=(fact,))]))


def told_of(*facts: Fact, phase: str | None = None, due: str | None = None) -> dict[str, Any]:
    """A correction of what a chat was told that an entry says."""
    said = {"withdrawn": False, "phase": phase, "due": due, "said": fingerprints(facts)}
    return {"entry": "EF-P", "undone": 3, "revision": 4, "told": said}


def test_a_correction_of_a_fact_quotes_what_holds_again_and_no_phase_that_nobody_spoke_of() -> (
    None
):
    told = words("correction", told_of(a_fact("Der Plan ist verworfen.", id="F-8")))
    assert (
        "wurde zurückgenommen.\nEinzelne Angaben von damals gelten nicht mehr.\n"
        "Der Plan liegt & wird geprüft.\nStand 2024, amtlich. Quelle: DS 2170/24\n"
    ) in told
    assert "unbekannt" not in told


def test_a_correction_of_a_fact_too_many_quotes_nothing_that_was_not_in_doubt() -> None:
    (fact,) = SNAPSHOT.entries["EF-P"].facts
    told = words("correction", told_of(fact, a_fact("Er ist verworfen.", id="F-8")))
    assert "Einzelne Angaben von damals gelten nicht mehr." in told
    assert "geprüft" not in told


def test_a_correction_says_which_statements_do_not_hold_any_more() -> None:
    (fact,) = SNAPSHOT.entries["EF-P"].facts
    content = told_of(a_fact("Er ist verworfen.", id="F-8"), fact)
    content["fell"] = {"F-8": "Er ist verworfen.", "F-7": "Der Plan liegt & wird geprüft."}
    told = words("correction", content)
    assert "wurde zurückgenommen.\nNicht mehr gilt: „Er ist verworfen.“\n" in told
    assert "geprüft" not in told
    assert "von damals" not in told


def test_a_correction_of_many_statements_says_the_first_of_them() -> None:
    facts = [a_fact(f"Angabe {n}.", id=f"G-{n}") for n in range(9)]
    content = told_of(*facts) | {"fell": {fact.id: fact.text for fact in facts}}
    told = words("correction", content)
    assert told.count("Nicht mehr gilt:") == 3
    assert "Nicht mehr gilt: „Angabe 2.“\nAuch weitere Angaben von damals" in told


def test_a_correction_says_that_neither_phase_nor_date_are_stated_any_more() -> None:
    told = words("correction", told_of(phase="done", due="2025-12-12"))
    assert "Es gilt: Stand unbekannt, kein Termin genannt." in told


@pytest.mark.parametrize(
    ("do", "given", "kind", "said"),
    [
        ("set_due", {"due": PartialDate.parse("2026-06")}, "milestone_moved", "Termin festgelegt"),
        ("set_status", {"phase": Phase.DONE}, "status_changed", "Stand"),
    ],
)
def test_what_an_editor_left_to_be_worded_is_not_said_twice(
    do: str, given: dict[str, Any], kind: str, said: str
) -> None:
    text = plain(render("suggestion", do=do, given=given))
    entry = an_entry(
        "EF-X", facts=(a_fact(text, id="F-X", aspect=do.removeprefix("set_"), **given),)
    )
    content = {"entry": "EF-X", "old": None, "facts": ["F-X"]}
    _, told, evidence, *_ = words(kind, content, Snapshot([entry])).split("\n")
    assert told.startswith(said)
    assert evidence == "Stand 2024, amtlich. Quelle: DS 2170/24"


def test_a_digest_says_each_thing_it_gathers() -> None:
    told = words(
        "digest",
        {
            "items": [
                {
                    "kind": "milestone_done",
                    "key": "k1",
                    "content": {"entry": "EF-D", "old": None, "new": "done", "facts": []},
                },
                {
                    "kind": "milestone_moved",
                    "key": "k2",
                    "content": {"entry": "EF-M", "old": None, "new": "2025-11", "facts": []},
                },
            ]
        },
    )
    assert told.startswith("Ihre Übersicht\n\nAuswertung (EF-D)\nErledigt")
    assert "\n\nBericht an den Stadtrat (EF-M)\nTermin festgelegt: November 2025" in told


def gathered_words(*told: tuple[str, dict[str, Any]]) -> str:
    items = [{"kind": kind, "key": str(n), "content": of} for n, (kind, of) in enumerate(told)]
    return words("digest", {"items": items})


def test_what_happened_to_one_entry_at_one_moment_is_no_overview_and_names_it_once() -> None:
    told = gathered_words(
        ("milestone_moved", {"entry": "EF-V", "old": None, "new": "2025-11", "facts": []}),
        ("status_changed", {"entry": "EF-V", "old": "planned", "new": "postponed", "facts": []}),
    )
    assert told.startswith("Umzug (EF-V)\nTermin festgelegt: November 2025 (")
    assert "spätestens 30.11.2025).\nStand: zurückgestellt, bisher geplant." in told
    assert told.count("EF-V") == told.count("November 2025") == 1


def test_a_date_is_named_unless_what_is_told_of_the_entry_before_names_it() -> None:
    news = ("fact_added", {"entry": "EF-V", "new": False, "facts": ["EF-V-S"]})
    status = ("status_changed", {"entry": "EF-V", "old": "planned", "new": "postponed"})
    assert gathered_words(news, status).count("Genannter Termin: November 2025") == 1
    new = ("fact_added", {"entry": "EF-V", "new": True, "facts": []})
    assert "Genannter Termin" not in gathered_words(new, news, status)


def test_what_is_told_of_the_first_of_new_entries_has_a_heading_of_its_own() -> None:
    told = gathered_words(
        ("entries_added", {"entry": "EF-M", "entries": ["EF-M", "EF-D"], "count": 2}),
        ("milestone_moved", {"entry": "EF-M", "old": None, "new": "2025-11", "facts": []}),
    )
    assert told.startswith("Ihre Übersicht\n\n2 neue Einträge\n")
    assert "\n\nBericht an den Stadtrat (EF-M)\nTermin festgelegt: November 2025" in told


def test_what_was_withdrawn_with_its_plan_is_listed_there() -> None:
    gone = {"withdrawn": True}
    told = gathered_words(
        ("status_changed", {"entry": "WEG", "title": "Konzept", "parent": "EF"} | gone),
        ("milestone_cancelled", {"entry": "WEG-2", "title": "Fest", "parent": "WEG-1"} | gone),
        ("status_changed", {"entry": "WEG-1", "title": "Kurs", "parent": "WEG"} | gone),
    )
    assert told == (
        "Konzept (WEG)\nDieser Eintrag wurde zurückgezogen und gilt nicht mehr, ebenso:\n"
        "– Kurs (WEG-1)\n– Fest (WEG-2)\n\nÄndern oder beenden: /abos"
    )


@pytest.mark.parametrize(
    ("kind", "content", "said"),
    [
        ("milestone_moved", {"old": "2026-01-15"}, "verschoben: 20.10.2025 (heute), "),
        ("fact_added", {"new": True, "facts": []}, "Termin: 20.10.2025 (heute)."),
    ],
)
def test_a_date_that_becomes_known_on_its_day_is_said_to_be_today(
    kind: str, content: dict[str, Any], said: str
) -> None:
    snapshot = Snapshot([a_milestone("EF-M", "2025-10-20")])
    assert said in words(kind, {"entry": "EF-M"} | content, snapshot)


def test_the_fullest_digest_fits_into_one_message() -> None:
    entries, items = [], []
    for n in range(MOST_GATHERED):
        facts = tuple(a_fact("W" * 1_500, id=f"F-{n}-{m}") for m in range(20))
        entries.append(an_entry(f"EF-LONG-{n}", title="T" * 200, facts=facts))
        told = [fact.id for fact in facts]
        content = {"entry": f"EF-LONG-{n}", "new": False, "facts": told}
        items.append({"kind": "fact_added", "key": str(n), "content": content})
    notice = a_digest(items)
    assert 1_600 < length(planned_words(notice, Snapshot(entries), TODAY)) <= 4_096


@pytest.mark.parametrize("letter", ["T", "😀"])
@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("answer_changed", {"before": {"F-X": "0"}}),
        ("milestone_missed", {"due": "2024-09", "derived": True}),
        ("milestone_moved", {"old": "2023-09", "facts": ["EF-LONG-1-D"]}),
        ("correction", {"told": {"withdrawn": False, "said": {"F-X": "0"}}}),
    ],
)
def test_a_digest_with_the_longest_names_and_questions_fits_into_one_message(
    kind: str, content: dict[str, Any], letter: str
) -> None:
    title = letter * LONGEST_LINE
    entries, items = [a_plan("EF-P", title=title)], []
    for n in range(MOST_GATHERED):
        facts = tuple(a_fact(letter * LONGEST_TEXT, id=f"F-{n}-{m}") for m in range(20))
        long = a_milestone(f"EF-LONG-{n}", "2024-09", "planned", title=title, parent="EF-P")
        entries.append(long.model_copy(update={"facts": (*long.facts, *facts)}))
        given = {"entry": long.key, "question": f"wann {letter * LONGEST}", "home": None}
        items.append({"kind": kind, "key": str(n), "content": content | given | {"months": 30}})
    notice = a_digest(items)
    assert 1_600 < length(planned_words(notice, Snapshot(entries), TODAY)) <= 4_096


@pytest.mark.parametrize("letter", ["T", "😀"])
def test_what_was_withdrawn_with_its_plan_fits_into_one_message(letter: str) -> None:
    title = letter * LONGEST_LINE
    items = [
        {"kind": "status_changed", "key": key, "content": content}
        for n in range(MOST_GATHERED)
        for key, above in [(f"WEG-{n}", "WEG-0" if n else None)]
        for content in [{"entry": key, "title": title, "parent": above, "withdrawn": True}]
    ]
    notice = a_digest(items)
    assert 400 < length(planned_words(notice, SNAPSHOT, TODAY)) <= 4_096


def test_large_plans_that_are_withdrawn_together_fit_into_one_message() -> None:
    items = [
        {"kind": "status_changed", "key": key, "content": content}
        for plan in range(MOST_GATHERED)
        for n in range(30)
        for key, above in [(f"WEG-{plan}-{n}", f"WEG-{plan}-0" if n else None)]
        for content in [{"entry": key, "title": "😀" * 200, "parent": above, "withdrawn": True}]
    ]
    notice = a_digest(items)
    words = planned_words(notice, SNAPSHOT, TODAY)
    assert length(words) <= 4_096
    assert words.count("\n– und 26 weitere\n") == MOST_GATHERED


LONGEST_KEYS = [f"EF-{n}-{'K' * LONGEST_KEY}"[:LONGEST_KEY] for n in range(MOST_GATHERED)]

WORST: list[tuple[str, dict[str, Any]]] = [
    ("milestone_coming", {"due": "2025-11", "derived": True, "step": -30}),
    ("milestone_missed", {"due": "2024-09", "derived": True, "step": 30}),
    ("milestone_moved", {"old": "2023-09", "new": "2024-09", "facts": ["*"]}),
    ("milestone_done", {"old": "planned", "new": "done", "facts": ["*"]}),
    ("milestone_cancelled", {"old": "2023-09", "new": None, "facts": ["*"]}),
    ("milestone_cancelled", {"withdrawn": True, "parent": "EF-P"}),
    ("status_changed", {"old": "dropped", "new": "in_progress", "facts": ["*"]}),
    ("fact_added", {"new": True, "facts": ["*"]}),
    ("entries_added", {"entries": LONGEST_KEYS, "count": 900, "revision": 2}),
    ("answer_changed", {"about": {"*": "*"}, "before": {"X": "0"}}),
    ("correction", {"told": {"withdrawn": True, "said": {"X": "0"}}}),
    ("correction", {"told": {"phase": "done", "due": "2023-09"}, "fell": {"*": "*"}}),
    ("nudge", {"said": "2020", "months": 35}),
]
"""Kinds with what they tell at most; a star stands for as much as there can be."""


@lru_cache
def of_longest(letter: str) -> Snapshot:
    title = letter * LONGEST_LINE
    links = tuple(Link(relation=Relation.DEPENDS_ON, target=key) for key in LONGEST_KEYS)
    entries = [a_plan("EF-P", title=title)]
    entries += [a_plan(f"P-{n}", title=title, links=links) for n in range(5)]
    for n, key in enumerate(LONGEST_KEYS):
        facts = tuple(a_fact(letter * LONGEST_TEXT, id=f"F-{n}-{m}") for m in range(30))
        long = a_milestone(f"M-{n}", "2024-09", "in_progress", title=title, parent="EF-P")
        entries.append(long.model_copy(update={"key": key, "facts": (*long.facts, *facts)}))
    return Snapshot(entries)


def worst(kind: str, content: dict[str, Any], key: str, letter: str, many: int) -> dict[str, Any]:
    title = letter * LONGEST_LINE
    found: dict[str, Any] = {"entry": key, "title": title, "home": None}
    found |= {"question": f"wann {letter * LONGEST}"} | content
    if content.get("facts") == ["*"]:
        found["facts"] = [f"F-{LONGEST_KEYS.index(key)}-{m}" for m in range(many)]
    if content.get("about") == {"*": "*"}:
        found["about"] = {f"WEG-{m}-{'K' * LONGEST_KEY}"[:LONGEST_KEY]: title for m in range(many)}
    if content.get("fell") == {"*": "*"}:
        found["fell"] = {f"X{m}": letter * LONGEST_QUOTED for m in range(min(many, MOST_FALLEN))}
        found["told"] = content["told"] | {"said": dict.fromkeys(found["fell"], "0")}
    if content.get("withdrawn"):
        found["entry"] = f"WEG{key}"[:LONGEST_KEY]
    return {"kind": kind, "key": f"{kind}:{key}", "content": found}


@settings(deadline=None)
@given(
    told=st.lists(st.sampled_from(WORST), min_size=1, max_size=MOST_GATHERED)
    | st.sampled_from(WORST).map(lambda one: [one] * MOST_GATHERED),
    letter=st.sampled_from(["T", "😀", "<", "ä"]),
    many=st.sampled_from([1, 3, 4, 30]),
)
def test_whatever_a_notice_tells_fits_into_one_message_and_names_all_of_it(
    told: list[tuple[str, dict[str, Any]]], letter: str, many: int
) -> None:
    items = [
        worst(kind, content, key, letter, many)
        for (kind, content), key in zip(told, LONGEST_KEYS, strict=False)
    ]
    notice = a_digest(items)
    words = planned_words(notice, of_longest(letter), TODAY)
    assert length(words) <= 4_096
    assert words.endswith("/abos")
    for item in items:
        of_entry = item["kind"] not in {"entries_added", "answer_changed"}
        assert not of_entry or item["content"]["entry"] in words


def test_what_is_left_of_a_notice_that_is_too_long_all_the_same_is_told() -> None:
    content = {"entry": "EF-M", "told": {"phase": "done", "due": "2023-09"}}
    items = [{"kind": "correction", "key": str(n), "content": content} for n in range(90)]
    notice = a_digest(items)
    assert 3_000 < length(planned_words(notice, SNAPSHOT, TODAY)) <= 4_096


def test_an_overview_without_room_says_how_much_it_took_back() -> None:
    def gathered(facts: int) -> str:
        fell = {f"F-{n}": "Was einmal galt. " * 8 for n in range(facts)}
        told = {"phase": None, "due": None, "said": dict.fromkeys(fell, "0")}
        one = ("correction", {"entry": "EF-M", "told": told, "fell": fell})
        return gathered_words(*[one] * MOST_GATHERED)

    assert "Nicht mehr gilt: „Was einmal" in gathered(1)
    assert "\n3 Angaben von damals gelten nicht mehr.\n" in gathered(3)
    assert "\nMehr als 3 Angaben von damals gelten nicht mehr.\n" in gathered(4)


def test_an_overview_without_room_names_some_of_what_is_withdrawn() -> None:
    about = {f"WEG-{n}": "Ein langer Titel, wie es viele gibt. " * 3 for n in range(5)}
    content = {"entry": None, "question": "wann", "home": None, "before": {"X": "0"}}
    told = gathered_words(*[("answer_changed", content | {"about": about})] * MOST_GATHERED)
    assert "\nZurückgezogen: Ein langer Titel" in told
    assert "… (WEG-2) und 2 weitere.\n" in told


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (1, "Eine weitere Angabe nennt die Antwort auf eine Frage danach."),
        (2, "2 weitere Angaben nennt die Antwort auf eine Frage danach."),
    ],
)
def test_how_much_more_there_is_to_a_notice_is_counted_in_german(left: int, said: str) -> None:
    facts = [a_fact(id=f"F-{n}") for n in range(MOST_FACTS + left)]
    content = {"entry": "EF-P", "facts": [fact.id for fact in facts], "revision": 2}
    assert said in words("fact_added", content, Snapshot([a_plan(facts=facts)])).splitlines()
