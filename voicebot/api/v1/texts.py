"""What a text in a request may be: no control characters, some length, and not only spaces; and a moment."""

import re
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator, StringConstraints

_CONTROL = r"\x00-\x1f\x7f-\x9f"
_WORD = rf"[^{_CONTROL}\x20\xa0]"

Line = Annotated[str, StringConstraints(max_length=200, pattern=rf"^[^{_CONTROL}]*{_WORD}[^{_CONTROL}]*$")]
"""On one line, such as a name or a title."""
Blank = Annotated[str, StringConstraints(max_length=200, pattern=rf"^[^{_CONTROL}]*$")]
"""The same, or nothing at all."""
Prose = Annotated[
    str,
    StringConstraints(
        max_length=10_000,
        pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*"
        rf"{_WORD}[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$",
    ),
]
"""With lines of its own, such as a note."""
Sought = Annotated[str, StringConstraints(min_length=1, max_length=500)]
"""What somebody looks for."""
FlowId = Annotated[str, StringConstraints(max_length=100, pattern=r"^[a-z][a-z0-9_]*$")]
Id = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
"""One that the archive has given."""


def _written(value: object) -> object:
    """Numbers are no moments: nobody knows whether they are seconds."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[Tt ]", value):
        raise ValueError("write the moment with its time zone: 2026-03-31T09:30:00Z")
    return value


Moment = Annotated[AwareDatetime, BeforeValidator(_written)]
