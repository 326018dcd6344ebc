"""CRM search: filters, a text query, one sort, pages. Limits of HubSpot's docs (search guide)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from sandbox.hubspot_sim.bearer import admit_type
from sandbox.hubspot_sim.bodies import checked_object, json_object, query_values, text_list
from sandbox.hubspot_sim.crm.definitions import Definition
from sandbox.hubspot_sim.crm.links import TYPE_IDS
from sandbox.hubspot_sim.crm.object_types import CONTACT, ObjectType, object_type
from sandbox.hubspot_sim.crm.objects import defined_names
from sandbox.hubspot_sim.crm.records import Record, national_digits
from sandbox.hubspot_sim.crm.values import ValueProblem, as_milliseconds
from sandbox.hubspot_sim.errors import InvalidInput
from sandbox.hubspot_sim.world import Sim, World

_MOST_GROUPS, _MOST_FILTERS, _MOST_FILTERS_IN_ALL = 5, 6, 18
_LONGEST_PAGE, _LAST_RESULT, _LONGEST_BODY = 200, 10_000, 3_000
_LISTS = ("IN", "NOT_IN")
_BARE = ("HAS_PROPERTY", "NOT_HAS_PROPERTY")
_SINGLE = ("EQ", "NEQ", "LT", "LTE", "GT", "GTE", "BETWEEN", "CONTAINS_TOKEN", "NOT_CONTAINS_TOKEN")
_QUERIED = {
    "contacts": ("firstname", "lastname", "email", "company"),
    "companies": ("name", "domain"),
    "deals": ("dealname",),
    "communications": ("hs_communication_body",),
    "tasks": ("hs_task_body", "hs_task_subject"),
}
_ASSOCIATED = "associations."
_PHONES = ("hs_searchable_calculated_phone_number", "hs_searchable_calculated_mobile_number")


def search_routes(sim: Sim) -> Blueprint:
    """POST /crm/objects/2026-09/{type}/search."""
    routes = Blueprint("search", __name__, url_prefix="/crm/objects/2026-09")

    @routes.post("/<type_name>/search")
    def search(type_name: str) -> ResponseReturnValue:
        kind = admit_type(sim, type_name, search=True)
        query_values()
        if len(request.get_data()) > _LONGEST_BODY:
            raise InvalidInput(f"the request body is longer than {_LONGEST_BODY} characters")
        body = json_object(optional=["filterGroups", "sorts", "query", "properties", "limit", "after"])
        limit, start = _page(body)
        with sim.world.lock:
            names = defined_names(sim.world, kind, text_list(body.get("properties", []), "properties"))
            found = _found(sim, kind, body)
            page = [record.as_json(names) for record in found[start : start + limit]]
        answer: dict[str, Any] = {"total": len(found), "results": page}
        if start + limit < len(found):
            answer["paging"] = {"next": {"after": str(start + limit)}}
        return jsonify(answer)

    return routes


def _page(body: dict[str, Any]) -> tuple[int, int]:
    limit, after = body.get("limit", 10), body.get("after", "0")
    if not isinstance(limit, int) or not 1 <= limit <= _LONGEST_PAGE:
        raise InvalidInput(f"limit must be a whole number from 1 to {_LONGEST_PAGE}")
    if not isinstance(after, str | int) or not str(after or 0).isdigit():
        raise InvalidInput("after must be a cursor from an earlier answer")
    start = int(after or 0)
    if start + limit > _LAST_RESULT:
        raise InvalidInput(f"Paging through results is limited to {_LAST_RESULT} results")
    return limit, start


def _found(sim: Sim, kind: ObjectType, body: dict[str, Any]) -> list[Record]:
    """All living records that match, sorted. The index lags behind: setting search_index_lag_s."""
    world = sim.world
    lag = timedelta(seconds=float(sim.settings["search_index_lag_s"]))
    records = world.records.indexed(kind, world.clock.now() - lag)
    groups = _groups(sim, kind, body.get("filterGroups", []))
    if groups:
        records = [
            record for record in records if any(all(test(record) for test in group) for group in groups)
        ]
    query = body.get("query")
    if query:
        records = [record for record in records if matches_query(record, str(query))]
    return _sorted(world, kind, records, body.get("sorts", []))


def matches_query(record: Record, query: str) -> bool:
    """True when every word of the query is in a searched text, or the query is part of a number."""
    digits = national_digits(query)
    if len(digits) >= 4 and any(digits in record.properties.get(name, "") for name in _PHONES):
        return True
    text = " ".join(record.properties.get(name, "") for name in _QUERIED[record.kind.plural]).lower()
    return all(word in text for word in query.lower().split())


def _groups(sim: Sim, kind: ObjectType, groups: Any) -> list[list[Callable[[Record], bool]]]:
    if not isinstance(groups, list) or len(groups) > _MOST_GROUPS:
        raise InvalidInput(f"filterGroups must be a list of at most {_MOST_GROUPS}")
    tests: list[list[Callable[[Record], bool]]] = []
    for group in groups:
        filters = checked_object(group, "filterGroups", required=["filters"])["filters"]
        if not isinstance(filters, list) or not 1 <= len(filters) <= _MOST_FILTERS:
            raise InvalidInput(f"a filter group takes 1 to {_MOST_FILTERS} filters")
        tests.append([_test(sim, kind, item) for item in filters])
    if sum(len(group) for group in tests) > _MOST_FILTERS_IN_ALL:
        raise InvalidInput(f"a search takes at most {_MOST_FILTERS_IN_ALL} filters")
    return tests


def _test(sim: Sim, kind: ObjectType, item: Any) -> Callable[[Record], bool]:
    """One filter as a function of a record. Raises InvalidInput."""
    checked_object(
        item, "filters", required=["propertyName", "operator"], optional=["value", "values", "highValue"]
    )
    name, operator = item["propertyName"], item["operator"]
    if str(name).startswith(_ASSOCIATED):
        return _association_test(sim.world, kind, item)
    definition = sim.world.catalogue.find(kind, str(name))
    if definition is None or (definition.name in _PHONES and not _has_number_search(sim, kind)):
        raise InvalidInput(f"There was a problem with the request. Property {name} does not exist")
    if operator in _BARE:
        wants = operator == "HAS_PROPERTY"
        return lambda record: (name in record.properties) is wants
    if operator in _LISTS:
        values = text_list(item.get("values"), "values")
        if len(values) > int(sim.settings["search_in_max"]):
            raise InvalidInput(f"{operator} takes at most {int(sim.settings['search_in_max'])} values")
        return _list_test(name, operator, values)
    if operator not in _SINGLE or not isinstance(item.get("value"), str):
        raise InvalidInput(f"operator {operator} is unknown or lacks its value")
    if operator == "BETWEEN" and not isinstance(item.get("highValue"), str):
        raise InvalidInput("BETWEEN needs highValue")
    return _value_test(definition, operator, item["value"], item.get("highValue", ""))


def _has_number_search(sim: Sim, kind: ObjectType) -> bool:
    """Contacts have searchable numbers; whether companies do is not documented (setting company_number_search)."""
    return kind is CONTACT or bool(sim.settings["company_number_search"])


def _association_test(world: World, kind: ObjectType, item: dict[str, Any]) -> Callable[[Record], bool]:
    """A filter on the pseudo-property `associations.{objectType}` (HubSpot docs, search guide)."""
    other = object_type(str(item["propertyName"]).removeprefix(_ASSOCIATED))
    wanted = [item.get("value")] if item["operator"] == "EQ" else item.get("values")
    if item["operator"] not in ("EQ", "IN") or (kind.id, other.id) not in TYPE_IDS:
        raise InvalidInput(f"there is no search by {item['propertyName']} {item['operator']}")
    ids = set(text_list(wanted, "values"))
    return lambda record: any(link.to_id in ids for link in world.links.of(kind, record.id, other))


def _list_test(name: str, operator: str, values: list[str]) -> Callable[[Record], bool]:
    if any(value != value.lower() for value in values):
        raise InvalidInput(f"values of {operator} must be in lower case")
    wants = operator == "IN"
    return lambda record: name in record.properties and (record.properties[name].lower() in values) is wants


def _value_test(definition: Definition, operator: str, value: str, high: str) -> Callable[[Record], bool]:
    def comparable(text: str) -> float | str:
        try:
            if definition.type == "number":
                return float(text)
            if definition.type in ("date", "datetime"):
                return as_milliseconds(text)
        except (ValueError, ValueProblem):
            raise InvalidInput(f"{text!r} is not a value of {definition.name}") from None
        return text.lower()

    wanted, upper = comparable(value), comparable(high) if operator == "BETWEEN" else ""

    def test(record: Record) -> bool:
        own_text = record.properties.get(definition.name)
        if own_text is None:
            return operator in ("NEQ", "NOT_CONTAINS_TOKEN")
        return _compare(operator, comparable(own_text), wanted, upper)

    return test


def _compare(operator: str, own: Any, wanted: Any, upper: Any) -> bool:
    """Compare a record's value with the filter's. Both are numbers, or both are lower-case texts."""
    if operator.endswith("CONTAINS_TOKEN"):
        words, token = str(own).replace("@", " ").replace(".", " ").split(), str(wanted).strip("*")
        found = token in str(own) if "*" in str(wanted) else (token in words or token == str(own))
        return found == (operator == "CONTAINS_TOKEN")
    return bool(
        {
            "EQ": lambda: own == wanted,
            "NEQ": lambda: own != wanted,
            "LT": lambda: own < wanted,
            "LTE": lambda: own <= wanted,
            "GT": lambda: own > wanted,
            "GTE": lambda: own >= wanted,
            "BETWEEN": lambda: wanted <= own <= upper,
        }[operator]()
    )


def _sorted(world: World, kind: ObjectType, records: list[Record], sorts: Any) -> list[Record]:
    """Sort by one property, as text (HubSpot: one sort), or by id without a sort."""
    if not isinstance(sorts, list) or len(sorts) > 1:
        raise InvalidInput("sorts must be a list of at most one")
    if not sorts:
        return records
    sort = checked_object(sorts[0], "sorts", required=["propertyName"], optional=["direction"])
    name, direction = sort["propertyName"], sort.get("direction", "ASCENDING")
    definition = world.catalogue.find(kind, str(name))
    if definition is None or direction not in ("ASCENDING", "DESCENDING"):
        raise InvalidInput(f"there is no sort by {name} {direction}")

    def key(record: Record) -> tuple[bool, float, str]:
        text = record.properties.get(name)
        number = float(text) if text and definition.type == "number" else 0.0
        return (text is None, number, (text or "").lower())

    return sorted(records, key=key, reverse=direction == "DESCENDING")
