"""Frames of ours. All are system frames: they keep their order and survive an interruption."""

from dataclasses import dataclass

from pipecat.frames.frames import SystemFrame

from models.dialog import Listen
from models.speech import Utterance
from telephony.answered_by import AnsweredBy


@dataclass
class UtteranceFrame(SystemFrame):
    """Downstream: the candidate's turn is over and this is what was said."""

    utterance: Utterance


@dataclass
class SilenceFrame(SystemFrame):
    """Downstream: the candidate said nothing for as long as the question allowed."""

    at_ms: int


@dataclass
class PlayedFrame(SystemFrame):
    """Downstream: the carrier has played everything up to this mark, or thrown it away on our order."""

    mark: str
    at_ms: int


@dataclass
class InterruptionDecidedFrame(SystemFrame):
    """Downstream, after an InterruptionFrame: whether it was meant, or the interviewer goes on where it stopped."""

    go_on: bool
    words: Utterance | None = None
    """What was said by somebody who did not mean to interrupt."""


@dataclass
class HeldFrame(SystemFrame):
    """Downstream: the candidate has put the call on hold, or has come back to it."""

    held: bool


@dataclass
class LineLostFrame(SystemFrame):
    """Downstream: the candidate hung up or the media went away."""

    at_ms: int
    last_words: Utterance | None = None


@dataclass
class AnsweredFrame(SystemFrame):
    """Downstream: who picked up, as the carrier says or as it was heard."""

    who: AnsweredBy
    at_ms: int


@dataclass
class MachineSpokeFrame(SystemFrame):
    """Downstream: said by a machine in the candidate's place, and no reply to anything."""

    utterance: Utterance
    who: AnsweredBy


@dataclass
class LastWordsFrame(SystemFrame):
    """Upstream before we hang up, and back downstream once what is being said has become an UtteranceFrame."""


@dataclass
class ListenFrame(SystemFrame):
    """Upstream: take the candidate's next turn as an answer of this kind."""

    listen: Listen
    hot_words: tuple[str, ...] = ()
    """Names that it may hold, the most likely first."""


@dataclass
class LanguageFrame(SystemFrame):
    """Upstream: from here on the candidate speaks `language`."""

    language: str


@dataclass
class FloorFrame(SystemFrame):
    """Upstream: whether the interviewer is being heard now, and may be talked over."""

    interviewer_speaks: bool
    barge_in: bool = True
