"""What can keep a command from its work: a sentence and an exit code for each known failure."""

from __future__ import annotations

from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from bot import logs
from bot.instance import AlreadyRunningError
from bot.polling import TokenError
from knowledge.maintenance.backup import BackupError
from knowledge.storage.database import DatabaseError
from knowledge.yaml_files import DataError

FAILED, USAGE, BUSY = 1, 2, 3
"""Exit codes: failure; unusable settings or arguments; another process is running."""

KNOWN: Final = (
    AlreadyRunningError,
    TokenError,
    BackupError,
    DatabaseError,
    DataError,
    SQLAlchemyError,
    OSError,
)
"""What is no fault of the program."""


def exit_code(error: Exception) -> int:
    """The code of a known failure; a service manager tries again only after FAILED."""
    match error:
        case AlreadyRunningError():
            return BUSY
        case TokenError() | DataError():
            return USAGE
        case _:
            return FAILED


def sentence(error: Exception) -> str:
    """What the operator is told of a known failure, without SQL, addresses or secrets."""
    match error:
        case AlreadyRunningError():
            return "Another massnahmenbot is running on this database. Stop it first."
        case TokenError():
            return "Telegram does not know this BOT_TOKEN. Copy it again from @BotFather."
        case DataError():
            return f"The files of KNOWLEDGE_FOLDER cannot be used:\n{error}"
        case SQLAlchemyError():
            original = getattr(error, "orig", None)
            return logs.redact(f"The database cannot be used: {original or error}")
        case _:
            return logs.redact(str(error))
