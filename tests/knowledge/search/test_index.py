"""Finding documents by German words."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.german import Word, words
from knowledge.search import Document, Index

DOCUMENTS = (
    Document("EF-1", "Sprachkurse für Geflüchtete", "Deutsch lernen vor der Arbeit."),
    Document("EF-2", "Beratung für Frauen", "Beratungsstellen in der Stadt Erfurt."),
    Document("EF-3", "Maßnahmenplan", "Plan der Maßnahmen zum Integrationskonzept."),
    Document("EF-4", "Ausländerbehörde", "Behörde für Ausländer, Wartezeiten, Termine."),
    Document("EF-5", "Haushalt", "Mittel und Kosten der Stadt.", aliases=("Etat",)),
    Document("EF-6", "Integrationskonzept", "Konzept der Integration von 2018."),
    Document("EF-7", "Drucksache 2170/24", "Antwort am 21.11.2023.", aliases=("2170/24",)),
)
INDEX = Index.build(DOCUMENTS, lexicon=("warum", "dauert", "das"))

ODD = st.one_of(
    st.text(max_size=4096),
    st.text(st.characters(categories=["So", "Cf", "Mn", "Zs", "Lo", "Cc"]), max_size=200),
    st.lists(
        st.sampled_from(
            [
                "👩\u200d👩\u200d👧",
                "\u202eErfurt",
                "مرحبا",
                "\u200b",
                "'; DROP TABLE revision; --",
                "<b>Plan</b> &amp; {{ 7*7 }}",
                "%s %(x)s {0}",
                "Maßnahmenplan",
                "31.02.2024",
                "9999/99",
                "\x00",
            ]
        ),
        max_size=60,
    ).map(" ".join),
)


def found(query: str, index: Index = INDEX) -> list[str]:
    return [hit.key for hit in index.search(query)]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("Was macht die Ausländerbehörde?", "EF-4"),
        ("auslaenderbehoerde", "EF-4"),
        ("AUSLÄNDERBEHÖRDE", "EF-4"),
        ("Ausla\u0308nderbeho\u0308rde", "EF-4"),
        ("Sprachkurs", "EF-1"),
        ("etat", "EF-5"),
        ("massnahmenplan", "EF-3"),
        ("was war am 21. November 2023", "EF-7"),
        ("2170/24", "EF-7"),
    ],
)
def test_the_document_that_is_named_comes_first(query: str, key: str) -> None:
    assert found(query)[0] == key


def test_an_exact_name_beats_a_similar_one() -> None:
    index = Index.build([Document("A", "Hessen"), Document("B", "Essen")])
    assert found("Essen", index)[0] == "B"
    assert found("Hessen", index)[0] == "A"


def test_a_similar_name_never_counts_as_the_name() -> None:
    index = Index.build([Document("A", "Hessen", "Land Hessen"), Document("B", "Kassel")])
    for hit in index.search("Essen"):
        assert hit.name == 0
        assert hit.coverage < 0.5
    _, corrections = index.correct(words("Essen"))
    assert corrections == []


def test_a_whole_name_outweighs_its_words() -> None:
    index = Index.build(
        [
            Document("A", "Konzept Integration", "Stadt Stadt Stadt"),
            Document("B", "Integration", "Konzept der Stadt, Konzept des Landes"),
            Document("C", "Stadt"),
        ]
    )
    first = index.search("Wo steht das Konzept Integration der Stadt?")[0]
    assert first.key == "A"
    assert 0 < first.name < 1


def test_titles_and_aliases_outweigh_texts() -> None:
    index = Index.build(
        [
            Document("A", "Eins", "Kita"),
            Document("B", "Kita"),
            Document("C", "Drei", "", ("Kita",)),
        ]
    )
    assert found("kita", index) == ["B", "C", "A"] or found("kita", index) == ["C", "B", "A"]


def test_a_compound_is_found_by_its_parts_and_finds_them() -> None:
    index = Index.build(
        [
            Document("A", "Fortschreibung des Konzepts", "Integration, Konzept"),
            Document("B", "Integrationskonzept"),
            Document("C", "Haushalt"),
        ]
    )
    assert set(found("Integrationskonzept", index)) == {"A", "B"}
    assert found("Integrationskonzept", index)[0] == "B"
    assert set(found("Konzept", index)) == {"A", "B"}
    assert found("Konzept", index)[0] == "A"


@pytest.mark.parametrize(
    ("compound", "parts"),
    [
        ("Integrationskonzept", {"Integration", "Konzept"}),
        ("Beratungsstelle", {"Beratung", "Stelle"}),
        ("Straßenkonzept", {"Straße", "Konzept"}),
        ("Stellenkonzept", {"Stelle", "Konzept"}),
        ("Integrationsberatungsstelle", {"Integration", "Beratung", "Stelle"}),
        ("Bürgeramt", set()),
    ],
)
def test_linking_letters_do_not_hide_parts(compound: str, parts: set[str]) -> None:
    listed = ("Integration", "Konzept", "Beratung", "Stelle", "Straße")
    index = Index.build(Document(f"D{n}", text) for n, text in enumerate(listed))
    share = 0.8 / max(1, len(parts))
    keys = {hit.key for hit in index.search(compound) if hit.coverage >= share - 1e-9}
    assert {listed[int(key[1:])] for key in keys} == parts
    assert all(hit.score > 0 for hit in index.search(compound))


def test_coverage_is_told_for_the_documents_asked_about() -> None:
    index = Index.build([Document("A", "Sprachkurs Nord"), Document("B", "Sprachkurs Süd")])
    asked = words("Sprachkurs Nord")
    told = index.coverage(asked, ["B", "A", "unbekannt"])
    assert told == {hit.key: hit.coverage for hit in index.rank(asked)}
    assert told["A"] == 1.0 > told["B"] > 0.0
    assert index.coverage(asked, ["A"], weight=lambda _: 0.0) == {}
    assert index.coverage(asked, []) == {}


def test_a_compound_is_found_by_an_everyday_word_at_its_end() -> None:
    listed = ("Maßnahmen im Überblick", "Maßnahmenkatalog", "Maßnahmenplan")
    index = Index.build(Document(f"D{n}", text) for n, text in enumerate(listed))
    assert index.search("Katalog")[0].key == "D1"
    (word,) = words("Katalog")
    assert index.knows(word)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Masnahmenplan", "Maßnahmenplan"),
        ("Massnahmnplan", "Maßnahmenplan"),
        ("Intgerationskonzept", "Integrationskonzept"),
        ("Haushallt", "Haushalt"),
        ("Ausländerbhröde", "Ausländerbehörde"),
        ("Macnahmenpljn", "Maßnahmenplan"),
    ],
)
def test_a_typo_is_corrected_to_a_word_of_the_index(written: str, read: str) -> None:
    corrected, corrections = INDEX.correct(words(f"das {written}"))
    assert [(c.written, c.read) for c in corrections] == [(written, read)]
    assert next(word.folded for word in corrected) == "das"
    assert found(written)[0] == found(read)[0]


@pytest.mark.parametrize(
    "word",
    [
        "Haushalt",
        "warum",
        "Wetter",
        "Zaushalt",
        "Etet",
        "2170/25",
        "xqzw",
        "Fahrrad",
        "Stadtbehörde",
    ],
)
def test_known_words_numbers_and_distant_words_are_left_alone(word: str) -> None:
    asked = words(word)
    assert INDEX.correct(asked) == (asked, [])


@given(st.text("abcdefghijklmnopqrstuvwxyzäöüß", min_size=1, max_size=14))
def test_a_correction_is_never_a_strange_word(word: str) -> None:
    asked = words(word)
    corrected, corrections = INDEX.correct(asked)
    assert len(corrected) == len(asked)
    for new in corrected if corrections else ():
        assert not INDEX.is_strange(new)


def test_among_equally_near_words_the_one_that_fits_the_others_is_read() -> None:
    index = Index.build(
        [
            Document("A", "Start der Kurse"),
            Document("B", "Start der Kampagne"),
            Document("C", "SMART-Ziel", "Ein Ziel ist messbar."),
        ]
    )
    for query, read in (("Sart Ziel", "SMART"), ("Sart Kurse", "Start")):
        _, corrections = index.correct(words(query))
        assert [c.read for c in corrections] == [read]


def test_two_edits_lead_from_a_short_word_only_to_a_single_stem() -> None:
    alone = Index.build([Document("A", "Frist")])
    among = Index.build([Document("A", "Frist"), Document("B", "Fakten"), Document("C", "Faust")])
    assert [c.read for c in alone.correct(words("faikst"))[1]] == ["Frist"]
    assert among.correct(words("faikst"))[1] == []


def test_a_word_is_read_the_same_way_wherever_it_stands_in_a_query() -> None:
    index = Index.build(
        [
            Document("A", "Bericht Finanzen"),
            Document("B", "Bereich Jugend"),
            Document("C", "Frist"),
        ]
    )
    corrected, corrections = index.correct(words("Jugend Bereicht Frist Bereicht"))
    assert [word.folded for word in corrected] == ["jugend", "bereich", "frist", "bereich"]
    assert [(c.written, c.read) for c in corrections] == [("Bereicht", "Bereich")] * 2


@pytest.mark.parametrize(
    "query", ["Sprachkurse", "Beratungskonzept der Stadt", "2170/24", "Asylkonzpt"]
)
def test_short_and_long_lists_are_searched_alike(
    query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = INDEX.search(query)
    monkeypatch.setattr("knowledge.search.postings.MOST_COUNTED", 0)
    assert INDEX.search(query) == counted


def test_the_first_part_of_a_compound_is_corrected_with_its_linking_s() -> None:
    index = Index.build([Document("A", "Handlung", "Handlungsempfehlungen")])
    corrected, _ = index.correct(words("hantdluungs empfehlung"))
    assert corrected[0].folded == "handlungs"


def test_a_new_compound_is_not_read_as_a_distant_one() -> None:
    index = Index.build([Document("A", "Integrationskurs")])
    assert index.correct(words("Integrationskita"))[1] == []


@pytest.mark.parametrize(
    ("word", "keys", "low", "high"),
    [
        ("Haushalt", ["EF-5"], 1.0, 1.0),
        ("Haushalt", ["EF-1"], 0.0, 0.2),
        ("Haushalt", ["EF-1", "EF-5"], 1.0, 1.0),
        ("Haushalt", ["NOWHERE"], 0.0, 0.0),
        ("Haushalt", [], 0.0, 0.0),
    ],
)
def test_a_word_is_found_in_the_best_of_some_documents(
    word: str, keys: list[str], low: float, high: float
) -> None:
    (asked,) = words(word)
    assert low <= INDEX.found(asked, keys) <= high


def test_how_documents_write_a_word_tells_nouns() -> None:
    assert INDEX.is_capitalised("haushalt") is True
    assert INDEX.is_capitalised("lernen") is False
    assert INDEX.is_capitalised("fahrrad") is None


def test_words_without_weight_rank_nothing() -> None:
    asked = words("das Haushalt der Stadt")
    assert INDEX.rank(asked, weight=lambda _: 0.0) == []
    assert INDEX.rank(asked) != []


def test_only_words_with_weight_decide() -> None:
    asked = words("Haushalt Sprachkurse")

    def only_the_first(word: Word) -> float:
        return float(word.folded == "haushalt")

    hits = INDEX.rank(asked, weight=only_the_first)
    assert [hit.key for hit in hits] == ["EF-5"]
    assert hits[0].coverage == pytest.approx(1.0)


@pytest.mark.parametrize("query", ["", "   ", "?!", "🤷"])
def test_a_query_without_words_finds_nothing(query: str) -> None:
    assert INDEX.search(query) == []


def test_an_empty_index_finds_nothing() -> None:
    empty = Index.build([])
    assert len(empty) == 0
    assert empty.search("Haushalt") == []
    assert empty.correct(words("Haushallt"))[1] == []


def test_coverage_tells_how_much_of_the_query_was_found() -> None:
    whole = INDEX.search("Haushalt")[0]
    half = INDEX.search("Haushalt Raumfahrtbahnhof")[0]
    assert whole.coverage == pytest.approx(1.0)
    assert half.key == "EF-5"
    assert half.coverage < 0.7


def test_equal_documents_are_ordered_by_key_however_they_came() -> None:
    listed = [Document(f"D{n}", "Kita", "Kita") for n in (3, 1, 2, 5, 4)]
    forwards, backwards = Index.build(listed), Index.build(reversed(listed))
    assert found("kita", forwards) == ["D1", "D2", "D3", "D4", "D5"]
    assert forwards.search("kita") == backwards.search("kita")


def test_equal_hits_are_ordered_by_key_whichever_word_comes_first() -> None:
    index = Index.build([Document("A", "Sporthalle"), Document("B", "Bibliothek")])
    assert found("Sporthalle Bibliothek", index) == ["A", "B"]
    assert found("Bibliothek Sporthalle", index) == ["A", "B"]


def test_the_order_of_documents_changes_no_hit() -> None:
    query = "Konzept der Stadt für Beratung 2170/24"
    other = Index.build(reversed(DOCUMENTS), lexicon=("das", "dauert", "warum"))
    assert INDEX.search(query) == other.search(query)
    assert INDEX.search(query) == INDEX.search(query)


def test_no_more_hits_than_asked_for_and_the_best_of_them() -> None:
    every = INDEX.search("Stadt Konzept Plan Beratung")
    assert len(every) > 2
    assert INDEX.search("Stadt Konzept Plan Beratung", limit=2) == every[:2]


def test_synonyms_find_each_other() -> None:
    index = Index.build(
        [Document("A", "Kindergarten"), Document("B", "Schule")],
        synonyms=[("kita", "kitas", "kindergarten")],
    )
    assert found("Kitas", index) == ["A"]
    assert [keys for _, keys in index.named(words("die Kita"))] == [("A",)]


def test_the_longest_name_in_a_query_is_taken() -> None:
    index = Index.build(
        [Document("A", "Konzept"), Document("B", "Konzept der Stadt"), Document("C", "Stadt")]
    )
    spans = index.named(words("Ist das Konzept der Stadt ein Konzept?"))
    assert spans == [(range(2, 5), ("B",)), (range(6, 7), ("A",))]


def test_a_name_of_two_documents_names_both() -> None:
    index = Index.build([Document("B", "Beirat"), Document("A", "Rat", aliases=("Beirat",))])
    assert index.named(words("Beirat")) == [(range(1), ("A", "B"))]


def test_a_word_in_every_document_is_less_rare_than_a_word_in_one() -> None:
    index = Index.build([replace(d, text=f"{d.text} überall") for d in DOCUMENTS])
    (common, rare) = words("überall Haushalt")
    assert 0 < index.rarity(common) < index.rarity(rare)


@settings(deadline=None)
@given(ODD)
def test_no_text_makes_the_search_fail(text: str) -> None:
    for hit in INDEX.search(text):
        assert 0 <= hit.coverage <= 1
        assert hit.score > 0


def test_repeated_compounds_are_read_at_once() -> None:
    # All ways to cut this are more than the atoms of the earth; it must not try them.
    index = Index.build(Document(w, w) for w in ("Integration", "Konzept", "Integrationskonzept"))
    assert index.search("integrationskonzept" * 26)[0].key
    assert index.search("integrationskonzept" * 3)[0].key == "Integrationskonzept"


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Mitglieder", "Mitgliedern", True),
        ("Gründungsmitglieder", "Mitglieder", True),
        ("Mitglieder", "Gründungsmitglieder", True),
        ("Gründungsmitglieder", "Gründung", False),
        ("Mitglieder", "Kurse", False),
    ],
)
def test_a_compound_is_a_kind_of_what_it_ends_with(first: str, second: str, *, same: bool) -> None:
    index = Index.build([Document("A", "Gründungsmitglieder, Mitglieder, Gründung")])
    (one,), (other,) = words(first), words(second)
    assert index.is_kind_of(one, other) is same
