"""Exports in the chat: which entry, as what, and what cannot be."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from openpyxl import load_workbook

from handlers.messages import plain
from handlers.services import Services
from knowledge.entries import Kind
from knowledge.storage.database import Database
from knowledge.yaml_files import read
from tests.support.builders import an_entry
from tests.support.chat import Chat, Person
from tests.support.clock import FakeClock
from tests.support.services import services_of, shipped_in

ADMIN, READER = 1, 8
ENTRIES = [
    an_entry("STADT", kind=Kind.BODY, title="Stadt"),
    an_entry("PLAN", kind=Kind.PLAN, title="Maßnahmenplan", parent="STADT"),
    an_entry("PLAN-1", title="Lesepaten für Größere", parent="PLAN"),
    an_entry("LEER", kind=Kind.PLAN, title="Leeres Konzept", parent="STADT"),
]


@pytest.fixture
async def services(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Services]:
    shipped = shipped_in(tmp_path / "data", ENTRIES)
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")
    yield await services_of(database, clock, home="STADT", admins=[ADMIN], shipped=shipped)
    await database.close()


@pytest.fixture
async def person(services: Services) -> AsyncIterator[Person]:
    chat = Chat.over(services)
    async with chat.application:
        yield Person(chat, ADMIN)


async def test_the_home_body_is_offered_and_everything(person: Person) -> None:
    assert plain(await person.say("/export")).startswith("Stadt ausgeben\n")
    assert person.labels == ["CSV", "XLSX", "YAML", "Alles (YAML)"]
    for label in person.labels:
        await person.press(label)
    files = dict(person.chat.telegram.sent)
    assert list(files) == [
        "stadt-2025-10-20.csv",
        "stadt-2025-10-20.xlsx",
        "stadt-2025-10-20.yaml",
        "alles-2025-10-20.yaml",
    ]
    contents = list(files.values())
    assert "Lesepaten für Größere" in contents[0].decode("utf-8-sig")
    assert contents[1].startswith(b"PK")
    assert {entry.key for entry in read(contents[3], "alles")} == {e.key for e in ENTRIES}


async def test_an_entry_is_named_by_words_and_written_with_all_below_it(
    person: Person, tmp_path: Path
) -> None:
    await person.say("/export maßnahmenplan")
    assert person.labels == ["CSV", "XLSX", "YAML"]
    await person.press("YAML")
    await person.press("XLSX")
    (_, content), (_, workbook) = person.chat.telegram.sent
    assert [entry.key for entry in read(content, "plan")] == ["PLAN", "PLAN-1"]
    (tmp_path / "plan.xlsx").write_bytes(workbook)
    assert load_workbook(tmp_path / "plan.xlsx").worksheets[0]["D2"].value == (
        "Lesepaten für Größere"
    )


async def test_without_measures_there_is_no_table(person: Person) -> None:
    assert "als Tabelle gibt es nichts auszugeben" in await person.say("/export LEER")
    assert person.labels == ["YAML"]
    forged = person.last.buttons["YAML"].replace(":yaml", ":csv")
    assert "Dieser Knopf ist veraltet." in await person.tap(forged)
    assert person.chat.telegram.sent == []


async def test_what_is_unknown_or_gone_is_said(person: Person, services: Services) -> None:
    assert "Zu „xyzzy“ finde ich keinen Eintrag." in await person.say("/export xyzzy")
    await person.say("/export LEER")
    pressed = person.last.buttons["YAML"]
    await services.store.publish(
        [],
        withdrawn=[services.snapshot.entries["LEER"]],
        author="Max",
        reason="weg",
        now=services.clock(),
    )
    assert "Diesen Eintrag gibt es nicht mehr." in await person.tap(pressed)


async def test_a_button_that_names_an_entry_offers_its_formats(person: Person) -> None:
    await person.say("/export")
    assert "Maßnahmenplan ausgeben" in await person.tap("1:x:PLAN:choose")


async def test_readers_get_nothing(person: Person) -> None:
    reader = Person(person.chat, READER)
    await reader.say("/start")
    assert "Das dürfen hier nur" in await reader.say("/export PLAN")
    await reader.tap("1:x:PLAN:csv")
    assert reader.chat.telegram.sent == []
