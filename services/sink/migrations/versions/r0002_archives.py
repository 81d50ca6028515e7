"""Archives: what they held, and the view of file states with it."""

import re
from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

VIEWS = Path(__file__).resolve().parent.parent / "views"


def upgrade() -> None:
    op.execute("DROP VIEW file_states")
    op.add_column("files", sa.Column("members", sa.JSON()))
    op.add_column("files", sa.Column("skipped", sa.JSON()))
    op.execute(file_states("0002.sql"))


def downgrade() -> None:
    op.execute("DROP VIEW file_states")
    op.drop_column("files", "skipped")
    op.drop_column("files", "members")
    op.execute(file_states("0001.sql"))


def file_states(name: str) -> str:
    """Return the statement of this view in one of the view files."""
    views = (VIEWS / name).read_text(encoding="utf-8")
    found = re.search(r"CREATE VIEW file_states AS.*?;\n", views, re.DOTALL)
    assert found is not None
    return found[0].strip().removesuffix(";")
