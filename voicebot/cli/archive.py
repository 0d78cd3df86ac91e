"""`voicebot archive`: what was filed, and what operators do with it."""

import getpass
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from models.archive import CALL_CONSENT
from models.errors import NotInArchive, UsageError
from voicebot import settings
from voicebot.cli.console import AsJson, Exit, complain, print_json
from voicebot.cli.report import report, rescore

if TYPE_CHECKING:
    from models.archive import Verification
    from voicebot.archive.store import Archive

archive_app = typer.Typer(help="Look into the archive of interviews, and look after it.", no_args_is_help=True)
archive_app.command(epilog="Example: voicebot archive report 3f9c")(report)
archive_app.command(epilog="Example: voicebot archive rescore 3f9c --json")(rescore)

InterviewId = Annotated[str, typer.Argument(metavar="ID", help="An interview's id, or how it begins.")]
Who = Annotated[str, typer.Argument(metavar="WHO", help="A candidate's id, a phone number, or a person's id.")]
Limit = Annotated[int, typer.Option(help="How many, newest first.", min=1, max=10_000)]


# Looking


@archive_app.command("list")
def archive_list(limit: Limit = 50, as_json: AsJson = False) -> None:
    """The newest interviews."""
    from voicebot import screen
    from voicebot.archive.export import summary_to_json

    with opened() as archive:
        interviews = archive.interviews(limit)
    if as_json:
        print_json({"interviews": [summary_to_json(interview) for interview in interviews]})
    else:
        screen.print_interviews(Console(highlight=False), interviews)


@archive_app.command("show", epilog="Example: voicebot archive show 3f9c")
def archive_show(interview: InterviewId, as_json: AsJson = False) -> None:
    """One interview: transcript, scores with evidence, skills, recording."""
    from voicebot import screen
    from voicebot.archive.export import record_to_json

    with opened() as archive:
        record = archive.interview(interview)
    if as_json:
        print_json(record_to_json(record))
        return
    console = Console(highlight=False)
    screen.print_interview(console, record)
    screen.print_calls(console, record)
    console.print()
    screen.print_scorecard(console, record)
    screen.print_past_scorecards(console, record)
    screen.print_questions(console, record)
    console.print()
    screen.print_recording(console, record)


@archive_app.command("audio", epilog="Example: voicebot archive audio 3f9c interview.wav")
def archive_audio(
    interview: InterviewId,
    target: Annotated[
        Path,
        typer.Argument(metavar="FILE", help="The WAV file to write; each call its own, if several: FILE-1, FILE-2."),
    ],
) -> None:
    """Write an interview's recording as a WAV file that any player plays: left candidate, right interviewer."""
    from voicebot.archive.export import write_audio

    with opened() as archive:
        record = archive.interview(interview)
        recorded = [attempt.id for attempt in record.attempts if attempt.recording]
        if not recorded:
            raise NotInArchive(f"no recording was kept of interview {record.id[:8]}")
        for attempt_id in recorded:
            number = record.call_number(attempt_id)
            file = target if number is None else target.with_stem(f"{target.stem}-{number}")
            with closing(archive.play(attempt_id, actor(), datetime.now(UTC))) as reader:
                write_audio(reader, file)
            typer.echo(file)


@archive_app.command("search", epilog="Example: voicebot archive search 'kubernetes \"error budget\"'")
def archive_search(
    query: Annotated[str, typer.Argument(help="Words that the candidate said; in quotes, one after the other.")],
    limit: Limit = 20,
    after: Annotated[str | None, typer.Option(help="Go on where the page before ended.")] = None,
    as_json: AsJson = False,
) -> None:
    """Interviews in which the candidate said something, in English or Mandarin."""
    from voicebot import screen
    from voicebot.archive.export import page_to_json

    with opened() as archive:
        page = archive.transcripts.search(query, limit=limit, after=after)
    if as_json:
        print_json(page_to_json(page))
    else:
        screen.print_hits(Console(highlight=False), page)


