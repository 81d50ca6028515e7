"""Which revision stands for each report is kept in a table, by triggers: services of before keep it too."""

import importlib

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

views = importlib.import_module("services.sink.migrations.versions.r0003_beside_others")

CARRIED = sa.text(
    "address IN ('applications.carried_over_in@total', 'applications.carried_over_out@total')"
)
EVENTS = {
    "insert": ("INSERT", ("NEW",)),
    "update": ("UPDATE OF report_id, document_id, precedence", ("NEW", "OLD")),
    "delete": ("DELETE", ("OLD",)),
}


def upgrade() -> None:
    views.drop_views("0003.sql")
    op.create_table(
        "standing",
        sa.Column("report_id", sa.String(), sa.ForeignKey("reports.id", ondelete="CASCADE"),
                  primary_key=True),
        sa.Column("revision_id", sa.String(), sa.ForeignKey("revisions.id", ondelete="CASCADE"),
                  nullable=False),
        sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_index("ix_standing_revision_id", "standing", ["revision_id"])
    op.create_index(
        "ix_cells_carried", "cells", ["address", "revision_id", "value"],
        sqlite_where=CARRIED, postgresql_where=CARRIED,
    )  # fmt: skip
    views.create_views("0003.sql", "0007.sql")
    op.execute(
        "INSERT INTO standing (report_id, revision_id)"
        " SELECT report_id, revision_id FROM standing_readings"
    )
    if op.get_bind().dialect.name == "postgresql":
        create_function()
        op.execute(
            "CREATE TRIGGER standing_kept AFTER INSERT OR DELETE"
            " OR UPDATE OF report_id, document_id, precedence ON revisions"
            " FOR EACH ROW EXECUTE FUNCTION keep_standing()"
        )
        return
    for name, (event, sides) in EVENTS.items():
        op.execute(
            f"CREATE TRIGGER standing_kept_{name} AFTER {event} ON revisions BEGIN"
            f" {settling(concerned(sides))} END"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER standing_kept ON revisions")
        op.execute("DROP FUNCTION keep_standing()")
    else:
        for name in EVENTS:
            op.execute(f"DROP TRIGGER standing_kept_{name}")
    op.execute("DROP VIEW IF EXISTS standing_readings")
    views.drop_views("0003.sql")
    op.drop_index("ix_cells_carried", "cells")
    op.drop_table("standing")
    views.create_views("0003.sql")


def concerned(sides: tuple[str, ...]) -> str:
    """Return which reports a changed revision may stand for, now or before, or may have stood in the way of."""
    own = [f"SELECT {side}.report_id" for side in sides]
    others = [
        f"SELECT report_id FROM revisions WHERE document_id = {side}.document_id"  # noqa: S608 - our own words
        for side in sides
    ]
    return " UNION ".join([*own, *others])


def settling(reports: str) -> str:
    among = f"WHERE report_id IN ({reports})"
    return (
        f"DELETE FROM standing {among}; "  # noqa: S608 - our own words
        "INSERT INTO standing (report_id, revision_id) "
        f"SELECT report_id, revision_id FROM standing_readings {among};"
    )


def create_function() -> None:
    """Writers of the same reports wait for each other here: each sees what the one before committed."""
    op.execute(f"""
        CREATE FUNCTION keep_standing() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            concerned text[];
        BEGIN
            concerned := ARRAY({concerned(("NEW", "OLD"))});
            PERFORM 1 FROM reports WHERE id = ANY (concerned) ORDER BY id FOR NO KEY UPDATE;
            {settling("SELECT unnest(concerned)")}
            RETURN NULL;
        END $$
    """)
