"""Look-ups: GET /messages lags and shows a campaign in part; paging, filters, sorting; campaigns."""

from typing import Any

import pytest

from sandbox.tests.smsfactor_sim.support import Gateway

START = "2026-11-23T10:00:00+01:00"
SPAN = {"date_start": "2026-11-23 00:00:00", "date_end": "2026-11-24 00:00:00"}
NUMBERS = [f"336000000{n:02}" for n in range(6)]


def rows(gateway: Gateway, **query: Any) -> list[dict[str, Any]]:
    found = gateway.get("/messages", **{**SPAN, **query})["messages"]
    assert isinstance(found, list)
    return found


def test_a_campaign_shows_late_and_first_in_part(gateway: Gateway) -> None:
    gateway.send("Salut", *NUMBERS)
    gateway.advance(19)
    assert rows(gateway) == []
    gateway.advance(1)
    assert sorted(row["destination"] for row in rows(gateway)) == NUMBERS[::2]
    gateway.advance(20)
    assert sorted(row["destination"] for row in rows(gateway)) == NUMBERS


def test_lag_and_part_can_be_set(gateway: Gateway) -> None:
    gateway.set(messages_lag_s=5, messages_partial=False)
    gateway.send("Salut", *NUMBERS)
    gateway.advance(5)
    assert len(rows(gateway)) == 6


def test_a_row_has_all_fields(gateway: Gateway) -> None:
    ticket = gateway.send("Salut", NUMBERS[0], sender="LUMEN")["ticket"]
    gateway.advance(20)
    (row,) = rows(gateway)
    assert row.pop("message_id").isdigit()
    assert row.pop("date").startswith("2026-11-23 10:00:0")
    assert row.pop("dlr_date").startswith("2026-11-23 10:00:")
    assert row == {
        "campaign_id": ticket,
        "client_id": "204518",
        "client_message_id": f"m-{NUMBERS[0]}",
        "contact_list_id": None,
        "message": "Salut",
        "message_length": "5",
        "cost": "1",
        "country": "FR",
        "destination": NUMBERS[0],
        "sender": "LUMEN",
        "status": "DELIVERED",
        "status_details": "DELIVERED",
        "type": "sms_mt",
    }


def test_dates_bound_the_search(gateway: Gateway) -> None:
    gateway.send("Salut", NUMBERS[0], delay="2026-11-24 09:30:00")
    gateway.advance(60)
    assert rows(gateway) == []
    (row,) = rows(gateway, date_end="2026-11-24 09:30:00")
    assert (row["date"], row["status"]) == ("2026-11-24 09:30:00", "WAITING")
    # A bare date is its first second.
    assert rows(gateway, date_start="2026-11-24", date_end="2026-11-24") == []
    assert len(rows(gateway, date_start="2026-11-24", date_end="2026-11-25")) == 1


def test_pages_do_not_overlap_and_totals_tell_the_whole(gateway: Gateway) -> None:
    gateway.send("Salut", *NUMBERS)
    gateway.send("Autre", "33611111111")
    gateway.advance(60)
    seen: list[str] = []
    for start in (0, 3, 6):
        page = gateway.get("/messages", **SPAN, message="salut", start=start, length=3, sort="destination")
        assert (page["totalRecords"], page["totalDisplayRecords"]) == (7, 6)
        seen += [row["destination"] for row in page["messages"]]
    assert seen == NUMBERS


def test_filters(gateway: Gateway) -> None:
    gateway.send("Salut", NUMBERS[0], "33600000090", "41791234500", "33600000094")
    gateway.advance(60)
    assert [row["destination"] for row in rows(gateway, destination="+33600000090")] == ["33600000090"]
    assert [row["status_details"] for row in rows(gateway, status="undelivered")] == ["NOT_DELIVERED"]
    assert [row["destination"] for row in rows(gateway, country="CH")] == ["41791234500"]
    inbound = rows(gateway, type="messages-in")
    assert [(row["message"], row["type"]) for row in inbound] == [("Oui", "sms_mo")]
    assert len(rows(gateway, type="messages-out")) == 4
    assert len(rows(gateway)) == 5


def test_sorting(gateway: Gateway) -> None:
    gateway.send("Salut", NUMBERS[0])
    gateway.advance(60)
    gateway.send("Salut", NUMBERS[1])
    gateway.advance(60)
    assert [row["destination"] for row in rows(gateway)] == [NUMBERS[1], NUMBERS[0]]
    assert [row["destination"] for row in rows(gateway, sort="date")] == [NUMBERS[0], NUMBERS[1]]


@pytest.mark.parametrize(
    ("number", "status", "details"),
    [
        ("33600000000", "DELIVERED", "DELIVERED"),
        ("33600000091", "UNDELIVERED", "INVALID_DESTINATION"),
        ("33600000092", "UNDELIVERED", "EXPIRED"),
        ("33600000093", "UNDELIVERED", "REJECTED"),
        ("33600000099", "SENT", "SENT"),
    ],
)
def test_status_of_a_row(gateway: Gateway, number: str, status: str, details: str) -> None:
    gateway.send("Salut", number)
    gateway.advance(60)
    (row,) = rows(gateway)
    assert (row["status"], row["status_details"]) == (status, details)


def test_campaign_figures_are_text(gateway: Gateway) -> None:
    ticket = gateway.send("Bonjour", "33600000000", "33600000092", sender="LUMEN")["ticket"]
    gateway.advance(10)
    (campaign,) = gateway.get(f"/campaign/{ticket}")["campaign"]
    assert campaign.pop("creation_date").startswith("2026-11-23 10:00:0")
    assert campaign.pop("date").startswith("2026-11-23 10:00:0")
    assert campaign == {
        "id": ticket, "sender": "LUMEN", "text": "Bonjour", "cost": "2", "lists": [], "status": "Sent",
        "delivery_rate": "50", "delivered": "1", "error": "0", "expired": "1", "network_error": "0", "stop": "0",
        "npai": "0", "total": "2",
    }  # fmt: skip


def test_campaigns_are_filtered_sorted_and_paged(gateway: Gateway) -> None:
    first = gateway.send("Un", NUMBERS[0])["ticket"]
    second = gateway.send("Deux", NUMBERS[0], NUMBERS[1])["ticket"]

    def ids(**query: Any) -> list[str]:
        return [one["id"] for one in gateway.get("/campaigns", **query)["campaigns"]]

    assert ids() == [second, first]
    assert ids(sort="id") == [first, second]
    assert ids(sort="-cost", length=1) == [second]
    assert ids(text="deux") == ids(sms_min=2) == ids(destination=NUMBERS[1]) == [second]
    assert ids(sms_max=1) == [first]
    assert ids(date_start="2026-11-24", date_end="2026-11-25") == []
    page = gateway.get("/campaigns", start=1)
    assert (page["totalRecords"], page["totalDisplayRecords"], len(page["campaigns"])) == (2, 2, 1)
