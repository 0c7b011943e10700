"""What is said beside the subject: greetings, personal cases, opinions, orders, English."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from knowledge.german import Word
from knowledge.lexicon import LEXICON, stands_in


class Aside(StrEnum):
    """A kind of message that facts about measures cannot answer."""

    GREETING = "greeting"
    THANKS = "thanks"
    PERSONAL = "personal"
    OPINION = "opinion"
    FORECAST = "forecast"
    WRITING = "writing"
    ENGLISH = "english"


ENGLISH_WORDS = 2
"""From how many English function words on a message counts as English."""


def aside(asked: Sequence[Word], *, names_something: bool) -> Aside | None:
    """Tell what a message is, if it is no question about facts.

    Args:
        asked: Its words.
        names_something: Whether a word of it is a subject; a greeting before a question is
            no reason not to answer it.
    """
    stems = [word.stem for word in asked]
    phrases = LEXICON.asides

    def says(group: str) -> bool:
        return any(stands_in(phrase, stems) for phrase in phrases[group])

    if sum(word.folded in LEXICON.english for word in asked) >= ENGLISH_WORDS:
        return Aside.ENGLISH
    if says("person") and says("case"):
        return Aside.PERSONAL
    if says("opinion"):
        return Aside.OPINION
    if says("write") and says("text"):
        return Aside.WRITING
    if says("forecast") or (says("future") and says("vote")):
        return Aside.FORECAST
    if not names_something:
        if says("thanks"):
            return Aside.THANKS
        if says("greeting"):
            return Aside.GREETING
    return None
