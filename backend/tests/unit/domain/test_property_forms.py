"""Values of our properties in the form of properties that version 3.0 may have left."""

from zoneinfo import ZoneInfo

import pytest

from connector.domain.property_forms import in_form, zone_of
from connector.domain.text.property_values import PropertyShape

DATE, STOP, STATUS = "smsfactor_last_message_date", "smsfactor_is_stop", "smsfactor_last_message_status"
PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("type_", "value", "written"),
    [
        ("datetime", "2026-11-23T11:00:00.000+00:00", "2026-11-23T11:00:00.000+00:00"),
        ("date", "2026-11-23T11:00:00.000+00:00", "2026-11-23"),
        ("date", "2026-11-23T23:30:00.000+00:00", "2026-11-24"),  # it is past midnight in Paris
        ("number", "2026-11-23T11:00:00.000+00:00", "1795431600000"),
        ("string", "2026-11-23T11:00:00.000+00:00", "2026-11-23T11:00:00.000+00:00"),
    ],
)
def test_date_of_the_last_sms(type_: str, value: str, written: str) -> None:
    assert in_form(value, DATE, PropertyShape(DATE, "", type_), PARIS) == written


@pytest.mark.parametrize(
    ("options", "value", "written"),
    [
        ({"oui": "Oui", "non": "Non"}, "true", "oui"),
        ({"oui": "Oui", "non": "Non"}, "false", "non"),
        ({"1": "Yes", "0": "No"}, "true", "1"),
        ({"true": "Vrai", "false": "Faux"}, "true", "true"),
        ({"a": "A"}, "true", "true"),
    ],
)
def test_yes_and_no_as_a_list(options: dict[str, str], value: str, written: str) -> None:
    assert in_form(value, STOP, PropertyShape(STOP, "", "enumeration", options), PARIS) == written


def test_status_of_the_same_type_is_unchanged_and_so_is_a_property_never_seen() -> None:
    shape = PropertyShape(STATUS, "", "enumeration", {"DELIVERED": "Délivré"})
    assert in_form("delivered", STATUS, shape, PARIS) == "delivered"
    assert in_form("delivered", STATUS, None, PARIS) == "delivered"
    assert in_form("", DATE, PropertyShape(DATE, "", "date"), PARIS) == ""


def test_unknown_time_zone_counts_as_utc() -> None:
    assert zone_of("US/Pacific-New") == zone_of("UTC") == ZoneInfo("UTC")
