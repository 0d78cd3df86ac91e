"""How long somebody has to wait after wrong passwords: longer each time, and nobody for ever.

A stranger who tries one name from many places slows down every browser that has never signed in with it, by a minute at
most; a browser that has is counted on its own, so that strangers cannot keep its owner out (OWASP, "Slow down online
guessing attacks with device cookies"). Counts are in the database: a restart forgets none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from math import ceil

from sqlmodel import col, delete

from models.errors import TooManyAttempts
from models.tables import FailedSignInRow
from voicebot.archive.database import Transaction
from voicebot.archive.keyring import Keyring

FORGOTTEN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Source:
    """Where attempts come from, or whom they are aimed at."""

    key: bytes
    free: int
    """Failures that cost no time, for those who mistype."""
    most_s: int


def name(keys: Keyring, folded: str) -> Source:
    return Source(keys.blind("sign-in name", folded), 5, 60)


def browser(keys: Keyring, device: str) -> Source:
    return Source(keys.blind("sign-in browser", device), 5, 900)


def network(keys: Keyring, address: str) -> Source:
    return Source(keys.blind("sign-in network", place(address)), 20, 900)


def place(address: str) -> str:
    """The network that an IP address stands for: of IPv6, whoever has one address has its whole /64."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    return found.exploded[:19] if found.version == 6 else str(found)


def wait_s(source: Source, failures: int) -> int:
    """Seconds from the last of so many failures until the next attempt; doubled by each."""
    over = failures - source.free
    return 0 if over < 0 else min(2 ** min(over, 30), source.most_s)


def charge(session: Transaction, sources: Sequence[Source], at: datetime) -> None:
    """Counts an attempt as failed before it is looked at, so that a thousand at once are not one.

    Errors: TooManyAttempts; then the attempt does not count.
    """
    session.exec(delete(FailedSignInRow).where(col(FailedSignInRow.last_at) < at - FORGOTTEN))
    fresh = [{"source": source.key, "failures": 0, "last_at": at} for source in sources]
    session.insert_new(FailedSignInRow, fresh)
    rows = [session.get_one(FailedSignInRow, source.key, with_for_update=True) for source in sources]
    waits = [
        row.last_at + timedelta(seconds=wait_s(source, row.failures)) - at
        for source, row in zip(sources, rows, strict=True)
    ]
    if (longest := max(waits, default=timedelta(0))) > timedelta(0):
        seconds = ceil(longest.total_seconds())
        raise TooManyAttempts(f"too many attempts to sign in: try again in {seconds} s", seconds)
    for row in rows:
        row.failures += 1
        row.last_at = at


def forgive(session: Transaction, sources: Sequence[Source]) -> None:
    """The attempt was a good one: the name, or the browser, starts anew; the network loses this one only."""
    first, *networks = sources
    session.exec(delete(FailedSignInRow).where(col(FailedSignInRow.source) == first.key))
    for source in networks:
        row = session.get(FailedSignInRow, source.key, with_for_update=True)
        if row is not None:
            row.failures -= 1
