"""Every route, called by its own kind of caller with every id of another portal, shows and changes nothing of it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.tests.integration.http import proofs
from backend.tests.integration.http.hostile import MARK, World, bodies, build, fingerprint
from backend.tests.integration.view_calls import call_view
from backend.tests.workflow_calls import SEGMENT, signed
from connector.inbound.http.callers import CallerKind
from connector.inbound.routes import ROUTES, VIEW_PREFIX, Route
from connector.store.database import Conn
from connector.wiring import Wiring

PROVED = [r for r in ROUTES if r.caller not in (CallerKind.BROWSER, CallerKind.OPERATOR)]


@pytest.fixture
def world(connected: Wiring, own: Conn) -> World:
    return build(connected, own)


def call(client: FlaskClient, world: World, route: Route, body: dict[str, Any]) -> TestResponse:
    """The route's own caller, of the caller's portal."""
    if route.caller is CallerKind.VIEW:
        path = route.path.removeprefix(VIEW_PREFIX)
        return call_view(client, path, body, portal_id=world.own.portal_id)
    if route.caller is CallerKind.WORKFLOW:
        path = route.path.replace("<segment>", SEGMENT)
        return client.post(path, **signed(path, body))
    path = route.path.replace("<path_secret>", world.own_webhook.path)
    for kind in ("dlr", "mo", "clicker"):
        proofs.of_gateway(path.replace("<kind>", kind), body, world.own_webhook.signature).send(client)
    return proofs.of_gateway(path.replace("<kind>", "stop"), body, world.own_webhook.signature).send(client)


def with_each_value_replaced(value: Any, other: Any) -> Iterator[Any]:
    """Copies of a JSON value in which one text, number or null is `other`. The origin's portal stays the caller's."""
    if isinstance(value, dict):
        for name, member in value.items():
            if name != "portalId":
                yield from ({**value, name: changed} for changed in with_each_value_replaced(member, other))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            for changed in with_each_value_replaced(item, other):
                yield [*value[:place], changed, *value[place + 1 :]]
    elif not isinstance(value, bool):
        yield other


@pytest.mark.parametrize("route", PROVED, ids=[route.path for route in PROVED])
def test_ids_of_another_portal_open_nothing(world: World, own: Conn, route: Route) -> None:
    client, body = world.app.test_client(), bodies(world)[route.path]
    before = fingerprint(own, world.victim)
    calls = [body]
    calls += [changed for other in world.victim_ids for changed in with_each_value_replaced(body, other)]
    if route.caller is CallerKind.GATEWAY:
        names = ("message_id", "gsmsid", "last_message_id", "account_id")
        calls += [{**body, name: other, "status": 3} for name in names for other in world.victim_ids]
    answers = [call(client, world, route, changed) for changed in calls]
    assert {answer.status_code for answer in answers} == {200}
    assert not any(MARK in answer.text for answer in answers)
    assert fingerprint(own, world.victim) == before


def test_key_of_another_portals_message_is_ones_own(world: World, own: Conn) -> None:
    """Keys and callback ids count within a portal: nobody takes an execution's place in advance."""
    client = world.app.test_client()
    before = fingerprint(own, world.victim)
    body = bodies(world)["/hubspot/workflow/<segment>/send-sms"]
    path = f"/hubspot/workflow/{SEGMENT}/send-sms"
    mine = {**body, "callbackId": world.victim_ids[-1]}
    theirs = {**mine, "origin": {"portalId": world.victim.portal_id}}
    outputs = [
        json.loads(client.post(path, **signed(path, one)).text)["outputFields"] for one in (mine, theirs)
    ]
    assert [one["status"] for one in outputs] == ["refused", "queued"]
    assert fingerprint(own, world.victim) == before


def test_the_fingerprint_sees_every_change(world: World, own: Conn) -> None:
    before = fingerprint(own, world.victim)
    assert before["messages"] != before["templates"]
    own.execute("UPDATE templates SET name = name || '!' WHERE portal_id = %s", (world.victim.portal_id,))
    own.commit()
    changed = {name for name, hashed in fingerprint(own, world.victim).items() if hashed != before[name]}
    assert changed == {"templates"}
