"""Understanding a German question: what is asked about which entry, as far as words show it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from knowledge.answering.asides import Aside, aside, asks_whether_true
from knowledge.answering.aspects import asks_something, aspects_in
from knowledge.answering.clauses import clauses
from knowledge.answering.filters import FILTERS, is_listed, lacking_in, phases_in
from knowledge.answering.fragments import asks_whence, fragment, leads_on
from knowledge.answering.happenings import Happening, happening
from knowledge.answering.nouns import noun_places
from knowledge.answering.numbering import numbered_things, says_number, without_such
from knowledge.answering.periods import words_of_time
from knowledge.answering.spelling import as_meant
from knowledge.answering.towns import town_of
from knowledge.answering.unknown_plans import unknown_plans
from knowledge.entries import Aspect, Kind, Phase
from knowledge.german import Word, fold, paper_numbers, resembles_a_word, words
from knowledge.lexicon import LEXICON, any_stands_in, places_of, stands_in
from knowledge.lexicon.encodings import Phrase
from knowledge.partial_date import MONTHS
from knowledge.search import Index
from knowledge.search.index import Correction
from knowledge.snapshot import Snapshot

LONGEST = 500
"""Characters of a question that are read; nobody asks longer, and attackers may."""

CUE_WEIGHT, KIND_WEIGHT = 0.25, 0.4
"""How much words that show the aspect, or a kind of entry, count in finding the entry."""

WORD_WEIGHT = 0.6
"""How much verbs, adjectives and adverbs count, against 1 for nouns, names and numbers: sources
often put them otherwise, things hardly ever."""

_PRONOUNS = LEXICON.backward | LEXICON.pronouns
_BEFORE_TIMES = LEXICON.contracted | LEXICON.articles | LEXICON.before_times
_YEAR = re.compile(r"(?:19|20)\d\d")
_MONTHS = frozenset(map(fold, MONTHS))
_PARTICIPLE = re.compile(r"(?:\w{2,4})?ge\w+(?:t|en)|(?:be|ver|er|ent|zer)\w+(?:t|en)")
_KEY = re.compile(r"\b[A-Za-z0-9]+(?:-[A-Za-z0-9]+)+\b")
_SIMPLE_KEY = re.compile(r"(?<![\w-])([A-Za-z]+)[ -]?0*(\d+)(?![\w-])")

Weighted = tuple[tuple[Word, float], ...]
"""Words with the weight that each has in finding the entry."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One of several questions in a sentence.

    Attributes:
        words: Its words.
        aspects: What it asks, most likely first.
    """

    words: Weighted
    aspects: tuple[Aspect, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question as understood.

    Attributes:
        text: What was written, cut to `LONGEST` characters.
        words: Its words after correction, with the weight each has in finding the entry; without
            the towns of which a plan is asked that is not known, where that of another may be.
        corrections: Which words were read as others.
        aspects: What is asked, most likely first; empty where only a thing is named.
        numbers: Paper numbers in their normal form.
        keys: Keys of entries that were typed ("EF-7", "ef-7").
        kind: The kind of entry that the question names in general ("welche Maßnahmen").
        listing: Whether it asks for entries of a kind.
        several: Whether it names the kind in the plural.
        counting: Whether it asks how many.
        phases: Phases that narrow a list.
        lacking: What the entries of a list are to have no statement on: "ohne Termin".
        overdue: Whether only what is late is wanted.
        upcoming: Whether it asks for what comes next.
        to_the_day: Whether it asks for a day, not only for a month or year.
        changing: Whether it asks what changed, provided that it names a span of time.
        newest: Whether it asks for what is newest.
        comparing: Whether it puts two things side by side.
        amount: Whether it asks for a sum of money.
        share: Whether it asks for a share of the whole.
        premise: How a "why" question takes for granted that the thing ended.
        happening: What it takes for granted, or asks, to have happened in a year.
        aside: What it is if it is no question about facts.
        nouns: Its words that are nouns; may also hold words such as "wann".
        unknown: Words that name a thing, but one that is written nowhere here or in general.
        no_such: Numbered things that do not exist, as they were written: "Punkt 11" of ten; and
            plans of towns of which none is known: "Integrationskonzept Gera".
        whence: Whether it asks where the last answer is from or if it is true, and nothing else.
        follow_up: Whether it names nothing by itself and so points at the last answer.
        continues: Whether it points at the last answer where there is one: it names no thing, but
            another time ("und 2023?"), or what was done with it ("wer hat ihn geschrieben").
        new: Where the words stand that are all it says, if it goes on with them: "und in Jena?".
        elsewhere: Whether it goes on and names nothing but towns: "und wann in Jena?".
        times: The words that name a span of time, folded.
        names_none: Whether nothing in it is the name of an entry, a paper, a town or a kind.
        refers: Whether a word of it stands for something that was named before: "ist das noch
            offen", "wann beginnt es".
        clauses: The single questions of a sentence with several: their words and aspects.
    """

    text: str
    words: Weighted
    corrections: tuple[Correction, ...] = ()
    aspects: tuple[Aspect, ...] = ()
    numbers: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    kind: Kind | None = None
    listing: bool = False
    several: bool = False
    counting: bool = False
    phases: frozenset[Phase] = frozenset()
    lacking: Aspect | None = None
    overdue: bool = False
    upcoming: bool = False
    to_the_day: bool = False
    changing: bool = False
    newest: bool = False
    comparing: bool = False
    amount: bool = False
    share: bool = False
    premise: Phase | None = None
    happening: Happening | None = None
    aside: Aside | None = None
    nouns: frozenset[Word] = frozenset()
    unknown: tuple[str, ...] = ()
    no_such: tuple[str, ...] = ()
    whence: bool = False
    follow_up: bool = False
    continues: bool = False
    new: range = range(0)
    elsewhere: bool = False
    times: frozenset[str] = frozenset()
    names_none: bool = False
    refers: bool = False
    clauses: tuple[Clause, ...] = ()

    @property
    def corrected(self) -> str | None:
        """The question as it was read, or None if it was read as written."""
        return _as_read(self.text, self.corrections) if self.corrections else None

    @property
    def as_read(self) -> str:
        """The question as it was read: as written, where nothing was corrected."""
        return self.corrected or self.text

    @property
    def read(self) -> tuple[Word, ...]:
        """Its words after correction, without their weights."""
        return tuple(word for word, _ in self.words)

    def weight(self, word: Word) -> float:
        """How much a word counts in finding the entry."""
        return next((weight for own, weight in self.words if own == word), 0.0)

    @property
    def refers_back(self) -> bool:
        """Whether it is about what the chat last talked about, if it did."""
        return self.follow_up or self.continues

    @property
    def points_back(self) -> bool:
        """Whether what the chat last talked about may change what is meant."""
        return self.refers_back or self.goes_on or self.names_none

    @property
    def goes_on(self) -> bool:
        """Whether it goes on with something else, and leaves out what was said before."""
        return bool(self.new) or self.elsewhere

    @property
    def subject(self) -> tuple[Word, ...]:
        """The words that name a thing."""
        return tuple(word for word, weight in self.words if weight >= WORD_WEIGHT)


