"""Personas: simulated candidates written in YAML."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from dialog_flows import loader, strict
from dialog_flows.schema import MATCH_SCORE, Flow, spoken_text
from dialog_flows.strict import FileKind
from models.errors import InvalidPersona, UsageError
from voicebot import filling
from voicebot.settings import Settings


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(_Strict):
    """One thing to say, and perhaps to put the phone down at."""

    saying: Annotated[str, AfterValidator(spoken_text)] = ""
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
LineKind = Literal["first_question", "yes_no", "number", "date", "choice", "short", "open", "follow_up", "any"]
"""What a line asks for; questions by `Expects`."""
LIBRARY = Path(__file__).parent / "library"
FIRST = {"en": "maya_chen", "zh": "chen_jing"}
"""Who is called when nobody is named, by language."""


class Persona(_Strict):
    """Somebody who answers a flow's lines. One that is for any flow must be `prepared` for the flow in question."""

    id: Annotated[str, Field(min_length=1)]
    name: Annotated[str, Field(min_length=1)]
    """Whom the interviewer asks for."""
    description: str = ""
    language: str = "en"
    voice: Voice = "jm_kumo"
    """Not the interviewer's own."""
    flow: str | None = None
    """The library flow, or the flow file, that the answers belong to; None: any flow."""
    match_score: Annotated[float, Field(ge=0, le=100)] | None = None
    """How well this person matches the job, for flows that ask deeper or skip questions by it; None: nobody knows."""
    answers: Mapping[str, Replies] = {}
    """By the flow's step or question id, `question.follow_up` for a follow-up. A list is said one a time as the line is
    asked again; a step without an answer is met with silence."""
    otherwise: Mapping[LineKind, Replies] = {}
    """What is answered to lines that `answers` does not name, by kind: a question by what it expects, a follow-up as
    such or else like its question, and every line by `any`. `first_question` is said to the flow's first question,
    before its own answer."""

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


def library(language: str) -> tuple[Path, ...]:
    """The personas that ship in one language."""
    return tuple(sorted((LIBRARY / language).glob("*.yaml")))


def find(name_or_path: str, language: str = "en") -> Path:
    """The file of a persona: a path as it is, or the name of one of the library, of `language` where it is there in
    both. Raises UsageError."""
    path = Path(name_or_path)
    if path.is_file():
        return path
    names = {persona.stem: persona for persona in sorted(LIBRARY.glob("*/*.yaml"))}
    names |= {persona.stem: persona for persona in library(language)}
    if name_or_path in names:
        return names[name_or_path]
    raise UsageError(
        f"there is no persona file {name_or_path!r}, and no persona of that name in the library ({', '.join(names)})"
    )


def same_in(language: str, persona: Persona) -> Persona | None:
    """The library's persona for any flow that does the same in another language."""
    path = LIBRARY / language / f"{persona.id}.yaml"
    return load(path) if persona.flow is None and path in library(language) else None


def find_flow(persona: Persona, path: Path) -> Path:
    """The file of the flow that the persona in the file `path` prepared for: a path from there, a path from the current
    folder, or the name of a flow of the library. Raises UsageError."""
    if persona.flow is None:
        raise UsageError(f"{persona.id} can be asked the questions of any flow: name one with --flow")
    beside = path.parent / persona.flow
    return beside if beside.is_file() else loader.find(persona.flow, persona.language)


def variables(persona: Persona, flow: Flow, settings: Settings) -> dict[str, str]:
    """What a call to the persona says wherever the flow does not say it itself."""
    values = filling.variables(flow, settings, persona.name)
    if persona.match_score is not None:
        values[MATCH_SCORE] = f"{persona.match_score:g}"
    return values
