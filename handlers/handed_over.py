"""/fragen: what people handed over, grouped; answered, found to be answered, or dismissed."""

from __future__ import annotations

from functools import partial
from typing import Any

import structlog
from telegram import InlineKeyboardButton, Message
from telegram.ext import BaseHandler

from handlers.buttons import Action, Press, button
from handlers.editing import drafts
from handlers.messages import PHRASES, Reply, edit, plain, render, send
from handlers.pages import page_of, turning
from handlers.rights import command_for, press_for, refused_press
from handlers.services import Services
from handlers.typed.unfit import Problem, UnfitError
from knowledge.answering.lookup import find_entry
from knowledge.editing.edits import Form
from knowledge.entries import LONGEST_LINE
from knowledge.exchange.texts import one_line
from knowledge.inquiries.question_groups import QuestionGroup, group_of, grouped
from knowledge.people import Member, Role
from knowledge.redaction import redacted

log = structlog.get_logger(__name__)

MOST_WORDINGS = 10
"""Wordings of one question that are shown."""

MOST_UNANSWERED = 10
"""Questions of the log that are shown."""

_EXISTS, _DISMISS = "exists", "dismiss"
_ACTS = ("answer", _EXISTS, _DISMISS)
_DISMISS_NOW = "dismiss-now"


def handlers(services: Services) -> list[BaseHandler[Any, Any, Any]]:
    """The command and its buttons."""
    return [
        command_for(Role.EDITOR, services, "fragen", partial(_command, services)),
        press_for(Role.EDITOR, services, Action.INBOX, partial(_press, services)),
    ]


async def _command(services: Services, _: Member, message: Message, __: str) -> None:
    page = await _page(services, 0)
    await send(message, page)


async def _press(services: Services, member: Member, press: Press, message: Message) -> str | None:
    if not press.key:
        await edit(message, await _page(services, press.page))
        return None
    if press.detail not in {"", *_ACTS, _DISMISS_NOW}:
        return refused_press(press, "outdated")
    groups = grouped(await services.handed_over.open())
    group = group_of(int(press.key), groups) if press.key.isdecimal() else None
    if group is None:
        await edit(message, await _page(services, 0))
        log.warning("refused", what="button INBOX", reason="settled")
        return plain(render("open_questions_settled"))
    if press.detail == _DISMISS_NOW:
        dismissed = await services.handed_over.dismiss([q.id for q in group.questions])
        log.info("questions dismissed", by=member.label, questions=dismissed)
        await edit(message, await _page(services, 0))
        return plain(render("open_questions_dismissed", dismissed=dismissed))
    if press.detail == _DISMISS:
        await edit(message, _question(group))
    elif press.detail:
        await edit(message, render("open_questions_begun", group=group))
        await _begin(services, member, message, group, exists=press.detail == _EXISTS)
    else:
        await edit(message, group_page(group))
    return None


async def _begin(
    services: Services, member: Member, message: Message, group: QuestionGroup, *, exists: bool
) -> None:
    """Open a draft whose publication settles the questions of a group."""
    question = one_line(group.first.text)
    form, unfit = Form(do="add_fact"), None
    if exists:
        form = Form(do="add_alias").filled(alias=question[:LONGEST_LINE].strip())
        found = find_entry(question, services.basis)
        near = (found.entry,) if found.entry else found.near
        unfit = UnfitError(Problem.SEVERAL, near=near) if near else None
    await drafts.begin(
        services,
        member,
        message,
        form,
        unfit=unfit,
        answers=[handed_over.id for handed_over in group.questions],
    )


async def _page(services: Services, number: int) -> Reply:
    groups = grouped(await services.handed_over.open())
    unanswered = await services.question_log.unanswered(limit=MOST_UNANSWERED)
    return open_questions_page(groups, number, unanswered)


def open_questions_page(
    groups: list[QuestionGroup], number: int, unanswered: list[tuple[str, int]]
) -> Reply:
    """One page of the questions that wait, a button for each; what is only logged, below."""
    page = page_of(groups, number)
    buttons: list[list[InlineKeyboardButton]] = [
        [button(_label(group), Action.INBOX, str(group.first.id))] for group in page.shown
    ]
    waiting = {redacted(question.text) for group in groups for question in group.questions}
    buttons.append(turning(page, lambda text, to: button(text, Action.INBOX, detail=to)))
    markup = render(
        "open_questions",
        total=sum(len(group.questions) for group in groups),
        groups=len(groups),
        unanswered=[(text, times) for text, times in unanswered if text not in waiting]
        if page.is_last
        else [],
        page=page,
    )
    return Reply(markup, buttons)


def _label(group: QuestionGroup) -> str:
    times = len(group.questions)
    text = one_line(group.first.text)
    return f"{times}× {text}" if times > 1 else text


def group_page(group: QuestionGroup) -> Reply:
    """Everything that was asked in one way or another, and what can be done with it."""
    wordings = list(dict.fromkeys(one_line(question.text) for question in group.questions))
    labels = PHRASES["open_questions_button"]
    return Reply(
        render(
            "open_questions_group",
            group=group,
            wordings=wordings[:MOST_WORDINGS],
            more=len(wordings[MOST_WORDINGS:]),
        ),
        (
            *((_act(labels[name], group, name),) for name in _ACTS),
            (button(f"‹ {PHRASES['button']['back']}", Action.INBOX),),
        ),
    )


def _question(group: QuestionGroup) -> Reply:
    back = button(f"‹ {PHRASES['button']['back']}", Action.INBOX, str(group.first.id))
    confirm = _act(PHRASES["button"]["confirm"], group, _DISMISS_NOW)
    return Reply(render("open_questions_dismiss", group=group), ((confirm,), (back,)))


def _act(text: str, group: QuestionGroup, what: str) -> InlineKeyboardButton:
    return button(text, Action.INBOX, str(group.first.id), what)
