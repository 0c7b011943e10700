"""What is wrong, or worth knowing, about a file: typed, with its place, without wording."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from openpyxl.utils import get_column_letter

from knowledge.consistency import Flaw
from knowledge.yaml_faults import Fault


class Reason(StrEnum):
    """Why something was found.

    Which fields of a `Finding` carry something is said with each value, beside its place.
    """

    # The file cannot be read.
    TOO_MANY_BYTES = "too_many_bytes"
    """`limit`: bytes."""
    UNPACKS_TOO_LARGE = "unpacks_too_large"
    """`limit`: bytes, all parts unpacked. What a zip bomb runs into."""
    TOO_MANY_PARTS = "too_many_parts"
    """`limit`: parts of a workbook, or their XML elements."""
    TOO_MANY_ROWS = "too_many_rows"
    """`limit`: rows with content."""
    TOO_MANY_COLUMNS = "too_many_columns"
    """`row`; `limit`: columns."""
    CELL_TOO_LONG = "cell_too_long"
    """`row`, `column`; `limit`: characters."""
    MACROS = "macros"
    """The workbook carries a program."""
    ENCRYPTED = "encrypted"
    """The workbook needs a password."""
    OLD_EXCEL = "old_excel"
    """A workbook of Excel 2003 or earlier (.xls), or a binary one (.xlsb)."""
    OTHER_FORMAT = "other_format"
    """`text`: what it is, where that is known ("ods", "docx", "pdf", "html")."""
    BROKEN = "broken"
    """It is damaged, or made to look like a workbook."""
    EMPTY = "empty"
    """No cell has content."""
    NO_SUCH_SHEET = "no_such_sheet"
    """`text`: the name of the sheet that was asked for."""
    UNKNOWN_ENCODING = "unknown_encoding"
    """The bytes are no text in UTF-8, UTF-16 with a mark, or Windows-1252."""
    OPEN_QUOTE = "open_quote"
    """`row`: where a quotation mark opens and does not close, or closes too early."""
    NOT_YAML = "not_yaml"
    """`row`: the line; `text`: what the reader says about one fault, in English; `fault`: the same
    for whoever words it."""

    # The table cannot be understood as one of measures.
    COLUMN_MISSING = "column_missing"
    """`text`: the heading that is needed."""
    NO_SUCH_PLAN = "no_such_plan"
    """`key`: the plan or body to import into, which is not (or no longer) there."""

    # A cell or row is faulty.
    FORMULA_WITHOUT_VALUE = "formula_without_value"
    """`row`, `column`: the program that wrote the file did not compute the formula."""
    FORMULA_ERROR = "formula_error"
    """`row`, `column`; `text`: "#REF!" and the like."""
    MEASURE_MISSING = "measure_missing"
    """`row`: other cells are filled, the one that names the measure is not."""
    NO_SUCH_NUMBER = "no_such_number"
    """`row`, `text`: a number that no measure has, in a table without a column of names."""
    NOT_A_DATE = "not_a_date"
    """`row`, `column`; `text`: looks like a date and is none ("31.02.2025")."""
    DAY_NUMBER = "day_number"
    """`row`, `column`; `text`: a number that spreadsheet programs keep a day as ("46477")."""
    DATE_TO_COME = "date_to_come"
    """`row`, `column`, or neither if it holds for the whole table; of complete entries `key`, the
    fact's id; `text`: a date as of which statements cannot hold, since it is still to come."""
    TEXT_TOO_LONG = "text_too_long"
    """`row`, `column`; `limit`: characters."""
    NUMBER_IS_A_DATE = "number_is_a_date"
    """`row`, `column`; `text`: a number such as 1.2 that a spreadsheet turned into a date."""
    ROW_TWICE = "row_twice"
    """`row`, `other_row`: both are the same measure."""
    KEY_TWICE = "key_twice"
    """`key`: two entries of a file have it."""
    KEY_ELSEWHERE = "key_elsewhere"
    """`row`, `key`: the key belongs to something else than a measure of this plan."""
    KEY_AND_TITLE_DISAGREE = "key_and_title_disagree"
    """`row`, `key`, `other_key`: the number means one measure, the title another."""
    AMBIGUOUS_TITLE = "ambiguous_title"
    """`row`, `text`: several measures have the title, and nothing tells which is meant."""
    NO_SUCH_FIELD = "no_such_field"
    """`row`, `text`: a field of action that can be made only below a plan."""
    STILL_REFERRED_TO = "still_referred_to"
    """`key`, `other_key`: the first cannot be withdrawn, the second refers to it."""
    INCONSISTENT = "inconsistent"
    """`key`, `flaw`, perhaps `other_key`: what `knowledge.consistency` finds in the result."""

    # Nothing is wrong, but a person may want to know.
    TOTAL_LEFT_OUT = "total_left_out"
    """`row`, `text`: a row of totals."""
    NOTE_LEFT_OUT = "note_left_out"
    """`row`, `text`: a line with a single filled cell that names no measure."""
    DATE_AS_TEXT = "date_as_text"
    """`row`, `column`, `text`: a deadline in words, kept as such ("fortlaufend")."""
    OLDER_THAN_KNOWN = "older_than_known"
    """`row`, `column`, `text`, `key`: left alone, since something newer is known."""
    UNDATED = "undated"
    """`row`, `column`, `text`, `key`: left alone, since what is known has a date, and counts."""
    STILL_OF_THE_OLD_DATE = "still_of_the_old_date"
    """`row`, `column`, `text`, `key`: a new status with the date and source of the former one."""

    AS_EXPORTED = "as_exported"
    """`row`, `column`, `text`, `key`: left alone, since it is as an earlier export wrote it and
    something newer was published since."""
    CHANGED_SINCE = "changed_since"
    """`row`, `column`, `key`; `text`: what an earlier export wrote. The cell was changed in the
    table, and what is known was changed since, too."""
    WITHDRAWN_SINCE = "withdrawn_since"
    """`row`, `key`: a measure as an earlier export wrote it, which was withdrawn since."""


