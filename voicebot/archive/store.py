"""The archive of interviews: one folder with recordings, and a database; safe for many threads and processes at once.

`Archive` has the life of a call in its own methods (`calls` tells their order), and its other subjects as attributes:
`people`, `jobs`, `flows`, `reviews`, `transcripts`, `skills`, `privacy`, `accounts`, `desk`, `views`, `drafts`,
`webhooks`, `invitations`, `wishes`, `audit`, `answered`.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self

from models.archive import InterviewFilter, InterviewSummary, Position, Verification
from models.errors import NotInArchive
from models.interview import InterviewRecord
from models.tables import AttemptRow, InterviewRow, RecordingRow
from voicebot.archive import filing, mapping, plain_recordings, records, rotation, verification
from voicebot.archive.accounts import Accounts
from voicebot.archive.answered import Answered
from voicebot.archive.audit import Audit
from voicebot.archive.calls import SILENT_CALL, SILENT_DIAL, AttemptTicket, Calls
from voicebot.archive.database import Database, open_database
from voicebot.archive.desk import Desk
from voicebot.archive.drafts import Drafts
from voicebot.archive.flows import Flows
from voicebot.archive.invitations import Invitations
from voicebot.archive.jobs import Jobs
from voicebot.archive.master_key import KEY_FILE, MasterKeySource
from voicebot.archive.people import People
from voicebot.archive.privacy import Privacy
from voicebot.archive.recordings import RecordingReader
from voicebot.archive.reviews import Reviews
from voicebot.archive.search import Transcripts
from voicebot.archive.skills import Skills
from voicebot.archive.views import Views
from voicebot.archive.webhooks import Webhooks
from voicebot.archive.wishes import Wishes

__all__ = ["SILENT_CALL", "SILENT_DIAL", "Archive", "AttemptTicket", "open_archive"]

_ALL = InterviewFilter()
_LISTENERS = 50
"""The last audit entries of an interview that are looked at for the same listener."""


def open_archive(
    folder: Path, *, database_url: str | None = None, key: str | None = None, key_file: Path | None = None
) -> "Archive":
    """Opens the archive in `folder`; the first time, makes it, and its key.

    `database_url`: of a PostgreSQL database; None: SQLite in the folder. `key`: the master key itself; else it is in
    `key_file`, or in `archive.key` in the folder.

    Errors: ArchiveUnavailable, ArchiveLocked, UsageError; each says what to mend.
    """
    database = open_database(folder, database_url, key_source(folder, key, key_file))
    try:
        plain_recordings.encrypt_all(database)
    except BaseException:
        database.close()
        raise
    return Archive(database)


def key_source(folder: Path, key: str | None, key_file: Path | None) -> MasterKeySource:
    return MasterKeySource(key_file or folder / KEY_FILE, key)


class Archive(Calls):
    """Every method is one transaction: it has happened wholly, and survives a power cut, or not at all.

    Methods block, mostly for milliseconds and at worst for the ten seconds that a locked database is waited for.
    Moments (`at`) need a time zone. Any method may raise ArchiveUnavailable, and ArchiveAltered where what it reads is
    not as it was filed.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.people = People(database)
        self.jobs = Jobs(database)
        self.flows = Flows(database)
        self.reviews = Reviews(database)
        self.transcripts = Transcripts(database)
        self.skills = Skills(database)
        self.privacy = Privacy(database)
        self.accounts = Accounts(database)
        self.desk = Desk(database)
        self.views = Views(database)
        self.drafts = Drafts(database)
        self.webhooks = Webhooks(database)
        self.invitations = Invitations(database)
        self.wishes = Wishes(database)
        self.audit = Audit(database)
        self.answered = Answered(database)

    @property
    def folder(self) -> Path:
        return self.database.folder

    def close(self) -> None:
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def interviews(
        self, limit: int = 50, *, where: InterviewFilter = _ALL, after: Position | None = None
    ) -> tuple[InterviewSummary, ...]:
        """The newest interviews, newest first; those that follow `after`."""
        with self.database.reading() as session:
            return records.summaries(session, limit, where, after)

    def summary(self, interview_id: str) -> InterviewSummary:
        """The interview with this whole id. Errors: NotInArchive."""
        with self.database.reading() as session:
            return records.summary(session, interview_id)

    def interview(self, interview_id: str) -> InterviewRecord:
        """The interview with this id, or the only one whose id begins so. Errors: NotInArchive."""
        with self.database.reading() as session:
            return records.record(session, records.whole_id(session, interview_id))

    def variables(self, interview_id: str) -> dict[str, str]:
        """Words that the interview's flow leaves open. Errors: NotInArchive."""
        with self.database.reading() as session:
            interview = session.get_one(InterviewRow, records.whole_id(session, interview_id))
            return session.opened(interview, mapping.VARIABLES)

    def open_recording(self, attempt_id: str) -> RecordingReader:
        """The recording of a call as a WAV file to read from anywhere; close it. Errors: NotInArchive."""
        with self.database.reading() as session:
            row = session.get(RecordingRow, attempt_id)
            if row is None or row.state == "open":
                raise NotInArchive(f"there is no finished recording of the attempt {attempt_id!r}")
            path, key = row.path, filing.opened_key(session, row)
        return RecordingReader(self.folder, path, key)

    def play(
        self, attempt_id: str, actor: str, at: datetime, *, again_within: timedelta = timedelta(0)
    ) -> RecordingReader:
        """Like `open_recording`, for a person: the audit remembers who listened. Errors: NotInArchive.

        `again_within`: a player asks for one piece after the other, which are one listening; the audit has it again
        when they come so long after.
        """
        reader = self.open_recording(attempt_id)
        interview_id = self.interview_of(attempt_id)
        for entry in self.audit.entries(interview_id, limit=_LISTENERS) if again_within else ():
            same = entry.action == "play" and entry.actor == actor and entry.details.get("attempt") == attempt_id
            if same and at - entry.at < again_within:
                return reader
        self.audit.append(at, actor, "play", interview_id, attempt=attempt_id)
        return reader

    def interview_of(self, attempt_id: str) -> str:
        """The id of the interview that a dial belongs to. Errors: NotInArchive."""
        with self.database.reading() as session:
            attempt = session.get(AttemptRow, attempt_id)
            if attempt is None:
                raise NotInArchive(f"there is no attempt {attempt_id!r}")
            return attempt.interview_id

    def signature(self, purpose: str, claim: str) -> str:
        """Proves later that this archive's own processes gave out `claim` for `purpose`; hexadecimal."""
        return self.database.keys.signature(purpose, claim)

    def verify(self, anchor: str | None = None) -> Verification:
        """Looks at everything: the audit's chain, what it vouches for, every seal, every recording.

        `anchor`: the head of the audit as an earlier run gave it.
        """
        return verification.verify(self.database, anchor)

    def rotate_key(self, actor: str, at: datetime | None = None) -> None:
        """New keys in place of the old, while others go on working. Errors: ArchiveLocked."""
        rotation.rotate(self.database, actor, at or datetime.now(UTC))
