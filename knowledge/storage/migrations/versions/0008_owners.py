"""Which process deals with a received update."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("received_update") as table:
        # 0 is nobody: what an earlier version left is taken up at the next start.
        table.add_column(sa.Column("owner", sa.Integer, server_default="0", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("received_update") as table:
        table.drop_column("owner")
