"""The page as HTML. Pure but for its template, which is read once."""

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from models.archive import Consent
from models.invitation import Invitation
from voicebot.api.candidate.wording import LANGUAGES, WORDING, date
from voicebot.archive.invitations import CALL, RECORDING
from voicebot.settings import Settings

_HERE = Path(__file__).parent
_STYLE = (_HERE / "page.css").read_text()
_TEMPLATES = Environment(loader=FileSystemLoader(_HERE), autoescape=True, undefined=StrictUndefined)
_PAGE = _TEMPLATES.get_template("page.html")
_STYLE_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",  # the address is all that it takes to be the candidate
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}


_TEXTS = (
    *("hello", "your_consent", "not_given", "agree", "withdraw", "withdraw_why", "stop", "stop_why", "stopped"),
    *("kept", "your_data", "copy", "copy_why", "erasure", "erasure_why", "review", "review_why"),
    *("correction", "correction_why", "correction_words", "objection", "objection_why", "objection_words", "questions"),
)


@dataclass(frozen=True, slots=True)
class Page:
    """What one candidate reads, in one language."""

    invitation: Invitation
    settings: Settings
    language: str

    def texts(self) -> dict[str, str]:
        """What they agree to, by purpose, word for word as it is shown."""
        span = self._span(self.settings.keep_recordings_days)
        return {
            CALL: self._say("consent_call"),
            RECORDING: self._say("consent_recording", span=span),
        }

    def shown(self) -> str:
        """Stands for the texts: it comes back with the consent, which is to exactly these."""
        return hashlib.sha256("\0".join(self.texts().values()).encode()).hexdigest()[:32]

    def html(self, said: str | None = None) -> str:
        """`said`: key of a text that tells what has just been done."""
        texts = self.texts()
        content = {
            "about": [self._say(key) for key in self._about()],
            "opted_out": self.invitation.opted_out,
            "may_be_called": self.invitation.may_be_called,
            "given": [self._given(consent) for consent in self.invitation.consents],
            "consent_call": texts[CALL],
            "consent_recording": texts[RECORDING],
            "shown": self.shown(),
            "kept": self._kept(),
        }
        text = {key: self._say(key) for key in _TEXTS}
        done = self._say(said) if said else None
        return _render(self.language, title=self._say("title"), said=done, page=content, text=text)

    def _about(self) -> tuple[str, ...]:
        return ("who_for_job" if self.invitation.job else "who", "ai", "recorded", "scored", "number")

    def _kept(self) -> list[str]:
        settings = self.settings
        days = {
            "kept_recordings": settings.keep_recordings_days,
            "kept_transcripts": settings.keep_transcripts_days,
            "kept_scores": settings.keep_scores_days,
            "kept_people": settings.keep_people_days,
        }
        return [self._say(key, span=self._span(limit)) for key, limit in days.items()]

    def _span(self, days: int | None) -> str:
        return self._say("no_limit") if days is None else self._say("days", days=str(days))

    def _given(self, consent: Consent) -> dict[str, str]:
        return {"when": self._say("given", date=date(consent.given_at, self.language)), "text": consent.text}

    def _say(self, key: str, **more: str) -> str:
        candidate = self.invitation.person.candidate
        return WORDING[self.language][key].format(
            company=self.invitation.company or self.settings.company,
            job=self.invitation.job or "",
            name=candidate.name,
            ending=candidate.phone[-4:],
            callback=self.settings.callback_number,
            **more,
        )


def plain(language: str, key: str) -> str:
    """A page that says one thing, such as that a link does not work."""
    text = WORDING[language]
    return _render(language, title=text[f"{key}_title"], message=text[key], said=None, page=None, text={})


def _render(language: str, **content: Any) -> str:
    return _PAGE.render(lang=language, languages=LANGUAGES, style=_STYLE, action=f"?lang={language}", **content)
