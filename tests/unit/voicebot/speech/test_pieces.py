import numpy as np
import pytest

from voicebot.speech.pieces import pieces

RATE_HZ = 8000


def speech(seconds: float, pauses_s: tuple[float, ...] = ()) -> np.ndarray:
    """Noise with 400 ms pauses that begin at the given times."""
    samples = 0.1 * np.random.default_rng(0).standard_normal(int(seconds * RATE_HZ)).astype(np.float32)
    for pause_s in pauses_s:
        samples[int(pause_s * RATE_HZ) : int((pause_s + 0.4) * RATE_HZ)] = 0
    return samples


def test_short_audio_stays_whole() -> None:
    samples = speech(29)

    ((offset, piece),) = pieces(samples, RATE_HZ, longest_s=25, limit_s=29)

    assert offset == 0
    assert len(piece) == len(samples)


def test_long_audio_is_cut_in_its_pauses() -> None:
    cuts_s = [offset / RATE_HZ for offset, _ in pieces(speech(70, (20, 40, 58)), RATE_HZ, longest_s=25, limit_s=29)]

    assert cuts_s == pytest.approx([0, 20.2, 40.2, 58.2], abs=0.15)


@pytest.mark.parametrize("seconds", [29.5, 61, 180])
def test_nothing_is_lost_and_no_piece_is_too_long(seconds: float) -> None:
    samples = speech(seconds)
    cut = list(pieces(samples, RATE_HZ, longest_s=25, limit_s=29))

    assert np.array_equal(np.concatenate([piece for _, piece in cut]), samples)
    assert [offset for offset, _ in cut] == [sum(len(piece) for _, piece in cut[:i]) for i in range(len(cut))]
    assert all(len(piece) <= 25 * RATE_HZ for _, piece in cut[:-1])
    assert len(cut[-1][1]) <= 29 * RATE_HZ


def test_silence_is_one_empty_piece() -> None:
    assert [len(piece) for _, piece in pieces(speech(0), RATE_HZ, longest_s=25, limit_s=29)] == [0]
