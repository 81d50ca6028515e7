"""First tables: documents, files, reports, revisions and their parts; views for analysts."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SORTED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
EXACT = sa.Numeric()

LATEST = """
    NOT EXISTS (SELECT 1 FROM revisions n
                WHERE n.document_id = {0}.document_id AND n.precedence > {0}.precedence)
"""

VIEWS = {
    "current_reports": f"""
        SELECT r.id AS report_id, v.id AS revision_id, v.document_id, v.file,
               r.agency, v.agency_as_printed, r.province, r.city, r.county, r.township,
               r.region_code, r.level, r.kind, r.year, r.scope,
               v.title, v.published_on, v.published_source, v.template, v.damaged,
               v.received_at, v.engine_version, v.rulebook_version,
               v.errors, v.warnings, v.infos, v.from_source, v.from_extraction, v.from_unknown
        FROM revisions v JOIN reports r ON r.id = v.report_id
        WHERE {LATEST.format("v")}
          AND NOT EXISTS (SELECT 1 FROM revisions w
                          WHERE w.report_id = v.report_id AND w.precedence > v.precedence
                            AND {LATEST.format("w")})
    """,
    "current_cells": """
        SELECT c.report_id, c.revision_id, c.file, c.agency, c.province, c.city, c.county,
               c.township, c.region_code, c.level, c.kind, c.year, c.scope, c.template,
               x.address, x.position, x.form_table, x.form_row, x.form_column, x.state, x.value,
               x.unit, x.yuan, x.raw, x.line, x.page, x.place_row, x.place_column, x.confidence,
               x.notes, x.derived
        FROM current_reports c JOIN cells x ON x.revision_id = c.revision_id
    """,
    "current_issues": """
        SELECT c.report_id, c.revision_id, c.file, c.agency, c.province, c.city, c.county,
               c.township, c.region_code, c.level, c.kind, c.year, c.scope,
               i.id AS issue_id, i.position, i.rule, i.severity, i.origin, i.addresses,
               i.expected, i.observed, i.difference, i.formula, i.message_zh, i.message_en,
               i.legal_basis, i.suggestion
        FROM current_reports c JOIN issues i ON i.revision_id = c.revision_id
    """,
    "current_figures": """
        SELECT c.report_id, c.revision_id, c.file, c.agency, c.province, c.city, c.county,
               c.township, c.region_code, c.level, c.kind, c.year, c.scope,
               f.position, f.key, f.label, f.value, f.unit, f.text, f.section, f.line, f.bound,
               f.subject, f.comparison
        FROM current_reports c JOIN figures f ON f.revision_id = c.revision_id
    """,
    "file_states": f"""
        SELECT f.id AS file_id, f.name, f.document_id, f.state, f.stage, f.reason, f.detail_zh,
               f.detail_en, f.error_class, f.attempts, f.failed_at, f.replay,
               d.file AS first_name, d.received_at, v.report_id, v.id AS revision_id,
               v.errors, v.warnings, v.infos
        FROM files f
        LEFT JOIN documents d ON d.id = f.document_id
        LEFT JOIN revisions v ON v.document_id = f.document_id AND {LATEST.format("v")}
        WHERE NOT (
            f.state = 'dead' AND f.document_id IS NULL AND EXISTS (
                SELECT 1 FROM files g JOIN documents e ON e.id = g.document_id
                WHERE g.name = f.name AND g.state <> 'dead' AND e.received_at >= f.failed_at))
    """,
}

# a group's sum is only given when every one of its cells is a number: blank is not 0
GROUPS = {
    "received_new": "x.form_row = 'received_new'",
    "carried_over_in": "x.form_row = 'carried_over_in'",
    "granted": "x.form_row = 'granted'",
    "partially_granted": "x.form_row = 'partially_granted'",
    "denied": "x.form_row LIKE 'denied.%'",
    "unavailable": "x.form_row LIKE 'unavailable.%'",
    "not_processed": "x.form_row LIKE 'not_processed.%'",
    "other_processing": "x.form_row LIKE 'other_processing%'",
    "total": "x.form_row = 'total'",
    "carried_over_out": "x.form_row = 'carried_over_out'",
}


def group_sum(name: str, rows: str) -> str:
    return (
        f"CASE WHEN count(CASE WHEN {rows} THEN 1 END) = count(CASE WHEN {rows} THEN x.value END)"
        f" THEN sum(CASE WHEN {rows} THEN x.value END) END AS {name}"
    )


IDENTITY = (
    "c.report_id, c.revision_id, c.agency, c.province, c.city, c.county, c.township,"
    " c.region_code, c.level, c.kind, c.year, c.scope, c.template"
)
VIEWS["applications_by_year"] = (
    f"SELECT {IDENTITY}, "
    + ", ".join(group_sum(name, rows) for name, rows in GROUPS.items())
    + " FROM current_reports c JOIN cells x ON x.revision_id = c.revision_id"
    " AND x.form_table = 'applications' AND x.form_column = 'total'"
    f" GROUP BY {IDENTITY}"
)


def upgrade() -> None:
    create_files()
    create_reports()
    create_cells()
    create_texts()
    create_judgements()
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query}")


def downgrade() -> None:
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW {name}")
    for name in ("leftovers", "checks", "issues", "sections", "figures", "cells"):
        op.drop_table(name)
    for name in ("revisions", "reports", "files", "documents"):
        op.drop_table(name)


def create_files() -> None:
    op.create_table(
        "documents",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("file", sa.String(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
    )
    op.create_table(
        "files",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("name", SORTED),
        sa.Column("document_id", sa.String()),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("stage", sa.String()),
        sa.Column("reason", sa.String()),
        sa.Column("detail_zh", sa.String()),
        sa.Column("detail_en", sa.String()),
        sa.Column("error_class", sa.String()),
        sa.Column("attempts", sa.Integer()),
        sa.Column("failed_at", INSTANT),
        sa.Column("replay", sa.String()),
        sa.Column("precedence", SORTED, nullable=False),
    )
    op.create_index("ix_files_document_id", "files", ["document_id"])
    op.create_index("ix_files_name", "files", ["name"])


def create_reports() -> None:
    op.create_table(
        "reports",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("agency", sa.String()),
        sa.Column("province", sa.String()),
        sa.Column("city", sa.String()),
        sa.Column("county", sa.String()),
        sa.Column("township", sa.String()),
        sa.Column("region_code", sa.String()),
        sa.Column("level", sa.String()),
        sa.Column("kind", sa.String()),
        sa.Column("year", sa.Integer()),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("precedence", SORTED, nullable=False),
    )
    op.create_index("ix_reports_agency_year", "reports", ["agency", "year"])
    op.create_table(
        "revisions",
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("report_id", sa.String(), sa.ForeignKey("reports.id"), nullable=False),
        sa.Column("document_id", sa.String(), sa.ForeignKey("documents.id"), nullable=False),
        sa.Column("engine_version", sa.String(), nullable=False),
        sa.Column("rulebook_version", sa.String(), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("file", SORTED, nullable=False),
        sa.Column("agency_as_printed", sa.String()),
        sa.Column("title", sa.String()),
        sa.Column("published_on", sa.Date()),
        sa.Column("published_source", sa.String()),
        sa.Column("template", sa.String()),
        sa.Column("templates", sa.JSON(), nullable=False),
        sa.Column("damaged", sa.Boolean(), nullable=False),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("infos", sa.Integer(), nullable=False),
        sa.Column("from_source", sa.Integer(), nullable=False),
        sa.Column("from_extraction", sa.Integer(), nullable=False),
        sa.Column("from_unknown", sa.Integer(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("precedence", SORTED, nullable=False),
    )
    op.create_index("ix_revisions_report_id", "revisions", ["report_id"])
    op.create_index("ix_revisions_document_id", "revisions", ["document_id"])


def revision_key() -> sa.Column[str]:
    return sa.Column(
        "revision_id",
        sa.String(),
        sa.ForeignKey("revisions.id", ondelete="CASCADE"),
        primary_key=True,
    )


def position_key() -> sa.Column[int]:
    return sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False)


def create_cells() -> None:
    op.create_table(
        "cells",
        revision_key(),
        sa.Column("address", sa.String(), primary_key=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("form_table", sa.String(), nullable=False),
        sa.Column("form_row", sa.String(), nullable=False),
        sa.Column("form_column", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("value", EXACT),
        sa.Column("unit", sa.String()),
        sa.Column("yuan", EXACT),
        sa.Column("raw", sa.String()),
        sa.Column("line", sa.Integer()),
        sa.Column("page", sa.Integer()),
        sa.Column("place_row", sa.Integer()),
        sa.Column("place_column", sa.Integer()),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("derived", EXACT),
        sqlite_with_rowid=False,
    )


def create_texts() -> None:
    op.create_table(
        "figures",
        revision_key(),
        position_key(),
        sa.Column("key", sa.String()),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("value", EXACT, nullable=False),
        sa.Column("unit", sa.String()),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("section", sa.Integer()),
        sa.Column("line", sa.Integer()),
        sa.Column("bound", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("comparison", sa.Boolean(), nullable=False),
        sa.Column("raw", sa.String()),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sections",
        revision_key(),
        position_key(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("heading_raw", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("chars", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer()),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "leftovers",
        revision_key(),
        position_key(),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("line", sa.Integer()),
        sa.Column("form_table", sa.String()),
        sa.Column("reason", sa.String(), nullable=False),
        sqlite_with_rowid=False,
    )


def create_judgements() -> None:
    op.create_table(
        "issues",
        revision_key(),
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("addresses", sa.JSON(), nullable=False),
        sa.Column("expected", sa.String()),
        sa.Column("expected_number", EXACT),
        sa.Column("observed", sa.String()),
        sa.Column("observed_number", EXACT),
        sa.Column("difference", EXACT),
        sa.Column("formula", sa.String()),
        sa.Column("message_zh", sa.String(), nullable=False),
        sa.Column("message_en", sa.String(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("legal_basis", sa.String()),
        sa.Column("suggestion", sa.String()),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "checks",
        revision_key(),
        position_key(),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("note", sa.String()),
        sqlite_with_rowid=False,
    )
