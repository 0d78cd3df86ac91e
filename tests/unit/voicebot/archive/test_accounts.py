"""Who gets in, for how long, with what; and who does not."""

import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import text

from models.accounts import ROLE_SCOPES, Role, Scope
from models.errors import (
    ArchiveAltered,
    NotInArchive,
    SignInRefused,
    TooManyAttempts,
    UsageError,
    VoicebotError,
)
from voicebot.archive import passwords
from voicebot.archive.backup import back_up, restore
from voicebot.archive.master_key import MasterKeySource
from voicebot.archive.store import Archive, open_archive
from voicebot.archive.throttle import Source, place, wait_s

WORDS = "four plain words here"
OTHER = "another set of words"


@pytest.fixture
def mia(archive: Archive, now: datetime) -> str:
    return archive.accounts.create_user("Mia", Role.ADMIN, WORDS, "cli:op", now).id


@pytest.fixture
def rex(archive: Archive, mia: str, now: datetime) -> str:
    return archive.accounts.create_user("Rex 雷", Role.REVIEWER, WORDS, "Mia", now).id


def actions(archive: Archive) -> list[tuple[str, str]]:
    return [(entry.actor, entry.action) for entry in reversed(archive.audit.entries())]


def sql(archive: Archive, statement: str, **values: object) -> None:
    with archive.database.engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(statement), values)


# Signing in


@pytest.mark.parametrize("typed", ["Mia", "mia", " MIA ", "ｍｉａ"])
def test_a_name_is_the_same_however_it_is_typed(archive: Archive, mia: str, now: datetime, typed: str) -> None:
    token = archive.accounts.sign_in(typed, WORDS, now)
    principal = archive.accounts.signed_in(token, now)
    assert (principal.actor, principal.user_id, principal.job_ids) == ("Mia", mia, None)
    assert principal.scopes == frozenset(Scope)
    assert actions(archive)[-1] == ("Mia", "login")


def test_a_wrong_name_and_a_wrong_password_are_told_apart_by_nothing(archive: Archive, mia: str, now: datetime) -> None:
    said = set()
    for name, password in (("Mia", "wrong"), ("nobody", WORDS), ("nobody", ""), ("", ""), ("Mia", "w" * 100_000)):
        with pytest.raises(SignInRefused) as refused:
            archive.accounts.sign_in(name, password, now)
        said.add(str(refused.value))
    assert said == {"the name or the password is wrong"}
    refusals = [entry for entry in archive.audit.entries() if entry.action == "login.refused"]
    assert len({entry.subject for entry in refusals}) == 3
    assert {entry.actor for entry in refusals} == {"voicebot"}
    assert all("nobody" not in str(entry).casefold() and "mia" not in str(entry).casefold() for entry in refusals)


