"""Exchanging single documents of an index."""

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
        index.search(text)


def test_function_words_alone_give_no_confidence() -> None:
    index = Index.build(DOCUMENTS, function=("für", "und", "der"))
    assert all(hit.coverage == 0 for hit in index.search("und für der"))
    assert index.search("der Haushalt der Stadt")[0].coverage == 1.0
