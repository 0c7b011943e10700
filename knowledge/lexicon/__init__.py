"""The bot's German vocabulary about questions, kept as data beside this module.

`aspects.yaml` holds the words that show what is asked about, `words.yaml` function words, kinds
of entries, filters and synonyms: the lists that `Lexicon` declares, each as its type says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field

from knowledge.entries import Aspect, Kind, Phase
from knowledge.german import words
from knowledge.lexicon.encodings import (
    BY_WORD,
    Endings,
    Evidence,
    FoldedPhrase,
    FoldedPhrases,
    Form,
    Forms,
    Lists,
    NotAsked,
    Phrase,
    Phrases,
    RankedForms,
    RankedPhrases,
    Stem,
    Stems,
    Unasked,
)

STRONG, WEAK = 2.0, 0.5
"""Weight of a cue that decides what is asked about, and of one that only helps."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase that speaks for an aspect, with how strongly it does."""

    phrase: Phrase
    aspect: Aspect
    weight: float


class AspectWords(Lists):
    """What shows that an aspect is asked about."""

    strong: RankedPhrases
    """Phrases that decide."""
    weak: RankedPhrases
    """Phrases that only help."""
    evidence: Evidence | None = None
    """What in a fact's text shows that it speaks to the aspect, though it is of another."""


class Sign(Lists):
    """What a text must show that tells of something."""

    phrases: tuple[FoldedPhrase, ...] = Field(alias="words")
    """What asks for it."""
    evidence: Evidence
    """What such a text shows."""
    beside: Forms = frozenset()
    """Words of which a question must have one, too: "wo" beside "tagte"."""


class Asides(Lists):
    """What is said beside the subject."""

    greeting: Phrases
    thanks: Phrases
    person: Phrases
    """Somebody speaks of themselves; with one of the next it is a case of their own."""
    case: Phrases
    opinion: Phrases
    held: Phrases
    """The bot is not asked for its opinion: "findet sie statt"."""
    judgement: Phrases
    """What something is asked to be: "ist das gut?"."""
    write: Phrases
    """Orders to write, and in the next what is to be written."""
    text: Phrases
    forecast: Phrases
    future: Phrases
    """What is yet to come, and in the next a vote of which this is asked."""
    vote: Phrases
    subscribe: Phrases
    """Verbs for subscribing, and in the next nouns for it."""
    subscription: Phrases
    request: Phrases
    """Somebody asks to be told, and in the next the words around what of."""
    around_a_request: Phrases
    ending: Phrases
    """Messages that say no more than that no more shall be told."""


