"""Random numbers of rows that buttons refer to: never given twice, and short."""

from __future__ import annotations

import secrets

ID_BITS = 48
"""Two such numbers never meet by chance, and one fits behind a button beside other words."""


def new_id() -> int:
    """A number for a new row."""
    return secrets.randbits(ID_BITS)


def is_id(number: int) -> bool:
    """Whether a number can be that of a row; databases do not take much larger ones.

    >>> is_id(2**48 - 1), is_id(2**48), is_id(-1)
    (True, False, False)
    """
    return number >> ID_BITS == 0
