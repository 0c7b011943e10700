"""Questions that say nothing but what is new: "und in Jena?", "und EF-7", "im Jahr davor?"."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from knowledge.answering.periods import words_of_time
from knowledge.german import Word
from knowledge.lexicon import LEXICON


def fragment(
    read: Sequence[Word],
    text: str,
    *,
    named: Collection[range],
    nouns: Collection[int],
    asks: Callable[[Sequence[Word]], bool],
) -> range:
    """Where the words stand that are all a question says: a town, or behind "und" anything.

    Args:
        read: The words of a question.
        text: What they are the words of.
        named: Where names of entries stand.
        nouns: Where nouns stand.
        asks: Tells whether words ask for something.

    Returns:
        An empty range if it says more, or nothing.
    """
    thing = new_thing(read)
    said = [read[place] for place in thing]
    if text.endswith("!") or _is_farewell(read):
        return range(0)
    if said and all(word.folded in LEXICON.towns for word in said):
        return thing
    if step_in_years(read) is not None:
        return thing if leads_on(read) or says_year(read) else range(0)
    if not leads_on(read):
        return range(0)
    time = {*time_in(read, text)}
    if thing in named or {*thing} <= time:
        return thing
    says_more = asks(said) or not time.isdisjoint(thing) or not _is_phrase(read, thing, nouns)
    return range(0) if says_more else thing


def _is_farewell(read: Sequence[Word]) -> bool:
    """Whether a message is one like "Dann bis Dezember"."""
    forms = tuple(word.folded for word in read)
    return any(forms[: len(begin)] == begin for begin in LEXICON.farewells)


def _is_phrase(read: Sequence[Word], thing: range, nouns: Collection[int]) -> bool:
    """Whether words are a noun with what belongs to it: "interkulturelle Woche", "EF-7"."""
    first = next((place for place in thing if place in nouns), thing.stop)
    before, behind = range(thing.start, first), range(first, thing.stop)
    return (
        bool(behind)
        and not any(read[place].stem in LEXICON.function for place in before)
        and all(place in nouns or _may_follow(read[place].folded) for place in behind)
    )


def _may_follow(folded: str) -> bool:
    return folded in LEXICON.before_things or any(map(str.isdigit, folded))


def new_thing(read: Sequence[Word]) -> range:
    """Where the words stand that are all a question says; empty where it may say more.

    Left out are words that lead on ("und"), frames that ask nothing by themselves ("wie sieht es
    ... aus", "was ist mit"), prepositions and articles.

    >>> from knowledge.german import words
    >>> [list(new_thing(words(text))) for text in ("und wie ist das in Jena?", "und?")]
    [[5], []]
    """
    forms = [word.folded for word in read]
    start = _behind(forms, 0, LEXICON.further)
    start = next((start + n for n in _FRAME_LENGTHS if _is_frame(forms[start : start + n])), start)
    start = _behind(forms, start, LEXICON.before_things)
    stop = len(forms)
    while stop > start and forms[stop - 1] in LEXICON.behind_things:
        stop -= 1
    return range(start, stop)


def leads_on(read: Sequence[Word]) -> bool:
    """Whether a question begins with "und" or the like."""
    return bool(read) and read[0].folded in LEXICON.further


def asks_whence(read: Sequence[Word]) -> bool:
    """Whether it is asked where an answer is from or if it is true, and nothing else.

    >>> from knowledge.german import words
    >>> [asks_whence(words(text)) for text in ("Und ist das so richtig?", "Ist das so geplant?")]
    [True, False]
    """
    forms = [word.folded for word in read]
    forms = forms[_behind(forms, 0, LEXICON.further) :]
    bare = tuple(form for form in forms if form not in LEXICON.filling)
    return not LEXICON.whence.isdisjoint((tuple(forms), bare))


def time_in(read: Sequence[Word], text: str) -> range:
    """Where the words of a text stand that name a span of time; empty if none do."""
    sought = words_of_time(text)
    forms = [word.folded for word in read]
    starts = range(len(forms) - len(sought) + 1) if sought else ()
    begin = next((i for i in starts if forms[i : i + len(sought)] == sought), None)
    return range(0) if begin is None else range(begin, begin + len(sought))


def step_in_years(read: Sequence[Word]) -> int | None:
    """Which way from a year words lead that say nothing else: -1 for "davor", 1 for "danach"."""
    forms = {word.folded for word in read} - LEXICON.further - LEXICON.before_things
    forms -= {_YEAR, "ein"}
    if len(forms) != 1 or (forms <= LEXICON.only_of_years and not says_year(read)):
        return None
    return -1 if forms <= LEXICON.time_before else 1 if forms <= LEXICON.time_after else None


def says_year(read: Sequence[Word]) -> bool:
    """Whether a year beside another one is meant, and not all the time before or after it."""
    return any(word.folded.endswith(_YEAR) for word in read)


_YEAR = "jahr"
_FRAME_LENGTHS = sorted({len(frame) for frame in LEXICON.frames}, reverse=True)


def _is_frame(forms: Sequence[str]) -> bool:
    return tuple(forms) in LEXICON.frames


def _behind(forms: Sequence[str], start: int, left_out: frozenset[str]) -> int:
    while start < len(forms) and forms[start] in left_out:
        start += 1
    return start
