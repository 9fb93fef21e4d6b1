"""Run by alembic: migrates over the connection it is given, within that connection's transaction."""

from alembic import context

from stoker.store.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # Not alembic's own transactions: the caller's one holds all steps, so that a failed migration leaves the old schema.
    transactional_ddl=False,
)
context.run_migrations()
