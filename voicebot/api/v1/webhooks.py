"""Where other systems are told what happens: endpoints, and how their deliveries fare."""

import asyncio
from datetime import datetime
from secrets import token_hex
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field

from models.accounts import Principal, Scope
from models.webhooks import PING, Delivery, DeliveryState, Endpoint, Event
from voicebot.api.v1 import access
from voicebot.api.v1.bodies import Body
from voicebot.archive.events import TYPES
from voicebot.webhooks.address import MOST_CHARACTERS, check_url
from voicebot.webhooks.courier import Courier
from voicebot.webhooks.dispatcher import send

router = APIRouter(prefix="/webhooks", tags=["webhooks"])
Allowed = Annotated[Principal, Depends(access.allowed(Scope.WEBHOOKS))]
_ALWAYS_TAKEN = (
    r"^https://([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,20}(:[1-9][0-9]{0,3})?"
    r"(/[A-Za-z0-9_.~%:@!$&'()*+,;=/?-]*)?$"
)
EventType = Literal[TYPES]  # type: ignore[valid-type]  # the table is the one list
Url = Annotated[
    str,
    Field(
        max_length=MOST_CHARACTERS,
        description="https to a host on the internet; addresses and http too in networks that the operator has named",
        examples=["https://hr.example.com/voicebot"],
        json_schema_extra={"pattern": _ALWAYS_TAKEN},
    ),
]
Events = Annotated[
    list[EventType],
    Field(max_length=len(TYPES), description="Types of event; empty: all", examples=[["interview.ended"]]),
]
Description = Annotated[str, Field(max_length=200, description="What it is for", examples=["our EHR"])]
Sequence = Annotated[int, Field(ge=1, le=2**31 - 1)]


class NewWebhook(Body):
    url: Url
    events: Events = Field(default_factory=list)
    description: Description = ""


class WebhookChange(Body):
    """What is left out stays as it is."""

    url: Url | None = None
    events: Events | None = None
    description: Description | None = None
    enabled: bool | None = Field(
        None, strict=True, description="false: nothing is sent; true: also what happened meanwhile is", examples=[True]
    )


class Webhook(BaseModel):
    id: str
    url: str
    events: list[str] = Field(description="Types of event; empty: all")
    description: str
    created_at: datetime
    enabled: bool
    disabled_at: datetime | None
    disabled_because: str | None = Field(description="Such as that no attempt got through for a day")
    failing_since: datetime | None = Field(description="Since then no attempt got through")

    @classmethod
    def of(cls, endpoint: Endpoint) -> "Webhook":
        return cls(
            id=endpoint.id,
            url=endpoint.url,
            events=list(endpoint.events),
            description=endpoint.description,
            created_at=endpoint.created_at,
            enabled=endpoint.disabled_at is None,
            disabled_at=endpoint.disabled_at,
            disabled_because=endpoint.disabled_because,
            failing_since=endpoint.failing_since,
        )


class Secret(BaseModel):
    secret: str = Field(
        description="Signs what is sent; it is shown now and never again",
        examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"],
    )


class CreatedWebhook(Webhook, Secret):
    pass


class Webhooks(BaseModel):
    items: list[Webhook] = Field(description="Oldest first")


class DeliveryView(BaseModel):
    """One event on its way to one endpoint."""

    sequence: int = Field(description="Of the event: names the delivery among those of its webhook")
    event_id: str = Field(description="As `webhook-id` says it", examples=["evt_1041_9f3c2a7be1d04c55"])
    type: str = Field(examples=["interview.ended"])
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_at: datetime | None = Field(description="Not before then is it tried (again)")
    last_at: datetime | None
    last_status: int | None = Field(description="The receiver's HTTP status; null where it did not answer")
    last_error: str | None

    @classmethod
    def of(cls, delivery: Delivery) -> "DeliveryView":
        return cls.model_validate(delivery, from_attributes=True)


class Deliveries(BaseModel):
    items: list[DeliveryView] = Field(description="Newest first")
    next: str | None = Field(description="`before` of the page after this; null: there is none")


class Ping(BaseModel):
    """What came of a trial."""

    delivered: bool
    status: int | None = Field(description="The receiver's HTTP status; null where it did not answer")
    error: str | None


def _as_text(value: object) -> object:
    """A number is no moment, though pydantic would take it for one."""
    if not isinstance(value, str) or "T" not in value.upper():
        raise ValueError("write it with a time zone, like 2026-03-31T00:00:00Z")
    return value


class Since(Body):
    since: Annotated[AwareDatetime, BeforeValidator(_as_text)] = Field(
        description="Everything since then is sent (again), also of before the webhook was made",
        examples=["2026-03-31T00:00:00Z"],
    )


