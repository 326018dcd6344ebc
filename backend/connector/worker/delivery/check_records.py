"""Checks: read the records of scheduled messages in batches, shortly before their time (protocol P11).

HubSpot unavailable: the lane backs off, and the messages wait, at most to their maximum age.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from connector.crm.properties import PortalDefinitions
from connector.crm.reads import Reads
from connector.crm.records import numbers_in, phone_properties_of
from connector.domain.consent import is_opted_out
from connector.domain.objects import OBJECT_TYPES, OWNER_PROPERTIES
from connector.store.lanes import Turn
from connector.store.messages import checks
from connector.store.messages.messages import Message
from connector.store.portals import portals
from connector.store.portals.portals import Portal
from connector.use_cases.messages.check_messages import Record, RecordNow, check_messages, records_of
from connector.wiring import Wiring
from connector.worker.crm.hubspot_faults import backing_off


def check_records(wiring: Wiring, turn: Turn) -> bool:
    """Check one batch of messages; True when there may be more."""
    with wiring.pool.connection() as conn:
        portal = portals.find_installed(conn, turn.portal_id)
        due = checks.due(conn, turn.portal_id) if portal else []
    if portal is None or not due:
        return False
    with backing_off():
        found = _read(wiring, portal, due)
    with wiring.pool.connection() as conn:
        check_messages(conn, turn.portal_id, due, found, at=datetime.now(UTC))
    return len(due) == checks.BATCH


def _read(wiring: Wiring, portal: Portal, due: Sequence[Message]) -> dict[Record, RecordNow]:
    """The records of these messages that exist, 100 a call."""
    ask = wiring.hubspot.asking(portal.portal_id, patient=True)
    reads = Reads(ask, PortalDefinitions(wiring.pool, portal, ask))
    chosen = {message.recipient_property for message in due} - {""}
    found: dict[Record, RecordNow] = {}
    for object_type_id in OBJECT_TYPES:
        ids = [record[1] for message in due for record in records_of(message) if record[0] == object_type_id]
        phones = sorted({*phone_properties_of(portal, object_type_id), *chosen})
        names = (
            [*phones, *OWNER_PROPERTIES] if OBJECT_TYPES[object_type_id].phone_setting else ["hs_object_id"]
        )
        reads.read_records(object_type_id, ids, names)
        for record_id in dict.fromkeys(ids):
            record = reads.record(object_type_id, record_id)
            if record:
                numbers = numbers_in(record.properties, phones, portal.default_country)
                stop = is_opted_out(record.properties)
                found[object_type_id, record_id] = RecordNow(record.record_id, numbers, stop)
    return found
