"""Names of event types: built for an object type and parsed back."""

import pytest

from connector.domain import objects
from connector.domain.event_types import EventKind, event_type, object_of
from connector.domain.objects import ObjectType


@pytest.mark.parametrize("object_type", objects.ALL, ids=lambda one: one.name)
@pytest.mark.parametrize("kind", EventKind)
def test_name_is_read_back(kind: EventKind, object_type: ObjectType) -> None:
    assert object_of(event_type(kind, object_type)) is object_type


def test_kind_of_a_newer_version_has_its_object_too() -> None:
    assert object_of("sms_reply_received_company") is objects.COMPANY


@pytest.mark.parametrize("name", ["sms_sent", "sms_sent_", "contact", "sms_sent_contacts"])
def test_name_without_an_object_is_refused(name: str) -> None:
    with pytest.raises(LookupError):
        object_of(name)
