"""Every German sentence: labels are complete, markup is Telegram's, foreign text is escaped."""

import re
from datetime import date
from typing import get_args

import pytest

from handlers.buttons import LABEL_LENGTH
from handlers.editing.tasks import Task
from handlers.menu import added_commands, group_commands, member_commands
from handlers.messages import PHRASES, TEMPLATES, plain, render
from handlers.replies import reply
from knowledge.answering.answers import about, answer
from knowledge.differences import Part
from knowledge.editing.edits import Edit
from knowledge.entries import Aspect, Certainty, Kind, Phase, Relation
from knowledge.lexicon import LEXICON
from knowledge.milestones import Timeliness
from knowledge.people import Role
from knowledge.reporting.gaps import Gap
from knowledge.snapshot import Snapshot
from knowledge.yaml_files import load
from tests.support.builders import a_fact, an_entry

TODAY = date(2025, 10, 20)
EDITS = {edit.model_fields["do"].default for edit in get_args(get_args(Edit)[0])}


@pytest.mark.parametrize(
    ("group", "members"),
    [
        ("aspect", Aspect),
        ("missing", Aspect),
        ("certainty", Certainty),
        ("phase", Phase),
        ("kinds", Kind),
        ("role", Role),
        ("role_button", Role),
        ("timeliness", Timeliness),
        ("kind", Kind),
        ("relation", Relation),
        ("gap", Gap),
        ("task", Task),
        ("edit", EDITS),
        ("difference", set(Part) - {Part.ENTRY, Part.FACT, Part.ORDER}),
        ("premise", set(LEXICON.premises.values())),
    ],
)
def test_every_value_has_a_german_label(group: str, members: type) -> None:
    assert set(PHRASES[group]) == {str(member) for member in members}  # type: ignore[attr-defined]


def test_commands_and_descriptions_fit_telegrams_limits() -> None:
    for command in (*member_commands(Role.ADMIN), *group_commands()):
        assert re.fullmatch(r"[a-z0-9_]{1,32}", command.command)
        assert 1 <= len(command.description) <= 256
    assert len(PHRASES["description"]) <= 512
    assert len(PHRASES["short_description"]) <= 120
    labels = (*PHRASES["button"].values(), *PHRASES["examples"], *PHRASES["aspect"].values())
    assert all(len(label) <= LABEL_LENGTH for label in labels)


def test_no_template_spans_an_empty_line_with_a_tag() -> None:
    for path in TEMPLATES.glob("*.j2"):
        for paragraph in path.read_text(encoding="utf-8").split("\n\n"):
            for tag in ("b", "i", "code"):
                opened = len(re.findall(rf"<{tag}>", paragraph))
                assert opened == len(re.findall(rf"</{tag}>", paragraph)), (path.name, paragraph)


def test_foreign_text_with_markup_is_shown_as_it_is() -> None:
    hostile = "<b>fett</b> & <script>alert(1)</script>"
    entry = an_entry(
        "EF-7", title=f"Abgleich {hostile}", facts=[a_fact(f"Es ist {hostile}.", dating=hostile)]
    )
    markup = reply(answer("Abgleich", Snapshot([entry]), TODAY), Snapshot([entry])).markup
    assert "<script>" not in markup
    assert plain(markup).count(hostile) == 3


def test_every_paragraph_of_every_shipped_answer_closes_its_tags() -> None:
    snapshot = Snapshot(load(), revision=1)
    for entry in snapshot.entries.values():
        for aspect in ([], *([aspect] for aspect in Aspect)):
            markup = reply(about(entry, aspect, snapshot, TODAY), snapshot).markup
            for paragraph in markup.split("\n\n"):
                for tag in ("a", "b", "i", "code", "blockquote"):
                    opened = len(re.findall(rf"<{tag}[ >]", paragraph))
                    assert opened == paragraph.count(f"</{tag}>"), paragraph


@pytest.mark.parametrize("name", ["start", "ask"])
def test_fixed_texts_render(name: str) -> None:
    assert plain(render(name))


