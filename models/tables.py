"""The archive's tables. Only voicebot.archive imports them; everybody else sees the values in models/.

    people ─┬─ person_names, consents, holds, wishes
            │
    jobs ───┤
    flows ──┴─ interviews ─┬─ attempts ─┬─ utterances
                           │            ├─ answers
                           │            └─ recordings
                           ├─ scorecards ─┬─ scores
                           │              └─ skill_tags
                           ├─ past_scorecards
                           ├─ overrides, notes
                           └─ search_documents ── search_tokens

    users ─┬─ sessions
           └─ saved_views
    api_keys, failed_sign_ins
    webhook_endpoints ─── webhook_deliveries

    audit, audit_head, opt_outs, tombstones, keys     refer to nothing: they outlive what they are about
    idempotency                                       refers to nothing: it is gone after a day

What identifies a person, and every word that was said, is in a column `document`: JSON sealed with a data key
(`voicebot.archive.sealing`). A sealed row's primary key is known before it is written, since the seal is bound to it.
The other columns are what lists and searches need; none of them names anybody.

Types are those that SQLite and PostgreSQL share. Enumerations are stored as their text, so that a new member needs no
migration; and so does a new field of a sealed value.
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


class KeyRow(Row, table=True):
    """A key of the archive, sealed with the master key, which is in no database."""

    __tablename__: ClassVar[Any] = "keys"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    purpose: str
    """`data`: seals; the newest seals what is written. `index`: one, for the life of the archive."""
    master: str
    """Fingerprint of the master key that opens it."""
    wrapped: bytes
    created_at: datetime = Field(sa_type=UtcDateTime)


# People and what they are interviewed for


class PersonRow(Row, table=True):
    __tablename__: ClassVar[Any] = "people"

    id: str = Field(primary_key=True)
    external_index: bytes = Field(unique=True)
    """Keyed hash of the candidate's id, which the caller chose and which may say who it is."""
    phone_index: bytes = Field(index=True)
    """Keyed hash of the number."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    employee_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """Set: the interviews are part of the personnel file, and no candidate's retention applies."""
    document: bytes
    """The candidate's id, name, number, e-mail, personnel number."""


class PersonNameRow(Row, table=True):
    """One word of a person's name, as a keyed hash."""

    __tablename__: ClassVar[Any] = "person_names"

    token: bytes = Field(primary_key=True)
    person_id: str = Field(primary_key=True, foreign_key="people.id", index=True, ondelete="CASCADE")


class ConsentRow(Row, table=True):
    __tablename__: ClassVar[Any] = "consents"

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="people.id", index=True, ondelete="CASCADE")
    purpose: str
    given_at: datetime = Field(sa_type=UtcDateTime)
    withdrawn_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    document: bytes
    """The number, the text that was shown, and how the consent came."""


class HoldRow(Row, table=True):
    """While a hold stands, nothing of the person is erased."""

    __tablename__: ClassVar[Any] = "holds"

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="people.id", index=True)
    placed_at: datetime = Field(sa_type=UtcDateTime)
    released_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    document: bytes
    """Who placed it, and why."""


class WishRow(Row, table=True):
    """Something that a candidate asked for by their own page, for a person to see to."""

    __tablename__: ClassVar[Any] = "wishes"
    __table_args__ = (Index(None, "handled_at", "asked_at"),)

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="people.id", index=True, ondelete="CASCADE")
    interview_id: str | None = Field(default=None, foreign_key="interviews.id", index=True, ondelete="SET NULL")
    """Their last one when they asked."""
    kind: str
    asked_at: datetime = Field(sa_type=UtcDateTime)
    handled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    document: bytes
    """What they wrote; who saw to it, and what they answered."""


class JobRow(Row, table=True):
    __tablename__: ClassVar[Any] = "jobs"

    id: str = Field(primary_key=True)
    title: str
    location: str
    flow_id: str | None = None
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    closed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


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


# Interviews


class InterviewRow(Row, table=True):
    """One candidate to be asked one flow, in as many attempts as it takes. Its status is that of its attempts."""

    __tablename__: ClassVar[Any] = "interviews"

    id: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="people.id", index=True)
    job_id: str | None = Field(default=None, foreign_key="jobs.id", index=True)
    flow_digest: str = Field(foreign_key="flows.digest", index=True)
    created_at: datetime = Field(sa_type=UtcDateTime, index=True)
    document: bytes
    """Words that the flow's lines leave open, such as the company's name."""


class AttemptRow(Row, table=True):
    """One dial and the call that came of it."""

    __tablename__: ClassVar[Any] = "attempts"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (disposition IS NULL)", name="ended_with_disposition"),
        Index(None, "interview_id", "dialled_at"),
        Index(None, "ended_at", "heartbeat_at"),
        Index(None, "disposition"),
    )

    id: str = Field(primary_key=True)
    interview_id: str = Field(foreign_key="interviews.id", ondelete="CASCADE")
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
    document: bytes | None = None
    """The dialog's state after its last step."""
    facts: dict[str, int | float | str] = Field(default_factory=dict, sa_type=JSON)


