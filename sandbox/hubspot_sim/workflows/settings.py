"""The runner's settings and its part of the control API's help."""

from sandbox.control import Setting
from sandbox.hubspot_sim.workflows.payloads import MISSING_INPUTS
from sandbox.hubspot_sim.workflows.workflow import EMPTY_TOKENS

CALLBACK_REFUSALS = (404, 400, 409, 410)
CALLBACK_BATCH_MODES = ("atomic", "partial", "silent")

WORKFLOW_SETTINGS = {
    "workflow_concurrency": Setting(20, "executions sent at the same time"),
    "workflow_timeout_s": Setting(20, "seconds HubSpot waits for an answer (unconfirmed)"),
    "workflow_signatures": Setting("both", "version 3 and 2, or 2 only (unconfirmed)", ("both", "v2")),
    "workflow_newer_fields": Setting(True, "typedInputs, actionId and the indexes are in the payload"),
    "workflow_missing_inputs": Setting("absent", "how an input without value comes", MISSING_INPUTS),
    "workflow_json_values": Setting(False, "numbers and yes/no come as JSON values, not texts (unconfirmed)"),
    "workflow_empty_token": Setting(
        "empty", "a token of an empty property: nothing, or left (unconfirmed)", EMPTY_TOKENS
    ),
    "workflow_retry_compression": Setting(
        60, "HubSpot's waits of 1 min to 8 h, and its 3 days, divided by this"
    ),
    "workflow_duplicate_percent": Setting(
        0, "per cent of executions that HubSpot calls again though answered"
    ),
    "workflow_duplicate_kind": Setting(
        "both",
        "extra: a second call whose answer is ignored; lost: the first answer is",
        ("both", "extra", "lost"),
    ),
    "workflow_duplicate_delay_s": Setting(5, "a needless repeat comes within this time, in any order"),
    "workflow_block_delay_s": Setting(8, "until HubSpot has noticed a BLOCK; callbacks before get 404"),
    "workflow_expired": Setting(
        "continue", "the history of a BLOCK that expired (unconfirmed)", ("continue", "failed")
    ),
    "workflow_callback_refusal": Setting(
        404, "status for a callback that is unknown, expired or completed (unconfirmed)", CALLBACK_REFUSALS
    ),
    "workflow_callback_batch": Setting(
        "atomic",
        "a batch with bad members: all refused; good ones taken, bad ones refused; or 204 (unconfirmed)",
        CALLBACK_BATCH_MODES,
    ),
    "workflow_callback_names": Setting(False, "a refusal names the bad members of its batch (unconfirmed)"),
    "workflow_callback_inputs": Setting(100, "most callbacks of a batch (unconfirmed)"),
}

WORKFLOW_HELP = """Workflows (pages: /contacts/{portal}/workflows; page API: sandbox/hubspot_sim/README.md):
  GET  /_control/workflow-executions          ?run_id=run-1&after=N&limit=10000: executions with state, inputs, outputs
  POST /_control/records/{type}/generate      {"count": N, "options": {...}} -> {"first_id", "last_id"}; as for enrol
  Time: HubSpot's own retries (1 minute, doubling up to 8 hours, for 3 days) are divided by
  workflow_retry_compression. Not compressed: Retry-After and the expiry of a blocked execution."""
