"""How long lists and searches take in an archive of ten thousand interviews, on SQLite and on PostgreSQL.

    python benchmarks/archive.py                                     SQLite, 10,000 interviews
    python benchmarks/archive.py --database-url postgresql://…       an empty PostgreSQL database
    python benchmarks/archive.py --interviews 1000 --json            fewer; figures as JSON
    python benchmarks/archive.py --home FOLDER                       kept, and not filled again the next time

Each interview has a transcript of 40 lines, 20 of them the candidate's with 12 words each, drawn from a vocabulary of
8,000 words as unevenly as speech is (Zipf), a scorecard and skills; there are 20 jobs. Every query runs 21 times on an
open archive; the median and the worst are printed.
"""

import argparse
import base64
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from models.archive import Decision, InterviewFilter, InterviewStatus, Position, SkillQuery
from models.call import Candidate, Disposition
from models.desk import DeskFilter, Stage
from models.dialog import Answer, AnswerPart, DialogState
from models.interview import FlowRef, Score, Scorecard, SkillKind, SkillTag
from models.speech import Speaker, TranscriptLine, Utterance
from voicebot.archive import skills
from voicebot.archive.store import Archive, open_archive

LINES, WORDS_A_LINE, JOBS, RUNS = 40, 12, 20, 21
WORDS = [f"word{n}" for n in range(8000)]
FREQUENCIES = list(accumulate(1 / (n + 1) for n in range(len(WORDS))))
NOT_CALLED, NOT_ANSWERED = (11, 12), (13, 14, 16)
TOGETHER = 200
"""Interviews in one transaction."""
SKILLS = ("Kubernetes", "Python", "Go", "PostgreSQL", "Kafka", "React", "Rust", "Terraform")
FLOW = FlowRef("bench", 1, "ab" * 32)
START = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--interviews", type=int, default=10_000)
    parser.add_argument("--database-url")
    parser.add_argument("--home", type=Path, help="keep the archive here; one that is there is not filled again")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    key = None if options.home else base64.b64encode(os.urandom(32)).decode()
    with (
        tempfile.TemporaryDirectory(prefix="voicebot-bench-") as folder,
        open_archive(options.home or Path(folder), database_url=options.database_url, key=key) as archive,
    ):
        began = time.perf_counter()
        if not archive.interviews(1):
            fill(archive, options.interviews)
        filled_s = time.perf_counter() - began
        figures = {name: measured(query) for name, query in queries(archive).items()}
        size = sum(path.stat().st_size for path in archive.folder.glob("archive.sqlite3*"))
    if options.json:
        report = {"interviews": options.interviews, "filled_s": filled_s, "sqlite_bytes": size, "ms": figures}
        print(json.dumps(report, indent=2))
        return
    where = "PostgreSQL" if options.database_url else f"SQLite, {size / 1e6:.0f} MB"
    print(f"{options.interviews} interviews filed in {filled_s:.0f} s: {where}")
    for name, (median_ms, worst_ms) in figures.items():
        print(f"{name:42} median {median_ms:6.1f} ms   worst {worst_ms:6.1f} ms")


def fill(archive: Archive, interviews: int, start: datetime = START) -> None:
    """Invented interviews, one a minute, filed by the product's own calls: the audit vouches for each, and `voicebot
    archive verify` finds nothing wrong. Of a hundred, two were not called, three got no answer, two thirds of the
    others are decided, and one in ten has a score that a person corrected. `start`: when the first is held.
    """
    chance = random.Random(1)
    archive.flows.file(FLOW, "Bench", "en", "id: bench\n")
    jobs = [archive.jobs.file(f"Job {n}", "", start + timedelta(days=n)).id for n in range(JOBS)]
    for first in range(0, interviews, TOGETHER):
        with together(archive):
            for n in range(first, min(first + TOGETHER, interviews)):
                _file(archive, chance, n, jobs[n % JOBS], start + timedelta(minutes=n))


@contextmanager
def together(archive: Archive) -> Iterator[None]:
    """What is filed within is one transaction: ten thousand interviews in as many would mostly wait for the disk."""
    database: Any = archive.database
    with database.writing() as session:
        database.writing = database.reading = lambda: nullcontext(session)
        try:
            yield
        finally:
            del database.writing, database.reading


def _file(archive: Archive, chance: random.Random, n: int, job_id: str, at: datetime) -> None:
    again = n % 100 == 99  # the person of the interview before
    who = Candidate(f"c-{n - again}", f"Name{(n - again) % 500} Family{n - again}", f"+1415{n - again:07}")
    interview_id = archive.schedule_interview(who, FLOW, {"company": "Acme"}, at, job_id=job_id)
    if n % 100 in NOT_CALLED:
        return
    attempt_id = archive.begin_attempt(interview_id, at)
    if n % 100 in NOT_ANSWERED:
        archive.end_attempt(attempt_id, Disposition.NO_ANSWER, {}, None, at + timedelta(seconds=30))
        return
    archive.redeem_attempt(attempt_id, at)
    lines = [_line(chance, n, line) for line in range(LINES)]
    archive.record(attempt_id, lines, _state(lines, n), at)
    ended = Disposition.DROPPED if n % 1000 == 1 else Disposition.COMPLETED
    archive.end_attempt(attempt_id, ended, {"duration_ms": 240_000}, None, at + timedelta(minutes=4))
    archive.file_scorecard(interview_id, card(chance, n), at + timedelta(minutes=5))
    if n % 10 == 5:
        reason, later = "Read again.", at + timedelta(hours=1)
        archive.reviews.override(interview_id, "q0", "communication", 4.0, "mia", reason, later)
    if n % 3:
        decision = Decision.ADVANCE if n % 2 else Decision.REJECT
        archive.reviews.note(interview_id, "mia", "As discussed.", at + timedelta(days=1), decision=decision)


