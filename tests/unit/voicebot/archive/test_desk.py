from dataclasses import replace
from datetime import timedelta

import pytest

from models.accounts import Role
from models.archive import Decision, InterviewStatus
from models.call import Candidate, Disposition
from models.desk import Funnel, InterviewFilter, Stage
from models.errors import ChangedMeanwhile, NotInArchive, UsageError
from models.interview import Score, Scorecard, SkillKind, SkillTag

GO = SkillTag("Go", SkillKind.TOOL, "go", "q1", 0, 1, 4.0)


def candidate(number):
    return Candidate(f"c-{number}", f"Name {number}", f"+1415555{number:04}")


def ids(page):
    return [line.interview.id for line in page.lines]


@pytest.fixture
def three(hold):
    """Newest first."""
    return (
        hold(candidate(3), "we rewrote the billing", minutes=3, score=4.4, skills=(GO,)),
        hold(candidate(2), "我们重写了结算系统", minutes=2, score=2.0, disposition=Disposition.DROPPED),
        hold(candidate(1), "i kept the servers up", minutes=1, score=None),
    )


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [0, 1, 2]),
        ({"score_from": 4.0}, [0]),
        ({"score_to": 4.0}, [1]),
        ({"score_from": 2.0, "score_to": 4.4}, [0, 1]),
        ({"score_from": 4.5}, []),
        ({"skill": "Go >= 3 years"}, [0]),
        ({"skill": "Go >= 5 years"}, []),
        ({"skill": "communication >= 2"}, [0, 1]),
        ({"disposition": Disposition.DROPPED}, [1]),
        ({"disposition": Disposition.COMPLETED}, [0, 2]),
        ({"disposition": Disposition.BUSY}, []),
        ({"status": InterviewStatus.SCHEDULED}, [3]),
        ({"status": InterviewStatus.UNDER_WAY}, [4]),
        ({"status": InterviewStatus.ENDED}, [0, 1, 2]),
        ({"stage": Stage.SCHEDULED}, [3]),
        ({"stage": Stage.CALLED}, [4]),
        ({"stage": Stage.WAITING}, [0, 1, 2]),
        ({"stage": Stage.DECIDED}, []),
        ({"stage": Stage.WAITING, "disposition": Disposition.DROPPED, "score_to": 3}, [1]),
        ({"job_id": "none"}, []),
        ({"person_id": "none"}, []),
    ],
)
def test_one_filter_means_the_same_in_every_list(archive, three, now, flow, wanted, found):
    """Newest first, and the oldest of them not called, and being called."""
    before = [archive.schedule_interview(candidate(n), flow, {}, now - timedelta(minutes=n)) for n in (4, 5)]
    archive.begin_attempt(before[1], now)
    everything = [*(held.interview_id for held in three), *before]
    expected = [everything[n] for n in (found if wanted else range(5))]
    where = InterviewFilter(**wanted)
    assert ids(archive.desk.interviews(where)) == expected
    assert [summary.id for summary in archive.interviews(where=where)] == expected
    assert archive.desk.count(where) == len(expected)
    assert archive.interviews(where=where, job_ids=frozenset()) == ()


@pytest.mark.parametrize(
    ("text", "found"), [("billing", [0]), ("结算系统", [1]), ('"the servers"', [2]), ("we servers", [])]
)
def test_a_list_of_those_who_said_something(archive, three, text, found):
    assert ids(archive.desk.interviews(InterviewFilter(), text=text)) == [three[n].interview_id for n in found]
    assert ids(archive.desk.interviews(InterviewFilter(score_to=1.5), text=text)) == []


def test_overall_is_what_stands(archive, three, now):
    """A list shows what a person said and is filtered by it; the scorecard keeps what the machine said."""
    high, low, _ = (held.interview_id for held in three)
    archive.reviews.override(low, "q1", "communication", 4.8, "Ann", "heard it again", now)
    archive.reviews.override(high, "q1", "communication", None, "Ann", "was not asked", now)
    archive.reviews.override(high, "q1", "communication", 1.5, "Ann", "was asked", now)
    for _ in ("as it was scored", "scored anew"):
        assert [summary.overall for summary in archive.interviews()] == [1.5, 4.8, None]
        assert ids(archive.desk.interviews(InterviewFilter(score_from=4.8))) == [low]
        assert ids(archive.desk.interviews(InterviewFilter(score_to=1.5))) == [high]
        card = archive.interview(high).scorecard
        assert card.overall == 4.4
        archive.file_scorecard(high, card, now)
    assert archive.verify().problems == ()


def test_days_bound_when_an_interview_was_scheduled(archive, three, now):
    begun = InterviewFilter(since=now + timedelta(minutes=2), before=now + timedelta(minutes=3))
    assert ids(archive.desk.interviews(begun)) == [three[1].interview_id]


@pytest.mark.parametrize("text", [None, "the"])
def test_pages_go_on_where_the_last_ended(archive, hold, text):
    held = [hold(candidate(n), "the same words", minutes=n).interview_id for n in range(7)]
    seen, after = [], None
    while True:
        page = archive.desk.interviews(InterviewFilter(), text=text, limit=3, after=after)
        seen += ids(page)
        after = page.next
        if after is None:
            break
    assert seen == held[::-1]


@pytest.mark.parametrize(("skill", "text"), [(">= 3 years", None), (None, "?!")])
def test_what_cannot_be_searched_for_is_refused(archive, skill, text):
    with pytest.raises(UsageError):
        archive.desk.interviews(InterviewFilter(skill=skill), text=text)


