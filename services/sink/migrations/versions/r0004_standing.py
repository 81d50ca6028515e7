"""Look-ups of what stands: narrow indexes, records behind what is asked of a revision, marks of standing ones alone."""

import importlib

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

views = importlib.import_module("services.sink.migrations.versions.r0003_beside_others")

NARROW = {"report_id": ["report_id"], "document_id": ["document_id"]}
COVERING = {
    "report_id": ["report_id", "precedence", "document_id"],
    "document_id": ["document_id", "precedence"],
}


def upgrade() -> None:
    views.drop_views("0003.sql")
    index(COVERING)
    if op.get_bind().dialect.name == "sqlite":
        move_record_to_the_end()
    views.create_views("0003.sql")
    op.execute(
        "DELETE FROM marks WHERE revision_id NOT IN (SELECT revision_id FROM current_reports)"
    )


def downgrade() -> None:
    index(NARROW)


def index(columns: dict[str, list[str]]) -> None:
    for name, covered in columns.items():
        op.drop_index(f"ix_revisions_{name}", "revisions")
        op.create_index(f"ix_revisions_{name}", "revisions", covered)


def move_record_to_the_end() -> None:
    """SQLite reads a row from its beginning: what stands behind a record of many pages costs all of them."""
    op.add_column(
        "revisions",
        sa.Column("moved", sa.LargeBinary(), nullable=False, server_default=sa.text("x''")),
    )
    op.execute("UPDATE revisions SET moved = record")
    op.drop_column("revisions", "record")
    op.alter_column("revisions", "moved", new_column_name="record")
