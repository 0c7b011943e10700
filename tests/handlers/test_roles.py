"""Roles from the chat: pages, sentences, and what is logged."""

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from handlers.buttons import Action, Press
from handlers.messages import plain
from handlers.roles import member_page, members_page, refused
from handlers.services import Services
from knowledge.people import Member, People, Refusal, Role
from knowledge.storage.database import Database
from tests.support.chat import ADMIN, EDITOR, OTHER, Chat

BERLIN = ZoneInfo("Europe/Berlin")
LATE = datetime(2026, 5, 31, 23, 30, tzinfo=UTC)
"""Already June in Berlin."""

TOAST = 200
"""Letters that Telegram takes for the answer to a tap."""

BOSS = Member(1, Role.ADMIN, "admin", None, by_settings=True)
LEAD = Member(2, Role.ADMIN, "Leitung", LATE, by_settings=False)
EVA = Member(3, Role.EDITOR, "Eva <b>", LATE, by_settings=False)


@pytest.mark.parametrize("why", Refusal)
def test_every_refusal_has_a_sentence_that_a_toast_takes(why: Refusal) -> None:
    with capture_logs() as logs:
        sentence = refused("button MEMBER", why)
    assert sentence.endswith(".")
    assert len(sentence) <= TOAST
    assert [(log["event"], log["reason"]) for log in logs] == [("refused", why)]


def test_everybody_is_listed_with_role_and_day() -> None:
    page = members_page([BOSS, LEAD, EVA], zone=BERLIN)
    assert plain(page.markup).startswith(
        "Wer den Bot pflegt\n– admin: Verwaltung, durch die Einstellungen\n"
        "– Leitung: Verwaltung, seit 01.06.2026\n– Eva <b>: Redaktion, seit 01.06.2026\n"
    )
    assert [b.text for row in page.buttons for b in row] == ["admin", "Leitung", "Eva <b>"]


@pytest.mark.parametrize(
    ("member", "viewer", "labels"),
    [
        (EVA, LEAD, ["Zur Verwaltung machen", "Rolle beenden", "‹ Zurück"]),
        (LEAD, LEAD, ["Zur Redaktion machen", "Rolle beenden", "‹ Zurück"]),
        (BOSS, LEAD, ["‹ Zurück"]),
        (EVA, EVA, ["Rolle beenden"]),
    ],
)
def test_a_member_has_buttons_for_what_the_viewer_can_do(
    member: Member, viewer: Member, labels: list[str]
) -> None:
    page = member_page(member, viewer=viewer, zone=BERLIN)
    assert [b.text for row in page.buttons for b in row] == labels
    assert ("/rolle" in page.markup) is (viewer.role is Role.ADMIN)


async def test_changes_are_logged_by_label_and_without_ids(chat: Chat, services: Services) -> None:
    page = await chat.say("/rolle eva", user=ADMIN)
    asked = await chat.press(page, "Rolle beenden", user=ADMIN)
    with capture_logs() as logs:
        await chat.press(asked, "Ja", user=ADMIN)
    assert chat.toast == "Eva hat keine Rolle mehr."
    (entry,) = [log for log in logs if log["event"] == "role changed"]
    assert entry == {
        "event": "role changed",
        "by": "admin",
        "whose": "Eva",
        "role": Role.READER,
        "log_level": "info",
    }
    assert await services.people.role(EDITOR) is Role.READER
    assert await services.people.role(OTHER) is Role.EDITOR


@pytest.mark.parametrize(
    ("label", "sentence"),
    [
        ("Rolle beenden", "Die Verwaltung hat Ihre Rolle beendet. Ihre offenen Entwürfe"),
        (
            "Zur Verwaltung machen",
            "Die Verwaltung hat Ihnen eine andere Rolle gegeben: Verwaltung.",
        ),
    ],
)
async def test_whose_role_is_changed_is_told(chat: Chat, label: str, sentence: str) -> None:
    page = await chat.say("/rolle Otto", user=ADMIN)
    asked = await chat.press(page, label, user=ADMIN)
    await chat.press(asked, "Ja", user=ADMIN)
    told = [shown.text for shown in chat.telegram.shown.values() if shown.chat == OTHER]
    assert [text.startswith(sentence) for text in told] == [True]


async def test_who_is_no_admin_any_more_while_revoking_is_refused(
    services: Services, small_database: Database
) -> None:
    await services.people.set_role(OTHER, Role.ADMIN, by=ADMIN, now=services.clock())

    class Leaving(People):
        """An admin loses the role right after it was looked up."""

        async def member(self, user_id: int | None) -> Member | None:
            found = await super().member(user_id)
            await services.people.set_role(OTHER, Role.EDITOR, by=ADMIN, now=services.clock())
            return found

    invited = await services.people.invite(Role.EDITOR, "Rita", by=ADMIN, now=services.clock())
    chat = Chat.over(replace(services, people=Leaving(small_database, [ADMIN])))
    async with chat.application:
        data = Press(Action.INVITATION, invited.invitation.id).pack()
        assert await chat.tap(data, user=OTHER) == []
    assert chat.toast == "Das darf nur die Verwaltung des Bots."
    assert len(await services.people.invitations(services.clock())) == 1


async def test_an_editor_is_told_whose_business_others_are(chat: Chat) -> None:
    assert await chat.tap(Press(Action.MEMBER, str(OTHER)).pack(), user=EDITOR) == []
    assert "Das darf hier nur die Verwaltung des Bots" in (chat.toast or "")
