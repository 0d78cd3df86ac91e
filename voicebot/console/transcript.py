"""What was said, beside the recording: click a line, and it plays there."""

from typing import Any

from nicegui import html
from nicegui.element import Element

from models.accounts import Scope
from models.interview import AttemptRecord
from models.speech import Speaker, TranscriptLine
from voicebot.console.sheet import Place, Sheet
from voicebot.console.texts import clock
from voicebot.console.visit import Visit


class Player(Element, component="player.js"):
    """One call's recording."""

    def __init__(self, visit: Visit, attempt: AttemptRecord, duration_ms: int) -> None:
        super().__init__()
        self.props["call"] = attempt.id
        self.props["src"] = f"/recordings/{attempt.id}.wav"
        self.props["outline"] = f"/recordings/{attempt.id}/outline"
        self.props["duration_ms"] = duration_ms
        names = ("player", "play", "pause", "position", "speed", "failed", "keys")
        self.props["labels"] = {name: visit.say(f"player.{name}") for name in names}


def calls(sheet: Sheet) -> None:
    """Every call in which something was said; the last one open."""
    say, found = sheet.visit.say, sheet.calls
    if not found:
        html.p(say("transcript.none")).classes("muted")
        return
    _call(sheet, found[0])
    for attempt in found[1:]:
        with html.details().classes("earlier"):
            html.summary(say("transcript.earlier", when=sheet.visit.moment(attempt.dialled_at)))
            _call(sheet, attempt)


def to_play(place: Place) -> dict[str, Any]:
    """Attributes of what plays this moment when it is clicked; without a recording it leads to the line."""
    return {"href": place.address, "data-call": place.attempt.id, "data-at": place.at_ms}


def _call(sheet: Sheet, attempt: AttemptRecord) -> None:
    say = sheet.visit.say
    plays = attempt.recording is not None and sheet.visit.may(Scope.RECORDINGS_PLAY)
    if plays and attempt.recording is not None:
        Player(sheet.visit, attempt, attempt.recording.duration_ms)
    else:
        html.p(say("transcript.no_recording")).classes("muted")
    with html.ol(tabindex="0", **{"aria-label": say("transcript.title")}).classes("transcript"):
        for number, line in enumerate(attempt.transcript):
            _line(sheet, attempt, number, line, plays)


def _line(sheet: Sheet, attempt: AttemptRecord, number: int, line: TranscriptLine, plays: bool) -> None:
    say, bot = sheet.visit.say, line.speaker is Speaker.INTERVIEWER
    place = Place(attempt, number, line.start_ms)
    times = {"data-line": attempt.id, "data-from": line.start_ms, "data-until": line.end_ms}
    with html.li(id=place.anchor, lang=sheet.record.language, **times).classes("bot" if bot else "person"):
        if plays:
            label = say("transcript.play_at", time=clock(line.start_ms))
            html.a(clock(line.start_ms), **to_play(place), **{"aria-label": label}).classes("time")
        else:
            html.span(clock(line.start_ms)).classes("time")
        with html.div(**({"data-call": attempt.id, "data-at": line.start_ms} if plays else {})):
            html.span(say(f"speaker.{line.speaker}")).classes("speaker")
            html.p(line.text)
            if not line.heard:
                html.span(say("transcript.cut")).classes("muted")
