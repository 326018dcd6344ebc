"""Loads the installed project, which the build made from the real hsmeta files.

The build has checked the files with HubSpot's official parser. This module checks again, strictly, what the simulator
relies on. An unknown component, a missing bundle or an unknown property type stops the start, instead of showing later
as an empty card.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sandbox.hubspot_sim.crm.object_types import ObjectType, find_type
from sandbox.hubspot_sim.project_errors import ProjectError
from sandbox.hubspot_sim.webhooks.subscriptions import Webhooks, load_webhooks
from sandbox.hubspot_sim.workflows.actions import Action, load_action

_TOP = {"name", "platform_version", "profile", "account_id", "variables", "app", "components"}
_COMPONENT = {"uid", "type", "config", "file", "bundle"}
_TYPES = ("card", "settings", "page", "workflow-action", "app-event", "webhooks")
_WITH_BUNDLE = ("card", "settings", "page")
_UID = re.compile(r"[a-zA-Z0-9_\-.]{1,64}")
_EVENT_TYPES = ("string", "number", "enumeration", "date")
_LOCATIONS = ("crm.record.tab", "crm.record.sidebar", "crm.preview", "helpdesk.sidebar")


@dataclass(frozen=True)
class EventProperty:
    """One property of an app event type. options: the allowed values of an enumeration."""

    name: str
    type: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class EventType:
    """One app event type; occurrences name it by its uid."""

    uid: str
    name: str
    kind: ObjectType
    header_template: str
    detail_template: str
    properties: dict[str, EventProperty]


@dataclass(frozen=True)
class Extension:
    """One UI extension. location: a HubSpot extension point. object_types: ids; empty outside records."""

    uid: str
    type: str
    name: str
    location: str
    object_types: tuple[str, ...]
    bundle_url: str


@dataclass(frozen=True)
class Project:
    """The whole project, resolved for one profile."""

    name: str
    account_id: int
    variables: dict[str, Any]
    app_uid: str
    app_name: str
    redirect_urls: tuple[str, ...]
    required_scopes: tuple[str, ...]
    optional_scopes: tuple[str, ...]
    conditional_scopes: tuple[str, ...]
    fetch_urls: tuple[str, ...]
    event_types: dict[str, EventType]
    extensions: tuple[Extension, ...]
    actions: dict[str, Action]
    webhooks: Webhooks | None

    def extension(self, uid: str) -> Extension | None:
        """The UI extension of that uid."""
        return next((found for found in self.extensions if found.uid == uid), None)


def load_project(assets: Path) -> Project:
    """Read `assets`/project.json. Raises ProjectError."""
    data = _read(assets / "project.json", assets)
    _refuse_placeholders(data, "project.json")
    _members(data, _TOP, "project.json")
    _members(data["app"], {"uid", "config"}, "app")
    components = _components(data["components"], assets)
    config = _mapping(data["app"]["config"], "app.config")
    auth = _mapping(config.get("auth"), "app.config.auth")
    _require(config.get("distribution") == "marketplace", "app.config.distribution must be marketplace")
    _require(auth.get("type") == "oauth", "app.config.auth.type must be oauth")
    required = _texts(auth.get("requiredScopes"), "app.config.auth.requiredScopes")
    _require("oauth" in required, "app.config.auth.requiredScopes must contain oauth")
    event_types = [_event_type(item) for item in components if item["type"] == "app-event"]
    _require(
        not event_types or "timeline" in required, "app events need the scope timeline in requiredScopes"
    )
    return Project(
        name=_text(data["name"], "name"),
        account_id=_number(data["account_id"], "account_id"),
        variables=_mapping(data["variables"], "variables"),
        app_uid=_uid(data["app"]["uid"], "app.uid"),
        app_name=_text(config.get("name"), "app.config.name"),
        redirect_urls=_https(auth.get("redirectUrls"), "app.config.auth.redirectUrls"),
        required_scopes=required,
        optional_scopes=_texts(auth.get("optionalScopes", []), "app.config.auth.optionalScopes"),
        conditional_scopes=_texts(
            auth.get("conditionallyRequiredScopes", []), "app.config.auth.conditionallyRequiredScopes"
        ),
        fetch_urls=_https(
            _mapping(config.get("permittedUrls"), "app.config.permittedUrls").get("fetch"),
            "app.config.permittedUrls.fetch",
        ),
        event_types={found.uid: found for found in event_types},
        extensions=tuple(
            _extension(item, _text(config.get("name"), "app.config.name"))
            for item in components
            if item["type"] in _WITH_BUNDLE
        ),
        actions=_actions(components),
        webhooks=load_webhooks(components),
    )


def _read(path: Path, assets: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProjectError(
            f"{path} is not there; build the project first: node sandbox/host/build.mjs --project . "
            f"--profile sandbox --out {assets}"
        ) from None
    except ValueError as error:
        raise ProjectError(f"{path} is not JSON: {error}") from None


def _components(items: Any, assets: Path) -> list[dict[str, Any]]:
    _require(isinstance(items, list), "components must be a list")
    seen: set[str] = set()
    for number, item in enumerate(items):
        where = f"components[{number}]"
        _members(item, _COMPONENT, where)
        uid = _uid(item["uid"], f"{where}.uid")
        _require(uid not in seen, f"{where}: uid {uid} is used twice")
        seen.add(uid)
        where = f"component {uid}"
        _require(item["type"] in _TYPES, f"{where}: unknown type {item['type']!r}")
        _require(str(item["file"]).endswith("-hsmeta.json"), f"{where}: file must end in -hsmeta.json")
        _mapping(item["config"], f"{where}.config")
        if item["type"] in _WITH_BUNDLE:
            _require(
                (assets / _text(item["bundle"], f"{where}.bundle")).is_file(),
                f"{where}: bundle {item['bundle']} is not in {assets}",
            )
        else:
            _require(item["bundle"] is None, f"{where}: a {item['type']} has no bundle")
    for single in ("settings", "page", "webhooks"):
        count = sum(item["type"] == single for item in items)
        _require(count <= 1, f"only one {single} component is allowed, not {count}")
    return list(items)


def _actions(components: list[dict[str, Any]]) -> dict[str, Action]:
    items = [item for item in components if item["type"] == "workflow-action"]
    try:
        return {item["uid"]: load_action(item, place) for place, item in enumerate(items)}
    except KeyError as error:
        raise ProjectError(f"a workflow-action component lacks {error}") from None
    except ValueError as error:
        raise ProjectError(str(error)) from None


def _extension(item: dict[str, Any], app_name: str) -> Extension:
    config, where = item["config"], f"component {item['uid']}"
    bundle_url = "/" + item["bundle"].lstrip("/")
    if item["type"] != "card":
        location = "settings" if item["type"] == "settings" else "pages"
        return Extension(item["uid"], item["type"], app_name, location, (), bundle_url)
    _require(config.get("location") in _LOCATIONS, f"{where}: location {config.get('location')!r} is unknown")
    names = _texts(config.get("objectTypes"), f"{where}.objectTypes")
    type_ids = [_record_type(name, f"{where}.objectTypes").id for name in names]
    _require(bool(type_ids), f"{where}: objectTypes is empty")
    return Extension(
        item["uid"],
        item["type"],
        _text(config.get("name"), f"{where}.name"),
        config["location"],
        tuple(type_ids),
        bundle_url,
    )


def _event_type(item: dict[str, Any]) -> EventType:
    config, where = item["config"], f"component {item['uid']}"
    name = _text(config.get("name"), f"{where}.name")
    _require(len(name) <= 50, f"{where}: the name has more than 50 characters")
    kind = _record_type(config.get("objectType"), f"{where}.objectType")
    properties = {}
    for entry in config.get("properties", []):
        checked = _event_property(entry, where)
        _require(checked.name not in properties, f"{where}: property {checked.name} is declared twice")
        properties[checked.name] = checked
    return EventType(
        item["uid"],
        name,
        kind,
        _text(config.get("headerTemplate"), f"{where}.headerTemplate"),
        str(config.get("detailTemplate", "")),
        properties,
    )


def _record_type(name: Any, where: str) -> ObjectType:
    """A type that has record pages: contacts, companies, deals."""
    kind = find_type(str(name))
    if kind is None or kind.schema_scopes is None:
        raise ProjectError(f"{where}: the simulator has no object type {name!r}")
    return kind


def _event_property(entry: Any, where: str) -> EventProperty:
    name = _text(_mapping(entry, f"{where}.properties").get("name"), f"{where}.properties[].name")
    where = f"{where}: property {name}"
    _text(entry.get("label"), f"{where}.label")
    _require(
        entry.get("type") in _EVENT_TYPES, f"{where}: type {entry.get('type')!r} is not one of {_EVENT_TYPES}"
    )
    options = entry.get("options", [])
    _require(bool(options) == (entry["type"] == "enumeration"), f"{where}: options belong to enumerations")
    return EventProperty(name, entry["type"], tuple(_text(option["value"], where) for option in options))


def _refuse_placeholders(data: Any, where: str) -> None:
    """`${NAME}` left in a value means the profile was not applied; HubSpot would install it literally."""
    if isinstance(data, str):
        _require("${" not in data, f"{where} holds an unresolved placeholder: {data!r}")
    elif isinstance(data, dict):
        for name, value in data.items():
            _refuse_placeholders(value, f"{where}.{name}")
    elif isinstance(data, list):
        for number, value in enumerate(data):
            _refuse_placeholders(value, f"{where}[{number}]")


def _require(fact: bool, message: str) -> None:
    if not fact:
        raise ProjectError(message)


def _members(value: Any, names: set[str], where: str) -> None:
    given = set(_mapping(value, where))
    _require(given == names, f"{where} must have exactly {sorted(names)}, not {sorted(given)}")


def _mapping(value: Any, where: str) -> dict[str, Any]:
    _require(isinstance(value, Mapping), f"{where} must be an object")
    return dict(value)


def _text(value: Any, where: str) -> str:
    _require(isinstance(value, str) and value != "", f"{where} must be a text")
    return str(value)


def _number(value: Any, where: str) -> int:
    _require(isinstance(value, int), f"{where} must be a number")
    return int(value)


def _uid(value: Any, where: str) -> str:
    _require(bool(_UID.fullmatch(str(value))), f"{where}: {value!r} is no uid")
    return str(value)


def _texts(value: Any, where: str) -> tuple[str, ...]:
    _require(
        isinstance(value, list) and all(isinstance(text, str) for text in value), f"{where} must be texts"
    )
    _require(len(set(value)) == len(value), f"{where} names something twice")
    return tuple(value)


def _https(value: Any, where: str) -> tuple[str, ...]:
    urls = _texts(value, where)
    _require(bool(urls), f"{where} is empty")
    for url in urls:
        parts = urlsplit(url)
        _require(parts.scheme == "https" and bool(parts.hostname), f"{where}: {url!r} is not an https URL")
    return urls
