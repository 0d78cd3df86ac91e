"""What candidates ask for by their own page waits until a person has seen to it."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from zipfile import ZipFile

import pytest

from models.archive import Position
from models.call import Candidate
from models.errors import ChangedMeanwhile, EnoughWishes, NotInArchive
from models.interview import FlowRef
from models.invitation import Wish, WishKind
from voicebot.archive.export import export_person
from voicebot.archive.store import Archive
from voicebot.archive.wishes import MOST_WAITING

Ask = Callable[..., Wish]
BO = Candidate("c-2", "Bo Chen", "+8613812345678")


@pytest.fixture
def bo(archive: Archive, flow: FlowRef, now: datetime) -> Candidate:
    """Interviewed for a job, unlike the candidate."""
    job = archive.jobs.file("Backend engineer", "Berlin", now)
    archive.schedule_interview(BO, flow, {}, now, job_id=job.id)
    return BO


@pytest.fixture
def candidate(archive: Archive, candidate: Candidate, now: datetime) -> Candidate:
    archive.people.file(candidate, now)
    return candidate


def test_the_oldest_waits_first_until_somebody_has_seen_to_it(
    archive: Archive, candidate: Candidate, bo: Candidate, ask: Ask, now: datetime
) -> None:
    erasure, correction = ask(candidate, WishKind.ERASURE), ask(bo, WishKind.CORRECTION, "我叫陈波。", minutes=1)
    assert archive.wishes.waiting() == (erasure, correction)
    assert archive.wishes.count() == 2
    assert (correction.candidate, correction.words) == (bo, "我叫陈波。")
    assert correction.interview_id == archive.interviews(1)[0].id
    assert erasure.interview_id is None, "they were never interviewed"

    later = now + timedelta(hours=1)
    done = archive.wishes.handle(correction.id, "Put right.", "mia", later)
    assert (done.handled_at, done.handled_by, done.answer) == (later, "mia", "Put right.")
    assert archive.wishes.waiting() == (erasure,)
    assert archive.wishes.list() == (done, erasure)
    assert archive.wishes.list(waiting=False) == (done,)
    assert archive.wishes.list(person_id=done.person_id) == (done,)
    entry = archive.audit.entries(done.person_id)[0]
    assert (entry.action, entry.actor, entry.details["wish"]) == ("handle", "mia", done.id)
    assert archive.verify().problems == ()


def test_what_somebody_has_seen_to_stays_as_they_left_it(
    archive: Archive, candidate: Candidate, ask: Ask, now: datetime
) -> None:
    wish = ask(candidate, WishKind.REVIEW)
    done = archive.wishes.handle(wish.id, "Looked at.", "mia", now)
    with pytest.raises(ChangedMeanwhile, match="mia has seen to this wish already"):
        archive.wishes.handle(wish.id, "Me too.", "leo", now)
    with pytest.raises(NotInArchive, match="there is no wish 'x'"):
        archive.wishes.handle("x", "Done.", "mia", now)
    assert archive.wishes.list() == (done,)


def test_asked_again_it_is_the_same_wish_while_it_waits(
    archive: Archive, candidate: Candidate, ask: Ask, now: datetime
) -> None:
    first = ask(candidate, WishKind.OBJECTION, "To scores.")
    assert ask(candidate, WishKind.OBJECTION, "To scores.", minutes=5) == first
    others = [ask(candidate, WishKind.OBJECTION, "To calls."), ask(candidate, WishKind.ERASURE)]
    archive.wishes.handle(first.id, "No more scores.", "mia", now)
    again = ask(candidate, WishKind.OBJECTION, "To scores.", minutes=9)
    assert {wish.id for wish in archive.wishes.waiting()} == {again.id, *(wish.id for wish in others)}
    for n in range(MOST_WAITING - 3):
        ask(candidate, WishKind.CORRECTION, f"No. {n}")
    with pytest.raises(EnoughWishes):
        ask(candidate, WishKind.CORRECTION, "One more.")


def test_a_reviewer_s_are_those_of_people_interviewed_for_their_jobs(
    archive: Archive, candidate: Candidate, bo: Candidate, ask: Ask
) -> None:
    ask(candidate, WishKind.REVIEW)
    theirs = ask(bo, WishKind.REVIEW)
    jobs = frozenset(job.id for job in archive.jobs.list())
    for job_ids, seen in ((jobs, (theirs,)), (frozenset[str](), ())):
        assert archive.wishes.waiting(job_ids) == archive.wishes.list(job_ids=job_ids) == seen
        assert archive.wishes.count(job_ids) == len(seen)


def test_a_list_goes_on_where_a_page_ended(archive: Archive, candidate: Candidate, ask: Ask, now: datetime) -> None:
    asked = [ask(candidate, WishKind.CORRECTION, f"{n}", minutes=n // 2) for n in range(5)]
    newest = sorted(asked, key=lambda wish: (wish.asked_at, wish.id), reverse=True)
    found: list[Wish] = []
    while page := archive.wishes.list(2, after=Position(found[-1].asked_at, found[-1].id) if found else None):
        found += page
    assert found == newest
    assert archive.wishes.waiting(limit=2) == tuple(newest[:-3:-1])


def test_they_are_handed_out_with_everything_else(
    archive: Archive, candidate: Candidate, ask: Ask, tmp_path: Path, now: datetime
) -> None:
    wish = ask(candidate, WishKind.CORRECTION, "It is Anne.")
    export_person(archive.database, candidate.id, tmp_path / "ann.zip", "mia", now)
    with ZipFile(tmp_path / "ann.zip") as copy:
        (told,) = json.loads(copy.read("person.json"))["wishes"]
    assert (told["id"], told["kind"], told["words"]) == (wish.id, "correction", "It is Anne.")
