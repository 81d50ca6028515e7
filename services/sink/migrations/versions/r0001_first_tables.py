"""First tables: documents, files, reports, revisions and their parts; views for analysts."""

import re
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SORTED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
EXACT = sa.Numeric()

VIEWS = Path(__file__).resolve().parent.parent / "views" / "0001.sql"


def upgrade() -> None:
    create_files()
    create_reports()
    create_cells()
    create_texts()
    create_judgements()
    for statement in VIEWS.read_text(encoding="utf-8").split(";\n"):
        if statement.strip():
            op.execute(statement)


def downgrade() -> None:
    for name in reversed(re.findall("CREATE VIEW ([a-z_]+)", VIEWS.read_text(encoding="utf-8"))):
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
