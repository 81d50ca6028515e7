"""What one more report asks goes by key: before, triggers of `standing` looked at all revisions there are.

Roll-ups have an index of their own: where a place has many bodies nobody would look them up among these.
"""

import importlib
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

before = importlib.import_module("services.sink.migrations.versions.r0007_standing_table")

ROLL_UPS = sa.text("scope = 'roll_up'")


def upgrade() -> None:
    replace_triggers(settling)
    op.create_index(
        "ix_reports_roll_ups", "reports", ["place", "year"],
        sqlite_where=ROLL_UPS, postgresql_where=ROLL_UPS,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_reports_roll_ups", "reports")
    replace_triggers(before.settling)


def settling(reports: str) -> str:
    """Return statements that keep what stands for these reports: what the view `standing_readings` finds.

    The view groups all reports, so no database would look up a few of them by their keys in it.
    """
    return (
        f"DELETE FROM standing WHERE report_id IN ({reports}); "  # noqa: S608 - our own words
        "INSERT INTO standing (report_id, revision_id)"
        " SELECT report_id, id FROM revisions WHERE id IN ("
        " SELECT (SELECT l.id FROM revisions l WHERE l.report_id = r.id AND NOT EXISTS ("
        " SELECT 1 FROM revisions n WHERE n.document_id = l.document_id AND n.precedence > l.precedence)"
        " ORDER BY l.precedence DESC, l.id DESC LIMIT 1)"
        f" FROM reports r WHERE r.id IN ({reports}));"
    )


def replace_triggers(how: Callable[[str], str]) -> None:
    """Keep `standing` with the statements that `how` gives for the reports that a change concerns."""
    if op.get_bind().dialect.name == "postgresql":
        replace_function(how)
        return
    for name, (event, sides) in before.EVENTS.items():
        op.execute(f"DROP TRIGGER standing_kept_{name}")
        op.execute(
            f"CREATE TRIGGER standing_kept_{name} AFTER {event} ON revisions BEGIN"
            f" {how(before.concerned(sides))} END"
        )


def replace_function(how: Callable[[str], str]) -> None:
    """Writers of the same reports wait for each other here, as before."""
    op.execute(f"""
        CREATE OR REPLACE FUNCTION keep_standing() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            concerned text[];
        BEGIN
            concerned := ARRAY({before.concerned(("NEW", "OLD"))});
            PERFORM 1 FROM reports WHERE id = ANY (concerned) ORDER BY id FOR NO KEY UPDATE;
            {how("SELECT unnest(concerned)")}
            RETURN NULL;
        END $$
    """)
