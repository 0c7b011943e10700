"""The vocabulary of questions: complete, folded, without contradiction."""

import inspect
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from knowledge import lexicon
from knowledge.answering.aspects import PRECEDENCE
from knowledge.entries import Aspect, Kind, Phase
from knowledge.german import fold, stem, words
from knowledge.lexicon import LEXICON, STRONG, WEAK, Lexicon, cues_in, read, stands_in

FOLDER = Path(lexicon.__file__).parent


@pytest.mark.parametrize("aspect", Aspect)
def test_every_aspect_can_be_asked_for(aspect: Aspect) -> None:
    weights = {cue.weight for cue in LEXICON.cues if cue.aspect is aspect}
    assert STRONG in weights
    assert weights <= {STRONG, WEAK}


def test_every_aspect_has_its_place_among_equals() -> None:
    assert sorted(PRECEDENCE) == sorted(Aspect)


def test_no_phrase_is_empty() -> None:
    phrases = [cue.phrase for cue in LEXICON.cues]
    assert all([*phrases, *LEXICON.phases, *LEXICON.not_done, *LEXICON.overdue])


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


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, str, str], Path]:
    """A copy of the lexicon in which one text of a file was replaced by another."""

    def write(name: str, old: str, new: str) -> Path:
        for file in FOLDER.glob("*.yaml"):
            (tmp_path / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path

    return write


def test_a_copy_is_the_same_lexicon(written: Callable[[str, str, str], Path]) -> None:
    assert read(written("words.yaml", "\nwhy:", "\nwhy:")) == LEXICON


@pytest.mark.parametrize(
    ("name", "old", "new", "place", "complaint"),
    [
        ("words.yaml", "\nwhy:", "\nwherefore:", "why", "missing"),
        ("words.yaml", "\nwhy:", "\nwherefore: []\nwhy:", "wherefore", "extra_forbidden"),
        ("words.yaml", "  thanks:", "  gratitude:", "asides.thanks", "missing"),
        ("words.yaml", "    beside:", "    besides:", "signs.0.besides", "extra_forbidden"),
        ("words.yaml", "\n  measure: ", "\n  deed: ", "kinds.massnahme", "enum"),
        ("aspects.yaml", "\ndue:", "\nwhen:", "aspects.when", "enum"),
        ("aspects.yaml", "  weak:", "  feeble:", "aspects.status.weak", "missing"),
    ],
)
def test_lists_that_are_missing_or_unknown_are_refused(
    name: str,
    old: str,
    new: str,
    *,
    place: str,
    complaint: str,
    written: Callable[[str, str, str], Path],
) -> None:
    with pytest.raises(ValidationError) as refusal:
        read(written(name, old, new))
    found = {(".".join(map(str, e["loc"])), e["type"]) for e in refusal.value.errors()}
    assert any(at.startswith(place) and kind == complaint for at, kind in found)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("\nstill: [noch]", "\nstill: noch", "still"),
        ("\nstill: [noch]", "\nstill: [Noch]", "still"),
        ("\nstill: [noch]", "\nstill: [noch nicht]", "still"),
        ("\nstill: [noch]", "\nstill: [2026]", "still"),
        ("\nwhy: [warum", "\nwhy: [Warum", "why"),
        ("\nshare_of_all: [anteil", "\nshare_of_all: ['?'", "share_of_all"),
        ("\nshare_of_all: [anteil", "\nshare_of_all: [2026", "share_of_all"),
        ("\nfarewells: [dann bis]", "\nfarewells: [Dann bis]", "farewells"),
        ("\nsessions:", "\nsessions: [sitzung]\nold_sessions:", "sessions"),
        ("evidence: 'konzept|plan'", "evidence: '(konzept'", "signs"),
    ],
)
def test_words_that_no_question_could_have_are_refused(
    old: str, new: str, place: str, written: Callable[[str, str, str], Path]
) -> None:
    with pytest.raises(ValidationError) as refusal:
        read(written("words.yaml", old, new))
    assert place in {error["loc"][0] for error in refusal.value.errors()}


@pytest.mark.parametrize("name", ["words", "aspects"])
def test_no_list_is_named_like_what_is_made_of_others(
    name: str, written: Callable[[str, str, str], Path]
) -> None:
    with pytest.raises(TypeError, match=name):
        read(written("words.yaml", "\nwhy:", f"\n{name}: []\nwhy:"))


def test_words_of_marked_lists_are_not_asked_with(
    written: Callable[[str, str, str], Path],
) -> None:
    assert "jubilaeum" in read(written("words.yaml", "\nstill: [", "\nstill: [jubilaeum, ")).words
    marked = written("words.yaml", "\nenglish: [", "\nenglish: [jubilaeum, ")
    assert "jubilaeum" not in read(marked).words


@pytest.mark.parametrize("name", Lexicon.model_fields)
def test_every_list_is_described(name: str) -> None:
    source = inspect.getsource(Lexicon)
    assert re.search(rf'^    {name}: .+\n    """[A-Z].+"""$', source, re.MULTILINE)
