"""/abos: listing, changing and ending subscriptions, one tap each."""

from __future__ import annotations

from functools import partial
from typing import Any

from telegram import InlineKeyboardButton, Message
from telegram.ext import BaseHandler

from handlers.buttons import Action, Press, button
from handlers.chat_rights import chat_command, chat_press
from handlers.messages import PHRASES, Reply, edit, plain, render, send
from handlers.pages import page_of, turning
from handlers.replies import question_of
from handlers.services import Services
from knowledge.notification.interests import ALL_INTERESTS, Interest, Scope, Subscription
from knowledge.snapshot import Snapshot

ON_PAGE = 6
"""Subscriptions that are listed at once: two buttons each still fit on a phone's screen."""

END, END_ALL, SURE = "end", "end_all", "sure"

_ON, _OFF = "on", "off"
"""What a switch asks for, so that a tap that comes again does not switch back."""


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The command, what people type who want nothing more, and the buttons."""
    return [
        chat_command("abos", partial(show, services)),
        chat_command("stop", partial(show, services)),
        chat_press(Action.SUBSCRIPTIONS, partial(_list, services)),
        chat_press(Action.SUBSCRIPTION, partial(_one, services)),
    ]


def described(subscription: Subscription, snapshot: Snapshot) -> str:
    """What a subscription is to, in plain words."""
    entry = snapshot.get(subscription.target.entry or "")
    asked = question_of(subscription.target, snapshot)
    markup = render("subscription", target=subscription.target, entry=entry, asked=asked)
    return plain(markup)


async def show(services: Services, message: Message, _: str = "") -> None:
    """List what the chat has subscribed, with a way out of each.

    Who asks for that is there, also if Telegram did not tell that the bot is not blocked any more.
    """
    await services.chats.reactivate(message.chat_id)
    shown = await _page(services, message.chat_id, 0)
    await send(message, shown)


async def _list(services: Services, press: Press, message: Message) -> str | None:
    chat_id, now = message.chat_id, services.clock()
    if press.detail == END_ALL:
        sure = button(PHRASES["button"]["end_all_now"], Action.SUBSCRIPTIONS, detail=SURE)
        await edit(
            message, render("subscriptions_end", ended=None), [[sure], [all_subscriptions()]]
        )
        return None
    if press.detail == SURE:
        ended = await services.subscriptions.end_all(chat_id, now=now)
        await edit(message, render("subscriptions_end", ended=ended))
        return None
    page = int(press.key) if press.key.isdecimal() and len(press.key) <= len("99") else 0
    shown = await _page(services, chat_id, page)
    await edit(message, shown)
    return None


async def _one(services: Services, press: Press, message: Message) -> str | None:
    chat_id = message.chat_id
    listed = await services.subscriptions.of_chat(chat_id)
    found = next((s for s in listed if str(s.id) == press.key), None)
    if found is None:
        return await _gone(services, message)
    if press.detail == END:
        await services.subscriptions.end(
            chat_id, found.id, snapshot=services.snapshot, now=services.clock()
        )
        shown = await _page(services, chat_id, 0)
        await edit(message, shown)
        return plain(render("subscription_ended", what=described(found, services.snapshot)))
    interest, _, wanted = press.detail.partition("-")
    switched = interest in set(Interest) and wanted in {_ON, _OFF}
    if switched and found.target.scope is not Scope.ANSWER:
        changed = await services.subscriptions.switch(
            chat_id, found.id, Interest(interest), on=wanted == _ON
        )
        if changed is None:
            return await _gone(services, message)
        found = changed
        if wanted == _OFF and interest in found.interests:
            return plain(render("problem", problem="no_interest"))
    markup = render("subscription_detail", what=described(found, services.snapshot), one=found)
    await edit(message, markup, _choices(found))
    return None


async def _gone(services: Services, message: Message) -> str:
    """Say that a subscription has ended; maybe by this press, and the list did not arrive."""
    shown = await _page(services, message.chat_id, 0)
    await edit(message, shown)
    return plain(render("problem", problem="no_subscription"))


def _choices(one: Subscription) -> list[list[InlineKeyboardButton]]:
    """A switch for each interest, then the way out and the way back."""
    number = str(one.id)
    switches = []
    if one.target.scope is not Scope.ANSWER:
        switches = [[_switch(number, i, on=i in one.interests)] for i in Interest]
    end = button(PHRASES["button"]["end"], Action.SUBSCRIPTION, number, END)
    return [*switches, [end, all_subscriptions()]]


def _switch(number: str, interest: Interest, *, on: bool) -> InlineKeyboardButton:
    text = PHRASES["interest"][interest]
    wanted = _OFF if on else _ON
    return button(f"✓ {text}" if on else text, Action.SUBSCRIPTION, number, f"{interest}-{wanted}")


async def _page(services: Services, chat_id: int, number: int) -> Reply:
    listed = await services.subscriptions.of_chat(chat_id)
    settings = await services.subscriptions.settings(chat_id)
    snapshot, labels = services.snapshot, PHRASES["button"]
    page = page_of(list(enumerate(listed, start=1)), number, size=ON_PAGE)
    markup = render(
        "subscriptions",
        shown=[(number, described(one, snapshot), _narrowed(one)) for number, one in page.shown],
        total=len(listed),
        settings=settings,
        today=settings.day(services.clock()),
    )
    rows = [
        [
            button(labels["change_one"].format(number), Action.SUBSCRIPTION, str(one.id)),
            button(labels["end_one"].format(number), Action.SUBSCRIPTION, str(one.id), END),
        ]
        for number, one in page.shown
    ]
    paging = turning(page, lambda text, to: button(text, Action.SUBSCRIPTIONS, to))
    below = [button(labels["when"], Action.NOTIFICATION)]
    if listed:
        below.append(button(labels["end_all"], Action.SUBSCRIPTIONS, detail=END_ALL))
    return Reply(markup, tuple(map(tuple, (*rows, paging, below))))


def _narrowed(one: Subscription) -> list[Interest]:
    """What is told of a subscription, if that is not everything."""
    every = not one.interests or one.interests == ALL_INTERESTS
    return [] if every else [interest for interest in Interest if interest in one.interests]


def all_subscriptions() -> InlineKeyboardButton:
    """The button that leads to the list."""
    return button(PHRASES["button"]["subscriptions"], Action.SUBSCRIPTIONS)
