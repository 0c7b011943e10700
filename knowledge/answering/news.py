"""Questions for what changed: "was hat sich seit März getan", "was gibt es Neues zum Plan"."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from knowledge.answering.basis import Basis
from knowledge.answering.periods import NamedPeriod, named_period
from knowledge.answering.questions import Question
from knowledge.entries import Aspect, Entry, Fact, Kind
from knowledge.german import fold, words
from knowledge.lexicon import LEXICON, stands_in
from knowledge.milestones import months_between
from knowledge.partial_date import PartialDate, Period
from knowledge.snapshot import Snapshot, Statement

MOST_TOLD, MOST_VAGUE = 5, 2
"""Facts that are told, and facts whose date is too vague to say whether they belong."""

MEETS_WITHIN_MONTHS = 3
"""Bodies meet at least quarterly: after that long a later session than the last one recorded has
to be reckoned with."""

_OPEN = frozenset({Aspect.SUMMARY, Aspect.HISTORY})
"""Aspects that "was war seit ..." seems to ask for."""


_LASTING = frozenset({Aspect.SUMMARY, Aspect.CONTENT, Aspect.SOURCE, Aspect.RESPONSIBLE})
"""Aspects of facts that describe a thing: of a town they are no news, of a plan the last."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a question for news asks about.

    Attributes:
        question: The question without the words that name the span, which must not count in
            finding the entry.
        span: The days, or None for the newest facts whenever they are from.
        event: The milestone that the span begins with, if it was named by one.
    """

    question: Question
    span: Period | None
    event: Entry | None = None


@dataclass(frozen=True, slots=True)
class News:
    """What happened or was written in a span of time.

    Attributes:
        scope: The entry that it is about, with all below it; None for everything.
        span: The days, or None for the newest facts whenever they are from.
        event: The milestone that the span begins with, if it was named by one.
        event_is_old: Whether there must have been a later one, which is not recorded.
        told: Facts that lie inside for certain, newest first; those of a span of time begin with
            what happened then.
        vague: Facts that may lie inside, as far as their dates say.
        total: How many lie inside for certain.
        newest: The newest fact of the scope, where nothing lies inside.
    """

    scope: Entry | None
    span: Period | None
    event: Entry | None
    told: tuple[Statement, ...]
    vague: tuple[Statement, ...]
    total: int
    newest: Statement | None = None
    event_is_old: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is known from the days asked for."""
        return not self.told and not self.vague

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts that are shown."""
        newest = (self.newest,) if self.newest else ()
        return tuple(s.fact for s in (*self.told, *self.vague, *newest))


def wanted(question: Question, basis: Basis) -> Wanted | None:
    """Whether a question asks for news, and of which days.

    Args:
        question: What is asked.
        basis: Where sessions are looked up, and whose are meant.
    """
    named = named_period(question.as_read, basis.today)
    session = None if named else _last_session(question, basis)
    if session is not None and session.due is not None:
        wording = {word.stem for phrase in LEXICON.sessions for word in words(" ".join(phrase))}
        about = _without(question, wording)
        return Wanted(about, Period(session.due.first, None), session)
    if named is not None and _asks_for_changes(question, named):
        wording = {word.stem for word in words(named.wording)}
        return Wanted(_without(question, wording), named.period)
    if question.newest and named is None and set(question.aspects) <= _OPEN | {Aspect.STATUS}:
        return Wanted(question, None)
    return None


def _asks_for_changes(question: Question, named: NamedPeriod) -> bool:
    if question.kind is Kind.MILESTONE and not named.is_since:
        return False  # dates of a closed span are a list
    if Aspect.REASON in question.aspects[:1]:
        return False  # "warum ist 2024 nichts passiert"
    open_question = named.is_since and set(question.aspects) <= _OPEN
    return question.changing or question.newest or open_question


def _last_session(question: Question, basis: Basis) -> Entry | None:
    """The last milestone of a kind that recurs, for "seit der letzten Ratssitzung"."""
    stems = [word.stem for word in question.read]
    if not any(word.folded in LEXICON.since for word in question.read):
        return None
    snapshot, home = basis.snapshot, basis.home
    for phrase, title in LEXICON.sessions.items():
        if stands_in(phrase, stems):
            held = [
                entry
                for entry in (snapshot.below(home) if home else snapshot.entries.values())
                if entry.kind is Kind.MILESTONE
                and fold(entry.title).startswith(fold(title))
                and entry.due is not None
                and entry.due.last < basis.today
            ]
            return max(held, key=_due_and_key, default=None)
    return None


def _due_and_key(entry: Entry) -> tuple[date, str]:
    return (entry.due.last if entry.due else date.min, entry.key)


def _without(question: Question, stems: Iterable[str]) -> Question:
    silent = set(stems)
    weighted = tuple((word, 0.0 if word.stem in silent else w) for word, w in question.words)
    return replace(question, words=weighted)


def news(
    asked: Wanted,
    scope: Entry | None,
    basis: Basis,
    *,
    kind: Kind | None,
    told: Collection[Entry] = (),
) -> News:
    """Collect the facts on an entry and what is below it that fall into the days asked for.

    Args:
        asked: The days.
        scope: Where to look; None for everywhere.
        basis: The knowledge; facts on days to come are plans, not news.
        kind: Only facts on entries of this kind, if given.
        told: Dates that are told already: what happened on one of their days is no further news.
    """
    keys = {entry.key for entry in told}
    days = {e.due for e in told if e.due is not None and e.due.first == e.due.last}
    dated = [
        (moment, statement)
        for statement in _known(scope, basis.snapshot, kind)
        for moment in [statement.fact.occurred or statement.fact.as_of]
        if moment is not None
        and moment.first <= basis.today
        and not (statement.entry in keys or moment in days)
    ]
    # What happened in a span of time comes before how things stood then.
    dated.sort(key=_newest_first if asked.span is None else _events_first)
    span = asked.span or Period()
    inside = [s for moment, s in dated if span.covers(moment)]
    varied = sorted(inside, key=_repeats(inside).__getitem__)
    vague = [s for moment, s in dated if span.overlaps(moment) and not span.covers(moment)]
    return News(
        scope=scope,
        span=asked.span,
        event=asked.event,
        told=tuple(varied[:MOST_TOLD]),
        vague=tuple(vague[:MOST_VAGUE]),
        total=len(inside),
        newest=None if inside or vague or not dated else min(dated, key=_newest_first)[1],
        event_is_old=asked.event is not None and _is_old(asked.event, basis.today),
    )


def _is_old(session: Entry, today: date) -> bool:
    due = session.due
    return due is not None and months_between(due.last, today) >= MEETS_WITHIN_MONTHS


def _known(scope: Entry | None, snapshot: Snapshot, kind: Kind | None) -> Iterator[Statement]:
    """Each fact once that says something, seen from the nearest entry.

    What happens to a plan that the plans of a town hang on is news in that town, too.
    """
    entries = list(snapshot.entries.values())
    in_detail = scope is not None and scope.kind is not Kind.BODY
    if scope is not None:
        entries = [scope, *snapshot.below(scope.key)]
        if scope.kind is Kind.BODY:
            hung_on = [d.entry for entry in entries for d in snapshot.dependencies(entry.key)]
            entries += [e for plan in hung_on for e in (plan, *snapshot.below(plan.key))]
    seen: set[str] = set()
    for statement in chain.from_iterable(
        snapshot.statements(entry.key)
        for entry in entries
        if entry.kind is (kind or entry.kind) and (entry is scope or entry.kind is not Kind.TERM)
    ):
        if (
            statement.fact.known
            and (in_detail or not _is_lasting(statement))
            and statement.fact.id not in seen
        ):
            seen.add(statement.fact.id)
            yield statement


def _is_lasting(statement: Statement) -> bool:
    """Whether a fact tells what something is, rather than what happened or how far it is."""
    return statement.aspect in _LASTING and statement.fact.occurred is None


def _repeats(statements: Sequence[Statement]) -> dict[Statement, bool]:
    """For each statement whether an earlier one is about the same entry.

    News of a town should not be five facts about one measure.
    """
    seen: set[str] = set()
    repeats = {}
    for statement in statements:
        repeats[statement] = statement.entry in seen
        seen.add(statement.entry)
    return repeats


def _newest_first(item: tuple[PartialDate, Statement]) -> tuple[bool, int, int, str]:
    moment, statement = item
    first, last = moment.first.toordinal(), moment.last.toordinal()
    return (_is_lasting(statement), -last, -first, statement.fact.id)


def _events_first(
    item: tuple[PartialDate, Statement],
) -> tuple[bool, tuple[bool, int, int, str]]:
    return (item[1].fact.occurred is None, _newest_first(item))
