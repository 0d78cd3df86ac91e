"""What a flow file is made of, below the flow itself. The sentence under each key is its page in the key reference,
and what an editor shows beside it."""

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema

from models.dialog import Expects


def spoken_text(text: str) -> str:
    """`text` on one line: folded YAML leaves line breaks, which Chinese joins without a space."""
    line = " ".join(text.split())
    return re.sub(r"(?<=[\u3000-\u9fff\uff00-\uffef]) (?=[\u3000-\u9fff\uff00-\uffef])", "", line)


def _word(written: object) -> object:
    """YAML takes a bare yes or no for true or false."""
    return {True: "yes", False: "no"}[written] if isinstance(written, bool) else written


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(spoken_text)]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
AnswerWord = Annotated[
    Id, BeforeValidator(_word), WithJsonSchema({"type": ["string", "boolean"], "pattern": r"^[a-z][a-z0-9_]{0,63}$"})
]
VariableName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]
PhoneNumber = Annotated[str, StringConstraints(pattern=r"^\+?[0-9][0-9 ()./-]{1,30}$")]
Number = Annotated[float, Field(allow_inf_nan=False)]
Day = Annotated[str, StringConstraints(pattern=r"^(20\d\d-\d\d-\d\d|[1-9]\d{0,2} (day|week|month)s?)$")]
MatchScore = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]

YES, NO, SKIPPED = "yes", "no", "skipped"
"""What `answer` may name besides the id of an option."""


class Recording(StrEnum):
    AFTER_CONSENT = "after_consent"
    """Nothing of the candidate is recorded until they say yes."""
    FROM_START = "from_start"
    """Recorded from the first word, until they say no. Only where the law lets one party decide."""


class RecordingRefused(StrEnum):
    GO_ON = "go_on"
    """The interview goes on unrecorded."""
    END = "end"
    """The call ends politely, and HR arranges another way."""


class Voicemail(StrEnum):
    HANG_UP = "hang_up"
    LEAVE_MESSAGE = "leave_message"


class Depth(StrEnum):
    BASIC = "basic"
    DEEP = "deep"


class Block(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Criterion(Block):
    """One thing that a good answer shows."""

    id: Id
    """Its name within the question: small letters, digits and `_`."""
    name: Text
    """Its name on the scorecard."""
    points: Annotated[tuple[Text, ...], Field(min_length=1)]
    """What earns credit: one statement each, which one can find in an answer or not, such as "names the result with a
    number"."""
    weight: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] = 1.0
    """How much it counts beside the others. Write shares such as 1 and 2, or percentages that add up to 100."""
    must_have: bool = False
    """`true` marks it on the scorecard when it is missing. It never rejects anybody by itself."""


class AnswerIs(Block):
    """A condition on an answer. Everything that is written must hold; an answer that is not clear fulfils nothing."""

    answer: AnswerWord | None = None
    """`yes` or `no` (for a yes/no question), the `id` of an option (for a choice), or `skipped` (no answer)."""
    less_than: Number | None = None
    """The answer names a number below this one."""
    at_least: Number | None = None
    """The answer names this number or a greater one."""
    before: Day | None = None
    """The answer names an earlier day than this: a day such as `2027-03-01`, or `4 weeks` (days, weeks, months) from
    the day of the call."""
    after: Day | None = None
    """The answer names a later day than this, written likewise."""

    @property
    def always(self) -> bool:
        """Whether any answer will do."""
        return {self.answer, self.less_than, self.at_least, self.before, self.after} == {None}


class When(AnswerIs):
    """When a follow-up is asked. Everything that is written must hold."""

    no_evidence_for: Id | None = None
    """The `id` of a criterion of this question that the answer so far does not show."""
    shorter_than_words: Annotated[int, Field(ge=1, le=1000)] | None = None
    """The answer so far has fewer words than this (in Chinese: characters)."""
    no_number: Literal[True] | None = None
    """`true`: the answer so far names no number."""
    skill_named: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    """A list of words or skills, such as `[SQL, Postgres]`; the answer so far names one of them."""


class FollowUp(Block):
    """A question that is asked only when the answer calls for it."""

    id: Id
    """Its name within the question."""
    ask: Text
    """What the interviewer says."""
    variants: tuple[Text, ...] = ()
    """Other wordings of `ask`, as in a question."""
    when: When
    """When it is asked."""
    depth: Depth | None = None
    """`deep`: only for candidates whose match score is high (see `deep_from`); `basic`: only for the others."""


