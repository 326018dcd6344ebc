"""The generated files: composes their texts, finds files that differ from them, and writes them."""

from pathlib import Path

from tools.definitions.actions import action_definitions
from tools.definitions.events import event_definitions
from tools.definitions.layout import as_text
from tools.definitions.record_types import record_types_module
from tools.stamps import ROOT

APP = ROOT / "hubspot-project" / "src" / "app"
FOLDERS = ("workflow-actions", "app-events")


def generated() -> dict[Path, str]:
    """Path -> text of every file generated from the tables."""
    definitions = {"workflow-actions": action_definitions(), "app-events": event_definitions()}
    texts = {
        APP / folder / f"{definition['uid'].replace('_', '-')}-hsmeta.json": as_text(definition) + "\n"
        for folder, made in definitions.items()
        for definition in made
    }
    return {**texts, APP / "packages" / "api" / "record-types.ts": record_types_module()}


def stale() -> list[str]:
    """Files that are missing, differ from the tables, or are superfluous in the folders of the definitions."""
    expected = generated()
    present = {path for folder in FOLDERS for path in (APP / folder).glob("*-hsmeta.json")}
    wrong = {path for path, text in expected.items() if not path.exists() or path.read_text() != text}
    return sorted(str(path.relative_to(ROOT)) for path in wrong | (present - set(expected)))


def write_all() -> list[str]:
    """Write stale files and remove superfluous ones; returns both."""
    changed = stale()
    texts = generated()
    for name in changed:
        path = ROOT / name
        if path in texts:
            path.write_text(texts[path])
        else:
            path.unlink()
    return changed
