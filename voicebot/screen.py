"""What a person sees in the terminal: progress, the live transcript, scorecards, lists."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Protocol

from rich import box
from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from models.archive import InterviewSummary, SearchPage, Verification
from models.call import Disposition
from models.dialog import Answer, CallBack, DialogState, KnockOut, TimeWindow
from models.interview import Experience, InterviewRecord, Score, Scorecard, SkillTag
from models.speech import Speaker, TranscriptLine, Utterance
from voicebot.speech.model_store import ModelInfo, ModelState

BARS = " ▁▂▃▄▅▆▇█"


def clock(ms: int) -> str:
    """Minutes and seconds of a call: 1:07."""
    return f"{ms // 60_000}:{ms // 1000 % 60:02}"


class CallScreen:
    """Follows one call: lines as they are said, and one line at the bottom that shows that it is alive."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._now_ms = 0
        self._levels = (0.0, 0.0)
        self.filed_as: str | None = None
        """The interview's id, once the call is over."""
        self._live = Live(get_renderable=self._status, console=console, refresh_per_second=8, transient=True)

    @contextmanager
    def live(self) -> Iterator[None]:
        with self._live:
            yield

    def line_began(self, text: str, at_ms: int) -> None:
        self._print(at_ms, "interviewer", text, "cyan")

    def candidate_said(self, utterance: Utterance, meaning: str | None) -> None:
        self._print(utterance.start_ms, "candidate", utterance.text + _note(meaning), "green")

    def moved(self, state: DialogState) -> None:
        pass

    def filed(self, interview_id: str) -> None:
        self.filed_as = interview_id

    def level(self, now_ms: int, candidate: float, interviewer: float) -> None:
        """Loudness of both sides, 0 to 1."""
        self._now_ms = now_ms
        self._levels = (candidate, interviewer)

    def _print(self, at_ms: int, who: str, text: str, style: str) -> None:
        self._console.print(_line(at_ms, who, text, style))

    def _status(self) -> Text:
        candidate, interviewer = (BARS[round(level * (len(BARS) - 1))] * 3 for level in self._levels)
        return Text.assemble(
            (f"{clock(self._now_ms):>5}  ", "dim"),
            ("on the phone  ", "bold"),
            (f"interviewer {interviewer}  ", "cyan"),
            (f"candidate {candidate}", "green"),
        )


def _line(at_ms: int, who: str, text: str, style: str) -> Table:
    """A line of a transcript; what does not fit goes on below where it began."""
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(width=5, justify="right", no_wrap=True)
    table.add_column(width=11, no_wrap=True)
    table.add_column(overflow="fold")  # Chinese has no spaces to wrap at
    table.add_row(Text(clock(at_ms), "dim"), Text(who, f"bold {style}"), Text(text))
    return table


