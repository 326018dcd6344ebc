"""Every route serves one kind of caller: the valid proof of any other kind opens nothing and stores nothing."""

import dataclasses
from collections.abc import Iterator

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from psycopg_pool import ConnectionPool

from backend.tests.factories import a_portal
from backend.tests.integration.http import proofs
from backend.tests.integration.http.proofs import Call, count_rows
from backend.tests.workflow_calls import SEGMENT, execution, signed
from connector import create_app
from connector.domain.rights import Right
from connector.domain.vocabulary import Action
from connector.inbound.http.callers import GUARDS, CallerKind
from connector.inbound.http.url_segments import UrlSegments
from connector.inbound.routes import ROUTES, VIEW_PREFIX, Route, actions, register
from connector.store.database import Conn
from connector.store.portals import account_webhooks, portals
from connector.store.portals.portals import Portal
from connector.store.vault import Vault
from connector.wiring import Wiring

GUARDED = [route for route in ROUTES if route.caller not in (CallerKind.BROWSER, CallerKind.OPERATOR)]
WEBHOOK = Route(CallerKind.HUBSPOT_WEBHOOK, "/hubspot/webhooks/<segment>", Response)


@pytest.fixture(scope="module")
def app(wiring: Wiring) -> Flask:
    return create_app(wiring.settings, wiring)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def attacker(conn: Conn, vault: Vault) -> Portal:
    return a_portal(conn, vault)


@pytest.fixture
def victim(conn: Conn, vault: Vault) -> Portal:
    return a_portal(conn, vault)


def body_for(victim: Portal) -> dict[str, object]:
    """A body with what every route reads: the victim's portal, record and number."""
    return {
        **execution(victim.portal_id),
        **{"object_type_id": "0-1", "object_id": "501", "from": "33612345678", "message": "STOP"},
        "date": "2026-11-23T09:00:00",
    }


def calls_of(kind: CallerKind, path: str, victim: Portal, attacker: Portal, signature: str) -> Iterator[Call]:
    """The calls of `path` that a caller of this kind can have proved, by themselves or through HubSpot."""
    body = body_for(victim)
    if kind is CallerKind.VIEW:
        yield proofs.of_view(path, body, attacker.portal_id)
        yield proofs.of_view_with_fragment(path, body)
    elif kind is CallerKind.WORKFLOW:
        yield proofs.of_workflow(path, body)
        yield proofs.of_workflow(path, body, query=proofs.identity(victim.portal_id))
    elif kind is CallerKind.HUBSPOT_WEBHOOK:
        yield proofs.of_hubspot_webhook(path, body)
    elif kind is CallerKind.GATEWAY:
        yield proofs.of_gateway(path, body, signature)
    else:
        yield Call(path, b"{}")


def path_of(route: Route, segment: str = "guess", path_secret: str = "guess") -> str:
    path = route.path.replace("<segment>", segment).replace("<path_secret>", path_secret)
    return path.replace("<kind>", "stop")


@pytest.mark.parametrize("kind", CallerKind)
@pytest.mark.parametrize("route", GUARDED, ids=[route.path for route in GUARDED])
def test_no_other_kinds_proof_opens_a_route(
    client: FlaskClient,
    conn: Conn,
    vault: Vault,
    attacker: Portal,
    victim: Portal,
    route: Route,
    kind: CallerKind,
) -> None:
    """A caller knows no segment and no secret path that is not theirs; HubSpot signs whatever views ask for."""
    own = account_webhooks.webhook_secrets(conn, vault, str(attacker.portal_id))
    before = count_rows(conn)
    path = path_of(route, path_secret=own.path if kind is not CallerKind.GATEWAY else "guess")
    for call in calls_of(kind, path, victim, attacker, own.signature):
        if kind is route.caller is CallerKind.VIEW and "userId" in call.target:
            continue  # its own proof
        answer = call.send(client)
        assert answer.status_code == 401, call.target
        assert set(answer.get_json()) == {"error"}
    assert count_rows(conn) == before


