"""Telling admins that something fails: seldom, and without what people wrote."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.rates import Seldom
from handlers.messages import render
from knowledge.people import People

log = structlog.get_logger(__name__)

QUIET: Final = timedelta(hours=1)
"""How long nothing more is told of one kind of error."""

LONGEST: Final = 100
"""Characters of a name in a notice; only foreign libraries could have longer ones."""

OWN: Final = frozenset({"bot", "handlers", "knowledge", "scheduler"})
"""Packages of this program."""


class Alarms:
    """Notices to admins about errors, at most one per kind and hour.

    A notice names the error's class, its place in the program and the reference under which the
    log has the rest. The error's text is left out: it may quote what somebody asked.
    """

    def __init__(
        self, people: People, admin_ids: Collection[int], clock: Callable[[], datetime]
    ) -> None:
        """Know whom to tell.

        Args:
            people: Where the admins are looked up.
            admin_ids: Those that are told even when the database does not answer.
            clock: The present moment.
        """
        self._people = people
        self._admin_ids = frozenset(admin_ids)
        self._clock = clock
        self._told = Seldom(QUIET)

    async def tell(
        self, bot: Bot, error: BaseException, *, reference: str = "", job: str = ""
    ) -> None:
        """Tell all admins of an error, unless one of its kind was told of lately.

        Nothing is raised: a notice that fails must not lead to another one.

        Args:
            bot: Who tells.
            error: What happened.
            reference: Under which the log has the rest, if it was in a reply to a person.
            job: The recurring job in which it happened otherwise.
        """
        name, place = type(error).__name__[:LONGEST], place_of(error)[:LONGEST]
        if not self._told.allows((name, place), self._clock()):
            return
        notice = render("alarm", error=name, place=place, reference=reference, job=job)
        for admin in await self._admins():
            try:
                await bot.send_message(chat_id=admin, text=notice, parse_mode=ParseMode.HTML)
            except TelegramError as exc:
                log.warning("admin not told", reference=reference, job=job, reason=str(exc))

    async def _admins(self) -> list[int]:
        try:
            return sorted(await self._people.admins())
        except SQLAlchemyError as exc:
            log.warning("admins are not known", reason=str(exc))
            return sorted(self._admin_ids)


def place_of(error: BaseException) -> str:
    """Where in this program an error arose, e.g. `handlers/start.py, respond`."""
    place = "?"
    for frame, _ in traceback.walk_tb(error.__traceback__):
        # Not by its file: installed, this program lies among the libraries.
        module = str(frame.f_globals.get("__name__"))
        if module.partition(".")[0] in OWN:
            place = f"{module.replace('.', '/')}.py, {frame.f_code.co_name}"
    return place
