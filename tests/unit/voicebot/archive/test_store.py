import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.call import Candidate, Disposition
from models.desk import InterviewFilter
from models.dialog import Answer, AnswerPart, AnswerStatus, CallBack, DialogState, KnockOut, TimeWindow
from models.errors import ArchiveError, FlowChanged, NotInArchive, OptedOut, TokenRefused
from models.interview import (
    Evidence,
    Experience,
    FlowRef,
    RecordingFile,
    Score,
    Scorecard,
    SkillKind,
    SkillLevel,
    SkillTag,
    Told,
)
from models.speech import Speaker, TranscriptLine, Utterance, Word
from voicebot.archive.store import SILENT_CALL, SILENT_DIAL, Archive

SECOND = timedelta(seconds=1)


def said(text: str, start_ms: int = 0) -> TranscriptLine:
    return TranscriptLine(Speaker.CANDIDATE, text, start_ms, start_ms + 500, "q1", "answer")


def answered(*texts: str) -> Answer:
    return Answer("q1", "Why?", tuple(AnswerPart(Utterance(text, 0, 500)) for text in texts))


def scorecard(value: float | None = 3.5) -> Scorecard:
    evidence = Evidence("we split the service", 1200, 2400, "names the trade-off", 0.8)
    score = Score("q1", "depth", "Depth", 2.0, value, (evidence,) if value else (), must_have=True)
    tag = SkillTag("Kubernetes", SkillKind.TOOL, "three years of k8s", "q1", 100, 900, 3.0, SkillLevel.GOOD)
    work = Experience("q1", role=Told("shift leader", "I was a shift leader", 100, 900))
    return Scorecard((score,), value, 1.0 if value else 0.0, (tag,), "points 1 / use 0.2.1", (work,))


# An interview's life


def test_an_interview_comes_back_as_it_went_in(
    archive: Archive, candidate: Candidate, flow: FlowRef, now: datetime
) -> None:
    interview_id = archive.schedule_interview(candidate, flow, {"company": "Acme"}, now)
    planned = archive.interview(interview_id)
    assert (planned.disposition, planned.started_at, planned.transcript) == (None, None, ())

    attempt_id = archive.begin_attempt(interview_id, now + SECOND)
    ticket = archive.redeem_attempt(attempt_id, now + 5 * SECOND)
    assert (ticket.interview_id, ticket.candidate, ticket.flow_digest) == (interview_id, candidate, flow.digest)
    assert (ticket.variables, ticket.state) == ({"company": "Acme"}, None)

    hello = TranscriptLine(Speaker.INTERVIEWER, "Hello, this is Acme's", 0, 900, "disclosure", heard=False)
    reply = TranscriptLine(Speaker.CANDIDATE, "Yes", 1000, 1200, "consent", "yes", words=(Word("Yes", 1000, 1200),))
    archive.record(attempt_id, [hello], DialogState(position="consent"), now + 6 * SECOND)
    state = DialogState(position="q1", answers=(answered("Because", "it works"),), recording_permitted=True)
    archive.record(attempt_id, [reply], state, now + 7 * SECOND)
    under_way = archive.interview(interview_id)
    assert (under_way.disposition, under_way.started_at) == (None, now + 5 * SECOND)
    assert (under_way.transcript, under_way.answers) == ((hello, reply), state.answers)

    writer = archive.recording_writer(attempt_id, now)
    writer.append(b"\x01\x00" * 8000, b"\x02\x00" * 8000)
    recording = writer.close()
    facts: dict[str, int | float | str] = {"latency_p50_ms": 480, "lost": 0.25, "voice": "joe"}
    archive.end_attempt(attempt_id, Disposition.COMPLETED, facts, recording, now + 60 * SECOND)
    archive.file_scorecard(interview_id, scorecard())

    record = archive.interview(interview_id)
    assert (record.id, record.candidate, record.flow) == (interview_id, candidate, flow)
    assert (record.flow_title, record.language) == ("Backend engineer", "en")
    assert (record.disposition, record.ended_at) == (Disposition.COMPLETED, now + 60 * SECOND)
    assert (record.transcript, record.answers) == ((hello, reply), state.answers)
    assert (record.scorecard, record.recording, record.call_facts) == (scorecard(), recording, facts)
    assert record.recording and record.recording.duration_ms == 1000