def test_view_cannot_call_a_service_even_by_its_secret_address(
    client: FlaskClient, conn: Conn, attacker: Portal, victim: Portal
) -> None:
    """A segment that leaked is not enough while HubSpot adds the identity: a service's address has no query."""
    before = count_rows(conn)
    for route in (route for route in ROUTES if route.caller is CallerKind.WORKFLOW):
        call = proofs.of_view(path_of(route, SEGMENT), body_for(victim), attacker.portal_id)
        for changed in (call, Call(call.target.split("?")[0] + "?", call.body)):
            answer = Call(changed.target, call.body, proofs.signed_both(changed.target, call.body)).send(
                client
            )
            assert (answer.status_code, answer.get_json()["error"]["code"]) == (401, "address_invalid")
    assert count_rows(conn) == before


def test_user_without_the_right_to_send_cannot_play_a_workflow(
    client: FlaskClient, conn: Conn, attacker: Portal
) -> None:
    portals.save_rights(conn, attacker.portal_id, {Right.SEND.value: []})
    conn.commit()
    before = count_rows(conn)
    path = path_of(next(route for route in ROUTES if route.handler is Action.SEND_SMS))
    for call in calls_of(CallerKind.VIEW, path, attacker, attacker, ""):
        assert call.send(client).status_code == 401
    assert count_rows(conn) == before


def test_webhook_of_hubspot_needs_signature_and_segment(wiring: Wiring, victim: Portal) -> None:
    """The proof of this kind, which no route of this release has."""
    app = Flask("webhooks")
    app.extensions["wiring"] = wiring
    app.extensions["url_segments"] = UrlSegments([SEGMENT], wiring.pool)
    register(app, [WEBHOOK])
    client, path = app.test_client(), path_of(WEBHOOK, SEGMENT)
    events = [{"eventId": 1, "portalId": victim.portal_id}]
    assert proofs.of_hubspot_webhook(path, events).send(client).status_code == 200
    assert client.post(path, **signed(path, b"[]")).status_code == 200  # v3
    assert proofs.of_hubspot_webhook(path_of(WEBHOOK), events).send(client).status_code == 401
    for kind in (CallerKind.VIEW, CallerKind.BROWSER):
        for call in calls_of(kind, path_of(WEBHOOK), victim, victim, ""):
            assert call.send(client).status_code == 401
    assert proofs.of_workflow(path, {}).send(client).status_code == 401  # v2


