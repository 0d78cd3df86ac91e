"""People: candidates, and employees who were. Found by their id, their number or a word of their name."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import tuple_
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models.archive import Consent, Entry, Filing, Person, Position
from models.call import Candidate
from models.errors import NotInArchive, OptedOut
from models.tables import ConsentRow, InterviewRow, OptOutRow, PersonNameRow, PersonRow
from voicebot.archive import audit, dialling, intake, mapping
from voicebot.archive.database import Database, Transaction
from voicebot.archive.words import dialled, words


@dataclass(frozen=True, slots=True)
class People:
    """Whoever is meant by `who` is named by the archive's id, the candidate's id, or a phone number."""

    database: Database

    def file(self, candidate: Candidate, at: datetime, *, email: str | None = None) -> Person:
        """The person with this candidate's id; name and number become those given here, and so does an e-mail."""
        with self.database.writing() as session:
            intake.file_all(session, [Entry(candidate, email)], at)
            return mapping.person(session, found(session, candidate.id))

    def find(self, who: str) -> Person:
        """Errors: NotInArchive, also when a number is that of several people."""
        with self.database.reading() as session:
            return mapping.person(session, found(session, who))

    def file_all(
        self, entries: Sequence[Entry], actor: str, at: datetime, *, dry_run: bool = False
    ) -> tuple[tuple[str, Filing], ...]:
        """Files a list of candidates with different ids, all of them or none: of each the person's id, and what became
        of it. With `dry_run` nothing is filed, and who is not on file has no id yet.
        """
        if dry_run:
            with self.database.reading() as session:
                return intake.told(session, entries)
        with self.database.writing() as session:
            filed = intake.file_all(session, entries, at)
            became = Counter(what.value for _, what in filed)
            subject = filed[0][0] if len(filed) == 1 else "candidates"
            audit.append(session, at, actor, "file", subject, **became)
            return filed

    def with_id(self, person_id: str) -> Person:
        """By the archive's own id alone. Errors: NotInArchive."""
        with self.database.reading() as session:
            row = session.get(PersonRow, person_id)
            if row is None:
                raise NotInArchive(f"there is nobody with the id {person_id!r}")
            return mapping.person(session, row)

    def list(self, limit: int = 50, *, after: Position | None = None) -> tuple[Person, ...]:
        """Newest first. `after`: only those that follow it."""
        with self.database.reading() as session:
            return _newest(session, select(PersonRow), limit, after)

    def search(
        self,
        name: str = "",
        limit: int = 50,
        *,
        number: str | None = None,
        candidate_id: str | None = None,
        after: Position | None = None,
    ) -> tuple[Person, ...]:
        """Those whose name has all of these words, who have this number, and this id; newest first.

        Nobody, when there is no word in the name and nothing else is given. `after`: only those that follow it.
        """
        wanted = words(name)
        if not wanted and number is None and candidate_id is None:
            return ()
        with self.database.reading() as session:
            query = select(PersonRow)
            for word in wanted:
                having = select(PersonNameRow.person_id).where(PersonNameRow.token == session.keys.token(word))
                query = query.where(col(PersonRow.id).in_(having))
            if number is not None:
                query = query.where(PersonRow.phone_index == session.keys.blind("phone", dialled(number)))
            if candidate_id is not None:
                query = query.where(PersonRow.external_index == session.keys.blind("candidate", candidate_id))
            return _newest(session, query, limit, after)

    def hire(self, who: str, personnel_number: str, actor: str, at: datetime) -> Person:
        """The candidate becomes an employee; their interviews stay on file as part of the personnel file.

        Errors: NotInArchive.
        """
        with self.database.writing() as session:
            row = found(session, who)
            known = mapping.person(session, row)
            row.employee_since = at
            row.document = intake.sealed(session, replace(known, personnel_number=personnel_number))
            audit.append(session, at, actor, "hire", row.id)
            session.flush()
            return mapping.person(session, row)

    def leave(self, who: str, actor: str, at: datetime) -> Person:
        """The person is no employee any more: retention applies again. Errors: NotInArchive."""
        with self.database.writing() as session:
            row = found(session, who)
            row.employee_since = None
            audit.append(session, at, actor, "leave", row.id)
            return mapping.person(session, row)

    # Consent and its opposite

    def consent(
        self,
        who: str,
        purpose: str,
        text: str,
        source: str,
        at: datetime,
        *,
        number: str | None = None,
        actor: str = audit.MACHINE,
        filed_at: datetime | None = None,
    ) -> Consent:
        """Files that the person agreed: when, to which text, for which number (their own unless given).

        `filed_at`: when the archive heard of it; `at` unless given. Errors: NotInArchive.
        """
        with self.database.writing() as session:
            person = mapping.person(session, found(session, who))
            given = Consent(uuid4().hex, purpose, number or person.candidate.phone, text, source, at)
            document = {"number": given.number, "text": text, "source": source}
            session.add(
                ConsentRow(
                    id=given.id,
                    person_id=person.id,
                    purpose=purpose,
                    given_at=at,
                    document=session.seal(ConsentRow, (given.id,), document),
                )
            )
            audit.append(session, filed_at or at, actor, "consent", person.id, purpose=purpose, consent=given.id)
            return given

    def withdraw(self, who: str, purpose: str, at: datetime, *, actor: str = audit.MACHINE) -> None:
        """The person takes back every consent to `purpose`. Errors: NotInArchive."""
        with self.database.writing() as session:
            person = found(session, who)
            given = select(ConsentRow).where(ConsentRow.person_id == person.id, ConsentRow.purpose == purpose)
            for row in session.exec(given.where(col(ConsentRow.withdrawn_at).is_(None))):
                row.withdrawn_at = at
            audit.append(session, at, actor, "withdraw", person.id, purpose=purpose)

    def require_call_consent(self, number: str) -> None:
        """Errors: NoConsent when nobody with this number is on file as having agreed to be called."""
        with self.database.reading() as session:
            dialling.require_consent(session, number)

    def consents(self, who: str) -> tuple[Consent, ...]:
        """Every consent of this person, withdrawn ones too, oldest first. Errors: NotInArchive."""
        with self.database.reading() as session:
            return consents(session, found(session, who).id)

    def opt_out(self, who: str, actor: str, at: datetime) -> None:
        """The person is never called again. Errors: NotInArchive."""
        with self.database.writing() as session:
            row = found(session, who)
            block(session, row, at)
            audit.append(session, at, actor, "opt_out", row.id)

    def opted_out(self, who: str) -> bool:
        """Whether they, or somebody with their number, are never to be called. Errors: NotInArchive."""
        with self.database.reading() as session:
            return is_blocked(session, mapping.candidate(session, found(session, who)))


