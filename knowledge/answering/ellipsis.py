"""Questions that say only what is new: "und in Jena?" after "was kostet das Konzept in Leipzig".

They are completed from the question before: what is new takes the place of its like there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import dropwhile

from knowledge.answering.fragments import leads_on, says_year, step_in_years, time_in
from knowledge.answering.questions import LONGEST, Question, understand
from knowledge.answering.towns import places_in
from knowledge.answering.unknown_plans import is_plan
from knowledge.entries import Entry, Kind
from knowledge.german import Word, fold, words
from knowledge.lexicon import LEXICON
from knowledge.snapshot import Snapshot

MOST_NAMED = 10
"""Entries among whose names a thing is looked for."""

_PREPOSITIONS = LEXICON.leading_in | {"im", "am", "beim", "vom", "zum", "zur"}
_BEFORE_TIMES = frozenset({"in", "im", "am"})
_YEAR = re.compile(r"(?:19|20)\d\d")
_BOUND = {-1: "vor", 1: "nach"}
_JOINING = frozenset({"und", "oder", "sowie"})


@dataclass(frozen=True, slots=True)
class Topic:
    """What a chat last talked about.

    Attributes:
        entry: Key of the entry that was last told of, if there was one.
        asked: What was last asked; empty if nothing was typed, or if that is not kept.
    """

    entry: str | None
    asked: str = ""


def completed(question: Question, topic: Topic, snapshot: Snapshot) -> str | None:
    """The whole question that is meant by one that leaves out what was said before.

    Args:
        question: Any question.
        topic: What the chat last talked about.
        snapshot: Where the names of things are.

    Returns:
        None if it leaves out nothing, or if it cannot be told what.
    """
    asked = " ".join(dropwhile(lambda word: fold(word) in LEXICON.further, topic.asked.split()))
    forms = dropwhile(LEXICON.further.__contains__, (word.folded for word in question.read))
    if tuple(forms) in LEXICON.whence:
        return asked or None  # what was answered is answered again, with its sources
    if not question.goes_on:
        return None
    last, entry = understand(asked, snapshot), snapshot.get(topic.entry or "")
    whole = _put_together(question, last, entry, snapshot)
    return whole if whole and len(whole) <= LONGEST else None


def _put_together(
    question: Question, last: Question, entry: Entry | None, snapshot: Snapshot
) -> str | None:
    new = question.new
    places = places_in(question.read, snapshot)
    if not new or (len(places) == 1 and {*new} <= {*places[0]}):
        return _in_another_town(question, last, entry, snapshot)
    if not last.text:
        return None
    if step := step_in_years(question.read):
        return _in_years(step, last, by_year=says_year(question.read))
    if {*new} <= {*time_in(question.read, question.as_read)}:
        return _with(last, _time(last), _written(question, _with_preposition(question, new)))
    named = _name(last, entry, snapshot)
    if not _is_a_name(question, snapshot) or (named is None and not last.follow_up):
        return None
    return _in_place(last, named, question, new)


def _in_another_town(
    question: Question, last: Question, entry: Entry | None, snapshot: Snapshot
) -> str | None:
    """The last question asked of another town, or one for the plan there after one for a plan."""
    places = places_in(last.read, snapshot)
    if question.new and len(places) == 1:
        return _in_place(last, places[0], question, question.new)
    title = words(entry.title) if entry else []
    plan = next((word for word in title if is_plan(word, snapshot)), None)
    is_of_a_plan = entry is not None and entry.kind is Kind.PLAN
    if plan is None or not leads_on(question.read) or (last.text and not is_of_a_plan):
        return None
    if not question.new:  # "und wann in Jena?"
        return f"{plan.surface} {_written(question, range(1, len(question.read)))}"
    there = f"{plan.surface} {_written(question, question.new)}"
    named = _name(last, entry, snapshot)
    return _with(last, named, there) if named or last.follow_up else there


def _in_years(step: int, last: Question, *, by_year: bool) -> str | None:
    """The last question asked of the time before or after the single year that it named."""
    time = _time(last)
    numbers = [last.read[place].folded for place in time or () if _has_digits(last.read[place])]
    if len(numbers) != 1 or not _YEAR.fullmatch(numbers[0]):
        return None
    (year,) = numbers
    return _with(last, time, str(int(year) + step) if by_year else f"{_BOUND[step]} {year}")


def _has_digits(word: Word) -> bool:
    return any(map(str.isdigit, word.folded))


def _time(question: Question) -> range | None:
    """Where the words stand that name a span of time, with "im" before it."""
    time = time_in(question.read, question.as_read)
    return _with_preposition(question, time) if time else None


def _with_preposition(question: Question, time: range) -> range:
    before = question.read[time.start - 1].folded if time.start else ""
    return range(time.start - 1, time.stop) if before in _BEFORE_TIMES else time


def _name(question: Question, entry: Entry | None, snapshot: Snapshot) -> range | None:
    """Where the words stand that name an entry, or else the one thing that is spoken of."""
    spans = snapshot.index.named(question.read)
    forms = {word.folded for word in question.read}
    if len(spans) > 1 and not _JOINING.isdisjoint(forms):
        return None
    own = [span for span, keys in spans if entry and entry.key in keys]
    if own:
        return own[0] if len(own) == 1 and len(question.keys) <= 1 else None
    things = question.nouns.intersection(question.subject)
    places = [place for place, word in enumerate(question.read) if word in things]
    together = range(places[0], places[-1] + 1) if places else range(0)
    return together if together and len(together) == len(places) else None


def _is_a_name(question: Question, snapshot: Snapshot) -> bool:
    """Whether what is new names entries, and not something about one: "und die Adresse?"."""
    if question.keys or question.numbers:
        return True
    said = [question.read[place] for place in question.new]
    things = [word for word in said if word in question.nouns]
    hits = snapshot.index.rank(said, limit=MOST_NAMED)
    entries = (snapshot.entries[hit.key] for hit in hits)
    return any(
        all(any(snapshot.index.is_kind_of(word, thing) for word in named) for thing in things)
        for entry in entries
        for named in [words(" ".join((entry.title, *entry.aliases)))]
    )


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
    return re.compile(rf"(?<![\w-]){between}(?![\w-])", re.IGNORECASE)
