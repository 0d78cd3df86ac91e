"""Tells who has picked up, from what is heard and understood: for carriers that do not tell. Pure, in audio time.

It never holds a call up: the interviewer speaks as ever, and what is said over it decides. Whoever is not plainly a
machine is a person: no single sign that a person could give as well ends a call. Each sign weighs something, and from
DECISIVE on it was a machine.

    a wording that only machines use              2
    a wording that machines use, and people too   1
    eight seconds of speech that pays no heed     1
    a beep after speech, and then silence         1
    and no reply to the question after it         1
"""

from collections import deque
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from models.audio import FRAME_MS, SAMPLE_BYTES
from telephony.answered_by import AnsweredBy
from telephony.greetings import Greeting, greetings
from telephony.tones import FRAME_SAMPLES, Tone, Tones

DECISIVE = 2

LISTEN_MS = 120_000
"""Whoever has not been told for a machine by now is none."""
PERSON_REPLIES = 2
"""Replies without a sign of a machine that make a person of whoever gives them."""

MONOLOGUE_MS = 8000
"""People who hear a voice stop sooner; the longest business greetings that people say take some five seconds."""
BREATH_MS = 800
"""A pause that does not end a monologue."""

SHORTEST_BEEP_MS, LONGEST_BEEP_MS = 100, 2000
BEEP_HZ = (390.0, 2020.0)
"""400 to 2000 Hz, as exactly as a short one can be measured."""
BEEP_AFTER_SPEECH_MS = 1500
"""How much must have been said before a beep: "Hello?" is a person's."""
BEEP_WITHIN_MS = 5000
"""Of the last word. Later it is some other sound."""
SILENT_AFTER_BEEP_MS = 500
NO_REPLY_MS = 3000
GREETING_OVER_MS = 3500
"""A machine that has been silent for so long is listening, though no beep was heard."""

ANSWERING_FAX_HZ, CALLING_FAX_HZ = 2100.0, 1100.0
"""CED and CNG (ITU-T T.30)."""
FAX_TOLERANCE_HZ = 38.0
ANSWERING_FAX_MS = 1000
CALLING_FAX_MS = (400, 700)
CALLING_FAX_EVERY_MS = (3000, 4200)

LOUD_DB, OVER_FLOOR_DB = -45.0, 8.0
"""Speech is louder than this, and than the line's own noise by that much."""
_FLOOR_DB = (-60.0, -30.0)
_FLOOR_RISES_DB = 0.05
"""A frame: 2.5 dB a second."""
_SMOOTH_FRAMES, _TALKING_FRAMES, _QUIET_FRAMES = 10, 6, 3


class Sign(StrEnum):
    WORDING = "wording"
    HINT = "hint"
    MONOLOGUE = "monologue"
    BEEP = "beep"
    NO_REPLY = "no_reply"


WEIGHTS = {Sign.WORDING: 2, Sign.HINT: 1, Sign.MONOLOGUE: 1, Sign.BEEP: 1, Sign.NO_REPLY: 1}


