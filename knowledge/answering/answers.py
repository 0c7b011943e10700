"""Answering: from a question and a snapshot to facts that may be quoted.

Pure functions of (question, snapshot, today): no clock, no database, no chance. An answer is
made of facts and of nothing else; where there is none, it says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from knowledge.answering.basis import CALIBRATED, Basis, Thresholds
from knowledge.answering.caveats import Doubt
from knowledge.answering.comparison import sides
from knowledge.answering.confidence import Band, meant
from knowledge.answering.ellipsis import Topic, completed
from knowledge.answering.happenings import of_that_year, told_otherwise
from knowledge.answering.listings import Listing, list_entries
from knowledge.answering.news import News, Wanted, news, wanted
from knowledge.answering.periods import period
from knowledge.answering.questions import Question, understand
from knowledge.answering.ranking import Candidate, candidates, naming_words
from knowledge.answering.repetition import without_repetition
from knowledge.answering.sections import Section, section
from knowledge.answering.towns import (
    is_foreign,
    is_of_a_state,
    is_of_a_town,
    means_own,
    town_of,
    towns_above,
    towns_named,
)
from knowledge.entries import Aspect, Certainty, Entry, Fact, Kind
from knowledge.german import Word, words
from knowledge.lexicon import LEXICON
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot, Statement

MOST_SECTIONS, MOST_SUGGESTIONS = 2, 3

NEARLY = 0.6
"""Share of the best score from which what was just talked about is meant, where a question names
nothing. Of 180 such questions behind an unrelated one 9 were then answered otherwise, none of
them wrongly; of 40 that went on with what was said before, 2 more were answered rightly."""

NEAR_AT = 0.15
"""Coverage from which an entry is named as near where nothing was found."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything that is said in reply to a question; wording is up to the templates.

    Attributes:
        band: How sure the bot is; sections and a listing exist for `Band.ANSWER` only.
        question: The question as understood.
        today: The day for which the answer holds.
        sections: One per entry.
        listing: Entries asked for together.
        news: What happened in the days asked for.
        suggestions: What may have been meant, or is nearest.
        candidates: The entries that were considered first, with the signals that spoke for them.
        is_completed: Whether the question was completed from the one before.
    """

    band: Band
    question: Question
    today: date
    sections: tuple[Section, ...] = ()
    listing: Listing | None = None
    news: News | None = None
    suggestions: tuple[Entry, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    is_completed: bool = False

    @property
    def read_as(self) -> str | None:
        """The question as it was read, or None if it was read as written."""
        return self.question.as_read if self.is_completed else self.question.corrected

    @property
    def topic(self) -> Entry | None:
        """What a bare follow-up question would refer to."""
        if self.sections:
            return self.sections[0].entry
        return self.news.scope if self.news else None

    @property
    def leads_to(self) -> Topic | None:
        """What the next question may refer to."""
        question = self.question
        if question.aside or (question.follow_up and not self.topic):
            return None
        # What leaves out something can itself not be gone on with, unless it was completed.
        leaves_out = question.whence or (question.refers_back and not question.aspects)
        asked = "" if question.goes_on or leaves_out else question.as_read
        return Topic(self.topic.key if self.topic else None, asked)

    @property
    def lacks_something(self) -> bool:
        """Whether a section says that something which was asked is told by no source."""
        return any(not section.admitted.is_empty for section in self.sections)

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All statements of all sections."""
        return tuple(s for section in self.sections for s in section.statements)

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All facts that answer: of the sections, of entries in a list, and of the news."""
        listed = (*self.listing.entries, *self.listing.vague) if self.listing else ()
        stated = (fact for entry in listed for fact in (entry.phase_fact, entry.due_fact) if fact)
        news = self.news.facts if self.news else ()
        admitted = self.listing.admitted if self.listing else ()
        told = (statement.fact for statement in (*self.statements, *admitted))
        return (*told, *stated, *news)

    @property
    def grounds(self) -> tuple[Fact, ...]:
        """All facts that it is built on: those that answer, and those behind what is said besides.

        Where any of them changes, the answer has changed.
        """
        return (*self.facts, *(fact for section in self.sections for fact in section.grounds))

    @property
    def as_of(self) -> PartialDate | None:
        """The newest date among the facts that answer."""
        dates = (fact.dated for fact in self.facts if fact.dated)
        return max(dates, key=lambda dated: dated.last, default=None)

    @property
    def certainty(self) -> Certainty | None:
        """The certainty of the least certain fact that answers."""
        order = list(Certainty)
        return max((fact.certainty for fact in self.facts), key=order.index, default=None)


def answer(
    text: str,
    snapshot: Snapshot,
    today: date,
    *,
    topic: Topic | None = None,
    home: str | None = None,
    thresholds: Thresholds = CALIBRATED,
) -> Answer:
    """Answer a question.

    Args:
        text: What was typed.
        snapshot: The knowledge to answer from.
        today: The day for which the answer holds.
        topic: What the chat last talked about, for questions that refer to it.
        home: Key of the body that the bot serves.
        thresholds: How sure the bot must be.
    """
    basis = Basis(snapshot, today, home, thresholds)
    return answer_question(understand(text, snapshot), basis, topic=topic)


def answer_question(question: Question, basis: Basis, *, topic: Topic | None = None) -> Answer:
    """Like `answer`, for a question that was understood in view of the same snapshot."""
    snapshot, today = basis.snapshot, basis.today
    if question.aside is not None:
        return Answer(Band.NONE, question, today)
    if topic and question.points_back:
        whole = completed(question, topic, snapshot)
        if whole:
            of = Topic(topic.entry)  # a whole question is not completed once more
            found = answer_question(understand(whole, snapshot), basis, topic=of)
            return replace(found, is_completed=True)
    entry = snapshot.get(topic.entry or "") if topic else None
    if entry and not (question.refers_back or _is_on_parts_of(entry, question, basis)):
        entry = None
    asked = wanted(question, basis)
    if entry is not None:
        if asked and asked.span:  # "und was hat sich seit 2024 geändert?"
            changes = news(asked, entry, basis, kind=None)
            return Answer(Band.ANSWER, question, today, news=changes)
        return _about([entry], question, basis)
    if question.follow_up:
        at_large = _of_home(question, basis) or _at_large(question)
        if at_large is None:
            return Answer(Band.NONE, question, today)
        question = at_large
        asked = wanted(question, basis)
    if asked and _is_ahead(asked, today) and not asked.question.subject:
        # "Was passiert im Dezember?" asks for dates: of what is to come nothing else is known.
        question, asked = replace(asked.question, kind=Kind.MILESTONE, listing=True), None
    reported = asked and _news(asked, basis)
    if reported and not (reported.news and reported.news.span and reported.news.is_empty):
        return reported
    ranked = candidates(question, basis)
    if topic and question.names_none and not (question.listing or question.comparing):
        ranked = _preferring(topic.entry, ranked)
    found = _with_events(_from_candidates(question, ranked, basis), basis)
    if reported and not _names_the_time(found):
        return reported
    return replace(found, candidates=tuple(ranked[:MOST_SUGGESTIONS]))


def _is_on_parts_of(entry: Entry, question: Question, basis: Basis) -> bool:
    """Whether it asks for measures or fields, after another town was talked about.

    "Wie viele Maßnahmen?" is about home otherwise.
    """
    of_parts = question.kind in {Kind.MEASURE, Kind.FIELD} and not question.subject
    narrowed = question.phases or question.overdue or question.lacking
    return of_parts and not narrowed and is_foreign(entry, basis)


def _with_events(found: Answer, basis: Basis) -> Answer:
    """A list of the dates of days that have passed, with what else happened then.

    "Was geschah im Juni 2016" asks for more than dates, unlike "Termine Juni 2016".
    """
    listing, question = found.listing, found.question
    if listing is None or listing.kind is not Kind.MILESTONE or _says_dates(question.read):
        return found
    span = period(question.as_read, basis.today)
    if span is None or span.first is None or span.first > basis.today:
        return found
    told = (*listing.entries, *listing.vague)
    asked = Wanted(question, span)
    happened = news(asked, listing.scope, basis, kind=None, told=told)
    return found if happened.is_empty else replace(found, news=happened)


def _says_dates(read: Iterable[Word]) -> bool:
    return any(LEXICON.kinds.get(word.stem) is Kind.MILESTONE for word in read)


def _preferring(key: str | None, ranked: Sequence[Candidate]) -> list[Candidate]:
    """Candidates, first the one that was talked about if it is nearly as likely as the best."""
    own = [
        candidate
        for candidate in ranked
        if candidate.key == key
        and candidate.coverage >= ranked[0].coverage
        and candidate.score >= NEARLY * ranked[0].score
    ]
    return [*own, *(candidate for candidate in ranked if candidate not in own)]


def _is_ahead(asked: Wanted, today: date) -> bool:
    return asked.span is not None and asked.span.first is not None and asked.span.first > today


def _of_home(question: Question, basis: Basis) -> Question | None:
    """A question for "das Konzept" and no other, as one for that of home."""
    place = basis.place
    town = next((w for w in words(place.title) if town_of(w)), None) if place else None
    plan = next((w for w in question.read if LEXICON.kinds.get(w.stem) is Kind.PLAN), None)
    if town is None or plan is None or plan.folded in LEXICON.plurals:
        return None
    text = question.text.replace(plan.surface, f"{plan.surface} {town.surface}", 1)
    return understand(text, basis.snapshot)


def _at_large(question: Question) -> Question | None:
    """A question that names nothing but asks for a list, as one about all that is recorded.

    "Ist das schon abgeschlossen?" asks for none, but about something that was named before.
    """
    if question.refers:
        return None
    if question.phases or question.overdue:
        return replace(question, kind=Kind.MEASURE, listing=True, follow_up=False)
    if question.upcoming:
        return replace(question, kind=Kind.MILESTONE, listing=True, follow_up=False)
    return None


def _names_the_time(found: Answer) -> bool:
    """Whether facts name the days asked for, though they are from others: "2023 waren es 677"."""
    return bool(found.statements) and not any(
        Doubt.OTHER_TIME in section.caveats.doubts for section in found.sections
    )


def _from_candidates(question: Question, ranked: Sequence[Candidate], basis: Basis) -> Answer:
    snapshot = basis.snapshot
    claimed = question.happening
    if ranked and told_otherwise(claimed, snapshot.entries[ranked[0].key], snapshot):
        # A year that is wrong would lead to what is of that year: "das 2019 beschlossene Konzept".
        ranked = candidates(_without_time(question), basis)
    band, chosen = meant(question, ranked, basis)
    compared = _compared(question, basis)
    if compared is not None:
        return compared
    listing = list_entries(question, ranked, basis)
    if listing is not None:
        sure = bool(ranked) and ranked[0].coverage >= basis.thresholds.no_doubt
        return _listed(listing, _entries(chosen, basis), question, basis, sure=sure)
    near = _near(question, ranked, basis)
    if band is Band.ANSWER:
        entries = _entries(chosen[:MOST_SECTIONS], basis)
        if len(entries) > 1:  # what is said of one of them is not said of the other
            question = replace(question, happening=None)
        elif question.happening:
            entries = [of_that_year(question.happening, entries[0], snapshot)]
        told = _about(entries, question, basis)
        if not _is_elsewhere(told, basis):
            return told
        own = _about(_named_own(ranked, basis), question, basis)
        if own.lacks_something:
            return own
        band = Band.SUGGEST
        near.sort(key=lambda entry: is_foreign(entry, basis))
    return Answer(band, question, basis.today, suggestions=tuple(near))


def _near(question: Question, ranked: Sequence[Candidate], basis: Basis) -> list[Entry]:
    """What may have been meant; nothing of other towns where home is named and no other is."""
    snapshot = basis.snapshot
    own = towns_above(basis.place, snapshot) if basis.place else set()
    asked = {town for word in question.read if (town := town_of(word))}
    near = _entries([c for c in ranked if c.coverage >= NEAR_AT], basis)
    if asked and asked <= own:
        near = [entry for entry in near if towns_above(entry, snapshot) <= own]
    return near[:MOST_SUGGESTIONS]


def _listed(
    listing: Listing,
    chosen: Sequence[Entry],
    question: Question,
    basis: Basis,
    *,
    sure: bool,
) -> Answer:
    """A list, with facts on what is meant before it, or instead of it if it is empty.

    Args:
        listing: The list.
        chosen: The entries that are meant.
        question: What is asked.
        basis: What is known.
        sure: Whether the question is found in an entry nearly as a whole.
    """
    of_dates = listing.kind is Kind.MILESTONE
    if of_dates and listing.is_empty and question.times:
        told = _about(chosen, question, basis)
        if _names_the_time(told):
            return told  # no date, but a fact on the days asked for
    # A list narrowed to a phase is the whole answer; otherwise facts on it come first.
    narrowed = question.phases or question.overdue or question.lacking or of_dates
    entries = () if narrowed else chosen
    if not question.subject:  # "liste aller Dokumente": what has the word in it is not meant
        entries = [entry for entry in entries if _is_own(entry, basis)]
    told = _about(entries, question, basis)
    fitting = tuple(s for s in told.sections if s.statements and not s.admitted.missing)
    if listing.beyond and fitting and sure:
        return replace(told, sections=fitting)  # no such entry, but a fact says it
    return replace(told, sections=() if listing.beyond else fitting, listing=listing)


def _entries(chosen: Iterable[Candidate], basis: Basis) -> list[Entry]:
    """The entries that candidates stand for."""
    return [basis.snapshot.entries[candidate.key] for candidate in chosen]


def _is_own(entry: Entry, basis: Basis) -> bool:
    above = basis.snapshot.ancestors(entry.key)
    return basis.home is None or basis.home in {entry.key, *(one.key for one in above)}


def _without_time(question: Question) -> Question:
    """A question without the word that says when something happened."""
    written = question.happening.written if question.happening else None
    return replace(question, words=tuple(w for w in question.words if w[0] != written))


def _is_elsewhere(found: Answer, basis: Basis) -> bool:
    """Whether home is asked about, and what was found is another town's and has no word on it.

    Home is named, or something that it has.
    """
    snapshot = basis.snapshot
    is_anothers = all(is_foreign(section.entry, basis) for section in found.sections)
    if is_anothers and means_own(found.question.read, basis):
        return True
    own = towns_named(words(basis.place.title)) if basis.place else frozenset()
    return all(
        own & towns_named(words(" ".join(section.admitted.unsaid)))
        and (is_of_a_town(section.entry, snapshot) or is_of_a_state(section.entry, snapshot))
        for section in found.sections
    )


def _named_own(ranked: Sequence[Candidate], basis: Basis) -> list[Entry]:
    """The best entry of home's that the question names, if there is one."""
    own = {entry.key for entry in basis.snapshot.below(basis.home)} if basis.home else set()
    return _entries([c for c in ranked if c.named and c.key in own][:1], basis)


