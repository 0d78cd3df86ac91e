"""`voicebot user` and `voicebot key`: who may look at the archive, by the console or the API."""

import sys
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from models.accounts import Role, Scope
from models.errors import NotInArchive, UsageError
from voicebot.cli.archive import actor, opened
from voicebot.cli.console import AsJson, print_json

user_app = typer.Typer(help="Give people an account, or take it away.", no_args_is_help=True)
key_app = typer.Typer(help="Give programs a key to the API, or take it away.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What they sign in with.")]


@user_app.command("add", epilog="Example: voicebot user add mia --role recruiter")
def user_add(
    name: Name,
    role: Annotated[
        Role | None,
        typer.Option(
            help="admin: everything; recruiter: all but accounts, erasure, webhooks and the audit; reviewer: reviews "
            "the interviews of the jobs they are assigned to. The first user is an admin.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Give somebody an account. Asks for a password, or reads it from the first line of stdin."""
    with opened() as archive:
        role = role or (None if archive.accounts.has_users() else Role.ADMIN)
        if role is None:
            raise UsageError(f"say what {name} may do: --role admin, recruiter or reviewer")
        made = archive.accounts.create_user(name, role, _password(), actor(), datetime.now(UTC))
    typer.echo(f"{made.name} can sign in, as {made.role}.")


@user_app.command("list")
def user_list(as_json: AsJson = False) -> None:
    """Everybody who has an account."""
    with opened() as archive:
        users = archive.accounts.users()
    if as_json:
        listed = [
            {
                "id": user.id,
                "name": user.name,
                "role": user.role,
                "created_at": user.created_at.isoformat(),
                "disabled_at": _moment(user.disabled_at),
                "job_ids": sorted(user.job_ids),
            }
            for user in users
        ]
        print_json({"users": listed})
    elif not users:
        typer.echo("Nobody has an account: voicebot user add NAME")
    for user in () if as_json else users:
        since = f"disabled since {user.disabled_at:%Y-%m-%d}" if user.disabled_at else ""
        jobs = f"jobs: {' '.join(sorted(user.job_ids)) or 'none'}" if user.role is Role.REVIEWER else ""
        typer.echo("  ".join(filter(None, (f"{user.role:<9}", user.name, jobs, since))))


@user_app.command("disable", epilog="Example: voicebot user disable mia")
def user_disable(name: Name) -> None:
    """Somebody gets in no more, and their keys neither. The audit keeps their name."""
    with opened() as archive:
        user = archive.accounts.disable(archive.accounts.named(name).id, actor(), datetime.now(UTC))
    typer.echo(f"{user.name} gets in no more.")


@user_app.command("enable", epilog="Example: voicebot user enable mia")
def user_enable(name: Name) -> None:
    """Somebody who was disabled gets in again."""
    with opened() as archive:
        user = archive.accounts.enable(archive.accounts.named(name).id, actor(), datetime.now(UTC))
    typer.echo(f"{user.name} can sign in, as {user.role}.")


@user_app.command("password", epilog="Example: voicebot user password mia")
def user_password(name: Name) -> None:
    """A new password for somebody; wherever they are signed in, they are no longer."""
    with opened() as archive:
        user = archive.accounts.named(name)
        archive.accounts.set_password(user.id, _password(), actor(), datetime.now(UTC))
    typer.echo(f"{user.name} has a new password.")


@user_app.command("role", epilog="Example: voicebot user role mia reviewer")
def user_role(name: Name, role: Annotated[Role, typer.Argument(help="admin, recruiter or reviewer.")]) -> None:
    """Another role for somebody."""
    with opened() as archive:
        user = archive.accounts.change_role(archive.accounts.named(name).id, role, actor(), datetime.now(UTC))
    typer.echo(f"{user.name} has the role {user.role}.")


@user_app.command("assign", epilog="Example: voicebot user assign mia 3f9c0d0a6f5b4c1e8a7d2b9e4c6f1a05")
def user_assign(
    name: Name,
    jobs: Annotated[list[str] | None, typer.Argument(metavar="[JOB]...", help="Ids of jobs; none: no job.")] = None,
) -> None:
    """The jobs whose interviews a reviewer sees, instead of those before."""
    with opened() as archive:
        found = archive.accounts.named(name)
        user = archive.accounts.assign(found.id, jobs or (), actor(), datetime.now(UTC))
    typer.echo(f"Jobs of {user.name}: {' '.join(sorted(user.job_ids)) or 'none'}")
    if user.role is not Role.REVIEWER:
        typer.echo(f"That has no effect yet: as {user.role}, {user.name} sees every interview.", err=True)


@key_app.command("add", epilog="Example: voicebot key add ehr --scope interviews:read --scope export --days 365")
def key_add(
    label: Annotated[str, typer.Argument(help="What it is for; the audit names it.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; several times for more.")],
    days: Annotated[int | None, typer.Option(help="How long it is good; for ever otherwise.", min=1, max=3650)] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key for a program. Its secret is printed this once, alone on stdout."""
    at = datetime.now(UTC)
    expires_at = at + timedelta(days=days) if days else None
    with opened() as archive:
        key, secret = archive.accounts.create_key(label, scope, actor(), at, expires_at)
    if as_json:
        print_json({"id": key.id, "label": key.label, "secret": secret})
        return
    typer.echo("The key, shown this once; send it as `Authorization: Bearer ...`:", err=True)
    typer.echo(secret)


@key_app.command("list")
def key_list(as_json: AsJson = False) -> None:
    """Every key, newest first; those that are no longer good too."""
    now = datetime.now(UTC)
    with opened() as archive:
        keys = archive.accounts.keys()
    if as_json:
        listed = [
            {
                "id": key.id,
                "label": key.label,
                "scopes": sorted(key.scopes),
                "created_by": key.created_by,
                "created_at": key.created_at.isoformat(),
                "expires_at": _moment(key.expires_at),
                "revoked_at": _moment(key.revoked_at),
            }
            for key in keys
        ]
        print_json({"keys": listed})
    elif not keys:
        typer.echo("There are no keys: voicebot key add LABEL --scope ...")
    for key in () if as_json else keys:
        state = "good"
        if key.revoked_at:
            state = f"revoked {key.revoked_at:%Y-%m-%d}"
        elif key.expires_at:
            state = f"{'expired' if key.expires_at <= now else 'good until'} {key.expires_at:%Y-%m-%d}"
        typer.echo(f"{key.label}  {state}  by {key.created_by}  {' '.join(sorted(key.scopes))}")


@key_app.command("revoke", epilog="Example: voicebot key revoke ehr")
def key_revoke(label: Annotated[str, typer.Argument(help="The key's label, or its id.")]) -> None:
    """A key is good no more."""
    with opened() as archive:
        keys = archive.accounts.keys()
        good = [key for key in keys if key.revoked_at is None and label in (key.label, key.id)]
        if not good:
            raise NotInArchive(f"there is no key {label!r} to revoke: `voicebot key list` names them")
        archive.accounts.revoke_key(good[0].id, actor(), datetime.now(UTC))
    typer.echo(f"{good[0].label} is good no more.")


def _password() -> str:
    """Never an argument: those are seen by everybody on the machine, and kept in the shell's history."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise UsageError("there is no password on stdin: type it at a terminal, or write it there as one line")
    return line


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
