"""The playground's state in one place, and the few steps everything else is made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from bot.playground.clock import Clock
from bot.playground.faults import Faults
from bot.playground.journal import Journal, Signal
from bot.playground.limits import Limiter
from bot.playground.profile import Profile
from bot.playground.updates import Updates
from bot.playground.wire import Json, bad_request, forbidden
from bot.playground.world import Chat, Message, World

# Not published; bots report 15 seconds to a minute until Telegram gives up on a tapped button.
QUERY_LIFETIME: Final = 60.0


@dataclass(slots=True)
class Query:
    """A tapped button that waits for the bot.

    Attributes:
        asked_at: Unix seconds.
        answer: What the bot answered, None while it has not.
    """

    id: str
    user_id: int
    chat_id: int
    asked_at: float
    answer: Json | None = None


@dataclass(slots=True)
class Webhook:
    """Where updates are delivered to instead of waiting for getUpdates."""

    url: str
    secret: str = ""
    max_connections: int = 40
    last_error_date: int | None = None
    last_error_message: str | None = None


@dataclass(slots=True)
class Core:
    """All state of one playground. Not thread-safe; every method is quick and never waits.

    Attributes:
        token: What the bot shows as `/bot<token>/`.
        poll: Number of the newest getUpdates and who came last, to end the one before.
    """

    token: str
    clock: Clock
    world: World
    limiter: Limiter
    updates: Updates = field(default_factory=Updates)
    events: Journal = field(default_factory=Journal)
    calls: Journal = field(default_factory=Journal)
    faults: Faults = field(default_factory=Faults)
    profile: Profile = field(default_factory=Profile)
    queries: dict[str, Query] = field(default_factory=dict)
    webhook: Webhook | None = None
    poll: tuple[int, str] = (0, "")
    signal: Signal = field(default_factory=Signal)

    @property
    def bot_id(self) -> int:
        """The bot's user id: the number before the colon of its token."""
        return self.world.bot.id

    def seconds(self) -> int:
        """The present in whole Unix seconds, as Telegram dates everything."""
        return int(self.clock.now())

    def emit(self, kind: str, **fields: object) -> None:
        """Record an event and wake those who wait."""
        self.events.add({"type": kind, "time": self.clock.now(), **fields})
        self.signal.notify()

    def show(self, kind: str, message: Message) -> None:
        """Record that a message appeared (`message`) or changed (`edited`)."""
        self.emit(
            kind,
            chat_id=message.chat_id,
            from_bot=message.sender_id == self.bot_id,
            message=self.world.message_view(message),
        )

    def queue(self, kind: str, payload: Json, *, lane: int) -> None:
        """Queue an update for the bot."""
        self.updates.add(kind, payload, lane=lane)
        self.signal.notify()

    def interrupt_polling(self, by: str) -> int:
        """End a pending getUpdates with a 409 and return the newcomer's number."""
        self.poll = (self.poll[0] + 1, by)
        self.signal.notify()
        return self.poll[0]

    def chat(self, chat_id: int) -> Chat:
        """Find a chat.

        Raises:
            ApiError: 400 `chat not found`.
        """
        chat = self.world.chats.get(chat_id)
        if chat is None:
            raise bad_request("chat not found")
        return chat

    def writable_chat(self, chat_id: int) -> Chat:
        """Find a chat the bot may write to.

        Raises:
            ApiError: 400 for unknown and migrated chats, 403 where the bot is unwanted.
        """
        chat = self.chat(chat_id)
        if chat.migrated_to is not None:
            error = bad_request("group chat was upgraded to a supergroup chat")
            error.parameters["migrate_to_chat_id"] = chat.migrated_to
            raise error
        if chat.is_group:
            status = chat.status(self.bot_id)
            if status == "kicked":
                raise forbidden(f"bot was kicked from the {chat.type} chat")
            if status == "left":
                raise forbidden(f"bot is not a member of the {chat.type} chat")
            return chat
        person = self.world.users[chat.id]
        if person.blocked:
            raise forbidden("bot was blocked by the user")
        if not person.started:
            raise forbidden("bot can't initiate conversation with a user")
        return chat

    def member_json(self, user_id: int, status: str) -> Json:
        """Telegram's ChatMember."""
        member: Json = {"user": self.world.users[user_id].as_json(), "status": status}
        match status:
            case "kicked":
                member["until_date"] = 0
            case "creator":
                member["is_anonymous"] = False
            case "administrator":
                member |= _ADMINISTRATOR
            case _:
                pass
        return member


_ADMINISTRATOR: Final[Json] = {
    "can_be_edited": False,
    "is_anonymous": False,
    "can_manage_chat": True,
    "can_delete_messages": True,
    "can_manage_video_chats": False,
    "can_restrict_members": False,
    "can_promote_members": False,
    "can_change_info": False,
    "can_invite_users": True,
    "can_post_stories": False,
    "can_edit_stories": False,
    "can_delete_stories": False,
    # Newer than Bot API 10.1, but libraries that know it demand it.
    "can_send_welcome_messages": False,
}
