"""How long the console's pages take on the server, with ten thousand interviews on file.

    python benchmarks/console.py                                     SQLite, 10,000 interviews
    python benchmarks/console.py --database-url postgresql://…       an empty PostgreSQL database
    python benchmarks/console.py --interviews 1000 --json            fewer; figures as JSON
    python benchmarks/console.py --home FOLDER                       kept, and not filled again the next time

The archive is that of benchmarks/archive.py, its newest interview as old as a minute. The console is `voicebot serve
--role console`, a process of its own; each page is asked for 11 times over HTTP, by an administrator who is signed in
and, where it says so, by a reviewer of two of the twenty jobs. The time is that from the request to the last byte of
the page; CPU is what the server needs for it. Ends with exit code 1 when the median of a page is over 300 ms.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import httpx
from archive import fill

from models.accounts import Role
from voicebot.archive.store import open_archive

RUNS = 11
MOST_MS = 300
ADMIN, REVIEWER, PASSWORD = "Ann", "Rosa", "a quiet harbour at dawn"
OUR_OWN = {"sec-fetch-site": "same-origin"}


@dataclass(frozen=True, slots=True)
class Known:
    """Ids of what is on file."""

    interview: str
    person: str
    deep: str
    """An interview in the middle of the list."""
    job: str


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--interviews", type=int, default=10_000)
    parser.add_argument("--database-url")
    parser.add_argument("--home", type=Path, help="keep the archive here; one that is there is not filled again")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="voicebot-bench-") as folder:
        home = options.home or Path(folder)
        known = prepared(home, options.interviews, options.database_url)
        with serving(home, options.database_url) as (url, pid):
            clients = {who: signed_in(url, who) for who in (ADMIN, REVIEWER)}
            figures = {name: measured(clients[who], path, pid) for name, (who, path) in pages(known).items()}
    slow = [name for name, (median_ms, _, _) in figures.items() if median_ms > MOST_MS]
    if options.json:
        print(json.dumps({"interviews": options.interviews, "ms": figures, "slow": slow}, indent=2))
    else:
        for name, (median_ms, worst_ms, cpu_ms) in figures.items():
            print(f"{name:44} median {median_ms:6.0f} ms   worst {worst_ms:6.0f} ms   CPU {cpu_ms:6.0f} ms")
    sys.exit(1 if slow else 0)


def prepared(home: Path, interviews: int, database_url: str | None = None) -> Known:
    """Fills the archive and lets two people in, unless that was done before."""
    now = datetime.now(UTC)
    with open_archive(home, database_url=database_url) as archive:
        if not archive.interviews(1):
            fill(archive, interviews, now - timedelta(minutes=interviews))
        jobs = archive.jobs.list(2)
        if not archive.accounts.has_users():
            archive.accounts.create_user(ADMIN, Role.ADMIN, PASSWORD, "bench", now)
            reviewer = archive.accounts.create_user(REVIEWER, Role.REVIEWER, PASSWORD, "bench", now)
            archive.accounts.assign(reviewer.id, [job.id for job in jobs], "bench", now)
        listed = archive.interviews(min(interviews, 5000))
        scored = next(each for each in listed if each.overall is not None)
        return Known(scored.id, scored.person_id, listed[-1].id, jobs[0].id)


@contextmanager
def serving(home: Path, database_url: str | None = None, key: str | None = None) -> Iterator[tuple[str, int]]:
    """The console in a process of its own; its address and process id. `key`: the archive's, if not in its home."""
    given = {"VOICEBOT_HOME": str(home), "VOICEBOT_DATABASE_URL": database_url, "VOICEBOT_ARCHIVE_KEY": key}
    settings = {name: value for name, value in given.items() if value}
    command = [sys.executable, "-m", "voicebot", "serve", "--role", "console", "--port", "0"]
    with subprocess.Popen(command, env=os.environ | settings, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            if not line.startswith("Console at "):
                sys.exit(f"the console did not start: {line}{process.stderr.read()}")
            yield line.split()[-1].rstrip("/"), process.pid
        finally:
            process.terminate()


def pages(known: Known) -> dict[str, tuple[str, str]]:
    """Who asks, and for what, by the page's name."""

    def listed(**wanted: str) -> str:
        return f"/interviews?{urlencode(wanted)}"

    rare = "Kubernetes >= 7 years, Rust >= 7 years, depth >= 4.8"
    day = f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%d}"
    asked = {
        "today": "/",
        "interviews": "/interviews",
        "interviews, in the middle of the list": listed(after=known.deep),
        "interviews that wait": listed(status="waiting"),
        "interviews that are decided": listed(status="decided"),
        "interviews that ended in a rare way": listed(status="dropped"),
        "interviews of one job and day": listed(job=known.job, since=day, until=day),
        "interviews by score": listed(**{"from": "4.5"}),
        "interviews by skill": listed(skill="Kubernetes"),
        "interviews by rare skills and a score": listed(skill=rare),
        "interviews by rare skills, that wait": listed(skill=rare, status="waiting"),
        "interviews by a common word": listed(q="word0"),
        "interviews by a rare word": listed(q="seldom"),
        "interviews by a Chinese phrase": listed(q="结算系统"),
        "interviews by a word never said": listed(q="neversaid"),
        "interviews by a phrase of common words": listed(q='"word1 word2"'),
        "an interview": f"/interviews/{known.interview}",
        "its report": f"/interviews/{known.interview}/report",
        "skills": "/skills",
        "candidates": "/candidates",
        "a candidate": f"/candidates/{known.person}",
        "flows": "/flows",
        "audit": "/audit",
        "audit of an interview": f"/audit?subject={known.interview}",
        "accounts": "/accounts",
        "settings": "/settings",
    }
    reviewers = ("today", "interviews", "interviews that wait", "interviews by skill", "interviews by a common word")
    return {name: (ADMIN, path) for name, path in asked.items()} | {
        f"{name}, for a reviewer": (REVIEWER, asked[name]) for name in (*reviewers, "skills")
    }


def measured(client: httpx.Client, path: str, pid: int) -> tuple[float, float, float]:
    """Median and worst of a page, and the processor time that it takes the server in the mean, in ms."""
    client.get(path).raise_for_status()
    times, used_s = [], cpu_s(pid)
    for _ in range(RUNS):
        began = time.perf_counter()
        client.get(path)
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times), max(times), 1000 * (cpu_s(pid) - used_s) / RUNS


def cpu_s(pid: int) -> float:
    """What a process has used so far (Linux, proc(5))."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def signed_in(url: str, who: str) -> httpx.Client:
    client = httpx.Client(base_url=url, headers=OUR_OWN, timeout=60)
    answer = client.post("/sign-in", data={"name": who, "password": PASSWORD})
    if answer.headers.get("location") != "/":
        sys.exit(f"{who} cannot sign in: {answer.status_code} {answer.headers.get('location')}")
    return client


if __name__ == "__main__":
    main()
