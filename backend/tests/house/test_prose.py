"""Rules about prose: sentences of docstrings and comments have a named subject and use the words of the trade."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("backend", "sandbox", "tools", "ui-tests")

# A sentence that begins with one of these names no subject. Questions are permitted.
_OPENING = re.compile(r"(?:What|Whoever|Who|Whom|Of|One that|So many|Nobody|Somebody)\b(?![^.]*\?$)")
_WORD = re.compile(
    r"\b(?:whoever|whom|reckon\w*|comes? into being|came into being|so long|of no use|told|tells|mend(?:s|ed|ing)?)\b",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n\s*\n|\n\s*- ")
_QUOTED = re.compile(r"`[^`]*`|\"[^\"]*\"")
_DOCUMENTED = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def docstrings(source: str) -> Iterator[tuple[int, str]]:
    """(line, text) of each docstring."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, _DOCUMENTED):
            text = ast.get_docstring(node)
            if text:
                yield node.body[0].lineno, text


def comments(source: str) -> Iterator[tuple[int, str]]:
    """(line, text) of each comment; adjacent whole lines of comment are one text. Sources without a fault give none."""
    # Tokenizing is slow, and hardly any source has a fault after a "#".
    behind = " ".join(line.partition("#")[2].lstrip("#: ") for line in source.splitlines())
    if not (_OPENING.search(f"{behind}.") or _WORD.search(behind)):
        return
    begin, lines = 0, list[str]()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        line, text = token.start[0], token.string.lstrip("#: ")
        if lines and line == begin + len(lines) and not token.line[: token.start[1]].strip():
            lines.append(text)
            continue
        if lines:
            yield begin, "\n".join(lines)
        begin, lines = line, [text]
    if lines:
        yield begin, "\n".join(lines)


def sentences(text: str) -> list[str]:
    """The sentences, each on one line and without quoted names."""
    return [" ".join(part.split()) for part in _SENTENCE_END.split(_QUOTED.sub("", text))]


def faults(source: str) -> list[tuple[int, str]]:
    """(line of the text, sentence) for each sentence with a fault."""
    return [
        (line, sentence)
        for line, text in (*docstrings(source), *comments(source))
        for sentence in sentences(text)
        if _OPENING.match(sentence) or _WORD.search(sentence)
    ]


@pytest.mark.parametrize("folder", FOLDERS)
def test_sentences_name_their_subject_and_use_usual_words(folder: str) -> None:
    # Released migrations are never edited.
    left_out = {"node_modules", "versions"}
    files = [path for path in sorted((ROOT / folder).rglob("*.py")) if not left_out & set(path.parts)]
    assert files
    found = [
        f"{path.relative_to(ROOT)}:{line}: {sentence}"
        for path in files
        for line, sentence in faults(path.read_text())
    ]
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        '"""What a portal has chosen."""',
        'def f():\n    """Store it.\n\n    Whoever asks waits.\n    """',
        "x = 1  # as HubSpot told it",
        "# A sentence that is fine. Of two the first.\nx = 1",
        "# This comment runs over two lines, and takes so\n# long that it is found.\nx = 1",
    ],
)
def test_a_fault_is_found(source: str) -> None:
    assert len(faults(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "x = 'Of course this is a string.'",
        '"""Which messages leave? What does a person see?"""',
        '# `mend` and "told" are names here.\nx = 1',
    ],
)
def test_code_questions_and_names_are_no_fault(source: str) -> None:
    assert faults(source) == []
