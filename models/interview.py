"""A finished interview, the rubric it is measured by, and the scorecard with its evidence."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from models.call import Candidate, Disposition
from models.dialog import Answer, CallBack, KnockOut
from models.speech import Speaker, TranscriptLine, Utterance


@dataclass(frozen=True, slots=True)
class FlowRef:
    """Exactly which questions were asked: a flow never changes under the same digest."""

    id: str
    version: int
    digest: str
    """SHA-256 of the flow's canonical content, hexadecimal."""


@dataclass(frozen=True, slots=True)
class Criterion:
    id: str
    name: str
    points: tuple[str, ...]
    """What earns credit, one statement each, such as "names the trade-off that was made"."""
    weight: float
    must_have: bool = False


@dataclass(frozen=True, slots=True)
class RubricQuestion:
    question_id: str
    question: str
    criteria: tuple[Criterion, ...]
    skills: tuple[str, ...] = ()
    """Skills that a good answer shows; matched by meaning as well as by name."""


@dataclass(frozen=True, slots=True)
class Rubric:
    questions: tuple[RubricQuestion, ...]
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Interview:
    """What scoring reads: the answers and the rubric, and nothing about the person or the voice."""

    id: str
    rubric: Rubric
    answers: tuple[Answer, ...]
    held_on: date | None = None
    """The day of the call, which makes years of "since 2019"."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """The candidate's own words, verbatim, with their place in the recording."""

    quote: str
    """A verbatim substring of what the candidate said."""
    start_ms: int
    end_ms: int
    point: str
    """The rubric point that the quote supports."""
    strength: float
    """0 to 1: how surely the quote means the point."""
    attempt_id: str | None = None
    """The call whose recording the times belong to; None: `InterviewRecord.recording`."""


@dataclass(frozen=True, slots=True)
class Score:
    question_id: str
    criterion_id: str
    criterion: str
    weight: float
    value: float | None
    """1.0 to 5.0 in steps of 0.1, or None: not assessed, because there is no evidence to judge by. Never 0."""
    evidence: tuple[Evidence, ...] = ()
    must_have: bool = False

    @property
    def assessed(self) -> bool:
        return self.value is not None


class SkillKind(StrEnum):
    TOOL = "tool"
    SOFT = "soft"


class SkillLevel(StrEnum):
    """How well the candidate says they can do it."""

    BASIC = "basic"
    GOOD = "good"
    EXPERT = "expert"


@dataclass(frozen=True, slots=True)
class SkillTag:
    name: str
    """The canonical name: "Kubernetes" whichever way it was said."""
    kind: SkillKind
    quote: str
    question_id: str
    start_ms: int
    end_ms: int
    years: float | None = None
    """Years of experience when the candidate said so."""
    level: SkillLevel | None = None
    """How well, when the candidate said so."""
    attempt_id: str | None = None
    """As of Evidence."""


@dataclass(frozen=True, slots=True)
class Told:
    """Something that the candidate told of their work."""

    text: str
    """What was told: "a payment service", "shift leader", the number of people in digits, for a result the clause."""
    quote: str
    """The clause it was told in, verbatim."""
    start_ms: int
    end_ms: int
    attempt_id: str | None = None
    """As of Evidence."""


@dataclass(frozen=True, slots=True)
class Experience:
    """A piece of work that the candidate told of in one answer; what they did not say is None."""

    question_id: str
    project: Told | None = None
    role: Told | None = None
    team_size: Told | None = None
    result: Told | None = None


@dataclass(frozen=True, slots=True)
class Scorecard:
    """What the machine found. People decide: no score rejects anybody by itself."""

    scores: tuple[Score, ...]
    """One for each criterion of each question of the rubric, in the rubric's order."""
    overall: float | None
    """Weighted mean of the assessed criteria, 1.0 to 5.0; None when none was assessed."""
    assessed_weight: float
    """Share of the rubric's weight that could be assessed, 0 to 1."""
    skills: tuple[SkillTag, ...]
    scorer: str
    """Name and version of the scorer and its embedder: the same name and input give the same scores."""
    experience: tuple[Experience, ...] = ()
    """Projects and roles, in the order they were told of."""


