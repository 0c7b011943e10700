"""Question inbox: who wants to be told an answer, and questions whose chat is not known."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("handed_over_question") as table:
        # Nobody was asked so far, so nobody wants to be told.
        table.add_column(
            sa.Column("awaited", sa.Boolean, server_default=sa.false(), nullable=False)
        )
        table.alter_column("chat_id", existing_type=sa.BigInteger, nullable=True)
        table.alter_column("message_id", existing_type=sa.BigInteger, nullable=True)
    with op.batch_alter_table("handed_over_question") as table:
        table.alter_column("awaited", server_default=None)


def downgrade() -> None:
    op.execute("DELETE FROM handed_over_question WHERE chat_id IS NULL")
    with op.batch_alter_table("handed_over_question") as table:
        table.alter_column("chat_id", existing_type=sa.BigInteger, nullable=False)
        table.alter_column("message_id", existing_type=sa.BigInteger, nullable=False)
        table.drop_column("awaited")
