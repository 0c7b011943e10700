"""Takes the pictures of the handbook: every task, played on the chat page against the real bot.

`make pictures` writes docs/images/handbuch-*.png anew, after anything that can be seen in the
chat has changed. Needs Chromium.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
from playwright.sync_api import FloatRect

from tests.e2e.page import ChatPage, demo
from tests.e2e.stage import ADMIN, COUNCILLOR, STAFF
from tests.knowledge.exchange.files import csv_file
from tests.support.png import with_palette

FOLDER = Path(__file__).parents[1] / "docs" / "images"
TODAY = "2026-11-24"
WIDTH, HEIGHT = 420, 2400
"""A window as wide as a phone, and so high that no conversation has to be scrolled."""

MARGIN = 4
"""Pixels around the messages."""

BARE = ".meta .act { display: none } .toast { visibility: hidden }"
"""Hides what only shows under a pointer."""

PLAN = csv_file(
    [
        ["Nr.", "Maßnahme", "Verantwortlich", "Ampel"],
        ["1.1", "Lesepaten für Größere", "Amt für Bildung", "läuft"],
        ["1.2", "Mütterkurse in Kitas", "Jugendamt", "grün-gelb"],
    ]
)


@contextmanager
def picture(page: ChatPage, name: str, *, earlier: int = 0) -> Iterator[None]:
    """Take a picture of the messages that are written in the block, and some earlier ones."""
    first = page.messages.count() - earlier
    yield
    page.page.locator("#scroll").evaluate("area => { area.scrollTop = area.scrollHeight }")
    top, bottom = page.messages.nth(first).bounding_box(), page.messages.last.bounding_box()
    assert top
    assert bottom
    above = top["y"] - MARGIN
    page.page.mouse.move(0, 0)
    taken = page.page.screenshot(
        style=BARE,
        clip=FloatRect(
            x=0, y=above, width=WIDTH, height=bottom["y"] + bottom["height"] + MARGIN - above
        ),
    )
    (FOLDER / f"handbuch-{name}.png").write_bytes(with_palette(taken))


def ask(page: ChatPage) -> None:
    """What councillors do."""
    with picture(page, "frage"):
        page.say("eccar abgleich schon gemacht?")
        page.see("noch nicht durchgeführt")
    with picture(page, "unbekannt"):
        page.say("was kostet start deutsch?")
        page.see("Ein Betrag ist in den vorliegenden Quellen nicht belegt")
    with picture(page, "weitergeben"):
        page.say("Wer streicht die Parkbank?")
        page.see("An die Redaktion geben")
        page.tap("An die Redaktion geben")
        page.see("Soll ich hier Bescheid sagen")
        page.tap("Ja, sagen Sie mir Bescheid")
        page.see("Gut")


def subscribe(page: ChatPage) -> None:
    """What staff of advisory services do."""
    page.say("wann endet das landesprogramm dolmetschen?")
    page.see("31.12.2026")
    with picture(page, "abo"):
        page.tap("Abonnieren")
        page.see("Abonniert:")
    page.say("eccar abgleich schon gemacht?")
    page.see("noch nicht durchgeführt")
    page.tap("Bei Änderung melden")
    page.see("Abonniert:")
    with picture(page, "abos"):
        page.say("/abos")
        page.see("Wann und wie oft")
    with picture(page, "meldezeiten"):
        page.say("/abos")
        page.see("Ihre Abos")
        page.tap("Wann und wie oft")
        page.see("Was in der Ruhezeit anfällt")


def change(page: ChatPage) -> None:
    """The way of every change, from the command to what can be undone."""
    with picture(page, "aendern"):
        page.say("/status EF-7 umgesetzt")
        page.see("Welcher Satz")
        page.say("Der Abgleich liegt vor.")
        page.see("In welcher Quelle")
    page.say("DS 2170/24")
    page.see("Von wann")
    with picture(page, "vorschau"):
        page.say("November 2026")
        page.see("Wie sicher")
        page.tap("amtlich")
        page.see("fehlt noch")
    page.tap("+ Erledigungsvermerk")
    page.see("Wie lautet die Angabe?")
    page.say("Der Ausschuss hat den Abgleich beraten.")
    page.see("Vorschau")
    with picture(page, "veroeffentlicht"):
        page.tap("Veröffentlichen")
        page.see("Veröffentlicht als Fassung")
    with picture(page, "neu"):
        page.say("/neu Maßnahme in EF-MP Elterncafé")
        page.see("Vorschau")
    page.tap("Veröffentlichen")
    page.see("Veröffentlicht als Fassung")
    with picture(page, "meilenstein"):
        page.say("/meilenstein TH-DOLM-ENDE")
        page.see("?")
    with picture(page, "bearbeiten"):
        page.say("/bearbeiten EF-7")
        page.see("ECCAR")
    with picture(page, "verlauf"):
        page.say("/verlauf EF-7")
        page.see("Fassung")
    with picture(page, "rueckgaengig"):
        page.say("/rueckgaengig")
        page.see("zurücknehmen")
    with picture(page, "protokoll"):
        page.say("/protokoll")
        page.see("Fassung")


def change_more(page: ChatPage) -> None:
    """The other commands, as far as each differs from the way of every change."""
    for name, text, words in (
        ("frist", "/frist EF-7 30.06.2027", "Welcher Satz"),
        ("zustaendig", "/zustaendig EF-7 Amt für Soziales", "In welcher Quelle"),
        ("fakt", "/fakt EF-7 Kosten: Der Abgleich kostet 5.000 Euro.", "In welcher Quelle"),
        ("alias", "/alias EF-7 Kriterienvergleich", "Vorschau"),
        ("verknuepfen", "/verknuepfen EF-8 hängt ab von EF-7", "Vorschau"),
        ("zurueckziehen", "/zurueckziehen EF-8", "Darunter gibt es weitere Einträge"),
    ):
        with picture(page, name):
            page.say(text)
            page.see(words)
        page.say("/abbrechen")
        page.see("Verworfen")


def exchange(page: ChatPage) -> None:
    """Files out and in."""
    with picture(page, "ausgeben"):
        page.say("/export EF-MP")
        page.see("ausgeben")
        page.tap("XLSX")
        page.see("xlsx")
    page.attach("plan.csv", PLAN, "/import EF-MP; DS 2170/24; 10/2025")
    page.see("Wie sicher")
    page.tap("öffentlich belegt")
    with picture(page, "spalten", earlier=1):
        page.see("Stimmt das so?")
    page.tap("Stimmt so")
    page.see("Was heißt „grün-gelb“?")
    with picture(page, "einlesen", earlier=1):
        page.tap("in Umsetzung")
        page.see("Vorschau")


def answer(page: ChatPage) -> None:
    """The inbox."""
    with picture(page, "fragen"):
        page.say("/fragen")
        page.see("Offene Fragen")
    with picture(page, "beantworten", earlier=1):
        page.tap("Wer streicht die Parkbank?")
        page.see("möchte Bescheid wissen")


def administrate(page: ChatPage) -> None:
    """Roles and announcements."""
    with picture(page, "einladen"):
        page.say("/einladen editor Amt 50")
        page.see("start=")
    with picture(page, "rolle"):
        page.say("/rolle")
        page.see("Wer den Bot pflegt")
    with picture(page, "rundruf"):
        page.say("/rundruf Am 3. März ist der Bot nicht erreichbar.")
        page.see("Mitteilung der Redaktion")


def report(page: ChatPage) -> None:
    """Reports, for all."""
    with picture(page, "ueberblick"):
        page.say("/ueberblick EF-MP")
        page.see("Stand")
    with picture(page, "bericht"):
        page.say("/bericht EF-MP")
        page.see("xlsx")


def take() -> None:
    """Take all pictures."""
    # The limits of the bot and of Telegram are for people's pace.
    pace = {"RATE_PER_MINUTE": "10000"}
    with TemporaryDirectory() as folder, demo(Path(folder), today=TODAY, **pace) as shown:
        limits = f"{shown.address}sim/limits"
        httpx.put(limits, json={"enabled": False}, trust_env=False).raise_for_status()
        pages = {user: shown.page(user, width=WIDTH, height=HEIGHT) for user in _USERS}
        for page in pages.values():
            page.begin()
        ask(pages[COUNCILLOR])
        subscribe(pages[STAFF])
        for task in (report, change, change_more, exchange, answer, administrate):
            task(pages[ADMIN])


_USERS = (COUNCILLOR, STAFF, ADMIN)

if __name__ == "__main__":
    take()
