"""Who did something is told only where a text tells of that deed."""

from datetime import date

import pytest

from knowledge.answering.actors import asks_for_a_deed, untold_deeds
from knowledge.answering.answers import answer
from knowledge.answering.questions import understand
from knowledge.entries import Aspect
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry

INVITED = "Das Amt lud zur Konferenz ein; der Rat bestätigte den Bericht und organisierte ihn."
SNAPSHOT = Snapshot(
    [an_entry("EF-1", title="Konferenz", facts=[a_fact(INVITED, aspect=Aspect.RESULT)])]
)


def missing(text: str) -> tuple[str, ...]:
    question = understand(text, SNAPSHOT)
    return untold_deeds(question, [INVITED, "Konferenz"], SNAPSHOT.fact_index)


@pytest.mark.parametrize(
    ("text", "deeds"),
    [
        ("Wer fotografierte die Konferenz?", ("fotografierte",)),
        ("wer hat die konferenz fotografiert", ("fotografiert",)),
        ("Von wem wird die Konferenz überwacht?", ("überwacht",)),
        ("Wer strich die Konferenz?", ("strich",)),  # what follows "wer" is a verb
        ("Wer bestätigte den Bericht?", ()),
        ("Wer hat den Bericht bestätigt?", ()),
    ],
)
def test_a_deed_is_told_of_by_the_word_for_it(text: str, deeds: tuple[str, ...]) -> None:
    assert missing(text) == deeds
    assert asks_for_a_deed(understand(text, SNAPSHOT))


@pytest.mark.parametrize(
    "text",
    [
        "Wer trägt die Konferenz?",  # asks who is in charge
        "Wer hat die Konferenz moderiert?",  # has a sign of its own
        "Wer war dabei, als die Konferenz fotografiert wurde?",
        "Wer ist dafür zuständig und wann wurde die Konferenz fotografiert?",
        "Wann wurde die Konferenz fotografiert?",
        "Wer gehört zu den geladenen Gästen?",
        "",
    ],
)
def test_other_questions_ask_for_no_deed(text: str) -> None:
    assert missing(text) == ()
    assert not asks_for_a_deed(understand(text, SNAPSHOT))


def test_an_answer_says_that_it_does_not_tell_of_a_deed() -> None:
    told = answer("Wer hat die Konferenz fotografiert?", SNAPSHOT, date(2026, 11, 23))
    assert told.sections[0].admitted.unsaid == ("fotografiert",)


def test_who_did_what_is_told_is_not_called_unknown() -> None:
    told = answer("Wer bestätigte den Bericht zur Konferenz?", SNAPSHOT, date(2026, 11, 23))
    assert (told.sections[0].admitted.missing, told.sections[0].admitted.unsaid) == ((), ())