def test_everything_is_still_there_after_reopening(
    archive: Archive, reopened: Callable[[], Archive], attempt_id: str, now: datetime
) -> None:
    archive.record(attempt_id, [said("kept")], DialogState(), now)
    archive.close()
    with reopened() as again:
        assert again.interview(again.interviews()[0].id).transcript == (said("kept"),)


def test_a_flow_is_filed_once_and_read_back_verbatim(archive: Archive, flow: FlowRef) -> None:
    archive.flows.file(flow, "Another title", "zh", "title: other\n")
    assert archive.flows.text(flow.digest) == "title: Backend engineer\n"
    with pytest.raises(NotInArchive, match="file it first"):
        archive.flows.text("cd" * 32)


def test_a_second_call_goes_on_where_the_first_stopped(archive: Archive, interview_id: str, now: datetime) -> None:
    first = archive.begin_attempt(interview_id, now)
    archive.redeem_attempt(first, now)
    state = DialogState(position="q2", answers=(answered("half"),), follow_ups_asked=("f1",), lines=7)
    archive.record(first, [said("half")], state, now)
    archive.end_attempt(first, Disposition.DROPPED, {}, None, now + SECOND)
    unanswered = archive.begin_attempt(interview_id, now + 2 * SECOND)
    archive.end_attempt(unanswered, Disposition.BUSY, {}, None, now + 3 * SECOND)
    assert archive.interview(interview_id).disposition is Disposition.DROPPED, "what was said is still shown"

    archive.file_scorecard(interview_id, scorecard(), now + 4 * SECOND)
    third = archive.begin_attempt(interview_id, now + 4 * SECOND)
    ticket = archive.redeem_attempt(third, now + 4 * SECOND)
    assert ticket.state is not None
    (half,) = ticket.state.answers
    assert half.parts[0].utterance.attempt_id == first, "in whose recording it is heard"
    assert replace(ticket.state, answers=()) == replace(state, answers=())
    record = archive.interview(interview_id)
    assert record.answers == (half,), "also when this call dies at once"
    assert record.scorecard is None, "the one on file was made without this call"
    assert archive.verify().problems == ()
    archive.record(third, [said("the other half")], state, now + 5 * SECOND)
    attempts = archive.interview(interview_id).attempts
    assert [attempt.disposition for attempt in attempts] == [Disposition.DROPPED, Disposition.BUSY, None]
    assert [[line.text for line in attempt.transcript] for attempt in attempts] == [["half"], [], ["the other half"]]


def test_an_interview_whose_phone_was_never_picked_up(archive: Archive, interview_id: str, now: datetime) -> None:
    for n, disposition in enumerate((Disposition.NO_ANSWER, Disposition.BUSY)):
        attempt_id = archive.begin_attempt(interview_id, now + n * SECOND)
        archive.end_attempt(attempt_id, disposition, {}, None, now + n * SECOND)
    record = archive.interview(interview_id)
    assert (record.disposition, record.started_at, record.transcript) == (Disposition.BUSY, None, ())


def test_who_opted_out_is_never_called_again(
    archive: Archive, interview_id: str, candidate: Candidate, flow: FlowRef, now: datetime
) -> None:
    waiting = archive.schedule_interview(candidate, flow, {}, now)
    attempt_id = archive.begin_attempt(interview_id, now)
    archive.redeem_attempt(attempt_id, now)
    archive.end_attempt(attempt_id, Disposition.OPTED_OUT, {}, None, now + SECOND)
    for interview in (interview_id, waiting):
        with pytest.raises(OptedOut, match="never to be called again"):
            archive.begin_attempt(interview, now + 2 * SECOND)
    for same in (replace(candidate, phone="+14155550199"), replace(candidate, id="c-2")):
        with pytest.raises(OptedOut):
            archive.schedule_interview(same, flow, {}, now + 2 * SECOND)
    other = archive.schedule_interview(Candidate("c-2", "Bo", "+14155550199"), flow, {}, now + 2 * SECOND)
    assert archive.begin_attempt(other, now + 2 * SECOND)
    assert len(archive.interviews()) == 3


