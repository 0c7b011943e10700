"""Typed text as it is kept: one spelling, without what leads to a person."""

from __future__ import annotations

import re
import unicodedata

from knowledge.answering.questions import LONGEST

_CONTACT = re.compile(r"@|://|\bwww\.|\.[a-z]{2,}/", re.IGNORECASE)
"""What an e-mail address, a name in a messenger or a link has in it, and other words have not."""

_NUMBERS = re.compile(
    r"""
    (?<!\d)(?<!\d[.,/-])(?:
        (?P<kept>                                               # looks like a telephone number:
            \d{1,2}\.[ ]?\d{1,2}\.[ ]?(?:\d{4}|\d{2})(?!\d)     # a day
          | \d{1,5}[/-](?:(?:19|20)\d\d|\d\d)(?![ /.-]?\d)      # a paper
        )
      | \(?(?:\+[ ]?|00?)[1-9](?:[ ()/.–-]{0,3}\d){5,}          # a telephone number
      | \d{7,}(?:[/-]\d+)*                                      # one of a person or a file
    )
    """,
    re.VERBOSE,
)


def without_contacts(text: str) -> str:
    """A question without contact details, cut to the length that is read.

    A name that somebody writes out stays: no pattern tells it from other words.

    >>> without_contacts("Wann kommt  DS 2170/24? An max@example.org oder 0361 655-1234")
    'Wann kommt DS 2170/24? An oder'
    """
    spaced = " ".join(unicodedata.normalize("NFKC", text).split())
    # Invisible characters hide addresses from patterns, and databases take not all of them.
    visible = "".join(character for character in spaced if character.isprintable())
    spoken = " ".join(word for word in visible.split() if not _CONTACT.search(word))
    kept = _NUMBERS.sub(lambda number: number["kept"] or " ", spoken)
    return " ".join(kept.split())[:LONGEST].rstrip()


def redacted(text: str) -> str:
    """The part of a question that is kept for long: one spelling, and no contact details.

    >>> redacted("Wann kommt  die DS 2170/24? Antwort an max@example.org oder 0361 655-1234")
    'wann kommt die ds 2170/24? antwort an oder'
    """
    return without_contacts(unicodedata.normalize("NFKC", text).casefold())
