"""/massnahmen and /termine: of everything, or of the entry that is named behind them."""

from datetime import date

import pytest

from handlers.dates import dates
from handlers.messages import plain
from knowledge.entries import Entry, Kind
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry
from tests.support.chat import READER, Chat

TODAY = date(2025, 10, 20)


def a_date(key: str, parent: str, due: str | None) -> Entry:
    facts = [a_fact(id=f"{key}-D", aspect="due", due=due)] if due else []
    return an_entry(key, kind=Kind.MILESTONE, title=key, parent=parent, facts=facts)


SNAPSHOT = Snapshot(
    [
        an_entry("A", kind=Kind.PLAN, title="Plan A"),
        an_entry("B", kind=Kind.PLAN, title="Plan B"),
        *(
            a_date(f"{plan}-{name}", plan, due)
            for plan in "AB"
            for name, due in (("SOON", "2025-11"), ("OVER", "2025-09"), ("OPEN", None))
        ),
    ]
)


@pytest.mark.parametrize(("view", "shown"), [("coming", ["SOON", "OPEN"]), ("past", ["OVER"])])
def test_dates_are_those_of_an_entry_and_below_it(view: str, shown: list[str]) -> None:
    text = plain(dates(SNAPSHOT, TODAY, view, 0, scope=SNAPSHOT.get("A")).markup)
    assert "Termine: Plan A (A)" in text
    assert [name for name in ("SOON", "OVER", "OPEN") if f"(A-{name})" in text] == [
        name for name in ("SOON", "OVER", "OPEN") if name in shown
    ]
    assert "(B-" not in text


async def test_turning_stays_with_the_entry_that_was_named(chat: Chat) -> None:
    shown = await chat.say("/termine eccar abgleich", user=READER)
    assert shown.text.startswith("Kommende Termine: ECCAR-Abgleich (EF-7)")
    shown = await chat.press(shown, "‹ Frühere", user=READER)
    assert shown.text.startswith("Vergangene Termine: ECCAR-Abgleich (EF-7)")
    assert (await chat.say("/termine", user=READER)).text.startswith("Kommende Termine\n")


async def test_browsing_begins_with_the_entry_that_was_named(chat: Chat) -> None:
    shown = await chat.say("/massnahmen ef-plan", user=READER)
    assert "Integrationskonzept (EF-PLAN)" in shown.text
    assert "ECCAR-Abgleich" in shown.buttons


@pytest.mark.parametrize("command", ["/termine", "/massnahmen"])
async def test_what_is_not_there_is_said(chat: Chat, command: str) -> None:
    shown = await chat.say(f"{command} Schwimmbadsanierung", user=READER)
    assert shown.text.startswith("Zu „Schwimmbadsanierung“ finde ich keinen Eintrag.")
