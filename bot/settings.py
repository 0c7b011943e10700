"""Settings: environment variables or a `.env` file, read here and nowhere else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

TELEGRAM = "https://api.telegram.org/bot"


class SettingsError(Exception):
    """The settings cannot be used.

    Attributes:
        complaints: One sentence per setting, without any secret value.
    """

    def __init__(self, complaints: list[str]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = complaints


class Settings(BaseSettings):
    """What an operator can set."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True
    )

    bot_token: SecretStr = Field(
        default=SecretStr(""), description="Token from @BotFather; needed by `run`."
    )
    bot_api_url: str = Field(
        default=TELEGRAM,
        description="Bot API server, in the form of python-telegram-bot's `base_url`.",
    )
    database_url: str = Field(
        default="sqlite+aiosqlite:///massnahmenbot.db",
        repr=False,
        description="SQLite file or PostgreSQL (`postgresql+psycopg://…`).",
    )
    admin_ids: Annotated[tuple[int, ...], NoDecode] = Field(
        default=(), description="Telegram user ids of the first admins, comma separated."
    )
    timezone: str = Field(
        default="Europe/Berlin", description="Zone in which days begin and times are shown."
    )
    home_body: str = Field(
        default="ERFURT",
        description="Key of the body that the bot serves: “das Konzept” means its concept.",
    )
    knowledge_folder: Path | None = Field(
        default=None,
        description="Folder of YAML files to ship instead of the knowledge base that comes along.",
    )
    question_log_days: int = Field(
        default=90,
        ge=0,
        le=3650,
        description="Days that questions are kept, without who asked; 0 keeps none.",
    )
    broadcast_rate: float = Field(
        default=25,
        gt=0,
        le=29,
        description="Notices sent per second at most; Telegram takes 30 messages in all.",
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: str = Field(
        default="text", description="`text` for people, `json` for log collectors."
    )

    @field_validator("bot_token")
    @classmethod
    def _is_token(cls, value: SecretStr) -> SecretStr:
        token = value.get_secret_value()
        if token and not re.fullmatch(r"[0-9]{1,20}:[A-Za-z0-9_-]+", token):
            raise ValueError("must look like 123456:ABC-DEF, as @BotFather shows it")
        return value

    @field_validator("admin_ids", mode="before")
    @classmethod
    def _split_ids(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("bot_api_url")
    @classmethod
    def _is_base_url(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")) or value.endswith("/"):
            raise ValueError("must be a web address without a slash at its end")
        return value

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
            raise ValueError(f"{value!r} is not a time zone such as Europe/Berlin") from exc
        return value

    @field_validator("log_level")
    @classmethod
    def _is_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("log_format")
    @classmethod
    def _is_format(cls, value: str) -> str:
        if value not in {"text", "json"}:
            raise ValueError("must be text or json")
        return value

    @property
    def bot_id(self) -> int:
        """The bot's user id, which its token begins with."""
        return int(self.bot_token.get_secret_value().partition(":")[0])

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.timezone)


def load(**overrides: object) -> Settings:
    """Read the settings; arguments that are not None win over environment and file.

    Raises:
        SettingsError: with a sentence per unusable setting.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # type: ignore[arg-type]  # validated by pydantic
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError([f".env: not readable as UTF-8 text: {exc}"]) from exc
    except ValidationError as exc:
        raise SettingsError(
            [
                f"{'.'.join(map(str, error['loc'])).upper()}: "
                f"{error['msg'].removeprefix('Value error, ')}"
                for error in exc.errors(include_url=False, include_input=False)
            ]
        ) from exc
