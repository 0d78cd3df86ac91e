"""An interview by text: the real engine and the real scorer, without audio and without a telephone.

What the ear and the line add to a call is left out: every word is understood as written, and nobody speaks at the same
time as somebody else. Times are what it would take to say the words; it is ten o'clock in the morning.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from dialog_flows.engine import CANDIDATE_QUESTIONS, step
from dialog_flows.filing import file_answer
from dialog_flows.schema import Flow
from models.call import Disposition
from models.dialog import (
    Answer,
    AnswerStatus,
    CallBack,
    CallStarted,
    CandidateSilent,
    CandidateSpoke,
    DialogEvent,
    DialogState,
    HangUp,
    KnockOut,
    LineHeard,
    LineLost,
    Listen,
    Say,
    TimeUp,
)
from models.interview import Scorecard
from models.speech import Speaker, TranscriptLine, Utterance
from scoring.calibration import Calibration
from scoring.embedder import Embedder
from voicebot.assessment import assessed, assessor, skill_namer
from voicebot.faq import faq_namer
from voicebot.rehearsal.persona import Persona, Reply, variables
from voicebot.rehearsal.script import Script, in_every_language, lines_to_answer
from voicebot.settings import Settings

WORD_MS, HAN_MS = 400, 250
"""How long a word of English, or a character of Chinese, takes to say: 150 words or 240 characters a minute."""
MOST_TIMES_ASKED = 25
"""Even a flow that says a line again ten times on request and ten times at a silence stays below this."""

Respond = Callable[[str], Reply | None]
"""What the candidate says to a line, named by its key (see script.lines_to_answer); None: nothing."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What came of one interview by text."""

    persona: str
    name: str
    language: str
    """The flow's; the candidate may have switched to another."""
    disposition: Disposition | None
    """None when it had to be stopped."""
    stopped: str | None
    """Why it had to be."""
    path: tuple[str, ...]
    """The keys of the lines that the candidate was asked to answer, in order."""
    duration_ms: int
    """About how long it would take on the telephone."""
    recording_permitted: bool | None
    """None: it was never answered."""
    transcript: tuple[TranscriptLine, ...]
    answers: tuple[Answer, ...]
    questions_for_hr: tuple[Utterance, ...]
    call_back: CallBack | None
    passed_over: tuple[str, ...]
    """Questions that the flow did not ask, for an answer or a match score."""
    knock_outs: tuple[KnockOut, ...]
    scorecard: Scorecard | None
    """None when nothing was answered."""

    def call_number(self, attempt_id: str | None) -> int | None:
        """None: a rehearsal is one call."""
        return None


OnLine = Callable[[TranscriptLine], None]
"""Is told each line when it has been said."""


def rehearse(
    flow: Flow,
    persona: Persona,
    settings: Settings,
    embedder: Embedder,
    on_line: OnLine = lambda line: None,
    respond: Respond | None = None,
    taught: Calibration | None = None,
) -> Rehearsal:
    """Interview a persona, or under its name whoever responds. The same arguments give the same rehearsal.

    Raises InvalidFlow when a variable of the flow has no value.
    """
    filled = flow.fill(variables(persona, flow, settings))
    script = Script(in_every_language(persona, filled), lines_to_answer(filled))
    return _hold(filled, persona, respond or script.reply, embedder, on_line, taught)


def _hold(
    flow: Flow, persona: Persona, respond: Respond, embedder: Embedder, on_line: OnLine, taught: Calibration | None
) -> Rehearsal:
    call = _Call(flow, embedder, on_line)
    call.hear(CallStarted())
    while call.disposition is None and call.stopped is None:
        call.take_turn(respond)
    state = call.state
    return Rehearsal(
        persona=persona.id,
        name=persona.name,
        language=flow.language,
        disposition=call.disposition,
        stopped=call.stopped,
        path=tuple(call.path),
        duration_ms=call.clock_ms,
        recording_permitted=state.recording_permitted,
        transcript=tuple(call.transcript),
        answers=state.answers,
        questions_for_hr=state.questions_for_hr,
        call_back=state.call_back,
        passed_over=state.passed_over,
        knock_outs=state.knock_outs,
        scorecard=assessed(persona.id, flow, state, embedder, taught) if state.answers else None,
    )


