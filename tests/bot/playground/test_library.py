"""The playground with the library the bot uses."""

from __future__ import annotations

import asyncio
import os

import pytest

os.environ.setdefault("PTB_TIMEDELTA", "1")

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeChat,
    BotCommandScopeDefault,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Update,
)
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, RetryAfter, TimedOut
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    MessageHandler,
    filters,
)

from bot.playground import TOKEN
from tests.bot.playground.helpers import ADMIN, COUNCILLOR, GROUP, World, png


def a_bot(world: World) -> Bot:
    url = str(world.http.base_url).rstrip("/")
    return Bot(TOKEN, base_url=f"{url}/bot", base_file_url=f"{url}/file/bot")


KEYBOARD = InlineKeyboardMarkup(
    [
        [InlineKeyboardButton("Verlauf", callback_data="m1:7")],
        [InlineKeyboardButton("Quelle", url="https://example.org/")],
    ]
)


async def test_the_library_can_do_with_it_what_the_bot_does(served: World) -> None:
    async with a_bot(served) as bot:
        assert (await bot.get_me()).username == "massnahmenbot"
        await served.say("/start")
        (update,) = await bot.get_updates(timeout=5, allowed_updates=["message"])
        assert update.message
        assert update.message.text == "/start"
        message = await bot.send_message(
            chat_id=COUNCILLOR,
            text="<b>Stand</b> &amp; mehr",
            parse_mode="HTML",
            reply_markup=KEYBOARD,
            reply_to_message_id=update.message.message_id,
        )
        assert message.text_html == "<b>Stand</b> &amp; mehr"
        assert message.reply_markup == KEYBOARD
        edited = await bot.edit_message_text(
            text="Neu", chat_id=COUNCILLOR, message_id=message.message_id
        )
        assert not isinstance(edited, bool)
        assert edited.text == "Neu"
        assert edited.edit_date
        assert await bot.delete_message(chat_id=COUNCILLOR, message_id=message.message_id)


async def test_files_go_up_and_come_down(served: World) -> None:
    async with a_bot(served) as bot:
        message = await bot.send_document(
            chat_id=GROUP,
            document=b"a;b\r\n",
            filename="Maßnahmen.csv",
            caption="<i>Stand</i>",
            parse_mode="HTML",
        )
        assert message.document
        assert message.document.file_name == "Maßnahmen.csv"
        file = await bot.get_file(file_id=message.document.file_id)
        assert bytes(await file.download_as_bytearray()) == b"a;b\r\n"
        picture = await bot.send_photo(chat_id=GROUP, photo=png(20, 10))
        assert picture.photo[-1].width == 20


async def test_menus_and_texts_are_set(served: World) -> None:
    async with a_bot(served) as bot:
        commands = [BotCommand("frage", "Stelle eine Frage")]
        await bot.set_my_commands(commands=commands, scope=BotCommandScopeDefault())
        await bot.set_my_commands(
            commands=[BotCommand("aendern", "Ändere einen Eintrag")],
            scope=BotCommandScopeChat(ADMIN),
            language_code="de",
        )
        assert list(await bot.get_my_commands()) == commands
        await bot.set_my_description(description="Auskunft", language_code="de")
        assert (await bot.get_my_description(language_code="de")).description == "Auskunft"
        await bot.set_my_short_description(short_description="Kurz")
        await bot.set_my_name(name="Auskunft")
        assert (await bot.get_me()).first_name == "Auskunft"
    menu = await served.sim("GET", f"chats/{ADMIN}/commands?user_id={ADMIN}")
    assert [entry["command"] for entry in menu["commands"]] == ["aendern"]


async def test_errors_become_the_exceptions_of_the_library(served: World) -> None:
    async with a_bot(served) as bot:
        with pytest.raises(Forbidden):
            await bot.send_message(chat_id=ADMIN, text="x")
        with pytest.raises(BadRequest, match=r"[Cc]hat not found"):
            await bot.send_message(chat_id=4711, text="x")
        with pytest.raises(BadRequest, match="parse entities"):
            await bot.send_message(chat_id=GROUP, text="<p>", parse_mode="HTML")
        await served.sim("POST", "faults", error_code=429, retry_after=3)
        with pytest.raises(RetryAfter):
            await bot.send_message(chat_id=GROUP, text="x")
        await served.sim("POST", "faults", kind="delay", seconds=5)
        with pytest.raises(TimedOut):
            await bot.send_message(chat_id=GROUP, text="x", read_timeout=0.05)
        successor = await served.sim("POST", f"chats/{GROUP}/migrate")
        with pytest.raises(ChatMigrated) as migrated:
            await bot.send_message(chat_id=GROUP, text="x")
        assert migrated.value.new_chat_id == successor["id"]
        await bot.set_webhook(url="http://127.0.0.1:9/", secret_token="x")
        with pytest.raises(Conflict):
            await bot.get_updates()
        assert (await bot.get_webhook_info()).url == "http://127.0.0.1:9/"


async def start(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.effective_message
    await update.effective_message.reply_text("Guten Tag", reply_markup=KEYBOARD)


async def tapped(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    assert query
    await query.answer(text="Gern")
    await query.edit_message_text("Verlauf")


async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.effective_message
    await update.effective_message.reply_html(f"<b>{update.effective_message.text}</b>")


async def test_a_whole_application_polls_and_answers(served: World) -> None:
    url = str(served.http.base_url).rstrip("/")
    builder = Application.builder().token(TOKEN).base_url(f"{url}/bot").job_queue(None)
    application = builder.build()
    application.add_handler(CommandHandler("start", start))
    application.add_handler(CallbackQueryHandler(tapped))
    application.add_handler(MessageHandler(filters.TEXT, echo))
    assert application.updater
    async with application, asyncio.timeout(20):
        await application.start()
        await application.updater.start_polling(timeout=10)
        await served.say("/start abo_7")
        path = f"events?chat_id={COUNCILLOR}&from_bot=true&timeout=10"
        (greeting,) = (await served.sim("GET", path))["events"]
        press = f"chats/{COUNCILLOR}/messages/{greeting['message']['message_id']}/press"
        answer = await served.sim(
            "POST", press, user_id=COUNCILLOR, callback_data="m1:7", timeout=10
        )
        assert answer["answer"]["text"] == "Gern"
        edits = await served.sim("GET", f"events?type=edited&since={greeting['id']}&timeout=10")
        assert edits["events"][0]["message"]["text"] == "Verlauf"
        await served.say("Wie weit?")
        after = await served.sim("GET", f"{path}&type=message&since={edits['last_id']}")
        assert after["events"][0]["message"]["html"] == "<b>Wie weit?</b>"
        await application.updater.stop()
        await application.stop()
