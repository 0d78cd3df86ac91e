import json

import pytest

from models.errors import InvalidFile, UsageError
from voicebot.measure import understanding

HEADER = "language,expects,utterance,label"


@pytest.fixture
def replies(tmp_path):
    def write(*rows, header=HEADER):
        path = tmp_path / "replies.csv"
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path

    return write


def test_what_is_understood_and_what_is_not(voicebot, replies):
    path = replies("en,yes_no,Yes.,yes", "en,open,Pardon?,answer", "zh,open,再说一遍,repeat")
    code, out, _ = voicebot("eval", "understanding", path, "--json")
    figures = json.loads(out)
    assert code == 0
    assert (figures["right"], figures["utterances"], figures["accuracy"]) == (2, 3, 0.6667)
    assert figures["languages"]["zh"] == {"accuracy": 1.0, "utterances": 1, "right": 1}
    assert figures["confusion"]["answer"] == {"repeat": 1}
    assert figures["misses"] == [
        {"language": "en", "expects": "open", "utterance": "Pardon?", "label": "answer", "taken_for": "repeat"}
    ]


def test_a_person_reads_the_same(voicebot, replies):
    code, out, _ = voicebot("eval", "understanding", replies("en,open,[Pardon?],answer"))
    assert code == 0
    assert "0.0 %" in out
    assert "[Pardon?]" in out


def test_the_line_that_was_asked_counts_where_it_is_given(replies):
    header = f"{HEADER},asked"
    asked = replies("en,yes_no,This is Bo.,yes,Am I speaking with Bo?", header=header)
    assert not understanding.measure(understanding.load(asked)).misses
    assert understanding.measure(understanding.load(replies("en,yes_no,This is Bo.,yes"))).misses


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("fr,open,Oui,yes", "replies.csv:2:1: `language` is 'fr'; it must be one of: en, zh"),
        ("en,essay,Yes,yes", "`expects` is 'essay'; it must be one of: yes_no"),
        ("en,open,Yes,agreed", "`label` is 'agreed'; it must be one of: answer, yes"),
        ("en", "`expects` is ''"),
    ],
)
def test_every_row_that_cannot_be_used_is_named(replies, row, complaint):
    with pytest.raises(InvalidFile) as raised:
        understanding.load(replies(row, "en,open,Yes,yes", row))
    assert complaint in str(raised.value)
    assert [problem.line for problem in raised.value.problems] == [2, 4]


def test_a_file_without_rows_or_columns(replies):
    with pytest.raises(InvalidFile, match="nothing to measure"):
        understanding.load(replies())
    with pytest.raises(InvalidFile, match="lacks expects, label"):
        understanding.load(replies(header="language,utterance"))


@pytest.mark.parametrize("content", [b"language,expects,utterance,label\nen,open,\xff,yes\n", None])
def test_a_file_that_cannot_be_read(tmp_path, content):
    path = tmp_path / "replies.csv"
    if content:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=r"replies\.csv"):
        understanding.load(path)
