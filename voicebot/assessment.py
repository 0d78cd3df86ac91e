"""What scoring has to say about an interview: while it is held, and when it is over."""

from collections.abc import Callable
from datetime import date

from dialog_flows.schema import Flow
from models.dialog import Answer, DialogState
from models.interview import Interview, Scorecard
from scoring.calibration import Calibration
from scoring.embedder import Embedder
from scoring.report import scorecard
from scoring.rubric import unmet_criteria


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
