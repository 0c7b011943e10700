"""What the columns of a table say about an entry, in both directions.

A cell becomes one fact, whose text is the heading and the cell word for word: an import invents
no sentence. The fact's id follows from the entry and the column, so that the next import finds
it again. Facts with other ids are somebody else's: they are only read, unless the new one takes
their place, as it would if an editor had stated it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from knowledge.entries import (
    LONGEST_KEY,
    LONGEST_TEXT,
    Aspect,
    Certainty,
    Entry,
    Fact,
    Kind,
    Phase,
    Source,
)
from knowledge.exchange.columns import HEADINGS, Column
from knowledge.exchange.statuses import PHASE_WORDS
from knowledge.exchange.texts import clean, deadline, money, one_line, title
from knowledge.facts import remaining, superseded
from knowledge.partial_date import PartialDate

MAX_SOURCES = 5_000
"""Characters of a cell that names sources; a fact may have any number of them."""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the facts of a column go.

    Attributes:
        aspect: Their aspect.
        suffix: What their ids end with.
        shows_others: Whether the column also shows facts of that aspect that no import wrote.
    """

    aspect: Aspect
    suffix: str
    shows_others: bool = False


_PLACES: Mapping[Column, _Place] = {
    Column.DESCRIPTION: _Place(Aspect.SUMMARY, "SUM", shows_others=True),
    Column.STATUS: _Place(Aspect.STATUS, "STATUS", shows_others=True),
    Column.DEADLINE: _Place(Aspect.DUE, "DUE", shows_others=True),
    Column.RESPONSIBLE: _Place(Aspect.RESPONSIBLE, "RESP", shows_others=True),
    Column.PARTNERS: _Place(Aspect.PARTICIPANTS, "PART", shows_others=True),
    Column.REMARK: _Place(Aspect.REASON, "REMARK", shows_others=True),
    Column.GOAL: _Place(Aspect.CONTENT, "GOAL"),
    Column.TARGET_GROUP: _Place(Aspect.CONTENT, "TARGET"),
    Column.INDICATOR: _Place(Aspect.CONTENT, "INDIC"),
    Column.COST: _Place(Aspect.COST, "COST", shows_others=True),
    Column.FUNDING: _Place(Aspect.COST, "FUND"),
    Column.DECISION: _Place(Aspect.HISTORY, "DECIS"),
    Column.PAPER: _Place(Aspect.SOURCE, "PAPER"),
}

FACT_COLUMNS = tuple(_PLACES)
"""The columns that become facts, in the order in which a new entry has them."""


@dataclass(frozen=True, slots=True)
class Dating:
    """Where a fact stands and as of when.

    Attributes:
        sources: Its sources.
        as_of: The state of knowledge.
        certainty: How far it can be relied on.
    """

    sources: tuple[Source, ...]
    as_of: PartialDate | None
    certainty: Certainty


def imported_id(key: str, column: Column) -> str:
    """The id of the fact that an import writes for a column.

    >>> imported_id("EF-MP-12", Column.STATUS)
    'EF-MP-12-STATUS'
    """
    suffix = _PLACES[column].suffix
    plain = f"{key}-{suffix}"
    if len(plain) <= LONGEST_KEY:
        return plain
    return f"I-{sha256(key.encode()).hexdigest()[:10].upper()}-{suffix}"


def longest_cell(column: Column) -> int:
    """How many characters of a cell a fact of the column can hold."""
    return LONGEST_TEXT - len(HEADINGS[column]) - len(": ")


def own_fact(entry: Entry, column: Column) -> Fact | None:
    """The fact that an earlier import wrote for a column."""
    wanted = imported_id(entry.key, column)
    return next((fact for fact in entry.facts if fact.id == wanted), None)


def shown_fact(entry: Entry, column: Column) -> Fact | None:
    """The fact that a column shows: the newest; of equally new ones the import's own."""
    own_ids = {imported_id(entry.key, other) for other in FACT_COLUMNS}
    own, place = own_fact(entry, column), _PLACES[column]
    others = (
        fact
        for fact in entry.facts
        if fact.aspect is place.aspect and fact.id not in own_ids and _fits(fact, column)
    )
    candidates = [*([own] if own else []), *(others if place.shows_others else ())]
    return max(candidates, key=lambda fact: moment(fact.dated), default=None)


def moment(dated: PartialDate | None) -> int:
    """The order in which facts are newer, as `Entry.phase` has it; 0 for undated ones."""
    return dated.last.toordinal() if dated else 0


