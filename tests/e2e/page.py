"""The demo and its chat page in Chromium, used as a person uses it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from tests.e2e.stage import PATIENCE, start

CHROMIUM = shutil.which("chromium")

NEEDS_CHROMIUM = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]

_OPTIONS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]

expect.set_options(timeout=PATIENCE * 1000)


@dataclass(frozen=True, slots=True)
class ChatPage:
    """The page of one person in the private chat with the bot."""

    page: Page

    @property
    def messages(self) -> Locator:
        """The messages of both, each with its buttons."""
        return self.page.locator("#messages > li.message")

    def begin(self) -> None:
        """Start the bot, as whoever has just found it does."""
        self.page.get_by_role("button", name="Starten").click()
        self.see("Guten Tag!")

    def say(self, text: str) -> None:
        """Write a message, and wait until it stands in the chat."""
        own = self.page.locator("#messages > li.mine")
        count = own.count()
        self.page.get_by_label("Nachricht", exact=True).fill(text)
        self.page.keyboard.press("Enter")
        expect(own).to_have_count(count + 1)

    def attach(self, name: str, content: bytes, caption: str) -> None:
        """Send a file with a caption."""
        self.page.get_by_label("Nachricht", exact=True).fill(caption)
        self.page.get_by_label("Datei auswählen").set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": content}
        )

    def see(self, words: str) -> None:
        """Wait until the newest message is one of the bot's that has words in it."""
        newest = self.page.locator("#messages > li.message:last-child:not(.mine)")
        expect(newest).to_contain_text(words)

    def tap(self, label: str) -> None:
        """Tap the button of the newest message with a label."""
        self.messages.last.get_by_role("button", name=label, exact=True).click()

    def next_day(self) -> None:
        """Move the clock of the demo by a day."""
        self.page.get_by_role("button", name="Einen Tag weiter").click()


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo, and a browser to look at it."""

    address: str
    browser: Browser

    def page(self, user: int, *, width: int = 390, height: int = 844) -> ChatPage:
        """Open the chat page as a person, in a window of its own, by default a phone's."""
        page = self.browser.new_page(
            viewport={"width": width, "height": height},
            locale="de",
            timezone_id="Europe/Berlin",
        )
        page.goto(f"{self.address}?user={user}&chat={user}")
        return ChatPage(page)


@contextmanager
def demo(folder: Path, *, today: str, **environment: str) -> Iterator[Demo]:
    """Run the demo on a day until the end of the block; it must end well."""
    process = start("bot", "demo", "--port", "0", "--today", today, cwd=folder, **environment)
    try:
        address = process.wait_for(r"^Chat page: (\S+)$")[1]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_OPTIONS)
            yield Demo(address, browser)
            browser.close()
    finally:
        code = process.stop()
    assert code == 0, process.output
    assert "handler failed" not in process.output, process.output
