from collections.abc import Callable

import pytest

from models.dialog import Answer, AnswerPart, AnswerStatus
from models.interview import Criterion, RubricQuestion
from models.speech import Utterance
from scoring.embedder import CharacterNgrams


@pytest.fixture(scope="session")
def embedder() -> CharacterNgrams:
    return CharacterNgrams()


@pytest.fixture
def question() -> RubricQuestion:
    return RubricQuestion(
        question_id="incident",
        question="Tell me about a production incident that you helped to solve.",
        criteria=(
            Criterion("diagnosis", "Diagnosis", ("says how the root cause was found",), weight=2.0, must_have=True),
            Criterion("outcome", "Outcome", ("gives the result with a number",), weight=1.0),
        ),
        skills=("Kubernetes",),
    )


@pytest.fixture
def answer() -> Callable[..., Answer]:
    def build(
        *texts: str, question_id: str = "incident", status: AnswerStatus = AnswerStatus.ANSWERED, language: str = "en"
    ) -> Answer:
        parts = tuple(
            AnswerPart(
                Utterance(text, 10_000 * index, 10_000 * index + 9_000, language=language),
                follow_up=None if index == 0 else f"more_{index}",
            )
            for index, text in enumerate(texts)
        )
        return Answer(question_id, "Tell me about a production incident.", parts, status)

    return build
