"""Alembic's entry: the caller brings the connection and owns the transaction."""

from alembic import context

from services.sink.adapters.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
