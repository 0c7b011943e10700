"""Subscribing, listing, changing and ending, as people in a chat do it."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from telegram.error import TelegramError, TimedOut

from handlers import subscribing
from handlers.messages import send
from handlers.services import Services
from knowledge.notification.interests import (
    ALL_INTERESTS,
    ChatSettings,
    Interest,
    Pace,
    Scope,
    Subscription,
    Target,
    answer_to,
)
from knowledge.notification.subscriptions import Subscriptions
from knowledge.storage.database import Database
from knowledge.storage.store import Store
from knowledge.storage.tables import planner
from tests.support.builders import a_fact, an_entry
from tests.support.chat import READER, Chat
from tests.support.clock import FakeClock
from tests.support.reachability import deactivated


async def subscribed(services: Services, chat_id: int = READER) -> list[Subscription]:
    return await services.subscriptions.of_chat(chat_id)


async def targets(services: Services) -> list[tuple[Scope, str | None]]:
    return [(s.target.scope, s.target.entry) for s in await subscribed(services)]


@pytest.mark.parametrize(
    ("words", "scope", "entry"),
    [
        ("EF-7", Scope.ENTRY, "EF-7"),
        ("kriterienvergleich", Scope.ENTRY, "EF-7"),
        ("ef7", Scope.ENTRY, "EF-7"),
        ("integrationskonzept", Scope.BELOW, "EF-PLAN"),
    ],
)
async def test_an_entry_is_subscribed_by_command_with_what_is_below_it(
    chat: Chat, services: Services, words: str, scope: Scope, entry: str
) -> None:
    shown = await chat.say(f"/abo {words}", user=READER)
    assert shown.text.startswith("Abonniert: ")
    assert "nicht von 18 bis 8 Uhr, nur an Arbeitstagen" in shown.text
    assert await targets(services) == [(scope, entry)]


async def test_what_another_process_published_and_planned_is_known_to_who_subscribes(
    chat: Chat, services: Services, small_database: Database, clock: FakeClock
) -> None:
    other = Store(small_database)
    newer = an_entry("EF-9", title="Lesefest", parent="EF-PLAN")
    number = await other.publish([newer], author="Eva", reason="neu", now=clock())
    async with small_database.writing() as connection:
        await connection.execute(insert(planner).values(id=1, revision=number))
    shown = await chat.say("/abo EF-8", user=READER)
    assert shown.text.startswith("Abonniert: ")
    assert [one.revision for one in await subscribed(services)] == [number]


async def test_without_words_the_body_its_plans_and_everything_are_offered(
    chat: Chat, services: Services
) -> None:
    shown = await chat.say("/abo", user=READER)
    assert list(shown.buttons) == ["Stadt Erfurt", "Integrationskonzept", "Alles, was ich weiß"]
    await chat.press(shown, "Alles", user=READER)
    assert await targets(services) == [(Scope.EVERYTHING, None)]


@pytest.mark.parametrize(
    ("typed", "command"),
    [
        ("abo sprachcafé", "/abo sprachcafé"),
        ("Abonnieren Sprachcafé", "/abo Sprachcafé"),
        ("Ich möchte das Sprachcafé abonnieren.", "/abo Sprachcafé"),
        ("Sprachcafé abonieren", "/abo Sprachcafé"),
        ("Abo:Sprachcafé", "/abo Sprachcafé"),
        ("Sag mir Bescheid, wenn sich beim Sprachcafé etwas ändert", "/abo Sprachcafé"),
        ("Erinnere mich 14 Tage vorher an EF-8", "/abo EF-8"),
    ],
)
async def test_who_subscribes_in_words_taps_or_writes_the_command(
    chat: Chat, services: Services, typed: str, command: str
) -> None:
    shown = await chat.say(typed, user=READER)
    assert shown.text.endswith(f"schreiben Sie: {command}")
    await chat.press(shown, "Sprachcafé", user=READER)
    assert await targets(services) == [(Scope.ENTRY, "EF-8")]
    await chat.say(command, user=READER)
    assert await targets(services) == [(Scope.ENTRY, "EF-8")]


@pytest.mark.parametrize(
    "typed",
    [
        "Abonniere alles",
        "Ich will alles abonnieren",
        "Informiere mich bitte über alles, was passiert!",
    ],
)
async def test_who_wants_everything_in_words_taps_or_writes_the_command(
    chat: Chat, services: Services, typed: str
) -> None:
    shown = await chat.say(typed, user=READER)
    assert shown.text.endswith("schreiben Sie: /abo alles")
    assert list(shown.buttons) == ["Alles, was ich weiß"]
    await chat.press(shown, "Alles", user=READER)
    assert await targets(services) == [(Scope.EVERYTHING, None)]


async def test_who_does_not_say_what_to_subscribe_is_shown_the_command(chat: Chat) -> None:
    shown = await chat.say("Abo", user=READER)
    assert shown.text.endswith("Schreiben Sie bitte: /abo Integrationskonzept")
    assert list(shown.buttons) == []


async def test_who_wants_to_end_by_the_command_for_beginning_sees_the_list(
    chat: Chat, services: Services
) -> None:
    await chat.say("/abo EF-8", user=READER)
    shown = await chat.say("/abo EF-8 beenden", user=READER)
    assert "1 beenden" in shown.buttons
    assert await targets(services) == [(Scope.ENTRY, "EF-8")]
    assert (await chat.say("/stop", user=READER)).text == shown.text


@pytest.mark.parametrize(
    ("title", "named"),
    [
        ("Andere Städte", "andere Städte"),
        ("Nicht begonnene Maßnahmen", "nicht begonnene Maßnahmen"),
        ("Hate Crimes and Conflicts Management", "Hate Crimes and Conflicts Management"),
        ("Kündigung von Räumen", "Kündigung"),
        ("Verträge kündigen", "Verträge kündigen"),
    ],
)
async def test_what_is_called_like_an_ending_is_subscribed(
    chat: Chat, services: Services, title: str, named: str
) -> None:
    other = an_entry("EF-9", title=title, parent="EF-PLAN")
    await services.store.publish([other], author="Eva", reason="neu", now=services.clock())
    await chat.say(f"/abo {named}", user=READER)
    assert await targets(services) == [(Scope.ENTRY, "EF-9")]


async def test_who_subscribes_after_the_bot_was_blocked_is_told_again(
    chat: Chat, services: Services, small_database: Database, clock: FakeClock
) -> None:
    for text in ("/abo EF-8", "/abos"):
        await services.chats.deactivate(READER, "blocked", now=clock())
        await chat.say(text, user=READER)
        assert await deactivated(small_database) == frozenset()


async def test_who_has_too_many_subscriptions_after_the_bot_was_blocked_is_told_again(
    chat: Chat,
    services: Services,
    small_database: Database,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await chat.say("/abo EF-8", user=READER)
    monkeypatch.setattr("knowledge.notification.subscriptions.MOST", 1)
    await services.chats.deactivate(READER, "blocked", now=clock())
    shown = await chat.say("/abo EF-7", user=READER)
    assert list(shown.buttons) == ["Alle Abos"]
    assert await targets(services) == [(Scope.ENTRY, "EF-8")]
    assert await deactivated(small_database) == frozenset()


@pytest.mark.parametrize(
    ("dates", "told"),
    [
        (["2030-05-04"], "04.05.2030: Lesefest (EF-10)"),
        (["2030", "2030-05-04"], "04.05.2030: Lesefest (EF-11)"),
        (["2030-05", "2030-05-31"], "Mai 2030: Lesefest (EF-10)"),
    ],
)
async def test_the_next_date_is_told_to_who_subscribes(
    chat: Chat, services: Services, dates: list[str], told: str
) -> None:
    milestones = [
        an_entry(
            f"EF-{number}",
            title="Lesefest",
            parent="EF-8",
            kind="milestone",
            facts=[a_fact("Es ist im Mai.", id=f"F-{number}", aspect="due", due=due)],
        )
        for number, due in enumerate(dates, 10)
    ]
    await services.store.publish(milestones, author="Eva", reason="neu", now=services.clock())
    shown = await chat.say("/abo EF-8", user=READER)
    assert shown.text.endswith(f"Nächster Termin: {told}.")


@pytest.mark.parametrize("typed", ["abbestellen", "Stop", "Keine Nachrichten mehr!", "abmelden"])
async def test_who_wants_nothing_more_in_words_is_shown_the_commands(
    chat: Chat, typed: str
) -> None:
    shown = await chat.say(typed, user=READER)
    assert "/abos" in shown.text
    assert "/pause" in shown.text


@pytest.mark.parametrize("words", ["alles", "Alles!", "alle", "alles was ich weiß"])
async def test_everything_is_subscribed_by_command_too(
    chat: Chat, services: Services, words: str
) -> None:
    shown = await chat.say(f"/abo {words}", user=READER)
    assert shown.text.startswith("Abonniert: Alles.")
    assert await targets(services) == [(Scope.EVERYTHING, None)]


async def test_where_words_fit_several_entries_one_is_chosen_by_button(
    chat: Chat, services: Services
) -> None:
    shown = await chat.say("/abo ECCAR-Abgleich Sprachcafé", user=READER)
    assert shown.text.startswith("„ECCAR-Abgleich Sprachcafé“ ist nicht eindeutig.")
    assert await subscribed(services) == []
    await chat.press(shown, "Sprachcafé", user=READER)
    assert await targets(services) == [(Scope.ENTRY, "EF-8")]


async def test_what_is_not_there_cannot_be_subscribed(chat: Chat, services: Services) -> None:
    shown = await chat.say("/abo Schwimmbadsanierung", user=READER)
    assert shown.text.startswith("Zu „Schwimmbadsanierung“ finde ich keinen Eintrag.")
    assert await subscribed(services) == []


async def test_the_same_twice_is_one_subscription(
    chat: Chat, services: Services, clock: FakeClock
) -> None:
    await chat.say("/abo EF-7", user=READER)
    clock.advance(timedelta(minutes=1))
    shown = await chat.say("/abo EF-7", user=READER)
    assert shown.text.startswith("Das haben Sie schon abonniert: ECCAR-Abgleich (EF-7).")
    assert len(await subscribed(services)) == 1


async def test_below_an_answer_its_entry_is_subscribed_with_one_tap(
    chat: Chat, services: Services
) -> None:
    answer = await chat.say("Wie weit ist der ECCAR-Abgleich?", user=READER)
    await chat.press(answer, "Abonnieren", user=READER)
    assert await targets(services) == [(Scope.ENTRY, "EF-7")]


@pytest.mark.parametrize("label", ["Abonnieren", "Bei Änderung melden"])
async def test_a_second_tap_on_the_same_sends_no_second_message(
    chat: Chat, services: Services, clock: FakeClock, label: str
) -> None:
    answer = await chat.say("Wie weit ist der ECCAR-Abgleich?", user=READER)
    data = answer.buttons[label]
    assert len(await chat.tap(data, user=READER, below=answer)) == 1
    for _ in range(3):
        clock.advance(timedelta(milliseconds=200))
        assert await chat.tap(data, user=READER, below=answer) == []
        assert (chat.toast or "").startswith("Das haben Sie schon abonniert: ")
    assert len(await subscribed(services)) == 1


async def test_a_tap_whose_reply_was_lost_gets_it_when_it_is_taken_up_again(
    chat: Chat, services: Services, clock: FakeClock
) -> None:
    answer = await chat.say("Wie weit ist der ECCAR-Abgleich?", user=READER)

    def ticking() -> datetime:
        clock.advance(timedelta(seconds=1))
        return clock()

    later = Chat.over(replace(services, clock=ticking))
    later.telegram.failing = 1
    async with later.application:
        shown = await later.press(answer, "Abonnieren", user=READER)
    assert shown.text.startswith("Abonniert: ECCAR-Abgleich (EF-7).")
    assert len(await subscribed(services)) == 1


async def test_an_answer_itself_is_subscribed_by_the_question_it_replies_to(
    chat: Chat, services: Services
) -> None:
    answer = await chat.say("Wie weit ist der ECCAR-Abgleich?", user=READER)
    shown = await chat.press(answer, "Bei Änderung melden", user=READER)
    assert "„wie weit ist der eccar-abgleich?“" in shown.text
    (one,) = await subscribed(services)
    assert one.target.scope is Scope.ANSWER
    assert list(one.answer or {}) == ["EF-7-STATUS"]


@pytest.mark.parametrize("kept", [False, True])
async def test_an_answer_to_an_example_is_subscribed_by_the_example(
    chat: Chat, logged: Chat, services: Services, *, kept: bool
) -> None:
    talking = logged if kept else chat
    greeting = await talking.say("/start", user=READER)
    answer = await talking.press(greeting, "Wer ist für das Integrations", user=READER)
    await talking.services.question_log.forget_old(services.clock() + timedelta(days=3))
    shown = await talking.press(answer, "Bei Änderung melden", user=READER)
    assert shown.text.startswith(
        "Abonniert: Antwort auf „wer ist für das integrationskonzept zuständig?“."
    )


async def test_the_greeting_is_no_question_that_can_be_subscribed(
    chat: Chat, services: Services
) -> None:
    greeting = await chat.say("/start", user=READER)
    answer = await chat.press(greeting, "Wer ist für das Integrations", user=READER)
    await chat.tap("1:sw:EF-PLAN:", user=READER, below=replace(answer, reply_to=greeting.number))
    assert chat.toast == "Dieser Knopf ist veraltet. Bitte stellen Sie die Frage noch einmal."
    assert await subscribed(services) == []


async def test_an_answer_to_a_completed_question_is_subscribed_by_the_whole_one(
    logged: Chat, services: Services
) -> None:
    await logged.say("Wie weit ist EF-8?", user=READER)
    answer = await logged.say("und der ECCAR-Abgleich?", user=READER)
    assert answer.text.startswith("Gelesen als: Wie weit ist ECCAR-Abgleich?")
    shown = await logged.press(answer, "Bei Änderung melden", user=READER)
    assert "„wie weit ist eccar-abgleich?“" in shown.text
    (one,) = await subscribed(services)
    assert list(one.answer or {}) == ["EF-7-STATUS"]


async def test_a_completed_question_that_the_log_has_no_more_is_not_subscribed(
    logged: Chat, services: Services
) -> None:
    await logged.say("Wie weit ist EF-8?", user=READER)
    answer = await logged.say("und der ECCAR-Abgleich?", user=READER)
    await logged.services.question_log.forget_old(services.clock() + timedelta(days=3))
    await logged.press(answer, "Bei Änderung melden", user=READER)
    assert await subscribed(services) == []


async def test_buttons_below_an_answer_of_several_messages_find_what_was_asked(
    chat: Chat, services: Services, clock: FakeClock
) -> None:
    facts = tuple(a_fact(f"Sie begleiten {n} Paare. " * 60, id=f"EF-9-{n}") for n in range(4))
    long = an_entry("EF-9", title="Sprachlotsen", parent="EF-PLAN", facts=facts)
    await services.store.publish([long], author="Amt", reason="neu", now=clock())
    first, last = await chat.tell("Was kosten die Sprachlotsen?", user=READER)
    assert first.reply_to == last.reply_to
    shown = await chat.press(last, "Bei Änderung melden", user=READER)
    assert shown.text.startswith("Abonniert: Antwort auf „was kosten die sprachlotsen?“.")
    shown = await chat.press(last, "An die Redaktion geben", user=READER)
    assert shown.text.startswith("Ich habe Ihre Frage an die Redaktion gegeben.")


@pytest.mark.parametrize("times_out", [False, True])
async def test_a_subscription_that_may_have_been_confirmed_stays(
    chat: Chat, services: Services, monkeypatch: pytest.MonkeyPatch, *, times_out: bool
) -> None:
    answer = await chat.say("Wie weit ist der ECCAR-Abgleich?", user=READER)
    no_json = TelegramError("Invalid server response")  # is not taken up again
    errors = [no_json, TimedOut()] if times_out else [no_json]

    async def arrive_all_the_same(*args: Any) -> None:
        await send(*args)
        raise errors.pop()

    monkeypatch.setattr(subscribing, "send", arrive_all_the_same)
    with pytest.raises(TelegramError, match="Invalid server response"):
        await chat.press(answer, "Abonnieren", user=READER)
    assert len(await subscribed(services)) == 1


@pytest.mark.parametrize(
    ("tapped", "named", "facts"),
    [
        ("1:a:EF-7:status", "„Stand: ECCAR-Abgleich“", ["EF-7-STATUS"]),
        ("1:a:EF-7:", "„ECCAR-Abgleich“", ["EF-7-STATUS"]),
        ("1:d:EF-7:", "„Begründung: ECCAR-Abgleich“", ["EF-7-STATUS"]),
    ],
)
async def test_an_answer_that_a_button_gave_is_subscribed_as_it_stands(
    chat: Chat, services: Services, tapped: str, named: str, facts: list[str]
) -> None:
    (answer,) = await chat.tap(tapped, user=READER)
    shown = await chat.press(answer, "Bei Änderung melden", user=READER)
    assert shown.text.startswith(f"Abonniert: Antwort auf {named}.")
    (one,) = await subscribed(services)
    assert one.target.scope is Scope.ANSWER
    told = answer_to(one.target, services.snapshot, services.today)
    assert list(one.answer or {}) == [fact.id for fact in told.facts] == facts
    assert f"Antwort auf {named}" in (await chat.say("/abos", user=READER)).text


async def test_an_answer_of_a_button_whose_entry_is_gone_is_not_subscribed(
    chat: Chat, services: Services
) -> None:
    await chat.tap("1:sw:NIE-1:status", user=READER)
    assert chat.toast == "Dieser Knopf ist veraltet. Bitte stellen Sie die Frage noch einmal."
    assert await subscribed(services) == []


async def test_a_forged_watch_is_refused(chat: Chat, services: Services) -> None:
    await chat.tap(f"1:sw:EF-7:{'9' * 40}", user=READER)
    assert chat.toast == "Dieser Knopf ist veraltet. Bitte stellen Sie die Frage noch einmal."
    assert await subscribed(services) == []


async def test_an_entry_that_is_gone_is_not_subscribed(chat: Chat, services: Services) -> None:
    (shown,) = await chat.tap("1:su:NIE-1:", user=READER)
    assert shown.text.startswith("Diesen Eintrag gibt es nicht mehr.")
    assert await subscribed(services) == []


async def test_subscriptions_are_listed_and_ended_with_a_tap_each(
    chat: Chat, services: Services
) -> None:
    for words in ("EF-7", "EF-8"):
        await chat.say(f"/abo {words}", user=READER)
    listed = await chat.say("/abos", user=READER)
    assert "1. ECCAR-Abgleich (EF-7)" in listed.text
    assert "2. Sprachcafé (EF-8)" in listed.text
    listed = await chat.press(listed, "1 beenden", user=READER)
    assert chat.toast == "Beendet: ECCAR-Abgleich (EF-7)."
    assert await targets(services) == [(Scope.ENTRY, "EF-8")]
    await chat.press(listed, "1 beenden", user=READER)
    assert (await chat.say("/abos", user=READER)).text.startswith("Sie haben nichts abonniert.")


async def test_many_subscriptions_are_shown_in_pages(chat: Chat, services: Services) -> None:
    for words in ("EF-7", "EF-8", "EF-PLAN", "ERFURT"):
        await chat.say(f"/abo {words}", user=READER)
    for words in ("EF-7", "EF-8", "EF-PLAN"):
        answer = await chat.say(f"Wie weit ist {words}?", user=READER)
        await chat.press(answer, "Bei Änderung", user=READER)
    listed = await chat.say("/abos", user=READER)
    assert "6. " in listed.text
    assert "7. " not in listed.text
    listed = await chat.press(listed, "Weitere", user=READER)
    assert "7. " in listed.text
    assert "1. " not in (await chat.press(listed, "7 beenden", user=READER)).text.split("7")[0][:2]


async def test_interests_are_switched_and_one_has_to_stay(chat: Chat, services: Services) -> None:
    await chat.say("/abo EF-7", user=READER)
    listed = await chat.say("/abos", user=READER)
    one = await chat.press(listed, "1 ändern", user=READER)
    for label in ("✓ Neuer Stand", "✓ Neue Angaben", "✓ Verschobene"):
        one = await chat.press(one, label, user=READER)
    assert [s.interests for s in await subscribed(services)] == [{Interest.COMING}]
    await chat.press(one, "✓ Kommende", user=READER)
    assert chat.toast == "Etwas muss ich melden dürfen. Sonst beenden Sie bitte das Abo."
    await chat.press(one, "Neuer Stand", user=READER)
    assert [s.interests for s in await subscribed(services)] == [
        {Interest.COMING, Interest.STATUS}
    ]


async def test_all_subscriptions_end_after_a_second_tap(chat: Chat, services: Services) -> None:
    await chat.say("/abo EF-7", user=READER)
    listed = await chat.say("/abos", user=READER)
    asked = await chat.press(listed, "Alle beenden", user=READER)
    assert len(await subscribed(services)) == 1
    done = await chat.press(asked, "Ja, alle beenden", user=READER)
    assert done.text == "Alle Abos sind beendet (1)."
    assert await subscribed(services) == []


async def test_nobody_ends_or_changes_somebody_elses_subscription(
    chat: Chat, services: Services
) -> None:
    await chat.say("/abo EF-7", user=READER)
    (one,) = await subscribed(services)
    for data in (f"1:sc:{one.id}:end", f"1:sc:{one.id}:status", f"1:sc:{one.id}:"):
        await chat.tap(data, user=READER + 1)
        assert chat.toast == "Dieses Abo gibt es nicht mehr."
    assert await subscribed(services) == [one]


async def settings_after(chat: Chat, services: Services, *labels: str) -> ChatSettings:
    listed = await chat.say("/abos", user=READER)
    shown = await chat.press(listed, "Wann und wie oft", user=READER)
    for label in labels:
        shown = await chat.press(shown, label, user=READER)
    return await services.subscriptions.settings(READER)


async def test_pace_hour_and_day_are_chosen_by_buttons(chat: Chat, services: Services) -> None:
    settings = await settings_after(chat, services, "Wöchentlich", "10 Uhr", "Mi")
    assert (settings.pace, settings.hour, settings.weekday) == (Pace.WEEKLY, 10, 2)


async def test_quiet_hours_and_free_days_are_chosen_by_buttons(
    chat: Chat, services: Services
) -> None:
    settings = await settings_after(chat, services, "Ruhe 22-6", "Auch an freien Tagen")
    assert (settings.quiet_from.hour, settings.quiet_until.hour) == (22, 6)
    assert not settings.working_days
    settings = await settings_after(chat, services, "Keine Ruhe", "An freien Tagen schweigen")
    assert settings.quiet_from == settings.quiet_until
    assert settings.working_days


async def test_a_pause_is_begun_and_ended(chat: Chat, services: Services) -> None:
    settings = await settings_after(chat, services, "2 Wochen")
    assert settings.paused_until is not None
    assert (settings.paused_until - services.today).days == 14
    assert (await settings_after(chat, services, "Pause beenden")).paused_until is None


async def test_a_pause_that_has_run_out_is_not_told(
    chat: Chat, services: Services, clock: FakeClock
) -> None:
    day = services.today + timedelta(days=14)
    await chat.say(f"/pause {day:%d.%m.%Y}", user=READER)
    await chat.say("/abo EF-7", user=READER)
    assert f"Pause bis {day:%d.%m.%Y}" in (await chat.say("/abos", user=READER)).text
    clock.advance(timedelta(days=14))
    assert "Pause bis" not in (await chat.say("/abos", user=READER)).text


@pytest.mark.parametrize(
    ("words", "until"),
    [("{soon}", True), ("aus", False), ("", None), ("gestern", None), ("01.01.2020", None)],
)
async def test_a_pause_until_a_day_is_set_by_command(
    chat: Chat, services: Services, words: str, until: bool | None
) -> None:
    day = date(services.today.year + 1, 1, 2)
    shown = await chat.say(f"/pause {words.format(soon=day.strftime('%d.%m.%Y'))}", user=READER)
    expected = {True: day, False: None, None: None}[until]
    assert (await services.subscriptions.settings(READER)).paused_until == expected
    assert ("Bis wann soll ich schweigen?" in shown.text) is (until is None)


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ("2 Wochen", 14),
        ("eine Woche", 7),
        ("für 10 Tage", 10),
        ("3 Monate", 92),
        ("bis 03.11.2025", 14),
        ("morgen", 1),
        ("bis morgen", 1),
        ("bis übermorgen", 2),
        ("bis Freitag", 4),
        ("bis nächsten Dienstag", 1),
        ("bis zum Sonnabend", 5),
        ("bis montag", 7),
    ],
)
async def test_a_pause_is_understood_as_a_duration_too(
    chat: Chat, services: Services, words: str, days: int
) -> None:
    await chat.say(f"/pause {words}", user=READER)
    ends = services.today + timedelta(days=days)
    assert (await services.subscriptions.settings(READER)).paused_until == ends


@pytest.mark.parametrize("by_button", [False, True])
async def test_a_pause_begins_on_the_day_that_it_is_where_the_chat_is(
    chat: Chat, services: Services, clock: FakeClock, *, by_button: bool
) -> None:
    await chat.say("/zeitzone Pacific/Auckland", user=READER)
    clock.advance(timedelta(hours=11))  # late on Monday in Berlin, Tuesday morning there
    if by_button:
        shown = await chat.press(await chat.say("/abos", user=READER), "Wann", user=READER)
        await chat.press(shown, "1 Woche", user=READER)
    else:
        await chat.say("/pause bis Dienstag", user=READER)
    listed = await chat.say("/abos", user=READER)
    assert "Pause bis 28.10.2025" in listed.text
    clock.moment = datetime(2025, 10, 27, 12, tzinfo=UTC)  # Tuesday there
    assert "Pause bis" not in (await chat.say("/abos", user=READER)).text


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("irgendwann", "„irgendwann“ verstehe ich nicht."),
        ("31.02.2026", "Den Tag gibt es nicht: „31.02.2026“."),
        ("August 2026", "„August 2026“ ist mir nicht genau genug."),
        ("15.08.2025", "„15.08.2025“ liegt nicht in der Zukunft."),
        ("20.10.2025", "„20.10.2025“ liegt nicht in der Zukunft."),
        ("heute", "„heute“ liegt nicht in der Zukunft."),
        ("22.10.2026", "„22.10.2026“ ist zu lang: höchstens zwölf Monate."),
        ("60 Wochen", "„60 Wochen“ ist zu lang: höchstens zwölf Monate."),
    ],
)
async def test_what_is_wrong_with_a_pause_is_said_and_how_it_is_right(
    chat: Chat, words: str, said: str
) -> None:
    shown = await chat.say(f"/pause {words}", user=READER)
    assert shown.text.startswith(said)
    assert "zum Beispiel /pause 03.11.2025 oder /pause 2 Wochen." in shown.text


async def test_while_a_pause_runs_that_is_said(
    chat: Chat, clock: FakeClock, services: Services
) -> None:
    await chat.say("/pause 2 Wochen", user=READER)
    runs = "Eine Pause läuft: Ich melde mich ab dem 03.11.2025 wieder."
    assert (await chat.say("/pause", user=READER)).text.startswith(runs)
    assert runs in (await chat.say("/pause irgendwann", user=READER)).text
    clock.advance(timedelta(weeks=2))
    assert runs not in (await chat.say("/pause", user=READER)).text


async def test_the_day_in_the_example_of_a_pause_is_still_to_come(chat: Chat) -> None:
    await chat.say("/abo EF-7", user=READER)
    shown = await chat.press(await chat.say("/abos", user=READER), "Wann", user=READER)
    assert "/pause 03.11.2025" in shown.text


async def test_a_time_zone_is_set_and_an_unknown_one_refused(
    chat: Chat, services: Services
) -> None:
    await chat.say("/zeitzone europe/lisbon", user=READER)
    assert (await services.subscriptions.settings(READER)).zone.key == "Europe/Lisbon"
    await chat.say("/zeitzone new york", user=READER)
    assert (await services.subscriptions.settings(READER)).zone.key == "America/New_York"
    await chat.say("/zeitzone Lisbon", user=READER)
    shown = await chat.say("/zeitzone ../../etc/passwd", user=READER)
    assert shown.text.startswith("Diese Zeitzone kenne ich nicht.")
    assert (await services.subscriptions.settings(READER)).zone.key == "Europe/Lisbon"
    shown = await chat.say("/zeitzone", user=READER)
    assert shown.text.startswith("Es gilt Europe/Lisbon.")


@pytest.mark.parametrize("name", ["Factory", "localtime"])
async def test_what_the_zone_database_has_beside_zones_is_none(
    chat: Chat, services: Services, name: str
) -> None:
    shown = await chat.say(f"/zeitzone {name}", user=READER)
    assert shown.text.startswith("Diese Zeitzone kenne ich nicht.")
    assert (await services.subscriptions.settings(READER)).zone.key == "Europe/Berlin"


@pytest.mark.parametrize(
    ("label", "other"),
    [("Auch an freien Tagen", "An freien Tagen schweigen"), ("Pause beenden", "1 Woche Pause")],
)
async def test_a_switch_that_is_tapped_again_shows_how_it_is(
    chat: Chat, services: Services, label: str, other: str
) -> None:
    await chat.say("/pause 2 Wochen", user=READER)
    listed = await chat.say("/abos", user=READER)
    shown = await chat.press(listed, "Wann und wie oft", user=READER)
    once = await chat.press(shown, label, user=READER)
    settings = await services.subscriptions.settings(READER)
    twice = await chat.press(shown, label, user=READER)
    assert chat.toast is None
    assert twice.text == once.text
    assert twice.buttons == once.buttons
    assert other in twice.buttons
    assert label not in twice.buttons
    assert await services.subscriptions.settings(READER) == settings


async def test_two_choices_at_the_same_moment_are_both_kept(
    services: Services, small_database: Database
) -> None:
    both = asyncio.Barrier(2)

    class Together(Subscriptions):
        """Two processes that have read a chat's choices before either changes any."""

        async def settings(self, chat_id: int) -> ChatSettings:
            found = await super().settings(chat_id)
            await both.wait()
            return found

        async def of_chat(self, chat_id: int) -> list[Subscription]:
            found = await super().of_chat(chat_id)
            await both.wait()
            return found

    target = Target(Scope.ENTRY, "EF-7")
    begun = await services.subscriptions.begin(
        READER, target, snapshot=services.snapshot, now=services.clock()
    )
    together = Together(small_database, zone=services.zone, subdivision="TH")
    first, second = (Chat.over(replace(services, subscriptions=together)) for _ in range(2))
    one = f"1:sc:{begun.id}"
    async with first.application, second.application:
        for data in (
            ("1:sn:pace:daily", "1:sn:quiet:22-6"),
            (f"{one}:status-off", f"{one}:facts-off"),
        ):
            taps = zip((first, second), data, strict=True)
            await asyncio.gather(*(talking.tap(tap, user=READER) for talking, tap in taps))
    settings = await services.subscriptions.settings(READER)
    assert (settings.pace, settings.quiet_from.hour) == (Pace.DAILY, 22)
    (left,) = await subscribed(services)
    assert left.interests == ALL_INTERESTS - {Interest.STATUS, Interest.FACTS}


@pytest.mark.parametrize("data", ["hour:99", "quiet:9-9", "pace:never", "nothing:1", "free:x"])
async def test_forged_settings_are_refused(chat: Chat, services: Services, data: str) -> None:
    before = await services.subscriptions.settings(READER)
    await chat.tap(f"1:sn:{data}", user=READER)
    assert chat.toast == "Dieser Knopf ist veraltet. Bitte stellen Sie die Frage noch einmal."
    assert await services.subscriptions.settings(READER) == before


async def test_a_pause_that_is_over_is_not_offered_to_be_ended(
    chat: Chat, clock: FakeClock
) -> None:
    await chat.say("/pause 1 Tag", user=READER)
    shown = await chat.press(await chat.say("/abos", user=READER), "Wann und", user=READER)
    assert "Pause beenden" in shown.buttons
    clock.advance(timedelta(days=1))
    shown = await chat.press(await chat.say("/abos", user=READER), "Wann und", user=READER)
    assert "Pause beenden" not in shown.buttons