class UtteranceRow(Row, table=True):
    """A line of the transcript with its times."""

    __tablename__: ClassVar[Any] = "utterances"

    attempt_id: str = Field(primary_key=True, foreign_key="attempts.id", ondelete="CASCADE")
    sequence: int = Field(primary_key=True)
    """From 0, in the order it was spoken."""
    document: bytes


class AnswerRow(Row, table=True):
    """An answer with its parts."""

    __tablename__: ClassVar[Any] = "answers"

    attempt_id: str = Field(primary_key=True, foreign_key="attempts.id", ondelete="CASCADE")
    sequence: int = Field(primary_key=True)
    document: bytes


class RecordingRow(Row, table=True):
    __tablename__: ClassVar[Any] = "recordings"

    attempt_id: str = Field(primary_key=True, foreign_key="attempts.id")
    path: str = Field(unique=True)
    """Relative to the archive's folder."""
    sha256: str
    """Of the file as it is on the disk; empty while it is written."""
    duration_ms: int
    state: str = Field(index=True)
    """`open` while the call writes it, `closed` by it, `repaired` after its process died; `plain` for a WAV file of an
    older voicebot that has not been encrypted yet."""
    document: bytes | None = None
    """The file's own key."""


# What was found in an interview, and what people made of it


class ScorecardRow(Row, table=True):
    __tablename__: ClassVar[Any] = "scorecards"

    interview_id: str = Field(primary_key=True, foreign_key="interviews.id")
    overall: float | None = Field(default=None, index=True)
    assessed_weight: float
    scorer: str
    filed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """None: by a version that did not note it."""
    document: bytes | None = None
    """The whole scorecard, with the candidate's words; None once those are past their retention."""


class ScoreRow(Row, table=True):
    __tablename__: ClassVar[Any] = "scores"
    __table_args__ = (
        UniqueConstraint("interview_id", "question_id", "criterion_id"),
        CheckConstraint("value BETWEEN 1 AND 5", name="value_on_scale"),
        Index(None, "criterion_key", "stands"),
    )

    interview_id: str = Field(primary_key=True, foreign_key="scorecards.interview_id", ondelete="CASCADE")
    sequence: int = Field(primary_key=True)
    question_id: str
    criterion_id: str
    criterion: str
    criterion_key: str
    """The criterion's name in lower case, by which it is searched."""
    weight: float
    value: float | None = None
    """The machine's, which stays. None: not assessed."""
    stands: float | None = None
    """What counts: the last override, else the machine's."""
    must_have: bool = False


class SkillTagRow(Row, table=True):
    __tablename__: ClassVar[Any] = "skill_tags"
    __table_args__ = (Index(None, "name_key", "years"),)

    interview_id: str = Field(primary_key=True, foreign_key="scorecards.interview_id", ondelete="CASCADE")
    sequence: int = Field(primary_key=True)
    name: str
    name_key: str
    """In lower case."""
    kind: str
    years: float | None = None


class OverrideRow(Row, table=True):
    """A person's score over the machine's. Nothing is changed afterwards: another override follows."""

    __tablename__: ClassVar[Any] = "overrides"
    __table_args__ = (CheckConstraint("value BETWEEN 1 AND 5", name="value_on_scale"),)

    id: str = Field(primary_key=True)
    interview_id: str = Field(foreign_key="interviews.id", index=True, ondelete="CASCADE")
    question_id: str
    criterion_id: str
    value: float | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    document: bytes
    """Who, and why."""


class NoteRow(Row, table=True):
    __tablename__: ClassVar[Any] = "notes"

    id: str = Field(primary_key=True)
    interview_id: str = Field(foreign_key="interviews.id", index=True, ondelete="CASCADE")
    decision: str | None = None
    at: datetime = Field(sa_type=UtcDateTime)
    document: bytes
    """Who, and what."""


# Full-text search


class SearchDocumentRow(Row, table=True):
    """A short number for an interview in the index, in the order in which interviews began to speak."""

    __tablename__: ClassVar[Any] = "search_documents"

    number: int | None = Field(default=None, primary_key=True)
    interview_id: str = Field(unique=True, foreign_key="interviews.id")


class SearchTokenRow(Row, table=True):
    """The interview has the word. Words are keyed hashes; how often and where they stand is not kept."""

    __tablename__: ClassVar[Any] = "search_tokens"
    __table_args__ = ({"sqlite_with_rowid": False},)

    token: bytes = Field(primary_key=True)
    document: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """The number of the search document; no foreign key, which would be looked up for each word."""


# What outlives the interviews


class AuditRow(Row, table=True):
    __tablename__: ClassVar[Any] = "audit"

    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """From 1, without gaps."""
    at: datetime = Field(sa_type=UtcDateTime)
    action: str
    subject: str = Field(index=True)
    """Id of the interview, person or other thing that it was done to."""
    document: bytes
    """Who did it, and its details."""
    mac: str
    """HMAC over this entry and the one before."""