class Option(Block):
    """One of the answers that a choice offers."""

    id: Id
    """Its name within the question."""
    says: Annotated[tuple[Text, ...], Field(min_length=1)]
    """Words that mean it, such as `[day shift, days, daytime]`. A reply that names exactly one option chooses it."""
    go_to: Id | None = None
    """The question to go on with when this is chosen, as in the question's `go_to`."""


class GoTo(AnswerIs):
    """Where the interview goes on after this question. Without a condition it is always taken."""

    to: Id
    """The `id` of a later question, or `candidate_questions` to end the questions here. It never leads back, so that
    every interview ends."""


class SkipWhen(AnswerIs):
    """When a question is passed over. Everything that is written must hold."""

    question: Id | None = None
    """The `id` of the earlier question that the answer is about."""
    match_below: MatchScore | None = None
    """The candidate's match score (0 to 100) is below this. A candidate without a score is not skipped by it."""
    match_at_least: MatchScore | None = None
    """The candidate's match score is this or more."""


class KnockOutRule(AnswerIs):
    """An answer that HR must see first. It marks the interview; it never ends the call or rejects anybody by itself."""

    note: Text
    """What HR reads beside the mark, such as "no work permit"."""


class Question(Block):
    """One question of the interview."""

    id: Id
    """Its own name: small letters, digits and `_`, beginning with a letter."""
    ask: Text
    """What the interviewer says."""
    variants: tuple[Text, ...] = ()
    """Other wordings of `ask`. Each interview takes one of them, and keeps to it when the question is said again."""
    clarification: Text | None = None
    """Said when the candidate asks what the question means, before it is said again."""
    expects: Expects = Expects.OPEN
    """The kind of answer: `open` (a story), `short`, `yes_no`, `number`, `date` or `choice`. It decides how long a
    pause may be before the answer is taken to be over, and what a condition can ask of it."""
    options: tuple[Option, ...] = ()
    """For `expects: choice`: the answers to choose from."""
    criteria: tuple[Criterion, ...] = ()
    """What a good answer shows. A question without criteria is asked and filed, and not scored."""
    skills: tuple[Text, ...] = ()
    """Skills that a good answer shows, such as `[SQL, teamwork]`."""
    follow_ups: tuple[FollowUp, ...] = ()
    """Questions that are asked only when the answer calls for them."""
    max_follow_ups: Annotated[int, Field(ge=0, le=5)] = 1
    """How many follow-ups at most."""
    go_to: tuple[GoTo, ...] = ()
    """Where the interview goes on, by the answer: the first of these that fits. When none does, the next question."""
    skip_when: SkipWhen | None = None
    """When the question is not asked at all. What is skipped does not count against the candidate."""
    knock_out: KnockOutRule | None = None
    """An answer that is marked for HR."""
    depth: Depth | None = None
    """`deep`: only for candidates whose match score is high (see `deep_from`); `basic`: only for the others."""


class Section(Block):
    """Questions that belong together."""

    id: Id
    """Its own name: small letters, digits and `_`."""
    title: Text
    """Its name for people."""
    begin: Text | None = None
    """Said before its first question, such as "First, about your work so far."."""
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]
    """The section's questions, at least one."""


class Ask(Block):
    """A yes/no question of the opening."""

    ask: Text
    """What the interviewer says. Ask so that yes means "go on": "Is it all right if…", not "Would you mind if…"."""


class CandidateQuestions(Block):
    """The candidate's own questions, after the interview's."""

    ask: Text
    """Invites the candidate's questions."""
    reply: Text
    """Said to whatever they ask that `faq` does not answer; the question goes to HR."""


class Faq(Block):
    """A question that candidates ask, and its answer."""

    id: Id
    """Its own name: small letters, digits and `_`."""
    asked: Annotated[tuple[Text, ...], Field(min_length=1)]
    """How candidates ask it, in a few different wordings."""
    answer: Text
    """What the interviewer answers. After it the interview goes on where it was."""


