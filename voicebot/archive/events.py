"""What other systems hear of the audit. Every event is an entry that was written in one transaction with what it tells
of, so none is written twice, and none is lost. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.archive import AuditEntry
from models.webhooks import Event


@dataclass(frozen=True, slots=True)
class EventType:
    name: str
    subject: str
    """What the id of the entry's subject is called."""
    details: Mapping[str, str] = field(default_factory=dict)
    """Which of the entry's details are told, and what they are called."""


INTERVIEW, PERSON, WEBHOOK = "interview_id", "person_id", "webhook_id"
EVENT_TYPES: Mapping[str, EventType] = {
    "publish": EventType("flow.published", "flow_id", {"version": "version", "flow": "flow_digest"}),
    "schedule": EventType(
        "interview.scheduled", INTERVIEW, {"person": "person_id", "job": "job_id", "flow": "flow_digest"}
    ),
    "call": EventType("interview.ended", INTERVIEW, {"attempt": "attempt_id", "disposition": "disposition"}),
    "score": EventType("scorecard.filed", INTERVIEW),
    "override": EventType("override.filed", INTERVIEW, {"override": "override_id"}),
    "note": EventType("note.filed", INTERVIEW, {"note": "note_id"}),
    "decide": EventType("decision.filed", INTERVIEW, {"note": "note_id"}),
    "consent": EventType("consent.given", PERSON, {"consent": "consent_id", "purpose": "purpose"}),
    "withdraw": EventType("consent.withdrawn", PERSON, {"purpose": "purpose"}),
    "opt_out": EventType("candidate.opted_out", PERSON, {"interview": "interview_id"}),
    "ask": EventType("candidate.asked", PERSON, {"wish": "wish_id", "what": "what"}),
    "handle": EventType("candidate.answered", PERSON, {"wish": "wish_id", "what": "what"}),
    "hire": EventType("candidate.hired", PERSON),
    "leave": EventType("candidate.left", PERSON),
    "hold": EventType("hold.placed", PERSON, {"hold": "hold_id"}),
    "release": EventType("hold.released", PERSON, {"hold": "hold_id"}),
    "erase": EventType("candidate.erased", PERSON),
    "webhook.disable": EventType("webhook.disabled", WEBHOOK),
}
"""By the audit's action. What is not here stays inside: who signed in, who listened."""
TYPES: tuple[str, ...] = tuple(kind.name for kind in EVENT_TYPES.values())
ACTIONS: Mapping[str, str] = {kind.name: action for action, kind in EVENT_TYPES.items()}


def event(entry: AuditEntry, mac: str) -> Event | None:
    """None where the entry is nobody else's business, vouches anew for something old after a retention run, or tells of
    a scorecard that was put away because the interview goes on.

    `mac`: the entry's. It is in the event's id, so that an id is never given twice, also not by an archive that was
    put back to an older state.
    """
    kind = EVENT_TYPES.get(entry.action)
    if kind is None or entry.details.get("again"):
        return None
    if entry.action == "score" and entry.details.get("scorecard") is None:
        return None
    told = {name: entry.details[detail] for detail, name in kind.details.items() if detail in entry.details}
    return Event(
        f"evt_{entry.sequence}_{mac[:16]}", kind.name, entry.at, {kind.subject: entry.subject, **told}, entry.sequence
    )
