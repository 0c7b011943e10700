"""Settings: environment variables or a `.env` file, read here and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    NoDecode,
    SettingsConfigDict,
)
from rapidfuzz import process
from rapidfuzz.distance import OSA

from knowledge.notification.working_time import SUBDIVISIONS
from scheduler.rules import Rules

# A person's, not a group's; beyond that no database takes it, and nobody would be told anything.
_UserId = Annotated[int, Field(gt=0, lt=2**63)]
_Ahead = Annotated[int, Field(ge=0, le=3650)]
_After = Annotated[int, Field(ge=1, le=3650)]

TELEGRAM = "https://api.telegram.org/bot"

_ALIKE = 0.8
"""From when on a name looks like another one, where 1 is the same: ADMIN_ID like ADMIN_IDS."""

OFF = "off"
"""Instead of an address: nowhere."""


class SettingsError(Exception):
    """The settings cannot be used.

    Attributes:
        complaints: One sentence per setting, without any secret value.
    """

    def __init__(self, complaints: list[str]) -> None:
        super().__init__("\n".join(complaints))
        self.complaints = complaints


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen.

    Attributes:
        host: An IP address or a name; without brackets.
        port: TCP port, 0 for any free one.
    """

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `host:port`.

        >>> Address.parse("[::1]:8080")
        Address(host='::1', port=8080)

        Raises:
            ValueError: if it is something else.
        """
        match = re.fullmatch(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s:\[\]/]+)):([0-9]{1,5})", text)
        if match is None or int(match[3]) > 65535:
            raise ValueError("must be host:port, for example 127.0.0.1:8080")
        return cls(match[1] or match[2], int(match[3]))


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
    admin_ids: Annotated[tuple[_UserId, ...], NoDecode] = Field(
        default=(), description="Telegram user ids of the first admins, comma separated."
    )
    allowed_chats: Annotated[tuple[int, ...], NoDecode] = Field(
        default=(),
        description="Chats that the bot is for, comma separated; members get in anyway, and if "
        "it is empty, everybody.",
    )
    rate_per_minute: int = Field(
        default=30,
        ge=1,
        le=100_000,
        description="Messages and taps of one person that are answered in a minute.",
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
        description="Days that questions are kept, without who asked; 0 keeps none, nor what "
        '"und in Jena?" refers to.',
    )
    subdivision: str = Field(
        default="TH",
        description="Federal state whose holidays count, as in ISO 3166-2:DE (`SN`, `BY`, …).",
    )
    remind_before: Annotated[tuple[_Ahead, ...], NoDecode] = Field(
        default=(30, 7, 1, 0),
        description="Days before a date on which it is announced, comma separated; 0: on the day.",
    )
    remind_after: Annotated[tuple[_After, ...], NoDecode] = Field(
        default=(1, 7),
        description="Days after a date on which it is said to be missed, comma separated.",
    )
    remind_every: _After = Field(
        default=30, description="Days after which that is said again, as long as it holds."
    )
    nudge_months: Annotated[tuple[_After, ...], NoDecode] = Field(
        default=(6, 12),
        description="Months without a statement after which editors are asked, then every year.",
    )
    broadcast_rate: float = Field(
        default=25,
        gt=0,
        le=29,
        description="Notices sent per second at most; Telegram takes 30 messages in all.",
    )
    webhook_url: str = Field(
        default="",
        description="Public address that Telegram delivers to; needed by `run --webhook`.",
    )
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="What Telegram sends along as proof; derived from the token if empty.",
    )
    listen: str = Field(
        default="127.0.0.1:8080",
        description="Where `run --webhook` listens for Telegram, or for the proxy before it.",
    )
    operations: str = Field(
        default="127.0.0.1:9480",
        description="Where `run` serves health and metrics; `off` for nowhere.",
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

    @field_validator(
        "admin_ids",
        "allowed_chats",
        "remind_before",
        "remind_after",
        "nudge_months",
        mode="before",
    )
    @classmethod
    def _split_numbers(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = tuple(part.strip() for part in value.split(",") if part.strip())
        if not all(re.fullmatch(r"-?[0-9]+", part) for part in parts):
            raise ValueError("must be numbers, separated by commas")
        return parts

    @field_validator("knowledge_folder", mode="before")
    @classmethod
    def _is_folder_if_named(cls, value: object) -> object:
        return value or None  # an empty path would be the folder that the bot is started in

    @field_validator("bot_api_url")
    @classmethod
    def _is_base_url(cls, value: str) -> str:
        if not re.fullmatch(r"https?://\S+/bot", value):
            raise ValueError(f"must be a web address that ends in /bot, for example {TELEGRAM}")
        return value

    @field_validator("webhook_url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if value and not re.fullmatch(r"https?://[^/\s]+/\S*", value):
            raise ValueError("must be a web address with a path: https://bot.example.org/telegram")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _is_secret(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value()
        if secret and not re.fullmatch(r"[A-Za-z0-9_-]{16,256}", secret):
            raise ValueError("must have 16 to 256 letters, digits, - and _, as Telegram demands")
        return value

    @field_validator("listen")
    @classmethod
    def _is_address(cls, value: str) -> str:
        Address.parse(value)
        return value

    @field_validator("operations")
    @classmethod
    def _is_address_or_off(cls, value: str) -> str:
        if value.lower() == OFF:
            return OFF
        try:
            Address.parse(value)
        except ValueError as exc:
            raise ValueError(f"{exc}; or {OFF}") from exc
        return value

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as exc:
            raise ValueError(f"{value!r} is not a time zone such as Europe/Berlin") from exc
        return value

    @field_validator("subdivision")
    @classmethod
    def _is_subdivision(cls, value: str) -> str:
        if value.upper() not in SUBDIVISIONS:
            raise ValueError(f"{value!r} is not one of {', '.join(SUBDIVISIONS)}")
        return value.upper()

    @field_validator("home_body")
    @classmethod
    def _as_keys_are_written(cls, value: str) -> str:
        return value.strip().upper()

    @field_validator("log_level")
    @classmethod
    def _is_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @field_validator("log_format")
    @classmethod
    def _is_format(cls, value: str) -> str:
        if value.lower() not in {"text", "json"}:
            raise ValueError("must be text or json")
        return value.lower()

    @property
    def bot_id(self) -> int:
        """The bot's user id, which its token begins with."""
        return int(self.bot_token.get_secret_value().partition(":")[0])

    @property
    def listen_address(self) -> Address:
        """Where the webhook listens."""
        return Address.parse(self.listen)

    @property
    def operations_address(self) -> Address | None:
        """Where health and metrics are served, None for nowhere."""
        return None if self.operations == OFF else Address.parse(self.operations)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.timezone)

    @property
    def rules(self) -> Rules:
        """When reminders and nudges are due."""
        return Rules(
            zone=self.zone,
            subdivision=self.subdivision,
            home=self.home_body or None,
            before=self.remind_before,
            after=self.remind_after,
            every=self.remind_every,
            stale_months=self.nudge_months,
        )


