"""Words that people type for what there is to choose from, forgiving small mistakes."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import yaml
from rapidfuzz import fuzz, process

from handlers.messages import PHRASES, TEMPLATES
from knowledge.entries import Aspect, Certainty, Kind, Phase, Relation
from knowledge.exchange.statuses import SIMILAR, known_words
from knowledge.german import fold

T = TypeVar("T")

VOCABULARY: Mapping[str, Any] = yaml.safe_load(
    (TEMPLATES / "vocabulary.yaml").read_text(encoding="utf-8")
)

MOST_BETWEEN = 2
"""Words before a phrase of which one may negate it: "nicht mehr", "nicht vor"."""

LONGEST_PHRASE = 5
"""Words of the longest phrase: "nicht weiter zu verfolgen", and one that slipped in."""

_QUALIFYING = frozenset("?%")


def normal(text: str) -> str:
    """The form in which phrases are compared.

    >>> normal(" In Vorbereitung: ")
    'in vorbereitung'
    """
    return " ".join(re.findall(r"\w+", fold(text)))


def recognise(text: str, phrases: Mapping[str, T]) -> T | None:
    """What a text means, if it is one of some phrases or as good as one.

    >>> recognise("Umgesezt", {"umgesetzt": 1})
    1
    """
    written = normal(text)
    if written in phrases:
        return phrases[written]
    found = process.extractOne(written, phrases.keys(), scorer=fuzz.ratio, score_cutoff=SIMILAR)
    return phrases[found[0]] if found else None


def split_off(
    text: str, phrases: Mapping[str, T], *, hedges: Collection[str] = ()
) -> tuple[str, T | None]:
    """Take a phrase from the end or the beginning of a text; returns the rest and its meaning.

    An exact phrase is preferred to a similar one, the end to the beginning, and a longer phrase
    to a shorter one. One with a question mark or a share does not mean what it says.

    Args:
        text: Where to look.
        phrases: What phrases mean.
        hedges: Words behind which a phrase does not mean what it says, beside negations.

    >>> split_off("eccar abgleich in umsetzung", {"in umsetzung": 1, "umsetzung": 2})
    ('eccar abgleich', 1)
    """
    cuts = [cut for cut in windows(text, hedges) if _QUALIFYING.isdisjoint(cut[1])]
    for rest, phrase in cuts:
        if normal(phrase) in phrases:
            return rest, phrases[normal(phrase)]
    for rest, phrase in cuts:
        meaning = recognise(phrase, phrases)
        if meaning is not None:
            return rest, meaning
    return text, None


def windows(text: str, hedges: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """The ways in which a phrase can stand at the border of a text, each after what is left.

    A phrase behind a negation does not mean what it says: "nicht mehr in Umsetzung".
    """
    words = text.split()
    for size in range(min(LONGEST_PHRASE, len(words)), 0, -1):
        if not is_doubtful(words[:-size], hedges):
            yield _tidy(words[:-size]), " ".join(words[-size:])
        yield _tidy(words[size:]), " ".join(words[:size])


def is_doubtful(before: Sequence[str], hedges: Collection[str] = ()) -> bool:
    """Whether what stands before a phrase takes from it what it says.

    >>> is_doubtful(["noch", "nicht"]), is_doubtful(["zu", "90", "%"], HEDGES)
    (True, True)
    """
    nearest = [word.replace("%", " prozent") for word in before[-MOST_BETWEEN:]]
    said = {part for word in nearest for part in normal(word).split()}
    return not said.isdisjoint({*NEGATIONS, *hedges})


def cancels(text: str) -> bool:
    """Whether a text says nothing but that somebody wants to stop.

    >>> cancels("Stopp, das ist falsch!"), cancels("Das Konzept ist falsch.")
    (True, False)
    """
    said = normal(text)
    if said in CANCELLING:
        return True
    rest = [word for word in said.split() if word not in BESIDE_CANCELLING]
    return bool(rest) and all(word in CANCELLING for word in rest)


def _tidy(words: Iterable[str]) -> str:
    return " ".join(words).strip(" ,;:|=→–-")


def _listed(group: str) -> dict[str, str]:
    """Words of a group of the vocabulary, and the labels that buttons show."""
    shown = {normal(label): value for value, label in PHRASES[group].items()}
    return shown | {
        normal(word): value for value, words in VOCABULARY.get(group, {}).items() for word in words
    }


def _any_of(group: str) -> Mapping[str, bool]:
    """The words of a group that all mean the same, for `recognise`."""
    return dict.fromkeys(map(normal, VOCABULARY[group]), True)


def _exactly(group: str) -> frozenset[str]:
    """The words of a group that are known in no other form."""
    return frozenset(map(normal, VOCABULARY[group]))


PHASES: Mapping[str, Phase] = {
    **dict(known_words("means")),
    **{normal(label): Phase(value) for value, label in PHRASES["phase"].items()},
}
KINDS: Mapping[str, Kind] = {w: Kind(v) for w, v in _listed("kind").items()}
RELATIONS: Mapping[str, Relation] = {w: Relation(v) for w, v in _listed("relation").items()}
ASPECTS: Mapping[str, Aspect] = {w: Aspect(v) for w, v in _listed("aspect").items()}
CERTAINTIES: Mapping[str, Certainty] = {w: Certainty(v) for w, v in _listed("certainty").items()}

RHYTHMS: Mapping[str, int] = {
    normal(word): months for months, words in VOCABULARY["rhythm"].items() for word in words
}

UNKNOWN = _any_of("unknown")
TODAY = _any_of("today")
YESTERDAY = _any_of("yesterday")
TOP = _any_of("top")

ACCORDING = _exactly("according")
AGREEING = _exactly("agreeing")
BEFORE_A_DEADLINE = _exactly("before_a_deadline")
BEFORE_A_PARENT = _exactly("before_a_parent")
BEHIND_A_TARGET = _exactly("behind_a_target")
BESIDE_A_DATE = _exactly("beside_a_date")
BESIDE_A_STATE = _exactly("beside_a_state")
BESIDE_CANCELLING = _exactly("beside_cancelling")
CANCELLING = _exactly("cancelling")
DEADLINE = _exactly("deadline")
HEDGES = _exactly("hedges")
NEGATIONS = _exactly("negations")
NO_PAUSE = _exactly("no_pause")
