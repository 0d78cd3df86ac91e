"""`voicebot demo` and `voicebot serve`: the commands that hold calls."""

import asyncio
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from models.call import Disposition
from models.errors import UsageError
from voicebot import settings
from voicebot.cli.console import AsJson, Exit, Language, interruptible, language_option, print_json

if TYPE_CHECKING:
    from voicebot.archive.store import Archive


def demo(
    language: Annotated[
        Language, language_option(help="English or Mandarin; a persona that is named speaks its own.")
    ] = Language.ENGLISH,
    persona: Annotated[
        str | None, typer.Option(help="A simulated candidate of the library, or a YAML file.", show_default=False)
    ] = None,
    flow: Annotated[
        str | None, typer.Option(help="A flow of the library, or a YAML file; else the one the persona prepared for.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port for the gateway; 0 takes any free one.", min=0, max=65535)] = 0,
    as_json: AsJson = False,
) -> None:
    """Hold a whole phone interview with a simulated candidate, live, and file it.

    Recognition, speech, scoring and the telephone wire are the real ones; no account and no network is needed.
    """
    from dialog_flows import loader
    from voicebot import demo as demonstration
    from voicebot import screen as show
    from voicebot import wiring
    from voicebot.api.server import listen
    from voicebot.rehearsal import persona as personas
    from voicebot.rehearsal import script

    console = Console(stderr=as_json, highlight=False)
    configured = settings.load()
    persona_path = personas.find(persona or personas.FIRST[language], language)
    who = personas.load(persona_path)
    published = loader.load(loader.find(flow, who.language) if flow else personas.find_flow(who, persona_path))
    script.check(who, published, str(persona_path))
    screen = show.CallScreen(console)
    with interruptible(screen), listen("127.0.0.1", port) as listener:
        with console.status("Loading speech recognition, voices and the scorer ..."):
            parts = wiring.load(configured)
        try:
            filled, variables = demonstration.fill(parts, published, who)
            who = script.prepared(who, filled)

            async def run() -> demonstration.Demo:
                count = demonstration.rehearsed_lines(filled, who)
                voice = parts.kokoro(who.voice, who.language)
                with show.progress(console, "Rehearsing both voices", count) as advance:
                    speech = await demonstration.rehearse(parts, filled, who, voice, advance)
                console.print(f"Calling {who.name} ...\n")
                with screen.live():
                    return await demonstration.hold(
                        parts, filled, variables, who, speech, screen, screen.level, listener=listener
                    )

            held = asyncio.run(run())
        finally:
            parts.close()
    if as_json:
        print_json(held.to_json())
    else:
        show.print_interview(console, held.record)
        show.print_scorecard(console, held.record)
        show.print_questions(console, held.record)
        console.print()
        show.print_recording(console, held.record)
        console.print(f"[dim]Again at any time: voicebot archive show {held.record.id[:8]}[/]")
    if held.record.disposition is not Disposition.COMPLETED:
        raise typer.Exit(Exit.NOT_COMPLETED)


class Carrier(StrEnum):
    TWILIO = "twilio"
    SIP = "sip"


