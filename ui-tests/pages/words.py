"""Every text that the tests look for, read from the product's and the sandbox's dictionaries: none is typed twice."""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from sandbox.hubspot_sim.oauth import consent_texts
from sandbox.processes import ROOT
from sandbox.smsfactor_sim.pages.texts import TEXTS as GATEWAY_TEXTS
from sandbox.smsfactor_sim.pages.texts import spaced_number

LANGUAGES = ("fr", "en")
_APP_TEXTS = ROOT / "hubspot-project" / "src" / "app" / "packages" / "i18n"
_PAGE_TEXTS = ROOT / "sandbox" / "host" / "src" / "texts"
_ACTIONS = ROOT / "hubspot-project" / "src" / "app" / "workflow-actions"
_PROFILE = ROOT / "hubspot-project" / "src" / "hsprofile.sandbox.json"
_PAGE_TEXT = re.compile(r"^ {2}'([\w.]+)':\s*'((?:[^'\\]|\\.)*)',$", re.MULTILINE)
_SLOT = re.compile(r"\{(\w+)\}")


@cache
def app_texts(language: str) -> Mapping[str, str]:
    """The texts of our extensions, by key; the forms of a plural have keys of their own (`key#one`)."""
    texts: dict[str, str] = json.loads((_APP_TEXTS / f"{language}.json").read_text(encoding="utf-8"))
    return texts


@cache
def _page_texts(language: str) -> Mapping[str, str]:
    files = (_PAGE_TEXTS / f"{language}.ts", _PAGE_TEXTS / f"workflows.{language}.ts")
    source = "".join(file.read_text(encoding="utf-8") for file in files)
    return {key: text.replace("\\'", "'") for key, text in _PAGE_TEXT.findall(source)}


@cache
def _action_labels(uid: str) -> Mapping[str, Any]:
    """Labels of a workflow action by language, from the file that HubSpot reads."""
    for file in sorted(_ACTIONS.glob("*-hsmeta.json")):
        action = json.loads(file.read_text(encoding="utf-8"))
        if action["uid"] == uid:
            labels: dict[str, Any] = action["config"]["labels"]
            return labels
    raise LookupError(uid)


@cache
def _variables() -> Mapping[str, str]:
    variables: dict[str, str] = json.loads(_PROFILE.read_text(encoding="utf-8"))["variables"]
    return variables


class Words:
    """The words of one language. Spaces may differ from those on the page, because Playwright treats all as equal."""

    def __init__(self, language: str) -> None:
        self.language = language

    def app(self, key: str, **slots: Any) -> str:
        """A text of our extensions; a plural is chosen by the slot `count`."""
        texts = app_texts(self.language)
        if key not in texts:
            key = f"{key}#{self._plural(slots['count'])}"
        return self._fill(texts[key], slots)

    def page(self, key: str, **slots: Any) -> str:
        """A text of the sandbox's HubSpot pages."""
        return self._fill(_page_texts(self.language)[key], slots)

    def action(self, uid: str, kind: str, name: str, **slots: Any) -> str:
        """A label of a workflow action, e.g. kind `executionRules`; slots are written {{name}} there."""
        text: str = _action_labels(uid)[self.language][kind][name]
        for slot, value in slots.items():
            text = text.replace(f"{{{{{slot}}}}}", str(value))
        return text

    def consent(self, key: str, **slots: Any) -> str:
        """A text of the page that asks for consent."""
        return self._fill(consent_texts.texts(self.language)[key], slots)

    def gateway(self, key: str, **slots: Any) -> str:
        """A text of the simulated SMSFactor platform and its handsets."""
        return self._fill(GATEWAY_TEXTS[self.language][key], slots)

    def variable(self, name: str) -> str:
        """A variable of the project's sandbox profile: HubSpot's static labels, the same in every language."""
        return _variables()[name]

    def number(self, value: int) -> str:
        """A whole number with the language's thousands separator."""
        return f"{value:,}".replace(",", "\u202f" if self.language == "fr" else ",")

    def phone(self, e164: str) -> str:
        """A number as people read it: +33 6 12 34 56 78."""
        return spaced_number(e164.lstrip("+"))

    def quoted(self, text: str) -> str:
        """A word between the language's quotation marks."""
        return self.app("character.quoted", character=text)

    def characters(self, characters: Sequence[str]) -> str:
        """Characters by name, as the composer lists disallowed ones."""
        names = [self.quoted(character) for character in characters]
        if len(names) == 1:
            return names[0]
        return self.app("common.list_and", items=", ".join(names[:-1]), last=names[-1])

    def phone_property(self, name: str) -> str:
        """A phone property's label."""
        return self.app(f"property.{name}")

    def _plural(self, count: int) -> str:
        return "one" if count == 1 or (count == 0 and self.language == "fr") else "other"

    def _fill(self, text: str, slots: Mapping[str, Any]) -> str:
        def fill(match: re.Match[str]) -> str:
            value = slots[match.group(1)]
            return self.number(value) if isinstance(value, int) else str(value)

        return _SLOT.sub(fill, text)
