"""The rule for custom senders."""

import pytest

from connector.domain.refusals import Code, Refusal
from connector.domain.senders import check_sender


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("LUMEN", "LUMEN"),
        ("Abc", "Abc"),
        ("A1234567890", "A1234567890"),
        (" LUMEN ", "LUMEN"),
        ("3M1", "3M1"),
    ],
)
def test_accepts(given: str, used: str) -> None:
    assert check_sender(given) == used


@pytest.mark.parametrize("given", [None, "", "  "])
def test_none_means_the_default_sender(given: str | None) -> None:
    assert check_sender(given) is None


@pytest.mark.parametrize(
    "given", ["AB", "ABCDEFGHIJKL", "12345", "0612345678", "L U", "LUM-N", "LUMÉN", "LUMEN\nX", "١٢٣a"]
)
def test_refuses(given: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_sender(given)
    assert refused.value.code is Code.SENDER_INVALID
