"""Putting what an editor types or taps into a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from pydantic import ValidationError

from handlers.editing import command_lines
from handlers.editing.forms import Desk, Special, choices, suggestion, token, unknown_text
from handlers.messages import plain, render
from handlers.typed import dates, sources
from handlers.typed.entries import mentioned
from handlers.typed.unfit import Problem, UnfitError
from handlers.typed.words import (
    ASPECTS,
    CERTAINTIES,
    KINDS,
    PHASES,
    RELATIONS,
    TOP,
    UNKNOWN,
    recognise,
)
from knowledge.answering.basis import Basis
from knowledge.editing.edits import CorrectFact, Form
from knowledge.entries import Entry
from knowledge.exchange.texts import one_line
from knowledge.german import paper_numbers
from knowledge.german import words as words_of
from knowledge.lexicon import LEXICON
from knowledge.partial_date import PartialDate

MOST_OF_A_NUMBER = 2
"""Words of the number of a paper: "DS 2170/24"."""


def choose(form: Form, name: str, value: str, desk: Desk) -> Form:
    """Fill in what was chosen with a button, which anybody can forge.

    Raises:
        UnfitError: if that is no choice.
    """
    offered = {choice.value for choice in choices(form, name, desk)}
    an_entry = name in {"entry", "target", "parent"} and desk.snapshot.get(value) is not None
    if value not in offered and not an_entry:
        raise UnfitError(Problem.NO_CHOICE)
    entry = desk.entry_of(form)
    match name, value:
        case ("text", Special.SUGGESTED | Special.SAME):
            return fill(form, text=_offered(form, value, desk))
        case ("text", Special.UNKNOWN):
            return _untold(fill(form, known=False), desk)
        case ("aspect", _):
            return _untold(fill(form, aspect=value), desk)
        case ("as_of", Special.TODAY):
            return fill(form, as_of=PartialDate.of(desk.today))
        case ("as_of" | "due", Special.UNKNOWN):
            return fill(form, **{name: None})
        case ("parent" | "number" | "rhythm", Special.NONE):
            return fill(form, **{name: None})
        case ("below", Special.YES):
            return fill(form, below=True)
        case ("sources", _):
            return fill(form, sources=[s for s in desk.sources if token(s) == value])
        case ("fact", _) if entry and form.do == "correct_fact":
            chosen = next(fact for fact in entry.facts if fact.id == value)
            edit = CorrectFact.of(entry.key, chosen)
            return Form(do=form.do, given=edit.model_dump(mode="json", exclude={"do", "text"}))
        case ("alias", _) if entry:
            return fill(form, alias=next(a for a in entry.aliases if token(a) == value))
        case ("link", _) if entry:
            link = next(link for link in entry.links if token(link) == value)
            return fill(form, relation=link.relation, target=link.target)
    return fill(form, **{name: value})


def _offered(form: Form, value: str, desk: Desk) -> str:
    """The sentence that a button stands for: that of the corrected fact, or the suggested one."""
    fact = desk.fact_of(form) if value == Special.SAME else None
    return fact.text if fact else suggestion(form)


def answer(form: Form, name: str, text: str, desk: Desk) -> Form:
    """Fill in what was typed.

    Raises:
        UnfitError: if it does not fit; what was filled in before stays.
    """
    if name in _PUBLISHED:
        _refuse_question(text)
    if name == "text":
        _refuse_bare(text)
        if not desk.may_be_unknown(form):
            return fill(form, text=_sentence(form, text))
        if recognise(text, UNKNOWN):
            return choose(form, name, Special.UNKNOWN, desk)
        return fill(form, text=_sentence(form, text), known=True)
    if name not in _READ or (name == "alias" and form.do == "remove_alias"):
        raise UnfitError(Problem.NO_CHOICE)
    said, where = sources.sourced(text) if name in _BEFORE_A_SOURCE else (text, {})
    filled = fill(form, **{name: _READ[name](said, desk)})
    if where:
        filled = answer(filled, "sources", str(where["sources"]), desk)
    return _untold(filled, desk) if name == "aspect" else filled


_PUBLISHED = frozenset({"text", "sources"})
"""Parts that go out as they are typed: whatever else somebody says to the bot is none of them."""


def _refuse_question(text: str) -> None:
    words = text.split()
    if text.rstrip().endswith("?") and "://" not in words[-1]:
        raise UnfitError(Problem.QUESTION)


def _refuse_bare(text: str) -> None:
    """Refuse a date or a number as the sentence of a fact."""
    said = one_line(text).strip(" .,;:")
    is_number = len(said.split()) <= MOST_OF_A_NUMBER and bool(paper_numbers(said))
    if is_number or dates.date_of(said) is not None:
        raise UnfitError(Problem.NO_SENTENCE, said=said)
    if said.isprintable() and said and not any(map(str.isalpha, said)):
        raise UnfitError(Problem.NO_SENTENCE)


def fill(form: Form, **values: object) -> Form:
    """A form with further values.

    Raises:
        UnfitError: if a value cannot be stored.
    """
    try:
        return form.filled(**values)
    except ValidationError as exc:
        raise _unfit(exc) from None


def find(words: str, desk: Desk) -> Entry:
    """The entry that words name.

    Raises:
        UnfitError: if none surely is meant, with those that may be.
    """
    found = mentioned(words, Basis(desk.snapshot, desk.today, desk.home))
    if found.entry is not None:
        return found.entry
    if found.no_key:
        raise UnfitError(Problem.NO_KEY, near=found.near, said=found.no_key)
    raise UnfitError(Problem.SEVERAL if found.near else Problem.NO_ENTRY, near=found.near)


def _untold(form: Form, desk: Desk) -> Form:
    """A form whose sentence, if it is that sources do not tell something, names its aspect.

    Where the aspect is not given yet, the sentence waits for it.
    """
    aspect = desk.aspect_of(form)
    if form.given.get("known") is not False or aspect is None:
        return form
    return fill(form, text=unknown_text(aspect))


def _sentence(form: Form, text: str) -> str:
    """The text of a fact; a bare name of an office says what it is the name of."""
    if form.do == "set_responsible" and text.rstrip()[-1:] not in {".", "!", "?"}:
        return plain(render("suggestion", do=form.do, given={"who": text.strip()}))
    return text


def _source(text: str, desk: Desk) -> object:
    if recognise(text, UNKNOWN):
        raise UnfitError(Problem.NO_SOURCE)
    no_day = dates.no_such_day(text)
    if no_day is not None:
        raise UnfitError(Problem.NO_DATE, said=no_day)
    try:
        return sources.source(text, desk.snapshot)
    except ValidationError as exc:
        raise _unfit(exc) from None


def _one_of(words: Mapping[str, object], text: str, _: Desk) -> object:
    meaning = recognise(text, words)
    if meaning is None:
        raise UnfitError(Problem.NO_CHOICE)
    return meaning


def _name(text: str, _: Desk) -> object:
    """A further name; function words alone would be found in any question, and so in none."""
    name = one_line(text)
    stems = {word.stem for word in words_of(name)}
    if stems and stems <= LEXICON.function:
        raise UnfitError(Problem.NO_NAME, said=name)
    return name


def _phase(text: str, desk: Desk) -> object:
    if "?" in text:
        raise UnfitError(Problem.NO_CHOICE, said=text.strip())
    return _one_of(PHASES, dates.happened(text)[0], desk)


def _due(text: str, _: Desk) -> object:
    typed = command_lines.due(text)
    if typed.entry or "due" not in typed.given:
        raise UnfitError(Problem.NO_DATE)
    return typed.given["due"]


def _rhythm(text: str, _: Desk) -> object:
    try:
        return dates.rhythm(text)
    except ValueError:
        raise UnfitError(Problem.NO_RHYTHM) from None


_READ: Mapping[str, Callable[[str, Desk], object]] = {
    "entry": lambda text, desk: find(text, desk).key,
    "target": lambda text, desk: find(text, desk).key,
    "parent": lambda text, desk: None if recognise(text, TOP) else find(text, desk).key,
    "phase": _phase,
    "aspect": partial(_one_of, ASPECTS),
    "certainty": partial(_one_of, CERTAINTIES),
    "kind": partial(_one_of, KINDS),
    "relation": partial(_one_of, RELATIONS),
    "due": _due,
    "as_of": lambda text, desk: dates.written_on(text, desk.today),
    "rhythm": _rhythm,
    "sources": lambda text, desk: [_source(text, desk)],
    "number": lambda text, _: None if recognise(text, UNKNOWN) else one_line(text),
    "title": lambda text, _: one_line(text),
    "alias": _name,
}
"""How each part of a form is read from what was typed."""

_BEFORE_A_SOURCE = frozenset({"phase", "due"})
"""Parts behind which the source may stand, as in a command."""


def _unfit(exc: ValidationError) -> UnfitError:
    error = exc.errors()[0]
    match error["type"]:
        case "string_too_long":
            limit, said = error["ctx"]["max_length"], str(len(error["input"]))
            return UnfitError(Problem.TOO_LONG, limit=limit, said=said)
        case "string_too_short":
            return UnfitError(Problem.EMPTY)
        case "string_pattern_mismatch" | "string_unicode":
            return UnfitError(Problem.CONTROL)
    return UnfitError(Problem.NO_CHOICE)