@pytest.mark.parametrize("role", Role)
def test_help_shows_the_commands_that_somebody_has(role: Role) -> None:
    text = plain(render("help", added=added_commands(role)))
    assert ("/status" in text) is (role is not Role.READER)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Was hat sich seit März 2025 geändert?", "Aus dieser Zeit ist"),
        ("Was hat sich seit März 2024 geändert?", "seit 01.03.2024"),
        ("Was gibt es Neues zum Abgleich?", "Abgleich: neueste Angaben"),
        ("Warum wurde der Abgleich abgebrochen?", "ist in den vorliegenden Quellen nicht belegt"),
        ("Unterschied Abgleich und Kriterienvergleich", "Beide Namen meinen hier dasselbe."),
        ("Welche Maßnahmen gibt es zur Raumfahrt?", "Zu „Raumfahrt“ ist unter den 1 erfassten"),
        (
            "Wie hoch ist der Anteil geplanter Maßnahmen?",
            "0 von 1 erfassten, das sind 0 Prozent.",
        ),
    ],
)
def test_each_form_of_answer_has_its_sentence(text: str, sentence: str) -> None:
    town = an_entry("ERFURT", kind=Kind.BODY, title="Erfurt")
    running = {"aspect": Aspect.STATUS, "phase": Phase.IN_PROGRESS}
    fact = a_fact("Der Abgleich läuft.", **running, as_of="2024-06-01")
    entry = an_entry(
        "EF-7", title="Abgleich", aliases=["Kriterienvergleich"], parent="ERFURT", facts=[fact]
    )
    snapshot = Snapshot([town, entry])
    worded = plain(reply(answer(text, snapshot, TODAY, home="ERFURT"), snapshot).markup)
    assert sentence in worded


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "welche Maßnahmen sind noch offen",
            "Nicht als umgesetzt belegt sind 2, bei 1 ist der Stand nicht belegt:\n"
            "– Kochkurs – Stand nicht belegt (EF-1)\n"
            "– Sportfest – geplant, Stand 2024; Termin verstrichen, Abschluss nicht belegt [1]",
        ),
        (
            "welche Maßnahmen sind noch nicht begonnen",
            "Nicht als begonnen belegt sind 2, bei 1 ist der Stand nicht belegt:\n– Kochkurs",
        ),
        ("welche Maßnahmen sind unklar", "Erfasst ist 1, bei allen ist der Stand nicht belegt:"),
        (
            "welche Maßnahmen sind umgesetzt",
            "bei keinem von 2 erfassten Einträgen. Erfasst sind:\n– Kochkurs – Stand nicht belegt",
        ),
        ("welche Maßnahmen sind überfällig", "Bei 1 ist der genannte Termin verstrichen und ein"),
        (
            "Maßnahmen ohne Termin",
            "Zum Zeitpunkt ist bei 1 von 2 nichts belegt:\n– Kochkurs (EF-1)",
        ),
        ("welche Termine gab es 2024", "– Januar 2024: Auftakt – erfolgt, Stand 2024 [1] (M-1)"),
        ("Termine 2026", "Turnus, nicht beschlossen:\n– März 2026: Rückblick (M-2)"),
        (
            "Termine Mai 2024",
            "Zeitlich nicht genau einzuordnen:\n– 2024: Umbau – geplant; Termin verstr",
        ),
        (
            "was geschah im Mai 2024",
            "Außerdem aus dieser Zeit\n\nIm Mai 2024 gab es ein Fest. [1]",
        ),
        ("wie viel Prozent der Maßnahmen sind umgesetzt", "Ein Anteil lässt sich nicht angeben"),
        ("welche Drucksachen gibt es", "– Antwort zur Umsetzung (DS-1)"),
    ],
)
def test_lists_say_how_things_stand_and_what_nobody_tells(text: str, told: str) -> None:
    town = an_entry("ERFURT", kind=Kind.BODY, title="Erfurt")
    status = {"aspect": Aspect.STATUS}
    entries = [
        an_entry("EF-1", title="Kochkurs", parent="ERFURT"),
        an_entry(
            "EF-2",
            title="Sportfest",
            parent="ERFURT",
            facts=[
                a_fact("Geplant.", **status, phase=Phase.PLANNED),
                a_fact("Bis 2024.", id="F-4", aspect=Aspect.DUE, due="2024-12"),
            ],
        ),
        an_entry(
            "M-1",
            kind=Kind.MILESTONE,
            title="Auftakt",
            parent="ERFURT",
            facts=[
                a_fact("War.", id="F-2", **status, phase=Phase.DONE),
                a_fact("Im Januar.", id="F-5", aspect=Aspect.DUE, due="2024-01"),
            ],
        ),
        an_entry(
            "M-2",
            kind=Kind.MILESTONE,
            title="Rückblick",
            parent="ERFURT",
            rhythm={"months": 12, "since": "2025-03"},
        ),
        an_entry(
            "M-3",
            kind=Kind.MILESTONE,
            title="Umbau",
            parent="ERFURT",
            facts=[
                a_fact("Geplant.", id="F-6", **status, as_of=None, phase=Phase.PLANNED),
                a_fact("2024.", id="F-7", aspect=Aspect.DUE, as_of=None, due="2024"),
            ],
        ),
        an_entry(
            "FEST",
            title="Maifest",
            kind=Kind.PLAN,
            parent="ERFURT",
            facts=[a_fact("Im Mai 2024 gab es ein Fest.", id="F-8", **status, as_of="2024-05")],
        ),
        an_entry(
            "DS-1",
            kind=Kind.DOCUMENT,
            title="Antwort zur Umsetzung",
            parent="ERFURT",
            facts=[a_fact("Beantwortet.", id="F-3", **status, phase=Phase.DONE)],
        ),
    ]
    snapshot = Snapshot([town, *entries])
    worded = plain(reply(answer(text, snapshot, TODAY, home="ERFURT"), snapshot).markup)
    assert told in worded
