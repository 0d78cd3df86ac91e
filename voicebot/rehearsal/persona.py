"""Personas: simulated candidates written in YAML, and what they say to which of a flow's lines."""

import re
from collections.abc import Mapping
from difflib import SequenceMatcher
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from dialog_flows import loader, strict
from dialog_flows.schema import Flow
from dialog_flows.strict import FileKind, nearest
from models.errors import InvalidPersona, Problem, UsageError

LIKENESS = 0.6
"""Share of a line's words that must be heard, in order, before the candidate understands it."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(_Strict):
    """One thing to say, and perhaps to put the phone down at."""

    saying: str = ""
    hang_up_after_ms: Annotated[int, Field(ge=0, le=600_000)] | None = None
    """Counted from the moment of answering; what has not been said by then is cut off."""


def _reply(written: object) -> object:
    """A text stands for a reply."""
    if isinstance(written, str):
        return {"saying": written}
    if isinstance(written, (dict, Reply)):
        return written
    raise PydanticCustomError("string_type", "not text")  # such as Yes, which YAML takes for true


def _replies(written: object) -> object:
    """A single reply stands for a list of one."""
    return tuple(written) if isinstance(written, (list, tuple)) else (_reply(written),)


Replies = Annotated[tuple[Annotated[Reply, BeforeValidator(_reply)], ...], BeforeValidator(_replies)]
Voice = Literal["jm_kumo", "jf_alpha", "jf_gongitsune", "jf_nezumi", "jf_tebukuro"]
"""Kokoro's voices."""
LIBRARY = Path(__file__).parent / "library"
FIRST = {"en": "maya_chen", "zh": "chen_jing"}
"""Who is called when nobody is named, by language."""


class Persona(_Strict):
    id: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(min_length=1)]
    """Whom the interviewer asks for."""
    description: str = ""
    language: str = "en"
    voice: Voice = "jm_kumo"
    """Not the interviewer's own."""
    flow: str
    """The library flow, or the flow file, that the answers belong to."""
    answers: Mapping[str, Replies]
    """By the flow's step or question id, `question.follow_up` for a follow-up. A list is said one a time as the line is
    asked again; a step without an answer is met with silence."""

    def sentences(self) -> tuple[str, ...]:
        """Everything this persona can say aloud."""
        texts = (reply.saying for replies in self.answers.values() for reply in replies)
        return tuple(dict.fromkeys(text for text in texts if text))


KIND = FileKind("persona", Persona, InvalidPersona, "docs/rehearsal.md")


def load(path: Path) -> Persona:
    """The persona in a file. Raises UsageError when it cannot be read, InvalidPersona when it is wrong."""
    document = strict.document(strict.read(path, KIND), str(path), KIND)
    if problems := list(strict.problems(document, KIND)):
        raise strict.invalid(problems, KIND)
    return Persona.model_validate_json(strict.as_json(document.data), strict=True)


def find(name_or_path: str) -> Path:
    """The file of a persona: a path as it is, or the name of one of the library. Raises UsageError."""
    path = Path(name_or_path)
    if path.is_file():
        return path
    names = {persona.stem: persona for persona in sorted(LIBRARY.glob("*/*.yaml"))}
    if name_or_path in names:
        return names[name_or_path]
    raise UsageError(
        f"there is no persona file {name_or_path!r}, and no persona of that name in the library ({', '.join(names)})"
    )


def find_flow(persona: Persona, path: Path) -> Path:
    """The file of the flow that the persona in the file `path` prepared for: a path from there, a path from the current
    folder, or the name of a flow of the library. Raises UsageError."""
    beside = path.parent / persona.flow
    return beside if beside.is_file() else loader.find(persona.flow, persona.language)


def lines_to_answer(flow: Flow) -> dict[str, str]:
    """Every line of a filled flow that waits for an answer, by the key that a persona answers it under."""
    lines = {
        "consent": flow.consent.ask,
        "identity": flow.identity.ask,
        "good_time": flow.good_time.ask,
        "candidate_questions": flow.candidate_questions.ask,
        "anything_else": flow.lines.anything_else,
    }
    for question in flow.questions:
        lines[question.id] = question.ask
        for follow_up in question.follow_ups:
            lines[f"{question.id}.{follow_up.id}"] = follow_up.ask
    return lines


def check(persona: Persona, flow: Flow, path: str) -> None:
    """Raises InvalidPersona when the two speak different languages, or an answer belongs to no line of `flow`."""
    lines = tuple(lines_to_answer(flow))
    wrong = [
        f"`{key}` under `answers` is not a line of the flow {flow.id}; {nearest(key, lines)}"
        for key in persona.answers
        if key not in lines
    ]
    if persona.language != flow.language:
        wrong.append(f"the persona speaks {persona.language!r} and the flow {flow.language!r}; choose two that agree")
    if wrong:
        raise strict.invalid([Problem(path, 0, 0, message) for message in wrong], KIND)


class Script:
    """One persona in one call: finds the line that was heard, and what comes next in answer to it."""

    def __init__(self, persona: Persona, lines: Mapping[str, str]) -> None:
        """`lines`: what may be asked, by key."""
        self._answers = persona.answers
        self._lines = {key: _words(text) for key, text in lines.items()}
        self._asked: dict[str, int] = {}

    def reply_to(self, heard: str) -> Reply | None:
        """The answer to the line that `heard` ends with, or None: not understood, no question, or nothing to say."""
        words = _words(heard)
        likeness = {key: _likeness(line, words) for key, line in self._lines.items()}
        key = max(likeness, key=lambda key: (likeness[key], len(self._lines[key])), default=None)
        if key is None or likeness[key] < LIKENESS:
            return None
        times, self._asked[key] = self._asked.get(key, 0), self._asked.get(key, 0) + 1
        replies = self._answers.get(key)
        return replies[min(times, len(replies) - 1)] if replies else None


def _words(text: str) -> list[str]:
    """Words, or single characters of Chinese, without punctuation and case."""
    return re.findall(r"[a-z0-9]+|[\u4e00-\u9fff]", text.lower().replace("'", ""))


def _likeness(line: list[str], heard: list[str]) -> float:
    """Share of `line` found in order at the end of `heard`, where the question is: what came before it is not asked."""
    tail = heard[-(len(line) + 3) :]
    found = SequenceMatcher(None, line, tail, autojunk=False).get_matching_blocks()
    return sum(block.size for block in found) / len(line) if line else 0.0
