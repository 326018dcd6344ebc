"""Finds a Chromium for the browser tests, or installs one, and stores its path in .sandbox/chromium."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

from tools.running import CommandError, missing, run, say
from tools.stamps import WORK_DIR

# Chromium without the windows and menus of a browser: the same pages for about half the CPU.
SHELL = "chromium-headless-shell"
COMMANDS = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CACHES = {"Linux": ".cache/ms-playwright", "Darwin": "Library/Caches/ms-playwright"}
PATH_FILE = WORK_DIR / "chromium"


def ensure_chromium(python: Path) -> None:
    """Write the path of a working Chromium to .sandbox/chromium; `python` has Playwright installed."""
    if PATH_FILE.exists() and Path(PATH_FILE.read_text().strip()).exists() and not os.environ.get("CHROMIUM"):
        return
    if not os.environ.get("CHROMIUM") and not shutil.which(SHELL):
        install_package(SHELL)
    found = find_chromium()
    if found is None:
        install_chromium(python)
        found = find_chromium()
    if found is None:
        raise missing(
            "The tests need Chromium: install it, or set CHROMIUM to the path of a Chromium or Chrome."
        )
    PATH_FILE.write_text(f"{found}\n")


def find_chromium() -> Path | None:
    """A working browser: CHROMIUM if set, else one on the PATH, else Playwright's newest."""
    chosen = os.environ.get("CHROMIUM")
    if chosen:
        if not runs(Path(chosen)):
            raise missing(f"CHROMIUM is {chosen}, which does not run.")
        return Path(chosen)
    on_path = [Path(found) for command in COMMANDS if (found := shutil.which(command))]
    return next((path for path in on_path + downloaded() if runs(path)), None)


def downloaded() -> list[Path]:
    """Chromiums in Playwright's cache, newest first."""
    default = Path.home() / CACHES.get(platform.system(), ".cache/ms-playwright")
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or default)
    found = [
        *cache.glob("chromium-*/chrome-linux*/chrome"),
        *cache.glob("chromium-*/chrome-mac*/*.app/Contents/MacOS/*"),
    ]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def runs(path: Path) -> bool:
    """Whether the program starts. Ubuntu's `chromium-browser` may be a mere wrapper of a missing snap."""
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def install_chromium(python: Path) -> None:
    """Install Debian's package if permitted, else Playwright's download. The caller checks whether it worked."""
    if install_package("chromium"):
        return
    try:
        run("Chromium", [str(python), "-m", "playwright", "install", "chromium"])
    except CommandError as error:
        say(str(error))


def install_package(name: str) -> bool:
    """Install a package of Debian. False: this system or user cannot, or it has failed, which is said."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        run("package lists", ["apt-get", "update", "--quiet"], env=environment)
        install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", name]
        run(name, install, env=environment)
    except CommandError as error:
        say(str(error))
        return False
    return True
