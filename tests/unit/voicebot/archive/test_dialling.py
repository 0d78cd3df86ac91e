"""Nobody is rung without their consent, more often than they may be, or about an interview that is over."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from models.archive import CALL_CONSENT
from models.call import Candidate, Disposition, Quota
from models.errors import CalledTooOften, CallUnderWay, InterviewOver, NoConsent, NotToBeDialled
from models.interview import FlowRef
from telephony.jurisdictions import load
from voicebot.archive.store import Archive

TEXT = "Acme may call you with an automated voice about your application."
MINUTE = timedelta(minutes=1)
CHINA = load().of("+8613800138000").quotas


def agree(archive: Archive, who: Candidate, at: datetime) -> None:
    archive.people.consent(archive.people.file(who, at).id, CALL_CONSENT, TEXT, "form", at)


@pytest.fixture
def agreed(archive: Archive, interview_id: str, candidate: Candidate, now: datetime) -> str:
    """An interview whose candidate may be called."""
    agree(archive, candidate, now)
    return interview_id


def dial(
    archive: Archive,
    interview_id: str,
    at: datetime,
    *,
    ended: Disposition = Disposition.BUSY,
    quotas: tuple[Quota, ...] = (),
) -> None:
    archive.end_attempt(archive.begin_attempt(interview_id, at, quotas=quotas), ended, {}, None, at)


def test_no_dial_without_consent_on_file(
    archive: Archive, interview_id: str, candidate: Candidate, now: datetime
) -> None:
    with pytest.raises(NoConsent, match="--consent"):
        dial(archive, interview_id, now)
    assert archive.interview(interview_id).attempts == ()
    with pytest.raises(NoConsent, match="not on file"):
        archive.people.require_call_consent(candidate.phone)
    archive.people.consent(candidate.phone, "recording", "Acme records calls.", "form", now)
    archive.people.consent(candidate.phone, CALL_CONSENT, TEXT, "form", now, number="+14155550199")
    with pytest.raises(NoConsent):
        dial(archive, interview_id, now)
    agree(archive, candidate, now)
    dial(archive, interview_id, now)
    consents = archive.people.consents(candidate.phone)
    (given,) = (each for each in consents if (each.purpose, each.number) == (CALL_CONSENT, candidate.phone))
    assert (given.text, given.source, given.given_at) == (TEXT, "form", now)


def test_consent_that_was_taken_back_is_none(
    archive: Archive, agreed: str, candidate: Candidate, now: datetime
) -> None:
    archive.people.withdraw(candidate.id, CALL_CONSENT, now + MINUTE)
    with pytest.raises(NoConsent, match="taken back"):
        dial(archive, agreed, now + 2 * MINUTE)
    agree(archive, candidate, now + 3 * MINUTE)
    dial(archive, agreed, now + 4 * MINUTE)


def test_the_last_word_of_those_who_share_a_number_counts(
    archive: Archive, agreed: str, candidate: Candidate, now: datetime
) -> None:
    partner = Candidate("c-2", "Bo Lee", candidate.phone)
    agree(archive, partner, now + MINUTE)
    archive.people.withdraw(partner.id, CALL_CONSENT, now + 2 * MINUTE)
    with pytest.raises(NoConsent):
        dial(archive, agreed, now + 3 * MINUTE)


def test_a_number_in_china_rings_three_times_in_five_minutes_and_five_times_a_day(
    archive: Archive, candidate: Candidate, flow: FlowRef, now: datetime, reopened: Callable[[], Archive]
) -> None:
    wei = Candidate("c-3", "李伟", "+86 138-0013-8000")
    agree(archive, wei, now)
    interview_id = archive.schedule_interview(wei, flow, {}, now)
    for minutes in (0, 1, 2):
        dial(archive, interview_id, now + minutes * MINUTE, quotas=CHINA)
    with reopened() as another:  # as after a restart
        with pytest.raises(CalledTooOften, match="3 times within 5 minutes") as refused:
            dial(another, interview_id, now + 4 * MINUTE, quotas=CHINA)
        assert refused.value.retryable
        same_number = another.schedule_interview(Candidate("c-4", "Wei Li", "+8613800138000"), flow, {}, now)
        with pytest.raises(CalledTooOften):
            dial(another, same_number, now + 4 * MINUTE, quotas=CHINA)
    for minutes in (5, 10):
        dial(archive, interview_id, now + minutes * MINUTE, quotas=CHINA)
    with pytest.raises(CalledTooOften, match="5 times within 1 day"):
        dial(archive, interview_id, now + 600 * MINUTE, quotas=CHINA)
    dial(archive, interview_id, now + 1441 * MINUTE, quotas=CHINA)


def test_a_number_elsewhere_has_no_quota() -> None:
    assert load().of("+14155550123").quotas == ()


@pytest.mark.parametrize(
    "ended",
    [
        Disposition.COMPLETED,
        Disposition.ENDED_EARLY,
        Disposition.WRONG_PERSON,
        Disposition.DECLINED,
    ],
)
def test_an_interview_that_is_over_is_not_dialled_again(
    archive: Archive, agreed: str, now: datetime, ended: Disposition
) -> None:
    dial(archive, agreed, now, ended=ended)
    with pytest.raises(InterviewOver, match=str(ended).replace("_", " ")):
        dial(archive, agreed, now + MINUTE)
    with pytest.raises(InterviewOver):
        archive.refuse_dial(agreed, now + MINUTE, ())


@pytest.mark.parametrize("ended", sorted(set(Disposition) - {each for each in Disposition if each.final}))
def test_an_interview_that_is_not_over_may_be(archive: Archive, agreed: str, now: datetime, ended: Disposition) -> None:
    dial(archive, agreed, now, ended=ended)
    dial(archive, agreed, now + MINUTE)


def test_of_many_dials_at_once_one_is_made(archive: Archive, agreed: str, now: datetime) -> None:
    def begin(_: int) -> bool:
        try:
            archive.begin_attempt(agreed, now, quotas=())
        except NotToBeDialled as refused:
            assert isinstance(refused, CallUnderWay)
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(begin, range(40))) == 1


def test_many_interviews_at_one_number_stay_within_its_quota(
    archive: Archive, agreed: str, candidate: Candidate, flow: FlowRef, now: datetime
) -> None:
    interviews = [archive.schedule_interview(candidate, flow, {}, now) for _ in range(20)]

    def begin(interview_id: str) -> bool:
        try:
            archive.begin_attempt(interview_id, now, quotas=CHINA)
        except CalledTooOften:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(begin, interviews)) == 3
