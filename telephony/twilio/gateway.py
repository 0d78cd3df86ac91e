"""Places calls through Twilio's REST API and follows them, by webhook and, where none arrives, by asking."""

import asyncio
import contextlib
import math
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

from loguru import logger
from requests import RequestException
from requests.exceptions import ConnectTimeout
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance
from twilio.twiml.voice_response import Connect, VoiceResponse
from urllib3.exceptions import MaxRetryError, NewConnectionError

from models.call import CallEnded, CallEvent, DialRequest, Disposition
from models.errors import CarrierBusy, CarrierUnreachable, OutcomeUnknown, TelephonyError
from telephony.twilio.account import TwilioAccount
from telephony.twilio.faults import explained
from telephony.twilio.progress import Progress
from telephony.twilio.webhooks import StatusReport

STATUS_PATH = "/twilio/status/"
"""Followed by the attempt's id."""
ANSWERED_BY_PATH = "/twilio/answered-by/"
"""Likewise."""
MEDIA_PATH = "/twilio/media"

STATUS_EVENTS = ["initiated", "ringing", "answered", "completed"]
REQUEST_TIMEOUT_S = 10
ASK_EVERY_S = 10
"""How often a call is asked after whose webhooks stay away."""
LOOK_FOR_S = (1, 2, 4, 8)
"""Pauses between looks for a call that may or may not have been placed: new calls are listed with a delay."""
CLOCK_SKEW = timedelta(seconds=30)
"""How far Twilio's clock may be from ours."""

T = TypeVar("T")


class TwilioGateway:
    name = "twilio"
    rings_people = True

    def __init__(self, account: TwilioAccount) -> None:
        self.account = account
        http = _HttpClient(account.api_url)
        self._client = Client(account.account_sid, account.auth_token, http_client=http)
        self._legs: dict[str, TwilioLeg] = {}

    async def dial(self, request: DialRequest) -> "TwilioLeg":
        """Place a call.

        Raises CarrierUnreachable or CarrierBusy when no call was placed and one may be later; NumberRefused or
        CarrierRefused when something must be mended first; OutcomeUnknown when a person has to look.
        """
        leg = TwilioLeg(request.attempt_id, self)
        self._legs[request.attempt_id] = leg  # before the request: the first webhook may overtake its answer
        try:
            call = await self._place(request)
            leg.call_sid = call.sid
            await self._not_queued_for_long(call, request)
        except BaseException:
            del self._legs[request.attempt_id]
            raise
        return leg

    def report(self, attempt_id: str, report: StatusReport) -> None:
        """Takes what a webhook said. Of a call that another process dialled, or that is over, nothing is kept."""
        if leg := self._legs.get(attempt_id):
            leg.advance(report.status, report.sip_code)

    async def ask(self, function: Callable[[Client], T]) -> T:
        """One request to Twilio, off the event loop. Raises TelephonyError."""
        try:
            return await asyncio.to_thread(function, self._client)
        except TwilioException as error:
            raise explained(error, (self.account.auth_token,)) from error
        except RequestException as error:
            raise CarrierUnreachable(f"Twilio cannot be reached ({type(error).__name__}): try again later") from error

    def forget(self, attempt_id: str) -> None:
        self._legs.pop(attempt_id, None)

    async def _place(self, request: DialRequest) -> CallInstance:
        asked_at = datetime.now(UTC)
        try:
            return await asyncio.to_thread(self._create, request)
        except TwilioRestException as error:
            if error.status < 500:
                raise explained(error, (request.to, self.account.auth_token)) from error
            logger.warning("Twilio answered a dial with {}; looking whether it placed the call", error.status)
        except TwilioException as error:
            raise explained(error, (request.to, self.account.auth_token)) from error
        except RequestException as error:
            if _never_sent(error):
                raise CarrierUnreachable(
                    f"Twilio cannot be reached ({type(error).__name__}): see whether this machine reaches the internet"
                ) from error
            logger.warning("Twilio did not answer a dial ({}); looking for the call", type(error).__name__)
        return await self._find(request, asked_at)

    def _create(self, request: DialRequest) -> CallInstance:
        account, attempt_id = self.account, request.attempt_id
        return self._client.calls.create(
            to=request.to,
            from_=account.caller_id,
            twiml=stream_twiml(account, request.stream_token),
            timeout=math.ceil(request.ring_ms / 1000),
            time_limit=math.ceil(request.longest_ms / 1000),
            status_callback=account.webhook_url(STATUS_PATH + attempt_id),
            status_callback_event=STATUS_EVENTS,
            status_callback_method="POST",
            machine_detection="DetectMessageEnd",
            async_amd="true",
            async_amd_status_callback=account.webhook_url(ANSWERED_BY_PATH + attempt_id),
            async_amd_status_callback_method="POST",
        )

    async def _find(self, request: DialRequest, asked_at: datetime) -> CallInstance:
        """The call that was placed although its answer got lost. Nobody else calls this number at the same time."""
        for pause_s in LOOK_FOR_S:
            await asyncio.sleep(pause_s)
            with contextlib.suppress(CarrierUnreachable):
                calls = await self.ask(
                    lambda client: client.calls.list(to=request.to, from_=self.account.caller_id, limit=20)
                )
                for call in calls:
                    if call.date_created is not None and call.date_created >= asked_at - CLOCK_SKEW:
                        return call
        raise OutcomeUnknown(
            f"Twilio did not say whether it placed the call of attempt {request.attempt_id}, and does not list it: see "
            "its call log in the console before anybody dials this number again"
        )

    async def _not_queued_for_long(self, call: CallInstance, request: DialRequest) -> None:
        """Twilio queues what exceeds the account's calls per second, up to a day: long enough to ring at night."""
        queued_ms = int(call.queue_time or 0)
        if request.ring_within_ms is not None and queued_ms > request.ring_within_ms:
            await self.ask(lambda client: client.calls(call.sid).update(status="canceled"))
            raise CarrierBusy(
                f"Twilio would have rung in {queued_ms / 1000:.0f} s, outside the hours in which this number may be "
                "called; the call was cancelled. Dial more slowly, or ask Twilio for more calls per second"
            )


