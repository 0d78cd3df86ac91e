"""The anchor: a file beside the recordings that remembers the last audit entry, so that none is cut off unnoticed."""

import contextlib
import secrets
from pathlib import Path

ANCHOR_FILE = "audit.anchor"


def read_anchor(folder: Path) -> str | None:
    with contextlib.suppress(FileNotFoundError):
        return (folder / ANCHOR_FILE).read_text().strip()
    return None


def write_anchor(folder: Path, anchor: str) -> None:
    """Best effort: what could not be written is written with the next entry."""
    fresh = folder / f"{ANCHOR_FILE}.{secrets.token_hex(4)}"
    with contextlib.suppress(OSError):
        try:
            fresh.write_text(anchor + "\n")
            fresh.replace(folder / ANCHOR_FILE)
        finally:
            fresh.unlink(missing_ok=True)
