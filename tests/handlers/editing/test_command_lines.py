"""Command lines as people write them."""

import pytest

from handlers.editing import command_lines
from handlers.editing.command_lines import Step, Typed
from knowledge.entries import Aspect, Kind, Phase, Relation
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot
from tests.support.builders import an_entry

SNAPSHOT = Snapshot(
    [
        an_entry("ERFURT", kind=Kind.BODY, title="Stadt Erfurt"),
        an_entry("EF-7", title="ECCAR-Abgleich", parent="ERFURT"),
    ]
)


@pytest.mark.parametrize(
    ("text", "entry", "phase"),
    [
        ("EF-7 umgesetzt", "EF-7", Phase.DONE),
        ("umgesetzt EF-7", "EF-7", Phase.DONE),
        ("EF-7: umgesetzt", "EF-7", Phase.DONE),
        ("EF-7 umgesezt", "EF-7", Phase.DONE),
        ("EF-7 UMGESETZT", "EF-7", Phase.DONE),
        ("EF-7 erledigt", "EF-7", Phase.DONE),
        ("eccar abgleich in umsetzung", "eccar abgleich", Phase.IN_PROGRESS),
        ("eccar abgleich in umsetzun", "eccar abgleich", Phase.IN_PROGRESS),
        ("in Vorbereitung eccar abgleich", "eccar abgleich", Phase.IN_PREPARATION),
        ("EF-7 läuft", "EF-7", Phase.IN_PROGRESS),
        ("EF-7 laeuft", "EF-7", Phase.IN_PROGRESS),
        ("EF-7 zurückgestellt", "EF-7", Phase.POSTPONED),
        ("EF-7 zurueckgestellt", "EF-7", Phase.POSTPONED),
        ("EF-7 nicht weiter zu verfolgen", "EF-7", Phase.DROPPED),
        ("EF-7 entfällt", "EF-7", Phase.DROPPED),
        ("EF-7 unbekannt", "EF-7", Phase.UNKNOWN),
        ("EF-7", "EF-7", None),
        ("umgesetzt", "", Phase.DONE),
        ("", "", None),
        ("EF-7 beschlossen", "EF-7 beschlossen", None),
        ("EF-7 gelb", "EF-7 gelb", None),
        ("EF-7 nicht begonnen", "EF-7", Phase.PLANNED),
        ("EF-7 nicht umgesetzt", "EF-7 nicht umgesetzt", None),
        ("EF-7 nicht mehr in Umsetzung", "EF-7 nicht mehr in Umsetzung", None),
        ("abgleich fast fertig", "abgleich fast fertig", None),
        ("abgleich so gut wie erledigt", "abgleich so gut wie erledigt", None),
        ("abgleich wird 2027 umgesetzt", "abgleich wird 2027 umgesetzt", None),
        ("abgleich zu 90 % umgesetzt", "abgleich zu 90 % umgesetzt", None),
        ("abgleich demnächst in Umsetzung", "abgleich demnächst in Umsetzung", None),
        ("abgleich evtl. entfallen", "abgleich evtl. entfallen", None),
        ("abgleich fertig?", "abgleich fertig?", None),
        ("abgleich wird umgesetzt", "abgleich", Phase.IN_PROGRESS),
        ("abgleich teilweise umgesetzt", "abgleich", Phase.IN_PROGRESS),
    ],
)
def test_a_phase_is_found_at_either_end_with_typing_errors(
    text: str, entry: str, phase: Phase | None
) -> None:
    given = {} if phase is None else {"phase": phase}
    assert command_lines.status(text) == Typed(entry, given)


