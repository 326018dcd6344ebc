"""`python -m connector migrate | worker | erase-unread-events`: the backend's commands besides the web process.

The web process is `gunicorn "connector:create_app()"`.
"""

import sys
from functools import partial
from pathlib import Path

from connector import log
from connector.settings import Settings, SettingsInvalid

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"


def migrate(settings: Settings) -> int:
    """Migrate the database's tables to this version."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["database_url"] = settings.database_url
    command.upgrade(config, "head")
    return 0


def work(settings: Settings) -> int:
    """Drain lanes until stopped; 1: the worker could not work."""
    from connector.worker.main import run

    return run(settings)


def erase(settings: Settings, number: str) -> int:
    """Delete the webhook bodies that could not be read and hold this number; 2: it is none."""
    from connector.domain.phone_numbers import PhoneNumber, parse
    from connector.store.database import connect
    from connector.use_cases.delivery.forget_unread import erase_number

    read = parse(number, "FR")
    if not isinstance(read, PhoneNumber):
        print("no telephone number; write it as +33612345678", file=sys.stderr)
        return 2
    with connect(settings.database_url) as conn:
        print(f"deleted: {erase_number(conn, read.e164)}")
    return 0


COMMANDS = {"migrate": migrate, "worker": work}
WITH_ARGUMENT = {"erase-unread-events": erase}
USAGE = f"usage: python -m connector {' | '.join(COMMANDS)} | erase-unread-events +33612345678"


def main(arguments: list[str]) -> int:
    command = COMMANDS.get(arguments[0]) if len(arguments) == 1 else None
    if command is None and len(arguments) == 2 and arguments[0] in WITH_ARGUMENT:
        command = partial(WITH_ARGUMENT[arguments[0]], number=arguments[1])
    if command is None:
        print(USAGE, file=sys.stderr)
        return 2
    try:
        settings = Settings.from_environment()
    except SettingsInvalid as fault:
        print(fault, file=sys.stderr)
        return 2
    log.configure(settings.log_level)
    return command(settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
