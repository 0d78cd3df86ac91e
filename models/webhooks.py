"""What other systems are told of: events, the endpoints that want them, and how each delivery fares."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

PING = "webhook.ping"
"""Sent when somebody asks for it, to try an endpoint; it tells of nothing."""


class DeliveryState(StrEnum):
    WAITING = "waiting"
    """For its turn, or for the next attempt."""
    DELIVERED = "delivered"
    DEAD = "dead"
    """Given up; kept, so that it can be replayed."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as other systems hear of it: ids and facts, never a name, a number or a word."""

    id: str
    """The same at each attempt and for every endpoint, so that a receiver knows what it has had."""
    type: str
    """Such as `interview.ended`."""
    at: datetime
    data: Mapping[str, str | int | float | None]
    sequence: int = 0
    """Its place among all that happened; gaps mean nothing. 0: a ping."""

    def body(self) -> bytes:
        """JSON as the Standard Webhooks specification recommends it, to the byte the same at each attempt."""
        at = self.at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        said = {"type": self.type, "timestamp": at, "sequence": self.sequence, "data": dict(self.data)}
        return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where another system takes events. Its secret is shown once, when it is made."""

    id: str
    url: str
    events: tuple[str, ...]
    """The types that it gets; empty: all."""
    description: str
    created_at: datetime
    disabled_at: datetime | None = None
    """Since then nothing is sent; what happens meanwhile is sent once it is enabled again."""
    disabled_because: str | None = None
    failing_since: datetime | None = None
    """Since then no attempt got through."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one endpoint."""

    sequence: int
    """Of the event; names the delivery among those of its endpoint."""
    event_id: str
    type: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_at: datetime | None
    """Not before then is it tried (again); None when it waits no more."""
    last_at: datetime | None = None
    last_status: int | None = None
    """The receiver's HTTP status; None where it did not answer."""
    last_error: str | None = None
    """Why the last attempt failed."""


@dataclass(frozen=True, slots=True)
class Post:
    """A delivery that is due."""

    event: Event
    attempts: int
    """Made before this one."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Deliveries of one endpoint that are due, in order, for whoever claimed it."""

    endpoint_id: str
    url: str = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    """Each signs; the newest first."""
    posts: tuple[Post, ...]


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of one attempt."""

    status: int | None
    """HTTP status; None where there was no answer."""
    error: str | None = None
    """What went wrong; None after a status of 200 to 299."""
    retry_after_s: float = 0.0
    """How long the receiver asked to be left alone."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an attempt means for the delivery and its endpoint."""

    state: DeliveryState
    wait_s: float = 0.0
    """Until the next attempt, where it goes on waiting."""
    holds_up: bool = False
    """The receiver is at fault and not the event: those behind it wait too, so that their order is kept."""
    disables: str | None = None
    """Why the endpoint is sent nothing more until a person enables it."""
