"""Indexes of the review page: the newest reports, the reports of a division, the findings of a rule."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_reports_precedence", "reports", ["precedence"])
    op.create_index("ix_reports_region", "reports", ["province", "city", "county"])
    op.create_index("ix_issues_rule", "issues", ["rule", "revision_id", "severity"])


def downgrade() -> None:
    op.drop_index("ix_issues_rule", "issues")
    op.drop_index("ix_reports_region", "reports")
    op.drop_index("ix_reports_precedence", "reports")
