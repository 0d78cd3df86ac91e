"""One flow file: the interview as a recruiter writes it, and what the engine and the scorer need of it.

`loader.parse` makes a `Flow` of a file and reports what is wrong in it; `Flow.fill` makes it ready for one call.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, StringConstraints

from dialog_flows import phrases
from models import interview
from models.dialog import Expects
from models.errors import InvalidFlow, Problem

BUILT_IN_VARIABLES = ("candidate.name", "company", "job.title", "callback_number")
"""Placeholders that every flow may use without declaring them; the call brings their values."""

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

SISTER_FOLLOWS = "\n--- # the same interview in another language\n"
"""Between a published flow and its sisters: a document marker, which no single flow file may hold."""

Language = Literal["en", "zh"]

KeyPath = tuple[str | int, ...]
"""Where a value stands in the file: keys and list positions from the top."""


def spoken_text(text: str) -> str:
    """`text` on one line: folded YAML leaves line breaks, which Chinese joins without a space."""
    line = " ".join(text.split())
    return re.sub(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])", "", line)


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(spoken_text)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
VariableName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]
PhoneNumber = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()./-]{1,30}$")]


class Recording(StrEnum):
    AFTER_CONSENT = "after_consent"
    """Nothing of the candidate is recorded until they say yes."""
    FROM_START = "from_start"
    """Recorded from the first word, until they say no. Only where the law lets one party decide."""


class Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Criterion(Block):
    """One thing that a good answer shows."""

    id: Id
    name: Text
    points: Annotated[tuple[Text, ...], Field(min_length=1)]
    """What earns credit, one statement each: "names the result with a number"."""
    weight: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] = 1.0
    must_have: bool = False


class When(Block):
    """When a follow-up is asked: everything that is written here must hold."""

    no_evidence_for: str | None = None
    """A criterion of this question that the answer so far does not show."""
    shorter_than_words: Annotated[int, Field(ge=1, le=1000)] | None = None
    """The answer so far has fewer words than this (Chinese: characters)."""


class FollowUp(Block):
    id: Id
    ask: Text
    when: When


class Question(Block):
    id: Id
    ask: Text
    expects: Expects = Expects.OPEN
    criteria: tuple[Criterion, ...] = ()
    skills: tuple[Text, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    max_follow_ups: Annotated[int, Field(ge=0, le=5)] = 1


class Ask(Block):
    """A yes/no question of the opening."""

    ask: Text


class CandidateQuestions(Block):
    ask: Text
    reply: Text
    """Said to whatever they ask; the question goes to HR."""


class Lines(Block):
    """The short lines between the questions. A flow may replace any; the others come from the library."""

    acknowledgements: Annotated[tuple[Text, ...], Field(min_length=1)] = ()
    """Said before the next question, in turn."""
    begin: Text = ""
    """Said before the first question."""
    unrecorded: Text = ""
    """Said when the candidate does not want to be recorded; the interview goes on."""
    repeating: Text = ""
    """Said before a question is said again at the candidate's request."""
    unclear: Text = ""
    """Said before a yes/no question is asked again because the reply was neither."""
    silence: Annotated[tuple[Text, ...], Field(min_length=1)] = ()
    """Said before a question is said again to a silent candidate, in turn."""
    skipping: Text = ""
    """Said when the candidate does not know or would rather not say."""
    moving_on: Text = ""
    """Said when a question has been repeated often enough."""
    go_ahead: Text = ""
    """Said when the candidate has a question and has not asked it yet."""
    anything_else: Text = ""
    """Asked after the candidate's question has been taken down."""
    goodbye: Text = ""
    """The close when the candidate ends the call early."""
    opt_out: Text = ""
    """The close when the candidate asks never to be called again."""
    reschedule: Text = ""
    """The close when it is not a good time, or nobody could say whether it is the candidate."""
    wrong_person: Text = ""
    """The close when somebody else has answered."""
    switched: Text = ""
    """Said, in the new language, when the candidate has asked to switch to it."""
    one_language: Text = ""
    """Said before a question is said again to a candidate who asked for a language that this flow is not held in."""
    wants_person: Text = ""
    """The close when the candidate does not want to talk to a machine."""
    unresponsive: Text = ""
    """The close when nobody speaks; names the number to call back."""
    too_long: Text = ""
    """The close when the call has reached its longest time."""


class Policies(Block):
    callback_number: PhoneNumber | None = None
    """Spoken wherever a line says {callback_number}."""
    recording: Recording = Recording.AFTER_CONSENT
    silence_seconds: Annotated[float, Field(ge=1, le=60, allow_inf_nan=False)] = 7.0
    """How long the candidate may say nothing before the question is said again."""
    max_silences: Annotated[int, Field(ge=0, le=10)] = 2
    """How many silences in a row are met with the question again; after one more the call closes."""
    max_repeats: Annotated[int, Field(ge=0, le=10)] = 3
    """How often one question is said again at the candidate's request."""
    max_call_minutes: Annotated[float, Field(ge=1, le=120, allow_inf_nan=False)] = 20.0

    @property
    def silence_ms(self) -> int:
        return round(self.silence_seconds * 1000)


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
    """One interview. It never changes under the same id and version: `digest` shows whether it did."""

    id: Id
    version: Annotated[int, Field(ge=1)]
    title: Text
    language: Language
    also_in: tuple[Language, ...] = ()
    """Languages that a candidate may switch to. There is a sister file for each, with the same ids."""
    variables: dict[VariableName, Text | None] = {}
    """What the lines may name in braces, with a default for calls that bring no value, or null."""
    disclosure: Text
    """Said first, to its end, and before any question: who calls, that it is an AI, that the call is recorded."""
    consent: Ask
    identity: Ask
    good_time: Ask
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]
    candidate_questions: CandidateQuestions
    closing: Text
    vocabulary: tuple[Text, ...] = ()
    """Names that candidates are likely to say, so that they are understood."""
    lines: Lines = Lines()
    policies: Policies = Policies()

    _source: Source = PrivateAttr(default=Source())
    _template_digest: str | None = PrivateAttr(default=None)
    _sisters: tuple["Flow", ...] = PrivateAttr(default=())
    """This flow in the languages of `also_in`."""
    _family: Mapping[str, "Flow"] = PrivateAttr(default={})
    """Once filled: itself and its sisters by language, the same for all of them."""
    _values: Mapping[str, str] = PrivateAttr(default={})

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
        content = self.model_dump(mode="json", exclude_defaults=True)
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

    def rubric(self) -> interview.Rubric:
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
        if values.get("callback_number"):
            values["callback_number"] = spoken_digits(values["callback_number"])
        content = self.model_dump(exclude={"variables"})
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
        flow._values = values
        return flow

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
