"""Questions that say only what is new: "und in Jena?" after "was kostet das Konzept in Leipzig".

They are completed from the question before: what is new takes the place of its like there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import dropwhile

from knowledge.answering.periods import named_period
from knowledge.answering.questions import Question, understand
from knowledge.answering.ranking import naming_words
from knowledge.answering.towns import places_in, town_of
from knowledge.answering.unknown_plans import is_plan
from knowledge.entries import Aspect, Entry
from knowledge.german import Word, fold, words
from knowledge.lexicon import LEXICON
from knowledge.snapshot import Snapshot

_PREPOSITIONS = LEXICON.leading_in | {"im", "am", "beim", "vom", "zum", "zur"}
_BEFORE_TIMES = frozenset({"in", "im", "am"})
_YEAR = re.compile(r"(?:19|20)\d\d")
_BESIDE = {"davor": -1, "vorjahr": -1, "danach": 1, "darauf": 1, "folgejahr": 1}
_BOUND = {-1: "vor", 1: "nach"}


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
    asked = " ".join(dropwhile(lambda word: fold(word) in LEXICON.further, topic.asked.split()))
    last, entry = understand(asked, snapshot), snapshot.get(topic.entry or "")
    if question.follow_up and question.aspects == (Aspect.SOURCE,):
        return asked or None  # what was answered is answered again, with its sources
    year = _year_beside(question, last, today)
    if year is not None:
        return _with(last, _time(last, today), year)
    if not question.goes_on:
        return None
    if question.elsewhere:
        return _in_another_town(question, last, entry, snapshot)
    new = _said(question)
    if not asked or not new:
        return None
    if (time := _time(question, today)) and {*new} <= {*time}:
        return _with(last, _time(last, today), _written(question, time))
    things = question.nouns.intersection(question.subject)
    if not things.intersection(question.read[place] for place in new) and not question.numbers:
        return None
    named = _name(last, entry, snapshot)
    if named is None and not last.follow_up:
        return None
    return _in_place(last, named, question, new)


def _in_another_town(
    question: Question, last: Question, entry: Entry | None, snapshot: Snapshot
) -> str | None:
    """The last question asked of another town, or one for the plan there after one for a plan."""
    old, new = places_in(last.read, snapshot), places_in(question.read, snapshot)
    if not question.aspects and _are_one(old, last):
        return _in_place(last, range(old[0], old[-1] + 1), question, range(new[0], new[-1] + 1))
    title = words(entry.title) if entry else []
    plan = next((word for word in title if is_plan(word, snapshot)), None)
    if plan is None or question.read[0].folded not in LEXICON.further:
        return None
    if question.aspects:
        is_town = all(town_of(question.read[place]) for place in new)
        whole = f"{plan.surface} {_written(question, range(1, len(question.read)))}"
        return whole if is_town else None  # "und was ist ECCAR?" asks by itself
    named = _name(last, entry, snapshot)
    there = " ".join((plan.surface, *(question.read[place].surface for place in new)))
    return _with(last, named, there) if named or last.follow_up else there


def _are_one(places: Sequence[int], question: Question) -> bool:
    """Whether words stand together and name one body: "Freistaat Thüringen"."""
    towns = {town_of(question.read[place]) for place in places} - {None}
    return bool(places) and places[-1] - places[0] + 1 == len(places) and len(towns) <= 1


def _has_digits(word: Word) -> bool:
    return any(map(str.isdigit, word.folded))


def _year_beside(question: Question, last: Question, today: date) -> str | None:
    """The year that "im Jahr davor" means, where the last question named a single year."""
    forms = [word.folded for word in question.read]
    step = next((_BESIDE[form] for form in forms if form in _BESIDE), None)
    time = _time(last, today)
    numbers = [last.read[place].folded for place in time or () if _has_digits(last.read[place])]
    if step is None or len(numbers) != 1 or not _YEAR.fullmatch(numbers[0]):
        return None
    (year,) = numbers
    if any(form.endswith("jahr") for form in forms):
        return str(int(year) + step)
    return f"{_BOUND[step]} {year}"


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


def _in_place(last: Question, old: range | None, question: Question, new: range) -> str:
    """The last question with something new in it: "beim Land" in place of "in Erfurt"."""
    if old and _has_preposition(last, old) and _has_preposition(question, new):
        old, new = range(old.start - 1, old.stop), range(new.start - 1, new.stop)
    return _with(last, old, _written(question, new))


def _has_preposition(question: Question, place: range) -> bool:
    return place.start > 0 and question.read[place.start - 1].folded in _PREPOSITIONS


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