def understand(text: str, snapshot: Snapshot) -> Question:
    """Read a question against the vocabulary of a snapshot."""
    index = snapshot.index
    cut = " ".join(text[:LONGEST].split())
    typed = words(cut)
    read, corrections = as_meant(typed, index)
    if asks_whence(read):
        return _on_the_last_answer(cut, corrections)
    stems = tuple(word.stem for word in read)
    forms = {word.folded for word in read}
    aspects, cues = aspects_in(stems)
    asked = [(span, aspects_in(stems[span.start : span.stop])[0]) for span in clauses(read)]
    for_cost = any(Aspect.COST in own for own in (aspects, *(own for _, own in asked)))
    amount = for_cost and any_stands_in(LEXICON.amount, stems) and not _asks_only_who(read)
    if amount:  # "wie hoch ist der Eigenanteil" asks for a sum, not for any number
        aspects = tuple(sorted(aspects, key=lambda aspect: aspect is not Aspect.COST))
    cues |= _positions(stems, LEXICON.changes, LEXICON.comparing, LEXICON.premises)
    cues |= {i for i, word in enumerate(read) if word.folded in LEXICON.news}
    checks = bool(aspects) and asks_whether_true(read)
    cues |= {len(read) - 1} if checks else set()
    numbered = numbered_things(read, snapshot)
    is_own = not forms.isdisjoint(LEXICON.ones_own)
    points_elsewhere = bool(numbered) or says_number(read) or is_own
    spans = [span for span, _ in index.named(read)]
    named = {i for span in spans for i in span}
    nouns = noun_places(read, index)
    things = {i for i, word in enumerate(read) if i in nouns or index.is_strange(word)}
    weighted = _weighted(read, cues=cues, named=named, things=things)
    numbers = tuple(paper_numbers(cut))
    keys = _keys(cut, snapshot)
    names_a_thing = any(
        weight >= KIND_WEIGHT and not _is_time(word.folded) and (i in named or i in things)
        for i, (word, weight) in enumerate(weighted)
    )
    subject = [word for i, (word, w) in enumerate(weighted) if i in nouns and w >= WORD_WEIGHT]
    strange = unknown_plans(read, subject, snapshot)
    has_own = any(town_of(word) and word not in strange for word in read)
    left_out = strange if has_own else {}
    refers = _refers(read[: asked[0][0].stop] if asked else read)
    kind_places = [i for i, s in enumerate(stems) if s in LEXICON.kinds]
    as_read = _as_read(cut, corrections)
    times = frozenset(words_of_time(as_read))
    return Question(
        text=cut,
        words=tuple((word, weight) for word, weight in weighted if word not in left_out),
        corrections=tuple(corrections),
        aspects=aspects,
        numbers=numbers,
        keys=keys,
        kind=_kind(stems, weighted, times),
        listing=any(is_listed(read, i) for i in kind_places),
        several=any(read[i].folded in LEXICON.plurals for i in kind_places),
        counting=Aspect.COUNT in aspects,
        phases=phases_in(stems),
        lacking=lacking_in(read),
        overdue=any_stands_in(LEXICON.overdue, stems),
        upcoming=any_stands_in(LEXICON.upcoming, stems),
        to_the_day=any_stands_in(LEXICON.days, stems),
        changing=any_stands_in(LEXICON.changes, stems) or not forms.isdisjoint(LEXICON.news_since),
        newest=not forms.isdisjoint(LEXICON.news),
        comparing=not strange and (any_stands_in(LEXICON.comparing, stems) or _weighs_up(read)),
        amount=amount,
        share=any_stands_in(LEXICON.share_of_all, stems),
        premise=_premise(stems) if Aspect.REASON in aspects else None,
        happening=happening(read),
        aside=aside(
            read,
            typed=typed,
            asks_something=bool(aspects),
            names_something=bool(numbers or keys) or any(w >= WORD_WEIGHT for _, w in weighted),
        ),
        nouns=frozenset(read[place] for place in nouns),
        unknown=tuple(
            word.surface
            for (word, weight), before in zip(weighted, (None, *read), strict=False)
            if weight >= WORD_WEIGHT and word not in left_out and _is_unknown(word, before, index)
        ),
        no_such=(*without_such(numbered, cut, snapshot), *strange.values()),
        follow_up=not (numbers or keys or points_elsewhere)
        and (
            _points_back(weighted, asks=bool(aspects) or refers)
            or _wants_its_number(read, cues)
            or (checks and all(weight < WORD_WEIGHT for _, weight in weighted))
        ),
        continues=not (numbers or keys or names_a_thing or points_elsewhere) and _continues(read),
        new=fragment(read, as_read, named=spans, nouns=nouns, asks=asks_something),
        elsewhere=bool(aspects) and _names_only_towns(weighted),
        times=times,
        names_none=not (named or numbers or keys or kind_places or any(map(town_of, read))),
        refers=refers,
        clauses=tuple(Clause(weighted[span.start : span.stop], own) for span, own in asked),
    )