class Replayed(BaseModel):
    events: int


@router.post("", operation_id="createWebhook", summary="Have a system told what happens", status_code=201)
def create(
    body: NewWebhook, principal: Allowed, archive: access.TheArchive, now: access.Now, request: Request
) -> CreatedWebhook:
    """From now on. The secret is shown in this answer and never again."""
    _check(request, body.url)
    endpoint, secret = archive.webhooks.create(
        body.url, body.events, principal.actor, now, description=body.description
    )
    return CreatedWebhook(secret=secret, **Webhook.of(endpoint).model_dump())


@router.get("", operation_id="listWebhooks", summary="Who is told")
def list_all(_: Allowed, archive: access.TheArchive) -> Webhooks:
    return Webhooks(items=[Webhook.of(each) for each in archive.webhooks.list()])


@router.get("/{webhook_id}", operation_id="getWebhook", summary="One webhook, and whether it works")
def get(webhook_id: str, _: Allowed, archive: access.TheArchive) -> Webhook:
    return Webhook.of(archive.webhooks.find(webhook_id))


@router.patch("/{webhook_id}", operation_id="changeWebhook", summary="Change it, disable or enable it")
def change(
    webhook_id: str,
    body: WebhookChange,
    principal: Allowed,
    archive: access.TheArchive,
    now: access.Now,
    request: Request,
) -> Webhook:
    if body.url is not None:
        _check(request, body.url)
    return Webhook.of(archive.webhooks.change(webhook_id, principal.actor, now, **body.model_dump()))


@router.delete("/{webhook_id}", operation_id="deleteWebhook", summary="Tell it nothing more", status_code=204)
def delete(webhook_id: str, principal: Allowed, archive: access.TheArchive, now: access.Now) -> None:
    archive.webhooks.delete(webhook_id, principal.actor, now)


@router.post("/{webhook_id}/secret", operation_id="rotateWebhookSecret", summary="A new secret")
def rotate_secret(webhook_id: str, principal: Allowed, archive: access.TheArchive, now: access.Now) -> Secret:
    """For a day the one before it signs too, so that the receiver can take up the new one meanwhile."""
    return Secret(secret=archive.webhooks.rotate_secret(webhook_id, principal.actor, now))


@router.post("/{webhook_id}/ping", operation_id="pingWebhook", summary="Try it now")
async def ping(webhook_id: str, _: Allowed, archive: access.TheArchive, now: access.Now, request: Request) -> Ping:
    """Sends the event `webhook.ping` once, also to a webhook that is disabled, and says what came of it."""
    endpoint = await asyncio.to_thread(archive.webhooks.find, webhook_id)
    secrets = await asyncio.to_thread(archive.webhooks.secrets, webhook_id, now)
    event = Event(f"evt_ping_{token_hex(8)}", PING, now, {"webhook_id": webhook_id})
    async with Courier(request.app.state.settings.webhook_networks) as courier:
        reply = await send(courier, endpoint.url, secrets, event, now)
    return Ping(delivered=reply.error is None, status=reply.status, error=reply.error)


@router.get("/{webhook_id}/deliveries", operation_id="listDeliveries", summary="What was sent, and what came of it")
def deliveries(
    webhook_id: str,
    _: Allowed,
    archive: access.TheArchive,
    request: Request,
    response: Response,
    state: DeliveryState | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[Sequence | None, Query(description="Only those of a lower sequence")] = None,
) -> Deliveries:
    found = archive.webhooks.deliveries(webhook_id, limit=limit + 1, before=before, state=state)
    following = str(found[limit - 1].sequence) if len(found) > limit else None
    if following:
        response.headers["Link"] = f'<{request.url.include_query_params(before=following)}>; rel="next"'
    return Deliveries(items=[DeliveryView.of(each) for each in found[:limit]], next=following)


@router.post("/{webhook_id}/replay", operation_id="replayWebhook", summary="Send all since a moment (again)")
def replay_since(
    webhook_id: str, body: Since, principal: Allowed, archive: access.TheArchive, now: access.Now
) -> Replayed:
    return Replayed(events=archive.webhooks.replay_since(webhook_id, body.since, principal.actor, now))


@router.post(
    "/{webhook_id}/deliveries/{sequence}/replay", operation_id="replayDelivery", summary="Send one event (again)"
)
def replay(
    webhook_id: str, sequence: Sequence, principal: Allowed, archive: access.TheArchive, now: access.Now
) -> DeliveryView:
    return DeliveryView.of(archive.webhooks.replay(webhook_id, sequence, principal.actor, now))


def _check(request: Request, url: str) -> None:
    check_url(url, request.app.state.settings.webhook_networks)
