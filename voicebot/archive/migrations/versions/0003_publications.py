"""Which content a version of a flow was published with."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "publications",
        sa.Column("flow_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("flow_digest", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["flow_digest"], ["flows.digest"], name="fk_publications_flow_digest_flows"),
        sa.PrimaryKeyConstraint("flow_id", "version", "language", name="pk_publications"),
    )


def downgrade() -> None:
    op.drop_table("publications")
