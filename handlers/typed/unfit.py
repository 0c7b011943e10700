"""Why what was typed is of no use."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from knowledge.entries import Entry


class Problem(StrEnum):
    """Why an answer does not fit the question."""

    TOO_LONG = "too_long"
    EMPTY = "empty"
    CONTROL = "control"
    NO_DATE = "no_date"
    FUTURE = "future"
    UNSOURCED = "unsourced"
    NO_RHYTHM = "no_rhythm"
    NO_CHOICE = "no_choice"
    NO_SOURCE = "no_source"
    NO_ENTRY = "no_entry"
    NO_KEY = "no_key"
    SEVERAL = "several"
    NO_NAME = "no_name"
    QUESTION = "question"
    NO_SENTENCE = "no_sentence"
    REST = "rest"


class UnfitError(Exception):
    """An answer does not fit the question.

    Attributes:
        problem: Why not.
        limit: How many characters there may be, if there were too many.
        near: Entries that may have been meant.
        said: What of a command does not fit, where it said other things, too.
    """

    def __init__(
        self,
        problem: Problem,
        *,
        limit: int | None = None,
        near: Sequence[Entry] = (),
        said: str = "",
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.limit = limit
        self.near = tuple(near)
        self.said = said
