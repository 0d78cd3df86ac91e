"""What is to be sent: the audit is the outbox, and each endpoint has a place in it up to which it has been told.

    ready       endpoints for which something is due
    claim       takes one of them, for this process alone, and what is due in order; entries of the audit that are new
                become deliveries here
    settle      what came of one of them
    release     gives the endpoint back

A process may die after any of these: its claim runs out, and another sends what was not settled. So an event is sent
at least once, and may be sent twice; it has the same id then.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_
from sqlmodel import col, select

from models.tables import AuditHeadRow, AuditRow, WebhookDeliveryRow, WebhookEndpointRow
from models.webhooks import Batch, DeliveryState, Event, Post, Reply, Verdict
from voicebot.archive import audit, mapping
from voicebot.archive.database import Database, Transaction
from voicebot.archive.events import ACTIONS, TYPES, event

CLAIM_HOLDS = timedelta(seconds=60)
"""Since it was claimed, or the last delivery settled: four times as long as one attempt may take."""
DELIVERIES_KEPT = timedelta(days=30)
"""After that, what was delivered or given up is no longer listed; the audit still has the events."""
_ENTRIES, _POSTS = 500, 20
"""Looked at, and sent, with one claim."""
_WAITING = DeliveryState.WAITING.value


@dataclass(frozen=True, slots=True)
class Outbox:
    """For the process that sends. `owner` names it."""

    database: Database

    def ready(self, at: datetime) -> tuple[str, ...]:
        """Endpoints, not claimed, for which there is something to do."""
        due = select(WebhookDeliveryRow.sequence).where(
            WebhookDeliveryRow.endpoint_id == WebhookEndpointRow.id,
            WebhookDeliveryRow.state == _WAITING,
            WebhookDeliveryRow.next_at <= at,
        )
        newest = select(func.max(AuditHeadRow.sequence)).scalar_subquery()
        query = select(WebhookEndpointRow.id).where(
            col(WebhookEndpointRow.disabled_at).is_(None),
            or_(col(WebhookEndpointRow.not_before).is_(None), col(WebhookEndpointRow.not_before) <= at),
            or_(col(WebhookEndpointRow.claimed_until).is_(None), col(WebhookEndpointRow.claimed_until) <= at),
            or_(col(WebhookEndpointRow.cursor) < newest, due.exists()),
        )
        with self.database.reading() as session:
            return tuple(session.exec(query))

    def claim(self, endpoint_id: str, owner: str, at: datetime) -> Batch | None:
        """What is due, in order; None when another process has it, or it is gone or disabled."""
        with self.database.writing() as session:
            row = session.get(WebhookEndpointRow, endpoint_id, with_for_update=True)
            if row is None or row.disabled_at is not None or (row.claimed_until is not None and row.claimed_until > at):
                return None
            _take_up(session, row, at)
            query = (
                select(WebhookDeliveryRow, AuditRow)
                .join(AuditRow, col(AuditRow.sequence) == WebhookDeliveryRow.sequence)
                .where(WebhookDeliveryRow.endpoint_id == row.id, WebhookDeliveryRow.state == _WAITING)
                .where(WebhookDeliveryRow.next_at <= at)
                .order_by(col(WebhookDeliveryRow.sequence))
                .limit(_POSTS)
            )
            posts = [
                Post(happened, delivery.attempts)
                for delivery, entry in session.exec(query)
                if (happened := event(audit.entry(session, entry), entry.mac)) is not None
            ]
            if posts:
                row.claimed_by, row.claimed_until = owner, at + CLAIM_HOLDS
            url: str = session.opened(row, mapping.OBJECT)["url"]
            return Batch(row.id, url, holding(session, row, at), tuple(posts))

    def settle(self, endpoint_id: str, owner: str, sequence: int, reply: Reply, verdict: Verdict, at: datetime) -> bool:
        """Files what came of an attempt. False when the claim was lost: nothing more is to be sent with it."""
        with self.database.writing() as session:
            row = session.get(WebhookEndpointRow, endpoint_id, with_for_update=True)
            delivery = session.get(WebhookDeliveryRow, (endpoint_id, sequence))
            if row is None or delivery is None or row.claimed_by != owner:
                return False
            delivery.attempts += 1
            delivery.state = verdict.state.value
            delivery.last_at, delivery.last_status, delivery.last_error = at, reply.status, reply.error
            delivery.next_at = at + timedelta(seconds=verdict.wait_s)
            row.claimed_until = at + CLAIM_HOLDS
            if verdict.holds_up:
                row.not_before = delivery.next_at
                row.failing_since = row.failing_since or at
            else:
                row.failing_since = None
            if verdict.disables is not None:
                row.disabled_at, row.disabled_because = at, verdict.disables
                audit.append(session, at, audit.MACHINE, "webhook.disable", endpoint_id)
            return True

    def release(self, endpoint_id: str, owner: str) -> None:
        with self.database.writing() as session:
            row = session.get(WebhookEndpointRow, endpoint_id, with_for_update=True)
            if row is not None and row.claimed_by == owner:
                row.claimed_by = row.claimed_until = None


def filed(session: Transaction, endpoint_id: str, happened: Event, at: datetime) -> None:
    """The delivery of an event, unless it is there."""
    row = {
        "endpoint_id": endpoint_id,
        "sequence": happened.sequence,
        "event_id": happened.id,
        "event_type": happened.type,
        "state": _WAITING,
        "attempts": 0,
        "created_at": at,
        "next_at": at,
    }
    session.insert_new(WebhookDeliveryRow, [row])


def holding(session: Transaction, row: WebhookEndpointRow, at: datetime) -> tuple[str, ...]:
    """The secrets that sign now, the newest first."""
    secrets = session.opened(row, mapping.OBJECT)["secrets"]
    return tuple(s["secret"] for s in secrets if s["until"] is None or datetime.fromisoformat(s["until"]) > at)


def _take_up(session: Transaction, row: WebhookEndpointRow, at: datetime) -> None:
    """Makes deliveries of the audit's entries that the endpoint has not been told of, and drops those of long ago."""
    head = session.get(AuditHeadRow, 1)
    if head is None or head.sequence == row.cursor:
        return
    # Entries are written one after the other (`audit.append` locks the head), so none below the head is still to come.
    upto = min(head.sequence, row.cursor + _ENTRIES)
    actions = [ACTIONS[name] for name in row.events or TYPES]
    new = select(AuditRow).where(
        AuditRow.sequence > row.cursor, AuditRow.sequence <= upto, col(AuditRow.action).in_(actions)
    )
    for entry in session.exec(new.order_by(col(AuditRow.sequence))):
        happened = event(audit.entry(session, entry), entry.mac)
        if happened is not None:
            filed(session, row.id, happened, at)
    row.cursor = upto
    session.exec(
        delete(WebhookDeliveryRow).where(
            col(WebhookDeliveryRow.endpoint_id) == row.id,
            col(WebhookDeliveryRow.state) != _WAITING,
            col(WebhookDeliveryRow.created_at) < at - DELIVERIES_KEPT,
        )
    )
