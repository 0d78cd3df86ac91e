"""The archive's tables. Only voicebot.archive imports them; everybody else sees the values in models/interview.py.

    candidates ─┐
    flows ──────┴─ interviews ─┬─ attempts ─┬─ utterances
                               │            ├─ answers
                               │            └─ recordings
                               └─ scorecards ─┬─ scores ── evidence
                                              └─ skill_tags

Types are those that SQLite and PostgreSQL share. Enumerations are stored as their text, so that a new member needs no
migration. A call's rows (utterances, answers) are constrained only by their place: nothing that was said is refused.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, CheckConstraint, DateTime, Dialect, Index, MetaData, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""A migration can only alter a constraint that has a name, and the same one on every database."""


class UtcDateTime(TypeDecorator[datetime]):
    """A moment. It goes in with any time zone and comes out in UTC, also where the database keeps none (SQLite)."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment in the archive needs a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Row(SQLModel, registry=registry(metadata=MetaData(naming_convention=CONSTRAINT_NAMES))):
    """Base of every table; `Row.metadata` is the whole schema."""


class CandidateRow(Row, table=True):
    __tablename__: ClassVar[Any] = "candidates"

    id: str = Field(primary_key=True)
    name: str
    phone: str
    """E.164."""
    created_at: datetime = Field(sa_type=UtcDateTime)


class FlowRow(Row, table=True):
    """A flow exactly as it was asked; it never changes, since its digest names its content."""

    __tablename__: ClassVar[Any] = "flows"

    digest: str = Field(primary_key=True)
    flow_id: str = Field(index=True)
    version: int
    title: str
    language: str
    yaml_text: str


class PublicationRow(Row, table=True):
    """A version of a flow that has been published; from then on its content is this."""

    __tablename__: ClassVar[Any] = "publications"

    flow_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    language: str = Field(primary_key=True)
    """Of the flow's own file; its sisters are in the same digest."""
    flow_digest: str = Field(foreign_key="flows.digest")
    published_at: datetime = Field(sa_type=UtcDateTime)


class InterviewRow(Row, table=True):
    """One candidate to be asked one flow, in as many attempts as it takes. Its status is that of its attempts."""

    __tablename__: ClassVar[Any] = "interviews"

    id: str = Field(primary_key=True)
    candidate_id: str = Field(foreign_key="candidates.id", index=True)
    flow_digest: str = Field(foreign_key="flows.digest", index=True)
    variables: dict[str, str] = Field(sa_type=JSON)
    """Words that the flow's lines leave open, such as the company's name."""
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)


class AttemptRow(Row, table=True):
    """One dial and the call that came of it."""

    __tablename__: ClassVar[Any] = "attempts"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (disposition IS NULL)", name="ended_with_disposition"),
        Index(None, "interview_id", "dialled_at"),
        Index(None, "ended_at", "heartbeat_at"),
    )

    id: str = Field(primary_key=True)
    interview_id: str = Field(foreign_key="interviews.id")
    dialled_at: datetime = Field(sa_type=UtcDateTime)
    """Written before the carrier is asked to dial."""
    media_connected_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the stream token was redeemed, which happens once; zero of the call's milliseconds."""
    heartbeat_at: datetime = Field(sa_type=UtcDateTime)
    """The last sign of life of the process that holds the call."""
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disposition: str | None = None
    swept: bool = False
    """The ending was inferred after the process fell silent, not reported by it."""
    dialog_state: dict[str, Any] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    facts: dict[str, int | float | str] = Field(default_factory=dict, sa_type=JSON)


class UtteranceRow(Row, table=True):
    __tablename__: ClassVar[Any] = "utterances"
    __table_args__ = (UniqueConstraint("attempt_id", "sequence"),)

    id: int | None = Field(default=None, primary_key=True)
    attempt_id: str = Field(foreign_key="attempts.id")
    sequence: int
    """From 0, in the order it was spoken."""
    speaker: str
    text: str
    start_ms: int
    end_ms: int
    position: str | None = None
    meaning: str | None = None
    heard: bool = True
    words: list[dict[str, Any]] = Field(sa_type=JSON)


class AnswerRow(Row, table=True):
    """An answer with its parts in one value: they are read and written together, and searched as utterances."""

    __tablename__: ClassVar[Any] = "answers"
    __table_args__ = (UniqueConstraint("attempt_id", "sequence"),)

    id: int | None = Field(default=None, primary_key=True)
    attempt_id: str = Field(foreign_key="attempts.id")
    sequence: int
    question_id: str
    question: str
    status: str
    parts: list[dict[str, Any]] = Field(sa_type=JSON)


class RecordingRow(Row, table=True):
    __tablename__: ClassVar[Any] = "recordings"

    attempt_id: str = Field(primary_key=True, foreign_key="attempts.id")
    path: str = Field(unique=True)
    """Relative to the archive's folder."""
    sha256: str
    duration_ms: int
    state: str
    """`closed` by the call, or `repaired` after its process died."""


class ScorecardRow(Row, table=True):
    __tablename__: ClassVar[Any] = "scorecards"

    interview_id: str = Field(primary_key=True, foreign_key="interviews.id")
    overall: float | None = None
    assessed_weight: float
    scorer: str
    experience: list[dict[str, Any]] | None = Field(default=None, sa_type=JSON(none_as_null=True))
    """Projects and roles in one value: they are read and written together. None: scored before they were looked for."""


class ScoreRow(Row, table=True):
    __tablename__: ClassVar[Any] = "scores"
    __table_args__ = (
        UniqueConstraint("interview_id", "sequence"),
        UniqueConstraint("interview_id", "question_id", "criterion_id"),
        CheckConstraint("value BETWEEN 1 AND 5", name="value_on_scale"),
    )

    id: int | None = Field(default=None, primary_key=True)
    interview_id: str = Field(foreign_key="scorecards.interview_id", ondelete="CASCADE")
    sequence: int
    question_id: str
    criterion_id: str
    criterion: str
    weight: float
    value: float | None = None
    """None: not assessed."""
    must_have: bool = False


class EvidenceRow(Row, table=True):
    __tablename__: ClassVar[Any] = "evidence"
    __table_args__ = (UniqueConstraint("score_id", "sequence"),)

    id: int | None = Field(default=None, primary_key=True)
    score_id: int = Field(foreign_key="scores.id", ondelete="CASCADE")
    sequence: int
    quote: str
    start_ms: int
    end_ms: int
    point: str
    strength: float


class SkillTagRow(Row, table=True):
    __tablename__: ClassVar[Any] = "skill_tags"
    __table_args__ = (UniqueConstraint("interview_id", "sequence"),)

    id: int | None = Field(default=None, primary_key=True)
    interview_id: str = Field(foreign_key="scorecards.interview_id", ondelete="CASCADE")
    sequence: int
    name: str = Field(index=True)
    kind: str
    quote: str
    question_id: str
    start_ms: int
    end_ms: int
    years: float | None = None
    level: str | None = None
