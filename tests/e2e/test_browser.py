"""People at the chat page, with the real bot behind it."""

from pathlib import Path

import httpx
from playwright.sync_api import expect

from tests.e2e.page import NEEDS_CHROMIUM, demo
from tests.e2e.stage import ADMIN, COUNCILLOR, STAFF

pytestmark = NEEDS_CHROMIUM


def test_a_councillor_asks_on_the_page_and_taps_a_button(tmp_path: Path) -> None:
    with demo(tmp_path, today="2025-10-20") as shown:
        page = shown.page(COUNCILLOR)
        page.begin()
        page.say("eccar abgleich schon gemacht?")
        page.see("noch nicht durchgeführt")
        page.see("DS 2170/24")
        page.tap("Quelle")
        page.see("Quellen: Abgleich der Maßnahmen mit den ECCAR-Kriterien")


def test_a_subscriber_is_reminded_of_a_milestone_and_told_that_it_is_done(tmp_path: Path) -> None:
    with demo(tmp_path, today="2026-11-30") as shown:
        staff, admin = shown.page(STAFF), shown.page(ADMIN)
        staff.begin()
        staff.say("Wann endet das Landesprogramm Dolmetschen?")
        staff.see("31.12.2026")
        staff.tap("Abonnieren")
        staff.see("Abonniert:")

        staff.next_day()
        staff.see("Termin: 31.12.2026, in 30 Tagen.")

        admin.begin()
        admin.say("/meilenstein TH-DOLM-ENDE erledigt")
        for asked, said in (
            ("Welcher Satz", "Der Vertrag ist ausgelaufen."),
            ("In welcher Quelle", "Medieninfo 99/2026"),
            ("Von wann", "1.12.2026"),
        ):
            admin.see(asked)
            admin.say(said)
        admin.tap("amtlich")
        admin.see("Vorschau")
        admin.tap("Veröffentlichen")
        # Typed faster than Telegram takes replies: the confirmation then stands in the preview.
        admin.see("als Fassung 2.")

        # Within a minute it would be told anyway; the jump makes the jobs run now.
        staff.next_day()
        staff.see("Erledigt")
        staff.see("Der Vertrag ist ausgelaufen.")


def test_a_day_forward_from_the_evening_leads_into_the_morning_when_notices_come(
    tmp_path: Path,
) -> None:
    with demo(tmp_path, today="2026-11-30") as shown:
        staff = shown.page(STAFF)
        staff.begin()
        staff.say("Wann endet das Landesprogramm Dolmetschen?")
        staff.tap("Abonnieren")
        staff.see("Abonniert:")
        evening = {"advance_seconds": 10 * 3600}
        httpx.post(f"{shown.address}sim/clock", json=evening, trust_env=False).raise_for_status()
        staff.next_day()
        expect(staff.page.locator("#now")).to_contain_text("01.12.2026, 09:00")
        staff.see("Termin: 31.12.2026, in 30 Tagen.")
