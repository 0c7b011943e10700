"""Structured logs, from which secrets are removed at the last moment before writing."""

from __future__ import annotations

import logging
import re
import sys
from typing import Any

import structlog

_TOKEN = re.compile(r"(?<!\d)\d{1,20}:[A-Za-z0-9_-]{30,}")
_IN_PATH = re.compile(r"(/(?:file/)?bot)\d{1,20}:[^/\s\"']+")
# Bounded: in a line full of beginnings each would otherwise be looked for up to the end.
_PASSWORD = re.compile(r"(://[^/\s:@]{0,99}:)\S{1,999}(@)|([?&]password=)[^&\s]+", re.IGNORECASE)
HIDDEN = "[hidden]"

CHATTY = ("httpx", "httpcore", "apscheduler", "alembic", "aiosqlite", "sqlalchemy", "telegram")
"""Libraries that only warn, whatever the level: httpx logs addresses with the token in them,
aiosqlite and telegram log, for debugging, every value and every text that passes."""

# Local variables would put people's questions into the log.
_JSON_TRACEBACKS = structlog.processors.ExceptionRenderer(
    structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
)


def redact(text: str, *secrets: str) -> str:
    """Remove bot tokens, passwords in addresses and the given secrets from a text.

    >>> redact("GET https://api.telegram.org/bot1:abc/getMe")
    'GET https://api.telegram.org/bot[hidden]/getMe'
    """
    for secret in secrets:
        if secret:
            text = text.replace(secret, HIDDEN)
    text = _TOKEN.sub(HIDDEN, text)
    text = _IN_PATH.sub(rf"\g<1>{HIDDEN}", text)
    return _PASSWORD.sub(lambda match: f"{match[1] or match[3]}{HIDDEN}{match[2] or ''}", text)


class _RedactingFormatter(logging.Formatter):
    """Redacts the finished line: message, values, exception texts and tracebacks alike."""

    def __init__(self, inner: logging.Formatter, secrets: tuple[str, ...]) -> None:
        super().__init__()
        self._inner = inner
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        return redact(self._inner.format(record), *self._secrets)


def configure(*, level: str, form: str, secrets: tuple[str, ...] = ()) -> None:
    """Send all logs of the process to standard error.

    Args:
        level: Least severe level that is written.
        form: `text` or `json`.
        secrets: Values that must never appear.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[Any] = (
        [_JSON_TRACEBACKS, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if form == "json"
        else [
            structlog.dev.ConsoleRenderer(
                colors=False, exception_formatter=structlog.dev.plain_traceback
            )
        ]
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_RedactingFormatter(formatter, secrets))
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for library in CHATTY:
        logging.getLogger(library).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
