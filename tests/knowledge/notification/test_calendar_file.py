"""Milestones as calendars read them."""

from datetime import UTC, date, datetime
from typing import Any

from icalendar import Calendar

from knowledge.milestones import Milestone, State, milestones
from knowledge.notification.calendar_file import calendar_file
from knowledge.partial_date import PartialDate
from tests.scheduler.stage import a_milestone, a_plan

NOW = datetime(2025, 10, 20, 9, 30, tzinfo=UTC)
TODAY = date(2025, 10, 20)


def notes(milestone: Milestone, stands: State) -> str:
    return f"{milestone.due.german()}, {stands}"


def events(*listed: Milestone, revision: int = 1) -> dict[str, dict[str, str]]:
    written = calendar_file(listed, notes, revision=revision, now=NOW, today=TODAY)
    return {
        str(event["uid"]): _shown(event) for event in Calendar.from_ical(written).walk("VEVENT")
    }


def _shown(event: Any) -> dict[str, str]:
    names = ("dtstart", "sequence", "status", "summary", "description")
    return {name: event[name].to_ical().decode() for name in names}


def dated(due: str, phase: str | None = None) -> Milestone:
    (milestone,) = milestones([a_milestone(due=due, phase=phase, title="Bericht; Teil 1, neu")])
    return milestone


def test_a_day_is_an_all_day_event() -> None:
    event = events(dated("2025-12-12"), revision=7)["ef-m@massnahmenbot"]
    assert event == {
        "dtstart": "20251212",
        "sequence": "7",
        "status": "CONFIRMED",
        "summary": "Bericht\\; Teil 1\\, neu (EF-M)",
        "description": "12.12.2025\\, open",
    }


def test_a_month_is_its_last_day() -> None:
    assert events(dated("2025-11"))["ef-m@massnahmenbot"]["dtstart"] == "20251130"


def test_a_moved_date_moves_the_same_event() -> None:
    (before,), (after,) = events(dated("2025-11")), events(dated("2026-02-01"), revision=2)
    assert before == after


def test_what_was_given_up_is_cancelled() -> None:
    assert events(dated("2025-12-12", "dropped"))["ef-m@massnahmenbot"]["status"] == "CANCELLED"


def test_what_was_put_off_is_not_confirmed() -> None:
    assert events(dated("2025-10-13", "postponed"))["ef-m@massnahmenbot"]["status"] == "TENTATIVE"


def test_an_occurrence_of_a_rhythm_is_tentative_and_by_itself() -> None:
    milestone = Milestone(a_plan(), PartialDate.parse("2025-11"), derived=True)
    ((uid, event),) = events(milestone).items()
    assert uid == "ef-p-2025-11@massnahmenbot"
    assert event["status"] == "TENTATIVE"


def test_the_same_is_written_byte_for_byte_the_same() -> None:
    written = [
        calendar_file([dated("2025-11")], notes, revision=1, now=NOW, today=TODAY) for _ in "ab"
    ]
    assert written[0] == written[1]
    assert written[0].endswith(b"END:VCALENDAR\r\n")