def _line(chance: random.Random, n: int, line: int) -> TranscriptLine:
    speaker = Speaker.INTERVIEWER if line % 2 else Speaker.CANDIDATE
    text = " ".join(chance.choices(WORDS, cum_weights=FREQUENCIES, k=WORDS_A_LINE))
    if line == 0 and n % 1000 == 0:
        text += " seldom 结算系统"
    return TranscriptLine(speaker, text, line * 5000, line * 5000 + 4000, f"q{line // 8}")


def _state(lines: list[TranscriptLine], n: int) -> DialogState:
    said = [Utterance(line.text, line.start_ms, line.end_ms) for line in lines if line.speaker is Speaker.CANDIDATE]
    answers = tuple(
        Answer(f"q{q}", f"Question {q}?", tuple(map(AnswerPart, said[4 * q : 4 * q + 4]))) for q in range(LINES // 8)
    )
    return DialogState(answers=answers, questions_for_hr=tuple(said[-1:]) if n % 7 == 0 else ())


def card(chance: random.Random, n: int) -> Scorecard:
    scores = tuple(
        Score(f"q{n}", name, name.title(), 1.0, round(chance.uniform(1, 5), 1))
        for n, name in enumerate(("communication", "depth", "ownership"))
    )
    tags = tuple(
        SkillTag(name, SkillKind.TOOL, name, "q1", 0, 1, float(chance.randrange(1, 8)))
        for name in chance.sample(SKILLS, k=3)
    )
    if n % 1000 == 2:
        tags = (*tags, SkillTag("COBOL", SkillKind.TOOL, "COBOL", "q1", 0, 1))
    return Scorecard(scores, 4.9 if n % 1000 == 3 else round(1 + n % 38 / 10, 1), 1.0, tags, "bench 1")


def queries(archive: Archive) -> dict[str, Callable[[], object]]:
    listed = archive.interviews(50)
    wanted: SkillQuery = skills.parse("Kubernetes, >= 3 years, communication >= 4")
    rare: SkillQuery = skills.parse("Kubernetes >= 7 years, Rust >= 7 years, depth >= 4.8")
    own = frozenset(job.id for job in archive.jobs.list(2))
    day = START + timedelta(days=3)
    waiting = DeskFilter(status=Stage.WAITING)
    rare_waiting = DeskFilter(status=Stage.WAITING, skill="Kubernetes >= 7 years, Rust >= 7 years, depth >= 4.8")

    def filtered(**conditions: Any) -> Callable[[], object]:
        return lambda: archive.interviews(50, where=InterviewFilter(**conditions))

    return {
        "list: a common disposition": filtered(disposition=Disposition.COMPLETED),
        "list: a rare disposition": filtered(disposition=Disposition.DROPPED),
        "list: not called yet (none)": filtered(status=InterviewStatus.SCHEDULED),
        "list: under way (none)": filtered(status=InterviewStatus.UNDER_WAY),
        "list: a common score": filtered(score_from=3.0),
        "list: a rare score": filtered(score_from=4.85),
        "list: a rare skill": filtered(skill="cobol"),
        "list: one day of one job": filtered(job_id=next(iter(own)), since=day, before=day + timedelta(days=1)),
        "list: a reviewer's jobs": filtered(job_ids=own),
        "list: a reviewer's, score and skill": filtered(job_ids=own, score_from=4.0, skill="kubernetes"),
        "search: a reviewer's, the commonest word": lambda: archive.transcripts.search("word0", job_ids=own),
        "search: a reviewer's, a rare word": lambda: archive.transcripts.search("word7000", job_ids=own),
        "skills: a reviewer's": lambda: archive.skills.search(wanted, job_ids=own),
        "people: the newest 50": lambda: archive.people.list(50),
        "list: the newest 50": lambda: archive.interviews(50),
        "list: the next 50": lambda: archive.interviews(50, after=Position(listed[-1].created_at, listed[-1].id)),
        "one interview": lambda: archive.interview(listed[7].id),
        "search: the commonest word": lambda: archive.transcripts.search("word0"),
        "search: two common words": lambda: archive.transcripts.search("word3 word40"),
        "search: a rare and the commonest word": lambda: archive.transcripts.search("seldom word0"),
        "search: rare Chinese": lambda: archive.transcripts.search("结算系统"),
        "search: a phrase of common words": lambda: archive.transcripts.search('"word1 word2"'),
        "search: nothing found": lambda: archive.transcripts.search("neversaid"),
        "skills: common": lambda: archive.skills.search(wanted),
        "skills: rare": lambda: archive.skills.search(rare),
        "people: by number": lambda: archive.people.find(listed[3].candidate.phone),
        "desk: what waits": lambda: archive.desk.waiting(limit=10),
        "desk: how many wait": lambda: archive.desk.count(waiting),
        "desk: by score": lambda: archive.desk.interviews(DeskFilter(score_from=4.5)),
        "desk: a rare skill that waits": lambda: archive.desk.interviews(rare_waiting),
        "desk: how far they came": lambda: archive.desk.funnel(START),
        "people: by name": lambda: archive.people.search("name7"),
    }


def measured(query: Callable[[], object]) -> tuple[float, float]:
    """Median and worst, in ms."""
    query()
    times = []
    for _ in range(RUNS):
        began = time.perf_counter()
        query()
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times), max(times)


if __name__ == "__main__":
    main()
