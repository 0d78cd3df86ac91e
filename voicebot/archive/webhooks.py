"""The endpoints that other systems have with us, and how their deliveries fare. What is sent is in `outbox`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import update
from sqlmodel import col, select

from models.errors import EnoughWebhooks, NotInArchive, UsageError
from models.tables import AuditHeadRow, AuditRow, WebhookDeliveryRow, WebhookEndpointRow
from models.webhooks import Delivery, DeliveryState, Endpoint
from voicebot.archive import audit, mapping
from voicebot.archive.database import Database, Transaction
from voicebot.archive.events import ACTIONS, TYPES, event
from voicebot.archive.outbox import Outbox, filed, holding
from voicebot.webhooks.signature import new_secret

MOST_ENDPOINTS = 50
OLD_SECRET_HOLDS = timedelta(hours=24)
"""After a rotation both secrets sign for so long, and the receiver takes up the new one meanwhile."""


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Whoever calls has checked the URL (`voicebot.webhooks.address`)."""

    database: Database

    @property
    def outbox(self) -> Outbox:
        return Outbox(self.database)

    def create(
        self, url: str, events: Sequence[str], actor: str, at: datetime, *, description: str = ""
    ) -> tuple[Endpoint, str]:
        """A new endpoint, which is told what happens from now on, and its secret. `events`: types; empty: all.

        Errors: UsageError when there is no such type; EnoughWebhooks when there are enough endpoints.
        """
        chosen = _known(events)
        with self.database.writing() as session:
            if len(session.exec(select(WebhookEndpointRow.id)).all()) >= MOST_ENDPOINTS:
                raise EnoughWebhooks(f"there are {MOST_ENDPOINTS} webhooks already: delete one that is not needed")
            head = session.get(AuditHeadRow, 1)
            secret = new_secret()
            row = WebhookEndpointRow(
                id=uuid4().hex, events=chosen, created_at=at, cursor=head.sequence if head else 0, document=b""
            )
            _seal(session, row, url, description, [{"secret": secret, "until": None}])
            session.add(row)
            audit.append(session, at, actor, "webhook.create", row.id)
            return endpoint(session, row), secret

    def list(self) -> tuple[Endpoint, ...]:
        """Oldest first."""
        oldest = select(WebhookEndpointRow).order_by(col(WebhookEndpointRow.created_at), col(WebhookEndpointRow.id))
        with self.database.reading() as session:
            return tuple(endpoint(session, row) for row in session.exec(oldest))

    def find(self, endpoint_id: str) -> Endpoint:
        """Errors: NotInArchive."""
        with self.database.reading() as session:
            return endpoint(session, _row(session, endpoint_id))

    def secrets(self, endpoint_id: str, at: datetime) -> tuple[str, ...]:
        """Those that sign now, the newest first. Errors: NotInArchive."""
        with self.database.reading() as session:
            return holding(session, _row(session, endpoint_id), at)

    def change(
        self,
        endpoint_id: str,
        actor: str,
        at: datetime,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        description: str | None = None,
        enabled: bool | None = None,
    ) -> Endpoint:
        """What is None stays as it is. One that is enabled again is sent all that happened meanwhile.

        Errors: NotInArchive; UsageError when there is no such type of event.
        """
        chosen = None if events is None else _known(events)
        with self.database.writing() as session:
            row = _row(session, endpoint_id, for_change=True)
            known = session.opened(row, mapping.OBJECT)
            _seal(
                session,
                row,
                known["url"] if url is None else url,
                known["description"] if description is None else description,
                known["secrets"],
            )
            if chosen is not None:
                row.events = chosen
            if enabled is True:
                row.disabled_at = row.disabled_because = row.failing_since = None
                _try_now(session, row, at)
            elif enabled is False and row.disabled_at is None:
                row.disabled_at, row.disabled_because = at, "somebody disabled it"
            row.claimed_by = row.claimed_until = None  # what is being sent is sent once more, as it is now
            given = {"url": url, "events": events, "description": description, "enabled": enabled}
            changed = ",".join(name for name, value in given.items() if value is not None)
            audit.append(session, at, actor, "webhook.change", row.id, changed=changed)
            return endpoint(session, row)

    def rotate_secret(self, endpoint_id: str, actor: str, at: datetime) -> str:
        """A new secret; the one before it signs too for another day. Errors: NotInArchive."""
        with self.database.writing() as session:
            row = _row(session, endpoint_id, for_change=True)
            known = session.opened(row, mapping.OBJECT)
            secret = new_secret()
            before = known["secrets"][0]["secret"]
            old = {"secret": before, "until": (at + OLD_SECRET_HOLDS).isoformat()}
            _seal(session, row, known["url"], known["description"], [{"secret": secret, "until": None}, old])
            audit.append(session, at, actor, "webhook.secret", row.id)
            return secret

    def delete(self, endpoint_id: str, actor: str, at: datetime) -> None:
        """With its deliveries. Errors: NotInArchive."""
        with self.database.writing() as session:
            session.delete(_row(session, endpoint_id, for_change=True))
            audit.append(session, at, actor, "webhook.delete", endpoint_id)

    def deliveries(
        self, endpoint_id: str, *, limit: int = 50, before: int | None = None, state: DeliveryState | None = None
    ) -> tuple[Delivery, ...]:
        """Newest first; of one state, or before one sequence. Errors: NotInArchive."""
        query = select(WebhookDeliveryRow).where(WebhookDeliveryRow.endpoint_id == endpoint_id)
        if before is not None:
            query = query.where(WebhookDeliveryRow.sequence < before)
        if state is not None:
            query = query.where(WebhookDeliveryRow.state == state.value)
        with self.database.reading() as session:
            _row(session, endpoint_id)
            newest = session.exec(query.order_by(col(WebhookDeliveryRow.sequence).desc()).limit(limit))
            return tuple(map(delivery, newest))

    def replay(self, endpoint_id: str, sequence: int, actor: str, at: datetime) -> Delivery:
        """Sends one delivery (again), whatever became of it. Errors: NotInArchive."""
        with self.database.writing() as session:
            endpoint_row = _row(session, endpoint_id, for_change=True)
            row = session.get(WebhookDeliveryRow, (endpoint_id, sequence))
            if row is None:
                raise NotInArchive(f"this webhook has no delivery {sequence}: list its deliveries")
            _send_again(row, at)
            _try_now(session, endpoint_row, at)
            audit.append(session, at, actor, "webhook.replay", endpoint_id, sequence=sequence)
            return delivery(row)

    def replay_since(self, endpoint_id: str, since: datetime, actor: str, at: datetime) -> int:
        """Sends all that happened since then (again), also what the endpoint was not there for; how much that is.

        Errors: NotInArchive.
        """
        with self.database.writing() as session:
            endpoint_row = _row(session, endpoint_id, for_change=True)
            actions = [ACTIONS[name] for name in endpoint_row.events or TYPES]
            wanted = select(AuditRow).where(
                AuditRow.at >= since, AuditRow.sequence <= endpoint_row.cursor, col(AuditRow.action).in_(actions)
            )
            replayed = 0
            for entry in session.exec(wanted.order_by(col(AuditRow.sequence))):
                happened = event(audit.entry(session, entry), entry.mac)
                if happened is not None:
                    filed(session, endpoint_id, happened, at)
                    _send_again(session.get_one(WebhookDeliveryRow, (endpoint_id, entry.sequence)), at)
                    replayed += 1
            _try_now(session, endpoint_row, at)
            audit.append(session, at, actor, "webhook.replay", endpoint_id, since=since.isoformat(), events=replayed)
            return replayed


