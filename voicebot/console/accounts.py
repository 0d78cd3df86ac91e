"""Who may sign in and as what, and which programs have keys."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from nicegui import html, ui

from models.accounts import ROLE_SCOPES, ApiKey, Principal, Role, Scope, User
from voicebot.api.v1.bodies import LONGEST
from voicebot.console import forms
from voicebot.console.frame import LONGEST_PAGE_S, empty, page
from voicebot.console.visit import Visit, may


@dataclass(frozen=True, slots=True)
class Accounts:
    visit: Visit
    users: tuple[User, ...]
    keys: tuple[ApiKey, ...]
    jobs: dict[str, str]


def read(visit: Annotated[Visit, Depends(may(Scope.ACCOUNTS))]) -> Accounts:
    accounts = visit.archive.accounts
    return Accounts(visit, accounts.users(), accounts.keys(), visit.jobs())


@ui.page("/accounts", response_timeout=LONGEST_PAGE_S)
def accounts(found: Annotated[Accounts, Depends(read)]) -> None:
    with page(found.visit, found.visit.say("accounts.title"), here="accounts"):
        Desk(found).draw()


class Desk:
    """The page as one visitor has it before them."""

    def __init__(self, found: Accounts) -> None:
        self._found = found
        self._visit = found.visit
        self._secret = ""
        """Of the key that was just made."""

    async def _do(self, work: Callable[[Principal, datetime], object]) -> None:
        def done(principal: Principal, at: datetime) -> bool:
            work(principal, at)
            return True

        self._secret = ""
        if await self._visit.act(Scope.ACCOUNTS, done):
            self._found = await asyncio.to_thread(read, self._visit)
            self.draw.refresh()

    @ui.refreshable_method
    def draw(self) -> None:
        say = self._visit.say
        with html.section(**{"aria-labelledby": "users"}).classes("card"):
            html.h2(say("accounts.users"), id="users")
            with html.ul().classes("brief"):
                for user in self._found.users:
                    self._user(user)
            with html.details():
                html.summary(say("accounts.add"))
                self._add_user()
        with html.section(**{"aria-labelledby": "keys"}).classes("card"):
            html.h2(say("accounts.keys"), id="keys")
            if self._secret:
                with html.div(role="status").classes("by-person"):
                    html.span(say("accounts.secret"))
                    html.code(self._secret, tabindex="0")
            if self._found.keys:
                with html.ul().classes("brief"):
                    for key in self._found.keys:
                        self._key(key)
            else:
                empty(say("accounts.no_keys"), say("accounts.no_keys_next"))
            with html.details():
                html.summary(say("accounts.add_key"))
                self._add_key()

    def _user(self, user: User) -> None:
        say, archive = self._visit.say, self._visit.archive.accounts

        async def lock(fields: forms.Fields) -> None:
            change = archive.enable if user.disabled_at else archive.disable
            await self._do(lambda principal, at: change(user.id, principal.actor, at))

        async def change_role(fields: forms.Fields) -> None:
            await self._do(
                lambda principal, at: archive.change_role(user.id, Role(fields["role"]), principal.actor, at)
            )

        with html.li().classes("account"):
            with html.div().classes("whose"):
                html.span(user.name).classes("strong")
                if user.disabled_at:
                    html.span(say("accounts.disabled")).classes("pill bad")
                html.span(say("accounts.since", when=self._visit.day(user.created_at))).classes("muted")
            if user.id != self._visit.principal.user_id:
                with forms.form(change_role):
                    forms.choice("role", say("accounts.role"), self._roles(), value=user.role, required=True)
                    word = say("accounts.change")
                    html.button(word, type="submit", **{"aria-label": f"{word}: {user.name}"}).classes("button quiet")
                with forms.form(lock):
                    word = say("accounts.enable" if user.disabled_at else "accounts.disable")
                    html.button(word, type="submit", **{"aria-label": f"{word}: {user.name}"}).classes("button quiet")
            else:
                html.span(say(f"accounts.{user.role}"))
            if user.role is Role.REVIEWER:
                self._jobs(user)

    def _jobs(self, user: User) -> None:
        say, archive = self._visit.say, self._visit.archive.accounts

        async def assign(fields: forms.Fields) -> None:
            unseen = user.job_ids - self._found.jobs.keys()
            chosen = [*unseen, *(job_id for job_id in self._found.jobs if fields.get(f"job-{job_id}"))]
            await self._do(lambda principal, at: archive.assign(user.id, chosen, principal.actor, at))

        with html.details():
            html.summary(say("accounts.jobs", number=len(user.job_ids)))
            if not self._found.jobs:
                html.p(say("accounts.no_jobs"))
                return
            with forms.form(assign):
                forms.checks(
                    {f"job-{id}": title for id, title in self._found.jobs.items()},
                    say("accounts.assign"),
                    {f"job-{id}" for id in user.job_ids},
                )
                html.button(say("accounts.assign_now"), type="submit").classes("button quiet")

    def _add_user(self) -> None:
        say, archive = self._visit.say, self._visit.archive.accounts

        async def add(fields: forms.Fields) -> None:
            await self._do(
                lambda principal, at: archive.create_user(
                    fields["name"], Role(fields["role"]), fields["password"], principal.actor, at
                )
            )

        with forms.form(add):
            forms.text("name", say("accounts.name"), required=True, maxlength=LONGEST, autocomplete="off")
            forms.choice("role", say("accounts.role"), self._roles(), value=Role.REVIEWER, required=True)
            forms.text(
                "password",
                say("accounts.password"),
                kind="password",
                required=True,
                minlength=12,
                maxlength=LONGEST,
                autocomplete="new-password",
            )
            html.p(say("accounts.rule")).classes("muted")
            html.button(say("accounts.add_now"), type="submit").classes("button")

    def _key(self, key: ApiKey) -> None:
        say, archive = self._visit.say, self._visit.archive.accounts

        async def revoke(fields: forms.Fields) -> None:
            await self._do(lambda principal, at: archive.revoke_key(key.id, principal.actor, at))

        with html.li().classes("account"):
            with html.div().classes("whose"):
                html.span(key.label).classes("strong")
                if key.revoked_at:
                    html.span(say("accounts.revoked")).classes("pill bad")
                made = say("accounts.made", by=key.created_by, when=self._visit.day(key.created_at))
                html.span(made).classes("muted")
                html.span(", ".join(sorted(key.scopes))).classes("muted")
            if not key.revoked_at:
                with forms.form(revoke):
                    word = say("accounts.revoke")
                    html.button(word, type="submit", **{"aria-label": f"{word}: {key.label}"}).classes("button danger")

    def _add_key(self) -> None:
        say, archive = self._visit.say, self._visit.archive.accounts

        async def add(fields: forms.Fields) -> None:
            scopes = frozenset(scope for scope in Scope if fields.get(f"scope-{scope}"))

            def work(principal: Principal, at: datetime) -> None:
                _, self._secret = archive.create_key(fields["label"], scopes, principal.actor, at)

            await self._do(work)

        with forms.form(add):
            forms.text("label", say("accounts.label"), required=True, maxlength=100, autocomplete="off")
            mine = ROLE_SCOPES[Role.ADMIN] & self._visit.principal.scopes
            forms.checks({f"scope-{scope}": str(scope) for scope in sorted(mine)}, say("accounts.scopes"), set())
            html.button(say("accounts.make_now"), type="submit").classes("button")

    def _roles(self) -> dict[str, str]:
        return {role.value: self._visit.say(f"accounts.{role}") for role in Role}
