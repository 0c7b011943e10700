"""Short ways to make entries, facts and notices for tests."""

from typing import Any

from knowledge.entries import Aspect, Certainty, Entry, Fact, Kind, Source
from knowledge.notification.notices import Notice, NoticeKind
from tests.support.clock import MOMENT

A_SOURCE = Source(title="Antwort des Oberbürgermeisters", reference="DS 2170/24")


def a_fact(text: str = "Das ist so.", **fields: Any) -> Fact:
    given: dict[str, Any] = {
        "id": "F-1",
        "aspect": Aspect.SUMMARY,
        "text": text,
        "sources": (A_SOURCE,),
        "as_of": "2024",
        "certainty": Certainty.OFFICIAL,
    }
    return Fact.model_validate(given | fields)


def an_entry(key: str = "EF-7", **fields: Any) -> Entry:
    given: dict[str, Any] = {"key": key, "kind": Kind.MEASURE, "title": f"Eintrag {key}"}
    return Entry.model_validate(given | fields)


def a_notice(**fields: Any) -> Notice:
    given: dict[str, Any] = {
        "chat_id": 1,
        "key": "k",
        "kind": NoticeKind.ANNOUNCEMENT,
        "content": {"text": "Guten Tag."},
        "not_before": MOMENT,
    }
    return Notice(**(given | fields))
