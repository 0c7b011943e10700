"""Settings: read once, every unusable value named in one sentence, no secret in any of them."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from bot.settings import TELEGRAM, Address, Settings, SettingsError, load

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw1"


pytestmark = pytest.mark.usefixtures("folder")


def complaints(**overrides: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(**overrides)
    assert str(caught.value) == "\n".join(caught.value.complaints)
    return caught.value.complaints


def test_without_anything_the_defaults_apply() -> None:
    settings = load()
    assert settings.bot_token.get_secret_value() == ""
    assert settings.bot_api_url == TELEGRAM
    assert settings.database_url == "sqlite+aiosqlite:///massnahmenbot.db"
    assert settings.admin_ids == ()
    assert settings.zone == ZoneInfo("Europe/Berlin")
    assert settings.knowledge_folder is None
    assert settings.question_log_days == 90
    assert settings.broadcast_rate == 25
    assert (settings.log_level, settings.log_format) == ("INFO", "text")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("DATABASE_URL", "postgresql://host/db", "postgresql://host/db"),
        ("BOT_API_URL", "http://localhost:8081/bot", "http://localhost:8081/bot"),
        ("ADMIN_IDS", "1, 2,,9007199254740991", (1, 2, 9_007_199_254_740_991)),
        ("ADMIN_IDS", "", ()),
        ("TIMEZONE", "UTC", "UTC"),
        ("HOME_BODY", "JENA", "JENA"),
        ("HOME_BODY", " erfurt", "ERFURT"),
        ("KNOWLEDGE_FOLDER", "data", Path("data")),
        ("KNOWLEDGE_FOLDER", "", None),
        ("QUESTION_LOG_DAYS", "0", 0),
        ("BROADCAST_RATE", "28.5", 28.5),
        ("ALLOWED_CHATS", "7,-1001234567890", (7, -1_001_234_567_890)),
        ("RATE_PER_MINUTE", "60", 60),
        ("WEBHOOK_URL", "https://bot.example.org/telegram", "https://bot.example.org/telegram"),
        ("LISTEN", "[::1]:8443", "[::1]:8443"),
        ("OPERATIONS", "off", "off"),
        ("OPERATIONS", "OFF", "off"),
        ("LOG_LEVEL", "debug", "DEBUG"),
        ("LOG_FORMAT", "json", "json"),
        ("LOG_FORMAT", "JSON", "json"),
    ],
)
def test_a_setting_is_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: object
) -> None:
    monkeypatch.setenv(name, value)
    assert getattr(load(), name.lower()) == expected


def test_settings_are_read_from_a_file(folder: Path) -> None:
    lines = [
        "# Kommentar",
        f"BOT_TOKEN={TOKEN}",
        "ADMIN_IDS=1,2",
        'HOME_BODY="MÜHLHAUSEN"',
        "SOMETHING_ELSE=3",
    ]
    (folder / ".env").write_text("\n".join(lines), encoding="utf-8")
    settings = load()
    assert settings.bot_token.get_secret_value() == TOKEN
    assert settings.admin_ids == (1, 2)
    assert settings.home_body == "MÜHLHAUSEN"


def test_arguments_win_over_the_environment_and_that_over_the_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / ".env").write_text("LOG_LEVEL=ERROR\nHOME_BODY=A\nTIMEZONE=UTC", encoding="utf-8")
    monkeypatch.setenv("LOG_LEVEL", "WARNING")
    monkeypatch.setenv("HOME_BODY", "B")
    settings = load(log_level="DEBUG", home_body=None)
    assert (settings.log_level, settings.home_body, settings.timezone) == ("DEBUG", "B", "UTC")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ADMIN_IDS", "anna"),
        ("ADMIN_IDS", "1;2"),
        ("ADMIN_IDS", "1.5"),
        ("ADMIN_IDS", "0"),
        ("ADMIN_IDS", "-1001234567890"),
        ("ADMIN_IDS", "9223372036854775808"),
        ("BOT_API_URL", "api.telegram.org/bot"),
        ("BOT_API_URL", "https://api.telegram.org/bot/"),
        ("BOT_API_URL", "https://api.telegram.org"),
        ("BOT_API_URL", ""),
        ("TIMEZONE", "Mars/Olympus"),
        ("TIMEZONE", ""),
        ("TIMEZONE", "/etc/passwd"),
        ("TIMEZONE", "../../etc/passwd"),
        ("QUESTION_LOG_DAYS", "-1"),
        ("QUESTION_LOG_DAYS", "3651"),
        ("QUESTION_LOG_DAYS", "ewig"),
        ("SUBDIVISION", "XX"),
        ("REMIND_BEFORE", "-1"),
        ("REMIND_BEFORE", "30;7"),
        ("REMIND_AFTER", "0"),
        ("REMIND_EVERY", "0"),
        ("NUDGE_MONTHS", "9999"),
        ("BROADCAST_RATE", "0"),
        ("BROADCAST_RATE", "30"),
        ("BROADCAST_RATE", "nan"),
        ("ALLOWED_CHATS", "@fraktion"),
        ("RATE_PER_MINUTE", "0"),
        ("WEBHOOK_URL", "bot.example.org/telegram"),
        ("WEBHOOK_URL", "https://bot.example.org"),
        ("WEBHOOK_URL", "https://bot.example.org/tele gram"),
        ("WEBHOOK_SECRET", "kurz"),
        ("WEBHOOK_SECRET", "mit Leerzeichen und ä"),
        ("LISTEN", ""),
        ("LISTEN", "off"),
        ("LISTEN", "8080"),
        ("LISTEN", "localhost:65536"),
        ("LISTEN", "::1:8080"),
        ("OPERATIONS", "http://localhost:9480"),
        ("LOG_LEVEL", "loud"),
        ("LOG_LEVEL", ""),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_an_unusable_value_gives_one_sentence_that_names_the_setting(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    (sentence,) = complaints()
    assert sentence.startswith(name)
    assert ": " in sentence
    assert "\n" not in sentence
    assert "Value error" not in sentence


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        *(
            (name, value, "must be numbers, separated by commas")
            for name, value in (
                ("ADMIN_IDS", "1003;1004"),
                ("ADMIN_IDS", "@hans"),
                ("ADMIN_IDS", "x,1,y"),
                ("REMIND_BEFORE", "30;7"),
            )
        ),
        ("ADMIN_IDS", "0,-5", "Input should be greater than 0"),
        ("OPERATIONS", "of", "must be host:port, for example 127.0.0.1:8080; or off"),
        (
            "BOT_API_URL",
            "https://api.telegram.org",
            f"must be a web address that ends in /bot, for example {TELEGRAM}",
        ),
    ],
)
def test_a_complaint_says_what_a_value_must_be(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(name, value)
    assert complaints() == [f"{name}: {sentence}"]


def test_a_folder_instead_of_a_file_of_settings_is_not_passed_over(folder: Path) -> None:
    (folder / ".env").mkdir()
    assert complaints() == [".env: must be a file, and is a folder"]


def test_offsets_and_holidays_become_the_rules_of_planning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {
        "REMIND_BEFORE": "14, 1",
        "REMIND_AFTER": "",
        "REMIND_EVERY": "10",
        "NUDGE_MONTHS": "3",
        "SUBDIVISION": "sn",
        "HOME_BODY": "",
    }.items():
        monkeypatch.setenv(name, value)
    rules = load().rules
    assert (rules.before, rules.after, rules.every, rules.stale_months) == ((14, 1), (), 10, (3,))
    assert (rules.subdivision, rules.home, rules.zone.key) == ("SN", None, "Europe/Berlin")


def test_all_unusable_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {"LOG_LEVEL": "loud", "LOG_FORMAT": "xml", "TIMEZONE": "Mars", "ADMIN_IDS": "x,1,y"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    found = complaints()
    assert {sentence.partition(":")[0].partition(".")[0] for sentence in found} == set(values)


def test_an_unusable_argument_is_named_like_a_setting() -> None:
    assert complaints(log_format="xml") == ["LOG_FORMAT: must be text or json"]


def test_no_secret_appears_in_a_complaint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:geheim@host/db")
    monkeypatch.setenv("BOT_API_URL", f"ftp://u:geheim@host/bot{TOKEN}")
    monkeypatch.setenv("ADMIN_IDS", TOKEN)
    monkeypatch.setenv("WEBHOOK_SECRET", f"{TOKEN}:geheim")
    monkeypatch.setenv("LOG_LEVEL", TOKEN)
    monkeypatch.setenv("LOG_FORMAT", TOKEN)
    text = "\n".join(complaints())
    assert "BOT_API_URL" in text
    assert TOKEN not in text
    assert "geheim" not in text


def test_the_token_is_not_shown_by_printing_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT_TOKEN", TOKEN)
    settings = load()
    assert TOKEN not in repr(settings) + str(settings) + settings.model_dump_json()


@pytest.mark.parametrize("name", Settings.model_fields)
def test_settings_cannot_be_changed(name: str) -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(load(), name, getattr(load(), name))


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_addresses_are_read_with_their_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load().listen_address == Address("127.0.0.1", 8080)
    assert load().operations_address == Address("127.0.0.1", 9480)
    monkeypatch.setenv("OPERATIONS", "off")
    monkeypatch.setenv("LISTEN", "bot.internal:0")
    assert load().operations_address is None
    assert load().listen_address == Address("bot.internal", 0)
