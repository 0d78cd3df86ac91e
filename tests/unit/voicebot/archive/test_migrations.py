"""An archive of every earlier version is opened by this one, with all that is in it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, create_engine, make_url

from models.call import Candidate, Disposition
from models.errors import OptedOut
from models.interview import FlowRef
from models.speech import Speaker
from voicebot.archive.database import DATABASE_FILE, migrations
from voicebot.archive.keyring import Keyring
from voicebot.archive.master_key import KEY_FILE, MasterKeySource
from voicebot.archive.recordings import wav_header
from voicebot.archive.store import Archive, open_archive

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FRAMES = bytes(range(64)) * 1000


def earlier() -> list[str]:
    """Every revision but the newest, oldest first."""
    with create_engine("sqlite://").connect() as connection:
        scripts = ScriptDirectory.from_config(migrations(connection, Keyring(MasterKeySource(Path("none")))))
    return [script.revision for script in scripts.walk_revisions()][:0:-1]


def fill_0001(connection: Connection, folder: Path) -> None:
    tables = MetaData()
    tables.reflect(connection)

    def add(table: str, **values: object) -> None:
        connection.execute(tables.tables[table].insert().values(**values))

    utterance = {"text": "I rewrote zanzibar in Go", "start_ms": 100, "end_ms": 900, "words": [], "language": "en"}
    state = {"position": "q1", "answers": [], "questions_for_hr": [utterance]}
    add("flows", digest="ab", flow_id="f", version=1, title="Backend", language="en", yaml_text="id: f\n")
    for n, (name, phone) in enumerate(
        [("Ann Quuxley", "+14155550123"), ("Bo", "+14155550124"), ("Al", "+14155550125")]
    ):
        add("candidates", id=f"ann@example.org{n}", name=name, phone=phone, created_at=AT)
        add(
            "interviews",
            id=f"i{n}",
            candidate_id=f"ann@example.org{n}",
            flow_digest="ab",
            variables={"company": "Acme"},
            created_at=AT + timedelta(hours=n),
        )
    common = {"dialled_at": AT, "media_connected_at": AT, "heartbeat_at": AT, "swept": False, "facts": {"n": 1}}
    add("attempts", id="a0", interview_id="i0", ended_at=AT, disposition="completed", dialog_state=state, **common)
    add("attempts", id="a1", interview_id="i1", ended_at=AT, disposition="opted_out", dialog_state=None, **common)
    add("attempts", id="a2", interview_id="i2", ended_at=None, disposition=None, dialog_state=None, **common)
    for n, speaker in enumerate(("interviewer", "candidate")):
        add(
            "utterances",
            attempt_id="a0",
            sequence=n,
            speaker=speaker,
            text="What?" if n == 0 else utterance["text"],
            start_ms=n,
            end_ms=n + 1,
            position="q1",
            meaning=None,
            heard=True,
            words=[{"text": "I", "start_ms": 1, "end_ms": 2}],
        )
    parts = [{"utterance": utterance, "follow_up": None}]
    add("answers", attempt_id="a0", sequence=0, question_id="q1", question="What?", status="answered", parts=parts)
    add("recordings", attempt_id="a0", path="recordings/2026/03/a0.wav", sha256="00", duration_ms=2000, state="closed")
    for attempt_id in ("a0", "a2"):
        path = folder / f"recordings/2026/03/{attempt_id}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wav_header(len(FRAMES)) + FRAMES)
    add("scorecards", interview_id="i0", overall=3.5, assessed_weight=1.0, scorer="points 1")
    add(
        "scores",
        id=7,
        interview_id="i0",
        sequence=0,
        question_id="q1",
        criterion_id="depth",
        criterion="Depth",
        weight=1.0,
        value=3.5,
        must_have=True,
    )
    add(
        "evidence",
        id=9,
        score_id=7,
        sequence=0,
        quote="rewrote zanzibar",
        start_ms=1,
        end_ms=2,
        point="names it",
        strength=0.5,
    )
    add(
        "skill_tags",
        id=3,
        interview_id="i0",
        sequence=0,
        name="Go",
        kind="tool",
        quote="in Go",
        question_id="q1",
        start_ms=1,
        end_ms=2,
        years=3.0,
    )


@pytest.fixture(params=earlier())
def upgraded(request: pytest.FixtureRequest, tmp_path: Path, database_url: str | None) -> Archive:
    """An archive that the first version filled and that each version up to one of them has opened, opened by this."""
    folder = tmp_path / "archive"
    folder.mkdir()
    engine = create_engine(
        f"sqlite:///{folder / DATABASE_FILE}"
        if database_url is None
        else make_url(database_url).set(drivername="postgresql+psycopg")
    )
    keys = Keyring(MasterKeySource(folder / KEY_FILE))
    with engine.begin() as connection:
        command.upgrade(migrations(connection, keys), "0001")
        fill_0001(connection, folder)
    with engine.begin() as connection:
        command.upgrade(migrations(connection, keys), request.param)
    engine.dispose()
    return open_archive(folder, database_url=database_url)


def test_what_revision_0001_kept_is_there_and_sealed(upgraded: Archive) -> None:
    record = upgraded.interview("i0")
    assert record.candidate == Candidate("ann@example.org0", "Ann Quuxley", "+14155550123")
    assert (record.flow, record.flow_title) == (FlowRef("f", 1, "ab"), "Backend")
    assert (record.disposition, record.started_at, record.ended_at) == (Disposition.COMPLETED, AT, AT)
    assert [(line.speaker, line.text) for line in record.transcript] == [
        (Speaker.INTERVIEWER, "What?"),
        (Speaker.CANDIDATE, "I rewrote zanzibar in Go"),
    ]
    assert record.transcript[1].words[0].text == "I"
    assert record.answers[0].text == record.questions_for_hr[0].text == "I rewrote zanzibar in Go"
    assert record.scorecard
    assert record.scorecard.scores[0].evidence[0].quote == "rewrote zanzibar"
    assert (record.scorecard.skills[0].name, record.scorecard.skills[0].years) == ("Go", 3.0)
    assert record.call_facts == {"n": 1}
    assert upgraded.people.find("+1 415 555 0123").candidate == record.candidate
    assert upgraded.people.search("quuxley")[0].candidate == record.candidate
    assert [hit.interview.id for hit in upgraded.transcripts.search("zanzibar").hits] == ["i0"]
    assert upgraded.transcripts.search("what").hits == ()
    assert upgraded.verify().problems == ()
    with pytest.raises(OptedOut):
        upgraded.begin_attempt("i1", AT)
    waiting = upgraded.begin_attempt("i0", AT)
    assert upgraded.redeem_attempt(waiting, AT).variables == {"company": "Acme"}
    upgraded.close()


def test_its_recordings_are_encrypted_and_those_of_dead_calls_are_kept(upgraded: Archive) -> None:
    assert list(upgraded.folder.rglob("*.wav")) == []
    with upgraded.open_recording("a0") as reader:
        assert reader.read() == wav_header(len(FRAMES)) + FRAMES
    assert upgraded.sweep(AT + timedelta(hours=1)) == ["a2"]
    with upgraded.open_recording("a2") as reader:
        assert reader.read()[44:] == FRAMES
    assert upgraded.verify().problems == ()
    upgraded.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_plain_text_stays_behind_in_the_file(upgraded: Archive) -> None:
    content = b"".join(path.read_bytes() for path in upgraded.folder.rglob("*") if path.is_file())
    for word in ("Quuxley", "zanzibar", "ann@example", "4155550123"):
        assert word.encode() not in content, word
    assert FRAMES[:64] not in content
    upgraded.close()
