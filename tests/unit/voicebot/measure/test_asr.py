import numpy as np
import pytest

from models.audio import AudioChunk
from models.errors import InvalidFile, UsageError
from models.speech import Utterance
from voicebot.measure import asr

TONE = 0.3 * np.sin(np.arange(16_000) / 5)


class Hears:
    """Stands for a recogniser that hears one thing in everything, and keeps the rates it was given."""

    name = "hears"

    def __init__(self, text):
        self.text = text
        self.rates_hz = []

    def transcribe(self, audio, language):
        self.rates_hz.append(audio.rate_hz)
        return Utterance(self.text, audio.start_ms, audio.end_ms, language=language)


@pytest.fixture
def manifest(tmp_path, write_wav):
    """Writes a manifest of these rows beside two recordings."""
    write_wav("a.wav", TONE, 16_000)
    write_wav("b.wav", TONE, 16_000)

    def write(*rows, header="file,lang,transcript"):
        path = tmp_path / "manifest.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return write


def test_errors_are_added_up_over_all_words_of_a_language(manifest):
    loaded = asr.load(manifest("a.wav,en,yes", 'b.wav,en,"Yes, one two three"', "a.wav,zh,是的"))
    figures = asr.measure(loaded, Hears("yes"), [asr.Line.CLEAN]).to_json()
    assert figures["languages"]["en"]["metric"] == "WER"
    assert figures["languages"]["en"]["clean"] | {"ms_per_clip": None, "times_real_time": None} == {
        "rate": 0.6,
        "words": 5,
        "wrong": 3,
        "clips": 2,
        "ms_per_clip": None,
        "times_real_time": None,
    }
    assert figures["languages"]["zh"]["metric"] == "CER"
    assert [clip["wrong"] for clip in figures["clips"]] == [0, 3, 2]


def test_the_telephone_lies_between_when_asked_for(manifest):
    hears = Hears("yes")
    loaded = asr.load(manifest("a.wav,en,yes"))
    figures = asr.measure(loaded, hears, list(asr.Line)).to_json()
    assert hears.rates_hz == [16_000, 16_000, 8000], "warmed up once"
    assert set(figures["languages"]["en"]) == {"metric", "clean", "telephone"}


def test_mu_law_keeps_the_sound_and_loses_the_detail(write_wav):
    samples = (TONE * 32767).astype("<i2")
    heard = np.frombuffer(asr.through_telephone(AudioChunk(samples.tobytes(), 16_000)).pcm, "<i2")
    assert len(heard) == 8000
    assert np.corrcoef(heard, samples[::2])[0, 1] > 0.99
    assert len(np.unique(heard)) < 256


def test_rows_without_a_transcript_are_left_out_and_counted(manifest):
    loaded = asr.load(manifest("a.wav,en,yes", "call.wav,en+zh,", "b.wav,en,  "))
    assert (len(loaded.clips), loaded.without_transcript) == (1, 2)


def test_other_columns_and_a_byte_order_mark_are_allowed(manifest):
    path = manifest("me,a.wav,en,yes", header="\ufeffspeaker,file,lang,transcript")
    assert asr.load(path).clips[0].transcript == "yes"


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("nobody.wav,en,hello", "nobody.wav: there is no such audio file"),
        ("manifest.csv,en,hello", "manifest.csv cannot be read as audio"),
        ("a.wav,fr,bonjour", "language 'fr' cannot be measured; `lang` must be one of: en, zh"),
        ("a.wav,,hello", "language '' cannot be measured"),
        ("a.wav,en,?!", "the transcript '?!' has no words"),
        ("low.wav,en,hello", "4000 samples a second"),
    ],
)
def test_a_row_to_mend_is_named_with_its_line(manifest, write_wav, row, complaint):
    write_wav("low.wav", TONE, 4000)
    path = manifest("a.wav,en,yes", '"b.wav",en,"two\nlines"', row)
    with pytest.raises(InvalidFile) as error:
        asr.load(path)
    (line,) = str(error.value).splitlines()
    assert line.startswith(f"{path}:5:1: ")
    assert complaint in line


def test_every_row_to_mend_is_told_at_once(manifest):
    with pytest.raises(InvalidFile) as error:
        asr.load(manifest("x.wav,en,yes", "a.wav,fr,oui"))
    assert [problem.line for problem in error.value.problems] == [2, 3]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "lacks file, lang, transcript"),
        (b"file,transcript\na.wav,yes\n", "lacks lang; it must name the columns file, lang, transcript"),
        (b"file,lang,transcript\n", "no row has a transcript"),
        (b'file,lang,transcript\na.wav,en,"yes\n', "is no CSV"),
    ],
)
def test_a_manifest_that_is_wrong(tmp_path, content, complaint):
    path = tmp_path / "manifest.csv"
    path.write_bytes(content)
    with pytest.raises(InvalidFile, match=complaint):
        asr.load(path)


@pytest.mark.parametrize(
    ("prepare", "complaint"),
    [
        (lambda path: path.mkdir(), "cannot be read"),
        (lambda path: None, "cannot be read"),
        (lambda path: path.write_bytes(b"file,lang,transcript\na.wav,en,\xff\xfe\n"), "is not UTF-8"),
    ],
)
def test_a_manifest_that_cannot_be_read(tmp_path, prepare, complaint):
    path = tmp_path / "manifest.csv"
    prepare(path)
    with pytest.raises(UsageError, match=complaint):
        asr.load(path)
