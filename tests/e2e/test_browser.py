"""A person at the chat page, with the real bot behind it."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.e2e.stage import start

CHROMIUM = shutil.which("chromium")

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed"),
]


def test_a_councillor_asks_on_the_page_and_taps_a_button(tmp_path: Path) -> None:
    demo = start("bot", "demo", "--port", "0", "--today", "2025-10-20", cwd=tmp_path)
    address = demo.wait_for(r"^Chat page: (\S+)$")[1]
    arguments = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        page = browser.new_page(viewport={"width": 390, "height": 844}, locale="de")
        page.goto(f"{address}?user=1001&chat=1001")
        page.get_by_role("button", name="Starten").click()
        log = page.get_by_role("log")
        expect(log).to_contain_text("Guten Tag!")
        page.get_by_label("Nachricht", exact=True).fill("eccar abgleich schon gemacht?")
        page.keyboard.press("Enter")
        expect(log).to_contain_text("noch nicht durchgeführt")
        expect(log).to_contain_text("DS 2170/24")
        page.get_by_role("button", name="Quelle").last.click()
        expect(log).to_contain_text("Quellen: Abgleich der Maßnahmen mit den ECCAR-Kriterien")
        browser.close()
    assert demo.stop() == 0, demo.output
