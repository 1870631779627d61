"""Alembic's entry: runs the migrations on the connection that `migrations.upgrade` hands over."""

from alembic import context
from sqlalchemy import Connection

import models

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=models.metadata)
with context.begin_transaction():
    context.run_migrations()
