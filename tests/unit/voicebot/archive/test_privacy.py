"""What law and people ask of a file about a person: holding, erasing, forgetting, handing out."""

import hashlib
import io
import json
import wave
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select

from models.archive import Decision, Removed, Retention
from models.call import Candidate, Disposition
from models.errors import ArchiveError, NotInArchive, OnHold, OptedOut
from models.interview import FlowRef, SkillKind, SkillTag
from models.invitation import Wish, WishKind
from models.tables import Row
from voicebot.archive import skills
from voicebot.archive.export import export_person
from voicebot.archive.store import Archive

Hold = Callable[..., Any]
Ask = Callable[..., Wish]
DAY = timedelta(days=1)
BO = Candidate("c-2", "Bo Chen", "+8613812345678")
SKILL = SkillTag("Kubernetes", SkillKind.TOOL, "kubernetes", "q1", 0, 1, 3.0)
OUTLIVING = {"audit", "audit_head", "flows", "jobs", "keys", "opt_outs", "publications", "tombstones"}
OF_OTHERS = {
    *("api_keys", "failed_sign_ins", "flow_drafts", "idempotency", "saved_views", "sessions", "users"),
    *("webhook_deliveries", "webhook_endpoints"),
}
"""Of those who look at people's files; there are none here."""


def counts(archive: Archive) -> dict[str, int]:
    with archive.database.engine.connect() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in Row.metadata.tables.items()
        }


def test_after_erasure_nothing_of_the_person_is_left(
    archive: Archive, hold: Hold, ask: Ask, candidate: Candidate, now: datetime
) -> None:
    held = hold(candidate, "kubernetes", "结算系统", skills=(SKILL,))
    card = archive.interview(held.interview_id).scorecard
    assert card
    archive.file_scorecard(held.interview_id, card, now)
    hold(candidate, "again", minutes=9)
    archive.people.consent(candidate.id, "call", "text", "form", now)
    archive.reviews.override(held.interview_id, "q1", "communication", 4.0, "mia", "why", now)
    archive.reviews.note(held.interview_id, "mia", "text", now)
    archive.privacy.hold(candidate.id, "why", "leo", now)
    archive.privacy.release(candidate.id, "leo", now)
    ask(candidate, WishKind.ERASURE)
    person_id = archive.people.find(candidate.id).id
    assert all(counts(archive)[name] for name in Row.metadata.tables if name not in OUTLIVING | OF_OTHERS)

    assert archive.privacy.erase(candidate.phone, "mia", now) == Removed(2, 2, 2, 1)

    assert {name for name, rows in counts(archive).items() if rows} == OUTLIVING - {"jobs", "opt_outs", "publications"}
    assert list((archive.folder / "recordings").rglob("*.*")) == []
    assert archive.privacy.tombstones() == [person_id]
    assert archive.verify().problems == ()
    with pytest.raises(NotInArchive):
        archive.people.find(candidate.id)
    with pytest.raises(NotInArchive):
        archive.privacy.erase(candidate.id, "mia", now)


def test_others_stay_as_they_were(archive: Archive, hold: Hold, candidate: Candidate, now: datetime) -> None:
    hold(candidate, "kubernetes")
    kept = hold(BO, "kubernetes too", skills=(SKILL,), minutes=1)
    before = archive.interview(kept.interview_id)
    archive.privacy.erase(candidate.id, "mia", now)
    assert archive.interview(kept.interview_id) == before
    assert [hit.interview.id for hit in archive.transcripts.search("kubernetes").hits] == [kept.interview_id]
    with archive.open_recording(kept.attempt_id) as reader:
        assert reader.read()[44:] == kept.audio


def test_an_opt_out_outlives_erasure(
    archive: Archive, hold: Hold, candidate: Candidate, flow: FlowRef, now: datetime
) -> None:
    hold(candidate, "never call me again", disposition=Disposition.OPTED_OUT)
    archive.privacy.erase(candidate.id, "mia", now)
    for same in (candidate, Candidate("new", "New", "+1 415 555 0123"), Candidate(candidate.id, "A", "+14155550100")):
        with pytest.raises(OptedOut):
            archive.schedule_interview(same, flow, {}, now)
    archive.schedule_interview(BO, flow, {}, now)


def test_hr_can_file_an_opt_out(archive: Archive, hold: Hold, candidate: Candidate, now: datetime) -> None:
    held = hold(candidate, "fine")
    archive.people.opt_out(candidate.phone, "mia", now)
    with pytest.raises(OptedOut):
        archive.begin_attempt(held.interview_id, now)


def test_a_legal_hold_wins(archive: Archive, hold: Hold, candidate: Candidate, now: datetime) -> None:
    held = hold(candidate, "kubernetes")
    placed = archive.privacy.hold(candidate.id, "case 17", "leo", now)
    assert archive.privacy.holds() == (placed,)
    with pytest.raises(OnHold, match="hold --release"):
        archive.privacy.erase(candidate.id, "mia", now)
    everything = Retention(1, 1, 1, 1)
    assert archive.privacy.retain(everything, "timer", now + 99 * DAY) == Removed(0, 0, 0, 0)
    assert archive.interview(held.interview_id).recording
    assert archive.privacy.release(candidate.id, "leo", now) == 1
    assert archive.privacy.holds() == ()
    archive.privacy.erase(candidate.id, "mia", now)


def test_nobody_is_erased_in_the_middle_of_a_call(
    archive: Archive, attempt_id: str, candidate: Candidate, now: datetime
) -> None:
    with pytest.raises(ArchiveError, match="under way: wait for its end"):
        archive.privacy.erase(candidate.id, "mia", now)
    archive.end_attempt(attempt_id, Disposition.COMPLETED, {}, None, now)
    archive.privacy.erase(candidate.id, "mia", now)


