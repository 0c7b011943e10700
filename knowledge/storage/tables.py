"""The tables, for SQLite and PostgreSQL alike.

`revision` and `entry_version` are append-only: nothing is ever changed or removed there.
The others hold what is under way and expires.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Time,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware on both sides, UTC in the database. Naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC on the way in."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs its time zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back the zone that SQLite forgets."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_JSON = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
_BIG = BigInteger().with_variant(Integer, "sqlite")

revision = Table(
    "revision",
    METADATA,
    Column("number", _BIG, primary_key=True, autoincrement=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("author", String(64), nullable=False),
    Column("origin", String(16), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("source", _JSON),
    Column("undoes", ForeignKey("revision.number")),
)
"""One publication of changes; numbers are contiguous from 1.

The author is a label, never a user id, so that people can be forgotten without touching the log.
"""

entry_version = Table(
    "entry_version",
    METADATA,
    Column("key", String(24), primary_key=True),
    Column("revision", ForeignKey("revision.number"), primary_key=True),
    Column("withdrawn", Boolean(create_constraint=False), nullable=False),
    Column("content", _JSON, nullable=False),
    Index("ix_entry_version_revision", "revision"),
)
"""An entry as one revision left it; the highest revision of a key is the current one."""

received_update = Table(
    "received_update",
    METADATA,
    Column("bot_id", BigInteger, primary_key=True, autoincrement=False),
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("content", Text),
    Column("owner", Integer, nullable=False, server_default="0"),
)
"""What Telegram delivered; the content is erased as soon as it is dealt with.

The owner is the number of the process that deals with it, 0 for none in particular.
"""

topic = Table(
    "topic",
    METADATA,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("entry", String(24)),
    Column("asked", Text, nullable=False, server_default=""),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
"""What a chat last talked about, for questions that refer to it."""

handed_over_question = Table(
    "handed_over_question",
    METADATA,
    # Drawn by chance: drafts name questions, and no other one must get a number again.
    Column("id", _BIG, primary_key=True, autoincrement=False),
    Column("chat_id", BigInteger),
    Column("message_id", BigInteger),
    Column("text", String(500), nullable=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("awaited", Boolean(create_constraint=False), nullable=False),
    Index("uq_handed_over_question_chat_id", "chat_id", "message_id", unique=True),
)
"""Questions without an answer that people passed on to the editors. The chat is known while it
may want to be told the answer (`awaited`: it does)."""

asked_question = Table(
    "asked_question",
    METADATA,
    # Drawn by chance; in SQLite it is also the row's place, so that no order is kept.
    Column("id", _BIG, primary_key=True, autoincrement=False),
    Column("text", String(500), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("entry", String(24)),
    Column("asked_at", UtcDateTime, nullable=False, index=True),
)
"""The question log: no chat, no person, no message, and only the hour."""

feedback = Table(
    "feedback",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("entry", String(24)),
    Column("helpful", Boolean(create_constraint=False), nullable=False),
    Column("question_id", BigInteger),
    Column("given_on", Date, nullable=False, index=True),
)
"""Ratings of answers. `question_id` is no foreign key: a question that was cut from the log,
or was never written, leaves its ratings as they are."""

subscription = Table(
    "subscription",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("scope", String(16), nullable=False),
    Column("entry", String(24), nullable=False),
    Column("question", String(500), nullable=False),
    Column("home", String(24), nullable=False),
    Column("interests", _JSON, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Column("revision", _BIG, nullable=False),
    Column("answer", _JSON),
    Index("uq_subscription_chat_id", "chat_id", "scope", "entry", "question", unique=True),
    # Buttons and notices name subscriptions: none must get the number of one that was ended.
    sqlite_autoincrement=True,
)
"""What chats want to be told of. What does not apply is empty, not missing: so the same thing
cannot be subscribed twice."""

chat_settings = Table(
    "chat_settings",
    METADATA,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("pace", String(16), nullable=False),
    Column("hour", Integer, nullable=False),
    Column("weekday", Integer, nullable=False),
    Column("quiet_from", Time, nullable=False),
    Column("quiet_until", Time, nullable=False),
    Column("working_days", Boolean(create_constraint=False), nullable=False),
    Column("paused_until", Date),
    Column("zone", String(64), nullable=False),
)
"""How chats want to be told; those that are not listed have the defaults."""

planner = Table(
    "planner",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", _BIG, nullable=False),
)
"""One row: up to which revision changes have been turned into notices."""

tracked_date = Table(
    "tracked_date",
    METADATA,
    Column("entry", String(24), primary_key=True),
    Column("subject", String(40), primary_key=True),
    Column("known_on", Date, nullable=False),
    Column("reached", Integer),
)
"""Dates that reminders count from: since when they are known, and which reminder was planned."""

planned_notice = Table(
    "planned_notice",
    METADATA,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("key", String(200), primary_key=True),
    Column("kind", String(24), nullable=False),
    Column("entry", String(24)),
    Column("due", String(16)),
    Column("revision", _BIG, index=True),
    Column("planned_at", UtcDateTime, nullable=False, index=True),
    Column("content", _JSON),
    Column("sent_as", String(200)),
    Index("ix_planned_notice_entry", "entry", "due"),
    Index(
        "ix_planned_notice_chat_id",
        "chat_id",
        sqlite_where=text("sent_as IS NULL AND content IS NOT NULL"),
        postgresql_where=text("sent_as IS NULL AND content IS NOT NULL"),
    ),
)
"""What the planner has decided, so that nothing is decided twice.

