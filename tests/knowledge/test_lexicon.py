"""The vocabulary of questions: complete, folded, without contradiction."""

from collections import Counter

import pytest

from knowledge.answering.aspects import PRECEDENCE
from knowledge.entries import Aspect, Kind, Phase
from knowledge.german import fold, stem, words
from knowledge.lexicon import LEXICON, STRONG, WEAK, cues_in, stands_in


@pytest.mark.parametrize("aspect", Aspect)
def test_every_aspect_can_be_asked_for(aspect: Aspect) -> None:
    weights = {cue.weight for cue in LEXICON.cues if cue.aspect is aspect}
    assert STRONG in weights
    assert weights <= {STRONG, WEAK}


def test_every_aspect_has_its_place_among_equals() -> None:
    assert sorted(PRECEDENCE) == sorted(Aspect)


def test_no_phrase_is_empty() -> None:
    phrases = [cue.phrase for cue in LEXICON.cues]
    assert all([*phrases, *LEXICON.phases, *LEXICON.open, *LEXICON.overdue])


def test_no_cue_is_listed_twice_for_an_aspect_as_written() -> None:
    heaviest = Counter((cue.phrase, cue.aspect, cue.weight) for cue in LEXICON.cues)
    mixed = Counter((phrase, aspect) for phrase, aspect, _ in heaviest)
    assert [entry for entry, count in mixed.items() if count > 1] == []


@pytest.mark.parametrize(
    "text", ["Wer ist dafür zuständig?", "bis wann und was kostet es", "Erfurt", ""]
)
def test_no_cue_that_stands_in_a_text_is_passed_over(text: str) -> None:
    stems = [word.stem for word in words(text)]
    expected = [cue for cue in LEXICON.cues if stems and stands_in(cue.phrase, stems)]
    assert [cue for cue in cues_in(stems) if stands_in(cue.phrase, stems)] == expected


def test_all_kinds_and_phases_can_be_named() -> None:
    assert set(LEXICON.kinds.values()) == set(Kind)
    assert set(LEXICON.phases.values()) == set(Phase)


def test_single_words_are_stems_that_a_question_can_have() -> None:
    for listed in (LEXICON.function, LEXICON.backward, LEXICON.listing, LEXICON.kinds):
        for known in listed:
            assert known == fold(known)
            assert [word.folded for word in words(known)] == [known]


def test_every_synonym_is_one_word_and_not_alone() -> None:
    for group in LEXICON.synonyms:
        assert len(group) > 1
        for word in group:
            assert [read.folded for read in words(word)] == [word]


@pytest.mark.parametrize("word", ["massnahme", "zustaendig", "warum", "kita", "ueberfaellig"])
def test_the_lexicon_knows_its_own_words(word: str) -> None:
    assert word in LEXICON.words


def test_all_words_are_folded() -> None:
    assert [word for word in LEXICON.words if word != fold(word)] == []


@pytest.mark.parametrize(
    ("aspect", "speaking", "silent"),
    [
        (Aspect.DUE, "Das war 2023.", "Das war früher."),
        (Aspect.COST, "Das kostet 300 Euro.", "Das ist offen."),
        (Aspect.RESPONSIBLE, "Zuständig ist das Büro.", "Das ist offen."),
        (Aspect.COUNT, "Es sind zwölf von 30.", "Es sind einige."),
    ],
)
def test_evidence_tells_what_a_sentence_speaks_to(
    aspect: Aspect, speaking: str, silent: str
) -> None:
    assert LEXICON.evidence[aspect].search(speaking)
    assert not LEXICON.evidence[aspect].search(silent)


def test_words_with_a_sign_are_folded_and_stand_in_one_group() -> None:
    listed = [phrase for sign in LEXICON.signs for phrase in sign.phrases]
    assert [word for phrase in listed for word in phrase if word != fold(word)] == []
    assert len(listed) == len(set(listed))


def test_no_word_belongs_to_two_groups_of_synonyms() -> None:
    groups = [{stem(fold(word)) for word in group} for group in LEXICON.synonyms]
    counts = Counter(known for group in groups for known in group)
    assert [known for known, count in counts.items() if count > 1] == []
