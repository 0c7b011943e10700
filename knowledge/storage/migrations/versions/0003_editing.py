"""Editing: what the audit log needs of revisions; members, invitations, drafts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table("revision") as table:
        table.add_column(
            sa.Column("origin", sa.String(16), server_default="edited", nullable=False)
        )
        table.add_column(sa.Column("source", _JSON))
        table.add_column(sa.Column("undoes", _BIG))
        table.create_foreign_key("fk_revision_undoes_revision", "revision", ["undoes"], ["number"])
    op.execute("UPDATE revision SET origin = 'shipped' WHERE author = 'shipped'")
    with op.batch_alter_table("revision") as table:
        table.alter_column("origin", server_default=None)
    op.create_table(
        "member",
        sa.Column("user_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("label", sa.String(40), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_member"),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("label", sa.String(40), nullable=False),
        sa.Column("invited_by", sa.BigInteger, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_invitation"),
    )
    op.create_index("ix_invitation_expires_at", "invitation", ["expires_at"])
    op.create_table(
        "draft",
        sa.Column("id", _BIG, autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("base", _BIG, nullable=False),
        sa.Column("content", _JSON),
        sa.Column("published_as", _BIG),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_draft"),
    )
    op.create_index(
        "uq_draft_user_id",
        "draft",
        ["user_id", "chat_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_draft_expires_at", "draft", ["expires_at"])


def downgrade() -> None:
    for name in ("draft", "invitation", "member"):
        op.drop_table(name)
    with op.batch_alter_table("revision") as table:
        table.drop_constraint("fk_revision_undoes_revision", type_="foreignkey")
        for column in ("undoes", "source", "origin"):
            table.drop_column(column)
