"""Questions that say only what is new: "und in Jena?" after "was kostet das Konzept in Leipzig".

They are completed from the question before: what is new takes the place of its like there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import dropwhile

from knowledge.answering.fragments import leads_on, says_year, step_in_years, time_in
from knowledge.answering.questions import Question, understand
from knowledge.answering.towns import places_in
from knowledge.answering.unknown_plans import is_plan
from knowledge.entries import Aspect, Entry, Kind
from knowledge.german import fold, words
from knowledge.lexicon import LEXICON
from knowledge.snapshot import Snapshot

LONGEST_COMPLETED = 200
"""Characters of a question that is gone on with; longer ones are no questions but texts."""

MOST_NAMED = 10
"""Entries among whose names a thing is looked for."""

_PREPOSITIONS = LEXICON.leading_in | LEXICON.contracted
_YEAR = re.compile(r"(?:19|20)\d\d")
_BOUND = {-1: "vor", 1: "nach"}


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
    if question.whence:
        return asked or None  # what was answered is answered again, with its sources
    if not question.goes_on or len(asked) > LONGEST_COMPLETED:
        return None
    last, entry = understand(asked, snapshot), snapshot.get(topic.entry or "")
    return _put_together(question, last, entry, snapshot)


def _put_together(
    question: Question, last: Question, entry: Entry | None, snapshot: Snapshot
) -> str | None:
    new = question.new
    places = places_in(question.read, snapshot)
    if not new or (len(places) == 1 and {*new} <= {*places[0]}):
        return _in_another_town(question, last, entry, snapshot)
    if not last.text:
        return None
    step, time = step_in_years(question.read), _time(last)
    is_time = step is not None or {*new} <= {*time_in(question.read, question.as_read)}
    if is_time and time and _is_part_of_a_name(last, time):
        return None
    if step is not None:
        return _in_years(step, last, time, by_year=says_year(question.read))
    if is_time:
        return _with(last, time, _written(question, _with_preposition(question, new)))
    kinds = _kinds(question, snapshot)
    if not kinds or (places and not snapshot.index.named(question.read)):
        return None
    old = _name(last, entry, kinds, snapshot)
    if old is None:
        return _with(last, None, _written(question, new)) if last.follow_up else None
    if _is_complement(question) and not _is_led_to(last, old):
        return None
    return _in_place(last, old, question, new)


def _in_another_town(
    question: Question, last: Question, entry: Entry | None, snapshot: Snapshot
) -> str | None:
    """The last question asked of another town, or one for the plan there after one for a plan."""
    old, new = places_in(last.read, snapshot), places_in(question.read, snapshot)
    asks_the_same = question.aspects[:1] == last.aspects[:1]
    if len(old) == len(new) == 1 and (question.new or asks_the_same):
        return _in_place(last, old[0], question, new[0])
    title = words(entry.title) if entry else []
    plan = next((word for word in title if is_plan(word, snapshot)), None)
    is_of_a_plan = entry is not None and entry.kind is Kind.PLAN
    if plan is None or not leads_on(question.read) or (last.text and not is_of_a_plan):
        return None
    there = f"{plan.surface} {_written(question, range(new[0].start, new[-1].stop))}"
    if question.new:
        named = _name(last, entry, frozenset({Kind.PLAN}), snapshot)
        return _with(last, named, there) if named or last.follow_up else there
    if Aspect.COUNT in question.aspects:
        return None  # "und wie viele in Jena?": of what, only the last question says
    return f"{there}: {_written(question, range(1, len(question.read)))}"


def _in_years(step: int, last: Question, time: range | None, *, by_year: bool) -> str | None:
    """The last question asked of the time before or after the single year that it named."""
    numbers = [
        last.read[place].folded for place in time or () if last.read[place].folded[:1].isdigit()
    ]
    if len(numbers) != 1 or not _YEAR.fullmatch(numbers[0]):
        return None
    (year,) = numbers
    return _with(last, time, str(int(year) + step) if by_year else f"{_BOUND[step]} {year}")


def _time(question: Question) -> range | None:
    """Where the words stand that name a span of time, with "im" before it."""
    time = time_in(question.read, question.as_read)
    return _with_preposition(question, time) if time else None


def _with_preposition(question: Question, time: range) -> range:
    before = question.read[time.start - 1].folded if time.start else ""
    return range(time.start - 1, time.stop) if before in LEXICON.before_times else time


def _is_part_of_a_name(question: Question, time: range) -> bool:
    """Whether a time tells which paper is meant: "der Beschluss vom 13.02.2024"."""
    return time.start > 0 and question.read[time.start - 1].folded in LEXICON.dating_papers


def _name(
    question: Question, entry: Entry | None, kinds: frozenset[Kind], snapshot: Snapshot
) -> range | None:
    """Where the words stand that name an entry of a kind, or else the one thing spoken of."""
    spans = snapshot.index.named(question.read)
    places = {place for span in places_in(question.read, snapshot) for place in span}
    if len(spans) > 1 and not LEXICON.joining.isdisjoint(word.folded for word in question.read):
        return None
    alike = [
        span
        for span, keys in spans
        if places.isdisjoint(span)
        and any(_are_alike(snapshot.entries[key].kind, kinds) for key in keys)
    ]
    own = [span for span, keys in spans if span in alike and entry and entry.key in keys]
    if spans:
        found = own or alike
        return found[0] if len(found) == 1 and len(question.keys) <= 1 else None
    if entry and not _are_alike(entry.kind, kinds):
        return None
    things = question.nouns.intersection(question.subject)
    nouns = [place for place, word in enumerate(question.read) if word in things]
    together = range(nouns[0], nouns[-1] + 1) if nouns else range(0)
    is_one = together and len(together) == len(nouns) and places.isdisjoint(together)
    return together if is_one else None


def _are_alike(kind: Kind, kinds: frozenset[Kind]) -> bool:
    """Whether things do the same in a sentence: who acts is no object of what is done."""
    return (kind is Kind.BODY) in {one is Kind.BODY for one in kinds}


def _kinds(question: Question, snapshot: Snapshot) -> frozenset[Kind]:
    """Of which kinds the entries are that what is new names; none if it names none.

    "Und die Adresse?" asks for something about one, and "und Maßnahmen?" for many.
    """
    entries = snapshot.entries
    keys = {
        *question.keys,
        *(key for n in question.numbers for key in snapshot.numbers.get(n, ())),
    }
    if question.keys or question.numbers:
        return frozenset(entries[key].kind for key in keys) or frozenset({Kind.DOCUMENT})
    for span, named in snapshot.index.named(question.read):
        if {*question.new} <= {*span}:
            return frozenset(entries[key].kind for key in named)
    said = [question.read[place] for place in question.new]
    if len(said) != 1 or said[0].stem in LEXICON.kinds or said[0].stem in LEXICON.generic:
        return frozenset()
    hits = snapshot.index.rank(said, limit=MOST_NAMED)
    return frozenset(
        entry.kind
        for entry in (entries[hit.key] for hit in hits)
        for name in (entry.title, *entry.aliases)
        if len(parts := words(name)) == 1 and snapshot.index.is_kind_of(parts[0], said[0])
    )


def _in_place(last: Question, old: range | None, question: Question, new: range) -> str:
    """The last question with something new in it: "beim Land" in place of "in Erfurt"."""
    if old and _has_preposition(last, old) and _has_preposition(question, new):
        old, new = range(old.start - 1, old.stop), range(new.start - 1, new.stop)
    return _with(last, old, _written(question, new))


def _is_complement(question: Question) -> bool:
    """Whether a preposition leads to what is new, which then may be no object: "und beim Amt"."""
    before = {word.folded for word in question.read[: question.new.start]}
    has_frame = not before <= LEXICON.further | LEXICON.before_things
    is_key = bool(question.keys or question.numbers)
    return _is_led_to(question, question.new) and not has_frame and not is_key


def _is_led_to(question: Question, place: range) -> bool:
    """Whether a preposition stands before words, perhaps with an article between."""
    start = place.start
    has_article = start > 0 and question.read[start - 1].folded in LEXICON.articles
    return _has_preposition(question, range(start - has_article, place.stop))


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