# Retention


def test_each_class_has_its_time(archive: Archive, hold: Hold, candidate: Candidate, now: datetime) -> None:
    held = hold(candidate, "kubernetes", skills=(SKILL,))
    archive.reviews.note(held.interview_id, "mia", "text", now)
    card = archive.interview(held.interview_id).scorecard
    assert card
    archive.file_scorecard(held.interview_id, card, now)
    kept = Retention(recordings=10, transcripts=20, scores=30, people=40)
    assert archive.privacy.retain(kept, "timer", now + 10 * DAY) == Removed(0, 0, 0, 0), "not before its end"
    whole = archive.interview(held.interview_id)

    assert archive.privacy.retain(kept, "timer", now + 11 * DAY, dry_run=True) == Removed(1, 0, 0, 0)
    assert archive.interview(held.interview_id) == whole
    assert archive.privacy.retain(kept, "timer", now + 11 * DAY) == Removed(1, 0, 0, 0)
    silent = archive.interview(held.interview_id)
    assert (silent.recording, silent.transcript) == (None, whole.transcript)
    assert list((archive.folder / "recordings").rglob("*.vbr")) == []

    assert archive.privacy.retain(kept, "timer", now + 21 * DAY) == Removed(0, 1, 0, 0)
    scored = archive.interview(held.interview_id)
    assert (scored.transcript, scored.answers) == ((), ())
    assert scored.scorecard
    assert scored.scorecard.scores[0].value == 3.0
    assert scored.scorecard.scores[0].evidence == ()
    assert [(tag.name, tag.years, tag.quote) for tag in scored.scorecard.skills] == [("Kubernetes", 3.0, "")]
    assert [(past.overall, past.scorecard) for past in scored.past_scorecards] == [(3.0, None)]
    assert archive.transcripts.search("kubernetes").hits == ()
    assert len(archive.skills.search(skills.parse("kubernetes"))) == 1
    assert archive.reviews.of(held.interview_id).notes == ()

    assert archive.privacy.retain(kept, "timer", now + 31 * DAY) == Removed(0, 0, 1, 0)
    assert archive.interview(held.interview_id).scorecard is None
    assert archive.interview(held.interview_id).past_scorecards == ()
    assert archive.verify().problems == ()
    assert archive.privacy.retain(kept, "timer", now + 41 * DAY) == Removed(0, 0, 0, 1)
    assert archive.interviews() == ()
    assert archive.verify().problems == ()


def test_employees_are_kept(archive: Archive, hold: Hold, candidate: Candidate, now: datetime) -> None:
    held = hold(candidate, "kubernetes")
    person = archive.people.hire(candidate.id, "P-7", "mia", now)
    assert (person.employee_since, person.personnel_number) == (now, "P-7")
    whole = archive.interview(held.interview_id)
    assert archive.privacy.retain(Retention(1, 1, 1, 1), "timer", now + 999 * DAY) == Removed(0, 0, 0, 0)
    assert archive.interview(held.interview_id) == whole
    archive.people.leave(candidate.id, "mia", now)
    assert archive.privacy.retain(Retention(people=1), "timer", now + 999 * DAY) == Removed(0, 0, 0, 1)


def test_a_person_with_a_later_interview_is_kept(
    archive: Archive, hold: Hold, candidate: Candidate, now: datetime
) -> None:
    hold(candidate, "then")
    hold(candidate, "now", minutes=60 * 24 * 5)
    assert archive.privacy.retain(Retention(people=3), "timer", now + 6 * DAY) == Removed(0, 0, 0, 0)


# Consent, and what people are given


def test_consent_is_kept_with_its_words_and_can_be_withdrawn(
    archive: Archive, candidate: Candidate, now: datetime
) -> None:
    archive.people.file(candidate, now)
    given = archive.people.consent(candidate.id, "call", "I agree to be called.", "form 7", now)
    assert (given.number, given.text, given.source, given.given_at) == (candidate.phone, given.text, "form 7", now)
    archive.people.withdraw(candidate.phone, "call", now + DAY)
    [kept] = archive.people.consents(candidate.id)
    assert kept.withdrawn_at == now + DAY


def test_a_person_is_given_everything_on_file(
    archive: Archive, hold: Hold, candidate: Candidate, now: datetime, tmp_path: Path
) -> None:
    held = hold(candidate, "kubernetes", "结算系统")
    hold(BO, "not theirs", minutes=1)
    archive.people.consent(candidate.id, "call", "I agree.", "form", now)
    archive.reviews.note(held.interview_id, "mia", "strong", now, decision=Decision.ADVANCE)
    export_person(archive.database, candidate.phone, tmp_path / "ann.zip", "cli:mia", now)
    with ZipFile(tmp_path / "ann.zip") as file:
        names = file.namelist()
        for line in file.read("SHA256SUMS").decode().splitlines():
            digest, name = line.split("  ")
            assert hashlib.sha256(file.read(name)).hexdigest() == digest
        content = json.loads(file.read("person.json"))
        with wave.open(io.BytesIO(file.read(names[1]))) as audio:
            assert audio.readframes(audio.getnframes()) == held.audio
    assert names[1].startswith("recordings/")
    assert content["person"]["candidate"]["name"] == candidate.name
    assert content["consents"][0]["text"] == "I agree."
    [interview] = content["interviews"]
    assert [line["text"] for line in interview["transcript"][1:]] == ["kubernetes", "结算系统"]
    assert interview["review"]["notes"][0]["decision"] == "advance"
    assert content["audit"][-1]["action"] == "export"
    assert "not theirs" not in json.dumps(content)
    with pytest.raises(ArchiveError, match="is there already: name a new file"):
        export_person(archive.database, candidate.phone, tmp_path / "ann.zip", "cli:mia", now)