class Lexicon(Lists):
    """Everything the bot knows about the language of questions."""

    aspects: Mapping[Aspect, AspectWords]
    """What shows the aspect asked about."""
    words: Forms
    """All words that a question can be asked with, as far as they are listed."""

    # Words that say nothing by themselves.

    common: Stems
    """The commonest words without a subject of their own; `function` has all."""
    adverbs: NotAsked[Stems]
    """Further adverbs, particles and pronouns."""
    spoken: NotAsked[Stems]
    """Words as people speak and type them."""
    english: NotAsked[Forms]
    """English function words."""
    empty: NotAsked[Stems]
    """Words that a sentence can do without."""
    happened: NotAsked[Stems]
    """Words that only say that something happened."""
    denying: NotAsked[Stems]
    """Words that deny."""
    intending: NotAsked[Stems]
    """Words for what is yet to come, or may."""
    generic: Stems
    """Nouns that ask for something about a thing without naming one."""

    # Questions that lean on what was said before.

    backward: Forms
    """Words that point back to the last answer. The stem of "deren" is "der"."""
    pronouns: Forms
    """Further words that do so where no thing is named."""
    when_or_where: Forms
    """Words with which a question begins where one of `subjects` stands for something, too."""
    subjects: Forms
    """Behind "wann beginnt", these stand for something; elsewhere often for nothing: "gibt es"."""
    further: Forms
    """Words with which a further question begins."""
    farewells: FoldedPhrases
    """Beginnings of messages that lead on to nothing."""
    frames: FoldedPhrases
    """Phrases that ask the same of something else."""
    linking: Forms
    """Words that may stand before a thing; `before_things` has articles, too."""
    articles: Forms
    """Definite articles."""
    contracted: Forms
    """Prepositions with an article in them."""
    behind_things: Forms
    """Words that may stand behind a thing."""
    particles: Forms
    """What stands at the end behind the verb that it belongs to."""
    joining: Forms
    """Words between things of which a question names several."""
    ones_own: Forms
    """Words for what is one's own."""
    whence: FoldedPhrases
    """Phrases that ask where an answer is from, and nothing else."""
    filling: Forms
    """Words that may stand among those."""
    truth: Forms
    """Words that ask whether something is so."""

    # Times.

    at_present: Forms
    """Words for the present."""
    time_before: Forms
    """Words for a time before one that was named."""
    time_after: Forms
    """The same for a time after it."""
    only_of_years: Forms
    """Those of them that alone may stand for a thing."""
    before_times: Forms
    """Prepositions that belong to a time."""
    bounding: Forms
    """Prepositions with which a time is a bound, not the one at which something happened."""
    dating: Forms
    """Prepositions between what happened, or a plan, and its time."""
    dating_papers: Forms
    """The same between a paper and the time that tells which one is meant."""
    since: Forms
    """Prepositions between what changed and the session behind which it did."""
    still: Forms
    """Words by which only what is left is meant."""
    weeks: Stems
    """Words for a time, or for an event if a word that names it stands before them."""

    # How questions begin.

    asking: Forms
    """Words with which a question begins."""
    leading_in: Forms
    """Words that may stand before those."""
    why: Stems
    """Words that ask for a reason."""
    who: Forms
    """Words that ask for somebody."""
    who_or_whom: Forms
    """Those of them that, alone, ask for nothing else."""
    being: Forms
    """Verbs with which it begins to be asked what something is like."""
    telling: Stems
    """Function words that make another question of the same other words."""

    # Places.

    places: Stems
    """Words before the name of a place."""
    municipalities: Forms
    """Words for towns and districts in the plural."""
    states: Forms
    """Words before the name of a state."""
    towns: NotAsked[Forms]
    """Names of towns and districts, wherever they are."""

    # What a text must tell of.

    signs: NotAsked[tuple[Sign, ...]]
    """What a text must show that tells of certain things."""
    acting: NotAsked[Forms]
    """Verbs that ask for who somebody is or who is in charge."""
    subordinating: NotAsked[Forms]
    """Words with which a subordinate clause begins."""
    happenings: NotAsked[Mapping[str, Sign]]
    """What may have happened in a year, by a name."""
    concerning: Forms
    """Before a plan these lead to what is about it: "was wurde in Gera zum Konzept gesagt"."""

    # Numbers, and what is counted.

    people: NotAsked[Endings]
    """Words for people."""
    how_many: Forms
    """Words before what is counted."""
    how_much: Forms
    """The same in the singular."""
    number_of: Forms
    """Words for the number of what is counted."""
    naming: Forms
    """Words before things that are to be named one by one."""
    votes: Forms
    """Words by which votes are counted."""
    coming: Forms
    """What people do who are counted without a word for them."""
    number_words: Endings
    """Words for the number that a thing has."""
    amount: Phrases
    """Phrases that ask for a sum of money."""
    share_of_all: Phrases
    """Phrases that ask for a share."""
    noun_endings: NotAsked[Endings]
    """How nouns end."""
    other_endings: NotAsked[Endings]
    """How verbs, adjectives and adverbs may end."""

    # Two things side by side.

    comparing: Phrases
    """Phrases that put two things side by side."""
    comparison: Stems
    """Words for a comparison, which name nothing."""
    more_or_less: Forms
    """Words that compare numbers."""
    than: Forms
    """Words between the two whose numbers are compared."""
    between_names: Stems
    """Words between two names that are both asked about."""
    between_sides: RankedForms
    """Words between two things that are compared, the surest sign first."""

    # Lists of entries, and what narrows them.

    kinds: Annotated[Mapping[Stem, Kind], BY_WORD]
    """Which kind of entry a word names."""
    plurals: Forms
    """Kinds in the plural."""
    which_of_a_kind: Stems
    """Words that ask which of a kind."""
    listing: Stems
    """Words that ask for a list."""
    phases: Annotated[Mapping[Phrase, Phase], BY_WORD]
    """Phrases that name a phase."""
    not_done: Phrases
    """Phrases for "not done yet"."""
    not_begun: Phrases
    """Phrases for "not begun yet"."""
    overdue: Phrases
    """Phrases for "past its date"."""
    upcoming: Phrases
    """Phrases that ask for what comes next."""
    days: Phrases
    """Phrases that ask for a day."""
    events: Phrases
    """Phrases that ask what happens in a period."""
    premises: Annotated[Mapping[Phrase, Phase], BY_WORD]
    """Phrases that take for granted how a thing ended."""

    # News.

    changes: Phrases
    """Phrases that ask what changed in a span of time."""
    news: Forms
    """Words that ask for what is newest."""
    news_since: Forms
    """Words that ask what changed, if they name a span of time."""
    sessions: Annotated[Mapping[Phrase, str], BY_WORD]
    """Beginnings of titles of milestones that recur, by what they are called."""

    # What is said otherwise.

    asides: Asides
    """What is said beside the subject."""
    unsubscribing: Forms
    """Words behind what is no longer wanted. The stem of "ändern" is that of "andere"."""
    behind_an_ending: Forms
    """Words that may stand behind those."""
    synonyms: tuple[tuple[Form, ...], ...]
    """Groups of words with the same meaning."""

    @cached_property
    def cues(self) -> tuple[Cue, ...]:
        """Phrases that show the aspect asked about, the longest first."""
        cues = (
            Cue(phrase, aspect, weight)
            for aspect, shown in self.aspects.items()
            for phrases, weight in ((shown.strong, STRONG), (shown.weak, WEAK))
            for phrase in phrases
        )
        return tuple(sorted(cues, key=lambda cue: -len(cue.phrase)))

    @cached_property
    def evidence(self) -> Mapping[Aspect, Evidence]:
        """What in a fact's text shows that it speaks to an aspect."""
        return {
            aspect: shown.evidence
            for aspect, shown in self.aspects.items()
            if shown.evidence is not None
        }

    @cached_property
    def function(self) -> Stems:
        """Words without a subject of their own."""
        return self.common | self.adverbs | self.spoken

    @cached_property
    def before_things(self) -> Forms:
        """Words that may stand before a thing."""
        return self.linking | self.articles | self.contracted


