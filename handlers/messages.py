"""Turning templates into messages that Telegram takes."""

from __future__ import annotations

import html
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import structlog
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
    Message,
)
from telegram.constants import MessageLimit, ParseMode
from telegram.error import BadRequest

from knowledge.differences import by_entry
from knowledge.partial_date import PartialDate

log = structlog.get_logger(__name__)

TEMPLATES = Path(__file__).parent / "templates"

PHRASES: Mapping[str, Any] = yaml.safe_load(
    (TEMPLATES / "phrases.yaml").read_text(encoding="utf-8")
)
"""Short German wording by group and name, for labels; also known to every template."""

_environment = Environment(
    loader=FileSystemLoader(TEMPLATES),
    # An upgrade may exchange the files below a program that still runs: not under used ones.
    auto_reload=False,
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.globals["phrases"] = PHRASES
_environment.filters |= {
    "german": lambda day: PartialDate.of(day).german(),
    "day": lambda moment, zone: moment.astimezone(zone).strftime(PHRASES["format"]["day"]),
    "moment": lambda moment, zone: moment.astimezone(zone).strftime(PHRASES["format"]["moment"]),
    "author": lambda label: PHRASES["author"].get(label, label),
    "by_entry": by_entry,
}

_TAG = re.compile(r"<[^>]*>")
_EMPTY_LINES = re.compile(r"\n\s*\n")
_MODIFIED, _UNREADABLE = "message is not modified", "can't parse entities"
_UNCHANGEABLE = (
    "message to edit not found",
    "message can't be edited",
    "there is no text in the message to edit",
)

Buttons = Sequence[Sequence[InlineKeyboardButton]]


@dataclass(frozen=True, slots=True)
class Reply:
    """Telegram HTML and the rows of buttons below it."""

    markup: str
    buttons: Buttons = ()


def render(template: str, **values: object) -> str:
    """Fill a template; returns Telegram HTML without surplus empty lines."""
    text = _environment.get_template(f"{template}.html.j2").render(**values)
    return _EMPTY_LINES.sub("\n\n", text).strip()


def plain(markup: str) -> str:
    """The text of Telegram HTML, without tags."""
    return html.unescape(_TAG.sub("", markup))


def length(markup: str) -> int:
    """How long Telegram finds a text: UTF-16 units after the tags are gone."""
    return len(plain(markup).encode("utf-16-le")) // 2


def cut(text: str, units: int) -> str:
    """The beginning of a text without markup: as many UTF-16 units at the most, whole letters.

    >>> cut("Tür 🙂", 5), cut("Tür", 5)
    ('Tür ', 'Tür')
    """
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")


def split(markup: str, limit: int = MessageLimit.MAX_TEXT_LENGTH) -> list[str]:
    """Cut a text into messages, between paragraphs where possible, never inside a tag.

    A single paragraph over the limit is cut between lines, and a single line over it loses its
    markup. Paragraphs within one tag count as a single one.
    """
    messages: list[str] = []
    for separator, piece in _pieces(markup, limit):
        joined = f"{messages[-1]}{separator}{piece}" if messages else piece
        if messages and length(joined) <= limit:
            messages[-1] = joined
        else:
            messages.append(piece)
    return messages


def _pieces(markup: str, limit: int) -> Iterator[tuple[str, str]]:
    """What must not be cut, each with what stands before it if it is not cut off there."""
    for paragraph in _paragraphs(markup):
        if length(paragraph) <= limit:
            yield "\n\n", paragraph
            continue
        lines = paragraph.split("\n")
        if not all(map(_is_balanced, lines)):
            lines = html.escape(plain(paragraph), quote=False).split("\n")
        for number, line in enumerate(filter(None, lines)):
            separator = "\n" if number else "\n\n"
            if length(line) <= limit:
                yield separator, line
            else:
                yield from ((separator, chunk) for chunk in _chunks(plain(line), limit))


def _paragraphs(markup: str) -> Iterator[str]:
    """What stands between empty lines outside of tags."""
    paragraph = ""
    for part in filter(None, markup.split("\n\n")):
        paragraph = f"{paragraph}\n\n{part}" if paragraph else part
        if _is_balanced(paragraph):
            yield paragraph
            paragraph = ""
    if paragraph:
        yield paragraph


def _is_balanced(markup: str) -> bool:
    return markup.count("</") * 2 == len(_TAG.findall(markup))


def _chunks(text: str, limit: int) -> list[str]:
    """Cut plain text by UTF-16 units and escape it again."""
    chunks: list[str] = []
    current, size = "", 0
    for character in text:
        units = 2 if ord(character) > 0xFFFF else 1
        if size + units > limit:
            chunks.append(current)
            current, size = "", 0
        current += character
        size += units
    return [html.escape(chunk, quote=False) for chunk in (*chunks, current) if chunk]


def keyboard(buttons: Buttons | None) -> InlineKeyboardMarkup | None:
    """Inline keyboard of non-empty rows, or None without any."""
    filled = [list(row) for row in buttons or () if row]
    return InlineKeyboardMarkup(filled) if filled else None


async def send(
    to: Message, said: str | Reply, buttons: Buttons | None = None, *, quote: bool = False
) -> None:
    """Send a text to the chat of a message, in as many messages as it takes.

    Args:
        to: A message of the chat.
        said: Telegram HTML; or a reply, which has buttons of its own.
        buttons: Rows of buttons below the last message.
        quote: Whether the first message shows what it replies to, and the last, for its buttons.
    """
    reply = _as_reply(said, buttons)
    texts = split(reply.markup)
    for number, text in enumerate(texts, start=1):
        below = keyboard(reply.buttons) if number == len(texts) else None
        quoting = quote and number in {1, len(texts)}
        await _readably(partial(_reply, to, below=below, quote=quoting), text)


def _as_reply(said: str | Reply, buttons: Buttons | None) -> Reply:
    return said if isinstance(said, Reply) else Reply(said, buttons or ())


async def _readably(put: Callable[[str, str | None], Awaitable[object]], markup: str) -> None:
    """Have Telegram take a text with its markup, or without where it cannot read that."""
    try:
        await put(markup, ParseMode.HTML)
    except BadRequest as exc:
        if not is_unreadable(exc):
            raise
        # A fault of ours; the person gets the answer all the same.
        log.exception("Telegram cannot read our markup")
        await put(plain(markup), None)


async def _reply(
    to: Message,
    text: str,
    parse_mode: str | None,
    *,
    below: InlineKeyboardMarkup | None,
    quote: bool,
) -> Message:
    return await to.reply_text(
        text,
        parse_mode=parse_mode,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
        reply_markup=below,
        do_quote=quote,
        allow_sending_without_reply=True,
    )


def is_unreadable(error: BadRequest) -> bool:
    """Whether Telegram complains of the markup: the same text without it may be taken."""
    return _UNREADABLE in error.message.lower()


async def announce(to: Message, markup: str) -> Message:
    """Send a short text that is going to be edited, and return that message."""
    return await _reply(to, markup, ParseMode.HTML, below=None, quote=False)


async def send_file(to: Message, content: bytes, name: str) -> None:
    """Send a file to the chat of a message."""
    await to.reply_document(InputFile(content, filename=name), do_quote=False)


async def edit(message: Message, said: str | Reply, buttons: Buttons | None = None) -> None:
    """Replace the text of one of our messages; the same text again is no error.

    What does not fit follows in further messages, with the buttons below the last. A message that
    was deleted meanwhile, or is too old, is followed by a new one.
    """
    reply = _as_reply(said, buttons)
    text, *rest = split(reply.markup)

    async def put(text: str, parse_mode: str | None) -> None:
        await message.edit_text(
            text,
            parse_mode=parse_mode,
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_markup=None if rest else keyboard(reply.buttons),
        )

    try:
        await _readably(put, text)
    except BadRequest as exc:
        reason = str(exc).lower()
        if any(text in reason for text in _UNCHANGEABLE):
            await send(message, reply)
            return
        if _MODIFIED not in reason:
            raise
    if rest:
        await send(message, "\n\n".join(rest), reply.buttons)
