"""Wording of answers: from `knowledge.answering.answers` to text and buttons.

Used by the chat and by the command line alike, so that both say the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from telegram import InlineKeyboardButton

from handlers.buttons import Action, button, label
from handlers.feedback import rating_row
from handlers.messages import PHRASES, Reply, render
from knowledge.answering.answers import Answer
from knowledge.answering.asides import Aside, to_subscribe
from knowledge.answering.basis import Basis
from knowledge.answering.confidence import Band
from knowledge.answering.lookup import Found, find_entry
from knowledge.entries import Aspect, Entry, Fact, Source
from knowledge.german import words
from knowledge.milestones import coming
from knowledge.notification.interests import Target
from knowledge.snapshot import Snapshot, Statement

MOST_ENTRY_BUTTONS = 6

MOST_LEADS = 2
"""Buttons below an answer that lead on from it: one row, so that a phone shows the answer."""

QUOTED, WHOLE = "", "all"
"""What was asked stands in the message that the answer replies to; or a button asked for an entry
without an aspect."""

IN_LOG_ALONE = "#"
"""Stands before the number of a question that was completed: no message has it as a whole."""

EVERYTHING = "-"
"""Stands for the key of an entry in buttons that are about all of them."""

_EXAMPLE = re.compile(r"!([0-9]{1,2})")
"""Names an example of the greeting by its number: no message asks it, it stands on a button."""


@dataclass(slots=True)
class Footnotes:
    """Numbers the sources of a message in the order in which they are first used."""

    sources: list[Source] = field(default_factory=list)

    def mark(self, fact: Fact) -> str:
        """The footnote marks of a fact: `[1]`, `[1, 3]`."""
        numbers = sorted({self._number(source) for source in fact.sources})
        return f"[{', '.join(map(str, numbers))}]"

    def _number(self, source: Source) -> int:
        """The number of a source; what readers see under the same name is one."""
        for number, known in enumerate(self.sources, 1):
            if _shown(known) == _shown(source):
                return number
        self.sources.append(source)
        return len(self.sources)


def _shown(source: Source) -> tuple[str, str | None]:
    return source.reference or source.title, source.url


def blocks(statements: Sequence[Statement]) -> Iterator[list[Fact]]:
    """Neighbouring facts of the same date and certainty, which are stated once for all."""
    facts = (statement.fact for statement in statements)
    for _, group in groupby(facts, key=lambda f: (f.as_of, f.occurred, f.dating, f.certainty)):
        yield list(group)


def reply(
    answer: Answer,
    snapshot: Snapshot,
    *,
    question_id: int | None = None,
    asked: str | None = None,
) -> Reply:
    """Word an answer.

    Args:
        answer: What is said.
        snapshot: What it was answered from.
        question_id: Number of the question in the log, for ratings of the answer.
        asked: How "Bei Änderung melden" finds what was asked, where the log does not have it:
            `QUOTED`, or what `of_example` or `tapped` says. None where nobody could tell, and
            nothing is offered. What was completed from the question before stands in the log
            alone.
    """
    if answer.is_completed:
        asked = None
    example = asked if asked and example_asked(asked) else ""
    hand_over = _hand_over(answer, question_id, example)
    if answer.band is Band.ANSWER:
        key = answer.topic.key if answer.topic else ""
        if question_id is not None and not example:
            asked = f"{IN_LOG_ALONE if answer.is_completed else ''}{question_id}"
        last = (_subscription_row(key, asked), rating_row(key, question_id))
        in_words = question_id is not None or bool(example) or asked == QUOTED
        lacking = hand_over if in_words and answer.lacks_something else ()
        above = _below_answer(answer, snapshot, hand_over=lacking)
        return Reply(_words(answer), (*above, *last))
    aspect = answer.question.aspects[0] if answer.question.aspects else ""
    offered: tuple[tuple[InlineKeyboardButton, ...], ...] = tuple(
        (button(label(entry), Action.ABOUT, entry.key, aspect),) for entry in answer.suggestions
    )
    template = "suggest" if answer.band is Band.SUGGEST else "nothing"
    wanted = to_subscribe(answer.question.as_read)
    if answer.question.aside is Aside.SUBSCRIBING:
        offered = _to_subscribe(wanted, Basis(snapshot, answer.today))
    empty = answer.question.follow_up or answer.question.aside is not None
    editors = (hand_over,) if hand_over and not empty else ()
    return Reply(
        render(template, answer=answer, to_subscribe=wanted, offered=bool(offered)),
        (*offered, *editors),
    )


def _to_subscribe(wanted: str, basis: Basis) -> tuple[tuple[InlineKeyboardButton, ...], ...]:
    """A button that subscribes what is wanted, or those of what may be."""
    if is_everything(wanted):
        return ((all_of_it(),),)
    found = find_entry(wanted, basis) if wanted else Found()
    entries = (found.entry,) if found.entry else found.near
    return tuple((button(label(entry), Action.SUBSCRIBE, entry.key),) for entry in entries)


def all_of_it() -> InlineKeyboardButton:
    """The button that subscribes all entries."""
    return button(PHRASES["button"]["everything"], Action.SUBSCRIBE, EVERYTHING)


def is_everything(wanted: str) -> bool:
    """Whether words say what the button for all entries says, or its first one.

    >>> is_everything("Alle"), is_everything("alles was ich weiß!"), is_everything("alles andere")
    (True, True, False)
    """
    typed, said = ([w.stem for w in words(t)] for t in (wanted, PHRASES["button"]["everything"]))
    return typed in (said, said[:1])


def _words(answer: Answer) -> str:
    notes = Footnotes()
    return render("answer", answer=answer, notes=notes, blocks=blocks)


def _hand_over(
    answer: Answer, number: int | None, example: str
) -> tuple[InlineKeyboardButton, ...]:
    """To give the editors a question: the one replied to, the whole one in the log, an example."""
    if answer.is_completed and number is None:
        return ()
    key = str(number) if answer.is_completed else example
    return (button(PHRASES["button"]["hand_over"], Action.HAND_OVER, key),)


def _below_answer(
    answer: Answer, snapshot: Snapshot, *, hand_over: tuple[InlineKeyboardButton, ...]
) -> tuple[tuple[InlineKeyboardButton, ...], ...]:
    if not answer.sections:
        listed = list(answer.listing.entries) if answer.listing else []
        if answer.news:
            keys = dict.fromkeys(s.entry for s in (*answer.news.told, *answer.news.vague))
            listed = [snapshot.entries[key] for key in keys]
        return tuple((button(label(e), Action.ABOUT, e.key),) for e in listed[:MOST_ENTRY_BUTTONS])
    section = answer.sections[0]
    entry = section.entry
    labels = PHRASES["button"]
    origin = (
        button(labels["source"], Action.SOURCES, entry.key),
        button(labels["history"], Action.HISTORY, entry.key),
    )
    leads = []
    if snapshot.dependencies(entry.key):
        leads.append(button(labels["depends"], Action.DEPENDS, entry.key))
    if coming(snapshot, answer.today, below=entry.key):
        leads.append(button(labels["next"], Action.NEXT, entry.key))
    said = {statement.aspect for statement in section.statements}
    shown = said | set(section.admitted.missing) | set(answer.question.aspects)
    leads += [
        button(PHRASES["aspect"][aspect], Action.ABOUT, entry.key, aspect)
        for aspect in aspects_of(entry, snapshot)
        if aspect not in shown
    ]
    if hand_over:  # for who does not find here what was asked, that leads on best
        return (origin, (*leads[: MOST_LEADS - 1], *hand_over))
    return (origin, tuple(leads[:MOST_LEADS]))


def _subscription_row(key: str, asked: str | None) -> tuple[InlineKeyboardButton, ...]:
    """To be told when the answer changes, or of everything about the entry it is about."""
    labels = PHRASES["button"]
    row = []
    if asked is not None:
        row.append(button(labels["watch"], Action.WATCH, key, asked))
    if key:
        row.append(button(labels["subscribe"], Action.SUBSCRIBE, key))
    return tuple(row)


def tapped(aspects: Sequence[Aspect]) -> str:
    """What a button asked about an entry, for another button below its answer."""
    return aspects[0] if aspects else WHOLE


def of_example(number: int) -> str:
    """What an example of the greeting asks, for another button below its answer."""
    return f"!{number}"


def example_asked(asked: str) -> str:
    """The question of an example; empty if `of_example` said no such thing."""
    named, examples = _EXAMPLE.fullmatch(asked), PHRASES["examples"]
    return str(examples[int(named[1])]) if named and int(named[1]) < len(examples) else ""


def target_tapped(entry: Entry, asked: str) -> Target | None:
    """The answer that a button gave about an entry; None if `tapped` said no such thing."""
    if asked == WHOLE:
        return Target.of_button(entry, None)
    return Target.of_button(entry, Aspect(asked)) if asked in set(Aspect) else None


def question_of(target: Target, snapshot: Snapshot) -> str:
    """What a subscribed answer answers: what was typed, or the labels of what was tapped."""
    if target.tapped is None:
        return target.question or ""
    entry = snapshot.get(target.entry or "")
    name = entry.title if entry else target.entry or ""
    return ": ".join((*(PHRASES["aspect"][aspect] for aspect in target.tapped), name))


def aspects_of(entry: Entry, snapshot: Snapshot) -> list[Aspect]:
    """Aspects that something is known about, in their usual order."""
    known = {statement.aspect for statement in snapshot.statements(entry.key)}
    return [aspect for aspect in Aspect if aspect in known]
