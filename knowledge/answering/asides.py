"""What is said beside the subject: greetings, personal cases, opinions, orders, English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from itertools import dropwhile

from knowledge.answering.fragments import asks_whence
from knowledge.german import Word, stem, words
from knowledge.lexicon import LEXICON, any_stands_in, stands_in
from knowledge.lexicon.encodings import Phrase, Phrases

_LEAD_TIME = re.compile(
    r"\b(?:\d+|zwei|drei|vier|fünf|sechs|paar) (?:Tage?n?|Wochen?|Monate?n?)\b"
    r"|\b(?:Tage?|Wochen?|Monate?) (?=vor\b|vorher\b)",
    re.IGNORECASE,
)
"""How long before something somebody wants to be told; other numbers tell what: "Konzept 2006"."""

_SPACED_NUMBER = re.compile(r"(?<=\d) ?/ ?(?=\d)")

_EVERYTHING = "alles"


class Aside(StrEnum):
    """A kind of message that facts about measures cannot answer."""

    GREETING = "greeting"
    THANKS = "thanks"
    PERSONAL = "personal"
    OPINION = "opinion"
    FORECAST = "forecast"
    WRITING = "writing"
    ENGLISH = "english"
    SUBSCRIBING = "subscribing"
    ENDING = "ending"


ENGLISH_WORDS = 2
"""From how many English function words on a message counts as English."""


def aside(
    asked: Sequence[Word],
    *,
    names_something: bool,
    asks_something: bool = False,
    typed: Sequence[Word] | None = None,
) -> Aside | None:
    """Tell what a message is, if it is no question about facts.

    Args:
        asked: Its words as they were read.
        names_something: Whether a word of it is a subject; a greeting before a question is
            no reason not to answer it.
        asks_something: Whether they ask for something about a thing: whether that is right, is
            no judgement.
        typed: Its words as they were typed, if others: what is read as German, as "when" is
            read as "wen", may have been English.
    """
    stems = [word.stem for word in asked]
    known = LEXICON.asides

    def says(phrases: Phrases) -> bool:
        return any_stands_in(phrases, stems)

    if any(_is_all(phrase, stems) for phrase in known.ending):
        return Aside.ENDING
    if _place_of_subscribing(asked) is not None:
        return Aside.ENDING if unsubscribes(asked) else Aside.SUBSCRIBING
    if asks_whence(asked):
        return None
    if says(known.request):  # "sag mir Bescheid, wenn sich etwas ändert"
        return Aside.SUBSCRIBING
    as_typed = asked if typed is None else typed
    if sum(word.folded in LEXICON.english for word in as_typed) >= ENGLISH_WORDS:
        return Aside.ENGLISH
    if says(known.person) and says(known.case):
        return Aside.PERSONAL
    judges = _asks_for_judgement(asked) and not (asks_something and asks_whether_true(asked))
    if judges or (
        says(known.opinion) and not says(known.held)
    ):  # "findet sie statt" asks for none
        return Aside.OPINION
    if says(known.write) and says(known.text):
        return Aside.WRITING
    if says(known.forecast) or (says(known.future) and says(known.vote)):
        return Aside.FORECAST
    if not names_something:
        if says(known.thanks):
            return Aside.THANKS
        if says(known.greeting):
            return Aside.GREETING
    return None


def _asks_for_judgement(asked: Sequence[Word]) -> bool:
    """Whether it is asked if something is good; "sie" and "es" may stand for what was said."""
    if len(asked) < 2 or asked[0].folded not in LEXICON.being:
        return False
    return (
        asked[1].folded not in LEXICON.pronouns and (asked[-1].stem,) in LEXICON.asides.judgement
    )


def asks_whether_true(asked: Sequence[Word]) -> bool:
    """Whether it is asked if something is so: "ist der Termin richtig"."""
    forms = [word.folded for word in asked if word.folded not in LEXICON.further]
    return bool(forms) and forms[0] in LEXICON.being and forms[-1] in LEXICON.truth


def unsubscribes(asked: Sequence[Word]) -> bool:
    """Whether who names a subscription wants to be rid of it: "Abo EF-7 beenden".

    A word for that elsewhere is part of what is named: "Abo nicht begonnene Maßnahmen".

    Args:
        asked: The words of a message that begins or ends with one for subscribing.
    """
    is_last = _place_of_subscribing(asked) == -1
    if asked[-1 if is_last else 0].folded in LEXICON.unsubscribing:
        return True
    named = asked[:-1] if is_last else asked[1:]
    said = [word.folded for word in named if word.folded not in LEXICON.behind_an_ending]
    return bool(said) and said[-1] in LEXICON.unsubscribing


def to_subscribe(text: str) -> str:
    """What somebody wants to subscribe who writes so: the text without the word for it.

    >>> to_subscribe("Abo:Dolmetschprogramm"), to_subscribe("Ich will das Konzept abonnieren !")
    ('Dolmetschprogramm', 'Konzept')
    >>> to_subscribe("Sag mir bitte Bescheid, wenn sich beim Konzept 2006 etwas ändert")
    'Konzept 2006'
    >>> to_subscribe("Erinnere mich 3 Tage vorher an DS 1 / 24"), to_subscribe("Abonniere alles")
    ('DS 1/24', 'alles')
    """
    asked = _SPACED_NUMBER.sub("/", " ".join(text.split()))
    wanted = _without_request(asked)
    if wanted is None:
        wanted = _without_command(asked)
    if wanted is None:
        return text
    says_all = any(word.stem == stem(_EVERYTHING) for word in words(asked))
    return _EVERYTHING if says_all and not wanted else wanted


def _without_request(text: str) -> str | None:
    """What somebody wants to be told of; None if they do not ask to be told."""
    stems = [word.stem for word in words(text)]
    requests = [phrase for phrase in LEXICON.asides.request if stands_in(phrase, stems)]
    if not requests:
        return None
    around = {one for phrase in LEXICON.asides.around_a_request for one in phrase}
    around |= {one for phrase in requests for one in phrase} | LEXICON.function
    kept: list[str] = []
    was_kept = False
    for part in (part.strip(".,;:!?") for part in _LEAD_TIME.sub("", text).split()):
        said = {word.stem for word in words(part)}
        # "Die Interkulturelle Woche" is a thing, "diese Woche" is none.
        was_kept = not said <= around or (was_kept and bool(said) and said <= LEXICON.weeks)
        kept += [part] if was_kept else []
    return " ".join(kept)


def _without_command(text: str) -> str | None:
    """What stands beside a word for subscribing; None if there is none."""
    parts = [part for part in text.replace(":", ": ").split() if words(part)]
    place = _place_of_subscribing([word for part in parts for word in words(part)[:1]])
    if place is None:
        return None
    left = parts[1:] if place == 0 else parts[:-1]
    return " ".join(dropwhile(_says_nothing, left))


def _says_nothing(part: str) -> bool:
    return all(word.stem in LEXICON.function for word in words(part))


def _place_of_subscribing(asked: Sequence[Word]) -> int | None:
    """Where a word for subscribing stands that makes a message one: 0 for first, -1 for last."""
    verbs, nouns = LEXICON.asides.subscribe, LEXICON.asides.subscription
    if asked and any((asked[0].stem,) in group for group in (verbs, nouns)):
        return 0
    return -1 if asked and (asked[-1].stem,) in verbs else None


def _is_all(phrase: Phrase, stems: Sequence[str]) -> bool:
    """Whether a message is a phrase, and nothing else that says anything."""
    if not stands_in(phrase, stems):
        return False
    return all(stem in phrase or stem in LEXICON.function for stem in stems)
