"""Each word of a closed set stands in domain/vocabulary.py alone; SQL, the views and the documents agree with it."""

import ast
import json
import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from types import ModuleType

import pytest

from backend.tests.house.sources import CONNECTOR, ROOT, nodes_of, python_files
from backend.tests.house.test_house_rules import TEXTS
from connector.domain import refusals, vocabulary
from connector.domain.refusals import Code
from connector.domain.vocabulary import (
    AlertRule,
    AttemptOutcome,
    BalanceMode,
    Bottleneck,
    Direction,
    Encoding,
    ExecutionState,
    ExecutionStatus,
    LaneKind,
    Language,
    MessageState,
    NumberKind,
    PortalState,
    ProblemCode,
    PushType,
    Reason,
    Source,
    Standing,
    WaitFor,
    WarningCode,
)
from connector.store.database import connect

SCHEMAS = ROOT / "hubspot-project" / "src" / "app" / "packages" / "api" / "schemas.ts"
ERRORS = ROOT / "docs" / "errors.md"


def vocabularies(module: ModuleType) -> list[type[StrEnum]]:
    kinds = [value for value in vars(module).values() if isinstance(value, type) and value is not StrEnum]
    return [kind for kind in kinds if issubclass(kind, StrEnum)]


#: Without Language: "fr" and "en" are also browser languages and keys of labels.
WORDS = {word.value for kind in vocabularies(vocabulary) if kind is not Language for word in kind}

# Words with another meaning in these files: names of fields and columns, words of the gateway or of HubSpot.
OTHER_MEANINGS = {
    "domain/refusals.py": {code.value for code in Code},  # a separate vocabulary
    "domain/property_forms.py": {"no"},
    "domain/rights.py": {"consent"},
    "domain/workflows/fields.py": {"no", "reply"},
    "inbound/card/card.py": {"balance", "held", "scheduled"},
    "inbound/card/composer.py": {"repeated"},
    "inbound/http/callers.py": {"workflow"},
    "inbound/settings/account.py": {"balance"},
    "inbound/settings/limits.py": {"hourly_cap", "waiting"},
    "inbound/settings/preferences.py": {"preferences"},
    "smsfactor/answers.py": {
        "delivered",
        "not_sent",
        "postpaid",
        "sent",
        "undelivered",
        "unlimited",
        "waiting",
        "webhooks",
    },
    "smsfactor/events.py": {"balance"},
    "smsfactor/webhook_bodies.py": {"balance"},
    "smsfactor/payloads.py": {
        "blacklisted",
        "country_limit",
        "duplicated",
        "flood",
        "invalid",
        "not_allowed",
        "npai",
    },
    "store/crm/record_writes.py": {"delivered"},
    "store/messages/attempts.py": {"absent"},
    "store/messages/claims.py": {"claim", "opted_out"},
    "store/messages/forecast.py": {"expired"},
    "store/messages/limits.py": {"hourly_cap"},
    "store/messages/send_context.py": {"held", "opted_out"},
    "store/workflows/outcomes.py": {"callbacks"},
    "use_cases/workflows/settle_waits.py": {"reply"},
    "worker/health.py": {"ok"},
}

# Fields whose type is a vocabulary: code compares them only with its members.
FIELDS = {
    "action",
    "alert_rule",
    "direction",
    "encoding",
    "outcome",
    "push_type",
    "reason",
    "source",
    "standing",
    "state",
    "wait_for",
}


def strings_of(path: Path) -> set[str]:
    """All strings except docstrings, names of log events and pieces of f-strings."""
    return {
        child.value
        for parent in nodes_of(path)
        if not isinstance(parent, ast.Expr | ast.JoinedStr) and not _is_log(parent)
        for child in ast.iter_child_nodes(parent)
        if isinstance(child, ast.Constant) and isinstance(child.value, str)
    }


def _is_log(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log.")


def test_no_word_of_a_vocabulary_is_written_as_a_literal() -> None:
    found: dict[str, set[str]] = {}
    for path in python_files(CONNECTOR):
        name = str(path.relative_to(CONNECTOR))
        if name != "domain/vocabulary.py":
            literals = strings_of(path) & WORDS
            if literals:
                found[name] = literals
    wrong = {name: sorted(words - OTHER_MEANINGS.get(name, set())) for name, words in found.items()}
    assert {name: words for name, words in wrong.items() if words} == {}
    unused = {
        name: sorted(words - found.get(name, set()) - set(Code)) for name, words in OTHER_MEANINGS.items()
    }
    assert {name: words for name, words in unused.items() if words} == {}


def test_no_field_of_a_vocabulary_is_compared_with_a_string() -> None:
    """Type checkers accept `state == "queud"`, because a member of StrEnum is a string."""
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {ast.unparse(node)}"
        for path in python_files(CONNECTOR)
        for node in nodes_of(path)
        if isinstance(node, ast.Compare) and _names(node) & FIELDS and any(map(_has_string, _sides(node)))
    ]
    assert wrong == []


