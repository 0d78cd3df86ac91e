"""`voicebot carrier`: whether calls can be placed, before the first candidate is."""

import asyncio
from typing import Annotated

import typer
from rich.console import Console

from voicebot import settings
from voicebot.cli.calls import Carrier
from voicebot.cli.console import AsJson, Exit, print_json

carrier_app = typer.Typer(help="See whether the carrier is ready to place calls.", no_args_is_help=True)


@carrier_app.command("check", epilog="Example: voicebot carrier check --call +14155550123")
def carrier_check(
    call: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="When all is well, also call this number of yours, for 5 seconds."),
    ] = None,
    carrier: Annotated[
        Carrier | None, typer.Option(help="Which carrier; else the one that is set up.", show_default=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say in plain words what is missing before calls can be placed: credentials, number, address, server."""
    from telephony.finding import Finding, Verdict
    from telephony.numbers import e164
    from telephony.sip import SipGateway
    from telephony.sip import check as sip_check
    from telephony.twilio import check as twilio_check
    from voicebot import wiring

    configured = settings.load()
    to = e164(call, configured.region) if call else None
    gateway = wiring.carrier(configured, carrier)
    console = Console(stderr=as_json, highlight=False)
    marks = {Verdict.GOOD: "[green]good[/]", Verdict.NOTE: "[yellow]note[/]", Verdict.BAD: "[red]mend[/]"}
    findings: list[Finding] = []

    def found(finding: Finding) -> None:
        console.print(f"{marks[finding.verdict]}  {finding.says}", soft_wrap=True)
        findings.append(finding)

    def ready() -> bool:
        return all(finding.verdict is not Verdict.BAD for finding in findings)

    async def run() -> None:
        if isinstance(gateway, SipGateway):
            try:
                async for finding in sip_check.check(gateway):
                    found(finding)
                if to and ready():
                    found(await sip_check.place_test_call(gateway, to))
            finally:
                await gateway.close()
            return
        async for finding in twilio_check.check(gateway):
            found(finding)
        if to and ready():
            found(await twilio_check.place_test_call(gateway, to))

    asyncio.run(run())
    if as_json:
        print_json({"ok": ready(), "findings": [{"verdict": each.verdict, "says": each.says} for each in findings]})
    if not ready():
        raise typer.Exit(Exit.USAGE)
