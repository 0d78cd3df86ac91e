import json

import pytest

from models.audio import AudioChunk
from models.errors import InvalidFile, UsageError
from models.speech import Utterance
from scoring.embedder import CharacterNgrams
from voicebot.measure import spoken
from voicebot.measure.skills import SkillsReport, Tagged, load, measure

ENGLISH = {"language": "en", "text": "I use k8s and Python.", "skills": ["Kubernetes", "python", "Falconry"]}
MANDARIN = {"language": "zh", "text": "我用派森", "skills": ["Python"]}


@pytest.fixture
def write(tmp_path):
    def to_file(*lines):
        path = tmp_path / "labelled.jsonl"
        path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines))
        return path

    return to_file


def test_answers_are_read_with_the_tables_names(write):
    first, second = load(write(ENGLISH, "", {**MANDARIN, "note": "kept by whoever labelled"}))
    assert (first.line, first.language, first.skills) == (1, "en", {"Kubernetes", "Python", "Falconry"})
    assert (second.line, second.text) == (3, "我用派森")


def test_precision_recall_and_f1(write):
    answers = load(write(ENGLISH, MANDARIN, {"language": "zh", "text": "我用 Docker", "skills": []}))
    report = measure(answers, CharacterNgrams())
    assert report.agreement("en") | {"answers": 1} == {
        "precision": 1.0,
        "recall": 0.6667,
        "f1": 0.8,
        "labels": 3,
        "tags": 2,
        "answers": 1,
    }
    assert (report.agreement()["precision"], report.agreement()["recall"]) == (0.75, 0.75)
    shown = report.to_json()
    assert (shown["f1"], list(shown["languages"])) == (0.75, ["en", "zh"])
    assert [(miss["line"], miss["missed"], miss["extra"]) for miss in shown["misses"]] == [
        (1, ["Falconry"], []),
        (3, [], ["Docker"]),
    ]
    assert shown["tagger"].endswith("character-ngrams/1")
    assert shown["ms_per_answer"]["count"] == 3


def test_nothing_labelled_and_nothing_found_is_no_mistake(write):
    (answer,) = load(write({"language": "en", "text": "Hello there.", "skills": []}))
    assert SkillsReport("t", (Tagged(answer, frozenset(), 1.0),)).agreement()["f1"] == 1.0


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "this line is not JSON; each line must be like"),
        ("[" * 100_000, "this line is not JSON"),
        ("[]", "this line is not a JSON object"),
        ({"text": "Hello"}, "`language`, `skills` is missing"),
        (ENGLISH | {"language": "fr"}, "`language` must be one of: en, zh"),
        (ENGLISH | {"language": ["en"]}, "`language` must be one of: en, zh"),
        (ENGLISH | {"text": " "}, "`text` must be what was said"),
        (ENGLISH | {"text": None}, "`text` must be what was said"),
        (ENGLISH | {"skills": "Python"}, "`skills` must be a list of names in quotes"),
        (ENGLISH | {"skills": [1]}, "`skills` must be a list of names in quotes"),
        (ENGLISH | {"skills": [""]}, "`skills` must be a list of names in quotes"),
        (ENGLISH | {"expects": "Python"}, "`expects` must be a list of names in quotes"),
    ],
    ids=range(12),
)
def test_a_line_that_is_wrong_is_named_with_its_mend(write, line, complaint):
    path = write(ENGLISH, line)
    with pytest.raises(InvalidFile) as raised:
        load(path)
    (problem,) = raised.value.problems
    assert (problem.file, problem.line) == (str(path), 2)
    assert complaint in problem.message


def test_every_wrong_line_is_named(write):
    with pytest.raises(InvalidFile) as raised:
        load(write("{", ENGLISH, "["))
    assert [problem.line for problem in raised.value.problems] == [1, 3]


def test_a_file_without_answers_says_what_belongs_in_it(write):
    with pytest.raises(InvalidFile, match="no labelled answer in it; each line must be like"):
        load(write("", " "))


def test_what_cannot_be_read(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        load(tmp_path)
    path = tmp_path / "latin1.jsonl"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="not UTF-8"):
        load(path)


def test_what_a_line_expects_is_listened_for_when_it_is_spoken(write, tmp_path):
    answers = load(write({**MANDARIN, "expects": ["Python", "Java"]}, ENGLISH))
    listened: list[tuple[str, tuple[str, ...]]] = []

    class Line:
        def synthesize(self, text, length=1.0):
            return AudioChunk(bytes(320), 8000)

        def transcribe(self, audio, language, *, hot_words=(), others=()):
            listened.append((language, tuple(hot_words)))
            return Utterance("I use Docker", 0, audio.duration_ms, language=language)

    heard = tuple(spoken.heard(answers, {"en": Line(), "zh": Line()}, Line()))
    assert listened == [("zh", ("Python", "Java")), ("en", ())]
    assert [(each.text, each.skills) for each in heard] == [("I use Docker", each.skills) for each in answers]
    spoken.write(heard, tmp_path / "heard.jsonl")
    assert [each.text for each in load(tmp_path / "heard.jsonl")] == ["I use Docker"] * 2


def test_what_cannot_be_written_is_told(write, tmp_path):
    with pytest.raises(UsageError, match="cannot be written"):
        spoken.write(load(write(ENGLISH)), tmp_path / "none" / "heard.jsonl")


def test_options_of_hearing_need_hearing(write, voicebot):
    code, _, said = voicebot("eval", "skills", write(ENGLISH), "--unprompted")
    assert (code, "add --spoken" in said) == (2, True)
