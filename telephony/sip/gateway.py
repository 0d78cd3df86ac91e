"""Places calls through a trunk or a PBX, and follows them, on baresip-python."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

from baresip.call import Call, DigitEvent
from baresip.config import Account, Config
from baresip.errors import (
    BaresipError,
    NoLocalAddressError,
    RegistrationError,
    RuntimeDead,
    StaleHandleError,
)
from baresip.events import Event, StackEvent
from baresip.runtime import Runtime
from baresip.ua import UserAgent

from models.audio import FRAME_MS
from models.call import CallAnswered, CallEnded, CallEvent, CallRinging, DialRequest, Disposition
from models.errors import CarrierRefused, CarrierUnreachable, TelephonyError, UsageError
from telephony.sip.audio import SipAudio
from telephony.sip.outcome import NOT_ALLOWED, outcome, unreachable
from telephony.sip.trunk import SipTrunk

NO_MEDIA_S = 20
"""A peer that sends no RTP for so long has vanished: the call is over. Even silence is packets."""
AUDIO_WITHIN_S = 2
"""Of the answer, or there is none that both sides know."""


class SipGateway:
    """One a process, since the stack is."""

    name = "sip"
    rings_people = True

    def __init__(self, trunk: SipTrunk) -> None:
        self.trunk = trunk
        self._starting = asyncio.Lock()
        self._runtime: Runtime | None = None
        self._agent: UserAgent | None = None
        self._legs: dict[int, SipLeg] = {}
        """By the stack's handle for the call."""
        self._dialling = 0
        self._early: list[StackEvent] = []
        """What the stack reported of calls before it had told us their handles."""

    async def dial(self, request: DialRequest) -> "SipLeg":
        """Place a call. Raises CarrierUnreachable or CarrierRefused when none was; how it went on, its events tell."""
        agent = await self.start()
        headers = {"X-Interview-Attempt": request.attempt_id}
        self._dialling += 1
        try:
            call = await agent.dial(f"sip:{request.to}@{self.trunk.domain};transport={self.trunk.transport}", headers)
        except NoLocalAddressError as error:
            raise CarrierUnreachable(
                f"no network leads to {self.trunk.domain}: name the one to use in VOICEBOT_SIP_INTERFACE"
            ) from error
        except (BaresipError, ValueError) as error:
            raise CarrierUnreachable(f"the SIP stack cannot dial: {error}") from error
        else:
            leg = self._legs[call.handle] = SipLeg(call, request, forget=lambda: self._legs.pop(call.handle, None))
            for event in self._early:
                if event.call == call.handle:
                    leg.report(event)
            return leg
        finally:
            self._dialling -= 1
            if not self._dialling:
                self._early.clear()

    def _report(self, event: StackEvent) -> None:
        if leg := self._legs.get(event.call):
            leg.report(event)
        elif self._dialling:
            self._early.append(event)

    async def close(self) -> None:
        if self._runtime is not None:
            runtime, self._runtime, self._agent = self._runtime, None, None
            await runtime.close()

    async def start(self) -> UserAgent:
        """Start the stack, and register where that is wanted, unless it has been done. Raises as `dial`."""
        async with self._starting:
            if self._agent is None:
                self._agent = await self._start()
            return self._agent

    async def _start(self) -> UserAgent:
        trunk = self.trunk
        runtime = Runtime()
        try:
            await runtime.start(_config(trunk))
        except (BaresipError, RuntimeDead, ValueError) as error:
            raise CarrierUnreachable(f"the SIP stack does not start: {error}; restart this process") from error
        self._runtime = runtime
        runtime.subscribe(self._report)
        try:
            agent = await UserAgent.create(runtime, _account(trunk))
            if trunk.register:
                await agent.register()
        except RegistrationError as error:
            await self.close()
            if error.status in NOT_ALLOWED:
                raise CarrierRefused(
                    f"{trunk.domain} does not accept {trunk.user} ({error.status}): compare VOICEBOT_SIP_USER and "
                    "VOICEBOT_SIP_PASSWORD with what it has"
                ) from error
            if error.status is None:
                raise unreachable(error.reason) from error
            raise CarrierUnreachable(
                f"{trunk.domain} does not register {trunk.user} ({error.status} {error.reason})"
            ) from error
        except (BaresipError, ValueError) as error:
            await self.close()
            raise CarrierUnreachable(f"the SIP account cannot be used: {error}") from error
        return agent


