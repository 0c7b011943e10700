"""A bot with a small town's knowledge base, an admin and two editors."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from handlers.services import Services
from knowledge.entries import Aspect, Kind, Phase
from knowledge.inquiries.question_log import QuestionLog
from knowledge.people import Role
from knowledge.storage.database import Database
from tests.support.builders import a_fact, an_entry
from tests.support.chat import ADMIN, EDITOR, OTHER, Chat
from tests.support.clock import FakeClock
from tests.support.services import services_of, shipped_in

ENTRIES = (
    an_entry("ERFURT", kind=Kind.BODY, title="Stadt Erfurt"),
    an_entry("EF-PLAN", kind=Kind.PLAN, title="Integrationskonzept", parent="ERFURT"),
    an_entry(
        "EF-7",
        title="ECCAR-Abgleich",
        parent="EF-PLAN",
        aliases=["Kriterienvergleich"],
        facts=[
            a_fact(
                "Der Abgleich läuft.",
                id="EF-7-STATUS",
                aspect=Aspect.STATUS,
                phase=Phase.IN_PROGRESS,
            )
        ],
    ),
    an_entry("EF-8", title="Sprachcafé", parent="EF-PLAN"),
)


@pytest.fixture
async def small_database(tmp_path: Path) -> AsyncIterator[Database]:
    """A database file."""
    opened = Database(f"sqlite+aiosqlite:///{tmp_path / 'test.db'}")
    yield opened
    await opened.close()


@pytest.fixture
async def services(small_database: Database, clock: FakeClock, tmp_path: Path) -> Services:
    """The real services over a small town."""
    shipped = shipped_in(tmp_path / "knowledge", ENTRIES)
    opened = await services_of(
        small_database, clock, days=0, token="99:x", admins=[ADMIN], shipped=shipped
    )
    for user, name in ((EDITOR, "Eva"), (OTHER, "Otto")):
        invited = await opened.people.invite(Role.EDITOR, name, by=ADMIN, now=clock())
        await opened.people.redeem(invited.token, user, now=clock())
    return opened


@pytest.fixture
async def logged(services: Services, small_database: Database) -> AsyncIterator[Chat]:
    """The same where questions are kept for a day."""
    talking = Chat.over(replace(services, question_log=QuestionLog(small_database, days=1)))
    async with talking.application:
        yield talking


@pytest.fixture
async def chat(services: Services) -> AsyncIterator[Chat]:
    """The real handlers, and people."""
    talking = Chat.over(services)
    async with talking.application:
        yield talking
