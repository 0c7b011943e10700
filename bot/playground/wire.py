"""What travels over the wire: JSON objects and Telegram's error shape."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """A refusal in Telegram's shape.

    Args:
        code: HTTP status and `error_code` alike, 400 to 599.
        description: Telegram's English sentence, e.g. `Bad Request: chat not found`.
        retry_after: Seconds to wait, only with 429.
        migrate_to_chat_id: New id of a group that became a supergroup, only with 400.
    """

    def __init__(
        self,
        code: int,
        description: str,
        *,
        retry_after: int | None = None,
        migrate_to_chat_id: int | None = None,
    ) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = present(retry_after=retry_after, migrate_to_chat_id=migrate_to_chat_id)

    def as_json(self) -> Json:
        """The body Telegram would send."""
        body: Json = {"ok": False, "error_code": self.code, "description": self.description}
        if self.parameters:
            body["parameters"] = self.parameters
        return body


def bad_request(reason: str) -> ApiError:
    """A call that cannot be carried out as it is: 400.

    >>> bad_request("chat not found").description
    'Bad Request: chat not found'
    """
    return ApiError(400, f"Bad Request: {reason}")


def forbidden(reason: str) -> ApiError:
    """A chat that does not want the bot, or not yet: 403."""
    return ApiError(403, f"Forbidden: {reason}")


def conflict(reason: str) -> ApiError:
    """Two ways of getting updates at once: 409."""
    return ApiError(409, f"Conflict: {reason}")


def too_many_requests(seconds: int) -> ApiError:
    """Too many messages; there is room again after so many seconds: 429."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


def present(**fields: object) -> Json:
    """The fields that have a value: Telegram leaves out what is not set.

    >>> present(a=0, b=None)
    {'a': 0}
    """
    return {name: value for name, value in fields.items() if value is not None}
