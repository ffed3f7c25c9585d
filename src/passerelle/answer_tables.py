"""The tables of the database of coaches' answers, and what every page asks of them, put into words once."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

METADATA = sa.MetaData()
ANSWERS = sa.Table(
    "support_answer",
    METADATA,
    sa.Column("answer_id", sa.Text, primary_key=True),
    sa.Column("enrolment_id", sa.Text, nullable=False, index=True),
    sa.Column("coach_id", sa.Text, nullable=False),
    sa.Column("list_date", sa.Date, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("action_code", sa.Text),
    sa.Column("channel", sa.Text),
    sa.Column("action_date", sa.Date, nullable=False),
    sa.Column("follow_up_date", sa.Date),
    sa.Column("recorded_at", sa.DateTime, nullable=False),
)
OBJECTIONS = sa.Table(
    "profiling_objection",
    METADATA,
    sa.Column("objection_id", sa.Text, primary_key=True),
    sa.Column("learner_id", sa.Text, nullable=False, index=True),
    sa.Column("has_objection", sa.Boolean, nullable=False),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.DateTime, nullable=False),
)
REVOCATIONS = sa.Table(
    "revoked_links",
    METADATA,
    sa.Column("revocation_id", sa.Text, primary_key=True),
    sa.Column("coach_id", sa.Text, nullable=False),
    sa.Column("list_date", sa.Date),
    sa.Column("recorded_by", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("recorded_at", sa.DateTime, nullable=False),
)
TRAIL = sa.Table(
    "audit_trail",
    METADATA,
    sa.Column("entry_no", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("table_name", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
)
NOTES = sa.Table(
    "answer_note",
    METADATA,
    sa.Column("answer_id", sa.Text, primary_key=True),
    sa.Column("sealed", sa.Text, nullable=False),
)
APPEND_ONLY = (ANSWERS, OBJECTIONS, REVOCATIONS, TRAIL)
ANSWERS_OF_COACH = (
    sa.select(ANSWERS, NOTES.c.sealed)
    .outerjoin(NOTES, ANSWERS.c.answer_id == NOTES.c.answer_id)
    .where(
        ANSWERS.c.coach_id == sa.bindparam("coach_id"),
        ANSWERS.c.enrolment_id.in_(sa.bindparam("enrolment_ids", expanding=True)),
    )
    .order_by(ANSWERS.c.recorded_at.desc())
)
NEWEST_OBJECTION = (
    sa.select(OBJECTIONS.c.has_objection)
    .where(OBJECTIONS.c.learner_id == sa.bindparam("learner_id"))
    .order_by(OBJECTIONS.c.recorded_at.desc(), OBJECTIONS.c.objection_id)
    .limit(1)
)
REVOKED = (
    sa.select(sa.literal(1))
    .where(
        REVOCATIONS.c.coach_id == sa.bindparam("coach_id"),
        sa.or_(REVOCATIONS.c.list_date.is_(None), REVOCATIONS.c.list_date == sa.bindparam("list_date")),
    )
    .limit(1)
)


def append_only_rules(dialect: str) -> Iterator[str]:
    """Statements by which a database refuses to change or to delete a row."""
    if dialect != "sqlite":
        yield (
            "create or replace function refuse_change() returns trigger language plpgsql as "
            "$$ begin raise exception 'append only'; end $$"
        )
    for table in APPEND_ONLY:
        for change in ("update", "delete"):
            rule = f"create trigger {table.name}_no_{change} before {change} on {table.name} "
            sqlite, other = (
                "begin select raise(abort, 'append only'); end",
                "execute function refuse_change()",
            )
            yield rule + (f"for each row {sqlite}" if dialect == "sqlite" else f"for each row {other}")
