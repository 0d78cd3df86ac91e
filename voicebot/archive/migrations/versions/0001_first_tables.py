"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "candidates",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_candidates"),
    )
    op.create_table(
        "flows",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("flow_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("yaml_text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_flows"),
    )
    op.create_index("ix_flows_flow_id", "flows", ["flow_id"])

    op.create_table(
        "interviews",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("candidate_id", sa.String(), nullable=False),
        sa.Column("flow_digest", sa.String(), nullable=False),
        sa.Column("variables", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["candidates.id"], name="fk_interviews_candidate_id_candidates"),
        sa.ForeignKeyConstraint(["flow_digest"], ["flows.digest"], name="fk_interviews_flow_digest_flows"),
        sa.PrimaryKeyConstraint("id", name="pk_interviews"),
    )
    op.create_index("ix_interviews_candidate_id", "interviews", ["candidate_id"])
    op.create_index("ix_interviews_created_at", "interviews", ["created_at"])
    op.create_index("ix_interviews_flow_digest", "interviews", ["flow_digest"])

    op.create_table(
        "attempts",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("interview_id", sa.String(), nullable=False),
        sa.Column("dialled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("media_connected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disposition", sa.String(), nullable=True),
        sa.Column("swept", sa.Boolean(), nullable=False),
        sa.Column("dialog_state", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (disposition IS NULL)", name=op.f("ck_attempts_ended_with_disposition")
        ),
        sa.ForeignKeyConstraint(["interview_id"], ["interviews.id"], name="fk_attempts_interview_id_interviews"),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
    )
    op.create_index("ix_attempts_ended_at_heartbeat_at", "attempts", ["ended_at", "heartbeat_at"])
    op.create_index("ix_attempts_interview_id_dialled_at", "attempts", ["interview_id", "dialled_at"])

    op.create_table(
        "scorecards",
        sa.Column("interview_id", sa.String(), nullable=False),
        sa.Column("overall", sa.Float(), nullable=True),
        sa.Column("assessed_weight", sa.Float(), nullable=False),
        sa.Column("scorer", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["interview_id"], ["interviews.id"], name="fk_scorecards_interview_id_interviews"),
        sa.PrimaryKeyConstraint("interview_id", name="pk_scorecards"),
    )
    op.create_table(
        "answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name="fk_answers_attempt_id_attempts"),
        sa.PrimaryKeyConstraint("id", name="pk_answers"),
        sa.UniqueConstraint("attempt_id", "sequence", name="uq_answers_attempt_id_sequence"),
    )
    op.create_table(
        "recordings",
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name="fk_recordings_attempt_id_attempts"),
        sa.PrimaryKeyConstraint("attempt_id", name="pk_recordings"),
        sa.UniqueConstraint("path", name="uq_recordings_path"),
    )
    op.create_table(
        "scores",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interview_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("criterion_id", sa.String(), nullable=False),
        sa.Column("criterion", sa.String(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.Column("must_have", sa.Boolean(), nullable=False),
        sa.CheckConstraint("value BETWEEN 1 AND 5", name=op.f("ck_scores_value_on_scale")),
        sa.ForeignKeyConstraint(
            ["interview_id"], ["scorecards.interview_id"], name="fk_scores_interview_id_scorecards", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_scores"),
        sa.UniqueConstraint(
            "interview_id", "question_id", "criterion_id", name="uq_scores_interview_id_question_id_criterion_id"
        ),
        sa.UniqueConstraint("interview_id", "sequence", name="uq_scores_interview_id_sequence"),
    )
    op.create_table(
        "skill_tags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("interview_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("years", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(
            ["interview_id"],
            ["scorecards.interview_id"],
            name="fk_skill_tags_interview_id_scorecards",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_skill_tags"),
        sa.UniqueConstraint("interview_id", "sequence", name="uq_skill_tags_interview_id_sequence"),
    )
    op.create_index("ix_skill_tags_name", "skill_tags", ["name"])

    op.create_table(
        "utterances",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attempt_id", sa.String(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("speaker", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("position", sa.String(), nullable=True),
        sa.Column("meaning", sa.String(), nullable=True),
        sa.Column("heard", sa.Boolean(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempts.id"], name="fk_utterances_attempt_id_attempts"),
        sa.PrimaryKeyConstraint("id", name="pk_utterances"),
        sa.UniqueConstraint("attempt_id", "sequence", name="uq_utterances_attempt_id_sequence"),
    )
    op.create_table(
        "evidence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("score_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("quote", sa.String(), nullable=False),
        sa.Column("start_ms", sa.Integer(), nullable=False),
        sa.Column("end_ms", sa.Integer(), nullable=False),
        sa.Column("point", sa.String(), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["score_id"], ["scores.id"], name="fk_evidence_score_id_scores", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        sa.UniqueConstraint("score_id", "sequence", name="uq_evidence_score_id_sequence"),
    )


def downgrade() -> None:
    op.drop_table("evidence")
    op.drop_table("utterances")
    op.drop_table("skill_tags")
    op.drop_table("scores")
    op.drop_table("recordings")
    op.drop_table("answers")
    op.drop_table("scorecards")
    op.drop_table("attempts")
    op.drop_table("interviews")
    op.drop_table("flows")
    op.drop_table("candidates")