def places_of(phrase: Phrase, stems: Sequence[str]) -> list[int]:
    """Where the stems of a phrase stand next to each other in a text."""
    if phrase[0] not in stems:
        return []
    size = len(phrase)
    return [i for i in range(len(stems) - size + 1) if tuple(stems[i : i + size]) == phrase]


def stands_in(phrase: Phrase, stems: Sequence[str]) -> bool:
    """Whether the stems of a phrase stand next to each other in a text."""
    return bool(places_of(phrase, stems))


def any_stands_in(phrases: Iterable[Phrase], stems: Sequence[str]) -> bool:
    """Whether any of some phrases stands in a text."""
    return any(stands_in(phrase, stems) for phrase in phrases)


def cues_in(stems: Sequence[str]) -> Iterator[Cue]:
    """The cues that may stand in a text, since their first stem does, the longest first.

    A question of many words, or of many questions, would else be searched for each of hundreds.
    """
    present = set(stems)
    return (cue for cue in LEXICON.cues if cue.phrase[0] in present)


def read(folder: Path) -> Lexicon:
    """Read the two files of a lexicon.

    Raises:
        ValidationError: If a list is missing, unknown, or not as its type says.
        TypeError: If a list has the name of what is made of all of them.
    """
    lists, aspects = (
        yaml.safe_load((folder / name).read_text(encoding="utf-8"))
        for name in ("words.yaml", "aspects.yaml")
    )
    known = {word.folded for text in _texts([aspects, _asked(lists)]) for word in words(text)}
    return Lexicon.model_validate(dict(**lists, aspects=aspects, words=known))


def _asked(lists: Mapping[str, Any]) -> dict[str, Any]:
    unasked = {
        name
        for name, field in Lexicon.model_fields.items()
        if any(isinstance(mark, Unasked) for mark in field.metadata)
    }
    return {name: listed for name, listed in lists.items() if name not in unasked}


def _texts(node: object) -> Iterator[str]:
    match node:
        case str():
            yield node
        case dict():
            for name, value in node.items():
                if name != "evidence":
                    yield from _texts(value)
        case list():
            for value in node:
                yield from _texts(value)


LEXICON = read(Path(__file__).parent)
"""Read once: the vocabulary is part of the program, like its code."""
