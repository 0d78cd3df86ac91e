"""What candidates ask for."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "wishes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("interview_id", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_wishes_person_id_people", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["interviews.id"], name="fk_wishes_interview_id_interviews", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_wishes"),
    )
    op.create_index("ix_wishes_person_id", "wishes", ["person_id"])
    op.create_index("ix_wishes_interview_id", "wishes", ["interview_id"])
    op.create_index("ix_wishes_handled_at_asked_at", "wishes", ["handled_at", "asked_at"])


def downgrade() -> None:
    op.drop_table("wishes")
