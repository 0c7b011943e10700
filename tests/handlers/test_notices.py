"""The words of notices: every kind has some, and they fit into one message."""

from typing import Any, cast

import pytest

from handlers.messages import Reply, length, plain
from handlers.notices import WORDERS, word
from handlers.services import Services
from knowledge.entries import Aspect, Entry, Link, Phase, Relation
from knowledge.notification.notices import Notice, NoticeKind, Obsolete
from tests.support.builders import a_fact, a_notice, an_entry

NOBODY = cast("Services", None)
"""What editors wrote needs no services."""


@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_of_notice_has_words(kind: NoticeKind) -> None:
    assert kind in WORDERS


async def worded(**fields: Any) -> str:
    wording = await word(NOBODY, a_notice(**fields))
    assert isinstance(wording, Reply)
    return wording.markup


async def test_what_editors_wrote_is_shown_as_they_wrote_it() -> None:
    text = "Am 3. März:\n\n<b>fett</b> & <script>alert(1)</script>\nGruß"
    markup = await worded(content={"text": text})
    assert plain(markup) == f"Mitteilung der Redaktion\n\n{text}"
    assert "<script>" not in markup


@pytest.mark.parametrize("text", ["Wort " * 2_000, "😀" * 4_000, "<&>\n" * 3_000])
async def test_what_is_too_long_is_shortened_visibly(text: str) -> None:
    markup = await worded(content={"text": text})
    assert 2_000 < length(markup) <= 4_096
    assert plain(markup).endswith(" … (gekürzt)")


@pytest.mark.parametrize("kind", [NoticeKind.ANNOUNCEMENT, NoticeKind.QUESTION_ANSWERED])
async def test_a_notice_without_its_text_has_no_words(
    kind: NoticeKind, services: Services
) -> None:
    with pytest.raises(KeyError):
        await word(services, a_notice(kind=kind, content={}))


def answered(question: str, entry: str) -> Notice:
    return a_notice(
        kind=NoticeKind.QUESTION_ANSWERED, content={"question": question, "entry": entry}
    )


@pytest.mark.parametrize("question", ["Wie weit ist der ECCAR-Abgleich?", "Was <&>\nheizt?"])
async def test_who_handed_a_question_over_gets_the_answer_of_the_entry(
    services: Services, question: str
) -> None:
    wording = await word(services, answered(question, "EF-7"))
    assert isinstance(wording, Reply)
    words = plain(wording.markup)
    assert words.startswith(
        f"Antwort auf Ihre Frage\nSie hatten gefragt: „{question.split(maxsplit=1)[0]}"
    )
    assert "Der Abgleich läuft. [1]" in words
    assert [b.text for b in wording.buttons[0]] == ["Quelle", "Verlauf"]
    # A notice replies to nothing that would tell what was asked.
    labels = [b.text for row in wording.buttons for b in row]
    assert "Abonnieren" in labels
    assert "Bei Änderung melden" not in labels


async def test_an_answer_that_is_too_long_is_told_with_fewer_facts_and_their_sources(
    services: Services,
) -> None:
    facts = [a_fact(f"Es kostet {n} Euro. " + "x" * 1_400, id=f"F-{n}") for n in range(4)]
    entry = an_entry("EF-LANG", title="Langer Eintrag", facts=facts)
    await services.store.publish([entry], author="Anna", reason="Test", now=services.clock())
    wording = await word(services, answered("Was kostet der Lange Eintrag?", "EF-LANG"))
    assert isinstance(wording, Reply)
    assert length(wording.markup) <= 4_096
    assert "Sie ist hier gekürzt" in wording.markup
    assert "Quellen:" in plain(wording.markup)


async def test_of_a_long_chain_in_an_answer_less_is_told(services: Services) -> None:
    def long(key: str, **fields: object) -> Entry:
        text = f"Der Eintrag {key} läuft. " + "x" * 1_400
        fact = a_fact(text, id=f"F-{key}", aspect=Aspect.STATUS, phase=Phase.IN_PROGRESS)
        return an_entry(key, facts=[fact], **fields)

    below = [long(f"EF-{n}0") for n in range(1, 4)]
    links = [Link(relation=Relation.DEPENDS_ON, target=entry.key) for entry in below]
    entries = [*below, long("EF-LANG", links=links)]
    await services.store.publish(entries, author="Anna", reason="Test", now=services.clock())
    wording = await word(services, answered("Wie weit ist EF-LANG?", "EF-LANG"))
    assert isinstance(wording, Reply)
    words = plain(wording.markup)
    assert "Der Eintrag EF-LANG läuft." in words
    assert "Der Eintrag EF-30 läuft." not in words
    assert "Quellen:" in words


async def test_an_answer_whose_entry_is_gone_is_obsolete(services: Services) -> None:
    assert isinstance(await word(services, answered("Wann?", "GIBTS-NICHT")), Obsolete)


async def test_the_answer_to_the_longest_question_fits_into_one_message(
    services: Services,
) -> None:
    wording = await word(services, answered("😀 " * 250, "EF-7"))
    assert isinstance(wording, Reply)
    assert length(wording.markup) <= 4_096
