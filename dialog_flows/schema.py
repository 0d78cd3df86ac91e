"""One flow file: the interview as a recruiter writes it, and what the engine and the scorer need of it.

`loader.parse` makes a `Flow` of a file and reports what is wrong in it; `Flow.fill` makes it ready for one call.
"""

import hashlib
import json
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, PrivateAttr, model_validator

from dialog_flows import phrases
from dialog_flows.blocks import (
    Ask,
    Block,
    CandidateQuestions,
    Criterion,
    Depth,
    Faq,
    FollowUp,
    Id,
    Lines,
    Policies,
    Question,
    Recording,
    Section,
    Text,
    VariableName,
    spoken_text,
)
from models import interview
from models.errors import InvalidFlow, Problem

__all__ = [
    "BUILT_IN_VARIABLES", "LANGUAGES", "MATCH_SCORE", "PLACEHOLDER", "SISTER_FOLLOWS",
    "Ask", "CandidateQuestions", "Criterion", "Flow", "FollowUp", "KeyPath", "Lines", "Policies", "Question",
    "Recording", "Section", "Source", "spoken_digits", "spoken_text",
]  # fmt: skip

BUILT_IN_VARIABLES = ("candidate.name", "company", "job.title", "callback_number")
"""Placeholders that every flow may use without declaring them; the call brings their values."""

MATCH_SCORE = "candidate.match_score"
"""The call brings how well the candidate matches the job, 0 to 100, under this name. No line may say it."""

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

SISTER_FOLLOWS = "\n--- # the same interview in another language\n"
"""Between a published flow and its sisters: a document marker, which no single flow file may hold."""

Language = Literal["en", "zh"]
LANGUAGES = get_args(Language)

KeyPath = tuple[str | int, ...]
"""Where a value stands in the file: keys and list positions from the top."""


@dataclass(frozen=True, slots=True)
class Source:
    """The file a flow was read from, as it was written, and the line and column (from 1) of each value in it."""

    file: str = "flow"
    text: str = ""
    places: Mapping[KeyPath, tuple[int, int]] = field(default_factory=dict)

    def problem(self, path: KeyPath, message: str, severity: str = "error") -> Problem:
        """A problem at `path`, or at the nearest thing around it that is in the file."""
        while path and path not in self.places:
            path = path[:-1]
        line, column = self.places.get(path, (0, 0))
        return Problem(self.file, line, column, message, severity)


