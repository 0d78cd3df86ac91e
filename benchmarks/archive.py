"""How long lists and searches take in an archive of ten thousand interviews, on SQLite and on PostgreSQL.

    python benchmarks/archive.py                                     SQLite, 10,000 interviews
    python benchmarks/archive.py --database-url postgresql://…       an empty PostgreSQL database
    python benchmarks/archive.py --interviews 1000 --json            fewer; figures as JSON
    python benchmarks/archive.py --home FOLDER                       kept, and not filled again the next time

Each interview has a transcript of 40 lines, 20 of them the candidate's with 12 words each, drawn from a vocabulary of
8,000 words as unevenly as speech is (Zipf), ten scores, and skills; there are 20 jobs. Everything that the API and the
console ask of an archive runs 21 times on an open one; the median and the worst are printed, the slowest query first.
"""

import argparse
import base64
import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

from models.archive import Decision, InterviewStatus, Position
from models.call import Candidate, Disposition
from models.desk import InterviewFilter, Stage
from models.dialog import Answer, AnswerPart, DialogState
from models.interview import Experience, FlowRef, Score, Scorecard, SkillKind, SkillTag, Told, overall
from models.invitation import WishKind
from models.speech import Speaker, TranscriptLine, Utterance
from voicebot.archive.store import Archive, open_archive

LINES, WORDS_A_LINE, JOBS, RUNS = 40, 12, 20, 21
WORDS = [f"word{n}" for n in range(8000)]
FREQUENCIES = list(accumulate(1 / (n + 1) for n in range(len(WORDS))))
NOT_CALLED, NOT_ANSWERED = (11, 12), (13, 14, 16)
TOGETHER = 200
"""Interviews in one transaction."""
CRITERIA = "communication depth ownership trade_offs testing operations clarity initiative teamwork learning".split()
TEXTS = {
    "the commonest word": "word0",
    "two common words": "word3 word40",
    "a rare word": "word7000",
    "a rare and the commonest word": "seldom word0",
    "rare Chinese": "结算系统",
    "a phrase of common words": '"word1 word2"',
    "nothing found": "neversaid",
}
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
        interviews = archive.desk.count(InterviewFilter())
        figures = {name: measured(query) for name, query in queries(archive).items()}
        size = sum(path.stat().st_size for path in archive.folder.glob("archive.sqlite3*"))
    if options.json:
        report = {"interviews": interviews, "filled_s": filled_s, "sqlite_bytes": size, "ms": figures}
        print(json.dumps(report, indent=2))
        return
    where = "PostgreSQL" if options.database_url else f"SQLite, {size / 1e6:.0f} MB"
    print(f"{interviews} interviews in {where}, {filled_s:.0f} s to fill or open it")
    for name, (median_ms, worst_ms) in sorted(figures.items(), key=lambda item: -item[1][0]):
        print(f"{name:55} median {median_ms:6.1f} ms   worst {worst_ms:6.1f} ms")


