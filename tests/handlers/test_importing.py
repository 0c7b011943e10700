"""Imports in the chat, from the file to the publication, with every way in which they end."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook
from sqlalchemy import delete

from bot.application import open_services
from handlers.import_choices import Decision
from handlers.messages import plain
from handlers.services import Services
from knowledge.database import Database
from knowledge.entries import Certainty, Entry, Kind, Phase, Source
from knowledge.partial_date import PartialDate
from knowledge.people import Role
from knowledge.store import Origin
from knowledge.tables import member
from knowledge.uploads import VALID
from knowledge.yaml_files import dump
from tests.benchmarks.bench_import import table
from tests.handlers.chat import Chat
from tests.knowledge.exchange.files import csv_file, saved
from tests.support.builders import a_fact, an_entry
from tests.support.clock import FakeClock

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
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "stadt.yaml").write_bytes(dump(SHIPPED))
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")
    services = await open_services(
        database,
        zone=ZoneInfo("Europe/Berlin"),
        home="STADT",
        question_log_days=90,
        token="1:x",
        admin_ids=[ADMIN],
        clock=clock,
        shipped=tmp_path / "data",
    )
    invited = await services.people.invite(Role.EDITOR, "Eva (Amt 50)", by=ADMIN, now=clock())
    await services.people.redeem(invited.token, EVA, now=clock())
    yield services
    await database.close()


@pytest.fixture
def chat(services: Services) -> Chat:
    return Chat(services, EVA)


async def previewed(chat: Chat, content: bytes | None = None, name: str = "plan.csv") -> str:
    """Send a file with target, source and date, and say that the rest is as understood."""
    await chat.send(name, content or csv_file([ROWS[0], ROWS[1]]), CAPTION)
    await chat.press("amtlich")
    return await chat.press("Stimmt so")


async def changed_by_others(services: Services, *entries: Entry) -> None:
    await services.store.publish(entries, author="Max", reason="neu", now=services.clock())


async def test_a_table_is_asked_about_step_by_step_and_published(
    chat: Chat, services: Services
) -> None:
    content = csv_file(ROWS, encoding="cp1252")
    assert "Zu welchem Plan" in await chat.send("plan.csv", content)
    assert chat.labels == ["Maßnahmenplan", "Stadt", "Verwerfen"]
    assert "Aus welcher Quelle" in await chat.press("Maßnahmenplan")
    assert chat.labels == ["Diese Datei selbst", "Verwerfen"]
    assert "Von wann sind" in await chat.press("Diese Datei selbst")
    assert "Wie sicher" in await chat.press("Oktober 2025")
    assert "D „Ampel“" not in await chat.press("öffentlich belegt")
    assert "Nicht eingelesen: Ampel" in chat.text
    assert "Was heißt „grün-gelb“? Es steht in 1 Zeile (3)." in await chat.press("Stimmt so")
    shown = plain(await chat.press("in Umsetzung"))
    assert "1 neu, 1 geändert, 0 unverändert, 0 zurückgezogen" in shown
    assert "· Status: geplant (2024) → umgesetzt (Oktober 2025)" in shown
    assert "Zeile 3, PLAN-3: Lotsen" in shown
    assert "Veröffentlicht als Fassung 2: 1 neu, 1 geändert" in await chat.press("Veröffentlichen")
    assert chat.labels == []
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
    assert chat.errors == []


async def test_a_caption_answers_what_it_names_and_known_sources_are_recognised(
    chat: Chat, services: Services
) -> None:
    assert "Wie sicher" in await chat.send("plan.csv", csv_file(ROWS), CAPTION)
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
        ("/import PLAN; Brief; gestern", "Von wann"),
        ("Hier ist der Plan", "Zu welchem Plan"),
    ):
        assert question in await chat.send("plan.csv", csv_file(ROWS), caption), caption


async def test_the_sources_used_before_are_one_tap_away(chat: Chat, services: Services) -> None:
    await services.store.publish(
        [an_entry("PLAN-2", title="Botinnen", parent="PLAN")],
        author="Eva (Amt 50)",
        reason="neu",
        now=services.clock(),
        source=Source(title="Bericht", reference="DS 7/25"),
    )
    await chat.send("plan.csv", csv_file(ROWS), "/import PLAN")
    await chat.press("DS 7/25")
    found = await services.uploads.open(EVA, now=services.clock())
    assert found is not None
    assert found.choices.source == Source(title="Bericht", reference="DS 7/25")


async def test_what_a_column_means_is_chosen_by_buttons(chat: Chat) -> None:
    rows = [["Nr.", "Aktivität", "Farbe"], ["", "Lotsen", "geplant"]]
    await chat.send("plan.csv", csv_file(rows), CAPTION)
    assert "B „Aktivität“: <b>Maßnahme</b> – bitte prüfen" in await chat.press("amtlich")
    assert chat.labels == ["Stimmt so", "B: Aktivität", "C: Farbe", "Verwerfen"]
    assert "Was steht in der Spalte C „Farbe“?" in await chat.press("C: Farbe")
    await chat.press("Zurück")
    await chat.press("C: Farbe")
    assert "C „Farbe“: <b>Status</b>\n" in await chat.press("Status")
    await chat.press("B: Aktivität")
    assert "Es fehlt noch: Maßnahme" in await chat.press("Nicht einlesen")
    assert "Stimmt so" not in chat.labels
    await chat.press("B: Aktivität")
    assert "B „Aktivität“: <b>Maßnahme</b>\n" in await chat.press("Maßnahme")
    assert "Zeile 2, PLAN-3: Lotsen" in await chat.press("Stimmt so")


async def test_one_meaning_goes_to_one_column(chat: Chat) -> None:
    rows = [["Maßnahme", "Eins", "Zwei"], ["Lotsen", "a", "b"]]
    await chat.send("plan.csv", csv_file(rows), CAPTION)
    await chat.press("amtlich")
    for column in ("B: Eins", "C: Zwei"):
        await chat.press(column)
        await chat.press("Ziel")
    assert "C „Zwei“: <b>Ziel</b>" in chat.text
    assert "Nicht eingelesen: Eins" in chat.text


async def test_another_sheet_can_be_chosen(chat: Chat) -> None:
    workbook = Workbook()
    workbook.worksheets[0].append(["Maßnahme"])
    workbook.worksheets[0].append(["Falsche"])
    second = workbook.create_sheet("Zweites")
    second.append(["Maßnahme"])
    second.append(["Richtige"])
    await chat.send("plan.xlsx", saved(workbook), CAPTION)
    assert "Nicht gelesen: Zweites" in await chat.press("amtlich")
    await chat.press("Blatt: Zweites")
    assert "Richtige" in await chat.press("Stimmt so")


async def test_a_word_may_say_nothing_and_each_is_asked_for_once(chat: Chat) -> None:
    rows = [HEADINGS, *(["", f"M {n}", ("gelb-rot", "lila")[n % 2], ""] for n in range(6))]
    assert "„gelb-rot“? Es steht in 3 Zeilen (2, 4, 6)" in await previewed(chat, csv_file(rows))
    assert "„lila“" in await chat.press("Sagt nichts über den Stand")
    assert "6 neu" in await chat.press("geplant")


async def test_nothing_is_withdrawn_unless_a_button_says_so(
    chat: Chat, services: Services
) -> None:
    assert "1 Eintrag steht nicht in der Datei" in await previewed(chat)
    assert "Zurückgezogen (1)</b>\nPLAN-2: Boten" in await chat.press("Zurückziehen, was fehlt")
    assert "0 zurückgezogen" in await chat.press("Doch nichts zurückziehen")
    await chat.press("Zurückziehen, was fehlt")
    await chat.press("Veröffentlichen")
    assert "PLAN-2" not in services.snapshot.entries


async def test_a_yaml_file_about_everything_offers_no_withdrawal(
    chat: Chat, services: Services
) -> None:
    renamed = an_entry("PLAN-2", title="Botinnen", parent="PLAN")
    shown = await chat.send("neu.yaml", dump([renamed]))
    assert "Titel: Boten → Botinnen" in shown
    assert chat.labels == ["Veröffentlichen", "Verwerfen"]
    await chat.send("neu.yaml", dump([renamed]), "/import PLAN-2")
    assert "Zurückziehen, was fehlt" not in chat.labels  # nothing below it is missing
    await chat.send("neu.yaml", dump([renamed]), "/import PLAN")
    assert "Zurückziehen, was fehlt" in chat.labels
    await chat.press("Veröffentlichen")
    assert services.snapshot.entries["PLAN-2"] == renamed


async def test_faulty_files_cannot_be_published(chat: Chat, services: Services) -> None:
    shown = await previewed(chat, csv_file([*ROWS[:2], ["PLAN-1", "Kurse", "geplant", ""]]))
    assert "Zeile 3: Dieselbe Maßnahme steht schon in Zeile 2." in shown
    assert "Veröffentlichen" not in chat.labels
    forged = chat.data("Verwerfen").replace(".x.", ".v.")
    assert "Dieselbe Maßnahme" in await chat.press_data(forged)
    assert services.snapshot.revision == 1
    assert "Verworfen." in await chat.press("Verwerfen")
    assert await services.uploads.open(EVA, now=services.clock()) is None


async def test_what_others_changed_meanwhile_is_shown_before_it_is_replaced(
    chat: Chat, services: Services
) -> None:
    await previewed(chat)
    known = services.snapshot.entries["PLAN-1"]
    await changed_by_others(services, known.model_copy(update={"aliases": ("Deutschkurse",)}))
    assert "Inzwischen hat jemand" in await chat.press("Veröffentlichen")
    assert "Veröffentlicht als Fassung 3" in await chat.press("Veröffentlichen")
    assert services.snapshot.entries["PLAN-1"].aliases == ("Deutschkurse",)
    assert services.snapshot.entries["PLAN-1"].phase is Phase.DONE


async def test_what_somebody_else_published_already_is_not_published_again(
    chat: Chat, services: Services
) -> None:
    await previewed(chat)
    other = Chat(services, ADMIN)
    await previewed(other)
    await other.press("Veröffentlichen")
    shown = await chat.press("Veröffentlichen")
    assert "Es gab nichts zu veröffentlichen." in shown
    assert services.snapshot.revision == 2
    assert await services.uploads.open(EVA, now=services.clock()) is None


async def test_a_plan_that_is_withdrawn_meanwhile_is_asked_for_again(
    chat: Chat, services: Services
) -> None:
    await previewed(chat)
    entries = services.snapshot.entries
    await services.store.publish(
        [],
        withdrawn=[entries[key] for key in ("PLAN-1", "PLAN-2", "PLAN")],
        author="Max",
        reason="weg",
        now=services.clock(),
    )
    assert "Zu welchem Plan" in await chat.press("Veröffentlichen")


async def test_a_second_press_and_outdated_buttons_change_nothing(
    chat: Chat, services: Services
) -> None:
    await chat.send("plan.csv", csv_file(ROWS[:2]), CAPTION)
    old = chat.data("amtlich")
    await chat.press("amtlich")
    assert CLOSED in await chat.press_data(old)
    await chat.say("/import")
    await chat.press("Stimmt so")
    publish = chat.data("Veröffentlichen")
    await chat.press("Veröffentlichen")
    assert CLOSED in await chat.press_data(publish)
    assert services.snapshot.revision == 2


async def test_the_upload_of_somebody_else_cannot_be_used(chat: Chat, services: Services) -> None:
    await previewed(chat)
    forged = chat.data("Veröffentlichen")
    other = Chat(services, ADMIN)
    await other.say("/import")
    assert CLOSED in await other.press_data(forged)
    assert services.snapshot.revision == 1


async def test_an_expired_upload_is_closed(
    chat: Chat, services: Services, clock: FakeClock
) -> None:
    await previewed(chat)
    clock.advance(VALID)
    assert CLOSED in await chat.press("Veröffentlichen")
    assert services.snapshot.revision == 1


@pytest.mark.parametrize(
    "forged",
    [
        *("t.NIE", "t.PLAN-1", "s.1", "d.gestern", "d.", "c.sicher", "b.1", "k.99", "k.x"),
        *("m.99-status", "m.1-unsinn", "m.x-status", "m.", "p.1-done", "p.", "q.", "V.", "."),
        *("o", "", "t.NIE.PLAN"),
    ],
)
async def test_forged_values_are_refused(chat: Chat, services: Services, forged: str) -> None:
    await previewed(chat)
    packed = re.sub(r"\.v\.$", f".{forged}", chat.data("Veröffentlichen"))
    assert CLOSED in await chat.press_data(packed)
    assert (chat.errors, services.snapshot.revision) == ([], 1)


@pytest.mark.parametrize("key", ["", "abc", "9" * 16, "-1", "١"])
async def test_forged_numbers_are_refused(chat: Chat, key: str) -> None:
    await previewed(chat)
    version, *_ = chat.data("Verwerfen").split(":")[3].split(".")
    for number in (version, "9" * 12, "x"):
        assert CLOSED in await chat.press_data(f"1:i:{key}:{number}.v.")
    assert chat.errors == []


@pytest.mark.parametrize("decision", Decision)
async def test_columns_of_a_yaml_file_cannot_be_decided(chat: Chat, decision: Decision) -> None:
    await chat.send("neu.yaml", dump([an_entry("PLAN-2", title="Neu", parent="PLAN")]))
    packed = re.sub(r"\.x\.$", f".{decision}.1-status", chat.data("Verwerfen"))
    await chat.press_data(packed)
    assert chat.errors == []


async def test_a_role_that_is_withdrawn_ends_the_import(chat: Chat, services: Services) -> None:
    await previewed(chat)
    data, below = chat.data("Veröffentlichen"), chat.last
    await services.people.set_role(EVA, Role.READER, by=ADMIN, now=services.clock())
    await chat.press_data(data, below=below)
    assert services.snapshot.revision == 1
    assert await services.uploads.open(EVA, now=services.clock()) is None


async def test_a_role_that_is_withdrawn_in_the_last_moment_prevents_the_publication(
    chat: Chat, services: Services, tmp_path: Path
) -> None:
    await previewed(chat)
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")

    async def withdraw(text: str) -> None:
        if "wird veröffentlicht" in text:
            async with database.writing() as connection:
                await connection.execute(delete(member))

    chat.telegram.meanwhile = withdraw
    assert "Das dürfen hier nur die Redaktion" in await chat.press("Veröffentlichen")
    assert services.snapshot.revision == 1
    await database.close()


async def test_how_it_is_done_is_said_where_no_file_is(chat: Chat) -> None:
    assert "Senden Sie mir hier eine Datei" in await chat.say("/import")
    answered = {
        "message_id": 3,
        "date": 1_760_000_000,
        "chat": {"id": EVA, "type": "private", "first_name": "Eva"},
        "text": "Hallo",
    }
    assert "Diese Nachricht enthält keine Datei." in await chat.say(
        "/import", reply_to_message=answered
    )
    answered |= {"document": chat.document("plan.csv", csv_file(ROWS))}
    del answered["text"]
    assert "Wie sicher" in await chat.say("/import PLAN; Brief; 2025", reply_to_message=answered)


async def test_readers_are_refused(services: Services) -> None:
    reader = Chat(services, READER)
    assert "Ich lese nur Text." in await reader.send("plan.csv", csv_file(ROWS))
    for text in (
        await reader.send("plan.csv", csv_file(ROWS), "/import PLAN"),
        await reader.say("/import"),
        await reader.say("/export PLAN"),
    ):
        assert "Das dürfen hier nur die Redaktion" in text
    assert reader.telegram.sent == []
    assert await services.uploads.open(READER, now=services.clock()) is None


async def test_a_file_that_is_too_large_is_not_even_downloaded(chat: Chat) -> None:
    document = chat.document("groß.csv", b"x", size=20 * 1024 * 1024 + 1)
    chat.telegram.files.clear()
    text = await chat._message(document=document, caption="")
    assert "Ich nehme höchstens 20 MB an." in text


async def test_a_file_that_telegram_does_not_hand_out_is_asked_for_again(chat: Chat) -> None:
    document = chat.document("plan.csv", b"x")
    chat.telegram.files.clear()
    text = await chat._message(document=document, caption="")
    assert "Telegram gibt mir die Datei nicht." in text


async def test_a_file_that_cannot_be_read_leaves_nothing_behind(
    chat: Chat, services: Services
) -> None:
    assert "Das ist eine PDF-Datei." in await chat.send("plan.xlsx", b"%PDF-1.7")
    assert await services.uploads.open(EVA, now=services.clock()) is None


async def test_long_previews_come_with_the_whole_list_as_a_file(chat: Chat) -> None:
    rows = [HEADINGS, *(["", f"Maßnahme {n}", "geplant", ""] for n in range(40))]
    assert "… und 32 weitere" in await previewed(chat, csv_file(rows))
    ((name, content),) = chat.telegram.sent
    assert name == "Vorschau.txt"
    assert "Zeile 41, PLAN-42: Maßnahme 39" in content.decode("utf-8-sig")


async def test_others_go_on_while_a_large_file_is_read_and_published(
    chat: Chat, services: Services
) -> None:
    async def watched(work: asyncio.Task[str]) -> tuple[int, str]:
        turns = 0
        while not work.done():
            await asyncio.sleep(0)
            turns += 1
        return turns, work.result()

    rows = 1_500
    await chat.send("groß.csv", table(rows), CAPTION)
    await chat.press("amtlich")
    for label, words in (("Stimmt so", f"{rows + 9} neu"), ("Veröffentlichen", "Veröffentlicht")):
        turns, text = await watched(asyncio.create_task(chat.press(label)))
        assert words in text
        # With the work on the event loop there would be about one turn per call and query.
        assert turns > 1_000