def test_an_opt_out_counts_though_the_process_died_during_the_goodbye(
    archive: Archive, interview_id: str, attempt_id: str, now: datetime
) -> None:
    archive.record(attempt_id, [], DialogState(outcome=Disposition.OPTED_OUT), now)
    assert archive.sweep(now + 2 * SILENT_CALL) == [attempt_id]
    assert archive.interview(interview_id).disposition is Disposition.OPTED_OUT
    with pytest.raises(OptedOut):
        archive.begin_attempt(interview_id, now + 3 * SILENT_CALL)


def test_what_was_answered_and_never_scored_is_known(
    archive: Archive, interview_id: str, attempt_id: str, candidate: Candidate, flow: FlowRef, now: datetime
) -> None:
    silent = archive.schedule_interview(candidate, flow, {}, now)
    archive.redeem_attempt(archive.begin_attempt(silent, now), now)
    half = Answer("q1", "Why?", (AnswerPart(Utterance("half", 0, 500, attempt_id=attempt_id)),))
    state = DialogState(position="q1", answers=(half,))
    archive.record(attempt_id, [said("half")], state, now)
    assert archive.unscored() == (), "the call is under way"
    assert len(archive.sweep(now + 2 * SILENT_CALL)) == 2
    [ticket] = archive.unscored()
    assert (ticket.interview_id, ticket.attempt_id, ticket.state) == (interview_id, attempt_id, state)
    assert (ticket.flow_digest, ticket.variables) == (flow.digest, {"company": "Acme"})
    archive.file_scorecard(interview_id, scorecard())
    assert archive.unscored() == ()


def test_answers_follow_the_dialog_as_it_grows(archive: Archive, attempt_id: str, now: datetime) -> None:
    archive.record(attempt_id, [], DialogState(answers=(answered("one"),)), now)
    skipped = Answer("q2", "And?", (), AnswerStatus.SKIPPED)
    grown = (answered("one", "two"), skipped)
    archive.record(attempt_id, [], DialogState(answers=grown), now)
    assert archive.interview(archive.interviews()[0].id).answers == grown


def test_a_new_scorecard_takes_the_old_one_s_place_and_the_old_one_stays_on_file(
    archive: Archive, interview_id: str, now: datetime
) -> None:
    cards = [scorecard(2.0), scorecard(None), replace(scorecard(3.0), scorer="points 2")]
    for n, card in enumerate(cards):
        archive.file_scorecard(interview_id, card, now + n * SECOND)
    record = archive.interview(interview_id)
    assert record.scorecard == cards[2]
    assert [past.scorecard for past in record.past_scorecards] == cards[:2]
    assert [(past.filed_at, past.replaced_at) for past in record.past_scorecards] == [
        (now, now + SECOND),
        (now + SECOND, now + 2 * SECOND),
    ]
    assert (record.past_scorecards[0].overall, record.past_scorecards[0].scorer) == (cards[0].overall, cards[0].scorer)
    assert archive.verify().sound


def test_an_override_stands_over_every_later_scorecard(archive: Archive, interview_id: str, now: datetime) -> None:
    archive.file_scorecard(interview_id, scorecard(2.0))
    score = scorecard().scores[0]
    archive.reviews.override(interview_id, score.question_id, score.criterion_id, 5.0, "mia", "I listened", now)
    archive.file_scorecard(interview_id, scorecard(3.0))
    wanted = InterviewFilter(skill=f"{score.criterion} >= 5")
    assert [found.id for found in archive.interviews(where=wanted)] == [interview_id]


def test_a_refused_scorecard_leaves_the_old_one(archive: Archive, interview_id: str) -> None:
    archive.file_scorecard(interview_id, scorecard(2.0))
    with pytest.raises(ArchiveError, match="value_on_scale"):
        archive.file_scorecard(interview_id, scorecard(7.0))
    twice = Scorecard(scorecard().scores * 2, 3.5, 1.0, (), "points 1")
    with pytest.raises(ArchiveError, match="contradicts"):
        archive.file_scorecard(interview_id, twice)
    assert archive.interview(interview_id).scorecard == scorecard(2.0)


