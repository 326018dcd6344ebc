"""The staged project: what HubSpot gets, with the secret in the addresses of its services and nowhere else."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tools import stage, stamps
from tools.stage import PLACEHOLDER, SOURCE, StageError

SEGMENT = "Secret-Segment_0123456789abcdefgh"
ADDRESSES = ("actionUrl", "optionsUrl", "targetUrl")


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("stage") / "upload"
    stage.stage(out, SEGMENT)
    return out


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def addresses_in(value: Any) -> list[str]:
    """All service addresses of a hsmeta file."""
    if isinstance(value, dict):
        own = [member for name, member in value.items() if name in ADDRESSES]
        return own + [found for member in value.values() for found in addresses_in(member)]
    return [found for item in value for found in addresses_in(item)] if isinstance(value, list) else []


def a_project(root: Path, *, url: str = f"${{BACKEND_URL}}/hubspot/workflow/{PLACEHOLDER}/send") -> Path:
    """A small project in `root`."""
    app = root / SOURCE / "app" / "workflow-actions"
    app.mkdir(parents=True)
    (root / "hsproject.json").write_text(json.dumps({"name": "p", "srcDir": str(SOURCE)}))
    (root / ".hsignore").write_text("# comment\n*.test.ts\n")
    (root / SOURCE / "hsprofile.sandbox.json").write_text("{}")
    (root / SOURCE / "hsprofile.production.json").write_text("{}")
    (app / "send-hsmeta.json").write_text(json.dumps({"config": {"actionUrl": url}}))
    return root


def test_every_service_address_holds_the_segment_and_no_other_file_does(staged: Path) -> None:
    holding = [path for path in files_of(staged) if SEGMENT in path.read_bytes().decode("latin-1")]
    assert all(path.name.endswith("-hsmeta.json") for path in holding)
    metas = [json.loads(path.read_text()) for path in staged.rglob("*-hsmeta.json")]
    addresses = [address for meta in metas for address in addresses_in(meta)]
    assert len(addresses) >= 6
    assert all(address.startswith(f"${{BACKEND_URL}}/hubspot/workflow/{SEGMENT}/") for address in addresses)
    assert not any(PLACEHOLDER in path.read_bytes().decode("latin-1") for path in files_of(staged))


def test_views_get_no_segment(staged: Path) -> None:
    """HubSpot gives every profile variable to views."""
    profiles = list((staged / SOURCE).glob("hsprofile.*.json"))
    assert [path.name for path in profiles] == ["hsprofile.production.json"]
    assert SEGMENT not in profiles[0].read_text()


def test_only_what_hubspot_builds_is_staged(staged: Path) -> None:
    names = {path.name for path in files_of(staged)}
    parts = {part for path in files_of(staged) for part in path.relative_to(staged).parts}
    assert {"app-hsmeta.json", "SmsCard.tsx", "package-lock.json", "hsproject.json", ".hsignore"} <= names
    assert parts.isdisjoint({"node_modules", "testing", "vitest.config.ts", ".npmrc"})
    assert not any(name.endswith((".test.ts", ".test.tsx")) for name in names)


def test_staging_again_replaces_the_copy_and_nothing_else(tmp_path: Path) -> None:
    root, out = a_project(tmp_path / "project"), tmp_path / "out"
    stage.stage(out, SEGMENT, root=root)
    (out / "left-over.txt").write_text("old")
    stage.stage(out, SEGMENT, root=root)
    assert not (out / "left-over.txt").exists()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(StageError, match="something else"):
        stage.stage(tmp_path / "mine", SEGMENT, root=root)
    assert (tmp_path / "mine" / "letter.txt").exists()


@pytest.mark.parametrize("bare", ["send", PLACEHOLDER.replace("$", "")])
def test_service_address_without_the_segment_stops(tmp_path: Path, bare: str) -> None:
    root = a_project(tmp_path / "project", url=f"${{BACKEND_URL}}/hubspot/workflow/{bare}")
    with pytest.raises(StageError, match="anyone could call"):
        stage.stage(tmp_path / "out", SEGMENT, root=root)
    assert not (tmp_path / "out").exists()


def test_segment_as_profile_variable_stops(tmp_path: Path) -> None:
    root = a_project(tmp_path / "project")
    profile = root / SOURCE / "hsprofile.production.json"
    profile.write_text(json.dumps({"variables": {"SERVICE_SEGMENT": SEGMENT}}))
    with pytest.raises(StageError, match="views can read"):
        stage.stage(tmp_path / "out", SEGMENT, root=root)


def test_path_in_hsignore_stops(tmp_path: Path) -> None:
    root = a_project(tmp_path / "project")
    (root / ".hsignore").write_text("hubspot-project/src/app/testing\n")
    with pytest.raises(StageError, match="holds paths"):
        stage.stage(tmp_path / "out", SEGMENT, root=root)


@pytest.mark.parametrize(("segments", "code"), [(f"{SEGMENT},older", 0), ("short", 2), ("", 2)])
def test_command_takes_the_newest_segment_from_the_environment(
    tmp_path: Path, segments: str, code: int
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tools.stage", "--out", str(tmp_path / "out")],
        cwd=stamps.ROOT,
        env={**os.environ, "HUBSPOT_URL_SEGMENTS": segments},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert (tmp_path / "out" / "hsproject.json").exists() == (code == 0)
    assert SEGMENT not in done.stdout + done.stderr
