"""What an editor sees of a draft: questions, and the preview of an entry that is new."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pytest

from handlers.messages import plain, render, split
from knowledge.differences import compare
from knowledge.entries import Entry, Kind
from knowledge.revisions import Origin, Revision
from tests.support.builders import a_fact, an_entry
from tests.support.chat import READER, Chat
from tests.support.clock import MOMENT

BERLIN = ZoneInfo("Europe/Berlin")
STARTED = a_fact("Es geht los.", id="F-1", aspect="status", phase="in_progress")
DATED = a_fact("Die Gremienrunde ist im Sommer.", id="F-2", aspect="due", due="2026-12-15")


def preview(entry: Entry) -> str:
    return plain(
        render(
            "preview",
            unfit=None,
            differences=compare(None, entry),
            entries={entry.key: entry},
            overruled=(),
            namesakes=(),
            missing={},
            told=0,
            askers=0,
            still_told=(),
            beside=(),
            gone=(),
            uncounted=(),
            concerns=False,
        )
    )


def test_a_new_entry_is_shown_with_all_that_will_count() -> None:
    entry = an_entry(
        "EF-9",
        title="Gremienrunde",
        number="12/25",
        aliases=["Runde", "Ausschuss & Co"],
        facts=[STARTED, DATED],
    )
    assert (
        "Neu: Maßnahme „Gremienrunde“\n"
        "Nummer: 12/25\nStand: in Umsetzung\nTermin: 15.12.2026\n"
        "Weitere Namen: Runde, Ausschuss & Co\n"
    ) in preview(entry)


def test_what_a_new_entry_does_not_have_is_not_mentioned() -> None:
    assert "Neu: Maßnahme „Runde“\n\nDavon erfährt niemand: Kein Abo umfasst das." in preview(
        an_entry("EF-9", title="Runde")
    )


def undo_of(entries: Mapping[str, Entry]) -> str:
    """The preview of an undo that brings entries back."""
    shown = render(
        "undo",
        revision=Revision(7, MOMENT, "Amt 50", Origin.EDITED, "Import"),
        number=7,
        differences=[d for entry in entries.values() for d in compare(None, entry)],
        entries=entries,
        stays=[],
        untouched=[],
        zone=BERLIN,
    )
    return plain(shown)


def test_of_very_many_entries_some_are_shown_and_others_named() -> None:
    text = "Wort " * 60
    entries = {
        f"EF-{n}": an_entry(f"EF-{n}", title=f"Kurs {n}", facts=[a_fact(text, id=f"F-{n}")])
        for n in range(10, 310)
    }
    shown = undo_of(entries)
    assert shown.count("Neu: Maßnahme") in range(10, 20)
    left = 300 - shown.count("Neu: Maßnahme")
    assert f"Nicht einzeln gezeigt: {left} weitere Einträge – Kurs " in shown
    assert shown.rstrip().endswith(" …")
    assert len(split(shown)) <= 3


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        (Kind.DOCUMENT, "Welche Nummer hat das Papier?"),
        (Kind.MEASURE, "Welche Nummer gehört dazu"),
    ],
)
def test_a_number_is_asked_for_in_words_that_suit_the_entry(kind: Kind, asked: str) -> None:
    shown = render(
        "question",
        name="number",
        do="set_number",
        given={},
        entry=an_entry(kind=kind),
        unfit=None,
        suggestion=None,
    )
    assert asked in plain(shown)


def test_a_single_entry_that_is_not_shown_is_named() -> None:
    facts = [a_fact("Wort " * 200, id=f"F-{n}") for n in range(3)]
    entries = {f"EF-{n}": an_entry(f"EF-{n}", title=f"Kurs {n}", facts=facts) for n in (1, 2)}
    assert "Nicht einzeln gezeigt: 1 weiterer Eintrag – Kurs 2" in undo_of(entries)


NO_NEWS = (
    "Als Neuigkeit meldet das kein Abo. Ändern sich dadurch Termine, an die erinnert wird, oder "
    "abonnierte Antworten, erfährt davon, wer sie abonniert hat."
)


async def test_where_nothing_is_subscribed_nobody_is_told(chat: Chat) -> None:
    shown = await chat.say("/alias EF-7 Sternschnuppe")
    assert "Davon erfährt niemand: Kein Abo umfasst das." in shown.text


@pytest.mark.parametrize("subscribed", ["EF-7", "EF-PLAN"])
async def test_what_is_no_news_is_not_said_to_reach_nobody_where_a_subscription_covers_it(
    chat: Chat, subscribed: str
) -> None:
    await chat.say(f"/abo {subscribed}", user=READER)
    shown = await chat.press(await chat.say("/bearbeiten EF-7"), "Rhythmus")
    shown = await chat.say("alle 6 Monate seit 1/2026")
    assert NO_NEWS in shown.text
    assert "niemand" not in shown.text


async def test_of_answers_that_are_subscribed_any_may_change(chat: Chat) -> None:
    answer = await chat.say("Wie weit ist der ECCAR-Abgleich?", user=READER)
    await chat.press(answer, "Bei Änderung melden", user=READER)
    assert NO_NEWS in (await chat.say("/alias EF-8 Plauderstube")).text


async def test_a_new_milestone_is_previewed_with_its_date_whatever_the_sentence_says(
    chat: Chat,
) -> None:
    await chat.say("/meilenstein neu EF-7 Gremienrunde")
    await chat.say("15.12.2026")
    await chat.say("Die Gremienrunde ist im Sommer.")
    shown = await chat.say("DS 99/25")
    for label in ("Heute", "amtlich"):
        shown = await chat.press(shown, label)
    assert "Termin: 15.12.2026\n" in shown.text
