"""Decision records: numbered without a gap, dated, with a status, one decision each."""

import re
from pathlib import Path

import pytest

from backend.tests.house.sources import ROOT

FOLDER = ROOT / "docs" / "adr"
RECORDS = sorted(FOLDER.glob("*.md"))


def test_numbers_follow_each_other() -> None:
    assert [int(path.name[:4]) for path in RECORDS] == list(range(1, len(RECORDS) + 1))


@pytest.mark.parametrize("path", RECORDS, ids=lambda path: path.name[:4])
def test_record_is_dated_and_holds_one_decision(path: Path) -> None:
    text = path.read_text()
    assert re.match(rf"# {int(path.name[:4])}\. .+\n\nDate: \d{{4}}-\d\d-\d\d\. Status: \w+", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert not re.search(r"\((?:later|amended|update)", text, re.IGNORECASE), "an amendment is a new record"


def test_amended_and_amending_name_each_other() -> None:
    by_number = {int(path.name[:4]): path.read_text() for path in RECORDS}
    for number, text in by_number.items():
        status = text.split("\n## ")[0]
        for amended in map(int, re.findall(r"Amends ADR (\d+)", status)):
            assert f"amended by ADR {number}" in by_number[amended].split("\n## ")[0]
