"""The flows that have been published, by id, version and language."""

from dataclasses import dataclass

from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from models.archive import PublishedFlow
from models.errors import NotInArchive
from models.tables import FlowRow, PublicationRow
from voicebot.archive import mapping
from voicebot.archive.database import Database


@dataclass(frozen=True, slots=True)
class Flows:
    database: Database

    def list(self, limit: int = 50, *, after: str = "") -> tuple[PublishedFlow, ...]:
        """The newest version of each flow, in each of its languages, by id; those whose id comes after `after`.

        Only whole flows count towards `limit`, so that a page may have a few more.
        """
        following = select(PublicationRow.flow_id).where(PublicationRow.flow_id > after)
        ids = following.distinct().order_by(PublicationRow.flow_id).limit(limit)
        found: dict[tuple[str, str], PublishedFlow] = {}
        with self.database.reading() as session:
            wanted = col(PublicationRow.flow_id).in_(session.exec(ids).all())
            for row in session.exec(_publications().where(wanted)):
                published = mapping.published(*row)
                found.setdefault((published.flow.id, published.language), published)
        return tuple(found.values())

    def versions(self, flow_id: str) -> tuple[PublishedFlow, ...]:
        """Every version, newest first. Errors: NotInArchive when none was published."""
        with self.database.reading() as session:
            found = session.exec(_publications().where(PublicationRow.flow_id == flow_id)).all()
        if not found:
            raise NotInArchive(f"no flow {flow_id!r} was published: publish it first")
        return tuple(mapping.published(*row) for row in found)

    def find(self, flow_id: str, version: int | None = None, language: str | None = None) -> PublishedFlow:
        """This version, or the newest; in this language, or in the one there is.

        Errors: NotInArchive, also when it is there in several languages and none is named.
        """
        versions = [each for each in self.versions(flow_id) if language in (None, each.language)]
        wanted = [each for each in versions if each.flow.version == (version or versions[0].flow.version)]
        if not wanted:
            raise NotInArchive(
                f"the flow {flow_id!r} has no such version"
                f"{f' {version}' if version else ''}{f' in {language}' if language else ''}: list its versions"
            )
        if len(wanted) > 1:
            languages = ", ".join(sorted(each.language for each in wanted))
            raise NotInArchive(f"the flow {flow_id!r} was published in several languages ({languages}): name one")
        return wanted[0]


def _publications() -> Select[PublicationRow, FlowRow]:
    """By id; each flow's newest version first."""
    return (
        select(PublicationRow, FlowRow)
        .join(FlowRow)
        .order_by(col(PublicationRow.flow_id), col(PublicationRow.version).desc(), col(PublicationRow.language))
    )