class SipLeg:
    """One call."""

    def __init__(self, call: Call, request: DialRequest, forget: Callable[[], object]) -> None:
        """`forget` is called when nobody follows the call any more."""
        self.audio = SipAudio(call.audio)
        self.keys: asyncio.Queue[str] = asyncio.Queue()
        """Keys that the candidate presses (RFC 4733)."""
        self._call = call
        self._forget = forget
        self._news: asyncio.Queue[CallEvent | TelephonyError] = asyncio.Queue()
        self._ringing = False
        self._picked_up = False
        self._answered = False
        """Picked up, with audio in it."""
        self._given_up = False
        self._ending: asyncio.Future[None] | None = None
        call.on_dtmf(self._pressed)
        self._fault: TelephonyError | None = None
        """Why we gave the call up."""
        self._loop = asyncio.get_running_loop()
        self._longest_s = request.longest_ms / 1000
        self._timers = [self._loop.call_later(request.ring_ms / 1000, self._not_answered)]

    async def events(self) -> AsyncIterator[CallEvent]:
        """Raises CarrierUnreachable, CarrierRefused or NumberRefused when the trunk did not take the call."""
        try:
            while True:
                event = await self._news.get()
                if isinstance(event, TelephonyError):
                    raise event
                yield event
                if isinstance(event, CallEnded):
                    return
        finally:
            for timer in self._timers:
                timer.cancel()
            self._forget()

    @property
    def held(self) -> bool:
        """The candidate has put us on hold: nothing is heard, and the call goes on."""
        return self._call.remote_on_hold

    async def press(self, keys: str) -> None:
        """Press keys (RFC 4733), a fifth of a second each: an extension behind the number. Raises UsageError."""
        try:
            await self._call.send_dtmf(keys)
        except ValueError as error:
            raise UsageError(f"{keys!r} cannot be pressed: a telephone has 0 to 9, A to D, * and #") from error
        except (BaresipError, RuntimeDead) as error:
            raise CarrierUnreachable(f"the keys could not be sent, for the call is not there: {error}") from error

    async def hang_up(self) -> None:
        with contextlib.suppress(StaleHandleError, RuntimeDead):
            await self._call.hangup()

    def _not_answered(self) -> None:
        if not self._picked_up:
            self._given_up = True
            self._end()

    def _end(self) -> None:
        self._ending = asyncio.ensure_future(self.hang_up())  # kept, or it may be thrown away before it has run

    def _pressed(self, pressed: DigitEvent) -> None:
        self.keys.put_nowait(pressed.digit)

    def report(self, event: StackEvent) -> None:
        """Takes what the stack says of this call."""
        match event.event:
            case Event.CALL_RINGING | Event.CALL_PROGRESS if not (self._ringing or self._answered):
                self._ringing = True
                self._news.put_nowait(CallRinging())
            case Event.CALL_ESTABLISHED if not self._picked_up:
                self._picked_up = True
                self._timers.append(self._loop.call_later(self._longest_s, self._end))
                self._take_answer(self._loop.time() + AUDIO_WITHIN_S)
            case Event.CALL_CLOSED:
                self.audio.over = True
                self._news.put_nowait(self._ended(event.text or ""))

    def _take_answer(self, until_s: float) -> None:
        """A call is answered once there is audio in it."""
        if self.audio.flows:
            if not self._ringing:
                self._news.put_nowait(CallRinging())
            self._answered = True
            self._news.put_nowait(CallAnswered())
        elif self._loop.time() < until_s:
            self._timers.append(self._loop.call_later(FRAME_MS / 1000, self._take_answer, until_s))
        else:
            self._fault = CarrierUnreachable(
                "the call was answered without audio that we can use: see that the SIP server lets PCMU or PCMA "
                "through, and whether it wants encryption (VOICEBOT_SIP_SRTP)"
            )
            self._end()

    def _ended(self, text: str) -> CallEnded | TelephonyError:
        if self._answered:
            return CallEnded()
        if self._fault is not None:
            return self._fault
        if self._given_up:
            return CallEnded(Disposition.NO_ANSWER) if self._ringing else unreachable("it let nothing ring")
        return outcome(text)


def _config(trunk: SipTrunk) -> Config:
    lines = [f"rtp_ports {trunk.rtp_ports}", "sip_verify_server yes"]
    if trunk.listen:
        lines.append(f"sip_listen {trunk.listen}")
    lines.append(f"sip_cafile {trunk.ca_file}" if trunk.ca_file else "sip_capath /etc/ssl/certs")
    return Config(
        net_interface=trunk.interface,
        max_concurrent_calls=None,  # two by default; how many at once is not the stack's to decide
        rtp_timeout=NO_MEDIA_S,
        extra_config_text="\n".join(lines) + "\n",
    )


def _account(trunk: SipTrunk) -> Account:
    return Account(
        user=trunk.user,
        domain=trunk.domain,
        password=trunk.password,
        transport=trunk.transport,
        reg_interval=300 if trunk.register else 0,
        extra_params=("mediaenc=srtp-mand",) if trunk.srtp else (),
    )
