"""Reports: what is asked for, and what stands in the cells."""

import io
from datetime import date

import openpyxl
import pytest

from handlers.messages import PHRASES
from handlers.reports import cells, table, wanted_report
from knowledge.entries import Aspect, Kind, Phase
from knowledge.reporting.report import report
from knowledge.snapshot import Snapshot
from tests.support.builders import a_fact, an_entry
from tests.support.chat import READER, Chat

DAY = date(2026, 6, 30)


@pytest.mark.parametrize(
    ("text", "words", "day"),
    [
        ("", "", None),
        ("30.06.2026", "", DAY),
        ("2026-06-30", "", DAY),
        ("Integrationskonzept", "Integrationskonzept", None),
        ("Maßnahmenplan  zum 30.6.2026", "Maßnahmenplan", DAY),
        ("EF-KONZEPT 30. Juni 2026", "EF-KONZEPT", DAY),
        ("Konzept 2018", "Konzept 2018", None),
        ("31.02.2026", "31.02.2026", None),
    ],
)
def test_a_day_comes_last(text: str, words: str, day: date | None) -> None:
    wanted = wanted_report(text)
    assert (wanted.words, wanted.day) == (words, day)


@pytest.mark.parametrize("words", ["31.02.2026", "EF-7 zum 31.02.2026", "2026-02-31"])
async def test_a_day_that_there_is_none_is_no_name(chat: Chat, words: str) -> None:
    shown = await chat.say(f"/bericht {words}", user=READER)
    assert shown.text == f"Den Tag gibt es nicht: „{words.rsplit(maxsplit=1)[-1]}“."


def test_cells_are_in_the_order_of_their_headings_and_harmless() -> None:
    facts = [
        a_fact("Läuft.", id="F-1", aspect=Aspect.STATUS, phase=Phase.IN_PROGRESS, as_of="2026-05"),
        a_fact("Bis.", id="F-2", aspect=Aspect.DUE, due="2026-03-31", as_of="2025"),
        a_fact("=1+1", id="F-3", aspect=Aspect.RESPONSIBLE),
        a_fact("@Amt", id="F-4", aspect=Aspect.REASON),
    ]
    snapshot = Snapshot(
        [
            an_entry("PLAN", kind=Kind.PLAN, title="-Plan"),
            an_entry("M-1", parent="PLAN", title="Straßenfest", facts=facts),
        ]
    )
    rows = report(snapshot, None, DAY)
    assert dict(zip(PHRASES["report_column"], cells(rows[0]), strict=True)) == {
        "key": "M-1",
        "above": "-Plan",
        "title": "Straßenfest",
        "phase": "in Umsetzung",
        "due": "31.03.2026",
        "timeliness": "überfällig",
        "responsible": "=1+1",
        "remark": "@Amt",
        "as_of": "Mai 2026",
        "source": "DS 2170/24",
    }
    sheet = openpyxl.load_workbook(io.BytesIO(table(rows))).worksheets[0]
    headings, line = sheet.iter_rows(values_only=True)
    assert headings == tuple(PHRASES["report_column"].values())
    assert (line[1], line[6], line[7]) == ("'-Plan", "'=1+1", "'@Amt")
    assert {cell.data_type for cell in sheet[2]} == {"s"}


def test_what_is_over_has_no_timeliness() -> None:
    facts = [
        a_fact("Fertig.", id="F-1", aspect=Aspect.STATUS, phase=Phase.DONE, as_of="2026-05"),
        a_fact("Bis.", id="F-2", aspect=Aspect.DUE, due="2026-03-31", as_of="2025"),
    ]
    (row,) = report(Snapshot([an_entry("M-1", facts=facts)]), None, DAY)
    assert cells(row)[5] == ""
