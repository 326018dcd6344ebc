"""Rules of the records that HubSpot calls activities: tasks and logged communications (HubSpot docs, guides of both).

Neither has an idempotency key: a create that is repeated makes a second one.
"""

import re

from sandbox.hubspot_sim.crm.object_types import COMMUNICATION, TASK, ObjectType
from sandbox.hubspot_sim.errors import InvalidInput, invalid_properties
from sandbox.hubspot_sim.world import World

_REQUIRED = {
    COMMUNICATION.id: ("hs_communication_channel_type", "hs_communication_logged_from", "hs_timestamp"),
    TASK.id: ("hs_timestamp",),
}
_OWNER, _REMINDERS = "hubspot_owner_id", "hs_task_reminders"
_MILLISECONDS = re.compile(r"\d{12,14}")


def check_activity(kind: ObjectType, properties: dict[str, str | None]) -> None:
    """Check that a new activity has the properties it needs. Raises InvalidInput."""
    for name in _REQUIRED.get(kind.id, ()):
        if properties.get(name) is None:
            raise InvalidInput(
                f"Error creating {kind.shout}. Some required properties were not set: {name}",
                errors=[{"message": f"{name} is required", "context": {"properties": [name]}}],
            )


def check_values(world: World, kind: ObjectType, properties: dict[str, str | None]) -> None:
    """Check owner and reminders of a write. Raises InvalidInput; the codes are unconfirmed.

    An owner is named by its owner id: the id of a user, and of an owner who was deactivated, are refused (HubSpot docs,
    owners guide). Reminders are epoch milliseconds only (tasks guide).
    """
    owner, reminders = properties.get(_OWNER), properties.get(_REMINDERS)
    owner_ids = {row[0] for row in world.account.crm.owners} | {row[0] for row in world.account.crm.queues}
    if kind in (COMMUNICATION, TASK) and owner is not None and owner not in owner_ids:
        raise invalid_properties(
            [(_OWNER, "INVALID_OWNER_ID", f"{owner} is not an active owner of this account")]
        )
    if kind is TASK and reminders is not None and not _MILLISECONDS.fullmatch(reminders):
        message = f"{reminders} is not an instant in epoch milliseconds"
        raise invalid_properties([(_REMINDERS, "INVALID_LONG", message)])
