"""Wording of imports: what is wrong with a file, and what it would change.

Used by the chat and by the command line alike, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from telegram.constants import MessageLimit

from handlers.messages import PHRASES, length, plain, render
from knowledge.entries import Entry
from knowledge.exchange import HEADINGS, Choices, Finding, ImportPlan

PARTS: Mapping[str, str] = {
    **PHRASES["import_part"],
    **{column.value: heading for column, heading in HEADINGS.items()},
}
"""German names of everything that an import can change about an entry."""

LONGEST_TEXT = 60
"""Letters of a former or new text that a preview in the chat shows."""

MOST_WORDS = 10
"""How many words for the status, with what they were taken for, a preview in the chat shows."""

_SIZES = (8, 5, 3, 1, 0)
"""How many lines of each sort a preview shows; as many as fit into one message."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A preview for the chat.

    Attributes:
        markup: Telegram HTML that fits into one message.
        is_whole: Whether nothing was left out of it.
    """

    markup: str
    is_whole: bool


def refusal(name: str, findings: Sequence[Finding]) -> str:
    """Say why a file cannot be read."""
    return render("import_refused", name=name, findings=findings)


def sentence(finding: Finding) -> str:
    """One thing that is wrong, or worth knowing, as plain text."""
    return plain(render("finding", finding=finding))


def full_list(plan: ImportPlan) -> str:
    """Everything that an import would do, as plain text."""
    return plain(_listed(plan, None))


def preview(
    plan: ImportPlan,
    name: str,
    choices: Choices,
    target: Entry | None,
    *,
    conflict: bool = False,
    told: int | None = None,
) -> Preview:
    """Word what an import would do.

    Args:
        plan: What it would do.
        name: The file's name.
        choices: What was decided about it.
        target: What it is imported into, if that was decided.
        conflict: Whether it is shown again because somebody changed the same.
        told: How many chats would be told of it, if that is known.
    """

    def worded(most: int) -> str:
        return render(
            "import_preview",
            plan=plan,
            name=name,
            choices=choices,
            target=target,
            conflict=conflict,
            told=told,
            parts=PARTS,
            most=most,
            longest=LONGEST_TEXT,
            most_words=MOST_WORDS,
        )

    for most in _SIZES:
        markup = worded(most)
        if length(markup) <= MessageLimit.MAX_TEXT_LENGTH:
            break
    return Preview(markup, _listed(plan, most) == _listed(plan, None))


def _listed(plan: ImportPlan, most: int | None) -> str:
    """What an import would do, so many lines of each sort; None for all that there is to say."""
    return render(
        "import_list",
        plan=plan,
        parts=PARTS,
        most=most,
        longest=LONGEST_TEXT,
        most_words=MOST_WORDS,
    )
