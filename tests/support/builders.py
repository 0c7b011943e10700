"""Short ways to make entries, facts and notices for tests."""

from collections.abc import Mapping
from typing import Any

from knowledge.entries import Aspect, Certainty, Entry, Fact, Kind, Source
from knowledge.notification.contents import read
from knowledge.notification.notices import Content, Notice, NoticeKind
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
    """A notice; its content may be given as it is stored."""
    given: dict[str, Any] = {
        "chat_id": 1,
        "key": "k",
        "kind": NoticeKind.ANNOUNCEMENT,
        "content": {"text": "Guten Tag."},
        "not_before": MOMENT,
    }
    given |= fields
    if not isinstance(given["content"], Content):
        given["content"] = read(given["kind"], given["content"])
    return Notice(**given)


_NEEDED: Mapping[NoticeKind, dict[str, Any]] = {
    NoticeKind.MILESTONE_COMING: {"derived": False, "step": -7},
    NoticeKind.MILESTONE_MISSED: {"derived": False, "step": 7},
    NoticeKind.MILESTONE_MOVED: {"new": "2025-11"},
    NoticeKind.MILESTONE_DONE: {"new": "done"},
    NoticeKind.MILESTONE_CANCELLED: {"new": "dropped"},
    NoticeKind.STATUS_CHANGED: {"new": "done"},
    NoticeKind.FACT_ADDED: {"facts": []},
    NoticeKind.ANSWER_CHANGED: {"subscription": 1, "before": {}},
    NoticeKind.CORRECTION: {"told": {"withdrawn": False}},
    NoticeKind.NUDGE: {"said": "2024", "months": 12},
}
"""What else is stored of a kind, where it plays no part."""


def a_content(kind: NoticeKind, given: Mapping[str, Any]) -> Content:
    """What a notice tells, from those parts of what is stored that matter."""
    if "items" not in given:
        return read(kind, {**_NEEDED.get(kind, {}), **given})
    items = [
        item | {"content": a_content(NoticeKind(item["kind"]), item["content"])}
        for item in given["items"]
    ]
    return read(kind, {"items": items})


def stored(notice: Notice) -> dict[str, Any]:
    """The content of a notice as it is stored."""
    return notice.content.model_dump(mode="json")
