"""`verify` finds whatever was changed by somebody who can write to the files, and has no key."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from models.archive import Decision, Retention
from models.call import Candidate
from models.invitation import Wish, WishKind
from voicebot.archive.store import Archive

Hold = Callable[..., Any]
Ask = Callable[..., Wish]


def sql(archive: Archive, *statements: str) -> None:
    with archive.database.engine.execution_options(writes=True).begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.fixture
def full(archive: Archive, hold: Hold, ask: Ask, candidate: Candidate, now: datetime) -> Archive:
    """Two people's interviews, reviewed, what they ask for, and one who was erased."""
    for n in range(2):
        held = hold(Candidate(f"c-{n}", f"Ann {n}", f"+141555501{n:02}"), "first", "second", minutes=n)
        archive.reviews.override(held.interview_id, "q1", "communication", 4.0, "mia", "why", now)
        archive.reviews.note(held.interview_id, "mia", "text", now, decision=Decision.ADVANCE)
        card = archive.interview(held.interview_id).scorecard
        assert card
        archive.file_scorecard(held.interview_id, replace(card, scorer="points 2"), now)
        wish = ask(Candidate(f"c-{n}", "", ""), WishKind.CORRECTION, "It is Anne.")
    archive.wishes.handle(wish.id, "Done.", "mia", now)
    gone = Candidate("c-9", "Gone", "+14155550199")
    hold(gone, "gone", minutes=5)
    ask(gone, WishKind.ERASURE)
    archive.privacy.erase("c-9", "mia", now)
    archive.begin_attempt(archive.interviews()[0].id, now)
    return archive


def test_what_nobody_touched_is_sound(full: Archive) -> None:
    checked = full.verify()
    assert checked.problems == ()
    assert checked.sound
    assert (checked.interviews, checked.recordings) == (2, 2)
    assert checked.entries == len(full.audit.entries(limit=1000))
    assert full.verify(checked.head).sound


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE audit SET action = 'play' WHERE sequence = 3", "audit: entry 3 has been altered"),
        ("UPDATE audit SET subject = 'x' WHERE sequence = 3", "audit: entry 3 has been altered"),
        ("UPDATE audit SET at = '2020-01-01 00:00:00' WHERE sequence = 3", "audit: entry 3 has been altered"),
        ("UPDATE audit SET document = (SELECT document FROM audit WHERE sequence = 2) WHERE sequence = 3", "entry 3"),
        ("UPDATE audit SET mac = (SELECT mac FROM audit WHERE sequence = 2) WHERE sequence = 3", "entry 3"),
        ("DELETE FROM audit WHERE sequence = 3", "audit: entries 3 to 3 are missing"),
        ("DELETE FROM audit WHERE sequence = 1", "audit: entries 1 to 1 are missing"),
        ("DELETE FROM audit WHERE sequence > 5", "audit: entries are missing at the end, from 6"),
        ("DELETE FROM audit_head", "audit: its head is missing"),
        ("UPDATE audit_head SET sequence = 5", "audit: its head has been altered"),
        ("DELETE FROM audit; DELETE FROM audit_head", "that .*audit.anchor remembers: entries were cut off"),
        ("UPDATE audit SET sequence = -sequence WHERE sequence IN (3, 4);"
         "UPDATE audit SET sequence = 7 + sequence WHERE sequence < 0", "entry [34]"),
        ("UPDATE attempts SET disposition = 'rejected' WHERE disposition = 'completed'", "how its call .* ended"),
        ("DELETE FROM utterances WHERE sequence = 2", "transcript of its call .* has been altered, or lines"),
        ("DELETE FROM answers", "answers of its call .* have been altered"),
        ("UPDATE scores SET value = 5", "its scorecard has been altered"),
        ("UPDATE scorecards SET overall = 5", "its scorecard has been altered"),
        ("DELETE FROM scorecards", "its scorecard has been altered"),
        ("UPDATE past_scorecards SET overall = 5", "a scorecard that was replaced has been altered"),
        ("DELETE FROM past_scorecards", "a scorecard that was replaced has been altered, or is missing"),
        ("UPDATE past_scorecards SET document = NULL", "a scorecard that was replaced has been altered"),
        ("UPDATE overrides SET value = 5", "the override .* has been altered, or is missing"),
        ("DELETE FROM overrides", "the override .* has been altered, or is missing"),
        ("UPDATE notes SET decision = 'reject'", "the note .* has been altered, or is missing"),
        ("DELETE FROM notes", "the note .* has been altered, or is missing"),
        ("DELETE FROM wishes WHERE handled_at IS NULL", "their wish .* has been altered, or is missing"),
        ("UPDATE wishes SET handled_at = asked_at", "their wish .* has been altered"),
        ("UPDATE wishes SET kind = 'review'", "their wish .* has been altered"),
        ("UPDATE wishes SET document = (SELECT document FROM wishes LIMIT 1)", "wishes/.* has been altered"),
        ("INSERT INTO wishes SELECT 'x', person_id, interview_id, kind, asked_at, handled_at, document FROM wishes"
         " LIMIT 1", "wish x: the audit does not know it"),
        ("UPDATE interviews SET person_id = (SELECT max(person_id) FROM interviews)", "person or flow has been"),
        ("DELETE FROM recordings", "what is known of the recording of its call .* has been altered"),
        ("UPDATE recordings SET sha256 = 'ab'", "what is known of the recording"),
        ("DELETE FROM tombstones", "erased, and the tombstone is missing"),
        ("UPDATE people SET document = (SELECT document FROM people LIMIT 1)", "people/.* has been altered"),
    ],
)  # fmt: skip
def test_whatever_is_changed_in_the_database_is_found(full: Archive, statement: str, problem: str) -> None:
    sql(full, *statement.split(";"))
    problems = full.verify().problems
    assert problems
    assert any(re.search(problem, found) for found in problems), problems