def endpoint(session: Transaction, row: WebhookEndpointRow) -> Endpoint:
    document = session.opened(row, mapping.OBJECT)
    return Endpoint(
        id=row.id,
        url=document["url"],
        events=tuple(row.events),
        description=document["description"],
        created_at=row.created_at,
        disabled_at=row.disabled_at,
        disabled_because=row.disabled_because,
        failing_since=row.failing_since,
    )


def delivery(row: WebhookDeliveryRow) -> Delivery:
    return Delivery(
        sequence=row.sequence,
        event_id=row.event_id,
        type=row.event_type,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        created_at=row.created_at,
        next_at=row.next_at if row.state == DeliveryState.WAITING.value else None,
        last_at=row.last_at,
        last_status=row.last_status,
        last_error=row.last_error,
    )


def _row(session: Transaction, endpoint_id: str, *, for_change: bool = False) -> WebhookEndpointRow:
    row = session.get(WebhookEndpointRow, endpoint_id, with_for_update=for_change or None)
    if row is None:
        raise NotInArchive(f"there is no webhook {endpoint_id!r}")
    return row


def _known(events: Sequence[str]) -> list[str]:
    unknown = sorted(set(events) - set(TYPES))
    if unknown:
        raise UsageError(f"there is no event {unknown[0]!r}: choose of {', '.join(TYPES)}")
    return sorted(set(events))


def _seal(
    session: Transaction, row: WebhookEndpointRow, url: str, description: str, secrets: Sequence[dict[str, Any]]
) -> None:
    document = {"url": url, "description": description, "secrets": list(secrets)}
    row.document = session.seal(WebhookEndpointRow, (row.id,), document)


def _try_now(session: Transaction, row: WebhookEndpointRow, at: datetime) -> None:
    """Whatever waits for its next attempt waits no longer, so that what goes now goes in order."""
    row.not_before = None
    waits = (
        col(WebhookDeliveryRow.endpoint_id) == row.id,
        col(WebhookDeliveryRow.state) == DeliveryState.WAITING.value,
        col(WebhookDeliveryRow.next_at) > at,
    )
    session.exec(update(WebhookDeliveryRow).where(*waits).values(next_at=at))


def _send_again(row: WebhookDeliveryRow, at: datetime) -> None:
    row.state, row.attempts, row.next_at = DeliveryState.WAITING.value, 0, at