def test_the_first_ending_stands(archive: Archive, attempt_id: str, now: datetime) -> None:
    archive.end_attempt(attempt_id, Disposition.COMPLETED, {"turns": 3}, None, now)
    archive.end_attempt(attempt_id, Disposition.DROPPED, {}, RecordingFile("x.wav", "00", 1), now + SECOND)
    record = archive.interview(archive.interviews()[0].id)
    assert (record.disposition, record.ended_at, record.recording) == (Disposition.COMPLETED, now, None)
    assert record.call_facts == {"turns": 3}


def test_an_attempt_whose_media_never_connects_is_ended_and_lets_none_in(
    archive: Archive, interview_id: str, now: datetime
) -> None:
    attempt_id = archive.begin_attempt(interview_id, now)
    assert archive.end_unconnected(attempt_id, now + SECOND)
    assert not archive.end_unconnected(attempt_id, now + 2 * SECOND)
    with pytest.raises(TokenRefused):
        archive.redeem_attempt(attempt_id, now + 2 * SECOND)
    record = archive.interview(interview_id)
    assert (record.disposition, record.ended_at) == (Disposition.FAILED, now + SECOND)


def test_an_attempt_whose_media_has_connected_is_for_its_call_to_end(
    archive: Archive, interview_id: str, now: datetime
) -> None:
    attempt_id = archive.begin_attempt(interview_id, now)
    archive.redeem_attempt(attempt_id, now)
    assert not archive.end_unconnected(attempt_id, now)
    assert archive.interview(interview_id).disposition is None


# Finding


def test_the_list_is_newest_first_and_limited(archive: Archive, candidate: Candidate, flow: FlowRef) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    ids = [archive.schedule_interview(candidate, flow, {}, start + n * SECOND) for n in (2, 0, 1)]
    archive.file_scorecard(ids[0], scorecard())
    listed = archive.interviews(limit=2)
    assert [summary.id for summary in listed] == [ids[0], ids[2]]
    assert [summary.overall for summary in listed] == [3.5, None]
    assert (listed[0].candidate, listed[0].flow, listed[0].flow_title) == (candidate, flow, "Backend engineer")


def test_an_interview_is_found_by_the_beginning_of_its_id(
    archive: Archive, candidate: Candidate, flow: FlowRef, now: datetime
) -> None:
    ids = [archive.schedule_interview(candidate, flow, {}, now) for _ in range(17)]  # two share their first digit
    for interview_id in ids:
        assert archive.interview(interview_id[:12].upper()).id == interview_id
    shared = next(i[0] for i in ids if sum(other[0] == i[0] for other in ids) > 1)
    with pytest.raises(NotInArchive, match="several interviews begin with"):
        archive.interview(shared)


@pytest.mark.parametrize("unknown", ["", " ", "nobody", "%", "_", "' OR 1=1 --", "面试"])
def test_an_unknown_id_says_where_the_ids_are(archive: Archive, interview_id: str, unknown: str) -> None:
    with pytest.raises(NotInArchive, match="archive list"):
        archive.interview(unknown)


def test_what_was_never_scheduled_is_refused(archive: Archive, candidate: Candidate, now: datetime) -> None:
    with pytest.raises(NotInArchive, match="file it first"):
        archive.schedule_interview(candidate, FlowRef("other", 1, "ef" * 32), {}, now)
    with pytest.raises(NotInArchive, match="schedule it"):
        archive.begin_attempt("none", now)
    with pytest.raises(NotInArchive, match="to score"):
        archive.file_scorecard("none", scorecard())
    with pytest.raises(NotInArchive):
        archive.record("none", [], DialogState(), now)
    with pytest.raises(NotInArchive):
        archive.heartbeat("none", now)
    with pytest.raises(NotInArchive):
        archive.end_attempt("none", Disposition.BUSY, {}, None, now)


# The single-use token


