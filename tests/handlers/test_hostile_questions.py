"""Whatever is typed: the answer comes, soon, the same every time, and Telegram can take it."""

import os
import random
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from telegram.constants import MessageLimit

from handlers.messages import Reply, length, split
from handlers.replies import reply
from knowledge.answering.answers import answer
from knowledge.snapshot import Snapshot
from knowledge.yaml_files import load

ROOT = Path(__file__).parents[2]
TODAY = date(2025, 10, 20)
MOST = 50.0
"""Milliseconds of the processor that no question may take."""

LONGEST = 4096

SNAPSHOT = Snapshot(load(), revision=1)
AGAIN = Snapshot(reversed(list(SNAPSHOT.entries.values())), revision=1)
WORDS = sorted({word for e in SNAPSHOT.entries.values() for word in e.title.split()})
RANDOM = random.Random(1)

_NASTY = (
    "a" * LONGEST,
    "ue" * (LONGEST // 2),
    "integrationskonzept" * 215,
    "(a+)+$" * 600,
    "<b>&amp;</b>'; DROP TABLE entry_version; -- " * 90,
    "\u202eمرحبا بالعالم " * 200,
    "👩\u200d👩\u200d👧" * 800,
    "\u200b".join("Maßnahmenplan" * 100),
    "e\u0301\u0327" * 1300,
    "2170/24 " * 500,
    "1.1.2024 " * 450,
    "in den letzten 999 Jahren seit dem " * 110,
    "und wann und wer und wo " * 170,
    "26/27 " * 680,
    "DS 26/27 " * 450,
    "eccar " + "wer was wie wo " * 270,
    "\0\ud800\x1b[31m" * 500,
    "AGG-Beratungsstelle" * 200,
    "".join(RANDOM.choices("aeinrstu ", k=LONGEST)),
    " ".join(RANDOM.choices(WORDS, k=60)),
)

_texts = st.one_of(
    st.text(max_size=LONGEST),
    st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=12).map("".join),
    st.text(alphabet="aeinrstu ", max_size=LONGEST),
    st.text(alphabet="0123456789./-– ", max_size=400),
    st.text(alphabet="<>&\"'/;-%_()[]{}*+?\\\u202e\u200b\u0301", max_size=400),
    st.tuples(st.sampled_from(WORDS), st.integers(1, 400)).map(lambda item: item[0] * item[1]),
).map(lambda text: text[:LONGEST])


def reply_to(text: str, snapshot: Snapshot = SNAPSHOT) -> Reply:
    return reply(answer(text, snapshot, TODAY, home="ERFURT"), snapshot)


def milliseconds(text: str) -> float:
    """Of this thread's processor time, the best of three: a garbage collection is no fault."""
    times = []
    for _ in range(3):
        start = time.thread_time()
        SNAPSHOT.index.search(text)
        reply_to(text)
        times.append((time.thread_time() - start) * 1000)
        if times[-1] <= MOST:
            break
    return min(times)


@pytest.fixture(scope="module", autouse=True)
def _warm() -> None:
    """The dictionary and the indexes are read once per process."""
    reply_to("Wie weit ist der Maßnahmenplan? strengewort")


@given(_texts)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_text_takes_long_or_breaks_the_limits(text: str) -> None:
    assert milliseconds(text) <= MOST
    for piece in split(reply_to(text).markup):
        assert 0 < length(piece) <= MessageLimit.MAX_TEXT_LENGTH


@pytest.mark.parametrize("text", _NASTY, ids=range(len(_NASTY)))
def test_known_nasty_texts_take_no_longer(text: str) -> None:
    assert milliseconds(text[:LONGEST]) <= MOST


@given(_texts)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_equal_input_gives_equal_bytes(text: str) -> None:
    assert reply_to(text).markup == reply_to(text).markup == reply_to(text, AGAIN).markup


def test_another_process_with_another_hash_seed_says_the_same() -> None:
    code = (
        "import sys; from tests.handlers.test_hostile_questions import reply_to;"
        "sys.stdout.write('\\0'.join(map(lambda q: reply_to(q).markup, sys.argv[1:])))"
    )
    asked = ["Wie weit ist der Maßnahmenplan?", "masnahmen plan sand", "Was gibt es Neues?"]
    said = [
        subprocess.run(
            [sys.executable, "-c", code, *asked],
            check=True,
            capture_output=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]
    assert said[0].decode() == "\0".join(reply_to(q).markup for q in asked)
