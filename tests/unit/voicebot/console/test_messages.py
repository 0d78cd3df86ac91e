"""What the product's parts say in English is said in Chinese, too."""

import ast
import inspect
import re
from pathlib import Path

import pytest

from dialog_flows import content, diagram, document, earning, lint, loader, reach, schema, strict
from models import errors
from models.errors import FlowChanged, InvalidFile, NoConsent, Problem, UsageError, VoicebotError
from telephony import numbers
from voicebot import candidate_list
from voicebot.archive import passwords
from voicebot.console import messages
from voicebot.console.messages import told, told_error, translated
from voicebot.rehearsal import script
from voicebot.speech.model_catalogue import CATALOGUE

HAN = re.compile(r"[\u4e00-\u9fff]")
PROSE = re.compile(r"[A-Za-z]+,? [a-z]+ [a-z]+")
ELSEWHERE = (
    *document.YAML_MENDS,  # what PyYAML calls them
    "there is no flow file",  # said to whoever gives a command a path; no page does
    "the flow file cannot be read",
    "not a file that can be read",
    "there is no such X file",
    "the X file cannot be read",
    "the same interview in another language",  # in the text of a published flow
    "not the same interview as X",  # with more behind it; the tests below have them
    "X must be X X",
)


def said(module):
    """The sentences in a module's code, with X for whatever changes in them; docstrings are none."""
    tree = ast.parse(inspect.getsource(module))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    silent |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent:
            yield node.value


def is_known(sentence):
    """As a whole, or as what stands behind the name of a key."""
    book = messages._book("zh")
    whole = (sentence, f"X {sentence}", f"the disclosure {sentence}", f"this id{sentence.removeprefix('X')}")
    return any(translated("zh", each) for each in whole) or messages._found(book, book.parts, sentence)


@pytest.mark.parametrize(
    "module",
    [content, document, earning, lint, loader, reach, schema, strict, candidate_list, numbers, script],
    ids=lambda module: module.__name__,
)
def test_every_sentence_about_what_somebody_wrote_is_translated(module):
    sentences = [each for each in said(module) if PROSE.search(each)]
    assert sentences
    assert [each for each in sentences if not is_known(each) and not any(part in each for part in ELSEWHERE)] == []


FLOW = Path(loader.find("customer_service", "en")).read_text()
SISTER = Path(loader.find("customer_service", "zh")).read_text()


@pytest.mark.parametrize(
    ("changed", "to"),
    [
        ("version: 1", "version: 0"),
        ("version: 1", "version: one"),
        ("version: 1", "versoin: 1"),
        ("id: upset_customer", "id: Upset"),
        ("id: upset_customer", "id: rush"),
        ("also_in: [zh]", "also_in: [en]"),
        ("also_in: [zh]", "also_in: [de]"),
        ("{company}", "{compny}"),
        ("{company}", "{company"),
        ("weight: 2", "weight: -2"),
        ("weight: 2", "weight: 3"),
        ("an AI interviewer", "an interviewer"),
        ("title: ", "title: a: "),
        ("consent:", "consent"),
    ],
)
def test_a_flow_that_is_wrong_is_told_in_chinese(changed, to):
    assert changed in FLOW
    with pytest.raises(InvalidFile) as wrong:
        loader.parse_with(FLOW.replace(changed, to, 1), {"zh": SISTER})
    for problem in wrong.value.problems:
        assert HAN.search(told("zh", problem.message)), problem.message
        assert told("en", problem.message) == problem.message


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("`titel` is not a key; did you mean `title`?", "没有 `titel` 这个键；是不是 `title`？"),
        ("item 2 of `points` must be text; put it in quotes", "`points` 的第 2 项必须是文字；请加引号"),
        ("write which answer is marked: `answer` or `before`", "请写明标记哪种回答：`answer` 或 `before`"),
        (
            "skipped when the answer is at least 3 and the match score is below 50",
            "跳过的条件：回答不小于 3，且匹配分低于 50",
        ),
        ("a brace stands alone; a variable is written {like.this}", "花括号没有成对；变量写作 {like.this}"),
        ("nobody has ever said this", None),
        ("", None),
    ],
)
def test_a_sentence_is_found_by_what_does_not_change_in_it(english, chinese):
    assert translated("zh", english) == chinese


@pytest.mark.parametrize(
    "written", ["yes and no", "age", "en", "{0}", "{name}", "%s", "`", "x" * 100_000, "a\nb", "salt or pepper"]
)
def test_what_somebody_wrote_stays_as_it_is(written):
    assert written in translated("zh", f"two options say {written}, so that it chooses neither")


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaaaa", "password123456", "anna and a dog at sea"])
def test_a_password_that_is_refused_is_told_in_chinese(password):
    with pytest.raises(UsageError) as refused:
        passwords.hashed(password, "anna")
    assert not re.search("[a-z]{3}", told_error("zh", refused.value))


def test_conditions_of_a_flow_are_told_in_chinese():
    def details(branch):
        for each in branch.below:
            if each.kind == "detail":
                yield each.text
            else:
                yield from details(each)

    ours = [text for text in details(diagram.tree(loader.parse_with(FLOW, {"zh": SISTER}))) if " → " not in text]
    assert ours
    assert [text for text in ours if not translated("zh", text)] == []


def test_what_models_are_for_is_told_in_chinese():
    assert [model.purpose for model in CATALOGUE if not translated("zh", model.purpose)] == []


def test_an_error_that_nobody_translated_is_told_by_its_kind_with_its_own_words_behind():
    changed = FlowChanged("it is different")
    assert told_error("en", changed) == "it is different"
    assert told_error("zh", changed) == "这个版本已以其他内容发布，请提高版本号再发布（it is different）"


def test_the_problems_of_a_file_are_told_one_a_line_and_warnings_are_left_out():
    problems = (
        Problem("flow", 3, 7, "`x` is missing"),
        Problem("flow", 0, 0, "this is nested too deeply"),
        Problem("flow", 4, 1, "this is not in Chinese; translate it", "warning"),
    )
    assert told_error("zh", InvalidFile(problems)) == "3:7: 缺少 `x`\n嵌套过深"


def test_every_error_has_a_kind():
    kinds = messages._book("zh").kinds
    raised = [each for each in vars(errors).values() if inspect.isclass(each) and issubclass(each, VoicebotError)]
    assert len(raised) > 30
    assert set(kinds) <= {each.__name__ for each in raised}
    assert HAN.match(told_error("zh", NoConsent("x")))