def test_a_page_after_nothing_is_refused(archive):
    with pytest.raises(NotInArchive):
        archive.desk.interviews(InterviewFilter(), after="gone")


def test_a_line_has_what_a_person_wants_to_know_first(archive, three, now):
    high, low, unscored = (held.interview_id for held in three)
    archive.reviews.override(low, "q1", "communication", 3.5, "Ann", "heard it again", now)
    archive.reviews.note(high, "Ann", "yes", now, decision=Decision.WAIT)
    archive.reviews.note(high, "Ann", "yes", now + timedelta(minutes=1), decision=Decision.HIRE)
    lines = archive.desk.interviews(InterviewFilter()).lines
    assert [line.interview.overall for line in lines] == [4.4, 3.5, None]
    assert [line.decision for line in lines] == [Decision.HIRE, None, None]
    assert [line.unassessed for line in lines] == [0, 0, 1]
    assert lines[0].skills == ("Go",)
    assert archive.desk.find(unscored).unassessed == 1


def test_a_must_have_is_unmet_until_a_person_says_otherwise(archive, three, now):
    interview_id = three[0].interview_id
    scores = (Score("q1", "permit", "Work permit", 1.0, 2.9, (), True), Score("q1", "b", "Other", 1.0, 2.0))
    archive.file_scorecard(interview_id, Scorecard(scores, 2.5, 1.0, (), "points 1"))
    assert archive.desk.find(interview_id).unmet == ("Work permit",)
    archive.reviews.override(interview_id, "q1", "permit", 3.0, "Ann", "I saw it", now)
    assert archive.desk.find(interview_id).unmet == ()


def test_what_waits_for_a_person_is_what_nobody_has_decided(archive, three, now):
    first, second, third = (held.interview_id for held in three)
    archive.reviews.note(first, "Ann", "yes", now, decision=Decision.ADVANCE)
    archive.reviews.note(second, "Ann", "hm", now, decision=Decision.WAIT)
    assert [line.interview.id for line in archive.desk.waiting()] == [second, third]
    assert ids(archive.desk.interviews(InterviewFilter(stage=Stage.DECIDED))) == [first]


def test_the_funnel_counts_how_far_interviews_came(archive, three, now, candidate, flow):
    archive.schedule_interview(candidate, flow, {}, now)
    archive.reviews.note(three[0].interview_id, "Ann", "yes", now, decision=Decision.ADVANCE)
    archive.reviews.note(three[2].interview_id, "candidate", "I would like a person to look at this.", now)
    assert archive.desk.funnel(now).reviewed == 1
    archive.reviews.override(three[2].interview_id, "q1", "communication", 4.0, "Ann", "clear", now)
    assert archive.desk.funnel(now) == Funnel(scheduled=4, called=3, completed=2, reviewed=2, decided=1)
    assert archive.desk.funnel(now + timedelta(days=1)) == Funnel(0, 0, 0, 0, 0)


def test_other_jobs_interviews_do_not_exist(archive, three, now, candidate, flow):
    job = archive.jobs.file("Engineer", "Berlin", now)
    theirs = archive.schedule_interview(candidate, flow, {}, now, job_id=job.id)
    desk, jobs = archive.desk, frozenset([job.id])
    assert ids(desk.interviews(InterviewFilter(), jobs)) == [theirs]
    assert desk.count(InterviewFilter(), jobs) == 1
    assert desk.waiting(jobs) == ()
    assert [line.interview.id for line in desk.since(now, jobs)] == [theirs]
    assert desk.funnel(now, jobs).scheduled == 1
    assert desk.funnel(now, frozenset()) == Funnel(0, 0, 0, 0, 0)


def test_who_writes_while_somebody_else_does_is_asked(archive, held, now):
    reviews, id = archive.reviews, held.interview_id
    seen = reviews.of(id).revision
    reviews.override(id, "q1", "communication", 4.0, "Ann", "clear", now, seen=seen)
    for attempt in (
        lambda: reviews.override(id, "q1", "communication", 2.0, "Ben", "vague", now, seen=seen),
        lambda: reviews.note(id, "Ben", "no", now, decision=Decision.REJECT, seen=seen),
    ):
        with pytest.raises(ChangedMeanwhile):
            attempt()
    assert len(reviews.of(id).overrides) == 1
    reviews.override(id, "q1", "communication", 2.0, "Ben", "vague", now + timedelta(1), seen=reviews.of(id).revision)
    assert [override.value for override in reviews.of(id).overrides] == [4.0, 2.0]


def test_views_are_their_users_own(archive, now):
    ann, ben = (
        archive.accounts.create_user(name, Role.RECRUITER, "a quiet harbour at dawn", "x", now) for name in "ab"
    )
    kept = archive.views.save(ann.id, "Waiting", "status=waiting", now)
    archive.views.save(ben.id, "Mine", "q=go", now)
    newer = archive.views.save(ann.id, "Waiting", "status=waiting&q=微服务", now)
    assert archive.views.of(ann.id) == (newer,)
    assert newer == replace(kept, id=newer.id, query="status=waiting&q=微服务")
    archive.views.forget(ben.id, newer.id)
    assert archive.views.of(ann.id) == (newer,)
    archive.views.forget(ann.id, newer.id)
    assert archive.views.of(ann.id) == ()
