import numpy as np

from voicebot.pipeline.tracks import Tracks


def tone(ms, value):
    return np.full(ms * 8, value, np.int16).tobytes()


def samples(pcm):
    return np.frombuffer(pcm, np.int16)


def at(pcm, ms):
    return int(samples(pcm)[ms * 8])


def test_both_channels_lie_on_the_candidates_clock():
    tracks = Tracks()
    tracks.hear_candidate(tone(1000, 1))
    tracks.hear_interviewer(tone(20, 2))  # sent while the clock went from 980 to 1000
    left, right = tracks.take(slack_ms=0)
    assert len(left) == len(right) == 16_000
    assert at(left, 500) == 1
    assert (at(right, 979), at(right, 985)) == (0, 2)


def test_packets_of_one_line_follow_on_without_clicks_though_they_come_unevenly():
    tracks = Tracks()
    tracks.hear_candidate(tone(200, 1))
    for _ in range(10):
        tracks.hear_interviewer(tone(20, 2))
    for _ in range(10):
        tracks.hear_candidate(tone(20, 1))
    _, right = tracks.take(slack_ms=0)
    assert np.count_nonzero(samples(right)) == 200 * 8
    assert np.all(samples(right)[180 * 8 : 380 * 8] == 2)


def test_what_is_taken_is_never_given_again_and_nothing_is_lost():
    tracks = Tracks()
    taken_left, taken_right = b"", b""
    for second in range(1, 31):
        tracks.hear_candidate(tone(1000, second))
        tracks.hear_interviewer(tone(1000, -second))
        left, right = tracks.take()
        assert len(left) == len(right)
        taken_left, taken_right = taken_left + left, taken_right + right
    left, right = tracks.take(slack_ms=0)
    taken_left, taken_right = taken_left + left, taken_right + right
    assert len(taken_left) == len(taken_right) == 30 * 16_000
    assert sorted(set(samples(taken_left))) == list(range(1, 31))


def test_the_interviewers_channel_does_not_drift_in_thirty_minutes():
    """Lines of five seconds, packets paced by a clock 0.1 % off the candidate's."""
    tracks = Tracks()
    right, began_ms = b"", []
    for _line in range(180):
        tracks.hear_candidate(tone(5000, 1))
        began_ms.append(tracks.now_ms)
        for packet in range(250):
            tracks.hear_candidate(tone(20 if packet % 50 else 21, 1))
            tracks.hear_interviewer(tone(20, 2))
        right += tracks.take()[1]
    right += tracks.take(slack_ms=0)[1]
    found_ms = np.flatnonzero(np.diff((samples(right) == 2).astype(int)) == 1) / 8
    assert len(found_ms) == len(began_ms)
    assert np.max(np.abs(found_ms - began_ms)) <= 50