@pytest.mark.parametrize(
    ("text", "entry", "due"),
    [
        ("EF-7 30.06.2027", "EF-7", "2027-06-30"),
        ("EF-7 bis 30.6.27", "EF-7", "2027-06-30"),
        ("30.06.2027 EF-7", "EF-7", "2027-06-30"),
        ("eccar abgleich Ende 2026", "eccar abgleich", "2026-late"),
        ("eccar abgleich 30. Juni 2027", "eccar abgleich", "2027-06-30"),
        ("EF-7 III. Quartal 2026", "EF-7", "2026-Q3"),
        ("EF-7 1. Halbjahr 2027", "EF-7", "2027-H1"),
        ("EF 7 II. Halbjahr 2027", "EF 7", "2027-H2"),
        ("EF-7 2026-06", "EF-7", "2026-06"),
        ("EF-7 Juni 2026", "EF-7", "2026-06"),
        ("EF-7 2027", "EF-7", "2027"),
        ("EF-7 spätestens Dez 27", "EF-7", "2027-12"),
        ("EF-7 Ende Februar 2027", "EF-7", "2027-02"),
        ("EF-7 bis Ende Q2 2027", "EF-7", "2027-Q2"),
        ("EF-7 Ende 2. Quartal 2027", "EF-7", "2027-Q2"),
        ('"EF-7" "30.06.2027"', "EF-7", "2027-06-30"),
    ],
)
def test_a_date_is_found_as_people_write_it(text: str, entry: str, due: str) -> None:
    typed = command_lines.due(text)
    assert (typed.entry, str(typed.given["due"])) == (entry, due)


@pytest.mark.parametrize("text", ["EF-7 unbekannt", "unbekannt EF-7", "EF-7 nicht bekannt"])
def test_a_date_may_be_said_to_be_unknown(text: str) -> None:
    assert command_lines.due(text) == Typed("EF-7", {"due": None})


@pytest.mark.parametrize("text", ["EF-7", "2170/24", "EF-7 demnächst", "EF-7 nicht vor 2027", ""])
def test_what_is_no_date_is_not_taken_for_one(text: str) -> None:
    assert command_lines.due(text) == Typed(text, {})


@pytest.mark.parametrize(
    ("text", "entry", "said"),
    [
        ("EF-7 31.02.2027", "EF-7", "31.02.2027"),
        ("99.1.27 EF-7", "EF-7", "99.1.27"),
        ("EF-7 30.06.2027 30.09.2027", "EF-7", "30.06.2027 30.09.2027"),
        ("EF-7 30.06.2027 (DS 12/25)", "EF-7 (DS 12/25)", "30.06.2027 (DS 12/25)"),
    ],
)
def test_what_only_looks_like_a_date_is_noticed(text: str, entry: str, said: str) -> None:
    assert command_lines.due(text) == Typed(entry, no_date=said)


@pytest.mark.parametrize(
    ("text", "due", "source"),
    [
        ("EF-7 30.06.2027 laut DS 12/25", "2027-06-30", "DS 12/25"),
        ("EF-7 30.06.2027, Quelle: DS 12/25", "2027-06-30", "DS 12/25"),
        ("EF-7 Ende 2026 (lt. Brief vom 12.03.2025)", "2026-late", "Brief vom 12.03.2025"),
    ],
)
def test_a_source_may_stand_behind_a_date_and_its_day_is_none_of_the_entry(
    text: str, due: str, source: str
) -> None:
    assert command_lines.due(text) == Typed(
        "EF-7", {"due": PartialDate.parse(due), "sources": source}
    )


def test_a_source_may_stand_behind_a_phase() -> None:
    given = {"phase": Phase.DONE, "sources": "DS 12/25"}
    assert command_lines.status("EF-7 umgesetzt gemäß DS 12/25") == Typed("EF-7", given)
    assert command_lines.status("EF-7 laut DS 12/25") == Typed("EF-7", {"sources": "DS 12/25"})
    assert command_lines.status("laut umgesetzt") == Typed("laut", {"phase": Phase.DONE})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("EF-7 Amt für Soziales laut DS 12/25", "Amt für Soziales"),
        ("EF-7: Amt für Soziales (laut DS 12/25)", "Amt für Soziales"),
        ("EF-7 Das Amt ist laut Plan zuständig. Quelle: DS 12/25", None),
    ],
)
def test_a_source_may_stand_behind_an_office(text: str, said: str | None) -> None:
    text_of_fact = said or "Das Amt ist laut Plan zuständig."
    typed = Typed("EF-7", {"text": text_of_fact, "sources": "DS 12/25"})
    assert command_lines.responsible(text, SNAPSHOT) == typed


