"""Imports in German: a sentence for every reason, and for every file that offices make."""

import re
import zipfile
from datetime import datetime
from io import BytesIO

import pytest
from openpyxl import Workbook
from telegram.constants import MessageLimit

from handlers.importing.wording import PARTS, full_list, preview, refusal, sentence
from handlers.messages import length, plain
from knowledge.entries import Certainty, Kind, Phase
from knowledge.exchange import (
    Choices,
    Column,
    FileRefusedError,
    Finding,
    ImportPlan,
    Reason,
    read_file,
)
from knowledge.exchange.plan import Part
from knowledge.yaml_faults import Fault, FaultKind
from tests.knowledge.exchange.files import (
    OCTOBER,
    SURVEY,
    a_snapshot,
    csv_file,
    repacked,
    saved,
    xlsx_file,
)
from tests.support.builders import a_fact, an_entry
from tests.support.clock import MOMENT

HOSTILE = "<b>fett</b> & <script>"
PLAN = Choices(
    target="PLAN",
    source=SURVEY,
    as_of=OCTOBER,
    is_dated=True,
    certainty=Certainty.PUBLIC,
    columns_confirmed=True,
)
HEADINGS = ["Nr.", "Maßnahme", "Status", "Frist", "Kosten"]
GOOD = ["1", "Lesepaten für Größere", "läuft", "31.12.2026", "5.000 €"]


def planned(content: bytes, name: str = "plan.csv", choices: Choices = PLAN) -> ImportPlan:
    return read_file(content, name, choices, today=MOMENT.date()).plan(choices, a_snapshot())


def told(content: bytes, name: str = "plan.csv") -> str:
    """What a person sees of a file: the preview, or why it is refused."""
    try:
        plan = planned(content, name)
    except FileRefusedError as exc:
        return plain(refusal(name, exc.findings))
    return plain(preview(plan, name, PLAN, a_snapshot().get("PLAN")).markup)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_german_sentence_that_says_where(reason: Reason) -> None:
    finding = Finding(
        reason,
        row=7,
        column=3,
        text=HOSTILE,
        limit=20_971_520,
        key="EF-7",
        other_row=4,
        other_key="EF-8",
    )
    worded = sentence(finding)
    assert re.fullmatch(r"Zelle C7: [A-ZÄÖÜ„\d<E].{8,}[.:>]?.*", worded), worded
    assert "\n" not in worded
    assert reason not in worded
    general = sentence(Finding(reason, row=7, text="x", limit=5_000, key="A", other_key="B"))
    assert general.startswith("Zeile 7: ")


def test_foreign_text_is_shown_as_it_is_and_never_as_markup() -> None:
    finding = Finding(Reason.NOT_A_DATE, row=7, column=3, text=HOSTILE)
    assert "<script>" not in refusal(HOSTILE, [finding])
    assert plain(refusal(HOSTILE, [finding])).count(HOSTILE) == 2
    rows = [HEADINGS, ["1", f"Kurs {HOSTILE}", "läuft", "", ""]]
    worded = preview(planned(csv_file(rows)), HOSTILE, PLAN, None).markup
    assert "<script>" not in worded
    assert f"Kurs {HOSTILE}" in plain(worded)


def test_everything_that_can_change_has_a_name() -> None:
    assert set(PARTS) == {str(part) for part in (*Column, *Part)}


def formula() -> bytes:
    workbook = Workbook()
    sheet = workbook.worksheets[0]
    sheet.append(HEADINGS)
    sheet.append(["1", "Lesepaten", "läuft", "", "=SUM(A1:A2)"])
    return saved(workbook)


def merged() -> bytes:
    rows = [
        ["Maßnahmenplan", "", "", "", ""],
        ["Nr.", "Maßnahme", "Zuständigkeit", "", "Status"],
        ["", "", "federführend", "beteiligt", ""],
        ["1", "Lesepaten für Größere", "Amt 40", "Jugendamt", "läuft"],
    ]
    return xlsx_file(rows, merged=["A1:E1", "A2:A3", "B2:B3", "C2:D2", "E2:E3"])


def bomb() -> bytes:
    packed = BytesIO(xlsx_file([HEADINGS]))
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bild.bin", b"\0" * 100 * 1024 * 1024)
    assert len(packed.getvalue()) < 200_000
    return packed.getvalue()


OPEN_DOCUMENT = BytesIO()
with zipfile.ZipFile(OPEN_DOCUMENT, "w") as archive:
    archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    archive.writestr("content.xml", "<x/>")