class Lines(Block):
    """The short lines between the questions. A flow may replace any; the others come from the library."""

    acknowledgements: Annotated[tuple[Text, ...], Field(min_length=1)] = ()
    """After an answer, before the next question: a list, used in turn."""
    begin: Text = ""
    """Before the first question."""
    resume: Text = ""
    """Instead of that, when an earlier call did not come to its end, before the question at which it stopped."""
    unrecorded: Text = ""
    """When the candidate does not want to be recorded, and the interview goes on."""
    repeating: Text = ""
    """Before a question is said again because the candidate asked for it."""
    unclear: Text = ""
    """Before a question is asked again because the reply did not answer it (see `max_reprompts`)."""
    silence: Annotated[tuple[Text, ...], Field(min_length=1)] = ()
    """Before a question is said again to a silent candidate: a list, used in turn."""
    take_your_time: Text = ""
    """When the candidate asks for a second moment to think; it should say that the question may be left."""
    skipping: Text = ""
    """When the candidate does not know, or would rather not say."""
    moving_on: Text = ""
    """When a question has been said often enough."""
    enough: Text = ""
    """When an answer was stopped at `longest_answer_seconds`."""
    go_ahead: Text = ""
    """When the candidate has a question and has not asked it yet."""
    anything_else: Text = ""
    """After a question of the candidate has been answered or taken down."""
    goodbye: Text = ""
    """The close when the candidate ends the call early."""
    opt_out: Text = ""
    """The close when the candidate asks never to be called again."""
    when_suits: Text = ""
    """Asked once when it is not a good time and no other time was named."""
    time_noted: Text = ""
    """The close when the candidate has named another time."""
    reschedule: Text = ""
    """The close when it is not a good time and no other was named, or nobody could say whether it is the candidate."""
    wrong_person: Text = ""
    """The close when somebody else has answered."""
    no_recording: Text = ""
    """The close when the candidate does not want to be recorded, and `recording_refused` is `end`."""
    switched: Text = ""
    """When the candidate has asked for this language, before the question is said again in it."""
    one_language: Text = ""
    """Before a question is said again to a candidate who asked for a language that the flow is not held in."""
    wants_person: Text = ""
    """The close when the candidate does not want to talk to a machine."""
    unresponsive: Text = ""
    """The close when nobody speaks. It should name `{callback_number}`."""
    too_long: Text = ""
    """The close when the call has lasted `max_call_minutes`."""
    screening: Text = ""
    """What a telephone's assistant is told that asks who is calling. Its words are shown to the candidate, and maybe to
    others."""
    voicemail: Text = ""
    """What an answering machine is told, if `voicemail` is `leave_message`. Whoever else hears it should learn nothing
    of the application."""


class Policies(Block):
    """Patience, repeats, recording, and whom to call back."""

    callback_number: PhoneNumber | None = None
    """The number that candidates can call back, in quotes. Lines name it as `{callback_number}`; it is read digit by
    digit, with a breath at each space."""
    recording: Recording = Recording.AFTER_CONSENT
    """`after_consent`: nothing of the candidate is recorded before they say yes. `from_start`: recorded until they say
    no, where the law allows it."""
    recording_refused: RecordingRefused = RecordingRefused.GO_ON
    """What happens after a no to the recording, or no clear reply: `go_on` unrecorded, or `end` the call politely."""
    voicemail: Voicemail = Voicemail.HANG_UP
    """What happens when an answering machine picks up: `hang_up`, or `leave_message` after its tone."""
    silence_seconds: Annotated[float, Field(ge=1, le=60, allow_inf_nan=False)] = 7.0
    """How long a candidate may say nothing before the question is said again."""
    longest_answer_seconds: Annotated[float, Field(ge=10, le=600, allow_inf_nan=False)] = 240.0
    """How long one answer may be before the interviewer takes over with the line `enough`."""
    max_silences: Annotated[int, Field(ge=0, le=10)] = 2
    """How often in a row a silent candidate is asked again. After one more silence the call closes."""
    max_repeats: Annotated[int, Field(ge=0, le=10)] = 3
    """How often one question is said again at the candidate's request."""
    max_reprompts: Annotated[int, Field(ge=0, le=3)] = 1
    """How often a question is asked again because the reply did not answer it: neither yes nor no, no number, none of
    the options. Of the yes/no questions only those that something depends on (`go_to`, `skip_when`, `knock_out`)."""
    max_call_minutes: Annotated[float, Field(ge=1, le=120, allow_inf_nan=False)] = 20.0
    """When the call is closed politely, wherever it is."""
    deep_from: MatchScore = 70.0
    """The match score from which a candidate is asked the `deep` questions. Without a score: the `basic` ones."""

    @property
    def silence_ms(self) -> int:
        return round(self.silence_seconds * 1000)

    @property
    def longest_answer_ms(self) -> int:
        return round(self.longest_answer_seconds * 1000)
