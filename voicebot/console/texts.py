"""What the console says, in each language."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

import yaml

from models.errors import VoicebotError
from voicebot.console import messages

LANGUAGES = {"en": "English", "zh": "中文"}
"""Their codes, and what they call themselves."""
TAGS = {"en": "en", "zh": "zh-CN"}
"""As HTML writes them."""


@dataclass(frozen=True, slots=True)
class Texts:
    language: str
    """A key of LANGUAGES."""

    def __call__(self, key: str, **values: object) -> str:
        """The text with this key. Errors: KeyError."""
        return catalogue(self.language)[key].format(**values)

    def told(self, message: str) -> str:
        """What another part of the product said in English."""
        return messages.told(self.language, message)

    def error(self, error: VoicebotError) -> str:
        return messages.told_error(self.language, error)

    def day(self, moment: datetime) -> str:
        if self.language == "zh":
            return f"{moment.year}年{moment.month}月{moment.day}日"
        return f"{moment.day} {moment:%b %Y}"

    def moment(self, moment: datetime) -> str:
        return f"{self.day(moment)} {moment:%H:%M}"


@cache
def catalogue(language: str) -> dict[str, str]:
    """Every text of one language, by its key."""
    text = files("voicebot.console").joinpath("texts", f"{language}.yaml").read_text("utf-8")
    return {f"{group}.{key}": said for group, texts in yaml.safe_load(text).items() for key, said in texts.items()}


def preferred(cookie: str | None, accepted: str) -> str:
    """The language that somebody chose, else the first of ours that their browser accepts."""
    if cookie in LANGUAGES:
        return cookie
    wanted = (part.split(";")[0].strip().lower()[:2] for part in accepted.split(","))
    return next((language for language in wanted if language in LANGUAGES), "en")


def clock(at_ms: int) -> str:
    """A place in a recording: 75000 -> 1:15."""
    minutes, seconds = divmod(at_ms // 1000, 60)
    return f"{minutes}:{seconds:02}"


def score(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
