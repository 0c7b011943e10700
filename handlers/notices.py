"""The words of notices: made when they are sent, from things as they are then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from handlers.messages import Buttons, one_message, render
from handlers.services import Services
from knowledge.outbox import Notice, NoticeKind, Obsolete


@dataclass(frozen=True, slots=True)
class Wording:
    """A notice in words.

    Attributes:
        markup: Telegram HTML, no longer than one message.
        buttons: Rows of buttons below it.
    """

    markup: str
    buttons: Buttons = ()


async def word(services: Services, notice: Notice) -> Wording | Obsolete:
    """Put a notice into words, or say why it is not to be sent any more.

    Raises:
        KeyError: if its content is not what its kind wants.
    """
    return await WORDERS[notice.kind](services, notice)


async def _written_text(_: Services, notice: Notice) -> Wording:
    """What somebody of the editors wrote; it cannot become untrue by itself."""
    markup = render("notice", kind=notice.kind, text=notice.content["text"])
    return Wording(one_message(markup))


WORDERS: Mapping[NoticeKind, Callable[[Services, Notice], Awaitable[Wording | Obsolete]]] = (
    MappingProxyType(
        {
            NoticeKind.ANNOUNCEMENT: _written_text,
            NoticeKind.QUESTION_ANSWERED: _written_text,
        }
    )
)
"""Who puts which kind into words: every kind has somebody."""
