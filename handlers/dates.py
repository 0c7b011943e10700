"""/termine: coming and past dates."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from telegram import Message, Update
from telegram.ext import BaseHandler, CommandHandler, filters

from handlers.buttons import Action, Press, button
from handlers.messages import PHRASES, edit, render, send
from handlers.pages import PAGE, Page, page_of
from handlers.presses import Context, press_handler, say_gone
from handlers.replies import Reply
from handlers.services import Services
from knowledge.entries import Kind
from knowledge.milestones import Milestone, coming, past
from knowledge.snapshot import Snapshot


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
    page = page_of(coming(services.snapshot, services.today, below=press.key)[:PAGE], 0)
    await send(
        message,
        render("dates", view="coming", items=page.shown, undated=[], page=page),
    )


def dates(snapshot: Snapshot, today: date, view: str, number: int) -> Reply:
    """One page of dates: "coming", soonest first, or "past", newest first."""
    items = coming(snapshot, today) if view == "coming" else past(snapshot, today)
    page = page_of(items, number)
    undated = []
    if view == "coming" and page.is_last:
        undated = [
            entry
            for entry in snapshot.of_kind(Kind.MILESTONE)
            if entry.due is None and not entry.is_over
        ]
    markup = render(
        "dates",
        view=view,
        items=page.shown,
        undated=undated,
        page=page,
    )
    return Reply(markup, (tuple(_turns(view, page)),))


def _turns(view: str, page: Page[Milestone]) -> list[Any]:
    """Buttons along one line of time: earlier to the left, later to the right."""
    labels = PHRASES["button"]
    further = None if page.is_last else f"{view}-{page.number + 1}"
    nearer = f"{view}-{page.number - 1}" if page.number else None
    beyond = nearer or ("past-0" if view == "coming" else "coming-0")
    earlier, later = (beyond, further) if view == "coming" else (further, beyond)
    return [
        button(label, Action.DATES, detail=detail)
        for label, detail in (
            (f"‹ {labels['earlier']}", earlier),
            (f"{labels['later']} ›", later),
        )
        if detail is not None
    ]