@pytest.mark.parametrize(
    "behind",
    [" Quelle: Haushaltsplan 2026", " (laut Haushaltsplan 2026)", "\nLaut: Haushaltsplan 2026"],
)
def test_a_source_may_stand_behind_a_sentence(behind: str) -> None:
    text = "Er kostet 5 Euro.\n\nDas ist wenig."
    given = {"text": text, "sources": "Haushaltsplan 2026"}
    assert command_lines.fact(f"EF-7 {text}{behind}", SNAPSHOT) == Typed("EF-7", given)


@pytest.mark.parametrize(
    "text",
    ["Er kostet laut Verwaltung 5 Euro.", "Es geht gemäß Beschluss weiter.", "Das gilt laut"],
)
def test_what_a_sentence_needs_is_not_taken_from_it_as_a_source(text: str) -> None:
    assert command_lines.fact(f"EF-7 {text}", SNAPSHOT) == Typed("EF-7", {"text": text})
    assert command_lines.responsible(f"EF-7 {text}.", SNAPSHOT) == Typed(
        "EF-7", {"text": f"{text}."}
    )
    assert command_lines.alias(f"EF-7 {text}", SNAPSHOT) == Typed("EF-7", {"alias": text})


@pytest.mark.parametrize(
    ("text", "entry", "given"),
    [
        ("EF-7 Amt für Soziales", "EF-7", {"text": "Amt für Soziales"}),
        ("ef-7: Amt für Soziales", "EF-7", {"text": "Amt für Soziales"}),
        ("eccar abgleich: Amt für Soziales", "eccar abgleich", {"text": "Amt für Soziales"}),
        ("eccar abgleich | Amt", "eccar abgleich", {"text": "Amt"}),
        # ERFURT is a key, too.
        ("erfurt konzept: Amt", "erfurt konzept", {"text": "Amt"}),
        ("erfurt: Amt", "ERFURT", {"text": "Amt"}),
        ("ERFURT Kosten: 5 Euro", "ERFURT", {"text": "Kosten: 5 Euro"}),
        ("erfurt Amt", "ERFURT", {"text": "Amt"}),
        ("eccar abgleich\nAmt", "eccar abgleich", {"text": "Amt"}),
        ("eccar abgleich Amt Erfurt", "eccar abgleich Amt Erfurt", {}),
        ("eccar abgleich", "eccar abgleich", {}),
        ("EF-7", "EF-7", {}),
        ("", "", {}),
    ],
)
def test_a_text_follows_a_key_or_a_colon(text: str, entry: str, given: object) -> None:
    assert command_lines.named(text, "text", SNAPSHOT) == Typed(entry, given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "entry", "given"),
    [
        ("Amt für Soziales EF-7", "EF-7", {"text": "Amt für Soziales"}),
        (
            "Amt für Soziales, ef-7 laut DS 12/25",
            "EF-7",
            {"text": "Amt für Soziales", "sources": "DS 12/25"},
        ),
        ("eccar abgleich: wie EF-7", "eccar abgleich", {"text": "wie EF-7"}),
        ("eccar abgleich Amt Erfurt", "eccar abgleich Amt Erfurt", {}),
    ],
)
def test_an_office_may_stand_before_the_key(text: str, entry: str, given: object) -> None:
    assert command_lines.responsible(text, SNAPSHOT) == Typed(entry, given)  # type: ignore[arg-type]


def test_a_key_at_the_end_of_a_sentence_is_a_part_of_it() -> None:
    typed = command_lines.fact("Das hängt ab von EF-7", SNAPSHOT)
    assert "text" not in typed.given


