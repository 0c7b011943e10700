"""Measures in and out: tables (CSV, XLSX) as towns keep them, and complete entries as YAML.

Everything here is a function of bytes and a snapshot. A file is read (`read_file`), a person
decides what it leaves open (`Choices`), and its `plan` says what an import would change;
`write_file` is the way back. Publishing a plan is up to the caller.
"""

from knowledge.exchange.columns import HEADINGS, Column, Heading, Layout
from knowledge.exchange.conditions import Former
from knowledge.exchange.files import (
    TARGETS,
    Choices,
    EntryFile,
    Format,
    TableFile,
    about,
    formats_of,
    holds_entries,
    read_file,
    write_file,
)
from knowledge.exchange.findings import FileRefusedError, Finding, Reason
from knowledge.exchange.plan import ImportPlan
from knowledge.exchange.statuses import PHASE_WORDS, StatusQuestion
from knowledge.exchange.table_export import WIDTH, write_workbook
from knowledge.exchange.texts import neutral

__all__ = [
    "HEADINGS",
    "PHASE_WORDS",
    "TARGETS",
    "WIDTH",
    "Choices",
    "Column",
    "EntryFile",
    "FileRefusedError",
    "Finding",
    "Format",
    "Former",
    "Heading",
    "ImportPlan",
    "Layout",
    "Reason",
    "StatusQuestion",
    "TableFile",
    "about",
    "formats_of",
    "holds_entries",
    "neutral",
    "read_file",
    "write_file",
    "write_workbook",
]
