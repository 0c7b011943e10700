"""Files out of the bot and into it, over the Bot API."""

import re
import zipfile
from io import BytesIO

import pytest

from tests.benchmarks.bench_import import table
from tests.e2e.stage import ADMIN, COUNCILLOR, Json, Stage
from tests.knowledge.exchange.files import csv_file, xlsx_file

pytestmark = pytest.mark.e2e

HEADINGS = ["Nr.", "Handlungsfeld", "Maßnahme", "Verantwortlich", "Ampel", "Bemerkung"]
PLAN = csv_file(
    [
        HEADINGS,
        ["1.1", "Sprache", "Lesepaten für Größere", "Amt für Bildung", "läuft", ""],
        ["1.2", "Sprache", "Mütterkurse in Kitas", "Jugendamt", "grün-gelb", ""],
        ["", "", "Summe", "", "", ""],
    ],
    encoding="cp1252",
)
WORDS = "Lesepaten für Größere"


def send(stage: Stage, name: str, content: bytes, words: str, *, caption: str = "") -> Json:
    """Send a file as the admin and wait for what the bot says about it."""
    since = stage.last_event()
    stage.send_file(name, content, user=ADMIN, caption=caption)
    return stage.see(words, since=since, chat=ADMIN)


def press(stage: Stage, message: Json, label: str, words: str) -> Json:
    """Tap a button as the admin and wait for what follows."""
    since = stage.last_event()
    stage.press(message, label, user=ADMIN)
    return stage.see(words, since=since, chat=ADMIN)


def decided(stage: Stage, message: Json) -> Json:
    """Answer what is asked before columns, as of this year and publicly known."""
    message = press(stage, message, "Diese Datei selbst", "Von wann sind")
    message = press(stage, message, "Ohne Angabe", "Wie sicher")
    return press(stage, message, "öffentlich belegt", "Spalten")


def test_a_table_of_an_office_becomes_knowledge_and_goes_out_again(stage: Stage) -> None:
    with stage.bot():
        message = send(stage, "plan.csv", PLAN, "Zu welchem Plan gehören")
        message = press(stage, message, "Erfurt", "Aus welcher Quelle")
        message = decided(stage, message)
        assert "„Ampel“: Status – bitte prüfen" in message["text"]
        message = press(stage, message, "E: Ampel", "Was steht in der Spalte E „Ampel“?")
        message = press(stage, message, "Status", "Stimmt das so?")
        assert "„Ampel“: Status\n" in message["text"]
        message = press(stage, message, "Stimmt so", "Was heißt „grün-gelb“?")
        message = press(stage, message, "in Umsetzung", "Vorschau")
        assert "Zeile 4: Summenzeile „Summe“, nicht eingelesen." in message["text"]
        assert WORDS in message["text"]
        assert "Lesepaten" not in stage.ask("Was sind die Lesepaten?")["text"]
        press(stage, message, "Veröffentlichen", "Veröffentlicht als Fassung 2")
        reply = stage.ask("Wie weit sind die Lesepaten für Größere?")
        assert "läuft" in reply["text"]

        since = stage.last_event()
        stage.say("/export", user=ADMIN)
        offer = stage.wait(since=since, chat=ADMIN)[-1]
        since = stage.last_event()
        stage.press(offer, "CSV", user=ADMIN)
        exported = stage.wait(since=since, chat=ADMIN)[-1]
        content = stage.file(exported)
        assert re.fullmatch(r"erfurt-\d{4}-\d\d-\d\d\.csv", exported["file"]["file_name"])
        assert WORDS in content.decode("utf-8-sig")

        message = send(
            stage, "zurück.csv", content, "Aus welcher Quelle", caption="/import ERFURT"
        )
        message = press(stage, decided(stage, message), "Stimmt so", "Vorschau")
        assert "Es gibt nichts zu veröffentlichen." in message["text"]
        labels = [button["text"] for row in message["buttons"] for button in row]
        assert labels == ["Verwerfen"]
        press(stage, message, "Verwerfen", "Verworfen.")


def test_yaml_goes_out_and_back_without_a_change(running: Stage) -> None:
    since = running.last_event()
    running.say("/export", user=ADMIN)
    offer = running.wait(since=since, chat=ADMIN)[-1]
    since = running.last_event()
    running.press(offer, "Alles", user=ADMIN)
    exported = running.wait(since=since, chat=ADMIN)[-1]
    content = running.file(exported)
    send(running, "alles.yaml", content, "Es gibt nichts zu veröffentlichen.")


def test_an_import_survives_a_restart_and_an_old_button_does_nothing(stage: Stage) -> None:
    caption = "/import ERFURT; DS 2170/24; 2025"
    with stage.bot():
        old = send(stage, "plan.csv", PLAN, "Wie sicher", caption=caption)
    with stage.bot():
        since = stage.last_event()
        stage.say("/import", user=ADMIN)
        message = stage.see("Wie sicher", since=since, chat=ADMIN)
        press(stage, old, "amtlich", "Dieser Import ist nicht mehr offen")
        press(stage, message, "amtlich", "Spalten")


def bomb() -> bytes:
    """A workbook of a few kilobytes that unpacks to 100 MB."""
    packed = BytesIO(xlsx_file([HEADINGS]))
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/bild.bin", b"\0" * 100 * 1024 * 1024)
    return packed.getvalue()


def test_files_that_cannot_be_read_are_refused_with_a_sentence(running: Stage) -> None:
    for name, content, sentence in (
        ("bombe.xlsx", bomb(), "Die Datei wird beim Entpacken zu groß"),
        ("plan.xlsx", b"%PDF-1.7", "Das ist eine PDF-Datei. Ich lese CSV, XLSX und YAML."),
        ("leer.csv", b" \n", "Die Datei ist leer."),
        ("groß.csv", b"x" * (20 * 1024 * 1024 + 1), "Ich nehme höchstens 20 MB an."),
    ):
        assert name in send(running, name, content, sentence)["text"]


def test_readers_are_told_that_only_text_is_read(running: Stage) -> None:
    for caption, sentence in (
        ("", "Ich lese nur Text."),
        ("/import", "Das dürfen hier nur die Redaktion"),
    ):
        since = running.last_event()
        running.send_file("plan.csv", PLAN, user=COUNCILLOR, caption=caption)
        assert sentence in running.wait(since=since, chat=COUNCILLOR)[-1]["text"]


def test_questions_are_answered_while_a_large_file_is_read(stage: Stage) -> None:
    rows = 1_500
    caption = "/import EF-MP; Umsetzungsbericht; 2025"
    with stage.bot():
        message = send(stage, "groß.csv", table(rows), "Wie sicher", caption=caption)
        message = press(stage, message, "amtlich", "Spalten")
        since = stage.last_event()
        stage.press(message, "Stimmt so", user=ADMIN)
        stage.see("1.501 Zeilen von „groß.csv“ gelesen", since=since, chat=ADMIN)
        assert "ECCAR" in stage.ask("Wie weit ist der ECCAR-Abgleich?")["text"]
        seen = [m["text"] for m in stage.messages(ADMIN) if "Vorschau" in m["text"]]
        assert seen == [], "the answer came only after the preview"
        preview = stage.see("Vorschau", since=since, chat=ADMIN)
        assert f"{rows + 9} neu" in preview["text"]
        (listed,) = [m for m in stage.messages(ADMIN) if m["file"] and m["from_bot"]]
        assert stage.file(listed).decode("utf-8-sig").count("Zeile") >= rows
