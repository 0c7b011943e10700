"""The chat page in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import ConsoleMessage, Page, async_playwright, expect

from bot.playground import Playground, serve
from bot.playground.people import write
from tests.bot.playground.helpers import COUNCILLOR, GROUP, World, button, buttons

CHROMIUM = shutil.which("chromium")
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """Yield a phone; whatever the page complains about fails the test."""
    complaints: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # A server that is away on purpose is not the page's fault.
        if "net::ERR_" not in message.text:
            complaints.append(message.text)

    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 360, "height": 740}, locale="de")
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", note)
        yield page
        await browser.close()
    assert complaints == []


async def test_a_person_writes_taps_and_sees_the_answer_change(served: World, page: Page) -> None:
    await page.goto(f"{served.http.base_url}?user={COUNCILLOR}&chat={COUNCILLOR}")
    await page.get_by_role("button", name="Starten").click()
    await page.get_by_label("Nachricht", exact=True).fill("Wie weit ist <b>Sprache</b>?")
    await page.keyboard.press("Enter")
    log = page.get_by_role("log")
    await expect(log).to_contain_text("Wie weit ist <b>Sprache</b>?")
    received = [update["message"]["text"] for update in await served.updates()]
    assert received == ["/start", "Wie weit ist <b>Sprache</b>?"]

    await served.ok("sendChatAction", chat_id=COUNCILLOR, action="typing")
    await expect(page.locator("#status")).to_have_text("schreibt …")
    sent = await served.ok(
        "sendMessage",
        chat_id=COUNCILLOR,
        parse_mode="HTML",
        text='<b>in Umsetzung</b>\n<blockquote>Hängt ab von <a href="https://example.org/">A'
        "</a></blockquote>\n<tg-spoiler>geheim</tg-spoiler>",
        reply_markup=buttons([button("Verlauf")]),
    )
    await expect(log.locator("strong", has_text="in Umsetzung")).to_be_visible()
    await expect(log.get_by_role("link", name="A")).to_have_attribute("rel", "noopener noreferrer")
    await page.get_by_role("button", name="Verlauf").click()
    query = (await served.ok("getUpdates", timeout=10))[-1]["callback_query"]
    assert query["data"] == "m1:7"
    await served.ok("answerCallbackQuery", callback_query_id=query["id"], text="Gern")
    await expect(page.locator("#toast")).to_have_text("Gern")
    await served.ok(
        "editMessageText", chat_id=COUNCILLOR, message_id=sent["message_id"], text="Verlauf: neu"
    )
    await expect(log).to_contain_text("Verlauf: neu")
    await expect(page.get_by_role("button", name="Verlauf")).to_have_count(0)
    assert await page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


async def test_the_command_menu_works_by_keyboard(served: World, page: Page) -> None:
    commands = [{"command": "hilfe", "description": "So fragen Sie"}]
    await served.ok("setMyCommands", commands=commands)
    await page.goto(f"{served.http.base_url}?user={COUNCILLOR}")
    opener = page.get_by_role("button", name="Befehle")
    await opener.press("Enter")
    await page.keyboard.press("Escape")
    await expect(opener).to_be_focused()
    await opener.press("Enter")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("log")).to_contain_text("/hilfe")


async def test_a_long_answer_is_shown_from_its_first_line(served: World, page: Page) -> None:
    await page.goto(f"{served.http.base_url}?user={COUNCILLOR}&chat={COUNCILLOR}")
    await page.get_by_role("button", name="Starten").click()
    lines = [f"Zeile {number}" for number in range(60)]
    await served.ok(
        "sendMessage",
        chat_id=COUNCILLOR,
        text="\n".join(lines),
        reply_markup=buttons([button("Quelle")]),
    )
    answer = page.locator("#messages > li.message", has_text=lines[-1])
    await expect(answer.get_by_role("button", name="Quelle")).not_to_be_in_viewport()
    top, log = await answer.bounding_box(), await page.get_by_role("log").bounding_box()
    assert top
    assert log
    assert log["y"] <= top["y"] <= log["y"] + 20


async def test_alerts_are_shown_until_they_are_read(served: World, page: Page) -> None:
    await served.say("/start")
    await served.ok(
        "sendMessage", chat_id=COUNCILLOR, text="?", reply_markup=buttons([button("Löschen")])
    )
    await page.goto(f"{served.http.base_url}?user={COUNCILLOR}")
    await page.get_by_role("button", name="Löschen").click()
    query = (await served.ok("getUpdates", offset=-1, timeout=10))[-1]["callback_query"]
    answer = {"callback_query_id": query["id"], "text": "Wirklich?", "show_alert": True}
    await served.ok("answerCallbackQuery", **answer)
    await expect(page.get_by_role("dialog")).to_contain_text("Wirklich?")
    await page.get_by_role("button", name="In Ordnung").click()
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def test_the_page_says_when_the_server_is_away_and_comes_back_with_it(page: Page) -> None:
    playground = Playground()
    async with serve(playground) as url:
        await page.goto(f"{url}/?user={COUNCILLOR}")
        await page.get_by_role("button", name="Starten").click()
        await expect(page.get_by_role("log")).to_contain_text("/start")
    await expect(page.get_by_role("alert")).to_be_visible()
    write(playground.core, COUNCILLOR, COUNCILLOR, "Inzwischen geschrieben")
    async with serve(playground, int(url.rpartition(":")[2])):
        await expect(page.get_by_role("log")).to_contain_text("Inzwischen geschrieben")
        await expect(page.get_by_role("alert")).to_be_hidden()


async def test_a_chat_opened_while_the_server_goes_away_is_shown_when_it_is_back(
    page: Page,
) -> None:
    playground = Playground()
    write(playground.core, COUNCILLOR, GROUP, "Guten Morgen")
    log, alert = page.get_by_role("log"), page.get_by_role("alert")
    async with serve(playground) as url:
        await page.goto(f"{url}/?user={COUNCILLOR}")
        await expect(page.get_by_role("button", name="Starten")).to_be_visible()
        await page.route("**/sim/chats/**", lambda route: route.abort())
        await page.get_by_role("button", name="Fraktion").click()
        await expect(alert).to_be_visible()
    await page.unroute("**/sim/chats/**")
    async with serve(playground, int(url.rpartition(":")[2])):
        await expect(log).to_contain_text("Guten Morgen")
        await expect(alert).to_be_hidden()