def _fits(fact: Fact, column: Column) -> bool:
    match column:
        case Column.STATUS:
            return fact.phase is not None
        case Column.DEADLINE:
            return fact.due is not None
    return fact.known


def shown(entry: Entry, column: Column) -> str:
    """What a column that becomes a fact shows of an entry; "" for nothing."""
    fact = shown_fact(entry, column)
    if fact is None:
        return ""
    if fact.id == imported_id(entry.key, column):
        return own_text(fact, column)
    if column is Column.STATUS and fact.phase is not None:
        return PHASE_WORDS[fact.phase]
    if column is Column.DEADLINE and fact.due is not None:
        return fact.due.german()
    return clean(fact.text)


def says_same(column: Column, cell: str, known: str) -> bool:
    """Whether two cells say the same; dates and amounts may be written differently."""
    if cell == known:
        return True
    match column:
        case Column.COST | Column.FUNDING:
            return money(cell) == money(known)
        case Column.DEADLINE | Column.AS_OF:
            with suppress(ValueError):
                date = deadline(cell)
                return date is not None and date == deadline(known)
    return False


def own_text(fact: Fact, column: Column) -> str:
    """The cell that a fact was written from."""
    return clean(fact.text.removeprefix(f"{HEADINGS[column]}: "))


def named(sources: tuple[Source, ...]) -> str:
    """Sources as a cell shows them."""
    names = (
        f"{source.title} ({source.reference})" if source.reference else source.title
        for source in sources
    )
    return one_line(clean("; ".join(names)[:MAX_SOURCES]))


def cells_of(entry: Entry, parent: Entry | None) -> dict[Column, str]:
    """All cells of an entry's row.

    Args:
        entry: A measure.
        parent: What it is below; its title is shown if it is a field of action.
    """
    status = shown_fact(entry, Column.STATUS)
    cells = {column: shown(entry, column) for column in FACT_COLUMNS} | {
        Column.NUMBER: entry.key,
        Column.FIELD: shown_field(parent),
        Column.MEASURE: title(entry.title),
        Column.AS_OF: status.as_of.german() if status and status.as_of else "",
        Column.SOURCE: named(status.sources) if status else "",
    }
    return {column: cells[column] for column in Column}


def shown_field(parent: Entry | None) -> str:
    """The title of the field of action that an entry is below; "" if it is below none."""
    return title(parent.title) if parent and parent.kind is Kind.FIELD else ""


def written(
    entry: Entry,
    column: Column,
    cell: str,
    dating: Dating,
    *,
    aspect: Aspect | None = None,
    phase: Phase | None = None,
    due: PartialDate | None = None,
) -> Fact:
    """The fact that says what a cell says.

    Args:
        entry: What it is about; further entries that the former fact was said to be about stay.
        column: The cell's column.
        cell: The clean text.
        dating: Where it stands and as of when.
        aspect: Its aspect, where that is not the column's.
        phase: The phase that a status states.
        due: The date that a deadline states.
    """
    former = own_fact(entry, column)
    return Fact(
        id=imported_id(entry.key, column),
        aspect=aspect or _PLACES[column].aspect,
        text=f"{HEADINGS[column]}: {cell}",
        sources=dating.sources,
        as_of=dating.as_of,
        certainty=dating.certainty,
        known=phase is not Phase.UNKNOWN,
        phase=phase,
        due=due,
        also=former.also if former else (),
    )


def with_imported(entry: Entry, fact: Fact) -> Entry:
    """The entry with a fact instead of those that no longer hold.

    It goes before those of its aspect that no import wrote: of equally new ones the first counts.
    """
    without = entry.model_copy(
        update={"facts": tuple(other for other in entry.facts if other.id != fact.id)}
    )
    facts = remaining(without, superseded(without, fact) if _replaces(fact) else ())
    own_ids = {imported_id(entry.key, column) for column in FACT_COLUMNS}
    same = [place for place, other in enumerate(facts) if other.aspect is fact.aspect]
    others = [place for place in same if facts[place].id not in own_ids]
    facts.insert(others[0] if others else same[-1] + 1 if same else len(facts), fact)
    return entry.model_copy(update={"facts": tuple(facts)})


def _replaces(fact: Fact) -> bool:
    """Whether a fact states what an editor's command would have put in place of the former.

    A remark on the status, a status without a phase and a deadline in words state nothing of the
    kind: the phase and the date that are known hold on beside them.
    """
    match fact.aspect:
        case Aspect.STATUS:
            return fact.phase is not None
        case Aspect.DUE:
            return fact.due is not None
    return fact.aspect in {Aspect.RESPONSIBLE, Aspect.REASON, Aspect.RESULT}
