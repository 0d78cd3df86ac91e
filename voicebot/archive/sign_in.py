"""Signing in with a password, and the session that follows."""

import secrets
from datetime import datetime, timedelta
from hmac import compare_digest

from sqlalchemy import update
from sqlmodel import col, delete, or_

from models.accounts import Principal, User
from models.errors import SignInRefused
from models.tables import SessionRow, UserRow
from voicebot.archive import audit, passwords, throttle, users
from voicebot.archive.database import Database, Transaction

IDLE, ABSOLUTE = timedelta(minutes=30), timedelta(hours=12)
"""A session ends so long after the last request, and after signing in."""
_NOTED_AFTER = timedelta(minutes=1)
"""A request so soon after the one before is not written down."""
_REFUSED = "the name or the password is wrong"
_ENDED = "you are not signed in, or no longer: sign in again"


class SignIn:
    database: Database

    def sign_in(self, name: str, password: str, at: datetime, *, address: str = "", device: str = "") -> str:
        """A token for `signed_in`. `address`: where it comes from; `device`: what `known_device` gave this browser.

        Whether the name or the password was wrong can be told from nothing, not even from the time it takes.
        Errors: SignInRefused, TooManyAttempts.
        """
        keys, folded = self.database.keys, users.folded(name)
        with self.database.writing() as session:
            row = users.row_named(session, name)
            known = row is not None and self._is_device_of(row.id, device)
            first = throttle.browser(keys, device) if known else throttle.name(keys, folded)
            sources = [first, *([throttle.network(keys, address)] if address and not known else [])]
            throttle.charge(session, sources, at)
            kept = _password(session, row)
        right = passwords.verified(password, kept)
        with self.database.writing() as session:
            row = users.row_named(session, name)
            if right and row is not None and _password(session, row) == kept:  # nobody changed it meanwhile
                throttle.forgive(session, sources)
                return _begin(session, users.user(session, row), at)
            audit.append(session, at, audit.MACHINE, "login.refused", keys.blind("user", folded).hex())
        raise SignInRefused(_REFUSED)

    def signed_in(self, token: str, at: datetime) -> Principal:
        """Who signed in and got this token; the session lives on. Errors: SignInRefused when it has ended."""
        with self.database.reading() as session:
            row = session.get(SessionRow, _index(session, token))
            if row is None or at >= min(row.seen_at + IDLE, row.created_at + ABSOLUTE):
                raise SignInRefused(_ENDED)
            user = users.user(session, session.get_one(UserRow, row.user_id))
        if at - row.seen_at >= _NOTED_AFTER:
            with self.database.writing() as session:
                seen = update(SessionRow).where(col(SessionRow.token_index) == row.token_index)
                session.exec(seen.values(seen_at=at))
        return users.principal(user)

    def sign_out(self, token: str, at: datetime) -> None:
        """The session ends, if it has not yet."""
        with self.database.writing() as session:
            row = session.get(SessionRow, _index(session, token))
            if row is not None:
                user = users.user(session, session.get_one(UserRow, row.user_id))
                session.delete(row)
                audit.append(session, at, user.name, "logout", user.id)

    def known_device(self, user_id: str) -> str:
        """What a browser that this user has signed in with keeps: strangers' wrong guesses do not hold it up."""
        nonce = secrets.token_urlsafe(12)
        return f"{nonce}.{self._device_mac(user_id, nonce)}"

    def _is_device_of(self, user_id: str, device: str) -> bool:
        nonce, _, mac = device.partition(".")
        return compare_digest(mac.encode(), self._device_mac(user_id, nonce).encode())

    def _device_mac(self, user_id: str, nonce: str) -> str:
        return self.database.keys.mac(b"device", user_id.encode(), nonce.encode())[:32]


def _password(session: Transaction, row: UserRow | None) -> str | None:
    """The hash of the password by which this user gets in, if they do."""
    account = session.opened(row, users.ACCOUNT) if row is not None else None
    return account.password if account and account.disabled_at is None else None


def _begin(session: Transaction, user: User, at: datetime) -> str:
    ended = or_(col(SessionRow.seen_at) <= at - IDLE, col(SessionRow.created_at) <= at - ABSOLUTE)
    session.exec(delete(SessionRow).where(ended))
    token = secrets.token_urlsafe(32)
    session.add(SessionRow(token_index=_index(session, token), user_id=user.id, created_at=at, seen_at=at))
    audit.append(session, at, user.name, "login", user.id)
    return token


def _index(session: Transaction, token: str) -> bytes:
    return session.keys.blind("session", token)
