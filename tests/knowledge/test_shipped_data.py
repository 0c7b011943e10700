"""Properties of the knowledge base that comes with the bot."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from knowledge.entries import Aspect, Certainty, Entry, Fact, Kind
from knowledge.german import fold, words
from knowledge.partial_date import PartialDate, Precision
from knowledge.yaml_files import SHIPPED, load

COLLECTION = Path(__file__).parents[3] / "shared" / "facts.md"
"""The collection of facts that the knowledge base was made from; not part of the repository."""

CERTAINTY = {
    "seed": Certainty.OFFICIAL,
    "public": Certainty.PUBLIC,
    "public+seed": Certainty.PUBLIC,
    "uncertain": Certainty.UNCERTAIN,
}

ENTRIES = load()
FACTS = {fact.id: fact for entry in ENTRIES for fact in entry.facts}

_COLLECTED = re.compile(
    r"^- \*\*\[([A-Z]+-\d+)\]\*\* (.*?)(?=^- \*\*\[|^#|\Z)", re.MULTILINE | re.DOTALL
)
_DAY = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")


@dataclass(frozen=True, slots=True)
class Collected:
    """A fact as the collection has it."""

    id: str
    text: str
    dating: str
    flag: str
    urls: frozenset[str]


@cache
def collection() -> tuple[Collected, ...]:
    if not COLLECTION.exists():
        pytest.skip("the collection of facts, ../shared/facts.md, is not on this machine")
    found = []
    for name, block in _COLLECTED.findall(COLLECTION.read_text(encoding="utf-8")):
        flag = re.search(r"Flag: (\S+)", block)
        dating = re.search(r"Datum: (.+)", block)
        assert flag is not None, name
        assert dating is not None, name
        urls = frozenset(re.findall(r"https?://[^\s;]+", block))
        found.append(Collected(name, block, dating[1], flag[1], urls))
    return tuple(found)


def family(name: str) -> list[Fact]:
    """A collected fact and the parts it was split into: P-34, P-34-B and so on."""
    return [f for key, f in FACTS.items() if key == name or re.fullmatch(rf"{name}-[B-Z]", key)]


def days(text: str) -> set[PartialDate]:
    return {PartialDate(int(y), int(m), int(d)) for d, m, y in _DAY.findall(text)}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.key)
def test_every_entry_says_what_it_is(entry: Entry) -> None:
    assert any(fact.aspect is Aspect.SUMMARY for fact in entry.facts)


def test_every_fact_has_a_source() -> None:
    assert FACTS
    assert [fact.id for fact in FACTS.values() if not fact.sources] == []


def test_what_nobody_can_look_up_is_uncertain() -> None:
    unsourced = [
        fact
        for fact in FACTS.values()
        if not any(s.url or s.reference or s.note for s in fact.sources)
    ]
    assert [f.id for f in unsourced if f.certainty is not Certainty.UNCERTAIN] == []


def test_every_fact_is_a_complete_sentence() -> None:
    assert [
        fact.id for fact in FACTS.values() if not fact.text.endswith((".", "“", "!", ")"))
    ] == []


def test_every_kind_of_entry_occurs() -> None:
    assert {entry.kind for entry in ENTRIES} == set(Kind)


def test_no_file_names_a_path_of_the_collection() -> None:
    texts = [path.read_text(encoding="utf-8") for path in SHIPPED.glob("*")]
    assert len(texts) > 1
    assert not any("seeds/" in text or "facts.md" in text for text in texts)


def test_no_name_leads_to_two_entries() -> None:
    owners: dict[str, set[str]] = defaultdict(set)
    for entry in ENTRIES:
        for name in (entry.key, entry.title, *entry.aliases):
            owners[fold(name)].add(entry.key)
    assert {name: keys for name, keys in owners.items() if len(keys) > 1} == {}


def test_every_fact_has_short_words_to_be_found_by() -> None:
    assert [fact.id for fact in FACTS.values() if not fact.keywords] == []
    assert [(f.id, k) for f in FACTS.values() for k in f.keywords if len(k) > 40] == []


def test_no_keyword_repeats_the_text_of_its_fact() -> None:
    repeated = []
    for fact in FACTS.values():
        told = {word.stem for word in words(fact.text)}
        repeated += [
            (fact.id, keyword)
            for keyword in fact.keywords
            if all(word.stem in told for word in words(keyword))
        ]
    assert repeated == []


def test_no_keyword_stands_twice_at_one_fact() -> None:
    folded = {fact.id: [fold(keyword) for keyword in fact.keywords] for fact in FACTS.values()}
    assert [name for name, listed in folded.items() if len(set(listed)) < len(listed)] == []


def test_no_paper_number_belongs_to_two_entries() -> None:
    numbered = [entry.number for entry in ENTRIES if entry.number]
    assert len(numbered) == len(set(numbered)) > 0


def test_every_collected_fact_is_shipped() -> None:
    assert [c.id for c in collection() if c.id not in FACTS] == []
    assert len(collection()) > 150


def test_every_fact_is_as_certain_as_its_flag_demands() -> None:
    wrong = {
        c.id: (c.flag, FACTS[c.id].certainty)
        for c in collection()
        if FACTS[c.id].certainty is not CERTAINTY[c.flag]
    }
    assert wrong == {}


def test_every_address_of_the_collection_is_quoted_with_its_fact() -> None:
    missing = {
        c.id: c.urls - {source.url for fact in family(c.id) for source in fact.sources}
        for c in collection()
    }
    assert {name: urls for name, urls in missing.items() if urls} == {}


def is_written(day: PartialDate, text: str) -> bool:
    """Whether a day stands in a text: `21.11.2023`, `24./25.09.2020`, or `05.12.` of a list."""
    listed = rf"\b{day.day:02}\.(/\d\d\.)?{day.month:02}\.({day.year}|(?!\d))"
    return re.search(listed, text) is not None


def test_no_day_is_invented() -> None:
    known = " ".join(c.text for c in collection())
    invented = {
        fact.id: str(moment)
        for fact in FACTS.values()
        for moment in (fact.as_of, fact.occurred, fact.due, *days(fact.text))
        if moment is not None
        and moment.precision is Precision.DAY
        and not is_written(moment, known)
    }
    assert invented == {}


def test_no_fact_has_a_day_where_the_collection_gives_less() -> None:
    vague = [c for c in collection() if not _DAY.search(c.text) and "Tag" not in c.dating]
    assert len(vague) > 50
    invented = {
        c.id: str(moment)
        for c in vague
        for moment in (FACTS[c.id].as_of, FACTS[c.id].occurred, FACTS[c.id].due)
        if moment is not None and moment.precision is Precision.DAY
    }
    assert invented == {}
