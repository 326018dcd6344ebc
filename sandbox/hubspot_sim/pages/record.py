"""One record as its page shows it: properties with their definitions, associated records, and the timeline."""

import re
from collections.abc import Iterable
from typing import Any

from sandbox.hubspot_sim.crm.definitions import Definition, iso
from sandbox.hubspot_sim.crm.object_types import COMMUNICATION, COMPANY, CONTACT, DEAL
from sandbox.hubspot_sim.crm.records import Record
from sandbox.hubspot_sim.world import Sim, World

_WITH_PAGES = (CONTACT, COMPANY, DEAL)
_TAG = re.compile(r"<[^>]*>")


def record_page(sim: Sim, record: Record) -> dict[str, Any]:
    """The answer of GET /sandbox-api/records/{type}/{id}. The caller holds the world's lock."""
    world, kind = sim.world, record.kind
    definitions = [found for found in world.catalogue.all(kind) if not found.hidden]
    return {
        "id": record.id,
        "object_type_id": kind.id,
        "version": record.version + sum(logged.version for logged in _logged(world, record)),
        "properties": {found.name: record.properties.get(found.name) for found in definitions},
        "definitions": render_definitions(definitions, world.language),
        "groups": [
            {"name": group.name, "label": group.labels[world.language]}
            for group in world.catalogue.groups(kind)
        ],
        "associations": _associations(world, record),
        "timeline": _timeline(sim, record),
    }


def render_definitions(definitions: Iterable[Definition], language: str) -> list[dict[str, Any]]:
    """The definitions that the pages use to draw values."""
    return [
        {
            "name": found.name,
            "label": found.labels[language],
            "type": found.type,
            "fieldType": found.field_type,
            "groupName": found.group,
            "options": [
                {"label": option.labels[language], "value": option.value} for option in found.options
            ],
        }
        for found in definitions
    ]


def render_row(record: Record) -> dict[str, Any]:
    """A record as a line of a list."""
    return {"id": record.id, "properties": dict(record.properties)}


def _associations(world: World, record: Record) -> list[dict[str, Any]]:
    """The associated records by type, in order of association, without archived ones."""
    answer = []
    for kind in _WITH_PAGES:
        if kind is record.kind:
            continue
        links = world.links.of(record.kind, record.id, kind)
        found = [(link, world.records.find(kind, link.to_id)) for link in links]
        rows = [{**render_row(other), "primary": link.primary} for link, other in found if other is not None]
        answer.append({"object_type_id": kind.id, "records": rows})
    return answer


def _logged(world: World, record: Record) -> list[Record]:
    """The communications on the record's timeline, in order of association, deleted ones too."""
    links = world.links.of(record.kind, record.id, COMMUNICATION)
    found = (world.records.find_any(COMMUNICATION, link.to_id) for link in links)
    return [logged for logged in found if logged is not None]


def _communication(sim: Sim, logged: Record) -> dict[str, Any]:
    """A logged SMS. HubSpot has no field for its direction: only the body may say it."""
    crm = sim.world.account.crm
    owners = {row[0]: f"{row[2]} {row[3]}" for row in crm.owners} | dict(crm.queues)
    body = logged.properties.get("hs_communication_body", "")
    return {
        "kind": "communication",
        "id": logged.id,
        "channel": logged.properties["hs_communication_channel_type"],
        "timestamp": logged.properties["hs_timestamp"],
        "body": body if sim.settings["communication_html"] else _TAG.sub("", body),
        "owner": owners.get(logged.properties.get("hubspot_owner_id", "")),
    }


def _timeline(sim: Sim, record: Record) -> list[dict[str, Any]]:
    """Newest first; entries of the same instant in reverse order of arrival."""
    entries: list[dict[str, Any]] = [{"kind": "created", "timestamp": iso(record.created_at)}]
    entries += [_communication(sim, logged) for logged in _logged(sim.world, record) if not logged.archived]
    for occurrence in sim.world.occurrences.of(record.kind.id, {record.id, *record.merged_ids}):
        event_type = sim.project.event_types[occurrence.event_type]
        entries.append(
            {
                "kind": "app_event",
                "id": occurrence.id,
                "event_type": event_type.uid,
                "name": event_type.name,
                "timestamp": iso(occurrence.timestamp),
                "header_template": event_type.header_template,
                "detail_template": event_type.detail_template or None,
                "properties": occurrence.properties,
                "extra_data": occurrence.extra_data,
                "timeline_iframe": occurrence.timeline_iframe,
            }
        )
    # HubSpot writes all instants in one format, so their texts sort like them; reversed() keeps it stable.
    return sorted(reversed(entries), key=lambda entry: str(entry["timestamp"]), reverse=True)
