"""Push: subscriptions, settings of chats, and what the planner remembers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "subscription",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("entry", sa.String(24), nullable=False),
        sa.Column("question", sa.String(500), nullable=False),
        sa.Column("home", sa.String(24), nullable=False),
        sa.Column("interests", _JSON, nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("revision", _BIG, nullable=False),
        sa.Column("answer", _JSON),
        sa.PrimaryKeyConstraint("id", name="pk_subscription"),
    )
    op.create_index(
        "uq_subscription_chat_id",
        "subscription",
        ["chat_id", "scope", "entry", "question"],
        unique=True,
    )
    op.create_table(
        "chat_settings",
        sa.Column("chat_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("pace", sa.String(16), nullable=False),
        sa.Column("hour", sa.Integer, nullable=False),
        sa.Column("weekday", sa.Integer, nullable=False),
        sa.Column("quiet_from", sa.Time, nullable=False),
        sa.Column("quiet_until", sa.Time, nullable=False),
        sa.Column("working_days", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("paused_until", sa.Date),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name="pk_chat_settings"),
    )
    op.create_table(
        "planner",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("revision", _BIG, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_planner"),
    )
    op.create_table(
        "tracked_date",
        sa.Column("entry", sa.String(24), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("known_on", sa.Date, nullable=False),
        sa.Column("reached", sa.Integer),
        sa.PrimaryKeyConstraint("entry", "subject", name="pk_tracked_date"),
    )
    op.create_table(
        "planned_notice",
        sa.Column("chat_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("entry", sa.String(24)),
        sa.Column("due", sa.String(16)),
        sa.Column("revision", _BIG),
        sa.Column("planned_at", _MOMENT, nullable=False),
        sa.Column("content", _JSON),
        sa.Column("sent_as", sa.String(200)),
        sa.PrimaryKeyConstraint("chat_id", "key", name="pk_planned_notice"),
    )
    op.create_index("ix_planned_notice_entry", "planned_notice", ["entry", "due"])
    op.create_index(
        "ix_planned_notice_chat_id",
        "planned_notice",
        ["chat_id"],
        sqlite_where=sa.text("sent_as IS NULL AND content IS NOT NULL"),
        postgresql_where=sa.text("sent_as IS NULL AND content IS NOT NULL"),
    )
    op.create_index("ix_planned_notice_revision", "planned_notice", ["revision"])
    op.create_index("ix_planned_notice_planned_at", "planned_notice", ["planned_at"])


def downgrade() -> None:
    for name in ("planned_notice", "tracked_date", "planner", "chat_settings", "subscription"):
        op.drop_table(name)
