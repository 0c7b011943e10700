"""Exchanging single documents of an index."""

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.search import Document, Hit, Index

DOCUMENTS = [
    Document("A", "Sprachkurse", "Deutsch für Mütter"),
    Document("B", "Haushalt der Stadt", "Mittel und Kosten"),
    Document("C", "Beirat für Integration", "Rat und Stadt", aliases=("Beirat",)),
]
OLD = Document("B", "Radweg", "Asphalt und Kosten", aliases=("Piste",))
GONE = Document("D", "Turnhalle", "Sport in der Stadt")
QUERIES = ("Haushalt der Stadt", "Beirat", "Radweg", "Piste", "Turnhalle", "Kosten", "Sprachkrse")


def hits(index: Index) -> list[list[Hit]]:
    return [index.search(query) for query in QUERIES]


def test_an_updated_index_equals_one_that_is_built_anew() -> None:
    before = Index.build([DOCUMENTS[0], OLD, GONE])
    after = before.updated(changed=DOCUMENTS[1:], removed=["D", "unknown"])
    assert hits(after) == hits(Index.build(DOCUMENTS))
    assert len(after) == 3


def test_the_former_index_stays_valid() -> None:
    before = Index.build([DOCUMENTS[0], OLD, GONE])
    found = hits(before)
    before.updated(changed=DOCUMENTS, removed=["D"])
    assert hits(before) == found


def test_a_removed_document_can_come_back() -> None:
    index = Index.build(DOCUMENTS)
    again = index.updated(removed=["C"]).updated(changed=[DOCUMENTS[2]])
    assert hits(again) == hits(index)
    assert index.updated(removed=["A", "B", "C"]).search("Beirat") == []


def test_an_empty_index_can_grow() -> None:
    assert hits(Index.build([]).updated(changed=DOCUMENTS)) == hits(Index.build(DOCUMENTS))


def test_very_long_inputs_are_answered() -> None:
    index = Index.build(DOCUMENTS)
    for text in ("ue" * 2048, "a" * 4096, "sprachkurse" * 372, "Haushalt " * 455):
        assert len(index.search(text)) <= len(DOCUMENTS)
    assert index.search("Haushalt " * 455)[0].coverage == 1.0


def test_function_words_alone_give_no_confidence() -> None:
    index = Index.build(DOCUMENTS, function=("für", "und", "der"))
    assert all(hit.coverage == 0 for hit in index.search("und für der"))
    assert index.search("der Haushalt der Stadt")[0].coverage == 1.0


def test_a_new_word_splits_compounds_that_are_known_already() -> None:
    others = [Document("A", "Sprachlotse"), Document("B", "Sprach")]
    new = Document("C", "Lotse")
    after = Index.build(others).updated(changed=[new])
    assert [hit.key for hit in after.search("Lotse")] == ["C", "A"]
    assert after.search("Lotse") == Index.build([*others, new]).search("Lotse")
    gone = after.updated(removed=["C"])
    assert gone.search("Lotse") == Index.build(others).search("Lotse")


words = st.sampled_from(["Sprachkurs", "Sprach", "Kurs", "Kurslotse", "Lotse", "Kurs/24", "Rat"])
texts = st.lists(words, min_size=1, max_size=3).map(" ".join)
documents = st.builds(Document, key=st.sampled_from("ABCDE"), title=texts, text=texts)
steps = st.tuples(
    st.lists(documents, unique_by=lambda document: document.key),
    st.lists(st.sampled_from("ABCDE"), unique=True, max_size=2),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(steps, min_size=1, max_size=5))
def test_any_updates_lead_where_building_anew_leads(
    history: list[tuple[list[Document], list[str]]],
) -> None:
    index, current = Index.build([]), dict[str, Document]()
    for changed, removed in history:
        index = index.updated(changed=changed, removed=removed)
        current = {key: d for key, d in current.items() if key not in removed}
        current |= {document.key: document for document in changed}
        anew = Index.build(current.values())
        for query in ("Sprachkurs", "Kurs", "Lotse", "Sprachlotse", "Rat Kurslotse", "Sprahckurs"):
            assert index.search(query) == anew.search(query)
