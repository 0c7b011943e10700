"""When and how often a chat is told: pace, quiet hours, pause and time zone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from telegram import InlineKeyboardButton, Message
from telegram.ext import BaseHandler

from handlers.buttons import Action, Press, button, rows
from handlers.chat_rights import chat_command, chat_press
from handlers.messages import PHRASES, edit, plain, render, send
from handlers.services import Services
from handlers.subscriptions import all_subscriptions
from knowledge.partial_date import PartialDate, Precision
from knowledge.subscriptions import ChatSettings, Pace

HOURS = (7, 8, 10, 12, 16)
QUIET = ((18, 8), (20, 7), (22, 6), (0, 0))
PAUSES = (7, 14, 28)
"""What buttons offer: hours of digests; beginnings and ends of quiet hours, equal ones for none;
days of a pause."""

LONGEST_PAUSE = timedelta(days=366)

OFF = frozenset({"aus", "ende", "beenden", "aufheben", "keine", "stop", "stopp"})


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The buttons below /abos, and the two commands for what buttons cannot offer."""
    return [
        chat_press(Action.NOTIFICATION, partial(_press, services)),
        chat_command("pause", partial(_pause, services)),
        chat_command("zeitzone", partial(_zone, services)),
    ]


def changed(settings: ChatSettings, name: str, value: str, today: date) -> ChatSettings | None:
    """Settings after a button; None if it is none of ours.

    Args:
        settings: As they were.
        name: Which setting.
        value: Which of its choices.
        today: The day on which a pause begins.
    """
    if value not in _choices(settings).get(name, ()):
        return None
    return _CHANGES[name](settings, value, today)


async def _press(services: Services, press: Press, message: Message) -> str | None:
    chat_id = message.chat_id
    settings = await services.subscriptions.settings(chat_id)
    if press.key:
        new = changed(settings, press.key, press.detail, services.today)
        if new is None:
            return plain(render("problem", problem="old_button"))
        settings = new
        await services.subscriptions.set_up(chat_id, settings, now=services.clock())
    await edit(message, render("notification_times", settings=settings), _buttons(settings))
    return None


async def _pause(services: Services, message: Message, words: str) -> None:
    settings = await services.subscriptions.settings(message.chat_id)
    until = None
    if words.casefold() not in OFF:
        until = _day(words)
        if until is None or not services.today < until <= services.today + LONGEST_PAUSE:
            await send(message, render("pause", outcome="unfit", settings=settings))
            return
    settings = replace(settings, paused_until=until)
    await services.subscriptions.set_up(message.chat_id, settings, now=services.clock())
    await send(message, render("pause", outcome="set", settings=settings))


async def _zone(services: Services, message: Message, words: str) -> None:
    settings = await services.subscriptions.settings(message.chat_id)
    names = {name.casefold(): name for name in available_timezones()}
    name = names.get(words.casefold().replace(" ", "_"))
    if name is not None:
        settings = replace(settings, zone=ZoneInfo(name))
        await services.subscriptions.set_up(message.chat_id, settings, now=services.clock())
    await send(
        message,
        render("time_zone", known=name is not None, written=bool(words), settings=settings),
    )


def _day(words: str) -> date | None:
    try:
        given = PartialDate.parse(words)
    except ValueError:
        return None
    return given.first if given.precision is Precision.DAY else None


def _quiet(settings: ChatSettings, value: str, _today: date) -> ChatSettings:
    begin, _, end = value.partition("-")
    return replace(settings, quiet_from=time(int(begin)), quiet_until=time(int(end)))


_CHANGES: dict[str, Callable[[ChatSettings, str, date], ChatSettings]] = {
    "pace": lambda settings, value, _: replace(settings, pace=Pace(value)),
    "hour": lambda settings, value, _: replace(settings, hour=int(value)),
    "weekday": lambda settings, value, _: replace(settings, weekday=int(value)),
    "quiet": _quiet,
    "free": lambda settings, value, _: replace(settings, working_days=value == "on"),
    "pause": lambda settings, value, today: replace(
        settings, paused_until=today + timedelta(days=int(value)) if value != "0" else None
    ),
}


def _choices(settings: ChatSettings) -> dict[str, list[str]]:
    """What can be chosen, by setting; in each list what is chosen now may be among it."""
    choices = {"pace": [str(pace) for pace in Pace]}
    if settings.pace is not Pace.AT_ONCE:
        choices["hour"] = [str(hour) for hour in HOURS]
    if settings.pace is Pace.WEEKLY:
        choices["weekday"] = [str(day) for day in range(5)]
    choices["quiet"] = [f"{begin}-{end}" for begin, end in QUIET]
    choices["free"] = ["off" if settings.working_days else "on"]
    choices["pause"] = [*map(str, PAUSES), *(["0"] if settings.paused_until else [])]
    return choices


def _chosen(settings: ChatSettings) -> set[tuple[str, str]]:
    return {
        ("pace", str(settings.pace)),
        ("hour", str(settings.hour)),
        ("weekday", str(settings.weekday)),
        ("quiet", f"{settings.quiet_from.hour}-{settings.quiet_until.hour}"),
    }


def _buttons(settings: ChatSettings) -> list[list[InlineKeyboardButton]]:
    words, chosen = PHRASES["notification"], _chosen(settings)
    arranged: list[list[InlineKeyboardButton]] = []
    for name, values in _choices(settings).items():
        marks = ["✓ " if (name, value) in chosen else "" for value in values]
        labels = [words[name].get(value) or words[name]["any"].format(value) for value in values]
        offered = [
            button(f"{mark}{text}", Action.NOTIFICATION, name, value)
            for mark, text, value in zip(marks, labels, values, strict=True)
        ]
        # A third of a phone's width is too little for hours from and to.
        arranged += rows(offered, 2 if name == "quiet" else len(offered))
    return [*arranged, [all_subscriptions()]]