def overall(marks: Iterable[tuple[float, float | None]]) -> float | None:
    """Weighted mean, to one decimal, of what was marked: `marks` are weights and marks. A weight of 0 counts for
    nothing; None when nothing counts.
    """
    assessed = [(weight, mark) for weight, mark in marks if mark is not None]
    total = math.fsum(weight for weight, _ in assessed)
    return round(math.fsum(weight * mark for weight, mark in assessed) / total, 1) if total > 0 else None


@dataclass(frozen=True, slots=True)
class PastScorecard:
    """A scorecard that was replaced: by another version of the scorer, another calibration or another embedder."""

    overall: float | None
    assessed_weight: float
    scorer: str
    filed_at: datetime | None
    """None: it was filed by a version that did not note it."""
    replaced_at: datetime
    scorecard: Scorecard | None
    """None once the candidate's words are past their retention."""


@dataclass(frozen=True, slots=True)
class RecordingFile:
    path: str
    """Relative to the archive's folder."""
    sha256: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """One dial of an interview and the call that came of it."""

    id: str
    dialled_at: datetime
    started_at: datetime | None
    """When the call's media connected; None: nobody picked up."""
    ended_at: datetime | None
    disposition: Disposition | None
    transcript: tuple[TranscriptLine, ...]
    recording: RecordingFile | None


@dataclass(frozen=True, slots=True)
class InterviewRecord:
    """One interview as the archive gives it back."""

    id: str
    candidate: Candidate
    flow: FlowRef
    flow_title: str
    language: str
    disposition: Disposition | None
    """None while the call is under way or has not been made."""
    started_at: datetime | None
    ended_at: datetime | None
    transcript: tuple[TranscriptLine, ...]
    answers: tuple[Answer, ...]
    questions_for_hr: tuple[Utterance, ...]
    """What the candidate wants to know, or that they want to speak with a person; the interviewer promised it."""
    scorecard: Scorecard | None
    recording: RecordingFile | None
    call_facts: dict[str, int | float | str]
    """Measured on the call: its length, malformed messages, lost audio…"""
    knock_outs: tuple[KnockOut, ...] = ()
    """Answers that the flow marks for HR to see first. They reject nobody."""
    passed_over: tuple[str, ...] = ()
    """Ids of the questions that the flow did not ask this candidate; they do not count against anybody."""
    call_back: CallBack | None = None
    """When the candidate wants to be called instead, where they said so."""
    past_scorecards: tuple[PastScorecard, ...] = ()
    """What stood in the scorecard's place before, oldest first."""
    attempts: tuple[AttemptRecord, ...] = ()
    """Every dial, oldest first. The fields above are those of the last that connected, or else of the last; answers are
    from all calls."""

    @property
    def calls(self) -> tuple[AttemptRecord, ...]:
        """The attempts that were talked in, or at least picked up; oldest first."""
        return tuple(attempt for attempt in self.attempts if attempt.started_at is not None)

    def call_number(self, attempt_id: str | None) -> int | None:
        """Which of several calls a time belongs to, from 1; None when there was only one."""
        ids = [call.id for call in self.calls]
        if len(ids) < 2:
            return None
        return ids.index(attempt_id) + 1 if attempt_id in ids else len(ids)

    def reply_ms(self, index: int) -> int | None:
        """How long the candidate waited, after their line of the transcript at `index`, for the interviewer's voice.

        None for the interviewer's own lines, and where nothing followed.
        """
        line, following = self.transcript[index], self.transcript[index + 1 : index + 2]
        if line.speaker is Speaker.INTERVIEWER or not following or following[0].speaker is Speaker.CANDIDATE:
            return None
        return following[0].start_ms - line.end_ms
