"""What the knowledge base holds: entries, and facts about them per aspect.

An entry is a thing people ask about (a plan, a measure, a paper). A fact is one sentence about
it with its source, its date and its certainty. Answers are composed of facts and nothing else.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from knowledge.partial_date import PartialDate

LONGEST_KEY = 24

Key = Annotated[
    str, StringConstraints(pattern=r"^[A-Z0-9]+(-[A-Z0-9]+)*$", max_length=LONGEST_KEY)
]
"""Short name of an entry, ASCII and upper case, so that it fits into buttons and commands."""

_HIDDEN = re.compile("[\x80-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff]")


def _shown(text: object) -> object:
    """A text without what is not seen in it, but makes it look like another one.

    With a sign that turns the direction of reading "52.1" is read as "1.25", and two titles that
    look the same could be two.
    """
    if not isinstance(text, str):
        return text
    return _HIDDEN.sub(lambda found: " " if found[0] in "\x85\u2028\u2029" else "", text)


LONGEST_LINE, LONGEST_TEXT = 200, 1_500
"""Characters of a line, such as a title, and of a text, such as a fact."""

# Control characters are refused: PostgreSQL takes no NUL, and people see none of them.
Line = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=LONGEST_LINE,
        pattern=r"^[^\x00-\x1f\x7f]*$",
    ),
    BeforeValidator(_shown),
]
Text = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        min_length=1,
        max_length=LONGEST_TEXT,
        pattern=r"^[^\x00-\x08\x0b-\x1f\x7f]*$",
    ),
    BeforeValidator(_shown),
]
Url = Annotated[str, StringConstraints(pattern=r"^https?://[^\s\x00-\x1f\x7f]+$", max_length=600)]


class Kind(StrEnum):
    """What sort of thing an entry is."""

    BODY = "body"
    PLAN = "plan"
    FIELD = "field"
    MEASURE = "measure"
    MILESTONE = "milestone"
    DOCUMENT = "document"
    TERM = "term"


class Aspect(StrEnum):
    """Which side of an entry a fact is about, and a question asks about."""

    SUMMARY = "summary"
    STATUS = "status"
    DUE = "due"
    RESPONSIBLE = "responsible"
    REASON = "reason"
    COST = "cost"
    PARTICIPANTS = "participants"
    RESULT = "result"
    COUNT = "count"
    CONTENT = "content"
    HISTORY = "history"
    SOURCE = "source"


class Certainty(StrEnum):
    """How far a fact can be relied on.

    `OFFICIAL`: stands in an official text. `PUBLIC`: stands in a public source. `UNCERTAIN`:
    said by a third party, derived, or contradicted by another source.
    """

    OFFICIAL = "official"
    PUBLIC = "public"
    UNCERTAIN = "uncertain"


class Phase(StrEnum):
    """How far a measure, plan or milestone is (after Erfurt's Beschlusskontrolle)."""

    PLANNED = "planned"
    IN_PREPARATION = "in_preparation"
    IN_PROGRESS = "in_progress"
    CONTINUOUS = "continuous"
    DONE = "done"
    POSTPONED = "postponed"
    DROPPED = "dropped"
    UNKNOWN = "unknown"


class Relation(StrEnum):
    """How one entry refers to another; the hierarchy is `Entry.parent`, not a relation."""

    DEPENDS_ON = "depends_on"
    DOCUMENT = "document"
    ECCAR_POINT = "eccar_point"
    RELATED = "related"


class _Value(BaseModel):
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        str_strip_whitespace=True,
        hide_input_in_errors=True,  # what people write stays out of the log
    )


class Source(_Value):
    """Where a fact stands.

    Attributes:
        title: What the source is called.
        reference: Number of the paper, as people quote it ("DS 2170/24").
        url: Public address, absent for papers that are not online.
        note: What to know before relying on it, for instance "private Spiegelplattform".
    """

    title: Line
    reference: Line | None = None
    url: Url | None = None
    note: Line | None = None


class Mention(_Value):
    """A further entry that a fact is about, and the aspect it has there."""

    entry: Key
    aspect: Aspect


