"""`voicebot user` and `voicebot key` as an operator uses them."""

import io
import json
import sys
from datetime import UTC, datetime

import pytest
from loguru import logger

from models.accounts import Role, Scope
from voicebot import cli
from voicebot.archive import passwords
from voicebot.archive.store import open_archive

WORDS = "four plain words here"


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("VOICEBOT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(passwords, "_hasher", passwords.PasswordHasher(1, 8, 1))
    passwords._nobodys.cache_clear()
    logger.remove()
    return tmp_path / "home"


@pytest.fixture
def voicebot(home, monkeypatch, capsys):
    """Runs one command line. Returns exit code, stdout and stderr."""

    def run(*arguments, stdin=""):
        monkeypatch.setattr(sys, "argv", ["voicebot", *map(str, arguments)])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        printed = capsys.readouterr()
        return stopped.value.code or 0, printed.out, printed.err

    return run


@pytest.fixture
def archive(home):
    with open_archive(home) as opened:
        yield opened


def test_people_get_accounts_and_lose_them(voicebot, archive):
    assert voicebot("user", "list")[1] == "Nobody has an account: voicebot user add NAME\n"
    assert voicebot("user", "add", "mia", stdin=WORDS + "\n")[:2] == (0, "mia can sign in, as admin.\n")
    code, _, err = voicebot("user", "add", "rex", stdin=WORDS)
    assert (code, "--role admin, recruiter or reviewer" in err) == (2, True)
    assert voicebot("user", "add", "rex", "--role", "reviewer", stdin=WORDS)[0] == 0
    job = archive.jobs.file("Engineer", "Berlin", datetime.now(UTC), actor="cli:test")
    assert voicebot("user", "assign", "Rex", job.id)[:2] == (0, f"Jobs of rex: {job.id}\n")
    assert f"reviewer   rex  jobs: {job.id}\n" in voicebot("user", "list")[1]
    assert voicebot("user", "role", "rex", "recruiter")[:2] == (0, "rex has the role recruiter.\n")
    assert "no effect" in voicebot("user", "assign", "rex")[2]
    assert voicebot("user", "password", "rex", stdin="four other words here\n")[0] == 0
    assert archive.accounts.sign_in("rex", "four other words here", datetime.now(UTC))
    assert voicebot("user", "disable", "rex")[:2] == (0, "rex gets in no more.\n")
    assert archive.accounts.named("rex").disabled_at
    assert "disabled since" in voicebot("user", "list")[1]
    assert voicebot("user", "enable", "rex")[0] == 0
    users = json.loads(voicebot("user", "list", "--json")[1])["users"]
    assert [(user["name"], user["role"], user["disabled_at"]) for user in users] == [
        ("mia", "admin", None),
        ("rex", "recruiter", None),
    ]
    assert {entry.actor.split(":")[0] for entry in archive.audit.entries() if entry.action != "login"} == {"cli"}


@pytest.mark.parametrize(
    ("arguments", "stdin", "mend"),
    [
        (("user", "add", "rex"), "", "there is no password on stdin"),
        (("user", "add", "rex"), "short\n", "12 to 256 characters"),
        (("user", "add", "a:b"), WORDS, "without a colon"),
        (("user", "disable", "nobody"), "", "voicebot user list"),
        (("user", "disable", "mia"), "", "make somebody else an admin first"),
        (("user", "role", "mia", "reviewer"), "", "make somebody else an admin first"),
        (("user", "assign", "mia", "none"), "", "there is no job 'none'"),
        (("key", "revoke", "none"), "", "voicebot key list"),
        (("key", "add", "", "--scope", "export"), "", "label"),
    ],
)
def test_what_cannot_be_done_is_one_line_that_says_what_to_mend(voicebot, archive, arguments, stdin, mend):
    archive.accounts.create_user("mia", Role.ADMIN, WORDS, "cli:op", datetime.now(UTC))
    if arguments[:2] == ("user", "add"):
        arguments = (*arguments, "--role", "reviewer")
    code, out, err = voicebot(*arguments, stdin=stdin)
    assert (code, out, len(err.strip().splitlines())) == (2, "", 1)
    assert mend in err


def test_a_password_cannot_be_an_argument(voicebot):
    assert voicebot("user", "add", "mia", WORDS)[0] == 2
    assert voicebot("user", "password", "mia", WORDS)[0] == 2


def test_a_keys_secret_is_alone_on_stdout(voicebot, archive):
    code, secret, err = voicebot("key", "add", "ehr", "--scope", "jobs:read", "--scope", "export", "--days", 30)
    assert (code, secret.strip() in err) == (0, False)
    assert archive.accounts.with_key(secret.strip(), datetime.now(UTC)).scopes == {Scope.JOBS_READ, Scope.EXPORT}
    assert json.loads(voicebot("key", "add", "other", "--scope", "export", "--json")[1])["secret"].startswith("vb_")
    listed = voicebot("key", "list")[1]
    assert "ehr  good until" in listed
    assert secret.strip() not in listed
    assert voicebot("key", "revoke", "ehr")[:2] == (0, "ehr is good no more.\n")
    assert voicebot("key", "revoke", "ehr")[0] == 2
    keys = json.loads(voicebot("key", "list", "--json")[1])["keys"]
    assert [(key["label"], key["revoked_at"] is None) for key in keys] == [("other", True), ("ehr", False)]
