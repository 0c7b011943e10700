"""Question log and ratings of answers."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "asked_question",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("text", sa.String(500), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("entry", sa.String(24)),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_asked_question"),
    )
    op.create_index("ix_asked_question_asked_at", "asked_question", ["asked_at"])
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("entry", sa.String(24)),
        sa.Column("helpful", sa.Boolean(create_constraint=False), nullable=False),
        sa.Column("question_id", sa.BigInteger),
        sa.Column("given_on", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
    )
    op.create_index("ix_feedback_given_on", "feedback", ["given_on"])


def downgrade() -> None:
    for table in ("feedback", "asked_question"):
        op.drop_table(table)
