"""Whether the archive is as it was filed: the audit's chain, what it vouches for, every seal, every recording."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sqlalchemy import func
from sqlmodel import col, select

from models.archive import AuditEntry, Verification
from models.errors import ArchiveAltered
from models.interview import overall
from models.tables import (
    ApiKeyRow,
    AttemptRow,
    AuditHeadRow,
    InterviewRow,
    NoteRow,
    OverrideRow,
    PersonRow,
    RecordingRow,
    ScorecardRow,
    ScoreRow,
    TombstoneRow,
    UserRow,
    WishRow,
)
from voicebot.archive import audit, filing, mapping, users, wishes
from voicebot.archive.anchor import ANCHOR_FILE, read_anchor
from voicebot.archive.database import Database, Transaction
from voicebot.archive.recordings import verify as recording_is_whole
from voicebot.archive.rotation import SEALED


@dataclass
class _Vouched:
    """What the audit says should be there; later entries stand over earlier ones."""

    interviews: dict[str, AuditEntry] = field(default_factory=dict)
    calls: dict[str, AuditEntry] = field(default_factory=dict)
    scorecards: dict[str, AuditEntry] = field(default_factory=dict)
    overrides: dict[str, AuditEntry] = field(default_factory=dict)
    notes: dict[str, AuditEntry] = field(default_factory=dict)
    wishes: dict[str, AuditEntry] = field(default_factory=dict)
    accounts: dict[str, AuditEntry] = field(default_factory=dict)
    """Users and keys."""
    erased: set[str] = field(default_factory=set)
    wordless: set[str] = field(default_factory=set)
    """Interviews whose words are past their retention, notes too."""

    def take(self, entry: AuditEntry) -> None:
        match entry.action:
            case "schedule":
                self.interviews[entry.subject] = entry
            case "call":
                self.calls[str(entry.details["attempt"])] = entry
            case "score":
                self.scorecards[entry.subject] = entry
            case "override":
                self.overrides[str(entry.details["override"])] = entry
            case "note" | "decide":
                self.notes[str(entry.details["note"])] = entry
            case "ask" | "handle" if "wish" in entry.details:
                self.wishes[str(entry.details["wish"])] = entry
            case "erase":
                self.erased.add(entry.subject)
            case "retain" if entry.details.get("removed") == "transcripts":
                self.wordless.add(entry.subject)
            case _ if "account" in entry.details:
                self.accounts[entry.subject] = entry


def verify(database: Database, anchor: str | None = None) -> Verification:
    """`anchor`: an audit head that was noted before, as `sequence:mac`."""
    problems: list[str] = []
    with database.reading() as session:
        vouched, entries = _Vouched(), 0
        for entry in audit.chain(session, problems):
            vouched.take(entry)
            entries += 1
        remembered = read_anchor(database.folder)
        if remembered is not None:
            audit.anchored(session, remembered, f"{database.folder / ANCHOR_FILE}", problems)
        if anchor is not None:
            audit.anchored(session, anchor, "your note", problems)
        problems += _altered_seals(session)
        problems += _unlike_vouched(session, vouched)
        problems += _altered_standing(session)
        problems += _altered_wishes(session, vouched)
        problems += _altered_accounts(session, vouched)
        recordings = session.exec(select(RecordingRow).where(RecordingRow.state != "open")).all()
        head = session.get(AuditHeadRow, 1)
        interviews = session.exec(select(func.count()).select_from(InterviewRow)).one()
    for row in recordings:
        file = mapping.recording_file(row)
        if file is not None and not recording_is_whole(file, database.folder):
            there = (database.folder / file.path).exists()
            problems.append(f"recording {file.path}: {'it has been altered' if there else 'it is missing'}")
    return Verification(
        entries=entries,
        interviews=interviews,
        recordings=len(recordings),
        head=f"{head.sequence}:{head.mac}" if head else "0:",
        problems=tuple(problems),
    )


def _altered_seals(session: Transaction) -> Iterator[str]:
    for table in SEALED:
        query = select(table).where(table.document.is_not(None))  # type: ignore[attr-defined]  # sealed tables have one
        for row in session.exec(query.execution_options(yield_per=500)):
            try:
                session.opened_json(row)
            except ArchiveAltered as error:
                yield str(error)
            session.expunge(row)


def _unlike_vouched(session: Transaction, vouched: _Vouched) -> Iterator[str]:
    people = set(session.exec(select(PersonRow.id)))
    graves = set(session.exec(select(TombstoneRow.person_id)))
    for person_id in sorted(vouched.erased - graves):
        yield f"person {person_id}: erased, and the tombstone is missing"
    there = {row.id: row for row in session.exec(select(InterviewRow))}
    of_erased: set[str] = set()
    for interview_id, entry in vouched.interviews.items():
        row = there.get(interview_id)
        if entry.details["person"] in vouched.erased:
            of_erased.add(interview_id)
        elif row is None:
            yield f"interview {interview_id}: it is missing"
        elif (row.person_id, row.flow_digest) != (entry.details["person"], entry.details["flow"]):
            yield f"interview {interview_id}: its person or flow has been altered"
        elif row.person_id not in people:
            yield f"interview {interview_id}: its person is missing"
    for interview_id in there.keys() - vouched.interviews.keys():
        yield f"interview {interview_id}: the audit does not know it"
    checks = (
        (vouched.calls, _call_differs),
        (vouched.scorecards, _scorecard_differs),
        (vouched.overrides, _override_differs),
    )
    for entries, differs in checks:
        for key, entry in entries.items():
            if entry.subject not in of_erased and entry.subject in there:
                yield from _found(differs, session, key, entry)
    for key, entry in vouched.notes.items():
        if entry.subject not in of_erased | vouched.wordless:
            yield from _found(_note_differs, session, key, entry)


def _altered_standing(session: Transaction) -> Iterator[str]:
    """What counts is the last override, else the machine's; the mean of it is what lists are filtered by."""
    overrides = session.exec(select(OverrideRow).order_by(col(OverrideRow.at), col(OverrideRow.id)))
    last = {(row.interview_id, row.question_id, row.criterion_id): row.value for row in overrides}
    marks: defaultdict[str, list[tuple[float, float | None]]] = defaultdict(list)
    altered: set[str] = set()
    for row in session.exec(select(ScoreRow)):
        marks[row.interview_id].append((row.weight, row.stands))
        if row.stands != last.get((row.interview_id, row.question_id, row.criterion_id), row.value):
            altered.add(row.interview_id)
    for card in session.exec(select(ScorecardRow)):
        if card.stands != overall(marks[card.interview_id]):
            altered.add(card.interview_id)
    yield from (f"interview {interview_id}: which scores stand has been altered" for interview_id in sorted(altered))


