"""Subscribing: /abo, and the buttons below answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from telegram import Message
from telegram.error import TelegramError, TimedOut
from telegram.ext import BaseHandler

from handlers.buttons import Action, Press, button, label
from handlers.chat_rights import chat_command, chat_press
from handlers.lookups import named_entry
from handlers.messages import PHRASES, plain, render, send
from handlers.presses import say_gone
from handlers.questions import asked_in
from handlers.replies import (
    EVERYTHING,
    IN_LOG_ALONE,
    all_of_it,
    example_asked,
    is_everything,
    target_tapped,
)
from handlers.services import Services
from handlers.subscriptions import END, all_subscriptions, described, show
from knowledge.answering.asides import unsubscribes
from knowledge.answering.lookup import find_entry, is_called
from knowledge.answering.questions import understand
from knowledge.entries import Entry, Kind
from knowledge.milestones import coming
from knowledge.notification.interests import Interest, Scope, Subscription, Target
from knowledge.notification.subscriptions import OutdatedError, TooManyError
from knowledge.snapshot import Snapshot

MOST_OFFERED = 6
"""Plans that are offered without being asked for."""


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The command and the two buttons."""
    return [
        chat_command("abo", partial(_command, services)),
        chat_press(Action.SUBSCRIBE, partial(_subscribe, services)),
        chat_press(Action.WATCH, partial(_watch, services)),
    ]


async def _command(services: Services, message: Message, named: str) -> None:
    snapshot = services.snapshot
    if not named:
        offered = [
            button(label(entry), Action.SUBSCRIBE, entry.key)
            for entry in _usual(snapshot, services.home)
        ]
        markup = render("subscribe", wanted="", near=(), no_key="")
        await send(message, markup, [[offer] for offer in (*offered, all_of_it())])
    elif is_everything(named):
        await _begin_by_command(services, message, Target(Scope.EVERYTHING))
    elif _is_to_end(services, named):
        await show(services, message)
    else:
        entry = await named_entry(services, message, named, Action.SUBSCRIBE, template="subscribe")
        if entry is not None:
            await _begin_by_command(services, message, _target_of(entry, snapshot))


async def _subscribe(services: Services, press: Press, message: Message) -> str | None:
    snapshot = services.snapshot
    entry = snapshot.get(press.key)
    if press.key == EVERYTHING:
        return await _begin(services, message, Target(Scope.EVERYTHING))
    if entry is None:
        await say_gone(message)
        return None
    return await _begin(services, message, _target_of(entry, snapshot))


async def _watch(services: Services, press: Press, message: Message) -> str | None:
    target = await _answered(services, press, message)
    if target is None:
        return plain(render("problem", problem="old_button"))
    return await _begin(services, message, target)


async def _answered(services: Services, press: Press, message: Message) -> Target | None:
    """The answer below which a button is; None if nothing tells any more what was asked."""
    entry = services.snapshot.get(press.key)
    target = target_tapped(entry, press.detail) if entry else None
    if target is not None:
        return target
    number = press.detail.removeprefix(IN_LOG_ALONE)
    text = await services.question_log.text(int(number)) if number.isdecimal() else None
    if not press.detail.startswith(IN_LOG_ALONE):
        text = text or example_asked(press.detail) or asked_in(message)
    try:
        return Target.of_answer(text or "", topic=press.key or None, home=services.home)
    except ValueError:
        return None


async def _begin_by_command(services: Services, message: Message, target: Target) -> None:
    begun = await _begun(services, message, target)
    if begun is not None:
        await _confirm(services, message, begun)


async def _begin(services: Services, message: Message, target: Target) -> str | None:
    """Subscribe by a tap; what a further tap finds subscribed is said for a moment only."""
    begun = await _begun(services, message, target)
    if begun is None:
        return None
    if not begun.is_new:
        return plain(render("subscribed", outcome="brief", what=begun.what))
    try:
        await _confirm(services, message, begun)
    except TelegramError as exc:
        # The tap is taken up again, and would find that all is said. Where it may have been said,
        # the subscription stays.
        if type(exc) not in {TelegramError, TimedOut}:
            await services.subscriptions.end(
                message.chat_id, begun.one.id, snapshot=services.snapshot, now=services.clock()
            )
        raise
    return None


@dataclass(frozen=True, slots=True)
class _Begun:
    """A subscription that was asked for.

    Attributes:
        one: The subscription.
        what: What it is to, in plain words.
        is_new: Whether it began just now.
    """

    one: Subscription
    what: str
    is_new: bool


async def _begun(services: Services, message: Message, target: Target) -> _Begun | None:
    """Subscribe; None, after it was said, if the chat has too many subscriptions."""
    now = services.clock()
    try:
        one = await _begun_on_the_newest(services, message.chat_id, target, now)
    except TooManyError:
        # Who is there can be written to, as when it had begun: that was undone with the rest.
        await services.chats.reactivate(message.chat_id)
        await send(message, render("subscribed", outcome="too_many"), [[all_subscriptions()]])
        return None
    return _Begun(one, described(one, services.snapshot), one.since == now)


async def _begun_on_the_newest(
    services: Services, chat_id: int, target: Target, now: datetime
) -> Subscription:
    begin = partial(services.subscriptions.begin, chat_id, target, now=now)
    try:
        return await begin(snapshot=services.snapshot)
    except OutdatedError:
        # Another process published a moment ago, and told it those who had subscribed.
        await services.store.refresh()
        return await begin(snapshot=services.snapshot)


async def _confirm(services: Services, message: Message, begun: _Begun) -> None:
    one, snapshot, today = begun.one, services.snapshot, services.today
    ahead = (
        () if one.target.scope is Scope.ANSWER else coming(snapshot, today, below=one.target.entry)
    )
    # What is over first: "2026" is open until the end of the year.
    following = sorted(ahead, key=lambda m: (m.due.last, m.derived, m.entry.key))[:1]
    settings = await services.subscriptions.settings(message.chat_id)
    markup = render(
        "subscribed",
        outcome="new" if begun.is_new else "already",
        what=begun.what,
        begun=one,
        ahead=following,
        interests=[interest for interest in Interest if interest in one.interests],
        settings=settings,
        today=settings.day(services.clock()),
    )
    labels = PHRASES["button"]
    number = str(one.id)
    first = [button(labels["end"], Action.SUBSCRIPTION, number, END)]
    if one.target.scope is not Scope.ANSWER:
        first.insert(0, button(labels["choose"], Action.SUBSCRIPTION, number))
    await send(message, markup, [first, [all_subscriptions()]])


def _is_to_end(services: Services, named: str) -> bool:
    """Whether a subscription is to be ended, as "EF-7 beenden" says; an entry may be called so."""
    if not unsubscribes(understand(f"/abo {named}", services.snapshot).read):
        return False
    found = find_entry(named, services.basis)
    entries = (found.entry,) if found.entry else found.near
    return not any(is_called(entry, named) for entry in entries)


def _target_of(entry: Entry, snapshot: Snapshot) -> Target:
    """An entry with all below it, if there is anything below it."""
    scope = Scope.BELOW if snapshot.children(entry.key) else Scope.ENTRY
    return Target(scope, entry.key)


def _usual(snapshot: Snapshot, home: str | None) -> list[Entry]:
    """What most people want: the body that the bot serves, and its plans."""
    body = snapshot.get(home or "")
    if body is None:
        return []
    plans = [entry for entry in snapshot.children(body.key) if entry.kind is Kind.PLAN]
    return [body, *plans[:MOST_OFFERED]]
