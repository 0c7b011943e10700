"""Imports in the chat, from the file to the publication, with every way in which they end."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import delete

from handlers.importing.choices import Decision
from handlers.messages import plain
from handlers.services import Services
from knowledge.editing.uploads import VALID
from knowledge.entries import Certainty, Entry, Kind, Phase, Source
from knowledge.exchange.table_export import to_csv
from knowledge.notification.interests import ALL_INTERESTS, Scope, Target
from knowledge.partial_date import PartialDate
from knowledge.people import Role
from knowledge.revisions import Origin
from knowledge.storage.database import Database
from knowledge.storage.tables import member
from knowledge.yaml_files import dump
from tests.benchmarks.bench_import import table
from tests.knowledge.exchange.files import csv_file, saved
from tests.support.builders import a_fact, an_entry
from tests.support.chat import Chat, Person
from tests.support.clock import FakeClock
from tests.support.services import services_of, shipped_in

ADMIN, EVA, READER = 1, 7, 8
CAPTION = "/import PLAN; DS 2170/24; 10/2025"
CLOSED = "Dieser Import ist nicht mehr offen"
HEADINGS = ["Nr.", "Maßnahme", "Status", "Ampel"]
ROWS = [HEADINGS, ["PLAN-1", "Kurse", "umgesetzt", ""], ["", "Lotsen", "grün-gelb", ""]]
SHIPPED = [
    an_entry("STADT", kind=Kind.BODY, title="Stadt"),
    an_entry("PLAN", kind=Kind.PLAN, title="Maßnahmenplan", parent="STADT"),
    an_entry(
        "PLAN-1",
        title="Kurse",
        parent="PLAN",
        facts=[a_fact("geplant", id="PLAN-1-STATUS", aspect="status", phase="planned")],
    ),
    an_entry("PLAN-2", title="Boten", parent="PLAN"),
]


@pytest.fixture
async def services(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Services]:
    shipped = shipped_in(tmp_path / "data", SHIPPED)
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")
    services = await services_of(database, clock, home="STADT", admins=[ADMIN], shipped=shipped)
    invited = await services.people.invite(Role.EDITOR, "Eva (Amt 50)", by=ADMIN, now=clock())
    await services.people.redeem(invited.token, EVA, now=clock())
    yield services
    await database.close()


@pytest.fixture
async def person(services: Services) -> AsyncIterator[Person]:
    chat = Chat.over(services)
    async with chat.application:
        yield Person(chat, EVA)


async def previewed(person: Person, content: bytes | None = None, name: str = "plan.csv") -> str:
    """Send a file with target, source and date, and say that the rest is as understood."""
    await person.send_file(name, content or csv_file([ROWS[0], ROWS[1]]), CAPTION)
    await person.press("amtlich")
    return await person.press("Stimmt so")


async def changed_by_others(services: Services, *entries: Entry) -> None:
    await services.store.publish(entries, author="Max", reason="neu", now=services.clock())


async def test_a_table_is_asked_about_step_by_step_and_published(
    person: Person, services: Services
) -> None:
    content = csv_file(ROWS, encoding="cp1252")
    assert "Zu welchem Plan" in await person.send_file("plan.csv", content)
    assert person.labels == ["Maßnahmenplan", "Stadt", "Verwerfen"]
    assert "Aus welcher Quelle" in await person.press("Maßnahmenplan")
    assert person.labels == ["Diese Datei selbst", "Verwerfen"]
    assert "Von wann sind" in await person.press("Diese Datei selbst")
    assert "Wie sicher" in await person.press("Oktober 2025")
    assert "D „Ampel“" not in await person.press("öffentlich belegt")
    assert "Nicht eingelesen: Ampel" in person.text
    assert "Was heißt „grün-gelb“? Es steht in 1 Zeile (3)." in await person.press("Stimmt so")
    shown = plain(await person.press("in Umsetzung"))
    assert "1 neu, 1 geändert, 0 unverändert, 0 zurückgezogen" in shown
    assert "· Status: geplant (2024) → umgesetzt (Oktober 2025)" in shown
    assert "Zeile 3, PLAN-3: Lotsen" in shown
    assert "Veröffentlicht als Fassung 2: 1 neu, 1 geändert" in await person.press(
        "Veröffentlichen"
    )
    assert person.labels == ["Rückgängig"]
    (newest, *_) = await services.store.log(limit=1)
    assert (newest.author, newest.origin) == ("Eva (Amt 50)", Origin.IMPORTED)
    assert (newest.reason, newest.source) == (
        "Eingelesen aus plan.csv",
        Source(title="plan.csv"),
    )
    lotsen = services.snapshot.entries["PLAN-3"]
    assert lotsen.phase is Phase.IN_PROGRESS
    assert [(f.as_of, f.certainty) for f in lotsen.facts] == [
        (PartialDate(2025, 10), Certainty.PUBLIC)
    ]
    assert await services.uploads.open(EVA, now=services.clock()) is None


async def test_a_caption_answers_what_it_names_and_known_sources_are_recognised(
    person: Person, services: Services
) -> None:
    assert "Wie sicher" in await person.send_file("plan.csv", csv_file(ROWS), CAPTION)
    found = await services.uploads.open(EVA, now=services.clock())
    assert found is not None
    assert found.choices.source == a_fact().sources[0]
    assert found.choices.as_of == PartialDate(2025, 10)
    for caption, question in (
        ("/import NIE; Brief; 2025", "Zu welchem Plan"),
        ("/import PLAN-1; Brief; 2025", "Zu welchem Plan"),
        ("/import PLAN", "Aus welcher Quelle"),
        (f"/import PLAN; {'x' * 201}; 2025", "Aus welcher Quelle"),
        ("/import PLAN; Brief", "Von wann"),
        ("/import PLAN; Brief; bald", "Von wann"),
        ("/import PLAN; Brief; 10/2025; amtlich", "plan.csv: Spalten"),
        ("/import PLAN; Brief; 10/2025; Öffentlich", "plan.csv: Spalten"),
        ("/import PLAN; Brief; 10/2025; sehr", "Wie sicher"),
        ("Hier ist der Plan", "Zu welchem Plan"),
    ):
        assert question in await person.send_file("plan.csv", csv_file(ROWS), caption), caption


@pytest.mark.parametrize(
    ("caption", "misread"),
    [
        ("/import NIE; Brief; gestern", "Plan „NIE“, Stand „gestern“."),
        ("/import PLAN; Brief; 31.02.2025", "Stand „31.02.2025“."),
        ("/import PLAN; Brief; 2025; sehr", "Sicherheit „sehr“."),
        (f"/import PLAN; {'x' * 201}; 2025", f"Quelle „{'x' * 79}…“."),
    ],
)
async def test_what_was_not_understood_of_a_caption_is_said(
    person: Person, caption: str, misread: str
) -> None:
    await person.send_file("plan.csv", csv_file(ROWS), caption)
    note, _ = person.chat.telegram.shown.values()
    assert note.text == f"Das habe ich nicht verstanden: {misread}"


async def test_a_date_to_come_in_a_caption_is_not_taken_and_asked_for_again(
    person: Person, services: Services
) -> None:
    caption = "/import PLAN; Brief; 2050"
    assert "Von wann sind" in await person.send_file("plan.csv", csv_file(ROWS), caption)
    note, _ = person.chat.telegram.shown.values()
    assert note.text == ("Der Stand „2050“ liegt in der Zukunft, die Quelle gibt es aber schon.")
    found = await services.uploads.open(EVA, now=services.clock())
    assert found is not None
    assert not found.choices.is_dated


async def test_a_preview_says_how_many_chats_are_told_of_it(
    person: Person, services: Services
) -> None:
    rows = [HEADINGS, ["", "Lotsen", "geplant", ""]]
    assert "Davon erfährt niemand" in await previewed(person, csv_file(rows))
    await services.subscriptions.begin(
        READER,
        Target(Scope.BELOW, "PLAN"),
        snapshot=services.snapshot,
        now=services.clock(),
        interests=ALL_INTERESTS,
    )
    assert "Davon erfährt 1 Chat" in await previewed(person, csv_file(rows))


async def test_a_row_as_of_a_day_to_come_is_named_in_the_preview(person: Person) -> None:
    rows = [["Nr.", "Maßnahme", "Status", "Stand vom"], ["PLAN-1", "Kurse", "umgesetzt", "3/2099"]]
    shown = await previewed(person, csv_file(rows))
    assert "Zelle D2: „3/2099“ liegt in der Zukunft, die Quelle gibt es aber schon." in shown
    assert "Veröffentlichen" not in person.labels


async def test_a_caption_that_is_understood_is_not_remarked_on(person: Person) -> None:
    for caption in ("", "/import", "/import PLAN", "/import PLAN;;10/2025", CAPTION):
        await person.send_file("plan.csv", csv_file(ROWS), caption)
    assert len(person.chat.telegram.shown) == 5


async def test_a_caption_that_names_no_plan_is_answered(person: Person) -> None:
    shown = await person.send_file("plan.csv", csv_file(ROWS), "/import PLAN-1; Brief; 2025")
    assert "In PLAN-1 können keine Maßnahmen stehen." in shown


@pytest.mark.parametrize(
    ("typed", "as_of"),
    [("10/2025", "2025-10"), ("3. Quartal 2024", "2024-Q3"), ("unbekannt", None)],
)
async def test_the_date_can_be_typed(
    person: Person, services: Services, typed: str, as_of: str | None
) -> None:
    await person.send_file("plan.csv", csv_file(ROWS), "/import PLAN; Brief")
    assert "Wie sicher" in await person.say(typed)
    found = await services.uploads.open(EVA, now=services.clock())
    assert found is not None
    assert found.choices.is_dated
    assert found.choices.as_of == (PartialDate.parse(as_of) if as_of else None)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("31.02.2025", "Das ist kein Datum, das ich lesen kann."),
        ("2050", "Das liegt in der Zukunft, die Quelle gibt es aber schon."),
    ],
)
async def test_what_is_typed_and_no_date_leads_to_the_same_question_again(
    person: Person, typed: str, said: str
) -> None:
    await person.send_file("plan.csv", csv_file(ROWS), "/import PLAN; Brief")
    assert "Von wann sind die Angaben?" in await person.say(typed)
    *_, note, _ = person.chat.telegram.shown.values()
    assert note.text == said
    assert "Wie sicher" in await person.press("Ohne Angabe")


async def test_where_no_date_is_waited_for_text_is_a_question(person: Person) -> None:
    for name, content, caption in (
        ("plan.csv", csv_file(ROWS), ""),
        ("plan.csv", csv_file(ROWS), CAPTION),
        ("neu.yaml", dump([an_entry("PLAN-2", title="Neu", parent="PLAN")]), "/import PLAN"),
    ):
        await person.send_file(name, content, caption)
        assert "nichts vor" in await person.say("Wie ist das Wetter?")


async def test_a_table_without_headings_is_refused_before_anything_is_asked(
    person: Person, services: Services
) -> None:
    for rows in ([["Lotsen", "läuft gut"], ["Kurse", "auch"]], [["Status"], ["geplant"]]):
        shown = await person.send_file("plan.csv", csv_file(rows))
        assert "Bitte schreiben Sie diese Überschrift über die Spalte." in shown
        assert person.labels == []
        assert await services.uploads.open(EVA, now=services.clock()) is None


async def test_on_a_sheet_without_headings_another_one_is_offered(person: Person) -> None:
    workbook = Workbook()
    workbook.worksheets[0].append(["Lotsen", "läuft gut"])
    workbook.create_sheet("Zweites").append(["Maßnahme"])
    await person.send_file("plan.xlsx", saved(workbook), CAPTION)
    assert "Wählen Sie ein anderes Blatt" in await person.press("amtlich")
    assert person.labels == ["Blatt: Zweites", "Verwerfen"]


async def test_a_file_that_is_called_something_else_is_refused_at_once(person: Person) -> None:
    for name, said in (("plan.pdf", "PDF"), ("Plan.DOCX", "DOCX")):
        shown = await person.send_file(name, csv_file(ROWS), "")
        assert f"Das ist eine {said}-Datei. Ich lese CSV, XLSX und YAML." in shown
        assert "speichern Sie sie bitte als .xlsx oder .csv." in shown
        assert shown.endswith("Wenn das behoben ist, senden Sie die Datei noch einmal.")


async def test_new_rows_are_previewed_with_status_deadline_and_responsible(
    person: Person,
) -> None:
    headings = ["Maßnahme", "Status", "Frist", "Zuständig", "Kosten"]
    row = ["Lotsen", "geplant", "31.12.2026", "Amt 50", "5 €"]
    shown = plain(await previewed(person, csv_file([headings, row])))
    assert (
        "PLAN-3: Lotsen\n· Status: geplant (Oktober 2025)\n"
        "· Frist: 31.12.2026 (Oktober 2025)\n· Verantwortlich: Amt 50 (Oktober 2025)\n"
    ) in shown


async def test_the_sources_used_before_are_one_tap_away(
    person: Person, services: Services
) -> None:
    await services.store.publish(
        [an_entry("PLAN-2", title="Botinnen", parent="PLAN")],
        author="Eva (Amt 50)",
        reason="neu",
        now=services.clock(),
        source=Source(title="Bericht", reference="DS 7/25"),
    )
    await person.send_file("plan.csv", csv_file(ROWS), "/import PLAN")
    await person.press("DS 7/25")
    found = await services.uploads.open(EVA, now=services.clock())
    assert found is not None
    assert found.choices.source == Source(title="Bericht", reference="DS 7/25")


async def test_what_a_column_means_is_chosen_by_buttons(person: Person) -> None:
    rows = [["Nr.", "Aktivität", "Farbe"], ["", "Lotsen", "geplant"]]
    await person.send_file("plan.csv", csv_file(rows), CAPTION)
    assert "B „Aktivität“: <b>Maßnahme</b> – bitte prüfen" in await person.press("amtlich")
    assert person.labels == ["Stimmt so", "B: Aktivität", "C: Farbe", "Verwerfen"]
    assert "Was steht in der Spalte C „Farbe“?" in await person.press("C: Farbe")
    await person.press("Zurück")
    await person.press("C: Farbe")
    assert "C „Farbe“: <b>Status</b>\n" in await person.press("Status")
    await person.press("B: Aktivität")
    assert "erkenne die Maßnahmen an ihren Nummern" in await person.press("Nicht einlesen")
    assert "Stimmt so" in person.labels
    await person.press("B: Aktivität")
    assert "B „Aktivität“: <b>Maßnahme</b>\n" in await person.press("Maßnahme")
    assert "Zeile 2, PLAN-3: Lotsen" in await person.press("Stimmt so")


async def test_one_meaning_goes_to_one_column(person: Person) -> None:
    rows = [["Maßnahme", "Eins", "Zwei"], ["Lotsen", "a", "b"]]
    await person.send_file("plan.csv", csv_file(rows), CAPTION)
    await person.press("amtlich")
    for column in ("B: Eins", "C: Zwei"):
        await person.press(column)
        await person.press("Ziel")
    assert "C „Zwei“: <b>Ziel</b>" in person.text
    assert "Nicht eingelesen: Eins" in person.text


async def test_another_sheet_can_be_chosen(person: Person) -> None:
    workbook = Workbook()
    workbook.worksheets[0].append(["Maßnahme"])
    workbook.worksheets[0].append(["Falsche"])
    second = workbook.create_sheet("Zweites")
    second.append(["Maßnahme"])
    second.append(["Richtige"])
    await person.send_file("plan.xlsx", saved(workbook), CAPTION)
    assert "Nicht gelesen: Zweites" in await person.press("amtlich")
    await person.press("Blatt: Zweites")
    assert "Richtige" in await person.press("Stimmt so")


async def test_a_word_may_say_nothing_and_each_is_asked_for_once(person: Person) -> None:
    rows = [HEADINGS, *(["", f"M {n}", ("gelb-rot", "lila")[n % 2], ""] for n in range(6))]
    assert "„gelb-rot“? Es steht in 3 Zeilen (2, 4, 6)" in await previewed(person, csv_file(rows))
    assert "„lila“" in await person.press("Sagt nichts über den Stand")
    assert "6 neu" in await person.press("geplant")


async def test_nothing_is_withdrawn_unless_a_button_says_so(
    person: Person, services: Services
) -> None:
    assert "1 Eintrag steht nicht in der Datei" in await previewed(person)
    assert "Zurückgezogen (1)</b>\nPLAN-2: Boten" in await person.press("Zurückziehen, was fehlt")
    assert "0 zurückgezogen" in await person.press("Doch nichts zurückziehen")
    await person.press("Zurückziehen, was fehlt")
    await person.press("Veröffentlichen")
    assert "PLAN-2" not in services.snapshot.entries


DATED = an_entry("PLAN-2-M", kind=Kind.MILESTONE, title="Termin", parent="PLAN-2")


async def test_what_cannot_be_withdrawn_is_no_fault_of_the_file_and_leads_back(
    person: Person, services: Services
) -> None:
    await changed_by_others(services, DATED)
    before = await previewed(person)
    shown = plain(await person.press("Zurückziehen, was fehlt"))
    assert "PLAN-2 kann nicht zurückgezogen werden: PLAN-2-M verweist darauf." in shown
    assert "Die Datei ist in Ordnung, aber nicht alles, was darin fehlt, lässt sich" in shown
    assert "„Doch nichts zurückziehen“ führt zur Vorschau ohne das zurück." in shown
    assert "verbessern Sie" not in shown
    assert person.labels == ["Doch nichts zurückziehen", "Verwerfen"]
    assert await person.press("Doch nichts zurückziehen") == before
    assert "Veröffentlicht als Fassung 3" in await person.press("Veröffentlichen")
    assert "PLAN-2" in services.snapshot.entries


async def test_from_a_faulty_file_no_withdrawal_is_offered_that_could_not_be_published(
    person: Person,
) -> None:
    rows = [["Nr.", "Maßnahme", "Frist"], ["PLAN-1", "Kurse", "31.02.2025"]]
    assert "„31.02.2025“ ist kein Datum." in await previewed(person, csv_file(rows))
    assert person.labels == ["Verwerfen"]


async def test_where_nothing_is_missing_any_more_that_is_said(
    person: Person, services: Services
) -> None:
    await previewed(person)
    boten = services.snapshot.entries["PLAN-2"]
    await services.store.publish(
        [], withdrawn=[boten], author="Max", reason="weg", now=services.clock()
    )
    shown = await person.press("Zurückziehen, was fehlt")
    assert "In der Datei fehlt kein Eintrag. Es gibt nichts zurückzuziehen." in shown
    assert person.labels == ["Veröffentlichen", "Verwerfen"]


async def test_withdrawing_too_much_is_taken_back_before_and_after_the_publication(
    person: Person, services: Services
) -> None:
    await previewed(person, csv_file([HEADINGS[:2], ["", "Neues"]]))
    shown = plain(await person.press("Zurückziehen, was fehlt"))
    assert "Zurückgezogen (2)\nPLAN-1: Kurse\nPLAN-2: Boten" in shown
    assert "„Doch nichts zurückziehen“ lässt stehen, was in der Datei fehlt." in shown
    assert "Mit /rueckgaengig 2 können Sie das zurücknehmen." in plain(
        await person.press("Veröffentlichen")
    )
    await person.say("/rueckgaengig 2")
    await person.press("Ja, zurücknehmen")
    assert {"PLAN-1", "PLAN-2"} <= services.snapshot.entries.keys()


async def test_a_preview_with_withdrawals_that_is_discarded_says_how_to_begin_anew(
    person: Person, services: Services
) -> None:
    await previewed(person)
    await person.press("Zurückziehen, was fehlt")
    shown = await person.press("Verwerfen")
    assert shown == (
        "Verworfen. Es wurde nichts geändert, und die Datei ist gelöscht. "
        "Um neu zu beginnen, senden Sie sie noch einmal."
    )
    assert "1 Eintrag steht nicht in der Datei" in await previewed(person)
    assert services.snapshot.revision == 1


async def test_a_yaml_file_about_everything_offers_no_withdrawal(
    person: Person, services: Services
) -> None:
    renamed = an_entry("PLAN-2", title="Botinnen", parent="PLAN")
    shown = await person.send_file("neu.yaml", dump([renamed]))
    assert "Titel: Boten → Botinnen" in shown
    assert person.labels == ["Veröffentlichen", "Verwerfen"]
    await person.send_file("neu.yaml", dump([renamed]), "/import PLAN-2")
    assert "Zurückziehen, was fehlt" not in person.labels  # nothing below it is missing
    await person.send_file("neu.yaml", dump([renamed]), "/import PLAN")
    assert "Zurückziehen, was fehlt" in person.labels
    await person.press("Veröffentlichen")
    assert services.snapshot.entries["PLAN-2"] == renamed


async def test_faulty_files_cannot_be_published(person: Person, services: Services) -> None:
    shown = await previewed(person, csv_file([*ROWS[:2], ["PLAN-1", "Kurse", "geplant", ""]]))
    assert "Zeile 3: Dieselbe Maßnahme steht schon in Zeile 2." in shown
    assert "Veröffentlichen" not in person.labels
    forged = person.last.buttons["Verwerfen"].replace(".x.", ".v.")
    assert "Dieselbe Maßnahme" in await person.tap(forged)
    assert services.snapshot.revision == 1
    assert "Verworfen." in await person.press("Verwerfen")
    assert await services.uploads.open(EVA, now=services.clock()) is None


async def test_where_the_confirmation_is_lost_it_is_said_as_which_revision_it_was_published(
    person: Person, services: Services
) -> None:
    await previewed(person)

    async def lose_the_next(shown: str) -> None:
        person.chat.telegram.failing = "wird veröffentlicht" in shown
        person.chat.telegram.meanwhile = None

    person.chat.telegram.meanwhile = lose_the_next
    assert await person.press("Veröffentlichen") == (
        "Diese Datei ist veröffentlicht, als Fassung 2. "
        "Mit <code>/rueckgaengig 2</code> können Sie das zurücknehmen."
    )
    assert services.snapshot.revision == 2


async def test_what_others_changed_meanwhile_is_shown_before_it_is_replaced(
    person: Person, services: Services
) -> None:
    await previewed(person)
    known = services.snapshot.entries["PLAN-1"]
    await changed_by_others(services, known.model_copy(update={"aliases": ("Deutschkurse",)}))
    assert "Inzwischen hat jemand" in await person.press("Veröffentlichen")
    assert "Veröffentlicht als Fassung 3" in await person.press("Veröffentlichen")
    assert services.snapshot.entries["PLAN-1"].aliases == ("Deutschkurse",)
    assert services.snapshot.entries["PLAN-1"].phase is Phase.DONE


async def test_what_somebody_else_published_already_is_not_published_again(
    person: Person, services: Services
) -> None:
    await previewed(person)
    other = Person(person.chat, ADMIN)
    await previewed(other)
    await other.press("Veröffentlichen")
    shown = await person.press("Veröffentlichen")
    assert "Es gab nichts zu veröffentlichen." in shown
    assert services.snapshot.revision == 2
    assert await services.uploads.open(EVA, now=services.clock()) is None


async def test_a_plan_that_is_withdrawn_meanwhile_is_asked_for_again(
    person: Person, services: Services
) -> None:
    await previewed(person)
    entries = services.snapshot.entries
    await services.store.publish(
        [],
        withdrawn=[entries[key] for key in ("PLAN-1", "PLAN-2", "PLAN")],
        author="Max",
        reason="weg",
        now=services.clock(),
    )
    assert "Zu welchem Plan" in await person.press("Veröffentlichen")


async def test_a_second_press_and_outdated_buttons_change_nothing(
    person: Person, services: Services
) -> None:
    await person.send_file("plan.csv", csv_file(ROWS[:2]), CAPTION)
    old = person.last.buttons["amtlich"]
    await person.press("amtlich")
    assert CLOSED in await person.tap(old)
    await person.say("/import")
    await person.press("Stimmt so")
    publish = person.last.buttons["Veröffentlichen"]
    await person.press("Veröffentlichen")
    assert "Diese Datei ist veröffentlicht, als Fassung 2." in await person.tap(publish)
    assert services.snapshot.revision == 2


async def test_the_upload_of_somebody_else_cannot_be_used(
    person: Person, services: Services
) -> None:
    await previewed(person)
    forged = person.last.buttons["Veröffentlichen"]
    other = Person(person.chat, ADMIN)
    await other.say("/import")
    assert CLOSED in await other.tap(forged)
    assert services.snapshot.revision == 1


async def test_an_expired_upload_is_closed(
    person: Person, services: Services, clock: FakeClock
) -> None:
    await previewed(person)
    clock.advance(VALID)
    assert CLOSED in await person.press("Veröffentlichen")
    assert services.snapshot.revision == 1


@pytest.mark.parametrize(
    "forged",
    [
        *("t.NIE", "t.PLAN-1", "s.1", "d.gestern", "d.", "c.sicher", "b.1", "k.99", "k.x"),
        *("m.99-status", "m.1-unsinn", "m.x-status", "m.", "p.1-done", "p.", "q.", "V.", "."),
        *("o", "", "t.NIE.PLAN"),
    ],
)
async def test_forged_values_are_refused(person: Person, services: Services, forged: str) -> None:
    await previewed(person)
    packed = re.sub(r"\.v\.$", f".{forged}", person.last.buttons["Veröffentlichen"])
    assert CLOSED in await person.tap(packed)
    assert services.snapshot.revision == 1


@pytest.mark.parametrize("key", ["", "abc", "9" * 16, "-1", "١"])
async def test_forged_numbers_are_refused(person: Person, key: str) -> None:
    await previewed(person)
    version, *_ = person.last.buttons["Verwerfen"].split(":")[3].split(".")
    for number in (version, "9" * 12, "x"):
        assert CLOSED in await person.tap(f"1:i:{key}:{number}.v.")


@pytest.mark.parametrize("decision", Decision)
async def test_columns_of_a_yaml_file_cannot_be_decided(
    person: Person, services: Services, decision: Decision
) -> None:
    await person.send_file("neu.yaml", dump([an_entry("PLAN-2", title="Neu", parent="PLAN")]))
    discard = person.last.buttons["Verwerfen"]
    packed = re.sub(r"\.x\.$", f".{decision}.1-status", discard)
    assert packed != discard
    assert "schiefgegangen" not in await person.tap(packed)
    # What is no column is none: the decision to publish is one without, and valid.
    assert (services.snapshot.revision > 1) == (decision is Decision.PUBLISH)


async def test_a_role_that_is_withdrawn_ends_the_import(
    person: Person, services: Services
) -> None:
    await previewed(person)
    await services.people.set_role(EVA, Role.READER, by=ADMIN, now=services.clock())
    await person.press("Veröffentlichen")
    assert services.snapshot.revision == 1
    assert await services.uploads.open(EVA, now=services.clock()) is None


async def test_a_role_that_is_withdrawn_in_the_last_moment_prevents_the_publication(
    person: Person, services: Services, tmp_path: Path
) -> None:
    await previewed(person)
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")

    async def withdraw(text: str) -> None:
        if "wird veröffentlicht" in text:
            async with database.writing() as connection:
                await connection.execute(delete(member))

    person.chat.telegram.meanwhile = withdraw
    assert "Das dürfen hier nur die Redaktion" in await person.press("Veröffentlichen")
    assert services.snapshot.revision == 1
    await database.close()


async def test_how_it_is_done_is_said_where_no_file_is(person: Person) -> None:
    assert "Senden Sie mir hier eine Datei" in await person.say("/import")
    answered = {
        "message_id": 3,
        "date": 1_760_000_000,
        "chat": {"id": EVA, "type": "private", "first_name": "Eva"},
        "text": "Hallo",
    }
    assert "Diese Nachricht enthält keine Datei." in await person.say(
        "/import", answering=answered
    )
    answered |= {"document": person.keep("plan.csv", csv_file(ROWS))}
    del answered["text"]
    assert "Wie sicher" in await person.say("/import PLAN; Brief; 2025", answering=answered)


async def test_readers_are_refused(person: Person, services: Services) -> None:
    reader = Person(person.chat, READER)
    assert "Ich lese nur Text." in await reader.send_file("plan.csv", csv_file(ROWS))
    for text in (
        await reader.send_file("plan.csv", csv_file(ROWS), "/import PLAN"),
        await reader.say("/import"),
        await reader.say("/export PLAN"),
    ):
        assert "Das dürfen hier nur die Redaktion" in text
    assert reader.chat.telegram.sent == []
    assert await services.uploads.open(READER, now=services.clock()) is None


async def test_a_file_that_is_too_large_is_not_even_downloaded(person: Person) -> None:
    document = person.keep("groß.csv", b"x", size=20 * 1024 * 1024 + 1)
    person.chat.telegram.kept.clear()
    text = await person.send(document)
    assert "Ich nehme höchstens 20 MB an." in text


async def test_a_file_that_telegram_does_not_hand_out_is_asked_for_again(person: Person) -> None:
    document = person.keep("plan.csv", b"x")
    person.chat.telegram.kept.clear()
    text = await person.send(document)
    assert "Telegram gibt mir die Datei nicht." in text


async def test_a_file_that_cannot_be_read_leaves_nothing_behind(
    person: Person, services: Services
) -> None:
    assert "Das ist eine PDF-Datei." in await person.send_file("plan.xlsx", b"%PDF-1.7")
    assert await services.uploads.open(EVA, now=services.clock()) is None


async def test_long_previews_come_with_the_whole_list_as_a_file(person: Person) -> None:
    rows = [HEADINGS, *(["", f"Maßnahme {n}", "geplant", ""] for n in range(40))]
    assert "… und 32 weitere" in await previewed(person, csv_file(rows))
    ((name, content),) = person.chat.telegram.sent
    assert name == "Vorschau.txt"
    assert "Zeile 41, PLAN-42: Maßnahme 39" in content.decode("utf-8-sig")


async def test_others_go_on_while_a_large_file_is_read_and_published(
    person: Person, services: Services
) -> None:
    async def watched(work: asyncio.Task[str]) -> tuple[int, str]:
        turns = 0
        while not work.done():
            await asyncio.sleep(0)
            turns += 1
        return turns, work.result()

    rows = 1_500
    await person.send_file("groß.csv", table(rows), CAPTION)
    await person.press("amtlich")
    for label, words in (("Stimmt so", f"{rows + 9} neu"), ("Veröffentlichen", "Veröffentlicht")):
        turns, text = await watched(asyncio.create_task(person.press(label)))
        assert words in text
        # With the work on the event loop there would be about one turn per call and query.
        assert turns > 1_000


async def test_complete_entries_with_a_date_to_come_are_refused_with_the_fact_that_has_it(
    person: Person,
) -> None:
    fact = a_fact("Es läuft.", id="PLAN-2-STATUS", as_of=PartialDate(2035))
    entry = an_entry("PLAN-2", title="Boten", parent="PLAN", facts=[fact])
    shown = plain(await person.send_file("plan.yaml", dump([entry])))
    assert "PLAN-2-STATUS: „2035“ liegt in der Zukunft, die Quelle gibt es aber schon." in shown
    assert person.labels == ["Verwerfen"]


async def test_complete_entries_come_with_their_own_sources_whatever_the_caption_names(
    person: Person, services: Services
) -> None:
    entry = an_entry("PLAN-3", title="Lotsen", parent="PLAN", facts=[a_fact(id="PLAN-3-A")])
    shown = await person.send_file("plan.yaml", dump([entry]), CAPTION)
    assert "1 neu, 0 geändert" in shown
    assert "Quelle: " not in shown
    assert "Veröffentlicht als Fassung 2" in await person.press("Veröffentlichen")
    assert services.snapshot.entries["PLAN-3"] == entry


async def test_giving_up_a_draft_where_only_an_import_is_open_says_where_that_is_given_up(
    person: Person,
) -> None:
    await person.send_file("plan.csv", csv_file(ROWS), CAPTION)
    assert "Es ist kein Entwurf offen, aber der Import von plan.csv." in await person.say(
        "/abbrechen"
    )
    await person.say("/import")
    await person.press("Verwerfen")
    assert await person.say("/abbrechen") == "Es ist kein Entwurf offen."


async def test_an_old_export_leaves_what_was_published_since(
    person: Person, services: Services
) -> None:
    content = to_csv(services.snapshot, "PLAN").replace(b"PLAN-2;;;Boten;", b"PLAN-2;;;Boten;Neu.")
    known = services.snapshot.entries["PLAN-1"]
    status = a_fact("Läuft.", id="PLAN-1-S", aspect="status", phase="in_progress", as_of="2025-10")
    await changed_by_others(services, known.model_copy(update={"facts": (status,)}))
    shown = plain(await previewed(person, content))
    assert "0 neu, 1 geändert, 1 unverändert" in shown
    assert "„geplant“ steht noch so da wie beim Export. PLAN-1 wurde seither geändert" in shown
    assert "Status: in Umsetzung" not in shown
    await person.press("Veröffentlichen")
    assert services.snapshot.entries["PLAN-1"].facts == (status,)


async def test_a_row_that_comes_to_nothing_meanwhile_is_shown_before_the_rest_is_published(
    person: Person, services: Services
) -> None:
    rows = [*ROWS[:2], ["PLAN-2", "Boten", "läuft", ""]]
    assert "0 neu, 2 geändert" in await previewed(person, csv_file(rows))
    known = services.snapshot.entries["PLAN-2"]
    status = a_fact("Fällt aus.", id="X", aspect="status", phase="dropped", as_of="2025-11")
    await changed_by_others(services, known.model_copy(update={"facts": (status,)}))
    shown = plain(await person.press("Veröffentlichen"))
    assert "Inzwischen hat jemand einen dieser Einträge geändert" in shown
    assert "„läuft“ ist älter als das, was zu PLAN-2 bekannt ist" in shown
    assert services.snapshot.revision == 2
    assert "0 neu, 1 geändert" in await person.press("Veröffentlichen")
    assert services.snapshot.entries["PLAN-2"].facts == (status,)


async def test_a_file_that_comes_to_nothing_meanwhile_is_not_said_to_be_known(
    person: Person, services: Services
) -> None:
    await previewed(person)
    known = services.snapshot.entries["PLAN-1"]
    status = a_fact("Fällt aus.", id="X", aspect="status", phase="dropped", as_of="2025-11")
    await changed_by_others(services, known.model_copy(update={"facts": (status,)}))
    shown = plain(await person.press("Veröffentlichen"))
    assert "„umgesetzt“ ist älter als das, was zu PLAN-1 bekannt ist" in shown
    assert "Was nicht übernommen wird, und warum, steht in den Hinweisen." in shown
    assert "Alles ist schon so" not in shown
    assert person.labels == ["Zurückziehen, was fehlt", "Verwerfen"]


async def test_what_others_change_elsewhere_asks_for_no_second_look(
    person: Person, services: Services
) -> None:
    await previewed(person)
    await changed_by_others(services, an_entry("PLAN-9", title="Neu", parent="PLAN"))
    assert "Veröffentlicht als Fassung 3" in await person.press("Veröffentlichen")


async def test_what_was_asked_last_is_answered_where_a_draft_waits_too(
    person: Person, services: Services, clock: FakeClock
) -> None:
    await person.say("/fakt PLAN-1 Kosten: 500 Euro.")
    assert "Quelle" in person.text
    clock.advance(timedelta(minutes=1))
    assert "Von wann" in await person.send_file(
        "plan.csv", csv_file(ROWS), "/import PLAN; Liste X"
    )
    clock.advance(timedelta(minutes=1))
    assert "Wie sicher" in await person.say("10/2025")
    found = await services.uploads.open(EVA, now=clock())
    assert found is not None
    assert found.choices.as_of == PartialDate(2025, 10)
    clock.advance(timedelta(minutes=1))
    await person.say("DS 2170/24")  # the draft waits still
    draft = await services.drafts.open(EVA, EVA, now=clock())
    assert draft is not None
    assert "DS 2170/24" in draft.content.model_dump_json()


async def test_a_source_can_be_typed_where_one_is_asked_for(
    person: Person, services: Services
) -> None:
    assert "oder schreiben Sie sie" in await person.send_file(
        "plan.csv", csv_file(ROWS), "/import PLAN"
    )
    await person.say("Wer ist für die Kurse zuständig?")  # is no source
    for no_source in ("x" * 201, "abbrechen", "ok"):
        await person.say(no_source)
        assert "Aus welcher Quelle" in person.text
    assert "Von wann" in await person.say("Abfrage bei den Ämtern, DS 99/25")
    found = await services.uploads.open(EVA, now=services.clock())
    assert found is not None
    assert found.choices.source == Source(
        title="Abfrage bei den Ämtern, DS 99/25", reference="DS 99/25"
    )
    await person.send_file("plan.csv", csv_file(ROWS), "/import PLAN")
    await person.say("DS 2170/24")
    found = await services.uploads.open(EVA, now=services.clock())
    assert found is not None
    assert found.choices.source == a_fact().sources[0]


async def test_a_table_of_numbers_and_statuses_needs_no_names(
    person: Person, services: Services
) -> None:
    rows = [["Kürzel", "Status"], ["PLAN-1", "umgesetzt"], ["PLAN-2", "läuft"]]
    await person.send_file("plan.csv", csv_file(rows), CAPTION)
    assert "Stimmt das so?" in await person.press("amtlich")
    assert "0 neu, 2 geändert" in await person.press("Stimmt so")
    await person.press("Veröffentlichen")
    assert services.snapshot.entries["PLAN-1"].phase is Phase.DONE
    unknown = csv_file([*rows, ["PLAN-7", "läuft"]])
    await person.send_file("plan.csv", unknown, CAPTION)
    await person.press("amtlich")
    shown = plain(await person.press("Stimmt so"))
    assert "Zeile 4: Die Nr. „PLAN-7“ kenne ich hier nicht." in shown
    unread = csv_file([["Nr.", "Status", "Ampel"], ["PLAN-2", "geplant", "rot"]])
    await person.send_file("plan.csv", unread, CAPTION)
    assert "Es fehlt noch: Maßnahme" in await person.press("amtlich")
    assert "Steht der Name in keiner, wählen Sie für jede davon „Nicht einlesen“" in person.text
    await person.press("C: Ampel")
    assert "Stimmt das so?" in await person.press("Nicht einlesen")


async def test_who_goes_on_with_an_import_that_expired_is_told_so(
    person: Person, services: Services, clock: FakeClock
) -> None:
    await previewed(person)
    clock.advance(VALID)
    await services.uploads.forget_expired(clock())
    assert "Der Import von „plan.csv“ ist abgelaufen" in await person.say("/import")
    assert "Senden Sie mir hier eine Datei" in person.text
    await previewed(person)
    await person.press("Veröffentlichen")
    clock.advance(VALID)
    assert "abgelaufen" not in await person.say("/import")


async def test_an_import_is_taken_back_with_a_button(person: Person, services: Services) -> None:
    await previewed(person)
    await person.press("Veröffentlichen")
    assert person.labels == ["Rückgängig"]
    await person.press("Rückgängig")
    assert "Fassung 2" in person.text


async def test_errors_of_a_table_are_shown_alone(person: Person) -> None:
    rows = [*ROWS[:2], ["", "Lotsen", "läuft", ""], ["", "", "läuft", "x"]]
    shown = plain(await previewed(person, csv_file(rows)))
    assert "Zelle B4: Der Name der Maßnahme fehlt." in shown
    assert "Lotsen" not in shown
    assert "neu" not in shown.split("Fehler (1)")[0]
    assert "geplant" not in shown


async def test_a_caption_without_the_command_is_not_passed_over_in_silence(
    person: Person, services: Services
) -> None:
    await person.send_file("plan.csv", csv_file(ROWS), "PLAN")
    said = [plain(shown.text) for shown in person.chat.telegram.shown.values()]
    assert any("lese ich nur mit /import davor: /import PLAN" in text for text in said), said