@contextmanager
def progress(console: Console, what: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar that moves on by one with each call of what it yields."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def print_interview(console: Console, record: InterviewRecord) -> None:
    """An interview as `archive show` and the demo show it."""
    state = record.disposition.value.replace("_", " ") if record.disposition else "not finished"
    console.print(
        f"\n[bold]{escape(record.candidate.name)}[/]  {escape(record.flow_title)} (version {record.flow.version})"
        f"  [bold]{state}[/]"
    )
    console.print(f"[dim]interview {record.id}[/]\n")
    print_marks(console, record)


def print_marks(console: Console, record: "Interviewed") -> None:
    """The answers that the flow marks for HR."""
    for mark in record.knock_outs:
        console.print(f"[bold yellow]Look at this first[/]  {escape(mark.note)} ({mark.question_id})")


def print_transcript(console: Console, transcript: Sequence[TranscriptLine]) -> None:
    for line in transcript:
        style = "cyan" if line.speaker is Speaker.INTERVIEWER else "green"
        cut = "" if line.heard else "  [cut short]"
        console.print(_line(line.start_ms, line.speaker.value, line.text + cut + _note(line.meaning), style))


def print_calls(console: Console, record: InterviewRecord) -> None:
    """What was said, each of several calls under its number, which the evidence names."""
    for call in record.calls:
        if (number := record.call_number(call.id)) is not None:
            state = call.disposition.value.replace("_", " ") if call.disposition else "not finished"
            console.print(f"[bold]Call {number}[/]  {call.dialled_at:%Y-%m-%d %H:%M} UTC  {state}")
        print_transcript(console, call.transcript)


def _note(meaning: str | None) -> str:
    """What an utterance was taken to be, where it is no answer."""
    return "" if meaning in (None, "answer") else f"  [{meaning}]"


class Interviewed(Protocol):
    """What is printed of an interview, filed or rehearsed."""

    @property
    def disposition(self) -> Disposition | None: ...
    @property
    def answers(self) -> Sequence[Answer]: ...
    @property
    def knock_outs(self) -> Sequence[KnockOut]: ...
    @property
    def questions_for_hr(self) -> Sequence[Utterance]: ...
    @property
    def call_back(self) -> CallBack | None: ...
    @property
    def scorecard(self) -> Scorecard | None: ...
    def call_number(self, attempt_id: str | None) -> int | None: ...


def print_questions(console: Console, record: Interviewed) -> None:
    """What the candidate was promised an answer to, whether or not there is a scorecard."""
    for question in record.questions_for_hr:
        at = _when(record, question.start_ms, question.attempt_id)
        console.print(f"[bold]Wants to know[/]  {at} “{escape(question.text)}”")
    if (wish := record.call_back) is not None:
        at = _when(record, wish.utterance.start_ms, wish.utterance.attempt_id)
        said = f"{at} “{escape(wish.utterance.text)}”"
        window = f"{_window(wish.window)}  " if wish.window else ""
        console.print(f"[bold]Call back[/]  {window}{said}")


def _when(record: Interviewed, at_ms: int, attempt_id: str | None) -> str:
    """The second in the recording; where there are several, in which."""
    number = record.call_number(attempt_id)
    return clock(at_ms) if number is None else f"call {number}, {clock(at_ms)}"


def _window(window: TimeWindow) -> str:
    if window.latest is None:
        return f"from {window.earliest:%a %Y-%m-%d %H:%M}"
    until = "%H:%M" if window.latest.date() == window.earliest.date() else "%a %Y-%m-%d %H:%M"
    return f"{window.earliest:%a %Y-%m-%d %H:%M} to {window.latest.strftime(until)}"


def print_scorecard(console: Console, record: Interviewed) -> None:
    card = record.scorecard
    if card is None:
        console.print(f"[dim]{_why_unscored(record)}[/]")
        return
    if card.scores:
        _print_scores(console, record, card)
    else:
        console.print("[dim]No scores: nothing was asked that has criteria.[/]")
    if card.skills:
        console.print(f"[bold]Skills[/]  {escape(', '.join(map(_skill, card.skills)))}")
    for item in card.experience:
        console.print(_experience(record, item))
    console.print("[dim]Scores come from the words alone. They reject nobody: a person decides.[/]")


def print_past_scorecards(console: Console, record: InterviewRecord) -> None:
    """The scorecards that stood before this one."""
    for past in record.past_scorecards:
        overall = "not assessed" if past.overall is None else f"{past.overall:.1f} of 5"
        console.print(
            f"[dim]Before {past.replaced_at:%Y-%m-%d %H:%M} UTC: overall {overall}, by {escape(past.scorer)}[/]",
            soft_wrap=True,
        )


def _print_scores(console: Console, record: Interviewed, card: Scorecard) -> None:
    asked = {answer.question_id: answer.question for answer in record.answers}
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    table.add_column("criterion", width=22, overflow="fold")
    table.add_column("weight", justify="right")
    table.add_column("score", justify="right")
    table.add_column("evidence, in the candidate's words", ratio=1, overflow="fold")
    total = sum(score.weight for score in card.scores) or 1.0
    for question_id, scores in groupby(card.scores, lambda score: score.question_id):
        table.add_section()
        table.add_row(Text(question_id, "bold"), "", "", Text(asked.get(question_id, "not asked"), "dim"))
        for score in scores:
            value = Text("not assessed", "dim") if score.value is None else Text(f"{score.value:.1f}", "bold")
            table.add_row(_criterion(score), f"{100 * score.weight / total:.0f} %", value, _evidence(record, score))
    console.print(table)
    overall = "not assessed" if card.overall is None else f"{card.overall:.1f} of 5"
    console.print(f"\n[bold]Overall {overall}[/], from {100 * card.assessed_weight:.0f} % of the rubric's weight.")


def _skill(tag: SkillTag) -> str:
    amounts = ([f"{tag.years:g} y"] if tag.years else []) + ([tag.level.value] if tag.level else [])
    return f"{tag.name} ({', '.join(amounts)})" if amounts else tag.name


def _experience(record: Interviewed, item: Experience) -> Table:
    """What the candidate told of a piece of work, and below it each clause once that it was told in."""
    people = f"{item.team_size.text} people" if item.team_size else None
    told = [each.text if each else None for each in (item.role, item.project)]
    parts = [each for each in (item.project, item.role, item.team_size, item.result) if each]
    parts.sort(key=lambda each: (record.call_number(each.attempt_id) or 0, each.start_ms))
    lines = dict.fromkeys(f"{_when(record, each.start_ms, each.attempt_id)} “{each.quote}”" for each in parts)
    table = Table.grid(padding=(0, 2, 0, 0), pad_edge=False)
    table.add_row(Text("Work", "bold"), Text("; ".join(filter(None, [*told, people]))))
    table.add_row("", Text("\n".join(lines), "dim"))
    return table


def _why_unscored(record: Interviewed) -> str:
    if record.disposition is None:
        return "No scorecard yet: the call is not over."
    if record.answers:
        return "Not scored yet, because the call was cut off: the next `voicebot serve` or `voicebot demo` does it."
    return "No scorecard: nothing was answered."


def _criterion(score: Score) -> Text:
    if not score.must_have:
        return Text(score.criterion)
    mark = ("must have", "dim") if score.assessed else ("must have: missing", "bold red")
    return Text.assemble(score.criterion, "\n", mark)


def _evidence(record: Interviewed, score: Score) -> Text:
    """Each quote once, though it may support several points."""
    quotes = dict.fromkeys((each.start_ms, each.attempt_id, each.quote) for each in score.evidence)
    return Text("\n".join(f"{_when(record, start_ms, call)} “{quote}”" for start_ms, call, quote in quotes))


def print_recording(console: Console, record: InterviewRecord) -> None:
    kept = [call.recording for call in record.calls if call.recording]
    if not kept:
        console.print("[dim]No recording was kept.[/]")
        return
    lengths = " and ".join(clock(recording.duration_ms) for recording in kept)
    console.print(f"[bold]Recording[/]  {lengths}, left candidate, right interviewer; hear it in any player:")
    console.print(f"  voicebot archive audio {record.id[:8]} interview.wav", soft_wrap=True)
    for recording in kept:
        console.print(f"[dim]Encrypted in {escape(recording.path)}, SHA-256 {recording.sha256}[/]", soft_wrap=True)


def print_hits(console: Console, page: SearchPage) -> None:
    if not page.hits:
        console.print("Nobody said that." if page.next is None else "Nothing on this page.")
    for hit in page.hits:
        found = hit.interview
        console.print(
            f"[bold]{escape(found.candidate.name)}[/]  {escape(found.flow_title)}  "
            f"{found.created_at:%Y-%m-%d}  [dim]{found.id[:8]}[/]"
        )
        for line in hit.lines:
            console.print(_line(line.start_ms, line.speaker.value, line.text, "green"))
    if page.next is not None:
        console.print(f"[dim]More: --after {page.next}[/]")


def print_verification(console: Console, checked: Verification) -> None:
    console.print(
        f"{checked.interviews} interviews, {checked.recordings} recordings, {checked.entries} audit entries: "
        + ("[green]as they were filed[/]" if checked.sound else f"[red]{len(checked.problems)} problems[/]")
    )
    for problem in checked.problems:
        console.print(f"  {escape(problem)}", soft_wrap=True)
    console.print(f"[dim]Audit head, to note elsewhere: {checked.head}[/]", soft_wrap=True)


def print_interviews(console: Console, interviews: Sequence[InterviewSummary]) -> None:
    if not interviews:
        console.print("The archive is empty. `voicebot demo` holds a first interview.")
        return
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in ("interview", "candidate", "flow", "scheduled (UTC)", "ended as"):
        table.add_column(heading)
    table.add_column("overall", justify="right")
    for interview in interviews:
        table.add_row(
            interview.id[:8],
            escape(interview.candidate.name),
            escape(interview.flow_title),
            f"{interview.created_at:%Y-%m-%d %H:%M}",
            interview.disposition.value.replace("_", " ") if interview.disposition else "open",
            "" if interview.overall is None else f"{interview.overall:.1f}",
        )
    console.print(table)


def print_models(console: Console, models: Sequence[ModelInfo]) -> None:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in ("model", "for", "languages"):
        table.add_column(heading)
    table.add_column("MB", justify="right")
    table.add_column("state")
    for model in models:
        state = Text(model.state.value, "green" if model.state is ModelState.PRESENT else "red")
        table.add_row(model.name, model.purpose, ", ".join(model.languages), f"{model.size / 1e6:.0f}", state)
    console.print(table)
    for model in models:
        if model.mend:
            console.print(escape(model.mend), soft_wrap=True)
    console.print("[dim]Licences and packages: voicebot models list --json, docs/models.md[/]")
