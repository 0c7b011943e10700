"""Tables for German spreadsheet programs, in which nothing is computed."""

import csv
import io

import openpyxl
import pytest

from knowledge.entries import Aspect
from knowledge.exchange import HEADINGS
from knowledge.exchange.table_export import to_csv, to_xlsx
from knowledge.snapshot import Snapshot
from knowledge.yaml_files import load
from tests.knowledge.exchange.files import a_snapshot, planned
from tests.support.builders import a_fact, an_entry

SHIPPED = Snapshot(load())


def a_table(title: str) -> Snapshot:
    return a_snapshot(an_entry("PLAN-1", title=title, parent="PLAN"))


def test_csv_is_in_the_dialect_of_a_german_excel() -> None:
    content = to_csv(a_table("Straßenfest; mit Musik"), "PLAN")
    assert content.startswith(b"\xef\xbb\xbfNr.;Handlungsfeld;Ziel;")
    assert content.endswith(b"\r\n")
    assert '"Straßenfest; mit Musik"'.encode() in content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows[0] == list(HEADINGS.values())
    assert rows[1][0] == "PLAN-1"


def test_a_workbook_has_fixed_bold_headings_and_wrapped_texts() -> None:
    content = to_xlsx(a_table("Straßenfest"), "PLAN")
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    assert (sheet.title, sheet.freeze_panes) == ("Maßnahmen", "A2")
    assert [cell.value for cell in sheet[1]] == list(HEADINGS.values())
    assert all(cell.font.bold for cell in sheet[1])
    assert all(cell.alignment.wrap_text for row in sheet.iter_rows() for cell in row)
    assert not any(cell.font.bold for cell in sheet[2])
    assert sheet.column_dimensions["D"].width > sheet.column_dimensions["A"].width > 10


FORMULAS = ["=1+1", '=HYPERLINK("http://x")', "+49 361", "-5", "@SUM(A1)", "＝1+1", "＠x", "#NV"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_is_computed_and_every_text_comes_back(text: str) -> None:
    snapshot = a_snapshot(
        an_entry(
            "PLAN-1",
            title=text,
            parent="PLAN",
            facts=(a_fact(text, id="A", aspect=Aspect.RESPONSIBLE),),
        )
    )
    for written in to_csv(snapshot, "PLAN").decode("utf-8-sig").split("\r\n")[1].split(";"):
        assert not written.strip('"').startswith(("=", "+", "-", "@", "＝", "＠"))
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(snapshot, "PLAN"))).worksheets[0]
    for row in sheet.iter_rows():
        for cell in row:
            assert cell.data_type in ("s", "n")
            assert not str(cell.value or "").startswith(("=", "+", "-", "@", "＝", "＠"))
    for content in (to_csv(snapshot, "PLAN"), to_xlsx(snapshot, "PLAN")):
        assert planned(content, snapshot).changes_nothing


def test_measures_are_those_below_a_plan_or_body_in_natural_order() -> None:
    snapshot = a_snapshot(
        *(an_entry(f"PLAN-{n}", parent="PLAN") for n in (10, 2, 1)), an_entry("ANDERE")
    )
    for key in ("PLAN", "STADT"):
        lines = to_csv(snapshot, key).decode("utf-8-sig").splitlines()
        assert [line.split(";")[0] for line in lines[1:]] == ["PLAN-1", "PLAN-2", "PLAN-10"]


@pytest.mark.parametrize("key", ["ERFURT", "EF-IK", "EF-MP", "EF-AAD"])
def test_the_shipped_measures_exported_and_imported_change_nothing(key: str) -> None:
    for content in (to_csv(SHIPPED, key), to_xlsx(SHIPPED, key)):
        plan = planned(content, SHIPPED, target=key, withdraw_missing=True)
        assert plan.changes_nothing
        assert plan.is_ready
        assert plan.notices == ()


def test_the_same_entries_give_the_same_csv() -> None:
    assert to_csv(SHIPPED, "ERFURT") == to_csv(Snapshot(load()), "ERFURT")
