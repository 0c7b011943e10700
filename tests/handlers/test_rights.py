"""Every command and every button: open to all by name in a short list, or closed to readers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select
from structlog.testing import capture_logs
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    MessageHandler,
)

from handlers import conversation, fallbacks, reachability
from handlers.buttons import VERSION, Action
from handlers.chat_rights import Decision
from handlers.editing.preview import reference_to
from handlers.importing import uploads
from handlers.menu import added_commands, private_commands
from handlers.registry import all_handlers
from handlers.rights import Restricted
from handlers.services import Services
from knowledge.editing.drafts import MISSED, VALID, Content, Draft
from knowledge.editing.edits import Form, Rename
from knowledge.notification.interests import Scope, Target
from knowledge.people import Role
from knowledge.storage.database import Database
from knowledge.storage.tables import (
    draft,
    entry_version,
    handed_over_question,
    invitation,
    member,
    outbox,
    revision,
)
from tests.support.chat import ADMIN, EDITOR, OTHER, READER, Chat
from tests.support.clock import FakeClock

WHO_MAY = {Role.EDITOR: "nur die Redaktion und die Verwaltung", Role.ADMIN: "nur die Verwaltung"}
"""Of whom the refusal speaks, by the role that is needed."""

COMMANDS_FOR_ALL = {
    "start",
    "hilfe",
    "help",
    "frage",
    "massnahmen",
    "termine",
    "quellen",
    "bericht",
    "ueberblick",
    "datenschutz",
}
BUTTONS_FOR_ALL = {
    Action.ABOUT,
    Action.BROWSE,
    Action.DATES,
    Action.DEPENDS,
    Action.EXAMPLE,
    Action.FEEDBACK,
    Action.HAND_OVER,
    Action.HISTORY,
    Action.NEXT,
    Action.OVERVIEW,
    Action.REPORT,
    Action.SOURCES,
}
TAKING_WHAT_IS_LEFT = {
    conversation.__name__,
    fallbacks.__name__,
    uploads.__name__,
    reachability.__name__,
}
"""Modules whose handlers take texts, files, leftovers and what Telegram says of chats, neither a
command nor an action."""

OF_DRAFTS = {action for action in Action if action.name.startswith("DRAFT_")}

GARBAGE = (
    "{}",
    "{}:x",
    "{}:zz:zz",
    "{}:zz:zz:zz",
    "{}:EF-7:nonsense",
    "{}:GIBTS-NICHT:nonsense",
    "{}:ffffffffffff-1:nonsense",
    "{}:99999999999:nonsense",
    "{}:%s:ü\u202e" % ("9" * 30),
)

Handler = BaseHandler[Any, Any, Any]


def commands_of(handler: Handler) -> set[str]:
    return set(handler.commands) if isinstance(handler, CommandHandler) else set()


def actions_of(handler: Handler) -> set[Action]:
    pattern = handler.pattern if isinstance(handler, CallbackQueryHandler) else None
    if not isinstance(pattern, re.Pattern):
        return set()
    return {action for action in Action if pattern.match(f"{VERSION}:{action}:x:")}


def restricted(services: Services) -> Iterator[Handler]:
    return (h for h in all_handlers(services) if isinstance(h.callback, Restricted))


def restricted_commands(services: Services) -> dict[str, Role]:
    """Each with the role that it needs."""
    return {name: role_of(h) for h in restricted(services) for name in commands_of(h)}


def restricted_actions(services: Services) -> dict[Action, Role]:
    """Each with the role that it needs."""
    return {action: role_of(h) for h in restricted(services) for action in actions_of(h)}


def role_of(handler: Handler) -> Role:
    assert isinstance(handler.callback, Restricted)
    return handler.callback.role


@dataclass
class Watch:
    """The rows of everything that must not change."""

    database: Database
    rows: list[Row[Any]] = field(default_factory=list)

    async def read(self) -> list[Row[Any]]:
        found: list[Row[Any]] = []
        async with self.database.reading() as connection:
            for table in (
                revision,
                entry_version,
                draft,
                member,
                invitation,
                handed_over_question,
                outbox,
            ):
                found += await connection.execute(select(table))
        return found

    async def begin(self) -> None:
        self.rows = await self.read()
        assert self.rows

    async def is_unchanged(self) -> bool:
        return await self.read() == self.rows


@pytest.fixture
def watch(small_database: Database) -> Watch:
    return Watch(small_database)


async def a_draft(services: Services, user: int = EDITOR, *, asking: bool = False) -> Draft:
    """An open draft, ready to be published or asking for a phase."""
    content = Content(edits=(Rename(entry="EF-7", title="Neuer Titel"),))
    if asking:
        content = Content(form=Form(do="set_status", given={"entry": "EF-7"}))
    return await services.drafts.begin(
        user, user, content, base=services.snapshot.revision, now=services.clock()
    )


def genuine(action: Action, written: Draft) -> str:
    """Data as a button of the chat has them, for whatever the action is about."""
    detail = {
        Action.DRAFT_CHOOSE: "done",
        Action.DRAFT_CORRECT: "0-title",
        Action.DRAFT_ADD: "st-EF-7",
        Action.EDIT: "st",
        Action.UNDO: "yes",
    }.get(action, "")
    key = {Action.EDIT: "EF-7", Action.PICK: "EF-7", Action.UNDO: "2", Action.LOG: ""}
    return f"{VERSION}:{action}:{key.get(action, reference_to(written))}:{detail}"


def test_every_handler_is_open_by_name_or_restricted(services: Services) -> None:
    for handler in all_handlers(services):
        names, actions = commands_of(handler), actions_of(handler)
        if isinstance(handler.callback, Restricted):
            assert names or actions or isinstance(handler, MessageHandler)
            assert not names & COMMANDS_FOR_ALL
            assert not actions & BUTTONS_FOR_ALL
        elif isinstance(handler.callback, Decision):
            assert names or actions
        elif names or actions:
            assert names <= COMMANDS_FOR_ALL
            assert actions <= BUTTONS_FOR_ALL
        else:
            assert isinstance(handler, MessageHandler | CallbackQueryHandler | ChatMemberHandler)
            wrapped = getattr(handler.callback, "func", handler.callback)
            assert wrapped.__module__ in TAKING_WHAT_IS_LEFT


def test_every_action_and_command_of_the_menus_has_exactly_one_handler(
    services: Services,
) -> None:
    handled = [a for handler in all_handlers(services) for a in actions_of(handler)]
    assert sorted(handled) == sorted(Action)
    names = [name for handler in all_handlers(services) for name in commands_of(handler)]
    assert len(set(names)) == len(names)
    everybody = {command.command for command in private_commands()}
    assert set(names) - {"help", "stop"} == everybody | added_commands(Role.ADMIN).keys()
    assert set(restricted_commands(services)) == added_commands(Role.ADMIN).keys()


async def test_a_reader_is_refused_every_command_for_members(
    chat: Chat, services: Services, watch: Watch
) -> None:
    await a_draft(services)
    await watch.begin()
    for name, role in restricted_commands(services).items():
        with capture_logs() as logs:
            shown = await chat.tell(f"/{name} EF-7 umgesetzt", user=READER)
        assert [WHO_MAY[role] in s.text for s in shown] == [True], name
        assert {"event": "refused", "what": f"/{name}", "reason": "not_allowed"}.items() <= logs[
            -1
        ].items()
    assert await watch.is_unchanged()


async def test_a_reader_is_refused_every_button_for_members(
    chat: Chat, services: Services, watch: Watch
) -> None:
    written = await a_draft(services)
    await watch.begin()
    for action in restricted_actions(services):
        for data in (
            genuine(action, written),
            *(f"{VERSION}:{g.format(action)}" for g in GARBAGE),
        ):
            with capture_logs() as logs:
                assert await chat.tap(data, user=READER) == []
            assert (chat.toast or "") != "", data
            assert logs[-1]["event"] == "refused"
    assert await watch.is_unchanged()


async def test_an_editor_is_told_which_role_is_needed_for_what_admins_do(
    chat: Chat, services: Services
) -> None:
    for name, role in restricted_commands(services).items():
        if role is Role.ADMIN:
            assert "darf hier nur die Verwaltung des Bots" in (await chat.say(f"/{name}")).text


async def test_after_a_role_is_withdrawn_everything_open_is_refused(
    chat: Chat, services: Services, watch: Watch, clock: FakeClock
) -> None:
    ready = await a_draft(services)
    await services.people.set_role(EDITOR, Role.READER, by=ADMIN, now=clock())
    await watch.begin()
    for action, role in restricted_actions(services).items():
        with capture_logs() as logs:
            assert await chat.tap(genuine(action, ready)) == []
        assert WHO_MAY[role] in (chat.toast or ""), action
        assert logs[-1]["reason"] == "not_allowed"
    for name, role in restricted_commands(services).items():
        assert WHO_MAY[role] in (await chat.say(f"/{name}")).text
    assert "nichts vor" in (await chat.say("Wie ist das Wetter?")).text
    assert await watch.is_unchanged()


async def test_garbage_is_refused_also_where_an_editor_sends_it(
    chat: Chat, services: Services, watch: Watch
) -> None:
    await a_draft(services)
    await watch.begin()
    for user in (EDITOR, ADMIN):
        for action in restricted_actions(services):
            for form in GARBAGE:
                data = f"{VERSION}:{form.format(action)}"
                with capture_logs() as logs:
                    shown = await chat.tap(data, user=user)
                assert chat.toast or shown, data
                assert [log["event"] for log in logs] == ["refused"], data
    assert await watch.is_unchanged()


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        ("expired", "abgelaufen"),
        ("discarded", "wurde verworfen"),
        ("published", "schon veröffentlicht, als Fassung 2"),
        ("forgotten", "gibt es nicht mehr"),
        ("someone else's", "gibt es nicht mehr"),
    ],
)
async def test_buttons_of_a_draft_that_is_closed_say_why_and_do_nothing(
    chat: Chat,
    services: Services,
    watch: Watch,
    clock: FakeClock,
    *,
    end: str,
    sentence: str,
) -> None:
    written = await a_draft(services, OTHER if end == "someone else's" else EDITOR)
    if end in {"expired", "forgotten"}:
        clock.advance(VALID + timedelta(seconds=1))
    if end == "forgotten":
        clock.advance(MISSED)
        await services.drafts.forget_expired(clock())
    if end == "discarded":
        await services.drafts.discard(written, now=clock())
    if end == "published":
        await chat.tap(genuine(Action.DRAFT_PUBLISH, written))
    await watch.begin()
    for action in OF_DRAFTS:
        with capture_logs() as logs:
            shown = await chat.tap(genuine(action, written))
        # A published one says so in its place: perhaps that could not be delivered before.
        assert [list(one.buttons) for one in shown] == [["Rückgängig"]] * (end == "published")
        assert sentence in (chat.toast or ""), action
        assert logs[-1]["event"] == "refused"
    assert await watch.is_unchanged()


async def test_an_outdated_button_shows_where_the_draft_is_and_changes_nothing(
    chat: Chat, services: Services, watch: Watch
) -> None:
    written = await a_draft(services, asking=True)
    await chat.tap(genuine(Action.DRAFT_CHOOSE, written))
    await watch.begin()
    for action in OF_DRAFTS:
        (shown,) = await chat.tap(genuine(action, written))
        assert "inzwischen geändert" in (chat.toast or "")
        assert "Welcher Satz" in shown.text
    assert await watch.is_unchanged()


def decisions(services: Services) -> Iterator[Handler]:
    return (h for h in all_handlers(services) if isinstance(h.callback, Decision))


async def test_in_a_group_only_its_admins_decide_for_it(
    chat: Chat, services: Services, watch: Watch
) -> None:
    await services.subscriptions.begin(
        -5, Target(Scope.EVERYTHING), snapshot=services.snapshot, now=services.clock()
    )
    await watch.begin()
    for handler in decisions(services):
        for name in commands_of(handler):
            with capture_logs() as logs:
                shown = await chat.say(f"/{name} EF-7", user=READER, chat=-5)
            assert shown.text.startswith("Das entscheidet hier nur"), name
            assert logs[-1]["reason"] == "not_chat_admin"
        for action in actions_of(handler):
            assert await chat.tap(f"{VERSION}:{action}:EF-7:", user=READER, chat=-5) == []
            assert (chat.toast or "").startswith("Das entscheidet hier nur"), action
    chat.telegram.admins.add(READER)
    shown = await chat.say("/abo EF-7", user=READER, chat=-5)
    assert shown.text.startswith("Abonniert: ")
    assert len(await services.subscriptions.of_chat(-5)) == 2
    assert await watch.is_unchanged()


async def test_a_group_is_no_place_for_drafts(
    chat: Chat, services: Services, watch: Watch
) -> None:
    await watch.begin()
    for name in restricted_commands(services):
        shown = await chat.say(f"/{name} EF-7", user=ADMIN, chat=-5)
        assert "nur im direkten Gespräch" in shown.text
    assert await watch.is_unchanged()
