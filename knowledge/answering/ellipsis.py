"""Questions that say only what is new: "und in Jena?" after "was kostet das Konzept in Leipzig".

They are completed from the question before: what is new takes the place of its like there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from knowledge.answering.periods import named_period
from knowledge.answering.questions import Question, understand
from knowledge.answering.ranking import naming_words
from knowledge.answering.towns import town_of
from knowledge.answering.unknown_plans import is_plan
from knowledge.entries import Entry
from knowledge.german import words
from knowledge.lexicon import LEXICON
from knowledge.snapshot import Snapshot

_BEFORE_TIMES = frozenset({"in", "im", "am"})


@dataclass(frozen=True, slots=True)
class Topic:
    """What a chat last talked about.

    Attributes:
        entry: Key of the entry that was last told of, if there was one.
        asked: What was last asked, as it was read; empty if nothing was typed.
    """

    entry: str | None
    asked: str = ""


def completed(question: Question, topic: Topic, snapshot: Snapshot, today: date) -> str | None:
    """The whole question that is meant by one that goes on; None if that cannot be told.

    Args:
        question: The one that goes on.
        topic: What the chat last talked about.
        snapshot: Where the names of things are.
        today: The day from which "letztes Jahr" counts.
    """
    last, entry = understand(topic.asked, snapshot), snapshot.get(topic.entry or "")
    if question.elsewhere:
        return _in_another_town(question, last, entry, snapshot)
    new = _said(question)
    if not topic.asked or not new:
        return None
    if (time := _time(question, today)) and {*new} <= {*time}:
        return _with(last, _time(last, today), _written(question, time))
    things = question.nouns.intersection(question.subject)
    if not things.intersection(question.read[place] for place in new) and not question.numbers:
        return None
    named = _name(last, entry, snapshot)
    if named is None and not last.follow_up:
        return None
    return _with(last, named, _written(question, new))


def _in_another_town(
    question: Question, last: Question, entry: Entry | None, snapshot: Snapshot
) -> str | None:
    """The last question asked of another town, or one for the plan there after one for a plan."""
    towns = [place for place, word in enumerate(last.read) if town_of(word)]
    town = " ".join(word.surface for word in question.read if town_of(word))
    if not question.aspects and len(towns) == 1:
        return _with(last, range(towns[0], towns[0] + 1), town)
    title = words(entry.title) if entry else []
    plan = next((word for word in title if is_plan(word, snapshot)), None)
    if plan is None:
        return None
    if question.aspects:
        return f"{plan.surface} {_written(question, range(1, len(question.read)))}"
    named = _name(last, entry, snapshot)
    there = f"{plan.surface} {town}"
    return _with(last, named, there) if named or last.follow_up else there


def _said(question: Question) -> range:
    """Where the words stand that name what is new."""
    places = [
        place
        for place, (word, weight) in enumerate(question.words)
        if weight > 0 and word.folded not in LEXICON.faring
    ]
    return range(places[0], places[-1] + 1) if places else range(0)


def _time(question: Question, today: date) -> range | None:
    """Where the words stand that name a span of time, with "im" before it."""
    named = named_period(question.as_read, today)
    if named is None:
        return None
    sought = [word.folded for word in words(named.wording)]
    forms = [word.folded for word in question.read]
    starts = range(len(forms) - len(sought) + 1)
    begin = next((i for i in starts if forms[i : i + len(sought)] == sought), None)
    if begin is None:
        return None
    first = begin - 1 if begin and forms[begin - 1] in _BEFORE_TIMES else begin
    return range(first, begin + len(sought))


def _name(question: Question, entry: Entry | None, snapshot: Snapshot) -> range | None:
    """Where the words stand that name an entry, or else things, if they stand together."""
    things = question.nouns.intersection(question.subject)
    naming = (entry and naming_words(question, entry, snapshot)) or things
    places = [place for place, word in enumerate(question.read) if word in naming]
    together = range(places[0], places[-1] + 1) if places else range(0)
    return together if together and len(together) == len(places) else None


def _with(question: Question, place: range | None, new: str) -> str:
    """A question with something new in place of some of its words, or behind them."""
    old = _pattern(question, place) if place else None
    if old is None:
        return f"{question.as_read.rstrip(' ?!.')} {new}"
    return old.sub(lambda _: new, question.as_read, count=1)


def _written(question: Question, place: range) -> str:
    """Some words of a question as they were written, with what stands between them."""
    found = _pattern(question, place).search(question.as_read)
    return found[0] if found else " ".join(question.read[i].surface for i in place)


def _pattern(question: Question, place: range) -> re.Pattern[str]:
    between = r"\W+".join(re.escape(question.read[i].surface) for i in place)
    return re.compile(rf"(?<!\w){between}(?!\w)", re.IGNORECASE)
