"""The words of what the planner tells: what, when, how certain, by which source, since when."""

from __future__ import annotations

from datetime import date

from telegram.constants import MessageLimit

from handlers.messages import length, render, split
from handlers.notice_items import items, shortened
from knowledge.notification.contents import told_in
from knowledge.notification.notices import AT_ANY_HOUR, Notice, NoticeKind
from knowledge.snapshot import Snapshot

PLANNED = tuple(kind for kind in NoticeKind if kind not in AT_ANY_HOUR)
"""Kinds of notices that are worded here."""

SHARES = (1, 2, 4)
"""How many times shorter names become, one after the other, until a notice fits into a message."""


def planned_words(notice: Notice, snapshot: Snapshot, today: date) -> str:
    """Word a notice of the planner as Telegram HTML that fits into one message.

    Args:
        notice: What is told.
        snapshot: The newest state, which the words are made of.
        today: The present day.

    Raises:
        KeyError: if its content cannot be read, or is not what its kind wants.
    """
    told = items(told_in(notice), snapshot, today)
    words = render("planned_notice", kind=notice.kind, items=told, brief=False)
    for share in SHARES:
        if length(words) <= MessageLimit.MAX_TEXT_LENGTH:
            return words
        brief = [shortened(item, share) for item in told]
        words = render("planned_notice", kind=notice.kind, items=brief, brief=True)
    # Telegram would take none of it.
    first, *_ = split(words)
    return first
