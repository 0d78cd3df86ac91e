"""What a country allows those who telephone people there: in which hours, and how often. Data, not advice."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import phonenumbers
import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from models.call import Quota
from models.errors import UsageError

SHIPPED = Path(__file__).with_suffix(".yaml")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")


@dataclass(frozen=True, slots=True)
class Hours:
    """A stretch of the day, in the callee's own time; `end` is not part of it."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    name: str
    hours: tuple[Hours, ...]
    quotas: tuple[Quota, ...]


@dataclass(frozen=True, slots=True)
class CallingRules:
    default: Jurisdiction
    by_country: Mapping[int, Jurisdiction]
    """By country code: 86 for China."""

    def of(self, number: str) -> Jurisdiction:
        """Those for a number in E.164; the default for a name or an extension on a PBX."""
        try:
            code = phonenumbers.parse(number).country_code
        except phonenumbers.NumberParseException:
            code = None
        return self.by_country.get(code or 0, self.default)


def _hours(written: Any) -> Hours:
    if isinstance(written, Hours):
        return written
    match = _HOURS.fullmatch(str(written))
    if match is None:
        raise ValueError("write hours as 09:00-12:00")
    start = time(int(match[1]), int(match[2]))
    end = time(int(match[3]), int(match[4])) if match[3] else time.max
    if end <= start:
        raise ValueError("hours end after they begin, on the same day")
    return Hours(start, end)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Quota(_Strict):
    calls: int = Field(ge=1)
    within_minutes: int = Field(ge=1)


class _Entry(_Strict):
    name: str
    hours: Annotated[tuple[Annotated[Hours, BeforeValidator(_hours)], ...], Field(min_length=1)]
    quotas: tuple[_Quota, ...] = ()
    source: str
    """What it rests on."""

    def jurisdiction(self) -> Jurisdiction:
        quotas = tuple(Quota(quota.calls, quota.within_minutes * 60) for quota in self.quotas)
        return Jurisdiction(self.name, self.hours, quotas)


_FILE: TypeAdapter[dict[str, _Entry]] = TypeAdapter(
    dict[Annotated[str, BeforeValidator(str), Field(pattern=r"^(default|[1-9]\d{0,2})$")], _Entry]
)


@cache
def load(own: Path | None = None) -> CallingRules:
    """The rules that ship, with the entries of the operator's `own` file in their place. Raises UsageError."""
    entries = _read(SHIPPED) | (_read(own) if own else {})
    default = entries.pop("default")
    return CallingRules(default.jurisdiction(), {int(code): entry.jurisdiction() for code, entry in entries.items()})


def _read(path: Path) -> dict[str, _Entry]:
    try:
        return _FILE.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the calling rules {path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise UsageError(f"the calling rules {path} are no YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        raise UsageError(f"the calling rules {path}: {place}: {first['msg']}; write them like {SHIPPED}") from error
