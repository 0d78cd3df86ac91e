"""A candidate's link: whoever has it is taken for the candidate, so its time is limited.

token = person's id (16 bytes), expiry in Unix seconds (4), MAC over both (16), in URL-safe Base64: 48 characters
"""

import base64
import binascii
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select

from models.errors import LinkExpired, LinkRefused, NoConsent, OptedOut
from models.invitation import Invitation, Wish, WishKind
from models.tables import InterviewRow, JobRow, PersonRow
from voicebot.archive import audit, dialling, mapping, people, wishes
from voicebot.archive.database import Database, Transaction
from voicebot.archive.people import People

CANDIDATE = "candidate"
"""The actor of what was done with the link."""
CALL, RECORDING = "call", "recording"
"""Purposes that a candidate may consent to."""
_ID_BYTES, _EXPIRY_BYTES, _MAC_BYTES = 16, 4, 16
_CHARACTERS = 48


@dataclass(frozen=True, slots=True)
class Invitations:
    database: Database

    def issue(self, who: str, actor: str, at: datetime, holds: timedelta) -> tuple[str, datetime]:
        """A token for the link of a candidate, and until when it is good. Errors: NotInArchive."""
        expires_at = (at + holds).replace(microsecond=0)
        with self.database.writing() as session:
            person = people.found(session, who)
            audit.append(session, at, actor, "link", person.id, expires_at=expires_at.isoformat())
            claim = bytes.fromhex(person.id) + int(expires_at.timestamp()).to_bytes(_EXPIRY_BYTES, "big")
            return base64.urlsafe_b64encode(claim + _mac(session, claim)).decode(), expires_at

    def open(self, token: str, at: datetime) -> Invitation:
        """Errors: LinkRefused when the token is not one of ours; LinkExpired when its time, or their file, is over."""
        with self.database.reading() as session:
            row = _holder(session, token, at)
            latest = session.exec(
                select(InterviewRow, JobRow)
                .join(JobRow, col(JobRow.id) == InterviewRow.job_id, isouter=True)
                .where(InterviewRow.person_id == row.id)
                .order_by(col(InterviewRow.created_at).desc(), col(InterviewRow.id).desc())
                .limit(1)
            ).first()
            interview, job = latest if latest else (None, None)
            person = mapping.person(session, row)
            return Invitation(
                person=person,
                consents=tuple(c for c in people.consents(session, row.id) if c.withdrawn_at is None),
                may_be_called=_may_be_called(session, person.candidate.phone),
                opted_out=_opted_out(session, row),
                company=session.opened(interview, mapping.VARIABLES).get("company") if interview else None,
                job=job.title if job else None,
            )

    def agree(self, token: str, texts: dict[str, str], at: datetime) -> None:
        """Files consents as they were shown: `texts` by purpose. Errors: LinkRefused; OptedOut."""
        person = self._person(token, at, may_be_opted_out=False)
        for purpose, text in texts.items():
            People(self.database).consent(person, purpose, text, "link", at, actor=CANDIDATE)

    def withdraw(self, token: str, at: datetime) -> None:
        """Takes every consent back. Errors: LinkRefused."""
        person = self._person(token, at)
        for purpose in (CALL, RECORDING):
            People(self.database).withdraw(person, purpose, at, actor=CANDIDATE)

    def opt_out(self, token: str, at: datetime) -> None:
        """They are never called again. Errors: LinkRefused."""
        People(self.database).opt_out(self._person(token, at), CANDIDATE, at)

    def ask(self, token: str, kind: WishKind, words: str, at: datetime) -> Wish:
        """Lets HR know, by what waits for a person. Errors: LinkRefused; EnoughWishes."""
        with self.database.writing() as session:
            return wishes.file(session, _holder(session, token, at), kind, words, CANDIDATE, at)

    def _person(self, token: str, at: datetime, *, may_be_opted_out: bool = True) -> str:
        with self.database.reading() as session:
            row = _holder(session, token, at)
            if not may_be_opted_out:
                people.refuse_opted_out(session, mapping.candidate(session, row))
            return row.id


def _holder(session: Transaction, token: str, at: datetime) -> PersonRow:
    try:
        content = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        content = b""
    claim, mac = content[:-_MAC_BYTES], content[-_MAC_BYTES:]
    if (
        len(token) != _CHARACTERS
        or len(claim) != _ID_BYTES + _EXPIRY_BYTES
        or not hmac.compare_digest(mac, _mac(session, claim))
    ):
        raise LinkRefused("this link is not one of ours: open it once more from the message that brought it")
    person_id, expiry = claim[:_ID_BYTES].hex(), int.from_bytes(claim[_ID_BYTES:], "big")
    row = session.get(PersonRow, person_id)
    if expiry <= at.timestamp() or row is None:
        raise LinkExpired("this link's time is over: ask for a new one")
    return row


def _may_be_called(session: Transaction, number: str) -> bool:
    try:
        dialling.require_consent(session, number)
    except NoConsent:
        return False
    return True


def _opted_out(session: Transaction, row: PersonRow) -> bool:
    try:
        people.refuse_opted_out(session, mapping.candidate(session, row))
    except OptedOut:
        return True
    return False


def _mac(session: Transaction, claim: bytes) -> bytes:
    return session.keys.blind("candidate link", claim.hex())
