"""The serving of simulators: loopback only, connections stay open, SIGTERM ends the process."""

import http.client
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request

from sandbox.control import install_control
from sandbox.origins import OriginError, Origins
from sandbox.serving import build_server, running

ROOT = Path(__file__).parents[2]


def echo_app() -> Flask:
    app = Flask("echo")
    install_control(app, name="echo", unlogged=("/free",))

    @app.route("/echo", methods=["GET", "POST"])
    @app.post("/free")
    def echo() -> dict[str, Any]:
        return {"body": request.get_data(as_text=True)}

    @app.post("/unread")
    def unread() -> str:
        return "not looked at"

    return app


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::"])
def test_only_loopback_is_served(host: str) -> None:
    with pytest.raises(ValueError, match="loopback only"):
        build_server(echo_app(), 0, host)


def test_a_connection_stays_open_over_calls() -> None:
    with running(echo_app()) as url:
        client = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
        client.connect()
        socket = client.sock
        for path, body in [("/echo", b"one"), ("/unread", b"x" * 100_000), ("/free", b"two"), ("/none", b"")]:
            client.request("POST", path, body)
            answer = client.getresponse()
            answer.read()
            assert answer.getheader("Connection") != "close"
            assert client.sock is socket
        client.request("HEAD", "/echo")
        assert client.getresponse().read() == b""
        client.request("POST", "/echo", iter([b"in ", b"chunks"]), encode_chunked=True)
        assert b"in chunks" in client.getresponse().read()
        client.close()


def test_a_client_may_ask_to_close() -> None:
    with running(echo_app()) as url:
        client = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
        client.request("POST", "/echo", b"bye", {"Connection": "close"})
        answer = client.getresponse()
        assert answer.getheader("Connection") == "close"
        assert b"bye" in answer.read()
        client.close()


def test_a_failing_application_answers_500(capfd: pytest.CaptureFixture[str]) -> None:
    def fails(environ: Any, start_response: Any) -> Any:
        raise RuntimeError("on purpose")

    app = Flask("fails")
    app.wsgi_app = fails  # type: ignore[method-assign]
    with running(app) as url:
        client = http.client.HTTPConnection(url.removeprefix("http://"), timeout=10)
        client.request("GET", "/")
        assert client.getresponse().status == 500
        client.close()
    assert "on purpose" in capfd.readouterr().err


def test_the_process_says_one_line_and_ends_on_sigterm() -> None:
    command = [sys.executable, "-m", "sandbox.smsfactor_sim", "--port", "0", "--token", "t"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("smsfactor_sim listening on http://127.0.0.1:")
        client = http.client.HTTPConnection(line.split("//")[1].strip(), timeout=10)
        client.request("GET", "/_control/ready")
        assert client.getresponse().status == 200
        client.close()
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=20)
        assert (rest, process.returncode) == ("", 0)


def test_a_wrong_origin_option_is_refused() -> None:
    command = [sys.executable, "-m", "sandbox.smsfactor_sim", "--token", "t", "--origin", "https://a.example"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "https://a.example" in done.stderr


def test_origins_map_to_loopback_and_nowhere_else() -> None:
    origins = Origins.parse(["https://App.example=http://127.0.0.1:4802/"])
    assert origins.local_url("https://app.example/a/b?c=1") == "http://127.0.0.1:4802/a/b?c=1"
    assert origins.local_url("http://127.0.0.1:99/x") == "http://127.0.0.1:99/x"
    assert origins.local_url("https://other.example/a") is None
    assert origins.local_url("http://192.0.2.1/a") is None


@pytest.mark.parametrize(
    "option",
    ["https://a.example", "http://a.example=http://127.0.0.1:1", "https://a.example=http://192.0.2.1:1"],
)
def test_wrong_origins_are_refused(option: str) -> None:
    with pytest.raises(OriginError):
        Origins.parse([option])
