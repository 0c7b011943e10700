"""The bot's German vocabulary about questions, kept as data beside this module.

`aspects.yaml` holds the words that show what is asked about, `words.yaml` function words, kinds
of entries, filters and synonyms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge.entries import Aspect, Kind, Phase
from knowledge.german import stem, words

Phrase = tuple[str, ...]
"""Neighbouring stems."""

STRONG, WEAK = 2.0, 0.5
"""Weight of a cue that decides what is asked about, and of one that only helps."""

_FOREIGN = {
    "empty",
    "happened",
    "denying",
    "intending",
    "signs",
    "happenings",
    "acting",
    "subordinating",
    "adverbs",
    "spoken",
    "people",
    "english",
    "towns",
    "noun_endings",
    "other_endings",
}
"""Lists whose words are not part of what the bot can be asked with."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A phrase that speaks for an aspect, with how strongly it does."""

    phrase: Phrase
    aspect: Aspect
    weight: float


@dataclass(frozen=True, slots=True)
class Sign:
    """What a text must show that tells of something.

    Attributes:
        phrases: What asks for it, folded.
        evidence: What such a text shows.
        beside: Words of which a question must have one, too, folded: "wo" beside "tagte".
    """

    phrases: tuple[tuple[str, ...], ...]
    evidence: re.Pattern[str]
    beside: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything the bot knows about the language of questions, by stems.

    Attributes:
        cues: Phrases that show the aspect asked about, the longest first.
        evidence: What in a fact's text shows that it speaks to an aspect.
        function: Stems of words without a subject of their own.
        empty: Stems of words that a sentence can do without.
        happened: Stems of words that only say that something happened.
        denying: Stems of words that deny.
        intending: Stems of words for what is yet to come, or may.
        backward: Words that point back to the last answer.
        pronouns: Further words that do so where no thing is named.
        further: Words with which a further question begins.
        frames: Phrases that ask the same of something else, folded.
        before_things: Words that may stand before a thing, folded.
        articles: Definite articles, folded.
        contracted: Prepositions with an article in them, folded.
        behind_things: Words that may stand behind it, folded.
        before: Words for a time before one that was named, folded.
        after: The same for a time after it.
        own: Words for what is one's own, folded.
        whence: Phrases that ask where an answer is from, and nothing else, folded.
        now: Words for the present.
        naming: Words before things that are to be named one by one.
        votes: Words by which votes are counted.
        asking: Words with which a question begins, folded.
        why: Stems of words that ask for a reason.
        leading_in: Words that may stand before those, folded.
        places: Stems that stand before the name of a place.
        municipalities: Words for towns and districts in the plural, folded.
        comparison: Stems of words for a comparison, which name nothing.
        particles: What stands at the end behind the verb that it belongs to, folded.
        states: Words before the name of a state, folded.
        towns: Names of towns and districts, folded, wherever they are.
        generic: Stems of nouns that ask for something about a thing without naming one.
        people: Words for people, folded.
        signs: What a text must show that tells of certain things.
        acting: Verbs that ask for who somebody is or who is in charge, folded.
        subordinating: Words with which a subordinate clause begins, folded.
        happenings: What may have happened in a year, by a name.
        many: Words before what is counted, folded.
        much: The same in the singular.
        number_of: Words for the number of what is counted, folded.
        coming: What people do who are counted without a word for them, folded.
        noun_endings: How nouns end, folded.
        other_endings: How verbs, adjectives and adverbs may end, folded.
        kinds: Which kind of entry a stem names.
        plurals: Kinds in the plural.
        which: Stems of words that ask which of a kind.
        upcoming: Phrases that ask for what comes next.
        days: Phrases that ask for a day.
        weeks: Stems that mean a time, or an event if a word that names it stands before them.
        events: Phrases that ask what happens in a period.
        changes: Phrases that ask what changed in a span of time.
        news: Words that ask for what is newest.
        new: Words that ask what changed, if they name a span of time.
        sessions: Beginnings of titles of milestones that recur, by what they are called.
        comparing: Phrases that put two things side by side.
        amount: Phrases that ask for a sum of money.
        more: Words that compare numbers.
        share: Phrases that ask for a share.
        premises: Phrases that take for granted how a thing ended.
        listing: Stems that ask for a list.
        phases: Phrases that name a phase.
        open: Phrases for "not done yet".
        not_begun: Phrases for "not begun yet".
        overdue: Phrases for "past its date".
        asides: Phrases that show what is said beside the subject, by group.
        english: English function words.
        synonyms: Groups of words with the same meaning.
        words: All words mentioned here, folded.
    """

    cues: tuple[Cue, ...]
    evidence: Mapping[Aspect, re.Pattern[str]]
    function: frozenset[str]
    empty: frozenset[str]
    happened: frozenset[str]
    denying: frozenset[str]
    intending: frozenset[str]
    backward: frozenset[str]
    pronouns: frozenset[str]
    further: frozenset[str]
    frames: frozenset[tuple[str, ...]]
    before_things: frozenset[str]
    articles: frozenset[str]
    contracted: frozenset[str]
    behind_things: frozenset[str]
    before: frozenset[str]
    after: frozenset[str]
    own: frozenset[str]
    whence: frozenset[tuple[str, ...]]
    now: frozenset[str]
    naming: frozenset[str]
    votes: frozenset[str]
    asking: frozenset[str]
    why: frozenset[str]
    leading_in: frozenset[str]
    places: frozenset[str]
    municipalities: frozenset[str]
    comparison: frozenset[str]
    particles: frozenset[str]
    states: frozenset[str]
    towns: frozenset[str]
    generic: frozenset[str]
    people: tuple[str, ...]
    signs: tuple[Sign, ...]
    acting: frozenset[str]
    subordinating: frozenset[str]
    happenings: Mapping[str, Sign]
    many: frozenset[str]
    much: frozenset[str]
    number_of: frozenset[str]
    coming: frozenset[str]
    noun_endings: tuple[str, ...]
    other_endings: tuple[str, ...]
    kinds: Mapping[str, Kind]
    plurals: frozenset[str]
    which: frozenset[str]
    upcoming: frozenset[Phrase]
    days: frozenset[Phrase]
    weeks: frozenset[str]
    events: frozenset[Phrase]
    changes: frozenset[Phrase]
    news: frozenset[str]
    new: frozenset[str]
    sessions: Mapping[Phrase, str]
    comparing: frozenset[Phrase]
    amount: frozenset[Phrase]
    more: frozenset[str]
    share: frozenset[Phrase]
    premises: Mapping[Phrase, Phase]
    listing: frozenset[str]
    phases: Mapping[Phrase, Phase]
    open: frozenset[Phrase]
    not_begun: frozenset[Phrase]
    overdue: frozenset[Phrase]
    asides: Mapping[str, tuple[Phrase, ...]]
    english: frozenset[str]
    synonyms: tuple[tuple[str, ...], ...]
    words: frozenset[str]


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


def _phrase(text: str) -> Phrase:
    return tuple(word.stem for word in words(text))


def _strings(node: object) -> Iterator[str]:
    match node:
        case str():
            yield node
        case dict():
            for name, value in node.items():
                if name != "evidence":
                    yield from _strings(value)
        case list():
            for value in node:
                yield from _strings(value)


def _read(folder: Path) -> Lexicon:
    aspects: dict[str, dict[str, Any]] = yaml.safe_load(
        (folder / "aspects.yaml").read_text(encoding="utf-8")
    )
    lists: dict[str, Any] = yaml.safe_load((folder / "words.yaml").read_text(encoding="utf-8"))
    cues = tuple(
        Cue(_phrase(text), Aspect(name), weight)
        for name, group in aspects.items()
        for strength, weight in (("strong", STRONG), ("weak", WEAK))
        for text in group.get(strength, ())
    )
    return Lexicon(
        cues=tuple(sorted(cues, key=lambda cue: -len(cue.phrase))),
        evidence={
            Aspect(name): re.compile(group["evidence"], re.IGNORECASE)
            for name, group in aspects.items()
            if "evidence" in group
        },
        function=_stems([*lists["function"], *lists["adverbs"], *lists["spoken"]]),
        empty=_stems(lists["empty"]),
        happened=_stems(lists["happened"]),
        denying=_stems(lists["denying"]),
        intending=_stems(lists["intending"]),
        # Not by stem: that of "deren" is "der".
        backward=frozenset(lists["backward"]),
        pronouns=frozenset(lists["pronouns"]),
        further=frozenset(lists["further"]),
        frames=_folded(lists["frames"]),
        before_things=frozenset(
            (*lists["before_things"], *lists["articles"], *lists["contracted"])
        ),
        articles=frozenset(lists["articles"]),
        contracted=frozenset(lists["contracted"]),
        behind_things=frozenset(lists["behind_things"]),
        before=frozenset(lists["before"]),
        after=frozenset(lists["after"]),
        own=frozenset(lists["own"]),
        whence=_folded(lists["whence"]),
        now=frozenset(lists["now"]),
        naming=frozenset(lists["naming"]),
        votes=frozenset(lists["votes"]),
        asking=frozenset(lists["asking"]),
        why=_stems(lists["why"]),
        leading_in=frozenset(lists["leading_in"]),
        places=_stems(lists["places"]),
        municipalities=frozenset(lists["municipalities"]),
        comparison=_stems(lists["comparison"]),
        particles=frozenset(lists["particles"]),
        states=frozenset(lists["states"]),
        towns=frozenset(lists["towns"]),
        generic=_stems(lists["generic"]),
        people=tuple(lists["people"]),
        signs=tuple(map(_sign, lists["signs"])),
        acting=frozenset(lists["acting"]),
        subordinating=frozenset(lists["subordinating"]),
        happenings={name: _sign(group) for name, group in lists["happenings"].items()},
        many=frozenset(lists["many"]),
        much=frozenset(lists["much"]),
        number_of=frozenset(lists["number_of"]),
        coming=frozenset(lists["coming"]),
        noun_endings=tuple(lists["noun_endings"]),
        other_endings=tuple(lists["other_endings"]),
        kinds={stem(word): Kind(kind) for kind, group in lists["kinds"].items() for word in group},
        plurals=frozenset(lists["plurals"]),
        which=_stems(lists["which"]),
        upcoming=frozenset(map(_phrase, lists["upcoming"])),
        days=frozenset(map(_phrase, lists["days"])),
        weeks=_stems(lists["weeks"]),
        events=frozenset(map(_phrase, lists["events"])),
        changes=frozenset(map(_phrase, lists["changes"])),
        news=frozenset(lists["news"]),
        new=frozenset(lists["new"]),
        sessions={
            _phrase(text): title for title, group in lists["sessions"].items() for text in group
        },
        comparing=frozenset(map(_phrase, lists["comparing"])),
        amount=frozenset(map(_phrase, lists["amount"])),
        more=frozenset(lists["more"]),
        share=frozenset(map(_phrase, lists["share"])),
        premises=_phases(lists["premises"]),
        listing=_stems(lists["listing"]),
        phases=_phases(lists["phases"]),
        open=frozenset(map(_phrase, lists["open"])),
        not_begun=frozenset(map(_phrase, lists["not_begun"])),
        overdue=frozenset(map(_phrase, lists["overdue"])),
        asides={
            group: tuple(_phrase(text) for text in listed)
            for group, listed in lists["asides"].items()
        },
        english=frozenset(lists["english"]),
        synonyms=tuple(tuple(group) for group in lists["synonyms"]),
        words=frozenset(
            word.folded
            for text in _strings([aspects, {k: v for k, v in lists.items() if k not in _FOREIGN}])
            for word in words(text)
        ),
    )


def _sign(group: Mapping[str, Any]) -> Sign:
    phrases = tuple(tuple(phrase.split()) for phrase in group["words"])
    evidence = re.compile(group["evidence"], re.IGNORECASE)
    return Sign(phrases, evidence, frozenset(group.get("beside", ())))


def _folded(listed: Sequence[str]) -> frozenset[tuple[str, ...]]:
    return frozenset(tuple(text.split()) for text in listed)


def _phases(groups: Mapping[str, Sequence[str]]) -> dict[Phrase, Phase]:
    return {_phrase(text): Phase(phase) for phase, listed in groups.items() for text in listed}


def _stems(listed: Sequence[str]) -> frozenset[str]:
    return frozenset(stem(word) for word in listed)


LEXICON = _read(Path(__file__).parent)
"""Read once: the vocabulary is part of the program, like its code."""
