"""Sends SMS by the card's calls and follows them."""

import uuid
from datetime import datetime
from typing import Any

from sandbox.driver.records import COMPANY_TYPE, CONTACT_TYPE, DEAL_TYPE, Contact, Record
from sandbox.driver.views import CARD, Views
from sandbox.driver.waiting import until

TEXT = "Votre colis est arrivé"


class Sends(Views):
    """The card of a record, without its view."""

    def send_body(self, record_id: str, recipient: str, **changes: Any) -> dict[str, Any]:
        """The body of a request to text a contact's mobile, with `changes`."""
        return {
            "idempotency_key": uuid.uuid4().hex,
            "object_type_id": CONTACT_TYPE,
            "object_id": record_id,
            "property": "mobilephone",
            "number_object_type_id": CONTACT_TYPE,
            "number_object_id": record_id,
            "recipient": recipient,
            "push_type": "alert",
            "sender": None,
            "unicode": False,
            "text": TEXT,
            "links": [],
            "send_at": None,
            "template_id": None,
            **changes,
        }

    def preview_body(self, record_id: str, recipient: str, **changes: Any) -> dict[str, Any]:
        """The body of a preview of that SMS."""
        body = self.send_body(record_id, recipient, **changes)
        return {name: value for name, value in body.items() if name not in ("idempotency_key", "template_id")}

    def send(self, body: dict[str, Any]) -> dict[str, Any]:
        """Send an SMS; return the backend's answer."""
        return self.fetch(CARD, "/card/send", body)

    def schedule(self, subject: Contact | Record, contact: Contact, text: str, at: datetime) -> None:
        """Schedule an SMS to the contact from a record that texts them, as the composer does.

        `at`: on the portal's clock.
        """
        owner = contact if subject.type == DEAL_TYPE else subject
        body = self.send_body(
            subject.id,
            contact.mobile,
            object_type_id=subject.type,
            property="phone" if subject.type == COMPANY_TYPE else "mobilephone",
            number_object_type_id=owner.type,
            number_object_id=owner.id,
            text=text,
            send_at=at.replace(tzinfo=None).isoformat(timespec="minutes"),
        )
        self.ask(CARD, "/card/send", body)

    def card(self, record: Contact | Record | str) -> dict[str, Any]:
        """The data of a record's card. A bare id is a contact's."""
        kind, object_id = (CONTACT_TYPE, record) if isinstance(record, str) else (record.type, record.id)
        return self.ask(CARD, "/card/open", {"object_type_id": kind, "object_id": object_id})

    def wait_for_status(self, record_id: str, *wanted: str) -> dict[str, Any]:
        """Follow a contact's newest message, as the card does, until it has one of the states."""
        message: dict[str, Any] = self.card(record_id)["messages"][0]

        def has_status() -> bool:
            nonlocal message
            [message] = self.ask(CARD, "/card/messages", {"ids": [message["id"]]})["messages"]
            return message["status"] in wanted

        if message["status"] not in wanted:
            until(has_status, f"the message is one of {wanted}")
        return message
