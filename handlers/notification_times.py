"""When and how often a chat is told: pace, quiet hours, pause and time zone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from enum import StrEnum
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
from handlers.typed.dates import after_span, date_of, day_called, no_such_day
from handlers.typed.words import NO_PAUSE
from knowledge.notification.interests import ChatSettings, Pace
from knowledge.partial_date import Precision

HOURS = (7, 8, 10, 12, 16)
QUIET = ((18, 8), (20, 7), (22, 6), (0, 0))
PAUSES = (7, 14, 28)
"""What buttons offer: hours of digests; beginnings and ends of quiet hours, equal ones for none;
days of a pause."""

_Chosen = Mapping[str, Any]
"""New settings by name, as far as they were chosen."""

LONGEST_PAUSE = timedelta(days=366)

EXAMPLE = timedelta(weeks=2)
"""How far ahead the day is that messages give as an example of a pause."""

LONGEST_QUOTE = 80
"""Letters that are quoted of what was not understood."""

_NO_ZONES = frozenset({"Factory", "localtime"})
"""Names in the zone database for what is not set, and for wherever the machine stands."""


class Unfit(StrEnum):
    """Why what stands behind /pause gives no day on which the pause ends."""

    NOTHING = "nothing"
    NOT_UNDERSTOOD = "not_understood"
    NO_SUCH_DAY = "no_such_day"
    NO_DAY = "no_day"
    PAST = "past"
    TOO_FAR = "too_far"


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The buttons below /abos, and the two commands for what buttons cannot offer."""
    return [
        chat_press(Action.NOTIFICATION, partial(_press, services)),
        chat_command("pause", partial(_pause, services)),
        chat_command("zeitzone", partial(_zone, services)),
    ]


def chosen(settings: ChatSettings, name: str, value: str, today: date) -> _Chosen | None:
    """What a button changes in settings, by name; None if it is none of ours.

    Args:
        settings: As they were.
        name: Which setting.
        value: Which of its choices.
        today: The present day, on which a pause begins.
    """
    offered = _choices(settings, today).get(name, [])
    if value not in (*offered, *_SETTLED.get(name, ())):
        return None
    return _CHANGES[name](value, today)


async def _press(services: Services, press: Press, message: Message) -> str | None:
    chat_id = message.chat_id
    settings = await services.subscriptions.settings(chat_id)
    today = settings.day(services.clock())
    if press.key:
        new = chosen(settings, press.key, press.detail, today)
        if new is None:
            return plain(render("problem", problem="old_button"))
        settings = await _keep(services, chat_id, settings, new)
    example = today + EXAMPLE
    markup = render("notification_times", settings=settings, today=today, example=example)
    await edit(message, markup, _buttons(settings, today))
    return None


async def _keep(
    services: Services, chat_id: int, settings: ChatSettings, new: _Chosen
) -> ChatSettings:
    """Keep what was chosen, and only that: others of the chat may choose at the same moment."""
    return await services.subscriptions.set_up(
        chat_id, replace(settings, **new), chosen=new, now=services.clock()
    )


async def _pause(services: Services, message: Message, words: str) -> None:
    settings = await services.subscriptions.settings(message.chat_id)
    today = settings.day(services.clock())
    ends = None if words.casefold() in NO_PAUSE else pause_end(words, today)
    if isinstance(ends, Unfit):
        markup = render(
            "pause",
            unfit=ends,
            words=words[:LONGEST_QUOTE],
            settings=settings,
            today=today,
            example=today + EXAMPLE,
        )
        await send(message, markup)
        return
    settings = await _keep(services, message.chat_id, settings, {"paused_until": ends})
    await send(message, render("pause", unfit=None, settings=settings, today=today))


async def _zone(services: Services, message: Message, words: str) -> None:
    settings = await services.subscriptions.settings(message.chat_id)
    name = zone_called(words)
    if name is not None:
        settings = await _keep(services, message.chat_id, settings, {"zone": ZoneInfo(name)})
    await send(
        message,
        render("time_zone", known=name is not None, written=bool(words), settings=settings),
    )