def _newest(
    session: Transaction, query: SelectOfScalar[PersonRow], limit: int, after: Position | None
) -> tuple[Person, ...]:
    if after is not None:
        query = query.where(tuple_(col(PersonRow.created_at), col(PersonRow.id)) < tuple_(after.at, after.id))
    newest = query.order_by(col(PersonRow.created_at).desc(), col(PersonRow.id).desc()).limit(limit)
    return tuple(mapping.person(session, row) for row in session.exec(newest))


def consents(session: Transaction, person_id: str) -> tuple[Consent, ...]:
    given = select(ConsentRow).where(ConsentRow.person_id == person_id)
    oldest = given.order_by(col(ConsentRow.given_at), col(ConsentRow.id))
    return tuple(mapping.consent(session, row) for row in session.exec(oldest))


def found(session: Transaction, who: str) -> PersonRow:
    """Errors: NotInArchive, also when a number is that of several people."""
    row = session.get(PersonRow, who)
    if row is not None:
        return row
    by_id = select(PersonRow).where(PersonRow.external_index == session.keys.blind("candidate", who))
    row = session.exec(by_id).one_or_none()
    if row is not None:
        return row
    rows: Sequence[PersonRow] = session.exec(
        select(PersonRow).where(PersonRow.phone_index == session.keys.blind("phone", dialled(who))).limit(2)
    ).all()
    if len(rows) == 1:
        return rows[0]
    if rows:
        raise NotInArchive("several people have this number: name the one you mean by their id")
    raise NotInArchive("nobody in the archive has this id or number: write the number as +14155550123")


def is_blocked(session: Transaction, candidate: Candidate) -> bool:
    digests = _digests(session, candidate)
    return session.exec(select(OptOutRow.digest).where(col(OptOutRow.digest).in_(digests))).first() is not None


def refuse_opted_out(session: Transaction, candidate: Candidate) -> None:
    """Errors: OptedOut."""
    if is_blocked(session, candidate):
        raise OptedOut(
            "this candidate, or somebody with the same number, asked never to be called again: take them off your list"
        )


def block(session: Transaction, person: PersonRow, at: datetime) -> None:
    """Nobody with this id or number is called again, also when they have been erased."""
    digests = _digests(session, mapping.candidate(session, person))
    session.insert_new(OptOutRow, [{"digest": digest, "at": at} for digest in digests])


def of_interview(session: Transaction, interview_id: str) -> PersonRow | None:
    return session.exec(select(PersonRow).join(InterviewRow).where(InterviewRow.id == interview_id)).one_or_none()


def _digests(session: Transaction, candidate: Candidate) -> tuple[bytes, bytes]:
    return session.keys.blind("candidate", candidate.id), session.keys.blind("phone", dialled(candidate.phone))
