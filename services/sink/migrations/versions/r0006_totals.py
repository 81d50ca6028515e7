"""Questions about the totals of the tables read an index of the total cells alone, not every cell there is."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TOTALS = sa.text("form_column = 'total'")


def upgrade() -> None:
    op.create_index(
        "ix_cells_total",
        "cells",
        ["revision_id", "form_table", "form_row", "form_column", "state", "value"],
        sqlite_where=TOTALS,
        postgresql_where=TOTALS,
    )


def downgrade() -> None:
    op.drop_index("ix_cells_total", "cells")