class _Call:
    """One interview while it is held."""

    def __init__(self, flow: Flow, embedder: Embedder, on_line: OnLine) -> None:
        self._said_at = datetime.now().astimezone().replace(hour=10, minute=0, second=0, microsecond=0)
        self.state = DialogState(today=self._said_at.date())
        self.disposition: Disposition | None = None
        self.stopped: str | None = None
        self.clock_ms = 0
        self.path: list[str] = []
        self.transcript: list[TranscriptLine] = []
        self._flow = flow
        self._assess = assessor(flow, embedder)
        self._name_skills = skill_namer(flow, embedder)
        self._name_faq = faq_namer(flow, embedder)
        self._on_line = on_line
        self._keys = frozenset(lines_to_answer(flow))
        self._asked = Counter[str]()
        self._silence_ms = flow.policies.silence_ms

    def hear(self, event: DialogEvent) -> None:
        """One event, and everything that follows until the candidate is listened to, or the call is over."""
        events = deque([event])
        while events:
            event = events.popleft()
            position, result = self.state.position, step(self._flow, self.state, event)
            self.state = result.state
            words = _words_of(event)
            if words is not None:
                self._said(Speaker.CANDIDATE, words.text, words.start_ms, words.end_ms, position, result.meaning)
            if isinstance(event, LineLost):
                self.disposition = self.state.outcome or Disposition.DROPPED
            for action in result.actions:
                match action:
                    case Say(line_id=line_id, text=text):
                        began_ms = self._speak(text)
                        self._said(Speaker.INTERVIEWER, text, began_ms, self.clock_ms, self.state.position)
                        events.append(LineHeard(line_id, self.clock_ms))
                    case Listen(silence_ms=silence_ms):
                        self._silence_ms = silence_ms
                    case HangUp(disposition=disposition):
                        self.disposition = disposition

    def take_turn(self, respond: Respond) -> None:
        key = self._key()
        if not self.path or self.path[-1] != key:
            self.path.append(key)
        self._asked[key] += 1
        if self._asked[key] > MOST_TIMES_ASKED:
            self.stopped = (
                f"stopped because `{key}` came up more than {MOST_TIMES_ASKED} times: see what leads back to it, or "
                "let the persona say something else in the end"
            )
        elif self.clock_ms >= self._flow.policies.max_call_minutes * 60_000:
            self.hear(TimeUp(self.clock_ms))
        else:
            self.hear(self._event(respond(key)))

    def _event(self, reply: Reply | None) -> DialogEvent:
        text = printable(reply.saying) if reply else ""
        if reply is not None and reply.hang_up_after_ms is not None:
            took_ms = max(self._takes_ms(text), 1)
            text = text[: len(text) * reply.hang_up_after_ms // took_ms]
            return LineLost(self.clock_ms, self._utterance(text) if text.strip() else None)
        if not text:
            self.clock_ms += self._silence_ms
            return CandidateSilent(self.clock_ms)
        utterance = self._utterance(text)
        faq = self._name_faq(text, utterance.language)
        unmet, skills = self._shown(utterance)
        return CandidateSpoke(utterance, unmet, skills, faq, self._said_at)

    def _utterance(self, text: str) -> Utterance:
        began_ms = self._speak(text)
        return Utterance(text, began_ms, self.clock_ms, language=self.state.language or self._flow.language)

    def _shown(self, utterance: Utterance) -> tuple[tuple[str, ...], tuple[str, ...]]:
        asked = next((question for question in self._flow.questions if question.id == self.state.position), None)
        if asked is None:
            return (), ()
        so_far = file_answer(self.state, asked, utterance, AnswerStatus.ANSWERED).answers[-1]
        return self._assess(asked.id, so_far), self._name_skills(asked.id, so_far)

    def _key(self) -> str:
        """What the state's line is called where personas answer it."""
        position, follow_up = self.state.position or "", self.state.follow_up or ""
        named = (f"{position}.{follow_up}", follow_up if position == CANDIDATE_QUESTIONS else "")
        key = next((name for name in named if name in self._keys), position)
        language = self.state.language
        return f"{language}.{key}" if language not in (None, self._flow.language) else key

    def _speak(self, text: str) -> int:
        """Lets the time pass that `text` takes. Returns when it began."""
        began_ms = self.clock_ms
        self.clock_ms += self._takes_ms(text)
        return began_ms

    def _takes_ms(self, text: str) -> int:
        han = sum("\u3400" <= character <= "\u9fff" for character in text)
        words = sum(any(character.isalnum() and character < "\u3400" for character in word) for word in text.split())
        return han * HAN_MS + words * WORD_MS

    def _said(
        self,
        speaker: Speaker,
        text: str,
        start_ms: int,
        end_ms: int,
        position: str | None,
        meaning: str | None = None,
    ) -> None:
        line = TranscriptLine(speaker, text, start_ms, end_ms, position, meaning)
        self.transcript.append(line)
        self._on_line(line)


def _words_of(event: DialogEvent) -> Utterance | None:
    match event:
        case CandidateSpoke(utterance=words) | LineLost(last_words=words):
            return words
    return None


def printable(text: str) -> str:
    """`text` on one line, without what no recogniser writes: control characters and halves of characters."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
