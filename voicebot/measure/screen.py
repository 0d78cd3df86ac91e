"""Measurements as a person reads them in the terminal."""

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from voicebot.measure.asr import METRICS, AsrReport, summary
from voicebot.measure.capacity import ACCEPTABLE_P95_MS, CapacityReport, carried
from voicebot.measure.figures import Spread
from voicebot.measure.latency import PARTS, LatencyReport
from voicebot.measure.memory import MemoryReport
from voicebot.measure.skills import SkillsReport
from voicebot.measure.turns import SCALES, Outcome, TurnsReport
from voicebot.measure.understanding import UnderstandingReport

STEPS = {
    "pause_noticed_ms": "until the pause is noticed",
    "recognition_ms": "recognition",
    "patience_ms": "patience that is left, and dialog",
    "first_audio_ms": "first audio at the phone",
}


def print_asr(console: Console, report: AsrReport) -> None:
    table = _table("", "line")
    for heading in ("errors", "words", "clips", "per clip", "of real time"):
        table.add_column(heading, justify="right")
    for language, line, group in report.groups:
        figures = summary(group)
        table.add_row(
            f"{METRICS[language]} {language}",
            line.value,
            f"{100 * figures['rate']:.1f} %",
            str(figures["words"]),
            str(figures["clips"]),
            _seconds(figures["ms_per_clip"]["p50_ms"]),
            f"{100 * figures['times_real_time']:.0f} %",
        )
    console.print(table)
    if report.without_transcript:
        console.print(f"[dim]{report.without_transcript} rows without a transcript were left out.[/]")


def print_understanding(console: Console, report: UnderstandingReport) -> None:
    figures = report.to_json()
    groups = {"all": figures, **figures["languages"]}
    table = _table("language")
    for heading in ("understood", "utterances", "share"):
        table.add_column(heading, justify="right")
    for name, group in groups.items():
        table.add_row(name, str(group["right"]), str(group["utterances"]), f"{100 * group['accuracy']:.1f} %")
    console.print(table)
    if not report.misses:
        return
    confusion = _table("meant", "of", "taken for")
    for label, taken in report.confusion.items():
        others = ", ".join(f"{kind} {count}" for kind, count in taken.items() if kind != label)
        if others:
            confusion.add_row(label, str(sum(taken.values())), others)
    console.print(confusion)
    misses = _table("meant", "taken for", "said")
    for miss in report.misses:
        misses.add_row(miss.label, miss.taken_for, escape(miss.utterance))
    console.print(misses)


def print_turns(console: Console, report: TurnsReport) -> None:
    table = _table("patience")
    for heading in ("cut-ins", "p50", "p95", "longest"):
        table.add_column(heading, justify="right")
    for scale in SCALES:
        if scale == 1 or round(10 * scale) % 5 == 0:
            _add_outcome(table, "as it is" if scale == 1 else f"times {scale:g}", report.at(scale))
    if (allowed := report.at_allowed_cut_ins) is not None:
        _add_outcome(table, f"at 5 % cut-ins: times {allowed.scale:g}", allowed)
    console.print(f"{number_of(len(report.turns), 'turn')}; delays from the labelled end of the turn")
    console.print(table)
    if allowed is None:
        console.print("No patience of the sweep keeps cut-ins at 5 %.")


def _add_outcome(table: Table, name: str, outcome: Outcome) -> None:
    table.add_row(name, f"{100 * outcome.cut_in_rate:.0f} %", *_spread(outcome.delay))


def print_latency(console: Console, report: LatencyReport) -> None:
    figures = report.to_json()
    table = _table("from the last voiced sample sent")
    for heading in ("p50", "p95", "longest"):
        table.add_column(heading, justify="right")
    table.add_row("to the first voiced sample heard", *_spread(report.latency), style="bold")
    for name in PARTS:
        table.add_row(f"  {STEPS[name]}", *_spread(report.part(name)))
    console.print(table)
    cut_ins = "none" if not figures["cut_ins"] else f"{figures['cut_ins']} ({100 * figures['cut_in_rate']:.1f} %)"
    console.print(
        f"{number_of(figures['calls'], 'call')} at once, {number_of(figures['turns'], 'turn')}; talked into: {cut_ins};"
        f" unanswered: {figures['unanswered']}; unsaid: {figures['unsaid']}"
    )
    memory = figures["rss_mb"]
    console.print(
        f"{figures['cpu_s_per_call']} CPU seconds a call, {figures['cores_used']} of {figures['machine']['cores']}"
        f" cores; memory {memory['before']} MB and {memory['per_call']} MB a call"
    )


def print_capacity(console: Console, report: CapacityReport) -> None:
    table = _table("calls")
    for heading in ("p50", "p95", "longest", "cut-ins", "cores", "carried"):
        table.add_column(heading, justify="right")
    for each in sorted(report.tries, key=lambda each: len(each.calls)):
        figures = each.to_json()
        cut_ins = "-" if each.cut_in_rate is None else f"{100 * each.cut_in_rate:.1f} %"
        verdict = "yes" if carried(each) else "no"
        table.add_row(str(len(each.calls)), *_spread(each.latency), cut_ins, f"{figures['cores_used']}", verdict)
    console.print(table)
    most = len(report.best.calls) if report.best else 0
    console.print(f"[bold]{number_of(most, 'call')} at once[/] with a p95 of at most {_seconds(ACCEPTABLE_P95_MS)}")


def print_skills(console: Console, report: SkillsReport) -> None:
    for each in report.wrong:
        wrong = [f"missed {', '.join(each.missed)}"] if each.missed else []
        wrong += [f"not labelled {', '.join(each.extra)}"] if each.extra else []
        console.print(f"line {each.answer.line}  {escape('; '.join(wrong))}")
        console.print(f"  {escape(each.answer.text)}", style="dim")
    table = _table("")
    for heading in ("precision", "recall", "F1", "labels", "answers"):
        table.add_column(heading, justify="right")
    for name in (*report.languages, None):
        figures = report.agreement(name)
        shares = (f"{figures[key]:.3f}" for key in ("precision", "recall", "f1"))
        table.add_row(name or "all", *shares, str(figures["labels"]), str(figures["answers"]))
    console.print(table)


def print_memory(console: Console, report: MemoryReport) -> None:
    figures = report.to_json()
    growth = "too few calls to tell" if report.growth_mb is None else f"{report.growth_mb:+.1f} MB in 100 calls"
    console.print(
        f"{figures['before_mb']} MB before the first call, {figures['per_call_mb']} MB for each of {report.at_once} at"
        f" once, {figures['peak_mb']} MB at the highest"
    )
    console.print(f"[bold]Growth after warming up: {growth}[/]")


def number_of(count: int, noun: str) -> str:
    """1 call, 2 calls."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False)
    for heading in headings:
        table.add_column(heading)
    return table


def _spread(spread: Spread | None) -> tuple[str, str, str]:
    if spread is None:
        return "-", "-", "-"
    return _seconds(spread.p50_ms), _seconds(spread.p95_ms), _seconds(spread.max_ms)


def _seconds(ms: float) -> str:
    return f"{ms / 1000:.2f} s"
