"""What an utterance can be, and the words that made it that."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    ANSWER = "answer"
    YES = "yes"
    NO = "no"
    REPEAT = "repeat"
    SLOWER = "slower"
    LOUDER = "louder"
    CLARIFY = "clarify"
    """Has heard the question and asks what it means."""
    QUESTION = "question"
    """Asks us about the job, the company or the call."""
    GOODBYE = "goodbye"
    OPT_OUT = "opt_out"
    """Never call again."""
    NOT_NOW = "not_now"
    WRONG_PERSON = "wrong_person"
    SKIP = "skip"
    """Does not know, or would rather not say."""
    THINKING = "thinking"
    """Nothing said yet, more to come."""
    WANTS_PERSON = "wants_person"
    """Does not want to talk to a machine."""
    SWITCH_TO_ENGLISH = "switch_to_en"
    SWITCH_TO_MANDARIN = "switch_to_zh"


@dataclass(frozen=True, slots=True)
class Meaning:
    kind: Kind
    phrase: str = ""
    """The words that decided; empty where nothing but an answer was heard."""
    about_caller: bool = False
    """Of a question: whether it asks who is calling, or whether that is a machine."""


ANSWER = Meaning(Kind.ANSWER)
