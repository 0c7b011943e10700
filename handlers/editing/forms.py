"""What is asked for a form's next missing part, and what there is to choose from."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import islice

from pydantic import TypeAdapter

from handlers.buttons import label
from handlers.messages import PHRASES, plain, render
from handlers.pages import PAGE
from handlers.typed.dates import days_in
from knowledge.consistency import may_be_below
from knowledge.editing.drafts import Content
from knowledge.editing.edits import Create, Edit, Form, SetDue
from knowledge.editing.keys import propose_key
from knowledge.entries import Aspect, Entry, Fact, Kind, Phase, Source
from knowledge.notification.interests import Subscription
from knowledge.partial_date import PartialDate
from knowledge.snapshot import Snapshot


class Special(StrEnum):
    """Values of buttons that are none of the knowledge base."""

    UNKNOWN = "unknown"
    TODAY = "today"
    NONE = "none"
    SUGGESTED = "suggested"
    SAME = "same"
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Desk:
    """What an editor is asked in view of.

    Attributes:
        snapshot: The knowledge base as the draft would have it so far.
        today: The present day.
        home: Key of the body that the bot serves.
        sources: The sources that the editor used last.
        subscriptions: What chats want to be told of.
        askers: How many chats handed over what the draft answers, and want to be told.
    """

    snapshot: Snapshot
    today: date
    home: str | None = None
    sources: Sequence[Source] = ()
    subscriptions: Sequence[Subscription] = ()
    askers: int = 0

    def entry_of(self, form: Form) -> Entry | None:
        """The entry that a form is about, as far as it exists."""
        return self.snapshot.get(str(form.given.get("entry", "")))

    def aspect_of(self, form: Form) -> Aspect | None:
        """The side of an entry that a form is about, as far as it is given."""
        if form.do == "set_responsible":
            return Aspect.RESPONSIBLE
        if form.do == "correct_fact":
            fact = self.fact_of(form)
            return fact.aspect if fact else None
        return Aspect(str(form.given["aspect"])) if "aspect" in form.given else None

    def may_be_unknown(self, form: Form) -> bool:
        """Whether a form's sentence can be that sources do not tell something.

        A phase and a date say themselves whether they are known.
        """
        if form.do == "correct_fact":
            fact = self.fact_of(form)
            return fact is not None and fact.phase is None and fact.due is None
        return form.do in {"add_fact", "set_responsible"}

    def fact_of(self, form: Form) -> Fact | None:
        """The fact that is to be corrected."""
        entry = self.entry_of(form)
        wanted = form.given.get("fact")
        return next((f for f in entry.facts if f.id == wanted), None) if entry else None


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose with a button.

    Attributes:
        label: What the button says.
        value: What its data carry.
    """

    label: str
    value: str


def pending(form: Form, snapshot: Snapshot) -> str | None:
    """The part of a form that is to be asked for next; None if it is complete."""
    missing = list(form.missing)
    if form.do == "create":
        # The key is proposed once the rest is there.
        missing = [name for name in missing if name != "entry"]
    if form.do == "remove_link" and "target" in missing and "entry" not in missing:
        return "link"
    if form.do == "withdraw" and not missing and "below" not in form.given:
        return "below" if snapshot.children(str(form.given["entry"])) else None
    return missing[0] if missing else None


def advanced(content: Content, snapshot: Snapshot) -> Content:
    """A draft whose form becomes an edit as soon as nothing is missing.

    Args:
        content: The draft.
        snapshot: The knowledge base as the draft would have it so far.
    """
    form = content.form
    if form is None or pending(form, snapshot) is not None:
        return content
    if form.do == "create" and "entry" not in form.given:
        parent = form.given["parent"]
        key = propose_key(
            str(form.given["title"]), snapshot, parent=None if parent is None else str(parent)
        )
        form = form.filled(entry=key)
    edit = form.edit()
    # An entry is made before anything else is done to it, also when its making was corrected.
    edits = sorted((*content.edits, edit), key=lambda e: not isinstance(e, Create))
    following = content.then.filled(entry=edit.entry) if content.then else _following(edit, edits)
    news = {"edits": tuple(edits), "form": following, "then": None, "former": ()}
    return content.model_copy(update=news)


def asked_again(content: Content, number: int, name: str) -> Content:
    """A draft whose form asks once more for a part of one of its edits; the rest stays."""
    former = content.edits[number]
    again = {name, *_WITH.get(name, ())}
    given = former.model_dump(mode="json", exclude={"do", *again}, exclude_unset=True)
    kept = tuple(other for other in content.edits if other is not former)
    form = Form(do=former.do, given=given)
    return content.model_copy(update={"edits": kept, "form": form, "former": content.edits})


def given_up(content: Content) -> Content:
    """A draft without the form that was begun in it: as it was when it was shown last."""
    return content.model_copy(update={"edits": content.former, "form": None, "former": ()})


_WITH: Mapping[str, tuple[str, ...]] = {
    "phase": ("text", "occurred"),
    "due": ("text",),
    "sources": ("as_of",),
}
"""Parts with what has to be given anew with them: the text of the fact says a phase or a date,
too, and another source is from another day."""


