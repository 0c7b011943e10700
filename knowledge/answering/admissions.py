"""What an answer has to admit: that something which was asked is told by no fact."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from knowledge.answering.actors import asks_for_a_deed, untold_deeds
from knowledge.answering.counts import counted, enumerated, only_counts, tells_how_many
from knowledge.answering.happenings import tells_how_it_ended
from knowledge.answering.periods import years_named
from knowledge.answering.questions import Question
from knowledge.answering.ranking import fit
from knowledge.answering.subjects import SPOKEN_OF_AT, asks_for_a_sign, narrowing, unsaid, untold
from knowledge.answering.towns import towns_named
from knowledge.entries import Aspect, Entry, Fact, Kind, Phase
from knowledge.german import Word, paper_numbers, words
from knowledge.lexicon import LEXICON, cues_in, stands_in
from knowledge.partial_date import Period
from knowledge.search import Index
from knowledge.snapshot import Snapshot, Statement

_SHOWN = frozenset({Aspect.COST, Aspect.COUNT, Aspect.DUE})
"""What only a sum, a number or a date answers, whatever words a fact shares with a question."""

_WHO = frozenset({Aspect.RESPONSIBLE, Aspect.PARTICIPANTS})
"""What "wer" alone asks for; not so in "wer stimmte dagegen"."""

_SUM = re.compile(
    r"\d[\d.]*(?: Mio\.?| Millionen)? (?:Euro|EUR|€)|[Kk]osten: \d|kosten(?:los|frei)"
    r"|unentgeltlich|entsteh\w+ (?:\w+ ){,3}keine(?:rlei)? (?:\w+ )?Kosten|kostet nichts"
)
"""What a fact says that answers "was kostet das"."""

_IN_CHARGE = re.compile(r"zuständig|verantwort|\bLeit|\bleite", re.IGNORECASE)
"""What a fact on an office says that answers who does something or leads it."""

_EVIDENCE = frozenset(phrase for phrase in LEXICON.whence if len(phrase) == 1)
"""Words that ask what shows something, folded."""

_PAPER_NUMBER = re.compile(r"(?:Drucksachen|Beschluss|Vorlagen)nummer")
"""What a fact names that says of a paper that its number is not known."""


@dataclass(frozen=True, slots=True)
class Admissions:
    """What was asked about an entry and is not told.

    Attributes:
        missing: Aspects that no source speaks to.
        unsaid: Nouns that no text on the entry has, and words that no fact told shows a sign of.
        uncounted: What is counted, where no fact says how many there are.
        counted_elsewhen: Whether one does, but of another time than is asked for.
        unnamed: What is to be named, where facts only say how many there are.
    """

    missing: tuple[Aspect, ...] = ()
    unsaid: tuple[str, ...] = ()
    uncounted: str | None = None
    counted_elsewhen: bool = False
    unnamed: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to be admitted."""
        return not (self.missing or self.unsaid or self.uncounted or self.unnamed)


def admissions(
    question: Question,
    entry: Entry,
    statements: Sequence[Statement],
    snapshot: Snapshot,
    *,
    beside: Collection[str],
    span: Period | None,
    doubted: bool,
) -> Admissions:
    """What has to be admitted beside what is told of an entry.

    Args:
        question: What is asked.
        entry: The entry.
        statements: What is told.
        snapshot: Where the facts are.
        beside: Keys of the entries that the same reply tells of.
        span: The time that is asked for.
        doubted: Whether what the question takes for granted is doubted: that is said once.
    """
    missing = tuple(
        aspect
        for aspect in _missing(question, entry, statements)
        if not (doubted and aspect is Aspect.REASON)  # for what did not happen there is none
    )
    not_said = unsaid(question, {entry.key, *beside}, snapshot)
    if not doubted:
        told = [statement.fact.text for statement in statements]
        names = (name for key in (entry.key, *beside) for name in _names(key, snapshot))
        deeds = untold_deeds(question, chain(told, names), snapshot.fact_index)
        not_said = (*not_said, *untold(question, told), *deeds)
    if missing or not_said:
        return Admissions(missing, tuple(dict.fromkeys(not_said)))
    uncounted = _uncounted(question, entry, statements, snapshot, beside=beside, span=span)
    ever = uncounted and _uncounted(question, entry, statements, snapshot, beside=beside)
    return Admissions(
        uncounted=uncounted,
        counted_elsewhen=uncounted is not None and ever is None,
        unnamed=_unnamed(question, statements, snapshot),
    )


def _names(key: str, snapshot: Snapshot) -> Iterator[str]:
    """How an entry and those that it belongs to are called."""
    for entry in (snapshot.entries[key], *snapshot.ancestors(key)):
        yield from (entry.title, *entry.aliases)


def _missing(
    question: Question, entry: Entry, statements: Sequence[Statement]
) -> Iterator[Aspect]:
    clauses = (aspect for clause in question.clauses for aspect in clause.aspects[:1])
    for aspect in dict.fromkeys((*question.aspects[:1], *clauses)):
        if aspect in {Aspect.SUMMARY, Aspect.CONTENT}:
            continue
        if aspect is Aspect.SOURCE and (entry.number or entry.kind is Kind.DOCUMENT):
            continue
        if aspect is Aspect.SOURCE and (entry.kind is Kind.BODY or _asks_for_evidence(question)):
            continue  # "wo finde ich die Beratung" asks for none; what is told names its sources
        if aspect in _WHO and not _cues(aspect, question) and _asks_who_did(question):
            continue
        if not _is_spoken_to(aspect, statements, entry, question):
            yield aspect


