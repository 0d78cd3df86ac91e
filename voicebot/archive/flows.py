"""The flows that have been filed, word for word, and those that were published, by id, version and language."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from models.archive import PublishedFlow
from models.errors import FlowChanged, NotInArchive
from models.interview import FlowRef
from models.tables import FlowRow, PublicationRow
from voicebot.archive import audit, mapping
from voicebot.archive.database import Database, Transaction


@dataclass(frozen=True, slots=True)
class Flows:
    database: Database

    def file(self, flow: FlowRef, title: str, language: str, yaml_text: str) -> None:
        """Keeps a flow's text. Filing the same digest again changes nothing.

        Errors: FlowChanged when this version was published with other content.
        """
        with self.database.writing() as session:
            _file(session, flow, title, language, yaml_text)

    def publish(
        self, flow: FlowRef, title: str, language: str, yaml_text: str, at: datetime, *, actor: str = audit.MACHINE
    ) -> bool:
        """Keeps a flow's text as that of its version for good. False when it had been published before.

        Errors: FlowChanged when this version was published with other content.
        """
        with self.database.writing() as session:
            if _file(session, flow, title, language, yaml_text) is not None:
                return False
            row = {"flow_id": flow.id, "version": flow.version, "language": language}
            session.insert_new(PublicationRow, [row | {"flow_digest": flow.digest, "published_at": at}])
            _refuse_other_content(session, flow, language)  # somebody may have published at the same moment
            audit.append(session, at, actor, "publish", flow.id, version=flow.version, flow=flow.digest)
            return True

    def text(self, digest: str) -> str:
        """The flow's YAML as it was filed. Errors: NotInArchive."""
        with self.database.reading() as session:
            return known(session, digest).yaml_text

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


def _file(session: Transaction, flow: FlowRef, title: str, language: str, yaml_text: str) -> PublicationRow | None:
    """The publication of this version, if there is one."""
    published = _refuse_other_content(session, flow, language)
    row = {"digest": flow.digest, "flow_id": flow.id, "version": flow.version}
    session.insert_new(FlowRow, [row | {"title": title, "language": language, "yaml_text": yaml_text}])
    return published


def _refuse_other_content(session: Transaction, flow: FlowRef, language: str) -> PublicationRow | None:
    published = session.get(PublicationRow, (flow.id, flow.version, language))
    if published is not None and published.flow_digest != flow.digest:
        raise FlowChanged(
            f"{flow.id} version {flow.version} ({language}) was published on {published.published_at:%Y-%m-%d} with "
            "other content, and interviews may rest on it: raise `version` in the file, then publish it again"
        )
    return published


def known(session: Transaction, digest: str) -> FlowRow:
    """Errors: NotInArchive."""
    flow = session.get(FlowRow, digest)
    if flow is None:
        raise NotInArchive(f"there is no flow {digest!r}: file it first")
    return flow


def _publications() -> Select[PublicationRow, FlowRow]:
    """By id; each flow's newest version first."""
    return (
        select(PublicationRow, FlowRow)
        .join(FlowRow)
        .order_by(col(PublicationRow.flow_id), col(PublicationRow.version).desc(), col(PublicationRow.language))
    )
