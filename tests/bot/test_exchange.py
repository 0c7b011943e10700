"""`massnahmenbot export` and `import`: what they print, change, and end with."""

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot import exchange
from bot.cli import app
from knowledge.entries import Certainty, Phase, Source
from knowledge.exchange import Choices
from knowledge.revisions import Origin, Version
from knowledge.snapshot import Snapshot
from knowledge.storage.database import Database
from knowledge.storage.store import Store
from knowledge.yaml_files import load
from tests.knowledge.exchange.files import csv_file, xlsx_file
from tests.support.builders import an_entry
from tests.support.clock import MOMENT

KNOWLEDGE = """
sources:
  brief: {title: Antwort des Oberbürgermeisters, reference: DS 2170/24}
entries:
  - {key: ERFURT, kind: body, title: Stadt Erfurt}
  - {key: EF-MP, kind: plan, parent: ERFURT, title: Maßnahmenplan}
  - {key: LEER, kind: plan, title: Plan ohne Maßnahmen}
  - key: EF-MP-1
    kind: measure
    parent: EF-MP
    title: Sprachkurse für Mütter
    facts:
      - {id: EF-MP-1-STATUS, aspect: status, text: geplant, phase: planned, sources: [brief],
         as_of: 2024, certainty: official}
"""
ROWS = [
    ["Nr.", "Maßnahme", "Status", "Stand vom"],
    ["EF-MP-1", "Sprachkurse für Mütter", "umgesetzt", "10/2025"],
    ["", "Lotsen im Rathaus", "geplant", "10/2025"],
]


