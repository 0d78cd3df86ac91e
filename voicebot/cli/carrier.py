"""`voicebot carrier`: whether calls can be placed, before the first candidate is."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from voicebot import settings
from voicebot.cli.console import AsJson, Exit, print_json

carrier_app = typer.Typer(help="See whether the carrier is ready to place calls.", no_args_is_help=True)


@carrier_app.command("check", epilog="Example: voicebot carrier check --call +14155550123")
def carrier_check(
    call: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="When all is well, also call this number of yours, for 5 seconds."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say in plain words what is missing before Twilio places calls: credentials, number, address."""
    from telephony.numbers import e164
    from telephony.twilio.check import Finding, Verdict, check, place_test_call
    from voicebot import wiring

    configured = settings.load()
    to = e164(call, configured.region) if call else None
    gateway = wiring.twilio(configured)
    console = Console(stderr=as_json, highlight=False)
    marks = {Verdict.GOOD: "[green]good[/]", Verdict.NOTE: "[yellow]note[/]", Verdict.BAD: "[red]mend[/]"}

    async def run() -> list[Finding]:
        found = []
        async for finding in check(gateway):
            console.print(f"{marks[finding.verdict]}  {finding.says}", soft_wrap=True)
            found.append(finding)
        if to and all(finding.verdict is not Verdict.BAD for finding in found):
            console.print(f"[green]good[/]  calling: Twilio's {await place_test_call(gateway, to)}")
        return found

    findings = asyncio.run(run())
    ready = all(finding.verdict is not Verdict.BAD for finding in findings)
    if as_json:
        print_json({"ok": ready, "findings": [{"verdict": each.verdict, "says": each.says} for each in findings]})
    if not ready:
        raise typer.Exit(Exit.USAGE)