`sent_as` is the key of the notice in the outbox that carries it: its own, or that of a digest.
What waits to be gathered has content and no `sent_as`; what was taken back has neither.
"""

member = Table(
    "member",
    METADATA,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("role", String(16), nullable=False),
    Column("label", String(40), nullable=False),
    Column("since", UtcDateTime, nullable=False),
)
"""People with a role or a label. Who is not listed is a reader."""

invitation = Table(
    "invitation",
    METADATA,
    Column("id", String(32), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("label", String(40), nullable=False),
    Column("invited_by", BigInteger, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
"""Open invitations by the hash of their token; redeemed and revoked ones are deleted."""

draft = Table(
    "draft",
    METADATA,
    Column("id", _BIG, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, nullable=False),
    Column("chat_id", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("version", Integer, nullable=False),
    Column("base", _BIG, nullable=False),
    Column("content", _JSON),
    Column("published_as", _BIG),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
    Index(
        "uq_draft_user_id",
        "user_id",
        "chat_id",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)
"""Changes that editors are preparing; the content is erased when a draft is closed."""

chat = Table(
    "chat",
    METADATA,
    Column("chat_id", BigInteger, primary_key=True, autoincrement=False),
    Column("deactivated_at", UtcDateTime),
    Column("reason", String(200)),
)
"""What is known of chats. One that is not listed, or was never deactivated, can be written to."""

outbox = Table(
    "outbox",
    METADATA,
    Column("id", _BIG, primary_key=True),
    Column("chat_id", BigInteger, nullable=False),
    Column("key", String(200), nullable=False),
    Column("kind", String(24), nullable=False),
    Column("content", _JSON, nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("due_at", UtcDateTime),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("unanswered", Integer, nullable=False, server_default="0"),
    Column("message_id", BigInteger),
    Column("reason", String(200)),
    Column("finished_at", UtcDateTime, index=True),
    Index("uq_outbox_chat_id", "chat_id", "key", unique=True),
    Index(
        "ix_outbox_not_before",
        "not_before",
        "id",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
    Index(
        "ix_outbox_chat_id",
        "chat_id",
        "not_before",
        "id",
        sqlite_where=text("due_at IS NOT NULL"),
        postgresql_where=text("due_at IS NOT NULL"),
    ),
    # What comes of an attempt must not be noted on another notice, if this one is deleted.
    sqlite_autoincrement=True,
)
"""Notices on their way and, for a while, those that are done: none is written down twice.

`due_at` is when the next attempt may begin: at first `not_before`, later the end of a lease or of
a pause. It is empty exactly when the notice is finished.
"""

upload = Table(
    "upload",
    METADATA,
    Column("id", _BIG, primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("base", _BIG, nullable=False),
    Column("name", String(120), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("choices", _JSON, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False, index=True),
)
"""Files that editors are importing, one each; erased when they are published or given up. Of what
was published the row stays until it expires, and says as which revision."""