def _on_the_last_answer(text: str, corrections: Iterable[Correction]) -> Question:
    """A question for the sources of what was said, which no word of it is about."""
    return Question(
        text=text,
        words=(),
        corrections=tuple(corrections),
        aspects=(Aspect.SOURCE,),
        whence=True,
        follow_up=True,
        refers=True,
        names_none=True,
    )


def _as_read(text: str, corrections: Iterable[Correction]) -> str:
    for correction in corrections:
        alone = rf"(?<!\w){re.escape(correction.written)}(?!\w)"
        text = re.sub(alone, correction.read, text, count=1)
    return text


def _is_unknown(word: Word, before: Word | None, index: Index) -> bool:
    """Whether a word names something that is written nowhere here.

    Names of places stand in dictionaries, so what follows "Stadt" must be known itself.
    """
    place = before is not None and before.stem in LEXICON.places
    strange = index.is_strange(word) and not resembles_a_word(word.folded)
    return strange or (place and not index.knows(word))


def _points_back(weighted: Sequence[tuple[Word, float]], *, asks: bool) -> bool:
    """Whether a question names nothing: only an aspect, or something like "davon"."""
    # "Wie viele sind noch offen?" and "Was ist überfällig?" name nothing either.
    phrases = LEXICON.not_done | LEXICON.overdue
    naming = [weight for word, weight in weighted if (word.stem,) not in phrases]
    heaviest = max(naming, default=0.0)
    backward = any(word.folded in LEXICON.backward for word, _ in weighted)
    if heaviest >= KIND_WEIGHT:
        return heaviest < WORD_WEIGHT and backward
    return asks or backward


