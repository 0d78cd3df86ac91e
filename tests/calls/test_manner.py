"""A candidate who asks for it is spoken to more slowly and louder from then on."""

import numpy as np

from models.dialog import Manner
from models.speech import Speaker

PROJECT = "Please tell me about a project that you finished."
ANSWERS = {
    "consent": "Yes, that's fine.",
    "identity": "Yes, speaking.",
    "good_time": "Yes, it is.",
    "project": [
        "Could you speak more slowly, please?",
        "Could you speak up, please?",
        "I rewrote our billing service, and errors fell from four percent to one.",
    ],
    "project.number": "About three percent.",
    "first_day": "Yes, I can.",
    "candidate_questions": "No, thank you.",
}


async def test_the_question_comes_again_slower_and_then_louder_and_its_times_are_those_of_the_call(parts, interview):
    record = (await interview(ANSWERS)).record
    lines = [line for line in record.transcript if line.speaker is Speaker.INTERVIEWER and line.text == PROJECT]
    voice = parts.voice("en")
    usual, slower = await voice.speak(PROJECT), await voice.speak(PROJECT, Manner(1.25))
    louder = await voice.speak(PROJECT, Manner(1.25, 4.0))

    assert 1.15 < slower.duration_ms / usual.duration_ms < 1.35
    for line, audio in zip(lines, (usual, slower, louder), strict=True):
        assert abs(line.end_ms - line.start_ms - audio.duration_ms) <= 100
    assert np.abs(np.frombuffer(louder.pcm, np.int16)).max() > np.abs(np.frombuffer(slower.pcm, np.int16)).max()
    assert "billing" in record.answers[0].text
    assert [line.meaning for line in record.transcript if line.meaning in ("slower", "louder")] == ["slower", "louder"]
