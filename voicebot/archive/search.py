"""Full-text search over what candidates said, in both languages, on both databases.

The index has, for each interview, which words it contains: each as a keyed hash, without its place or count. Who has
the files and not the key can tell that two interviews share some word, and how many interviews have it; not which word
it is, though the commonest could be guessed from how common they are. The words themselves are looked at again in the
opened transcript, which also settles phrases.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlmodel import col, select

from models.archive import InterviewSummary, ProjectHit, ProjectPage, SearchHit, SearchPage
from models.errors import UsageError
from models.interview import Experience
from models.speech import Speaker, TranscriptLine
from models.tables import InterviewRow, SearchDocumentRow, SearchTokenRow
from voicebot.archive import jobs, records
from voicebot.archive.database import Database, Transaction
from voicebot.archive.words import phrases, plain, sought, words

LOOKED_AT = 40
"""Interviews that are opened for one page at most; a phrase of common words that hardly ever stand together goes on at
the next page."""
_BATCH = 20
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Transcripts:
    database: Database

    def search(self, query: str, *, limit: int = 20, after: str | None = None, job_ids: jobs.Ids = None) -> SearchPage:
        """Interviews whose candidate said all of these words, newest first; words in quotes, and Chinese, as a phrase.

        `after`: the `next` of the page before. A page may be short, or empty, and still have a next one.
        `job_ids`: only interviews of these jobs.
        Errors: UsageError when there is no word in the query, or `after` is not a page's.
        """
        wanted, together = sought(query), phrases(query)

        def lines(session: Transaction, ids: Sequence[str]) -> dict[str, tuple[TranscriptLine, ...]]:
            said = records.said(session, ids)
            return {interview_id: matching(said[interview_id], wanted, together) for interview_id in ids}

        with self.database.reading() as session:
            found, more = _page(session, wanted, limit, after, job_ids, lines)
        return SearchPage(tuple(SearchHit(*each) for each in found), more)

    def projects(
        self, query: str, *, limit: int = 20, after: str | None = None, job_ids: jobs.Ids = None
    ) -> ProjectPage:
        """Interviews in which the candidate told of a piece of work with all of these words, newest first: what it
        was, their role, what came of it. As `search` otherwise.
        """
        wanted = sought(query)

        def told(session: Transaction, ids: Sequence[str]) -> dict[str, tuple[Experience, ...]]:
            work = records.experience(session, ids)
            return {id: tuple(each for each in work.get(id, ()) if wanted <= _told(each)) for id in ids}

        with self.database.reading() as session:
            found, more = _page(session, wanted, limit, after, job_ids, told)
        return ProjectPage(tuple(ProjectHit(*each) for each in found), more)


def _page(
    session: Transaction,
    wanted: frozenset[str],
    limit: int,
    after: str | None,
    job_ids: jobs.Ids,
    look: Callable[[Transaction, Sequence[str]], Mapping[str, tuple[T, ...]]],
) -> tuple[list[tuple[InterviewSummary, tuple[T, ...]]], str | None]:
    """The interviews that have all words and in which `look` finds something, and where to go on.

    Errors: UsageError when there is no word, or `after` is not a page's.
    """
    if not wanted:
        raise UsageError("there is no word to search for: write some, such as kubernetes or 微服务")
    if after is not None and not (after.isascii() and after.isdecimal() and len(after) < 19):
        raise UsageError(f"{after!r} is not where a page ended: begin again without it")
    before = int(after) if after else None
    hits: list[tuple[InterviewSummary, tuple[T, ...]]] = []
    for _ in range(LOOKED_AT // _BATCH):
        batch = _having(session, wanted, before, job_ids)
        ids = [interview_id for _, interview_id in batch]
        found = look(session, ids)
        summaries = {summary.id: summary for summary in records.summaries_of(session, ids)}
        for number, interview_id in batch:
            before = number
            if found[interview_id] and interview_id in summaries:
                hits.append((summaries[interview_id], found[interview_id]))
            if len(hits) == limit:
                return hits, str(number)
        if len(batch) < _BATCH:
            return hits, None
    return hits, str(before)


def index(session: Transaction, interview_id: str, lines: Iterable[TranscriptLine]) -> None:
    """What the candidate said can be found from now on."""
    found = frozenset[str]().union(*(words(line.text) for line in lines if line.speaker is Speaker.CANDIDATE))
    if not found:
        return
    known = select(SearchDocumentRow.number).where(SearchDocumentRow.interview_id == interview_id)
    number = session.exec(known).first()
    if number is None:
        session.insert_new(SearchDocumentRow, [{"interview_id": interview_id}])
        number = session.exec(known).one()
    tokens = sorted({session.keys.token(word) for word in found})
    session.insert_new(SearchTokenRow, [{"token": token, "document": number} for token in tokens])


def _having(
    session: Transaction, wanted: frozenset[str], before: int | None, job_ids: jobs.Ids
) -> Sequence[tuple[int, str]]:
    """The newest interviews that have all words, as number and id."""
    first, *others = sorted(session.keys.token(word) for word in wanted)
    query = (
        select(SearchTokenRow.document, SearchDocumentRow.interview_id)
        .join(SearchDocumentRow, col(SearchDocumentRow.number) == SearchTokenRow.document)
        .where(SearchTokenRow.token == first)
    )
    for token in others:
        has = (
            select(SearchTokenRow.token)
            .where(SearchTokenRow.token == token, SearchTokenRow.document == SearchDocumentRow.number)
            .correlate(SearchDocumentRow)
        )
        query = query.where(has.exists())
    if before is not None:
        query = query.where(SearchTokenRow.document < before)
    if job_ids is not None:
        theirs = select(InterviewRow.id).where(*jobs.visible(job_ids))
        query = query.where(col(SearchDocumentRow.interview_id).in_(theirs))
    return session.exec(query.order_by(col(SearchTokenRow.document).desc()).limit(_BATCH)).all()


def matching(
    lines: Sequence[TranscriptLine], wanted: frozenset[str], together: tuple[str, ...]
) -> tuple[TranscriptLine, ...]:
    """The lines that have any of the words; none unless all words and all phrases are said somewhere."""
    said = [(line, words(line.text), plain(line.text) if together else "") for line in lines]
    if not wanted <= frozenset[str]().union(*(found for _, found, _ in said)):
        return ()
    if not all(any(_stands(phrase, text) for _, _, text in said) for phrase in together):
        return ()
    return tuple(
        line
        for line, found, text in said
        if (any(_stands(phrase, text) for phrase in together) if together else not wanted.isdisjoint(found))
    )


def _stands(phrase: str, text: str) -> bool:
    """Chinese anywhere; English as whole words."""
    return phrase in text if not phrase.isascii() else f" {phrase} " in f" {text} "


def _told(experience: Experience) -> frozenset[str]:
    """The words of a piece of work, as it was summed up and as it was told."""
    parts = (experience.project, experience.role, experience.team_size, experience.result)
    return frozenset[str]().union(*(words(part.text) | words(part.quote) for part in parts if part))
