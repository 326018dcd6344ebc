"""Random requests over all routes with every kind of proof, right and wrong: none gets in unproved, none is a defect.

The small form runs with the suite; 100,000 requests are marked `long`.
"""

import json
import random
import string
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest
import structlog
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.tests.integration.http import proofs
from backend.tests.integration.http.hostile import MARK, World, bodies, build, fingerprint
from backend.tests.integration.http.proofs import Call
from backend.tests.workflow_calls import SEGMENT
from connector.inbound.http.callers import CallerKind
from connector.inbound.routes import ROUTES, Route
from connector.store.database import Conn
from connector.wiring import Wiring

SMALL, LARGE = 1_500, 100_000

WEIRD: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, -(2**63) - 1, 10**30, 0.5, -0.0, 1e308),
    *(
        "",
        " ",
        "\x00",
        "a\x00b",
        "\ud800",
        "é",
        "👩‍👩‍👧‍👦",
        "\u202e",
        "\ufeff",
        "x" * 6_000,
        "%s",
        "{{",
        "{{firstname|}}",
    ),
    *(
        "' OR 1=1 --",
        "../../etc/passwd",
        "0-1",
        "0-3",
        "501",
        "99999999999999999999",
        "+33612345678",
        "06 12",
        "NaN",
    ),
    *(
        "2026-02-30T25:61",
        "https://a.example/<-short->",
        "<-stop->",
        "alert",
        "marketing",
        "delivered",
        "8" * 25,
    ),
    *([], {}, [[]], [None], {"": ""}, {"value": {"value": 1}}, [{}] * 3, list(range(600))),
)
#: Put into the JSON text in place of a value: no Python value is written like them.
RAW: Final = (
    *(
        "1e400",
        "-1e400",
        "NaN",
        "Infinity",
        "9" * 5_000,
        r'"\u0000"',
        r'"\ud83d"',
        '{"a": 1, "a": 2}',
        "01",
        "'x'",
    ),
    *("[" * 40 + "]" * 40, "[" * 1_000 + "]" * 1_000, '{"a":' * 30_000, '"\n"', '"\\x"', "nul"),
)
BYTES: Final = (
    b"",
    b"[]",
    b"null",
    b'"STOP"',
    b"{",
    b"\xff\xfe",
    b"a=b&from=336",
    b"\x00",
    '{"é": 1}'.encode("cp1252"),
)
HEADERS: Final = (
    *(
        "X-HubSpot-Signature",
        "X-HubSpot-Signature-Version",
        "X-HubSpot-Signature-v3",
        "X-SMSFactor-Signature",
    ),
    *("X-HubSpot-Request-Timestamp", "Content-Type", "Cookie", "Accept-Language", "X-Forwarded-For"),
)
VALUES: Final = (
    "",
    "v1",
    "v2",
    "é",
    "0",
    "-1",
    "9" * 400,
    "application/x-www-form-urlencoded",
    "a=b; c",
    "\x7f",
)