def test_every_match_over_a_vocabulary_is_complete() -> None:
    """It ends in `assert_never`, so that a new word without a case is a type error."""
    names = {kind.__name__ for kind in vocabularies(vocabulary)}
    matches = [
        (f"{path.relative_to(ROOT)}:{node.lineno}", ast.unparse(node.cases[-1]))
        for path in python_files(CONNECTOR)
        for node in nodes_of(path)
        if isinstance(node, ast.Match)
        and names & {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    ]
    assert len(matches) >= 4
    assert [where for where, last in matches if not re.match(r"case _:\n\s+assert_never\(", last)] == []


def _sides(node: ast.Compare) -> list[ast.expr]:
    return [node.left, *node.comparators]


def _names(node: ast.Compare) -> set[str]:
    sides = _sides(node)
    return {side.attr for side in sides if isinstance(side, ast.Attribute)} | {
        side.id for side in sides if isinstance(side, ast.Name)
    }


def _has_string(side: ast.expr) -> bool:
    elements = side.elts if isinstance(side, ast.Tuple | ast.Set | ast.List) else [side]
    return any(isinstance(e, ast.Constant) and isinstance(e.value, str) and e.value != "" for e in elements)


# Columns of a vocabulary, by name. CHECK constraints cover equal names in several tables.
COLUMNS: dict[str, set[str]] = {
    "state": {*MessageState, *ExecutionState, *PortalState},
    "reason": set(Reason),
    "pause_reason": {*Reason, *ProblemCode},
    "last_error": {Reason.GATEWAY_UNREACHABLE},
    "direction": set(Direction),
    "source": {*Source, *vocabulary.ConsentSource, *vocabulary.UnassignedSource},
    "push_type": set(PushType),
    "encoding": set(Encoding),
    "outcome": set(AttemptOutcome),
    "kind": set(LaneKind),
    "code": set(ProblemCode),
    "wait_for": set(WaitFor),
    "alert_rule": set(AlertRule),
    "balance_mode": set(BalanceMode),
    "event": set(vocabulary.ConsentEvent),
    "lists_name": set(vocabulary.GatewayList),
    "standing": set(Standing),
    "action": set(vocabulary.Action),
}
# Other quoted words: PostgreSQL's, and a value of a HubSpot property.
SQL_WORDS = {"-infinity", "false", "hour", "infinity", "lock_timeout", "off", "synchronous_commit"}
_SQL = re.compile(r"\b(SELECT|UPDATE|INSERT|DELETE|WHERE|FROM|SET|RETURNING|VALUES|WHEN)\b")
_QUOTED = r"'[a-z_-]+'"
_COMPARED = re.compile(
    rf"(?:%\()?\b(?P<column>\w+)(?:\)s)?\s*(?:=|<>|(?:NOT )?IN|IS (?:NOT )?DISTINCT FROM)\s*\(?"
    rf"(?P<words>{_QUOTED}(?:\s*,\s*{_QUOTED})*)"
)


def statements() -> Iterator[tuple[str, str]]:
    """(place, SQL): .sql files, and strings of Python files that contain SQL."""
    for path in sorted(CONNECTOR.rglob("*.sql")):
        text = re.sub(r"--.*", "", path.read_text())
        yield str(path.relative_to(CONNECTOR)), text
    for path in python_files(CONNECTOR):
        for node in nodes_of(path):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQL.search(node.value):
                yield f"{path.relative_to(CONNECTOR)}:{node.lineno}", re.sub(r"--.*", "", node.value)


def words_in(text: str) -> set[str]:
    return {word.strip("'") for word in re.findall(_QUOTED, text)}


def test_sql_compares_columns_with_words_of_their_vocabulary() -> None:
    compared = [
        (where, match["column"], word)
        for where, statement in statements()
        for match in _COMPARED.finditer(statement)
        for word in words_in(match["words"])
    ]
    assert len(compared) >= 50
    columns = {column for _, column, _ in compared} & COLUMNS.keys()
    assert {"state", "outcome", "direction", "kind"} <= columns
    assert [row for row in compared if row[2] not in COLUMNS.get(row[1], {*SQL_WORDS})] == []


def test_sql_has_no_other_quoted_words() -> None:
    wrong = [
        (where, sorted(unknown))
        for where, statement in statements()
        if (unknown := words_in(statement) - WORDS - SQL_WORDS)
    ]
    assert wrong == []


CHECKED: dict[tuple[str, str], type[StrEnum]] = {
    ("account_links", "lists_name"): vocabulary.GatewayList,
    ("attempts", "outcome"): AttemptOutcome,
    ("consent_events", "event"): vocabulary.ConsentEvent,
    ("messages", "direction"): Direction,
    ("messages", "encoding"): Encoding,
    ("messages", "push_type"): PushType,
    ("messages", "source"): Source,
    ("messages", "state"): MessageState,
    ("portals", "alert_rule"): AlertRule,
    ("portals", "default_push_type"): PushType,
    ("portals", "language"): Language,
    ("portals", "state"): PortalState,
    ("sms_accounts", "balance_mode"): BalanceMode,
    ("workflow_executions", "action"): vocabulary.Action,
    ("workflow_executions", "state"): ExecutionState,
    ("workflow_executions", "wait_for"): WaitFor,
}


def test_check_constraints_permit_the_vocabulary_and_nothing_else(database: str) -> None:
    with connect(database) as conn:
        rows = conn.execute(
            "SELECT conrelid::regclass::text AS table, pg_get_constraintdef(oid) AS definition FROM pg_constraint"
            " WHERE contype = 'c' AND connamespace = 'public'::regnamespace"
        ).fetchall()
    lists = {
        (row["table"], match[1]): re.findall(r"'([^']*)'::text", match[2])
        for row in rows
        if (match := re.search(r"\((\w+) = ANY \(ARRAY\[(.*)\]\)\)", row["definition"]))
    }
    permitted = {place: set(words) for place, words in lists.items()}
    assert permitted == {place: {word.value for word in kind} for place, kind in CHECKED.items()}


# Lists of words in schemas.ts -> their vocabulary; a plain tuple belongs to the views alone.
SHOWN: dict[str, Iterable[str]] = {
    "MESSAGE_STATUSES": MessageState,
    "PUSH_TYPES": PushType,
    "direction": Direction,
    "mode": BalanceMode,
    "kind": NumberKind,
    "alert_rule": AlertRule,
    "encoding": Encoding,
    "state": ("linked", "not_linked"),  # state of the card's account
}


def test_schemas_of_the_views_have_the_same_words() -> None:
    text = SCHEMAS.read_text()
    constants = re.findall(r"export const (\w+) = \[([^\]]*)\] as const", text)
    fields = re.findall(r"(\w+): (?:z\.catch\()?z\.enum\(\[('[^\]]*)\]\)", text)
    lists = [(name, re.findall(r"'([^']*)'", words)) for name, words in [*constants, *fields]]
    codes = {word for name, words in lists if name.endswith("_CODES") for word in words}
    assert codes == set(WarningCode)
    others = [(name, words) for name, words in lists if not name.endswith("_CODES")]
    assert {name for name, _ in others} == set(SHOWN)
    assert [(name, words) for name, words in others if words != [str(word) for word in SHOWN[name]]] == []


# First part of a dictionary key -> its vocabulary, and other keys under it.
SENTENCES: dict[str, tuple[Iterable[str], set[str]]] = {
    "status": (MessageState, {"other"}),
    "reason": (Reason, set()),
    "cause": (Bottleneck, set()),
    "credits": (BalanceMode, {"unknown", "unknown_help", "unknown_value", "unlimited_value"}),
    # Includes codes of former versions of the backend and of a later one.
    "problem": (ProblemCode, {"other", "gateway_unavailable", "gateway_unreachable", "token_refused"}),
}


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("area", SENTENCES)
def test_dictionaries_have_a_sentence_for_each_word_and_for_no_other(language: str, area: str) -> None:
    texts = json.loads((TEXTS / f"{language}.json").read_text())
    words, others = SENTENCES[area]
    keys = {key.split("#")[0].split(".", 1)[1] for key in texts if key.startswith(f"{area}.")}
    assert keys - others == set(words)


def table(section: str) -> dict[str, list[str]]:
    """Rows of the first table under a heading of docs/errors.md: code -> the other cells."""
    text = ERRORS.read_text().split(f"## {section}\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return {re.findall(r"`(\w+)`", cells[0])[0]: cells[1:] for cells in rows}


def test_documents_list_each_reason_and_each_problem_with_who_can_help() -> None:
    reasons, problems = table("Reasons of a message"), table("Problems")
    assert set(reasons) == set(Reason)
    assert set(problems) == set(ProblemCode)
    assert {len(cells) for cells in problems.values()} == {3}, "opened when, who can help, closed by"
    callers = table("Answers to callers who have not proved who they are")
    assert set(callers) == set(vocabulary.CallerCode)


def test_states_in_the_documents_are_states() -> None:
    states = {
        state
        for cells in table("Reasons of a message").values()
        for state in re.findall(r"`(\w+)`", cells[0])
    }
    assert states <= set(MessageState)


def test_statuses_of_workflows_are_documented() -> None:
    documented = (ROOT / "docs" / "workflows.md").read_text()
    assert [status for status in ExecutionStatus if f"`{status}`" not in documented] == []


def test_each_vocabulary_is_found() -> None:
    names = {kind.__name__ for kind in vocabularies(vocabulary)}
    assert {"MessageState", "Reason", "Cause", "ProblemCode", "LaneKind"} <= names
    assert Code in vocabularies(refusals)