def test_fifty_racing_streams_and_one_gets_in(archive: Archive, interview_id: str, now: datetime) -> None:
    attempt_id = archive.begin_attempt(interview_id, now)
    together = threading.Barrier(50)

    def redeem(_: int) -> bool:
        together.wait()
        try:
            archive.redeem_attempt(attempt_id, now)
        except TokenRefused:
            return False
        return True

    with ThreadPoolExecutor(50) as pool:
        assert sorted(pool.map(redeem, range(50))) == [False] * 49 + [True]


def test_a_token_that_is_unknown_or_too_late_is_refused(archive: Archive, interview_id: str, now: datetime) -> None:
    with pytest.raises(TokenRefused, match="dial again"):
        archive.redeem_attempt("forged", now)
    ended = archive.begin_attempt(interview_id, now)
    archive.end_attempt(ended, Disposition.NO_ANSWER, {}, None, now)
    with pytest.raises(TokenRefused):
        archive.redeem_attempt(ended, now)


# Sweeping


def test_a_silent_call_is_dropped_with_all_that_was_said(archive: Archive, attempt_id: str, now: datetime) -> None:
    archive.record(attempt_id, [said("kept")], DialogState(answers=(answered("kept"),)), now + SECOND)
    assert archive.sweep(now + SECOND + SILENT_CALL) == []
    assert archive.sweep(now + 2 * SECOND + SILENT_CALL) == [attempt_id]
    record = archive.interview(archive.interviews()[0].id)
    assert (record.disposition, record.ended_at) == (Disposition.DROPPED, now + SECOND)
    assert (record.transcript, record.answers) == ((said("kept"),), (answered("kept"),))
    assert archive.sweep(now + 2 * SECOND + SILENT_CALL) == []


def test_a_dial_that_nobody_watches_any_more_has_failed(archive: Archive, interview_id: str, now: datetime) -> None:
    attempt_id = archive.begin_attempt(interview_id, now)
    assert archive.sweep(now + SILENT_DIAL) == [], "it may still be ringing"
    assert archive.sweep(now + SILENT_DIAL + SECOND) == [attempt_id]
    assert archive.interview(interview_id).disposition is Disposition.FAILED
    with pytest.raises(TokenRefused):
        archive.redeem_attempt(attempt_id, now)


def test_a_beating_heart_keeps_a_call_alive(archive: Archive, attempt_id: str, now: datetime) -> None:
    archive.heartbeat(attempt_id, now + 60 * SECOND)
    assert archive.sweep(now + 70 * SECOND) == []


def test_a_call_whose_recording_is_still_written_is_left_alone(
    archive: Archive, attempt_id: str, now: datetime
) -> None:
    writer = archive.recording_writer(attempt_id, now)
    assert archive.sweep(now + timedelta(hours=1)) == []
    writer.discard()
    assert archive.sweep(now + timedelta(hours=1)) == [attempt_id]


def test_the_process_itself_knows_better_than_the_sweep(archive: Archive, attempt_id: str, now: datetime) -> None:
    archive.sweep(now + timedelta(hours=1))
    archive.record(attempt_id, [said("I am still here")], DialogState(), now + timedelta(hours=1))
    archive.end_attempt(attempt_id, Disposition.COMPLETED, {}, None, now + timedelta(hours=2))
    record = archive.interview(archive.interviews()[0].id)
    assert (record.disposition, record.ended_at) == (Disposition.COMPLETED, now + timedelta(hours=2))
    assert record.transcript == (said("I am still here"),)


def test_racing_sweeps_end_each_attempt_once(archive: Archive, interview_id: str, now: datetime) -> None:
    attempts = {archive.begin_attempt(interview_id, now) for _ in range(10)}
    with ThreadPoolExecutor(8) as pool:
        swept = [a for found in pool.map(lambda _: archive.sweep(now + timedelta(hours=1)), range(8)) for a in found]
    assert sorted(swept) == sorted(attempts)


def test_a_foreign_file_in_a_recordings_place_does_not_stop_the_sweep(
    archive: Archive, attempt_id: str, now: datetime
) -> None:
    folder = archive.folder / "recordings" / "2026" / "03"
    folder.mkdir(parents=True)
    foreign = folder / f"{attempt_id}.wav"
    foreign.write_bytes(b"not a recording at all, but fifty bytes of other text")
    assert archive.sweep(now + timedelta(hours=1)) == [attempt_id]
    assert archive.interview(archive.interviews()[0].id).recording is None
    assert foreign.exists(), "nobody's file is removed"


