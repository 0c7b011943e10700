"""Measures in and out: tables (CSV, XLSX) as towns keep them, and complete entries as YAML.

Everything here is a function of bytes and a snapshot. A table is read (`read_table`), its headings
are understood (`find_layout`) and confirmed by a person, and `plan_import` says what an import
would change; `plan_entries` does the same for a YAML file. Publishing a plan is up to the caller.
"""

from knowledge.exchange.columns import HEADINGS, Column, Heading, Layout, Match, find_layout
from knowledge.exchange.conditions import Conditions
from knowledge.exchange.entry_import import plan_entries, read_entries
from knowledge.exchange.files import (
    TARGETS,
    Choices,
    EntryFile,
    Format,
    TableFile,
    formats_of,
    holds_entries,
    read_file,
    write_file,
)
from knowledge.exchange.findings import FileRefusedError, Finding, Reason
from knowledge.exchange.plan import Change, Difference, ImportPlan, Part
from knowledge.exchange.sheets import Row, Table, read_table
from knowledge.exchange.statuses import PHASE_WORDS, StatusQuestion
from knowledge.exchange.table_export import WIDTH, to_csv, to_xlsx, write_workbook
from knowledge.exchange.table_import import plan_import
from knowledge.exchange.texts import neutral

__all__ = [
    "HEADINGS",
    "PHASE_WORDS",
    "TARGETS",
    "WIDTH",
    "Change",
    "Choices",
    "Column",
    "Conditions",
    "Difference",
    "EntryFile",
    "FileRefusedError",
    "Finding",
    "Format",
    "Heading",
    "ImportPlan",
    "Layout",
    "Match",
    "Part",
    "Reason",
    "Row",
    "StatusQuestion",
    "Table",
    "TableFile",
    "find_layout",
    "formats_of",
    "holds_entries",
    "neutral",
    "plan_entries",
    "plan_import",
    "read_entries",
    "read_file",
    "read_table",
    "to_csv",
    "to_xlsx",
    "write_file",
    "write_workbook",
]
