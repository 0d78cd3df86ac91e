import pytest

from models.audio import AudioChunk, bytes_to_ms, ms_to_bytes


@pytest.mark.parametrize(("ms", "rate_hz", "size"), [(20, 8000, 320), (1, 8000, 16), (0, 8000, 0), (20, 22050, 882)])
def test_milliseconds_and_bytes(ms, rate_hz, size):
    assert ms_to_bytes(ms, rate_hz) == size
    assert bytes_to_ms(size, rate_hz) == ms


@pytest.mark.parametrize("rate_hz", [8000, 16000, 22050, 24000, 44100])
def test_bytes_are_always_whole_samples(rate_hz):
    assert all(ms_to_bytes(ms, rate_hz) % 2 == 0 for ms in range(1000))


def test_a_chunk_knows_where_it_ends():
    assert AudioChunk(bytes(320), 8000, start_ms=100).end_ms == 120
