"""What bodies have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

LONGEST = 1000
"""Characters of what somebody types, wherever it is too long for anything."""
Password = Annotated[SecretStr, Field(max_length=LONGEST, examples=["four words nobody guesses"])]


class Body(BaseModel):
    """What a request brings: a field that nobody knows is a mistake."""

    model_config = ConfigDict(extra="forbid")
