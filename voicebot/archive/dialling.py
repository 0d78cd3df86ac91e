"""Whether a person may be rung now: looked at in the very transaction that puts the dial on record."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func
from sqlmodel import col, select

from models.archive import CALL_CONSENT
from models.call import Quota
from models.errors import CalledTooOften, CallUnderWay, InterviewOver, NoConsent
from models.tables import AttemptRow, ConsentRow, InterviewRow, PersonRow
from voicebot.archive import mapping
from voicebot.archive.database import Transaction
from voicebot.archive.words import dialled


def refuse(session: Transaction, interview_id: str, person: PersonRow, quotas: Sequence[Quota], at: datetime) -> None:
    """Errors: InterviewOver, CallUnderWay, NoConsent, CalledTooOften."""
    _refuse_over(session, interview_id)
    require_consent(session, mapping.candidate(session, person).phone)
    _refuse_too_often(session, person, quotas, at)


def wait_for_number(session: Transaction, person: PersonRow) -> None:
    """Another dial of the same number is looked at before this transaction, or after it."""
    same_number = select(PersonRow.id).where(PersonRow.phone_index == person.phone_index)
    session.exec(same_number.order_by(col(PersonRow.id)).with_for_update()).all()


def _refuse_over(session: Transaction, interview_id: str) -> None:
    attempts = session.exec(select(AttemptRow).where(AttemptRow.interview_id == interview_id)).all()
    if any(attempt.ended_at is None for attempt in attempts):
        raise CallUnderWay("this interview is being dialled or held: wait until that call has ended")
    for attempt in attempts:
        ended_as = mapping.disposition(attempt)
        if ended_as and ended_as.final:
            raise InterviewOver(
                f"this interview is over ({ended_as.value.replace('_', ' ')}): schedule a new one to call again"
            )


def require_consent(session: Transaction, number: str) -> None:
    """The last word on file about the number counts, whoever of those that share it said it. Errors: NoConsent."""
    number = dialled(number)
    given = (
        select(ConsentRow)
        .join(PersonRow)
        .where(ConsentRow.purpose == CALL_CONSENT, PersonRow.phone_index == session.keys.blind("phone", number))
    )
    consents = [mapping.consent(session, row) for row in session.exec(given)]
    about = [consent for consent in consents if dialled(consent.number) == number]
    withdrawn = max((consent.withdrawn_at for consent in about if consent.withdrawn_at), default=None)
    standing = [consent for consent in about if consent.withdrawn_at is None]
    if not any(withdrawn is None or consent.given_at > withdrawn for consent in standing):
        what = "was taken back" if withdrawn else "is not on file"
        raise NoConsent(
            f"the consent to be called at this number {what}: ask for it, then file it with the text that was shown "
            '(voicebot call --consent "…")'
        )


def _refuse_too_often(session: Transaction, person: PersonRow, quotas: Sequence[Quota], at: datetime) -> None:
    for quota in quotas:
        since = at - timedelta(seconds=quota.within_s)
        rung = (
            select(func.count())
            .select_from(AttemptRow)
            .join(InterviewRow)
            .join(PersonRow)
            .where(PersonRow.phone_index == person.phone_index, col(AttemptRow.dialled_at) > since)
        )
        if session.exec(rung).one() >= quota.calls:
            raise CalledTooOften(
                f"this number has been dialled {quota.calls} times within {_span(quota.within_s)}, as often as may be "
                "where it is: try again later"
            )


def _span(seconds: int) -> str:
    for unit, length in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds} seconds"