@archive_app.command("skills", epilog="Example: voicebot archive skills 'Kubernetes, >= 3 years, communication >= 4'")
def archive_skills(
    query: Annotated[str, typer.Argument(help="Skills, years and scores with commas between; all must be met.")],
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Interviews that showed these skills, so many years of them, or these scores."""
    from models.desk import InterviewFilter
    from voicebot import screen
    from voicebot.archive.export import summary_to_json

    with opened() as archive:
        found = archive.interviews(limit, where=InterviewFilter(skill=query))
    if as_json:
        print_json({"interviews": [summary_to_json(interview) for interview in found]})
    elif found:
        screen.print_interviews(Console(highlight=False), found)
    else:
        typer.echo("Nobody showed all of that.")


# People's rights


@archive_app.command("export", epilog="Example: voicebot archive export +14155550123 ann.zip")
def archive_export(
    who: Who, target: Annotated[Path, typer.Argument(metavar="FILE", help="The zip file to write.")]
) -> None:
    """Write everything on file about one person: JSON, and the recordings as WAV files."""
    from voicebot.archive.export import export_person

    with opened() as archive:
        export_person(archive.database, who, target, actor(), datetime.now(UTC))
    typer.echo(target)


@archive_app.command("erase", epilog="Example: voicebot archive erase +14155550123")
def archive_erase(
    who: Who, yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether that is meant.")] = False
) -> None:
    """Erase a person: recordings, transcripts, scores, name, number. A tombstone and an opt-out stay."""
    with opened() as archive:
        person = archive.people.find(who)
        if not yes:
            typer.confirm(f"Erase {person.candidate.name} and every interview with them, for ever?", abort=True)
        removed = archive.privacy.erase(person.id, actor(), datetime.now(UTC))
    typer.echo(f"Erased: {removed.transcripts} interviews, {removed.recordings} recordings. Backups still have them.")


@archive_app.command("hold", epilog="Example: voicebot archive hold +14155550123 --reason 'case 2026-17'")
def archive_hold(
    who: Annotated[str | None, typer.Argument(metavar="[WHO]", help="Nobody: list the holds that stand.")] = None,
    reason: Annotated[str, typer.Option(help="Why nothing may be erased.")] = "",
    release: Annotated[bool, typer.Option("--release", help="End every hold on this person.")] = False,
) -> None:
    """A legal hold: while it stands, nothing of the person is erased."""
    with opened() as archive:
        if who is None:
            for hold in archive.privacy.holds():
                typer.echo(f"{hold.placed_at:%Y-%m-%d}  {hold.person_id}  {hold.author}: {hold.reason}")
        elif release:
            typer.echo(f"Holds released: {archive.privacy.release(who, actor(), datetime.now(UTC))}")
        elif not reason:
            raise UsageError("a hold needs its reason: --reason 'case 2026-17'")
        else:
            typer.echo(f"On hold: person {archive.privacy.hold(who, reason, actor(), datetime.now(UTC)).person_id}")


@archive_app.command("consent", epilog="Example: voicebot archive consent +14155550123 --withdraw")
def archive_consent(
    who: Who,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="They take back that they may be called.")] = False,
) -> None:
    """What a person agreed to: when, to which text, with which number. `voicebot call --consent` files one."""
    with opened() as archive:
        person = archive.people.find(who)
        if withdraw:
            archive.people.withdraw(person.id, CALL_CONSENT, datetime.now(UTC))
        consents = archive.people.consents(person.id)
    for consent in consents:
        back = f", taken back {consent.withdrawn_at:%Y-%m-%d %H:%M}" if consent.withdrawn_at else ""
        typer.echo(
            f"{consent.given_at:%Y-%m-%d %H:%M}{back}  {consent.purpose}  {consent.number}  by {consent.source}: "
            f"{consent.text}"
        )
    if not consents:
        typer.echo("No consent is on file: this person is not called.")


@archive_app.command("retain", epilog="Example: VOICEBOT_KEEP_RECORDINGS_DAYS=180 voicebot archive retain --dry-run")
def archive_retain(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
) -> None:
    """Remove what is past its retention (VOICEBOT_KEEP_…_DAYS). For a daily timer."""
    retention = settings.load().retention
    with opened() as archive:
        removed = archive.privacy.retain(retention, actor(), datetime.now(UTC), dry_run=dry_run)
    typer.echo(
        f"{'Would remove' if dry_run else 'Removed'}: the recordings of {removed.recordings} interviews, the words of "
        f"{removed.transcripts}, the scores of {removed.scores}; {removed.people} people."
    )


# Looking after it


@archive_app.command("verify", epilog="Example: voicebot archive verify --anchor 1041:9f2c…")
def archive_verify(
    anchor: Annotated[str | None, typer.Option(help="The audit head that an earlier run printed.")] = None,
    as_json: AsJson = False,
) -> None:
    """Find anything that was edited, left out, moved or cut off since it was filed."""
    with opened() as archive:
        _tell(archive.verify(anchor), as_json)


@archive_app.command("backup", epilog="Example: voicebot archive backup /mnt/backup/2026-03-31")
def archive_backup(
    target: Annotated[Path, typer.Argument(metavar="FOLDER", help="A new folder for the backup.")],
) -> None:
    """Write a backup while calls go on. The archive's key is not in it: back that up elsewhere."""
    from voicebot.archive.backup import back_up

    with opened() as archive:
        recordings = back_up(archive.database, target.absolute(), actor(), datetime.now(UTC))
        key = archive.database.keys.source.place
    typer.echo(f"{target}: the database and {recordings} recordings. It opens only with the key in {key}.")


@archive_app.command(
    "restore", epilog="Example: VOICEBOT_HOME=/srv/voicebot voicebot archive restore /mnt/backup/2026-03-31"
)
def archive_restore(
    source: Annotated[Path, typer.Argument(metavar="FOLDER", help="What `voicebot archive backup` wrote.")],
    as_json: AsJson = False,
) -> None:
    """Restore a backup into a new VOICEBOT_HOME (and VOICEBOT_DATABASE_URL), and verify it."""
    from voicebot.archive.backup import restore
    from voicebot.archive.store import key_source

    configured = settings.load()
    source_of_key = key_source(configured.home, configured.archive["key"], configured.archive["key_file"])
    _tell(restore(source.absolute(), configured.home, configured.archive["database_url"], source_of_key), as_json)


@archive_app.command("rotate-key")
def archive_rotate_key() -> None:
    """Put new keys in the place of the old, while calls go on. Back up the new one."""
    with opened() as archive:
        archive.rotate_key(actor())
    typer.echo("The keys are new ones.")


def opened() -> "Archive":
    """The archive, with the calls of processes that died marked as dropped."""
    from voicebot.archive.store import open_archive

    configured = settings.load()
    archive = open_archive(configured.home, **configured.archive)
    archive.sweep(datetime.now(UTC))
    return archive


def _tell(checked: "Verification", as_json: bool) -> None:
    from voicebot import screen
    from voicebot.archive.export import verification_to_json

    if as_json:
        print_json(verification_to_json(checked))
    else:
        screen.print_verification(Console(highlight=False), checked)
    if not checked.sound:
        complain("The archive is not as it was filed: keep it as it is, and compare it with your last backup.")
        raise typer.Exit(Exit.USAGE)


def actor() -> str:
    return f"cli:{getpass.getuser()}"