def call(
    to: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="The candidate's number, as people write it.")
    ] = None,
    candidate: Annotated[str | None, typer.Option(metavar="NAME", help="Whom to ask for.")] = None,
    flow: Annotated[str | None, typer.Option(help="A flow of the library, or a YAML file.")] = None,
    consent: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="They agreed to be called when they were shown this: you state it, on file."),
    ] = None,
    resume: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Instead of all these: an interview on file goes on where it stopped."),
    ] = None,
    carrier: Annotated[
        Carrier | None, typer.Option(help="Which carrier; else the one that is set up.", show_default=False)
    ] = None,
    language: Annotated[Language, language_option(help="Of a flow of the library.")] = Language.ENGLISH,
    at_any_hour: Annotated[
        bool, typer.Option("--at-any-hour", help="Also outside the hours in which the number may be rung.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Telephone a candidate, hold the interview and file it.

    Nobody is called without their consent on file. A Twilio call needs this machine to be reachable as
    VOICEBOT_PUBLIC_URL; `voicebot carrier check` sees to that.
    """
    from dialog_flows import loader
    from dialog_flows.engine import lines
    from telephony import jurisdictions
    from telephony.numbers import e164
    from voicebot import dialler, outbound, wiring
    from voicebot import screen as show
    from voicebot.archive.export import record_to_json
    from voicebot.cli.archive import opened

    console = Console(stderr=as_json, highlight=False)
    configured = settings.load()
    rules = jurisdictions.load(configured.calling_rules)
    with opened() as archive:
        if resume and not (to or candidate or flow or consent):
            errand = outbound.further_errand(archive, resume, rules)
        elif to and candidate and flow and not resume:
            number, published = e164(to, configured.region), loader.load(loader.find(flow, language))
            errand = outbound.new_errand(archive, configured, published, candidate, number, consent)
        else:
            raise UsageError("say whom to call and about what: --to, --candidate and --flow; or --resume ID alone")

    def fit() -> int | None:
        """How soon it must ring. Raises NumberRefused outside the hours."""
        return None if at_any_hour else outbound.ring_within_ms(errand.who.phone, rules)

    fit()
    gateway = wiring.carrier(configured, carrier)
    screen = show.CallScreen(console)
    with interruptible(screen):
        with console.status("Loading speech recognition, voices and the scorer ..."):
            parts = wiring.load(configured)
        try:

            async def run() -> str:
                filled = errand.flow
                count = len({line for spoken in filled.languages for line in lines(filled.in_language(spoken))})
                with show.progress(console, "Rendering the interviewer's lines", count) as advance:
                    await dialler.prepare(parts, filled, advance)
                console.print(f"Calling {errand.who.name} ...\n")
                with screen.live():
                    return await outbound.carry_out(parts, gateway, errand, screen, fit())

            record = parts.archive.interview(asyncio.run(run()))
        finally:
            parts.close()
    if as_json:
        print_json(record_to_json(record))
    else:
        show.print_interview(console, record)
        show.print_scorecard(console, record)
        show.print_questions(console, record)
    if record.disposition is not Disposition.COMPLETED:
        raise typer.Exit(Exit.NOT_COMPLETED)


class Role(StrEnum):
    GATEWAY = "gateway"
    CONSOLE = "console"
    ALL = "all"


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (VOICEBOT_HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (VOICEBOT_PORT).", min=0, max=65535)] = None,
    role: Annotated[
        Role, typer.Option(help="Take calls, serve the console, or both. The console alone loads no models.")
    ] = Role.ALL,
) -> None:
    """Take the media streams of calls at ws://HOST:PORT/media, and serve the console and the API, until interrupted."""
    from voicebot import wiring
    from voicebot.api.app import create_app
    from voicebot.api.server import listen, server
    from voicebot.call import recover
    from voicebot.live_calls import LiveCalls
    from voicebot.webhooks.courier import Courier
    from voicebot.webhooks.dispatcher import dispatching

    configured = settings.load()
    listener = listen(host or configured.host, configured.port if port is None else port)
    address, bound = listener.getsockname()[:2]
    console = Console(stderr=True, highlight=False)
    with interruptible():
        if role is Role.CONSOLE:
            from voicebot.api.console import create_console
            from voicebot.archive.store import open_archive

            with open_archive(configured.home, **configured.archive) as archive:
                app = create_console(archive, configured)
                _print_console(console, archive, f"http://{address}:{bound}")
                server(app, LiveCalls(most=0)).run(sockets=[listener])
            return
        with console.status("Loading speech recognition, voices and the scorer ..."):
            parts = wiring.load(configured)
        try:
            recover(parts)
            app = create_app(
                parts,
                twilio=wiring.twilio(configured) if configured.twilio_account_sid else None,
                beside=lambda: dispatching(parts.archive.webhooks.outbox, Courier(configured.webhook_networks)),
            )
            if role is Role.ALL:
                from voicebot.console import mount

                mount(app, parts.archive, configured, parts)
                _print_console(console, parts.archive, f"http://{address}:{bound}")
            console.print(f"Taking calls at ws://{address}:{bound}/media")
            server(app, parts.live_calls).run(sockets=[listener])
        finally:
            parts.close()


def _print_console(console: Console, archive: "Archive", url: str) -> None:
    console.print(f"Console at {url}/")
    if not archive.accounts.has_users():
        token = archive.accounts.setup_token(datetime.now(UTC))
        console.print(
            "Nobody can sign in yet. Make the first administrator with `voicebot user add`, or, once and within a day, "
            f"at\n{url}/set-up?token={token}",
            soft_wrap=True,
        )