@pytest.fixture(autouse=True)
def folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to run in, with a small knowledge base and a table of two measures."""
    (folder / "data").mkdir()
    (folder / "data" / "erfurt.yaml").write_text(KNOWLEDGE, encoding="utf-8")
    monkeypatch.setenv("KNOWLEDGE_FOLDER", "data")
    (folder / "plan.csv").write_bytes(csv_file(ROWS))
    return folder


def run(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(app, list(arguments), input=answer)


def history(key: str) -> list[Version]:
    """The versions of an entry in the database."""

    async def read() -> list[Version]:
        database = Database("sqlite+aiosqlite:///massnahmenbot.db")
        try:
            return await Store(database).history(key)
        finally:
            await database.close()

    return asyncio.run(read())


def test_a_dry_run_shows_everything_and_changes_nothing(folder: Path) -> None:
    result = run("import", "plan.csv", "--scope", "ef-mp", "--dry-run")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "Zeile 2, EF-MP-1: Sprachkurse für Mütter" in result.stdout
    assert "Status: geplant (2024) → umgesetzt (Oktober 2025)" in result.stdout
    assert "Zeile 3, EF-MP-2: Lotsen im Rathaus" in result.stdout
    assert "Nothing was changed: this was a dry run." in result.stdout
    assert not (folder / "massnahmenbot.db").exists()


def test_what_was_shown_is_published_once_it_is_confirmed() -> None:
    no = run("import", "plan.csv", "--scope", "EF-MP", answer="n\n")
    assert (no.exit_code, no.stderr) == (1, "Nothing was changed.\n")
    yes = run("import", "plan.csv", "--scope", "EF-MP", "--author", "Amt 50", answer="y\n")
    assert (yes.exit_code, yes.stderr) == (0, "")
    assert "Published as revision 2." in yes.stdout
    newest, shipped = history("EF-MP-1")
    assert (newest.author, newest.origin) == ("Amt 50", Origin.IMPORTED)
    assert newest.reason == "Eingelesen aus plan.csv"
    assert (shipped.entry.phase, newest.entry.phase) == (Phase.PLANNED, Phase.DONE)
    again = run("import", "plan.csv", "--scope", "EF-MP")
    assert (again.exit_code, again.stderr) == (0, "")
    assert again.stdout.endswith("Everything is like that already.\n")


def test_measures_that_the_file_does_not_have_are_withdrawn_only_if_wanted(folder: Path) -> None:
    (folder / "kurz.csv").write_bytes(csv_file([ROWS[0], ROWS[2]]))
    assert "Zurückgezogen" not in run("import", "kurz.csv", "--dry-run").stdout
    options = ("--scope", "EF-MP", "--withdraw-missing")
    assert run("import", "kurz.csv", *options, "--yes").exit_code == 0
    assert history("EF-MP-1")[0].withdrawn
    assert run("import", "kurz.csv", "--withdraw-missing").exit_code == 2


def test_errors_are_shown_with_their_place_and_nothing_is_published(folder: Path) -> None:
    rows = [*ROWS, ["", "", "geplant", "2025"], ["", "Noch eine", "geplant", "31.02.2025"]]
    (folder / "falsch.csv").write_bytes(csv_file(rows))
    result = run("import", "falsch.csv", "--scope", "EF-MP", "--yes")
    assert (result.exit_code, result.stderr) == (
        1,
        "Nothing was changed: the file must be put right first.\n",
    )
    assert "Zelle B4: Der Name der Maßnahme fehlt." in result.stdout
    assert "Zelle D5: „31.02.2025“ ist kein Datum." in result.stdout
    assert not (folder / "massnahmenbot.db").exists()


def test_nothing_is_taken_over_as_of_a_day_to_come(folder: Path) -> None:
    result = run("import", "plan.csv", "--scope", "EF-MP", "--as-of", "2999", "--yes")
    assert result.exit_code == 1
    assert "„2999“ liegt in der Zukunft, die Quelle gibt es aber schon." in result.stdout


def test_an_unknown_status_word_is_asked_for_and_explained_by_an_option(folder: Path) -> None:
    rows = [ROWS[0], ["", "Lotsen", "läuft = gut", ""], ["", "Boten", "siehe Anlage", ""]]
    (folder / "worte.csv").write_bytes(csv_file(rows))
    asked = run("import", "worte.csv", "--scope", "EF-MP", "--yes")
    assert asked.exit_code == 1
    assert 'Unknown status “läuft = gut” in row 2: say what it means with --status "' in (
        asked.stdout
    )
    words = ("--status", "läuft = gut=in Umsetzung", "--status", "siehe Anlage=-")
    assert run("import", "worte.csv", "--scope", "EF-MP", "--yes", *words).exit_code == 0
    assert history("EF-MP-2")[0].entry.phase is Phase.IN_PROGRESS
    assert history("EF-MP-3")[0].entry.phase is None


@pytest.mark.parametrize("name", ["Ampelfarbe", "b", "B"])
def test_a_column_is_explained_by_its_heading_or_letter(folder: Path, name: str) -> None:
    (folder / "ampel.csv").write_bytes(
        csv_file([["Maßnahme", "Ampelfarbe"], ["Lotsen", "geplant"]])
    )
    result = run("import", "ampel.csv", "--scope", "EF-MP", "--column", f"{name}=status", "--yes")
    assert result.exit_code == 0, result.output
    assert "confirmed" in result.stdout
    assert history("EF-MP-2")[0].entry.phase is Phase.PLANNED


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--column", "Z=status"), "The table has no column “Z”."),
        (("--column", "status"), "“status” is not of the form WORD=MEANING."),
        (("--column", "Status=egal"), "“egal” is none of: number, field"),
        (("--column", "A=goal", "--column", "B=goal"), "gives two columns the same meaning"),
        (("--status", "läuft=bald"), "“bald” is none of: planned"),
        (("--author", "x" * 41), "--author must be a label"),
        (("--author", ""), "--author must be a label"),
        (("--author", "shipped"), "--author must not be shipped"),
        (("--source", ""), "--source must be a title"),
        (("--source", "x" * 201), "--source must be a title"),
        (("--as-of", "gestern"), "not a date"),
    ],
)
def test_an_argument_that_cannot_be_used_is_named(
    options: tuple[str, ...], complaint: str
) -> None:
    result = run("import", "plan.csv", "--scope", "EF-MP", *options)
    assert result.exit_code == 2
    assert complaint in result.stderr


def test_files_that_cannot_be_read_are_refused_in_the_words_of_the_chat(
    folder: Path,
) -> None:
    (folder / "leer.csv").write_bytes(b"")
    (folder / "alt.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    (folder / "kaputt.xlsx").write_bytes(b"PK\x03\x04")
    (folder / "kaputt.yaml").write_bytes(b"entries: {")
    for name, sentence in (
        ("leer.csv", "Die Datei ist leer."),
        ("alt.xlsx", "Das ist ein altes Excel-Format"),
        ("kaputt.xlsx", "Die Datei ist beschädigt."),
        ("kaputt.yaml", "Die YAML-Datei hat einen Fehler"),
    ):
        result = run("import", name)
        assert result.exit_code == 1
        assert result.stderr.startswith(f"{name} cannot be imported, and nothing was changed:\n")
        assert sentence in result.stderr
        assert "senden Sie" not in result.stderr  # as is said in the chat
    (folder / "blatt.xlsx").write_bytes(xlsx_file(ROWS))
    result = run("import", "blatt.xlsx", "--sheet", "Tabelle 7")
    assert "Ein Tabellenblatt „Tabelle 7“ gibt es in der Datei nicht." in result.stderr
    assert run("import", "gibt-es-nicht.csv").exit_code == 2


def test_an_unknown_scope_is_an_error() -> None:
    for command in (("import", "plan.csv"), ("export", "plan.yaml")):
        result = run(*command, "--scope", "nie")
        assert (result.exit_code, result.stderr) == (2, "There is no entry nie.\n")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("plan.pdf",), "plan.pdf: the name must end in .yaml, .csv or .xlsx\n"),
        (("leer.csv", "--scope", "LEER"), "LEER has no measures: only YAML can hold it.\n"),
    ],
)
def test_what_cannot_be_exported_is_said(arguments: tuple[str, ...], complaint: str) -> None:
    result = run("export", *arguments)
    assert (result.exit_code, result.stderr) == (2, complaint)


def test_an_export_into_a_folder_that_is_not_there_fails() -> None:
    assert run("export", "nirgends/plan.csv").exit_code == 1


@pytest.mark.parametrize("name", ["aus.csv", "aus.xlsx", "aus.yaml"])
def test_what_was_exported_changes_nothing_when_it_is_imported(folder: Path, name: str) -> None:
    assert run("import", "plan.csv", "--scope", "EF-MP", "--yes").exit_code == 0
    assert run("export", name).exit_code == 0
    before = (folder / name).read_bytes()
    result = run("import", name, "--yes")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.endswith("Everything is like that already.\n")
    assert run("export", name).exit_code == 0
    if not name.endswith(".xlsx"):  # openpyxl notes when it wrote
        assert (folder / name).read_bytes() == before


def test_yaml_taken_to_another_database_is_exported_byte_for_byte(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("import", "plan.csv", "--scope", "EF-MP", "--yes").exit_code == 0
    assert run("export", "hier.yaml").exit_code == 0
    monkeypatch.setenv("DATABASE_URL", "sqlite+aiosqlite:///anderswo.db")
    imported = run("import", "hier.yaml", "--yes")
    assert (imported.exit_code, imported.stderr) == (0, "")
    assert run("export", "dort.yaml").exit_code == 0
    assert (folder / "dort.yaml").read_bytes() == (folder / "hier.yaml").read_bytes()


def test_the_shipped_knowledge_base_survives_the_command_line_byte_for_byte(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KNOWLEDGE_FOLDER")
    assert run("export", "eins.yaml").exit_code == 0
    result = run("import", "eins.yaml", "--yes")
    assert (result.exit_code, result.stdout[-33:]) == (0, "Everything is like that already.\n")
    assert run("export", "zwei.yaml").exit_code == 0
    assert (folder / "eins.yaml").read_bytes() == (folder / "zwei.yaml").read_bytes()


async def test_what_others_changed_since_it_was_shown_is_not_overwritten(folder: Path) -> None:
    shipped = load(folder / "data")
    incoming = exchange.incoming(
        folder / "plan.csv",
        Choices(
            target="EF-MP", source=Source(title="Liste"), is_dated=True, certainty=Certainty.PUBLIC
        ),
        today=MOMENT.date(),
    )
    shown = incoming.plan(Snapshot(shipped), {})
    database = Database("sqlite+aiosqlite:///andere.db")
    await database.migrate()
    store = Store(database)
    await store.ship(shipped, now=MOMENT)
    await store.publish(
        [an_entry("EF-MP-2", title="Von anderen", parent="EF-MP")],
        author="Eva",
        reason="neu",
        now=MOMENT,
    )
    with pytest.raises(exchange.ChangedMeanwhileError):
        await exchange.publish(
            database, incoming, shown, shipped=shipped, author="admin", now=MOMENT
        )
    assert await store.history("EF-MP-3") == []
    await database.close()