class TwilioLeg:
    """One call. `events` ends when the call has, and not before."""

    def __init__(self, attempt_id: str, gateway: TwilioGateway) -> None:
        self.call_sid: str | None = None
        self._attempt_id = attempt_id
        self._gateway = gateway
        self._progress = Progress()
        self._news: asyncio.Queue[CallEvent] = asyncio.Queue()

    def advance(self, status: str, sip_code: int | None = None) -> None:
        for event in self._progress.advance(status, sip_code):
            self._news.put_nowait(event)

    async def events(self) -> AsyncIterator[CallEvent]:
        try:
            while True:
                try:
                    async with asyncio.timeout(ASK_EVERY_S):
                        event = await self._news.get()
                except TimeoutError:
                    await self._ask_after()
                    continue
                yield event
                if isinstance(event, CallEnded):
                    return
        finally:
            self._gateway.forget(self._attempt_id)

    async def hang_up(self) -> None:
        with contextlib.suppress(TelephonyError):  # its time limit ends it, and it may be over already
            await self._gateway.ask(lambda client: client.calls(self.call_sid).update(status="completed"))

    async def _ask_after(self) -> None:
        try:
            call = await self._gateway.ask(lambda client: client.calls(self.call_sid).fetch())
        except CarrierUnreachable as error:
            logger.warning("a call cannot be followed for now: {}", error)
        except TelephonyError as error:
            logger.error("a call cannot be followed any more: {}", error)
            self._news.put_nowait(CallEnded(Disposition.FAILED))
        else:
            self.advance(str(call.status))


def stream_twiml(account: TwilioAccount, stream_token: str) -> str:
    """The document that connects a call's audio to us; when our side closes the stream, Twilio hangs up."""
    connect = Connect()
    connect.stream(url=account.stream_url(MEDIA_PATH)).parameter(name="token", value=stream_token)
    response = VoiceResponse()
    response.append(connect)
    return str(response)


def _never_sent(error: RequestException) -> bool:
    """Whether the connection was never made, so that Twilio cannot have heard of the call."""
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(error, ConnectTimeout) or isinstance(reason, NewConnectionError)


class _HttpClient(TwilioHttpClient):
    """Talks to Twilio, or to whoever stands in for it at `api_url`."""

    def __init__(self, api_url: str | None) -> None:
        super().__init__(timeout=REQUEST_TIMEOUT_S)
        self._api = urlsplit(api_url) if api_url else None

    def request(self, method: str, url: str, *args: object, **kwargs: object) -> Response:
        if self._api:
            url = urlunsplit(urlsplit(url)._replace(scheme=self._api.scheme, netloc=self._api.netloc))
        return super().request(method, url, *args, **kwargs)