def _wants_its_number(read: Sequence[Word], cues: frozenset[int]) -> bool:
    """Whether nothing is said but that the number of a paper is wanted: "und die Drucksache?"."""
    rest = LEXICON.further | LEXICON.articles
    said = [place for place, word in enumerate(read) if word.folded not in rest]
    kinds = {LEXICON.kinds.get(word.stem) for word in read} - {None}
    plural = any(word.folded in LEXICON.plurals for word in read)
    return kinds == {Kind.DOCUMENT} and not plural and cues.issuperset(said)


def _continues(read: Sequence[Word]) -> bool:
    """Whether words without a noun among them go on about what was said before."""
    forms = [word.folded for word in read]
    if forms[:1] and forms[0] in LEXICON.further and any(map(_is_time, forms)):
        return True
    if forms[-1:] and forms[-1] in LEXICON.articles:  # "seit wann gibt es die?"
        return True
    if forms[-2:-1] and forms[-2] in LEXICON.articles and forms[-1] in LEXICON.particles:
        return True  # "wer stellt die vor?"
    # "das" before what is no participle is an article: "wie wird das wetter".
    return any(
        form in _PRONOUNS and (form != "das" or not after or _PARTICIPLE.fullmatch(after))
        for form, after in zip_longest(forms, forms[1:], fillvalue="")
    )


def _names_only_towns(weighted: Weighted) -> bool:
    """Whether "und" leads on, and nothing is named but towns."""
    named = [word for word, weight in weighted if weight >= KIND_WEIGHT]
    return leads_on([word for word, _ in weighted]) and bool(named) and all(map(town_of, named))


def _refers(read: Sequence[Word]) -> bool:
    """Whether a word stands for something named before; "das" in "das nächste" is an article.

    Args:
        read: The first question of a sentence. In a further one it may stand for what that one
            asks for: "was ist noch offen und wer macht das".
    """
    forms = [word.folded for word in read]
    begins = not LEXICON.when_or_where.isdisjoint(forms[:1])
    if begins and not LEXICON.subjects.isdisjoint(forms[2:3]):
        return True
    return any(
        word.folded in _PRONOUNS and not (word.folded == "das" and after and _is_next(after))
        for word, after in zip_longest(read, read[1:])
    )


def _is_next(word: Word) -> bool:
    return (word.stem,) in LEXICON.upcoming or word.stem in LEXICON.kinds


def _is_time(folded: str) -> bool:
    return folded in LEXICON.at_present or folded in _MONTHS or _YEAR.fullmatch(folded) is not None