@pytest.mark.parametrize("text", ["Kosten EF-7 Er kostet viel.", "kosten: ef-7: Er kostet viel."])
def test_the_side_of_an_entry_may_stand_before_its_key(text: str) -> None:
    given = {"aspect": Aspect.COST, "text": "Er kostet viel."}
    assert command_lines.fact(text, SNAPSHOT) == Typed("EF-7", given)


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("Maßnahme Sprachcafé", {"kind": Kind.MEASURE, "title": "Sprachcafé"}),
        ("massnahme Sprachcafé", {"kind": Kind.MEASURE, "title": "Sprachcafé"}),
        (
            "Maßnahme ef-7 Sprachcafé  am Ring",
            {"kind": Kind.MEASURE, "parent": "EF-7", "title": "Sprachcafé am Ring"},
        ),
        (
            "plan in ERFURT: Aktionsplan",
            {"kind": Kind.PLAN, "parent": "ERFURT", "title": "Aktionsplan"},
        ),
        (
            "Maßnahme in ef-99: Sprachcafé",
            {"kind": Kind.MEASURE, "parent": "ef-99", "title": "Sprachcafé"},
        ),
        ("Maßnahme DS-GVO Kurs", {"kind": Kind.MEASURE, "title": "DS-GVO Kurs"}),
        ("Maßnahme COVID-19 Hilfe", {"kind": Kind.MEASURE, "title": "COVID-19 Hilfe"}),
        ("Handlungsfeld", {"kind": Kind.FIELD}),
        ("Sprachcafé", {"title": "Sprachcafé"}),
        ("Plan In aller Munde", {"kind": Kind.PLAN, "title": "In aller Munde"}),
        ("", {}),
    ],
)
def test_a_new_entry_is_described_by_kind_parent_and_title(text: str, given: object) -> None:
    assert command_lines.creation(text, SNAPSHOT) == Typed("", given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "title", "due"),
    [
        ("Meilenstein EF-7 Bericht bis 30.06.2026", "Bericht", "2026-06-30"),
        ("Meilenstein EF-7 Bericht, bis zum 30. Juni 2026", "Bericht", "2026-06-30"),
        ("Meilenstein EF-7 Bericht im Ausschuss am 30.6.26", "Bericht im Ausschuss", "2026-06-30"),
        ("Meilenstein EF-7 Bericht: 30.06.2026", "Bericht", "2026-06-30"),
        ("Maßnahme EF-7 Bericht (bis Ende 2026)", "Bericht", "2026-late"),
        ("EF-7 Bericht bis 2026", "Bericht", "2026"),
        ("Maßnahme in EF-7 Elterncafé Nord, Frist 30.06.2027", "Elterncafé Nord", "2027-06-30"),
        ("EF-7 Elterncafé – Termin: Juni 2027", "Elterncafé", "2027-06"),
        ("EF-7 am 12.03.2027 Bericht im Ausschuss", "Bericht im Ausschuss", "2027-03-12"),
        ("EF-7 bis 30. Juni 2027: Bericht", "Bericht", "2027-06-30"),
    ],
)
def test_a_date_behind_the_title_of_a_new_entry_is_its_own(
    text: str, title: str, due: str
) -> None:
    for behind, where in (
        ("", {}),
        (" laut Brief vom 12.03.2025", {"sources": "Brief vom 12.03.2025"}),
    ):
        typed = command_lines.creation(text + behind, SNAPSHOT)
        expected = {"parent": "EF-7", "title": title, "due": PartialDate.parse(due), **where}
        assert {k: v for k, v in typed.given.items() if k != "kind"} == expected


@pytest.mark.parametrize(
    "title",
    [
        "Haushalt 2026",
        "Sprachkurse 2024 bis 2026",
        "Sprachkurse von 2024 bis 2026",
        "Bericht vom 30.06.2025",
        "Bericht Ende 2026",
        "Beratung gemäß § 5 des Gesetzes",
        "30.06.2025 Bericht",
        "Bis 2027 alle beraten",
    ],
)
def test_other_dates_and_words_stay_in_the_title_of_a_new_entry(title: str) -> None:
    typed = command_lines.creation(f"Meilenstein EF-7 {title}", SNAPSHOT)
    assert typed == Typed("", {"kind": Kind.MILESTONE, "parent": "EF-7", "title": title})


