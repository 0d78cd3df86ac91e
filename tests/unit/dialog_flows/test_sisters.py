"""One interview in two languages, each in a file of its own."""

from pathlib import Path

import pytest

from dialog_flows.loader import library, load, parse_published
from models.errors import InvalidFlow, Problem

ENGLISH = """\
id: waiter
version: 1
title: Waiter
language: en
also_in: [zh]
variables: {company: Acme, team: kitchen}
disclosure: An AI calls from {company}, recorded.
consent: {ask: 'May I record?'}
identity: {ask: 'Is it you?'}
good_time: {ask: 'Is now good?'}
questions:
  - id: evening
    ask: How was your evening in the {team}?
    criteria: [{id: order, name: Order, points: [says so]}]
    follow_ups: [{id: more, ask: 'And then?', when: {no_evidence_for: order}}]
candidate_questions: {ask: 'Any questions?', reply: Noted.}
closing: Goodbye.
policies: {callback_number: '555 01'}
"""
CHINESE = """\
id: waiter
version: 1
title: 服务员
language: zh
also_in: [en]
variables: {company: 顶点, team: null}
disclosure: 我是{company}公司的人工智能，通话会录音。请打{callback_number}。
consent: {ask: '可以录音吗？'}
identity: {ask: '是您吗？'}
good_time: {ask: '方便吗？'}
questions:
  - id: evening
    ask: 那天晚上{team}怎么样？
    criteria: [{id: order, name: 条理, points: [这样说]}]
    follow_ups: [{id: more, ask: '然后呢？', when: {no_evidence_for: order}}]
candidate_questions: {ask: '有问题吗？', reply: 记下了。}
closing: 再见。
"""


def write(folder: Path, chinese: str = CHINESE, english: str = ENGLISH) -> Path:
    (folder / "waiter.yaml").write_text(english, encoding="utf-8")
    (folder / "waiter.zh.yaml").write_text(chinese, encoding="utf-8")
    return folder / "waiter.yaml"


def problem(path: Path) -> Problem:
    with pytest.raises(InvalidFlow) as raised:
        load(path)
    [only] = raised.value.problems
    return only


def test_a_filled_flow_knows_its_sisters_and_they_know_it(tmp_path: Path) -> None:
    write(tmp_path)

    for file, languages in (("waiter.yaml", ("en", "zh")), ("waiter.zh.yaml", ("zh", "en"))):
        flow = load(tmp_path / file).fill({"team": "kitchen", "callback_number": "1"})
        assert flow.languages == languages
        assert flow.in_language("zh").closing == "再见。"
        assert flow.in_language("zh").in_language("en").closing == "Goodbye."
        assert flow.in_language(None) is flow
        assert flow.in_language("fr") is flow


def test_a_sister_takes_values_of_its_own_before_those_of_the_flow(tmp_path: Path) -> None:
    flow = load(write(tmp_path))

    sister = flow.fill({}).in_language("zh")
    assert sister.disclosure == "我是顶点公司的人工智能，通话会录音。请打5 5 5, 0 1。"
    assert sister.questions[0].ask == "那天晚上kitchen怎么样？"
    assert flow.fill({"company": "巅峰"}).in_language("zh").disclosure.startswith("我是巅峰公司")


def test_folders_named_after_languages_do_as_well(tmp_path: Path) -> None:
    for language, text in (("en", ENGLISH), ("zh", CHINESE)):
        (tmp_path / language).mkdir()
        (tmp_path / language / "waiter.yaml").write_text(text, encoding="utf-8")

    assert load(tmp_path / "en" / "waiter.yaml").fill({}).languages == ("en", "zh")


def test_what_is_published_holds_the_sisters_and_the_digest_tells_when_one_changes(tmp_path: Path) -> None:
    flow = load(write(tmp_path))
    changed = load(write(tmp_path, CHINESE.replace("再见", "回见")))

    again = parse_published(flow.published_text)
    assert again.digest == flow.digest == again.fill({}).digest
    assert again.fill({}).in_language("zh").closing == "再见。"
    assert changed.digest != flow.digest


def test_a_missing_sister_is_told_with_its_line_and_name(tmp_path: Path) -> None:
    path = write(tmp_path)
    (tmp_path / "waiter.zh.yaml").unlink()

    found = problem(path)
    assert (found.line, found.column) == (5, 11)
    assert f"write one as {tmp_path / 'waiter.zh.yaml'}" in found.message


@pytest.mark.parametrize(
    ("was", "becomes", "message"),
    [
        ("id: evening", "id: night", "its questions are night, not evening"),
        ("order", "other", "its question evening has the criteria other, not order"),
        (
            "follow_ups: [{id: more,",
            "follow_ups: [{id: less,",
            "its question evening has the follow_ups less, not more",
        ),
        ("id: waiter", "id: waitress", "its `id` is waitress, not waiter"),
        ("language: zh", "language: en", "its `language` is en, not zh"),
    ],
)
def test_a_sister_that_does_not_ask_the_same_is_told(tmp_path: Path, was: str, becomes: str, message: str) -> None:
    sister = CHINESE.replace(was, becomes).replace("人工智能，通话会录音", "公司 AI 人工智能 recorded 录音")

    assert message in problem(write(tmp_path, sister)).message


def test_what_is_wrong_in_a_sister_is_told_with_its_own_file(tmp_path: Path) -> None:
    found = problem(write(tmp_path, CHINESE.replace("closing: 再见。", "closing: ''")))

    assert found.file == str(tmp_path / "waiter.zh.yaml")


def test_a_flow_is_no_sister_of_itself(tmp_path: Path) -> None:
    found = problem(write(tmp_path, english=ENGLISH.replace("also_in: [zh]", "also_in: [en]")))

    assert "own `language`" in found.message


def test_the_library_is_whole_in_both_languages() -> None:
    names = {language: {path.name for path in library(language)} for language in ("en", "zh")}

    assert names["en"] == names["zh"]
    for language in names:
        for path in library(language):
            assert len(load(path).sisters) == 1
