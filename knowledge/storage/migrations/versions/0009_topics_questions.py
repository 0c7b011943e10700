"""What was asked about a topic, for questions that say only what is new."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("topic") as table:
        table.add_column(sa.Column("asked", sa.Text, server_default="", nullable=False))
        table.alter_column("entry", existing_type=sa.String(24), nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM topic WHERE entry IS NULL")
    with op.batch_alter_table("topic") as table:
        table.drop_column("asked")
        table.alter_column("entry", existing_type=sa.String(24), nullable=False)
