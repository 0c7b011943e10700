"""/kalender: the dates that a chat has subscribed, as a file for calendars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from typing import Any

from telegram import Message
from telegram.ext import BaseHandler

from handlers.chat_rights import chat_command
from handlers.messages import PHRASES, plain, render, send, send_file
from handlers.services import Services
from knowledge.entries import Entry
from knowledge.milestones import Milestone, State, dates_of
from knowledge.notification.calendar_file import calendar_file
from knowledge.notification.interests import Scope, Subscription
from knowledge.snapshot import Snapshot


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The command."""
    return [chat_command("kalender", partial(_send, services))]


async def _send(services: Services, message: Message, _: str) -> None:
    listed = await services.subscriptions.of_chat(message.chat_id)
    snapshot, today = services.snapshot, services.today
    found = subscribed_dates(listed, snapshot, today)
    await send(message, render("calendar_sent", subscriptions=len(listed), dates=len(found)))
    if found:
        content = calendar_file(
            found, calendar_notes, revision=snapshot.revision, now=services.clock(), today=today
        )
        await send_file(message, content, PHRASES["file"]["calendar"])


def subscribed_dates(
    subscriptions: Iterable[Subscription], snapshot: Snapshot, today: date
) -> list[Milestone]:
    """The dates of everything that is subscribed, soonest first, each once.

    Args:
        subscriptions: Of a chat; those to answers have no dates.
        snapshot: The knowledge base.
        today: The day from which occurrences of rhythms are derived.
    """
    entries = {entry.key: entry for one in subscriptions for entry in _covered(one, snapshot)}
    dates = (m for entry in entries.values() for m in dates_of(entry, snapshot, today))
    return sorted(dates, key=lambda m: (m.due, m.entry.key))


def calendar_notes(milestone: Milestone, stands: State) -> str:
    """What a calendar says about a milestone, without markup."""
    return plain(render("calendar", milestone=milestone, state=stands))


def _covered(subscription: Subscription, snapshot: Snapshot) -> Iterator[Entry]:
    target = subscription.target
    if target.scope is Scope.EVERYTHING:
        yield from snapshot.entries.values()
    own = snapshot.get(target.entry or "")
    if own is None or target.scope is Scope.ANSWER:
        return
    yield own
    below = snapshot.below if target.scope is Scope.BELOW else snapshot.children
    yield from below(own.key)
