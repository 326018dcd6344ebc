"""Time zones that our data does not know stand for UTC, as in the views."""

import pytest

from connector.domain.time_zones import is_known, zone_named


@pytest.mark.parametrize("name", ["US/Pacific-New", "Mars/Base", "", "Europe", "../etc/passwd", "a\x00b"])
def test_an_unknown_zone_is_utc(name: str) -> None:
    assert not is_known(name)
    assert zone_named(name).key == "UTC"


@pytest.mark.parametrize("name", ["Europe/Paris", "US/Eastern", "UTC"])
def test_a_known_zone_is_itself(name: str) -> None:
    assert is_known(name)
    assert zone_named(name).key == name