def fill(archive: Archive, interviews: int, start: datetime = START) -> None:
    """Invented interviews, one a minute, filed by the product's own calls: the audit vouches for each, and `voicebot
    archive verify` finds nothing wrong. Of a hundred, two were not called, three got no answer, two thirds of the
    others are decided, and one in ten has a score that a person corrected. `start`: when the first is held.
    """
    chance = random.Random(1)
    archive.flows.file(FLOW, "Bench", "en", "id: bench\n")
    jobs = [archive.jobs.file(f"Job {n}", "", start + timedelta(days=n)).id for n in range(JOBS)]
    for first in range(0, interviews, TOGETHER):
        with archive.database.together():  # in as many transactions they would mostly wait for the disk
            for n in range(first, min(first + TOGETHER, interviews)):
                _file(archive, chance, n, jobs[n % JOBS], start + timedelta(minutes=n))


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
    told = Utterance(lines[2].text, lines[2].start_ms, lines[2].end_ms)
    archive.file_scorecard(interview_id, card(chance, n, told), at + timedelta(minutes=5))
    if n % 200 == 4:
        token, _ = archive.invitations.issue(who.id, "mia", at, timedelta(days=30))
        wish = archive.invitations.ask(token, list(WishKind)[n // 200 % 4], "As I wrote to you.", at)
        if n % 400 == 4:
            archive.wishes.handle(wish.id, "Done.", "mia", at + timedelta(days=2))
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


def card(chance: random.Random, n: int, told: Utterance) -> Scorecard:
    scores = tuple(
        Score(f"q{k // 2}", name, name.title(), 1.0, 4.9 if n % 1000 == 3 else round(chance.uniform(1, 5), 1))
        for k, name in enumerate(CRITERIA)
    )
    tags = tuple(
        SkillTag(name, SkillKind.TOOL, name, "q1", 0, 1, float(chance.randrange(1, 8)))
        for name in chance.sample(SKILLS, k=3)
    )
    if n % 1000 == 2:
        tags = (*tags, SkillTag("COBOL", SkillKind.TOOL, "COBOL", "q1", 0, 1))
    project = Told(" ".join(told.text.split()[:3]), told.text, told.start_ms, told.end_ms)
    mean = overall((score.weight, score.value) for score in scores)
    return Scorecard(scores, mean, 1.0, tags, "bench 1", (Experience("q1", project=project),))


def queries(archive: Archive) -> dict[str, Callable[[], object]]:
    """What the API and the console ask for: `list` is the API's, `desk` the console's."""
    listed, newest_job = archive.interviews(50), archive.jobs.list(1)[0].id
    person, own = archive.people.list(1)[0], frozenset(job.id for job in archive.jobs.list(2))
    far = Position(START + timedelta(days=1), "0")
    asked: dict[str, Callable[[], object]] = {}
    for name, conditions in _wanted(listed[0].created_at, newest_job).items():
        where = InterviewFilter(**conditions)
        asked[f"list: {name}"] = partial(archive.interviews, 51, where=where)
        asked[f"list, a reviewer's: {name}"] = partial(archive.interviews, 51, where=where, job_ids=own)
        asked[f"desk: {name}"] = partial(archive.desk.interviews, where)
        asked[f"desk, how many: {name}"] = partial(archive.desk.count, where)
    for name, text in TEXTS.items():
        asked[f"transcripts: {name}"] = partial(archive.transcripts.search, text)
        asked[f"transcripts, a reviewer's: {name}"] = partial(archive.transcripts.search, text, job_ids=own)
        asked[f"projects: {name}"] = partial(archive.transcripts.projects, text)
        asked[f"desk: who said {name}"] = partial(archive.desk.interviews, InterviewFilter(), text=text)
    waiting, rare = InterviewFilter(stage=Stage.WAITING), InterviewFilter(score_from=4.85)
    return asked | {
        "list: the next page": partial(archive.interviews, 51, after=Position(listed[-1].created_at, listed[-1].id)),
        "list: a page far back": partial(archive.interviews, 51, after=far),
        "list: of a person": partial(archive.interviews, 51, where=InterviewFilter(person_id=person.id)),
        "desk: waiting, who said a common word": partial(archive.desk.interviews, waiting, text="word3"),
        "desk: a rare score, who said a common word": partial(archive.desk.interviews, rare, text="word3"),
        "desk: a page of the spreadsheet": partial(archive.desk.interviews, InterviewFilter(), limit=200),
        "home: what waits": partial(archive.desk.waiting, limit=10),
        "home: since yesterday": partial(archive.desk.since, listed[0].created_at - timedelta(days=1)),
        "home: how far they came, all": partial(archive.desk.funnel, START),
        "home: wishes": archive.wishes.waiting,
        "home: how many wishes": archive.wishes.count,
        "how calls have ended": archive.desk.dispositions,
        "skills: every name": archive.skills.names,
        "skills: every name, a reviewer's": partial(archive.skills.names, own),
        "one interview": partial(archive.interview, listed[7].id),
        "one interview: its line": partial(archive.desk.find, listed[7].id),
        "one interview: its review": partial(archive.reviews.of, listed[7].id),
        "one person": partial(_person, archive, person.id),
        "people: the newest 50": partial(archive.people.list, 51),
        "people: far back": partial(archive.people.list, 51, after=far),
        "people: by number": partial(archive.people.find, person.candidate.phone),
        "people: by name": partial(archive.people.search, "name7", 200),
        "wishes: the newest 50": partial(archive.wishes.list, 51),
        "wishes: a reviewer's": partial(archive.wishes.list, 51, job_ids=own),
        "audit: the newest 100": archive.audit.entries,
        "audit: far back": partial(archive.audit.entries, before=1000),
        "audit: of one interview": partial(archive.audit.entries, listed[7].id),
        "jobs": archive.jobs.list,
        "flows": archive.flows.list,
    }


def _wanted(newest: datetime, job_id: str) -> dict[str, dict[str, Any]]:
    """Each condition of a filter, where it holds of many and of few."""
    middle = newest - (newest - START) / 2
    day = {"since": middle, "before": middle + timedelta(days=1)}
    return {
        "all": {},
        "a job": {"job_id": job_id},
        "a day": day,
        "a day of a job": {"job_id": job_id} | day,
        "not called": {"status": InterviewStatus.SCHEDULED},
        "under way (none)": {"status": InterviewStatus.UNDER_WAY},
        "ended": {"status": InterviewStatus.ENDED},
        "called, not scored": {"stage": Stage.CALLED},
        "waiting": {"stage": Stage.WAITING},
        "decided": {"stage": Stage.DECIDED},
        "a common disposition": {"disposition": Disposition.COMPLETED},
        "a rare disposition": {"disposition": Disposition.DROPPED},
        "a disposition of none": {"disposition": Disposition.FAX},
        "a common score": {"score_from": 3.0},
        "a rare score": {"score_from": 4.85},
        "a common skill": {"skill": "kubernetes"},
        "a rare skill": {"skill": "cobol"},
        "skills, years, a score": {"skill": "Kubernetes >= 3 years, communication >= 4"},
        "rare skills, years, a score": {"skill": "Kubernetes >= 7 years, Rust >= 7 years, depth >= 4.8"},
        "waiting, rare skills": {"stage": Stage.WAITING, "skill": "Kubernetes >= 7 years, Rust >= 7 years"},
        "decided, a rare score": {"stage": Stage.DECIDED, "score_from": 4.85},
    }


def _person(archive: Archive, person_id: str) -> object:
    """What a candidate's page shows."""
    return (
        archive.people.with_id(person_id),
        archive.people.consents(person_id),
        archive.people.opted_out(person_id),
        archive.privacy.holds(person_id),
        archive.interviews(51, where=InterviewFilter(person_id=person_id)),
        archive.wishes.list(51, person_id=person_id),
    )


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
