"""People: candidates, and employees who were. Found by their id, their number or a word of their name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, func
from sqlmodel import col, select

from models.archive import Consent, Person
from models.call import Candidate
from models.errors import NotInArchive, OptedOut
from models.tables import ConsentRow, InterviewRow, OptOutRow, PersonNameRow, PersonRow
from voicebot.archive import audit, dialling, mapping
from voicebot.archive.database import Database, Transaction
from voicebot.archive.words import dialled, words


@dataclass(frozen=True, slots=True)
class People:
    """Whoever is meant by `who` is named by the archive's id, the candidate's id, or a phone number."""

    database: Database

    def file(self, candidate: Candidate, at: datetime, *, email: str | None = None) -> Person:
        """The person with this candidate's id; name and number become those given here, and so does an e-mail."""
        with self.database.writing() as session:
            row = filed(session, candidate, at)
            if email is not None:
                known = mapping.person(session, row)
                row.document = _sealed(session, replace(known, email=email))
            return mapping.person(session, row)

    def find(self, who: str) -> Person:
        """Errors: NotInArchive, also when a number is that of several people."""
        with self.database.reading() as session:
            return mapping.person(session, found(session, who))

    def search(self, name: str, limit: int = 50) -> tuple[Person, ...]:
        """Those whose name has all of these words, newest first."""
        wanted = words(name)
        with self.database.reading() as session:
            query = select(PersonRow)
            for word in wanted:
                having = select(PersonNameRow.person_id).where(PersonNameRow.token == session.keys.token(word))
                query = query.where(col(PersonRow.id).in_(having))
            newest = query.order_by(col(PersonRow.created_at).desc(), col(PersonRow.id)).limit(limit)
            return tuple(mapping.person(session, row) for row in session.exec(newest)) if wanted else ()

    def hire(self, who: str, personnel_number: str, actor: str, at: datetime) -> Person:
        """The candidate becomes an employee; their interviews stay on file as part of the personnel file.

        Errors: NotInArchive.
        """
        with self.database.writing() as session:
            row = found(session, who)
            known = mapping.person(session, row)
            row.employee_since = at
            row.document = _sealed(session, replace(known, personnel_number=personnel_number))
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
        self, who: str, purpose: str, text: str, source: str, at: datetime, *, number: str | None = None
    ) -> Consent:
        """Files that the person agreed: when, to which text, for which number (their own unless given).

        Errors: NotInArchive.
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
            audit.append(session, at, audit.MACHINE, "consent", person.id, purpose=purpose, consent=given.id)
            return given

    def withdraw(self, who: str, purpose: str, at: datetime) -> None:
        """The person takes back every consent to `purpose`. Errors: NotInArchive."""
        with self.database.writing() as session:
            person = found(session, who)
            given = select(ConsentRow).where(ConsentRow.person_id == person.id, ConsentRow.purpose == purpose)
            for row in session.exec(given.where(col(ConsentRow.withdrawn_at).is_(None))):
                row.withdrawn_at = at
            audit.append(session, at, audit.MACHINE, "withdraw", person.id, purpose=purpose)

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


def consents(session: Transaction, person_id: str) -> tuple[Consent, ...]:
    given = select(ConsentRow).where(ConsentRow.person_id == person_id).order_by(col(ConsentRow.given_at))
    return tuple(mapping.consent(session, row) for row in session.exec(given))


def filed(session: Transaction, candidate: Candidate, at: datetime) -> PersonRow:
    """The row of this candidate, made or brought up to date."""
    external = session.keys.blind("candidate", candidate.id)
    same = select(PersonRow).where(PersonRow.external_index == external).with_for_update()
    row = session.exec(same).one_or_none()
    phone = session.keys.blind("phone", dialled(candidate.phone))
    if row is None:
        person_id = uuid4().hex
        document = session.seal(PersonRow, (person_id,), mapping.person_document(candidate))
        values = {"id": person_id, "external_index": external, "phone_index": phone, "created_at": at}
        session.insert_new(PersonRow, [values | {"document": document}])
        row = session.exec(same).one()
        _file_names(session, row.id, candidate.name)
    known = mapping.person(session, row)
    if known.candidate != candidate:
        row.phone_index = phone
        row.document = _sealed(session, replace(known, candidate=candidate))
        session.exec(delete(PersonNameRow).where(col(PersonNameRow.person_id) == row.id))
        _file_names(session, row.id, candidate.name)
    session.flush()
    return row


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


def refuse_opted_out(session: Transaction, candidate: Candidate) -> None:
    """Errors: OptedOut."""
    digests = _digests(session, candidate)
    blocked = select(func.count()).select_from(OptOutRow).where(col(OptOutRow.digest).in_(digests))
    if session.exec(blocked).one():
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


def _sealed(session: Transaction, person: Person) -> bytes:
    document = mapping.person_document(person.candidate, person.email, person.personnel_number)
    return session.seal(PersonRow, (person.id,), document)


def _file_names(session: Transaction, person_id: str, name: str) -> None:
    tokens = {session.keys.token(word) for word in words(name)}
    session.insert_new(PersonNameRow, [{"token": token, "person_id": person_id} for token in tokens])
