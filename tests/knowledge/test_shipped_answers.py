"""How well the shipped knowledge base answers: a floor that must not be lost again."""

from datetime import date
from pathlib import Path

import pytest

from handlers.messages import plain
from handlers.replies import reply
from knowledge.answers import answer
from knowledge.confidence import Band
from knowledge.evaluation import Outcome, evaluate, read
from knowledge.snapshot import Snapshot
from knowledge.yaml_files import load

ROOT = Path(__file__).parents[2]
OWN = ROOT / "tests" / "data" / "questions.tsv"
PUBLIC = ROOT.parent / "shared" / "questions_dev.tsv"
TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    return Snapshot(load(), revision=1)


def outcomes(path: Path, snapshot: Snapshot) -> list[Outcome]:
    return evaluate(
        read(path),
        lambda text, topic: answer(text, snapshot, TODAY, topic=topic, home="ERFURT"),
        lambda found: plain(reply(found, snapshot).markup),
    )


def test_own_questions_are_answered_at_least_as_well_as_before(snapshot: Snapshot) -> None:
    found = outcomes(OWN, snapshot)
    wrong = [o for o in found if not o.right]
    assert len(found) == 377
    assert len(wrong) <= 24, [o.expectation.question for o in wrong]
    assert all(o.expectation.answerable for o in wrong)


def test_what_is_asked_by_an_unknown_name_is_never_answered_as_known(snapshot: Snapshot) -> None:
    for text in ("Was macht der Willkommenslotse?", "Stand Fahrradkurs Beispielhausen?"):
        assert answer(text, snapshot, TODAY, home="ERFURT").band is not Band.ANSWER


@pytest.mark.skipif(not PUBLIC.exists(), reason="the development questions are not here")
def test_the_development_questions_are_all_right(snapshot: Snapshot) -> None:
    wrong = [o.expectation.question for o in outcomes(PUBLIC, snapshot) if not o.right]
    assert wrong == []


def test_every_text_of_the_shipped_base_fits_one_message(snapshot: Snapshot) -> None:
    for entry in snapshot.entries.values():
        found = answer(entry.key, snapshot, TODAY, home="ERFURT")
        assert found.sections[0].entry.key == entry.key
        assert len(plain(reply(found, snapshot).markup)) < 4096
