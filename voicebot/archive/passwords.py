"""Passwords: which are good enough, and how they are kept."""

import re
import secrets
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.errors import TooManyAttempts, UsageError

LEAST, MOST = 12, 256
"""Characters. Length is what makes a password strong; there are no rules about kinds of characters (NIST SP 800-63B,
section 3.1.1.2). The longest keeps hashing short."""
_FEWEST_DIFFERENT = 6
_COMMON = (
    "password passwort passwd letmein changeme welcome hello login iloveyou admin administrator root user test default "
    "secret master monkey dragon football baseball sunshine princess summer winter spring autumn qwerty abc voicebot "
    "interview company recruiter mima woaini"
).split()
"""What people put together into passwords, with figures between: see any list of leaked ones."""
_PUT_TOGETHER = re.compile(rf"(?:{'|'.join(_COMMON)}|[\d\s!?.,_*#$@+-])+")
_LOOKS_LIKE = str.maketrans("@4310$5!7", "aaeiossit")
_RUNS = ("0123456789" * 3, "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1q2w3e4r5t6y7u8i9o0p")
_AT_ONCE = 2
"""Hashing takes 64 MiB each, and all of a core; more would let strangers fill the memory."""
_LONGEST_WAIT_S = 5

_hasher = PasswordHasher()
_turns = threading.BoundedSemaphore(_AT_ONCE)


def hashed(password: str, name: str) -> str:
    """What is kept of a new password of `name`: argon2id. Errors: UsageError when it is too weak."""
    if reason := _weakness(_normal(password).casefold(), _normal(name).casefold()):
        raise UsageError(f"the password is too easy to guess: {reason}")
    with _turn():
        return _hasher.hash(_encoded(password))


def verified(password: str, kept: str | None) -> bool:
    """Whether it is the password of which `kept` was kept; None: nobody's, which takes as long to say.

    Errors: TooManyAttempts when too many others ask at the same time.
    """
    nobodys = _nobodys()
    with _turn():
        try:
            _hasher.verify(kept or nobodys, _encoded(password))
        except (VerificationError, InvalidHashError):
            return False
    return kept is not None


class _turn:
    def __enter__(self) -> None:
        if not _turns.acquire(timeout=_LONGEST_WAIT_S):
            raise TooManyAttempts("too many people sign in at this moment: try again in a few seconds", 2)

    def __exit__(self, *_: object) -> None:
        _turns.release()


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe())


def _normal(text: str) -> str:
    """The same on every keyboard."""
    return unicodedata.normalize("NFKC", text)


def _encoded(password: str) -> bytes:
    return _normal(password)[: MOST + 1].encode("utf-8", "surrogatepass")


def _weakness(password: str, name: str) -> str | None:
    core = password.strip("0123456789 !?.,_-*#$@+")
    if not LEAST <= len(password) <= MOST:
        return f"use {LEAST} to {MOST} characters, such as four words that have nothing to do with each other"
    if len(set(password)) < _FEWEST_DIFFERENT:
        return "it repeats the same few characters"
    if len(name) > 2 and name in password:
        return "it has the user's name in it"
    usual = _PUT_TOGETHER.fullmatch(password) or _PUT_TOGETHER.fullmatch(core.translate(_LOOKS_LIKE))
    if usual or any(part in run or part in run[::-1] for part in (password, core) for run in _RUNS):
        return "it is among those that are tried first; use four words that have nothing to do with each other"
    return None
