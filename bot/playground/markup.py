"""Telegram's HTML: read into text and entities as strictly as Telegram reads it, and written back.

The rules and the wording of the errors follow the published parser of the Bot API server
(tdlib, `MessageEntity.cpp`); the tag set is that of
https://core.telegram.org/bots/api#html-style.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field, replace
from typing import Final

from bot.playground.entities import Entity, Formatted, ordered, trimmed, utf16_length
from bot.playground.wire import ApiError, bad_request

_TYPES: Final = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
_NAMED: Final = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE: Final = re.compile(
    r"&(?:#(?P<dec>[0-9]{1,7})|#[xX](?P<hex>[0-9A-Fa-f]{1,6})|(?P<name>lt|gt|amp|quot)(?![a-zA-Z]));?"
)
_NAME: Final = re.compile(r"[^\s=>/\"']+")
_TOKEN: Final = re.compile(r"[A-Za-z0-9.-]*")
_SPACE: Final = re.compile(r"\s*")
_FORMATS: Final = re.compile(r"r|w?[dD]?[tT]?")
_EXPANDABLE: Final = "expandable_blockquote"


def parse_html(source: str) -> Formatted:
    """Resolve Telegram HTML to text and entities.

    Args:
        source: HTML as a bot sends it with `parse_mode=HTML`.

    Returns:
        The trimmed text and its entities in UTF-16 units, outermost first.

    Raises:
        ApiError: 400 `can't parse entities: ...` naming the byte offset of the fault.

    >>> parse_html("Stand: <b>2024</b> &amp; später").text
    'Stand: 2024 & später'
    """
    return trimmed(_Parser(source).parse())


@dataclass(slots=True)
class _Open:
    """A start tag that waits for its end."""

    name: str
    attributes: dict[str, str]
    offset: int
    begin: int


@dataclass(slots=True)
class _Parser:
    source: str
    at: int = 0
    units: int = 0
    parts: list[str] = field(default_factory=list)
    stack: list[_Open] = field(default_factory=list)
    found: list[Entity] = field(default_factory=list)

    def parse(self) -> Formatted:
        while self.at < len(self.source):
            character = self.source[self.at]
            if character == "<":
                if self.source.startswith("</", self.at):
                    self._end_tag()
                else:
                    self._start_tag()
            elif character == "&":
                self._append(self._reference())
            else:
                self.at += 1
                self._append(character)
        if self.stack:
            raise _refusal(
                f'Can\'t find end tag corresponding to start tag "{self.stack[-1].name}"'
            )
        return Formatted("".join(self.parts), _settled(self.found))

    def _append(self, text: str) -> None:
        if text == "\r":
            return
        self.parts.append(text)
        self.units += utf16_length(text)

    def _reference(self) -> str:
        match = _REFERENCE.match(self.source, self.at)
        decoded = _decoded(match) if match else None
        if match is None or decoded is None:
            # Telegram leaves what it does not know as it stands, e.g. "&auml;".
            self.at += 1
            return "&"
        self.at = match.end()
        return decoded

    def _byte(self, position: int) -> int:
        return len(self.source[:position].encode())

    def _start_tag(self) -> None:
        begin = self.at
        end = begin + 1
        while (
            end < len(self.source) and not self.source[end].isspace() and self.source[end] != ">"
        ):
            end += 1
        if end == len(self.source):
            raise _refusal(f"Unclosed start tag at byte offset {self._byte(begin)}")
        name = self.source[begin + 1 : end].lower()
        if name not in _TYPES:
            raise _refusal(f'Unsupported start tag "{name}" at byte offset {self._byte(begin)}')
        self.at = end
        attributes = self._attributes(name, begin)
        self._demand(name, attributes, begin)
        self.stack.append(_Open(name, attributes, self.units, len(self.parts)))

    def _demand(self, name: str, attributes: dict[str, str], begin: int) -> None:
        where = f"at byte offset {self._byte(begin)}"
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _refusal(f'Tag "span" must have class "tg-spoiler" {where}')
        if name == "tg-emoji" and not attributes.get("emoji-id", "").isdecimal():
            raise _refusal(f"Invalid custom emoji identifier specified {where}")
        if name == "tg-time" and not attributes.get("unix", "").isdecimal():
            raise _refusal(f"Invalid date-time unix time specified {where}")
        if name == "tg-time" and not _FORMATS.fullmatch(attributes.get("format", "")):
            raise _refusal(f"Invalid date-time format specified {where}")

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        """Read up to and including the closing bracket."""
        values: dict[str, str] = {}
        while True:
            self._skip_space()
            if self._here(tag, begin) == ">":
                self.at += 1
                return values
            match = _NAME.match(self.source, self.at)
            if match is None:
                raise _refusal(
                    f'Empty attribute name in the tag "{tag}" at byte offset {self._byte(begin)}'
                )
            self.at = match.end()
            self._skip_space()
            values[match.group()] = ""
            if self._here(tag, begin) == "=":
                self.at += 1
                self._skip_space()
                values[match.group()] = self._value(tag, begin)

    def _value(self, tag: str, begin: int) -> str:
        quote = self._here(tag, begin)
        if quote not in "\"'":
            start = self.at
            match = _TOKEN.match(self.source, start)
            self.at = match.end() if match else start
            after = self._here(tag, begin)
            if after != ">" and not after.isspace():
                raise _refusal(f"Unexpected end of name token at byte offset {self._byte(start)}")
            return self.source[start : self.at].lower()
        self.at += 1
        value: list[str] = []
        while self._here(tag, begin) != quote:
            if self.source[self.at] == "&":
                value.append(self._reference())
            else:
                value.append(self.source[self.at])
                self.at += 1
        self.at += 1
        return "".join(value)

    def _here(self, tag: str, begin: int) -> str:
        if self.at >= len(self.source):
            raise _refusal(f'Unclosed start tag "{tag}" at byte offset {self._byte(begin)}')
        return self.source[self.at]

    def _skip_space(self) -> None:
        match = _SPACE.match(self.source, self.at)
        self.at = match.end() if match else self.at

    def _end_tag(self) -> None:
        begin = self.at
        where = f"at byte offset {self._byte(begin)}"
        if not self.stack:
            raise _refusal(f"Unexpected end tag {where}")
        end = self.source.find(">", begin)
        if end < 0:
            raise _refusal(f"Unclosed end tag {where}")
        name = self.source[begin + 2 : end].rstrip()
        opened = self.stack[-1]
        if name and name != opened.name:
            raise _refusal(
                f'Unmatched end tag {where}, expected "</{opened.name}>", found "</{name}>"'
            )
        self.at = end + 1
        self.stack.pop()
        if self.units > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity = Entity(_TYPES[opened.name], opened.offset, self.units - opened.offset)
        inside = "".join(self.parts[opened.begin :])
        match opened.name:
            case "a":
                url = _link(opened.attributes.get("href") or inside)
                if url is not None:
                    self.found.append(replace(entity, url=url))
            case "code":
                language = opened.attributes.get("class", "").removeprefix("language-")
                self.found.append(replace(entity, language=language or None))
            case "pre":
                self.found.append(self._preformatted(entity))
            case "blockquote" if "expandable" in opened.attributes:
                self.found.append(replace(entity, type=_EXPANDABLE))
            case "tg-emoji":
                self.found.append(replace(entity, custom_emoji_id=opened.attributes["emoji-id"]))
            case "tg-time":
                self.found.append(
                    replace(
                        entity,
                        unix_time=int(opened.attributes["unix"]),
                        date_time_format=opened.attributes.get("format") or None,
                    )
                )
            case _:
                self.found.append(entity)

    def _preformatted(self, entity: Entity) -> Entity:
        """Let `<pre><code class="language-x">` become one entity that knows its language."""
        last = self.found[-1] if self.found else None
        if last is None or (last.type, last.offset, last.end) != (
            "code",
            entity.offset,
            entity.end,
        ):
            return entity
        self.found.pop()
        return replace(entity, language=last.language)


def _refusal(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")


def _decoded(match: re.Match[str]) -> str | None:
    if match["name"]:
        return _NAMED[match["name"]]
    code = int(match["dec"]) if match["dec"] else int(match["hex"], 16)
    if code == 0 or code >= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return None
    return chr(code)


def _link(target: str) -> str | None:
    """The address, or None where Telegram silently keeps only the text."""
    target = target.strip()
    if re.match(r"(?:https?|tg)://[^\s]", target):
        return target
    if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+(?:[/?#]\S*)?", target):
        return f"http://{target}" if "/" in target else f"http://{target}/"
    return None


def _settled(found: list[Entity]) -> tuple[Entity, ...]:
    """Drop what cannot nest: anything inside code, a quote inside a quote."""
    kept: list[Entity] = []
    for entity in ordered(found):
        around = [other.type for other in kept if other.offset <= entity.offset < other.end]
        if (
            "code" in around
            or "pre" in around
            or _is_quote(entity.type) & any(map(_is_quote, around))
        ):
            continue
        kept.append(entity if entity.type == "pre" else replace(entity, language=None))
    return tuple(kept)


def _is_quote(kind: str) -> bool:
    return kind in {"blockquote", _EXPANDABLE}


_TAGS: Final = {
    "bold": "<b>",
    "italic": "<i>",
    "underline": "<u>",
    "strikethrough": "<s>",
    "spoiler": "<tg-spoiler>",
    "code": "<code>",
    "pre": "<pre>",
    "blockquote": "<blockquote>",
    _EXPANDABLE: "<blockquote expandable>",
}
_CLOSING: Final = re.compile(r"<([\w-]+)[^>]*>")


def to_html(formatted: Formatted) -> str:
    """Write text and entities back as Telegram HTML; what Telegram found by itself stays bare.

    >>> to_html(parse_html("<strong>1 &lt; 2</strong>"))
    '<b>1 &lt; 2</b>'
    """
    marks = [(entity, tags) for entity in formatted.entities if (tags := _tags(entity))]
    cuts = sorted(
        {0, utf16_length(formatted.text)} | {p for e, _ in marks for p in (e.offset, e.end)}
    )
    units = formatted.text.encode("utf-16-le")
    out: list[str] = []
    stack: list[tuple[Entity, str]] = []
    for position, cut in enumerate(cuts):
        while stack and stack[-1][0].end <= cut:
            out.append(stack.pop()[1])
        for entity, (start, end) in marks:
            if entity.offset == cut:
                out.append(start)
                stack.append((entity, end))
        if position + 1 < len(cuts):
            piece = units[2 * cut : 2 * cuts[position + 1]].decode("utf-16-le", "replace")
            out.append(html.escape(piece, quote=False))
    return "".join(out)


def _tags(entity: Entity) -> tuple[str, str] | None:
    """Start and end, None for what Telegram found by itself."""
    match entity.type:
        case "text_link":
            start = f'<a href="{html.escape(entity.url or "")}">'
        case "pre" if entity.language:
            start = f'<pre><code class="language-{html.escape(entity.language)}">'
        case "custom_emoji":
            start = f'<tg-emoji emoji-id="{html.escape(entity.custom_emoji_id or "")}">'
        case "date_time":
            shape = f' format="{entity.date_time_format}"' if entity.date_time_format else ""
            start = f'<tg-time unix="{entity.unix_time}"{shape}>'
        case kind:
            start = _TAGS.get(kind, "")
    names = _CLOSING.findall(start)
    return (start, "".join(f"</{name}>" for name in reversed(names))) if start else None
