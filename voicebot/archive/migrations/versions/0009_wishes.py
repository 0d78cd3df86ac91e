"""What candidates ask for; and of each scorecard the mean of the scores that stand, by which it is found."""

from collections import defaultdict

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _wishes()
    op.add_column("scorecards", sa.Column("stands", sa.Float(), nullable=True))
    op.drop_index("ix_scorecards_overall", "scorecards")
    op.create_index("ix_scorecards_stands", "scorecards", ["stands"])
    op.drop_index("ix_attempts_disposition", "attempts")
    op.create_index("ix_attempts_disposition_interview_id", "attempts", ["disposition", "interview_id"])
    _file_what_stands()


def _wishes() -> None:
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


def _file_what_stands() -> None:
    connection = op.get_bind()
    tables = sa.MetaData()
    tables.reflect(connection, only=["scorecards", "scores"])
    cards, scores = tables.tables["scorecards"], tables.tables["scores"]
    marks: defaultdict[str, list[tuple[float, float]]] = defaultdict(list)
    standing = sa.select(scores.c.interview_id, scores.c.weight, scores.c.stands).where(scores.c.stands.is_not(None))
    for interview_id, weight, mark in connection.execute(standing):
        marks[interview_id].append((weight, mark))
    for interview_id, given in marks.items():
        total = sum(weight for weight, _ in given)
        if total > 0:
            mean = round(sum(weight * mark for weight, mark in given) / total, 1)
            connection.execute(cards.update().where(cards.c.interview_id == interview_id).values(stands=mean))


def downgrade() -> None:
    op.drop_index("ix_attempts_disposition_interview_id", "attempts")
    op.create_index("ix_attempts_disposition", "attempts", ["disposition"])
    op.drop_index("ix_scorecards_stands", "scorecards")
    op.create_index("ix_scorecards_overall", "scorecards", ["overall"])
    op.drop_column("scorecards", "stands")
    op.drop_table("wishes")