# Any text, any moment

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
"""Without the zero character, which PostgreSQL keeps in no column: what is sealed may have it, a title may not."""
ms = st.integers(0, 2**31 - 1)
moments = st.datetimes(
    datetime(2000, 1, 1),
    datetime(2100, 1, 1),
    timezones=st.integers(-12, 14).map(lambda h: timezone(timedelta(hours=h))),
)
words = st.lists(st.builds(Word, text, ms, ms), max_size=3).map(tuple)
utterances = st.builds(Utterance, text, ms, ms, words, st.sampled_from(["en", "zh"]), st.just("a1"))
lines = st.builds(
    TranscriptLine, st.sampled_from(Speaker), text, ms, ms, st.none() | text, st.none() | text, st.booleans(), words
)
parts = st.lists(st.builds(AnswerPart, utterances, st.none() | text), max_size=3).map(tuple)
answers = st.lists(st.builds(Answer, text, text, parts, st.sampled_from(AnswerStatus)), max_size=3).map(tuple)
share = st.floats(0, 1)
states = st.builds(
    DialogState,
    position=st.none() | text,
    asked=text,
    lines=ms,
    follow_ups_asked=st.lists(text, max_size=2).map(tuple),
    answers=answers,
    recording_permitted=st.none() | st.booleans(),
    questions_for_hr=st.lists(utterances, max_size=2).map(tuple),
    call_back=st.none() | st.builds(CallBack, utterances, st.none() | st.builds(TimeWindow, moments, moments)),
    outcome=st.none() | st.sampled_from(Disposition),
)
evidence = st.lists(st.builds(Evidence, text, ms, ms, text, share), max_size=2).map(tuple)
scores = st.builds(Score, text, text, text, share, st.none() | st.floats(1, 5), evidence, st.booleans())
levels = st.none() | st.sampled_from(SkillLevel)
tags = st.builds(SkillTag, text, st.sampled_from(SkillKind), text, text, ms, ms, st.none() | share, levels)
told = st.none() | st.builds(Told, text, text, ms, ms)
scorecards = st.builds(
    Scorecard,
    st.lists(scores, max_size=3, unique_by=lambda score: (score.question_id, score.criterion_id)).map(tuple),
    st.none() | st.floats(1, 5),
    share,
    st.lists(tags, max_size=2).map(tuple),
    text,
    st.lists(st.builds(Experience, text, told, told, told, told), max_size=2).map(tuple),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    candidate=st.builds(Candidate, text, text, text),
    title=text,
    yaml_text=text,
    variables=st.dictionaries(text, text, max_size=2),
    steps=st.lists(st.tuples(st.lists(lines, max_size=2), states), min_size=1, max_size=3),
    card=scorecards,
    facts=st.dictionaries(text, ms | share | text, max_size=2),
    at=moments,
)
def test_whatever_goes_in_comes_out(
    archive: Archive,
    candidate: Candidate,
    title: str,
    yaml_text: str,
    variables: dict[str, str],
    steps: list[tuple[list[TranscriptLine], DialogState]],
    card: Scorecard,
    facts: dict[str, int | float | str],
    at: datetime,
) -> None:
    flow = FlowRef(title, 1, f"{hash((title, yaml_text)):x}")
    archive.flows.file(flow, title, "zh", yaml_text)
    interview_id = archive.schedule_interview(candidate, flow, variables, at)
    attempt_id = archive.begin_attempt(interview_id, at)
    assert archive.redeem_attempt(attempt_id, at).variables == variables
    for spoken, state in steps:
        archive.record(attempt_id, spoken, state, at)
    archive.end_attempt(attempt_id, Disposition.COMPLETED, facts, None, at)
    archive.file_scorecard(interview_id, card)

    record = archive.interview(interview_id)
    assert (record.candidate, record.flow, record.flow_title) == (candidate, flow, title)
    assert archive.flows.text(flow.digest) == yaml_text
    filed = [line for spoken, _ in steps for line in spoken]
    assert record.transcript == tuple(sorted(filed, key=lambda line: line.start_ms)), "in the order it was spoken"
    assert record.answers == steps[-1][1].answers
    assert record.scorecard == card
    assert (record.call_facts, record.started_at, record.ended_at) == (facts, at, at)
    assert record.ended_at and record.ended_at.tzinfo is UTC
    again = archive.begin_attempt(interview_id, at)
    assert archive.redeem_attempt(again, at).state == steps[-1][1]


