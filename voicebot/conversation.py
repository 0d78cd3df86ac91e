"""One interview while it is held: the dialog engine between the pipeline and the archive."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from dialog_flows.engine import lines, step
from dialog_flows.resuming import resumed
from dialog_flows.schema import Flow
from dialog_flows.vocabulary import hot_words
from dialog_flows.wording import seed_of
from models.call import Disposition
from models.dialog import (
    Answer,
    AnswerPart,
    CandidateSpoke,
    DialogAction,
    DialogEvent,
    DialogState,
    HangUp,
    LineLost,
    Say,
)
from models.speech import Speaker, TranscriptLine, Utterance
from voicebot.archive.store import Archive
from voicebot.pipeline.lines import Ended

Assess = Callable[[str, Answer], tuple[str, ...]]
"""(question id, the answer so far) -> criteria without evidence yet."""
NameSkills = Callable[[str, Answer], tuple[str, ...]]
"""(question id, the answer so far) -> the skills that its follow-ups wait for and the answer claims."""
NameFaq = Callable[[str, str], str | None]
"""(what was said, its language) -> the id of the flow's `faq` entry that it asks for."""


class CallObserver(Protocol):
    """Somebody who follows a call live, such as the demo's screen."""

    def line_began(self, text: str, at_ms: int) -> None: ...

    def candidate_said(self, utterance: Utterance, meaning: str | None) -> None: ...

    def moved(self, state: DialogState) -> None:
        """Where the dialog stands after a step."""
        ...

    def filed(self, interview_id: str) -> None:
        """The call is over, and scored and filed as far as it could be."""
        ...


class Unobserved:
    """Nobody is watching."""

    def line_began(self, text: str, at_ms: int) -> None:
        pass

    def candidate_said(self, utterance: Utterance, meaning: str | None) -> None:
        pass

    def moved(self, state: DialogState) -> None:
        pass

    def filed(self, interview_id: str) -> None:
        pass


class Conversation:
    """Feeds events to the engine, keeps its state, and files every line as soon as it has been said."""

    def __init__(
        self,
        flow: Flow,
        archive: Archive,
        attempt_id: str,
        assess: Assess,
        observer: CallObserver,
        name_faq: NameFaq = lambda text, language: None,
        name_skills: NameSkills = lambda question, answer: (),
        zone: tzinfo | None = None,
        last: DialogState | None = None,
    ) -> None:
        """`zone`: where the candidate is; None: not known, and the times that they name are kept in their words.
        `last`: where the call before of this interview stopped."""
        begun = resumed(last) if last else DialogState(seed=seed_of(attempt_id))
        self.state = replace(begun, today=datetime.now(zone).date())
        self.over = False
        self.outcome: Disposition | None = None
        self._flow = flow
        self._archive = archive
        self._attempt_id = attempt_id
        self._assess = assess
        self._observer = observer
        self._name_faq = name_faq
        self._name_skills = name_skills
        self._zone = zone
        self._positions: dict[str, str | None] = {}
        """Where in the flow each line belongs, by line id."""
        self._unfiled: list[TranscriptLine] = []
        self._filing = asyncio.Lock()

    @property
    def hot_words(self) -> tuple[str, ...]:
        """Names that the candidate may say next, the most likely first."""
        return hot_words(self._flow.in_language(self.state.language), self.state.position)

    @property
    def lines_ahead(self) -> tuple[str, ...]:
        """What may be said from here on, in about the order of the call."""
        flow = self._flow.in_language(self.state.language)
        every = lines(flow)
        return every[every.index(self.state.asked) :] if self.state.asked in every else every

    async def hear(self, event: DialogEvent) -> tuple[DialogAction, ...]:
        if isinstance(event, LineLost) and event.last_words is not None:
            event = replace(event, last_words=self._of_this_call(event.last_words))
        if isinstance(event, CandidateSpoke):
            unmet, skills = await self._shown(event.utterance)
            event = replace(
                event,
                utterance=self._of_this_call(event.utterance),
                unmet_criteria=unmet,
                skills=skills,
                faq=await asyncio.to_thread(self._name_faq, event.utterance.text, event.utterance.language),
                said_at=datetime.now(self._zone) if self._zone else None,
            )
        before = self.state.position
        result = step(self._flow, self.state, event)
        self.state = result.state
        for action in result.actions:
            match action:
                case Say(line_id=line_id):
                    self._positions[line_id] = self.state.position
                case HangUp(disposition=disposition):
                    self._end(disposition)
        if isinstance(event, CandidateSpoke):
            self._candidate_said(event.utterance, before, result.meaning)
        if isinstance(event, LineLost):
            if event.last_words is not None:
                self._candidate_said(event.last_words, before, result.meaning)
            self._end(self.state.outcome or Disposition.DROPPED)
        if self.over and self.state.outcome is not None:
            self.outcome = self.state.outcome  # an opt-out may still come over the goodbye
        self._observer.moved(self.state)
        return result.actions

    async def file(self) -> None:
        """Whoever is cancelled meanwhile does not cancel the filing: no line is filed twice, no state after a newer."""
        await asyncio.shield(asyncio.create_task(self._file(), name="filing"))

    async def _file(self) -> None:
        async with self._filing:
            lines = tuple(self._unfiled)
            await asyncio.to_thread(self._archive.record, self._attempt_id, lines, self.state, datetime.now(UTC))
            del self._unfiled[: len(lines)]

    def line_began(self, line: Say, at_ms: int) -> None:
        self._observer.line_began(line.text, at_ms)

    def line_ended(self, line: Ended) -> None:
        heard = line.heard_share >= 1
        text = line.say.text if heard else _beginning(line.say.text, line.heard_share)
        position = self._positions.get(line.say.line_id)
        self._unfiled.append(
            TranscriptLine(Speaker.INTERVIEWER, text, line.start_ms, line.end_ms, position, heard=heard)
        )

    def _of_this_call(self, utterance: Utterance) -> Utterance:
        return replace(utterance, attempt_id=self._attempt_id)

    def overheard(self, utterance: Utterance, meaning: str) -> None:
        self._candidate_said(utterance, self.state.position, meaning)

    def fail(self, error: Exception) -> None:
        self._end(Disposition.FAILED)

    def _end(self, outcome: Disposition) -> None:
        self.over = True
        self.outcome = outcome

    def _candidate_said(self, utterance: Utterance, position: str | None, meaning: str | None) -> None:
        self._unfiled.append(
            TranscriptLine(
                Speaker.CANDIDATE,
                utterance.text,
                utterance.start_ms,
                utterance.end_ms,
                position,
                meaning,
                words=utterance.words,
            )
        )
        self._observer.candidate_said(utterance, meaning)

    async def _shown(self, utterance: Utterance) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The criteria of the current question that are still unmet, and the skills that were named."""
        position = self.state.position
        if position is None:
            return (), ()
        said = next((answer for answer in self.state.answers if answer.question_id == position), None)
        so_far = said or Answer(position, self.state.asked)
        answer = replace(so_far, parts=(*so_far.parts, AnswerPart(utterance, self.state.follow_up)))
        unmet = await asyncio.to_thread(self._assess, position, answer)
        return unmet, await asyncio.to_thread(self._name_skills, position, answer)


def _beginning(text: str, share: float) -> str:
    """About that share of a line, in whole words: what was heard of it before it was cut."""
    end = round(len(text) * share)
    if text[:1].isascii():
        end = text.rfind(" ", 0, end + 1)
    return text[: max(0, end)].rstrip() + "…"
