"""The dates of what a chat has subscribed, as a calendar file."""

from datetime import date

from handlers.calendars import calendar_notes, subscribed_dates
from handlers.services import Services
from knowledge.entries import Kind
from knowledge.milestones import Milestone, State
from knowledge.notification.interests import Scope, Subscription, Target
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot
from tests.scheduler.stage import a_milestone
from tests.support.builders import an_entry
from tests.support.chat import READER, Chat
from tests.support.clock import MOMENT

TODAY = date(2025, 10, 20)
SNAPSHOT = Snapshot(
    [
        an_entry("ERFURT", kind=Kind.BODY),
        an_entry("PLAN", kind=Kind.PLAN, parent="ERFURT"),
        a_milestone("M-1", due="2025-12", parent="PLAN"),
        a_milestone("M-2", due="2025-11-01", parent="PLAN"),
        an_entry("JENA", kind=Kind.BODY),
        a_milestone("M-3", due="2026", parent="JENA"),
    ]
)


def dates(*targets: Target) -> list[str]:
    listed = [
        Subscription(number, 7, target, frozenset(), MOMENT, 1)
        for number, target in enumerate(targets)
    ]
    return [found.entry.key for found in subscribed_dates(listed, SNAPSHOT, TODAY)]


def test_dates_of_all_that_is_subscribed_are_listed_once_soonest_first() -> None:
    assert dates(Target(Scope.BELOW, "ERFURT"), Target(Scope.ENTRY, "M-1")) == ["M-2", "M-1"]
    assert dates(Target(Scope.ENTRY, "PLAN")) == ["M-2", "M-1"]
    assert dates(Target(Scope.EVERYTHING)) == ["M-2", "M-1", "M-3"]


def test_what_is_gone_and_answers_have_no_dates() -> None:
    assert dates(Target(Scope.ENTRY, "GONE"), Target(Scope.ANSWER, None, "wann?")) == []


def test_a_calendar_says_that_no_day_is_known() -> None:
    milestone = Milestone(a_milestone(due="2025-11"), PartialDate.parse("2025-11"))
    assert calendar_notes(milestone, State.OPEN) == (
        "Ein Tag ist nicht genannt: November 2025. Eingetragen ist der letzte mögliche Tag.\n"
        "Fällig 2025-11."
    )


def test_a_calendar_says_that_a_date_was_put_off() -> None:
    entry = a_milestone(due="2025-11", phase="postponed")
    notes = calendar_notes(Milestone(entry, PartialDate.parse("2025-11-30")), State.MOVED)
    assert notes == "Fällig 2025-11.\nZurückgestellt. Ein neuer Termin ist nicht genannt."


async def test_without_subscriptions_there_is_no_calendar(chat: Chat) -> None:
    shown = await chat.say("/kalender", user=READER)
    assert shown.text.startswith("Sie haben nichts abonniert, also gibt es keinen Kalender.")


async def test_subscriptions_without_dates_are_said_to_have_none(chat: Chat) -> None:
    await chat.say("/abo EF-8", user=READER)
    shown = await chat.say("/kalender", user=READER)
    assert shown.text == "Zu Ihren Abos ist kein Termin bekannt."


async def test_the_calendar_comes_as_a_file(chat: Chat, services: Services) -> None:
    dated = a_milestone("M-9", due="2026-03-01", parent="EF-PLAN")
    await services.store.publish([dated], author="Eva", reason="Test", now=services.clock())
    await chat.say("/abo EF-PLAN", user=READER)
    (shown,) = await chat.tell("/kalender", user=READER)
    assert shown.text.startswith("1 Termin aus Ihren Abos.")
    # Nobody knows what stands in a calendar from earlier files.
    assert "Was in der neuen Datei fehlt" in shown.text
    assert "löschen Sie es dort selbst" in shown.text
    assert [name for name, _ in chat.telegram.sent] == ["termine.ics"]
