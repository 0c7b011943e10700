"""What is all that a question says, and what leads up to it."""

import pytest

from knowledge.answering.fragments import (
    fragment,
    leads_on,
    new_thing,
    says_year,
    step_in_years,
    time_in,
)
from knowledge.german import words


@pytest.mark.parametrize(
    ("text", "thing"),
    [
        ("und in Jena?", "Jena"),
        ("Und das Landeskonzept", "Landeskonzept"),
        ("aber auch für die Sprachkurse?", "Sprachkurse"),
        ("und wie sieht es denn in Jena aus?", "Jena"),
        ("und was ist mit EF-7?", "EF 7"),
        ("gilt das auch für Jena?", "Jena"),
        ("und seit 2020?", "seit 2020"),
        ("und wer ist zuständig?", "wer ist zuständig"),
        ("und in der?", ""),
        ("", ""),
    ],
)
def test_what_leads_up_to_a_thing_and_follows_it_is_left_out(text: str, thing: str) -> None:
    read = words(text)
    assert " ".join(read[place].surface for place in new_thing(read)) == thing


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("und das Amt?", "Amt"),
        ("und die neue Woche?", ""),
        ("und die interkulturelle Woche?", "interkulturelle Woche"),
        ("und das Amt streikt?", ""),
        ("und das Amt kostet?", ""),
        ("und das Amt 2023?", ""),
        ("und seit 2023?", "seit 2023"),
        ("das Amt?", ""),
        ("Jena?", "Jena"),
        ("und das Amt!", ""),
        ("Dann bis 2027", ""),
        ("später", ""),
        ("ein Jahr später", "ein Jahr später"),
        ("und streikt?", ""),
    ],
)
def test_only_a_noun_a_town_or_a_time_is_all_that_is_said(text: str, said: str) -> None:
    read = words(text)
    found = fragment(
        read,
        text,
        named=(),
        nouns={i for i, word in enumerate(read) if word.surface in {"Amt", "Woche", "Jena"}},
        asks=lambda thing: any(word.folded == "kostet" for word in thing),
    )
    assert " ".join(read[place].surface for place in found) == said


def test_a_question_leads_on_with_und_and_the_like() -> None:
    texts = ("und wer?", "Oder 2023?", "auch in Jena", "wer und was?", "")
    assert [leads_on(words(text)) for text in texts] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("und seit März 2024 in Jena", "seit März 2024"),
        ("letztes Jahr", "letztes Jahr"),
        ("was geschah am 3.4.2024?", "3.4.2024"),
        ("wer ist zuständig?", ""),
    ],
)
def test_the_words_that_name_a_time_are_found(text: str, time: str) -> None:
    read = words(text)
    assert " ".join(read[place].surface for place in time_in(read, text)) == time


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("und davor?", -1),
        ("und im Jahr davor?", -1),
        ("im Vorjahr", -1),
        ("ein Jahr später?", 1),
        ("und im Jahr darauf?", 1),
        ("und darauf?", None),
        ("und wer kam danach?", None),
        ("davor und danach", None),
        ("2023", None),
    ],
)
def test_only_words_that_say_nothing_else_lead_from_a_year(text: str, step: int | None) -> None:
    assert step_in_years(words(text)) == step


def test_a_year_beside_another_is_told_from_all_the_time_before_it() -> None:
    texts = ("im Jahr davor", "im Vorjahr", "davor")
    assert [says_year(words(text)) for text in texts] == [True, True, False]
