"""The words of notices: made when they are sent, from things as they are then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from handlers.messages import Reply, cut, render, split
from handlers.planned_notices import PLANNED, planned_words
from handlers.replies import reply
from handlers.services import Services
from knowledge.answering.answers import Answer, about, answer
from knowledge.answering.confidence import Band
from knowledge.notification.contents import Announcement, QuestionAnswered, expected
from knowledge.notification.notices import Notice, NoticeKind, Obsolete
from knowledge.people import Role
from knowledge.snapshot import Snapshot

LONGEST_TEXT = 3_900
"""UTF-16 units of a written text: with heading and note it fits into one message of 4,096."""


async def word(services: Services, notice: Notice) -> Reply | Obsolete:
    """Put a notice into words of one message, or say why it is not to be sent any more.

    Raises:
        KeyError: if its content cannot be read, or is not what its kind wants.
    """
    return await WORDERS[notice.kind](services, notice)


async def _written_text(_: Services, notice: Notice) -> Reply:
    """What somebody of the editors wrote; it cannot become untrue by itself."""
    whole = expected(notice, Announcement).text
    text = cut(whole, LONGEST_TEXT)
    shortened = len(text) < len(whole)
    return Reply(render("announcement", text=text, shortened=shortened))


async def _answer(services: Services, notice: Notice) -> Reply | Obsolete:
    """The answer that a question gets by now, for who handed it over."""
    content = expected(notice, QuestionAnswered)
    snapshot, question = services.snapshot, content.question
    entry = snapshot.get(content.entry)
    if entry is None:
        return Obsolete("the entry that answers it is gone")
    found = answer(question, snapshot, services.today, home=services.home)
    if found.band is not Band.ANSWER or found.topic != entry:
        # The editor knows what is meant, also where the words do not tell.
        found = about(entry, [], snapshot, services.today, text=question)
    return _answered(question, found, snapshot)


def _answered(question: str, found: Answer, snapshot: Snapshot) -> Reply:
    """An answer in one message: with fewer facts, if need be, so that their sources stay."""
    shortened = False
    while True:
        worded = reply(found, snapshot)
        heading = render("question_answered", question=question, shortened=shortened)
        first, *rest = split(f"{heading}\n\n{worded.markup}")
        shorter = _shorter(found)
        if not rest or shorter is None:
            return Reply(first, worded.buttons)
        found, shortened = shorter, True


def _shorter(found: Answer) -> Answer | None:
    """An answer without the last of what is said in its longest section, which is the chain first.

    None if each section has a single fact.
    """
    longest = max(found.sections, key=lambda s: len(s.statements) + len(s.chain), default=None)
    if longest is None or len(longest.statements) + len(longest.chain) < 2:
        return None
    if longest.chain:
        left = replace(longest, chain=longest.chain[:-1])
    elif longest.others:
        left = replace(longest, others=longest.others[:-1])
    else:
        left = replace(longest, nearest=longest.nearest[:-1])
    sections = tuple(left if one is longest else one for one in found.sections)
    return replace(found, sections=sections)


async def _planned(services: Services, notice: Notice) -> Reply:
    """What the planner found to tell."""
    return Reply(planned_words(notice, services.snapshot, services.today))


async def _nudge(services: Services, notice: Notice) -> Reply | Obsolete:
    """What editors are asked for. The settings may have dropped an admin since it was planned."""
    role = await services.people.role(notice.chat_id)
    if not role.includes(Role.EDITOR):
        return Obsolete("no editor any more")
    return await _planned(services, notice)


WORDERS: Mapping[NoticeKind, Callable[[Services, Notice], Awaitable[Reply | Obsolete]]] = (
    MappingProxyType(
        {
            NoticeKind.ANNOUNCEMENT: _written_text,
            NoticeKind.QUESTION_ANSWERED: _answer,
            **dict.fromkeys(PLANNED, _planned),
            NoticeKind.NUDGE: _nudge,
        }
    )
)
"""Who puts which kind into words: every kind has somebody."""
