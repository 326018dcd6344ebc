"""Migrate a database to a revision, as a release does."""

from alembic import command
from alembic.config import Config

from connector.__main__ import MIGRATIONS


def migrate_to(url: str, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = url
    command.upgrade(config, revision)
