"""Everything personal is sealed; people, jobs, consents, reviews, search, audit and erasure have tables.

What revision 0001 kept in plain text is sealed on the way. Its recordings are encrypted afterwards, by the archive.
"""

import json
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from alembic import context, op

from voicebot.archive.words import dialled, words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _new_tables()
    keys = context.config.attributes["keys"]
    keys.make(op.get_bind())
    _add_columns()
    _Sealing(op.get_bind(), keys).seal_all()
    _drop_what_was_plain()
    _later_tables()
    _begin_audit(op.get_bind(), keys)


def downgrade() -> None:
    raise NotImplementedError("sealed data is not written out in plain text again: restore a backup of before")


def _new_tables() -> None:
    op.create_table(
        "keys",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("master", sa.String(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_keys"),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("external_index", sa.LargeBinary(), nullable=False),
        sa.Column("phone_index", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("employee_since", MOMENT, nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("external_index", name="uq_people_external_index"),
    )
    op.create_index("ix_people_phone_index", "people", ["phone_index"])
    op.create_table(
        "person_names",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.String(), nullable=False),
        _refers("person_names", "person_id", "people", "CASCADE"),
        sa.PrimaryKeyConstraint("token", "person_id", name="pk_person_names"),
    )
    op.create_index("ix_person_names_person_id", "person_names", ["person_id"])
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("location", sa.String(), nullable=False),
        sa.Column("flow_id", sa.String(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
    )
    op.create_index("ix_jobs_created_at", "jobs", ["created_at"])
    op.create_table(
        "opt_outs",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_opt_outs"),
    )
    op.create_table(
        "search_documents",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("interview_id", sa.String(), nullable=False),
        _refers("search_documents", "interview_id", "interviews"),
        sa.PrimaryKeyConstraint("number", name="pk_search_documents"),
        sa.UniqueConstraint("interview_id", name="uq_search_documents_interview_id"),
    )
    op.create_table(
        "search_tokens",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.Integer(), nullable=False, autoincrement=False),
        sa.PrimaryKeyConstraint("token", "document", name="pk_search_tokens"),
        sqlite_with_rowid=False,
    )


def _later_tables() -> None:
    op.create_table(
        "publications",
        sa.Column("flow_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("flow_digest", sa.String(), nullable=False),
        sa.Column("published_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["flow_digest"], ["flows.digest"], name="fk_publications_flow_digest_flows"),
        sa.PrimaryKeyConstraint("flow_id", "version", "language", name="pk_publications"),
    )
    _owned(
        "consents", "people", sa.Column("purpose", sa.String(), nullable=False), _at("given_at"), _at("withdrawn_at")
    )
    _owned("holds", "people", _at("placed_at"), _at("released_at"), ondelete=None)
    _owned(
        "overrides",
        "interviews",
        sa.Column("question_id", sa.String(), nullable=False),
        sa.Column("criterion_id", sa.String(), nullable=False),
        sa.Column("value", sa.Float(), nullable=True),
        sa.CheckConstraint("value BETWEEN 1 AND 5", name=op.f("ck_overrides_value_on_scale")),
        _at("at"),
    )
    _owned("notes", "interviews", sa.Column("decision", sa.String(), nullable=True), _at("at"))
    op.create_table(
        "audit",
        sa.Column("sequence", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_audit"),
    )
    op.create_index("ix_audit_subject", "audit", ["subject"])
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.Column("seal", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit_head"),
    )
    op.create_table(
        "tombstones",
        sa.Column("person_id", sa.String(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("interviews", sa.Integer(), nullable=False),
        sa.Column("recordings", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name="pk_tombstones"),
    )


def _owned(
    name: str, owner: str, *columns: sa.Column[Any] | sa.CheckConstraint, ondelete: str | None = "CASCADE"
) -> None:
    """A table of sealed rows that belong to a person or an interview."""
    key = "person_id" if owner == "people" else "interview_id"
    op.create_table(
        name,
        sa.Column("id", sa.String(), nullable=False),
        sa.Column(key, sa.String(), nullable=False),
        *columns,
        sa.Column("document", sa.LargeBinary(), nullable=False),
        _refers(name, key, owner, ondelete),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_{key}", name, [key])


def _at(name: str) -> sa.Column[Any]:
    return sa.Column(name, MOMENT, nullable=name in ("withdrawn_at", "released_at"))


def _refers(table: str, column: str, to: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=f"fk_{table}_{column}_{to}", ondelete=ondelete)


def _begin_audit(connection: sa.Connection, keys: Any) -> None:
    """An entry for each interview that is there already, as `schedule_interview` makes them."""
    tables = sa.MetaData()
    tables.reflect(connection, only=["interviews", "audit", "audit_head"])
    interviews = tables.tables["interviews"]
    sequence, mac, now = 0, "", datetime.now(UTC)
    rows = connection.execute(sa.select(interviews).order_by(interviews.c.created_at)).mappings().all()
    for sequence, row in enumerate(rows, 1):
        details = {"person": row["person_id"], "flow": row["flow_digest"], "job": None}
        entry = [sequence, now.isoformat(), "voicebot", "schedule", row["id"], details]
        mac = keys.mac(b"entry", mac.encode(), json.dumps(entry, ensure_ascii=False, sort_keys=True).encode())
        plain = json.dumps({"actor": "voicebot", "details": details}, separators=(",", ":")).encode()
        values = {"sequence": sequence, "at": now, "action": "schedule", "subject": row["id"], "mac": mac}
        document = keys.seal(plain, f"audit/{sequence}")
        connection.execute(tables.tables["audit"].insert().values(**values, document=document))
    if rows:
        seal = keys.mac(b"head", str(sequence).encode(), mac.encode())
        head = {"id": 1, "sequence": sequence, "mac": mac, "seal": seal}
        connection.execute(tables.tables["audit_head"].insert().values(**head))


def _add_columns() -> None:
    for table in ("interviews", "attempts", "utterances", "answers", "recordings", "scorecards"):
        op.add_column(table, sa.Column("document", sa.LargeBinary(), nullable=True))
    op.add_column("interviews", sa.Column("person_id", sa.String(), nullable=True))
    op.add_column("interviews", sa.Column("job_id", sa.String(), nullable=True))
    op.add_column("scores", sa.Column("criterion_key", sa.String(), nullable=True))
    op.add_column("scores", sa.Column("stands", sa.Float(), nullable=True))
    op.add_column("skill_tags", sa.Column("name_key", sa.String(), nullable=True))


class _Sealing:
    """Row by row, from the columns of revision 0001 to sealed documents."""

    def __init__(self, connection: sa.Connection, keys: Any) -> None:
        self._connection = connection
        self._keys = keys
        self._tables = sa.MetaData()
        self._tables.reflect(connection)

    def seal_all(self) -> None:
        self._people()
        for row in self._rows("interviews"):
            self._set("interviews", row, document=self._seal(row["variables"], "interviews", row["id"]))
        for row in self._rows("attempts"):
            if row["dialog_state"] is not None:
                self._set("attempts", row, document=self._seal(row["dialog_state"], "attempts", row["id"]))
        interview_of = {row["id"]: row["interview_id"] for row in self._rows("attempts")}
        said: defaultdict[str, set[str]] = defaultdict(set)
        fields = ("speaker", "text", "start_ms", "end_ms", "position", "meaning", "heard", "words")
        for row in self._rows("utterances"):
            line = {name: row[name] for name in fields}
            place = (row["attempt_id"], row["sequence"])
            self._set("utterances", row, document=self._seal(line, "utterances", *place))
            if row["speaker"] == "candidate":
                said[interview_of[row["attempt_id"]]] |= words(row["text"])
        for row in self._rows("answers"):
            answer = {name: row[name] for name in ("question_id", "question", "parts", "status")}
            place = (row["attempt_id"], row["sequence"])
            self._set("answers", row, document=self._seal(answer, "answers", *place))
        self._index(said)
        self._scorecards()
        recordings = self._tables.tables["recordings"]
        self._connection.execute(recordings.update().values(state="plain"))
        for row in self._rows("attempts"):  # of calls whose process died
            if row["ended_at"] is None and (began := row["media_connected_at"]) is not None:
                path = f"recordings/{began:%Y}/{began:%m}/{row['id']}.wav"
                self._insert(recordings, attempt_id=row["id"], path=path, sha256="", duration_ms=0, state="plain")

    def _people(self) -> None:
        people, names, interviews, opt_outs = (
            self._tables.tables[name] for name in ("people", "person_names", "interviews", "opt_outs")
        )
        attempts = self._tables.tables["attempts"]
        for row in self._rows("candidates"):
            person_id = uuid4().hex
            external, phone = self._keys.blind("candidate", row["id"]), self._keys.blind("phone", dialled(row["phone"]))
            document = {"candidate": {"id": row["id"], "name": row["name"], "phone": row["phone"]}}
            self._insert(
                people,
                id=person_id,
                external_index=external,
                phone_index=phone,
                created_at=row["created_at"],
                document=self._seal(document, "people", person_id),
            )
            for word in words(row["name"]):
                self._insert(names, token=self._keys.token(word), person_id=person_id)
            theirs = interviews.c.candidate_id == row["id"]
            self._connection.execute(interviews.update().where(theirs).values(person_id=person_id))
            opted_out = sa.select(sa.func.min(attempts.c.ended_at)).where(
                attempts.c.disposition == "opted_out",
                attempts.c.interview_id.in_(sa.select(interviews.c.id).where(theirs)),
            )
            if (at := self._connection.execute(opted_out).scalar()) is not None:
                for digest in (external, phone):
                    known = sa.select(opt_outs.c.digest).where(opt_outs.c.digest == digest)
                    if self._connection.execute(known).first() is None:
                        self._insert(opt_outs, digest=digest, at=at)

    def _index(self, said: dict[str, set[str]]) -> None:
        interviews, documents, tokens = (
            self._tables.tables[name] for name in ("interviews", "search_documents", "search_tokens")
        )
        for row in self._connection.execute(sa.select(interviews).order_by(interviews.c.created_at)).mappings().all():
            if said.get(row["id"]):
                inserted = self._insert(documents, interview_id=row["id"])
                (number,) = inserted.inserted_primary_key
                for token in {self._keys.token(word) for word in said[row["id"]]}:
                    self._insert(tokens, token=token, document=number)

    def _scorecards(self) -> None:
        evidence: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in self._rows("evidence", "sequence"):
            fields: tuple[str, ...] = ("quote", "start_ms", "end_ms", "point", "strength")
            evidence[row["score_id"]].append({name: row[name] for name in fields})
        scores: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self._rows("scores", "sequence"):
            fields = ("question_id", "criterion_id", "criterion", "weight", "value", "must_have")
            score = {name: row[name] for name in fields}
            scores[row["interview_id"]].append(score | {"evidence": evidence[row["id"]]})
            self._set("scores", row, criterion_key=row["criterion"].casefold(), stands=row["value"])
        tags: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
        for row in self._rows("skill_tags", "sequence"):
            fields = ("name", "kind", "quote", "question_id", "start_ms", "end_ms", "years")
            tags[row["interview_id"]].append({name: row[name] for name in fields})
            self._set("skill_tags", row, name_key=row["name"].casefold())
        for row in self._rows("scorecards"):
            interview_id = row["interview_id"]
            card = {name: row[name] for name in ("overall", "assessed_weight", "scorer")}
            card |= {"scores": scores[interview_id], "skills": tags[interview_id]}
            self._set("scorecards", row, document=self._seal(card, "scorecards", interview_id))

    def _rows(self, table: str, order: str | None = None) -> list[dict[str, Any]]:
        query = sa.select(self._tables.tables[table])
        if order:
            query = query.order_by(order)
        return [dict(row) for row in self._connection.execute(query).mappings().all()]

    def _set(self, table: str, row: dict[str, Any], **values: object) -> None:
        target = self._tables.tables[table]
        same = sa.and_(*(column == row[column.name] for column in target.primary_key))
        self._connection.execute(target.update().where(same).values(**values))

    def _insert(self, table: sa.Table, **values: object) -> Any:
        return self._connection.execute(table.insert().values(**values))

    def _seal(self, value: Any, *place: object) -> bytes:
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        sealed: bytes = self._keys.seal(plain, "/".join(map(str, place)))
        return sealed


def _drop_what_was_plain() -> None:
    op.drop_table("evidence")
    with op.batch_alter_table("interviews") as table:
        table.drop_index("ix_interviews_candidate_id")
        table.drop_constraint("fk_interviews_candidate_id_candidates", type_="foreignkey")
        table.drop_column("candidate_id")
        table.drop_column("variables")
        table.alter_column("document", existing_type=sa.LargeBinary(), nullable=False)
        table.alter_column("person_id", existing_type=sa.String(), nullable=False)
        table.create_foreign_key("fk_interviews_person_id_people", "people", ["person_id"], ["id"])
        table.create_foreign_key("fk_interviews_job_id_jobs", "jobs", ["job_id"], ["id"])
        table.create_index("ix_interviews_person_id", ["person_id"])
        table.create_index("ix_interviews_job_id", ["job_id"])
    op.drop_table("candidates")
    with op.batch_alter_table("attempts") as table:
        table.drop_column("dialog_state")
        table.drop_constraint("fk_attempts_interview_id_interviews", type_="foreignkey")
        table.create_foreign_key(
            "fk_attempts_interview_id_interviews", "interviews", ["interview_id"], ["id"], ondelete="CASCADE"
        )
    plain = {
        "utterances": ("speaker", "text", "start_ms", "end_ms", "position", "meaning", "heard", "words"),
        "answers": ("question_id", "question", "status", "parts"),
    }
    for name, columns in plain.items():
        with op.batch_alter_table(name) as table:
            table.alter_column("document", existing_type=sa.LargeBinary(), nullable=False)
            for column in columns:
                table.drop_column(column)
            _key_by_place(table, name, "attempt_id", "attempts")
    with op.batch_alter_table("scores") as table:
        table.alter_column("criterion_key", existing_type=sa.String(), nullable=False)
        table.create_index("ix_scores_criterion_key_stands", ["criterion_key", "stands"])
        _key_by_place(table, "scores", "interview_id", None)
    with op.batch_alter_table("skill_tags") as table:
        table.alter_column("name_key", existing_type=sa.String(), nullable=False)
        table.drop_index("ix_skill_tags_name")
        table.create_index("ix_skill_tags_name_key_years", ["name_key", "years"])
        for column in ("quote", "question_id", "start_ms", "end_ms"):
            table.drop_column(column)
        _key_by_place(table, "skill_tags", "interview_id", None)
    op.create_index("ix_recordings_state", "recordings", ["state"])


def _key_by_place(table: Any, name: str, owner: str, to: str | None) -> None:
    """The primary key becomes owner and sequence, which are known before the row is sealed."""
    table.drop_constraint(f"uq_{name}_{owner}_sequence", type_="unique")
    table.drop_constraint(f"pk_{name}", type_="primary")
    table.drop_column("id")
    table.create_primary_key(f"pk_{name}", [owner, "sequence"])
    if to is not None:
        table.drop_constraint(f"fk_{name}_{owner}_{to}", type_="foreignkey")
        table.create_foreign_key(f"fk_{name}_{owner}_{to}", to, [owner], ["id"], ondelete="CASCADE")