class AuditHeadRow(Row, table=True):
    """The last entry's number and MAC: without it, entries cut off at the end would not be missed."""

    __tablename__: ClassVar[Any] = "audit_head"

    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    sequence: int
    mac: str
    seal: str
    """HMAC over both, so that an old head cannot be written by who has no key."""


class OptOutRow(Row, table=True):
    """A number, or a candidate's id, that is never to be called again; a keyed hash, so that it can outlive erasure."""

    __tablename__: ClassVar[Any] = "opt_outs"

    digest: bytes = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)


class TombstoneRow(Row, table=True):
    """Somebody was erased. Their id was ours, and says nothing about them."""

    __tablename__: ClassVar[Any] = "tombstones"

    person_id: str = Field(primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime)
    interviews: int
    recordings: int


# What was found before


class PastScorecardRow(Row, table=True):
    """A scorecard that a later one stands in place of. Nothing is changed afterwards."""

    __tablename__: ClassVar[Any] = "past_scorecards"

    id: str = Field(primary_key=True)
    interview_id: str = Field(foreign_key="interviews.id", index=True, ondelete="CASCADE")
    overall: float | None = None
    assessed_weight: float
    scorer: str
    filed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    replaced_at: datetime = Field(sa_type=UtcDateTime)
    document: bytes | None = None
    """The whole scorecard; None once the candidate's words are past their retention."""


# Who looks at it


class UserRow(Row, table=True):
    __tablename__: ClassVar[Any] = "users"

    id: str = Field(primary_key=True)
    name_index: bytes = Field(unique=True)
    """Keyed hash of the name they sign in with."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    document: bytes
    """Name, role, password hash, jobs: sealed, so that nobody without the key can give themselves more."""


class ApiKeyRow(Row, table=True):
    __tablename__: ClassVar[Any] = "api_keys"

    id: str = Field(primary_key=True)
    secret_index: bytes = Field(unique=True)
    """Keyed hash of the secret, which is not kept."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    document: bytes
    """Label, scopes, who made it, until when it is good."""


class SessionRow(Row, table=True):
    """Somebody has signed in."""

    __tablename__: ClassVar[Any] = "sessions"

    token_index: bytes = Field(primary_key=True)
    """Keyed hash of the token, which is not kept."""
    user_id: str = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    created_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime, index=True)
    """The last request, give or take a minute."""


class FailedSignInRow(Row, table=True):
    """How often signing in failed lately, under one name or from one place."""

    __tablename__: ClassVar[Any] = "failed_sign_ins"

    source: bytes = Field(primary_key=True)
    """Keyed hash of the name, the address or the browser."""
    failures: int
    last_at: datetime = Field(sa_type=UtcDateTime, index=True)


# What users keep of the console


class SavedViewRow(Row, table=True):
    """A list of interviews that a user wants to see again."""

    __tablename__: ClassVar[Any] = "saved_views"

    id: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    saved_at: datetime = Field(sa_type=UtcDateTime)
    document: bytes
    """Its name, and what is looked for."""


class FlowDraftRow(Row, table=True):
    """A flow that a user is writing."""

    __tablename__: ClassVar[Any] = "flow_drafts"

    id: str = Field(primary_key=True)
    user_id: str = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    saved_at: datetime = Field(sa_type=UtcDateTime)
    document: bytes
    """Its texts, by language."""


# The API


class IdempotencyRow(Row, table=True):
    """What was answered to a request that may be sent again. Kept for a day, and emptied when anybody is erased."""

    __tablename__: ClassVar[Any] = "idempotency"

    key: str = Field(primary_key=True)
    """Keyed hash of who asked, and of the key that they gave."""
    request: str
    """Keyed hash of what was asked."""
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    status: int | None = None
    """Of the answer; None while there is none."""
    document: bytes | None = None
    """The answer's headers and body; None once somebody was erased, whom it might name."""


# Who else is told


class WebhookEndpointRow(Row, table=True):
    """Where another system takes events."""

    __tablename__: ClassVar[Any] = "webhook_endpoints"

    id: str = Field(primary_key=True)
    events: list[str] = Field(sa_type=JSON)
    """Types of event; empty: all."""
    created_at: datetime = Field(sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disabled_because: str | None = None
    cursor: int
    """The last audit entry that deliveries were made of."""
    not_before: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """It fails, and is left alone until then."""
    failing_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claimed_by: str | None = None
    """The process that sends to it."""
    claimed_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    document: bytes
    """URL, description, secrets."""


class WebhookDeliveryRow(Row, table=True):
    """An event for an endpoint. What it says is made of the audit's entry, each time that it is sent."""

    __tablename__: ClassVar[Any] = "webhook_deliveries"
    __table_args__ = (Index(None, "endpoint_id", "state", "next_at"),)

    endpoint_id: str = Field(primary_key=True, foreign_key="webhook_endpoints.id", ondelete="CASCADE")
    sequence: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    """Of the audit's entry."""
    event_id: str
    event_type: str
    state: str
    attempts: int
    created_at: datetime = Field(sa_type=UtcDateTime)
    next_at: datetime = Field(sa_type=UtcDateTime)
    last_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_status: int | None = None
    last_error: str | None = None
