"""What people make of an interview, as it is sent and shown."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from models.archive import Decision
from voicebot.api.v1.bodies import Body
from voicebot.api.v1.texts import Id, Line, Prose


class OverrideDraft(Body):
    question_id: Line = Field(examples=["system_design"])
    criterion_id: Line = Field(examples=["trade_offs"])
    value: Annotated[float, Field(ge=1, le=5)] | None = Field(
        description="In place of the machine's, which stays on file; null: not assessed", examples=[4.5]
    )
    reason: Prose = Field(examples=["They named the trade-off in the next answer."])


class NoteDraft(Body):
    text: Prose = Field(examples=["Strong on operations; ask about mentoring."])
    decision: Decision | None = Field(None, description="With it, the human review that no score replaces")


class Override(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: Id
    question_id: str
    criterion_id: str
    value: float | None
    author: str
    reason: str
    at: datetime


class Note(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: Id
    author: str
    text: str
    at: datetime
    decision: Decision | None


class Review(BaseModel):
    """Oldest first. Its ETag is for If-Match when scores or decisions are changed."""

    model_config = ConfigDict(from_attributes=True)

    revision: int = Field(description="Another one with each new score or decision")
    overrides: list[Override]
    notes: list[Note]
