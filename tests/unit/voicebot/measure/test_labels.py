import numpy as np
import pytest

from models.dialog import Expects
from models.errors import InvalidFile, UsageError
from voicebot.measure import labels


def test_turns_are_the_segments_between_two_turn_ends(write_labels):
    call = labels.load(write_labels())
    assert [turn.segments_ms for turn in call.turns] == [((1000, 3000), (4000, 5000)), ((7000, 8000),)]
    assert [turn.expects for turn in call.turns] == [Expects.OPEN, Expects.YES_NO]
    assert (call.name, call.language, call.caller.duration_ms) == ("call", "en", 10_000)
    assert call.audio_of(call.turns[0]).duration_ms == 4000


def test_what_an_annotator_added_for_people_is_allowed(write_labels):
    labels.load(
        write_labels(
            agent="agent.wav",
            pauses=[{"from": 3.0, "to": 4.0, "length": 1.0}],
            turn_ends=[{"end": 5.0, "agent_starts": 5.5, "gap": 0.5}],
        )
    )


def test_times_may_differ_by_a_frame(write_labels):
    call = labels.load(write_labels(turn_ends=[{"end": 5.03}, {"end": 7.98}]))
    assert [turn.end_ms for turn in call.turns] == [5000, 8000]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"caller_segments": [[1.0, 3.0], [7.0, 14.0]]}, r"segment 2 \(7-14 s\) lies beyond caller.wav.* 10 s"),
        ({"caller_segments": [[3.0, 1.0]]}, r"segment 1 \(3-1 s\) must end after it begins"),
        ({"caller_segments": [[4.0, 5.0], [1.0, 3.0]]}, r"segment 2 .*begin after the one before"),
        ({"caller_segments": [[5.2, 6.8]], "turn_ends": [{"end": 6.8}]}, r"nobody speaks in segment 1"),
        ({"turn_ends": [{"end": 6.0}]}, r"no segment ends at 6 s, where turn 1 should"),
        ({"turn_ends": [{"end": 8.0}, {"end": 5.0}]}, r"turn 2 must end after the one before"),
        ({"turn_ends": [{"end": 5.0}, {"end": 5.02}]}, r"turn 2 must end after the one before"),
        ({"turn_ends": []}, r"`turn_ends` must have at least one item"),
        ({"language": "fr"}, r"`language` must be one of: en, zh"),
        ({"caler": "x.wav"}, r"`caler` is not a key; did you mean `caller`"),
        ({"caller_segments": [["1.0", "3.0"]]}, r"caller_segments"),
    ],
)
def test_labels_that_are_wrong_or_do_not_fit_name_the_mend(write_labels, changes, complaint):
    path = write_labels(**changes)
    with pytest.raises(InvalidFile, match=complaint) as error:
        labels.load(path)
    assert str(path) in str(error.value)


def test_every_misfit_is_told_at_once(write_labels):
    with pytest.raises(InvalidFile) as error:
        labels.load(write_labels(caller_segments=[[1.0, 30.0], [40.0, 50.0]], turn_ends=[{"end": 9.0}]))
    assert len(error.value.problems) == 3


def test_a_track_at_another_rate(write_labels, write_wav):
    path = write_labels()
    write_wav("caller.wav", np.ones(16_000), 16_000)
    with pytest.raises(UsageError, match="16000 samples a second"):
        labels.load(path)


def test_a_track_that_is_missing(write_labels):
    with pytest.raises(UsageError, match=r"nobody\.wav: there is no such audio file"):
        labels.load(write_labels(caller="nobody.wav"))


def test_a_label_file_that_is_missing(tmp_path):
    with pytest.raises(UsageError, match="there is no such label file"):
        labels.load(tmp_path / "x.turns.json")


def test_a_folder_without_labels(tmp_path):
    with pytest.raises(UsageError, match=r"no label files; they are named \*\.turns\.json"):
        labels.find(tmp_path)
