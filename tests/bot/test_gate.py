"""Who gets through, how often, and what the others are told."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text as sql
from telegram import Bot, Update

from bot.gate import GROUP_PER_MINUTE, MOST_TOLD_AT_ONCE, TOLD_AGAIN_AFTER, Gate
from bot.inbox import Inbox, NotStoredError
from handlers.buttons import Action, Press
from knowledge.entries import LONGEST_KEY
from knowledge.people import People, Role
from knowledge.storage.database import Database
from tests.support.clock import FakeClock
from tests.support.services import an_inbox
from tests.support.telegram import NotingRequest

GROUP_ANONYMOUS_BOT = 1087968824
TOO_MANY, NOT_INVITED = "Das waren sehr viele Nachrichten", "nur für einen eingeladenen Kreis"
ANNA, BEN, ADMIN, GROUP, CHANNEL = 7, 8, 9, -100, -1007
RATE = 3


@dataclass
class Door:
    """A gate with people before it."""

    database: Database
    clock: FakeClock
    bot: Bot
    telegram: NotingRequest
    gate: Gate
    inbox: Inbox
    count: int = 0

    def update(self, **fields: Any) -> Update:
        self.count += 1
        update = Update.de_json({"update_id": self.count} | fields, self.bot)
        assert update is not None
        return update

    def message(
        self, text: str | None = "Was ist ECCAR?", *, by: int = ANNA, chat: int = 0, **more: Any
    ) -> Update:
        message: dict[str, Any] = {
            "message_id": 1,
            "date": int(self.clock().timestamp()),
            "chat": {"id": chat or by, "type": "supergroup" if chat < 0 else "private"},
            "from": {"id": by, "is_bot": False, "first_name": "A"},
        }
        said = {} if text is None else {"text": text}
        return self.update(message=message | said | more)

    def post(self, text: str, *, chat: int = CHANNEL) -> Update:
        place = {"id": chat, "type": "channel"}
        date = int(self.clock().timestamp())
        return self.update(
            channel_post={"message_id": 1, "date": date, "chat": place, "text": text}
        )

    def press(self, data: str = "1:a:EF-7:", *, by: int = ANNA) -> Update:
        person = {"id": by, "is_bot": False, "first_name": "A"}
        query = {"id": "9", "from": person, "chat_instance": "x", "data": data}
        return self.update(callback_query=query)

    async def let_in(self, *updates: Update) -> list[bool]:
        """Which of some updates get through, one after the other."""
        passed = []
        for update in updates:
            before = self.inbox.qsize()
            await self.gate.put(update)
            passed.append(self.inbox.qsize() > before)
        return passed

    async def told(self) -> list[str]:
        """What people were told, when all of it is said."""
        await asyncio.gather(*self.gate._telling)
        return self.telegram.texts


@pytest.fixture
async def telegram() -> NotingRequest:
    return NotingRequest()


@pytest.fixture
async def bot(telegram: NotingRequest) -> AsyncIterator[Bot]:
    async with Bot("1:x", request=telegram, get_updates_request=NotingRequest()) as bot:
        yield bot


def a_door(
    database: Database,
    clock: FakeClock,
    bot: Bot,
    telegram: NotingRequest,
    *,
    allowed: Collection[int] = (),
) -> Door:
    inbox = an_inbox(database, clock)
    people = People(database, [ADMIN])
    gate = Gate(inbox, people, clock, per_minute=RATE, allowed_chats=allowed)
    return Door(database, clock, bot, telegram, gate, inbox)


@pytest.fixture
def door(database: Database, clock: FakeClock, bot: Bot, telegram: NotingRequest) -> Door:
    return a_door(database, clock, bot, telegram)


@pytest.fixture
def closed(database: Database, clock: FakeClock, bot: Bot, telegram: NotingRequest) -> Door:
    """A door that is open to one group and to Anna only."""
    return a_door(database, clock, bot, telegram, allowed=[ANNA, GROUP])


async def test_who_writes_too_much_is_told_once_and_others_are_not_held_up(door: Door) -> None:
    flood = [door.message() for _ in range(RATE + 5)]
    assert await door.let_in(*flood) == [True] * RATE + [False] * 5
    assert await door.let_in(door.message(by=BEN)) == [True]
    (sentence,) = await door.told()
    assert TOO_MANY in sentence
    door.clock.advance(timedelta(minutes=1))
    assert await door.let_in(door.message()) == [True]


async def test_what_is_refused_is_not_stored(door: Door) -> None:
    await door.let_in(*(door.message() for _ in range(RATE + 2)))
    async with door.database.reading() as connection:
        assert await connection.scalar(sql("SELECT count(*) FROM received_update")) == RATE


async def test_taps_count_like_messages_and_are_answered_in_place(door: Door) -> None:
    flood = [door.press() for _ in range(RATE + 3)]
    assert await door.let_in(*flood) == [True] * RATE + [False] * 3
    await door.told()
    ((method, given),) = door.telegram.calls
    assert method == "answerCallbackQuery"
    assert TOO_MANY in given["text"]
    assert len(given["text"]) <= 200


async def test_what_was_written_during_a_downtime_counts_when_it_was_written(door: Door) -> None:
    written = []
    for _ in range(3 * RATE):
        written.append(door.message())
        door.clock.advance(timedelta(minutes=1))
    assert await door.let_in(*written) == [True] * 3 * RATE


async def test_a_message_from_the_future_does_not_fill_the_bucket(door: Door) -> None:
    later = int((door.clock() + timedelta(days=1)).timestamp())
    flood = [door.message(date=later) for _ in range(RATE + 1)]
    assert await door.let_in(*flood) == [True] * RATE + [False]


async def test_a_group_can_ask_only_as_much_as_telegram_lets_us_answer(door: Door) -> None:
    crowd = [door.message("/frage x", by=1000 + n, chat=GROUP) for n in range(25)]
    passed = await door.let_in(*crowd)
    assert passed == [True] * GROUP_PER_MINUTE + [False] * 5
    assert len(await door.told()) == 1


async def test_who_writes_as_their_group_uses_up_nothing_of_other_groups(door: Door) -> None:
    def anonymous(chat: int) -> Update:
        group = {"id": chat, "type": "supergroup", "title": "G"}
        return door.message("/frage x", by=GROUP_ANONYMOUS_BOT, chat=chat, sender_chat=group)

    flood = [anonymous(GROUP) for _ in range(GROUP_PER_MINUTE + 1)]
    assert await door.let_in(*flood) == [True] * GROUP_PER_MINUTE + [False]
    assert await door.let_in(anonymous(GROUP - 1)) == [True]


async def test_what_people_in_a_group_say_among_themselves_is_neither_counted_nor_stored(
    door: Door,
) -> None:
    chatter = [door.message("Mahlzeit", chat=GROUP) for _ in range(3 * RATE)]
    chatter += [door.message(None, chat=GROUP, sticker=_STICKER)]
    assert await door.let_in(*chatter) == [False] * (3 * RATE + 1)
    assert await door.told() == []
    mention = [{"type": "mention", "offset": 0, "length": 14}]
    asked = door.message("@massnahmenbot was ist ECCAR?", chat=GROUP, entities=mention)
    renamed = door.message(None, chat=GROUP, new_chat_title="Fraktion")
    moved = door.message(None, chat=GROUP, migrate_to_chat_id=-1000)
    assert await door.let_in(asked, renamed, moved) == [True, False, True]


async def test_commands_for_another_bot_are_not_stored(door: Door, closed: Door) -> None:
    texts = ["/wetter@wetterbot Erfurt", "/frage@massnahmenbot2", "/frage@MassnahmenBot x", "/w"]
    written = [door.message(text, chat=GROUP, by=n) for n, text in enumerate(texts, 1)]
    posted = [door.post(text) for text in texts]
    below = door.message(None, chat=GROUP, by=9, caption=texts[0])
    assert await door.let_in(*written, *posted, below) == [False, False, True, True] * 2 + [False]
    assert await door.let_in(door.message(texts[0])) == [True]  # in private nobody else is meant
    # Nor does a group hear that we are not for it when somebody talks to another bot.
    assert await closed.let_in(closed.message(texts[0], by=BEN, chat=-200)) == [False]
    assert await closed.told() == []


async def test_what_a_channel_posts_is_stored_only_if_it_is_a_command(door: Door) -> None:
    posts = [door.post("Einladung zum Fest"), door.post("@massnahmenbot?"), door.post("/abos")]
    assert await door.let_in(*posts) == [False, False, True]


async def test_what_is_changed_afterwards_is_stored_in_private_only_and_counts(
    door: Door,
) -> None:
    private, group = door.message("neu"), door.message("/frage neu", chat=GROUP)
    changed = [
        door.update(edited_message=json.loads(update.message.to_json()))
        for update in (private, group)
        if update.message
    ]
    assert await door.let_in(*changed) == [True, False]
    flood = await door.let_in(*[changed[0]] * 50)
    assert not all(flood)


async def test_a_channel_can_ask_only_as_much_as_telegram_lets_us_answer(door: Door) -> None:
    flood = [door.post("/abos") for _ in range(GROUP_PER_MINUTE + 5)]
    assert await door.let_in(*flood) == [True] * GROUP_PER_MINUTE + [False] * 5
    (sentence,) = await door.told()
    assert TOO_MANY in sentence


async def test_a_channel_that_is_not_invited_gets_nothing(closed: Door) -> None:
    posts = [closed.post("/abo EF-7"), closed.post("/abo EF-7"), closed.post("/abo", chat=GROUP)]
    assert await closed.let_in(*posts) == [False, False, True]
    (sentence,) = await closed.told()
    assert NOT_INVITED in sentence


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "x" * 4097},
        {"text": None, "caption": "x" * 4097},
        {
            "text": None,
            "document": {"file_id": "1", "file_unique_id": "1", "file_name": "x" * 256},
        },
    ],
)
async def test_what_no_telegram_app_sends_is_dropped_in_silence(
    door: Door, fields: dict[str, Any]
) -> None:
    assert await door.let_in(door.message(**fields)) == [False]
    assert await door.told() == []


@pytest.mark.parametrize(
    ("data", "passes"), [("x" * 64, True), ("x" * 65, False), ("ä" * 33, False)]
)
async def test_forged_button_data_over_the_limit_is_dropped(
    door: Door, data: str, passes: bool
) -> None:
    assert await door.let_in(door.press(data)) == [passes]


@pytest.mark.parametrize("number", [2**52, 2**63, 2**200])
async def test_numbers_that_telegram_does_not_give_are_dropped(door: Door, number: int) -> None:
    forged = [
        door.message(by=number),
        door.message("/frage x", chat=-number),
        door.message(message_id=number),
        door.post("/abos", chat=-number),
        door.press(by=number),
    ]
    assert await door.let_in(*forged) == [False] * len(forged)
    assert await door.told() == []


async def test_a_file_with_a_proper_name_passes(door: Door) -> None:
    document = {"file_id": "1", "file_unique_id": "1", "file_name": "Maßnahmen.xlsx"}
    assert await door.let_in(door.message(None, document=document)) == [True]


async def test_only_allowed_chats_get_through_and_others_are_told_once_a_day(
    closed: Door,
) -> None:
    assert await closed.let_in(
        closed.message(by=ANNA),
        closed.message("/frage x", by=BEN, chat=GROUP),
        closed.message(by=BEN),
        closed.message(by=BEN),
    ) == [True, True, False, False]
    (sentence,) = await closed.told()
    assert NOT_INVITED in sentence
    closed.clock.advance(TOLD_AGAIN_AFTER)
    assert await closed.let_in(closed.message(by=BEN)) == [False]
    assert len(await closed.told()) == 2


async def test_members_get_through_wherever_they_write(closed: Door) -> None:
    invited = await closed.gate._people.invite(Role.EDITOR, "ben", by=ADMIN, now=closed.clock())
    private, group = closed.message(by=BEN), closed.message("/frage x", by=BEN, chat=-200)
    assert await closed.let_in(closed.message(by=ADMIN), private, group) == [True, False, False]
    await closed.gate._people.redeem(invited.token, BEN, now=closed.clock())
    closed.clock.advance(timedelta(minutes=1))
    later = [closed.message(by=BEN), closed.message("/frage x", by=BEN, chat=-200)]
    assert await closed.let_in(*later) == [True, True]


async def test_nobody_is_shut_out_of_what_is_kept_about_the_own_chat(closed: Door) -> None:
    asked = [closed.message(text, by=BEN) for text in ("/meinedaten", "/loeschmich@massnahmenbot")]
    confirmed = closed.press(Press(Action.FORGET).pack(), by=BEN)
    assert await closed.let_in(*asked, confirmed) == [True] * 3
    closed.clock.advance(timedelta(minutes=1))
    others = [closed.message("/loeschmich bitte alles", by=BEN), closed.message("/abos", by=BEN)]
    assert await closed.let_in(*others, closed.press(by=BEN)) == [False] * 3
    closed.clock.advance(timedelta(minutes=1))
    assert await closed.let_in(closed.message("/datenschutz", by=BEN)) == [True]


async def test_what_is_kept_about_a_channel_can_be_deleted_in_it(closed: Door) -> None:
    assert await closed.let_in(closed.post("/loeschmich"), closed.post("/abos")) == [True, False]


async def test_an_invitation_can_be_redeemed_by_who_is_not_in_yet(closed: Door) -> None:
    invited = await closed.gate._people.invite(Role.EDITOR, "ben", by=ADMIN, now=closed.clock())
    assert await closed.let_in(
        closed.message(f"/start {invited.token}", by=BEN),
        closed.message("/start", by=BEN),
        closed.message("/start EF-7", by=BEN),
    ) == [True, False, False]


async def test_of_a_chat_that_is_not_invited_nothing_is_stored_that_telegram_says(
    closed: Door,
) -> None:
    def unblocked(by: int) -> Update:
        bot = {"id": 1, "is_bot": True, "first_name": "B", "username": "massnahmenbot"}
        place = {
            "chat": {"id": by, "type": "private"},
            "from": {"id": by, "is_bot": False, "first_name": "A"},
            "date": int(closed.clock().timestamp()),
            "old_chat_member": {"user": bot, "status": "kicked", "until_date": 0},
            "new_chat_member": {"user": bot, "status": "member"},
        }
        return closed.update(my_chat_member=place)

    moved = [closed.message(None, by=BEN, chat=n, migrate_to_chat_id=-9) for n in (GROUP, -200)]
    places = [unblocked(by) for by in (ANNA, ADMIN, BEN)]
    assert await closed.let_in(*moved, *places) == [True, False, True, True, False]
    assert await closed.told() == []
    # It does not use up the sentence that who writes is told once a day.
    assert await closed.let_in(closed.message(by=BEN)) == [False]
    assert len(await closed.told()) == 1


async def test_the_longest_key_of_an_entry_does_not_pass_for_an_invitation(closed: Door) -> None:
    assert await closed.let_in(closed.message(f"/start {'A' * LONGEST_KEY}", by=BEN)) == [False]


async def test_while_nobody_can_tell_who_is_a_member_telegram_is_to_offer_it_again(
    closed: Door,
) -> None:
    async with closed.database.writing() as connection:
        await connection.execute(sql("ALTER TABLE member RENAME TO gone"))
    with pytest.raises(NotStoredError):
        await closed.gate.put(closed.message(by=BEN))
    assert closed.inbox.metrics.since_refusal is not None


async def test_what_could_not_be_stored_costs_nothing_when_it_comes_again(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    update = door.message("/frage Was ist ECCAR?", chat=GROUP)
    put = door.inbox.put

    async def not_stored(_: object) -> None:
        raise NotStoredError("database is locked")

    monkeypatch.setattr(door.inbox, "put", not_stored)
    for _ in range(30):
        with pytest.raises(NotStoredError):
            await door.gate.put(update)
    monkeypatch.setattr(door.inbox, "put", put)
    assert await door.let_in(update) == [True]


async def test_a_flood_from_many_accounts_is_not_answered_by_a_flood(closed: Door) -> None:
    closed.telegram.is_away = True
    crowd = [closed.message(by=1000 + n) for n in range(MOST_TOLD_AT_ONCE + 10)]
    await asyncio.gather(*(closed.gate.put(update) for update in crowd))
    assert len(closed.gate._telling) <= MOST_TOLD_AT_ONCE
    await closed.gate.close()
    assert closed.inbox.empty()


_STICKER = {
    "file_id": "1",
    "file_unique_id": "1",
    "width": 1,
    "height": 1,
    "is_animated": False,
    "is_video": False,
    "type": "regular",
}
