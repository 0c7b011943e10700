"""Numbers of notices and subscriptions are given once; PostgreSQL always did so."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TABLES = ("outbox", "subscription")


def upgrade() -> None:
    _count(once=True)


def downgrade() -> None:
    _count(once=False)


def _count(*, once: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for name in _TABLES:
        with op.batch_alter_table(
            name,
            recreate="always",
            table_kwargs={"sqlite_autoincrement": once},
            naming_convention={"pk": f"pk_{name}"},
        ):
            pass  # the table is only made anew
