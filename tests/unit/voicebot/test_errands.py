"""Whom `voicebot call` calls, and about what: a new interview, or one on file that goes on."""

from datetime import UTC, datetime, timedelta

import pytest

from dialog_flows import loader
from models.call import Disposition
from models.dialog import DialogState
from models.errors import CalledTooOften, InterviewOver, NoConsent, NotInArchive, OptedOut
from telephony.jurisdictions import load
from voicebot import outbound
from voicebot.archive.store import open_archive
from voicebot.settings import Settings

NUMBER, BEIJING = "+14155550123", "+8613800138000"
TEXT = "Acme's AI may call you."
FLOW = loader.load(loader.find("sales"))


@pytest.fixture
def archive(tmp_path):
    with open_archive(tmp_path) as opened:
        yield opened


def new(archive, name="Maya Chen", number=NUMBER, consent=None):
    return outbound.new_errand(archive, Settings(), FLOW, name, number, consent)


def called(archive, errand, ended, ago=timedelta(hours=1)):
    """An interview that was dialled once; its id."""
    at = datetime.now(UTC) - ago
    archive.flows.file(FLOW.ref, FLOW.title, FLOW.language, FLOW.published_text)
    interview_id = archive.schedule_interview(errand.who, FLOW.ref, errand.variables, at)
    attempt_id = archive.begin_attempt(interview_id, at, quotas=())
    archive.redeem_attempt(attempt_id, at)
    archive.record(attempt_id, [], DialogState(position=FLOW.questions[1].id), at)
    archive.end_attempt(attempt_id, ended, {}, None, at)
    return interview_id


@pytest.mark.parametrize("consent", [None, "", "  "])
def test_nobody_is_called_without_consent(archive, consent):
    with pytest.raises(NoConsent):
        new(archive, consent=consent)


def test_the_same_name_and_number_are_the_same_person(archive):
    first = new(archive, consent=TEXT)
    assert new(archive).who == first.who
    assert new(archive, name="Ann Lee").who != first.who, "the consent is for the number; the person is another"
    with pytest.raises(NoConsent):
        new(archive, number=BEIJING)


def test_an_interview_that_was_cut_off_goes_on_with_its_own_flow_and_words(archive):
    errand = new(archive, consent=TEXT)
    interview_id = called(archive, errand, Disposition.DROPPED)
    again = outbound.further_errand(archive, interview_id[:6], load())
    assert (again.who, again.interview_id) == (errand.who, interview_id)
    assert (again.variables, again.flow.ref, again.flow.filled) == (errand.variables, FLOW.ref, True)


def test_what_is_over_or_refused_is_said_at_once(archive):
    errand = new(archive, consent=TEXT)
    over = called(archive, errand, Disposition.COMPLETED)
    with pytest.raises(InterviewOver, match="completed"):
        outbound.further_errand(archive, over, load())
    with pytest.raises(NotInArchive):
        outbound.further_errand(archive, "ffff", load())
    dropped = called(archive, errand, Disposition.DROPPED)
    archive.people.opt_out(NUMBER, "mia", datetime.now(UTC))
    with pytest.raises(OptedOut):
        outbound.further_errand(archive, dropped, load())


def test_a_number_in_china_is_not_called_a_fourth_time_in_five_minutes(archive):
    errand = new(archive, number=BEIJING, consent=TEXT)
    for _ in range(3):
        last = called(archive, errand, Disposition.DROPPED, ago=timedelta(seconds=30))
    with pytest.raises(CalledTooOften):
        outbound.further_errand(archive, last, load())
