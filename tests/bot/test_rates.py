"""How often something may happen."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import rates
from bot.rates import Buckets, Seldom, Verdict
from tests.support.clock import MOMENT, FakeClock

PASS, TELL, SILENCE = Verdict.PASS, Verdict.TELL, Verdict.SILENCE


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_a_minutes_worth_passes_at_once_and_then_it_is_said_once(clock: FakeClock) -> None:
    buckets = Buckets(3)
    assert [buckets.take("a", clock()) for _ in range(6)] == [PASS] * 3 + [TELL] + [SILENCE] * 2


def test_tokens_come_back_with_time_and_silence_stays_until_the_bucket_was_full(
    clock: FakeClock,
) -> None:
    buckets = Buckets(3)
    for _ in range(4):
        buckets.take("a", clock())
    clock.advance(seconds(20))
    assert [buckets.take("a", clock()) for _ in range(2)] == [PASS, SILENCE]
    clock.advance(seconds(60))
    assert [buckets.take("a", clock()) for _ in range(4)] == [PASS] * 3 + [TELL]


def test_a_token_that_is_put_back_can_be_taken_again(clock: FakeClock) -> None:
    buckets = Buckets(1)
    for _ in range(3):
        assert buckets.take("anna", clock()) is Verdict.PASS
        buckets.put_back("anna")
        buckets.put_back("ben")
    assert buckets.take("anna", clock()) is Verdict.PASS
    assert buckets.take("anna", clock()) is Verdict.TELL


def test_buckets_do_not_overflow(clock: FakeClock) -> None:
    buckets = Buckets(2)
    buckets.take("a", clock())
    clock.advance(timedelta(days=300))
    assert [buckets.take("a", clock()) for _ in range(3)] == [PASS, PASS, TELL]


def test_each_key_has_a_bucket(clock: FakeClock) -> None:
    buckets = Buckets(1)
    assert [buckets.take(key, clock()) for key in "aab"] == [PASS, TELL, PASS]


def test_moments_that_go_back_give_nothing(clock: FakeClock) -> None:
    buckets = Buckets(1)
    buckets.take("a", clock())
    assert buckets.take("a", clock() - timedelta(hours=1)) is TELL
    assert buckets.take("a", clock()) is SILENCE


@given(st.lists(st.integers(0, 30), max_size=80), st.integers(1, 20))
def test_never_more_passes_than_a_bucket_and_what_has_come_since(
    pauses: list[int], per_minute: int
) -> None:
    buckets, clock, passed = Buckets(per_minute), FakeClock(), 0
    for pause in pauses:
        clock.advance(seconds(pause))
        passed += buckets.take("a", clock()) is PASS
    minutes = sum(pauses) / 60
    assert passed <= per_minute + minutes * per_minute + 1e-6


def test_only_so_many_keys_are_remembered(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "MOST_KEYS", 2)
    buckets, seldom = Buckets(1), Seldom(seconds(60))
    for key in ("a", "b", "a", "c"):
        buckets.take(key, clock())
        seldom.allows(key, clock())
    # "b" was quiet for longest where use counts, "a" where only what happened does.
    assert [buckets.take(key, clock()) for key in ("a", "c", "b")] == [SILENCE, TELL, PASS]
    assert [seldom.allows(key, clock()) for key in ("b", "c", "a")] == [False, False, True]


def test_what_is_seldom_happens_again_after_its_time(clock: FakeClock) -> None:
    seldom = Seldom(timedelta(hours=1))
    assert [seldom.allows("a", clock()) for _ in range(3)] == [True, False, False]
    assert seldom.allows("b", clock())
    clock.advance(timedelta(minutes=59))
    assert not seldom.allows("a", clock())
    clock.advance(timedelta(minutes=1))
    assert seldom.allows("a", clock())


def test_a_clock_that_was_set_back_forbids_nothing() -> None:
    seldom = Seldom(timedelta(hours=1))
    seldom.allows("a", MOMENT)
    assert seldom.allows("a", MOMENT - timedelta(days=1))