def test_every_served_route_is_in_the_table(app: Flask) -> None:
    served = {
        (rule.rule, method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    }
    in_front = {route for route in ROUTES if isinstance(route.handler, Action)}
    declared = {(route.path, route.method) for route in ROUTES if route not in in_front}
    assert served == declared
    assert set(actions(ROUTES).values()) == {route.handler for route in in_front} == set(Action)
    assert len({route.path for route in ROUTES}) == len(ROUTES)


def test_every_kind_of_caller_has_a_guard() -> None:
    assert set(GUARDS) == set(CallerKind)


def test_route_that_is_not_in_the_table_is_not_served(wiring: Wiring) -> None:
    app = create_app(wiring.settings, wiring)
    app.add_url_rule("/secret", "secret", lambda: "everything", methods=["GET"])
    assert app.test_client().get("/secret").status_code == 404


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_path_outside_the_table_is_refused_alike(
    client: FlaskClient, conn: Conn, attacker: Portal, victim: Portal, method: str
) -> None:
    """There is no redirect: it would show how a path is written, and HubSpot follows none."""
    before = count_rows(conn)
    paths = {"/", "/view", "/view/", "/view/card", "/nothing"}
    for route in ROUTES:
        path = path_of(route, SEGMENT)
        paths |= {path + "/", "/" + path, path.replace("/", "//"), path + "//", path.replace("/", "/./", 1)}
        paths |= {path[:place] + "/" + path[place:] for place, sign in enumerate(path) if sign == "/"}
        paths.add(path.upper().replace(SEGMENT.upper(), SEGMENT))
    signed_calls = (proofs.of_view(path, body_for(victim), attacker.portal_id) for path in sorted(paths))
    answers = {
        (answer.status_code, answer.content_type, answer.data, answer.headers.get("Location"))
        for call in signed_calls
        for answer in (call.send(client, method=method),)
    }
    assert len(answers) == 1, answers
    assert next(iter(answers))[0] == 404
    assert count_rows(conn) == before


def test_views_share_a_prefix_that_no_other_route_has() -> None:
    for route in ROUTES:
        assert route.path.startswith(f"{VIEW_PREFIX}/") == (route.caller is CallerKind.VIEW)


def test_no_route_answers_to_another_method(client: FlaskClient) -> None:
    for route in ROUTES:
        for method in {"GET", "POST", "OPTIONS", "PUT", "DELETE"} - {route.method}:
            answer = client.open(path_of(route, SEGMENT), method=method)
            assert answer.status_code in (404, 405), (method, route.path)


def uses_of(conn: Conn) -> list[int]:
    uses = [row["uses"] for row in conn.execute("SELECT uses FROM url_segments ORDER BY uses").fetchall()]
    conn.commit()
    return uses


class Clock:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_uses_of_a_segment_are_counted_once_a_minute(alone: Wiring, own: Conn) -> None:
    clock = Clock()
    segments = UrlSegments(["first-segment", "second-segment"], alone.pool, clock)
    assert segments.accept("first-segment")
    assert uses_of(own) == [1]
    for _ in range(5):
        assert segments.accept("second-segment")
    assert not segments.accept("third-segment")
    assert uses_of(own) == [1]
    clock.now += 60
    assert segments.accept("first-segment")
    assert uses_of(own) == [2, 5]


def test_old_segment_is_accepted_until_it_was_unused_for_30_days(alone: Wiring, own: Conn) -> None:
    clock = Clock()
    assert UrlSegments(["old-segment"], alone.pool, clock).accept("old-segment")
    segments = UrlSegments(["new-segment"], alone.pool, clock)
    own.execute("UPDATE url_segments SET last_used_at = now() - interval '29 days 23 hours'")
    own.commit()
    assert segments.accept("old-segment")
    own.execute("UPDATE url_segments SET last_used_at = now() - interval '30 days 1 second'")
    own.commit()
    clock.now += 60
    assert not segments.accept("old-segment")
    assert not segments.accept("never-listed")


def test_old_segment_whose_row_was_deleted_does_not_return_by_its_own_use(alone: Wiring, own: Conn) -> None:
    """An operator ends a leaked segment so, while somebody calls by it."""
    clock = Clock()
    assert UrlSegments(["leaked-segment"], alone.pool, clock).accept("leaked-segment")
    segments = UrlSegments(["new-segment"], alone.pool, clock)
    assert segments.accept("leaked-segment")
    own.execute("DELETE FROM url_segments")
    own.commit()
    clock.now += 59
    assert segments.accept("leaked-segment"), "read within the minute"
    clock.now += 60
    assert segments.accept("new-segment")
    assert uses_of(own) == [1]
    assert not segments.accept("leaked-segment")


def closed_pool() -> ConnectionPool[Conn]:
    """The pool of a database that nobody runs."""
    return ConnectionPool("host=127.0.0.1 port=9", min_size=0, max_size=1, open=True)


def test_database_that_is_away_hinders_no_listed_segment(alone: Wiring) -> None:
    with closed_pool() as pool:
        assert UrlSegments(["first-segment"], pool, Clock()).accept("first-segment")


def test_old_segment_is_asked_for_again_when_the_database_is_away(alone: Wiring) -> None:
    """HubSpot repeats a 503, and would not repeat a 401."""
    with closed_pool() as pool:
        app = create_app(alone.settings, dataclasses.replace(alone, pool=pool))
        for name in ("send-sms", "options/senders"):
            path = f"/hubspot/workflow/{'x' * 32}/{name}"
            answer = app.test_client().post(path, **signed(path, execution(1)))
            assert (answer.status_code, answer.get_json()["error"]["code"]) == (503, "internal")
