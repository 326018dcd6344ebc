"""Write « Non » into the opt-out property of texted records, but never over a user's « Oui » (F4.1, B3).

Lists on « Non » find a record once it was texted. The property is read before the first write, because only an empty
one may be filled: a user's « Oui » is an opt-out, and goes into the ledger. Card, composer and workflows pass on that
they read it as empty.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from connector.domain.consent import is_opted_out, is_stop_empty
from connector.domain.objects import OBJECT_TYPES, STOP_PROPERTY
from connector.hubspot.errors import MissingScopes, Rejected
from connector.hubspot.payloads import CrmRecord
from connector.store.crm import record_numbers, record_writes
from connector.store.crm.record_writes import RecordWrite
from connector.store.database import Conn
from connector.use_cases.consent.note_opt_outs import note_hubspot_opt_outs
from connector.wiring import Wiring


def with_stop_marks(
    wiring: Wiring, portal_id: int, object_type_id: str, rows: Sequence[RecordWrite]
) -> list[RecordWrite]:
    """The rows, with « Non » for records whose property is empty; one read for all that were not read a moment ago.

    Rows of records that the read finds merged become rows of the survivors, and are left out.
    """
    unknown = [row for row in rows if row.needs_stop and not row.is_stop_empty]
    found = _read(wiring, portal_id, object_type_id, [row.object_id for row in unknown]) if unknown else {}
    if OBJECT_TYPES[object_type_id].phone_setting:  # a deal has no numbers of its own
        _obey(wiring, portal_id, object_type_id, found)
    result = []
    for row in rows:
        record = found.get(row.object_id)
        if record and record.record_id != row.object_id:
            with wiring.pool.connection() as conn:
                follow_merge(conn, row, record)
        elif row.needs_stop and (row.is_stop_empty or (record and is_stop_empty(record.properties))):
            result.append(replace(row, properties={**row.properties, STOP_PROPERTY: "false"}))
        else:
            result.append(row)
    return result


def follow_merge(conn: Conn, row: RecordWrite, survivor: CrmRecord) -> None:
    """The row's record was merged into this one, which was read with its opt-out property."""
    read_at = datetime.now(UTC) if is_stop_empty(survivor.properties) else None
    record_writes.follow_merge(conn, row, survivor.record_id, stop_empty_at=read_at)


def _read(
    wiring: Wiring, portal_id: int, object_type_id: str, record_ids: Sequence[str]
) -> Mapping[str, CrmRecord]:
    """The records by the given ids; none if the portal does not let the app read them."""
    plural = OBJECT_TYPES[object_type_id].plural
    try:
        return wiring.hubspot.call_portal(
            portal_id, lambda client: client.read_objects(plural, record_ids, [STOP_PROPERTY])
        )
    except (MissingScopes, Rejected):
        return {}


def _obey(wiring: Wiring, portal_id: int, object_type_id: str, found: Mapping[str, CrmRecord]) -> None:
    marked = [record_id for record_id, record in found.items() if is_opted_out(record.properties)]
    if marked:
        with wiring.pool.connection() as conn:
            entries = record_numbers.of_records(conn, portal_id, object_type_id, marked)
            note_hubspot_opt_outs(conn, portal_id, entries, at=datetime.now(UTC))
