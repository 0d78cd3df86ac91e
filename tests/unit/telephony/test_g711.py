import numpy as np
import pytest

from telephony import g711

EVERY_CODE = bytes(range(256))
EVERY_SAMPLE = np.arange(-32768, 32768, dtype=np.int16)

CODECS = pytest.mark.parametrize(
    ("encode", "decode"),
    [(g711.pcm_to_mulaw, g711.mulaw_to_pcm), (g711.pcm_to_alaw, g711.alaw_to_pcm)],
    ids=["mu-law", "A-law"],
)


@CODECS
def test_every_code_survives_a_round_trip_as_the_same_sound(encode, decode):
    assert decode(encode(decode(EVERY_CODE))) == decode(EVERY_CODE)


@CODECS
def test_every_sample_becomes_the_nearest_value_the_codec_has(encode, decode):
    values = np.unique(np.frombuffer(decode(EVERY_CODE), np.int16)).astype(int)
    coded = np.frombuffer(decode(encode(EVERY_SAMPLE.tobytes())), np.int16).astype(int)
    samples = EVERY_SAMPLE.astype(int)
    nearest = np.min(np.abs(samples[:, None] - values[None, :]), axis=1)
    assert np.array_equal(np.abs(samples - coded), nearest)


@pytest.mark.parametrize(
    ("code", "sample"), [(0xFF, 0), (0x80, 32124), (0x00, -32124), (0xF0, 120), (0x8F, 16764)]
)  # ITU-T G.711, table 2a
def test_mulaw_values_are_the_standards(code, sample):
    assert g711.mulaw_to_pcm(bytes([code])) == np.int16(sample).tobytes()


@pytest.mark.parametrize(("code", "sample"), [(0xD5, 8), (0x55, -8), (0xAA, 32256), (0x2A, -32256)])
def test_alaw_values_are_the_standards(code, sample):
    assert g711.alaw_to_pcm(bytes([code])) == np.int16(sample).tobytes()


def test_silence_is_the_byte_that_carriers_use_for_it():
    assert g711.pcm_to_mulaw(bytes(2)) == b"\xff"
    assert g711.pcm_to_alaw(bytes(2)) == b"\xd5"


@CODECS
def test_half_a_sample_is_refused(encode, decode):
    with pytest.raises(ValueError):
        encode(b"\0\0\0")
