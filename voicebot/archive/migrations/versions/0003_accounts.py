"""Users, programs' keys, sessions, and how often signing in failed."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    for table, index in (("users", "name_index"), ("api_keys", "secret_index")):
        op.create_table(
            table,
            sa.Column("id", sa.String(), nullable=False),
            sa.Column(index, sa.LargeBinary(), nullable=False),
            sa.Column("created_at", MOMENT, nullable=False),
            sa.Column("document", sa.LargeBinary(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=f"pk_{table}"),
            sa.UniqueConstraint(index, name=f"uq_{table}_{index}"),
        )
    op.create_table(
        "sessions",
        sa.Column("token_index", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_index", name="pk_sessions"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_index("ix_sessions_seen_at", "sessions", ["seen_at"])
    op.create_table(
        "failed_sign_ins",
        sa.Column("source", sa.LargeBinary(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_failed_sign_ins"),
    )
    op.create_index("ix_failed_sign_ins_last_at", "failed_sign_ins", ["last_at"])


def downgrade() -> None:
    for table in ("failed_sign_ins", "sessions", "api_keys", "users"):
        op.drop_table(table)
