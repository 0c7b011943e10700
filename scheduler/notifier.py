"""How messages reach chats, as far as the scheduler is concerned: a port and what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

Message_contra = TypeVar("Message_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Delivered:
    """The message arrived.

    Attributes:
        message_id: Its number in the chat.
    """

    message_id: int


@dataclass(frozen=True, slots=True)
class TryAgain:
    """The message did not arrive, for a reason that passes.

    Attributes:
        reason: What the trouble was.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody knows whether the message arrived.

    Attributes:
        reason: What came instead of an answer.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class TooFast:
    """The message was not taken; nothing at all is to be sent for a while.

    Attributes:
        pause: How long.
    """

    pause: timedelta


@dataclass(frozen=True, slots=True)
class Migrated:
    """The chat has another number now.

    Attributes:
        chat_id: The new one.
    """

    chat_id: int


@dataclass(frozen=True, slots=True)
class ChatGone:
    """The chat takes no messages until it returns.

    Attributes:
        reason: Why.
    """

    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """This message will never be taken.

    Attributes:
        reason: Why.
    """

    reason: str


Outcome = Delivered | TryAgain | Unanswered | TooFast | Migrated | ChatGone | Refused


class Notifier(Protocol[Message_contra]):
    """Sends messages, of whatever form they have where it is implemented."""

    async def send(self, chat_id: int, message: Message_contra) -> Outcome:
        """Send one message to a chat, once; says what came of it instead of raising."""
        ...
