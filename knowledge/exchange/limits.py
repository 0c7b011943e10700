"""How large a file may be: checked before and while it is read, never afterwards."""

MEBIBYTE = 1024 * 1024

MAX_BYTES = 20 * MEBIBYTE
"""What a bot can download from Telegram at most."""

MAX_UNPACKED = 40 * MEBIBYTE
"""All parts of a workbook, unpacked: 10,000 rows with 200 letters in each of 18 cells."""

MAX_RATIO = 200
"""Unpacked bytes per packed byte: sheets of equal rows come to about 60, bombs to 1,000."""

MAX_PARTS = 1_000
"""Files inside a workbook; one per sheet and picture, and a dozen more."""

MAX_ELEMENTS = 1_500_000
"""XML elements of a workbook: each costs memory, however few bytes it has in the file."""

MAX_BUILT = 200_000
"""XML elements that are built as a whole, such as styles and rules: a kilobyte each."""

MAX_FORMAT = 255
"""Characters of a cell's number format, as Excel has it; openpyxl's time grows with the square."""

LAST_ROW = 1_048_576
"""The last row that a worksheet has; a file may be full of blank ones."""

MAX_LINE = 1 << 20
"""Characters of a line of delimited text: 30 times the longest cell."""

MAX_MARKS = 30
"""Combining marks on one character, as in Unicode's stream-safe format (UAX #15): the time that
composing takes grows with their square."""

MAX_ROWS = 10_000
"""Rows with content; the largest known plan of a town has about 140 measures."""

MAX_COLUMNS = 100
"""Columns with content; measure tables have 5 to 25."""

MAX_CELL = 32_767
"""Characters of a cell, as Excel has it."""