_NOTICES = frozenset(
    {
        Reason.AS_EXPORTED,
        Reason.CHANGED_SINCE,
        Reason.WITHDRAWN_SINCE,
        Reason.TOTAL_LEFT_OUT,
        Reason.NOTE_LEFT_OUT,
        Reason.DATE_AS_TEXT,
        Reason.OLDER_THAN_KNOWN,
        Reason.UNDATED,
        Reason.STILL_OF_THE_OLD_DATE,
    }
)


_LEFT_OUT = frozenset(
    {
        Reason.AS_EXPORTED,
        Reason.OLDER_THAN_KNOWN,
        Reason.UNDATED,
        Reason.WITHDRAWN_SINCE,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found, with its place and what it takes to word it.

    Attributes:
        reason: What it is.
        row: Row as the spreadsheet program counts, from 1.
        column: Column, from 1.
        text: The words it is about.
        limit: The bound that was passed.
        key: The entry it is about.
        other_row: The second row where it takes two.
        other_key: The second entry where it takes two.
        flaw: How entries would not fit together.
        fault: What is wrong with a YAML file.
    """

    reason: Reason
    row: int | None = None
    column: int | None = None
    text: str = ""
    limit: int | None = None
    key: str | None = None
    other_row: int | None = None
    other_key: str | None = None
    flaw: Flaw | None = None
    fault: Fault | None = None

    @property
    def is_notice(self) -> bool:
        """Whether nothing is wrong, and an import may go on."""
        return self.reason in _NOTICES

    @property
    def is_left_out(self) -> bool:
        """Whether something that the file says and is not known is not taken over."""
        return self.reason in _LEFT_OUT

    @property
    def day(self) -> date | None:
        """The day that a spreadsheet program keeps as a number.

        >>> Finding(Reason.DAY_NUMBER, text="46477").day
        datetime.date(2027, 3, 31)
        """
        if self.reason is not Reason.DAY_NUMBER or not self.text.isdecimal():
            return None
        return date(1899, 12, 30) + timedelta(days=int(self.text))

    @property
    def cell(self) -> str | None:
        """The place as spreadsheet programs write it.

        >>> Finding(Reason.NOT_A_DATE, row=7, column=3).cell
        'C7'
        """
        if self.row is None or self.column is None:
            return None
        return f"{get_column_letter(self.column)}{self.row}"


class FileRefusedError(Exception):
    """A file cannot be read.

    Attributes:
        findings: Why; one, except where a YAML file has several faults.
    """

    def __init__(self, *findings: Finding) -> None:
        super().__init__(", ".join(f"{f.reason} {f.cell or f.text}".strip() for f in findings))
        self.findings = findings
