"""What candidates told of their work, and how well they know a skill."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("scorecards", sa.Column("experience", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("skill_tags", sa.Column("level", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("skill_tags", "level")
    op.drop_column("scorecards", "experience")