OFFICE_FILES = {
    "Umlaute in Windows-1252": (
        csv_file([HEADINGS, GOOD], encoding="cp1252"),
        "plan.csv",
        "1 neu, 0 geändert, 0 unverändert, 0 zurückgezogen",
    ),
    "Tabulatoren": (csv_file([HEADINGS, GOOD], delimiter="\t"), "plan.txt", "1 neu"),
    "verbundene Kopfzellen": (merged(), "plan.xlsx", "Zeile 4, PLAN-1: Lesepaten für Größere"),
    "Summenzeile": (
        csv_file([HEADINGS, GOOD, ["", "Summe", "", "", "5.000 €"]]),
        "plan.csv",
        "Zeile 3: Summenzeile „Summe“, nicht eingelesen.",
    ),
    "Zahl, die ein Datum wurde": (
        xlsx_file([HEADINGS, [datetime(2025, 2, 1), *GOOD[1:]]]),  # noqa: DTZ001 (as Excel has it)
        "plan.xlsx",
        "Zelle A2: Die Nummer ist ein Datum geworden",
    ),
    "kaputte Zeile in der Mitte": (
        csv_file([HEADINGS, GOOD, ["2", "", "läuft", "", "7 €"], ["3", "Kurs", "", "", ""]]),
        "plan.csv",
        "Zelle B3: Der Name der Maßnahme fehlt.",
    ),
    "falsches Datum": (
        csv_file([HEADINGS, [*GOOD[:3], "31.02.2026", ""]]),
        "plan.csv",
        "Zelle D2: „31.02.2026“ ist kein Datum.",
    ),
    "doppelte Zeile": (
        csv_file([HEADINGS, GOOD, GOOD]),
        "plan.csv",
        "Zeile 3: Dieselbe Maßnahme steht schon in Zeile 2.",
    ),
    "Formel ohne Ergebnis": (
        formula(),
        "plan.xlsx",
        "Zelle E2: Hier steht eine Formel ohne Ergebnis.",
    ),
    "Zip-Bombe von 100 MB": (
        bomb(),
        "plan.xlsx",
        "Die Datei wird beim Entpacken zu groß (mehr als 40 MB). Ich lese sie nicht.",
    ),
    "altes Excel": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        "plan.xlsx",
        "Das ist ein altes Excel-Format (.xls oder .xlsb).",
    ),
    "PDF, umbenannt": (b"%PDF-1.7 ...", "plan.xlsx", "Das ist eine PDF-Datei."),
    "ODS, umbenannt": (OPEN_DOCUMENT.getvalue(), "plan.xlsx", "Das ist eine ODS-Datei."),
    "Makros": (
        repacked(xlsx_file([HEADINGS]), xl__vbaProject__bin=b"x"),
        "plan.xlsm",
        "Die Arbeitsmappe enthält Makros.",
    ),
    "beschädigt": (xlsx_file([HEADINGS, GOOD])[:900], "plan.xlsx", "Die Datei ist beschädigt."),
    "leer": (b"", "plan.csv", "Die Datei ist leer."),
    "leere Arbeitsmappe": (xlsx_file([]), "plan.xlsx", "Die Datei ist leer."),
    "leeres YAML": (b"", "plan.yaml", "Die Datei ist leer."),
    "kaputtes YAML": (
        b"entries: {",
        "plan.yml",
        "Zeile 2: Die YAML-Datei hat einen Fehler: Hier stimmen Einrückung, Klammern",
    ),
    "keine Tabelle von Maßnahmen": (
        csv_file([["Ort", "Telefon"], ["Rathaus", "112"]]),
        "liste.csv",
        "Eine Spalte „Maßnahme“ finde ich nicht.",
    ),
    "zu viele Zeilen": (
        csv_file([HEADINGS, *([str(n), f"M {n}", "", "", ""] for n in range(10_001))]),
        "plan.csv",
        "Die Tabelle hat mehr als 10.000 Zeilen. Bitte teilen Sie sie auf.",
    ),
    "zu viele Bytes": (
        b"x" * (20 * 1024 * 1024 + 1),
        "plan.csv",
        "Die Datei ist zu groß. Ich nehme höchstens 20 MB an.",
    ),
}