class Fuzz:
    """Makes requests at random, sends them, and counts what they did."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.random = random.Random(seed)  # noqa: S311
        self.bodies = bodies(world)
        self.client: FlaskClient = world.app.test_client()
        self.results: Counter[str] = Counter()
        self.faults: list[str] = []

    def run(self, count: int) -> None:
        for number in range(count):
            route = self.random.choice(ROUTES)
            kind = route.caller if self.random.random() < 0.4 else self.random.choice(list(CallerKind))
            call, is_proved = self._call(route, kind)
            answer = call.send(self.client, route.method)
            self._judge(number, route, kind, call, answer, is_proved)

    def _judge(
        self,
        number: int,
        route: Route,
        kind: CallerKind,
        call: Call,
        answer: TestResponse,
        is_proved: bool | None,
    ) -> None:
        what = f"{number}: {kind} -> {route.method} {call.target[:200]} {call.body[:300]!r}: {answer.status_code}"
        is_defect = answer.status_code >= 500 or '"internal"' in answer.text
        is_open = route.caller in (CallerKind.BROWSER, CallerKind.OPERATOR)
        is_in = answer.status_code < 400 and is_proved is False and not is_open
        self.results["in"] += is_in
        self.results["defects"] += is_defect
        self.results["leaks"] += MARK in answer.text
        self.results["proved"] += is_proved is True
        self.results[f"answers of {route.caller}"] += is_proved is True and answer.status_code == 200
        if is_in or is_defect or MARK in answer.text:
            self.faults.append(f"{what} {answer.text[:300]}")

    def _call(self, route: Route, kind: CallerKind) -> tuple[Call, bool | None]:
        """A call of the route with a proof of this kind, and whether it is the proof of the route; None: perhaps."""
        knows = kind is route.caller and (kind is CallerKind.VIEW or self.random.random() < 0.9)
        path = self._path(route, knows=knows)
        raw = self._body(route)
        query = ""
        if kind is CallerKind.VIEW and self.random.random() < 0.9:
            query = proofs.identity(self.world.own.portal_id)
        elif kind is CallerKind.WORKFLOW and self.random.random() < 0.2:
            query = proofs.identity(self.world.victim.portal_id)
        own = (path, query)
        if self.random.random() < 0.3:
            path, query = self._changed_target(path, query)
        target = path + (f"?{query}" if query else "")
        call = Call(target, raw, self._proof(kind, target, raw))
        is_proved = knows and (path, query) == own and (kind is CallerKind.VIEW) == bool(query)
        if kind is CallerKind.GATEWAY:
            is_proved = knows and path == own[0]  # SMSFactor's proof has no part in the query
        if self.random.random() < 0.1:
            return self._with_odd_header(call), None if is_proved else False
        return call, is_proved

    def _path(self, route: Route, *, knows: bool) -> str:
        """The route's path; the secrets in it only for its own callers."""
        guess = self._text(40)
        return (
            route.path.replace("<segment>", SEGMENT if knows else guess)
            .replace("<path_secret>", self.world.own_webhook.path if knows else guess)
            .replace("<kind>", self.random.choice(("dlr", "stop", "mo", "clicker")))
        )

    def _proof(self, kind: CallerKind, target: str, raw: bytes) -> Mapping[str, str]:
        makers: dict[CallerKind, Callable[[], Mapping[str, str]]] = {
            CallerKind.VIEW: lambda: proofs.signed_both(target, raw),
            CallerKind.WORKFLOW: lambda: proofs.signed_v2(target, raw),
            CallerKind.HUBSPOT_WEBHOOK: lambda: proofs.signed_v1(raw),
            CallerKind.GATEWAY: lambda: {"X-SMSFactor-Signature": self.world.own_webhook.signature},
        }
        return makers.get(kind, dict)()

    def _with_odd_header(self, call: Call) -> Call:
        odd = {self.random.choice(HEADERS): self.random.choice(VALUES)}
        return Call(call.target, call.body, {**call.headers, **odd})

    def _changed_target(self, path: str, query: str) -> tuple[str, str]:
        """A target that is no longer the route's own, or whose identity is not HubSpot's alone."""
        other = self.world.victim.portal_id
        choices = (
            (path + "/", query),
            ("/" + path, query),
            (path.replace("/", "//", 2), query),
            (path.replace("e", "%65", 1) + "%00", query),
            (f"/view/..{path}", query),
            (path + "%2F..", query),
            (path + "%FF", query),
            (path, f"portalId={other}&{query}"),
            (path, f"{query}&userId=5"),
            (path, f"userId=5&x=?{query}"),
            (path, f"%70ortalId={other}&{query}"),
            (path, query.replace("userId=77", "userId=x")),
            (path, query.replace("appId", "portalId")),
            (path, query.replace("ines", "%00%ED%A0%80")),
            (path, self._text(200).replace("#", "")),
        )
        changed_path, changed_query = self.random.choice(choices)
        if (changed_path, changed_query) == (path, query):
            return path, f"{query}&portalId={other}"
        return changed_path, changed_query

    def _body(self, route: Route) -> bytes:
        body = self.bodies.get(route.path, {})
        roll = self.random.random()
        if roll < 0.3:
            return json.dumps(body).encode()
        if roll < 0.35:
            return self.random.choice(BYTES)
        changed = self._changed(body, self.random.choice((1, 1, 1, 2, 4)))
        text = json.dumps(changed)
        if roll < 0.55 and body:
            text = json.dumps(self._replaced(changed, "@raw@")).replace('"@raw@"', self.random.choice(RAW), 1)
        raw = text.encode()
        return raw[: self.random.randrange(len(raw) + 1)] if roll > 0.97 else raw

    def _changed(self, body: Any, times: int) -> Any:
        for _ in range(times):
            if not isinstance(body, dict):
                return body
            roll = self.random.random()
            if roll < 0.7 and body:
                body = self._replaced(body, self._value())
            elif roll < 0.85 and body:
                gone = self.random.choice(list(body))
                body = {name: value for name, value in body.items() if name != gone}
            else:
                body = {**body, self.random.choice(("", "portalId", "x\x00", "id")): self._value()}
        return body

    def _replaced(self, value: Any, other: Any) -> Any:
        """The value with one part, at any depth, replaced. The portal of a workflow stays the caller's own."""
        if isinstance(value, dict) and value and self.random.random() < 0.9:
            name = self.random.choice(list(value))
            return value if name == "portalId" else {**value, name: self._replaced(value[name], other)}
        if isinstance(value, list) and value and self.random.random() < 0.7:
            place = self.random.randrange(len(value))
            return [*value[:place], self._replaced(value[place], other), *value[place + 1 :]]
        return other

    def _value(self) -> Any:
        roll = self.random.random()
        if roll < 0.2:
            return self.random.choice(self.world.victim_ids)
        return self._text(30) if roll < 0.35 else self.random.choice(WEIRD)

    def _text(self, longest: int) -> str:
        signs = string.ascii_letters + string.digits + "-_.~%é"
        return "".join(self.random.choices(signs, k=self.random.randrange(1, longest)))


def check(connected: Wiring, own: Conn, count: int, seed: int) -> None:
    world = build(connected, own)
    before = fingerprint(own, world.victim)
    fuzz = Fuzz(world, seed)
    fuzz.run(count)
    results = fuzz.results
    print(f"{count:,} requests: {dict(sorted(results.items()))}")  # noqa: T201 - the long form reports its figures
    assert not fuzz.faults, "\n".join(fuzz.faults[:10])
    assert (results["in"], results["defects"], results["leaks"]) == (0, 0, 0)
    assert fingerprint(own, world.victim) == before
    # Each kind of caller with a proof did get in: the requests reach the handlers.
    for kind in (CallerKind.VIEW, CallerKind.WORKFLOW, CallerKind.GATEWAY):
        assert results[f"answers of {kind}"] > count / 200, kind


def test_random_requests_open_nothing_and_break_nothing(connected: Wiring, own: Conn) -> None:
    check(connected, own, SMALL, seed=20261129)


@pytest.mark.long
def test_hundred_thousand_random_requests_open_nothing_and_break_nothing(
    connected: Wiring, own: Conn
) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    check(connected, own, LARGE, seed=random.SystemRandom().randrange(2**32))
