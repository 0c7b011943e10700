"""Exports in the chat: which entry, as what, and what cannot be."""

from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from openpyxl import load_workbook

from bot.application import open_services
from handlers.messages import plain
from handlers.services import Services
from knowledge.database import Database
from knowledge.entries import Kind
from knowledge.yaml_files import dump, read
from tests.handlers.chat import Chat
from tests.support.builders import an_entry
from tests.support.clock import FakeClock

ADMIN, READER = 1, 8
ENTRIES = [
    an_entry("STADT", kind=Kind.BODY, title="Stadt"),
    an_entry("PLAN", kind=Kind.PLAN, title="Maßnahmenplan", parent="STADT"),
    an_entry("PLAN-1", title="Lesepaten für Größere", parent="PLAN"),
    an_entry("LEER", kind=Kind.PLAN, title="Leeres Konzept", parent="STADT"),
]


@pytest.fixture
async def services(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Services]:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "stadt.yaml").write_bytes(dump(ENTRIES))
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")
    yield await open_services(
        database,
        zone=ZoneInfo("Europe/Berlin"),
        home="STADT",
        question_log_days=90,
        token="1:x",
        admin_ids=[ADMIN],
        clock=clock,
        shipped=tmp_path / "data",
    )
    await database.close()


@pytest.fixture
def chat(services: Services) -> Chat:
    return Chat(services, ADMIN)


async def test_the_home_body_is_offered_and_everything(chat: Chat) -> None:
    assert plain(await chat.say("/export")).startswith("Stadt ausgeben\n")
    assert chat.labels == ["CSV", "XLSX", "YAML", "Alles (YAML)"]
    for label in chat.labels:
        await chat.press(label)
    files = dict(chat.telegram.sent)
    assert list(files) == [
        "stadt-2025-10-20.csv",
        "stadt-2025-10-20.xlsx",
        "stadt-2025-10-20.yaml",
        "everything-2025-10-20.yaml",
    ]
    contents = list(files.values())
    assert "Lesepaten für Größere" in contents[0].decode("utf-8-sig")
    assert contents[1].startswith(b"PK")
    assert {entry.key for entry in read(contents[3], "alles")} == {e.key for e in ENTRIES}
    assert chat.errors == []


async def test_an_entry_is_named_by_words_and_written_with_all_below_it(
    chat: Chat, tmp_path: Path
) -> None:
    await chat.say("/export maßnahmenplan")
    assert chat.labels == ["CSV", "XLSX", "YAML"]
    await chat.press("YAML")
    await chat.press("XLSX")
    (_, content), (_, workbook) = chat.telegram.sent
    assert [entry.key for entry in read(content, "plan")] == ["PLAN", "PLAN-1"]
    (tmp_path / "plan.xlsx").write_bytes(workbook)
    assert load_workbook(tmp_path / "plan.xlsx").worksheets[0]["D2"].value == (
        "Lesepaten für Größere"
    )


async def test_without_measures_there_is_no_table(chat: Chat) -> None:
    assert "als Tabelle gibt es nichts auszugeben" in await chat.say("/export LEER")
    assert chat.labels == ["YAML"]
    forged = chat.data("YAML").replace(":yaml", ":csv")
    assert "Dieser Knopf ist veraltet." in await chat.press_data(forged)
    assert chat.telegram.sent == []


async def test_what_is_unknown_or_gone_is_said(chat: Chat, services: Services) -> None:
    assert "Zu „xyzzy“ finde ich keinen Eintrag." in await chat.say("/export xyzzy")
    await chat.say("/export LEER")
    pressed = chat.data("YAML")
    await services.store.publish(
        [],
        withdrawn=[services.snapshot.entries["LEER"]],
        author="Max",
        reason="weg",
        now=services.clock(),
    )
    assert "Diesen Eintrag gibt es nicht mehr." in await chat.press_data(pressed)


async def test_a_button_that_names_an_entry_offers_its_formats(chat: Chat) -> None:
    await chat.say("/export")
    assert "Maßnahmenplan ausgeben" in await chat.press_data("1:x:PLAN:choose")


async def test_readers_get_nothing(services: Services) -> None:
    reader = Chat(services, READER)
    await reader.say("/start")
    assert "Das dürfen hier nur" in await reader.say("/export PLAN")
    await reader.press_data("1:x:PLAN:csv")
    assert reader.telegram.sent == []