SOUND_YAML = """\
sources:
  a: {title: Brief}
entries:
  - key: PLAN-1
    kind: measure
    title: Kurse
    facts:
      - id: F-1
        aspect: summary
        text: Es gibt Kurse.
        sources: [a]
        as_of: 2025-10
        certainty: official
"""


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "official",
            "sicher",
            "Zeile 13: PLAN-1: Bei „certainty“ ist nur möglich: "
            "'official', 'public' oder 'uncertain'.",
        ),
        ("2025-10", "2025-13", "Zeile 12: PLAN-1: Bei „as_of“ steht kein Datum: „2025-13“."),
        ("[a]", "[b]", "Zeile 11: PLAN-1: Die Quelle „b“ steht nicht unter „sources“."),
        ("        text:", "        wort:", "Zeile 8: PLAN-1: Das Feld „text“ fehlt."),
        ("    title:", "    titel:", "Zeile 6: PLAN-1: Ein Feld „titel“ gibt es nicht."),
        ("Kurse\n", f"{'K' * 201}\n", "Zeile 6: PLAN-1: Bei „title“ sind höchstens 200 Zeichen"),
        ("Es gibt Kurse.", "''", "Zeile 10: PLAN-1: Bei „text“ steht nichts."),
        ("[a]", "[]", "Zeile 11: PLAN-1: Bei „sources“ steht nichts."),
        ("[a]", "a", "Zeile 11: PLAN-1: Bei „sources“ steht etwas anderes als erwartet."),
        ("Brief", "[Brief]", "Zeile 2: Bei „title“ steht etwas anderes als erwartet."),
        ("PLAN-1", "plan 1", "Zeile 4: plan 1: Der Wert bei „key“ passt dort nicht."),
        (
            "PLAN-1",
            "PLAN-Ä",
            "Zeile 4: PLAN-Ä: Der Wert bei „key“ passt dort nicht. Dort steht ein Kürzel: "
            "Großbuchstaben von A bis Z und Ziffern, dazwischen Bindestriche.",
        ),
        ("id: F-1", "id: f1", "Zeile 8: PLAN-1: Der Wert bei „id“ passt dort nicht. Dort steht"),
        ("aspect: summary", "aspect: due\n        phase: done", "Zeile 8: PLAN-1: Die Angaben"),
        ("- key: PLAN-1\n    kind", "- kind", "Zeile 4: Das Feld „key“ fehlt."),
        ("    kind:", "    title: A\n    kind:", "Zeile 4: „title“ steht zweimal da."),
        ("[a]", "[a", "Zeile 12: Die YAML-Datei hat einen Fehler: Hier stimmen"),
        ("Brief", "*b", "Zeile 2: Verweise (mit * davor), tiefe Verschachtelung"),
        ("entries:", "eintraege:", "Ganz oben in der Datei dürfen nur „sources“ und „entries“"),
        ("Brief", "Br\0ief", "Die YAML-Datei hat einen Fehler und ist nicht lesbar."),
    ],
)
def test_what_is_wrong_with_a_yaml_file_is_said_in_german_with_line_and_field(
    old: str, new: str, said: str
) -> None:
    worded = told(SOUND_YAML.replace(old, new, 1).encode(), "plan.yaml")
    assert f"\n{said}" in worded
    assert "xpected" not in worded
    assert "hould be" not in worded


def test_every_kind_of_fault_of_a_yaml_file_has_a_german_sentence() -> None:
    for kind in FaultKind:
        fault = Fault(HOSTILE, kind, HOSTILE, HOSTILE, HOSTILE)
        worded = sentence(Finding(Reason.NOT_YAML, row=7, text=HOSTILE, fault=fault))
        assert worded.startswith(f"Zeile 7: {HOSTILE}: ")
        assert kind not in worded
        assert "<script>" not in refusal("x", [Finding(Reason.NOT_YAML, fault=fault)])


@pytest.mark.parametrize("what", OFFICE_FILES)
def test_each_file_as_offices_make_them_gets_its_sentence(what: str) -> None:
    content, name, expected = OFFICE_FILES[what]
    worded = told(content, name)
    assert expected in worded
    assert "nichts geändert" in worded or "Noch ist nichts geändert." in worded


def test_five_thousand_rows_are_shown_in_short_and_listed_in_full() -> None:
    rows = [HEADINGS, *([str(n), f"Maßnahme {n}", "läuft", "", ""] for n in range(5_000))]
    plan = planned(csv_file(rows))
    worded = preview(plan, "plan.csv", PLAN, None)
    assert not worded.is_whole
    assert "5000 neu" in plain(worded.markup)
    assert "… und 4992 weitere" in plain(worded.markup)
    assert full_list(plan).count("\nZeile ") == 5_000


def test_the_full_list_has_every_cell_of_a_new_measure() -> None:
    plan = planned(csv_file([["Maßnahme", "Kosten"], ["Sprachkurs", "3.000 Euro"]]))
    worded = preview(plan, "plan.csv", PLAN, None)
    assert "3.000" not in worded.markup
    assert not worded.is_whole
    assert "3.000" in full_list(plan)


