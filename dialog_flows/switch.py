"""How a candidate asks to go on in another language."""

from dialog_flows.engine import SWITCHES
from dialog_flows.understanding import understand
from models.dialog import Expects


def asked_for(text: str, language: str) -> str | None:
    """The language that `text` asks to go on in, as a call held in `language` understands it at any question."""
    return SWITCHES.get(understand(text, Expects.OPEN, language).kind)
