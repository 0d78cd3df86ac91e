"""What scoring has to say about an interview: while it is held, and when it is over."""

from collections.abc import Callable
from datetime import date

from dialog_flows.loader import parse_published
from dialog_flows.schema import Flow
from models.dialog import Answer, DialogState
from models.interview import Interview, InterviewRecord, Rubric, Scorecard
from scoring.calibration import Calibration
from scoring.embedder import Embedder
from scoring.report import scorecard
from scoring.rubric import unmet_criteria
from scoring.skills import canonical, skill_tags
from voicebot.archive.store import Archive


def assessor(flow: Flow, embedder: Embedder) -> Callable[[str, Answer], tuple[str, ...]]:
    """Gives the criteria without evidence yet, of a question's id and the answer so far, in the language it was given
    in. `flow` is filled."""
    questions = {
        (language, question.question_id): question
        for language in flow.languages
        for question in flow.in_language(language).rubric().questions
    }

    def assess(question_id: str, answer: Answer) -> tuple[str, ...]:
        language = answer.parts[-1].utterance.language
        question = questions.get((language, question_id)) or questions.get((flow.language, question_id))
        return unmet_criteria(question, answer, embedder) if question else ()

    return assess


def skill_namer(flow: Flow, embedder: Embedder) -> Callable[[str, Answer], tuple[str, ...]]:
    """Gives which of the skills that a question's follow-ups wait for an answer claims, under any of their names."""
    awaited: dict[str, tuple[str, ...]] = {}
    for language in flow.languages:
        for question in flow.in_language(language).questions:
            names = (name for follow_up in question.follow_ups for name in follow_up.when.skill_named or ())
            awaited[question.id] = (*awaited.get(question.id, ()), *names)

    def named(question_id: str, answer: Answer) -> tuple[str, ...]:
        if not (wanted := awaited.get(question_id)):
            return ()
        claimed = {tag.name for tag in skill_tags((answer,), embedder)}
        return tuple(name for name in dict.fromkeys(wanted) if canonical(name) in claimed)

    return named


def measured_by(archive: Archive, record: InterviewRecord) -> Rubric:
    """The rubric that the interview's scorecard rests on, with this candidate's questions. Errors: NotInArchive."""
    flow = parse_published(archive.flows.text(record.flow.digest)).fill(archive.variables(record.id))
    spoken = record.answers[-1].parts[-1].utterance.language if record.answers and record.answers[-1].parts else None
    return flow.in_language(spoken if spoken in flow.languages else None).rubric(leaving_out=record.passed_over)


def assessed(
    interview_id: str,
    flow: Flow,
    state: DialogState,
    embedder: Embedder,
    taught: Calibration | None = None,
    held_on: date | None = None,
) -> Scorecard:
    """The scorecard, by the rubric in the language that was spoken in the end."""
    rubric = flow.in_language(state.language).rubric(leaving_out=state.passed_over)
    return scorecard(Interview(interview_id, rubric, state.answers, held_on), embedder, taught)
