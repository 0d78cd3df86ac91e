"""Who may do what: people who sign in, programs with a key. A candidate has a link of their own instead."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    ADMIN = "admin"
    """Everything, accounts and erasure included."""
    RECRUITER = "recruiter"
    """Writes flows, brings candidates, reads and reviews every interview."""
    REVIEWER = "reviewer"
    """Reads, hears and reviews the interviews of the jobs they were assigned to; others do not exist for them."""


class Scope(StrEnum):
    """One thing that somebody may do. A role is a set of them; a program's key has some of its maker's."""

    FLOWS_READ = "flows:read"
    FLOWS_WRITE = "flows:write"
    """Check and publish too."""
    JOBS_READ = "jobs:read"
    JOBS_WRITE = "jobs:write"
    CANDIDATES_READ = "candidates:read"
    """Names and numbers, consents."""
    CANDIDATES_WRITE = "candidates:write"
    """Import, consent, opt-out, a candidate's link."""
    INTERVIEWS_READ = "interviews:read"
    """Transcripts, scores, skills, reports; their search."""
    INTERVIEWS_WRITE = "interviews:write"
    """Schedule."""
    RECORDINGS_PLAY = "recordings:play"
    REVIEWS_WRITE = "reviews:write"
    """Overrides, notes, decisions."""
    EXPORT = "export"
    """All that is on file about a person, and lists for a spreadsheet."""
    ERASE = "erase"
    """And legal holds."""
    WEBHOOKS = "webhooks"
    AUDIT_READ = "audit:read"
    ACCOUNTS = "accounts"
    """Users, keys, who is assigned to which job."""


_REVIEWER = frozenset(
    {Scope.FLOWS_READ, Scope.JOBS_READ, Scope.INTERVIEWS_READ, Scope.RECORDINGS_PLAY, Scope.REVIEWS_WRITE}
)
_RECRUITER = _REVIEWER | {
    Scope.FLOWS_WRITE,
    Scope.JOBS_WRITE,
    Scope.CANDIDATES_READ,
    Scope.CANDIDATES_WRITE,
    Scope.INTERVIEWS_WRITE,
    Scope.EXPORT,
}
ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    Role.ADMIN: frozenset(Scope),
    Role.RECRUITER: frozenset(_RECRUITER),
    Role.REVIEWER: _REVIEWER,
}


@dataclass(frozen=True, slots=True)
class User:
    id: str
    name: str
    """What they sign in with, and what the audit calls them; unique whatever its case."""
    role: Role
    created_at: datetime
    disabled_at: datetime | None = None
    job_ids: frozenset[str] = frozenset()
    """The jobs that a reviewer is assigned to."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a program's key: its secret is shown once, when it is made."""

    id: str
    label: str
    """What it is for; the audit calls it `key:` and this."""
    scopes: frozenset[Scope]
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Principal:
    """Somebody who has proven who they are, by signing in or with a key."""

    actor: str
    """As the audit names them."""
    scopes: frozenset[Scope]
    job_ids: frozenset[str] | None = None
    """They see the interviews of these jobs alone; None: all interviews."""
    user_id: str | None = None
    """None: a program with a key."""

    def may(self, scope: Scope) -> bool:
        return scope in self.scopes

    def sees(self, job_id: str | None) -> bool:
        """Whether an interview for this job exists for them."""
        return self.job_ids is None or job_id in self.job_ids
