"""Which facts on an entry answer a question: by what is asked, by its words, by what holds now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from knowledge.answering.questions import Question
from knowledge.answering.ranking import closeness, fit
from knowledge.answering.subjects import untold
from knowledge.entries import Aspect, Entry, Fact
from knowledge.facts import is_later, is_overruled
from knowledge.snapshot import Snapshot, Statement

WORDS_SHARE, OWN_BONUS = 3.0, 0.3
"""Choosing facts of an entry: weight of the question's words beside the aspect, and advantage of
the entry's own facts over those that mention it."""

NEAREST_AT, FACT_AT = 0.8, 0.5
"""Share of the best fact's score from which one counts among those that answer, and from which it
is told at all. Of the answers in tests/data that are right with all that is told, 98 of 100 are
with the nearest facts alone, and a fifth shorter."""

MOST_FACTS, MOST_UNKNOWN, MOST_ASPECTS = 4, 2, 2
"""Per entry: facts told, statements that something is not known, aspects that are looked after."""

CLAUSE_AT = 0.5
"""Share of the words of one of several questions that a fact on no asked aspect must have."""

SIGN_AT = 0.5
"""Share of the question's words that a fact must have which shows a sign of what is asked."""

CARD_SHARE = 0.5
"""Weight of the aspects that introduce an entry, where a question asks for none."""

_CARD = (Aspect.SUMMARY, Aspect.STATUS, Aspect.DUE, Aspect.CONTENT)


@dataclass(frozen=True, slots=True)
class Selection:
    """The statements that are told of an entry.

    Attributes:
        nearest: Those that come nearest to what is asked, best first.
        others: Those that come less near: they are folded.
    """

    nearest: tuple[Statement, ...]
    others: tuple[Statement, ...]

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All of them."""
        return (*self.nearest, *self.others)

    def led_by(self, first: Statement | None) -> Selection:
        """The same with a statement before all others, whether it was among them or not."""
        if first is None:
            return self
        nearest = (s for s in self.nearest if s.fact.id != first.fact.id)
        others = (s for s in self.others if s.fact.id != first.fact.id)
        return Selection((first, *nearest), tuple(others))

    def with_first(self, fits: Callable[[Statement], bool]) -> Selection:
        """The same with the first that fits among the nearest, where none of those does."""
        if any(map(fits, self.nearest)):
            return self
        nearest = (*self.nearest, *[s for s in self.others if fits(s)][:1])
        return Selection(nearest, tuple(s for s in self.others if s not in nearest))

    def beginning_with(self, fits: Callable[[Statement], bool]) -> Selection:
        """The same, of the nearest those first that fit."""
        return replace(self, nearest=tuple(sorted(self.nearest, key=lambda s: not fits(s))))


def choose(entry: Entry, question: Question, snapshot: Snapshot) -> Selection:
    """Choose what is told of an entry.

    Args:
        entry: The entry, with all that is said of it.
        question: What is asked.
        snapshot: Where the facts are.
    """
    known = snapshot.statements(entry.key)
    near = closeness(question, entry, snapshot)
    scored = _scores(entry, known, question.aspects, near)
    best = [_best(scored, question.aspects, share) for share in (NEAREST_AT, FACT_AT)]
    showing = tuple(_for_signs(best[-1], scored, question, near))
    further_asked = tuple(_for_clauses(entry, known, question, snapshot))
    nearest, told = (
        _with_what_holds(
            entry,
            tuple(dict.fromkeys((*showing, *chosen, *further_asked))),
            question,
            snapshot,
        )
        for chosen in best
    )
    return Selection(nearest, tuple(s for s in told if s not in nearest))


def _scores(
    entry: Entry,
    known: Sequence[Statement],
    asked: Sequence[Aspect],
    facts: Mapping[str, float],
) -> list[tuple[float, Statement]]:
    """How well statements answer, by aspect and by the question's words; the best first."""
    # What a later fact has overruled is no better than what others say in passing.
    own = {fact.id for fact in entry.facts if not is_overruled(fact, entry)}
    scored = [
        (
            (fit(statement, asked) if asked else CARD_SHARE * fit(statement, _CARD))
            + WORDS_SHARE * facts.get(statement.fact.id, 0.0)
            + (OWN_BONUS if statement.fact.id in own else 0.0),
            statement,
        )
        for statement in known
    ]
    return sorted(scored, key=lambda item: -item[0])


