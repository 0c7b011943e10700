"""Message entities: marked stretches of a text, counted in UTF-16 units as Telegram does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from bot.playground.wire import Json, bad_request, present

# Nothing is looked for inside these: a path in <code> is not a command.
OPAQUE: Final = frozenset({"code", "pre", "text_link", "text_mention", "custom_emoji"})

# Which of two equal stretches encloses the other (tdlib, get_type_priority): lower is outer.
_RANK: Final = {
    "blockquote": 0,
    "expandable_blockquote": 0,
    "pre": 11,
    "code": 20,
    "text_link": 49,
    "bold": 90,
    "italic": 91,
    "underline": 92,
    "strikethrough": 93,
    "spoiler": 94,
    "date_time": 98,
    "custom_emoji": 99,
}

_MARKS: Final = re.compile(
    r"""
      (?P<url>\b(?:https?://|www\.)[^\s<>"]*[^\s<>".,:;!?'()\[\]])
    | (?P<email>[\w.+-]+@[\w-]+(?:\.[\w-]+)+)
    | (?P<bot_command>(?<![\w/<>@])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/@]))
    | (?P<mention>(?<![\w@])@[A-Za-z][A-Za-z0-9_]{2,31}(?!\w))
    | (?P<hashtag>(?<![\w\#])\#(?=\w*[^\W\d])\w{1,255})
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Entity:
    """One marked stretch.

    Attributes:
        type: Telegram's name, e.g. `bold` or `text_link`.
        offset: Where it starts, in UTF-16 units.
        length: How long it is, in UTF-16 units, at least 1.
        url: Target of a `text_link`.
        language: Programming language of a `pre`.
        custom_emoji_id: Of a `custom_emoji`.
        unix_time: Moment of a `date_time`.
        date_time_format: How a `date_time` wants to be shown.
    """

    type: str
    offset: int
    length: int
    url: str | None = None
    language: str | None = None
    custom_emoji_id: str | None = None
    unix_time: int | None = None
    date_time_format: str | None = None

    @property
    def end(self) -> int:
        """First UTF-16 unit after it."""
        return self.offset + self.length

    def as_json(self) -> Json:
        """As the Bot API sends it."""
        return present(
            type=self.type,
            offset=self.offset,
            length=self.length,
            url=self.url,
            language=self.language,
            custom_emoji_id=self.custom_emoji_id,
            unix_time=self.unix_time,
            date_time_format=self.date_time_format,
        )


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text with its entities, outermost first."""

    text: str = ""
    entities: tuple[Entity, ...] = ()

    def stretch(self, entity: Entity) -> str:
        """The words an entity covers."""
        units = self.text.encode("utf-16-le")
        return units[2 * entity.offset : 2 * entity.end].decode("utf-16-le", "replace")


def utf16_length(text: str) -> int:
    """Count UTF-16 units: characters beyond the basic plane count twice.

    >>> utf16_length("Maß"), utf16_length("📌")
    (3, 2)
    """
    return len(text) + sum(1 for character in text if character > "\uffff")


def ordered(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    """Sort by position, the enclosing before the enclosed."""
    return tuple(
        sorted(
            entities,
            key=lambda entity: (entity.offset, -entity.length, _RANK.get(entity.type, 50)),
        )
    )


def detected(formatted: Formatted) -> Formatted:
    """Add what Telegram finds by itself: commands, mentions, hashtags, links, addresses.

    >>> [e.type for e in detected(Formatted("/start@massnahmenbot x")).entities]
    ['bot_command']
    """
    taken = [entity for entity in formatted.entities if entity.type in OPAQUE]
    found = [
        mark
        for mark in _marks(formatted.text)
        if not any(mark.offset < other.end and other.offset < mark.end for other in taken)
    ]
    return Formatted(formatted.text, ordered([*formatted.entities, *found]))


def trimmed(formatted: Formatted) -> Formatted:
    """Drop the white space Telegram drops at both ends and move the entities along."""
    text = formatted.text.rstrip()
    first = min((entity.offset for entity in formatted.entities), default=len(text))
    lead = 0
    while lead < min(len(text), first) and text[lead] in " \n":
        lead += 1
    text = text[lead:]
    size = utf16_length(text)
    kept = (
        replace(entity, offset=start, length=end - start)
        for entity in formatted.entities
        for start, end in [(entity.offset - lead, min(entity.end - lead, size))]
        if end > start
    )
    return Formatted(text, ordered(kept))


def from_json(text: str, items: object) -> Formatted:
    """Read the `entities` a bot passes instead of a parse mode.

    Raises:
        ApiError: 400 if it is not a list of entities inside the text.
    """
    if not isinstance(items, list):
        raise bad_request("can't parse entities: expected an Array of MessageEntity")
    return Formatted(text, ordered(_entity(item, utf16_length(text)) for item in items))


def _entity(item: object, size: int) -> Entity:
    if not isinstance(item, dict):
        raise bad_request("can't parse entities: expected an Object as MessageEntity")
    try:
        entity = Entity(
            **{key: item[key] for key in Entity.__dataclass_fields__ if item.get(key) is not None}
        )
        outside = entity.offset < 0 or entity.length < 1 or entity.end > size
    except TypeError as error:
        raise bad_request("can't parse entities: entity lacks type, offset or length") from error
    if outside:
        raise bad_request("can't parse entities: entity is outside of the text")
    return entity


def _marks(text: str) -> Iterator[Entity]:
    for match in _MARKS.finditer(text):
        offset = utf16_length(text[: match.start()])
        yield Entity(str(match.lastgroup), offset, utf16_length(match.group()))
