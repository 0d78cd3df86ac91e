"""Every error that voicebot raises on purpose. The message is written to the person who must act.

    VoicebotError
    ├── UsageError              a wrong option, path or setting
    │   └── PortInUse
    ├── InvalidFile             a file that a person wrote, with every problem's line and mend
    │   ├── InvalidFlow
    │   └── InvalidPersona
    ├── ModelError
    │   ├── ModelMissing
    │   └── ModelCorrupt
    ├── RecognitionFailed       the recogniser could not transcribe an utterance
    ├── SynthesisFailed         the voice could not speak a line
    ├── TelephonyError
    │   ├── MalformedMessage    one message on a media stream that makes no sense; the stream goes on
    │   ├── TokenRefused        a media stream without a valid, unused token
    │   ├── NoFreeSlot          this process holds as many calls as it may
    │   ├── NumberRefused       this number cannot be called
    │   ├── CarrierRefused      our account with the carrier is not set up for this call
    │   ├── OutcomeUnknown      nobody knows whether the carrier placed the call
    │   └── CarrierUnreachable
    │       └── CarrierBusy     it takes no call now
    ├── ArchiveError
    │   ├── NotInArchive
    │   ├── FlowChanged         a published version of a flow cannot get other content
    │   ├── NotToBeDialled      this interview, or this number, is not to be dialled now
    │   │   ├── OptedOut        somebody who asked never to be called again
    │   │   ├── NoConsent       nobody at this number is on file as having agreed to be called
    │   │   ├── InterviewOver   it has come to its end
    │   │   ├── CallUnderWay    it is being held, or dialled
    │   │   └── CalledTooOften  the number has been rung as often as it may for now
    │   ├── OnHold              a legal hold forbids the erasure
    │   ├── JobClosed           nobody is interviewed for it any more
    │   ├── ChangedMeanwhile    somebody else was faster; look again
    │   ├── AskedBefore         the same request was sent before, and its answer cannot be given
    │   ├── EnoughWebhooks      as many as there may be
    │   ├── EnoughWishes        as many of one candidate wait as may
    │   ├── ArchiveLocked       the archive's key is missing or is another one
    │   ├── ArchiveAltered      something in the archive is not as it was filed
    │   └── ArchiveUnavailable
    └── AccessError
        ├── SignInRefused       nobody knows who is asking
        ├── NotAllowed          who is asking may not do this
        ├── TooManyAttempts     too often, too fast
        └── LinkRefused         a link that we did not give out
            └── LinkExpired     one that we did, long ago

A library's own exception never leaves its adapter: it is raised as one of these, `from` the original.
"""

from dataclasses import dataclass
from typing import ClassVar


class VoicebotError(Exception):
    """Base of the tree; str(error) is one clear line that says what to do next."""

    retryable: ClassVar[bool] = False
    """True when the same call may succeed later without anybody mending anything."""


class UsageError(VoicebotError):
    """What was asked for cannot be done as asked."""


class PortInUse(UsageError):
    """Another process listens where the gateway should."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend in a file that a person wrote."""

    file: str
    line: int
    """1-based; 0 when the whole file is meant."""
    column: int
    message: str
    """What is wrong and how to mend it."""
    severity: str = "error"
    """`error` or `warning`."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}"


class InvalidFile(VoicebotError):
    """A file that a person wrote has problems; the message lists all that must be mended."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """`problems` may have warnings among them; the message leaves those out."""
        super().__init__("\n".join(str(problem) for problem in problems if problem.severity == "error"))
        self.problems = problems


class InvalidFlow(InvalidFile):
    """The flow cannot be run until its problems are mended."""


class InvalidPersona(InvalidFile):
    """The simulated candidate cannot be used until its problems are mended."""


class ModelError(VoicebotError):
    """A model's weights cannot be used."""


class ModelMissing(ModelError):
    """The weights are nowhere on this machine."""


class ModelCorrupt(ModelError):
    """The weights on this machine are not the ones that were published."""


class RecognitionFailed(VoicebotError):
    """The recogniser could not transcribe an utterance."""

    retryable = True


class SynthesisFailed(VoicebotError):
    """The voice could not speak a line."""

    retryable = True


class TelephonyError(VoicebotError):
    """A carrier or a media stream misbehaved."""


class MalformedMessage(TelephonyError):
    """One message on a media stream makes no sense; it is dropped and counted, the stream goes on."""


class TokenRefused(TelephonyError):
    """A media stream came without a valid, unused token."""


class NoFreeSlot(TelephonyError):
    """This process holds as many calls as it may, or takes none any more."""

    retryable = True


class CarrierUnreachable(TelephonyError):
    """The carrier did not take the call."""

    retryable = True


class CarrierBusy(CarrierUnreachable):
    """The carrier, or the account with it, takes no further call now."""


class CarrierRefused(TelephonyError):
    """The carrier places no such call for this account until somebody mends what the message names."""


class NumberRefused(TelephonyError):
    """The number is none, or one that cannot be called."""


class OutcomeUnknown(TelephonyError):
    """The carrier gave no answer, and it cannot be found out whether it placed the call: a person has to look."""


class ArchiveError(VoicebotError):
    """The archive could not do what was asked."""


class NotInArchive(ArchiveError):
    """No such interview, person or other thing."""


class FlowChanged(ArchiveError):
    """This version of the flow was published with other content."""


class NotToBeDialled(ArchiveError):
    """This interview, or this number, is not to be dialled now."""


class OptedOut(NotToBeDialled):
    """The candidate, or whoever has this number, asked never to be called again."""


class NoConsent(NotToBeDialled):
    """Nobody at this number is on file as having agreed to be called, or they have taken it back."""


class InterviewOver(NotToBeDialled):
    """The interview has come to its end: there is nothing left to call about."""


class CallUnderWay(NotToBeDialled):
    """The interview is being held, or dialled, at this moment."""

    retryable = True


class CalledTooOften(NotToBeDialled):
    """The number has been rung as often as it may for now."""

    retryable = True


class OnHold(ArchiveError):
    """A legal hold forbids the erasure."""


class JobClosed(ArchiveError):
    """Nobody is interviewed for this job any more."""


class ChangedMeanwhile(ArchiveError):
    """What was to be changed is not any more as it was seen."""


class AskedBefore(ArchiveError):
    """The same request was sent before, and its answer cannot be given now."""


class EnoughWebhooks(ArchiveError):
    """There are as many as there may be."""


class EnoughWishes(ArchiveError):
    """As much of what this candidate asked for waits as may."""


class ArchiveLocked(ArchiveError):
    """The key that opens the archive is missing, or is another one."""


class ArchiveAltered(ArchiveError):
    """Something in the archive is not as it was filed."""


class ArchiveUnavailable(ArchiveError):
    """The archive's database or folder cannot be read or written."""

    retryable = True


class AccessError(VoicebotError):
    """Whoever asks does not get what they ask for."""


class SignInRefused(AccessError):
    """Who is asking has not proven who they are, or no longer."""


class NotAllowed(AccessError):
    """Who is asking is known, and may not do this."""


class TooManyAttempts(AccessError):
    """Too many requests, or wrong passwords; it goes on after `retry_after_s`."""

    retryable = True

    def __init__(self, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class LinkRefused(AccessError):
    """This link was not given out by us, or it has been altered."""


class LinkExpired(LinkRefused):
    """This link's time is over, or what it led to is no longer there."""