def _weighted(
    read: Sequence[Word],
    *,
    cues: Collection[int],
    named: Collection[int],
    things: Collection[int],
) -> Weighted:
    """Words with the weight that each has in finding the entry.

    Args:
        read: The words.
        cues: Places of those that show what is asked.
        named: Places of those that stand in the name of an entry.
        things: Places of those that are nouns, or written nowhere.
    """
    weights = [
        _weight(word, is_cue=i in cues, is_name=i in named, is_thing=i in things)
        for i, word in enumerate(read)
    ]
    for i, (word, before) in enumerate(zip(read[1:], weights, strict=False), 1):
        if word.stem in LEXICON.weeks and before >= WORD_WEIGHT and read[i - 1].folded.isalpha():
            weights[i] = 1.0  # "die Interkulturelle Woche" is a thing, "letzte Woche" is none
    return tuple(zip(read, weights, strict=True))


def _weight(word: Word, *, is_cue: bool, is_name: bool, is_thing: bool) -> float:
    if word.folded.isdigit() and len(word.folded) <= 2 and not is_name:
        return CUE_WEIGHT  # "von 23 auf 24": a year cut short, or a number of points
    if len(word.folded) == 1 and word.folded.isalpha() and not is_name:
        return 0.0  # the rest of an abbreviation: "m.plan"
    if word.stem in LEXICON.kinds and not is_name:
        return KIND_WEIGHT
    if word.stem in LEXICON.function and not is_name:
        return 0.0
    if is_cue and not is_name:
        return CUE_WEIGHT
    if word.stem in LEXICON.function:
        return 0.0
    return 1.0 if is_name or is_thing or not word.folded.isalpha() else WORD_WEIGHT


def _keys(text: str, snapshot: Snapshot) -> tuple[str, ...]:
    """The keys of entries that were typed: "EF-7", also as "ef7", "EF 7" or "EF-07"."""
    simple = (f"{name}-{number}" for name, number in _SIMPLE_KEY.findall(text))
    return tuple(
        key
        for key in dict.fromkeys(map(str.upper, (*_KEY.findall(text), *simple)))
        # "ECCAR-Toolkit" in a sentence is a German compound, "EF-7" is not.
        if key in snapshot.entries and (any(map(str.isdigit, key)) or key == text.upper())
    )


def _kind(stems: Sequence[str], weighted: Weighted, times: frozenset[str]) -> Kind | None:
    """The kind that a question names in general; dates, if it only asks what is or was on.

    In "was steht im Dezember an" the time stands between the parts of the verb. A time alone, and
    "was war im Dezember", ask for what was on then.
    """
    kinds = [LEXICON.kinds[s] for s in stems if s in LEXICON.kinds]
    if kinds:
        return kinds[0]
    rest = [
        (word, weight)
        for word, weight in weighted
        if word.folded not in times | _BEFORE_TIMES and (word.stem,) not in LEXICON.upcoming
    ]
    if any(
        w >= WORD_WEIGHT and word.folded.isalpha() for word, w in rest if word.stem not in FILTERS
    ):
        return None
    said = [word.stem for word, _ in rest]
    only_a_time = bool(times) and all(stem in LEXICON.function for stem in said)
    return Kind.MILESTONE if only_a_time or any_stands_in(LEXICON.events, said) else None


def _positions(stems: Sequence[str], *groups: Iterable[Phrase]) -> frozenset[int]:
    """Where words of any of the phrases stand."""
    return frozenset(
        start + offset
        for phrases in groups
        for phrase in phrases
        for start in places_of(phrase, stems)
        for offset in range(len(phrase))
    )


def _asks_only_who(read: Sequence[Word]) -> bool:
    """Whether somebody is asked for, and nothing else: "wer zahlt die Miete"."""
    asking = [word.folded for word in read if word.folded in LEXICON.asking]
    return len(asking) == 1 and asking[0] in LEXICON.who_or_whom


def _weighs_up(read: Sequence[Word]) -> bool:
    """Whether numbers of two things are compared: "mehr Felder als Jena"."""
    folded = [word.folded for word in read]
    return any(
        word in LEXICON.more_or_less and not LEXICON.than.isdisjoint(folded[i:])
        for i, word in enumerate(folded)
    )


def _premise(stems: Sequence[str]) -> Phase | None:
    return next((p for phrase, p in LEXICON.premises.items() if stands_in(phrase, stems)), None)
