"""When the next push may be sent: in no second and no minute too many, whatever the delays."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.pacing import MINUTE, MOST_PER_MINUTE_IN_GROUP, Pacing

RATE = 28.0
PRIVATE, GROUP = 7, -1_002_000_000_000_123
START = 1_000_000.0
"""A clock that only goes forward begins anywhere."""


def send(pacing: Pacing, chat_id: int, now: float, *, answered: float | None = None) -> None:
    pacing.begin(chat_id, now)
    pacing.end(chat_id, now if answered is None else answered)


def most_within(moments: list[float], window: float) -> int:
    """The highest number of moments in any window that is open at its end."""
    ordered = sorted(moments)
    return max(
        sum(1 for other in ordered if moment <= other < moment + window - 1e-9)
        for moment in ordered
    )


def test_the_first_push_need_not_wait() -> None:
    pacing = Pacing(RATE)
    assert pacing.wait(START) == 0
    assert pacing.wait_for_chat(PRIVATE, START) == 0


def test_pushes_are_spread_evenly() -> None:
    pacing, now, gaps = Pacing(RATE), START, []
    for chat in range(100):
        gaps.append(pacing.wait(now))
        now += gaps[-1]
        send(pacing, chat, now)
    assert gaps == pytest.approx([0, *[1 / RATE] * 99])


def test_what_a_moment_of_other_work_cost_is_made_up_for_within_the_seconds_limit() -> None:
    pacing, now, moments = Pacing(RATE), START, []
    for chat in range(280):
        now += pacing.wait(now) + (0.3 if chat % 50 == 25 else 0)
        moments.append(now)
        send(pacing, chat, now)
    assert 280 / (now - START) > 0.97 * RATE
    assert most_within(moments, 1) <= RATE + 1


def test_a_private_chat_gets_one_a_second() -> None:
    pacing = Pacing(RATE)
    send(pacing, PRIVATE, START)
    assert pacing.wait_for_chat(PRIVATE, START) == 1
    assert pacing.wait_for_chat(PRIVATE, START + 0.25) == 0.75
    assert pacing.wait_for_chat(PRIVATE, START + 1) == 0
    assert pacing.wait_for_chat(PRIVATE + 1, START) == 0


def test_a_second_begins_with_the_answer() -> None:
    pacing = Pacing(RATE)
    pacing.begin(PRIVATE, START)
    assert pacing.wait_for_chat(PRIVATE, START + 5) > 0
    pacing.end(PRIVATE, START + 5)
    assert pacing.wait_for_chat(PRIVATE, START + 5.5) == 0.5


def test_a_group_gets_twenty_a_minute_and_a_private_chat_sixty() -> None:
    pacing = Pacing(RATE)
    for number in range(MOST_PER_MINUTE_IN_GROUP):
        for chat in (GROUP, PRIVATE):
            assert pacing.wait_for_chat(chat, START + number) == 0
            send(pacing, chat, START + number)
    now = START + MOST_PER_MINUTE_IN_GROUP
    assert pacing.wait_for_chat(PRIVATE, now) == 0
    assert pacing.wait_for_chat(GROUP, now) == START + MINUTE - now
    assert pacing.wait_for_chat(GROUP, START + MINUTE) == 0
    send(pacing, GROUP, START + MINUTE)
    assert pacing.wait_for_chat(GROUP, START + MINUTE + 0.5) == 0.5


def test_pushes_make_room_for_replies() -> None:
    pacing = Pacing(RATE)
    for person in range(20):
        send(pacing, person, START)
    assert pacing.wait(START) == pytest.approx(20 / RATE)
    assert pacing.wait_for_chat(3, START) == 1


def test_pushes_wait_while_more_replies_are_under_way_than_a_second_takes() -> None:
    pacing = Pacing(RATE)
    for person in range(40):
        pacing.begin(person, START)
    assert pacing.wait(START + 10) > 0
    for person in range(40):
        pacing.end(person, START + 10)
    assert pacing.wait(START + 10.5) == 0.5
    assert pacing.wait(START + 11) == 0


def test_a_pause_holds_up_every_push_and_is_never_shortened() -> None:
    pacing = Pacing(RATE)
    pacing.pause(START + 30)
    pacing.pause(START + 5)
    assert pacing.wait(START) == 30
    assert pacing.wait(START + 30) == 0


def test_what_was_missed_while_waiting_is_not_sent_at_once() -> None:
    pacing = Pacing(RATE)
    send(pacing, PRIVATE, START)
    now = START + 3_600
    at_once = 0
    while pacing.wait(now) == 0:
        send(pacing, at_once, now)
        at_once += 1
    assert at_once == 1


def test_nothing_is_kept_of_chats_that_had_nothing_for_a_minute() -> None:
    pacing = Pacing(RATE)
    for chat in range(1_000):
        send(pacing, chat, START + chat * 0.04)
        pacing.wait_for_chat(chat, START + chat * 0.04)
    pacing.wait(START + 40 + MINUTE)
    assert (len(pacing._last_minute), len(pacing._by_chat), len(pacing._under_way)) == (0, 0, 0)


@settings(deadline=None)
@given(
    rate=st.floats(0.5, 29),
    delays=st.lists(st.tuples(st.floats(0, 2), st.floats(0, 1)), min_size=60, max_size=120),
    replies=st.integers(0, 2**32),
)
def test_in_no_second_do_more_pushes_arrive_than_one_above_the_rate_whatever_the_delays(
    rate: float, delays: list[tuple[float, float]], replies: int
) -> None:
    pacing, now, dice = Pacing(rate), START, random.Random(replies)
    arrivals: list[float] = []
    by_chat: dict[int, list[float]] = defaultdict(list)
    for delay, share in delays:
        chat = dice.choice([1, 2, 3, -1, -2])
        while (wait := max(pacing.wait(now), pacing.wait_for_chat(chat, now))) > 0:
            now += wait
        pacing.begin(chat, now)
        # It arrives at some moment between its beginning and its answer.
        moment = now + delay * share
        arrivals.append(moment)
        by_chat[chat].append(moment)
        now += delay
        pacing.end(chat, now)
    assert most_within(arrivals, 1) <= rate + 1
    for chat, moments in by_chat.items():
        assert most_within(moments, 1) == 1
        if chat < 0:
            assert most_within(moments, MINUTE) <= MOST_PER_MINUTE_IN_GROUP


def test_a_broadcast_keeps_its_rate_although_every_push_takes_a_while() -> None:
    pacing, now = Pacing(RATE), START
    for chat in range(1, 1_001):
        now += pacing.wait(now)
        pacing.begin(chat, now)
        now += 0.025
        pacing.end(chat, now)
    assert 1_000 / (now - START) > 0.98 * RATE
