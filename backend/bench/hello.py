"""A minimal Flask application for the same calls: the baseline of `accept`."""

from flask import Flask, Response, jsonify

ANSWER = {
    "cost": "1",
    "hs_execution_state": "SUCCESS",
    "message_id": "00000000-0000-0000-0000-000000000000",
    "reason": "",
    "recipient": "+33600000000",
    "reply": "",
    "sms_count": "1",
    "status": "queued",
}


def create_app() -> Flask:
    app = Flask(__name__)

    @app.post("/<path:_path>")
    def hello(_path: str) -> Response:
        return jsonify(outputFields=ANSWER)

    @app.get("/health/ready")
    def ready() -> Response:
        return jsonify(status="ok")

    return app
