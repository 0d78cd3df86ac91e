"""What people make of an interview: other scores, notes, decisions; and what its scorecard means."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from pydantic import TypeAdapter

from models.accounts import Principal, Scope
from models.errors import NotInArchive
from scoring.feedback import Feedback, feedback
from voicebot.api.v1 import access, etags
from voicebot.api.v1.idempotency import CarriedOutOnce
from voicebot.api.v1.interviews import Reads, visible
from voicebot.api.v1.review_bodies import Note, NoteDraft, Override, OverrideDraft, Review
from voicebot.archive.store import Archive
from voicebot.assessment import measured_by

router = APIRouter(prefix="/interviews", tags=["reviews"])

Reviews = Annotated[Principal, Depends(access.allowed(Scope.REVIEWS_WRITE))]
IfMatch = Annotated[
    str | None,
    Header(description="The ETag of the review that you saw: if it has another by now, nothing is changed (412)"),
]
_FEEDBACK = TypeAdapter(Feedback)


@router.get(
    "/{interview_id}/review",
    response_model=Review,
    operation_id="getReview",
    summary="What people made of it",
)
def get(interview_id: str, request: Request, principal: Reads, archive: access.TheArchive) -> Response:
    visible(archive, principal, interview_id)
    return etags.read(request, _review(archive, interview_id))


@router.post(
    "/{interview_id}/review/overrides",
    status_code=201,
    response_model=Override,
    operation_id="overrideScore",
    summary="A person's score over the machine's",
    description="Needs `If-Match` with the review's ETag, so that of two reviewers none changes what they did not see.",
)
def override(
    interview_id: str,
    draft: OverrideDraft,
    request: Request,
    principal: Reviews,
    archive: access.TheArchive,
    now: access.Now,
    once: CarriedOutOnce,
    if_match: IfMatch = None,
) -> Response:
    def carry_out() -> Response:
        visible(archive, principal, interview_id)
        seen = _seen(archive, interview_id, request, needed=True)
        try:
            filed = archive.reviews.override(
                interview_id,
                draft.question_id,
                draft.criterion_id,
                draft.value,
                principal.actor,
                draft.reason,
                now,
                seen=seen,
            )
        except NotInArchive as error:
            raise HTTPException(409, str(error)) from error
        return etags.answer(Override.model_validate(filed), 201, etag=etags.of(_review(archive, interview_id)))

    return once(principal, carry_out)


@router.post(
    "/{interview_id}/review/notes",
    status_code=201,
    response_model=Note,
    operation_id="addNote",
    summary="A note, or with `decision` what becomes of the candidate",
    description="With `If-Match`, only if scores and decisions are still as you saw them.",
)
def note(
    interview_id: str,
    draft: NoteDraft,
    request: Request,
    principal: Reviews,
    archive: access.TheArchive,
    now: access.Now,
    once: CarriedOutOnce,
    if_match: IfMatch = None,
) -> Response:
    def carry_out() -> Response:
        visible(archive, principal, interview_id)
        seen = _seen(archive, interview_id, request)
        filed = archive.reviews.note(interview_id, principal.actor, draft.text, now, decision=draft.decision, seen=seen)
        return etags.answer(Note.model_validate(filed), 201, etag=etags.of(_review(archive, interview_id)))

    return once(principal, carry_out)


@router.get(
    "/{interview_id}/report",
    response_model=Feedback,
    operation_id="getReport",
    summary="Strengths, gaps, advice to the candidate, and what is still to be asked",
)
def report(interview_id: str, principal: Reads, archive: access.TheArchive) -> Response:
    visible(archive, principal, interview_id)
    record = archive.interview(interview_id)
    if record.scorecard is None:
        raise NotInArchive("this interview has no scorecard: there were no answers to score, or it is not over")
    found = feedback(measured_by(archive, record), record.scorecard)
    return Response(_FEEDBACK.dump_json(found), media_type=etags.MEDIA_TYPE)


def _review(archive: Archive, interview_id: str) -> Review:
    return Review.model_validate(archive.reviews.of(interview_id))


def _seen(archive: Archive, interview_id: str, request: Request, *, needed: bool = False) -> int | None:
    """The revision that If-Match stands for; None: any. Raises HTTPException 412 or 428."""
    review = _review(archive, interview_id)
    etags.require(request, etags.of(review), needed=needed)
    return None if request.headers.get("if-match", "*").strip() == "*" else review.revision
