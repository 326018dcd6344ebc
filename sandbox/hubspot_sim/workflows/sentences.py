"""The sentences of a workflow's history, French and English: from the app's own rules, else HubSpot's.

HubSpot's wording is imitated, not quoted. When several rules match, the first is shown (HubSpot docs).
"""

import re
from collections.abc import Mapping

from sandbox.hubspot_sim.workflows.actions import Action

_TOKEN = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_SENTENCES = {
    "succeeded": ("L’action a réussi.", "The action succeeded."),
    "failed": ("L’action a échoué ; le workflow continue.", "The action failed; the workflow goes on."),
    "blocked": ("L’action attend l’application.", "The action waits for the app."),
    "expired": (
        "L’application n’a pas terminé l’action dans le délai prévu ; le workflow continue.",
        "The app didn't complete the action in time; the workflow goes on.",
    ),
    "expired_failed": (
        "L’application n’a pas terminé l’action dans le délai prévu ; l’action a échoué.",
        "The app didn't complete the action in time; the action failed.",
    ),
    "refused": (
        "L’application a répondu avec le statut {status} : l’action a échoué et ne sera pas relancée.",
        "The app answered with status {status}: the action failed and won't be retried.",
    ),
    "retry_too_many": (
        "L’application est surchargée (statut 429) ; nouvel essai dans {seconds} s.",
        "The app is overloaded (status 429); next try in {seconds} s.",
    ),
    "retry_server_error": (
        "L’application a répondu avec le statut {status} ; nouvel essai dans {seconds} s.",
        "The app answered with status {status}; next try in {seconds} s.",
    ),
    "retry_timeout": (
        "L’application n’a pas répondu à temps ; nouvel essai dans {seconds} s.",
        "The app didn't answer in time; next try in {seconds} s.",
    ),
    "retry_no_connection": (
        "L’application est injoignable ; nouvel essai dans {seconds} s.",
        "The app can't be reached; next try in {seconds} s.",
    ),
    "given_up": (
        "L’application n’a donné aucune réponse utilisable pendant trois jours : l’action a échoué.",
        "The app gave no usable answer for three days: the action failed.",
    ),
    "record_gone": (
        "La fiche n’existe plus : l’action n’a pas été exécutée.",
        "The record no longer exists: the action was not executed.",
    ),
    "not_mapped": (
        "Le bac à sable ne connaît pas d’adresse locale pour {url}.",
        "The sandbox knows no loopback address for {url}.",
    ),
}
_PROBLEMS = {
    "outputs_malformed": ("outputFields n’est pas un objet.", "outputFields is not an object."),
    "output_unknown": (
        "Le champ de sortie « {field} » n’est pas déclaré (valeur « {value} »).",
        "The output field “{field}” isn't declared (value “{value}”).",
    ),
    "output_not_text": (
        "Le champ de sortie « {field} » n’est pas un texte : {value}.",
        "The output field “{field}” isn't a string: {value}.",
    ),
    "output_not_number": (
        "Le champ de sortie « {field} » n’est pas un nombre : « {value} ».",
        "The output field “{field}” isn't a number: “{value}”.",
    ),
    "output_not_bool": (
        "Le champ de sortie « {field} » n’est ni true ni false : « {value} ».",
        "The output field “{field}” is neither true nor false: “{value}”.",
    ),
    "output_no_option": (
        "Le champ de sortie « {field} » n’a pas d’option « {value} ».",
        "The output field “{field}” has no option “{value}”.",
    ),
    "state_unknown": (
        "hs_execution_state « {value} » est inconnu.",
        "hs_execution_state “{value}” is unknown.",
    ),
    "expiry_invalid": (
        "hs_expiration_duration « {value} » n’est pas utilisable ici.",
        "hs_expiration_duration “{value}” can't be used here.",
    ),
}


def sentence(
    action: Action, state: str, outputs: Mapping[str, str], cause: tuple[str, Mapping[str, str]] | None
) -> dict[str, str]:
    """One line in both languages. cause: the runner's own reason, which precedes the app's rules."""
    if cause is None:
        for rule in action.rules if outputs else ():
            if rule.matches(outputs):
                return {language: _ruled(action, language, rule.label, outputs) for language in ("fr", "en")}
    key, params = cause or (state, {})
    french, english = _SENTENCES[key]
    return {"fr": french.format_map(params), "en": english.format_map(params)}


def problem_sentence(code: str, params: Mapping[str, str]) -> dict[str, str]:
    """The sentence about a value that HubSpot could not use, in both languages."""
    french, english = _PROBLEMS[code]
    return {"code": code, "fr": french.format_map(params), "en": english.format_map(params)}


def _ruled(action: Action, language: str, label: str, outputs: Mapping[str, str]) -> str:
    """A rule's text, in English when the language has none, with outputs in place of its tokens."""
    rules = action.labels.get(language, {}).get("executionRules", {})
    text = rules.get(label) or action.labels["en"].get("executionRules", {}).get(label, label)
    return _TOKEN.sub(lambda found: outputs.get(found[1], ""), str(text))
