"""`python -m connector migrate | worker`: the backend's commands besides the web process.

The web process is `gunicorn "connector:create_app()"`.
"""

import sys
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


COMMANDS = {"migrate": migrate, "worker": work}


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"usage: python -m connector {' | '.join(COMMANDS)}", file=sys.stderr)
        return 2
    try:
        settings = Settings.from_environment()
    except SettingsInvalid as fault:
        print(fault, file=sys.stderr)
        return 2
    log.configure(settings.log_level)
    return COMMANDS[arguments[0]](settings)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
