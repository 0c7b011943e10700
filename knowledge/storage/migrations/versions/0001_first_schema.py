"""First schema: revisions, received updates, topics, questions handed over."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "revision",
        sa.Column("number", _BIG, autoincrement=False, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("author", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_revision"),
    )
    op.create_table(
        "entry_version",
        sa.Column("key", sa.String(24), nullable=False),
        sa.Column("revision", _BIG, nullable=False),
        sa.Column("withdrawn", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("content", _JSON, nullable=False),
        sa.ForeignKeyConstraint(
            ["revision"], ["revision.number"], name="fk_entry_version_revision_revision"
        ),
        sa.PrimaryKeyConstraint("key", "revision", name="pk_entry_version"),
    )
    op.create_index("ix_entry_version_revision", "entry_version", ["revision"])
    op.create_table(
        "received_update",
        sa.Column("bot_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("update_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("received_at", _MOMENT, nullable=False),
        sa.Column("attempts", sa.Integer, server_default="0", nullable=False),
        sa.Column("content", sa.Text),
        sa.PrimaryKeyConstraint("bot_id", "update_id", name="pk_received_update"),
    )
    op.create_table(
        "topic",
        sa.Column("chat_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("entry", sa.String(24), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("chat_id", name="pk_topic"),
    )
    op.create_index("ix_topic_expires_at", "topic", ["expires_at"])
    op.create_table(
        "handed_over_question",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("message_id", sa.BigInteger, nullable=False),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("asked_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_handed_over_question"),
    )
    op.create_index(
        "uq_handed_over_question_chat_id",
        "handed_over_question",
        ["chat_id", "message_id"],
        unique=True,
    )


def downgrade() -> None:
    for table in ("handed_over_question", "topic", "received_update", "entry_version", "revision"):
        op.drop_table(table)