def _asks_for_evidence(question: Question) -> bool:
    """Whether it is asked what shows something, and for no paper or number."""
    return question.whence or any((word.folded,) in _EVIDENCE for word in question.read)


def _asks_who_did(question: Question) -> bool:
    """Whether words for a deed tell if it is answered: "wer stimmte", "wer moderierte"."""
    return asks_for_a_sign(question) or asks_for_a_deed(question)


def _is_spoken_to(
    aspect: Aspect, statements: Sequence[Statement], entry: Entry, question: Question
) -> bool:
    """Whether statements say anything about what is asked, or have the words that ask for it."""
    if any(_speaks(statement, aspect, entry, question) for statement in statements):
        return True
    if aspect in _SHOWN:
        return False
    if aspect is Aspect.PARTICIPANTS and _asks_for_towns(question):
        return any(towns_named(words(statement.fact.text)) for statement in statements)
    cues = _cues(aspect, question)
    told = (word.stem for statement in statements for word in words(statement.fact.text))
    return not cues.isdisjoint(told)


def _asks_for_towns(question: Question) -> bool:
    """Whether towns are to be named: "welche Kommunen haben einen Beirat"."""
    return any(
        word.folded in LEXICON.naming and after.folded in LEXICON.municipalities
        for word, after in pairwise(question.read)
    )


def _cues(aspect: Aspect, question: Question) -> set[str]:
    """The stems by which a question shows an aspect: "Minister", "Zustände", but not "wer"."""
    asked = [word.stem for word in question.read]
    phrases = (cue.phrase for cue in cues_in(asked) if cue.aspect is aspect)
    shown = {stem for phrase in phrases if stands_in(phrase, asked) for stem in phrase}
    return shown - LEXICON.function


def _speaks(statement: Statement, aspect: Aspect, entry: Entry, question: Question) -> bool:
    """Whether a statement says anything about an aspect that is asked."""
    if aspect is Aspect.COST and question.amount and statement.fact.known:
        return _SUM.search(statement.fact.text) is not None
    if aspect is Aspect.REASON and question.premise is Phase.DROPPED:
        # What a thing waits for is no reason why it was turned down.
        return tells_how_it_ended(statement.fact, Phase.DROPPED) and fit(statement, (aspect,)) > 0
    if aspect is Aspect.REASON and statement.fact not in entry.facts:
        return statement.aspect is aspect  # else it may be the reason for what another entry does
    if aspect is Aspect.RESPONSIBLE and entry.kind is Kind.BODY:
        # Any text on an office has the word "Amt" in it; that does not say who leads it.
        if statement.aspect is aspect or _IN_CHARGE.search(statement.fact.text):
            return True
    elif fit(statement, (aspect,)) > 0:
        return True
    # "Wer" asks for those who took part as well as for who is in charge.
    says_who = aspect is Aspect.RESPONSIBLE or any(w.folded == "wer" for w in question.read)
    if aspect in _WHO and says_who and fit(statement, tuple(_WHO)):
        return True
    if aspect is not Aspect.SOURCE:
        return False
    asks_for_number = any(word.folded.endswith(LEXICON.number_words) for word in question.read)
    denied = not statement.fact.known and _PAPER_NUMBER.search(statement.fact.text)
    return bool((asks_for_number and denied) or paper_numbers(statement.fact.text))


def _uncounted(
    question: Question,
    entry: Entry,
    statements: Sequence[Statement],
    snapshot: Snapshot,
    *,
    beside: Collection[str],
    span: Period | None = None,
) -> str | None:
    """What a question counts, as it was written, if facts are told and none says how many.

    A fact that says of the thing itself that the number is not known is as good.
    """
    thing = counted(question)
    if thing is None:
        return None
    index = snapshot.fact_index
    if any(_denies_a_number(statement, thing, index) for statement in statements):
        return None
    facts = [statement.fact for statement in statements if statement.fact.known]
    narrower = narrowing(question, entry, snapshot, beside=beside)
    closer = [word for word in narrower if word != thing]
    told = any(
        tells_how_many(fact, thing, index)
        and all(index.found(word, (fact.id,)) >= SPOKEN_OF_AT for word in closer)
        for fact in facts
        if span is None or not _names_other_years(fact, span)
    )
    return None if told or not facts else thing.surface


def _denies_a_number(statement: Statement, thing: Word, index: Index) -> bool:
    """Whether a statement says that it is not known how many there are of a thing."""
    if statement.fact.known or statement.aspect is not Aspect.COUNT:
        return False
    return any(index.is_kind_of(word, thing) for word in words(statement.fact.text))


def _unnamed(
    question: Question, statements: Sequence[Statement], snapshot: Snapshot
) -> str | None:
    """What a question wants named, as it was written, if the facts told only count it."""
    thing = enumerated(question)
    if thing is None:
        return None
    index = snapshot.fact_index
    speaking = [
        statement.fact
        for statement in statements
        if any(index.is_kind_of(word, thing) for word in words(statement.fact.text))
    ]
    only = bool(speaking) and all(only_counts(fact, thing, index) for fact in speaking)
    return thing.surface if only else None


def _names_other_years(fact: Fact, span: Period) -> bool:
    """Whether a fact names years, and none of a span of time: "677 Anträge 2023"."""
    years = years_named(fact.text)
    return bool(years) and not any(map(span.overlaps, years))