def _news(asked: Wanted, basis: Basis) -> Answer:
    question, snapshot, today = asked.question, basis.snapshot, basis.today
    ranked = candidates(question, basis)
    band, chosen = meant(question, ranked, basis)
    considered = tuple(ranked[:MOST_SUGGESTIONS])
    if question.subject and band is not Band.ANSWER:
        near = _entries([c for c in considered if c.coverage >= NEAR_AT], basis)
        return Answer(band, question, today, suggestions=tuple(near), candidates=considered)
    scope = basis.place
    if question.subject:
        scope = snapshot.entries[chosen[0].key]
        if scope.kind is Kind.MILESTONE:  # what came of it is told of the whole
            scope = next(snapshot.ancestors(scope.key), scope)
    found = news(asked, scope, basis, kind=_kind_of_news(question))
    return Answer(Band.ANSWER, question, today, news=found, candidates=considered)


def _kind_of_news(question: Question) -> Kind | None:
    return question.kind if question.listing and question.kind is not Kind.MILESTONE else None


def _compared(question: Question, basis: Basis) -> Answer | None:
    """A section for each of two things, if the question names two different ones."""
    snapshot = basis.snapshot
    halves = sides(question, snapshot)
    if halves is None:
        return None
    considered: list[Candidate] = []
    sections: list[Section] = []
    for half in halves:
        ranked = candidates(half, basis)
        if not ranked or ranked[0].coverage < basis.thresholds.suggest:
            return None
        considered.append(ranked[0])
        told = {told.entry.key for told in sections}
        entries = [ranked[0].key, *_definition(half, ranked, snapshot)]
        sections += [
            section(snapshot.entries[key], half, basis) for key in entries if key not in told
        ]
    if considered[0].key == considered[1].key:
        key = considered[0].key
        names = [naming_words(half, snapshot.entries[key], snapshot) for half in halves]
        if not all(names) or names[0] == names[1]:
            return None
        same = replace(sections[0], caveats=replace(sections[0].caveats, same=True))
        return Answer(Band.ANSWER, question, basis.today, (same,), candidates=(considered[0],))
    return Answer(
        Band.ANSWER,
        question,
        basis.today,
        sections=without_repetition(sections),
        candidates=tuple(considered),
    )


def _definition(question: Question, ranked: Sequence[Candidate], snapshot: Snapshot) -> list[str]:
    """The term that explains what a compared thing is, where the difference is asked for."""
    terms = [
        candidate.key
        for candidate in ranked[1:MOST_SUGGESTIONS]
        if candidate.coverage >= ranked[0].coverage
        and snapshot.entries[candidate.key].kind is Kind.TERM
    ]
    return terms[:1] if Aspect.SUMMARY in question.aspects else []


def about(
    entry: Entry,
    aspects: Sequence[Aspect],
    snapshot: Snapshot,
    today: date,
    *,
    text: str = "",
) -> Answer:
    """Answer for an entry that is already known, as a button asks for it."""
    question = replace(understand(text, snapshot), aspects=tuple(aspects))
    return _about([entry], question, Basis(snapshot, today))


def _about(entries: Sequence[Entry], question: Question, basis: Basis) -> Answer:
    keys = [entry.key for entry in entries]
    sections = [section(entry, question, basis, beside=keys) for entry in entries]
    return Answer(Band.ANSWER, question, basis.today, sections=without_repetition(sections))
