"""The words of notices: every kind has some, and they fit into one message."""

from typing import Any, cast

import pytest

from handlers.messages import length, plain
from handlers.notices import WORDERS, Wording, word
from handlers.services import Services
from knowledge.outbox import NoticeKind
from tests.support.builders import a_notice

NOBODY = cast("Services", None)
"""What editors wrote needs no services."""


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_of_notice_has_words(kind: NoticeKind) -> None:
    assert kind in WORDERS


async def worded(**fields: Any) -> str:
    wording = await word(NOBODY, a_notice(**fields))
    assert isinstance(wording, Wording)
    return wording.markup


@pytest.mark.parametrize(
    ("kind", "heading"),
    [
        (NoticeKind.ANNOUNCEMENT, "Mitteilung der Redaktion"),
        (NoticeKind.QUESTION_ANSWERED, "Antwort der Redaktion auf Ihre Frage"),
    ],
)
async def test_what_editors_wrote_is_shown_as_they_wrote_it(
    kind: NoticeKind, heading: str
) -> None:
    text = "Am 3. März:\n\n<b>fett</b> & <script>alert(1)</script>\nGruß"
    markup = await worded(kind=kind, content={"text": text})
    assert plain(markup) == f"{heading}\n\n{text}"
    assert "<script>" not in markup


@pytest.mark.parametrize("text", ["Wort " * 2_000, "😀" * 4_000, "<&>\n" * 3_000])
async def test_what_is_too_long_is_shortened_visibly(text: str) -> None:
    markup = await worded(content={"text": text})
    assert 2_000 < length(markup) <= 4_096
    assert plain(markup).endswith(" … (gekürzt)")


async def test_a_notice_without_its_text_has_no_words() -> None:
    with pytest.raises(KeyError):
        await worded(content={})
