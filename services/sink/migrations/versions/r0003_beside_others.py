"""Reports beside others, life of issues, reviewers: new tables, new columns, all views anew."""

import re
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SORTED = sa.String().with_variant(sa.String(collation="C"), "postgresql")
INSTANT = sa.DateTime(timezone=True).with_variant(sa.String(32), "sqlite")
EXACT = sa.Numeric()

VIEWS = Path(__file__).resolve().parent.parent / "views"
TABLES = ("agencies", "agency_lists", "corrections", "decisions", "changes", "compared_checks",
          "compared_issues", "comparisons", "marks")  # fmt: skip


def upgrade() -> None:
    drop_views("0001.sql")
    widen_reports()
    create_marks()
    create_comparisons()
    create_changes()
    create_reviews()
    create_agencies()
    create_views("0003.sql")


def downgrade() -> None:
    drop_views("0003.sql")
    for name in TABLES:
        op.drop_table(name)
    op.drop_column("issues", "repairs")
    op.drop_column("revisions", "corrections")
    op.drop_column("revisions", "judged_at")
    for name in ("series", "place", "upper_place"):
        op.drop_index(f"ix_reports_{name}", "reports")
        op.drop_column("reports", name)
    create_views("0001.sql", "0002.sql")


def statements(name: str) -> list[str]:
    text = (VIEWS / name).read_text(encoding="utf-8")
    return [s for s in text.split(";\n") if "CREATE VIEW" in s]


def drop_views(name: str) -> None:
    for statement in reversed(statements(name)):
        op.execute(f"DROP VIEW {view_of(statement)}")


def create_views(*names: str) -> None:
    """Create the views of these files in the order of the first; a later file has the last word."""
    found = {view_of(s): s for name in names for s in statements(name)}
    for statement in found.values():
        op.execute(statement)


def view_of(statement: str) -> str:
    found = re.search(r"CREATE VIEW ([a-z_]+)", statement)
    assert found is not None
    return found[1]


def widen_reports() -> None:
    for name, further in (("series", []), ("place", ["scope"]), ("upper_place", ["scope"])):
        op.add_column("reports", sa.Column(name, sa.String()))
        op.create_index(f"ix_reports_{name}", "reports", [name, "year", *further])
    op.add_column("revisions", sa.Column("judged_at", INSTANT))
    for table, name in (("revisions", "corrections"), ("issues", "repairs")):
        op.add_column(table, sa.Column(name, sa.JSON(), nullable=False, server_default="[]"))


def create_marks() -> None:
    op.create_table(
        "marks",
        sa.Column("revision_id", sa.String(), sa.ForeignKey("revisions.id", ondelete="CASCADE"),
                  primary_key=True),
        sa.Column("section", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("mark", sa.String(), primary_key=True),
        sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_index("ix_marks_mark", "marks", ["mark", "revision_id"])


def create_comparisons() -> None:
    op.create_table(
        "comparisons",
        sa.Column("report_id", sa.String(), primary_key=True),
        sa.Column("revision_id", sa.String(), nullable=False),
        sa.Column("rulebook_version", sa.String(), nullable=False),
        sa.Column("beside", sa.JSON(), nullable=False),
        sa.Column("copied_from", sa.String()),
        sa.Column("errors", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("infos", sa.Integer(), nullable=False),
        sa.Column("position", SORTED, nullable=False),
    )
    op.create_index("ix_comparisons_copied_from", "comparisons", ["copied_from"])
    op.create_table(
        "compared_issues",
        owner(),
        sa.Column("id", sa.String(), primary_key=True),
        sa.Column("position", sa.Integer(), nullable=False),
        *(sa.Column(n, sa.String(), nullable=False) for n in ("rule", "severity", "origin")),
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
        sa.Column("repairs", sa.JSON(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "compared_checks",
        owner(),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("note", sa.String()),
        sqlite_with_rowid=False,
    )


def owner() -> sa.Column[str]:
    reference = sa.ForeignKey("comparisons.report_id", ondelete="CASCADE")
    return sa.Column("report_id", sa.String(), reference, primary_key=True)


def create_changes() -> None:
    op.create_table(
        "changes",
        sa.Column("judgement", sa.String(), primary_key=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("report_id", "revision_id", "cause", "rulebook_version")
        ),
        sa.Column("judged_at", INSTANT),
        *(
            sa.Column(name, sa.JSON(), nullable=False)
            for name in ("new", "gone", "changed", "unchanged")
        ),
    )
    op.create_index("ix_changes_report_id", "changes", ["report_id"])
    op.create_index("ix_changes_judged_at", "changes", ["judged_at"])


def create_reviews() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.String(), primary_key=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("issue_id", "report_id", "document_id", "verdict", "by")
        ),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("note", sa.String()),
    )
    op.create_index("ix_decisions_issue_id", "decisions", ["issue_id"])
    op.create_table(
        "corrections",
        sa.Column("id", sa.String(), primary_key=True),
        *(
            sa.Column(name, sa.String(), nullable=False)
            for name in ("document_id", "report_id", "address", "state", "by")
        ),
        sa.Column("value", EXACT),
        sa.Column("unit", sa.String()),
        sa.Column("was_state", sa.String()),
        sa.Column("was_value", EXACT),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("note", sa.String()),
    )
    op.create_index("ix_corrections_document_id", "corrections", ["document_id"])


def create_agencies() -> None:
    op.create_table(
        "agency_lists",
        sa.Column("name", sa.String(), primary_key=True),
        sa.Column("complete", sa.Boolean(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("document_id", "file", "by")),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("note", sa.String()),
    )
    reference = sa.ForeignKey("agency_lists.name", ondelete="CASCADE")
    op.create_table(
        "agencies",
        sa.Column("list_name", sa.String(), reference, primary_key=True),
        sa.Column("series", sa.String(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("agency", "region", "scope")),
        *(sa.Column(name, sa.String()) for name in ("region_code", "level", "kind", "parent")),
        *(sa.Column(name, sa.Integer()) for name in ("since", "until")),
    )
    op.create_index("ix_agencies_parent", "agencies", ["parent"])
    op.create_index("ix_agencies_series", "agencies", ["series"])