class Pickup:
    """One call's, from the first audio after it was answered."""

    def __init__(self) -> None:
        self.who = AnsweredBy.NONE
        """As far as it is known."""
        self.settled = False
        """Nothing more will be found out, and nothing need be heard any more."""
        self.signs: set[Sign] = set()
        self._now_ms = 0
        self._rest = b""
        self._tones = Tones()
        self._speech = _Speech()
        self._fax_calls: deque[Tone] = deque(maxlen=2)
        self._beep: Tone | None = None
        """A tone that may have been a beep, before it is known whether silence follows."""
        self._listening = False
        """The other side could reply to us now."""
        self._unanswered_ms = 0
        """How long it has not, since a beep."""
        self._text = ""
        self._replies = 0

    def hear(self, pcm: bytes) -> AnsweredBy | None:
        """16-bit PCM at 8 kHz, any length. Returns what has become known now."""
        self._rest += pcm
        frame_bytes = FRAME_SAMPLES * SAMPLE_BYTES
        news = None
        while len(self._rest) >= frame_bytes and not self.settled:
            frame, self._rest = self._rest[:frame_bytes], self._rest[frame_bytes:]
            news = self._frame(np.frombuffer(frame, np.int16) / 32768) or news
        return news

    def understand(self, text: str, *, reply: bool) -> AnsweredBy | None:
        """What was said, a turn at a time. `reply`: our first line had been heard by then.

        Returns what has become known now, and SCREENING each time that a telephone's assistant asks.
        """
        if self.settled or not text.strip():
            return None
        said = greetings(text)
        self._text = f"{self._text} {text}"
        so_far = greetings(self._text)
        if Greeting.MACHINE in so_far:
            self.signs.add(Sign.WORDING)
        elif Greeting.SCREENING in said or (Greeting.SCREENING in so_far and self.who is not AnsweredBy.SCREENING):
            self.who = AnsweredBy.SCREENING
            return self.who
        elif self.who is AnsweredBy.SCREENING:
            if Greeting.HOLD in said:
                return None
            self.who, self._text = AnsweredBy.HUMAN, text
        else:
            if Greeting.HINT in so_far:
                self.signs.add(Sign.HINT)
            if reply and Greeting.HINT not in said:
                self._replies += 1
                self.settled = self._replies >= PERSON_REPLIES
        return self._decide()

    def our_turn(self, speaking: bool) -> None:
        """Whether we speak now, or wait for a reply."""
        self._listening = not speaking

    def _frame(self, samples: NDArray[np.float64]) -> AnsweredBy | None:
        self._now_ms += FRAME_MS
        tone = self._tones.hear(samples)
        sounding = self._tones.sounding
        self._speech.hear(samples, tonal=sounding is not None)
        if self.who is AnsweredBy.NONE and self._speech.total_ms:
            self.who = AnsweredBy.HUMAN
        if tone is not None:
            self._take(tone)
        if self._is_fax(sounding):
            self.who, self.settled = AnsweredBy.FAX, True
            return self.who
        self._watch()
        if self._now_ms >= LISTEN_MS:
            self.settled = True
        return self._decide()

    def _take(self, tone: Tone) -> None:
        """A tone is over."""
        if abs(tone.hz[0] - CALLING_FAX_HZ) <= FAX_TOLERANCE_HZ and not self._speech.total_ms:
            self._fax_calls.append(tone)
        since_ms = tone.start_ms - self._speech.until_ms
        if (
            SHORTEST_BEEP_MS <= tone.duration_ms <= LONGEST_BEEP_MS
            and all(BEEP_HZ[0] <= hz <= BEEP_HZ[1] for hz in tone.hz)
            and not tone.is_key
            and self._speech.total_ms >= BEEP_AFTER_SPEECH_MS
            and since_ms <= BEEP_WITHIN_MS
        ):
            self._beep = tone

    def _watch(self) -> None:
        """Signs that time makes."""
        if self._speech.stretch_ms >= MONOLOGUE_MS:
            self.signs.add(Sign.MONOLOGUE)
        if self._beep is not None:
            if self._speech.until_ms > self._beep.end_ms + BREATH_MS // 2:  # spoken on: it was something else
                self._beep, self._unanswered_ms = None, 0
                self.signs -= {Sign.BEEP, Sign.NO_REPLY}
            elif self._now_ms - self._beep.end_ms >= SILENT_AFTER_BEEP_MS:
                self.signs.add(Sign.BEEP)
        if Sign.BEEP in self.signs and self._listening:
            self._unanswered_ms += FRAME_MS
            if self._unanswered_ms >= NO_REPLY_MS:
                self.signs.add(Sign.NO_REPLY)

    def _decide(self) -> AnsweredBy | None:
        if sum(WEIGHTS[sign] for sign in self.signs) < DECISIVE:
            return None
        silent = self._tones.sounding is None and self._now_ms - self._speech.until_ms >= GREETING_OVER_MS
        if Sign.BEEP in self.signs or silent:
            self.who, self.settled = AnsweredBy.MACHINE_READY, True
            return self.who
        if self.who is AnsweredBy.MACHINE:
            return None
        self.who = AnsweredBy.MACHINE
        return self.who

    def _is_fax(self, sounding: Tone | None) -> bool:
        if sounding and abs(sounding.hz[0] - ANSWERING_FAX_HZ) <= FAX_TOLERANCE_HZ:
            return sounding.duration_ms >= ANSWERING_FAX_MS
        if len(self._fax_calls) < 2:
            return False
        first, second = self._fax_calls
        least_ms, most_ms = CALLING_FAX_MS
        nearest_ms, farthest_ms = CALLING_FAX_EVERY_MS
        return (
            least_ms <= first.duration_ms <= most_ms
            and least_ms <= second.duration_ms <= most_ms
            and nearest_ms <= second.start_ms - first.start_ms <= farthest_ms
        )


class _Speech:
    """When something is said, by loudness over the line's noise; tones do not count."""

    def __init__(self) -> None:
        self.total_ms = 0
        self.until_ms = 0
        """The last time that somebody was heard to speak."""
        self.stretch_ms = 0
        """How long the present stretch has lasted, its breaths included."""
        self._now_ms = 0
        self._began_ms = 0
        self._talking = False
        self._floor_db: float | None = None
        self._recent: deque[bool] = deque(maxlen=_SMOOTH_FRAMES)

    def hear(self, samples: NDArray[np.float64], *, tonal: bool) -> None:
        self._now_ms += FRAME_MS
        level_db = 10 * float(np.log10(np.mean(samples**2) + 1e-9))
        lowest, highest = _FLOOR_DB
        floor_db = level_db if self._floor_db is None else min(level_db, self._floor_db + _FLOOR_RISES_DB)
        self._floor_db = min(max(floor_db, lowest), highest)
        self._recent.append(not tonal and level_db > max(LOUD_DB, self._floor_db + OVER_FLOOR_DB))
        loud = sum(self._recent)
        self._talking = loud > _QUIET_FRAMES if self._talking else loud >= _TALKING_FRAMES
        if not self._talking:
            if self._now_ms - self.until_ms > BREATH_MS:
                self.stretch_ms = 0
            return
        if self._now_ms - self.until_ms > BREATH_MS or not self.until_ms:
            self._began_ms = self._now_ms
        self.total_ms += FRAME_MS
        self.until_ms = self._now_ms
        self.stretch_ms = self._now_ms - self._began_ms