def _best(
    scored: Sequence[tuple[float, Statement]], asked: Sequence[Aspect], share: float
) -> tuple[Statement, ...]:
    """The statements that answer, of all of an entry.

    Args:
        scored: From `_scores`.
        asked: What is asked.
        share: From which part of the best one's score a statement is told.
    """
    if not scored:
        return ()
    best = scored[0][0]
    near = [statement for score, statement in scored if score >= share * best]
    told = [s for s in near if s.fact.known][:MOST_FACTS]
    told += [s for s in near if not s.fact.known][:MOST_UNKNOWN]
    chosen = [statement for statement in near if statement in told]
    for aspect in asked[:MOST_ASPECTS]:
        # "Wer macht das und bis wann?": each part gets its best fact; and what is not known
        # about it is said, too.
        own_aspect = [statement for _, statement in scored if statement.aspect is aspect]
        if not any(fit(statement, (aspect,)) for statement in chosen):
            chosen += [s for _, s in scored if fit(s, (aspect,))][:1]
        if not any(statement.aspect is aspect for statement in chosen):
            chosen += own_aspect[:1]
        if not any(s.aspect is aspect and not s.fact.known for s in chosen):
            chosen += [s for s in own_aspect if not s.fact.known][:1]
    return tuple(dict.fromkeys(chosen))


def _for_clauses(
    entry: Entry, known: Sequence[Statement], question: Question, snapshot: Snapshot
) -> Iterator[Statement]:
    """The best statement for each of several questions in a sentence, if there is a good one."""
    for clause in question.clauses:
        single = replace(question, words=clause.words, aspects=clause.aspects)
        near = closeness(single, entry, snapshot)
        scored = _scores(entry, known, clause.aspects, near)
        for _, best in scored[:1]:
            if fit(best, clause.aspects) or near.get(best.fact.id, 0.0) >= CLAUSE_AT:
                yield best


def _for_signs(
    best: Sequence[Statement],
    scored: Sequence[tuple[float, Statement]],
    question: Question,
    near: Mapping[str, float],
) -> Iterator[Statement]:
    """The best statement that shows a sign of what is asked, if the best at large do not.

    "Wie oft wird berichtet?" asks for a number, and is answered by a statement with "jährlich".
    """
    told = [statement.fact.text for statement in best]
    lacking = untold(question, told)
    if not lacking:
        return
    for _, statement in scored:
        is_close = near.get(statement.fact.id, 0.0) >= SIGN_AT
        if is_close and untold(question, [*told, statement.fact.text]) != lacking:
            yield statement
            return


def _with_what_holds(
    entry: Entry, statements: tuple[Statement, ...], question: Question, snapshot: Snapshot
) -> tuple[Statement, ...]:
    """Put before older statements what holds now: how far things are, and when they are due.

    The words of an older fact may fit a question better than those of a newer one, and other
    entries may be told of the older one only.
    """
    told = [statement.fact for statement in statements if statement.fact.known]
    first = [
        holding
        for aspect in question.aspects or (Aspect.STATUS,)
        for holding in [_holding(entry, aspect)]
        if holding is not None and set(told) - {holding} and _is_newest(holding, told)
    ]
    ordered = first
    for statement in statements:
        fact = statement.fact
        holding = _holding(snapshot.owner(fact), fact.aspect)
        if holding is not None and fact.known and is_later(holding, fact):
            ordered.append(holding)
        ordered.append(fact)
    chosen = {statement.fact.id: statement for statement in statements}
    return tuple(
        chosen.get(fact.id) or Statement(entry.key, fact.aspect, fact)
        for fact in dict.fromkeys(ordered)
    )


def _is_newest(fact: Fact, told: Sequence[Fact]) -> bool:
    return all(is_later(fact, other) for other in told if other != fact)


def _holding(entry: Entry, aspect: Aspect) -> Fact | None:
    """The fact that tells an entry's phase or date, as it holds now."""
    match aspect:
        case Aspect.STATUS:
            return entry.phase_fact
        case Aspect.DUE:
            return entry.due_fact
        case _:
            return None
