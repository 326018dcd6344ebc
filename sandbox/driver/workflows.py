"""Creates workflows of the portal, enrols records and follows them."""

from typing import Any

import requests

from sandbox.driver.views import Views

LONGEST_ENROLMENT_S = 300.0  # creating a hundred thousand records takes long


class Workflows(Views):
    """Workflows with one action of the app."""

    def new_workflow(
        self, name: str, object_type_id: str, action: str, values: dict[str, str], **properties: str
    ) -> str:
        """Create a workflow and return its id. `values` are fixed, `properties` are read from the enrolled record."""
        inputs = {field: {"type": "STATIC_VALUE", "value": value} for field, value in values.items()}
        inputs |= {field: {"type": "OBJECT_PROPERTY", "property": read} for field, read in properties.items()}
        body = {"name": name, "object_type_id": object_type_id, "action_uid": action, "inputs": inputs}
        return str(self.call("POST", "/sandbox-api/workflows", body)["id"])

    def enrol(self, workflow_id: str, record_ids: list[str]) -> None:
        """Enrol records of the portal."""
        self.call("POST", f"/sandbox-api/workflows/{workflow_id}/enrol", {"record_ids": record_ids})

    def enrol_generated(self, workflow_id: str, count: int, **options: Any) -> None:
        """Generate that many records and enrol them."""
        requests.post(
            f"{self.url}/sandbox-api/workflows/{workflow_id}/enrol",
            json={"generate": count, "options": options},
            timeout=LONGEST_ENROLMENT_S,
        ).raise_for_status()

    def newest_run(self, workflow_id: str) -> dict[str, Any]:
        """The counts of the newest enrolment."""
        runs: list[dict[str, Any]] = self.call("GET", f"/sandbox-api/workflows/{workflow_id}/runs")["runs"]
        return runs[0]

    def history(self, workflow_id: str) -> list[dict[str, Any]]:
        """The history of the enrolled records, newest first."""
        rows: list[dict[str, Any]] = self.call("GET", f"/sandbox-api/workflows/{workflow_id}/history")[
            "results"
        ]
        return rows
