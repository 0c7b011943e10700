"""How lists of the lexicon are held: the type of each says as what its words are compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from knowledge.german import fold, stem, words

T = TypeVar("T")


class Lists(BaseModel):
    """Lists of words that belong together: all of them must be there, and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Unasked:
    """The mark of a list whose words are not part of what the bot can be asked with."""


NotAsked = Annotated[T, Unasked()]
"""A list with that mark: no typing mistake is corrected to a word of it."""


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise PydanticCustomError("no_text", "only texts can be listed")
    return value


def _one_folded_word(text: str) -> str:
    if text != fold(text) or len(text.split()) != 1:
        raise ValueError("has to be one word in lower case, with umlauts spelt out")
    return text


def _folded_words(value: object) -> tuple[str, ...]:
    return tuple(_text(value).split())


def _stems(value: object) -> tuple[str, ...]:
    return tuple(word.stem for word in words(_text(value)))


def _ignoring_case(value: object) -> re.Pattern[str]:
    try:
        return re.compile(_text(value), re.IGNORECASE)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from error


def _turned(groups: object) -> object:
    if not isinstance(groups, Mapping):
        return groups
    return {text: name for name, listed in groups.items() for text in listed}


Form = Annotated[str, AfterValidator(_one_folded_word)]
"""A word as it is written, but folded: for words that have too little to tell them by stem."""

Forms = frozenset[Form]
RankedForms = tuple[Form, ...]
"""Words of which the first that is found counts."""

Endings = tuple[Form, ...]
"""How folded words end, for `str.endswith`; a whole word ends with itself, too."""

FoldedPhrase = Annotated[tuple[Form, ...], Field(min_length=1), BeforeValidator(_folded_words)]
"""Neighbouring folded words."""

FoldedPhrases = frozenset[FoldedPhrase]

Stem = Annotated[Form, AfterValidator(stem)]
"""What all forms of a word have in common."""

Stems = frozenset[Stem]
Phrase = Annotated[tuple[str, ...], Field(min_length=1), BeforeValidator(_stems)]
"""Neighbouring stems."""

Phrases = frozenset[Phrase]
RankedPhrases = tuple[Phrase, ...]

BY_WORD = BeforeValidator(_turned)
"""Of names with the words for each: by each word, what it is a word for."""

Evidence = Annotated[re.Pattern[str], BeforeValidator(_ignoring_case)]
"""What shows that a text tells of something, whatever the case."""