def _altered_wishes(session: Transaction, vouched: _Vouched) -> Iterator[str]:
    there = {row.id: row for row in session.exec(select(WishRow))}
    for wish_id, entry in vouched.wishes.items():
        if entry.subject in vouched.erased:
            continue
        try:
            same = wish_id in there and wishes.content_mac(session, there[wish_id]) == entry.details["content"]
        except ArchiveAltered:
            continue  # told of as an altered seal
        if not same:
            yield f"person {entry.subject}: their wish {wish_id} has been altered, or is missing"
    for wish_id in there.keys() - vouched.wishes.keys():
        yield f"wish {wish_id}: the audit does not know it"


def _altered_accounts(session: Transaction, vouched: _Vouched) -> Iterator[str]:
    """Such as a user who is what they once were, or a key that was revoked and is good again."""
    there: dict[str, UserRow | ApiKeyRow] = {row.id: row for row in session.exec(select(UserRow))}
    there |= {row.id: row for row in session.exec(select(ApiKeyRow))}
    for account_id, entry in vouched.accounts.items():
        what = f"{entry.action.split('.')[0]} {account_id}"
        if account_id not in there:
            yield f"{what}: it is missing"
            continue
        try:
            if users.account_mac(session, there[account_id]) != entry.details["account"]:
                yield f"{what}: it has been altered"
        except ArchiveAltered:
            continue  # told of as an altered seal
    for account_id in there.keys() - vouched.accounts.keys():
        yield f"account {account_id}: the audit does not know it"


def _found(
    differs: Callable[[Transaction, str, AuditEntry], str | None], session: Transaction, key: str, entry: AuditEntry
) -> Iterator[str]:
    try:
        what = differs(session, key, entry)
    except ArchiveAltered:
        return  # told of as an altered seal
    if what:
        yield f"interview {entry.subject}: {what}"


def _call_differs(session: Transaction, attempt_id: str, entry: AuditEntry) -> str | None:
    attempt = session.get(AttemptRow, attempt_id)
    if attempt is None:
        return f"its call {attempt_id} is missing"
    if attempt.disposition != entry.details["disposition"]:
        return f"how its call {attempt_id} ended has been altered"
    said = filing.said_mac(session, attempt_id, int(str(entry.details["lines"])))
    if said != entry.details["said"]:
        return f"the transcript of its call {attempt_id} has been altered, or lines of it are missing"
    if not attempt.swept and filing.answers_mac(session, attempt_id) != entry.details["answers"]:
        return f"the answers of its call {attempt_id} have been altered"
    recording = mapping.recording_file(session.get(RecordingRow, attempt_id))
    if filing.recording_mark(recording) != entry.details["recording"]:
        return f"what is known of the recording of its call {attempt_id} has been altered"
    return None


def _scorecard_differs(session: Transaction, interview_id: str, entry: AuditEntry) -> str | None:
    if filing.scorecard_mac(session, interview_id) != entry.details["scorecard"]:
        return "its scorecard has been altered"
    same = filing.past_scorecards_mac(session, interview_id) == entry.details.get("past")
    return None if same else "a scorecard that was replaced has been altered, or is missing"


def _override_differs(session: Transaction, override_id: str, entry: AuditEntry) -> str | None:
    row = session.get(OverrideRow, override_id)
    same = row is not None and filing.override_mac(session, row) == entry.details["content"]
    return None if same else f"the override {override_id} has been altered, or is missing"


def _note_differs(session: Transaction, note_id: str, entry: AuditEntry) -> str | None:
    row = session.get(NoteRow, note_id)
    same = row is not None and filing.note_mac(session, row) == entry.details["content"]
    return None if same else f"the note {note_id} has been altered, or is missing"