def lookalikes() -> dict[str, str]:
    """Names in the environment or `.env` that are no settings, each with the one it looks like.

    There may be others: several programs can share an environment.
    """
    known = [name.upper() for name in Settings.model_fields]
    given = {*EnvSettingsSource(Settings).env_vars, *DotEnvSettingsSource(Settings).env_vars}
    matches = {
        name: process.extractOne(
            name, known, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE
        )
        for name in sorted({name.upper() for name in given} - set(known))
    }
    return {name: match[0] for name, match in matches.items() if match}


def load(**overrides: object) -> Settings:
    """Read the settings; arguments that are not None win over environment and file.

    Raises:
        SettingsError: with a sentence per unusable setting.
    """
    given = {name: value for name, value in overrides.items() if value is not None}
    if Path(".env").is_dir():  # which would be passed over
        raise SettingsError([".env: must be a file, and is a folder"])
    try:
        return Settings(**given)  # type: ignore[arg-type]  # validated by pydantic
    except (OSError, UnicodeDecodeError) as exc:
        raise SettingsError([f".env: not readable as UTF-8 text: {exc}"]) from exc
    except ValidationError as exc:
        complaints = [
            f"{str(error['loc'][0]).upper()}: {error['msg'].removeprefix('Value error, ')}"
            for error in exc.errors(include_url=False, include_input=False)
        ]
        # Several numbers of one setting can be wrong in the same way.
        raise SettingsError(list(dict.fromkeys(complaints))) from exc
