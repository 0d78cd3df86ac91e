"""One interview from dial to archive, and the ways in which candidates end or bend it."""

import wave

import numpy as np

from models.call import Disposition
from models.dialog import AnswerStatus
from models.speech import Speaker
from voicebot.archive.recordings import verify
from voicebot.speech.error_rate import error_rate

AGREES = {"consent": "Yes, that's fine.", "identity": "Yes, speaking.", "good_time": "Yes, it is."}


def channels(parts, record):
    with parts.archive.open_recording(record.attempts[-1].id) as reader, wave.open(reader) as file:
        assert (file.getnchannels(), file.getframerate()) == (2, 8000)
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, 2)
    return samples[:, 0], samples[:, 1]


def loud(channel, start_ms, end_ms):
    return np.abs(channel[start_ms * 8 : end_ms * 8].astype(int)).max() > 1000


def likeness(heard, made):
    """Correlation of the sound that was made with the stretch of `heard` most like it: 1.0 is the same sound."""
    heard, made = heard.astype(float), made.astype(float)
    energy = np.convolve(heard**2, np.ones(len(made)), "valid")
    return np.max(np.correlate(heard, made, "valid") / np.sqrt(np.maximum(energy, 1) * np.sum(made**2)))


def recordings(parts):
    return {path for path in (parts.archive.folder / "recordings").rglob("*") if path.is_file()}


async def test_a_whole_interview_is_held_and_filed(parts, interview):
    held = await interview(
        AGREES
        | {
            "project": ["Sorry, could you repeat the question?", "I rewrote our billing service in Python."],
            "project.number": "Errors went down from four percent to less than one percent.",
            "first_day": "I could start in two weeks.",
            "candidate_questions": "How large is the team?",
            "anything_else": "No, that's all. Thank you.",
        }
    )
    record = held.record
    assert record.disposition is Disposition.COMPLETED
    assert held.word_error_rate <= 0.15

    # every answer under its own question
    project, first_day = record.answers
    assert project.question_id == "project"
    assert error_rate("I rewrote our billing service in Python.", project.parts[0].utterance.text, "en") <= 0.3
    assert project.parts[1].follow_up == "number"
    assert "percent" in project.parts[1].utterance.text or "%" in project.parts[1].utterance.text
    assert first_day.question_id == "first_day"
    assert "two weeks" in first_day.text or "2 weeks" in first_day.text

    # every score has evidence, verbatim, with its time in the recording
    (score,) = record.scorecard.scores
    assert score.value is not None
    for evidence in score.evidence:
        assert any(evidence.quote in part.utterance.text for part in project.parts)
        assert 0 < evidence.start_ms < evidence.end_ms <= record.recording.duration_ms
    assert "Python" in {tag.name for tag in record.scorecard.skills}

    # two channels on one clock, whole and unaltered
    assert verify(record.recording, parts.archive.folder)
    candidate, interviewer = channels(parts, record)
    assert abs(record.recording.duration_ms - record.call_facts["duration_ms"]) <= 50
    for line in record.transcript:
        channel = interviewer if line.speaker is Speaker.INTERVIEWER else candidate
        if line.speaker is Speaker.INTERVIEWER or line.position != "consent":
            assert loud(channel, line.start_ms, line.end_ms), line

    # until consent is given the candidate is not recorded
    consent = next(line for line in record.transcript if line.position == "consent" and line.speaker == "candidate")
    assert not loud(candidate, 0, consent.end_ms)

    # every line that the interviewer spoke is on file as it was made, from its first sound to its last
    for line in record.transcript:
        if line.speaker is Speaker.INTERVIEWER:
            made = np.frombuffer((await parts.voice("en").speak(line.text)).pcm, np.int16)
            assert likeness(interviewer[max(0, line.start_ms - 200) * 8 : (line.end_ms + 200) * 8], made) > 0.95, line


async def test_a_candidate_who_hangs_up_in_mid_answer_leaves_what_was_said(parts, interview):
    held = await interview(
        AGREES
        | {"project": {"saying": "I rewrote our billing service in Python and then we", "hang_up_after_ms": 2500}}
    )
    record = held.record
    assert record.disposition is Disposition.DROPPED
    (answer,) = record.answers
    assert answer.question_id == "project"
    assert "billing" in answer.text
    assert verify(record.recording, parts.archive.folder)


async def test_a_silent_line_is_asked_again_and_then_closed_politely(interview):
    held = await interview({})
    record = held.record
    assert record.disposition is Disposition.UNRESPONSIVE
    asked = [line.text for line in record.transcript if line.position == "consent"]
    assert asked.count("May I record our conversation?") == 2
    assert "5 5 5, 0 1, 0 0" in record.transcript[-1].text
    assert record.answers == ()
    assert record.scorecard is None
    assert all(line.speaker is Speaker.INTERVIEWER for line in record.transcript)


async def test_a_no_to_recording_goes_on_unrecorded(parts, interview):
    recorded_before = recordings(parts)
    held = await interview(
        {
            "consent": "No, please don't.",
            "identity": "Yes, speaking.",
            "good_time": "Yes, it is.",
            "project": "I rewrote our billing service, and errors went down by four percent.",
            "project.number": "Four percent fewer errors.",
            "first_day": {"hang_up_after_ms": 0},
        }
    )
    record = held.record
    assert record.answers[0].status is AnswerStatus.ANSWERED
    assert record.recording is None
    assert recordings(parts) == recorded_before
    assert record.answers[1].status is AnswerStatus.UNANSWERED


async def test_a_wrong_number_hears_nothing_of_the_interview(interview):
    held = await interview({"consent": "Okay.", "identity": "No, you have the wrong number."})
    assert held.record.disposition is Disposition.WRONG_PERSON
    assert not any(line.position == "project" for line in held.record.transcript)
    assert held.record.answers == ()
