"""Alembic's entry: the caller brings the connection and owns the transaction."""

from alembic import context

from shared.database.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