@pytest.mark.parametrize("change", ["a byte", "gone", "swapped"])
def test_whatever_is_changed_in_a_recording_is_found(full: Archive, change: str) -> None:
    one, other = sorted((full.folder / "recordings").rglob("*.vbr"))
    if change == "a byte":
        content = bytearray(one.read_bytes())
        content[1000] ^= 1
        one.write_bytes(content)
    elif change == "gone":
        one.unlink()
    else:
        one.rename(full.folder / "x")
        other.rename(one)
        (full.folder / "x").rename(other)
    problems = full.verify().problems
    assert len(problems) == (2 if change == "swapped" else 1)
    assert f"recording {one.relative_to(full.folder)}: it " in problems[0] + problems[-1]


def test_an_old_copy_of_the_whole_database_is_found_by_the_anchor_and_by_what_was_noted(
    full: Archive, now: datetime
) -> None:
    tables = ("audit", "audit_head")
    sql(full, *(f"CREATE TABLE old_{name} AS SELECT * FROM {name}" for name in tables))
    full.audit.append(now, "mia", "login", "session")
    noted = full.verify().head
    for name in tables:
        sql(full, f"DELETE FROM {name}", f"INSERT INTO {name} SELECT * FROM old_{name}")
    [problem] = full.verify().problems
    assert "audit.anchor remembers: entries were cut off" in problem
    (full.folder / "audit.anchor").unlink()
    assert full.verify().sound, "nothing here remembers any more"
    [problem] = full.verify(noted).problems
    assert "your note remembers" in problem


@pytest.mark.parametrize("anchor", ["", "x", "5", "5:", "999999:ab", "-1:ab"])
def test_an_anchor_that_was_never_printed(full: Archive, anchor: str) -> None:
    assert not full.verify(anchor).sound


def test_what_time_takes_is_no_alteration(full: Archive, now: datetime) -> None:
    kept = Retention(recordings=1, transcripts=1)
    removed = full.privacy.retain(kept, "timer", now + timedelta(days=3))
    assert (removed.recordings, removed.transcripts) == (1, 1), "the other has an attempt that has not ended"
    assert full.verify().problems == ()


def test_who_did_what(full: Archive, now: datetime) -> None:
    actions = [entry.action for entry in reversed(full.audit.entries(limit=100))]
    assert actions[:5] == ["schedule", "call", "score", "override", "decide"]
    assert actions[-1] == "erase"
    [attempt] = [a for a in full.interview(full.interviews()[1].id).attempts if a.recording]
    with full.play(attempt.id, "cli:mia", now):
        pass
    [entry] = full.audit.entries(limit=1)
    assert (entry.actor, entry.action, entry.details) == ("cli:mia", "play", {"attempt": attempt.id})
    assert full.audit.entries(entry.subject)[0] == entry
    assert full.audit.entries(before=2)[0].sequence == 1
