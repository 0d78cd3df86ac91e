"""Everything that is on file about one interview, as somebody who may see it reads it."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import Depends

from models.accounts import Scope
from models.archive import Override, Review
from models.desk import DeskLine
from models.errors import InvalidFlow, NotInArchive
from models.interview import AttemptRecord, InterviewRecord, Rubric, Score
from models.invitation import Wish
from models.speech import Speaker
from voicebot.assessment import measured_by
from voicebot.console.visit import Visit, may


@dataclass(frozen=True, slots=True)
class Sheet:
    visit: Visit
    line: DeskLine
    record: InterviewRecord
    review: Review
    job: str
    """Its title, else that of the flow."""
    wishes: tuple[Wish, ...]
    """What the candidate asked for that nobody has seen to."""
    rubric: Rubric
    """Empty where the flow on file can no longer be read."""

    def reread(self) -> "Sheet":
        """As it stands now. Errors: NotInArchive."""
        archive, id = self.visit.archive, self.record.id
        return replace(self, line=archive.desk.find(id), review=archive.reviews.of(id))

    def question(self, question_id: str) -> str:
        """As it was asked, else as the flow has it."""
        said = {answer.question_id: answer.question for answer in self.record.answers}
        written = {question.question_id: question.question for question in self.rubric.questions}
        return said.get(question_id) or written.get(question_id) or question_id

    def overrides(self, score: Score) -> tuple[Override, ...]:
        """Of this criterion, oldest first."""
        place = (score.question_id, score.criterion_id)
        return tuple(each for each in self.review.overrides if (each.question_id, each.criterion_id) == place)

    def stands(self, score: Score) -> float | None:
        """The last override, else the machine's."""
        overrides = self.overrides(score)
        return overrides[-1].value if overrides else score.value

    def spoken(self, quote: str, at_ms: int) -> "Place | None":
        """Where the candidate said this: a call, and the number of its line. The last call first."""
        for attempt in reversed(self.record.attempts):
            near = [
                (abs(line.start_ms - at_ms) if not line.start_ms <= at_ms <= line.end_ms else 0, n)
                for n, line in enumerate(attempt.transcript)
                if line.speaker is Speaker.CANDIDATE and (quote in line.text or line.start_ms <= at_ms < line.end_ms)
            ]
            if near:
                return Place(attempt, min(near)[1], at_ms)
        return None

    @property
    def calls(self) -> tuple[AttemptRecord, ...]:
        """Those in which something was said, the last first."""
        return tuple(attempt for attempt in reversed(self.record.attempts) if attempt.transcript)


@dataclass(frozen=True, slots=True)
class Place:
    """A moment of a call."""

    attempt: AttemptRecord
    line: int
    at_ms: int

    @property
    def anchor(self) -> str:
        return anchor(self.attempt, self.line)

    @property
    def address(self) -> str:
        """What follows the page's own address to lead here: the line, and where it can be played, the moment."""
        return f"#{self.anchor}" + (f"~{self.at_ms}" if self.attempt.recording else "")


def anchor(attempt: AttemptRecord, line: int) -> str:
    """The id of a transcript's line on the page."""
    return f"line-{attempt.id[:8]}-{line}"


def read(interview_id: str, visit: Annotated[Visit, Depends(may(Scope.INTERVIEWS_READ))]) -> Sheet:
    """Errors: NotInArchive, also when they may not see it."""
    archive = visit.archive
    line = archive.desk.find(interview_id)
    if not visit.principal.sees(line.interview.job_id) or line.interview.id != interview_id:
        raise NotInArchive(f"there is no interview {interview_id!r}")
    record = archive.interview(interview_id)
    job_id = line.interview.job_id
    job = archive.jobs.find(job_id).title if job_id else record.flow_title
    try:
        rubric = measured_by(archive, record)
    except InvalidFlow:  # of an older voicebot, in words that this one does not know
        rubric = Rubric(())
    wishes = archive.wishes.list(person_id=line.interview.person_id, waiting=True)
    return Sheet(visit, line, record, archive.reviews.of(interview_id), job, wishes, rubric)


Reading = Annotated[Sheet, Depends(read)]