def zone_called(words: str) -> str | None:
    """The time zone with a name, or the only one whose name ends so; None if there is none.

    >>> zone_called("europe/lisbon"), zone_called("Berlin"), zone_called("Louisville")
    ('Europe/Lisbon', 'Europe/Berlin', None)
    """
    wanted = words.casefold().replace(" ", "_")
    names = {name.casefold(): name for name in available_timezones() - _NO_ZONES}
    places = [name for folded, name in names.items() if folded.rpartition("/")[2] == wanted]
    return names.get(wanted) or (places[0] if len(places) == 1 else None)


def pause_end(words: str, today: date) -> date | Unfit:
    """The day on which a pause ends that begins today, or why there is none.

    >>> pause_end("2 Wochen", date(2025, 10, 20)), pause_end("bis 3.11.2025", date(2025, 10, 20))
    (datetime.date(2025, 11, 3), datetime.date(2025, 11, 3))
    >>> pause_end("bis Freitag", date(2025, 10, 20))
    datetime.date(2025, 10, 24)
    >>> pause_end("31.02.2026", date(2025, 10, 20)).value
    'no_such_day'
    """
    if not words:
        return Unfit.NOTHING
    ends = day_called(words, today) or after_span(words, today)
    if ends is None:
        if no_such_day(words):
            return Unfit.NO_SUCH_DAY
        moment = date_of(words)
        if moment is None:
            return Unfit.NOT_UNDERSTOOD
        if moment.precision is not Precision.DAY:
            return Unfit.NO_DAY
        ends = moment.first
    if ends <= today:
        return Unfit.PAST
    return ends if ends <= today + LONGEST_PAUSE else Unfit.TOO_FAR


def _quiet(value: str, _today: date) -> _Chosen:
    begin, _, end = value.partition("-")
    return {"quiet_from": time(int(begin)), "quiet_until": time(int(end))}


def _paused(value: str, today: date) -> _Chosen:
    return {"paused_until": today + timedelta(days=int(value)) if value != "0" else None}


_CHANGES: Mapping[str, Callable[[str, date], _Chosen]] = {
    "pace": lambda value, _: {"pace": Pace(value)},
    "hour": lambda value, _: {"hour": int(value)},
    "weekday": lambda value, _: {"weekday": int(value)},
    "quiet": _quiet,
    "free": lambda value, _: {"working_days": value == "on"},
    "pause": _paused,
}


_SETTLED = {"free": ("on", "off"), "pause": ("0",)}
"""What is offered only while it changes something, and taken at any time: a tap may come again."""


def _choices(settings: ChatSettings, today: date) -> dict[str, list[str]]:
    """What can be chosen, by setting; in each list what is chosen now may be among it."""
    choices = {"pace": [str(pace) for pace in Pace]}
    if settings.pace is not Pace.AT_ONCE:
        choices["hour"] = [str(hour) for hour in HOURS]
    if settings.pace is Pace.WEEKLY:
        choices["weekday"] = [str(day) for day in range(5)]
    choices["quiet"] = [f"{begin}-{end}" for begin, end in QUIET]
    choices["free"] = ["off" if settings.working_days else "on"]
    choices["pause"] = [*map(str, PAUSES), *(["0"] if settings.is_paused(today) else [])]
    return choices


def _chosen(settings: ChatSettings) -> set[tuple[str, str]]:
    return {
        ("pace", str(settings.pace)),
        ("hour", str(settings.hour)),
        ("weekday", str(settings.weekday)),
        ("quiet", f"{settings.quiet_from.hour}-{settings.quiet_until.hour}"),
    }


def _buttons(settings: ChatSettings, today: date) -> list[list[InlineKeyboardButton]]:
    words, chosen = PHRASES["notification"], _chosen(settings)
    arranged: list[list[InlineKeyboardButton]] = []
    for name, values in _choices(settings, today).items():
        marks = ["✓ " if (name, value) in chosen else "" for value in values]
        labels = [words[name].get(value) or words[name]["any"].format(value) for value in values]
        offered = [
            button(f"{mark}{text}", Action.NOTIFICATION, name, value)
            for mark, text, value in zip(marks, labels, values, strict=True)
        ]
        # A third of a phone's width is too little for hours from and to.
        arranged += rows(offered, 2 if name == "quiet" else len(offered))
    return [*arranged, [all_subscriptions()]]
