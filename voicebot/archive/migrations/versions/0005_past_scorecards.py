"""A scorecard that is replaced stays on file."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("scorecards", sa.Column("filed_at", MOMENT, nullable=True))
    op.create_table(
        "past_scorecards",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("interview_id", sa.String(), nullable=False),
        sa.Column("overall", sa.Float(), nullable=True),
        sa.Column("assessed_weight", sa.Float(), nullable=False),
        sa.Column("scorer", sa.String(), nullable=False),
        sa.Column("filed_at", MOMENT, nullable=True),
        sa.Column("replaced_at", MOMENT, nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interviews.id"], name="fk_past_scorecards_interview_id_interviews", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_past_scorecards"),
    )
    op.create_index("ix_past_scorecards_interview_id", "past_scorecards", ["interview_id"])


def downgrade() -> None:
    op.drop_table("past_scorecards")
    op.drop_column("scorecards", "filed_at")