def _following(edit: Edit, edits: Iterable[Edit]) -> Form | None:
    """What goes without saying after an edit: a new milestone has a date."""
    dated = any(isinstance(other, SetDue) and other.entry == edit.entry for other in edits)
    if isinstance(edit, Create) and edit.kind is Kind.MILESTONE and not dated:
        return Form(do="set_due").filled(entry=edit.entry)
    return None


def choices(form: Form, name: str, desk: Desk) -> list[Choice]:
    """What can be chosen for a part of a form."""
    return list(_choices(form, name, desk))


def _choices(form: Form, name: str, desk: Desk) -> Iterator[Choice]:
    words = PHRASES["choice"]
    if name in {"phase", "aspect", "certainty", "kind", "relation"}:
        yield from (Choice(text, value) for value, text in PHRASES[name].items())
    elif name == "parent":
        yield from (Choice(label(entry), entry.key) for entry in _parents(form, desk))
        yield Choice(words["top"], Special.NONE)
    elif name == "sources":
        yield from (Choice(reference(source), token(source)) for source in desk.sources)
    elif name == "as_of":
        for day in _days_of_sources(form, desk):
            yield Choice(words["source_day"].format(day=day.german()), day.iso())
        today = PartialDate.of(desk.today).german()
        yield Choice(words["today"].format(day=today), Special.TODAY)
        yield Choice(words["undated"], Special.UNKNOWN)
    elif name == "text":
        if suggestion(form):
            yield Choice(words["suggested"], Special.SUGGESTED)
        if form.do == "correct_fact":
            yield Choice(words["same_text"], Special.SAME)
        if desk.may_be_unknown(form):
            yield Choice(words["unknown"], Special.UNKNOWN)
    elif name in _ALONE:
        yield Choice(words[_ALONE[name][0]], _ALONE[name][1])
    elif (entry := desk.entry_of(form)) is not None:
        yield from _own(form, name, entry, desk)


def _days_of_sources(form: Form, desk: Desk) -> list[PartialDate]:
    """The days that sources name themselves by, as "Schreiben vom 12.11.2026" does."""
    sources = TypeAdapter(list[Source]).validate_python(form.given.get("sources", []))
    named = (day for source in sources for day in days_in(reference(source)))
    return [day for day in dict.fromkeys(named) if day.first < desk.today]


_ALONE: Mapping[str, tuple[str, Special]] = {
    "due": ("unknown", Special.UNKNOWN),
    "number": ("no_number", Special.NONE),
    "rhythm": ("no_rhythm", Special.NONE),
    "below": ("below", Special.YES),
}
"""Parts with a single button, for what cannot be typed: its label and its value."""


def _own(form: Form, name: str, entry: Entry, desk: Desk) -> Iterator[Choice]:
    """What there is to choose from of an entry's own."""
    if name == "fact":
        for fact in entry.facts:
            yield Choice(f"{PHRASES['aspect'][fact.aspect]}: {fact.text}", fact.id)
    elif name == "alias" and form.do == "remove_alias":
        yield from (Choice(alias, token(alias)) for alias in entry.aliases)
    elif name == "link":
        for own in entry.links:
            other = desk.snapshot.get(own.target)
            text = label(other) if other else own.target
            yield Choice(f"{PHRASES['relation'][own.relation]}: {text}", token(own))


def _parents(form: Form, desk: Desk) -> Iterable[Entry]:
    """Entries of one's own town that may be what something belongs to."""
    entry = desk.entry_of(form)
    kind = entry.kind if entry else Kind(str(form.given.get("kind", Kind.MEASURE)))
    allowed = may_be_below(kind)
    own = list(desk.snapshot.below(desk.home)) if desk.home else []
    home = desk.snapshot.get(desk.home) if desk.home else None
    listed = [*([home] if home else []), *own]
    fitting = (e for e in listed if e.kind in allowed and (entry is None or e.key != entry.key))
    return islice(sorted(fitting, key=lambda e: _NEAREST.index(e.kind)), PAGE)


_NEAREST = (
    Kind.PLAN,
    Kind.FIELD,
    Kind.BODY,
    Kind.MEASURE,
    Kind.DOCUMENT,
    Kind.MILESTONE,
    Kind.TERM,
)


def suggestion(form: Form) -> str:
    """A sentence that says no more than the form does already; empty where there is none."""
    return plain(render("suggestion", do=form.do, given=_typed(form)))


def unknown_text(aspect: Aspect) -> str:
    """The sentence that sources do not tell something."""
    return plain(render("suggestion", do="unknown", given={"aspect": aspect}))


def _typed(form: Form) -> Mapping[str, object]:
    given: dict[str, object] = dict(form.given)
    if given.get("due"):
        given["due"] = PartialDate.parse(str(given["due"]))
    if given.get("occurred"):
        given["occurred"] = PartialDate.parse(str(given["occurred"]))
    if given.get("phase"):
        given["phase"] = Phase(str(given["phase"]))
    return given


def reference(source: Source) -> str:
    """A source in few words."""
    if source.reference and source.reference not in source.title:
        return f"{source.reference}, {source.title}"
    return source.title


def token(value: object) -> str:
    """A short name by which a button refers to something that is too long for it."""
    return f"{zlib.crc32(repr(value).encode()):08x}"
