"""Finding interviews again: by what was said, by skills and scores, by person."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from models.archive import CriterionWanted, Position, SkillQuery, SkillWanted
from models.call import Candidate
from models.desk import InterviewFilter
from models.errors import JobClosed, NotInArchive, UsageError
from models.interview import Experience, SkillKind, SkillTag, Told
from voicebot.archive import search, skills
from voicebot.archive.store import Archive
from voicebot.archive.words import dialled, phrases, sought, words

ANN = Candidate("c-1", "Ann Lee", "+14155550123")
BO = Candidate("c-2", "Bo Chen 陈博", "+8613812345678")

Hold = Callable[..., Any]


def tag(name: str, years: float | None = None) -> SkillTag:
    return SkillTag(name, SkillKind.TOOL, name, "q1", 0, 1, years)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Two services, and a DEPLOYMENT", {"two", "service", "and", "a", "deployment"}),
        ("C++ or C#? Node.js!", {"c++", "or", "c#", "node", "js"}),
        ("batteries classes status", {"battery", "classe", "status"}),
        ("结算系统", {"结", "算", "系", "统", "结算", "算系", "系统"}),
        ("資料庫", {"资", "料", "库", "资料", "料库"}),
        ("用Kubernetes部署", {"用", "kubernete", "部", "署", "部署"}),
        ("ＡＰＩ　e\u0301", {"api", "é"}),
        ("…!? ", set()),
    ],
)
def test_the_words_of_a_text(text: str, expected: set[str]) -> None:
    assert words(text) == expected


def test_a_query_asks_for_pairs_of_characters_and_single_ones_only_alone() -> None:
    assert sought("结算系统") == {"结算", "算系", "系统"}
    assert sought("库 data") == {"库", "data"}
    assert phrases('an "error budget" 结算') == ("error budget", "结算")


@pytest.mark.parametrize("number", ["+1 415 555-0123", "+1 (415) 555.0123", "＋１４１５５５５０１２３"])
def test_a_number_is_the_same_however_it_is_written(number: str) -> None:
    assert dialled(number) == "+14155550123"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kubernetes", {"ann", "bo"}),
        ("KUBERNETES service", {"ann"}),
        ("services kubernetes", {"ann"}),
        ('"split the service"', {"ann"}),
        ('"service the"', set()),
        ("结算系统", {"bo"}),
        ("結算", {"bo"}),
        ("算", {"bo"}),
        ("统结", set()),
        ("算结", set()),
        ("重写 kubernetes", {"bo"}),
        ("built", set()),
        ("rust", set()),
    ],
)
def test_interviews_are_found_by_what_the_candidate_said(
    archive: Archive, hold: Hold, query: str, found: set[str]
) -> None:
    who = {
        hold(ANN, "We split the service", "and ran it on Kubernetes").interview_id: "ann",
        hold(BO, "我们重写了结算系统", "用 kubernetes 部署", minutes=1).interview_id: "bo",
    }
    assert {who[hit.interview.id] for hit in archive.transcripts.search(query).hits} == found


def test_a_hit_shows_the_lines_newest_interview_first(archive: Archive, hold: Hold) -> None:
    first = hold(ANN, "We had an error", "The error budget was spent").interview_id
    second = hold(BO, "No error at all", minutes=1).interview_id
    page = archive.transcripts.search("error")
    assert [hit.interview.id for hit in page.hits] == [second, first]
    assert [line.text for line in page.hits[1].lines] == ["We had an error", "The error budget was spent"]
    assert page.hits[1].lines[0].start_ms == 1000
    [hit] = archive.transcripts.search('"error budget"').hits
    assert [line.text for line in hit.lines] == ["The error budget was spent"]


def test_pages_go_on_where_the_one_before_ended(archive: Archive, hold: Hold) -> None:
    ids = [hold(ANN, f"the same {n}", minutes=n, recorded=False).interview_id for n in range(5)]
    found, after = [], None
    while True:
        page = archive.transcripts.search("same", limit=2, after=after)
        found += [hit.interview.id for hit in page.hits]
        after = page.next
        if after is None:
            break
    assert found == ids[::-1]


def test_a_search_for_rare_phrases_stays_bounded(archive: Archive, hold: Hold, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "LOOKED_AT", 20)
    monkeypatch.setattr(search, "_BATCH", 10)
    rare = hold(ANN, "two one", recorded=False).interview_id
    for n in range(25):
        hold(ANN, "one two", minutes=n, recorded=False)
    page = archive.transcripts.search('"two one"')
    assert page.hits == ()
    assert [hit.interview.id for hit in archive.transcripts.search('"two one"', after=page.next).hits] == [rare]


@pytest.mark.parametrize("query", ["", "  ", "!?…", '""'])
def test_nothing_to_search_for(archive: Archive, query: str) -> None:
    with pytest.raises(UsageError, match="no word to search for"):
        archive.transcripts.search(query)


@pytest.mark.parametrize("after", ["x", "-1", "1' OR 1=1", "9" * 30, "１"])
def test_a_page_that_never_was(archive: Archive, after: str) -> None:
    with pytest.raises(UsageError, match="not where a page ended"):
        archive.transcripts.search("word", after=after)


# Skills


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Kubernetes", SkillQuery((SkillWanted("Kubernetes"),))),
        (
            "Kubernetes, >= 3 years, communication >= 4",
            SkillQuery((SkillWanted("Kubernetes", 3.0),), (CriterionWanted("communication", 4.0),)),
        ),
        ("Go ≥ 2.5 yrs，Python", SkillQuery((SkillWanted("Go", 2.5), SkillWanted("Python")))),
        ("Kubernetes 至少 3 年", SkillQuery((SkillWanted("Kubernetes", 3.0),))),
        ("Kubernetes at least 3 years", SkillQuery((SkillWanted("Kubernetes", 3.0),))),
        ("C++ > 3 years", SkillQuery((SkillWanted("C++", 3.0),))),
    ],
)
def test_a_query_for_skills_reads_as_it_is_said(text: str, query: SkillQuery) -> None:
    assert skills.parse(text) == query


@pytest.mark.parametrize("text", ["", ",,", ">= 3 years", "communication >= 9", "x >= 3 apples", ">= 4"])
def test_a_query_for_skills_that_means_nothing(text: str) -> None:
    with pytest.raises(UsageError, match="write it like: Kubernetes, >= 3 years"):
        skills.parse(text)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kubernetes", {"ann", "bo"}),
        ("Kubernetes >= 3 years", {"ann"}),
        ("Kubernetes, Go", {"bo"}),
        ("Kubernetes, communication >= 4", {"bo"}),
        ("Kubernetes, >= 3 years, Communication >= 4", set()),
        ("Cobol", set()),
        ("' OR 1=1 --", set()),
    ],
)
def test_interviews_are_found_by_skills_years_and_scores(
    archive: Archive, hold: Hold, query: str, found: set[str]
) -> None:
    who = {
        hold(ANN, "a", skills=(tag("Kubernetes", 4),), score=3.0).interview_id: "ann",
        hold(BO, "b", skills=(tag("Kubernetes", 1), tag("Go")), score=4.5, minutes=1).interview_id: "bo",
    }
    assert {who[interview.id] for interview in archive.interviews(where=InterviewFilter(skill=query))} == found
    assert archive.skills.names() == ("Go", "Kubernetes")


def test_skills_are_counted_by_the_interviews_they_were_shown_in(archive: Archive, hold: Hold) -> None:
    hold(ANN, "a", skills=(tag("Kubernetes", 4), tag("kubernetes"), tag("100% Go_")))
    hold(BO, "b", skills=(tag("Kubernetes"),), minutes=1)
    assert archive.skills.counted() == (("Kubernetes", 2), ("100% Go_", 1))
    assert archive.skills.counted(limit=1) == (("Kubernetes", 2),)
    assert archive.skills.counted(containing="go_") == archive.skills.counted(containing="0% G") == (("100% Go_", 1),)
    assert archive.skills.counted(containing="' OR 1=1 --") == archive.skills.counted(containing="%x") == ()
    assert archive.skills.counted(frozenset({"another job"})) == ()


def test_an_override_is_what_counts(archive: Archive, hold: Hold, now: datetime) -> None:
    held = hold(ANN, "a", skills=(tag("Go"),), score=2.0)
    wanted = InterviewFilter(skill="communication >= 4")
    assert archive.interviews(where=wanted) == ()
    archive.reviews.override(held.interview_id, "q1", "communication", 4.0, "mia", "heard it again", now)
    assert [interview.id for interview in archive.interviews(where=wanted)] == [held.interview_id]
    record = archive.interview(held.interview_id)
    assert record.scorecard
    assert record.scorecard.scores[0].value == 2.0, "the machine's score stays"
    archive.file_scorecard(held.interview_id, record.scorecard, now)
    assert len(archive.interviews(where=wanted)) == 1, "scored anew, it still counts"


# People and lists


def test_people_are_found_by_id_number_and_name(archive: Archive, now: datetime) -> None:
    ann, bo = archive.people.file(ANN, now, email="ann@example.org"), archive.people.file(BO, now)
    assert ann.email == "ann@example.org"
    for who in (ann.id, "c-1", "+14155550123", "+1 415 555-0123"):
        assert archive.people.find(who) == ann
    assert archive.people.search("lee ANN") == (ann,)
    assert archive.people.search("陈博") == (bo,)
    assert archive.people.search("Chen Ann") == ()
    archive.people.file(Candidate("c-1", "Ann Smith", "+14155550199"), now)
    assert archive.people.search("lee") == ()
    assert archive.people.find("+14155550199").candidate.name == "Ann Smith"
    for unknown in ("+14155550123", "nobody", "", "' OR 1=1 --"):
        with pytest.raises(NotInArchive, match="nobody in the archive"):
            archive.people.find(unknown)


def test_a_number_of_two_people_names_neither(archive: Archive, now: datetime) -> None:
    archive.people.file(ANN, now)
    archive.people.file(Candidate("c-9", "Al Lee", ANN.phone), now)
    with pytest.raises(NotInArchive, match="several people have this number"):
        archive.people.find(ANN.phone)


def test_the_list_goes_on_after_its_last_and_by_person_and_job(archive: Archive, hold: Hold, now: datetime) -> None:
    ids = [hold(ANN, "x", minutes=n, recorded=False).interview_id for n in range(3)]
    job = archive.jobs.file("Backend engineer", "Berlin", now, flow_id="backend_engineer")
    flow = archive.interviews()[0].flow
    theirs = archive.schedule_interview(BO, flow, {}, now, job_id=job.id)
    newest = archive.interviews(1)[0]
    assert newest.id == ids[2]
    after = Position(newest.created_at, newest.id)
    assert [i.id for i in archive.interviews(2, after=after)] == [ids[1], max(ids[0], theirs)]
    assert archive.interviews(job_ids=frozenset()) == ()
    assert archive.jobs.find(job.id) == job
    assert archive.jobs.list(open_only=True) == (job,)
    archive.jobs.close(job.id, now)
    assert archive.jobs.list(open_only=True) == ()
    with pytest.raises(JobClosed):
        archive.schedule_interview(BO, flow, {}, now, job_id=job.id)
    with pytest.raises(NotInArchive, match="no job"):
        archive.schedule_interview(BO, flow, {}, now, job_id="nothing")


def test_a_piece_of_work_is_found_by_what_was_told_of_it(archive: Archive, hold: Hold, now: datetime) -> None:
    def told(text: str) -> Told:
        return Told(text, f"I worked on {text}", 0, 900)

    ann = hold(ANN, "I worked on a payment service as team lead", recorded=False).interview_id
    bo = hold(BO, "I like payment", "my service is 支付系统", minutes=1, recorded=False).interview_id
    for interview_id, experience in (
        (ann, Experience("q1", project=told("a payment service"), role=told("team lead"))),
        (bo, Experience("q1", project=told("支付系统"))),
    ):
        card = archive.interview(interview_id).scorecard
        assert card is not None
        archive.file_scorecard(interview_id, replace(card, experience=(experience,)), now)
    for query, found in (("payment lead", [ann]), ("PAYMENTS services", [ann]), ("支付", [bo]), ("payment 支付", [])):
        page = archive.transcripts.projects(query)
        assert ([hit.interview.id for hit in page.hits], page.next) == (found, None)
    [hit] = archive.transcripts.projects("payment service").hits
    assert hit.experience[0].role == told("team lead")
    assert archive.transcripts.projects("payment", job_ids=frozenset()).hits == ()
    with pytest.raises(UsageError, match="no word to search for"):
        archive.transcripts.projects("…")