def test_the_preview_says_in_one_line_what_words_for_the_status_were_taken_for() -> None:
    choices = PLAN.model_copy(update={"phases": {"grün": Phase.DONE, "s. o.": None}})
    words = ["läuft", "grün", "s. o.", "geplant", "läuft"]
    rows = [HEADINGS, *([str(n), f"Kurs {n}", word, "", ""] for n, word in enumerate(words))]
    plan = planned(csv_file(rows), choices=choices)
    line = (
        "\nVerstanden als Stand: „läuft“ → in Umsetzung, „grün“ → umgesetzt, "
        "„s. o.“ → sagt nichts über den Stand\n"
    )
    assert line in plain(preview(plan, "plan.csv", choices, None).markup)
    assert line.lstrip() in full_list(plan)
    named = planned(csv_file([HEADINGS, [*GOOD[:2], "geplant", "", ""]]))
    assert "Verstanden als" not in preview(named, "plan.csv", PLAN, None).markup


def test_many_words_for_the_status_are_shown_in_part_and_listed_in_full() -> None:
    words = [f"{share} %" for share in range(1, 31)]
    rows = [HEADINGS, *([str(n), "Kurs", word, "", ""] for n, word in enumerate(words))]
    plan = planned(csv_file(rows))
    worded = preview(plan, "plan.csv", PLAN, None)
    (line,) = (line for line in plain(worded.markup).splitlines() if "Verstanden als" in line)
    assert line.endswith("„10 %“ → in Umsetzung … und 20 weitere")
    assert not worded.is_whole
    assert "„30 %“ → in Umsetzung" in full_list(plan)


def test_a_preview_always_fits_into_one_message() -> None:
    long = "W" * 190
    rows = [["Nr.", *(f"{column}" for column in ("Maßnahme", "Ziel", "Bemerkung", "Frist"))]]
    rows += [[str(n), f"{long} {n}", long * 7, long * 7, "31.02.2026"] for n in range(20)]
    worded = preview(planned(csv_file(rows)), f"{long[:115]}.csv", PLAN, None)
    assert length(worded.markup) <= MessageLimit.MAX_TEXT_LENGTH
    assert "So kann ich die Datei nicht übernehmen." in worded.markup


def test_differences_of_entries_are_named_and_a_whole_preview_needs_no_list() -> None:
    snapshot = a_snapshot(an_entry("PLAN-1", parent="PLAN", facts=[a_fact("Alt.")]))
    file = read_file(
        b"""
sources: {a: {title: Brief}}
entries:
  - key: PLAN-1
    kind: measure
    title: Neuer Titel
    aliases: [Kurs]
    parent: PLAN
    facts:
      - {id: F-1, aspect: summary, text: Neu., sources: [a], as_of: 2025-10, certainty: official}
""",
        "plan.yaml",
        Choices(target="PLAN"),
        today=MOMENT.date(),
    )
    plan = file.plan(Choices(target="PLAN"), snapshot)
    worded = preview(plan, "plan.yaml", Choices(target="PLAN"), snapshot.get("PLAN"))
    assert worded.is_whole
    text = plain(worded.markup)
    assert "Ziel: Maßnahmenplan" in text
    assert "· Titel: Eintrag PLAN-1 → Neuer Titel" in text
    assert "· Weitere Namen: – → Kurs" in text
    assert "· Angabe (Worum es geht): Alt. (2024) → Neu. (Oktober 2025)" in text
    assert "1 Eintrag steht nicht in der Datei und bleibt, wie er ist." in text


def test_a_conflict_is_said_and_withdrawn_entries_are_listed() -> None:
    snapshot = a_snapshot(an_entry("PLAN-9", parent="PLAN", title="Alte Maßnahme"))
    choices = PLAN.model_copy(update={"withdraw_missing": True})
    file = read_file(csv_file([HEADINGS, GOOD]), "plan.csv", choices, today=MOMENT.date())
    plan = file.plan(choices, snapshot)
    text = plain(preview(plan, "plan.csv", choices, snapshot.get("PLAN"), conflict=True).markup)
    assert "Inzwischen hat jemand einen dieser Einträge geändert." in text
    assert "Zurückgezogen (1)\nPLAN-9: Alte Maßnahme" in text


def test_a_target_that_is_gone_or_holds_no_measures_is_said() -> None:
    snapshot = a_snapshot(an_entry("EF-7", kind=Kind.MEASURE, parent="PLAN"))
    for key in ("EF-7", "WEG"):
        choices = PLAN.model_copy(update={"target": key})
        file = read_file(csv_file([HEADINGS, GOOD]), "plan.csv", choices, today=MOMENT.date())
        plan = file.plan(choices, snapshot)
        (finding,) = plan.errors
        expected = f"{key} gibt es nicht, oder dort können keine Maßnahmen stehen."
        assert sentence(finding) == expected
