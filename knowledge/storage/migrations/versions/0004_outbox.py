"""Push: notices to be sent, and chats that cannot be written to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)
_OPEN = sa.text("due_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "chat",
        sa.Column("chat_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("deactivated_at", _MOMENT),
        sa.Column("reason", sa.String(200)),
        sa.PrimaryKeyConstraint("chat_id", name="pk_chat"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", _BIG, nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("content", _JSON, nullable=False),
        sa.Column("not_before", _MOMENT, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due_at", _MOMENT),
        sa.Column("attempts", sa.Integer, server_default="0", nullable=False),
        sa.Column("unanswered", sa.Integer, server_default="0", nullable=False),
        sa.Column("message_id", sa.BigInteger),
        sa.Column("reason", sa.String(200)),
        sa.Column("finished_at", _MOMENT),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
    )
    op.create_index("uq_outbox_chat_id", "outbox", ["chat_id", "key"], unique=True)
    op.create_index("ix_outbox_finished_at", "outbox", ["finished_at"])
    for name, columns in (
        ("ix_outbox_not_before", ["not_before", "id"]),
        ("ix_outbox_chat_id", ["chat_id", "not_before", "id"]),
    ):
        op.create_index(name, "outbox", columns, sqlite_where=_OPEN, postgresql_where=_OPEN)


def downgrade() -> None:
    op.drop_table("outbox")
    op.drop_table("chat")
