"""The PostgreSQL server of the sandbox and the tests: DATABASE_URL's if that is set, else an embedded one.

On a server named by DATABASE_URL, databases are created beside the named one: with `.../app`, the database
`sandbox` is `app_sandbox`, and `app` itself is never written to.
"""

import os
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg
from psycopg import sql

from sandbox.cluster import Cluster
from sandbox.cluster_places import PostgresError

CONNECT_TIMEOUT_S = 10

__all__ = ["PostgresError", "Server", "ensure_server"]


class Server:
    """A running PostgreSQL server on which databases are created and dropped.

    `admin_dsn` is the URL of a database that is only used to give such orders.
    """

    def __init__(self, admin_dsn: str, name_prefix: str = "", cluster: Cluster | None = None) -> None:
        self.admin_dsn = admin_dsn
        self._name_prefix = name_prefix
        self._cluster = cluster

    @property
    def is_embedded(self) -> bool:
        """False if DATABASE_URL named the server, which other programs may use too."""
        return self._cluster is not None

    def dsn(self, name: str) -> str:
        """The URL of the database that `create_database(name)` makes."""
        return urlunsplit(urlsplit(self.admin_dsn)._replace(path="/" + quote(self._name_prefix + name)))

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create an empty database or a copy of `template`, which must have no connections; return its URL."""
        source = self._identifier(template) if template else sql.Identifier("template0")
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(self._identifier(name), source))
        return self.dsn(name)

    def drop_database(self, name: str) -> None:
        """Drop the database if it exists, ending the connections to it."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(self._identifier(name)))

    def rename_database(self, name: str, new_name: str) -> None:
        """Rename a database without connections."""
        order = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        self._execute(order.format(self._identifier(name), self._identifier(new_name)))

    def database_names(self) -> list[str]:
        """The databases created here, by the names given to `create_database`."""
        with psycopg.connect(self.admin_dsn, autocommit=True) as conn:
            rows = conn.execute(
                "SELECT datname FROM pg_database"
                " WHERE starts_with(datname, %s) AND NOT datistemplate AND datname <> 'postgres'",
                [self._name_prefix],
            ).fetchall()
        return sorted(name.removeprefix(self._name_prefix) for (name,) in rows)

    def stop(self) -> None:
        """Leave the server; the embedded one stops with its last user."""
        if self._cluster:
            self._cluster.leave()

    def _identifier(self, name: str) -> sql.Identifier:
        return sql.Identifier(self._name_prefix + name)

    def _execute(self, order: sql.Composed) -> None:
        with psycopg.connect(self.admin_dsn, autocommit=True) as conn:
            conn.execute(order)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def ensure_server(data_dir: Path, *, is_durable: bool = True) -> Server:
    """Return a running server. The embedded one stores its data in `data_dir`; for `is_durable` see Cluster.

    Raises PostgresError if there are no binaries for this system or the server does not answer.
    """
    url = os.environ.get("DATABASE_URL")
    if url:
        return _named_server(url)
    cluster = Cluster(data_dir.absolute(), is_durable=is_durable)
    cluster.join()
    return Server(cluster.admin_dsn, cluster=cluster)


def _named_server(url: str) -> Server:
    try:
        psycopg.connect(url, connect_timeout=CONNECT_TIMEOUT_S).close()
    except psycopg.Error as error:
        raise PostgresError(
            f"The PostgreSQL server that DATABASE_URL names cannot be used: {error}"
        ) from None
    named = urlsplit(url).path.lstrip("/") or "postgres"
    return Server(url, name_prefix=named + "_")