class Fact(_Value):
    """One sentence that may be quoted, with everything needed to quote it honestly.

    Attributes:
        id: Stable name inside the knowledge base.
        aspect: The side of the entry it is about.
        text: Complete German sentence(s), understandable without the entry's title.
        sources: Where it stands; never empty, several where it takes more than one.
        as_of: The state of knowledge: when the source was written. None where it is undated.
        occurred: When the thing itself happened or happens, if the fact is about an event.
        dating: What the source leaves open about these dates ("Jahr abgeleitet").
        certainty: How far it can be relied on.
        known: False where the fact is that something is *not* stated in the sources.
        disputed: True where sources contradict each other.
        phase: The phase that a status fact states, in a form that can be counted.
        due: The date that a due fact states, in a form that can be compared.
        also: Further entries that the fact is about.
        keywords: Words that people ask with and that the text does not have; never shown.
    """

    id: Key
    aspect: Aspect
    text: Text
    sources: tuple[Source, ...] = Field(min_length=1)
    as_of: PartialDate | None = None
    occurred: PartialDate | None = None
    dating: Line | None = None
    certainty: Certainty
    known: bool = True
    disputed: bool = False
    phase: Phase | None = None
    due: PartialDate | None = None
    also: tuple[Mention, ...] = ()
    keywords: tuple[Line, ...] = ()

    @model_validator(mode="after")
    def _typed_values_fit_the_aspect(self) -> Fact:
        if self.phase is not None and self.aspect is not Aspect.STATUS:
            raise ValueError("only a status fact states a phase")
        if self.due is not None and self.aspect is not Aspect.DUE:
            raise ValueError("only a due fact states a due date")
        return self

    @property
    def dated(self) -> PartialDate | None:
        """The state of knowledge, or the time of the event where the source is undated."""
        return self.as_of or self.occurred


class Link(_Value):
    """A reference to another entry.

    Attributes:
        relation: What the reference means.
        target: Key of the other entry.
        note: In what respect, as a German half sentence ("wartet auf Leitlinien und Mittel").
    """

    relation: Relation
    target: Key
    note: Line | None = None


class Rhythm(_Value):
    """A recurrence somebody recommended or decided: every `months` months since `since`."""

    months: Annotated[int, Field(ge=1, le=240)]
    since: PartialDate


class Entry(_Value):
    """One thing people ask about.

    Attributes:
        key: Short stable name.
        kind: What sort of thing it is.
        title: Its name as people know it.
        number: Paper or decision number of a document ("2170/24").
        aliases: Other names and what people really type for it.
        parent: The entry it belongs to: body > plan > field > measure > milestone.
        rhythm: Its recurrence, if it has one.
        links: References to other entries.
        facts: What is known about it, most important first.
    """

    key: Key
    kind: Kind
    title: Line
    number: Line | None = None
    aliases: tuple[Line, ...] = ()
    parent: Key | None = None
    rhythm: Rhythm | None = None
    links: tuple[Link, ...] = ()
    facts: tuple[Fact, ...] = ()

    @model_validator(mode="after")
    def _names_are_unique(self) -> Entry:
        for what, names in (
            ("alias", [alias.casefold() for alias in self.aliases]),
            ("fact", [fact.id for fact in self.facts]),
        ):
            twice = [name for name, count in Counter(names).items() if count > 1]
            if twice:
                raise ValueError(f"{what} given twice: {', '.join(sorted(twice))}")
        if self.key in (self.parent, *(link.target for link in self.links)):
            raise ValueError("an entry cannot refer to itself")
        return self

    @property
    def phase(self) -> Phase | None:
        """The phase that the newest status fact with one states."""
        return self.phase_fact.phase if self.phase_fact else None

    @property
    def due(self) -> PartialDate | None:
        """The date that the newest due fact with one states."""
        return self.due_fact.due if self.due_fact else None

    @property
    def is_over(self) -> bool:
        """Whether nothing more is to come of it: it is done, or dropped."""
        return self.phase in {Phase.DONE, Phase.DROPPED}

    @property
    def phase_fact(self) -> Fact | None:
        """The fact that states the phase."""
        return newest_fact(fact for fact in self.facts if fact.phase is not None)

    @property
    def due_fact(self) -> Fact | None:
        """The fact that states the date."""
        return newest_fact(fact for fact in self.facts if fact.due is not None)


def newest_fact(facts: Iterable[Fact]) -> Fact | None:
    """The fact with the latest date; among equals the first listed."""
    return max(
        facts, key=lambda fact: fact.dated.last.toordinal() if fact.dated else 0, default=None
    )
