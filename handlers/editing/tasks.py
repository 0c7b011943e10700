"""What an editor can begin with an entry: the menu of /bearbeiten, and what fills a gap."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from knowledge.editing.edits import Form
from knowledge.entries import Aspect, Entry, Kind, Phase
from knowledge.reporting.gaps import Gap


class Task(StrEnum):
    """Something to do with an entry; values are short, because buttons carry them."""

    STATUS = "st"
    DUE = "du"
    RESPONSIBLE = "re"
    FACT = "fa"
    RESULT = "fr"
    REASON = "fw"
    CORRECT = "co"
    REMOVE = "rf"
    RENAME = "ti"
    MOVE = "mo"
    NUMBER = "nu"
    RHYTHM = "rh"
    ALIAS = "al"
    NO_ALIAS = "ra"
    LINK = "li"
    NO_LINK = "rl"
    MILESTONE = "ms"
    FINISH = "fi"
    CANCEL = "ca"
    WITHDRAW = "wi"

    @property
    def form(self) -> Form:
        """The form to fill in, as far as the task says."""
        return _FORMS[self]

    def form_for(self, entry: str) -> Form:
        """The form to fill in for an entry."""
        return self.form.filled(**{_OWNER.get(self, "entry"): entry})


_FORMS: Mapping[Task, Form] = {
    Task.STATUS: Form(do="set_status"),
    Task.DUE: Form(do="set_due"),
    Task.RESPONSIBLE: Form(do="set_responsible"),
    Task.FACT: Form(do="add_fact"),
    Task.RESULT: Form(do="add_fact").filled(aspect=Aspect.RESULT),
    Task.REASON: Form(do="add_fact").filled(aspect=Aspect.REASON),
    Task.CORRECT: Form(do="correct_fact"),
    Task.REMOVE: Form(do="remove_fact"),
    Task.RENAME: Form(do="rename"),
    Task.MOVE: Form(do="move"),
    Task.NUMBER: Form(do="set_number"),
    Task.RHYTHM: Form(do="set_rhythm"),
    Task.ALIAS: Form(do="add_alias"),
    Task.NO_ALIAS: Form(do="remove_alias"),
    Task.LINK: Form(do="add_link"),
    Task.NO_LINK: Form(do="remove_link"),
    Task.MILESTONE: Form(do="create").filled(kind=Kind.MILESTONE),
    Task.FINISH: Form(do="set_status").filled(phase=Phase.DONE),
    Task.CANCEL: Form(do="set_status").filled(phase=Phase.DROPPED),
    Task.WITHDRAW: Form(do="withdraw"),
}
_OWNER: Mapping[Task, str] = {Task.MILESTONE: "parent"}
"""Where the entry is not what is edited, but what the new one belongs to."""

_FILLS: Mapping[Gap, Task] = {
    Gap.COMPLETION_NOTE: Task.RESULT,
    Gap.DATE: Task.DUE,
    Gap.NEXT_STEP: Task.DUE,
    Gap.OFFICE: Task.RESPONSIBLE,
    Gap.REASON: Task.REASON,
}


def filling(gap: Gap) -> Task:
    """The task that fills a gap."""
    return _FILLS[gap]


def tasks_for(entry: Entry) -> list[Task]:
    """What can be done with an entry as it is, in the order of the menu."""
    useless = {
        Task.CORRECT: not entry.facts,
        Task.REMOVE: not entry.facts,
        Task.NO_ALIAS: not entry.aliases,
        Task.NO_LINK: not entry.links,
        Task.MILESTONE: entry.kind in {Kind.MILESTONE, Kind.DOCUMENT, Kind.TERM},
        Task.FINISH: True,  # part of STATUS; /meilenstein has them
        Task.CANCEL: True,
        Task.RESULT: True,  # part of FACT; they fill gaps
        Task.REASON: True,
    }
    return [task for task in Task if not useless.get(task)]