class Flow(Block):
    """One interview, in one file. Once it is published it never changes under the same id and version."""

    id: Id
    """The flow's name for the machine: small letters, digits and `_`, beginning with a letter."""
    version: Annotated[int, Field(ge=1)]
    """A whole number. Raise it when you change a flow that has been published; every interview records which one it
    held."""
    title: Text
    """The flow's name for people."""
    language: Language
    """`en` or `zh` (Mandarin)."""
    also_in: tuple[Language, ...] = ()
    """Languages that a candidate may switch to, such as `[zh]`. There is a sister file for each, with the same ids."""
    variables: dict[VariableName, Text | None] = Field(default_factory=dict)
    """Names that the lines may use in braces, each with a default; write `null` for one that every call must bring."""
    disclosure: Text
    """Said first, to its end, before any question. It must say who is calling, that an AI is calling, and that the call
    is recorded."""
    consent: Ask
    """Asks whether the call may be recorded."""
    identity: Ask
    """Asks whether this is the candidate."""
    good_time: Ask
    """Asks whether now is a good time."""
    questions: Annotated[tuple[Question, ...], Field(min_length=1)] = ()
    """The list of questions, at least one. Write either `questions` or `sections`."""
    sections: Annotated[tuple[Section, ...], Field(min_length=1)] = ()
    """The questions in groups, each with a title."""
    candidate_questions: CandidateQuestions
    """The candidate's own questions, after the interview's."""
    faq: tuple[Faq, ...] = ()
    """What candidates ask often, and the answers that the interviewer may give. Everything else goes to HR."""
    closing: Text
    """Said last."""
    vocabulary: tuple[Text, ...] = ()
    """Names that candidates are likely to say, such as `[Kafka, Zephyr Pay]`, so that they are understood."""
    lines: Lines = Lines()
    """Your own wording of the short lines between the questions. Each may be left out; the library's is used then."""
    policies: Policies = Policies()
    """Patience, repeats, recording, and whom to call back."""

    _source: Source = PrivateAttr(default=Source())
    _template_digest: str | None = PrivateAttr(default=None)
    _sisters: tuple["Flow", ...] = PrivateAttr(default=())
    """This flow in the languages of `also_in`."""
    _family: Mapping[str, "Flow"] = PrivateAttr(default={})
    """Once filled: itself and its sisters by language, the same for all of them."""
    _values: Mapping[str, str] = PrivateAttr(default={})
    _match_score: float | None = PrivateAttr(default=None)

    @model_validator(mode="after")
    def _gather(self) -> Self:
        """Whoever reads `questions` reads all of them, in sections or not."""
        if self.sections:
            self.__dict__["questions"] = tuple(question for section in self.sections for question in section.questions)
        return self

    @property
    def _other_list(self) -> str:
        """Where the file does not write its questions."""
        return "questions" if self.sections else "sections"

    def placed_questions(self) -> Iterator[tuple[KeyPath, Question]]:
        """All questions, each with its place in the file."""
        if not self.sections:
            yield from ((("questions", n), question) for n, question in enumerate(self.questions))
        for s, section in enumerate(self.sections):
            yield from ((("sections", s, "questions", n), question) for n, question in enumerate(section.questions))

    def question(self, id: str | None) -> Question | None:
        return next((question for question in self.questions if question.id == id), None)

    def faq_entry(self, id: str | None) -> Faq | None:
        return next((entry for entry in self.faq if entry.id == id), None)

    def section_of(self, question_id: str | None) -> Section | None:
        return next((each for each in self.sections if any(q.id == question_id for q in each.questions)), None)

    @property
    def match_score(self) -> float | None:
        """How well the candidate of a filled flow matches the job, 0 to 100; None when nobody knows."""
        return self._match_score

    @property
    def depth(self) -> Depth:
        """How deep a filled flow asks its candidate."""
        known = self._match_score is not None and self._match_score >= self.policies.deep_from
        return Depth.DEEP if known else Depth.BASIC

    @property
    def source(self) -> Source:
        return self._source

    def read_from(self, source: Source) -> Self:
        """This flow, knowing the file it came from."""
        self._source = source
        return self

    @property
    def sisters(self) -> tuple["Flow", ...]:
        """The same interview in the languages of `also_in`; empty until `with_sisters` has brought them."""
        return self._sisters

    def with_sisters(self, sisters: Iterable["Flow"]) -> Self:
        """This flow, knowing its sisters: one for each language of `also_in`, with the same ids."""
        self._sisters = tuple(sisters)
        return self

    @property
    def published_text(self) -> str:
        """Everything that the digest stands for, as it was written: the flow's file, and its sisters' files."""
        return SISTER_FOLLOWS.join(each.source.text for each in (self, *self._sisters))

    def in_language(self, language: str | None) -> "Flow":
        """A filled flow's sister that speaks `language`, or the flow itself where there is none."""
        return self._family.get(language or "", self)

    @property
    def languages(self) -> tuple[str, ...]:
        """What a filled flow can be held in, its own language first."""
        return tuple(self._family) or (self.language,)

    @property
    def digest(self) -> str:
        """SHA-256, hexadecimal, of the flow's content as canonical JSON, its sisters' included, whatever their layout
        and comments.

        A filled flow has the digest of the flow it was filled from.
        """
        if self._template_digest is not None:
            return self._template_digest
        content = self.model_dump(mode="json", exclude_defaults=True, exclude={self._other_list})
        if self._sisters:
            content["sisters"] = {sister.language: sister.digest for sister in self._sisters}
        canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    @property
    def ref(self) -> interview.FlowRef:
        return interview.FlowRef(self.id, self.version, self.digest)

    @property
    def values(self) -> Mapping[str, str]:
        """Once filled: what each variable stands for in this call."""
        return self._values

    @property
    def filled(self) -> bool:
        """Whether the flow is ready for a call."""
        return self._template_digest is not None

    def rubric(self, leaving_out: Collection[str] = ()) -> interview.Rubric:
        """What the answers are measured by. `leaving_out`: ids of questions that this candidate was not to be asked."""
        return interview.Rubric(
            questions=tuple(
                interview.RubricQuestion(
                    question_id=question.id,
                    question=question.ask,
                    criteria=tuple(
                        interview.Criterion(
                            id=criterion.id,
                            name=criterion.name,
                            points=criterion.points,
                            weight=criterion.weight,
                            must_have=criterion.must_have,
                        )
                        for criterion in question.criteria
                    ),
                    skills=question.skills,
                )
                for question in self.questions
                if question.id not in leaving_out
            ),
            language=self.language,
        )

    def fill(self, variables: Mapping[str, str]) -> "Flow":
        """The flow ready for one call, and its sisters: stock lines in place, and every `{name}` replaced.

        A value comes from `variables`, else from the flow's own defaults, else from those of the flow whose sister it
        is; values that no line names are ignored. Raises InvalidFlow naming every variable that has no value.
        """
        if self.filled:
            return self
        flow = self._filled(variables)
        sisters = [sister._filled({**self._defaults(), **sister._defaults(), **variables}) for sister in self._sisters]
        family: dict[str, Flow] = {member.language: member for member in (flow, *sisters)}
        for member in family.values():
            member._family = family
        return flow.with_sisters(sisters)

    def _defaults(self) -> dict[str, str]:
        """What the flow says itself that its lines should name."""
        defaults = {**self.variables, "callback_number": self.policies.callback_number}
        return {name: value for name, value in defaults.items() if value}

    def _filled(self, variables: Mapping[str, str]) -> "Flow":
        values = {name: spoken_text(value) for name, value in {**self._defaults(), **variables}.items() if value}
        match_score = self._match_score_in(values)
        if values.get("callback_number"):
            values["callback_number"] = spoken_digits(values["callback_number"])
        content = self.model_dump(exclude={"variables", self._other_list})
        stock = Lines.model_validate(phrases.read(self.language, "lines"))
        content["lines"] = stock.model_dump() | self.lines.model_dump(exclude_defaults=True)
        problems: dict[str, Problem] = {}

        def filled(value: object, path: KeyPath) -> object:
            if isinstance(value, dict):
                return {key: filled(item, (*path, key)) for key, item in value.items()}
            if isinstance(value, (list, tuple)):
                return tuple(filled(item, (*path, position)) for position, item in enumerate(value))
            return PLACEHOLDER.sub(lambda match: value_of(match[1], path), value) if type(value) is str else value

        def value_of(name: str, path: KeyPath) -> str:
            if not values.get(name):
                problems.setdefault(name, self._source.problem(path, self._no_value(name)))
            return values.get(name, "")

        ready = {key: filled(value, (key,)) for key, value in content.items()}
        if problems:
            raise InvalidFlow(tuple(problems.values()))
        flow = Flow.model_validate({**ready, "variables": self.variables}).read_from(self._source)
        flow._template_digest = self.digest
        flow._match_score = match_score
        flow._values = values
        return flow

    def _match_score_in(self, values: Mapping[str, str]) -> float | None:
        written = values.get(MATCH_SCORE)
        if written is None:
            return None
        try:
            score = float(written)
        except ValueError:
            score = math.nan
        if not 0 <= score <= 100:
            message = f"`{MATCH_SCORE}` is {written[:40]!r}; it must be a number from 0 to 100"
            raise InvalidFlow((self._source.problem(("variables", MATCH_SCORE), message),))
        return score

    def _no_value(self, name: str) -> str:
        if name == "callback_number":
            return "{callback_number} has no value: set `callback_number` under `policies`, or pass it with the call"
        if name in BUILT_IN_VARIABLES or name in self.variables:
            return f"{{{name}}} has no value: give it a default under `variables`, or pass it with the call"
        return f"{{{name}}} is not a variable of this flow: declare it under `variables`"


def spoken_digits(number: str) -> str:
    """A telephone number as a voice should read it: digit by digit, a breath between groups: "5 5 5, 0 1, 0 0"."""
    groups = []
    for group in re.findall(r"[0-9]+", number):
        while len(group) > 4:
            groups.append(group[:3])
            group = group[3:]
        groups.append(group)
    return ", ".join(" ".join(group) for group in groups) or number
