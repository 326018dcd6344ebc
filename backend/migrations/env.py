"""Alembic's entry: runs the numbered migrations over one psycopg connection.

Called by `python -m connector migrate`, which passes the database URL. SQLAlchemy is here only for Alembic.
"""

import psycopg
from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

DATABASE_URL = context.config.attributes["database_url"]


def run() -> None:
    # `creator` hands Alembic our libpq URL as it is: sockets, services and options keep working.
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(DATABASE_URL), poolclass=NullPool
    )
    with engine.connect() as connection:
        # A migration must not queue behind a long query and block all others behind itself.
        connection.exec_driver_sql("SET lock_timeout = '5s'")
        connection.exec_driver_sql("SET statement_timeout = '10min'")
        connection.commit()
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()


run()
