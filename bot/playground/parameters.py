"""Parameters of a Bot API call, whatever way they came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.playground.wire import Json, bad_request

_ATTACH = "attach://"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a multipart body."""

    name: str
    mime_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Parameters:
    """Typed access to the parameters.

    A form carries numbers, truth values and objects as strings, a JSON body as themselves; both
    are read alike. An empty string counts as absent, as with Telegram.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    uploads: Mapping[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether a parameter was given and is not empty."""
        value = self.values.get(name)
        return value is not None and value != ""

    def text(self, name: str) -> str:
        """A string, empty if absent."""
        value = self.values.get(name)
        if value is None:
            return ""
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    def number(self, name: str) -> int | None:
        """An integer, None if absent.

        Raises:
            ApiError: 400 if it is no integer.
        """
        if not self.has(name):
            return None
        try:
            return int(self.text(name))
        except ValueError as error:
            raise bad_request(f"invalid {name} specified") from error

    def flag(self, name: str) -> bool:
        """A truth value, False if absent."""
        return self.text(name).lower() in {"true", "yes", "1"}

    def decoded(self, name: str) -> object:
        """An object or array, None if absent.

        Raises:
            ApiError: 400 if it is a string that is not JSON.
        """
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return load_json(value)
        except ValueError as error:
            raise bad_request(f"can't parse {name} JSON object") from error

    def upload(self, name: str) -> Upload | None:
        """The file of that name, sent as such or by `attach://`."""
        reference = self.text(name)
        if reference.startswith(_ATTACH):
            return self.uploads.get(reference.removeprefix(_ATTACH))
        return self.uploads.get(name)

    def as_json(self) -> Json:
        """What was received for the record: JSON strings decoded, files described."""
        shown: Json = {name: _opened(value) for name, value in self.values.items()}
        for name, upload in self.uploads.items():
            shown[name] = {
                "file_name": upload.name,
                "mime_type": upload.mime_type,
                "size": len(upload.content),
            }
        return shown


def load_json(source: str | bytes) -> object:
    """Decode JSON whose texts can be written as UTF-8.

    Raises:
        ValueError: It is not JSON or escapes half a surrogate pair.
    """
    value: object = json.loads(source)
    json.dumps(value, ensure_ascii=False).encode()
    return value


def _opened(value: object) -> object:
    """Decode a string that holds a JSON object or array; a text that merely looks odd stays."""
    if isinstance(value, str) and value[:1] in {"{", "["}:
        try:
            return load_json(value)
        except ValueError:
            return value
    return value