def test_an_unknown_name_costs_as_much_hashing_as_a_known_one(
    archive: Archive, mia: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []
    verify = passwords._hasher.verify

    class Counting:
        def verify(self, kept: str, password: bytes) -> bool:
            hashed.append(kept.rsplit("$", 2)[0])  # algorithm and costs
            return verify(kept, password)

    passwords._nobodys()
    monkeypatch.setattr(passwords, "_hasher", Counting())
    for name in ("Mia", "nobody"):
        with pytest.raises(SignInRefused):
            archive.accounts.sign_in(name, "wrong", now)
    assert len(hashed) == 2
    assert hashed[0] == hashed[1]
    assert hashed[0].startswith("$argon2id$")


@pytest.mark.parametrize(
    ("idle", "total", "ended"),
    [
        (timedelta(minutes=29), timedelta(hours=11), False),
        (timedelta(minutes=31), timedelta(hours=1), True),
        (timedelta(minutes=29), timedelta(hours=12, minutes=10), True),
    ],
)
def test_a_session_ends_when_nobody_asks_and_after_half_a_day(
    archive: Archive, mia: str, now: datetime, idle: timedelta, total: timedelta, ended: bool
) -> None:
    token, at = archive.accounts.sign_in("Mia", WORDS, now), now
    lived = True
    while lived and at < now + total:
        at += idle
        try:
            archive.accounts.signed_in(token, at)
        except SignInRefused:
            lived = False
    assert lived is not ended


def test_a_session_ends_with_signing_out_a_new_password_and_being_disabled(
    archive: Archive, mia: str, rex: str, now: datetime
) -> None:
    accounts = archive.accounts
    endings: list[Callable[[str], object]] = [
        lambda token: accounts.sign_out(token, now),
        lambda token: accounts.set_password(rex, OTHER, "Mia", now),
        lambda token: accounts.disable(rex, "Mia", now),
    ]
    for end, password in zip(endings, (WORDS, WORDS, OTHER), strict=True):
        token = accounts.sign_in("rex 雷", password, now)
        assert accounts.signed_in(token, now).user_id == rex
        end(token)
        with pytest.raises(SignInRefused):
            accounts.signed_in(token, now)
    with pytest.raises(SignInRefused, match="the name or the password is wrong"):
        accounts.sign_in("Rex 雷", OTHER, now)
    accounts.enable(rex, "Mia", now)
    assert accounts.sign_in("Rex 雷", OTHER, now)
    with pytest.raises(SignInRefused):
        accounts.signed_in("no token", now)
    accounts.sign_out("no token", now)


# Guessing


def guess(archive: Archive, name: str, at: datetime, *, address: str = "", device: str = "") -> int:
    """Seconds to wait; 0: the guess was looked at."""
    try:
        archive.accounts.sign_in(name, "wrong", at, address=address, device=device)
    except TooManyAttempts as error:
        assert error.retryable
        return error.retry_after_s
    except SignInRefused:
        return 0
    raise AssertionError("the guess was right")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing costs next to nothing."""
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(1, 8, 1))
    passwords._nobodys.cache_clear()


@pytest.fixture(autouse=True)
def nobodys_hash_is_made_anew() -> None:
    passwords._nobodys.cache_clear()


@pytest.mark.parametrize("name", ["Mia", "nobody"])
def test_each_wrong_password_costs_more_time_whoever_is_meant(
    archive: Archive, quick: None, mia: str, now: datetime, name: str
) -> None:
    assert [guess(archive, name, now) for _ in range(5)] == [0] * 5
    waits, at = [], now
    for _ in range(9):
        waits.append(guess(archive, name, at))
        at += timedelta(seconds=waits[-1])
        assert guess(archive, name, at - timedelta(milliseconds=1)) > 0
        assert guess(archive, name, at) == 0
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_waiting_outlives_a_restart_and_is_forgotten_in_a_day(
    archive: Archive, quick: None, mia: str, now: datetime, reopened: Callable[[], Archive]
) -> None:
    for _ in range(5):
        guess(archive, "Mia", now)
    with reopened() as again:
        assert guess(again, "Mia", now) == 1
    with pytest.raises(TooManyAttempts):
        archive.accounts.sign_in("Mia", WORDS, now)
    assert guess(archive, "Mia", now + timedelta(days=2)) == 0
    assert guess(archive, "Mia", now + timedelta(days=2)) == 0


def test_a_stranger_keeps_nobody_out(archive: Archive, quick: None, mia: str, now: datetime) -> None:
    device = archive.accounts.known_device(mia)
    for n in range(40):
        guess(archive, "Mia", now + timedelta(seconds=n), address=f"203.0.113.{n}")
    at = now + timedelta(seconds=40)
    assert 0 < guess(archive, "Mia", at, address="198.51.100.1") <= 60, "who has never signed in here waits a little"
    assert archive.accounts.sign_in("Mia", WORDS, at, address="203.0.113.7", device=device)
    forged = device[:-1] + ("0" if device[-1] != "0" else "1")
    for n in range(40):
        guess(archive, "Mia", at + timedelta(seconds=n), address=f"203.0.113.{n}", device=forged)
    assert guess(archive, "Mia", at + timedelta(seconds=41), device=forged) > 0
    assert guess(archive, "Mia", at + timedelta(seconds=41), device=device) == 0


def test_a_stolen_browser_guesses_no_faster(archive: Archive, quick: None, mia: str, now: datetime) -> None:
    device = archive.accounts.known_device(mia)
    for _ in range(5):
        assert guess(archive, "Mia", now, device=device) == 0
    assert guess(archive, "Mia", now, device=device) == 1


def test_an_address_that_tries_many_names_waits_and_so_does_its_whole_network(
    archive: Archive, quick: None, mia: str, now: datetime
) -> None:
    for n in range(20):
        assert guess(archive, f"name {n}", now, address=f"2001:db8:0:1::{n}") == 0
    assert guess(archive, "name 99", now, address="2001:db8:0:1:ffff::1") == 1
    assert guess(archive, "name 99", now, address="2001:db8:0:2::1") == 0
    assert guess(archive, "name 99", now, address="198.51.100.1") == 0


def test_signing_in_does_not_wash_an_address_clean(archive: Archive, quick: None, mia: str, now: datetime) -> None:
    for n in range(20):
        guess(archive, f"name {n}", now, address="198.51.100.1")
        if n % 4 == 0:
            archive.accounts.sign_in("Mia", WORDS, now, address="198.51.100.1")
    assert guess(archive, "name 99", now, address="198.51.100.1") == 1


def test_many_guesses_at_once_are_as_many(archive: Archive, quick: None, mia: str, now: datetime) -> None:
    looked_at: list[int] = []
    threads = [
        threading.Thread(target=lambda: looked_at.append(guess(archive, "Mia", now, address="198.51.100.1")))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(looked_at) == [0] * 5 + [1] * 7


def test_the_wait_doubles_to_its_most() -> None:
    source = Source(b"", 5, 900)
    waits = [wait_s(source, failures) for failures in range(2000)]
    assert waits[:5] == [0] * 5
    assert all(b == min(2 * a, 900) for a, b in pairwise(waits[5:]))
    assert waits[-1] == 900


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("10.0.0.1", "10.0.0.2", False),
        ("not an address", "not an address", True),
        ("not an address", "", False),
    ],
)
def test_whose_network_an_address_is(one: str, other: str, same: bool) -> None:
    assert (place(one) == place(other)) is same


# Users


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "12 to 256 characters"),
        ("", "12 to 256 characters"),
        ("x" * 257, "12 to 256 characters"),
        ("ababababababab", "the same few characters"),
        ("Password1234!", "tried first"),
        ("123456789012", "tried first"),
        ("739184650281", "tried first"),
        ("passwordpassword", "tried first"),
        ("P@ssw0rd-2024!", "tried first"),
        ("admin password 1", "tried first"),
        ("Summer2024!!!", "tried first"),
        ("qwertyuiop123", "tried first"),
        ("qwertyuiopasdf", "tried first"),
        ("Anne.Lee-4-ever", "the user's name"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(
    archive: Archive, now: datetime, password: str, reason: str
) -> None:
    with pytest.raises(UsageError, match=reason) as refused:
        archive.accounts.create_user("anne.lee", Role.ADMIN, password, "cli:op", now)
    assert not password or password not in str(refused.value)
    assert not archive.accounts.has_users()


@pytest.mark.parametrize(
    "password",
    [
        WORDS,
        "正确的马电池订书钉再来几个字",
        "🦜🐎🔋📎🌊🔥🪐🎻🧭🗝🪁🎈",
        "half \ud83e a surrogate pair",
        "abcdefg e\u0301" * 28,
    ],
)
def test_any_characters_make_a_password(archive: Archive, quick: None, now: datetime, password: str) -> None:
    archive.accounts.create_user("anne.lee", Role.ADMIN, password, "cli:op", now)
    assert archive.accounts.sign_in("anne.lee", password, now)


@pytest.mark.parametrize(
    "name", ["", "  ", "a" * 65, "cli:root", "key:x", "voicebot", "Setup", "a\nb", "a\0b", "\ud83e"]
)
def test_a_name_that_could_be_mistaken_is_refused(archive: Archive, now: datetime, name: str) -> None:
    with pytest.raises(VoicebotError):
        archive.accounts.create_user(name, Role.ADMIN, WORDS, "cli:op", now)
    assert not archive.accounts.has_users()


def test_every_change_of_a_user_is_on_file(archive: Archive, quick: None, mia: str, rex: str, now: datetime) -> None:
    job = archive.jobs.file("Engineer", "Berlin", now)
    accounts = archive.accounts
    with pytest.raises(UsageError, match="already"):
        accounts.create_user("MIA", Role.REVIEWER, WORDS, "cli:op", now)
    accounts.assign(rex, [job.id], "Mia", now)
    principal = accounts.signed_in(accounts.sign_in("rex 雷", WORDS, now), now)
    assert (principal.job_ids, principal.sees(job.id), principal.sees("x")) == ({job.id}, True, False)
    with pytest.raises(NotInArchive, match="no job"):
        accounts.assign(rex, [job.id, "none"], "Mia", now)
    accounts.change_role(rex, Role.RECRUITER, "Mia", now)
    assert accounts.signed_in(accounts.sign_in("rex 雷", WORDS, now), now).job_ids is None
    accounts.disable(rex, "Mia", now)
    accounts.disable(rex, "Mia", now + timedelta(days=1))
    found = accounts.user(rex)
    assert (found.role, found.disabled_at, found.job_ids) == (Role.RECRUITER, now, {job.id})
    assert accounts.named("Rex 雷") == found
    assert [user.name for user in accounts.users()] == ["Mia", "Rex 雷"]
    for unknown in ("none", rex[:8]):
        with pytest.raises(NotInArchive):
            accounts.user(unknown)
        with pytest.raises(NotInArchive):
            accounts.enable(unknown, "Mia", now)
    assert [action for _, action in actions(archive) if action.startswith("user.")] == [
        "user.add",
        "user.add",
        "user.assign",
        "user.role",
        "user.disable",
        "user.disable",
    ]


def test_an_admin_is_always_left(archive: Archive, quick: None, mia: str, rex: str, now: datetime) -> None:
    accounts = archive.accounts
    with pytest.raises(UsageError, match="nobody would be left"):
        accounts.disable(mia, "Mia", now)
    with pytest.raises(UsageError, match="nobody would be left"):
        accounts.change_role(mia, Role.RECRUITER, "Mia", now)
    accounts.change_role(rex, Role.ADMIN, "Mia", now)
    left: list[str] = []

    def step_down(user_id: str) -> None:
        try:
            accounts.change_role(user_id, Role.RECRUITER, "Mia", now)
        except UsageError:
            left.append(user_id)

    threads = [threading.Thread(target=step_down, args=(user_id,)) for user_id in (mia, rex)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(left) == 1
    assert accounts.user(left[0]).role is Role.ADMIN


def test_the_first_admin_comes_by_a_link_that_is_good_once_and_for_a_day(
    archive: Archive, quick: None, now: datetime
) -> None:
    accounts = archive.accounts
    token = accounts.setup_token(now)
    day = timedelta(days=1)
    for wrong in ("", "x", token[:-1], f"{int(token.split('.')[0]) + 9}.{token.split('.')[1]}", "９." + token):
        with pytest.raises(SignInRefused, match="not ours"):
            accounts.create_first_admin(wrong, "Mia", WORDS, now)
    with pytest.raises(SignInRefused, match="expired"):
        accounts.create_first_admin(token, "Mia", WORDS, now + day + timedelta(seconds=1))
    with pytest.raises(UsageError, match="too easy"):
        accounts.create_first_admin(token, "Mia", "x", now)
    made: list[object] = []

    def set_up(name: str) -> None:
        try:
            made.append(accounts.create_first_admin(token, name, WORDS, now))
        except SignInRefused as error:
            made.append(str(error))

    threads = [threading.Thread(target=set_up, args=(name,)) for name in ("Mia", "Eve")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(isinstance(each, str) for each in made) == [False, True]
    [admin] = accounts.users()
    assert admin.role is Role.ADMIN
    with pytest.raises(SignInRefused, match="has been used"):
        accounts.create_first_admin(accounts.setup_token(now), "Late", WORDS, now)


# Keys


def test_a_key_does_what_it_was_made_for_until_it_ends(archive: Archive, now: datetime) -> None:
    accounts = archive.accounts
    week = timedelta(days=7)
    key, secret = accounts.create_key(" ehr ", {Scope.JOBS_READ, Scope.EXPORT}, "cli:op", now, now + week)
    assert secret.startswith("vb_")
    principal = accounts.with_key(secret, now)
    assert (principal.actor, principal.user_id, principal.job_ids) == ("key:ehr", None, None)
    assert principal.scopes == {Scope.JOBS_READ, Scope.EXPORT}
    assert accounts.keys() == (key,)
    for wrong in ("", secret[:-1], secret + "x", "vb_" + "x" * 5000):
        with pytest.raises(SignInRefused):
            accounts.with_key(wrong, now)
    with pytest.raises(SignInRefused):
        accounts.with_key(secret, now + week)
    with pytest.raises(UsageError, match="already"):
        accounts.create_key("ehr", {Scope.JOBS_READ}, "cli:op", now)
    assert accounts.revoke_key(key.id, "cli:op", now).revoked_at == now
    with pytest.raises(SignInRefused):
        accounts.with_key(secret, now)
    accounts.create_key("ehr", {Scope.JOBS_READ}, "cli:op", now)
    with pytest.raises(NotInArchive):
        accounts.revoke_key("none", "cli:op", now)
    assert actions(archive) == [("cli:op", "key.add"), ("cli:op", "key.revoke"), ("cli:op", "key.add")]


def test_a_key_never_does_more_than_its_maker_could_now(
    archive: Archive, quick: None, mia: str, rex: str, now: datetime
) -> None:
    accounts = archive.accounts
    accounts.change_role(rex, Role.ADMIN, "Mia", now)
    _, secret = accounts.create_key("all", set(Scope), "Rex 雷", now)
    assert accounts.with_key(secret, now).scopes == frozenset(Scope)
    accounts.change_role(rex, Role.REVIEWER, "Mia", now)
    principal = accounts.with_key(secret, now)
    assert (principal.scopes, principal.job_ids) == (ROLE_SCOPES[Role.REVIEWER], frozenset())
    accounts.disable(rex, "Mia", now)
    with pytest.raises(SignInRefused):
        accounts.with_key(secret, now)


@pytest.mark.parametrize(
    ("label", "scopes", "days", "reason"),
    [
        ("", {Scope.EXPORT}, None, "label"),
        ("x" * 65, {Scope.EXPORT}, None, "label"),
        ("a\nb", {Scope.EXPORT}, None, "label"),
        ("ehr", set(), None, "scope"),
        ("ehr", {Scope.EXPORT}, 0, "expire"),
    ],
)
def test_a_key_that_makes_no_sense_is_refused(
    archive: Archive, now: datetime, label: str, scopes: set[Scope], days: int | None, reason: str
) -> None:
    expires_at = None if days is None else now + timedelta(days=days)
    with pytest.raises(UsageError, match=reason):
        archive.accounts.create_key(label, scopes, "cli:op", now, expires_at)


# On the disk


def test_the_files_have_no_name_token_secret_or_password(
    archive: Archive, quick: None, rex: str, now: datetime
) -> None:
    token = archive.accounts.sign_in("Rex 雷", WORDS, now, address="198.51.100.77")
    _, secret = archive.accounts.create_key("quarterdeck", {Scope.EXPORT}, "Rex 雷", now)
    secrets = ("Rex 雷", "rex 雷", WORDS, token, secret, "quarterdeck", "198.51.100.77", "$argon2id$", "reviewer")
    content = b"".join(path.read_bytes() for path in archive.folder.rglob("*") if path.is_file())
    if not archive.database.embedded:
        tables = ("users", "api_keys", "sessions", "failed_sign_ins", "audit")
        with archive.database.engine.connect() as connection:
            for table in tables:
                content += str(connection.execute(text(f"SELECT * FROM {table}")).all()).encode()
    for each in secrets:
        assert each.encode() not in content, each


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("DELETE FROM sessions; DELETE FROM users WHERE id = :rex", "user .*: it is missing"),
        ("UPDATE users SET document = :old WHERE id = :rex", "user .*: it has been altered"),
        ("UPDATE users SET document = (SELECT document FROM users WHERE id = :mia) WHERE id = :rex", "altered"),
        ("DELETE FROM api_keys WHERE id = :key", "key .*: it is missing"),
        ("UPDATE api_keys SET document = :unrevoked WHERE id = :key", "key .*: it has been altered"),
    ],
)
def test_verify_finds_who_was_given_more_behind_its_back(
    archive: Archive, quick: None, mia: str, rex: str, now: datetime, statement: str, problem: str
) -> None:
    def document(table: str, row: str) -> bytes:
        with archive.database.engine.connect() as connection:
            found = connection.execute(text(f"SELECT document FROM {table} WHERE id = :id"), {"id": row})
            return bytes(found.scalar_one())

    archive.accounts.change_role(rex, Role.ADMIN, "Mia", now)
    old = document("users", rex)
    archive.accounts.change_role(rex, Role.REVIEWER, "Mia", now)
    key, _ = archive.accounts.create_key("ehr", {Scope.EXPORT}, "Mia", now)
    unrevoked = document("api_keys", key.id)
    archive.accounts.revoke_key(key.id, "Mia", now)
    archive.accounts.sign_in("Mia", WORDS, now)
    assert archive.verify().problems == ()
    values = {"mia": mia, "rex": rex, "old": old, "key": key.id, "unrevoked": unrevoked}
    for part in statement.split("; "):
        sql(archive, part, **{name: value for name, value in values.items() if f":{name}" in part})
    assert any(re.search(problem, each) for each in archive.verify().problems)


def test_a_document_cannot_be_moved_to_another_user(
    archive: Archive, quick: None, mia: str, rex: str, now: datetime
) -> None:
    moved = "UPDATE users SET document = (SELECT document FROM users WHERE id = :mia) WHERE id = :rex"
    sql(archive, moved, mia=mia, rex=rex)
    with pytest.raises(ArchiveAltered):
        archive.accounts.user(rex)


def test_accounts_live_on_in_a_restored_backup_and_under_a_new_key(
    archive: Archive, quick: None, rex: str, now: datetime, tmp_path: Path
) -> None:
    token = archive.accounts.sign_in("Rex 雷", WORDS, now)
    _, secret = archive.accounts.create_key("ehr", {Scope.EXPORT}, "Mia", now)
    archive.rotate_key("cli:op", now)
    back_up(archive.database, tmp_path / "backup", "cli:op", now)
    source = MasterKeySource(archive.folder / "archive.key")
    assert restore(tmp_path / "backup", tmp_path / "restored", None, source).problems == ()
    with open_archive(tmp_path / "restored", key_file=archive.folder / "archive.key") as restored:
        assert restored.accounts.users() == archive.accounts.users()
        assert restored.accounts.signed_in(token, now).actor == "Rex 雷"
        assert restored.accounts.with_key(secret, now).actor == "key:ehr"
        assert restored.accounts.sign_in("Rex 雷", WORDS, now)