@pytest.mark.parametrize(
    "named",
    ["in Maßnahmenplan", "im Massnahmenplan:", "unter Plan für alle", "zum plan für alle |"],
)
def test_a_new_entry_may_be_said_to_be_in_a_plan_by_its_name(named: str) -> None:
    plan = an_entry("P", kind=Kind.PLAN, title="Plan für alle", aliases=["Maßnahmenplan", "Plan"])
    typed = command_lines.creation(
        f"Maßnahme {named} Elterncafé Nord bis 30.06.2027", Snapshot([plan])
    )
    name = named.partition(" ")[2].rstrip(" :|")
    assert typed.given == {
        "kind": Kind.MEASURE,
        "parent": name,
        "title": "Elterncafé Nord",
        "due": PartialDate.parse("2027-06-30"),
    }


def test_words_of_a_title_are_not_taken_for_a_plan() -> None:
    for title in ("in Planung helfen", "Integrationskonzept lesen"):
        assert command_lines.creation(f"Maßnahme {title}", SNAPSHOT).given["title"] == title


def test_a_paper_has_its_day_in_its_title() -> None:
    given = {"kind": Kind.DOCUMENT, "parent": "EF-7", "title": "Protokoll 30.06.2026"}
    assert command_lines.creation("Papier EF-7 Protokoll 30.06.2026", SNAPSHOT) == Typed("", given)


@pytest.mark.parametrize(
    ("title", "behind", "day"),
    [
        ("Bericht", " bis 31.02.2026", "31.02.2026"),
        ("Bericht am Ring", " (bis zum 31.02.2026)", "31.02.2026"),
        ("Bericht", ", spätestens am 30.06.", "30.06."),
    ],
)
def test_what_only_looks_like_a_day_is_no_part_of_the_title_of_a_new_entry(
    title: str, behind: str, day: str
) -> None:
    given = {"kind": Kind.MILESTONE, "parent": "EF-7", "title": title}
    typed = command_lines.creation(f"Meilenstein EF-7 {title}{behind}", SNAPSHOT)
    assert typed == Typed("", given, no_date=day)


@pytest.mark.parametrize(
    ("text", "entry", "relation", "target"),
    [
        ("EF-7 hängt ab von ERFURT", "EF-7", Relation.DEPENDS_ON, "ERFURT"),
        ("EF-7 haengt ab von ERFURT", "EF-7", Relation.DEPENDS_ON, "ERFURT"),
        ("EF-7 hängt von ERFURT ab", "EF-7", Relation.DEPENDS_ON, "ERFURT"),
        ("eccar abgleich verwandt mit konzept", "eccar abgleich", Relation.RELATED, "konzept"),
        ("EF-7 Drucksache 2170/24", "EF-7", Relation.DOCUMENT, "2170/24"),
        ("EF-7 ERFURT", "EF-7", None, "ERFURT"),
        ("EF-7", "EF-7", None, ""),
        ("", "", None, ""),
    ],
)
def test_a_link_has_two_ends(
    text: str, entry: str, relation: Relation | None, target: str
) -> None:
    given = {} if relation is None else {"relation": relation}
    assert command_lines.link(text) == (Typed(entry, given), target)


@pytest.mark.parametrize(
    ("text", "step", "rest"),
    [
        ("neu EF-7 Bericht", Step.MILESTONE, "EF-7 Bericht"),
        ("EF-7 erledigt", Step.FINISH, "EF-7"),
        ("verschoben EF-7 2027", Step.DUE, "EF-7 2027"),
        ("EF-7 abgesagt", Step.CANCEL, "EF-7"),
        ("Rhythmus EF-7", Step.RHYTHM, "EF-7"),
        ("EF-7 verschoben auf 2027", Step.DUE, "EF-7 auf 2027"),
        ("EF-7 fast erledigt", None, "EF-7 fast erledigt"),
        ("EF-7 noch nicht erledigt", None, "EF-7 noch nicht erledigt"),
        ("EF-7 erledigt laut neuer Vorlage", Step.FINISH, "EF-7 laut neuer Vorlage"),
        ("erledigt EF-7 (laut DS 12/25)", Step.FINISH, "EF-7 (laut DS 12/25)"),
        ("EF-7", None, "EF-7"),
        ("", None, ""),
    ],
)
def test_a_milestone_command_says_what_becomes_of_it(
    text: str, step: Step | None, rest: str
) -> None:
    assert command_lines.milestone(text) == (step, rest)
