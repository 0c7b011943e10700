"""/termine: coming and past dates."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler, CommandHandler, filters

from handlers.buttons import Action, Press, button
from handlers.messages import PHRASES, edit, render, send
from handlers.presses import Context, press_handler, say_gone
from handlers.replies import Reply
from handlers.services import Services
from knowledge.entries import Kind
from knowledge.milestones import coming, past
from knowledge.snapshot import Snapshot

PAGE = 8


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The command, its paging, and the button "Nächster Termin" below answers."""
    return [
        CommandHandler("termine", partial(_command, services), filters=filters.UpdateType.MESSAGE),
        press_handler(Action.DATES, partial(_page, services)),
        press_handler(Action.NEXT, partial(_next, services)),
    ]


async def _command(services: Services, update: Update, _: Context) -> None:
    if update.effective_message is not None:
        page = dates(services.snapshot, services.today, "coming", 0)
        await send(update.effective_message, page.markup, page.buttons)


async def _page(services: Services, press: Press, message: Message) -> None:
    view, _, number = press.detail.partition("-")
    page = dates(
        services.snapshot,
        services.today,
        "past" if view == "past" else "coming",
        int(number) if number.isdecimal() else 0,
    )
    await edit(message, page.markup, page.buttons)


async def _next(services: Services, press: Press, message: Message) -> None:
    if services.snapshot.get(press.key) is None:
        await say_gone(message)
        return
    items = coming(services.snapshot, services.today, below=press.key)
    await send(
        message,
        render("dates", view="coming", items=items[:PAGE], undated=[], page=0, pages=1),
    )


def dates(snapshot: Snapshot, today: date, view: str, number: int) -> Reply:
    """One page of dates: "coming", soonest first, or "past", newest first."""
    items = coming(snapshot, today) if view == "coming" else past(snapshot, today)
    pages = max(1, -(-len(items) // PAGE))
    number = min(number, pages - 1)
    undated = []
    if view == "coming" and number + 1 == pages:
        undated = [
            entry
            for entry in snapshot.of_kind(Kind.MILESTONE)
            if entry.due is None and not entry.is_over
        ]
    markup = render(
        "dates",
        view=view,
        items=items[number * PAGE : (number + 1) * PAGE],
        undated=undated,
        page=number,
        pages=pages,
    )
    return Reply(markup, (tuple(_turns(view, number, pages)),))


def _turns(view: str, number: int, pages: int) -> list[Any]:
    """Buttons along one line of time: earlier to the left, later to the right."""
    labels = PHRASES["button"]
    if view == "coming":
        earlier: str | None = f"coming-{number - 1}" if number else "past-0"
        later: str | None = f"coming-{number + 1}" if number + 1 < pages else None
    else:
        earlier = f"past-{number + 1}" if number + 1 < pages else None
        later = f"past-{number - 1}" if number else "coming-0"
    return [
        button(label, Action.DATES, detail=detail)
        for label, detail in (
            (f"‹ {labels['earlier']}", earlier),
            (f"{labels['later']} ›", later),
        )
        if detail is not None
    ]