@pytest.mark.parametrize(
    "verbatim", ["'; DROP TABLE interviews; --", "你好，世界", "👩🏽‍💻 naïve\u202e\x00end", "a\r\n\tb", "%s {0} \\"]
)
def test_awkward_words_stay_verbatim(archive: Archive, attempt_id: str, now: datetime, verbatim: str) -> None:
    archive.record(attempt_id, [said(verbatim)], DialogState(answers=(answered(verbatim),)), now)
    record = archive.interview(archive.interviews()[0].id)
    assert (record.transcript[0].text, record.answers[0].text) == (verbatim, verbatim)


def test_half_a_character_is_refused_whole(archive: Archive, attempt_id: str, now: datetime) -> None:
    with pytest.raises(ArchiveError, match="not Unicode"):
        archive.record(attempt_id, [said("fine"), said("half \ud83d")], DialogState(), now)
    assert archive.interview(archive.interviews()[0].id).transcript == ()


def test_what_no_database_can_keep_is_refused_whole(archive: Archive, attempt_id: str, now: datetime) -> None:
    with pytest.raises(ArchiveError, match="cannot keep this"):
        archive.end_attempt(attempt_id, Disposition.BUSY, {"when": now}, None, now)
    assert archive.interview(archive.interviews()[0].id).disposition is None


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_title_that_postgresql_cannot_keep_is_one_clear_error(archive: Archive) -> None:
    with pytest.raises(ArchiveError, match="cannot keep this: a text with a zero character"):
        archive.flows.file(FlowRef("f", 1, "cd" * 32), "half\0title", "en", "")


def test_a_moment_without_a_time_zone_is_refused(archive: Archive, interview_id: str) -> None:
    with pytest.raises(ArchiveError, match="time zone"):
        archive.begin_attempt(interview_id, datetime(2026, 1, 1))


# Published flows


def test_a_published_version_never_gets_other_content(archive: Archive, flow: FlowRef, now: datetime) -> None:
    other = replace(flow, digest="cd" * 32)
    archive.flows.file(other, "Backend engineer", "en", "title: A draft\n")  # may be tried before it is published

    assert archive.flows.publish(flow, "Backend engineer", "en", "title: Backend engineer\n", now)
    assert not archive.flows.publish(flow, "Backend engineer", "en", "title: Backend engineer\n", now + SECOND)
    for refused in (archive.flows.file, lambda *content: archive.flows.publish(*content, now)):
        with pytest.raises(FlowChanged, match=r"version 3 \(en\) was published on 2026-03-31.*raise `version`"):
            refused(other, "Backend engineer", "en", "title: A draft\n")
    assert archive.flows.publish(replace(other, version=4), "Backend engineer", "en", "title: A draft\n", now)
    assert archive.flows.publish(replace(flow, digest="ef" * 32), "后端", "zh", "title: 后端\n", now)
    assert archive.flows.text(flow.digest) == "title: Backend engineer\n"


def test_of_many_that_publish_at_once_one_content_wins(archive: Archive, now: datetime) -> None:
    def publish(number: int) -> bool:
        try:
            return archive.flows.publish(FlowRef("waiter", 1, f"{number:064}"), "Waiter", "en", f"id: {number}", now)
        except FlowChanged:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(publish, range(16))) == 1


def test_what_was_marked_and_what_was_passed_over_come_with_the_record(
    archive: Archive, attempt_id: str, interview_id: str, now: datetime
) -> None:
    state = DialogState(knock_outs=(KnockOut("licence", "no licence"),), passed_over=("vehicle",))
    archive.record(attempt_id, [], state, now)
    record = archive.interview(interview_id)
    assert (record.knock_outs, record.passed_over) == (state.knock_outs, ("vehicle",))
